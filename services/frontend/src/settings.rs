//! Settings of the service, from environment variables that begin with `FRONTEND_`.

use std::path::PathBuf;
use std::time::Duration;

use launch::{Common, NothingElse, PublicUrl};
use serde::Deserialize;

/// The settings. Secrets are in files; this holds only their paths.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Settings that every service has.
    #[serde(flatten)]
    pub common: Common,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// This service's own private key (Ed25519, PKCS#8 PEM): beside its signature the other services believe the address of a visitor.
    pub service_key_file: PathBuf,
    /// 64 hex digits: what sessions of organisers are sealed with. All copies of this service need the same file.
    pub session_key_file: PathBuf,
    /// Where people reach this installation.
    pub public_url: PublicUrl,
    /// The mail catcher's page, where there is one.
    pub mail_url: Option<String>,
    /// How often the election service is asked about an election whose turnout is watched. Only tests set it.
    #[serde(skip, default = "default_watch_every")]
    pub watch_every: Duration,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

fn default_watch_every() -> Duration {
    crate::organiser::LIVE_INTERVAL
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("frontend", include_str!("../settings.env.example"));
        assert_eq!(settings.common.mode, launch::Mode::Local);
        assert!(settings.mail_url.is_some());
    }
}
