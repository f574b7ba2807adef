//! One-time voting links and the tokens in them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest as _, Sha256};

use crate::ids::ElectionId;

/// How long a link lives when its election closes earlier than that.
pub const LINK_DAYS: i64 = 7;

/// How often a link may be sent again to one voter.
pub const MAX_RESENDS: i64 = 3;

/// The random bytes of a token: 192 bits, which nobody guesses.
pub const RANDOM_BYTES: usize = 24;

/// The secret of a link: the number of its election (8 bytes, big endian) and 24 random bytes, URL-safe, 43 characters. Whoever has it
/// can vote, so it has no `Debug` and no `Display`: it cannot slip into a log line.
///
/// It names its election so that looking for it costs the same whatever the number of elections. That is no secret: the page that
/// it opens names the election too.
#[derive(Clone, PartialEq, Eq)]
pub struct VotingToken {
    text: String,
    election: ElectionId,
}

/// The text is no token: a voter copied half of the link, or somebody is guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not a complete voting link. Open the link in your mail again, or copy all of it")]
pub struct MalformedToken;

impl VotingToken {
    /// Makes a token of an election of random bytes.
    #[must_use]
    pub fn new(election: ElectionId, random: &[u8; RANDOM_BYTES]) -> Self {
        let mut bytes = election.get().to_be_bytes().to_vec();
        bytes.extend_from_slice(random);
        Self { text: URL_SAFE_NO_PAD.encode(bytes), election }
    }

    /// Reads a token as it stands in a link. The election it names need not exist: then nobody was sent such a token.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let well_formed = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        // 12 characters are 9 bytes, and 8 of these are the number.
        let beginning = text.get(..12).filter(|_| well_formed).ok_or(MalformedToken)?;
        let beginning = URL_SAFE_NO_PAD.decode(beginning).map_err(|_| MalformedToken)?;
        let number = beginning.first_chunk::<8>().ok_or(MalformedToken)?;
        Ok(Self { text: text.to_owned(), election: ElectionId::new(i64::from_be_bytes(*number)) })
    }

    /// The election that it says it is of.
    #[must_use]
    pub const fn election_id(&self) -> ElectionId {
        self.election
    }

    /// The text of the token, for the link in a mail and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What the database keeps instead of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.text.as_bytes()).into())
    }
}

/// SHA-256 over the 43 characters of a token. A reader of the database cannot vote with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The 32 bytes as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A link lives until the later of seven days from now and the closing of its election: one that dies while voting is
/// still open would lock its voter out.
#[must_use]
pub fn expires_at(now: DateTime<Utc>, closes_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let week = now.checked_add_signed(Duration::days(LINK_DAYS)).unwrap_or(DateTime::<Utc>::MAX_UTC);
    closes_at.map_or(week, |closes| closes.max(week))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_43_url_safe_characters() {
        let token = VotingToken::new(ElectionId::new(i64::MAX), &[0xff; RANDOM_BYTES]);
        assert_eq!(token.expose().len(), 43);
        assert!(VotingToken::parse(token.expose()).unwrap() == token);
    }

    #[test]
    fn a_token_carries_the_number_of_its_election_in_front() {
        let token = VotingToken::new(ElectionId::new(0x0102_0304_0506_0708), &[9; RANDOM_BYTES]);
        let bytes = URL_SAFE_NO_PAD.decode(token.expose()).unwrap();
        assert_eq!(bytes, [[1, 2, 3, 4, 5, 6, 7, 8].as_slice(), &[9; RANDOM_BYTES]].concat());
        assert_eq!(VotingToken::parse(token.expose()).unwrap().election_id().get(), 0x0102_0304_0506_0708);
        // Whoever makes one up names any number, and finds nothing under it.
        assert_eq!(VotingToken::parse(&"_".repeat(43)).unwrap().election_id().get(), -1);
    }

    #[test]
    fn half_a_link_and_an_attack_are_malformed() {
        for bad in ["", "abc", &"A".repeat(44), "'; drop table votes; --", &format!("{}=", "A".repeat(42)), &"é".repeat(43)] {
            assert!(VotingToken::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_link_lives_for_a_week_or_until_the_election_closes() {
        let now = DateTime::UNIX_EPOCH;
        let week = now + Duration::days(7);
        assert_eq!(expires_at(now, None), week);
        assert_eq!(expires_at(now, Some(now + Duration::days(1))), week);
        assert_eq!(expires_at(now, Some(now + Duration::days(30))), now + Duration::days(30));
    }
}
