//! Counts what was decrypted, and says whether what is stored is what was voted. Writes what it shows and its outbox.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod integrity;
mod job;
mod recount;
mod results;
pub mod routes;
mod schema;
mod settings;
mod stored;
mod stored_result;
mod tally;
mod views;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web;
use crypto::mac::MacKey;
use crypto::receipt::ReceiptPublicKey;
use database::ReadOnly;
use launch::{Context, Routes, SlowWork, StartError, key_32};
use outbox::Outbox;
use secrecy::ExposeSecret as _;
pub use settings::Settings;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use crate::job::{Job, Pace, Wanted};
use crate::stored_result::UnstoredResults;

/// What the handlers share.
pub(crate) struct State {
    pub(crate) database: ReadOnly,
    pub(crate) outbox: Outbox,
    pub(crate) kept_key: Arc<MacKey>,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) unkept: Arc<UnstoredResults>,
    pub(crate) pace: Pace,
}

/// The results service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "results";
    const ABOUT: &'static str = "Counts what was opened, and checks what is stored";
    const PUBLIC_PREFIX: &'static str = "results";
    const JSON_LIMIT: usize = 64 * 1024;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        routes::Document::openapi()
    }

    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let database = context.database(&settings.database)?;
        let outbox = context.outbox(database, &settings.outbox)?;
        let database = outbox.database().clone();
        let path = settings.receipt_public_key_file.display();
        let pem = std::fs::read_to_string(&settings.receipt_public_key_file).map_err(|cause| format!("{path}: {cause}"))?;
        let receipt = ReceiptPublicKey::from_spki_pem(&pem).map_err(|cause| format!("{path}: {cause}"))?;
        let kept_key = Arc::new(MacKey::from_hex(key_32(&settings.kept_key_file)?.expose_secret())?);
        let (wanted, unkept) = (Arc::new(Wanted::default()), Arc::new(UnstoredResults::default()));
        let pace = Pace {
            recheck_after: Duration::from_secs(settings.recheck_after_seconds.max(1)),
            ballots_per_second: settings.recheck_ballots_per_second,
        };
        let job = Job {
            database: database.clone(),
            key: kept_key.clone(),
            receipt: Arc::new(receipt),
            wanted: wanted.clone(),
            unkept: unkept.clone(),
            pace,
            slow: SlowWork::new(1),
            resting: Mutex::default(),
        };
        context.worker("counting", |stop| job.run(stop));
        let asked = (database.clone(), unkept.clone());
        context.ready_details(move || {
            let (database, unkept) = asked.clone();
            async move {
                let troubles = job::troubles(&database, &unkept, pace).await;
                let troubles = (!troubles.is_empty()).then_some(troubles);
                troubles.map(|troubles| ("troubles".to_owned(), troubles.into())).into_iter().collect()
            }
        });
        let state = web::Data::new(State { database, outbox, kept_key, wanted, unkept, pace });
        let verifier = context.verifier(&settings.assertion_public_key_file)?;
        let services = context.service_keys(&settings.service_keys_dir)?;
        Ok(move |config: &mut web::ServiceConfig| {
            config.app_data(state.clone()).app_data(verifier.clone()).app_data(services.clone());
            routes::routes(config);
        })
    }
}
