//! Counts what was opened, and says whether what is stored is what was voted. Reads; writes nothing but its outbox.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod integrity;
mod results;
pub mod routes;
mod schema;
mod settings;
mod stored;
mod tally;

use std::sync::Arc;

use actix_web::web;
use crypto::receipt::ReceiptPublicKey;
use database::{Address, Database};
use identity::{AssertionVerifier, ServiceKey};
use launch::{Running, Service, SlowWork, secret};
use outbox::{Outbox, Relay};
pub use settings::Settings;
use utoipa::OpenApi as _;

/// Requests for a result that may wait for a core: checking a box of 10,000 takes half a second.
const WAITING_COUNTS: usize = 64;

/// What the handlers share.
pub(crate) struct State {
    pub(crate) database: Database,
    pub(crate) outbox: Outbox,
    pub(crate) slow: SlowWork,
    pub(crate) receipt: Arc<ReceiptPublicKey>,
}

/// Starts the service: the HTTP server and the outbox relay.
///
/// # Errors
/// A setting or a key file that cannot be used, or an address that is taken.
#[allow(clippy::unused_async, reason = "every service starts in the same form, inside the runtime that its tasks need")]
pub async fn start(settings: Settings) -> Result<Running, Box<dyn std::error::Error>> {
    let password = secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, settings.database_pool_size)?;
    let outbox = Outbox::open(database.clone(), &settings.outbox_key_file)?;
    let verifier = web::Data::new(AssertionVerifier::from_file(&settings.assertion_public_key_file, "results")?);
    let service_key = ServiceKey::from_file("results", &settings.service_key_file)?;
    let path = settings.receipt_public_key_file.display();
    let pem = std::fs::read_to_string(&settings.receipt_public_key_file).map_err(|cause| format!("{path}: {cause}"))?;
    let receipt = ReceiptPublicKey::from_spki_pem(&pem).map_err(|cause| format!("{path}: {cause}"))?;

    let state = web::Data::new(State {
        database: database.clone(),
        outbox: outbox.clone(),
        slow: SlowWork::new(WAITING_COUNTS),
        receipt: Arc::new(receipt),
    });
    let service = Service {
        name: "results",
        public_prefix: "results",
        listen_addr: settings.listen_addr,
        json_limit: 64 * 1024,
        openapi: routes::Document::openapi(),
        ready: Arc::new(move || {
            let database = database.clone();
            Box::pin(async move { database.ready().await.map_err(|error| error.to_string()) })
        }),
    };
    let running = service.start(move |config| {
        config.app_data(state.clone()).app_data(verifier.clone());
        routes::routes(config);
    })?;
    actix_web::rt::spawn(Relay::new(outbox, service_key, &settings.internal_url).run());
    Ok(running)
}
