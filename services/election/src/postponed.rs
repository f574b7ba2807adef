//! Elections whose step failed because of the database. Each is tried reread after a growing pause, while the others go on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use database::DatabaseError;
use launch::Backoff;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Short enough that an election goes on soon after the cause is gone.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// An error that is older than this is dropped: another process has gone on with the election.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);

/// What one process remembers of the trouble that it had.
#[derive(Clone, Default)]
pub(crate) struct Postponed(Arc<Mutex<HashMap<i64, Trouble>>>);

struct Trouble {
    until: Instant,
    pauses: Backoff,
    /// Since when the database has answered, and has refused, every time.
    refused_since: Option<Instant>,
}

impl Postponed {
    fn elections(&self) -> MutexGuard<'_, HashMap<i64, Trouble>> {
        // Every change is one insertion or removal: a panic elsewhere leaves nothing half-done here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The elections that are not to be tried now.
    pub(crate) fn now(&self) -> Vec<i64> {
        self.at(Instant::now())
    }

    fn at(&self, now: Instant) -> Vec<i64> {
        let mut elections = self.elections();
        elections.retain(|_, trouble| now < trouble.until + FORGOTTEN_AFTER);
        elections.iter().filter(|(_, trouble)| now < trouble.until).map(|(election_id, _)| *election_id).collect()
    }

    /// Notes an error of the database for this election. Returns for how long the database has refused every try. An unreachable
    /// database, or a lock that is not free, does not count as a refusal.
    pub(crate) fn trouble(&self, election_id: i64, error: &DatabaseError) -> Duration {
        self.trouble_at(Instant::now(), election_id, matches!(error, DatabaseError::Query(_)))
    }

    fn trouble_at(&self, now: Instant, election_id: i64, is_refusal: bool) -> Duration {
        let mut elections = self.elections();
        let before = elections.get(&election_id);
        let mut pauses = before.map_or(Backoff::new(FIRST_PAUSE, LONGEST_PAUSE), |before| before.pauses);
        let refused_since = is_refusal.then(|| before.and_then(|before| before.refused_since).unwrap_or(now));
        elections.insert(election_id, Trouble { until: now + pauses.pause(), pauses, refused_since });
        refused_since.map_or(Duration::ZERO, |since| now - since)
    }

    /// There is no trouble with this election any more.
    pub(crate) fn no_longer(&self, election_id: i64) {
        self.elections().remove(&election_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_for_each_election_by_itself_and_only_refusals_add_up() {
        let (postponed, start) = (Postponed::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(postponed.trouble_at(start, 1, true), Duration::ZERO);
        assert_eq!((postponed.at(start), postponed.at(after(1))), (vec![1], vec![]));
        assert_eq!(postponed.trouble_at(after(1), 1, true), Duration::from_secs(1));
        assert_eq!(
            (postponed.at(after(2)), postponed.at(after(3))),
            (vec![1], vec![]),
            "the second pause is from one second to two"
        );
        postponed.trouble_at(after(3), 2, true);
        assert_eq!((postponed.at(after(3)), postponed.at(after(4))), (vec![2], vec![]));
        // The database was away for a moment.
        assert_eq!(postponed.trouble_at(after(40), 1, false), Duration::ZERO);
        assert_eq!(postponed.trouble_at(after(50), 1, true), Duration::ZERO);
        for seconds in [60, 70, 80] {
            postponed.trouble_at(after(seconds), 1, true);
        }
        assert_eq!(
            (postponed.at(after(87)), postponed.at(after(95))),
            (vec![1], vec![]),
            "the longest pause is up to 15 seconds"
        );
        postponed.no_longer(1);
        assert_eq!((postponed.at(after(80)), postponed.trouble_at(after(81), 1, true)), (vec![], Duration::ZERO));
        assert!(postponed.at(after(1000)).is_empty() && postponed.elections().is_empty(), "forgotten");
    }
}
