//! Every route of the service, and its OpenAPI document. None of them is public.

use actix_web::web::{self, ServiceConfig};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::{requests, status};

pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(web::resource("/api/email/send-voting-invitation").route(web::post().to(requests::voting_invitation)))
        .service(web::resource("/api/email/send-results-notification").route(web::post().to(requests::results_notification)))
        .service(web::resource("/api/email/send-box-commitment").route(web::post().to(requests::box_commitment)))
        .service(web::resource("/api/email/send-already-recorded").route(web::post().to(requests::already_recorded)))
        .service(web::resource("/api/email/send-address-corrected").route(web::post().to(requests::address_corrected)))
        .service(web::resource("/api/email/send-used-notice").route(web::post().to(requests::used_notice)))
        .service(web::resource("/api/email/send-login-code").route(web::post().to(requests::login_code)))
        .service(web::resource("/api/email/send-admin-invitation").route(web::post().to(requests::admin_invitation)))
        .service(web::resource("/api/email/send-opening-notice").route(web::post().to(requests::opening_notice)))
        .service(web::resource("/api/email/send-action-needed").route(web::post().to(requests::action_needed)))
        .service(web::resource("/api/email/send-many").route(web::post().to(requests::many)))
        .service(web::resource("/api/email/status/{id}").route(web::get().to(status::status)));
}

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote email", description = "Sends mail and knows what became of it. Only services reach it."),
    paths(requests::voting_invitation, requests::results_notification, requests::box_commitment, requests::already_recorded,
        requests::address_corrected, requests::used_notice, requests::login_code, requests::admin_invitation, requests::opening_notice, requests::action_needed, requests::many, status::status),
    modifiers(&Callers)
)]
pub struct ApiDoc;

struct Callers;

impl Modify for Callers {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components
            .add_security_scheme("service", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(identity::SERVICE_HEADER))));
    }
}
