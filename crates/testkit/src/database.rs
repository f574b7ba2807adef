//! A database of its own for each test, cloned from the migrated one.

use crate::env;
use database::{SslMode, Tls};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

/// The role that owns every table; for arranging, never for showing what a service may do.
pub const OWNER: &str = migrator::OWNER;
/// The cluster's superuser; for showing that even it is refused.
pub const SUPERUSER: &str = "postgres";

/// A copy of the migrated, empty database; dropped at the end.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    address: String,
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run through `make test`, which starts the servers"))
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(variable(name))
}

impl TestDatabase {
    /// Clones the template and gives the services their right to connect, which is not cloned.
    ///
    /// # Panics
    /// There are no servers: the tests were not run by `with-servers`.
    pub async fn new() -> Self {
        // Nobody may be connected to the template while it is copied.
        let database = Self::create(&format!("TEMPLATE {}", daemons::OWNER_DATABASE)).await;
        migrator::grant_connect(&database.owner().await).await.expect("the owner may say who connects");
        database
    }

    /// An empty one: nothing migrated, for tests of the migrations.
    ///
    /// # Panics
    /// There are no servers.
    pub async fn empty() -> Self {
        Self::create("").await
    }

    async fn create(how: &str) -> Self {
        let database = Self { name: format!("test_{}", Uuid::new_v4().simple()), address: variable(env::POSTGRES) };
        let maintenance =
            connect(&database.address, "postgres", OWNER, &password(OWNER)).await.expect("the test cluster answers");
        let text = format!("CREATE DATABASE {} {how}", database.name);
        maintenance.batch_execute(&text).await.expect("the owner may make databases");
        database
    }

    /// `postgres://role@host:port/database`, as a service's `..._DATABASE_URL`.
    #[must_use]
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@{}/{}", self.address, self.name)
    }

    /// The file with a role's password, as a service's `..._DATABASE_PASSWORD_FILE`.
    #[must_use]
    pub fn password_file(&self, role: &str) -> PathBuf {
        password_file(role)
    }

    /// The folder with `<role>.password` of every role.
    #[must_use]
    pub fn passwords_dir(&self) -> PathBuf {
        passwords_dir()
    }

    /// For the migrator.
    ///
    /// # Panics
    /// There are no servers.
    #[must_use]
    pub fn target(&self) -> migrator::Target {
        migrator::Target::new(&self.url(OWNER), &password(OWNER), plain()).expect("our own URL can be read")
    }

    /// A connection as the owner, to arrange what a test needs.
    ///
    /// # Panics
    /// The server does not answer.
    pub async fn owner(&self) -> Client {
        self.connect(OWNER).await
    }

    /// A connection as any role.
    ///
    /// # Panics
    /// The server refuses it.
    pub async fn connect(&self, role: &str) -> Client {
        let connected = connect(&self.address, &self.name, role, &password(role)).await;
        connected.unwrap_or_else(|error| panic!("{role} cannot connect: {error:?}"))
    }
}

impl Drop for TestDatabase {
    /// As well as it can: a test's runtime may be gone, so a thread with one of its own does it. What is left is removed with
    /// the cluster, at the end of the run.
    fn drop(&mut self) {
        let (address, name) = (self.address.clone(), self.name.clone());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                if let Ok(client) = connect(&address, "postgres", OWNER, &password(OWNER)).await {
                    let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                }
            });
            Ok::<(), std::io::Error>(())
        });
        let _ = thread.join();
    }
}

/// The tests' servers are on this machine.
pub(crate) fn plain() -> Tls {
    Tls::new(SslMode::Disable, None).expect("no TLS needs no file")
}

fn passwords_dir() -> PathBuf {
    file(env::SECRETS).join("db")
}

fn password_file(role: &str) -> PathBuf {
    if role == SUPERUSER { file(env::SUPERUSER_PASSWORD_FILE) } else { passwords_dir().join(format!("{role}.password")) }
}

fn password(role: &str) -> SecretString {
    migrator::read_secret(&password_file(role)).unwrap_or_else(|error| panic!("{error}"))
}

async fn connect(address: &str, name: &str, role: &str, password: &SecretString) -> Result<Client, tokio_postgres::Error> {
    let mut config: Config = format!("postgres://{role}@{address}/{name}").parse()?;
    config.password(password.expose_secret());
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(client)
}
