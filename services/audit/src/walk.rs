//! Checks the whole log without being asked: computes every entry's hash again and compares it with the entry before.
//!
//! A signed head covers the hashes of all entries before it. But checking only the head does not show that an entry was changed or
//! deleted while the stored hashes stayed the same. So each copy of the service walks through the log: at its start and then each
//! hour from the first entry, in small batches with a limited rate, and in between through the new entries. A bad entry stops
//! signing until a whole walk finds none. While there is a bad entry, the next whole walk starts at once.

use std::time::{Duration, Instant};

use chrono::Utc;
use contract::audit::FirstBad;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use launch::{Backoff, Stopper};
use problem::Problem;

use crate::chain::{Entry, Head, Walk};
use crate::log::Log;
use crate::schema::{audit_head, audit_logs};
use crate::signing::Verified;

/// Entries read and hashed at a time: a millisecond or two.
const BATCH: i64 = 500;

/// Extra time before a walk counts as overdue: the database may have been unreachable, and a long log takes time.
const GRACE: Duration = Duration::from_secs(3600);

/// How fast, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) entries_per_second: u32,
    /// From the beginning of one whole walk to the next.
    pub(crate) whole_every: Duration,
    /// Between looks at what is new.
    pub(crate) new_every: Duration,
}

impl Pace {
    /// The error message if the last whole walk is too old: somebody blocks it, or the configured rate is too low for this log.
    pub(crate) fn overdue(&self, verified: Option<&Verified>) -> Option<String> {
        let verified = verified?;
        let age = Utc::now().signed_duration_since(verified.at).to_std().unwrap_or_default();
        let late = age > self.whole_every * 2 + GRACE;
        late.then(|| format!("the log was last walked through from its first entry at {}", verified.at.to_rfc3339()))
    }
}

/// Walks until the service stops; a walk in progress is then aborted.
pub(crate) async fn keep_walking(log: Log, pace: Pace, stop: Stopper) {
    tokio::select! {
        () = walk_without_end(&log, pace) => {}
        () = stop.stopped() => {}
    }
}

async fn walk_without_end(log: &Log, pace: Pace) {
    let mut backoff = Backoff::default();
    loop {
        let (began_at, began) = (Utc::now(), Instant::now());
        let mut walk = Walk::default();
        loop {
            match to_the_end(log, &mut walk, pace.entries_per_second).await {
                Ok(first_bad) => {
                    backoff.reset();
                    let is_bad = first_bad.is_some();
                    log.signer().note_verified(Verified { at: began_at, first_bad });
                    // So that `/ready` and the public answer do not wait for the next event.
                    let _ = log.check_head().await;
                    if is_bad || began.elapsed() >= pace.whole_every {
                        break;
                    }
                }
                Err(problem) => {
                    tracing::warn!(%problem, "the audit log cannot be read; the walk through it goes on later");
                    tokio::time::sleep(backoff.pause()).await;
                    continue;
                }
            }
            tokio::time::sleep(pace.new_every).await;
        }
        // Always a pause between two whole walks, also when one takes longer than `whole_every`.
        tokio::time::sleep(pace.new_every).await;
    }
}

/// From where the walk stands to the end of the log.
async fn to_the_end(log: &Log, walk: &mut Walk, entries_per_second: u32) -> Result<Option<FirstBad>, Problem> {
    loop {
        let after = walk.last_id();
        let (batch, head) = log
            .database()
            .transaction("walk through the log", async move |connection| {
                // One snapshot for the entries and the recorded end.
                connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                let batch = next_batch(connection, after, BATCH).await?;
                let head: Option<Head> = audit_head::table.select(Head::as_select()).first(connection).await.optional()?;
                Ok::<_, Failed<Problem>>((batch, head))
            })
            .await?;
        walk.take(&batch);
        if i64::try_from(batch.len()).is_ok_and(|read| read < BATCH) {
            return Ok(walk.first_bad(head.as_ref()));
        }
        let entries = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        tokio::time::sleep(Duration::from_secs_f64(f64::from(entries) / f64::from(entries_per_second.max(1)))).await;
    }
}

/// The whole log at once, on the caller's transaction. For `accept-log`, while nothing else runs.
pub(crate) async fn whole(connection: &mut Connection) -> QueryResult<Walk> {
    let mut walk = Walk::default();
    let mut after = i64::MIN;
    loop {
        let batch = next_batch(connection, after, BATCH).await?;
        walk.take(&batch);
        match batch.last() {
            Some(last) => after = last.log_id,
            None => return Ok(walk),
        }
    }
}

/// The next entries behind one.
pub(crate) async fn next_batch(connection: &mut Connection, after: i64, most: i64) -> QueryResult<Vec<Entry>> {
    audit_logs::table
        .filter(audit_logs::log_id.gt(after))
        .order(audit_logs::log_id)
        .limit(most)
        .select(Entry::as_select())
        .load(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_that_was_not_made_for_hours_is_overdue() {
        let pace = Pace { entries_per_second: 1, whole_every: Duration::from_secs(3600), new_every: Duration::from_secs(10) };
        let before = |minutes| Verified { at: Utc::now() - chrono::TimeDelta::minutes(minutes), first_bad: None };
        assert_eq!(pace.overdue(None), None);
        assert_eq!(pace.overdue(Some(&before(170))), None);
        assert!(pace.overdue(Some(&before(190))).is_some());
    }
}
