//! What a service is built with.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use database::Database;
use identity::{AssertionVerifier, ServiceKey, ServiceKeys};
use outbox::{Outbox, Relay};
use secrecy::SecretString;
use serde_json::{Map, Value};
use workers::{Stopper, Workers};

use crate::settings::{DatabaseSettings, Mode, OutboxSettings, SettingsRefused, secret};
use crate::{StartError, schema};

type ReadyDetails = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Map<String, Value>>>> + Send + Sync>;

/// Given to [`crate::Service::build`]. `/ready` checks the database that a service takes from it, and the workers started by it are
/// stopped with the service.
pub struct Context {
    name: &'static str,
    mode: Mode,
    pub(crate) workers: Workers,
    pub(crate) needs: Needs,
}

/// What `/ready` looks at.
#[derive(Clone, Default)]
pub(crate) struct Needs {
    database: Option<Database>,
    ready_details: Vec<ReadyDetails>,
}

impl Context {
    pub(crate) fn new(name: &'static str, mode: Mode) -> Self {
        Self { name, mode, workers: Workers::default(), needs: Needs::default() }
    }

    /// The pool for the handlers. `/ready` asks whether its schema is one that this program works with.
    pub fn database(&mut self, settings: &DatabaseSettings) -> Result<Database, StartError> {
        let database = settings.pool(self.mode)?;
        self.needs.database = Some(database.clone());
        Ok(database)
    }

    /// As [`Context::database`], with connections that wait so long for a lock, and no longer.
    pub fn database_with(&mut self, settings: &DatabaseSettings, lock_wait: Duration) -> Result<Database, StartError> {
        let database = settings.pool_with(self.mode, settings.pool_size, lock_wait)?;
        self.needs.database = Some(database.clone());
        Ok(database)
    }

    /// The outbox in this database, with a worker that delivers what is in it.
    pub fn outbox(&mut self, database: Database, settings: &OutboxSettings) -> Result<Outbox, StartError> {
        let outbox = settings.open(database)?;
        let key = ServiceKey::from_file(self.name, &settings.service_key_file)?;
        let relay = Relay::new(outbox.clone(), key, &settings.internal_url);
        self.worker("outbox relay", |stop| relay.run(stop));
        Ok(outbox)
    }

    /// Who calls, by the public key (SPKI PEM) of what the gateway says about callers.
    pub fn verifier(&self, public_key_file: &Path) -> Result<web::Data<AssertionVerifier>, StartError> {
        Ok(web::Data::new(AssertionVerifier::from_file(public_key_file, self.name)?))
    }

    /// The public keys of all services, from the folder they lie in: who is calling on the internal listener.
    pub fn service_keys(&self, dir: &Path) -> Result<web::Data<ServiceKeys>, StartError> {
        Ok(web::Data::new(ServiceKeys::from_dir(dir, self.name)?))
    }

    /// A secret from its file; outside local mode it must be a real one.
    pub fn secret(&self, file: &Path) -> Result<SecretString, SettingsRefused> {
        secret(file, self.mode)
    }

    /// Starts a worker: a loop beside the handlers, which ends when it is told to. It is told when the server has ended, and so has
    /// heard of everything that handlers have left to it.
    pub fn worker<F: Future<Output = ()> + 'static>(&mut self, name: &'static str, work: impl FnOnce(Stopper) -> F) {
        self.workers.start(name, work(self.workers.stopper()));
    }

    /// What tells the workers to end, for one that is made before it is started.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.workers.stopper()
    }

    /// Something more to say at `/ready`, when all is there: for what an operator should see and no load balancer must act on.
    pub fn ready_details<F: Future<Output = Map<String, Value>> + 'static>(
        &mut self,
        details: impl Fn() -> F + Send + Sync + 'static,
    ) {
        self.needs.ready_details.push(Arc::new(move || Box::pin(details())));
    }
}

impl Needs {
    /// What is to be said beside "ready"; `Err` says what is missing.
    pub(crate) async fn met(&self, workers: &Workers) -> Result<Map<String, Value>, String> {
        let ended = workers.ended();
        if !ended.is_empty() {
            return Err(format!("{} has ended; restart this process", ended.join(", ")));
        }
        if let Some(database) = &self.database {
            schema::check(database).await?;
        }
        let mut said = Map::new();
        for details in &self.ready_details {
            said.extend(details().await);
        }
        Ok(said)
    }
}
