//! The admin service: who stands, who may vote, and the links they vote with.
//!
//! Every call is made by an admin about an election of theirs; another's election does not exist for them. A change, its audit
//! event and its mails are one transaction.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod ballot_text;
mod candidate_files;
mod candidates;
mod corrections;
mod election;
mod import;
mod late;
mod links;
mod mailing;
mod order;
mod picture;
mod previews;
mod refusals;
mod resend;
mod results_mail;
mod retention;
mod roll_file;
mod routes;
mod schema;
mod sending;
mod sent;
mod settings;
mod staging;
mod subjects;
mod test_mail;
mod upload;
mod uploads;
mod used_notices;
mod voters;
mod workbook;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use crypto::audit_head::AuditHeadPublicKey;
use database::{ElectionLimits, ReadOnly};
use launch::{Context, Mode, Routes, SlowWork, StartError};
use outbox::{Outbox, Unaudited};
pub use retention::Anonymised;
pub use routes::document;
pub use settings::Settings;
use tokio::sync::{Notify, Semaphore};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// Imports at a time: 20 MB in memory for each file and as much again for what was read of it, and half of the connections to
/// the database, so that a few large rolls do not keep everybody else out. The next ones wait a while for their turn.
const IMPORTS: usize = 4;
/// How long a statement waits for a lock. While a close rewrites a roll, nobody can read that roll.
const PATIENCE: Duration = Duration::from_secs(1);
/// Files of candidates at a time: 5 MB each, and while a photo is read 250 MB more for one of them.
const CANDIDATE_FILES: usize = 4;
/// JSON bodies: a candidate's three texts of 10,000 characters are 120 kB at the most, and 720 kB when every character is escaped.
const JSON_LIMIT: usize = 768 * 1024;

/// What every handler may need.
#[derive(Clone)]
pub(crate) struct State {
    outbox: Outbox,
    /// What links in mails begin with; no slash at the end.
    public_url: Arc<str>,
    mode: Mode,
    /// How many days after its archiving the voters of an election are anonymised.
    retention_days: u16,
    slow: SlowWork,
    /// Spreadsheets are read one at a time: the largest take 200 MB while they are read.
    spreadsheets: SlowWork,
    imports: Arc<Semaphore>,
    /// Photos are read one at a time, for the same reason.
    pictures: SlowWork,
    candidate_files: Arc<Semaphore>,
    /// Wakes the worker that deletes files which no candidate names any more.
    unused_files: Arc<Notify>,
    /// The public key that verifies the audit service's signatures of heads of its log.
    audit_head_key: Arc<AuditHeadPublicKey>,
    /// Limits how many calls about one election hold a database connection at the same time.
    election_limits: ElectionLimits,
    /// The same limit for each organiser, while the election of a voter is looked up.
    lookup_limits: ElectionLimits,
    /// Wakes the worker that sends links to many voters.
    sending_wanted: Arc<Notify>,
}

impl State {
    fn database(&self) -> &ReadOnly {
        self.outbox.database()
    }
}

/// The admin service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "admin";
    const ABOUT: &'static str = "The roll, the candidates and the voting links";
    const PUBLIC_PREFIX: &'static str = "admin";
    const JSON_LIMIT: usize = JSON_LIMIT;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        routes::ApiDoc::openapi()
    }

    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let database = context.database_with(&settings.database, PATIENCE)?.with_lock_retry();
        let outbox = context.outbox(database, &settings.outbox)?;
        let staged = outbox.unaudited(Unaudited::Cleanup).clone();
        let files = staged.clone();
        let state = State {
            outbox: outbox.clone(),
            public_url: (*settings.public_url).into(),
            mode: settings.common.mode,
            retention_days: settings.retention_days,
            slow: SlowWork::new(IMPORTS),
            spreadsheets: SlowWork::with_workers(1, IMPORTS),
            imports: Arc::new(Semaphore::new(IMPORTS)),
            pictures: SlowWork::with_workers(1, CANDIDATE_FILES),
            candidate_files: Arc::new(Semaphore::new(CANDIDATE_FILES)),
            unused_files: Arc::new(Notify::new()),
            audit_head_key: audit_head_key(&settings.audit_head_public_key_file)?,
            election_limits: ElectionLimits::default(),
            lookup_limits: ElectionLimits::default(),
            sending_wanted: Arc::new(Notify::new()),
        };
        let (noticing, sending) = (outbox.clone(), state.clone());
        context.worker("used notices", |stop| used_notices::run(noticing, stop));
        context.worker("staged voters", |stop| staging::run(staged, stop));
        let unused_files = state.unused_files.clone();
        context.worker("files of candidates", |stop| uploads::run(files, unused_files, stop));
        context.worker("retention", |stop| retention::run(outbox, settings.retention_days, stop));
        context.worker("sending of links", |stop| sending::run(sending, stop));
        let (state, verifier) = (Data::new(state), context.verifier(&settings.assertion_public_key_file)?);
        let services = context.service_keys(&settings.service_keys_dir)?;
        Ok(move |app: &mut ServiceConfig| {
            app.app_data(state.clone()).app_data(verifier.clone()).app_data(services.clone()).configure(routes::routes);
        })
    }
}

/// Anonymises the voters of elections that were archived at least `days` days ago, and returns those elections.
///
/// # Errors
/// A setting or secret that cannot be used; the database. What was done until then stays done.
pub async fn anonymise(settings: &Settings, days: u16) -> Result<Vec<Anonymised>, StartError> {
    let outbox = settings.outbox.open(settings.database.for_a_command(settings.common.mode)?)?;
    Ok(retention::anonymise_due(&outbox, days).await?)
}

/// Only the present key, no earlier one: somebody else may have a key that was replaced.
fn audit_head_key(file: &Path) -> Result<Arc<AuditHeadPublicKey>, StartError> {
    let named = |cause: &dyn std::fmt::Display| format!("{}: {cause}", file.display());
    let pem = std::fs::read_to_string(file).map_err(|cause| named(&cause))?;
    Ok(Arc::new(AuditHeadPublicKey::from_spki_pem(pem.trim()).map_err(|cause| named(&cause))?))
}
