//! Pages rendered from the other services' APIs. It has no database, and it can do nothing that its visitor could not do without it: a
//! session is the visitor's own token, sealed into the visitor's own cookie.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod amendments;
mod assets;
mod ballot_form;
mod candidate_shown;
mod contest_result;
mod csv;
mod docs;
mod home;
mod link_request;
mod openapi;
mod organiser;
mod page;
mod problems;
mod results;
mod routes;
mod settings;
mod status;
mod texts;
mod upstream;
mod vote;

use actix_web::web;
use identity::ServiceKey;
use launch::{Context, Mode, Routes, StartError};
use organiser::{Live, SessionKeys, Uploads};
use page::Renderer;
pub use settings::Settings;
use upstream::Upstream;
use utoipa::OpenApi;

/// The pages are for people; what programs call is in the documents of the other services.
#[derive(OpenApi)]
#[openapi(info(title = "U-Vote frontend", description = "Pages for people. It has no API."))]
struct Api;

/// What the handlers share.
struct Frontend {
    upstream: Upstream,
    renderer: Renderer,
    sessions: SessionKeys,
    /// Files that are read at a time: each lies in memory until the admin service has it.
    uploads: Uploads,
    /// Whether a visitor may read why a service is not ready: its words may name machines.
    shows_reasons: bool,
    public_url: String,
    mail_url: Option<String>,
    services: status::Latest,
    docs: docs::Latest,
    live: Live,
}

/// The frontend service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "frontend";
    const ABOUT: &'static str = "Pages for people";
    const PUBLIC_PREFIX: &'static str = "frontend";
    const JSON_LIMIT: usize = 16 * 1024;
    type Settings = Settings;

    fn openapi() -> utoipa::openapi::OpenApi {
        Api::openapi()
    }

    // It needs nothing to answer: when a service is down its page says so.
    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let is_local = settings.common.mode == Mode::Local;
        let frontend = web::Data::new(Frontend {
            upstream: Upstream::new(&settings.internal_url, ServiceKey::from_file(Self::NAME, &settings.service_key_file)?)?,
            renderer: Renderer::new()?,
            sessions: SessionKeys::new(&launch::key_32(&settings.session_key_file)?)?,
            uploads: Uploads::new(),
            shows_reasons: is_local,
            public_url: settings.public_url.to_string(),
            mail_url: settings.mail_url,
            services: status::Latest::default(),
            docs: docs::Latest::default(),
            live: Live::default(),
        });
        let (watched, every) = (frontend.clone(), settings.watch_every);
        context.worker("turnout as it goes", |stop| organiser::run_live(watched, every, stop));
        Ok(move |config: &mut web::ServiceConfig| {
            config.app_data(frontend.clone());
            // Before the others, of which the last takes every path that is left.
            organiser::routes(config, is_local);
            routes::routes(config);
        })
    }
}
