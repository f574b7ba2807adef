//! Deletes mails with a code or an invitation for an organiser once what is in them has ended: by then nobody has to know any more
//! that there was one, or for whom. Mails of an election are deleted by the database, with its draft, at its close and when it is
//! anonymised.

use std::time::Duration;

use crate::queue::Queue;

/// A code lives for an hour or a day. Finding nothing costs one look into a small index.
const EVERY: Duration = Duration::from_secs(10);

/// Works until the process ends.
pub(crate) async fn run(queue: Queue) {
    loop {
        match queue.forget_ended().await {
            Ok(0) => {}
            Ok(mails) => tracing::info!(mails, "mails whose code or link has ended were deleted"),
            Err(error) => tracing::warn!(%error, "ended mails could not be deleted; trying again"),
        }
        tokio::time::sleep(EVERY).await;
    }
}
