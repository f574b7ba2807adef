//! Imports with a preview: a file is read and compared with the roll, its lines wait for an hour, and nothing of it is on the roll
//! until the organiser confirms it.
//!
//! The lines wait here and not in a hidden field of a page, where a browser would store a whole roll. Whatever ends the waiting
//! (a confirmation, a newer file, the clock, the deletion of the draft) deletes the row of `voter_imports`, and a trigger deletes
//! the lines with it. So two confirmations at once, or a confirmation and the clock, meet at this one row: the first takes it, and
//! the other finds nothing.

use std::sync::Arc;

use actix_multipart::Multipart;
use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use chrono::{DateTime, Utc};
use contract::Page;
use contract::admin::{
    ConfirmImport, ImportConfirmed, ImportLine, ImportLinesOf, LineCells, LineCounts, LineError, LineKind, PreviewForm,
    VoterImport,
};
use contract::problems::{self, FieldError};
use database::{Connection, DatabaseError, Failed, TextColumn};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Timestamptz};
use diesel_async::RunQueryDsl;
use identity::Caller;
use messages::say;
use outbox::{Audited, Unaudited};
use problem::{Json, Missing, Problem, Query};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::import::{ERRORS_SHOWN, compare_with_roll, hold_roll, imported_event, is_outdated, may_add, read_file, turn};
use crate::mailing::optional_body;
use crate::refusals::refused;
use crate::roll_file::{self, RollFile, no_formula};
use crate::schema::{staged_voters, voter_imports};
use crate::staging::{self, Staged};
use crate::{State, election, late, upload};

/// How long a file waits to be confirmed.
const WAITS_HOURS: i32 = 1;
/// Lines of the CSV that are loaded at a time.
const CHUNK: i64 = 5000;

/// Upload a roll for a preview. Its lines wait for an hour, and nothing is on the roll until the import is confirmed. A newer file
/// takes the place of one that still waits.
#[utoipa::path(post, path = "/api/admin/elections/{id}/voter-imports", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    request_body(content = PreviewForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = VoterImport),
        (status = 409, description = "Voting has ended: the roll is closed"),
        (status = 413, description = "More than 20 MB or 200,000 lines"),
        (status = 415, description = "A file of another kind than CSV and XLSX, or no form"),
        (status = 422, description = "No roll. Bad lines do not refuse the file: they are in the preview"),
        (status = 503, description = "Too many files are being imported already; `Retry-After` says when to come back")))]
pub(crate) async fn upload(state: Data<State>, caller: Caller, id: Path<i64>, form: Multipart) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let _turn = turn(&state).await?;
    let mut connection = state.database().connection().await?;
    may_add(election::of_caller(&mut connection, election_id, &caller).await?)?;
    drop(connection);
    let (file, header) = upload::read_file(form).await?;
    let file = read_file(&state, file, header).await?;
    let mut connection = state.database().connection().await?;
    let compared = compare_with_roll(&mut connection, election_id, &file).await.map_err(DatabaseError::from)?;
    drop(connection);
    let new = compared.new.iter().map(|(line, entry)| staging::Row::new(*line, entry));
    let others = file.others.iter().chain(&compared.others).map(staging::Row::other);
    let rows: Vec<_> = new.chain(others).collect();
    let staged = Staged::write(state.outbox.unaudited(Unaudited::Task), &rows).await?;
    drop(rows);
    let duplicates = file.others.iter().chain(&compared.others).filter(|line| line.is_duplicate).count();
    let counts = Counts {
        new: number(compared.new.len()),
        duplicates: number(duplicates),
        rejected: number(file.others.len() + compared.others.len() - duplicates),
    };
    drop(compared);
    let waiting = wait(&state, &caller, election_id, staged, counts, Arc::new(file)).await;
    if waiting.is_err() {
        staged.delete(state.outbox.unaudited(Unaudited::Task)).await;
    }
    waiting?;
    let import = load(&state, &caller, election_id, staged.import_id()).await?;
    Ok(HttpResponse::Created().json(import))
}

