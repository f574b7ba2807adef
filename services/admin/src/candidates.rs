//! Who stands for election. Free in a draft and frozen from activation on (promise 7): every ballot is bound to its candidates.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use contract::Page;
use contract::admin::{Candidate, CandidateChange, CandidatesOf, NewCandidate};
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems::{self, FieldError};
use counting::{Family, Rule};
use database::{Connection, Document, Failed, Slot, violated_constraint};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::contest::Standing;
use domain::election::Action;
use identity::Caller;
use messages::say;
use outbox::Audited;
use problem::{Json, Missing, Problem, Query};

use crate::schema::{candidates, contests};
use crate::{State, ballot_text, election, order};

/// A candidate as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = candidates)]
pub(crate) struct Row {
    candidate_id: i64,
    election_id: i64,
    contest_id: i64,
    name: String,
    description: Option<String>,
    party: Option<String>,
    vision: Option<String>,
    programme: Option<String>,
    link: Option<String>,
    photo_url: Option<String>,
    thumbnail_url: Option<String>,
    programme_file_url: Option<String>,
    display_order: i32,
    standing: String,
}

impl From<Row> for Candidate {
    fn from(row: Row) -> Self {
        Self {
            candidate_id: row.candidate_id,
            election_id: row.election_id,
            contest_id: row.contest_id,
            name: row.name,
            description: row.description,
            party: row.party,
            vision: row.vision,
            programme: row.programme,
            link: row.link,
            photo_url: row.photo_url,
            thumbnail_url: row.thumbnail_url,
            programme_file_url: row.programme_file_url,
            display_order: row.display_order,
            standing: row.standing,
        }
    }
}

/// What is typed of a candidate, checked.
struct Texts {
    name: String,
    description: Option<String>,
    party: Option<String>,
    vision: Option<String>,
    programme: Option<String>,
    link: Option<String>,
}

/// Add a candidate to a draft.
#[utoipa::path(post, path = "/api/admin/candidates", tag = "candidates", request_body = NewCandidate, security(("bearer" = ["owner"])),
    responses(
        (status = 201, body = Candidate),
        (status = 409, description = "Frozen by activation, or the name stands in this contest already"),
        (status = 422, description = "A field cannot be taken, or the contest is another election's")))]
pub(crate) async fn add(state: Data<State>, caller: Caller, body: Json<NewCandidate>) -> Result<HttpResponse, Problem> {
    let NewCandidate { election_id, contest_id, display_order, name, description, party, vision, programme, link } =
        body.into_inner();
    let mut errors = Vec::new();
    let texts = Texts {
        name: ballot_text::name(&name, &mut errors),
        description: description.and_then(|text| ballot_text::long_text("description", &text, &mut errors)),
        party: party.and_then(|text| ballot_text::party(&text, &mut errors)),
        vision: vision.and_then(|text| ballot_text::long_text("vision", &text, &mut errors)),
        programme: programme.and_then(|text| ballot_text::long_text("programme", &text, &mut errors)),
        link: link.and_then(|text| ballot_text::link(&text, &mut errors)),
    };
    let display_order = display_order.map(|order| ballot_text::display_order(order, &mut errors));
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let _slot = state.acquire_slot(election_id, &caller, |_| Action::ChangeCandidates).await?;
    let added: Candidate = state
        .outbox
        .audited("add candidate", async move |tx| {
            let connection = tx.connection();
            let (election, now) = election::to_change(connection, election_id, &caller).await?;
            election.must_allow(Action::ChangeCandidates, now).map_err(Failed::Refused)?;
            let contest_id = contest_of(connection, election_id, contest_id).await?;
            let order = match display_order {
                Some(order) => order,
                None => last_place(connection, contest_id).await?,
            };
            let added: Candidate = diesel::insert_into(candidates::table)
                .values((
                    candidates::election_id.eq(election_id),
                    candidates::contest_id.eq(contest_id),
                    candidates::display_order.eq(order),
                    candidates::name.eq(&texts.name),
                    candidates::description.eq(&texts.description),
                    candidates::party.eq(&texts.party),
                    candidates::vision.eq(&texts.vision),
                    candidates::programme.eq(&texts.programme),
                    candidates::link.eq(&texts.link),
                ))
                .returning(Row::as_returning())
                .get_result(connection)
                .await
                .map(Candidate::from)
                .map_err(refused)?;
            let event = AuditEventKind::CandidateAdded { candidate_id: added.candidate_id, name: added.name.clone() };
            Ok(Audited::new(added, logged(event, &caller, election_id)))
        })
        .await?;
    Ok(HttpResponse::Created().json(added))
}

