//! Settings of the service, `ADMIN_...` in the environment; `settings.env.example` shows all.

use std::path::PathBuf;

use launch::{Common, DatabaseSettings, NothingElse, OutboxSettings, PublicUrl};
use serde::Deserialize;

/// All there is to set. Secrets are in files.
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
    /// Auth's public key, SPKI PEM.
    pub assertion_public_key_file: PathBuf,
    /// The folder of all services' public keys: by frontend's the address of a page's visitor is believed.
    pub service_keys_dir: PathBuf,
    /// What links in mails begin with: `https://vote.example.org`.
    pub public_url: PublicUrl,
    /// The audit service's present public key for signed heads of its log, SPKI PEM.
    pub audit_head_public_key_file: PathBuf,
    /// After how many days in the archive the people of an election are forgotten. What is needed to check and count again
    /// stays.
    #[serde(default = "default_retention_days")]
    pub retention_days: u16,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

fn default_retention_days() -> u16 {
    90
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("admin", include_str!("../settings.env.example"));
        assert_eq!((settings.database.pool_size, settings.retention_days, settings.common.mode), (8, 90, launch::Mode::Local));
    }
}
