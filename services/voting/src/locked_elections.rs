//! Requests about elections whose rows another transaction has locked: they wait here, so that requests about other elections go
//! on. Also the limits of how many requests may wait.
//!
//! Of each locked election one request is tried at a time, with growing pauses; its other requests wait behind it. So a locked
//! election delays the others only by one short lock wait for each pause, however many of its voters ask.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use launch::Backoff;
use tokio::time::{Instant, sleep_until};

use crate::link_requests::{FIRST_PAUSE, LONGEST_PAUSE, Pending};

/// Requests that may wait: about 40 seconds of slots, and less than two megabytes.
const WAITING: usize = 2048;
/// Those of one election, so that one that is locked for long leaves places for the others.
const OF_ONE_ELECTION: usize = 1024;

/// How many requests wait, in all and of each election that has any.
#[derive(Default)]
struct Counts {
    all: usize,
    of: HashMap<i64, usize>,
}

/// The places on the list.
#[derive(Clone, Default)]
pub(crate) struct QueueLimits(Arc<Mutex<Counts>>);

/// One of them, for as long as this lives.
pub(crate) struct QueuePlace {
    places: QueueLimits,
    election_id: i64,
}

impl QueueLimits {
    /// None when the list is full, or what one election may have of it.
    pub(crate) fn take(&self, election_id: i64) -> Option<QueuePlace> {
        let mut counts = self.counts();
        let of_this = counts.of.get(&election_id).copied().unwrap_or_default();
        if counts.all >= WAITING || of_this >= OF_ONE_ELECTION {
            return None;
        }
        counts.all += 1;
        counts.of.insert(election_id, of_this + 1);
        Some(QueuePlace { places: self.clone(), election_id })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        let mut counts = self.places.counts();
        counts.all = counts.all.saturating_sub(1);
        let left = counts.of.get(&self.election_id).map_or(0, |left| left.saturating_sub(1));
        if left == 0 {
            counts.of.remove(&self.election_id);
        } else {
            counts.of.insert(self.election_id, left);
        }
    }
}

/// A request as far as this file knows it.
pub(crate) trait OfElection {
    fn election_id(&self) -> i64;
}

impl OfElection for Pending {
    fn election_id(&self) -> i64 {
        self.request.election_id()
    }
}

/// What waits of one locked election, the oldest first.
struct Locked<T> {
    waiting: VecDeque<T>,
    next_try: Instant,
    pauses: Backoff,
}

/// The locked elections, each with what was asked for.
pub(crate) struct LockedElections<T>(HashMap<i64, Locked<T>>);

impl<T> Default for LockedElections<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: OfElection> LockedElections<T> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.values().all(|locked| locked.waiting.is_empty())
    }

    /// This request met a lock: it waits, before all others of its election, and longer than the last time.
    pub(crate) fn set_aside(&mut self, request: T) {
        let pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        let fresh = || Locked { waiting: VecDeque::new(), next_try: Instant::now(), pauses };
        let locked = self.0.entry(request.election_id()).or_insert_with(fresh);
        locked.waiting.push_front(request);
        locked.next_try = Instant::now() + locked.pauses.pause();
    }

    /// A request of this election met no lock: the others can be tried as well.
    pub(crate) fn release(&mut self, election_id: i64) {
        if let Some(locked) = self.0.get_mut(&election_id) {
            locked.pauses.reset();
            locked.next_try = Instant::now();
            if locked.waiting.is_empty() {
                self.0.remove(&election_id);
            }
        }
    }

    /// Gives the request back when it can be tried; else keeps it behind the others of its election.
    pub(crate) fn unless_locked(&mut self, request: T) -> Option<T> {
        match self.0.get_mut(&request.election_id()) {
            Some(locked) => {
                locked.waiting.push_back(request);
                None
            }
            None => Some(request),
        }
    }

    /// The next one to be tried, when its time has come. Must not be asked while this is empty.
    pub(crate) async fn due(&mut self) -> T {
        loop {
            let waiting = self.0.values_mut().filter(|locked| !locked.waiting.is_empty());
            let Some(first) = waiting.min_by_key(|locked| locked.next_try) else { return std::future::pending().await };
            sleep_until(first.next_try).await;
            if let Some(request) = first.waiting.pop_front() {
                return request;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    impl OfElection for (i64, u8) {
        fn election_id(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn one_election_takes_half_of_the_list_at_most_and_gives_its_places_back() {
        let places = QueueLimits::default();
        let of_one: Vec<_> = std::iter::from_fn(|| places.take(1)).collect();
        assert_eq!(of_one.len(), OF_ONE_ELECTION);
        let of_others: Vec<_> = (2..).map_while(|election| places.take(election)).collect();
        assert_eq!(of_others.len(), WAITING - OF_ONE_ELECTION, "the others have the rest");
        drop(of_one);
        assert!(places.take(1).is_some() && places.take(5000).is_some());
        drop(of_others);
        assert!(places.counts().of.is_empty() && places.counts().all == 0);
    }

    #[tokio::test]
    async fn what_is_set_aside_keeps_its_order_and_is_tried_at_growing_pauses() {
        let mut aside = LockedElections::default();
        assert!(aside.is_empty());
        assert_eq!(aside.unless_locked((1, 0)), Some((1, 0)));
        aside.set_aside((1, 0));
        assert_eq!(aside.unless_locked((1, 1)), None);
        assert_eq!(aside.unless_locked((2, 0)), Some((2, 0)), "another election");
        for whole in [100, 200, 400, 800, 1600, 3200, 5000, 5000].map(Duration::from_millis) {
            let locked = aside.0.get_mut(&1).unwrap();
            let pause = locked.next_try - Instant::now();
            // A random part of it, up to a half, is left out. The test itself may be slow.
            assert!(pause <= whole && pause > whole / 4, "{pause:?} of {whole:?}");
            locked.next_try = Instant::now();
            assert_eq!(aside.due().await, (1, 0));
            aside.set_aside((1, 0));
        }
        aside.0.get_mut(&1).unwrap().next_try = Instant::now();
        assert_eq!(aside.due().await, (1, 0));
        aside.release(1);
        assert_eq!(aside.unless_locked((1, 2)), None, "it does not overtake");
        for expected in [(1, 1), (1, 2)] {
            assert_eq!(aside.due().await, expected, "at once");
            aside.release(1);
        }
        assert!(aside.is_empty());
        assert_eq!(aside.unless_locked((1, 3)), Some((1, 3)));
    }
}