/// Change a candidate of a draft.
#[utoipa::path(put, path = "/api/admin/candidates/{id}", tag = "candidates", request_body = CandidateChange, security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The candidate")),
    responses(
        (status = 200, body = Candidate),
        (status = 409, description = "Frozen by activation, or the name stands in this contest already")))]
pub(crate) async fn change(
    state: Data<State>,
    caller: Caller,
    id: Path<i64>,
    body: Json<CandidateChange>,
) -> Result<Json<Candidate>, Problem> {
    let (candidate_id, body) = (id.into_inner(), body.into_inner());
    let mut errors = Vec::new();
    let name = body.name.map(|text| ballot_text::name(&text, &mut errors));
    let mut long = |field: &str, text: Option<String>| text.map(|text| ballot_text::long_text(field, &text, &mut errors));
    let description = long("description", body.description);
    let (vision, programme) = (long("vision", body.vision), long("programme", body.programme));
    let party = body.party.map(|text| ballot_text::party(&text, &mut errors));
    let link = body.link.map(|text| ballot_text::link(&text, &mut errors));
    let display_order = body.display_order.map(|order| ballot_text::display_order(order, &mut errors));
    match body.position {
        Some(0) => errors.push(FieldError::new("position", say!(candidate_position_from_one))),
        Some(_) if display_order.is_some() => errors.push(FieldError::new("position", say!(candidate_place_twice))),
        _ => {}
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let _slot = acquire_slot(&state, candidate_id, &caller).await?;
    let changed = state
        .outbox
        .audited("change candidate", async move |tx| {
            let connection = tx.connection();
            let hold = if body.position.is_some() { Hold::AllOfContest } else { Hold::One };
            let found = find_to_change(connection, candidate_id, &caller, hold).await?;
            let set = diesel::update(candidates::table.find(candidate_id))
                .set((
                    candidates::name.eq(name.clone().unwrap_or(found.name)),
                    candidates::description.eq(description.clone().unwrap_or(found.description)),
                    candidates::party.eq(party.clone().unwrap_or(found.party)),
                    candidates::vision.eq(vision.clone().unwrap_or(found.vision)),
                    candidates::programme.eq(programme.clone().unwrap_or(found.programme)),
                    candidates::link.eq(link.clone().unwrap_or(found.link)),
                    candidates::display_order.eq(display_order.unwrap_or(found.display_order)),
                ))
                .execute(connection);
            set.await.map_err(refused)?;
            if let Some(position) = body.position {
                order::move_to(connection, found.contest_id, candidate_id, position).await.map_err(refused)?;
            }
            let changed = candidates::table.find(candidate_id).select(Row::as_select()).first(connection).await?;
            let changed = Candidate::from(changed);
            let event = AuditEventKind::CandidateUpdated { candidate_id, name: changed.name.clone() };
            Ok(Audited::new(changed, logged(event, &caller, found.election_id)))
        })
        .await?;
    Ok(Json(changed))
}

/// Remove a candidate from a draft.
#[utoipa::path(delete, path = "/api/admin/candidates/{id}", tag = "candidates", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The candidate")),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "Frozen by activation")))]
pub(crate) async fn remove(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<HttpResponse, Problem> {
    let candidate_id = id.into_inner();
    let _slot = acquire_slot(&state, candidate_id, &caller).await?;
    state
        .outbox
        .audited("remove candidate", async move |tx| {
            let found = find_to_change(tx.connection(), candidate_id, &caller, Hold::One).await?;
            diesel::delete(candidates::table.find(candidate_id)).execute(tx.connection()).await.map_err(refused)?;
            let event = AuditEventKind::CandidateRemoved { candidate_id, name: found.name };
            Ok(Audited::new((), logged(event, &caller, found.election_id)))
        })
        .await?;
    state.unused_files.notify_one();
    Ok(HttpResponse::NoContent().finish())
}

/// The candidates of an election in ballot order, contest by contest. All of them: a ballot is one page.
#[utoipa::path(get, path = "/api/admin/candidates", tag = "candidates", params(CandidatesOf), security(("bearer" = ["owner"]), ("bearer" = ["superadmin"])),
    responses(
        (status = 200, body = Page<Candidate>)))]
pub(crate) async fn list(state: Data<State>, caller: Caller, of: Query<CandidatesOf>) -> Result<Json<Page<Candidate>>, Problem> {
    let mut connection = state.database().connection().await?;
    election::to_read(&mut connection, of.election_id, &caller).await?;
    let rows: Vec<Row> = candidates::table
        .inner_join(contests::table.on(contests::contest_id.eq(candidates::contest_id)))
        .filter(candidates::election_id.eq(of.election_id))
        .order((contests::display_order, contests::contest_id, candidates::display_order, candidates::candidate_id))
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .map_err(database::DatabaseError::from)?;
    Ok(Json(Page { items: rows.into_iter().map(Candidate::from).collect(), next: None }))
}

