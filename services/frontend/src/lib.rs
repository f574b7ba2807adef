//! Pages rendered from the other services' APIs. It has no database and no keys: it can do nothing that its visitor could not
//! do without it, and it keeps nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod ballot_form;
mod contest_result;
mod docs;
mod home;
mod link_request;
mod openapi;
mod page;
mod problems;
mod recovery;
mod register;
mod results;
mod routes;
mod settings;
mod status;
mod style;
mod upstream;
mod vote;

use actix_web::web;
use launch::{Context, Mode, Routes, StartError};
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
    /// Whether a visitor may read why a service is not ready: its words may name machines.
    shows_reasons: bool,
    public_url: String,
    mail_url: Option<String>,
    services: status::Latest,
    docs: docs::Latest,
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
    async fn build(settings: Settings, _context: &mut Context) -> Result<impl Routes, StartError> {
        let frontend = web::Data::new(Frontend {
            upstream: Upstream::new(&settings.internal_url)?,
            renderer: Renderer::new()?,
            shows_reasons: settings.common.mode == Mode::Local,
            public_url: settings.public_url.to_string(),
            mail_url: settings.mail_url,
            services: status::Latest::default(),
            docs: docs::Latest::default(),
        });
        Ok(move |config: &mut web::ServiceConfig| {
            config.app_data(frontend.clone());
            routes::routes(config);
        })
    }
}
