//! What the service has to be told before it starts.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use launch::Mode;
use serde::Deserialize;

/// `EMAIL_*`; see `settings.env.example`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// `local` or `production`.
    #[serde(default)]
    pub mode: Mode,
    /// Filter of the log.
    #[serde(default = "info")]
    pub log: String,
    /// The database, without a password: `postgres://email_service@host:port/uvote`.
    pub database_url: String,
    /// The file with the role's password.
    pub database_password_file: PathBuf,
    /// Most connections to the database.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
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
    #[serde(default = "eight")]
    pub connections: usize,
    /// Most mails a second that this process hands over, where the mail provider sets a limit; as fast as the server takes
    /// them when absent.
    pub mails_per_second: Option<NonZeroU32>,
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

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_loads() {
        let example = include_str!("../settings.env.example");
        let lines = example.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap());
        let settings: Settings = envy::prefixed("EMAIL_").from_iter(pairs).unwrap();
        assert_eq!(settings.smtp_tls, SmtpTls::None);
        assert_eq!((settings.listen_addr.port(), settings.connections, settings.mails_per_second), (8007, 8, None));
    }
}
