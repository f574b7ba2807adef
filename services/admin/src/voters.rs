//! The roll, voter by voter. Free until voting opens; from then on late voters and removals are amendments that everybody can
//! read, and corrections are in `corrections`. An address is one voter, whatever its case.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use contract::Page;
use contract::admin::{MailState, MailStatus, NewVoter, Voter, VotersOf};
use contract::events::AuditEventKind;
use contract::problems::{self, FieldError};
use database::{Connection, DatabaseError, Failed, Slot, TextColumn};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::election::{Action, Status};
use domain::roll::{Entry, RawEntry};
use identity::Caller;
use messages::{Message, say};
use outbox::Audited;
use problem::{Json, Missing, Problem, Query};
use uuid::Uuid;

use crate::election::Election;
use crate::import::turn;
use crate::refusals::{on_roll_already, refused};
use crate::schema::{elections, remove_unlinked_voter, voters};
use crate::{State, election, late, roll_file, subjects};

/// Voters of a download that are loaded at a time.
const DOWNLOADED_AT_ONCE: i64 = 5000;

/// Add one voter to the roll. While voting is open it takes a `reason`, which every voter of the election can read.
#[utoipa::path(post, path = "/api/admin/voters", tag = "voters", request_body = NewVoter, security(("bearer" = ["owner"])),
    responses(
        (status = 201, body = Voter),
        (status = 409, description = "The roll is closed, or has this address or student number"),
        (status = 422, description = "A field cannot be taken, or voting is open and there is no `reason`")))]
pub(crate) async fn add(state: Data<State>, caller: Caller, body: Json<NewVoter>) -> Result<HttpResponse, Problem> {
    let NewVoter { election_id, email, first_name, last_name, student_id, cohort, reason } = body.into_inner();
    let entry = parse(&email, [first_name, last_name, student_id, cohort])?;
    let _slot = state.acquire_slot(election_id, &caller, election::roll_change).await?;
    let added = state
        .outbox
        .audited("add voter", async move |tx| {
            let connection = tx.connection();
            let (election, now) = election::to_change(connection, election_id, &caller).await?;
            let (voter_id, kind) = if election.is_active() {
                election.must_allow(Action::AmendRoll, now).map_err(Failed::Refused)?;
                let reason = late::reason(reason.as_deref()).map_err(Failed::Refused)?;
                let added = late::add(connection, election_id, &reason, &[&entry]).await?;
                let voter_id = added.into_iter().next().ok_or_else(on_roll_already)?;
                (voter_id, AuditEventKind::VotersAddedLate { count: 1, reason: reason.as_str().to_owned() })
            } else {
                election.must_allow(Action::ChangeRoll, now).map_err(Failed::Refused)?;
                (insert(connection, election_id, &entry).await?, AuditEventKind::VoterAdded {})
            };
            let subject = subjects::refer_to(connection, &election, voter_id).await?;
            let event = caller.did(kind).about(subject);
            let voter = load_voter(connection, election_id, voter_id).await?;
            Ok(Audited::new(voter, event.to(election_id)))
        })
        .await?;
    Ok(HttpResponse::Created().json(added))
}

/// The roll, page by page. That it was looked at is logged: these are people's names and addresses.
#[utoipa::path(get, path = "/api/admin/voters", tag = "voters", params(VotersOf), security(("bearer" = ["owner"])),
    responses(
        (status = 200, body = Page<Voter>)))]
