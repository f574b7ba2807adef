//! How often one link may be tried to vote with. Only POST counts: opening a link costs nothing. The limits per address are the
//! gateway's.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use contract::problems::{self, Kind};
use domain::link::TokenHash;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use messages::say;
use problem::Refusal;

/// After so many tries the entries of links with a full allowance are dropped. At 5 a second a link has its full allowance again
/// 200 ms after a single try, or 4 s after a whole burst. So at most these 1,000 entries and those of the last seconds are stored.
const TIDY_EVERY: u32 = 1000;

/// Tries per link; keyed by the token's hash, so that no token lies in memory longer than its request.
pub(crate) struct LinkLimits {
    limiter: DefaultKeyedRateLimiter<TokenHash>,
    tries: AtomicU32,
}

/// This link was tried too often.
#[derive(Debug)]
pub(crate) struct TriedTooOften {
    seconds: u32,
}

messages::says!(TriedTooOften, |TriedTooOften { seconds }| say!(link_tried_too_often, seconds = *seconds));

impl Refusal for TriedTooOften {
    fn kind(&self) -> Kind {
        problems::TOO_MANY
    }

    fn retry_after(&self) -> Option<u32> {
        Some(self.seconds)
    }
}

impl LinkLimits {
    pub(crate) fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst));
        Self { limiter, tries: AtomicU32::new(0) }
    }

    /// Counts a try of this link.
    pub(crate) fn admit(&self, link: &TokenHash) -> Result<(), TriedTooOften> {
        if self.tries.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(link).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            TriedTooOften { seconds: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1) }
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ElectionId;
    use domain::link::{RANDOM_BYTES, VotingToken};

    use super::*;

    fn link(number: u32) -> TokenHash {
        VotingToken::new(ElectionId::new(i64::from(number)), &[0; RANDOM_BYTES]).hash()
    }

    #[test]
    fn a_burst_is_taken_and_no_more_and_another_link_is_not_held_up() {
        let limits = LinkLimits::new(NonZeroU32::new(1).unwrap(), NonZeroU32::new(3).unwrap());
        assert!((0..3).all(|_| limits.admit(&link(1)).is_ok()));
        assert_eq!(limits.admit(&link(1)).unwrap_err().seconds, 1);
        assert!(limits.admit(&link(2)).is_ok());
    }

    #[test]
    fn links_that_are_quiet_are_forgotten() {
        // A link is quiet again a microsecond after its try, so tidying leaves next to nothing.
        let limits = LinkLimits::new(NonZeroU32::new(1_000_000).unwrap(), NonZeroU32::new(1).unwrap());
        (0..TIDY_EVERY * 5).for_each(|number| assert!(limits.admit(&link(number)).is_ok()));
        assert!(limits.limiter.len() <= 1000, "{}", limits.limiter.len());
    }
}
