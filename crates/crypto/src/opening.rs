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

use sha2::{Digest as _, Sha256};

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
    let mut hash = OpeningHash::default();
    for (digest, opened) in sorted {
        hash.push(&digest, opened);
    }
    hash.finish()
}

/// The same for ballots that are read in batches: they are pushed one by one, in ascending order of their digests. In another
/// order they have another hash.
#[derive(Debug, Clone, Default)]
pub struct OpeningHash(Sha256);

impl OpeningHash {
    /// The next one.
    ///
    /// # Panics
    /// When its content has 4 GiB or more.
    pub fn push(&mut self, digest: &Digest, opened: Opened<'_>) {
        let (kind, content) = match opened {
            Opened::Plaintext(plaintext) => (1, plaintext),
            Opened::Invalid(reason) => (0, reason.as_bytes()),
        };
        let length = u32::try_from(content.len()).expect("a plaintext is at most kilobytes");
        self.0.update(digest.as_bytes());
        self.0.update([kind]);
        self.0.update(length.to_be_bytes());
        self.0.update(content);
    }

    /// The hash over all of them.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest::from(<[u8; 32]>::from(self.0.finalize()))
    }
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
