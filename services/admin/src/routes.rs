//! Every route of the service, and its OpenAPI document.

use actix_web::web::{ServiceConfig, delete, get, post, put, resource};
use identity::Callers;
use problem::Refusals;
use utoipa::OpenApi;

use crate::{candidates, corrections, import, links, previews, resend, results_mail, retention, sent, subjects, voters};

/// The table. One resource per path, so that a wrong method is 405 and not 404.
pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(resource("/api/admin/candidates").route(get().to(candidates::list)).route(post().to(candidates::add)))
        .service(
            resource("/api/admin/candidates/{id}").route(put().to(candidates::change)).route(delete().to(candidates::remove)),
        )
        .service(resource("/api/admin/voters").route(get().to(voters::list)).route(post().to(voters::add)))
        .service(resource("/api/admin/voters/bulk").route(post().to(import::import)))
        .service(resource("/api/admin/voters/{id}").route(put().to(corrections::correct)).route(delete().to(voters::remove)))
        .service(resource("/api/admin/voters/{id}/resend-token").route(post().to(resend::resend)))
        .service(resource("/api/admin/elections/{id}/voter-imports").route(post().to(previews::upload)))
        .service(
            resource("/api/admin/elections/{id}/voter-imports/{import_id}")
                .route(get().to(previews::show))
                .route(delete().to(previews::discard)),
        )
        .service(resource("/api/admin/elections/{id}/voter-imports/{import_id}/lines").route(get().to(previews::lines)))
        .service(resource("/api/admin/elections/{id}/voter-imports/{import_id}/rejected.csv").route(get().to(previews::rejected)))
        .service(resource("/api/admin/elections/{id}/voter-imports/{import_id}/confirm").route(post().to(previews::confirm)))
        .service(resource("/api/admin/elections/{id}/mails").route(get().to(sent::show)))
        .service(resource("/api/admin/elections/{id}/retention").route(get().to(retention::show)))
        .service(resource("/api/admin/elections/{id}/audit-subjects").route(get().to(subjects::list)))
        .service(resource("/api/admin/elections/{id}/send-voting-links").route(post().to(links::send)))
        .service(resource("/api/admin/elections/{id}/send-results-links").route(post().to(results_mail::send)));
}

/// The document of all operations. None is public.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote admin", description = "The roll, the candidates and the voting links"),
    paths(
        candidates::list, candidates::add, candidates::change, candidates::remove,
        voters::list, voters::add, voters::remove, corrections::correct, import::import,
        previews::upload, previews::show, previews::lines, previews::rejected, previews::confirm, previews::discard,
        links::send, sent::show, resend::resend, results_mail::send, retention::show, subjects::list,
    ),
    modifiers(&Callers, &Refusals),
)]
pub(crate) struct ApiDoc;

/// The document, for the snapshot in the repository.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    ApiDoc::openapi()
}
