//! The ballots that wait to be recorded, election by election, so that one election that is slow or locked does not hold up the others.
//!
//! Three limits keep elections apart. An election may have as many ballots waiting as places are free, so that there are always
//! free places for another. Each election has one call of `record_ballots` under way at most, and elections take turns. And elections
//! whose last call had trouble never use all of the recorder's connections.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use launch::Backoff;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{Answer, CONNECTIONS, NotRecorded, Unrecorded};

/// What `record_ballots` takes in one call.
pub(super) const BATCH: usize = 256;
/// Ballots that may wait, or be under way, in all: eight batches, about 8 MB at the largest ballots. One election alone can have
/// half of it. More wait at the client, by 503.
const PLACES: usize = 8 * BATCH;
/// The pauses between tries grow from here ...
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// ... to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const PAUSES: Backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);

/// Who has how many of the places.
#[derive(Default)]
pub(super) struct QueueLimits(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    all: usize,
    elections: HashMap<i64, usize>,
}

/// The place of one ballot, free again when this is dropped.
pub(super) struct QueuePlace {
    places: Arc<QueueLimits>,
    election_id: i64,
}

impl QueueLimits {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, unless this election has as many as are free.
    pub(super) fn take(self: &Arc<Self>, election_id: i64) -> Option<QueuePlace> {
        let mut taken = self.taken();
        let own = taken.elections.get(&election_id).copied().unwrap_or(0);
        if own >= PLACES.saturating_sub(taken.all) {
            return None;
        }
        taken.all += 1;
        taken.elections.insert(election_id, own + 1);
        Some(QueuePlace { places: self.clone(), election_id })
    }
}

impl Drop for QueuePlace {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all = taken.all.saturating_sub(1);
        match taken.elections.get_mut(&self.election_id) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.elections.remove(&self.election_id);
            }
        }
    }
}

/// A ballot that waits, and who waits for its answer.
pub(super) struct Waiting {
    pub(super) ballot: Unrecorded,
    answer: oneshot::Sender<Answer>,
    /// Until when it is tried.
    until: Instant,
    /// Not tried before this.
    due: Instant,
    pauses: Backoff,
    /// Whether the outcome of an earlier call is unknown.
    uncertain: bool,
    _place: QueuePlace,
}

impl Waiting {
    pub(super) fn new(ballot: Unrecorded, answer: oneshot::Sender<Answer>, patience: Duration, place: QueuePlace) -> Self {
        let now = Instant::now();
        Self { ballot, answer, until: now + patience, due: now, pauses: PAUSES, uncertain: false, _place: place }
    }

    /// What became of it. Nobody listens any more when the client hung up; the ballot counts all the same.
    pub(super) fn answer(self, answer: Answer) {
        // What an earlier call did is still not known when a later one recorded nothing.
        let answer = answer.map_err(|why| if self.uncertain { NotRecorded::OutcomeUnknown } else { why });
        let _ = self.answer.send(answer);
    }
}

/// The ballots of one call.
pub(super) struct Batch {
    pub(super) election_id: i64,
    pub(super) ballots: Vec<Waiting>,
}

#[derive(Default)]
pub(super) struct Queues {
    elections: HashMap<i64, Queue>,
    /// Elections without a call under way, the next one first.
    order: VecDeque<i64>,
    /// How many calls are under way of elections whose call before had trouble.
    repeats: usize,
}

struct Queue {
    waiting: VecDeque<Waiting>,
    under_way: bool,
    /// Whether what is under way counts as a repeat.
    is_repeat: bool,
    /// How many at the front are tried one by one, because a call with all of them failed.
    alone: usize,
    /// Why the last call did nothing.
    trouble: Option<NotRecorded>,
    due: Instant,
    pauses: Backoff,
}

impl Queue {
    /// From when on it may go, if connections were free.
    fn ready(&self) -> Option<Instant> {
        let first = self.waiting.iter().map(|waiting| waiting.due).min()?;
        (!self.under_way).then(|| first.max(self.due))
    }
}

impl Queues {
    /// One connection is left to elections without trouble, and among the others everybody has a turn.
    fn may_go(&self, queue: &Queue, idle: usize) -> bool {
        idle > 0 && (queue.trouble.is_none() || self.repeats + 1 < CONNECTIONS)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.elections.is_empty()
    }

    pub(super) fn add(&mut self, waiting: Waiting) {
        let election_id = waiting.ballot.election_id;
        let queue = self.elections.entry(election_id).or_insert_with(|| {
            self.order.push_back(election_id);
            Queue {
                waiting: VecDeque::new(),
                under_way: false,
                is_repeat: false,
                alone: 0,
                trouble: None,
                due: Instant::now(),
                pauses: PAUSES,
            }
        });
        queue.waiting.push_back(waiting);
    }

