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

use std::sync::Arc;

use actix_web::web;
use codes::Codes;
use database::ReadOnly;
use identity::AssertionSigner;
use launch::{Context, Mode, Routes, StartError};
use outbox::{Outbox, Unaudited};
use password::Passwords;
use refusals::Refusals;
use requester::Requesters;
pub use routes::document;
pub use settings::{CostRefused, Registration, Settings};
pub use superadmin::{Made, make_superadmin};
use token::Tokens;
use tokio::sync::Semaphore;
use utoipa::openapi::OpenApi;

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

/// The auth service.
pub struct Service;

impl launch::Service for Service {
    const NAME: &'static str = "auth";
    const ABOUT: &'static str = "Accounts of organisers";
    const PUBLIC_PREFIX: &'static str = "auth";
    const JSON_LIMIT: usize = JSON_LIMIT;
    type Settings = Settings;

    fn openapi() -> OpenApi {
        document()
    }

    // Redis is not a need: without it answers are slower and just as right.
    async fn build(settings: Settings, context: &mut Context) -> Result<impl Routes, StartError> {
        let cost = settings.bcrypt_cost()?;
        let database = context.database(&settings.database)?;
        let outbox = context.outbox(database, &settings.outbox)?;
        let database = outbox.database().clone();
        let leftovers = outbox.unaudited(Unaudited::Cleanup).clone();
        context.worker("clean-up", |stop| cleanup::run(leftovers, stop));
        let jwt_secret = launch::key_32(&settings.jwt_secret_file)?;
        let redis_password = context.secret(&settings.redis_password_file)?;
        let public_url = &settings.public_url;
        let auth = web::Data::new(Auth {
            database,
            outbox: outbox.clone(),
            tokens: Tokens::new(&jwt_secret),
            signer: AssertionSigner::from_file(&settings.assertion_key_file)?,
            passwords: Passwords::new(WAITING_LOGINS, cost).await?,
            refusals: Refusals::new(&settings.redis_url, &redis_password, settings.redis_ca_file.as_deref())?,
            registration: settings.registration(),
            codes: Codes::new(outbox, &jwt_secret, public_url),
            // A local stack is reached over plain HTTP, where a browser would not send the cookie back.
            requesters: Requesters::new(
                &jwt_secret,
                settings.common.mode == Mode::Production || public_url.starts_with("https://"),
            ),
            sending: Arc::new(Semaphore::new(CODES_UNDER_WAY)),
            public_url: public_url.to_string(),
        });
        let services = context.service_keys(&settings.service_keys_dir)?;
        Ok(move |config: &mut web::ServiceConfig| {
            config.app_data(auth.clone()).app_data(services.clone());
            routes::routes(config);
        })
    }
}
