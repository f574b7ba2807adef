//! The manifest: everything a ballot depends on, fixed at activation, as canonical JSON.

use base64::engine::general_purpose::STANDARD;
use counting::{Family, Rule};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::canonical::{self, NotCanonical};
use crate::digest::Digest;
use crate::rsa_key::KeyRejected;
use crate::seal::{self, SealPublicKey};
use crate::stamp::StampPublicKey;

/// The one protocol version so far.
pub const PROTOCOL: &str = "uvote/2";

/// An election as its ballots are bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`PROTOCOL`].
    pub protocol: String,
    /// The election.
    pub election_id: i64,
    /// Its title.
    pub title: String,
    /// How ballots are made: `simple`, later `verified` or `both`.
    pub profile: String,
    /// Who keeps the seal key: `server`.
    pub custody: String,
    /// Bytes of every sealed ballot: `plaintext_len` + 413.
    pub sealed_len: u32,
    /// Bytes of every plaintext ballot.
    pub plaintext_len: u32,
    /// The questions in ballot order.
    pub contests: Vec<Contest>,
    /// Public seal key, SubjectPublicKeyInfo DER; in JSON standard base64 with padding.
    #[serde(with = "base64_bytes")]
    pub seal_key: Vec<u8>,
    /// Public stamp key, likewise.
    #[serde(with = "base64_bytes")]
    pub stamp_key: Vec<u8>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// The contest.
    pub contest_id: i64,
    /// The question as printed.
    pub title: String,
    /// The text of a motion; absent in all other contests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How it is counted.
    pub rule: Rule,
    /// Whether every ballot shows the candidates in the same order.
    pub ballot_order: BallotOrder,
    /// The candidates in ballot order.
    pub candidates: Vec<Candidate>,
}

/// Whether every ballot shows the candidates in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BallotOrder {
    /// In the order of the manifest.
    Fixed,
    /// From another one on for each link.
    Rotated,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The candidate.
    pub candidate_id: i64,
    /// The name as printed.
    pub name: String,
    /// What the candidate is, where it is nobody who stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// The hash of what is shown beside the name: [`information_hash`].
    pub information_hash: Digest,
}

/// A candidate who is nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// "None of the above"; the rule says what it does.
    NoneOfTheAbove,
}

impl Contest {
    /// Whether rule, text and candidates fit each other.
    fn is_whole(&self) -> bool {
        let is_motion = self.rule.family() == Family::Motion;
        let none = self.candidates.iter().filter(|candidate| candidate.standing.is_some()).count();
        let fits = is_motion == self.text.is_some() && (!is_motion || self.candidates.len() == 3);
        fits && none == usize::from(self.rule.terms().none_of_the_above.is_some()) && self.rule.faults().is_empty()
    }
}

/// What voters see of a candidate beside the name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Information<'a> {
    /// The party or list.
    pub party: Option<&'a str>,
    /// The statement.
    pub description: Option<&'a str>,
    /// What they want to achieve.
    pub vision: Option<&'a str>,
    /// What they want to do.
    pub programme: Option<&'a str>,
    /// A page of their own.
    pub link: Option<&'a str>,
    /// Where the picture is: the path has its hash.
    pub photo_url: Option<&'a str>,
    /// Where the small picture is, likewise.
    pub thumbnail_url: Option<&'a str>,
    /// Where the programme is as a PDF, likewise.
    pub programme_file_url: Option<&'a str>,
}

/// SHA-256 over `"candidate/v2"` and, of each text in the order of [`Information`], a byte that says whether it is there, its length as a
/// u32 and its bytes. What is absent has neither length nor bytes.
#[must_use]
pub fn information_hash(of: &Information<'_>) -> Digest {
    let Information { party, description, vision, programme, link, photo_url, thumbnail_url, programme_file_url } = *of;
    let mut bytes = b"candidate/v2".to_vec();
    for text in [party, description, vision, programme, link, photo_url, thumbnail_url, programme_file_url] {
        bytes.push(u8::from(text.is_some()));
        if let Some(text) = text {
            // All of them are limited to some thousand characters.
            bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
    }
    Digest::of(&[&bytes])
}

/// Why bytes are not a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestRefused {
    /// Not JSON with exactly the manifest's fields.
    #[error("not a manifest")]
    NotAManifest,
    /// Another version of the protocol.
    #[error("another version of the protocol")]
    UnknownProtocol,
    /// A manifest, but not in its canonical bytes: another program would compute another hash.
    #[error("not in canonical form")]
    NotCanonical,
    /// A rule that cannot be, or that does not fit its text and candidates.
    #[error("a contest cannot be counted by its rule")]
    Rule,
    /// `plaintext_len` is not that of these contests, or `sealed_len` is not `plaintext_len` + 413.
    #[error("the lengths do not fit together")]
    LengthsDiffer,
    /// A key is not an RSA-3072 key with e = 65537.
    #[error("a key is not usable")]
    Key,
}

impl From<KeyRejected> for ManifestRefused {
    fn from(_: KeyRejected) -> Self {
        Self::Key
    }
}

impl Manifest {
    /// The canonical bytes, which are hashed and published.
    ///
    /// # Errors
    /// [`NotCanonical::UnsafeInteger`] for an id beyond 2^53 - 1.
    pub fn to_canonical_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(self)
    }

    /// Reads published bytes: refuses unknown fields, every form but the canonical one, and keys that could not be used.
    ///
    /// # Errors
    /// [`ManifestRefused`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestRefused> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| ManifestRefused::NotAManifest)?;
        if manifest.protocol != PROTOCOL {
            return Err(ManifestRefused::UnknownProtocol);
        }
        if manifest.to_canonical_bytes().as_deref() != Ok(bytes) {
            return Err(ManifestRefused::NotCanonical);
        }
        if !manifest.contests.iter().all(Contest::is_whole) {
            return Err(ManifestRefused::Rule);
        }
        let candidates = manifest.contests.iter().fold(0_usize, |sum, contest| sum.saturating_add(contest.candidates.len()));
        if usize::try_from(manifest.plaintext_len) != Ok(candidates.saturating_mul(2).saturating_add(1)) {
            return Err(ManifestRefused::LengthsDiffer);
        }
        let overhead = u32::try_from(seal::OVERHEAD).map_err(|_| ManifestRefused::LengthsDiffer)?;
        if manifest.plaintext_len.checked_add(overhead) != Some(manifest.sealed_len) {
            return Err(ManifestRefused::LengthsDiffer);
        }
        manifest.seal_key()?;
        manifest.stamp_key()?;
        Ok(manifest)
    }

    /// The key to seal to.
    ///
    /// # Errors
    /// [`KeyRejected`] when the bytes are no such key.
    pub fn seal_key(&self) -> Result<SealPublicKey, KeyRejected> {
        SealPublicKey::from_spki_der(&self.seal_key)
    }

    /// The key that stamps are verified with.
    ///
    /// # Errors
    /// [`KeyRejected`] when the bytes are no such key.
    pub fn stamp_key(&self) -> Result<StampPublicKey, KeyRejected> {
        StampPublicKey::from_spki_der(&self.stamp_key)
    }
}

/// The manifest hash: SHA-256 of the canonical bytes.
#[must_use]
pub fn hash(canonical_bytes: &[u8]) -> Digest {
    Digest::of(&[canonical_bytes])
}

mod base64_bytes {
    use base64::Engine as _;

    use super::{Deserialize, Deserializer, STANDARD, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}