pub(crate) async fn list(state: Data<State>, caller: Caller, of: Query<VotersOf>) -> Result<Json<Page<Voter>>, Problem> {
    let (election_id, paging) = (of.election_id, of.paging());
    let mut connection = state.database().connection().await?;
    election::to_read_roll(&mut connection, election_id, &caller).await?;
    drop(connection);
    // While a close rewrites the roll, a reader waits, so the number of waiting readers is limited.
    let _slot = state.election_limits.acquire(election_id).await?;
    let mut connection = state.database().connection().await?;
    let mut query = voters::table
        .filter(voters::election_id.eq(election_id))
        .filter(voters::deleted.eq(false))
        .filter(voters::voter_id.gt(paging.after.unwrap_or(0)))
        .order(voters::voter_id)
        .limit(paging.limit().saturating_add(1))
        .select(Row::as_select())
        .into_boxed();
    if let Some(text) = of.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let pattern = format!("%{}%", text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"));
        query = query.filter(
            voters::email
                .ilike(pattern.clone())
                .or(voters::first_name.ilike(pattern.clone()))
                .or(voters::last_name.ilike(pattern.clone()))
                .or(voters::student_id.ilike(pattern)),
        );
    }
    if let Some(status) = of.mail {
        let those = diesel::sql_query("SELECT voter_id FROM mail_states($1, NULL) WHERE status = $2")
            .bind::<BigInt, _>(election_id)
            .bind::<Text, _>(<&str>::from(status));
        let those: Vec<Numbered> = those.load(&mut connection).await.map_err(DatabaseError::from)?;
        query = query.filter(voters::voter_id.eq_any(those.into_iter().map(|row| row.voter_id).collect::<Vec<_>>()));
    }
    let rows: Vec<Row> = query.load(&mut connection).await.map_err(DatabaseError::from)?;
    let Page { items, next } = Page::cut(rows, paging.limit(), |row| row.voter_id);
    let items = described(&mut connection, election_id, items).await?;
    drop(connection);
    let event = caller.did(AuditEventKind::VotersViewed {}).to(election_id);
    state.outbox.record_event(event).await?;
    Ok(Json(Page { items, next }))
}

/// One voter. That the roll was looked at is logged, as for the list.
#[utoipa::path(get, path = "/api/admin/voters/{id}", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The voter")),
    responses((status = 200, body = Voter)))]
pub(crate) async fn show(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<Json<Voter>, Problem> {
    let voter_id = id.into_inner();
    let _slot = state.lookup_limits.acquire(caller.admin_id).await?;
    let mut connection = state.database().connection().await?;
    let election_id = election_of(&mut connection, &caller, voter_id).await.map_err(DatabaseError::from)?;
    let election_id = election_id.ok_or_else(|| Problem::not_found(Missing::Voter))?;
    let voter = load_voter(&mut connection, election_id, voter_id).await?;
    drop(connection);
    state.outbox.record_event(caller.did(AuditEventKind::VotersViewed {}).to(election_id)).await?;
    Ok(Json(voter))
}

/// The whole roll as CSV, to be kept or imported elsewhere. An apostrophe stands before a cell that a spreadsheet program would take for a
/// formula. That it was looked at is logged.
#[utoipa::path(get, path = "/api/admin/elections/{id}/voters.csv", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    responses(
        (status = 200, content_type = "text/csv", body = String),
        (status = 503, description = "Too many rolls are being written or imported already; `Retry-After` says when to come back")))]