/// The import of this election that waits, if there is one.
#[utoipa::path(get, path = "/api/admin/elections/{id}/voter-imports", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    responses((status = 200, description = "A list of one import or none", body = Page<VoterImport>)))]
pub(crate) async fn waiting(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<Json<Page<VoterImport>>, Problem> {
    let election_id = id.into_inner();
    let mut connection = state.database().connection().await?;
    election::to_read_roll(&mut connection, election_id, &caller).await?;
    let of_election = voter_imports::table.filter(voter_imports::election_id.eq(election_id));
    let waiting = of_election.filter(voter_imports::expires_at.gt(now.into_sql::<Timestamptz>())).select(Waiting::as_select());
    let found = waiting.first(&mut connection).await.optional().map_err(DatabaseError::from)?;
    let items = match found {
        Some(waiting) => vec![summary(&mut connection, waiting).await?],
        None => Vec::new(),
    };
    Ok(Json(Page { items, next: None }))
}

/// See an import that waits.
#[utoipa::path(get, path = "/api/admin/elections/{id}/voter-imports/{import_id}", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election"), ("import_id" = Uuid, Path, description = "The import")),
    responses((status = 200, body = VoterImport)))]
pub(crate) async fn show(state: Data<State>, caller: Caller, ids: Path<(i64, Uuid)>) -> Result<Json<VoterImport>, Problem> {
    let (election_id, import_id) = ids.into_inner();
    Ok(Json(load(&state, &caller, election_id, import_id).await?))
}

/// The lines of an import that waits, page by page in the order of the file.
#[utoipa::path(get, path = "/api/admin/elections/{id}/voter-imports/{import_id}/lines", tag = "voters",
    security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election"), ("import_id" = Uuid, Path, description = "The import"), ImportLinesOf),
    responses((status = 200, body = Page<ImportLine>)))]
pub(crate) async fn lines(
    state: Data<State>,
    caller: Caller,
    ids: Path<(i64, Uuid)>,
    of: Query<ImportLinesOf>,
) -> Result<Json<Page<ImportLine>>, Problem> {
    let (election_id, import_id) = ids.into_inner();
    let paging = of.paging();
    let mut connection = state.database().connection().await?;
    find(&mut connection, &caller, election_id, import_id).await?;
    let rows = load_lines(&mut connection, import_id, of.kind, paging.after, paging.limit().saturating_add(1)).await?;
    let Page { items, next } = Page::cut(rows, paging.limit(), |row| row.line);
    Ok(Json(Page { items: items.into_iter().map(ImportLine::from).collect(), next }))
}

/// The bad lines with what is wrong with them, as CSV to be corrected and sent again: columns that mean nothing are passed over.
/// An apostrophe stands before a cell that a spreadsheet program would take for a formula.
#[utoipa::path(get, path = "/api/admin/elections/{id}/voter-imports/{import_id}/rejected.csv", tag = "voters",
    security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election"), ("import_id" = Uuid, Path, description = "The import")),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn rejected(state: Data<State>, caller: Caller, ids: Path<(i64, Uuid)>) -> Result<HttpResponse, Problem> {
    let (election_id, import_id) = ids.into_inner();
    let _turn = turn(&state).await?;
    let mut connection = state.database().connection().await?;
    find(&mut connection, &caller, election_id, import_id).await?;
    let failed = |cause: &dyn std::fmt::Display| Problem::internal("write the bad lines as CSV", cause);
    // The mark tells spreadsheet programs that the letters are UTF-8.
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let names = roll_file::COLUMNS.into_iter().chain(["line", "reason"]);
    csv.write_record(names).map_err(|cause| failed(&cause))?;
    let mut after = None;
    loop {
        let rows = load_lines(&mut connection, import_id, Some(LineKind::Rejected), after, CHUNK).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.line);
        for row in &rows {
            let reasons = row.reasons().iter().map(|reason| format!("{} {}", reason.field, reason.message)).collect::<Vec<_>>();
            let cells = row.cells().map(|cell| no_formula(cell.unwrap_or_default()));
            let more = [row.line.to_string(), no_formula(&reasons.join("; "))];
            csv.write_record(cells.into_iter().chain(more)).map_err(|cause| failed(&cause))?;
        }
    }
    let bytes = csv.into_inner().map_err(|cause| failed(&cause))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"rejected.csv\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes))
}

/// Import the new lines of a file that waits: all of them or, when the roll has changed so that one cannot be imported any more, none.
/// It waits no longer then, so a second confirmation finds nothing.
#[utoipa::path(post, path = "/api/admin/elections/{id}/voter-imports/{import_id}/confirm", tag = "voters",
    security(("bearer" = ["owner"])), request_body = Option<ConfirmImport>,
    params(("id" = i64, Path, description = "The election"), ("import_id" = Uuid, Path, description = "The import")),
    responses(
        (status = 200, body = ImportConfirmed),
        (status = 409, description = "There is nothing new in it, or the roll has changed and the preview with it: look at it again. Or voting has ended: the roll is closed"),
        (status = 422, description = "Voting is open and there is no `reason`")))]
