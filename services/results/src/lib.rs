//! Counts what was decrypted, and says whether what is stored is what was voted. Writes what it shows and its outbox.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod integrity;
mod job;
mod kept;
mod recount;
mod results;
pub mod routes;
mod schema;
mod settings;
mod stored;
mod tally;
mod views;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web;
use crypto::mac::MacKey;
use crypto::receipt::ReceiptPublicKey;
use database::{Address, Database, ReadOnly};
use identity::{AssertionVerifier, ServiceKey};
use launch::{Remarks, Running, Service, SlowWork, key_32, secret};
use outbox::{Outbox, Relay};
use secrecy::ExposeSecret as _;
pub use settings::Settings;
use utoipa::OpenApi as _;

use crate::job::{Job, Pace, Wanted};
use crate::kept::Unkept;

/// What the handlers share.
pub(crate) struct State {
    pub(crate) database: ReadOnly,
    pub(crate) outbox: Outbox,
    pub(crate) kept_key: Arc<MacKey>,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) unkept: Arc<Unkept>,
    pub(crate) pace: Pace,
}

/// Starts the service: the HTTP server, the job that counts, and the outbox relay.
///
/// # Errors
/// A setting or a key file that cannot be used, or an address that is taken.
#[allow(clippy::unused_async, reason = "every service starts in the same form, inside the runtime that its tasks need")]
pub async fn start(settings: Settings) -> Result<Running, Box<dyn std::error::Error>> {
    let password = secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, settings.database_pool_size)?;
    let outbox = Outbox::open(database, &settings.outbox_key_file)?;
    let database = outbox.database().clone();
    let verifier = web::Data::new(AssertionVerifier::from_file(&settings.assertion_public_key_file, "results")?);
    let service_key = ServiceKey::from_file("results", &settings.service_key_file)?;
    let path = settings.receipt_public_key_file.display();
    let pem = std::fs::read_to_string(&settings.receipt_public_key_file).map_err(|cause| format!("{path}: {cause}"))?;
    let receipt = ReceiptPublicKey::from_spki_pem(&pem).map_err(|cause| format!("{path}: {cause}"))?;

    let kept_key = key_32(&settings.kept_key_file)?;
    let kept_key = Arc::new(MacKey::from_hex(kept_key.expose_secret())?);

    let (wanted, unkept) = (Arc::new(Wanted::default()), Arc::new(Unkept::default()));
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
    let remarks: Remarks = Arc::new({
        let (database, unkept) = (database.clone(), unkept.clone());
        move || {
            let (database, unkept) = (database.clone(), unkept.clone());
            Box::pin(async move {
                let troubles = job::troubles(&database, &unkept, pace).await;
                let troubles = (!troubles.is_empty()).then_some(troubles);
                troubles.map(|troubles| ("troubles".to_owned(), troubles.into())).into_iter().collect()
            })
        }
    });
    let state = State { database: database.clone(), outbox: outbox.clone(), kept_key, wanted, unkept, pace };
    let state = web::Data::new(state);
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
    let routes = move |config: &mut web::ServiceConfig| {
        config.app_data(state.clone()).app_data(verifier.clone());
        routes::routes(config);
    };
    let running = service.start_with_remarks(routes, remarks)?;
    actix_web::rt::spawn(job.run());
    actix_web::rt::spawn(Relay::new(outbox, service_key, &settings.internal_url).run());
    Ok(running)
}
