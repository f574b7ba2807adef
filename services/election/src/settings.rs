//! Settings, from variables that begin with `ELECTION_`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

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
    /// Connections for the API at the most.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
    /// Connections at the most for opening and closing elections and for counting. Calls of the API cannot take these.
    #[serde(default = "six")]
    pub closing_pool_size: usize,
    /// Public key of auth's assertions.
    pub assertion_public_key_file: PathBuf,
    /// This service's own key on the internal listener.
    pub service_key_file: PathBuf,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// What waiting mails are encrypted under.
    pub outbox_key_file: PathBuf,
    /// What private seal keys are encrypted under. Only this service has it.
    pub kek_seal_file: PathBuf,
    /// What private stamp keys are encrypted under.
    pub kek_stamp_file: PathBuf,
    /// Signs box commitments.
    pub receipt_key_file: PathBuf,
    /// Where the installation is reached from outside.
    pub public_url: String,
    /// Seconds in which finished ballots may still arrive after the close.
    #[serde(default = "sixty")]
    pub grace_seconds: i32,
    /// How long a step of the closing that the database refuses is tried again before the tally counts as failed. Only tests set it.
    #[serde(skip, default = "one_minute")]
    pub gives_up_after: Duration,
}

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

fn six() -> usize {
    6
}

fn sixty() -> i32 {
    60
}

fn one_minute() -> Duration {
    Duration::from_secs(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_holds_settings_that_load() {
        let example = include_str!("../settings.env.example");
        let pairs = example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Settings = envy::prefixed("ELECTION_").from_iter(pairs).unwrap();
        assert_eq!((settings.grace_seconds, settings.closing_pool_size), (60, 6));
        assert_eq!(settings.gives_up_after, one_minute());
        assert_eq!(settings.mode, Mode::Local);
    }
}
