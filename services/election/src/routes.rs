//! Every route of this service, and its OpenAPI document.

use actix_web::web::{ServiceConfig, delete, get, post, put, resource};
use identity::Callers;
use problem::Refusals;
use utoipa::OpenApi;

use crate::{activation, amendments, archive, check, closing, copying, drafts, elections, manifest, publish, schedule, tally};

/// The table of routes: one line for each path, so that another method answers 405.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/api/elections").route(post().to(drafts::create)).route(get().to(elections::list)))
        .service(
            resource("/api/elections/{id}")
                .route(get().to(elections::show))
                .route(put().to(drafts::change))
                .route(delete().to(drafts::remove)),
        )
        .service(resource("/api/elections/{id}/check").route(get().to(check::check)))
        .service(resource("/api/elections/{id}/activate").route(post().to(activation::activate)))
        .service(resource("/api/elections/{id}/copy").route(post().to(copying::copy)))
        .service(resource("/api/elections/{id}/open").route(post().to(schedule::open_now)))
        .service(
            resource("/api/elections/{id}/amendments").route(post().to(amendments::announce)).route(get().to(amendments::list)),
        )
        .service(resource("/api/elections/{id}/close").route(post().to(closing::close)))
        .service(resource("/api/elections/{id}/publish-results").route(post().to(publish::publish)))
        .service(resource("/api/elections/{id}/archive").route(post().to(archive::archive)))
        .service(resource("/api/elections/{id}/tally").route(get().to(tally::show)))
        .service(resource("/api/elections/{id}/manifest").route(get().to(manifest::show)));
}

/// The OpenAPI document of this service.
#[derive(OpenApi)]
#[openapi(
    info(title = "U-Vote: elections", description = "The life of an election: draft, scheduled, active, closed, archived."),
    paths(
        drafts::create,
        elections::list,
        elections::show,
        drafts::change,
        drafts::remove,
        check::check,
        copying::copy,
        activation::activate,
        schedule::open_now,
        amendments::announce,
        amendments::list,
        closing::close,
        publish::publish,
        archive::archive,
        tally::show,
        manifest::show
    ),
    modifiers(&Callers, &Refusals)
)]
pub struct Document;
