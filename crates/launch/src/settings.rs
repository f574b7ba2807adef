//! Settings from the environment, secrets from files. What several services have stands here once.
//!
//! A service's settings are a struct of these groups, flattened, its own fields, and [`NothingElse`] as the last one:
//!
//! ```ignore
//! #[derive(Deserialize)]
//! pub struct Settings {
//!     #[serde(flatten)]
//!     pub common: Common,
//!     #[serde(flatten)]
//!     pub database: DatabaseSettings,
//!     /// One of its own.
//!     pub grace_seconds: i32,
//!     #[serde(flatten)]
//!     pub nothing_else: NothingElse,
//! }
//! ```
//! serde has two traps here. `deny_unknown_fields` does nothing beside `flatten`, so that a misspelt setting would silently mean its
//! default: [`NothingElse`] takes what no field has taken, and refuses it. And a value inside a flattened group arrives as the text it
//! is in the environment: a number needs `deserialize_with = "from_text"`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use database::{Address, Database, SslMode, Tls};
use outbox::Outbox;
use secrecy::SecretString;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::StartError;

/// Where an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One machine, for development and demonstration.
    Local,
    /// Anything that real people vote on.
    #[default]
    Production,
}

/// What every service is told.
#[derive(Debug, Clone, Deserialize)]
pub struct Common {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// `local` or `production`.
    #[serde(default)]
    pub mode: Mode,
    /// A tracing filter.
    #[serde(default = "default_log")]
    pub log: String,
}

/// Where a service's database is.
#[derive(Debug, Clone, Deserialize)]
pub struct DatabaseSettings {
    /// `postgres://role@host:port/database`, without a password. Several hosts may be named, with commas: the primary is found.
    #[serde(rename = "database_url")]
    pub url: String,
    /// The file with the role's password.
    #[serde(rename = "database_password_file")]
    pub password_file: PathBuf,
    /// Connections at the most.
    #[serde(rename = "database_pool_size", default = "default_pool_size", deserialize_with = "from_text")]
    pub pool_size: usize,
    /// How the way there is encrypted, as libpq names it.
    #[serde(rename = "database_sslmode", default)]
    pub sslmode: SslMode,
    /// The certificate (PEM) of the CA that the server's is one of.
    #[serde(rename = "database_ca_file")]
    pub ca_file: Option<PathBuf>,
}

impl DatabaseSettings {
    /// Where it is; nothing is connected.
    pub fn address(&self, mode: Mode) -> Result<Address, StartError> {
        let password = secret(&self.password_file, mode)?;
        Ok(Address::new(&self.url, &password, Tls::new(self.sslmode, self.ca_file.as_deref())?)?)
    }

    /// A pool; nothing is connected.
    pub fn pool(&self, mode: Mode) -> Result<Database, StartError> {
        Ok(Database::new(self.address(mode)?, self.pool_size)?)
    }

    /// A pool of this size whose connections wait so long for a lock, and no longer.
    pub fn pool_with(&self, mode: Mode, size: usize, lock_wait: Duration) -> Result<Database, StartError> {
        Ok(Database::new(self.address(mode)?.with_lock_timeout(lock_wait), size)?)
    }

    /// A pool for a command, which does one thing.
    pub fn for_a_command(&self, mode: Mode) -> Result<Database, StartError> {
        Ok(Database::new(self.address(mode)?, 1)?)
    }
}

/// What a service is told that tells others.
#[derive(Debug, Clone, Deserialize)]
pub struct OutboxSettings {
    /// 64 hex digits: what mails are encrypted with while they wait.
    #[serde(rename = "outbox_key_file")]
    pub key_file: PathBuf,
    /// This service's own private key (Ed25519, PKCS#8 PEM), by which the others know it.
    pub service_key_file: PathBuf,
    /// The gateway's internal listener.
    pub internal_url: String,
}

impl OutboxSettings {
    /// The outbox in this database; nothing is delivered.
    pub fn open(&self, database: Database) -> Result<Outbox, StartError> {
        Ok(Outbox::open(database, &self.key_file)?)
    }
}

/// Where people reach this installation; no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl TryFrom<String> for PublicUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let text = text.trim_end_matches('/');
        let is_http = text.starts_with("https://") || text.starts_with("http://");
        if is_http { Ok(Self(text.to_owned())) } else { Err("PUBLIC_URL must begin with https:// or http://") }
    }
}

impl Deref for PublicUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The last field of a service's settings: whatever no other field has taken is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingElse;

impl<'de> Deserialize<'de> for NothingElse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rest = BTreeMap::<String, IgnoredAny>::deserialize(deserializer)?;
        let names: Vec<_> = rest.into_keys().map(|name| name.to_uppercase()).collect();
        if names.is_empty() { Ok(Self) } else { Err(D::Error::custom(format!("there is no setting {}", names.join(", ")))) }
    }
}

