//! The stamp: the election's signature on a ballot's digest, without which no ballot is recorded.
//!
//! RSASSA-PSS (RFC 8017) with SHA-384, MGF1 with SHA-384, a salt of 48 bytes, RSA-3072, over `prefix (32) || digest (32)`:
//! what RFC 9474 calls RSABSSA-SHA384-PSS-Randomized. A stamp that the server gave on sight (profile `simple`) and one that
//! it gave blindly are of the same form and distribution, and are verified alike.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PSS_2048_8192_SHA384, RSA_PSS_SHA384};

use crate::digest::Digest;
use crate::rsa_key::{self, KeyRejected, MODULUS_LEN, RsaKeyPair};

/// Bytes of a stamp.
pub const STAMP_LEN: usize = MODULUS_LEN;

/// A fresh stamp key pair.
pub type StampKeyPair = RsaKeyPair;

/// Makes the stamp key pair of one election; takes up to a few seconds, so not on an async thread.
///
/// # Errors
/// [`KeyRejected::NotMade`] when the engine fails.
pub fn generate() -> Result<StampKeyPair, KeyRejected> {
    rsa_key::generate()
}

/// The private half; destroyed when the box is sealed, after which no ballot can be added by anybody.
pub struct StampPrivateKey(KeyPair);

impl fmt::Debug for StampPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StampPrivateKey").finish_non_exhaustive()
    }
}

impl StampPrivateKey {
    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// [`KeyRejected`] unless it is an RSA-3072 key with e = 65537.
    pub fn from_pkcs8_der(pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        rsa_key::private(pkcs8).map(Self)
    }
}

/// The public half, out of the manifest.
#[derive(Debug, Clone)]
pub struct StampPublicKey(ParsedPublicKey);

impl StampPublicKey {
    /// Reads SubjectPublicKeyInfo DER.
    ///
    /// # Errors
    /// [`KeyRejected`] unless it is an RSA-3072 key with e = 65537 in its canonical encoding.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, KeyRejected> {
        rsa_key::public(spki)?;
        ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA384, spki).map(Self).map_err(|_| KeyRejected::Encoding)
    }
}

/// The engine refused to sign; with a key that was accepted this does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ballot could not be stamped")]
pub struct NotStamped;

/// Stamps a digest on sight. `prefix` is 32 random bytes, stored beside the stamp. One RSA private operation (milliseconds).
///
/// # Errors
/// [`NotStamped`] when the engine refuses.
#[expect(clippy::disallowed_methods, reason = "PSS draws a salt for each stamp; what is stamped does not depend on it")]
pub fn sign_simple(key: &StampPrivateKey, digest: &Digest, prefix: &[u8; 32]) -> Result<Vec<u8>, NotStamped> {
    let mut stamp = vec![0; STAMP_LEN];
    key.0.sign(&RSA_PSS_SHA384, &SystemRandom::new(), &message(digest, prefix), &mut stamp).map_err(|_| NotStamped)?;
    Ok(stamp)
}

/// Whether `stamp` is this election's on this digest with this prefix. Anything but 384 bytes is not.
#[must_use]
pub fn verify(key: &StampPublicKey, digest: &Digest, prefix: &[u8; 32], stamp: &[u8]) -> bool {
    stamp.len() == STAMP_LEN && key.0.verify_sig(&message(digest, prefix), stamp).is_ok()
}

fn message(digest: &Digest, prefix: &[u8; 32]) -> [u8; 64] {
    let mut message = [0; 64];
    message[..32].copy_from_slice(prefix);
    message[32..].copy_from_slice(digest.as_bytes());
    message
}
