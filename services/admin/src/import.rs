//! The roll from a file: all or nothing unless told otherwise, and every bad line is named at once.
//!
//! The file is compared with the roll and its lines are staged without holding the election (`staging`); then one transaction
//! moves all of them to the roll, or none. So activating, closing and voting wait only for that one statement, and calls about
//! other elections do not wait at all. If the process is killed before that statement, the roll stays as it was.
//!
//! Of this call nothing is stored between calls (`previews` stores a file until it is confirmed). To get all bad lines as CSV, the client sends the same file again, with `dry_run` and
//! `Accept: text/csv`; the refusal of a file says so in `all_errors`.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use contract::admin::{ImportForm, ImportMode, ImportOptions, ImportReport, LineError};
use contract::events::AuditEventKind;
use contract::problems;
use database::{Connection, DatabaseError, Failed, violated_constraint};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use domain::election::Action;
use domain::roll::Entry;
use identity::Caller;
use launch::Overloaded;
use messages::say;
use outbox::{Audited, Unaudited};
use problem::{Problem, Query};
use serde_json::json;
use tokio::sync::SemaphorePermit;

use crate::election::Election;
use crate::roll_file::{self, Header, OtherLine, RollFile};
use crate::schema::voters;
use crate::staging::{self, Staged};
use crate::{State, election, late, upload};

/// How long an import waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Errors in a JSON answer; all of them are in the CSV.
pub(crate) const ERRORS_SHOWN: usize = 1000;
/// How often a file is compared with the roll, when others change the roll at the same time.
const TRIES: usize = 3;

/// Import a roll from a CSV file.
#[utoipa::path(post, path = "/api/admin/voters/bulk", tag = "voters", params(ImportOptions), security(("bearer" = ["owner"])),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "Imported, or only looked at with `dry_run`. With `Accept: text/csv` all bad lines as CSV instead", body = ImportReport),
        (status = 409, description = "Voting has ended: the roll is closed"),
        (status = 413, description = "More than 20 MB or 200,000 lines"),
        (status = 415, description = "A file of another kind than CSV and XLSX, or no form"),
        (status = 503, description = "Too many files are being imported already; `Retry-After` says when to come back"),
        (status = 422, description = "No roll, no `reason` although voting is open, or bad lines: `errors` has the first 1,000, `total_errors` their number, `all_errors` how to get all. Nothing was imported")))]
pub(crate) async fn import(
    state: Data<State>,
    caller: Caller,
    options: Query<ImportOptions>,
    request: HttpRequest,
    form: Multipart,
) -> Result<HttpResponse, Problem> {
    let options = options.into_inner();
    let _turn = turn(&state).await?;
    let upload::Upload { election_id, file, reason } = upload::read(form).await?;
    let file = read_file(&state, file, Header::FirstLine).await?;
    let outcome = add_to_roll(&state, caller, election_id, Arc::new(file), options, reason).await?;
    if options.mode == ImportMode::All && !options.dry_run && outcome.rejected > 0 {
        return Err(refused(&outcome));
    }
    metrics::counter!("admin_voters_imported_total").increment(if options.dry_run { 0 } else { outcome.imported });
    let wants_csv = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.starts_with("text/csv"));
    if wants_csv { as_csv(&outcome.errors) } else { Ok(HttpResponse::Ok().json(report(outcome, options.dry_run))) }
}

/// A turn to import, taken before the first byte is read: a file lies in memory until it is imported.
pub(crate) async fn turn(state: &State) -> Result<SemaphorePermit<'_>, Overloaded> {
    let turn = tokio::time::timeout(PATIENCE, state.imports.acquire()).await;
    turn.map_err(|_| Overloaded)?.map_err(|_| Overloaded)
}

/// Reads the file on a thread of its own.
pub(crate) async fn read_file(state: &State, file: Vec<u8>, header: Header) -> Result<RollFile, Problem> {
    let threads = if roll_file::is_spreadsheet(&file) { &state.spreadsheets } else { &state.slow };
    Ok(threads.run(move || roll_file::read(&file, header)).await??)
}

/// What an import came to. All errors; the answer shows the first of them.
#[derive(Debug, Clone)]
struct Outcome {
    imported: u64,
    duplicates: u64,
    rejected: u64,
    errors: Vec<LineError>,
    ignored_columns: Vec<String>,
    sheet: Option<String>,
    ignored_sheets: Vec<String>,
}

