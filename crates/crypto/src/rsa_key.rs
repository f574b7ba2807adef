//! What seal and stamp keys have in common: RSA, exactly 3072 bits, e = 65537, DER in one form only.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use rsa::pkcs8::{DecodePublicKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use zeroize::Zeroizing;

/// Bytes of an RSA-3072 modulus, and so of everything made with such a key.
pub(crate) const MODULUS_LEN: usize = 384;

/// A fresh key pair as it is stored.
pub struct RsaKeyPair {
    /// PKCS#8 v1 DER; wiped when dropped.
    pub private_pkcs8: Zeroizing<Vec<u8>>,
    /// SubjectPublicKeyInfo DER with the algorithm `rsaEncryption`.
    pub public_spki: Vec<u8>,
}

impl fmt::Debug for RsaKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKeyPair").finish_non_exhaustive()
    }
}

/// Why bytes are not a key of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRejected {
    /// Not the DER or PEM of a key of this kind, or not its one canonical encoding.
    #[error("not the encoding of such a key")]
    Encoding,
    /// RSA, but not 3072 bits with the public exponent 65537.
    #[error("not an RSA key of 3072 bits with exponent 65537")]
    Size,
    /// The engine could not make a key.
    #[error("the key could not be made")]
    NotMade,
}

pub(crate) fn generate() -> Result<RsaKeyPair, KeyRejected> {
    let pair = KeyPair::generate(KeySize::Rsa3072).map_err(|_| KeyRejected::NotMade)?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyRejected::NotMade)?;
    Ok(RsaKeyPair { private_pkcs8: Zeroizing::new(private.as_ref().to_vec()), public_spki: spki(&pair)? })
}

pub(crate) fn spki(pair: &KeyPair) -> Result<Vec<u8>, KeyRejected> {
    let der = pair.public_key().as_der().map_err(|_| KeyRejected::Encoding)?;
    Ok(der.as_ref().to_vec())
}

pub(crate) fn private(pkcs8: &[u8]) -> Result<KeyPair, KeyRejected> {
    let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| KeyRejected::Encoding)?;
    public(&spki(&pair)?)?;
    Ok(pair)
}

/// Keys are compared and hashed as bytes, so a key has one encoding: what does not re-encode to itself is refused.
pub(crate) fn public(spki: &[u8]) -> Result<rsa::RsaPublicKey, KeyRejected> {
    let key = rsa::RsaPublicKey::from_public_key_der(spki).map_err(|_| KeyRejected::Encoding)?;
    if key.n().bits() != MODULUS_LEN * 8 || *key.e() != rsa::BigUint::from(65_537_u32) {
        return Err(KeyRejected::Size);
    }
    let again = key.to_public_key_der().map_err(|_| KeyRejected::Encoding)?;
    if again.as_bytes() != spki {
        return Err(KeyRejected::Encoding);
    }
    Ok(key)
}
