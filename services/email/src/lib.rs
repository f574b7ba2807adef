//! Mail: asked for by services, kept until the mail server has taken it or refused it for good.
//!
//! ```text
//! requests ─▶ queue ─▶ sender ─▶ letter (templates) ─▶ smtp
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod forgetting;
mod letter;
mod pace;
mod queue;
mod requests;
mod routes;
mod schema;
mod sender;
mod settings;
mod smtp;
mod status;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::ServerHandle;
use actix_web::rt;
use actix_web::web;
use crypto::envelope::Kek;
use database::{Address, Database};
use identity::ServiceKeys;
use launch::{Running, Service};
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;
use utoipa::OpenApi as _;

use crate::letter::Letters;
use crate::pace::Pace;
use crate::queue::Queue;
pub use crate::routes::ApiDoc;
use crate::sender::Sender;
pub use crate::settings::{Settings, SmtpTls};
use crate::smtp::Smtp;

/// A hundred mails of 5 kB: a title of 255 characters, a name and a few links are less.
const JSON_LIMIT: usize = 512 * 1024;

/// The service, listening and sending.
pub struct Started {
    /// Where it listens.
    pub addr: SocketAddr,
    running: Running,
    sender: rt::task::JoinHandle<()>,
    stop: Arc<Notify>,
}

impl Started {
    /// Waits until the server ends, then until the conversations under way have ended: a mail that the server took but we did
    /// not note is sent again.
    pub async fn wait(self) -> std::io::Result<()> {
        let ended = self.running.wait().await;
        self.stop.notify_one();
        if self.sender.await.is_err() {
            tracing::error!("the sender had ended before");
        }
        ended
    }

    /// What stops it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.running.handle()
    }
}

/// Starts the service. Settings that cannot be used are an error; a database or mail server that does not answer yet is
/// not. To be called on actix's runtime.
pub fn start(settings: Settings) -> Result<Started, Box<dyn Error>> {
    let password = launch::secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, settings.database_pool_size)?;
    let keys = web::Data::new(ServiceKeys::from_dir(&settings.service_keys_dir, "email")?);
    let store_key = Kek::from_hex(launch::key_32(&settings.store_key_file)?.expose_secret())?;
    let (smtp, letters) = (Smtp::new(&settings)?, Letters::new(&settings.from)?);
    let wake = Arc::new(Notify::new());
    let queue = Queue::new(database.clone(), store_key, wake.clone());
    let state = web::Data::new(queue.clone());
    let service = Service {
        name: "email",
        public_prefix: "email",
        listen_addr: settings.listen_addr,
        json_limit: JSON_LIMIT,
        openapi: ApiDoc::openapi(),
        // Not the mail server: mail is taken while it is away, and waits.
        ready: Arc::new(move || {
            let database = database.clone();
            Box::pin(async move { database.ready().await.map_err(|cause| cause.to_string()) })
        }),
    };
    let running = service.start(move |app| {
        app.app_data(keys.clone()).app_data(state.clone());
        routes::routes(app);
    })?;
    let stop = Arc::new(Notify::new());
    let pace = Pace::new(settings.mails_per_second, Instant::now());
    rt::spawn(forgetting::run(queue.clone()));
    let sender = Sender::new(queue, smtp, letters, settings.connections.clamp(1, 64), pace);
    let sender = rt::spawn(sender.run(wake, stop.clone()));
    Ok(Started { addr: running.addr, running, sender, stop })
}
