//! Small secrets at rest: AES-256-GCM under a key that lies in a file and not in the database.
//!
//! `wrapped = 0x01 || nonce (12) || ciphertext || tag (16)`, additional data `"envelope/v1" || purpose`. The purpose names the
//! row (`seal-key/42`), so that a ciphertext moved to another row does not open there.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, RandomizedNonceKey, UnboundKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const VERSION: u8 = 0x01;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const CIPHERTEXT_AT: usize = 1 + NONCE_LEN;

/// A key-encryption key: 32 bytes, wiped when dropped, never printed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Kek([u8; 32]);

/// The content of a key file is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key file holds 64 hexadecimal digits")]
pub struct NotAKey;

impl Kek {
    /// Reads 64 hexadecimal digits; white space around them (a last line feed) is let pass.
    ///
    /// # Errors
    /// [`NotAKey`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, NotAKey> {
        let mut kek = Self([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), &mut kek.0).map_err(|_| NotAKey)?;
        Ok(kek)
    }

    fn aes(&self) -> LessSafeKey {
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.0).expect("32 bytes are an AES-256 key"))
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kek")
    }
}

/// Why a secret does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapFailure {
    /// Too short, or another version.
    #[error("not a wrapped secret")]
    NotWrapped,
    /// Another key file, another purpose, or changed bytes.
    #[error("does not open with this key for this purpose")]
    NotAuthentic,
}

/// The purpose of an election's private seal key in `election_keys`.
#[must_use]
pub fn seal_key_purpose(election_id: i64) -> Vec<u8> {
    format!("seal-key/{election_id}").into_bytes()
}

/// The purpose of an election's private stamp key in `election_keys`.
#[must_use]
pub fn stamp_key_purpose(election_id: i64) -> Vec<u8> {
    format!("stamp-key/{election_id}").into_bytes()
}

/// Encrypts `plaintext`. The nonce is drawn here and is no argument: one that met a key twice would show both plaintexts, and the
/// caller has nothing to decide about it. Nobody needs it again, so nothing is lost for repeating a computation.
///
/// # Panics
/// When `plaintext` is beyond what AES-GCM takes (64 GiB), or the operating system gives no random bytes.
#[must_use]
pub fn wrap(kek: &Kek, purpose: &[u8], plaintext: &[u8]) -> Vec<u8> {
    // Encrypted in a buffer that is wiped and never grows: the plaintext is not left behind by a reallocation.
    let mut body = Zeroizing::new(Vec::with_capacity(plaintext.len() + TAG_LEN));
    body.extend_from_slice(plaintext);
    let nonce = RandomizedNonceKey::new(&AES_256_GCM, &kek.0)
        .expect("32 bytes are an AES-256 key")
        .seal_in_place_append_tag(aad(purpose), &mut *body)
        .expect("a small secret is within AES-GCM's limit, and the operating system gives random bytes");
    [&[VERSION][..], nonce.as_ref(), &body].concat()
}

/// Opens what [`wrap`] made, with the same key and purpose.
///
/// # Errors
/// [`UnwrapFailure`].
pub fn unwrap(kek: &Kek, purpose: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnwrapFailure> {
    if wrapped.len() < CIPHERTEXT_AT + TAG_LEN || wrapped[0] != VERSION {
        return Err(UnwrapFailure::NotWrapped);
    }
    let nonce = Nonce::try_assume_unique_for_key(&wrapped[1..CIPHERTEXT_AT]).map_err(|_| UnwrapFailure::NotWrapped)?;
    let mut plaintext = Zeroizing::new(wrapped[CIPHERTEXT_AT..].to_vec());
    let opened_len = kek.aes().open_in_place(nonce, aad(purpose), &mut plaintext).map_err(|_| UnwrapFailure::NotAuthentic)?.len();
    plaintext.truncate(opened_len);
    Ok(plaintext)
}

fn aad(purpose: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([b"envelope/v1".as_slice(), purpose].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kek(digit: &str) -> Kek {
        Kek::from_hex(&format!("{}\n", digit.repeat(64))).unwrap()
    }

    #[test]
    fn a_secret_opens_only_with_its_key_and_its_purpose() {
        let wrapped = wrap(&kek("a"), b"seal-key/1", b"secret");
        assert_eq!(wrapped.len(), 1 + 12 + 6 + 16);
        assert_eq!(unwrap(&kek("a"), b"seal-key/1", &wrapped).unwrap().as_slice(), b"secret");
        assert_eq!(unwrap(&kek("b"), b"seal-key/1", &wrapped), Err(UnwrapFailure::NotAuthentic));
        assert_eq!(unwrap(&kek("a"), b"seal-key/2", &wrapped), Err(UnwrapFailure::NotAuthentic));
        assert_eq!(unwrap(&kek("a"), b"seal-key/1", &wrapped[..28]), Err(UnwrapFailure::NotWrapped));
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let wrapped: std::collections::BTreeSet<_> =
            (0..100).map(|_| wrap(&kek("a"), b"p", b"secret")[..CIPHERTEXT_AT].to_vec()).collect();
        assert_eq!(wrapped.len(), 100, "a nonce was used twice");
    }

    /// Rows that were written before this version open: the layout is fixed, also where the nonce is not ours to choose.
    #[test]
    fn what_was_wrapped_before_opens() {
        let wrapped = hex::decode(BEFORE).unwrap();
        assert_eq!(unwrap(&kek("a"), b"seal-key/1", &wrapped).unwrap().as_slice(), b"secret");
    }

    /// Made with the nonce 09 09 ... 09.
    const BEFORE: &str = "010909090909090909090909091753e4736c6c38de1f0c85c1e9894b5c424aa5862a69";

    #[test]
    fn every_changed_byte_is_noticed() {
        let wrapped = wrap(&kek("a"), b"p", b"secret");
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(unwrap(&kek("a"), b"p", &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_key_is_64_hex_digits() {
        assert_eq!(Kek::from_hex("ab").unwrap_err(), NotAKey);
        assert_eq!(Kek::from_hex(&"x".repeat(64)).unwrap_err(), NotAKey);
        assert_eq!(format!("{:?}", kek("a")), "Kek");
    }
}
