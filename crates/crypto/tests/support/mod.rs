//! Reads the fixed vectors; their keys also serve the other tests, since making RSA keys is slow.
#![allow(dead_code, reason = "every test binary uses a part")]

use std::collections::BTreeSet;

use crypto::manifest::Manifest;
use crypto::{Digest, chain, receipt, seal, stamp};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Vectors {
    pub(crate) election_id: i64,
    pub(crate) manifest: String,
    pub(crate) manifest_hash: Digest,
    pub(crate) seal_private_pkcs8: String,
    pub(crate) stamp_private_pkcs8: String,
    pub(crate) receipt_private_pem: String,
    pub(crate) receipt_public_pem: String,
    pub(crate) ballots: Vec<Ballot>,
    pub(crate) box_count: u64,
    pub(crate) box_hash: Digest,
    pub(crate) box_signature: String,
    pub(crate) halts: u64,
    pub(crate) resumptions: u64,
    pub(crate) recording_signature: String,
    pub(crate) roll: u64,
    pub(crate) withdrawn: BTreeSet<i64>,
    pub(crate) withdrawn_hash: Digest,
    pub(crate) spend_ids: Vec<String>,
    pub(crate) spent_entries: Vec<Digest>,
    pub(crate) spent_list_hash: Digest,
}

#[derive(Deserialize)]
pub(crate) struct Ballot {
    pub(crate) position: i64,
    pub(crate) plaintext: String,
    pub(crate) idempotency_key: String,
    pub(crate) token: String,
    pub(crate) randomness: String,
    pub(crate) sealed: String,
    pub(crate) digest: Digest,
    pub(crate) prefix: String,
    pub(crate) stamp: String,
    pub(crate) receipt: String,
    pub(crate) receipt_code: String,
    pub(crate) previous_hash: Digest,
    pub(crate) chain_hash: Digest,
}

impl Vectors {
    pub(crate) fn read() -> Self {
        serde_json::from_str(include_str!("../vectors/simple.json")).unwrap()
    }

    pub(crate) fn parsed(&self) -> Manifest {
        Manifest::parse(self.manifest.as_bytes()).unwrap()
    }

    pub(crate) fn seal_private(&self) -> seal::SealPrivateKey {
        seal::SealPrivateKey::from_pkcs8_der(&bytes(&self.seal_private_pkcs8)).unwrap()
    }

    pub(crate) fn stamp_private(&self) -> stamp::StampPrivateKey {
        stamp::StampPrivateKey::from_pkcs8_der(&bytes(&self.stamp_private_pkcs8)).unwrap()
    }

    pub(crate) fn receipt_private(&self) -> receipt::ReceiptKey {
        receipt::ReceiptKey::from_pkcs8_pem(&self.receipt_private_pem).unwrap()
    }

    pub(crate) fn entries<'a>(&self, stamps: &'a [Vec<u8>]) -> Vec<chain::Entry<'a>> {
        self.ballots
            .iter()
            .zip(stamps)
            .map(|(ballot, stamp)| chain::Entry {
                position: ballot.position,
                previous: ballot.previous_hash,
                digest: ballot.digest,
                prefix: ballot.prefix(),
                stamp,
                chain_hash: ballot.chain_hash,
            })
            .collect()
    }
}

impl Ballot {
    pub(crate) fn prefix(&self) -> [u8; 32] {
        bytes(&self.prefix).try_into().unwrap()
    }
}

pub(crate) fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text).unwrap()
}
