//! One PostgreSQL pool under one role, and its transactions.
//!
//! * A transaction runs in a task of its own: a handler that is dropped because its client hung up would otherwise leave it
//!   open, with its row locks held, until that connection is used again.
//! * It is repeated only when PostgreSQL itself says that it may be (serialization failure, deadlock), or that nothing was done
//!   because this server is a standby now.
//! * A COMMIT whose answer was lost is [`DatabaseError::OutcomeUnknown`], never a failure and never a success.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod claims;
mod election_limits;
mod error;
mod read_only;
mod schema;
mod text_column;
mod tls;
mod wire;

use std::future::Future;
use std::time::Duration;

pub use claims::{Claimed, FairClaims};
use deadpool::Runtime;
use deadpool::managed::Object;
use diesel::ConnectionError;
use diesel::result::Error;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection as _, TransactionManager as _};
pub use election_limits::{ElectionLimits, Slot};
pub use error::{DatabaseError, Failed, sqlstate, violated_constraint, with_cause};
use futures_util::FutureExt as _;
pub use read_only::ReadOnly;
pub use schema::Schema;
use secrecy::{ExposeSecret as _, SecretString};
pub use text_column::{Document, TextColumn};
pub use tls::{SslMode, Tls, TlsRefused};
use tokio_postgres::Socket;
use tokio_postgres::config::{Host, TargetSessionAttrs};
pub use wire::{READ_ONLY, Wire};

/// How long a request waits for a free connection before it is told to come back.
const WAIT: Duration = Duration::from_secs(5);

/// How often a transaction is tried that PostgreSQL itself ended.
const TRIES: u32 = 5;
/// Between two tries for a lock. The connection is somebody else's meanwhile.
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// A connection of the pool.
pub type Connection = AsyncPgConnection;

/// Where the database is and who we are there.
#[derive(Clone)]
pub struct Address {
    config: tokio_postgres::Config,
    tls: Tls,
}

impl Address {
    /// From a URL without password, the password, and how the way there is encrypted.
    pub fn new(url: &str, password: &SecretString, tls: Tls) -> Result<Self, DatabaseError> {
        let refused = |cause: &dyn std::fmt::Display| DatabaseError::Unavailable(format!("the database URL: {cause}"));
        let mut config: tokio_postgres::Config = url.parse().map_err(|cause| refused(&with_cause(&cause)))?;
        if url.contains("sslmode=") || url.contains("sslnegotiation=") {
            return Err(refused(&"TLS has a setting of its own, DATABASE_SSLMODE; nothing about it may stand in the URL"));
        }
        if config.get_password().is_some() {
            return Err(refused(&"a password stands in a file of its own, never in the URL"));
        }
        if config.get_hosts().iter().any(|host| matches!(host, Host::Unix(_))) {
            return Err(refused(&"a Unix socket cannot be used; name a host"));
        }
        config.password(password.expose_secret());
        config.connect_timeout(WAIT);
        // A standby is no database for us: every service writes. Of several hosts the primary is found.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        tls.prepare(&mut config);
        Ok(Self { config, tls: tls.labelled() })
    }

    /// The same, with connections that wait so long for a lock, and no longer ([`DatabaseError::Locked`]).
    #[must_use]
    pub fn with_lock_timeout(self, most: Duration) -> Self {
        self.with(|config| {
            config.options(format!("-c lock_timeout={}ms", most.as_millis()));
        })
    }

    /// The same with other settings of the connection, for callers that drive one themselves.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut tokio_postgres::Config)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.config);
        changed
    }

    /// A connection whose messages the caller reads. Ends by itself when the server takes no writes any more.
    pub async fn open(&self) -> Result<(tokio_postgres::Client, tokio_postgres::Connection<Socket, Wire>), DatabaseError> {
        self.config.connect(self.tls.clone()).await.map_err(|cause| DatabaseError::Unavailable(with_cause(&cause)))
    }

    /// A connection outside the pool, for LISTEN.
    pub async fn connect(&self) -> Result<Connection, DatabaseError> {
        let (client, connection) = self.open().await?;
        let connected = AsyncPgConnection::try_from_client_and_connection(client, connection).await;
        connected.map_err(|cause| DatabaseError::Unavailable(cause.to_string()))
    }
}

/// A pool whose sessions begin with this statement.
fn pool(address: &Address, size: usize, first: &'static str) -> Result<Pool<Connection>, DatabaseError> {
    let mut manager = ManagerConfig::default();
    // A dead connection is found at its first use; asking each time whether it lives would double the round trips.
    manager.recycling_method = RecyclingMethod::Fast;
    let to = address.clone();
    manager.custom_setup = Box::new(move |_| {
        let to = to.clone();
        async move {
            let mut session = to.connect().await.map_err(|cause| ConnectionError::BadConnection(cause.to_string()))?;
            if !first.is_empty() {
                session.batch_execute(first).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            }
            Ok(session)
        }
        .boxed()
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config("", manager))
        .max_size(size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|cause| DatabaseError::Unavailable(cause.to_string()))
}

/// A pool of connections under one role.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Connection>,
    reading: ReadOnly,
    address: Address,
    /// How often a transaction is tried that did not get a lock in time.
    lock_tries: u32,
}

impl Database {
    /// A pool of up to `size` connections; none is opened yet.
    pub fn new(address: Address, size: usize) -> Result<Self, DatabaseError> {
        let (pool, to_read) = (pool(&address, size, "")?, pool(&address, size, "SET default_transaction_read_only = on")?);
        Ok(Self { pool, reading: ReadOnly { pool: to_read, address: address.clone() }, address, lock_tries: 1 })
    }

