//! Amendments: public changes after activation. This service announces a later end of voting; the admin service announces late
//! voters and removals. Everybody reads them, with the ballot and with the result.

use actix_web::{HttpResponse, web};
use contract::elections::{Amendment, NewAmendment};
use contract::events::AuditEventKind;
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use domain::election::{Action, NotAllowed, may_move_end};
use identity::Caller;
use messages::say;
use outbox::Audited;
use problem::{Json, Missing, Problem};

use crate::State;
use crate::elections::{announced, conflict};
use crate::schema::{clock_timestamp, manifests};

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

/// Moves the end of voting to a later time, and announces it. Links live as long. The end of a scheduled election can be moved also
/// when it has passed.
#[utoipa::path(
    post, path = "/api/elections/{id}/amendments", tag = "elections", security(("bearer" = ["owner"])), request_body = NewAmendment,
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 201, description = "What voters read now", body = Amendment),
        (status = 409, description = "Earlier than announced, in the past, or voting has ended"),
    )
)]
pub(crate) async fn announce(
    state: web::Data<State>,
    caller: Caller,
    id: web::Path<i64>,
    body: Json<NewAmendment>,
) -> Result<HttpResponse, Problem> {
    let (election_id, NewAmendment { closes_at, reason }) = (*id, body.into_inner());
    let reason = Reason::parse(&reason.unwrap_or_else(|| say!(end_moved_later).to_string()));
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
    Ok(HttpResponse::Created().json(announced.await?))
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
