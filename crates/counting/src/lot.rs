//! Lots for ties that a method leaves open.
//!
//! The lot of a candidate is SHA-256 over the seed and the candidate's number, and the smallest lots win. Anybody can draw it
//! again. Nobody can choose it, if many people together fix the seed before anybody can know whom it helps. The seed of an
//! election is the hash of its sealed ballot box.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::CandidateId;

/// What all lots of a count are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub [u8; 32]);

/// The lot of one candidate. Smaller is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lot([u8; 32]);

impl Seed {
    /// SHA-256(seed || candidate as 8 bytes, big endian).
    #[must_use]
    pub fn lot(&self, candidate: CandidateId) -> Lot {
        Lot(Sha256::new().chain_update(self.0).chain_update(candidate.to_be_bytes()).finalize().into())
    }
}

impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Lot {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lot {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |at: usize| text.get(at..at.checked_add(2)?).and_then(|two| u8::from_str_radix(two, 16).ok());
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(digit).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a lot has 64 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_the_hash_that_the_protocol_says() {
        // printf '%064x%016x' 0 1 | xxd -r -p | sha256sum
        let lot = Seed([0; 32]).lot(1);
        assert_eq!(lot.to_string(), "08e00266fff0aacc64974f22a53622a7dc458ac1b5fd446ae7c99a4a99a564e6");
        let text = serde_json::to_string(&lot).unwrap();
        assert_eq!(serde_json::from_str::<Lot>(&text).unwrap(), lot);
        assert!(serde_json::from_str::<Lot>("\"00\"").is_err() && serde_json::from_str::<Lot>("\"é\"").is_err());
    }
}