    /// The next batch, when `idle` connections have nothing to do.
    pub(super) fn take(&mut self, now: Instant, idle: usize) -> Option<Batch> {
        let goes = |id: &i64| {
            let queue = self.elections.get(id);
            queue.is_some_and(|queue| self.may_go(queue, idle) && queue.ready().is_some_and(|ready| ready <= now))
        };
        let next = self.order.iter().position(goes)?;
        let election_id = self.order.remove(next)?;
        let queue = self.elections.get_mut(&election_id)?;
        (queue.under_way, queue.is_repeat) = (true, queue.trouble.is_some());
        self.repeats += usize::from(queue.is_repeat);
        let most = if queue.alone > 0 { 1 } else { BATCH };
        queue.alone = queue.alone.saturating_sub(1);
        let mut ballots = Vec::new();
        for waiting in std::mem::take(&mut queue.waiting) {
            if ballots.len() < most && waiting.due <= now {
                ballots.push(waiting);
            } else {
                queue.waiting.push_back(waiting);
            }
        }
        Some(Batch { election_id, ballots })
    }

    /// The call had an outcome for each ballot; these are to be tried again because somebody holds their link.
    pub(super) fn done(&mut self, election_id: i64, locked: Vec<Waiting>) {
        let now = Instant::now();
        self.came_back(election_id);
        if let Some(queue) = self.elections.get_mut(&election_id) {
            (queue.trouble, queue.due, queue.pauses) = (None, now, PAUSES);
            for mut waiting in locked.into_iter().rev() {
                waiting.due = now + waiting.pauses.pause();
                queue.waiting.push_front(waiting);
            }
        }
        self.behind_the_others(election_id);
    }

    /// The call did nothing, or nothing that is known: all of it again, after a pause.
    pub(super) fn retry(&mut self, batch: Batch, why: NotRecorded) {
        self.came_back(batch.election_id);
        if let Some(queue) = self.elections.get_mut(&batch.election_id) {
            queue.trouble = Some(why);
            queue.due = Instant::now() + queue.pauses.pause();
            if queue.alone > 0 {
                queue.alone += batch.ballots.len();
            }
            for mut waiting in batch.ballots.into_iter().rev() {
                waiting.uncertain |= why == NotRecorded::OutcomeUnknown;
                queue.waiting.push_front(waiting);
            }
        }
        self.behind_the_others(batch.election_id);
    }

    /// The call failed as a whole: each of its ballots alone, so that a bad one never fails its neighbours.
    pub(super) fn one_by_one(&mut self, batch: Batch) {
        self.came_back(batch.election_id);
        if let Some(queue) = self.elections.get_mut(&batch.election_id) {
            queue.alone = batch.ballots.len();
            for waiting in batch.ballots.into_iter().rev() {
                queue.waiting.push_front(waiting);
            }
        }
        self.behind_the_others(batch.election_id);
    }

    fn came_back(&mut self, election_id: i64) {
        if let Some(queue) = self.elections.get_mut(&election_id) {
            queue.under_way = false;
            self.repeats -= usize::from(std::mem::take(&mut queue.is_repeat));
        }
    }

    fn behind_the_others(&mut self, election_id: i64) {
        if self.elections.get(&election_id).is_some_and(|queue| queue.waiting.is_empty()) {
            self.elections.remove(&election_id);
        } else {
            self.order.push_back(election_id);
        }
    }

    /// Answers ballots whose patience is over. The oldest are at the front.
    pub(super) fn expire(&mut self, now: Instant) {
        for queue in self.elections.values_mut() {
            while let Some(waiting) = queue.waiting.pop_front_if(|waiting| waiting.until <= now) {
                waiting.answer(Err(queue.trouble.unwrap_or(NotRecorded::Busy)));
                queue.alone = queue.alone.saturating_sub(1);
            }
        }
        self.elections.retain(|_, queue| queue.under_way || !queue.waiting.is_empty());
        self.order.retain(|id| self.elections.contains_key(id));
    }

    /// When to look again, if nothing happens before: a pause is over, or somebody has waited for as long as they may.
    pub(super) fn next_look(&self, idle: usize) -> Option<Instant> {
        let ready = self.elections.values().filter(|queue| self.may_go(queue, idle)).filter_map(Queue::ready);
        ready.chain(self.elections.values().filter_map(|queue| queue.waiting.front().map(|waiting| waiting.until))).min()
    }
}

#[cfg(test)]
mod tests {
    use crypto::Digest;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn waiting(places: &Arc<QueueLimits>, election_id: i64) -> (Waiting, oneshot::Receiver<Answer>) {
        let ballot = Unrecorded {
            election_id,
            digest: Digest::from([0; 32]),
            sealed: Vec::new(),
            prefix: [0; 32],
            stamp: Vec::new(),
            link: None,
        };
        let (answer, heard) = oneshot::channel();
        (Waiting::new(ballot, answer, PATIENCE, places.take(election_id).unwrap()), heard)
    }

