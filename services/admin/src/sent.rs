//! `GET /api/admin/elections/{id}/mails`: how many mails with links were sent, wait, or came back. It says nothing that the list of
//! voters does not say of each, and names nobody.

use actix_web::web::{Data, Path};
use contract::admin::{ElectionMails, MailCounts, MailStatus};
use database::{DatabaseError, TextColumn};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use identity::Caller;
use problem::{Json, Problem};

use crate::{State, election};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    status: TextColumn<MailStatus>,
    #[diesel(sql_type = BigInt)]
    voters: i64,
}

/// What became of the mails with links, in numbers.
#[utoipa::path(get, path = "/api/admin/elections/{id}/mails", tag = "links", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election")),
    responses((status = 200, body = ElectionMails)))]
pub(crate) async fn show(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<Json<ElectionMails>, Problem> {
    let mut connection = state.database().connection().await?;
    election::to_read_roll(&mut connection, *id, &caller).await?;
    drop(connection);
    // While a close rewrites the roll, a reader waits, so the number of waiting readers is limited.
    let _slot = state.election_limits.acquire(*id).await?;
    let mut connection = state.database().connection().await?;
    let found: Vec<Counted> = diesel::sql_query("SELECT status, count(*) AS voters FROM mail_states($1, NULL) GROUP BY status")
        .bind::<BigInt, _>(*id)
        .load(&mut connection)
        .await
        .map_err(DatabaseError::from)?;
    let mut counts = MailCounts::default();
    for Counted { status, voters } in found {
        let place = match *status {
            MailStatus::None => &mut counts.none,
            MailStatus::Queued => &mut counts.queued,
            MailStatus::Deferred => &mut counts.deferred,
            MailStatus::Sent => &mut counts.sent,
            MailStatus::Refused => &mut counts.refused,
            MailStatus::Forgotten => &mut counts.forgotten,
        };
        *place = u64::try_from(voters).unwrap_or(0);
    }
    Ok(Json(ElectionMails { voters: counts }))
}
