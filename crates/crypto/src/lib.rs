//! Seal, stamp, chain, receipt, manifest: the ballot protocol of `docs/protocol.md` as functions from bytes to bytes.
//!
//! Nothing here reads a clock, a file or the network. Randomness that decides what is stored is an argument, so that every
//! sealed ballot can be made again. Four things draw on the operating system's generator inside aws-lc-rs, because their
//! randomness is never needed again: making a key pair, the salt of a stamp, the nonce of an ECDSA signature and that of a wrapped
//! secret.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

pub mod audit_head;
pub mod canonical;
pub mod chain;
pub mod decryption;
pub mod digest;
pub mod envelope;
pub mod mac;
pub mod manifest;
pub mod receipt;
mod rsa_key;
pub mod seal;
pub mod spent;
pub mod stamp;

pub use digest::{Digest, ballot_digest};
pub use rsa_key::{KeyRejected, RsaKeyPair};