pub(crate) async fn confirm(
    state: Data<State>,
    caller: Caller,
    ids: Path<(i64, Uuid)>,
    body: Bytes,
) -> Result<Json<ImportConfirmed>, Problem> {
    let (election_id, import_id) = ids.into_inner();
    let ConfirmImport { reason } = optional_body(&body)?;
    let mut connection = state.database().connection().await?;
    find(&mut connection, &caller, election_id, import_id).await?;
    drop(connection);
    let slot = state.acquire_slot(election_id, &caller, election::roll_change).await?;
    let moved = move_to_roll(&state, caller, election_id, import_id, reason).await;
    drop(slot);
    let database = state.outbox.unaudited(Unaudited::Task);
    match moved {
        Ok(done) => {
            metrics::counter!("admin_voters_imported_total").increment(done.imported);
            staging::empty(database).await;
            Ok(Json(done))
        }
        Err(Failed::Refused(Stopped::RollChanged)) => {
            compare_again(&state, election_id, import_id).await?;
            Err(Problem::new(problems::CONFLICT, say!(import_outdated)))
        }
        Err(Failed::Refused(Stopped::Refused(problem))) => Err(problem),
        Err(Failed::Database(error)) => Err(error.into()),
    }
}

/// Discard a file that waits. Its lines are deleted.
#[utoipa::path(delete, path = "/api/admin/elections/{id}/voter-imports/{import_id}", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election"), ("import_id" = Uuid, Path, description = "The import")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn discard(state: Data<State>, caller: Caller, ids: Path<(i64, Uuid)>) -> Result<HttpResponse, Problem> {
    let (election_id, import_id) = ids.into_inner();
    let mut connection = state.database().connection().await?;
    find(&mut connection, &caller, election_id, import_id).await?;
    drop(connection);
    let database = state.outbox.unaudited(Unaudited::Cleanup);
    let mut connection = database.connection().await?;
    let deleted = diesel::delete(of(election_id, import_id)).execute(&mut connection).await.map_err(DatabaseError::from)?;
    drop(connection);
    if deleted == 0 {
        return Err(Problem::not_found(Missing::VoterImport));
    }
    staging::empty(database).await;
    Ok(HttpResponse::NoContent().finish())
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    new: i64,
    duplicates: i64,
    rejected: i64,
}

/// A waiting import as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = voter_imports, check_for_backend(diesel::pg::Pg))]
struct Waiting {
    import_id: Uuid,
    election_id: i64,
    new_lines: i64,
    duplicates: i64,
    rejected: i64,
    sheet: Option<String>,
    ignored_columns: Vec<String>,
    ignored_sheets: Vec<String>,
    uploaded_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// A line as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = staged_voters, check_for_backend(diesel::pg::Pg))]
struct Line {
    line: i64,
    kind: TextColumn<LineKind>,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
    student_id: Option<String>,
    cohort: Option<String>,
    reasons: Option<Value>,
}

impl Line {
    /// In the order of the columns of the file.
    fn cells(&self) -> [Option<&str>; 5] {
        let email = Some(self.email.as_str()).filter(|email| !email.is_empty());
        let [first_name, last_name] = [self.first_name.as_deref(), self.last_name.as_deref()];
        [email, first_name, last_name, self.student_id.as_deref(), self.cohort.as_deref()]
    }

