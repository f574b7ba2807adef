//! The job that counts published results and checks them again. One election at a time, its box in batches: that is all of a box
//! that this process ever holds. A result that nobody has counted yet is counted as fast as one core allows; one that is checked
//! again is checked slowly, and steps aside when somebody waits for a first count.
//!
//! Every copy of the service runs this job. An advisory lock keeps two of them from counting the same election at a time; should
//! both do it all the same, they write the same row.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use contract::results::Results;
use crypto::mac::MacKey;
use crypto::receipt::ReceiptPublicKey;
use database::{Connection, DatabaseError, ReadOnly};
use diesel::sql_types::{Array, BigInt, Bool, Double, Nullable};
use diesel::{QueryableByName, sql_query};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use launch::{Backoff, SlowWork, Stopper};
use tokio::sync::{Notify, watch};

use crate::recount::{Recount, after_check};
use crate::stored::{StoredElection, ballots_by_digest_after, votes_after};
use crate::stored_result::{self, NotStored, UnstoredResults};

/// Ballots of one batch: 8 MB at the most, for a ballot is at most 16 kB, and about 25 ms of a core.
const BATCH: i64 = 500;
/// A box that was filled a moment ago has no statistics yet, and PostgreSQL would read all of it for every batch and sort it:
/// measured on 20,000 ballots, 48 ms a batch instead of 0.4 ms.
const IN_THE_ORDER_OF_THE_INDEX: &str = "SET enable_sort = off; SET enable_bitmapscan = off; SET enable_seqscan = off";
/// How often it looks for results that were published meanwhile, unless a request says so first.
const POLL: Duration = Duration::from_secs(2);
/// The same while a request waits for a count that another copy of the service is making.
const POLL_FOR_REQUESTS: Duration = Duration::from_millis(200);
/// After an error an election is not tried again for this time, so that the others do not wait for it.
const REST: Duration = Duration::from_secs(10);
/// How much later than planned a check may come before it is called overdue.
const SLACK: Duration = Duration::from_secs(3600);
/// How long a request waits for a first count: boxes of some 50,000 ballots are counted within it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which results requests are waiting for.
#[derive(Default)]
pub(crate) struct Wanted {
    elections: Mutex<BTreeMap<i64, watch::Sender<()>>>,
    wake: Notify,
}

impl Wanted {
    /// Waits until the job has counted this result, for [`PATIENCE`] at most. Any number of requests wait for one count.
    pub(crate) async fn counted(&self, election_id: i64) {
        let mut done = {
            let mut elections = self.elections.lock().unwrap_or_else(PoisonError::into_inner);
            elections.entry(election_id).or_insert_with(|| watch::Sender::new(())).subscribe()
        };
        self.wake.notify_one();
        // Counted, given up (the sender is gone) or too slow: whoever asked looks again.
        let _ = tokio::time::timeout(PATIENCE, done.changed()).await;
    }

    fn list(&self) -> Vec<i64> {
        self.elections.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Wakes all requests that wait for this election: it drops the sender of their channel.
    fn done(&self, election_id: i64) {
        self.elections.lock().unwrap_or_else(PoisonError::into_inner).remove(&election_id);
    }
}

/// How fast and how often results are checked again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// A result is checked again when its last check is so old.
    pub(crate) recheck_after: Duration,
    /// Ballots in a second of a check that nobody waits for.
    pub(crate) ballots_per_second: u32,
}

impl Pace {
    /// A check that is older than this is overdue: the result was passed over once, and an hour is left for a restart and for the
    /// elections that stand before it.
    pub(crate) fn overdue_after(self) -> Duration {
        self.recheck_after.saturating_mul(2).saturating_add(SLACK)
    }

    /// Attack: somebody blocks the writes of the job, so that an old verdict stays. A `checked_at` in the future is not believed,
    /// except for a small difference between the clocks of two hosts.
    pub(crate) fn is_overdue(self, checked_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        match now.signed_duration_since(checked_at).to_std() {
            Ok(age) => age > self.overdue_after(),
            Err(_) => checked_at.signed_duration_since(now).to_std().is_ok_and(|ahead| ahead > SLACK),
        }
    }
}

