//! Settings from the environment, secrets from files.

use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One machine, for development and demonstration.
    Local,
    /// Anything that real people vote on.
    #[default]
    Production,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsRefused {
    /// Missing, unknown or of the wrong form.
    #[error("settings {prefix}*: {cause}")]
    Environment {
        /// What all of them begin with.
        prefix: &'static str,
        /// What is wrong.
        cause: envy::Error,
    },
    /// A secret's file cannot be read.
    #[error("the secret file {path}: {cause}")]
    SecretFile {
        /// Which file.
        path: String,
        /// What is wrong; never the content.
        cause: String,
    },
}

/// Reads the settings of a service: every variable that begins with `prefix`. Unknown ones are an error when the struct has
/// `deny_unknown_fields`, so that a misspelt setting does not silently mean its default.
pub fn settings<S: DeserializeOwned>(prefix: &'static str) -> Result<S, SettingsRefused> {
    envy::prefixed(prefix).from_env().map_err(|cause| SettingsRefused::Environment { prefix, cause })
}

/// Reads a secret from its file, without the line end behind it. Outside local mode a placeholder or a short secret stops the
/// start: the documents this system comes from show `..._CHANGE_ME`, and such a password must never be in use.
pub fn secret(path: &Path, mode: Mode) -> Result<SecretString, SettingsRefused> {
    let refused = |cause: String| SettingsRefused::SecretFile { path: path.display().to_string(), cause };
    let text = std::fs::read_to_string(path).map_err(|cause| refused(cause.to_string()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(refused("is empty".to_owned()));
    }
    let placeholder = text.to_ascii_uppercase().contains("CHANGE_ME") || text.len() < 16;
    if mode == Mode::Production && placeholder {
        return Err(refused("holds a placeholder or fewer than 16 characters; generate a secret".to_owned()));
    }
    Ok(SecretString::from(text.to_owned()))
}

/// Reads a key file of 64 hex digits as its 32 bytes' text, checked for form only.
pub fn key_32(path: &Path) -> Result<SecretString, SettingsRefused> {
    let key = secret(path, Mode::Production)?;
    let text = secrecy::ExposeSecret::expose_secret(&key);
    if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(key)
    } else {
        Err(SettingsRefused::SecretFile { path: path.display().to_string(), cause: "is not 64 hex digits".to_owned() })
    }
}