    fn reasons(&self) -> Vec<FieldError> {
        self.reasons.clone().and_then(|reasons| serde_json::from_value(reasons).ok()).unwrap_or_default()
    }
}

impl From<Line> for ImportLine {
    fn from(row: Line) -> Self {
        let [email, first_name, last_name, student_id, cohort] = row.cells().map(|cell| cell.map(str::to_owned));
        let cells = LineCells { email, first_name, last_name, student_id, cohort };
        Self { line: count(row.line), kind: *row.kind, cells, reasons: row.reasons() }
    }
}

type OfImport = diesel::dsl::Filter<
    diesel::dsl::Filter<voter_imports::table, diesel::dsl::Eq<voter_imports::election_id, i64>>,
    diesel::dsl::Eq<voter_imports::import_id, Uuid>,
>;

fn of(election_id: i64, import_id: Uuid) -> OfImport {
    let of_election = voter_imports::table.filter(voter_imports::election_id.eq(election_id));
    of_election.filter(voter_imports::import_id.eq(import_id))
}

/// An import that waits for the caller. One whose hour is over is not there any more, deleted or not.
async fn find(connection: &mut Connection, caller: &Caller, election_id: i64, import_id: Uuid) -> Result<Waiting, Problem> {
    election::to_read_roll(connection, election_id, caller).await?;
    let waiting = of(election_id, import_id).filter(voter_imports::expires_at.gt(now.into_sql::<Timestamptz>()));
    let found = waiting.select(Waiting::as_select()).first(connection).await.optional().map_err(DatabaseError::from)?;
    found.ok_or_else(|| Problem::not_found(Missing::VoterImport))
}

async fn load_lines(
    connection: &mut Connection,
    import_id: Uuid,
    kind: Option<LineKind>,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Line>, DatabaseError> {
    let mut lines = staged_voters::table
        .filter(staged_voters::import_id.eq(import_id))
        .filter(staged_voters::line.gt(after.unwrap_or(0)))
        .order(staged_voters::line)
        .limit(limit)
        .select(Line::as_select())
        .into_boxed();
    if let Some(kind) = kind {
        lines = lines.filter(staged_voters::kind.eq(<&str>::from(kind)));
    }
    Ok(lines.load(connection).await?)
}

/// The summary with the first errors.
async fn load(state: &State, caller: &Caller, election_id: i64, import_id: Uuid) -> Result<VoterImport, Problem> {
    let mut connection = state.database().connection().await?;
    let waiting = find(&mut connection, caller, election_id, import_id).await?;
    Ok(summary(&mut connection, waiting).await?)
}

async fn summary(connection: &mut Connection, waiting: Waiting) -> Result<VoterImport, DatabaseError> {
    let bad = load_lines(connection, waiting.import_id, Some(LineKind::Rejected), None, number(ERRORS_SHOWN)).await?;
    let errors = bad.iter().flat_map(|row| row.reasons().into_iter().map(|reason| LineError::new(count(row.line), reason)));
    Ok(VoterImport {
        import_id: waiting.import_id,
        election_id: waiting.election_id,
        counts: LineCounts {
            new: count(waiting.new_lines),
            duplicates: count(waiting.duplicates),
            rejected: count(waiting.rejected),
        },
        errors: errors.take(ERRORS_SHOWN).collect(),
        sheet: waiting.sheet,
        ignored_columns: waiting.ignored_columns,
        ignored_sheets: waiting.ignored_sheets,
        uploaded_at: waiting.uploaded_at,
        expires_at: waiting.expires_at,
    })
}

/// Makes the staged lines an import that waits, in the place of an older one. From here on the clock or the organiser ends it.
async fn wait(
    state: &State,
    caller: &Caller,
    election_id: i64,
    staged: Staged,
    counts: Counts,
    file: Arc<RollFile>,
) -> Result<(), Problem> {
    let _slot = state.acquire_slot(election_id, caller, election::roll_change).await?;
    let caller = caller.clone();
    let waiting = state.outbox.unaudited(Unaudited::Task).transaction("wait for a confirmation", async move |connection| {
        may_add(election::to_change(connection, election_id, &caller).await?).map_err(Failed::Refused)?;
        // Two uploads at once: the later one takes the place of the other.
        hold_roll(connection, election_id).await?;
        let older = voter_imports::table.filter(voter_imports::election_id.eq(election_id));
        diesel::delete(older).execute(connection).await?;
        let inserted = diesel::insert_into(voter_imports::table).values((
            voter_imports::import_id.eq(staged.import_id()),
            voter_imports::election_id.eq(election_id),
            voter_imports::new_lines.eq(counts.new),
            voter_imports::duplicates.eq(counts.duplicates),
            voter_imports::rejected.eq(counts.rejected),
            voter_imports::sheet.eq(&file.sheet),
            voter_imports::ignored_columns.eq(&file.ignored_columns),
            voter_imports::ignored_sheets.eq(&file.ignored_sheets),
            voter_imports::uploaded_at.eq(now),
            voter_imports::expires_at.eq(now.into_sql::<Timestamptz>() + WAITS_HOURS.hours()),
        ));
        inserted.execute(connection).await?;
        Ok(())
    });
    waiting.await.map_err(Problem::from)
}

/// Why the lines were not moved to the roll.
enum Stopped {
    /// It is not what the file was compared with.
    RollChanged,
    /// A rule said no.
    Refused(Problem),
}

fn stopped(failed: Failed<Problem>) -> Failed<Stopped> {
    match failed {
        Failed::Refused(problem) => Failed::Refused(Stopped::Refused(problem)),
        Failed::Database(error) => Failed::Database(error),
    }
}

/// All new lines in one statement, or none, and the end of the waiting with them.
async fn move_to_roll(
    state: &State,
    caller: Caller,
    election_id: i64,
    import_id: Uuid,
    reason: Option<String>,
) -> Result<ImportConfirmed, Failed<Stopped>> {
    let refused_with = |problem: Problem| Failed::Refused(Stopped::Refused(problem));
    let moved = state.outbox.audited("confirm an import", async move |tx| {
        let connection = tx.connection();
        let held = election::to_change(connection, election_id, &caller).await.map_err(stopped)?;
        let is_late = may_add(held).map_err(refused_with)?;
        let reason = if is_late { Some(late::reason(reason.as_deref()).map_err(refused_with)?) } else { None };
        hold_roll(connection, election_id).await?;
        // Whoever comes second waits here, and then finds nothing.
        let waiting = of(election_id, import_id)
            .filter(voter_imports::expires_at.gt(now.into_sql::<Timestamptz>()))
            .select(Waiting::as_select())
            .for_update()
            .first(connection)
            .await
            .optional()?;
        let waiting = waiting.ok_or_else(|| refused_with(Problem::not_found(Missing::VoterImport)))?;
        if waiting.new_lines == 0 {
            return Err(refused_with(Problem::new(problems::CONFLICT, say!(import_nothing_new))));
        }
        let staged = Staged::waiting(import_id, waiting.new_lines);
        let imported = staged
            .move_to_roll(connection, election_id, reason.as_ref())
            .await
            .map_err(|error| if is_outdated(&error) { Failed::Refused(Stopped::RollChanged) } else { stopped(refused(error)) })?;
        if imported == 0 {
            return Err(Failed::Refused(Stopped::RollChanged));
        }
        diesel::delete(of(election_id, import_id)).execute(connection).await?;
        // Addresses that came to the roll after the preview are duplicates.
        let duplicates = count(waiting.duplicates) + count(waiting.new_lines).saturating_sub(imported);
        let done = ImportConfirmed { imported, duplicates, rejected: count(waiting.rejected) };
        let event = caller.did(imported_event(imported, duplicates, done.rejected, reason.as_ref())).to(election_id);
        Ok(Audited::new(done, event))
    });
    moved.await
}

/// Compares the new lines with the roll as it is now, so that the preview shows which of them cannot be imported any more.
async fn compare_again(state: &State, election_id: i64, import_id: Uuid) -> Result<(), Problem> {
    const ON_ROLL: &str = "UPDATE staged_voters s SET kind = 'duplicate', reasons = $3 FROM voters v \
         WHERE s.import_id = $2 AND s.kind = 'new' AND v.election_id = $1 AND NOT v.deleted AND lower(v.email) = lower(s.email)";
    const STUDENT_ON_ROLL: &str = "UPDATE staged_voters s SET kind = 'rejected', reasons = $3 FROM voters v \
         WHERE s.import_id = $2 AND s.kind = 'new' AND v.election_id = $1 AND NOT v.deleted AND v.student_id = s.student_id";
    const COUNTED: &str = "UPDATE voter_imports i SET new = c.new, duplicates = c.duplicates, rejected = c.rejected \
         FROM (SELECT count(*) FILTER (WHERE kind = 'new') AS new, count(*) FILTER (WHERE kind = 'duplicate') AS duplicates, \
                      count(*) FILTER (WHERE kind = 'rejected') AS rejected FROM staged_voters WHERE import_id = $2) c \
         WHERE i.election_id = $1 AND i.import_id = $2";
    let compared = state.outbox.unaudited(Unaudited::Task).transaction("compare an import again", async move |connection| {
        hold_roll(connection, election_id).await?;
        let on_roll = FieldError::new("email", say!(address_on_roll));
        let student = FieldError::new("student_id", say!(student_id_of_other_voter));
        for (sql, reason) in [(ON_ROLL, on_roll), (STUDENT_ON_ROLL, student)] {
            let update = diesel::sql_query(sql).bind::<BigInt, _>(election_id).bind::<diesel::sql_types::Uuid, _>(import_id);
            update.bind::<Jsonb, _>(json!([reason])).execute(connection).await?;
        }
        let counted = diesel::sql_query(COUNTED).bind::<BigInt, _>(election_id).bind::<diesel::sql_types::Uuid, _>(import_id);
        counted.execute(connection).await?;
        Ok(())
    });
    compared.await.map_err(|failed: Failed<Problem>| failed.into())
}
