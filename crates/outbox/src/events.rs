//! Events on their way to audit, in the order in which they were committed (promise 10).
//!
//! A relay begins with the oldest event that waits, and sends a later one only in the same call or after audit has confirmed
//! the earlier one. Audit stores an event once, however often it is told. So the order holds whatever is killed and however
//! many relays run: two that carry the same events do no harm, only needless work. Nothing is claimed, so nothing stays
//! claimed by a relay that was killed.
//!
//! An event that audit refuses for itself is set aside: it no longer holds up those behind it, an alarm is raised, and it is
//! tried again now and then, because a newer audit may know what an older one did not.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use database::{Connection, DatabaseError};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;
use workers::Backoff;

use crate::relay::{Relay, Undelivered};
use crate::schema::outbox as rows;

/// Events sent in one call.
const EVENTS: i64 = 200;
/// Events that were set aside and are looked at in one round.
const SET_ASIDE: i64 = 100;
/// A relay without the lock delivers events too when one has waited this long: the relay with the lock may hang.
const TAKE_OVER_SECONDS: i32 = 5;
/// How long an event that was set aside waits for its next try.
const RETRY_SECONDS: i32 = 300;
/// The longest pause while audit does not answer. A try costs one small call.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long audit is left alone after it did not answer. Each relay has its own; nothing depends on it but the load.
pub(crate) struct Pause(Mutex<(Backoff, Option<Instant>)>);

impl Default for Pause {
    fn default() -> Self {
        Self(Mutex::new((Backoff::new(FIRST_PAUSE, LONGEST_PAUSE), None)))
    }
}

impl Pause {
    fn state(&self) -> MutexGuard<'_, (Backoff, Option<Instant>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_elapsed(&self) -> bool {
        self.state().1.is_none_or(|end| end <= Instant::now())
    }

    fn reset(&self) {
        let (backoff, end) = &mut *self.state();
        backoff.reset();
        *end = None;
    }

    fn lengthen(&self) {
        let (backoff, end) = &mut *self.state();
        *end = Some(Instant::now() + backoff.pause());
    }
}

#[derive(Queryable)]
struct Waiting {
    event_id: Uuid,
    payload: Option<Vec<u8>>,
    attempts: i32,
    /// It has waited longer than a relay that works would take. Of an event that was set aside: its next try is due.
    overdue: bool,
}

