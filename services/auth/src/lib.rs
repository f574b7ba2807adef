//! Registers and recognises admins. Carries "Callers" of the architecture: only this service turns a public token into the
//! assertion that the other services believe.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod account;
mod assertion;
mod cleanup;
mod codes;
mod invitations;
mod lockout;
mod login;
mod password;
mod refusals;
mod register;
mod requester;
mod routes;
mod schema;
mod session;
mod settings;
mod superadmin;
mod token;

use std::error::Error;
use std::sync::Arc;

use actix_web::{rt, web};
use codes::Codes;
use database::{Address, Database, ReadOnly};
use identity::{AssertionSigner, ServiceKey};
use launch::{Mode, Running, Service};
use outbox::{Outbox, Relay, Unaudited};
use password::Passwords;
use refusals::Refusals;
use requester::Requesters;
pub use routes::document;
pub use settings::{CostRefused, Registration, Settings};
pub use superadmin::{Made, make_superadmin};
use token::Tokens;
use tokio::sync::Semaphore;

/// Logins of anybody that may wait for a core: at 250 ms each on two cores the last of them waits for 8 seconds.
const WAITING_LOGINS: usize = 64;

/// Codes that are being sent at a time. Whoever asks for more is told to come back, whether there is an account or not.
const CODES_UNDER_WAY: usize = 32;

/// Largest body: an address and a password. A password of megabytes would be read, kept and compared for nothing.
const JSON_LIMIT: usize = 8 * 1024;

/// What the handlers share.
struct Auth {
    database: ReadOnly,
    outbox: Outbox,
    tokens: Tokens,
    signer: AssertionSigner,
    passwords: Passwords,
    refusals: Refusals,
    registration: Registration,
    codes: Codes,
    requesters: Requesters,
    sending: Arc<Semaphore>,
    /// What links in mails begin with; no slash at the end.
    public_url: String,
}

/// Starts to serve, and starts the relay and the clean-up beside it.
pub async fn start(settings: Settings) -> Result<Running, Box<dyn Error>> {
    let cost = settings.bcrypt_cost()?;
    let password = launch::secret(&settings.database_password_file, settings.mode)?;
    let database = Database::new(Address::new(&settings.database_url, &password)?, settings.database_pool_size)?;
    let outbox = Outbox::open(database, &settings.outbox_key_file)?;
    let (database, leftovers) = (outbox.database().clone(), outbox.unaudited(Unaudited::Leftovers).clone());
    let key = ServiceKey::from_file("auth", &settings.service_key_file)?;
    let jwt_secret = launch::key_32(&settings.jwt_secret_file)?;
    let public_url = settings.public_url.trim_end_matches('/');
    if !(public_url.starts_with("https://") || public_url.starts_with("http://")) {
        return Err("AUTH_PUBLIC_URL must begin with https:// or http://".into());
    }
    let redis_password = launch::secret(&settings.redis_password_file, settings.mode)?;
    let auth = web::Data::new(Auth {
        database: database.clone(),
        outbox: outbox.clone(),
        tokens: Tokens::new(&jwt_secret),
        signer: AssertionSigner::from_file(&settings.assertion_key_file)?,
        passwords: Passwords::new(WAITING_LOGINS, cost).await?,
        refusals: Refusals::new(&settings.redis_url, &redis_password)?,
        registration: settings.registration(),
        codes: Codes::new(outbox.clone(), &jwt_secret, public_url),
        // A local stack is reached over plain HTTP, where a browser would not send the cookie back.
        requesters: Requesters::new(&jwt_secret, settings.mode == Mode::Production || public_url.starts_with("https://")),
        sending: Arc::new(Semaphore::new(CODES_UNDER_WAY)),
        public_url: public_url.to_owned(),
    });
    let needs = database.clone();
    let service = Service {
        name: "auth",
        public_prefix: "auth",
        listen_addr: settings.listen_addr,
        json_limit: JSON_LIMIT,
        openapi: document(),
        // Redis is not a need: without it answers are slower and just as right.
        ready: Arc::new(move || {
            let database = needs.clone();
            Box::pin(async move { database.ready().await.map_err(|_| "the database does not answer".to_owned()) })
        }),
    };
    let running = service.start(move |config| {
        config.app_data(auth.clone());
        routes::routes(config);
    })?;
    rt::spawn(Relay::new(outbox, key, &settings.internal_url).run());
    rt::spawn(cleanup::run(leftovers));
    Ok(running)
}
