//! Settings, from variables that begin with `ELECTION_`.

use std::path::PathBuf;
use std::time::Duration;

use launch::{Common, DatabaseSettings, NothingElse, OutboxSettings};
use messages::Zone;
use serde::Deserialize;

/// All settings. Paths are to files; no secret stands in the environment itself.
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
    /// Connections at the most for opening and closing elections and for counting. Calls of the API cannot take these.
    #[serde(default = "default_closing_pool_size")]
    pub closing_pool_size: usize,
    /// Public key of auth's assertions.
    pub assertion_public_key_file: PathBuf,
    /// The folder of all services' public keys: by frontend's the address of a page's visitor is believed.
    pub service_keys_dir: PathBuf,
    /// The key-encryption key of private seal keys. Only this service has it.
    pub kek_seal_file: PathBuf,
    /// What private stamp keys are encrypted under.
    pub kek_stamp_file: PathBuf,
    /// Signs the three statements about a closed election: box commitment, halts of recording, decrypted ballots.
    pub receipt_key_file: PathBuf,
    /// The time zone of elections that name none, by its name in the IANA database.
    #[serde(default)]
    pub default_timezone: Zone,
    /// Seconds in which finished ballots may still arrive after the close.
    #[serde(default = "default_grace_seconds")]
    pub grace_seconds: i32,
    /// Whether it closes elections, and opens and closes them by the clock. Only tests set it.
    #[serde(skip, default = "default_closes")]
    pub closes: bool,
    /// How long a step of the closing that the database refuses is tried again before the tally counts as failed. Only tests set it.
    #[serde(skip, default = "default_gives_up_after")]
    pub gives_up_after: Duration,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

fn default_closes() -> bool {
    true
}

fn default_closing_pool_size() -> usize {
    6
}

fn default_grace_seconds() -> i32 {
    60
}

fn default_gives_up_after() -> Duration {
    Duration::from_secs(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("election", include_str!("../settings.env.example"));
        assert_eq!((settings.grace_seconds, settings.common.mode, settings.closes), (60, launch::Mode::Local, true));
        assert_eq!(settings.default_timezone, Zone::UTC);
        assert_eq!((settings.closing_pool_size, settings.gives_up_after), (6, default_gives_up_after()));
    }
}
