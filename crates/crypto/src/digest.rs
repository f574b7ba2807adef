//! The 32 bytes everything is named by: a SHA-256.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest. Public, so it may be printed, and it compares and sorts as its bytes do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// What is wrong with a digest that somebody wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 32 bytes, in text 64 hexadecimal digits")]
pub struct NotADigest;

impl Digest {
    /// SHA-256 of `parts` joined without separators: every caller passes fixed-width parts, or one last part of any length.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// SHA-256 over digests in ascending order, joined: the hash of a *set* that has no order of its own.
    #[must_use]
    pub fn of_sorted(digests: impl IntoIterator<Item = Self>) -> Self {
        let mut sorted: Vec<Self> = digests.into_iter().collect();
        sorted.sort_unstable();
        let mut hash = SortedHash::default();
        for digest in &sorted {
            hash.push(digest);
        }
        hash.finish()
    }

    /// Reads 64 hexadecimal digits, of either case.
    ///
    /// # Errors
    /// [`NotADigest`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotADigest)?;
        Ok(Self(bytes))
    }

    /// Takes exactly 32 bytes, as they come out of a database column.
    ///
    /// # Errors
    /// [`NotADigest`] for any other length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, NotADigest> {
        bytes.try_into().map(Self).map_err(|_| NotADigest)
    }

    /// 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What [`Digest::of_sorted`] computes, for digests that are read in batches: they are pushed one by one, in ascending order.
/// In another order they have another hash.
#[derive(Debug, Clone, Default)]
pub struct SortedHash(Sha256);

impl SortedHash {
    /// The next one; not smaller than the one before.
    pub fn push(&mut self, digest: &Digest) {
        self.0.update(digest.0);
    }

    /// The hash over all of them.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

/// The name of a ballot: `SHA-256("ballot/v1" || manifest_hash (32) || sealed)`.
///
/// The manifest stands inside, so that a ballot of one election is nobody's ballot in another.
#[must_use]
pub fn ballot_digest(manifest_hash: &Digest, sealed: &[u8]) -> Digest {
    Digest::of(&[b"ballot/v1", manifest_hash.as_bytes(), sealed])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case_and_nothing_else_is_read() {
        let digest = Digest::of(&[b"abc"]);
        assert_eq!(digest.to_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::from_hex(&digest.to_hex().to_uppercase()), Ok(digest));
        assert_eq!(Digest::from_hex("ba78"), Err(NotADigest));
        assert_eq!(Digest::from_hex(&"g".repeat(64)), Err(NotADigest));
        assert_eq!(Digest::from_slice(&[0; 31]), Err(NotADigest));
        assert_eq!(format!("{digest:?}"), digest.to_hex());
        assert_eq!(serde_json::from_str::<Digest>(&serde_json::to_string(&digest).unwrap()).unwrap(), digest);
    }

    #[test]
    fn a_set_hashes_the_same_in_any_order() {
        let (a, b) = (Digest::from([1; 32]), Digest::from([2; 32]));
        assert_eq!(Digest::of_sorted([b, a]), Digest::of_sorted([a, b]));
        assert_eq!(Digest::of_sorted([b, a]), Digest::of(&[a.as_bytes(), b.as_bytes()]));
        assert_eq!(Digest::of_sorted([]), Digest::of(&[]));
    }

    #[test]
    fn a_ballot_of_another_election_has_another_digest() {
        let sealed = [7; 40];
        assert_ne!(ballot_digest(&Digest::from([1; 32]), &sealed), ballot_digest(&Digest::from([2; 32]), &sealed));
    }
}
