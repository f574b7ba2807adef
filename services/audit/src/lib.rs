//! The audit log: what was done and by whom, in one hash chain to which entries can only be appended.
//!
//! The receiving side of promise 10 of `ARCHITECTURE.md`: an event is sent at least once and stored once. [`chain`] has the layout
//! of the hash, [`sources`] which service may send which event, `signing.rs` how the end of the log is signed.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod chain;
mod entries;
mod heads;
mod log;
mod receiving;
mod routes;
mod schema;
mod set_aside;
mod settings;
mod signing;
pub mod sources;
mod state_file;
mod verify;
mod walk;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use database::Database;
use launch::{Context, Routes, SlowWork, StartError};
use secrecy::ExposeSecret as _;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::heads::Newest;
pub use crate::log::Accepted;
use crate::log::Log;
pub use crate::routes::ApiDoc;
pub use crate::settings::Settings;
use crate::signing::Signer;
use crate::verify::Verification;
use crate::walk::Pace;

/// A batch of 256 events, each with a title of the greatest length, fits; the relay sends 200.
const JSON_LIMIT: usize = 2 * 1024 * 1024;

/// Characters of the reason why a log is accepted.
const MOST_OF_A_REASON: usize = 500;

/// The audit service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "audit";
    const ABOUT: &'static str = "The audit log";
    const PUBLIC_PREFIX: &'static str = "audit";
    const JSON_LIMIT: usize = JSON_LIMIT;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        ApiDoc::openapi()
    }

    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let log = log_in(context.database(&settings.database)?, &settings)?;
        let (looking, walking) = (log.clone(), log.clone());
        context.worker("check the audit head", |stop| looking.check_head_repeatedly(stop));
        let pace = Pace {
            entries_per_second: settings.walk_entries_per_second,
            whole_every: Duration::from_secs(settings.walk_every_seconds),
            new_every: Duration::from_secs(settings.walk_new_entries_every_seconds),
        };
        context.worker("walk through the log", move |stop| walk::keep_walking(walking, pace, stop));
        let log = web::Data::new(log);
        let asked = log.clone();
        context.ready_details(move || {
            let log = asked.clone();
            async move {
                // The database is there, or `/ready` has said so already.
                let why = log.check_head().await.ok().and_then(|_| log.signer().trouble());
                let not_signed = why.map(|why| format!("the log is not signed: {why}"));
                let overdue = pace.overdue(log.signer().verified().as_ref());
                let troubles: Vec<String> = not_signed.into_iter().chain(overdue).collect();
                (!troubles.is_empty()).then(|| ("troubles".to_owned(), troubles.into())).into_iter().collect()
            }
        });
        let services = context.service_keys(&settings.service_keys_dir)?;
        let assertions = context.verifier(&settings.assertion_public_key_file)?;
        let newest = web::Data::new(Newest::default());
        let verification = web::Data::new(Verification::new(SlowWork::new(16)));
        Ok(move |app: &mut web::ServiceConfig| {
            app.app_data(services.clone())
                .app_data(assertions.clone())
                .app_data(log.clone())
                .app_data(newest.clone())
                .app_data(verification.clone());
            routes::routes(app);
        })
    }
}

/// Signs the log as it is, with an entry that says why. A log that is signed to its end is left alone.
///
/// # Errors
/// A setting, a key or a folder that cannot be used; a reason that is empty or too long; the database.
pub async fn accept_log(settings: &Settings, reason: &str) -> Result<Accepted, StartError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MOST_OF_A_REASON {
        return Err(format!("the reason must have 1 to {MOST_OF_A_REASON} characters").into());
    }
    log_in(settings.database.for_a_command(settings.common.mode)?, settings)?.accept(reason).await
}

/// The lines for the file of earlier keys that end this public key at the last head that this copy kept.
///
/// # Errors
/// A setting, a key or a file that cannot be used; a head that is not the newest of this key; the database.
pub async fn retire_key(settings: &Settings, public_key_file: &Path) -> Result<String, StartError> {
    let named = |cause: std::io::Error| format!("{}: {cause}", public_key_file.display());
    let public_pem = std::fs::read_to_string(public_key_file).map_err(named)?;
    let database = settings.database.for_a_command(settings.common.mode)?;
    signing::retire(&mut *database.connection().await?, &public_pem, &settings.state_dir).await
}

fn log_in(database: Database, settings: &Settings) -> Result<Log, StartError> {
    let head_key = launch::secret(&settings.head_key_file, settings.common.mode)?;
    let earlier_keys = match &settings.earlier_head_keys_file {
        Some(file) => std::fs::read_to_string(file).map_err(|cause| format!("{}: {cause}", file.display()))?,
        None => String::new(),
    };
    let signer = Arc::new(Signer::open(head_key.expose_secret(), &earlier_keys, &settings.state_dir)?);
    Ok(Log::new(database, signer))
}
