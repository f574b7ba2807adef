//! What this process has seen committed of each election's chain, kept in its memory only (ADR 0014). The owner of the database can
//! delete ballots and compute a fitting chain anew; they cannot make this process forget what was there.
//!
//! It is updated only after a confirmed COMMIT. After an unknown outcome it is older than the box, which is harmless: other
//! processes record ballots too, so a newer head in the box is normal. After a restart it is empty.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::Digest;

/// Elections that are remembered before those whose sealed box was seen are forgotten: about half a megabyte. Not at each close: whoever
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
    /// Those of them whose box was looked at when it was sealed. It is looked at again if it is not sealed any more.
    seen_sealed: HashSet<i64>,
    /// How many there were after sealed ones were last forgotten.
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

    /// The elections whose box is still to be looked at, when these are the sealed ones.
    pub(super) fn to_look_at(&self, sealed: &HashSet<i64>) -> Vec<i64> {
        let mut remembered = self.remembered();
        remembered.seen_sealed.retain(|election_id| sealed.contains(election_id));
        remembered.elections.keys().filter(|election_id| !remembered.seen_sealed.contains(election_id)).copied().collect()
    }

    /// This box was looked at after it was sealed. Nothing is recorded in it any more, and what it is later is compared with its commitment.
    pub(super) fn saw_sealed(&self, election_id: i64) {
        self.remembered().seen_sealed.insert(election_id);
    }

    /// Forgets elections whose sealed box was seen, when it is time for that.
    pub(super) fn forget_if_many(&self) {
        let mut remembered = self.remembered();
        if remembered.elections.len() >= MANY.max(remembered.kept.saturating_mul(2)) {
            for election_id in std::mem::take(&mut remembered.seen_sealed) {
                remembered.elections.remove(&election_id);
            }
            remembered.kept = remembered.elections.len();
        }
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
    fn elections_whose_sealed_box_was_seen_are_forgotten_when_there_are_many() {
        let memory = Memory::default();
        let many = i64::try_from(MANY).unwrap();
        for election in 1..many {
            memory.committed(election, head(1, 0));
        }
        for election in 2..=many {
            memory.saw_sealed(election);
        }
        memory.forget_if_many();
        assert!(memory.of(2).is_some(), "there are not many yet");
        memory.committed(many, head(1, 0));
        memory.forget_if_many();
        assert_eq!(memory.all(), [1]);
    }

    #[test]
    fn a_box_is_looked_at_until_it_was_seen_sealed_and_again_when_it_is_open_again() {
        let memory = Memory::default();
        for election in 1..=3 {
            memory.committed(election, head(1, 0));
        }
        memory.saw_sealed(2);
        memory.saw_sealed(3);
        let mut ids = memory.to_look_at(&HashSet::from([1, 2]));
        ids.sort_unstable();
        assert_eq!(ids, [1, 3], "a sealed one that was not looked at yet, and one that is not sealed any more");
        assert_eq!(memory.to_look_at(&HashSet::from([1, 2, 3])).len(), 2, "it is looked at anew");
    }
}
