//! The settings, `VOTING_...` in the environment; `settings.env.example` shows all of them.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use launch::Mode;
use serde::Deserialize;

/// Settings of the voting service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// `local` or `production`.
    #[serde(default)]
    pub mode: Mode,
    /// Tracing filter.
    #[serde(default = "info")]
    pub log: String,
    /// `postgres://voting_service@host:port/database`, without a password.
    pub database_url: String,
    /// The file with that role's password.
    pub database_password_file: PathBuf,
    /// Connections for reading. Recording has up to five of its own beside them.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
    /// 64 hex digits: the key that the elections' stamp keys are wrapped with.
    pub kek_stamp_file: PathBuf,
    /// ECDSA P-256, PKCS#8 PEM: signs receipts.
    pub receipt_key_file: PathBuf,
    /// 64 hex digits: what the mails are encrypted with while they wait.
    pub outbox_key_file: PathBuf,
    /// The private key that shows the email service who asks for a mail. Casting needs neither it nor the email service.
    pub service_key_file: PathBuf,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// What links in mails begin with.
    pub public_url: String,
    /// How many POSTs a second one link may make ...
    #[serde(default = "five")]
    pub link_rate_per_second: NonZeroU32,
    /// ... after this many at once.
    #[serde(default = "twenty")]
    pub link_burst: NonZeroU32,
    /// How many milliseconds the recorder tries to record a ballot, over lost connections and while others hold its election's
    /// rows, before the voter is told that it was not recorded or, where a call was interrupted, that the outcome is unknown.
    #[serde(default = "ten_seconds")]
    pub recorder_patience_ms: u64,
    /// How often the recorder looks whether open boxes still hold what it saw committed (ADR 0014). Only tests set it.
    #[serde(skip, default = "five_seconds")]
    pub look_every: Duration,
}

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

fn five() -> NonZeroU32 {
    const { NonZeroU32::new(5).expect("5 is not 0") }
}

fn twenty() -> NonZeroU32 {
    const { NonZeroU32::new(20).expect("20 is not 0") }
}

fn ten_seconds() -> u64 {
    10_000
}

fn five_seconds() -> Duration {
    Duration::from_secs(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_is_understood_and_shows_every_setting() {
        let example = include_str!("../settings.env.example");
        let pairs = example.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
        let names: Vec<_> = pairs.clone().map(|(name, _)| name.strip_prefix("VOTING_").unwrap().to_lowercase()).collect();
        let settings: Settings = launch_from(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((settings.recorder_patience_ms, settings.look_every), (10_000, Duration::from_secs(5)));
        assert_eq!(names.len(), 15);
    }

    fn launch_from(pairs: impl Iterator<Item = (String, String)>) -> Settings {
        envy::prefixed("VOTING_").from_iter(pairs).unwrap()
    }
}
