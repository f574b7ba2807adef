//! Settings of the service, from environment variables that begin with `FRONTEND_`.

use launch::{Common, NothingElse, PublicUrl};
use serde::Deserialize;

/// The settings. There are no secrets: the pages call what anybody may call.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Settings that every service has.
    #[serde(flatten)]
    pub common: Common,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// Where people reach this installation.
    pub public_url: PublicUrl,
    /// The mail catcher's page, where there is one.
    pub mail_url: Option<String>,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
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
