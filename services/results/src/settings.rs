//! Settings, from variables that begin with `RESULTS_`.

use std::net::SocketAddr;
use std::path::PathBuf;

use launch::Mode;
use serde::Deserialize;

/// All settings. Paths are to files; no secret stands in the environment itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// Where the installation stands.
    #[serde(default)]
    pub mode: Mode,
    /// tracing filter.
    #[serde(default = "info")]
    pub log: String,
    /// The database, with the role and without a password.
    pub database_url: String,
    /// The role's password.
    pub database_password_file: PathBuf,
    /// Connections at the most.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
    /// Public key of auth's assertions.
    pub assertion_public_key_file: PathBuf,
    /// This service's own key on the internal listener.
    pub service_key_file: PathBuf,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// What waiting mails would be encrypted under; this service sends none.
    pub outbox_key_file: PathBuf,
    /// Public half of the receipt key: what box commitments are checked with.
    pub receipt_public_key_file: PathBuf,
    /// What the tags on kept results are made with.
    pub kept_key_file: PathBuf,
    /// A published result is checked again when its last check is so many seconds old; 1 at least.
    #[serde(default = "an_hour")]
    pub recheck_after_seconds: u64,
    /// How many ballots a second are checked again at the most: 1,000 are a twentieth of a core. A first count is not held back.
    #[serde(default = "thousand")]
    pub recheck_ballots_per_second: u32,
}

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

fn an_hour() -> u64 {
    3600
}

fn thousand() -> u32 {
    1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_holds_settings_that_load() {
        let example = include_str!("../settings.env.example");
        let pairs = example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Settings = envy::prefixed("RESULTS_").from_iter(pairs).unwrap();
        assert_eq!(settings.mode, Mode::Local);
    }
}
