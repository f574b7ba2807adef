//! Settings of the service, `ADMIN_...` in the environment; `settings.env.example` shows all.

use std::net::SocketAddr;
use std::path::PathBuf;

use launch::Mode;
use serde::Deserialize;

/// All there is to set. Secrets are in files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// `local` or `production`.
    #[serde(default)]
    pub mode: Mode,
    /// A tracing filter.
    #[serde(default = "info")]
    pub log: String,
    /// `postgres://admin_service@host:port/database`, without a password.
    pub database_url: String,
    /// The role's password.
    pub database_password_file: PathBuf,
    /// Connections at the most.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
    /// Auth's public key, SPKI PEM.
    pub assertion_public_key_file: PathBuf,
    /// This service's own Ed25519 key, PKCS#8 PEM.
    pub service_key_file: PathBuf,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// 64 hex digits; mails that wait are encrypted under it.
    pub outbox_key_file: PathBuf,
    /// What links in mails begin with: `https://vote.example.org`.
    pub public_url: String,
    /// The audit service's present public key for signed heads of its log, SPKI PEM.
    pub audit_head_public_key_file: PathBuf,
    /// After how many days in the archive the people of an election are forgotten. What is needed to check and count again
    /// stays.
    #[serde(default = "ninety")]
    pub retention_days: u16,
}

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

fn ninety() -> u16 {
    90
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Vec<(String, String)> {
        let lines = include_str!("../settings.env.example").lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_example_can_be_used() {
        let settings: Settings = envy::prefixed("ADMIN_").from_iter(example()).unwrap();
        assert_eq!((settings.database_pool_size, settings.retention_days), (8, 90));
        assert_eq!(settings.mode, Mode::Local);
    }

    #[test]
    fn a_misspelt_setting_is_an_error() {
        let misspelt = example().into_iter().chain([("ADMIN_POOL_SZIE".to_owned(), "9".to_owned())]);
        assert!(envy::prefixed("ADMIN_").from_iter::<_, Settings>(misspelt).is_err());
    }
}
