//! Every route of this service, and its OpenAPI document.

use actix_web::web::{ServiceConfig, get, head, resource};
use identity::Callers;
use problem::{Limited, Refusals};
use utoipa::OpenApi;

use crate::results;

/// The table of routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/api/results/{election_id}").route(get().to(results::show)).route(head().to(results::show)));
}

/// What the gateway limits: all of it.
const LIMITED: Limited = Limited(&["/api/results"]);

/// The OpenAPI document of this service.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote: results", description = "The count of a closed election, and whether what is stored is what was voted."),
    paths(results::show),
    modifiers(&Callers, &Refusals, &LIMITED)
)]
pub struct Document;
