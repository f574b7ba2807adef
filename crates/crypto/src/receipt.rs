//! What the receipt key promises: "this ballot is in the box", "this is the whole box" and what belongs to it.
//!
//! ECDSA P-256 with SHA-256, signatures as `r (32) || s (32)`. Each kind of message starts with a label of its own, so that no
//! signature can be shown as one of the other kind.

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
};
use rsa::pkcs8::{Document, SecretDocument};

use crate::digest::Digest;
use crate::rsa_key::KeyRejected;

/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = 64;

/// The installation's private receipt key.
pub struct ReceiptKey(EcdsaKeyPair);

impl fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiptKey").finish_non_exhaustive()
    }
}

impl ReceiptKey {
    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] unless it is a P-256 key.
    pub fn from_pkcs8_der(pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self).map_err(|_| KeyRejected::Encoding)
    }

    /// Reads PKCS#8 PEM (`PRIVATE KEY`).
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] unless it is a P-256 key.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyRejected> {
        match SecretDocument::from_pem(pem) {
            Ok(("PRIVATE KEY", der)) => Self::from_pkcs8_der(der.as_bytes()),
            _ => Err(KeyRejected::Encoding),
        }
    }

    /// The public half.
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] when the engine cannot read its own key back.
    pub fn public_key(&self) -> Result<ReceiptPublicKey, KeyRejected> {
        ReceiptPublicKey::read(self.0.public_key().as_ref())
    }
}

/// The public half, printed in every record.
#[derive(Debug, Clone)]
pub struct ReceiptPublicKey(ParsedPublicKey);

impl ReceiptPublicKey {
    /// Reads SubjectPublicKeyInfo DER.
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] unless it is a P-256 key.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, KeyRejected> {
        // The engine takes a bare curve point as well; a published key has one form.
        if spki.first() != Some(&0x30) {
            return Err(KeyRejected::Encoding);
        }
        Self::read(spki)
    }

    /// Reads SubjectPublicKeyInfo PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`KeyRejected::Encoding`] unless it is a P-256 key.
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyRejected> {
        match Document::from_pem(pem) {
            Ok(("PUBLIC KEY", der)) => Self::from_spki_der(der.as_bytes()),
            _ => Err(KeyRejected::Encoding),
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, KeyRejected> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).map(Self).map_err(|_| KeyRejected::Encoding)
    }
}

/// The engine refused to sign; with a key that was accepted this does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the receipt could not be signed")]
pub struct NotSigned;

/// Signs `"receipt/v1" || election_id (8 bytes BE) || digest (32)`. Two signatures of one receipt differ, and both are good.
///
/// # Errors
/// [`NotSigned`] when the engine refuses.
pub fn sign(key: &ReceiptKey, election_id: i64, digest: &Digest) -> Result<Vec<u8>, NotSigned> {
    sign_message(key, &receipt_message(election_id, digest))
}

/// Whether `signature` promises this ballot a place in this election's box.
#[must_use]
pub fn verify(key: &ReceiptPublicKey, election_id: i64, digest: &Digest, signature: &[u8]) -> bool {
    key.0.verify_sig(&receipt_message(election_id, digest), signature).is_ok()
}

/// What an election commits to when its box is sealed. One signature covers all of it: ballots without the list of used rights
/// would let the list be exchanged later, and with it who took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoxStatement {
    /// How many ballots are in the box.
    pub count: u64,
    /// SHA-256 over their sorted digests ([`crate::chain::box_hash`]).
    pub box_hash: Digest,
    /// How many rights to vote were used.
    pub spent_count: u64,
    /// SHA-256 over the sorted spent list ([`crate::spent::list_hash`]).
    pub spent_hash: Digest,
    /// How many voters are on the roll.
    pub roll: u64,
    /// Which candidates have withdrawn ([`withdrawn_hash`]): the count skips them, so nobody may withdraw after a look at the ballots.
    pub withdrawn_hash: Digest,
}

/// The hash of the withdrawn candidates: SHA-256 over their ids (8 bytes BE) in ascending order, joined; of none, SHA-256 of nothing.
#[must_use]
pub fn withdrawn_hash(candidate_ids: &BTreeSet<i64>) -> Digest {
    let ids: Vec<u8> = candidate_ids.iter().flat_map(|id| id.to_be_bytes()).collect();
    Digest::of(&[&ids])
}

/// Signs the box commitment: `"box/v3" || election_id (8 bytes BE) || count (8 bytes BE) || box_hash (32) || spent_count (8 bytes
/// BE) || spent_hash (32) || roll (8 bytes BE) || withdrawn_hash (32)`.
///
/// # Errors
/// [`NotSigned`] when the engine refuses.
pub fn sign_box(key: &ReceiptKey, election_id: i64, statement: &BoxStatement) -> Result<Vec<u8>, NotSigned> {
    sign_message(key, &box_message(election_id, statement))
}

/// Whether `signature` commits this election to exactly this box, this spent list, this size of the roll and these withdrawals.
#[must_use]
pub fn verify_box(key: &ReceiptPublicKey, election_id: i64, statement: &BoxStatement, signature: &[u8]) -> bool {
    key.0.verify_sig(&box_message(election_id, statement), signature).is_ok()
}

/// What an election says of its recording when its box is sealed. Ballots that somebody took out of an open box, with everything
/// that hung on them, leave no other sign than that a recorder missed them and halted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingStatement {
    /// The box that was sealed with it.
    pub box_hash: Digest,
    /// How often recording was halted because recorded ballots were missing.
    pub halts: u64,
    /// How often it was resumed, each time by an announced amendment.
    pub resumptions: u64,
}

