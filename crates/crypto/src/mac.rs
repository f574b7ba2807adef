//! Whether stored bytes are those that the holder of a key file wrote: HMAC-SHA-256 (RFC 2104). For what one service writes and
//! reads itself; what others must be able to check is signed instead.

use std::fmt;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::envelope::NotAKey;

/// Bytes of a tag.
pub const TAG_LEN: usize = 32;

/// A key: 32 bytes, never printed.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// Reads 64 hexadecimal digits; white space around them (a last line feed) is let pass.
    ///
    /// # Errors
    /// [`NotAKey`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, NotAKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.trim_ascii(), bytes.as_mut_slice()).map_err(|_| NotAKey)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice())))
    }

    /// The tag of `parts` joined without separators: every caller passes fixed-width parts, and one last part of any length.
    #[must_use]
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; TAG_LEN] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        context.sign().as_ref().try_into().expect("a tag of HMAC-SHA-256 has 32 bytes")
    }

    /// Whether `tag` is the tag of `parts`. How long it takes does not tell how much of it was right.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.tag(parts).as_slice().ct_eq(tag).into()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_that_of_rfc_4231() {
        // Test case 2 has a key of 4 bytes; HMAC fills short keys with zeros, so 32 bytes with zeros behind are the same key.
        let key = MacKey::from_hex(&format!("{}{}\n", hex::encode("Jefe"), "00".repeat(28))).unwrap();
        let tag = key.tag(&[b"what do ya want ", b"for nothing?"]);
        assert_eq!(hex::encode(tag), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(key.verify(&[b"what do ya want for nothing?"], &tag));
        assert!(!key.verify(&[b"what do ya want for nothing!"], &tag));
        assert!(!key.verify(&[b"what do ya want for nothing?"], &tag[..31]));
        let other = MacKey::from_hex(&"1".repeat(64)).unwrap();
        assert!(!other.verify(&[b"what do ya want for nothing?"], &tag));
        assert!(MacKey::from_hex("Jefe").is_err());
    }
}
