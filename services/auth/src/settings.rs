//! What the service is told from outside, as `AUTH_...`.

use std::net::SocketAddr;
use std::path::PathBuf;

use launch::Mode;
use serde::Deserialize;

/// The settings. Secrets are in files; this holds only their paths.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// Local or production.
    #[serde(default)]
    pub mode: Mode,
    /// A tracing filter.
    #[serde(default = "info")]
    pub log: String,
    /// PostgreSQL, without a password.
    pub database_url: String,
    /// The password of its role.
    pub database_password_file: PathBuf,
    /// Connections at the most.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
    /// Redis, without a password.
    pub redis_url: String,
    /// Its password.
    pub redis_password_file: PathBuf,
    /// The HS256 secret of the public token: 64 hex digits.
    pub jwt_secret_file: PathBuf,
    /// The private key of assertions (Ed25519, PKCS#8 PEM).
    pub assertion_key_file: PathBuf,
    /// This service's own private key, for its calls of other services.
    pub service_key_file: PathBuf,
    /// The key of its outbox: 64 hex digits.
    pub outbox_key_file: PathBuf,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// What the link of an invitation begins with.
    pub public_url: String,
    /// Who may register; see [`Settings::registration`] for the default.
    pub registration: Option<Registration>,
    /// bcrypt's cost: each step doubles the work.
    #[serde(default = "twelve")]
    pub bcrypt_cost: u32,
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
        self.registration.unwrap_or(match self.mode {
            Mode::Local => Registration::Open,
            Mode::Production => Registration::Invite,
        })
    }

    /// The cost, when it is a sensible one.
    pub fn bcrypt_cost(&self) -> Result<u32, CostRefused> {
        let least = if self.mode == Mode::Production { 10 } else { 4 };
        if (least..=31).contains(&self.bcrypt_cost) { Ok(self.bcrypt_cost) } else { Err(CostRefused(self.bcrypt_cost)) }
    }
}

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

fn twelve() -> u32 {
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

    fn load(lines: impl Iterator<Item = (String, String)>) -> Result<Settings, envy::Error> {
        envy::prefixed("AUTH_").from_iter(lines)
    }

    #[test]
    fn the_example_is_a_complete_set() {
        let settings = load(example()).unwrap();
        assert_eq!(settings.registration(), Registration::Open);
        assert_eq!(settings.bcrypt_cost().unwrap(), 12);
    }

    #[test]
    fn a_misspelt_setting_stops_the_start() {
        assert!(load(example().chain([("AUTH_REGISTRATON".to_owned(), "closed".to_owned())])).is_err());
    }

    #[test]
    fn strangers_cannot_register_in_production_unless_somebody_said_so() {
        let production = example()
            .filter(|(name, _)| name != "AUTH_REGISTRATION")
            .map(|(name, value)| if name == "AUTH_MODE" { (name, "production".to_owned()) } else { (name, value) });
        assert_eq!(load(production).unwrap().registration(), Registration::Invite);
    }

    #[test]
    fn a_weak_cost_is_for_local_machines() {
        let mut settings = load(example()).unwrap();
        settings.bcrypt_cost = 4;
        assert!(settings.bcrypt_cost().is_ok());
        settings.mode = Mode::Production;
        assert!(settings.bcrypt_cost().is_err());
    }
}
