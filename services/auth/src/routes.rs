//! The table of routes.

use actix_web::web::{self, ServiceConfig, delete, get, post};
use identity::Callers;
use problem::{Limited, Refusals};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::{account, assertion, invitations, login, register, session};

/// What this service answers to.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/api/auth/register").route(post().to(register::register)))
        .service(web::resource("/api/auth/login").route(post().to(login::login)))
        .service(web::resource("/api/auth/logout").route(post().to(session::logout)))
        .service(web::resource("/api/auth/verify").route(get().to(session::verify)))
        .service(web::resource("/api/auth/send-verification").route(post().to(account::send_verification)))
        .service(web::resource("/api/auth/verify-address").route(post().to(account::verify_address)))
        .service(web::resource("/api/auth/request-unlock").route(post().to(account::request_unlock)))
        .service(web::resource("/api/auth/unlock").route(post().to(account::unlock)))
        .service(web::resource("/api/auth/change-password").route(post().to(account::change_password)))
        .service(web::resource("/api/auth/request-password-reset").route(post().to(account::request_password_reset)))
        .service(web::resource("/api/auth/reset-password").route(post().to(account::reset_password)))
        .service(web::resource("/api/auth/invitations").route(post().to(invitations::invite)).route(get().to(invitations::list)))
        .service(web::resource("/api/auth/invitations/{id}").route(delete().to(invitations::revoke)))
        // Asked by the gateway only, which refuses this path from outside; so it is not in the document.
        .service(web::resource("/internal/assert").route(get().to(assertion::assert)));
}

/// What the gateway limits: whatever takes a password or a code, or sends a mail.
const LIMITED: Limited = Limited(&[
    "/api/auth/register",
    "/api/auth/login",
    "/api/auth/unlock",
    "/api/auth/request-unlock",
    "/api/auth/change-password",
    "/api/auth/reset-password",
    "/api/auth/request-password-reset",
    "/api/auth/send-verification",
    "/api/auth/verify-address",
]);

#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote auth", description = "Accounts of organisers: register, log in, log out, and what to do when a password or an account is lost."),
    paths(
        register::register, login::login, session::logout, session::verify, account::send_verification, account::verify_address,
        account::request_unlock, account::unlock, account::change_password, account::request_password_reset,
        account::reset_password, invitations::invite, invitations::list, invitations::revoke
    ),
    modifiers(&Callers, &Refusals, &LIMITED)
)]
struct Api;

/// The OpenAPI document of this service.
#[must_use]
pub fn document() -> Document {
    Api::openapi()
}
