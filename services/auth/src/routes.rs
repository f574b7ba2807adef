//! The table of routes.

use actix_web::web::{self, ServiceConfig, get, post};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{assertion, login, register, session};

/// What this service answers to.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/auth/register").route(post().to(register::register)))
        .service(web::resource("/api/auth/login").route(post().to(login::login)))
        .service(web::resource("/api/auth/logout").route(post().to(session::logout)))
        .service(web::resource("/api/auth/verify").route(get().to(session::verify)))
        // Asked by the gateway only, which refuses this path from outside; so it is not in the document.
        .service(web::resource("/internal/assert").route(get().to(assertion::assert)));
}

#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote auth", description = "Accounts of organisers: register, log in, log out."),
    paths(register::register, login::login, session::logout, session::verify),
    modifiers(&Bearer)
)]
struct Api;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build());
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}
