//! One throwaway PostgreSQL and Redis for a whole run of tests.

use crate::env;
use daemons::{DaemonError, Durability, Postgres, Redis, Unprivileged, free_port};
use installation::{Installation, InstallationError};
use migrator::{Direction, MigrateError, Target, migrate, read_secret};
use secrecy::ExposeSecret;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// Why the servers could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServersError {
    /// A server.
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    /// Its secrets.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// The template database.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// A folder, a port or the command.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// PostgreSQL with the migrated template, Redis, and the secrets of an installation. All of it is gone when this is.
#[derive(Debug)]
pub struct Servers {
    user: Unprivileged,
    postgres: Postgres,
    redis: Redis,
    redis_port: u16,
    secrets: TempDir,
    folder: TempDir,
}

const PREFIX: &str = "uvote-test-";

impl Servers {
    /// Starts and migrates. Nothing is durable: a test's cluster need not survive anything.
    ///
    /// # Errors
    /// See [`ServersError`].
    pub async fn start() -> Result<Self, ServersError> {
        Self::start_with("").await
    }

    /// The same with more settings of PostgreSQL.
    ///
    /// # Errors
    /// See [`ServersError`].
    pub async fn start_with(settings: &str) -> Result<Self, ServersError> {
        let user = Unprivileged::detect()?;
        let base = basefolder(&user);
        sweep(&base);
        let (folder, secrets) = (newfolder(&base)?, newfolder(&base)?);
        user.chown(folder.path())?;
        let installation = Installation::ensure(secrets.path())?;
        let keeper = std::process::id();
        let postgres =
            Postgres::new(&folder.path().join("postgres"), free_port()?, Durability::Throwaway).with(settings).tied_to(keeper);
        let redis_port = free_port()?;
        let redis = Redis::new(&folder.path().join("redis"), redis_port)?.tied_to(keeper);
        let servers = Self { user, postgres, redis, redis_port, secrets, folder };
        // From here on a failure drops `servers`, which stops what has been started.
        let superuser = uuid::Uuid::new_v4().simple().to_string();
        servers.postgres.start(&servers.user, &superuser)?;
        let redis_password = read_secret(&installation.redis_password())?;
        servers.redis.start(&servers.user, redis_password.expose_secret())?;
        let owner = read_secret(&installation.role_password(migrator::OWNER))?;
        servers.postgres.ensure_owner(migrator::OWNER, owner.expose_secret())?;
        // Tests see from the owner's sessions which others wait for a lock. The owner of an installation has no such right.
        servers.sql(&format!("GRANT pg_read_all_stats TO {}", migrator::OWNER))?;
        let target = Target::new(&servers.template_url(), &owner, crate::database::plain())?;
        migrate(&target, &installation.role_passwords_dir(), Direction::Up).await?;
        Ok(servers)
    }

    fn template_url(&self) -> String {
        format!("postgres://{}@127.0.0.1:{}/{}", migrator::OWNER, self.postgres.port(), daemons::OWNER_DATABASE)
    }

    /// Makes the PostgreSQL server a standby, as a failover does with the primary that was: it goes on, and takes no writes.
    ///
    /// # Errors
    /// It does not stop or start.
    pub fn demote(&self) -> Result<(), ServersError> {
        self.postgres.stop(&self.user)?;
        let signal = self.folder.path().join("postgres/data/standby.signal");
        std::fs::write(&signal, "")?;
        self.user.chown(&signal)?;
        Ok(self.postgres.start(&self.user, "")?)
    }

    /// Makes it the primary again; it does not restart for that.
    ///
    /// # Errors
    /// It refuses.
    pub fn promote(&self) -> Result<(), ServersError> {
        self.sql("SELECT pg_promote()")
    }

    /// As the cluster's superuser.
    ///
    /// # Errors
    /// psql fails.
    pub fn sql(&self, sql: &str) -> Result<(), ServersError> {
        Ok(self.postgres.as_superuser(sql)?)
    }

    /// What the tests find the servers by, and `uvote-migrate` the template.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let passwords = self.secrets.path().join("db");
        vec![
            (env::POSTGRES, format!("127.0.0.1:{}", self.postgres.port()).into()),
            (env::SUPERUSER_PASSWORD_FILE, self.postgres.superuser_password_file().into()),
            (env::REDIS, format!("redis://127.0.0.1:{}/", self.redis_port).into()),
            (env::SECRETS, self.secrets.path().into()),
            ("MIGRATE_DATABASE_URL", self.template_url().into()),
            ("MIGRATE_DATABASE_PASSWORD_FILE", passwords.join("uvote_owner.password").into()),
            ("MIGRATE_ROLE_PASSWORDS_DIR", passwords.into()),
        ]
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for stopped in [self.redis.stop(&self.user), self.postgres.stop(&self.user)] {
            if let Err(error) = stopped {
                eprintln!("with-servers: {error}");
            }
        }
    }
}

/// Runs a command with servers of its own and returns its exit code. On SIGINT or SIGTERM the command is told to end; the
/// servers are stopped in any case, and by their keeper when this process is killed.
///
/// # Errors
/// The servers or the command cannot be started.
pub async fn with_servers(command: &[OsString]) -> Result<u8, ServersError> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let servers = tokio::select! {
        servers = Servers::start() => servers?,
        _ = interrupt.recv() => return Ok(130),
        _ = terminate.recv() => return Ok(143),
    };
    let Some((program, arguments)) = command.split_first() else {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "which command? with-servers COMMAND ...").into());
    };
    let mut child = Command::new(program).args(arguments).envs(servers.environment()).kill_on_drop(true).spawn()?;
    loop {
        let told = tokio::select! {
            status = child.wait() => {
                let status = status?;
                let code = status.code().or_else(|| Some(128 + status.signal()?));
                return Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
            }
            _ = interrupt.recv() => "INT",
            _ = terminate.recv() => "TERM",
        };
        if let Some(pid) = child.id() {
            Command::new("kill").args(["-s", told, &pid.to_string()]).status().await?;
        }
    }
}

/// The system's temporary folder, or another the servers' account can enter.
fn basefolder(user: &Unprivileged) -> PathBuf {
    let candidates = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    candidates.into_iter().find(|folder| user.may_enter(folder)).unwrap_or_else(std::env::temp_dir)
}

fn newfolder(base: &Path) -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir_in(base)
}

/// Removes what a killed run left behind; the process it belonged to is in its name.
fn sweep(base: &Path) {
    for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let maker = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if maker.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
