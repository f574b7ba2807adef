//! The admin service: who stands, who may vote, and the links they vote with.
//!
//! Every call is made by an admin about an election of theirs; another's election does not exist for them. A change, its audit
//! event and its mails are one transaction.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod ballot_text;
mod candidates;
mod corrections;
mod election;
mod import;
mod late;
mod links;
mod mailing;
mod refusals;
mod resend;
mod results_mail;
mod retention;
mod roll_file;
mod routes;
mod schema;
mod sending;
mod settings;
mod staging;
mod subjects;
mod upload;
mod used_notices;
mod voters;

use std::path::Path;
use std::sync::Arc;

use actix_web::web::Data;
use crypto::audit_head::AuditHeadPublicKey;
use database::{Address, Database, ReadOnly};
use identity::{AssertionVerifier, ServiceKey};
use launch::{Mode, Running, Service, SlowWork};
use outbox::{Outbox, Relay, Unaudited};
pub use retention::Forgotten;
pub use routes::document;
pub use settings::Settings;
use tokio::sync::{Notify, Semaphore};
use utoipa::OpenApi as _;

/// Imports at a time: 20 MB in memory for each file and as much again for what was read of it, and half of the connections to
/// the database, so that a few large rolls do not keep everybody else out. The next ones wait a while for their turn.
const IMPORTS: usize = 4;
/// JSON bodies: a candidate's description of 10,000 characters is 40 kB at the most, and 240 kB when every character is escaped.
const JSON_LIMIT: usize = 256 * 1024;

/// What every handler may need.
#[derive(Clone)]
pub(crate) struct State {
    outbox: Outbox,
    /// What links in mails begin with; no slash at the end.
    public_url: Arc<str>,
    mode: Mode,
    slow: SlowWork,
    imports: Arc<Semaphore>,
    /// With these the audit service signs heads of its log.
    audit_head_key: Arc<AuditHeadPublicKey>,
    /// Links to many voters were asked for.
    sending_wanted: Arc<Notify>,
}

impl State {
    fn database(&self) -> &ReadOnly {
        self.outbox.database()
    }
}

/// Builds the service, starts its relay and listens.
///
/// # Errors
/// A setting, a key or a secret that cannot be used; a port that is taken.
#[allow(clippy::unused_async, reason = "every service starts by the same signature")]
pub async fn start(settings: Settings) -> Result<Running, Box<dyn std::error::Error>> {
    let outbox = outbox_of(&settings)?;
    let database = outbox.database().clone();
    let verifier = AssertionVerifier::from_file(&settings.assertion_public_key_file, "admin")?;
    let key = ServiceKey::from_file("admin", &settings.service_key_file)?;
    let audit_head_key = audit_head_key(&settings.audit_head_public_key_file)?;
    let public_url = settings.public_url.trim_end_matches('/');
    if !(public_url.starts_with("https://") || public_url.starts_with("http://")) {
        return Err("ADMIN_PUBLIC_URL must begin with https:// or http://".into());
    }
    actix_web::rt::spawn(Relay::new(outbox.clone(), key, &settings.internal_url).run());
    actix_web::rt::spawn(used_notices::run(outbox.clone()));
    actix_web::rt::spawn(staging::run(outbox.unaudited(Unaudited::Leftovers).clone()));
    actix_web::rt::spawn(retention::run(outbox.clone(), settings.retention_days));
    let imports = Arc::new(Semaphore::new(IMPORTS));
    let state = State {
        outbox,
        public_url: public_url.into(),
        mode: settings.mode,
        slow: SlowWork::new(IMPORTS),
        imports,
        audit_head_key,
        sending_wanted: Arc::new(Notify::new()),
    };
    actix_web::rt::spawn(sending::run(state.clone()));
    let service = Service {
        name: "admin",
        public_prefix: "admin",
        listen_addr: settings.listen_addr,
        json_limit: JSON_LIMIT,
        openapi: routes::ApiDoc::openapi(),
        ready: Arc::new(move || {
            let database = database.clone();
            Box::pin(async move { database.ready().await.map_err(|error| error.to_string()) })
        }),
    };
    let running = service.start(move |app| {
        app.app_data(Data::new(state.clone())).app_data(Data::new(verifier.clone())).configure(routes::routes);
    })?;
    Ok(running)
}

/// Forgets the people of elections that were archived at least `days` days ago, and says which those were.
///
/// # Errors
/// A setting or secret that cannot be used; the database. What was done until then stays done.
pub async fn forget(settings: &Settings, days: u16) -> Result<Vec<Forgotten>, Box<dyn std::error::Error>> {
    Ok(retention::all(&outbox_of(settings)?, days).await?)
}

/// The present key and no earlier one: what a key that was replaced signs now may be anybody's.
fn audit_head_key(file: &Path) -> Result<Arc<AuditHeadPublicKey>, Box<dyn std::error::Error>> {
    let named = |cause: &dyn std::fmt::Display| format!("{}: {cause}", file.display());
    let pem = std::fs::read_to_string(file).map_err(|cause| named(&cause))?;
    Ok(Arc::new(AuditHeadPublicKey::from_spki_pem(pem.trim()).map_err(|cause| named(&cause))?))
}

fn outbox_of(settings: &Settings) -> Result<Outbox, Box<dyn std::error::Error>> {
    let password = launch::secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, settings.database_pool_size)?;
    Ok(Outbox::open(database, &settings.outbox_key_file)?)
}