pub(crate) async fn download(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<HttpResponse, Problem> {
    let election_id = id.into_inner();
    let mut connection = state.database().connection().await?;
    election::to_read_roll(&mut connection, election_id, &caller).await?;
    drop(connection);
    let _turn = turn(&state).await?;
    let _slot = state.election_limits.acquire(election_id).await?;
    let failed = |cause: &dyn std::fmt::Display| Problem::internal("write the roll as CSV", cause);
    // The mark tells spreadsheet programs that the letters are UTF-8.
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    csv.write_record(roll_file::COLUMNS.into_iter().chain(["mail", "reason"])).map_err(|cause| failed(&cause))?;
    let mut connection = state.database().connection().await?;
    let mut after = 0;
    loop {
        let part = voters::table
            .filter(voters::election_id.eq(election_id))
            .filter(voters::deleted.eq(false))
            .filter(voters::voter_id.gt(after))
            .order(voters::voter_id)
            .limit(DOWNLOADED_AT_ONCE)
            .select(Row::as_select());
        let part: Vec<Row> = part.load(&mut connection).await.map_err(DatabaseError::from)?;
        let Some(last) = part.last() else { break };
        after = last.voter_id;
        for voter in described(&mut connection, election_id, part).await? {
            let Voter { email, first_name, last_name, student_id, cohort, mail, .. } = voter;
            let texts = [first_name, last_name, student_id, cohort].map(Option::unwrap_or_default);
            let state = <&str>::from(mail.status).to_owned();
            let cells = std::iter::once(email).chain(texts).chain([state, mail.reason.unwrap_or_default()]);
            csv.write_record(cells.map(|cell| roll_file::no_formula(&cell))).map_err(|cause| failed(&cause))?;
        }
    }
    drop(connection);
    let bytes = csv.into_inner().map_err(|cause| failed(&cause))?;
    state.outbox.record_event(caller.did(AuditEventKind::VotersViewed {}).to(election_id)).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"voters.csv\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(bytes))
}

/// Take one voter off the roll. Their link dies with them; once voting is open only somebody can go who was sent none and has no student
/// number, with which they could ask for one.
#[utoipa::path(delete, path = "/api/admin/voters/{id}", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The voter")),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "Voting is open and the voter can have a link, or voting has ended")))]
pub(crate) async fn remove(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<HttpResponse, Problem> {
    let voter_id = id.into_inner();
    let _slot = acquire_slot(&state, voter_id, &caller, election::roll_change).await?;
    state
        .outbox
        .audited("remove voter", async move |tx| {
            let connection = tx.connection();
            let missing = || Failed::Refused(Problem::not_found(Missing::Voter));
            let election_id = election_of(connection, &caller, voter_id).await?.ok_or_else(missing)?;
            let (election, now) = election::to_change(connection, election_id, &caller).await.map_err(as_missing_voter)?;
            let subject = subjects::known_as(connection, election_id, voter_id).await?.unwrap_or_else(Uuid::new_v4);
            let outcome = if election.is_active() {
                election.must_allow(Action::AmendRoll, now).map_err(Failed::Refused)?;
                diesel::select(remove_unlinked_voter(election_id, voter_id)).get_result(connection).await.map_err(refused)?
            } else {
                election.must_allow(Action::ChangeRoll, now).map_err(Failed::Refused)?;
                let gone =
                    diesel::delete(voters::table.find((election_id, voter_id))).execute(connection).await.map_err(refused)?;
                if gone == 0 { "unknown".to_owned() } else { "removed".to_owned() }
            };
            match outcome.as_str() {
                "removed" => {}
                "linked" => return Err(Failed::Refused(Problem::new(problems::CONFLICT, linked()))),
                _ => return Err(missing()),
            }
            let event = caller.did(AuditEventKind::VoterRemoved {}).about(subject);
            Ok(Audited::new((), event.to(election_id)))
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The same words for both reasons: which of them it is must not tell who has asked for a link.
fn linked() -> Message {
    say!(voter_can_have_link)
}

/// A voter as they are stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = voters, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Row {
    pub(crate) voter_id: i64,
    election_id: i64,
    pub(crate) email: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) student_id: Option<String>,
    pub(crate) cohort: Option<String>,
}

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    voter_id: i64,
}

#[derive(QueryableByName)]
struct MailRow {
    #[diesel(sql_type = BigInt)]
    voter_id: i64,
    #[diesel(sql_type = Text)]
    status: TextColumn<MailStatus>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
}

/// Voters with what became of their mails. A link was sent if the organiser had any sent, used or not: more is not to be seen here.
async fn described(connection: &mut Connection, election_id: i64, rows: Vec<Row>) -> Result<Vec<Voter>, DatabaseError> {
    let numbers: Vec<i64> = rows.iter().map(|row| row.voter_id).collect();
    let states: Vec<MailRow> = diesel::sql_query("SELECT voter_id, status, reason FROM mail_states($1, $2)")
        .bind::<BigInt, _>(election_id)
        .bind::<Array<BigInt>, _>(numbers)
        .load(connection)
        .await?;
    let mut states: HashMap<i64, MailRow> = states.into_iter().map(|state| (state.voter_id, state)).collect();
    let voter = |row: Row| {
        let state = states.remove(&row.voter_id);
        let status = state.as_ref().map_or(MailStatus::None, |state| *state.status);
        let Row { voter_id, election_id, email, first_name, last_name, student_id, cohort } = row;
        let mail = MailState::new(status, state.and_then(|state| state.reason).as_deref().map(Message::stored));
        let link_sent = (status != MailStatus::Forgotten).then_some(status != MailStatus::None);
        Voter { voter_id, election_id, email, first_name, last_name, student_id, cohort, link_sent, mail }
    };
    Ok(rows.into_iter().map(voter).collect())
}

/// One voter as the list shows them.
pub(crate) async fn load_voter(connection: &mut Connection, election_id: i64, voter_id: i64) -> Result<Voter, DatabaseError> {
    let row = voters::table.find((election_id, voter_id)).select(Row::as_select()).first(connection).await?;
    let mut voters = described(connection, election_id, vec![row]).await?;
    voters.pop().ok_or(DatabaseError::Query(diesel::NotFound))
}

/// Checks the fields of an entry: the address, then first name, last name, student number, cohort.
pub(crate) fn parse(email: &str, texts: [Option<String>; 4]) -> Result<Entry, Problem> {
    let [first_name, last_name, student_id, cohort] = texts.map(Option::unwrap_or_default);
    let raw = RawEntry { email, first_name: &first_name, last_name: &last_name, student_id: &student_id, cohort: &cohort };
    Entry::parse(raw)
        .map_err(|refused| Problem::invalid(refused.into_iter().map(|one| FieldError::new(one.field, one.message)).collect()))
}

async fn insert(connection: &mut Connection, election_id: i64, entry: &Entry) -> Result<i64, Failed<Problem>> {
    diesel::insert_into(voters::table)
        .values((
            voters::election_id.eq(election_id),
            voters::email.eq(entry.email.as_str()),
            voters::first_name.eq(&entry.first_name),
            voters::last_name.eq(&entry.last_name),
            voters::student_id.eq(&entry.student_id),
            voters::cohort.eq(&entry.cohort),
        ))
        .returning(voters::voter_id)
        .get_result(connection)
        .await
        .map_err(refused)
}

/// The election of this caller whose roll a voter is on. `voters` is partitioned by election, and the query names the caller's
/// elections: otherwise PostgreSQL would read the partitions of all elections and wait for one that a close is rewriting. Elections
/// that are not closed come first, for the same reason.
pub(crate) async fn election_of(connection: &mut Connection, caller: &Caller, voter_id: i64) -> QueryResult<Option<i64>> {
    let own = elections::table.filter(elections::admin_id.eq(caller.admin_id));
    let own: Vec<(i64, String)> = own.select((elections::election_id, elections::status)).load(connection).await?;
    let is_over = |status: &str| status == Status::Closed.as_str() || status == Status::Archived.as_str();
    let (over, others): (Vec<_>, Vec<_>) = own.into_iter().partition(|(_, status)| is_over(status));
    for part in [others, over] {
        let numbers: Vec<i64> = part.into_iter().map(|(election_id, _)| election_id).collect();
        let on_a_roll = voters::table.filter(voters::election_id.eq_any(numbers)).filter(voters::voter_id.eq(voter_id));
        let on_a_roll = on_a_roll.filter(voters::deleted.eq(false)).select(voters::election_id);
        if let Some(election_id) = on_a_roll.first(connection).await.optional()? {
            return Ok(Some(election_id));
        }
    }
    Ok(None)
}

/// A slot for a change of this voter (`State::acquire_slot`).
pub(crate) async fn acquire_slot(
    state: &State,
    voter_id: i64,
    caller: &Caller,
    action: impl FnOnce(&Election) -> Action,
) -> Result<Slot, Problem> {
    let lookup = state.lookup_limits.acquire(caller.admin_id).await?;
    let mut connection = state.database().connection().await?;
    let election_id = election_of(&mut connection, caller, voter_id).await.map_err(DatabaseError::from)?;
    drop((connection, lookup));
    let missing = || Problem::not_found(Missing::Voter);
    let slot = state.acquire_slot(election_id.ok_or_else(missing)?, caller, action).await;
    // Another admin's election does not exist, and neither does a voter of it.
    slot.map_err(|problem| if problem.kind() == problems::NOT_FOUND { missing() } else { problem })
}

/// A voter of another admin's election is refused with the words of one who does not exist.
pub(crate) fn as_missing_voter(failed: Failed<Problem>) -> Failed<Problem> {
    match failed {
        Failed::Refused(_) => Failed::Refused(Problem::not_found(Missing::Voter)),
        other => other,
    }
}
