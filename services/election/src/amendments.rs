//! Amendments: public changes after activation. This service announces a later end of voting and who withdrew; the admin service announces
//! late voters and removals. Everybody reads them, with the ballot and with the result.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use contract::elections::{Amendment, NewAmendment};
use contract::events::AuditEventKind;
use database::{Connection, DatabaseError, Failed, TextColumn};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use domain::contest::Standing;
use domain::election::{Action, NotAllowed, Status, may_move_end};
use identity::Caller;
use messages::say;
use outbox::Audited;
use problem::{Json, Missing, Problem};
use serde_json::json;

use crate::State;
use crate::elections::{announced, conflict, visible};
use crate::schema::{amendments, candidates, clock_timestamp, manifests};

#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = Bool)]
    moved: bool,
}

#[derive(QueryableByName)]
struct Announced {
    #[diesel(sql_type = Text)]
    amendments: String,
}

#[derive(Queryable)]
struct Stands {
    name: String,
    standing: TextColumn<Standing>,
}

/// Announces a later end of voting, or that a candidate withdrew or died. Links live as long as voting. The end of a scheduled election
/// can be moved also when it has passed. Who withdrew stays on the ballot, which is frozen, and the count skips them.
#[utoipa::path(
    post, path = "/api/elections/{id}/amendments", tag = "elections", security(("bearer" = ["owner"])), request_body = NewAmendment,
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 201, description = "What voters read now", body = Amendment),
        (status = 409, description = "Earlier than announced, in the past, withdrawn already, or voting has ended"),
    )
)]
pub(crate) async fn announce(
    state: web::Data<State>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<NewAmendment>,
) -> Result<HttpResponse, Problem> {
    // Whose election it is comes before what is wrong with the request: a stranger learns nothing of it.
    let mut connection = state.database.connection().await?;
    if visible(&mut connection, &caller, *id).await?.admin_id != caller.admin_id {
        return Err(Problem::not_found(Missing::Election));
    }
    drop(connection);
    let NewAmendment { closes_at, candidate_id, reason } = body.into_inner();
    let announced = match (closes_at, candidate_id) {
        (Some(closes_at), None) => move_end(&state, caller, *id, closes_at, reason.as_deref()).await?,
        (None, Some(candidate_id)) => withdraw(&state, caller, *id, candidate_id, reason.as_deref()).await?,
        _ => return Err(Problem::field("closes_at", say!(amendment_needs_one))),
    };
    Ok(HttpResponse::Created().json(announced))
}

async fn move_end(
    state: &State,
    caller: Caller,
    election_id: i64,
    closes_at: DateTime<Utc>,
    reason: Option<&str>,
) -> Result<Amendment, Problem> {
    let reason = Reason::parse(&reason.map_or_else(|| say!(end_moved_later).to_string(), str::to_owned));
    let reason = reason.map_err(|why| Problem::field("reason", why))?;
    let own = (caller.admin_id, election_id);
    let announced = state.change_own(
        "move the end of voting",
        own,
        |row| row.allows(Action::MoveEnd),
        async move |tx, row| {
            let connection = tx.connection();
            let now = diesel::select(clock_timestamp()).get_result(connection).await?;
            may_move_end(row.life_cycle_state(), row.closes_at, closes_at, now)
                .map_err(|refused| Failed::Refused(conflict(refused)))?;
            let Moved { moved } = diesel::sql_query("SELECT move_closing($1, $2, $3) AS moved")
                .bind::<BigInt, _>(election_id)
                .bind::<Timestamptz, _>(closes_at)
                .bind::<Text, _>(reason.as_str())
                .get_result(connection)
                .await?;
            // The end came while this was decided.
            let from = row.closes_at.filter(|_| moved).ok_or_else(|| Failed::Refused(conflict(NotAllowed::VotingEnded)))?;
            let amendment = of(connection, election_id).await?.pop().ok_or(DatabaseError::Query(diesel::NotFound))?;
            let kind = AuditEventKind::ClosingTimeMoved { from, to: closes_at, reason: reason.as_str().to_owned() };
            let event = caller.did(kind).to(election_id);
            Ok::<_, Failed<Problem>>(Audited::new(amendment, event))
        },
    );
    announced.await
}

