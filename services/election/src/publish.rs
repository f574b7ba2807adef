//! Making the result public where that is left to the admin (`publish: manual`).

use actix_web::web;
use contract::elections::Election;
use contract::events::AuditEventKind;
use database::Failed;
use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::Action;
use identity::Caller;
use outbox::Audited;
use problem::{Json, Problem};

use crate::State;
use crate::elections::{Row, reread};
use crate::schema::elections;

/// Publishes a result that was kept back.
#[utoipa::path(
    post, path = "/api/elections/{id}/publish-results", tag = "elections", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The election; its result is public", body = Election),
        (status = 409, description = "Not counted yet, or published already"),
    )
)]
pub(crate) async fn publish(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Election>, Problem> {
    let election_id = *id;
    let (own, allows) = ((caller.admin_id, election_id), |row: &Row| row.allows(Action::PublishResults));
    let published = state.change_own("publish results", own, allows, async move |tx, row| {
        let connection = tx.connection();
        allows(&row).map_err(Failed::Refused)?;
        diesel::update(elections::table.find(election_id))
            .set(elections::results_published_at.eq(now))
            .execute(connection)
            .await?;
        let event = caller.did(AuditEventKind::ResultsPublished {});
        Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event.to(election_id)))
    });
    Ok(Json(published.await?))
}
