//! Sealing a ballot to the election's key, and decrypting it after the close.
//!
//! `sealed = 0x01 || wrapped_key (384) || nonce (12) || ciphertext || tag (16)`. The 32-byte AES key is wrapped by
//! RSA-OAEP (SHA-256, MGF1 with SHA-256, label = manifest hash as 64 lower-case hex digits); the plaintext is encrypted by
//! AES-256-GCM with the 32 raw bytes of the manifest hash as additional data.
//!
//! Sealing uses only the public key, so it runs with the `rsa` crate, whose randomness can be given; about a millisecond.
//! Opening is a private operation and runs with aws-lc-rs, and only after the box is sealed: nothing that a stranger sent is
//! decrypted while he waits for the answer.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use rsa::rand_core::{CryptoRng, Error as RngError, RngCore};
use rsa::{Oaep, RsaPublicKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::digest::Digest;
use crate::rsa_key::{self, KeyRejected, MODULUS_LEN, RsaKeyPair};

/// First byte of every sealed ballot.
pub const VERSION: u8 = 0x01;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const NONCE_AT: usize = 1 + MODULUS_LEN;
const CIPHERTEXT_AT: usize = NONCE_AT + NONCE_LEN;

/// What sealing adds to a plaintext: 413 bytes.
pub const OVERHEAD: usize = CIPHERTEXT_AT + TAG_LEN;

/// Bytes that [`seal`] consumes: AES key 32, nonce 12, OAEP seed 32.
pub const RANDOMNESS_LEN: usize = 76;

/// A fresh seal key pair.
pub type SealKeyPair = RsaKeyPair;

/// Makes the seal key pair of one election; takes up to a few seconds, so not on an async thread.
///
/// # Errors
/// [`KeyRejected::NotMade`] when the engine fails.
pub fn generate() -> Result<SealKeyPair, KeyRejected> {
    rsa_key::generate()
}

/// Length of a sealed ballot whose plaintext has `plaintext_len` bytes.
#[must_use]
pub const fn sealed_len(plaintext_len: usize) -> usize {
    plaintext_len.saturating_add(OVERHEAD)
}

/// The public half: all that a voter needs.
#[derive(Debug, Clone)]
pub struct SealPublicKey(RsaPublicKey);

impl SealPublicKey {
    /// Reads SubjectPublicKeyInfo DER.
    ///
    /// # Errors
    /// [`KeyRejected`] unless it is an RSA-3072 key with e = 65537 in its canonical encoding.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, KeyRejected> {
        rsa_key::public(spki).map(Self)
    }
}

/// The private half: locked away until the box is sealed, then published.
pub struct SealPrivateKey {
    oaep: OaepPrivateDecryptingKey,
    public_spki: Vec<u8>,
}

impl fmt::Debug for SealPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealPrivateKey").finish_non_exhaustive()
    }
}

impl SealPrivateKey {
    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// [`KeyRejected`] unless it is an RSA-3072 key with e = 65537.
    pub fn from_pkcs8_der(pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        let public_spki = rsa_key::spki(&rsa_key::private(pkcs8)?)?;
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| KeyRejected::Encoding)?;
        let oaep = OaepPrivateDecryptingKey::new(key).map_err(|_| KeyRejected::Encoding)?;
        Ok(Self { oaep, public_spki })
    }

    /// The public half, to be compared with the manifest's: a published private key must be *this* election's.
    #[must_use]
    pub fn public_spki(&self) -> &[u8] {
        &self.public_spki
    }
}

/// The randomness of one sealing. Whoever has them can try out choices against the sealed ballot, so they are wiped, never stored.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SealRandomness {
    key: [u8; 32],
    nonce: [u8; NONCE_LEN],
    oaep_seed: [u8; 32],
}

impl fmt::Debug for SealRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealRandomness").finish_non_exhaustive()
    }
}

impl SealRandomness {
    /// Takes 76 bytes from a cryptographic generator, in the order AES key 32, nonce 12, OAEP seed 32.
    #[must_use]
    pub fn fresh(mut bytes: [u8; RANDOMNESS_LEN]) -> Self {
        let mut this = Self { key: [0; 32], nonce: [0; NONCE_LEN], oaep_seed: [0; 32] };
        this.key.copy_from_slice(&bytes[..32]);
        this.nonce.copy_from_slice(&bytes[32..44]);
        this.oaep_seed.copy_from_slice(&bytes[44..]);
        bytes.zeroize();
        this
    }

    /// The same randomness for the same request, so that a repeated simple cast makes the same ballot and gets the same receipt.
    ///
    /// HKDF-SHA-256 (RFC 5869), salt `"seal-randomness/v1"`, input `idempotency_key (32) || u32 BE length of token || token ||
    /// u32 BE length of choices || choices`, info `"aes-key nonce oaep-seed"`, output 76 bytes cut as in [`Self::fresh`].
    /// `choices` is the plaintext to be sealed: with it in the input, other choices never meet the same key and nonce.
    ///
    /// # Panics
    /// When `token` or `choices` has 4 GiB or more.
    #[must_use]
    pub fn derive(idempotency_key: &[u8; 32], token: &[u8], choices: &[u8]) -> Self {
        let mut input = Zeroizing::new(Vec::with_capacity(40 + token.len() + choices.len()));
        input.extend_from_slice(idempotency_key);
        for part in [token, choices] {
            let length = u32::try_from(part.len()).expect("a token and a plaintext are at most kilobytes");
            input.extend_from_slice(&length.to_be_bytes());
            input.extend_from_slice(part);
        }
        let mut bytes = [0; RANDOMNESS_LEN];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"seal-randomness/v1")
            .extract(&input)
            .expand(&[b"aes-key nonce oaep-seed"], SeventySix)
            .and_then(|okm| okm.fill(&mut bytes))
            .expect("76 bytes are fewer than the 8,160 that HKDF-SHA-256 can give");
        Self::fresh(bytes)
    }
}

