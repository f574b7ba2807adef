//! The voting service: from a voter's link to a recorded ballot.
//!
//! Casting needs PostgreSQL and nothing else, so that voting goes on when everything but the gateway and the database is down. Mails
//! to voters who ask for a link go through the outbox, whose relay may fail without harm to anything else.
//! `README.md` says what it promises; the route table is `routes`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod ballots;
mod casting;
mod choices;
mod elections;
mod keys;
mod limits;
mod link_requests;
mod links;
mod locked_elections;
mod receipts;
mod recorder;
mod request_handlers;
mod routes;
mod schema;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use crypto::envelope::Kek;
use crypto::receipt::ReceiptKey;
use database::{Database, ReadOnly};
use launch::{Context, Routes, SlowWork, StartError, key_32};
use recorder::Recorder;
pub use routes::ApiDoc;
use secrecy::ExposeSecret as _;
pub use settings::Settings;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// The gateway takes no more on these paths either.
const LARGEST_BODY: usize = 16 * 1024;
/// Seals and stamps that may wait for a core: two seconds' worth on one.
const SLOW_WORK: usize = 1000;
/// Connections for what is done after the answer, and for the relay: apart from those that casting waits for.
const CONNECTIONS_FOR_MAIL: usize = 3;

/// What the handlers share. Nothing in it is what correctness rests on: any number of these may run beside each other.
struct Voting {
    database: ReadOnly,
    elections: elections::Elections,
    keys: Arc<keys::StampKeys>,
    limits: limits::LinkLimits,
    recorder: Recorder,
    receipt_key: ReceiptKey,
    slow: SlowWork,
    link_requests: link_requests::LinkRequests,
}

/// The voting service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "voting";
    const ABOUT: &'static str = "From a voter's link to a recorded ballot";
    const PUBLIC_PREFIX: &'static str = "voting";
    const JSON_LIMIT: usize = LARGEST_BODY;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        ApiDoc::openapi()
    }

    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let database = context.database(&settings.database)?.read_only().clone();
        let patience = Duration::from_millis(settings.recorder_patience_ms);
        let (recorder, end) = Recorder::start(database.address(), patience, settings.look_every, context.stopper())?;
        context.worker("recorder", |_| end);
        let keys = keys::StampKeys::new(Kek::from_hex(key_32(&settings.kek_stamp_file)?.expose_secret())?);
        let kept = Arc::downgrade(&keys);
        context.worker("stamp keys", |stop| keys::forget_by_time(kept, stop));
        let for_mail = Database::new(database.address().clone(), CONNECTIONS_FOR_MAIL)?;
        let outbox = context.outbox(for_mail, &settings.outbox)?;
        let (link_requests, task) = link_requests::list(outbox, &settings.public_url, settings.common.mode);
        context.worker("link requests", |stop| task.run(stop));
        let (asked, recorders) = (database.clone(), recorder.clone());
        context.ready_details(move || halted_elections(asked.clone(), recorders.clone()));
        Ok(routes::routes(Data::new(Voting {
            database,
            elections: elections::Elections::default(),
            keys,
            limits: limits::LinkLimits::new(settings.link_rate_per_second, settings.link_burst),
            recorder,
            receipt_key: ReceiptKey::from_pkcs8_pem(context.secret(&settings.receipt_key_file)?.expose_secret())?,
            slow: SlowWork::new(SLOW_WORK),
            link_requests,
        })))
    }
}

/// `/ready` names the elections whose box was found rewound: active ones, which take no ballots, and those that were closed like that.
/// The service itself is ready: the other elections go on.
async fn halted_elections(database: ReadOnly, recorder: Recorder) -> serde_json::Map<String, serde_json::Value> {
    let halted: serde_json::Value = match recorder.halted(&database).await {
        Ok(halted) => halted.into(),
        Err(cause) => {
            tracing::warn!(%cause, "which elections are halted could not be asked");
            "not known: the database does not answer".into()
        }
    };
    serde_json::Map::from_iter([("halted_elections".to_owned(), halted)])
}
