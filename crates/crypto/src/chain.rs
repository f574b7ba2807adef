//! The chain of recorded ballots and the hash of the whole box.
//!
//! `chain_hash = SHA-256("chain/v1" || election_id (8 BE) || position (8 BE) || previous_hash (32) || digest (32) ||
//! prefix (32) || stamp (384))`. Positions are 1, 2, 3, ...; the `previous_hash` of position 1 is the manifest hash. The
//! SQL function `chain_link` computes the same bytes, with integers as `int8send` gives them.

use crate::digest::Digest;

/// What the first ballot is chained to: the manifest hash, so that no chain fits another election.
#[must_use]
pub const fn genesis(manifest_hash: Digest) -> Digest {
    manifest_hash
}

/// The chain hash of one recorded ballot. `stamp` comes last, so its length needs no mark.
#[must_use]
pub fn link(election_id: i64, position: i64, previous: &Digest, digest: &Digest, prefix: &[u8; 32], stamp: &[u8]) -> Digest {
    Digest::of(&[
        b"chain/v1",
        &election_id.to_be_bytes(),
        &position.to_be_bytes(),
        previous.as_bytes(),
        digest.as_bytes(),
        prefix,
        stamp,
    ])
}

/// The hash that the box commitment signs: SHA-256 over all ballot digests in ascending order, joined; of none, SHA-256 of
/// nothing.
#[must_use]
pub fn box_hash(digests: impl IntoIterator<Item = Digest>) -> Digest {
    Digest::of_sorted(digests)
}

/// A recorded ballot as it lies in the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// 1, 2, 3, ...
    pub position: i64,
    /// The chain hash of the ballot before.
    pub previous: Digest,
    /// The ballot's digest.
    pub digest: Digest,
    /// The stamp's prefix.
    pub prefix: [u8; 32],
    /// The stamp.
    pub stamp: &'a [u8],
    /// The chain hash that was stored.
    pub chain_hash: Digest,
}

/// Where a chain stands: how many ballots, and the hash of the last. Compared with the stored head it shows a cut-off end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last ballot; 0 for none.
    pub position: i64,
    /// Its chain hash; the genesis for none.
    pub hash: Digest,
}

/// The first entry that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chain breaks at position {position}: {reason}")]
pub struct Broken {
    /// The position that was expected there.
    pub position: i64,
    /// What is the case.
    pub reason: BreakReason,
}

/// How a chain can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BreakReason {
    /// The next entry has another position: one is missing, doubled or out of order.
    #[error("another position stands here")]
    Gap,
    /// The entry names another predecessor.
    #[error("it does not name the hash before it")]
    BrokenLink,
    /// The stored hash is not the hash of the entry's content.
    #[error("its hash is not that of its content")]
    WrongHash,
}

/// Follows a chain entry by entry, for chains that are read in batches.
#[derive(Debug, Clone)]
pub struct Walk {
    election_id: i64,
    head: Head,
}

impl Walk {
    /// Starts before the first ballot.
    #[must_use]
    pub const fn new(election_id: i64, genesis: Digest) -> Self {
        Self { election_id, head: Head { position: 0, hash: genesis } }
    }

    /// Takes the next entry. After a refusal the walk stays where it was.
    ///
    /// # Errors
    /// [`Broken`], with the first reason that applies in the order of [`BreakReason`].
    pub fn step(&mut self, entry: &Entry<'_>) -> Result<(), Broken> {
        let position = self.head.position.saturating_add(1);
        let broken = |reason| Broken { position, reason };
        if entry.position != position {
            return Err(broken(BreakReason::Gap));
        }
        if entry.previous != self.head.hash {
            return Err(broken(BreakReason::BrokenLink));
        }
        let hash = link(self.election_id, position, &entry.previous, &entry.digest, &entry.prefix, entry.stamp);
        if hash != entry.chain_hash {
            return Err(broken(BreakReason::WrongHash));
        }
        self.head = Head { position, hash };
        Ok(())
    }

    /// Where the walk stands.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }
}

/// Walks the whole chain and answers its head.
///
/// # Errors
/// [`Broken`] for the first entry that does not fit.
pub fn verify<'a>(election_id: i64, genesis: Digest, entries: impl IntoIterator<Item = Entry<'a>>) -> Result<Head, Broken> {
    let mut walk = Walk::new(election_id, genesis);
    for entry in entries {
        walk.step(&entry)?;
    }
    Ok(walk.head())
}
