//! The pauses between tries, for all loops.

use std::fmt::Display;
use std::time::Duration;

use crate::Stopper;

/// Pauses that double from `first` up to `longest`. A random part, up to a half, is left out of each, so that what failed together
/// is not tried again together.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(60))
    }
}

impl Backoff {
    /// From `first` to `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// The next pause.
    pub fn pause(&mut self) -> Duration {
        let whole = self.next.min(self.longest);
        self.next = whole.saturating_mul(2);
        whole - whole.mul_f64(fastrand::f64() / 2.0)
    }

    /// It worked: the next pause is a short one again.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Does `work` at once and then `every` so often, until it is time to stop. After trouble, which is logged, it is tried again after
/// growing pauses.
pub async fn repeat<E: Display>(stop: &Stopper, every: Duration, what: &'static str, work: impl AsyncFn() -> Result<(), E>) {
    let mut backoff = Backoff::new(every.min(Duration::from_millis(250)), Duration::from_secs(60));
    loop {
        let pause = match work().await {
            Ok(()) => {
                backoff.reset();
                every
            }
            Err(error) => {
                let pause = backoff.pause();
                tracing::warn!(%error, ?pause, "{what} failed; it is tried again");
                pause
            }
        };
        if stop.pause(pause).await {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_a_success() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(1));
        let mut backoff = Backoff::new(first, longest);
        for whole in [100, 200, 400, 800, 1000, 1000].map(Duration::from_millis) {
            let pause = backoff.pause();
            assert!(pause > whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
        }
        backoff.reset();
        assert!(backoff.pause() <= first);
    }

    #[test]
    fn two_that_failed_together_are_not_tried_together() {
        let mut two = [Backoff::default(), Backoff::default()];
        let apart = (0..20).any(|_| two[0].pause() != two[1].pause());
        assert!(apart);
    }

    #[tokio::test]
    async fn trouble_is_tried_again_soon_and_a_stop_ends_even_a_long_pause() {
        let (workers, tries) = (crate::Workers::default(), std::cell::Cell::new(0));
        let (stop, hour) = (workers.stopper(), Duration::from_secs(3600));
        let work = async || {
            tries.set(tries.get() + 1);
            if tries.get() == 3 { Ok(()) } else { Err("not yet") }
        };
        let stopped_after_success = async {
            while tries.get() < 3 {
                tokio::task::yield_now().await;
            }
            workers.stop(hour).await
        };
        tokio::join!(repeat(&stop, hour, "this test", work), stopped_after_success);
        assert_eq!(tries.get(), 3);
    }
}
