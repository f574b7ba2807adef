//! The kinds of secrets there are. A public half is always derived from the private file, so that the two never part.

use crate::{InstallationError, secret_file};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

fn random(_: aws_lc_rs::error::Unspecified) -> InstallationError {
    InstallationError::Randomness
}

/// 32 random bytes as 64 hex characters.
pub(crate) fn hex_secret(path: &Path) -> Result<(), InstallationError> {
    if secret_file::read(path)?.is_some() {
        return Ok(());
    }
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(random)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    secret_file::write(path, &text).map(drop)
}

/// An Ed25519 pair. PKCS#8 version 1, because that is what most other readers (OpenSSL too) understand.
pub(crate) fn ed25519_pair(private: &Path, public: &Path) -> Result<(), InstallationError> {
    pair(
        private,
        public,
        || Ok(Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(random)?.as_ref().to_vec()),
        |der| spki(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?.public_key()),
    )
}

/// An ECDSA P-256 pair.
pub(crate) fn p256_pair(private: &Path, public: &Path) -> Result<(), InstallationError> {
    let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
    pair(
        private,
        public,
        || Ok(EcdsaKeyPair::generate_pkcs8(kind, &SystemRandom::new()).map_err(random)?.as_ref().to_vec()),
        |der| spki(EcdsaKeyPair::from_pkcs8(kind, der).ok()?.public_key()),
    )
}

fn spki(key: &impl AsDer<PublicKeyX509Der<'static>>) -> Option<Vec<u8>> {
    key.as_der().ok().map(|der| der.as_ref().to_vec())
}

fn pair(
    private: &Path,
    public: &Path,
    generate: impl FnOnce() -> Result<Vec<u8>, InstallationError>,
    public_half: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<(), InstallationError> {
    let text = match secret_file::read(private)? {
        Some(text) => text,
        None => secret_file::write(private, &pem("PRIVATE KEY", &generate()?))?,
    };
    let spki = from_pem(&text).and_then(|der| public_half(&der));
    let spki = spki.ok_or_else(|| InstallationError::NotAKey(private.to_path_buf()))?;
    let expected = pem("PUBLIC KEY", &spki);
    if secret_file::read(public)?.as_ref() != Some(&expected) {
        secret_file::replace(public, &expected)?;
    }
    Ok(())
}

/// A certificate for this machine alone, made anew from its key when only the key is there.
pub(crate) fn certificate(key: &Path, certificate: &Path) -> Result<(), InstallationError> {
    if secret_file::read(key)?.is_some() && secret_file::read(certificate)?.is_some() {
        return Ok(());
    }
    let text = secret_file::write(key, &rcgen::KeyPair::generate()?.serialize_pem())?;
    let pair = rcgen::KeyPair::from_pem(&text)?;
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut parameters = rcgen::CertificateParams::new(names)?;
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "U-Vote on this machine");
    secret_file::replace(certificate, &parameters.self_signed(&pair)?.pem())
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}

fn from_pem(text: &str) -> Option<Vec<u8>> {
    let body = text.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}
