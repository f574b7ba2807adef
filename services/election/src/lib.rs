//! Owns elections: their settings, their life, their keys and their closing.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod activation;
mod amendments;
mod archive;
pub mod closing;
mod decryption;
mod drafts;
mod elections;
mod halted;
mod lease;
mod manifest;
mod notices;
mod publish;
mod resuming;
pub mod routes;
mod schedule;
mod schema;
mod settings;
mod tally;
mod turnout;

use std::sync::Arc;

use actix_web::web;
use crypto::envelope::Kek;
use crypto::receipt::ReceiptKey;
use database::{Address, Database, ReadOnly};
use domain::amendment::Reason;
use identity::{AssertionVerifier, ServiceKey};
use launch::{Running, Service, SlowWork, key_32, secret};
use outbox::{Outbox, Relay};
pub use resuming::NotResumed;
use secrecy::ExposeSecret as _;
pub use settings::Settings;
use tokio::sync::Notify;
use utoipa::OpenApi as _;

use crate::closing::Closing;

/// Key pairs that may be waited for: an activation needs two, and each takes up to a few seconds.
const WAITING_KEYS: usize = 16;

/// What the handlers share.
pub(crate) struct State {
    pub(crate) database: ReadOnly,
    pub(crate) outbox: Outbox,
    pub(crate) slow: SlowWork,
    pub(crate) kek_seal: Arc<Kek>,
    pub(crate) kek_stamp: Arc<Kek>,
    pub(crate) grace_seconds: i32,
    pub(crate) closing_wanted: Arc<Notify>,
}

/// Starts the service: the HTTP server, the outbox relay, and the worker that closes elections.
///
/// # Errors
/// A setting or a key file that cannot be used, or an address that is taken.
#[allow(clippy::unused_async, reason = "every service starts in the same form, inside the runtime that its tasks need")]
pub async fn start(settings: Settings) -> Result<Running, Box<dyn std::error::Error>> {
    let closing = closing(&settings)?;
    let running = serve(&settings, &closing)?;
    actix_web::rt::spawn(closing.run());
    Ok(running)
}

/// The HTTP server and the outbox relay, without the worker: what is closed waits until `closing` is run or stepped.
///
/// # Errors
/// A setting or a key file that cannot be used, or an address that is taken.
pub fn serve(settings: &Settings, closing: &Closing) -> Result<Running, Box<dyn std::error::Error>> {
    let outbox = closing.outbox().clone();
    let database = outbox.database().clone();
    let verifier = AssertionVerifier::from_file(&settings.assertion_public_key_file, "election")?;
    let service_key = ServiceKey::from_file("election", &settings.service_key_file)?;
    let kek_stamp = Kek::from_hex(key_32(&settings.kek_stamp_file)?.expose_secret())?;

    let state = web::Data::new(State {
        database: database.clone(),
        outbox: outbox.clone(),
        slow: SlowWork::new(WAITING_KEYS),
        kek_seal: closing.kek_seal(),
        kek_stamp: Arc::new(kek_stamp),
        grace_seconds: settings.grace_seconds,
        closing_wanted: closing.wanted(),
    });
    let verifier = web::Data::new(verifier);
    let service = Service {
        name: "election",
        public_prefix: "elections",
        listen_addr: settings.listen_addr,
        json_limit: 1024 * 1024,
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

/// Lets a halted election take ballots again, and announces it to every voter with this reason.
///
/// # Errors
/// A text that is no reason, an election that is not halted ([`NotResumed`]), a setting or a database that cannot be used.
pub async fn resume_election(settings: &Settings, election_id: i64, reason: &str) -> Result<(), Box<dyn std::error::Error>> {
    let reason = Reason::parse(reason).map_err(|why| format!("the reason {why}"))?;
    let password = secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, 1)?;
    resuming::resume(&Outbox::open(database, &settings.outbox_key_file)?, election_id, &reason).await
}

/// What closes elections, with the keys and the database of these settings; nothing runs yet.
///
/// # Errors
/// A setting or a key file that cannot be used.
pub fn closing(settings: &Settings) -> Result<Closing, Box<dyn std::error::Error>> {
    let password = secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, settings.database_pool_size)?;
    let outbox = Outbox::open(database, &settings.outbox_key_file)?;
    let kek_seal = Kek::from_hex(key_32(&settings.kek_seal_file)?.expose_secret())?;
    let receipt = ReceiptKey::from_pkcs8_pem(secret(&settings.receipt_key_file, settings.mode)?.expose_secret())
        .map_err(|cause| format!("{}: {cause}", settings.receipt_key_file.display()))?;
    Ok(Closing::new(outbox, kek_seal, receipt, settings.grace_seconds))
}
