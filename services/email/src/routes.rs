//! Every route of the service, and its OpenAPI document. None of them is public.

use actix_web::web::{self, ServiceConfig};
use identity::Callers;
use problem::Refusals;
use utoipa::OpenApi;

use crate::{requests, status};

pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(web::resource("/api/email/send-voting-invitation").route(web::post().to(requests::voting_invitation)))
        .service(web::resource("/api/email/send-results-notification").route(web::post().to(requests::results_notification)))
        .service(web::resource("/api/email/send-many").route(web::post().to(requests::many)))
        .service(web::resource("/api/email/status/{id}").route(web::get().to(status::status)));
}

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote email", description = "Sends mail and knows what became of it. Only services reach it."),
    paths(requests::voting_invitation, requests::results_notification, requests::many, status::status),
    modifiers(&Callers, &Refusals)
)]
pub struct ApiDoc;
