//! The pool for slow work: RSA and bcrypt, off the async threads, bounded.

use std::sync::Arc;

use contract::problems::{self, Kind};
use problem::Refusal;
use tokio::sync::Semaphore;

/// As many at a time as there are cores, and a bounded queue before them: under a flood of logins the queue fills and the
/// rest is told to come back, instead of everybody waiting for minutes.
#[derive(Clone)]
pub struct SlowWork {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// Too much slow work is waiting already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Too much work is waiting. Try again in a few seconds")]
pub struct Overloaded;

impl Refusal for Overloaded {
    fn kind(&self) -> Kind {
        problems::UNAVAILABLE
    }

    fn retry_after(&self) -> Option<u32> {
        Some(3)
    }
}

impl SlowWork {
    /// A pool whose queue holds `waiting` pieces of work.
    #[must_use]
    pub fn new(waiting: usize) -> Self {
        Self::with_workers(std::thread::available_parallelism().map_or(2, usize::from), waiting)
    }

    /// A pool of so many threads of its own, whatever other pools do.
    #[must_use]
    pub fn with_workers(workers: usize, waiting: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(workers)), waiting: Arc::new(Semaphore::new(waiting + workers)) }
    }

    /// Runs `work` on a thread of its own when its turn comes.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Overloaded> {
        let _place = self.waiting.try_acquire().map_err(|_| Overloaded)?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Overloaded)?;
        let job = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop(turn);
            answer
        });
        match job.await {
            Ok(answer) => Ok(answer),
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }
}
