//! What the service is told from outside, as `FRONTEND_...`.

use std::net::SocketAddr;

use launch::Mode;
use serde::Deserialize;

/// The settings. There are no secrets: the pages call what anybody may call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen_addr: SocketAddr,
    /// Local or production.
    #[serde(default)]
    pub mode: Mode,
    /// A tracing filter.
    #[serde(default = "info")]
    pub log: String,
    /// The gateway's internal listener.
    pub internal_url: String,
    /// Where people reach this installation.
    pub public_url: String,
    /// The mail catcher's page, where there is one.
    pub mail_url: Option<String>,
}

fn info() -> String {
    "info".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_complete_set() {
        let lines = include_str!("../settings.env.example").lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Settings = envy::prefixed("FRONTEND_").from_iter(pairs).unwrap();
        assert_eq!(settings.mode, Mode::Local);
        assert!(settings.mail_url.is_some());
    }
}