impl Outcome {
    /// What comes of a file when all its new lines are imported.
    fn of(file: &RollFile, compared: &Compared<'_>) -> Self {
        let others = file.others.iter().chain(&compared.others);
        let (duplicates, bad): (Vec<_>, Vec<_>) = others.partition(|line| line.is_duplicate);
        let errors = bad.iter().flat_map(|line| line.reasons.iter().map(|reason| LineError::new(line.line, reason.clone())));
        let mut errors: Vec<LineError> = errors.collect();
        errors.sort_by_key(|error| error.line);
        Self {
            imported: compared.new.len() as u64,
            duplicates: duplicates.len() as u64,
            rejected: bad.len() as u64,
            errors,
            ignored_columns: file.ignored_columns.clone(),
            sheet: file.sheet.clone(),
            ignored_sheets: file.ignored_sheets.clone(),
        }
    }
}

async fn add_to_roll(
    state: &State,
    caller: Caller,
    election_id: i64,
    file: Arc<RollFile>,
    options: ImportOptions,
    reason: Option<String>,
) -> Result<Outcome, Problem> {
    for _ in 0..TRIES {
        // A look without a lock. What it allows is asked again when the roll is written.
        let mut connection = state.database().connection().await?;
        let is_late = may_add(election::of_caller(&mut connection, election_id, &caller).await?)?;
        let compared = compare_with_roll(&mut connection, election_id, &file).await.map_err(DatabaseError::from)?;
        drop(connection);
        let outcome = Outcome::of(&file, &compared);
        if compared.new.is_empty() || options.dry_run || (options.mode == ImportMode::All && outcome.rejected > 0) {
            return Ok(outcome);
        }
        let reason = if is_late { Some(late::reason(reason.as_deref())?) } else { None };
        let staging = state.outbox.unaudited(Unaudited::Task);
        let rows: Vec<_> = compared.new.iter().map(|(line, entry)| staging::Row::new(*line, entry)).collect();
        let staged = Staged::write(staging, &rows).await?;
        let moved = move_to_roll(state, caller.clone(), election_id, staged, outcome, reason).await;
        staged.delete(staging).await;
        match moved {
            Err(Failed::Refused(Stopped::RollChanged)) => {}
            Err(Failed::Refused(Stopped::Refused(problem))) => return Err(problem),
            Err(Failed::Database(error)) => return Err(error.into()),
            Ok(outcome) => return Ok(outcome),
        }
    }
    Err(Problem::new(problems::CONFLICT, say!(import_roll_changed)))
}

/// Whether voters of this election are late, if any may be added at all.
pub(crate) fn may_add((election, now): (Election, DateTime<Utc>)) -> Result<bool, Problem> {
    let is_late = election.is_active();
    election.must_allow(if is_late { Action::AmendRoll } else { Action::ChangeRoll }, now)?;
    Ok(is_late)
}

/// Why the staged lines were not moved to the roll.
enum Stopped {
    /// It is not what the file was compared with: compare again.
    RollChanged,
    /// A rule said no.
    Refused(Problem),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

/// All staged lines in one statement, or none. The only part of an import that holds its election.
async fn move_to_roll(
    state: &State,
    caller: Caller,
    election_id: i64,
    staged: Staged,
    outcome: Outcome,
    reason: Option<Reason>,
) -> Result<Outcome, Failed<Stopped>> {
    let slot = state.election_limits.acquire(election_id).await.map_err(Failed::Database)?;
    let moved = state.outbox.audited("import voters", async move |tx| {
        let connection = tx.connection();
        let held = election::to_change(connection, election_id, &caller).await.map_err(stopped)?;
        let is_late = may_add(held).map_err(|problem| Failed::Refused(problem.into()))?;
        // Voting opened while the lines were staged: now a reason is needed, and there may be none. Check again.
        if is_late != reason.is_some() {
            return Err(Failed::Refused(Stopped::RollChanged));
        }
        hold_roll(connection, election_id).await?;
        let imported = staged.move_to_roll(connection, election_id, reason.as_ref()).await.map_err(roll_changed)?;
        // Addresses that were added by another call meanwhile are skipped by the INSERT and count as duplicates.
        let mut outcome = outcome.clone();
        outcome.duplicates += outcome.imported.saturating_sub(imported);
        outcome.imported = imported;
        if imported == 0 {
            return Ok(Audited::unchanged(outcome));
        }
        let kind = imported_event(imported, outcome.duplicates, outcome.rejected, reason.as_ref());
        let event = caller.did(kind).to(election_id);
        Ok(Audited::new(outcome, event))
    });
    let moved = moved.await;
    drop(slot);
    moved
}

/// Two imports of the same people in another order would wait for each other's rows in a circle, so imports of one roll go one
/// by one.
pub(crate) async fn hold_roll(connection: &mut Connection, election_id: i64) -> QueryResult<()> {
    let hold = diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('roll', $1))").bind::<BigInt, _>(election_id);
    hold.execute(connection).await.map(|_| ())
}

