//! How many mails may be begun now, where the mail provider allows only so many a second.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// What is saved up: a tenth of a second's mails, and one at least. Providers that count by the second see no burst.
const SAVED: f64 = 0.1;

/// An allowance that grows with time. Whoever has no limit has as much as they ask for.
pub(crate) struct Pace {
    per_second: Option<f64>,
    allowed: f64,
    since: Instant,
}

impl Pace {
    pub(crate) fn new(per_second: Option<NonZeroU32>, now: Instant) -> Self {
        Self { per_second: per_second.map(|limit| f64::from(limit.get())), allowed: 1.0, since: now }
    }

    /// How many of `wanted` may be begun now.
    pub(crate) fn allows(&mut self, wanted: usize, now: Instant) -> usize {
        let Some(per_second) = self.per_second else { return wanted };
        let grown = now.saturating_duration_since(self.since).as_secs_f64() * per_second;
        self.allowed = (self.allowed + grown).min((per_second * SAVED).max(1.0));
        self.since = now;
        (0..wanted).take_while(|begun| u32::try_from(*begun + 1).is_ok_and(|count| f64::from(count) <= self.allowed)).count()
    }

    /// So many were begun.
    pub(crate) fn begun(&mut self, count: usize) {
        if self.per_second.is_some() {
            self.allowed -= u32::try_from(count).map_or(f64::INFINITY, f64::from);
        }
    }

    /// How long until the next one is allowed; no time when one is.
    pub(crate) fn pause(&self) -> Duration {
        let missing = self.per_second.map_or(0.0, |per_second| (1.0 - self.allowed) / per_second);
        Duration::try_from_secs_f64(missing.max(0.0)).unwrap_or(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_limit_everything_is_allowed_at_once() {
        let now = Instant::now();
        let mut pace = Pace::new(None, now);
        for _ in 0..3 {
            assert_eq!(pace.allows(8, now), 8);
            pace.begun(8);
        }
        assert_eq!(pace.pause(), Duration::ZERO);
    }

    #[test]
    fn no_second_has_more_mails_than_are_allowed() {
        let began = Instant::now();
        let mut pace = Pace::new(NonZeroU32::new(20), began);
        let mut sent = Vec::new();
        for millisecond in 0..5_000 {
            let now = began + Duration::from_millis(millisecond);
            let count = pace.allows(8, now);
            pace.begun(count);
            sent.extend(std::iter::repeat_n(millisecond, count));
        }
        assert!((95..=102).contains(&sent.len()), "{} in five seconds", sent.len());
        for first in 0..4_000 {
            let in_a_second = sent.iter().filter(|at| (first..first + 1_000).contains(*at)).count();
            assert!(in_a_second <= 22, "{in_a_second} from {first} ms on");
        }
    }

    #[test]
    fn an_idle_hour_saves_up_no_burst() {
        let began = Instant::now();
        let mut pace = Pace::new(NonZeroU32::new(5), began);
        let later = began + Duration::from_secs(3600);
        assert_eq!(pace.allows(64, later), 1);
        pace.begun(1);
        assert_eq!(pace.allows(64, later), 0);
        assert_eq!(pace.pause(), Duration::from_millis(200));
    }
}
