//! Settings of the service, from environment variables that begin with `AUTH_`.

use std::path::PathBuf;

use launch::{Common, DatabaseSettings, Mode, NothingElse, OutboxSettings, PublicUrl};
use serde::Deserialize;

/// The settings. Secrets are in files; this holds only their paths.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Settings that every service has.
    #[serde(flatten)]
    pub common: Common,
    /// Its database.
    #[serde(flatten)]
    pub database: DatabaseSettings,
    /// The outbox: how events and mails reach other services.
    #[serde(flatten)]
    pub outbox: OutboxSettings,
    /// Redis, without a password.
    pub redis_url: String,
    /// Its password.
    pub redis_password_file: PathBuf,
    /// The CA certificate that signed the one of Redis, for `rediss://`; the system's CAs when absent.
    pub redis_ca_file: Option<PathBuf>,
    /// The HS256 secret of the public token: 64 hex digits.
    pub jwt_secret_file: PathBuf,
    /// The private key of assertions (Ed25519, PKCS#8 PEM).
    pub assertion_key_file: PathBuf,
    /// The folder of all services' public keys: by frontend's the address of a page's visitor is believed.
    pub service_keys_dir: PathBuf,
    /// Base URL of the links in mails: invitation, unlock, new password. With `https://` the device cookie is `Secure`.
    pub public_url: PublicUrl,
    /// Who may register; see [`Settings::registration`] for the default.
    pub registration: Option<Registration>,
    /// bcrypt's cost: each step doubles the work.
    #[serde(default = "default_bcrypt_cost")]
    pub bcrypt_cost: u32,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Anybody.
    Open,
    /// Who was invited.
    Invite,
    /// Nobody.
    Closed,
}

/// A cost that bcrypt does not have, or one that protects nobody.
#[derive(Debug, thiserror::Error)]
#[error("AUTH_BCRYPT_COST is {0}; bcrypt takes 4 to 31, and outside local mode at least 10 is needed")]
pub struct CostRefused(u32);

impl Settings {
    /// Who may register: anybody on a local machine, the invited elsewhere, unless it is set.
    #[must_use]
    pub fn registration(&self) -> Registration {
        self.registration.unwrap_or(match self.common.mode {
            Mode::Local => Registration::Open,
            Mode::Production => Registration::Invite,
        })
    }

    /// The cost, when it is a sensible one.
    pub fn bcrypt_cost(&self) -> Result<u32, CostRefused> {
        let least = if self.common.mode == Mode::Production { 10 } else { 4 };
        if (least..=31).contains(&self.bcrypt_cost) { Ok(self.bcrypt_cost) } else { Err(CostRefused(self.bcrypt_cost)) }
    }
}

fn default_bcrypt_cost() -> u32 {
    12
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> impl Iterator<Item = (String, String)> {
        include_str!("../settings.env.example")
            .lines()
            .filter_map(|line| line.split_once('=').filter(|_| !line.starts_with('#')))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    }

    fn load(lines: impl Iterator<Item = (String, String)>) -> Settings {
        launch::settings_from("auth", lines).unwrap()
    }

    #[test]
    fn the_example_is_a_complete_set() {
        let settings: Settings = testkit::service::example("auth", include_str!("../settings.env.example"));
        assert_eq!(settings.registration(), Registration::Open);
        assert_eq!(settings.bcrypt_cost().unwrap(), 12);
    }

    #[test]
    fn strangers_cannot_register_in_production_unless_somebody_said_so() {
        let production = example()
            .filter(|(name, _)| name != "AUTH_REGISTRATION")
            .map(|(name, value)| if name == "AUTH_MODE" { (name, "production".to_owned()) } else { (name, value) });
        assert_eq!(load(production).registration(), Registration::Invite);
    }

    #[test]
    fn a_weak_cost_is_for_local_machines() {
        let mut settings = load(example());
        settings.bcrypt_cost = 4;
        assert!(settings.bcrypt_cost().is_ok());
        settings.common.mode = Mode::Production;
        assert!(settings.bcrypt_cost().is_err());
    }
}