impl RecordingStatement {
    /// Whether recording was halted when the box was sealed.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.halts > self.resumptions
    }
}

/// Signs what is said of the recording: `"recording/v1" || election_id (8 bytes BE) || box_hash (32) || halts (8 bytes BE) ||
/// resumptions (8 bytes BE)`.
///
/// # Errors
/// [`NotSigned`] when the engine refuses.
pub fn sign_recording(key: &ReceiptKey, election_id: i64, statement: &RecordingStatement) -> Result<Vec<u8>, NotSigned> {
    sign_message(key, &recording_message(election_id, statement))
}

/// Whether `signature` says exactly this of the recording of this election's box.
#[must_use]
pub fn verify_recording(key: &ReceiptPublicKey, election_id: i64, statement: &RecordingStatement, signature: &[u8]) -> bool {
    key.0.verify_sig(&recording_message(election_id, statement), signature).is_ok()
}

/// Signs what was found in the box: `"opened/v1" || election_id (8 bytes BE) || count (8 bytes BE) || opening_hash (32)`.
///
/// # Errors
/// [`NotSigned`] when the engine refuses.
pub fn sign_decryption(key: &ReceiptKey, election_id: i64, count: u64, opening_hash: &Digest) -> Result<Vec<u8>, NotSigned> {
    sign_message(key, &decryption_message(election_id, count, opening_hash))
}

/// Whether `signature` says that exactly these contents were found in the box of this election.
#[must_use]
pub fn verify_decryption(key: &ReceiptPublicKey, election_id: i64, count: u64, opening_hash: &Digest, signature: &[u8]) -> bool {
    key.0.verify_sig(&decryption_message(election_id, count, opening_hash), signature).is_ok()
}

fn receipt_message(election_id: i64, digest: &Digest) -> Vec<u8> {
    [b"receipt/v1".as_slice(), &election_id.to_be_bytes(), digest.as_bytes()].concat()
}

fn box_message(election_id: i64, statement: &BoxStatement) -> Vec<u8> {
    let BoxStatement { count, box_hash, spent_count, spent_hash, roll, withdrawn_hash } = statement;
    [
        b"box/v3".as_slice(),
        &election_id.to_be_bytes(),
        &count.to_be_bytes(),
        box_hash.as_bytes(),
        &spent_count.to_be_bytes(),
        spent_hash.as_bytes(),
        &roll.to_be_bytes(),
        withdrawn_hash.as_bytes(),
    ]
    .concat()
}

fn recording_message(election_id: i64, statement: &RecordingStatement) -> Vec<u8> {
    let RecordingStatement { box_hash, halts, resumptions } = statement;
    [
        b"recording/v1".as_slice(),
        &election_id.to_be_bytes(),
        box_hash.as_bytes(),
        &halts.to_be_bytes(),
        &resumptions.to_be_bytes(),
    ]
    .concat()
}

fn decryption_message(election_id: i64, count: u64, opening_hash: &Digest) -> Vec<u8> {
    [b"opened/v1".as_slice(), &election_id.to_be_bytes(), &count.to_be_bytes(), opening_hash.as_bytes()].concat()
}

#[expect(clippy::disallowed_methods, reason = "ECDSA draws a number for each signature; what is signed does not depend on it")]
fn sign_message(key: &ReceiptKey, message: &[u8]) -> Result<Vec<u8>, NotSigned> {
    let signature = key.0.sign(&SystemRandom::new(), message).map_err(|_| NotSigned)?;
    Ok(signature.as_ref().to_vec())
}

/// Crockford's base32 alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// `VOTE-XXXX-XXXX-XXXX-XXXX`: the first 80 bits of the digest in Crockford base32, most significant bits first.
///
/// 80 bits name a ballot among the few million of an installation; they are a name, no proof: that is the signature.
#[must_use]
pub fn receipt_code(digest: &Digest) -> String {
    let mut code = String::with_capacity(24);
    code.push_str("VOTE");
    // 5 bytes are exactly 8 symbols, so the 80 bits are two groups.
    for group in digest.as_bytes()[..10].chunks_exact(5) {
        let bits = group.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        for symbol in 0..8_u32 {
            if symbol % 4 == 0 {
                code.push('-');
            }
            let index = (bits >> (35 - 5 * symbol)) & 31;
            code.push(char::from(ALPHABET[usize::try_from(index).unwrap_or(0)]));
        }
    }
    code
}

/// What is wrong with a typed receipt code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a receipt code looks like VOTE-XXXX-XXXX-XXXX-XXXX")]
pub struct NotAReceiptCode;

/// Reads a receipt code as people type it: either case, with or without `VOTE`, dashes and spaces, O for 0, I or L for 1.
/// Answers the first 10 bytes of the digest.
///
/// # Errors
/// [`NotAReceiptCode`] for anything else.
pub fn parse_receipt_code(text: &str) -> Result<[u8; 10], NotAReceiptCode> {
    let symbols: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b' ' | b'\t' | b'\r' | b'\n'))
        .map(|byte| match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        })
        .collect();
    let symbols = match symbols.len() {
        20 => symbols.strip_prefix(b"V0TE").ok_or(NotAReceiptCode)?,
        16 => symbols.as_slice(),
        _ => return Err(NotAReceiptCode),
    };
    let mut bytes = [0; 10];
    for (group, out) in symbols.chunks_exact(8).zip(bytes.chunks_exact_mut(5)) {
        let mut bits = 0_u64;
        for symbol in group {
            let index = ALPHABET.iter().position(|known| known == symbol).ok_or(NotAReceiptCode)?;
            bits = (bits << 5) | u64::try_from(index).map_err(|_| NotAReceiptCode)?;
        }
        out.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Ok(bytes)
}
