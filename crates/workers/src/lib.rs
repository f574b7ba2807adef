//! Loops beside the handlers. A service registers each with a name; `launch` waits for them when the service stops, and knows when
//! one has ended.
//!
//! A task that is only spawned can panic unseen: the service goes on, says "ready", and no longer closes an election. So a panic
//! of a worker ends the process: whatever runs it starts it again, and somebody reads the reason.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod backoff;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use backoff::{Backoff, repeat};
use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Tells a worker that it is to end.
#[derive(Debug, Clone, Default)]
pub struct Stopper(CancellationToken);

impl Stopper {
    /// Waits until it is time to end.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }

    /// Whether it is time to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits for `time`. Returns `true` when the worker is to end, and then at once.
    pub async fn pause(&self, time: Duration) -> bool {
        tokio::select! {
            () = self.stopped() => true,
            () = tokio::time::sleep(time) => false,
        }
    }
}

/// A worker panicked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the worker '{name}' panicked: {reason}")]
pub struct Panicked {
    /// Which one.
    pub name: &'static str,
    /// What it said.
    pub reason: String,
}

struct Worker {
    name: &'static str,
    ended: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

/// The workers of one service. Cheap to clone.
#[derive(Clone)]
pub struct Workers {
    stopper: Stopper,
    list: Arc<Mutex<Vec<Worker>>>,
    panicked: Arc<watch::Sender<Option<Panicked>>>,
}

impl Default for Workers {
    fn default() -> Self {
        Self { stopper: Stopper::default(), list: Arc::default(), panicked: Arc::new(watch::Sender::new(None)) }
    }
}

impl Workers {
    /// What tells all of them to end.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Starts one, on the thread of the caller. It should end when it is told to, and not before.
    pub fn start(&self, name: &'static str, work: impl Future<Output = ()> + 'static) {
        let (ended, panicked) = (Arc::new(AtomicBool::new(false)), self.panicked.clone());
        let (has_ended, stopper) = (ended.clone(), self.stopper.clone());
        let task = tokio::task::spawn_local(async move {
            let end = AssertUnwindSafe(work).catch_unwind().await;
            has_ended.store(true, Ordering::Release);
            match end {
                Ok(()) if stopper.is_stopped() => {}
                Ok(()) => tracing::error!(worker = name, "a worker ended by itself; this process is not ready any more"),
                Err(cause) => {
                    let said = cause.downcast_ref::<&str>().map(ToString::to_string).or(cause.downcast_ref::<String>().cloned());
                    let panic = Panicked { name, reason: said.unwrap_or_else(|| "it did not say why".to_owned()) };
                    tracing::error!(worker = name, reason = panic.reason, "a worker panicked; this process ends");
                    panicked.send_replace(Some(panic));
                }
            }
        });
        self.list.lock().unwrap_or_else(PoisonError::into_inner).push(Worker { name, ended, task });
    }

    /// Those that have ended.
    #[must_use]
    pub fn ended(&self) -> Vec<&'static str> {
        let list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().filter(|worker| AtomicBool::load(&worker.ended, Ordering::Acquire)).map(|worker| worker.name).collect()
    }

    /// Waits until one panics.
    pub async fn panicked(&self) -> Panicked {
        let mut panics = self.panicked.subscribe();
        loop {
            if let Some(panic) = panics.borrow_and_update().clone() {
                return panic;
            }
            // The sender is ours: it is there as long as this is.
            let _ = panics.changed().await;
        }
    }

    /// Tells all of them to end and waits for them, for `patience` at the longest. The names of those that did not end.
    pub async fn stop(&self, patience: Duration) -> Vec<&'static str> {
        self.stopper.0.cancel();
        let list = std::mem::take(&mut *self.list.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = tokio::time::Instant::now() + patience;
        let mut late = Vec::new();
        for Worker { name, task, .. } in list {
            if tokio::time::timeout_at(deadline, task).await.is_err() {
                late.push(name);
            }
        }
        late
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::LocalSet;

    use super::*;

    const SHORT: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn all_are_told_to_stop_and_waited_for() {
        let (done, workers) = (Arc::new(AtomicBool::new(false)), Workers::default());
        LocalSet::new()
            .run_until(async {
                let (stopper, noted) = (workers.stopper(), done.clone());
                workers.start("polite", async move {
                    stopper.stopped().await;
                    tokio::task::yield_now().await;
                    noted.store(true, Ordering::Release);
                });
                assert!(workers.ended().is_empty());
                assert_eq!(workers.stop(SHORT).await, [""; 0]);
                assert!(AtomicBool::load(&done, Ordering::Acquire), "its last work is done");
            })
            .await;
    }

    #[tokio::test]
    async fn one_that_does_not_end_is_named_and_not_waited_for_without_end() {
        let workers = Workers::default();
        let late = LocalSet::new()
            .run_until(async {
                workers.start("deaf", std::future::pending());
                workers.stop(Duration::from_millis(1)).await
            })
            .await;
        assert_eq!(late, ["deaf"]);
    }

    #[tokio::test]
    async fn one_that_ends_by_itself_is_missed() {
        let workers = Workers::default();
        LocalSet::new()
            .run_until(async {
                workers.start("short", std::future::ready(()));
                while workers.ended().is_empty() {
                    tokio::task::yield_now().await;
                }
                assert_eq!(workers.ended(), ["short"]);
            })
            .await;
    }

    #[tokio::test]
    async fn a_panic_is_told_with_its_reason() {
        let workers = Workers::default();
        let panic = LocalSet::new()
            .run_until(async {
                workers.start("unlucky", async { panic!("no {} left", "luck") });
                tokio::time::timeout(SHORT, workers.panicked()).await.unwrap()
            })
            .await;
        assert_eq!(panic.to_string(), "the worker 'unlucky' panicked: no luck left");
    }
}
