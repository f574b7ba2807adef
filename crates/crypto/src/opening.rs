//! What was found in the box, in one hash.
//!
//! The result is counted from the opened ballots as they are stored, and whoever reads them later has no private key to open
//! them again. The hash, signed with the receipt key when the last ballot is open
//! ([`receipt::sign_opening`](crate::receipt::sign_opening)), shows a plaintext that was exchanged afterwards.
//!
//! ```text
//! opening_hash = SHA-256 over all opened ballots in ascending order of their digests, joined:
//!     digest (32) || kind (1) || u32 BE length || content
//! ```
//! Kind 0x01: the content is the plaintext. Kind 0x00: it is the reason why there is none, in ASCII.

use crate::digest::Digest;

/// What one ballot turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened<'a> {
    /// Its plaintext.
    Plaintext(&'a [u8]),
    /// Why there is none.
    Invalid(&'a str),
}

/// The hash over all of them, in whatever order they are given.
///
/// # Panics
/// When a content has 4 GiB or more.
#[must_use]
pub fn hash<'a>(ballots: impl IntoIterator<Item = (Digest, Opened<'a>)>) -> Digest {
    let mut sorted: Vec<_> = ballots.into_iter().collect();
    sorted.sort_unstable_by_key(|(digest, _)| *digest);
    let mut bytes = Vec::new();
    for (digest, opened) in sorted {
        let (kind, content) = match opened {
            Opened::Plaintext(plaintext) => (1, plaintext),
            Opened::Invalid(reason) => (0, reason.as_bytes()),
        };
        let length = u32::try_from(content.len()).expect("a plaintext is at most kilobytes");
        bytes.extend_from_slice(digest.as_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(content);
    }
    Digest::of(&[&bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_kind_and_owner_count_and_order_does_not() {
        let (a, b) = (Digest::from([1; 32]), Digest::from([2; 32]));
        let both = hash([(a, Opened::Plaintext(b"x")), (b, Opened::Invalid("y"))]);
        assert_eq!(both, hash([(b, Opened::Invalid("y")), (a, Opened::Plaintext(b"x"))]));
        assert_ne!(both, hash([(a, Opened::Plaintext(b"z")), (b, Opened::Invalid("y"))]));
        assert_ne!(both, hash([(a, Opened::Invalid("x")), (b, Opened::Invalid("y"))]));
        assert_ne!(both, hash([(b, Opened::Plaintext(b"x")), (a, Opened::Invalid("y"))]));
        assert_ne!(both, hash([(a, Opened::Plaintext(b"x"))]));
        assert_eq!(hash([]), Digest::of(&[]));
    }
}