/// Under the lock of the election, so that a close comes before or after it: the count sees the announcement, or there is none.
async fn withdraw(
    state: &State,
    caller: Caller,
    election_id: i64,
    candidate_id: i64,
    reason: Option<&str>,
) -> Result<Amendment, Problem> {
    let reason = reason.ok_or_else(|| Problem::field("reason", say!(withdrawal_needs_reason)))?;
    let reason = Reason::parse(reason).map_err(|why| Problem::field("reason", why))?;
    let own = (caller.admin_id, election_id);
    let announced = state.change_own(
        "announce a withdrawal",
        own,
        |row| row.allows(Action::WithdrawCandidate),
        async move |tx, row| {
            let connection = tx.connection();
            row.allows(Action::WithdrawCandidate).map_err(Failed::Refused)?;
            let now: DateTime<Utc> = diesel::select(clock_timestamp()).get_result(connection).await?;
            if *row.status == Status::Active && row.closes_at.is_some_and(|end| end <= now) {
                return Err(Failed::Refused(conflict(NotAllowed::VotingEnded)));
            }
            let found: Option<Stands> = candidates::table
                .find(candidate_id)
                .filter(candidates::election_id.eq(election_id))
                .select((candidates::name, candidates::standing))
                .first(connection)
                .await
                .optional()?;
            let stands = found.filter(|found| *found.standing == Standing::Stands);
            let nobody = || Failed::Refused(Problem::field("candidate_id", say!(candidate_cannot_withdraw)));
            let Stands { name, .. } = stands.ok_or_else(nobody)?;
            let before = of(connection, election_id).await?;
            if before.iter().any(|amendment| amendment.candidate_id == Some(candidate_id)) {
                return Err(Failed::Refused(conflict(say!(candidate_withdrawn_already))));
            }
            diesel::insert_into(amendments::table)
                .values((
                    amendments::election_id.eq(election_id),
                    amendments::kind.eq("candidate_withdrawn"),
                    amendments::reason.eq(reason.as_str()),
                    amendments::details.eq(json!({ "candidate_id": candidate_id, "candidate": &name })),
                ))
                .execute(connection)
                .await?;
            let amendment = of(connection, election_id).await?.pop().ok_or(DatabaseError::Query(diesel::NotFound))?;
            let kind = AuditEventKind::CandidateWithdrawn { candidate_id, name, reason: reason.as_str().to_owned() };
            let event = caller.did(kind).to(election_id);
            Ok::<_, Failed<Problem>>(Audited::new(amendment, event))
        },
    );
    announced.await
}

/// What was announced, oldest first. Public from activation on.
#[utoipa::path(
    get, path = "/api/elections/{id}/amendments", tag = "public", security(()),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The amendments; a handful at the most", body = contract::Page<Amendment>),
        (status = 404, description = "No such election, or not activated yet"),
    )
)]
pub(crate) async fn list(state: web::Data<State>, id: web::Path<i64>) -> Result<Json<contract::Page<Amendment>>, Problem> {
    let mut connection = state.database.connection().await?;
    let activated = manifests::table.find(*id).select(manifests::election_id);
    let found: Option<i64> = activated.first(&mut connection).await.optional().map_err(DatabaseError::from)?;
    // A stranger learns nothing of drafts.
    let election_id = found.ok_or_else(|| Problem::not_found(Missing::Election))?;
    Ok(Json(contract::Page { items: of(&mut connection, election_id).await?, next: None }))
}

async fn of(connection: &mut Connection, election_id: i64) -> Result<Vec<Amendment>, DatabaseError> {
    let asked = diesel::sql_query("SELECT amendments_of($1) AS amendments").bind::<BigInt, _>(election_id);
    let Announced { amendments } = asked.get_result(connection).await?;
    Ok(announced(&amendments)?)
}
