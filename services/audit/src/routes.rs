//! Every route of the service, and its OpenAPI document.

use actix_web::web::{self, ServiceConfig};
use identity::Callers;
use problem::Refusals;
use utoipa::OpenApi;

use crate::{entries, heads, receiving, set_aside, verify};

pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(web::resource("/api/audit").route(web::get().to(entries::list)))
        .service(web::resource("/api/audit/verify").route(web::get().to(verify::verify)))
        .service(web::resource("/api/audit/head").route(web::get().to(heads::head)))
        .service(web::resource("/api/audit/set-aside").route(web::get().to(set_aside::list)))
        .service(web::resource("/api/audit/events").route(web::post().to(receiving::receive)));
}

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote audit", description = "The append-only, hash-chained log of what was changed."),
    paths(entries::list, verify::verify, heads::head, set_aside::list, receiving::receive),
    modifiers(&Callers, &Refusals)
)]
pub struct ApiDoc;
