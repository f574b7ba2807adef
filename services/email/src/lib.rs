//! Mail: asked for by services, kept until the mail server has taken it or refused it for good.
//!
//! ```text
//! requests ─▶ queue ─▶ sender ─▶ rendering (templates) ─▶ smtp
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod expiry;
mod pace;
mod queue;
mod rendering;
mod requests;
mod routes;
mod schema;
mod sender;
mod settings;
mod smtp;
mod status;

use std::sync::Arc;

use actix_web::web;
use crypto::envelope::Kek;
use launch::{Context, Routes, StartError};
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::pace::Pace;
use crate::queue::Queue;
use crate::rendering::MailTemplates;
pub use crate::routes::ApiDoc;
use crate::sender::Sender;
pub use crate::settings::{Settings, SmtpTls};
use crate::smtp::Smtp;

/// A hundred mails of 5 kB: a title of 255 characters, a name and a few links are less.
const JSON_LIMIT: usize = 512 * 1024;

/// The email service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "email";
    const ABOUT: &'static str = "Mails, until the mail server has taken them or refused them for good";
    const PUBLIC_PREFIX: &'static str = "email";
    const JSON_LIMIT: usize = JSON_LIMIT;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        ApiDoc::openapi()
    }

    // The mail server is not a need: mail is taken while it is away, and waits.
    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let database = context.database(&settings.database)?;
        let keys = context.service_keys(&settings.service_keys_dir)?;
        let store_key = Kek::from_hex(launch::key_32(&settings.store_key_file)?.expose_secret())?;
        let (smtp, templates) = (Smtp::new(&settings)?, MailTemplates::new(&settings.from)?);
        let wake = Arc::new(Notify::new());
        let pace = Pace::new(database.clone(), settings.mails_per_second);
        let queue = Queue::new(database, store_key, wake.clone());
        let expiry = queue.clone();
        context.worker("expiry", |stop| expiry::run(expiry, stop));
        let sender = Sender::new(queue.clone(), smtp, templates, settings.connections.clamp(1, 64), pace);
        context.worker("sender", |stop| sender.run(wake, stop));
        let state = web::Data::new(queue);
        Ok(move |app: &mut web::ServiceConfig| {
            app.app_data(keys.clone()).app_data(state.clone());
            routes::routes(app);
        })
    }
}
