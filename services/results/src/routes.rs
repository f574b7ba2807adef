//! Every route of this service, and its OpenAPI document.

use actix_web::web::{ServiceConfig, get, head, resource};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::results;

/// The table of routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/api/results/{election_id}").route(get().to(results::show)).route(head().to(results::show)));
}

/// The OpenAPI document of this service.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote: results", description = "The count of a closed election, and whether what is stored is what was voted."),
    paths(results::show),
    modifiers(&Bearer)
)]
pub struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
