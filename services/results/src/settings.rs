//! Settings, from variables that begin with `RESULTS_`.

use std::path::PathBuf;

use launch::{Common, DatabaseSettings, NothingElse, OutboxSettings};
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
    /// Public key of auth's assertions.
    pub assertion_public_key_file: PathBuf,
    /// The folder of all services' public keys: by frontend's the address of a page's visitor is believed.
    pub service_keys_dir: PathBuf,
    /// Public half of the receipt key: verifies box commitment, halts of recording and decrypted ballots.
    pub receipt_public_key_file: PathBuf,
    /// The MAC key of stored results.
    pub kept_key_file: PathBuf,
    /// A published result is checked again when its last check is so many seconds old; 1 at least.
    #[serde(default = "default_recheck_after_seconds")]
    pub recheck_after_seconds: u64,
    /// How many ballots a second are checked again at the most: 1,000 are a twentieth of a core. A first count is not held back.
    #[serde(default = "default_recheck_ballots_per_second")]
    pub recheck_ballots_per_second: u32,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

fn default_recheck_after_seconds() -> u64 {
    3600
}

fn default_recheck_ballots_per_second() -> u32 {
    1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("results", include_str!("../settings.env.example"));
        assert_eq!((settings.common.mode, settings.recheck_after_seconds), (launch::Mode::Local, 3600));
    }
}