struct SeventySix;

impl hkdf::KeyType for SeventySix {
    fn len(&self) -> usize {
        RANDOMNESS_LEN
    }
}

/// Hands out the OAEP seed once and nothing else. A version of `rsa` that drew more, or in other portions, would change every
/// sealed ballot; it would stop here, and the fixed vectors would fail.
struct OaepSeed<'a>(Option<&'a [u8; 32]>);

impl RngCore for OaepSeed<'_> {
    fn next_u32(&mut self) -> u32 {
        unreachable!("OAEP draws its seed in one piece")
    }

    fn next_u64(&mut self) -> u64 {
        unreachable!("OAEP draws its seed in one piece")
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.try_fill_bytes(dest).expect("OAEP draws its seed once, 32 bytes");
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), RngError> {
        match self.0.take() {
            Some(seed) if dest.len() == seed.len() => {
                dest.copy_from_slice(seed);
                Ok(())
            }
            _ => Err(RngError::new("the OAEP seed is spent")),
        }
    }
}

impl CryptoRng for OaepSeed<'_> {}

/// The engine refused to encrypt; with a key that was accepted this does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ballot could not be sealed")]
pub struct NotSealed;

/// Seals `plaintext` to the election's key. The same arguments give the same bytes.
///
/// # Errors
/// [`NotSealed`] when an engine refuses.
pub fn seal(
    key: &SealPublicKey,
    manifest_hash: &Digest,
    plaintext: &[u8],
    randomness: SealRandomness,
) -> Result<Vec<u8>, NotSealed> {
    let padding = Oaep::new_with_label::<sha2::Sha256, _>(manifest_hash.to_hex());
    let mut seed = OaepSeed(Some(&randomness.oaep_seed));
    let wrapped = key.0.encrypt(&mut seed, padding, &randomness.key).map_err(|_| NotSealed)?;

    let mut ciphertext = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key(randomness.nonce);
    content_key(&randomness.key)
        .and_then(|aes| aes.seal_in_place_append_tag(nonce, Aad::from(manifest_hash.as_bytes()), &mut ciphertext))
        .map_err(|_| NotSealed)?;

    let mut sealed = Vec::with_capacity(sealed_len(plaintext.len()));
    sealed.push(VERSION);
    sealed.extend_from_slice(&wrapped);
    sealed.extend_from_slice(&randomness.nonce);
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Why a ballot on the board could not be decrypted. It is listed with this reason and counted as invalid, never dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum DecryptFailure {
    /// Shorter than an empty plaintext sealed. (That it is exactly the manifest's `sealed_len` is for the caller to ask.)
    #[error("wrong length")]
    WrongLength,
    /// The first byte is not 0x01.
    #[error("unknown version")]
    #[serde(rename = "wrong-seal-version")]
    WrongVersion,
    /// RSA-OAEP refuses the wrapped key, or what it wraps is not 32 bytes: sealed to another key or another manifest.
    #[error("the key does not unwrap")]
    KeyNotUnwrapped,
    /// AES-GCM refuses: a bit was changed.
    #[error("not authentic")]
    NotAuthentic,
}

impl DecryptFailure {
    /// The name in the public record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongLength => "wrong-length",
            Self::WrongVersion => "wrong-seal-version",
            Self::KeyNotUnwrapped => "key-not-unwrapped",
            Self::NotAuthentic => "not-authentic",
        }
    }
}

/// Opens a sealed ballot. The checks run in the order of [`DecryptFailure`], so that every verifier names the same reason.
///
/// # Errors
/// [`DecryptFailure`], the first that applies.
pub fn decrypt(key: &SealPrivateKey, manifest_hash: &Digest, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptFailure> {
    if sealed.len() < OVERHEAD {
        return Err(DecryptFailure::WrongLength);
    }
    if sealed[0] != VERSION {
        return Err(DecryptFailure::WrongVersion);
    }
    let mut buffer = Zeroizing::new([0; MODULUS_LEN]);
    let label = manifest_hash.to_hex();
    let aes_key = key
        .oaep
        .decrypt(&OAEP_SHA256_MGF1SHA256, &sealed[1..NONCE_AT], buffer.as_mut_slice(), Some(label.as_bytes()))
        .ok()
        .filter(|unwrapped| unwrapped.len() == 32)
        .ok_or(DecryptFailure::KeyNotUnwrapped)?;

    let nonce = Nonce::try_assume_unique_for_key(&sealed[NONCE_AT..CIPHERTEXT_AT]).map_err(|_| DecryptFailure::NotAuthentic)?;
    let mut plaintext = Zeroizing::new(sealed[CIPHERTEXT_AT..].to_vec());
    let decrypted_len = content_key(aes_key)
        .and_then(|aes| {
            aes.open_in_place(nonce, Aad::from(manifest_hash.as_bytes()), &mut plaintext).map(|decrypted| decrypted.len())
        })
        .map_err(|_| DecryptFailure::NotAuthentic)?;
    plaintext.truncate(decrypted_len);
    Ok(plaintext)
}

fn content_key(key: &[u8]) -> Result<LessSafeKey, aws_lc_rs::error::Unspecified> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new)
}
