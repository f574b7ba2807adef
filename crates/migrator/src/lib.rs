//! Brings a database to the current schema, its roles to their passwords and settings, and both to their rights.
//!
//! Everything is done as `uvote_owner`, which owns the database and may make roles, and is no superuser: the
//! `SECURITY DEFINER` functions run as it. What must be there before is in `migrations/README.md`.
mod roles;
pub mod snapshot;

pub use roles::{SERVICE_ROLES, grant_connect};

use database::{Tls, TlsRefused, with_cause};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use tokio_postgres::{Client, Config};

/// The migrations of this build, in order.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// The role everything belongs to. Triggers name it: what its functions do is allowed where a service's hand is not.
pub const OWNER: &str = "uvote_owner";

/// One number for all migrators of one database, taken as an advisory lock: the second one waits, then finds nothing to do.
const ONE_AT_A_TIME: i64 = 0x0075_766F_7465;

/// Why a database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The address of the database is no PostgreSQL URL.
    #[error("MIGRATE_DATABASE_URL: {0}")]
    Address(tokio_postgres::Error),
    /// There is no connection to be had, or it was lost.
    #[error("cannot connect to the database as {OWNER}: {}", said(.0))]
    Connect(tokio_postgres::Error),
    /// TLS was asked for in a way that cannot be had.
    #[error("TLS to the database: {0}")]
    Tls(#[from] TlsRefused),
    /// Connected as somebody else.
    #[error("migrations run as {OWNER}, not as {0}: what they make must belong to {OWNER}")]
    NotOwner(String),
    /// A password or snapshot file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Roles or rights could not be set.
    #[error("{doing}: {}", said(.source))]
    Sql {
        /// What was being done.
        doing: &'static str,
        /// What PostgreSQL said.
        source: tokio_postgres::Error,
    },
    /// A migration failed; it was rolled back, those before it stay.
    #[error("migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// `pg_dump` failed or is missing.
    #[error("pg_dump: {0}")]
    Dump(String),
}

/// tokio-postgres says "db error" and keeps what PostgreSQL said for the source.
fn said(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => with_cause(error),
    }
}

pub(crate) fn sql(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> MigrateError {
    move |source| MigrateError::Sql { doing, source }
}

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Everything that is missing.
    Up,
    /// The newest migration only.
    DownOne,
    /// All of them: no table is left.
    DownAll,
}

/// A database and who to be there.
#[derive(Clone)]
pub struct Target {
    config: Config,
    tls: Tls,
}

impl Target {
    /// From a URL without a password, the password, and how the way there is encrypted.
    ///
    /// # Errors
    /// The URL cannot be read.
    pub fn new(url: &str, password: &SecretString, tls: Tls) -> Result<Self, MigrateError> {
        let mut config: Config = url.parse().map_err(MigrateError::Address)?;
        config.password(password.expose_secret()).application_name("uvote-migrate");
        tls.prepare(&mut config);
        Ok(Self { config, tls })
    }

    /// A plain connection.
    ///
    /// # Errors
    /// The server cannot be reached or refuses.
    pub async fn connect(&self) -> Result<Client, MigrateError> {
        let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(MigrateError::Connect)?;
        // Ends with the client; a lost connection shows up as an error of the client's next call.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(client)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }
}

/// Makes the roles (passwords are `<role>.password` below `passwords`), sets who may connect, and moves the schema.
/// Returns the versions that were applied or reverted. Needs tokio's multi-thread runtime.
///
/// # Errors
/// See [`MigrateError`]. A failed migration leaves nothing of itself behind.
pub async fn migrate(target: &Target, passwords: &Path, direction: Direction) -> Result<Vec<String>, MigrateError> {
    let client = target.connect().await?;
    let row = client.query_one("SELECT current_user::text", &[]).await.map_err(sql("asking who this is"))?;
    let connected: String = row.get(0);
    if connected != OWNER {
        return Err(MigrateError::NotOwner(connected));
    }
    // Held until `client` is dropped, whatever happens.
    client.execute("SELECT pg_advisory_lock($1)", &[&ONE_AT_A_TIME]).await.map_err(sql("waiting for another migrator"))?;
    if direction == Direction::Up {
        roles::ensure(&client, passwords).await?;
        grant_connect(&client).await?;
    }
    let connection = AsyncPgConnection::try_from(target.connect().await?).await;
    let mut harness = AsyncMigrationHarness::new(connection.map_err(|error| MigrateError::Migration(error.into()))?);
    let moved = match direction {
        Direction::Up => harness.run_pending_migrations(MIGRATIONS),
        Direction::DownAll => harness.revert_all_migrations(MIGRATIONS),
        Direction::DownOne => harness.revert_last_migration(MIGRATIONS).map(|version| vec![version]),
    };
    let versions = moved.map_err(MigrateError::Migration)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Reads a secret file, without the line end an editor may have left.
///
/// # Errors
/// It cannot be read.
pub fn read_secret(path: &Path) -> Result<SecretString, MigrateError> {
    let text = std::fs::read_to_string(path).map_err(|source| MigrateError::File { path: path.to_owned(), source })?;
    Ok(text.trim().to_owned().into())
}
