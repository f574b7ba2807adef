//! From `main` to a listening service: settings, telemetry, health, metrics, workers, shutdown, and the pool for slow work.
//!
//! ```text
//! main ─▶ run::<S>() ─▶ settings ─▶ S::build(settings, context) ─▶ routes, workers ─▶ Running::wait
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod context;
mod etag;
mod http;
mod program;
pub mod schema;
mod settings;
mod slow;
mod span;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::ServiceConfig;
pub use context::Context;
pub use etag::or_not_modified;
pub use program::{exit, main, run, version};
use serde::de::DeserializeOwned;
pub use settings::{
    Common, DatabaseSettings, Mode, NothingElse, OutboxSettings, PublicUrl, SettingsRefused, from_text, key_32, secret, settings,
    settings_from,
};
pub use slow::{Overloaded, SlowWork};
pub use span::telemetry;
use utoipa::openapi::OpenApi;
use workers::Workers;
pub use workers::{Backoff, Panicked, Stopper, repeat};

/// How long workers may take to end after the server has ended.
const PATIENCE: Duration = Duration::from_secs(25);

/// Why a service does not start.
pub type StartError = Box<dyn std::error::Error>;

/// One of the eight services: what is different between them.
pub trait Service: 'static {
    /// Its name, as in the architecture: `auth`, `election`, ...
    const NAME: &'static str;
    /// What it does, in one line.
    const ABOUT: &'static str;
    /// Its part of the public paths: `auth`, `elections`, ...
    const PUBLIC_PREFIX: &'static str;
    /// The largest JSON body it reads, in bytes.
    const JSON_LIMIT: usize;
    /// Its settings.
    type Settings: DeserializeOwned + AsRef<Common> + 'static;

    /// Its OpenAPI document.
    fn openapi() -> OpenApi;

    /// Makes what the handlers share and starts the workers; the answer adds routes. It runs once per thread, so what is shared is
    /// made before it and cloned. A setting or a file that cannot be used is an error; a database that does not answer is none.
    fn build(settings: Self::Settings, context: &mut Context) -> impl Future<Output = Result<impl Routes, StartError>>;
}

/// What adds the routes of a service.
pub trait Routes: Fn(&mut ServiceConfig) + Clone + Send + 'static {}

impl<R: Fn(&mut ServiceConfig) + Clone + Send + 'static> Routes for R {}

/// A service that listens.
pub struct Running {
    /// Where.
    pub addr: SocketAddr,
    server: Server,
    workers: Workers,
}

/// A service did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum BadEnd {
    /// The server.
    #[error("the server: {0}")]
    Server(#[from] std::io::Error),
    /// A worker panicked.
    #[error(transparent)]
    Worker(#[from] Panicked),
}

/// Builds the service and listens. To be called on actix's runtime.
pub async fn start<S: Service>(settings: S::Settings) -> Result<Running, StartError> {
    // What speaks TLS without a provider of its own panics when the process has none. An error says that it has one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let common = settings.as_ref().clone();
    let mut context = Context::new(S::NAME, common.mode);
    let routes = S::build(settings, &mut context).await?;
    context.worker("metrics", http::keep_metrics_small);
    let Context { workers, needs, .. } = context;
    let (addr, server) = http::listen::<S>(common.listen_addr, routes, needs, workers.clone())?;
    Ok(Running { addr, server, workers })
}

impl Running {
    /// Waits until the server ends: SIGTERM lets requests under way finish, for up to 30 seconds. Then the workers are told to end
    /// and waited for, for up to 25 seconds. A worker that panics ends the service in the same way.
    pub async fn wait(self) -> Result<(), BadEnd> {
        let Self { mut server, workers, .. } = self;
        let panicked = tokio::select! {
            ended = &mut server => {
                ended?;
                None
            }
            panic = workers.panicked() => {
                let stopping = server.handle().stop(true);
                let (ended, ()) = tokio::join!(server, stopping);
                ended?;
                Some(panic)
            }
        };
        let late = workers.stop(PATIENCE).await;
        if !late.is_empty() {
            tracing::error!(workers = ?late, "did not end in time; what they were doing is done again after the next start");
        }
        panicked.map_or(Ok(()), |panic| Err(panic.into()))
    }

    /// What stops it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }
}
