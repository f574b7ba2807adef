//! `GET /api/email/status/{id}`: what became of a mail.

use actix_web::web::{Data, Path};
use contract::email::EmailStatus;
use identity::CallingService;
use problem::{Json, Missing, Problem};

use crate::queue::Queue;
use crate::requests::may_ask;

/// What became of a mail. Says nothing about whom it was for.
#[utoipa::path(get, path = "/api/email/status/{id}", tag = "internal",
    security(("service" = ["admin"]), ("service" = ["auth"]), ("service" = ["election"]), ("service" = ["voting"])), params(("id" = i64, Path, description = "email_id")),
    responses(
        (status = 200, description = "What became of it so far", body = EmailStatus),
    ))]
pub(crate) async fn status(
    service: CallingService,
    queue: Data<Queue>,
    email_id: Path<i64>,
) -> Result<Json<EmailStatus>, Problem> {
    may_ask(&service)?;
    queue.status(*email_id).await?.map(Json).ok_or_else(|| Problem::not_found(Missing::Mail))
}