/// The job.
pub(crate) struct Job {
    pub(crate) database: ReadOnly,
    pub(crate) key: Arc<MacKey>,
    pub(crate) receipt: Arc<ReceiptPublicKey>,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) unkept: Arc<UnstoredResults>,
    pub(crate) pace: Pace,
    pub(crate) slow: SlowWork,
    /// Elections that are being worked on or could not be read, and until when they are left alone.
    pub(crate) resting: Mutex<HashMap<i64, Instant>>,
}

/// The outcome of the work on one election.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Stored,
    /// Counted, but the database did not keep it. It rests until the next try.
    NotStored,
    /// Another copy of the service is working on it.
    Elsewhere,
    /// Stopped, because a request waits for the first count of another election.
    SteppedAside,
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = BigInt)]
    election_id: i64,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Bool)]
    held: bool,
}

impl Job {
    /// Works until it is told to stop. A count that is under way then is given up: the next process makes it.
    pub(crate) async fn run(self, stop: Stopper) {
        let (job, mut backoff) = (Arc::new(self), Backoff::default());
        while !stop.is_stopped() {
            // A task of its own: a panic about one election must not end the job for all others.
            let mut turn = actix_web::rt::spawn({
                let job = job.clone();
                async move { job.turn().await }
            });
            let ended = tokio::select! {
                ended = &mut turn => ended,
                () = stop.stopped() => return turn.abort(),
            };
            if matches!(ended, Ok(Ok(_))) {
                backoff.reset();
            }
            let pause = match ended {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) if job.wanted.list().is_empty() => POLL,
                Ok(Ok(false)) => POLL_FOR_REQUESTS,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "published results cannot be looked after now; trying again");
                    backoff.pause()
                }
                Err(ended) => {
                    tracing::error!(%ended, "a check of a published result ended; going on with others");
                    backoff.pause()
                }
            };
            tokio::select! {
                () = job.wanted.wake.notified() => {}
                _ = stop.pause(pause) => {}
            }
        }
    }

    /// Looks after what is most urgent; `false` when there is nothing to do.
    async fn turn(&self) -> Result<bool, DatabaseError> {
        let mut first = Vec::new();
        for election_id in self.wanted.list() {
            let kept = stored_result::read(&mut *self.database.connection().await?, &self.key, election_id).await?;
            match kept {
                Some(_) => self.wanted.done(election_id),
                None => first.push(election_id),
            }
        }
        first.retain(|election_id| !self.is_postponed(*election_id));
        for election_id in first.into_iter().chain(self.due().await?) {
            self.postpone(election_id);
            match self.count_or_check(election_id).await {
                Ok(Done::Elsewhere) => self.clear_postponed(election_id),
                Ok(Done::NotStored) => {
                    self.postpone(election_id);
                    self.wanted.done(election_id);
                }
                Ok(done) => {
                    self.clear_postponed(election_id);
                    if done == Done::Stored {
                        self.wanted.done(election_id);
                    }
                    return Ok(done != Done::SteppedAside);
                }
                Err(error) => {
                    tracing::warn!(%error, election_id, "a published result cannot be counted now; trying again");
                    self.wanted.done(election_id);
                }
            }
        }
        Ok(false)
    }

    fn postpone(&self, election_id: i64) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, until| *until > Instant::now());
        resting.insert(election_id, Instant::now() + REST);
    }

    fn clear_postponed(&self, election_id: i64) {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).remove(&election_id);
    }

    fn is_postponed(&self, election_id: i64) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.get(&election_id).is_some_and(|until| *until > Instant::now())
    }

    /// Published and not counted yet, then those whose check is the oldest. A check time in the future is false, so the result is
    /// checked again.
    async fn due(&self) -> Result<Vec<i64>, DatabaseError> {
        let now = Instant::now();
        let resting: Vec<i64> = {
            let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
            resting.iter().filter(|(_, until)| **until > now).map(|(election_id, _)| *election_id).collect()
        };
        let asked = sql_query(
            "SELECT e.election_id FROM elections e LEFT JOIN published_results r ON r.election_id = e.election_id \
             WHERE e.results_published_at IS NOT NULL AND NOT e.election_id = ANY ($1) \
               AND (r.checked_at BETWEEN clock_timestamp() - make_interval(secs => $2) AND clock_timestamp()) IS NOT TRUE \
             ORDER BY r.election_id IS NOT NULL, r.checked_at, e.election_id LIMIT 10",
        );
        let asked = asked.bind::<Array<BigInt>, _>(resting).bind::<Double, _>(self.pace.recheck_after.as_secs_f64());
        let due: Vec<Due> = asked.load(&mut *self.database.connection().await?).await?;
        Ok(due.into_iter().map(|due| due.election_id).collect())
    }

    /// Counts and checks one election, unless another copy of the service is doing that or has done it meanwhile.
    async fn count_or_check(&self, election_id: i64) -> Result<Done, DatabaseError> {
        // A connection of its own: the lock belongs to it, and ends with it however this ends. It writes the result without an event:
        // that the result was published is one, and this follows from what is stored.
        let mut connection = self.database.address().connect().await?;
        connection.batch_execute(IN_THE_ORDER_OF_THE_INDEX).await?;
        let lock = sql_query("SELECT pg_try_advisory_lock(hashtextextended('published result', $1)) AS held");
        let Held { held } = lock.bind::<BigInt, _>(election_id).get_result(&mut connection).await?;
        if !held {
            return Ok(Done::Elsewhere);
        }
        let kept = stored_result::read(&mut connection, &self.key, election_id).await?;
        let Some(stored) = StoredElection::load(&mut connection, election_id).await? else { return Ok(Done::Stored) };
        if kept.as_ref().is_some_and(|kept| self.is_fresh(kept.checked_at, stored.now)) {
            self.unkept.forget(election_id);
            return Ok(Done::Stored);
        }
        let unkept = self.unkept.get(election_id);
        if let Some(unkept) = unkept.as_ref().filter(|unkept| self.is_fresh(unkept.integrity.checked_at, stored.now)) {
            return self.keep(&mut connection, unkept).await;
        }
        let is_first_count = kept.is_none() && unkept.is_none();
        let Some(results) = self.recount(&mut connection, stored, is_first_count).await? else { return Ok(Done::SteppedAside) };
        let before = kept.and_then(|kept| serde_json::from_slice(&kept.body).ok()).or(unkept);
        let results = after_check(before, results);
        metrics::counter!("results_checks_total").increment(1);
        if !results.integrity.ok {
            tracing::error!(election_id, reasons = ?results.integrity.reasons, "the stored election was tampered with");
            metrics::counter!("results_integrity_failures_total").increment(1);
        }
        self.keep(&mut connection, &results).await
    }

    /// Writes a result. What the database does not keep, this process remembers and shows.
    async fn keep(&self, connection: &mut Connection, results: &Results) -> Result<Done, DatabaseError> {
        let election_id = results.election_id;
        match stored_result::store(connection, &self.key, results).await {
            Ok(()) => {
                self.unkept.forget(election_id);
                Ok(Done::Stored)
            }
            Err(NotStored::Database(gone @ DatabaseError::Unavailable(_))) => Err(gone),
            Err(why) => {
                tracing::error!(election_id, %why, "the checked result cannot be kept; it is shown from memory");
                metrics::counter!("results_not_kept_total").increment(1);
                self.unkept.remember(results.clone());
                Ok(Done::NotStored)
            }
        }
    }

    fn is_fresh(&self, checked_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let age = now.signed_duration_since(checked_at).to_std();
        age.is_ok_and(|age| age < self.pace.recheck_after)
    }

    /// The box from end to end, twice: in the order of the chain, and in the order of the digests. `None` when it stepped aside.
    async fn recount(
        &self,
        connection: &mut Connection,
        stored: StoredElection,
        is_first_count: bool,
    ) -> Result<Option<Results>, DatabaseError> {
        let election_id = stored.election.election_id;
        let mut recount = Recount::begin(stored);
        let mut position = i64::MIN;
        loop {
            let begun = Instant::now();
            let votes = votes_after(connection, election_id, position, BATCH).await?;
            let Some(last) = votes.last() else { break };
            position = last.position;
            let read = votes.len();
            recount = self
                .off_the_async_threads(move || {
                    recount.add_votes(&votes);
                    recount
                })
                .await?;
            if !is_first_count && self.stepped_aside(begun, read).await {
                return Ok(None);
            }
        }
        let mut digest = Vec::new();
        loop {
            let begun = Instant::now();
            let pairs = ballots_by_digest_after(connection, election_id, &digest, BATCH).await?;
            let Some(last) = pairs.last() else { break };
            digest.clone_from(&last.digest);
            let read = pairs.len();
            recount = self
                .off_the_async_threads(move || {
                    recount.add_ballots_by_digest(&pairs);
                    recount
                })
                .await?;
            if !is_first_count && self.stepped_aside(begun, read).await {
                return Ok(None);
            }
        }
        let receipt = self.receipt.clone();
        self.off_the_async_threads(move || recount.finish(&receipt)).await.map(Some)
    }

    async fn off_the_async_threads<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DatabaseError> {
        // Nobody else uses this pool, so it is never full.
        self.slow.run(work).await.map_err(|full| DatabaseError::Unavailable(full.to_string()))
    }

    /// Waits as long as the pace asks for; `true` when somebody waits for a first count.
    async fn stepped_aside(&self, begun: Instant, ballots: usize) -> bool {
        let ballots = u32::try_from(ballots).unwrap_or(u32::MAX);
        let pause = Duration::from_secs(1).saturating_mul(ballots) / self.pace.ballots_per_second.max(1);
        let rest = pause.saturating_sub(begun.elapsed());
        let woken = tokio::time::timeout(rest, self.wanted.wake.notified()).await;
        woken.is_ok() || !self.wanted.list().is_empty()
    }
}

