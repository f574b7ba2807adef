//! Deletes mails with a code or an invitation for an organiser once the code or link has expired, so that no record of them stays.
//! The database deletes the mails of an election: with its draft, at its close and when it is anonymised.

use std::time::Duration;

use database::DatabaseError;
use launch::{Stopper, repeat};

use crate::queue::Queue;

/// A code lives for an hour or a day. Finding nothing costs one look into a small index.
const EVERY: Duration = Duration::from_secs(10);

/// Every ten seconds.
pub(crate) async fn run(queue: Queue, stop: Stopper) {
    repeat(&stop, EVERY, "deleting ended mails", async || {
        let mails = queue.delete_expired().await?;
        if mails > 0 {
            tracing::info!(mails, "mails whose code or link has ended were deleted");
        }
        Ok::<_, DatabaseError>(())
    })
    .await;
}