    fn queues(elections: &[i64]) -> (Queues, Vec<oneshot::Receiver<Answer>>) {
        let (places, mut queues) = (Arc::new(QueueLimits::default()), Queues::default());
        let heard = elections.iter().map(|id| {
            let (waiting, heard) = waiting(&places, *id);
            queues.add(waiting);
            heard
        });
        let heard = heard.collect();
        (queues, heard)
    }

    #[test]
    fn one_election_cannot_take_the_places_of_the_others() {
        let places = Arc::new(QueueLimits::default());
        let first: Vec<_> = std::iter::from_fn(|| places.take(1)).collect();
        let second: Vec<_> = std::iter::from_fn(|| places.take(2)).collect();
        let third: Vec<_> = std::iter::from_fn(|| places.take(3)).collect();
        assert_eq!((first.len(), second.len(), third.len()), (PLACES / 2, PLACES / 4, PLACES / 8));
        drop(first);
        assert!(places.take(1).is_some());
        drop((second, third));
        assert_eq!(places.taken().all, 0, "a place is free again when its ballot is answered");
        assert!(places.taken().elections.is_empty());
    }

    #[test]
    fn elections_take_turns_and_each_has_one_call_under_way() {
        let (mut queues, _heard) = queues(&[1, 1, 2]);
        let now = Instant::now();
        let first = queues.take(now, 4).unwrap();
        assert_eq!((first.election_id, first.ballots.len()), (1, 2));
        queues.add(waiting(&Arc::default(), 1).0);
        assert_eq!(queues.take(now, 3).unwrap().election_id, 2);
        assert!(queues.take(now, 2).is_none(), "one is under way, and another call would race it");
        queues.done(1, Vec::new());
        assert_eq!(queues.take(Instant::now(), 2).unwrap().election_id, 1);
    }

    #[test]
    fn elections_in_trouble_wait_and_never_use_all_connections() {
        let (mut queues, _heard) = queues(&[1, 2, 3, 4]);
        for _ in 0..4 {
            let batch = queues.take(Instant::now(), 4).unwrap();
            queues.retry(batch, NotRecorded::Busy);
        }
        let now = Instant::now();
        let later = now + FIRST_PAUSE;
        for expected in [1, 2, 3] {
            assert_eq!(queues.take(later, 4).unwrap().election_id, expected);
        }
        assert!(queues.take(later, 1).is_none());
        assert!(queues.next_look(1).unwrap() > later + PATIENCE / 2, "no look before it can lead to something");
        queues.add(waiting(&Arc::default(), 5).0);
        assert_eq!(queues.take(Instant::now() + FIRST_PAUSE, 1).unwrap().election_id, 5);
        queues.done(2, Vec::new());
        assert_eq!(queues.take(later, 1).unwrap().election_id, 4, "and each has its turn");
    }

    #[test]
    fn whoever_waited_too_long_hears_what_is_known() {
        let (mut queues, mut heard) = queues(&[1, 2, 3]);
        let now = Instant::now();
        let [first, second] = [queues.take(now, 4).unwrap(), queues.take(now, 4).unwrap()];
        queues.retry(first, NotRecorded::OutcomeUnknown);
        queues.retry(second, NotRecorded::Unreachable);
        // Nothing is known of the first call, even though the second one was rolled back.
        let again = queues.take(now + LONGEST_PAUSE, 4).unwrap();
        let again = if again.election_id == 3 { queues.take(now + LONGEST_PAUSE, 4).unwrap() } else { again };
        assert_eq!(again.election_id, 1);
        queues.retry(again, NotRecorded::Busy);
        queues.expire(Instant::now() + PATIENCE);
        let mut answer = |place: usize| heard[place].try_recv().ok();
        assert_eq!(answer(0), Some(Err(NotRecorded::OutcomeUnknown)));
        assert_eq!(answer(1), Some(Err(NotRecorded::Unreachable)));
    }

    #[test]
    fn a_failed_call_is_taken_apart() {
        let (mut queues, _heard) = queues(&[1, 1, 1]);
        let now = Instant::now();
        let batch = queues.take(now, 4).unwrap();
        queues.one_by_one(batch);
        queues.add(waiting(&Arc::default(), 1).0);
        queues.add(waiting(&Arc::default(), 1).0);
        for expected in [1, 1, 1, 2] {
            assert_eq!(queues.take(Instant::now(), 4).unwrap().ballots.len(), expected);
            queues.done(1, Vec::new());
        }
        assert!(queues.is_empty());
    }
}
