//! The voting service: from a voter's link to a recorded ballot.
//!
//! Casting needs PostgreSQL and nothing else, so that voting goes on when everything but the gateway and the database is down. Mails
//! to voters who ask for a link go through the outbox, whose relay may fail without harm to anything else.
//! `README.md` says what it promises; the route table is `routes`.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod aside;
mod ballots;
mod casting;
mod choices;
mod elections;
mod keys;
mod later;
mod limits;
mod links;
mod receipts;
mod recorder;
mod requests;
mod routes;
mod schema;
mod settings;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use crypto::envelope::Kek;
use crypto::receipt::ReceiptKey;
use database::{Address, Database, ReadOnly};
use identity::ServiceKey;
use launch::{Readiness, Remarks, Service, SlowWork, key_32, secret};
use outbox::{Outbox, Relay};
pub use routes::ApiDoc;
use secrecy::ExposeSecret as _;
pub use settings::Settings;
use utoipa::OpenApi as _;

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
    recorder: recorder::Recorder,
    receipt_key: ReceiptKey,
    slow: SlowWork,
    later: later::Later,
}

/// The service, listening.
pub struct Running {
    /// Where.
    pub addr: SocketAddr,
    server: launch::Running,
    list: later::End,
}

impl Running {
    /// Waits until the server ends, and then until what voters have asked for is done.
    ///
    /// # Errors
    /// The server's.
    pub async fn wait(self) -> std::io::Result<()> {
        let ended = self.server.wait().await;
        self.list.wait().await;
        ended
    }

    /// What stops it from elsewhere.
    #[must_use]
    pub fn handle(&self) -> actix_web::dev::ServerHandle {
        self.server.handle()
    }
}

/// Starts the service: its pool, its recorder, its listener.
///
/// # Errors
/// A secret that cannot be read, an address that cannot be listened on. A database that is down is no error: `/ready` says so.
#[allow(clippy::unused_async, reason = "all services start alike")]
pub async fn start(settings: Settings) -> Result<Running, Box<dyn Error>> {
    let password = secret(&settings.database_password_file, settings.mode)?;
    let address = Address::new(&settings.database_url, &password)?;
    let kek = Kek::from_hex(key_32(&settings.kek_stamp_file)?.expose_secret())?;
    let receipt_key = secret(&settings.receipt_key_file, settings.mode)?;
    let patience = Duration::from_millis(settings.recorder_patience_ms);
    let recorder = recorder::Recorder::start(address.config().clone(), patience, settings.look_every)?;
    let (later, list) = mailing(&settings, &address)?;
    let (database, alive) = (Database::new(address, settings.database_pool_size)?.read_only().clone(), recorder.clone());
    let remarks = halted_elections(database.clone(), recorder.clone());
    let voting = Data::new(Voting {
        database: database.clone(),
        elections: elections::Elections::default(),
        keys: keys::StampKeys::new(kek),
        limits: limits::LinkLimits::new(settings.link_rate_per_second, settings.link_burst),
        recorder,
        receipt_key: ReceiptKey::from_pkcs8_pem(receipt_key.expose_secret())?,
        slow: SlowWork::new(SLOW_WORK),
        later,
    });
    let ready: Readiness = Arc::new(move || {
        let (database, alive) = (database.clone(), alive.lives());
        Box::pin(async move {
            database.ready().await.map_err(|cause| cause.to_string())?;
            if alive { Ok(()) } else { Err("the recorder has ended; restart this process".to_owned()) }
        })
    });
    let service = Service {
        name: "voting",
        public_prefix: "voting",
        listen_addr: settings.listen_addr,
        json_limit: LARGEST_BODY,
        openapi: ApiDoc::openapi(),
        ready,
    };
    let server = service.start_with_remarks(routes::routes(voting), remarks)?;
    Ok(Running { addr: server.addr, server, list })
}

/// `/ready` names the elections whose box was found rewound: active ones, which take no ballots, and those that were closed like that.
/// The service itself is ready: the other elections go on.
fn halted_elections(database: ReadOnly, recorder: recorder::Recorder) -> Remarks {
    Arc::new(move || {
        let (database, recorder) = (database.clone(), recorder.clone());
        Box::pin(async move {
            let halted: serde_json::Value = match recorder.halted(&database).await {
                Ok(halted) => halted.into(),
                Err(cause) => {
                    tracing::warn!(%cause, "which elections are halted could not be asked");
                    "not known: the database does not answer".into()
                }
            };
            serde_json::Map::from_iter([("halted_elections".to_owned(), halted)])
        })
    })
}

/// Starts what carries mails to voters who ask for a link.
fn mailing(settings: &Settings, address: &Address) -> Result<(later::Later, later::End), Box<dyn Error>> {
    let public_url = settings.public_url.trim_end_matches('/');
    if !(public_url.starts_with("https://") || public_url.starts_with("http://")) {
        return Err("VOTING_PUBLIC_URL must begin with https:// or http://".into());
    }
    let outbox = Outbox::open(Database::new(address.clone(), CONNECTIONS_FOR_MAIL)?, &settings.outbox_key_file)?;
    let key = ServiceKey::from_file("voting", &settings.service_key_file)?;
    actix_web::rt::spawn(Relay::new(outbox.clone(), key, &settings.internal_url).run());
    Ok(later::start(outbox, public_url.to_owned(), settings.mode))
}