diesel::define_sql_function! {
    /// The first of the two that is not null.
    fn coalesce(one: Nullable<Timestamptz>, other: Timestamptz) -> Nullable<Timestamptz>;
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Takes the lock that makes this relay the one that delivers this role's events, unless another relay has it. The lock ends with
/// the session, so that of a killed relay is free at once.
pub(crate) async fn take_turn(session: &mut Connection) -> Result<bool, DatabaseError> {
    let sql = "SELECT pg_try_advisory_lock(hashtextextended('turn to carry events/' || current_user, 0)) AS taken";
    let answer: Taken = diesel::sql_query(sql).get_result(session).await?;
    Ok(answer.taken)
}

impl Relay {
    /// Delivers the oldest events that wait. Answers how many.
    pub(crate) async fn deliver_events(&self, has_turn: bool) -> Result<usize, DatabaseError> {
        if !self.pause.has_elapsed() {
            return Ok(0);
        }
        let waiting = self.waiting_events().await?;
        let may_carry = has_turn || waiting.as_slice().first().is_some_and(|oldest| oldest.overdue);
        let mut delivered = if may_carry { self.deliver_in_order(waiting).await? } else { 0 };
        if has_turn && self.pause.has_elapsed() {
            delivered += self.try_again_what_was_set_aside().await?;
        }
        Ok(delivered)
    }

    /// By position: the position of an event is drawn under a lock of its election, so no earlier one can still be committed.
    async fn waiting_events(&self) -> Result<Vec<Waiting>, DatabaseError> {
        let mut connection = self.outbox.database.connection().await?;
        let overdue = rows::created_at.lt(now.into_sql::<Timestamptz>() - TAKE_OVER_SECONDS.seconds());
        let waiting = rows::table
            .filter(rows::destination.eq("audit").and(rows::delivered_at.is_null()).and(rows::set_aside_at.is_null()))
            .order(rows::position)
            .limit(EVENTS)
            .select((rows::event_id, rows::payload, rows::attempts, overdue))
            .load(&mut connection)
            .await?;
        Ok(waiting)
    }

    /// All in one call. A call that is refused is halved until the event at fault stands alone. The first half is always done
    /// before the second is tried.
    async fn deliver_in_order(&self, waiting: Vec<Waiting>) -> Result<usize, DatabaseError> {
        let mut readable = Vec::with_capacity(waiting.len());
        for row in waiting {
            match read(&row) {
                Ok(event) => readable.push((row, event)),
                Err(cause) => self.set_aside(&row, &cause).await?,
            }
        }
        let (mut parts, mut delivered) = (vec![readable], 0);
        while let Some(mut part) = parts.pop() {
            let Some((first, _)) = part.as_slice().first() else { continue };
            let body: Vec<&Value> = part.iter().map(|(_, event)| event).collect();
            match self.post("audit", "/api/audit/events", &body).await {
                Ok(()) => {
                    delivered += part.len();
                    self.pause.reset();
                    self.delete_delivered(part.into_iter().map(|(row, _)| row.event_id).collect()).await?;
                }
                Err(Undelivered::Refused(_)) if part.len() > 1 => {
                    let later = part.split_off(part.len() / 2);
                    parts.extend([later, part]);
                }
                Err(Undelivered::Refused(reason)) => self.set_aside(first, &reason).await?,
                Err(Undelivered::Unreachable(cause) | Undelivered::Locked(cause)) => {
                    self.pause.lengthen();
                    self.note_unreachable(first, &cause).await?;
                    break;
                }
            }
        }
        Ok(delivered)
    }

    /// The event stays where it is; its row says why everything waits.
    async fn note_unreachable(&self, row: &Waiting, cause: &str) -> Result<(), DatabaseError> {
        metrics::counter!("outbox_failed_total", "destination" => "audit").increment(1);
        tracing::warn!(event_id = %row.event_id, attempts = row.attempts, error = cause, "events wait for audit");
        let mut connection = self.outbox.database.connection().await?;
        diesel::update(rows::table.find(row.event_id))
            .set((rows::attempts.eq(rows::attempts + 1), rows::last_error.eq(cause)))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// The event lets those behind it pass, and is missing in the log until audit takes it.
    async fn set_aside(&self, row: &Waiting, reason: &str) -> Result<(), DatabaseError> {
        metrics::counter!("outbox_set_aside_total").increment(1);
        tracing::error!(event_id = %row.event_id, reason, "audit refuses an event: it is set aside, missing in the log, and tried again every five minutes");
        self.mark_set_aside(row, reason).await
    }

    async fn mark_set_aside(&self, row: &Waiting, reason: &str) -> Result<(), DatabaseError> {
        let mut connection = self.outbox.database.connection().await?;
        diesel::update(rows::table.find(row.event_id))
            .set((
                rows::set_aside_at.eq(coalesce(rows::set_aside_at, now)),
                rows::attempts.eq(rows::attempts + 1),
                rows::next_attempt_at.eq(now.into_sql::<Timestamptz>() + RETRY_SECONDS.seconds()),
                rows::last_error.eq(reason),
            ))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// Those whose time has come, each in a call of its own, so that none can hold up another one.
    async fn try_again_what_was_set_aside(&self) -> Result<usize, DatabaseError> {
        let aside = rows::destination.eq("audit").and(rows::delivered_at.is_null()).and(rows::set_aside_at.is_not_null());
        let mut connection = self.outbox.database.connection().await?;
        let how_many: i64 = rows::table.filter(aside).count().get_result(&mut connection).await?;
        // Of more than a hundred the first would else keep the others from their turn.
        let due: Vec<Waiting> = rows::table
            .filter(aside.and(rows::next_attempt_at.le(now)))
            .order(rows::position)
            .limit(SET_ASIDE)
            .select((rows::event_id, rows::payload, rows::attempts, rows::next_attempt_at.le(now)))
            .load(&mut connection)
            .await?;
        drop(connection);
        metrics::gauge!("outbox_set_aside").set(f64::from(u32::try_from(how_many).unwrap_or(u32::MAX)));
        let mut delivered = 0;
        for row in due {
            let event = match read(&row) {
                Ok(event) => event,
                Err(cause) => {
                    self.mark_set_aside(&row, &cause).await?;
                    continue;
                }
            };
            match self.post("audit", "/api/audit/events", &[event]).await {
                Ok(()) => {
                    tracing::info!(event_id = %row.event_id, "audit took an event that was set aside");
                    self.delete_delivered(vec![row.event_id]).await?;
                    delivered += 1;
                }
                Err(Undelivered::Refused(reason)) => self.mark_set_aside(&row, &reason).await?,
                Err(Undelivered::Unreachable(_) | Undelivered::Locked(_)) => {
                    self.pause.lengthen();
                    break;
                }
            }
        }
        Ok(delivered)
    }
}

fn read(row: &Waiting) -> Result<Value, String> {
    serde_json::from_slice(row.payload.as_deref().unwrap_or_default())
        .map_err(|cause| format!("the event cannot be read: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_is_left_alone_for_a_while_only_after_it_did_not_answer() {
        let pause = Pause::default();
        assert!(pause.has_elapsed());
        for _ in 0..40 {
            pause.lengthen();
            assert!(!pause.has_elapsed());
        }
        pause.reset();
        assert!(pause.has_elapsed());
    }
}