/// For a number in a group: it arrives as text.
pub fn from_text<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|cause| D::Error::custom(format!("'{text}': {cause}")))
}

fn default_log() -> String {
    "info".to_owned()
}

fn default_pool_size() -> usize {
    8
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsRefused {
    /// Missing, unknown or of the wrong form.
    #[error("settings {prefix}*: {cause}")]
    Environment {
        /// What all of them begin with.
        prefix: String,
        /// What is wrong.
        cause: envy::Error,
    },
    /// A secret's file cannot be read.
    #[error("the secret file {path}: {cause}")]
    SecretFile {
        /// Which file.
        path: String,
        /// What is wrong; never the content.
        cause: String,
    },
}

/// Reads the settings of a service: every variable that begins with its name in capitals.
pub fn settings<S: DeserializeOwned>(service: &str) -> Result<S, SettingsRefused> {
    settings_from(service, std::env::vars())
}

/// The same from these variables.
pub fn settings_from<S: DeserializeOwned>(
    service: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<S, SettingsRefused> {
    let prefix = format!("{}_", service.to_uppercase());
    envy::prefixed(&prefix).from_iter(variables).map_err(|cause| SettingsRefused::Environment { prefix, cause })
}

/// Reads a secret from its file, without the line end behind it. Outside local mode a placeholder or a short secret stops the
/// start: the documents this system comes from show `..._CHANGE_ME`, and such a password must never be in use.
pub fn secret(path: &Path, mode: Mode) -> Result<SecretString, SettingsRefused> {
    let refused = |cause: String| SettingsRefused::SecretFile { path: path.display().to_string(), cause };
    let text = std::fs::read_to_string(path).map_err(|cause| refused(cause.to_string()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(refused("is empty".to_owned()));
    }
    let placeholder = text.to_ascii_uppercase().contains("CHANGE_ME") || text.len() < 16;
    if mode == Mode::Production && placeholder {
        return Err(refused("holds a placeholder or fewer than 16 characters; generate a secret".to_owned()));
    }
    Ok(SecretString::from(text.to_owned()))
}

/// Reads a key file of 64 hex digits as its 32 bytes' text, checked for form only.
pub fn key_32(path: &Path) -> Result<SecretString, SettingsRefused> {
    let key = secret(path, Mode::Production)?;
    let text = secrecy::ExposeSecret::expose_secret(&key);
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(key)
    } else {
        Err(SettingsRefused::SecretFile { path: path.display().to_string(), cause: "is not 64 hex digits".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Settings {
        #[serde(flatten)]
        common: Common,
        #[serde(flatten)]
        database: DatabaseSettings,
        grace_seconds: i32,
        public_url: PublicUrl,
        #[serde(flatten)]
        _nothing_else: NothingElse,
    }

    fn read(more: &[(&str, &str)]) -> Result<Settings, String> {
        let whole = [
            ("TEST_LISTEN_ADDR", "127.0.0.1:0"),
            ("TEST_DATABASE_URL", "postgres://me@host/db"),
            ("TEST_DATABASE_PASSWORD_FILE", "/run/password"),
            ("TEST_GRACE_SECONDS", "60"),
            ("TEST_PUBLIC_URL", "https://vote.example.org/"),
            ("OTHER_SETTING", "not ours"),
        ];
        let variables = whole.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        settings_from("test", variables).map_err(|refused| refused.to_string())
    }

    #[test]
    fn groups_own_settings_and_defaults_come_from_one_environment() {
        let settings = read(&[("TEST_DATABASE_POOL_SIZE", "3"), ("TEST_DATABASE_SSLMODE", "verify-full")]).unwrap();
        assert_eq!((settings.common.mode, settings.common.log.as_str()), (Mode::Production, "info"));
        assert_eq!((settings.database.pool_size, settings.database.sslmode), (3, SslMode::VerifyFull));
        assert_eq!((settings.grace_seconds, &*settings.public_url), (60, "https://vote.example.org"));
        let plain = read(&[]).unwrap();
        assert_eq!((plain.database.pool_size, plain.database.sslmode, plain.database.ca_file), (8, SslMode::Prefer, None));
    }

    #[test]
    fn a_misspelt_setting_stops_the_start() {
        let refused = read(&[("TEST_DATABASE_POOL_SZIE", "3"), ("TEST_GRACE", "1")]).unwrap_err();
        assert!(refused.contains("there is no setting DATABASE_POOL_SZIE, GRACE"), "{refused}");
    }

    #[test]
    fn a_value_of_the_wrong_form_stops_the_start() {
        for (name, value) in [
            ("TEST_DATABASE_POOL_SIZE", "many"),
            ("TEST_GRACE_SECONDS", "an hour"),
            ("TEST_MODE", "staging"),
            ("TEST_DATABASE_SSLMODE", "verify"),
            ("TEST_PUBLIC_URL", "vote.example.org"),
        ] {
            assert!(read(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