/// How the log knows an import.
pub(crate) fn imported_event(imported: u64, duplicates: u64, rejected: u64, reason: Option<&Reason>) -> AuditEventKind {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    match reason {
        Some(reason) => AuditEventKind::VotersAddedLate { count: number(imported), reason: reason.as_str().to_owned() },
        None => AuditEventKind::VotersImported {
            imported: number(imported),
            duplicates: number(duplicates),
            rejected: number(rejected),
        },
    }
}

fn stopped(failed: Failed<Problem>) -> Failed<Stopped> {
    match failed {
        Failed::Refused(problem) => Failed::Refused(problem.into()),
        Failed::Database(error) => Failed::Database(error),
    }
}

/// Whether the roll, or what was staged for it, is not as it was when a file was compared with it.
pub(crate) fn is_outdated(error: &diesel::result::Error) -> bool {
    matches!(error, diesel::NotFound) || violated_constraint(error) == Some("voters_student_id_key")
}

/// A student number that somebody else has by now is named with its line when the file is compared again. Staged lines that are
/// not all there any more are written again.
fn roll_changed(error: diesel::result::Error) -> Failed<Stopped> {
    if is_outdated(&error) {
        return Failed::Refused(Stopped::RollChanged);
    }
    stopped(crate::refusals::refused(error))
}

/// A file beside the roll.
pub(crate) struct Compared<'f> {
    /// The file's voters who are not on the roll yet.
    pub(crate) new: Vec<(u64, &'f Entry)>,
    /// Its other lines that were good by themselves.
    pub(crate) others: Vec<OtherLine>,
}

/// Which of the file's voters are not on the roll yet.
pub(crate) async fn compare_with_roll<'f>(
    connection: &mut Connection,
    election_id: i64,
    file: &'f RollFile,
) -> QueryResult<Compared<'f>> {
    let on_roll: Vec<(String, Option<String>)> = voters::table
        .filter(voters::election_id.eq(election_id))
        .filter(voters::deleted.eq(false))
        .select((voters::email, voters::student_id))
        .load(connection)
        .await?;
    let addresses: HashSet<String> = on_roll.iter().map(|(email, _)| email.to_ascii_lowercase()).collect();
    let students: HashSet<&str> = on_roll.iter().filter_map(|(_, student)| student.as_deref()).collect();
    let mut compared = Compared { new: Vec::new(), others: Vec::new() };
    for (line, entry) in &file.good {
        if addresses.contains(&entry.email.key()) {
            compared.others.push(OtherLine::on_roll(*line, entry));
        } else if entry.student_id.as_deref().is_some_and(|student| students.contains(student)) {
            compared.others.push(OtherLine::student_on_roll(*line, entry));
        } else {
            compared.new.push((*line, entry));
        }
    }
    Ok(compared)
}

fn report(outcome: Outcome, dry_run: bool) -> ImportReport {
    let Outcome { imported, duplicates, rejected, mut errors, ignored_columns, sheet, ignored_sheets } = outcome;
    let total_errors = errors.len() as u64;
    errors.truncate(ERRORS_SHOWN);
    ImportReport { imported, duplicates, rejected, total_errors, errors, ignored_columns, sheet, ignored_sheets, dry_run }
}

fn refused(outcome: &Outcome) -> Problem {
    let shown: Vec<_> = outcome.errors.iter().take(ERRORS_SHOWN).collect();
    Problem::new(problems::INVALID, say!(file_lines_refused, lines = outcome.rejected))
        .with("errors", json!(shown))
        .with("total_errors", outcome.errors.len())
        .with("rejected", outcome.rejected)
        .with("duplicates", outcome.duplicates)
        .with("imported", 0)
        .with("ignored_columns", json!(outcome.ignored_columns))
        .with("all_errors", json!({ "method": "POST", "href": "/api/admin/voters/bulk?dry_run=true", "accept": "text/csv" }))
}

/// Every bad line. Nothing of the file is in it, so no cell can be a formula.
fn as_csv(errors: &[LineError]) -> Result<HttpResponse, Problem> {
    let failed = |cause: &dyn std::fmt::Display| Problem::internal("write the bad lines as CSV", cause);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["line", "field", "message"]).map_err(|cause| failed(&cause))?;
    for error in errors {
        csv.write_record([error.line.to_string().as_str(), &error.field, &error.message]).map_err(|cause| failed(&cause))?;
    }
    let bytes = csv.into_inner().map_err(|cause| failed(&cause))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"bad-lines.csv\""))
        .body(bytes))
}
