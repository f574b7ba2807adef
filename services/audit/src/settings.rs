//! Settings of the service, from environment variables that begin with `AUDIT_`.

use std::path::PathBuf;

use launch::{Common, DatabaseSettings, NothingElse};
use serde::Deserialize;

/// `AUDIT_*`; see `settings.env.example`.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Settings that every service has.
    #[serde(flatten)]
    pub common: Common,
    /// Its database.
    #[serde(flatten)]
    pub database: DatabaseSettings,
    /// The folder of all services' public keys, `<service>.pub.pem`.
    pub service_keys_dir: PathBuf,
    /// The public key that admins' assertions are checked with.
    pub assertion_public_key_file: PathBuf,
    /// The Ed25519 private key that heads of the log are signed with, PKCS#8 PEM.
    pub head_key_file: PathBuf,
    /// Public keys that signed heads before the present one, each with the last entry that it signed, as `uvote-audit retire-key`
    /// writes them. Without it every older signature is taken for a forged one, and nothing is signed any more.
    #[serde(default)]
    pub earlier_head_keys_file: Option<PathBuf>,
    /// The folder where this copy of the service keeps the last head it signed. Each copy has its own; it is made when missing.
    pub state_dir: PathBuf,
    /// How many entries a second the check of the whole log reads at most.
    #[serde(default = "default_walk_entries_per_second")]
    pub walk_entries_per_second: u32,
    /// How often the whole log is checked, in seconds.
    #[serde(default = "default_walk_every_seconds")]
    pub walk_every_seconds: u64,
    /// How often the new entries are checked, in seconds.
    #[serde(default = "default_walk_new_entries_every_seconds")]
    pub walk_new_entries_every_seconds: u64,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

fn default_walk_entries_per_second() -> u32 {
    5000
}

fn default_walk_every_seconds() -> u64 {
    3600
}

fn default_walk_new_entries_every_seconds() -> u64 {
    10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("audit", include_str!("../settings.env.example"));
        assert_eq!((settings.common.mode, settings.common.listen_addr.port()), (launch::Mode::Local, 8005));
    }
}
