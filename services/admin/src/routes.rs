//! Every route of the service, and its OpenAPI document.

use actix_web::web::{ServiceConfig, delete, get, head, post, put, resource};
use identity::Callers;
use problem::Refusals;
use utoipa::OpenApi;

use crate::{
    candidate_files, candidates, corrections, import, links, order, previews, resend, results_mail, retention, sent, subjects,
    test_mail, uploads, voters,
};

/// The table. One resource per path, so that a wrong method is 405 and not 404.
pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(resource("/api/admin/candidates").route(get().to(candidates::list)).route(post().to(candidates::add)))
        .service(
            resource("/api/admin/candidates/{id}").route(put().to(candidates::change)).route(delete().to(candidates::remove)),
        )
        .service(
            resource("/api/admin/candidates/{id}/photo")
                .route(put().to(candidate_files::put_photo))
                .route(delete().to(candidate_files::delete_photo)),
        )
        .service(
            resource("/api/admin/candidates/{id}/programme-file")
                .route(put().to(candidate_files::put_programme))
                .route(delete().to(candidate_files::delete_programme)),
        )
        .service(resource("/api/admin/elections/{id}/draw-order").route(post().to(order::draw)))
        .service(resource("/uploads/{name}").route(get().to(uploads::show)).route(head().to(uploads::show)))
        .service(resource("/api/admin/voters").route(get().to(voters::list)).route(post().to(voters::add)))
        .service(resource("/api/admin/voters/bulk").route(post().to(import::import)))
        .service(
            resource("/api/admin/voters/{id}")
                .route(get().to(voters::show))
                .route(put().to(corrections::correct))
                .route(delete().to(voters::remove)),
        )
        .service(resource("/api/admin/voters/{id}/resend-token").route(post().to(resend::resend)))
        .service(resource("/api/admin/elections/{id}/voters.csv").route(get().to(voters::download)))
        .service(resource("/api/admin/elections/{id}/mails").route(get().to(sent::show)))
        .service(resource("/api/admin/elections/{id}/mail-preview").route(get().to(test_mail::preview)))
        .service(resource("/api/admin/elections/{id}/test-mail").route(post().to(test_mail::send)))
        .service(
            resource("/api/admin/elections/{id}/voter-imports")
                .route(get().to(previews::waiting))
                .route(post().to(previews::upload)),
        )
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

/// The document of all operations. Only the files of candidates are public.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote admin", description = "The roll, the candidates and the voting links"),
    paths(
        candidates::list, candidates::add, candidates::change, candidates::remove,
        candidate_files::put_photo, candidate_files::delete_photo, candidate_files::put_programme, candidate_files::delete_programme,
        order::draw, uploads::show,
        voters::list, voters::add, voters::show, voters::remove, voters::download, corrections::correct, import::import,
        previews::upload, previews::waiting, previews::show, previews::lines, previews::rejected, previews::confirm, previews::discard,
        links::send, sent::show, test_mail::send, test_mail::preview, resend::resend, results_mail::send, retention::show, subjects::list,
    ),
    modifiers(&Callers, &Refusals),
)]
pub(crate) struct ApiDoc;

/// The document, for the snapshot in the repository.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    ApiDoc::openapi()
}