/// What the operator is to look at: results that the database does not keep, and checks that are overdue. One sentence each.
pub(crate) async fn troubles(database: &ReadOnly, unkept: &UnstoredResults, pace: Pace) -> Vec<String> {
    let unkept = unkept.elections();
    let mut troubles: Vec<String> = unkept
        .iter()
        .map(|election_id| format!("the database does not keep the checked result of election {election_id}"))
        .collect();
    match overdue(database, pace).await {
        Ok(Overdue { number: 0, .. }) => {}
        Ok(Overdue { number, election_id }) => {
            let first = election_id.map(|id| format!(", first of election {id}")).unwrap_or_default();
            troubles.push(format!("the next check of {number} published results is overdue{first}"));
        }
        Err(error) => troubles.push(format!("nobody knows whether a check is overdue: {error}")),
    }
    troubles
}

#[derive(QueryableByName)]
struct Overdue {
    #[diesel(sql_type = BigInt)]
    number: i64,
    /// The one with the oldest check.
    #[diesel(sql_type = Nullable<BigInt>)]
    election_id: Option<i64>,
}

async fn overdue(database: &ReadOnly, pace: Pace) -> Result<Overdue, DatabaseError> {
    let asked = sql_query(
        "SELECT count(*) AS number, (array_agg(election_id ORDER BY checked_at))[1] AS election_id FROM published_results \
         WHERE checked_at NOT BETWEEN clock_timestamp() - make_interval(secs => $1) AND clock_timestamp() + make_interval(secs => $2)",
    );
    let asked = asked.bind::<Double, _>(pace.overdue_after().as_secs_f64()).bind::<Double, _>(SLACK.as_secs_f64());
    Ok(asked.get_result(&mut *database.connection().await?).await?)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_check_is_overdue_two_intervals_and_an_hour_after_the_last() {
        let pace = Pace { recheck_after: Duration::from_secs(1800), ballots_per_second: 1 };
        let now = Utc::now();
        let overdue = |minutes: i64| pace.is_overdue(now - TimeDelta::minutes(minutes), now);
        assert_eq!([0, 31, 119, 121, 100_000, -59, -61].map(overdue), [false, false, false, true, true, false, true]);
    }
}
