//! Owns elections: their settings, their life, their keys and their closing.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod activation;
mod amendments;
mod archive;
mod check;
pub mod closing;
mod copying;
mod decryption;
mod drafts;
mod elections;
mod halted;
mod lease;
mod manifest;
mod notices;
mod postponed;
mod publish;
mod resuming;
pub mod routes;
mod schedule;
mod schema;
mod settings;
mod tally;
mod turnout;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use crypto::envelope::Kek;
use crypto::receipt::ReceiptKey;
use database::{ElectionLimits, ReadOnly};
use domain::amendment::Reason;
use launch::{Context, Mode, Routes, SlowWork, StartError, key_32, secret};
use messages::Zone;
use outbox::Outbox;
pub use resuming::NotResumed;
use secrecy::ExposeSecret as _;
pub use settings::Settings;
use tokio::sync::Notify;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::closing::Closing;

/// Key pairs that may be waited for: an activation needs two, and each takes up to a few seconds.
const WAITING_KEYS: usize = 16;
/// How long a step of the closing waits for a lock. Then it is tried again later, and another election has the turn.
const STEP_PATIENCE: Duration = Duration::from_secs(1);

/// What the handlers share.
pub(crate) struct State {
    pub(crate) database: ReadOnly,
    pub(crate) outbox: Outbox,
    pub(crate) election_limits: ElectionLimits,
    pub(crate) mode: Mode,
    pub(crate) slow: SlowWork,
    pub(crate) kek_seal: Arc<Kek>,
    pub(crate) kek_stamp: Arc<Kek>,
    pub(crate) grace_seconds: i32,
    pub(crate) default_timezone: Zone,
    pub(crate) closing_wanted: Arc<Notify>,
}

/// The election service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "election";
    const ABOUT: &'static str = "Elections, their life and their closing";
    const PUBLIC_PREFIX: &'static str = "elections";
    const JSON_LIMIT: usize = 1024 * 1024;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        routes::Document::openapi()
    }

    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let database = context.database(&settings.database)?.with_lock_retry();
        let outbox = context.outbox(database, &settings.outbox)?;
        let database = outbox.database().clone();
        let closing = closing(&settings)?;
        let state = web::Data::new(State {
            database,
            outbox,
            election_limits: ElectionLimits::default(),
            mode: settings.common.mode,
            slow: SlowWork::new(WAITING_KEYS),
            kek_seal: closing.kek_seal(),
            kek_stamp: Arc::new(Kek::from_hex(key_32(&settings.kek_stamp_file)?.expose_secret())?),
            grace_seconds: settings.grace_seconds,
            default_timezone: settings.default_timezone,
            closing_wanted: closing.wanted(),
        });
        if settings.closes {
            context.worker("closing", |stop| closing.run(stop));
        }
        let verifier = context.verifier(&settings.assertion_public_key_file)?;
        let services = context.service_keys(&settings.service_keys_dir)?;
        Ok(move |config: &mut web::ServiceConfig| {
            config.app_data(state.clone()).app_data(verifier.clone()).app_data(services.clone());
            routes::routes(config);
        })
    }
}

/// Lets a halted election take ballots again, and announces it to every voter with this reason.
///
/// # Errors
/// A text that is no reason, an election that is not halted ([`NotResumed`]), a setting or a database that cannot be used.
pub async fn resume_election(settings: &Settings, election_id: i64, reason: &str) -> Result<(), StartError> {
    let reason = Reason::parse(reason).map_err(|why| format!("the reason {why}"))?;
    let outbox = settings.outbox.open(settings.database.for_a_command(settings.common.mode)?)?;
    resuming::resume(&outbox, election_id, &reason).await
}

/// What closes elections, with the keys and the database of these settings; nothing runs yet. Its connections are its own: however
/// many calls of the API wait, elections open, close and are counted in time.
///
/// # Errors
/// A setting or a key file that cannot be used.
pub fn closing(settings: &Settings) -> Result<Closing, StartError> {
    let database = settings.database.pool_with(settings.common.mode, settings.closing_pool_size, STEP_PATIENCE)?;
    let outbox = settings.outbox.open(database)?;
    let kek_seal = Kek::from_hex(key_32(&settings.kek_seal_file)?.expose_secret())?;
    let receipt = ReceiptKey::from_pkcs8_pem(secret(&settings.receipt_key_file, settings.common.mode)?.expose_secret())
        .map_err(|cause| format!("{}: {cause}", settings.receipt_key_file.display()))?;
    Ok(Closing::new(outbox, kek_seal, receipt, settings))
}
