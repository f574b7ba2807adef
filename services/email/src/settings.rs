//! Settings of the service, from environment variables that begin with `EMAIL_`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use launch::{Common, DatabaseSettings, NothingElse};
use serde::Deserialize;

/// `EMAIL_*`; see `settings.env.example`.
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
    /// The key that mails are encrypted under while they wait: a file of 64 hex digits.
    pub store_key_file: PathBuf,
    /// The mail server.
    pub smtp_host: String,
    /// Its port: 587 for `starttls`, 465 for `tls`.
    pub smtp_port: u16,
    /// How the way to it is protected.
    #[serde(default)]
    pub smtp_tls: SmtpTls,
    /// The only authority (PEM) that may vouch for it; the public ones when absent.
    pub smtp_ca_file: Option<PathBuf>,
    /// The account there, if it wants one.
    pub smtp_username: Option<String>,
    /// The file with that account's password.
    pub smtp_password_file: Option<PathBuf>,
    /// Who the mails are from: `U-Vote <noreply@example.org>`.
    pub from: String,
    /// Most conversations with the mail server at a time.
    #[serde(default = "default_connections")]
    pub connections: usize,
    /// Most mails a second that all processes together hand over, where the mail provider sets a limit; as fast as the server
    /// takes them when absent. The same for all processes.
    pub mails_per_second: Option<NonZeroU32>,
    /// A setting that is none of these stops the start.
    #[serde(flatten)]
    pub nothing_else: NothingElse,
}

impl AsRef<Common> for Settings {
    fn as_ref(&self) -> &Common {
        &self.common
    }
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Not at all. Refused outside local mode: mails hold live links.
    None,
    /// Begins in the open and goes on under TLS, or not at all.
    #[default]
    Starttls,
    /// Under TLS from the first byte.
    Tls,
}

fn default_connections() -> usize {
    8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_complete_and_a_misspelt_setting_stops_the_start() {
        let settings: Settings = testkit::service::example("email", include_str!("../settings.env.example"));
        assert_eq!((settings.smtp_tls, settings.connections, settings.mails_per_second), (SmtpTls::None, 8, None));
    }
}