pub(crate) fn logged(kind: AuditEventKind, caller: &Caller, election_id: i64) -> AuditEvent {
    caller.did(kind).to(election_id)
}

/// Waits for a slot for a change of the candidate's election (`State::acquire_slot`).
pub(crate) async fn acquire_slot(state: &State, candidate_id: i64, caller: &Caller) -> Result<Slot, Problem> {
    let mut connection = state.database().connection().await?;
    let of_election = candidates::table.find(candidate_id).select(candidates::election_id);
    let election_id: Option<i64> = of_election.first(&mut connection).await.optional().map_err(database::DatabaseError::from)?;
    drop(connection);
    let missing = || Problem::not_found(Missing::Candidate);
    let slot = state.acquire_slot(election_id.ok_or_else(missing)?, caller, |_| Action::ChangeCandidates).await;
    slot.map_err(|problem| if problem.kind() == problems::NOT_FOUND { missing() } else { problem })
}

/// Which rows a change of a candidate locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The candidate's alone.
    One,
    /// Those of the whole contest, because the others make room. All at once and by number: two moves that lock their own row first
    /// would wait for each other.
    AllOfContest,
}

/// A candidate of the caller's own election that may still be changed. The election stays locked until the end of the transaction.
pub(crate) async fn find_to_change(
    connection: &mut Connection,
    candidate_id: i64,
    caller: &Caller,
    hold: Hold,
) -> Result<Candidate, Failed<Problem>> {
    let missing = || Failed::Refused(Problem::not_found(Missing::Candidate));
    let query = candidates::table.find(candidate_id);
    let known: Option<(i64, i64)> =
        query.select((candidates::election_id, candidates::contest_id)).first(connection).await.optional()?;
    let (election_id, contest_id) = known.ok_or_else(missing)?;
    let (election, now) = election::to_change(connection, election_id, caller).await.map_err(|failed| match failed {
        Failed::Refused(_) => missing(),
        other => other,
    })?;
    election.must_allow(Action::ChangeCandidates, now).map_err(Failed::Refused)?;
    if hold == Hold::AllOfContest {
        order::hold(connection, contest_id).await?;
    }
    // Locked, so that a concurrent change of the same candidate is not overwritten with old values.
    let held: Option<Row> = query.select(Row::as_select()).for_no_key_update().first(connection).await.optional()?;
    let held = held.map(Candidate::from).ok_or_else(missing)?;
    // What a rule puts on the ballot is changed with the rule.
    if held.standing == Standing::Stands.as_str() {
        Ok(held)
    } else {
        Err(Failed::Refused(Problem::new(problems::CONFLICT, say!(candidate_fixed))))
    }
}

/// The contest that somebody stands in: the one that is asked for, or the first one.
pub(crate) async fn contest_of(
    connection: &mut Connection,
    election_id: i64,
    asked: Option<i64>,
) -> Result<i64, Failed<Problem>> {
    let of_election =
        contests::table.filter(contests::election_id.eq(election_id)).select((contests::contest_id, contests::rule));
    let found: Option<(i64, Document<Rule>)> = match asked {
        Some(contest_id) => of_election.filter(contests::contest_id.eq(contest_id)).first(connection).await.optional()?,
        None => of_election.order((contests::display_order, contests::contest_id)).first(connection).await.optional()?,
    };
    match (found, asked) {
        (Some((_, Document(rule))), _) if rule.family() == Family::Motion => {
            Err(Failed::Refused(Problem::new(problems::CONFLICT, say!(contest_candidates_fixed))))
        }
        (Some((contest_id, _)), _) => Ok(contest_id),
        (None, Some(_)) => Err(Failed::Refused(Problem::field("contest_id", say!(contest_not_of_election)))),
        (None, None) => Err(Failed::Refused(Problem::new(problems::CONFLICT, say!(contest_missing)))),
    }
}

async fn last_place(connection: &mut Connection, contest_id: i64) -> QueryResult<i32> {
    let of_contest = candidates::table.filter(candidates::contest_id.eq(contest_id));
    let of_contest = of_contest.filter(candidates::standing.eq(Standing::Stands.as_str()));
    let last: Option<i32> = of_contest.select(max(candidates::display_order)).first(connection).await?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

pub(crate) fn refused(error: diesel::result::Error) -> Failed<Problem> {
    if violated_constraint(&error) == Some("candidates_name_key") {
        return Failed::Refused(Problem::new(problems::EXISTS, say!(candidate_name_taken)));
    }
    match election::refused_by_trigger(&error) {
        Some(problem) => Failed::Refused(problem),
        None => error.into(),
    }
}
