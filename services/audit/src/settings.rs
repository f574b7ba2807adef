//! What the service has to be told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use launch::Mode;
use serde::Deserialize;

/// `AUDIT_*`; see `settings.env.example`.
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
    /// The database, without a password: `postgres://audit_service@host:port/uvote`.
    pub database_url: String,
    /// The file with the role's password.
    pub database_password_file: PathBuf,
    /// Most connections to the database.
    #[serde(default = "eight")]
    pub database_pool_size: usize,
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
    /// How many entries a second the walk through the whole log reads, at the most.
    #[serde(default = "five_thousand")]
    pub walk_entries_per_second: u32,
    /// How often it walks through the whole log, in seconds.
    #[serde(default = "an_hour")]
    pub walk_every_seconds: u64,
    /// How often it walks on over what is new, in seconds.
    #[serde(default = "ten")]
    pub walk_new_entries_every_seconds: u64,
}

fn info() -> String {
    "info".to_owned()
}

fn eight() -> usize {
    8
}

fn five_thousand() -> u32 {
    5000
}

fn an_hour() -> u64 {
    3600
}

fn ten() -> u64 {
    10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_loads() {
        let example = include_str!("../settings.env.example");
        let lines = example.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pairs = lines.map(|line| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap());
        let settings: Settings = envy::prefixed("AUDIT_").from_iter(pairs).unwrap();
        assert_eq!(settings.mode, Mode::Local);
        assert_eq!(settings.listen_addr.port(), 8005);
    }
}
