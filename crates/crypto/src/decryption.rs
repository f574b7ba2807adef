//! What was found in the box, in one hash.
//!
//! The result is counted from the decrypted ballots as they are stored, and whoever reads them later has no private key to decrypt
//! them again. The hash, signed with the receipt key when the last ballot is decrypted
//! ([`receipt::sign_decryption`](crate::receipt::sign_decryption)), shows a plaintext that was exchanged afterwards.
//!
//! ```text
//! opening_hash = SHA-256 over all decrypted ballots in ascending order of their digests, joined:
//!     digest (32) || kind (1) || u32 BE length || content
//! ```
//! Kind 0x01: the content is the plaintext. Kind 0x00: it is the reason why there is none, in ASCII.

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;

/// What one ballot turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decrypted<'a> {
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
pub fn hash<'a>(ballots: impl IntoIterator<Item = (Digest, Decrypted<'a>)>) -> Digest {
    let mut sorted: Vec<_> = ballots.into_iter().collect();
    sorted.sort_unstable_by_key(|(digest, _)| *digest);
    let mut hash = DecryptionHash::default();
    for (digest, decrypted) in sorted {
        hash.push(&digest, decrypted);
    }
    hash.finish()
}

/// The same for ballots that are read in batches: they are pushed one by one, in ascending order of their digests. In another
/// order they have another hash.
#[derive(Debug, Clone, Default)]
pub struct DecryptionHash(Sha256);

impl DecryptionHash {
    /// The next one.
    ///
    /// # Panics
    /// When its content has 4 GiB or more.
    pub fn push(&mut self, digest: &Digest, decrypted: Decrypted<'_>) {
        let (kind, content) = match decrypted {
            Decrypted::Plaintext(plaintext) => (1, plaintext),
            Decrypted::Invalid(reason) => (0, reason.as_bytes()),
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
        let both = hash([(a, Decrypted::Plaintext(b"x")), (b, Decrypted::Invalid("y"))]);
        assert_eq!(both, hash([(b, Decrypted::Invalid("y")), (a, Decrypted::Plaintext(b"x"))]));
        assert_ne!(both, hash([(a, Decrypted::Plaintext(b"z")), (b, Decrypted::Invalid("y"))]));
        assert_ne!(both, hash([(a, Decrypted::Invalid("x")), (b, Decrypted::Invalid("y"))]));
        assert_ne!(both, hash([(b, Decrypted::Plaintext(b"x")), (a, Decrypted::Invalid("y"))]));
        assert_ne!(both, hash([(a, Decrypted::Plaintext(b"x"))]));
        assert_eq!(hash([]), Digest::of(&[]));
    }
}
