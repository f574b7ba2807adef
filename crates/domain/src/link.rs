//! One-time voting links and the tokens in them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use messages::say;
use sha2::{Digest as _, Sha256};

/// How long a link lives when its election closes earlier than that.
pub const LINK_DAYS: i64 = 7;

/// How often a link may be sent again to one voter.
pub const MAX_RESENDS: i64 = 3;

/// The secret of a link: 32 random bytes, URL-safe, 43 characters. Whoever has it can vote, so it has no `Debug` and no
/// `Display`: it cannot slip into a log line.
#[derive(Clone, PartialEq, Eq)]
pub struct VotingToken(String);

/// The text is no token: a voter copied half of the link, or somebody is guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedToken;

messages::says!(MalformedToken, |MalformedToken| say!(link_incomplete));

impl VotingToken {
    /// Makes the token of 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a token as it stands in a link.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        let well_formed = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(MalformedToken) }
    }

    /// The text of the token, for the link in a mail and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps instead of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_bytes()).into())
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
        let token = VotingToken::from_bytes(&[0xff; 32]);
        assert_eq!(token.expose().len(), 43);
        assert!(VotingToken::parse(token.expose()).unwrap() == token);
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
