//! A service in the test's own process: what every service is told, and starting one.

use std::path::PathBuf;

use actix_web::dev::ServerHandle;
use database::SslMode;
use installation::Installation;
use launch::{Common, DatabaseSettings, Mode, OutboxSettings, PublicUrl};
use serde::de::DeserializeOwned;

use crate::{TestDatabase, env};

/// The secrets of this run's installation.
///
/// # Panics
/// There are no servers: the tests were not run by `with-servers`.
#[must_use]
pub fn secrets() -> Installation {
    let folder = std::env::var_os(env::SECRETS).expect("run through `make test`, which starts the servers");
    Installation::ensure(PathBuf::from(folder)).expect("the run's secrets were made by with-servers")
}

/// A free port, local mode, and warnings in the log.
#[must_use]
pub fn common() -> Common {
    Common { listen_addr: ([127, 0, 0, 1], 0).into(), mode: Mode::Local, log: "warn".to_owned() }
}

/// This database, under the role of this service.
#[must_use]
pub fn database(database: &TestDatabase, service: &str) -> DatabaseSettings {
    let role = format!("{service}_service");
    DatabaseSettings {
        url: database.url(&role),
        password_file: database.password_file(&role),
        pool_size: 8,
        sslmode: SslMode::Disable,
        ca_file: None,
    }
}

/// Nobody listens there: events and mails stay in the outbox, where tests look at them.
#[must_use]
pub fn outbox(service: &str) -> OutboxSettings {
    let secrets = secrets();
    OutboxSettings {
        key_file: secrets.outbox_key(service),
        service_key_file: secrets.service_key(service),
        internal_url: "http://127.0.0.1:9".to_owned(),
    }
}

/// `https://vote.example.org`
///
/// # Panics
/// Never: it is a URL.
#[must_use]
pub fn public_url() -> PublicUrl {
    "https://vote.example.org/".to_owned().try_into().expect("is a URL")
}

/// A service that listens. It goes on until the test ends, or is told to stop.
pub struct Running {
    /// `http://127.0.0.1:port`
    pub url: String,
    /// What stops it.
    pub handle: ServerHandle,
    /// How it ended.
    pub ended: actix_web::rt::task::JoinHandle<Result<(), launch::BadEnd>>,
}

impl Running {
    /// Starts one.
    ///
    /// # Panics
    /// It refuses its settings.
    pub async fn start<S: launch::Service>(settings: S::Settings) -> Self {
        launch::telemetry(&settings.as_ref().log);
        let running =
            launch::start::<S>(settings).await.unwrap_or_else(|refused| panic!("{} does not start: {refused}", S::NAME));
        let (url, handle) = (format!("http://{}", running.addr), running.handle());
        Self { url, handle, ended: actix_web::rt::spawn(running.wait()) }
    }
}

/// The settings of `settings.env.example`. It must be complete, and a name that is not known must be refused.
///
/// # Panics
/// It is not, or is not.
#[must_use]
pub fn example<S: DeserializeOwned>(service: &str, text: &str) -> S {
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let pairs: Vec<_> = lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let misspelt = (format!("{}_LITSEN_ADDR", service.to_uppercase()), "127.0.0.1:1".to_owned());
    let refused = launch::settings_from::<S>(service, pairs.clone().into_iter().chain([misspelt])).err();
    let refused = refused.expect("a misspelt setting stops the start: is NothingElse the last field?").to_string();
    assert!(refused.contains("LITSEN_ADDR"), "{refused}");
    launch::settings_from(service, pairs.into_iter()).unwrap_or_else(|refused| panic!("settings.env.example: {refused}"))
}
