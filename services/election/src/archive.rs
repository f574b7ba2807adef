//! Archiving a counted election. It stays readable, with its result.

use actix_web::web;
use contract::elections::Election;
use contract::events::AuditEventKind;
use database::Failed;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::{Action, Status};
use identity::Caller;
use outbox::Audited;
use problem::{Json, Problem};

use crate::State;
use crate::elections::{Row, reread};
use crate::schema::elections;

/// Archives an election whose ballots are counted.
#[utoipa::path(
    post, path = "/api/elections/{id}/archive", tag = "elections", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The archived election", body = Election),
        (status = 409, description = "Not closed and counted"),
    )
)]
pub(crate) async fn archive(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Election>, Problem> {
    let election_id = *id;
    let (own, allows) = ((caller.admin_id, election_id), |row: &Row| row.allows(Action::Archive));
    let archived = state.change_own("archive election", own, allows, async move |tx, row| {
        let connection = tx.connection();
        allows(&row).map_err(Failed::Refused)?;
        diesel::update(elections::table.find(election_id))
            .set((elections::status.eq(Status::Archived.as_str()), elections::archived_at.eq(now)))
            .execute(connection)
            .await?;
        let event = caller.did(AuditEventKind::ElectionArchived {}).to(election_id);
        Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
    });
    Ok(Json(archived.await?))
}