    /// The same database, only to look at: as many connections again, opened when they are needed.
    #[must_use]
    pub fn read_only(&self) -> &ReadOnly {
        &self.reading
    }

    /// The same pool for callers whose transactions are tried once more when they did not get a lock in time. In between they hold no
    /// connection.
    #[must_use]
    pub fn with_lock_retry(self) -> Self {
        Self { lock_tries: 2, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A connection outside any transaction, for single statements.
    pub async fn connection(&self) -> Result<Object<AsyncDieselConnectionManager<Connection>>, DatabaseError> {
        self.pool.get().await.map_err(|cause| DatabaseError::Unavailable(cause.to_string()))
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> Result<(), DatabaseError> {
        let mut connection = self.connection().await?;
        connection.batch_execute("SELECT 1").await.map_err(|cause| DatabaseError::Unavailable(cause.to_string()))
    }

    /// Runs `work` in a transaction: committed when it answers `Ok`, rolled back otherwise. `name` appears in the log.
    ///
    /// No network and no RSA inside: a row lock is held meanwhile.
    pub async fn transaction<T, E, F>(&self, name: &'static str, work: F) -> Result<T, Failed<E>>
    where
        T: 'static,
        E: 'static,
        F: AsyncFn(&mut Connection) -> Result<T, Failed<E>> + 'static,
    {
        self.transaction_if(name, async move |connection| work(connection).await.map(|value| (value, End::Commit))).await
    }

    /// As [`Database::transaction`], but `work` decides how it ends.
    pub async fn transaction_if<T, E, F>(&self, name: &'static str, work: F) -> Result<T, Failed<E>>
    where
        T: 'static,
        E: 'static,
        F: AsyncFn(&mut Connection) -> Result<(T, End), Failed<E>> + 'static,
    {
        let database = self.clone();
        in_own_task(async move {
            let (mut tries, mut lock_tries) = (1, 1);
            loop {
                match database.try_once(&work).await {
                    Err(Failed::Database(DatabaseError::Locked)) if lock_tries < database.lock_tries => {
                        lock_tries += 1;
                        tokio::time::sleep(LOCK_PAUSE).await;
                    }
                    Err(Failed::Database(cause @ (DatabaseError::Repeatable(_) | DatabaseError::ReadOnly))) if tries < TRIES => {
                        tracing::info!(name, tries, %cause, "transaction repeated");
                        tries += 1;
                    }
                    answer => return answer,
                }
            }
        })
        .await
    }

    async fn try_once<T, E, F>(&self, work: &F) -> Result<T, Failed<E>>
    where
        F: AsyncFn(&mut Connection) -> Result<(T, End), Failed<E>>,
    {
        let mut pooled = self.connection().await?;
        if let Err(cause) = AnsiTransactionManager::begin_transaction(&mut *pooled).await {
            // The connection died while it lay in the pool (a restart of PostgreSQL); nothing was sent, so a new one may try.
            drop(Object::take(pooled));
            return Err(Failed::Database(DatabaseError::Repeatable(cause.to_string())));
        }
        match work(&mut pooled).await {
            Ok((value, End::Commit)) => match AnsiTransactionManager::commit_transaction(&mut *pooled).await {
                Ok(()) => Ok(value),
                Err(cause) => Err(Failed::Database(DatabaseError::at_commit(cause))),
            },
            Ok((value, End::Rollback)) => {
                AnsiTransactionManager::rollback_transaction(&mut *pooled)
                    .await
                    .map_err(|cause| Failed::Database(cause.into()))?;
                Ok(value)
            }
            Err(failed) => {
                if AnsiTransactionManager::rollback_transaction(&mut *pooled).await.is_err() {
                    drop(Object::take(pooled));
                }
                Err(failed)
            }
        }
    }
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Keep what was done.
    Commit,
    /// Nothing was to be done after all.
    Rollback,
}

async fn in_own_task<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
    match tokio::task::spawn_local(work).await {
        Ok(answer) => answer,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

/// How long a call waits for somebody else's lock where many calls may wait for the same one, such as an election's row while it
/// is closed. Without a limit they would take all connections from the calls about other elections.
pub const LOCK_WAIT: Duration = Duration::from_secs(1);

/// How long a change waits for the lock of the election it is about. While a large election is closed that lock is held for many
/// seconds, and each waiting call holds a connection that calls about other elections need.
const ELECTION_LOCK_WAIT: Duration = Duration::from_millis(100);

/// Takes the lock of an election by `lock`, which waits for a moment only; whatever follows in the transaction waits as usual
/// ([`LOCK_WAIT`]).
pub async fn lock_election<T>(
    connection: &mut Connection,
    lock: impl AsyncFnOnce(&mut Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    limit_lock_wait(connection, ELECTION_LOCK_WAIT).await?;
    let locked = lock(connection).await?;
    limit_lock_wait(connection, LOCK_WAIT).await?;
    Ok(locked)
}

/// Until the end of this transaction no statement waits longer than `most` for a lock; then it fails with
/// [`DatabaseError::Locked`].
pub async fn limit_lock_wait(connection: &mut Connection, most: Duration) -> Result<(), Error> {
    connection.batch_execute(&format!("SET LOCAL lock_timeout = {}", most.as_millis())).await
}
