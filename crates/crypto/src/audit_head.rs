//! The signed head of the audit log: "the log of this installation goes up to this entry, and this is its hash".
//!
//! Ed25519 (RFC 8032). The hash of an entry covers everything before it, so one signed head stands for the whole log up to there.
//! The key signs nothing else, and the message starts with a label of its own all the same.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use rsa::pkcs8::{Document, LineEnding, SecretDocument};

use crate::digest::Digest;
use crate::rsa_key::KeyRejected;

/// What a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last entry.
    pub last_id: i64,
    /// Its hash.
    pub last_hash: Digest,
    /// When it was signed: microseconds since 1970-01-01T00:00:00Z.
    pub signed_at_micros: i64,
}

impl AuditHead {
    /// `"audit-head/v1" || last_id (8 bytes BE) || last_hash (32) || signed_at (8 bytes BE)`: 61 bytes.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let (last_id, signed_at) = (self.last_id.to_be_bytes(), self.signed_at_micros.to_be_bytes());
        [b"audit-head/v1".as_slice(), &last_id, self.last_hash.as_bytes(), &signed_at].concat()
    }
}

/// The audit service's private key.
pub struct AuditHeadKey(Ed25519KeyPair);

impl fmt::Debug for AuditHeadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditHeadKey").finish_non_exhaustive()
    }
}

impl AuditHeadKey {
    /// Reads PKCS#8 PEM (`PRIVATE KEY`).
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] unless it is an Ed25519 key.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyRejected> {
        match SecretDocument::from_pem(pem) {
            Ok(("PRIVATE KEY", der)) => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.as_bytes()).map(Self).map_err(|_| KeyRejected::Encoding)
            }
            _ => Err(KeyRejected::Encoding),
        }
    }

    /// The public half as SubjectPublicKeyInfo PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] when the engine cannot write its own key.
    pub fn public_pem(&self) -> Result<String, KeyRejected> {
        let der = self.0.public_key().as_der().map_err(|_| KeyRejected::Encoding)?;
        let document = Document::try_from(der.as_ref()).map_err(|_| KeyRejected::Encoding)?;
        document.to_pem("PUBLIC KEY", LineEnding::LF).map_err(|_| KeyRejected::Encoding)
    }

    /// Signs a head: 64 bytes, always the same ones for the same head.
    #[must_use]
    pub fn sign(&self, head: &AuditHead) -> Vec<u8> {
        self.0.sign(&head.message()).as_ref().to_vec()
    }
}

/// The public half.
#[derive(Debug, Clone)]
pub struct AuditHeadPublicKey(ParsedPublicKey);

impl AuditHeadPublicKey {
    /// Reads SubjectPublicKeyInfo PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] unless it is an Ed25519 key.
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyRejected> {
        match Document::from_pem(pem) {
            Ok(("PUBLIC KEY", der)) => {
                ParsedPublicKey::new(&ED25519, der.as_bytes()).map(Self).map_err(|_| KeyRejected::Encoding)
            }
            _ => Err(KeyRejected::Encoding),
        }
    }

    /// Whether the owner of this key signed this head.
    #[must_use]
    pub fn verify(&self, head: &AuditHead, signature: &[u8]) -> bool {
        self.0.verify_sig(&head.message(), signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The private key of RFC 8032, section 7.1, test 1, as PKCS#8.
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
        -----END PRIVATE KEY-----\n";

    fn head() -> AuditHead {
        AuditHead { last_id: 258, last_hash: Digest::from_slice(&[0xab; 32]).unwrap(), signed_at_micros: 1_700_000_000_123_456 }
    }

    #[test]
    fn the_message_is_the_one_in_the_documentation() {
        let expected = format!("61756469742d686561642f7631{}{}{}", "0000000000000102", "ab".repeat(32), "00060a2418202240");
        assert_eq!(hex::encode(head().message()), expected);
        assert_eq!(head().message().len(), 61);
    }

    #[test]
    fn a_signature_fits_one_head_and_one_key_only() {
        let key = AuditHeadKey::from_pkcs8_pem(KEY).unwrap();
        let public = AuditHeadPublicKey::from_spki_pem(&key.public_pem().unwrap()).unwrap();
        let signature = key.sign(&head());
        assert_eq!(signature.len(), 64);
        assert!(public.verify(&head(), &signature));
        assert_eq!(signature, key.sign(&head()));
        for other in [
            AuditHead { last_id: 259, ..head() },
            AuditHead { last_hash: Digest::from_slice(&[0xac; 32]).unwrap(), ..head() },
            AuditHead { signed_at_micros: 1, ..head() },
        ] {
            assert!(!public.verify(&other, &signature), "{other:?}");
        }
        assert!(!public.verify(&head(), &signature[..63]) && !public.verify(&head(), b""));
    }

    #[test]
    fn only_an_ed25519_key_is_taken() {
        for text in ["", "nonsense", &KEY.replace("PRIVATE", "PUBLIC")] {
            assert!(AuditHeadKey::from_pkcs8_pem(text).is_err() && AuditHeadPublicKey::from_spki_pem(text).is_err(), "{text}");
        }
    }
}
