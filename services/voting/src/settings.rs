//! The settings, `VOTING_...` in the environment; `settings.env.example` shows all of them.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use launch::{Common, DatabaseSettings, NothingElse, OutboxSettings, PublicUrl};
use serde::Deserialize;

/// Settings of the voting service.
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
    /// 64 hex digits: the key that the elections' stamp keys are wrapped with.
    pub kek_stamp_file: PathBuf,
    /// ECDSA P-256, PKCS#8 PEM: signs receipts.
    pub receipt_key_file: PathBuf,
    /// What links in mails begin with.
    pub public_url: PublicUrl,
    /// How many POSTs a second one link may make ...
    #[serde(default = "default_link_rate_per_second")]
    pub link_rate_per_second: NonZeroU32,
    /// ... after this many at once.
    #[serde(default = "default_link_burst")]
    pub link_burst: NonZeroU32,
    /// How many milliseconds the recorder tries to record a ballot, over lost connections and while others hold its election's
    /// rows, before the voter is told that it was not recorded or, where a call was interrupted, that the outcome is unknown.
    #[serde(default = "default_recorder_patience_ms")]
    pub recorder_patience_ms: u64,
    /// How often the recorder looks whether open boxes still hold what it saw committed (ADR 0014). Only tests set it.
    #[serde(skip, default = "default_look_every")]
    pub look_every: Duration,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

fn default_link_rate_per_second() -> NonZeroU32 {
    const { NonZeroU32::new(5).expect("5 is not 0") }
}

fn default_link_burst() -> NonZeroU32 {
    const { NonZeroU32::new(20).expect("20 is not 0") }
}

fn default_recorder_patience_ms() -> u64 {
    10_000
}

fn default_look_every() -> Duration {
    Duration::from_secs(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("voting", include_str!("../settings.env.example"));
        assert_eq!((settings.recorder_patience_ms, settings.look_every), (10_000, Duration::from_secs(5)));
    }
}
