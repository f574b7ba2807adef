//! What this process has seen committed of each election's chain, kept in its memory only (ADR 0014). The owner of the database can
//! delete ballots and compute a fitting chain anew; they cannot make this process forget what was there.
//!
//! It moves forward only after a COMMIT that is known. After an outcome that is unknown it is behind, which is harmless: a head
//! further on is normal. A restart forgets it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::Digest;

/// Elections that are remembered before those that have closed are forgotten: about half a megabyte. Not at each close: whoever
/// can write the database could close an election for a moment, to be forgotten.
const MANY: usize = 4096;

/// The end of a chain as one call of `record_ballots` left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) position: i64,
    pub(super) hash: Digest,
    /// The number of the newest amendment that resumed recording; 0 when there is none.
    pub(super) resumption: i64,
}

/// What is remembered of one election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// The last position, and the chain hash there. Absent when this process has seen the election only halted or empty.
    pub(super) head: Option<(i64, Digest)>,
    /// The newest resumption when that was seen.
    pub(super) resumption: i64,
    /// Whether it was seen halted since that resumption.
    pub(super) halted: bool,
}

#[derive(Default)]
pub(super) struct Memory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    elections: HashMap<i64, Seen>,
    /// How many there were after closed ones were last forgotten.
    kept: usize,
}

impl Memory {
    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // Every change is one insertion: a panic elsewhere leaves nothing half-done here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn of(&self, election_id: i64) -> Option<Seen> {
        self.remembered().elections.get(&election_id).copied()
    }

    /// A call was committed, and recording was not refused.
    pub(super) fn committed(&self, election_id: i64, head: Head) {
        let mut remembered = self.remembered();
        let newer = match remembered.elections.get(&election_id) {
            Some(seen) if seen.resumption == head.resumption => {
                !seen.halted && seen.head.is_none_or(|(position, _)| position <= head.position)
            }
            Some(seen) => seen.resumption < head.resumption,
            None => true,
        };
        if newer {
            // An empty box has no ballot that could be missed.
            let last = (head.position > 0).then_some((head.position, head.hash));
            remembered.elections.insert(election_id, Seen { head: last, resumption: head.resumption, halted: false });
        }
    }

    /// The election is halted. What was seen of it before stays: it is what a resumption must outdate. True when this is new.
    pub(super) fn halted(&self, election_id: i64, resumption: i64) -> bool {
        let mut remembered = self.remembered();
        let seen = remembered.elections.entry(election_id).or_insert(Seen { head: None, resumption, halted: false });
        if resumption > seen.resumption {
            *seen = Seen { head: None, resumption, halted: false };
        }
        !std::mem::replace(&mut seen.halted, true)
    }

    /// All elections that are remembered.
    pub(super) fn all(&self) -> Vec<i64> {
        self.remembered().elections.keys().copied().collect()
    }

    /// The elections that were seen halted, with the newest resumption of that time.
    pub(super) fn all_halted(&self) -> Vec<(i64, i64)> {
        let remembered = self.remembered();
        remembered.elections.iter().filter(|(_, seen)| seen.halted).map(|(id, seen)| (*id, seen.resumption)).collect()
    }

    /// All elections, when there are so many that it is time to forget those that have closed.
    pub(super) fn overfull(&self) -> Option<Vec<i64>> {
        let remembered = self.remembered();
        let many = remembered.elections.len() >= MANY.max(remembered.kept.saturating_mul(2));
        many.then(|| remembered.elections.keys().copied().collect())
    }

    pub(super) fn forget(&self, closed: &[i64]) {
        let mut remembered = self.remembered();
        for election_id in closed {
            remembered.elections.remove(election_id);
        }
        remembered.kept = remembered.elections.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(position: i64, resumption: i64) -> Head {
        Head { position, hash: Digest::of(&[&position.to_be_bytes()]), resumption }
    }

    fn last(memory: &Memory) -> Option<i64> {
        memory.of(1).and_then(|seen| seen.head).map(|(position, _)| position)
    }

    #[test]
    fn it_moves_forward_only_until_recording_is_resumed() {
        let memory = Memory::default();
        assert_eq!(memory.of(1), None);
        memory.committed(1, head(0, 0));
        assert_eq!(last(&memory), None, "an empty box is nothing to miss");
        for (position, resumption, expected) in [(3, 0, 3), (2, 0, 3), (5, 0, 5), (4, 7, 4), (9, 0, 4), (6, 7, 6)] {
            memory.committed(1, head(position, resumption));
            assert_eq!(last(&memory), Some(expected));
        }
    }

    #[test]
    fn a_halt_stays_until_a_newer_resumption_and_what_was_seen_stays_with_it() {
        let memory = Memory::default();
        memory.committed(1, head(3, 0));
        assert!(memory.halted(1, 0) && !memory.halted(1, 0), "new once");
        assert_eq!((last(&memory), memory.all_halted()), (Some(3), vec![(1, 0)]));
        memory.committed(1, head(2, 8));
        assert_eq!((last(&memory), memory.all_halted()), (Some(2), vec![]));
        // Halted again, and seen by a process that has recorded nothing since.
        assert!(memory.halted(1, 9));
        assert_eq!((last(&memory), memory.all_halted()), (None, vec![(1, 9)]));
    }

    #[test]
    fn closed_elections_are_forgotten_when_there_are_many() {
        let memory = Memory::default();
        let many = i64::try_from(MANY).unwrap();
        for election in 1..many {
            memory.committed(election, head(1, 0));
        }
        assert_eq!(memory.overfull(), None);
        memory.committed(many, head(1, 0));
        assert_eq!(memory.overfull().unwrap().len(), MANY);
        memory.forget(&(2..=many).collect::<Vec<_>>());
        assert!(memory.overfull().is_none() && memory.of(1).is_some() && memory.of(2).is_none());
    }
}
