//! Mails that wait, and what became of those that do not wait any more.
//!
//! A mail may hold a live link, so it is kept encrypted, and erased as soon as it is sent or refused for good. What stays is
//! its status.

use std::convert::Infallible;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use contract::email::{EmailStatus, Envelope, Status};
use crypto::envelope::{self, Kek, UnwrapFailure};
use database::{Database, DatabaseError, Failed, FairClaims, Word};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Integer, Nullable, Timestamptz};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use domain::email::Email;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::schema::email_messages as rows;

/// How long a claim holds: half as long again as one conversation may take. A sender that died leaves its mails to others after it.
const CLAIM_SECONDS: f64 = 90.0;
/// A mail that could not be delivered for so long will not be: mail servers give up after 4 to 5 days (RFC 5321, 4.5.4.1).
const GIVE_UP_DAYS: i32 = 5;

/// How long many mails wait for a locked election. Their sender has mails of other elections too, and the patience of 7 seconds.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '300ms'";

/// The queue, as all workers of all processes share it.
#[derive(Clone)]
pub(crate) struct Queue {
    database: Database,
    kek: Arc<Kek>,
    wake: Arc<Notify>,
    claims: Arc<FairClaims>,
}

/// A mail that this process, and no other, sends now.
#[derive(QueryableByName)]
pub(crate) struct Claimed {
    #[diesel(sql_type = BigInt)]
    pub(crate) message_id: i64,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub(crate) event_id: Uuid,
    #[diesel(sql_type = Nullable<Bytea>)]
    payload: Option<Vec<u8>>,
    /// This attempt included.
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
    /// 0 when it belongs to no election.
    #[diesel(sql_type = BigInt)]
    election: i64,
}

impl database::Claimed for Claimed {
    fn election(&self) -> i64 {
        self.election
    }
}

/// Claims $1 mails at the most, for $3 seconds. `waiting` has one line for each election with mails that wait: it jumps over the
/// index `email_messages_waiting` from one election to the next, so it costs nothing more when a large election has many. 0 stands for
/// mails of no election. `turns` begins behind $2, the election that had the last turn: with fewer places than elections, all come
/// in their turn. MATERIALIZED: the planner may else run a subquery once for each row, and claim more than asked for.
const CLAIM: &str = "
    WITH RECURSIVE waiting (election, due_at) AS (
        (SELECT coalesce(m.election_id, 0), m.next_attempt_at FROM email_messages m WHERE m.status IN ('queued', 'deferred')
         ORDER BY coalesce(m.election_id, 0), m.next_attempt_at LIMIT 1)
        UNION ALL
        SELECT next.election, next.due_at FROM waiting w CROSS JOIN LATERAL (
            SELECT coalesce(m.election_id, 0) AS election, m.next_attempt_at AS due_at FROM email_messages m
            WHERE m.status IN ('queued', 'deferred') AND coalesce(m.election_id, 0) > w.election
            ORDER BY coalesce(m.election_id, 0), m.next_attempt_at LIMIT 1) next
    ), turns AS MATERIALIZED (
        SELECT w.election, greatest($1 / count(*) OVER (), 1) AS share FROM waiting w WHERE w.due_at <= now()
        ORDER BY w.election <= $2, w.election LIMIT $1
    ), due AS MATERIALIZED (
        SELECT mail.message_id, t.election FROM turns t CROSS JOIN LATERAL (
            SELECT m.message_id FROM email_messages m
            WHERE m.status IN ('queued', 'deferred') AND coalesce(m.election_id, 0) = t.election
                AND m.next_attempt_at <= now() AND (m.forget_at IS NULL OR m.forget_at > now())
            ORDER BY m.next_attempt_at LIMIT t.share FOR UPDATE SKIP LOCKED) mail
        LIMIT $1
    )
    UPDATE email_messages m SET next_attempt_at = now() + make_interval(secs => $3), attempts = m.attempts + 1
    FROM due WHERE m.message_id = due.message_id RETURNING m.message_id, m.event_id, m.payload, m.attempts, due.election";

#[derive(Insertable)]
#[diesel(table_name = rows)]
struct NewRow {
    event_id: Uuid,
    kind: &'static str,
    election_id: Option<i64>,
    recipient: String,
    payload: Vec<u8>,
    forget_at: Option<DateTime<Utc>>,
}

#[derive(Queryable)]
struct Row {
    email_id: i64,
    status: Word<Status>,
    attempts: i32,
    last_error: Option<String>,
    next_attempt_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

impl Queue {
    pub(crate) fn new(database: Database, kek: Kek, wake: Arc<Notify>) -> Self {
        Self { database, kek: Arc::new(kek), wake, claims: Arc::new(FairClaims::new(CLAIM, CLAIM_SECONDS)) }
    }

    /// Keeps a mail, once for each event id: whoever asks again gets the mail that is there. None when the database does not take
    /// it: a mail about a link, and its election is closed, or was deleted as a draft (`forget_late_mail`).
    pub(crate) async fn accept(&self, envelope: &Envelope, recipient: &Email) -> Result<Option<EmailStatus>, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let kept = diesel::insert_into(rows::table)
            .values(self.row(recipient, envelope))
            .on_conflict(rows::event_id)
            .do_nothing()
            .execute(&mut connection)
            .await?;
        self.woken_by(kept);
        // A statement of its own, so it sees the row of whoever was faster.
        let row: Option<Row> =
            select_status().filter(rows::event_id.eq(envelope.event_id)).first(&mut connection).await.optional()?;
        Ok(row.map(EmailStatus::from))
    }

    /// Keeps all of them in one commit, but for those that the database does not take. How many were not there already. None when an
    /// election is locked: `forget_late_mail` asks whether it is closed, and closing a large one takes seconds. Nothing was kept then.
    pub(crate) async fn accept_many(&self, mails: Vec<(Email, Envelope)>) -> Result<Option<u64>, DatabaseError> {
        let new: Vec<NewRow> = mails.iter().map(|(recipient, envelope)| self.row(recipient, envelope)).collect();
        let kept: Result<usize, Failed<Infallible>> = self
            .database
            .transaction("keep mails", async move |connection| {
                connection.batch_execute(LOCK_TIMEOUT).await?;
                let insert = diesel::insert_into(rows::table).values(&new).on_conflict(rows::event_id).do_nothing();
                Ok(insert.execute(connection).await?)
            })
            .await;
        match kept {
            Ok(kept) => Ok(Some(self.woken_by(kept))),
            Err(Failed::Database(DatabaseError::Locked)) => Ok(None),
            Err(Failed::Database(error)) => Err(error),
            Err(Failed::Refused(never)) => match never {},
        }
    }

    fn row(&self, recipient: &Email, envelope: &Envelope) -> NewRow {
        let Envelope { event_id, election_id, mail, .. } = envelope;
        let plain = serde_json::to_vec(envelope).expect("a mail is plain data");
        NewRow {
            event_id: *event_id,
            kind: mail.kind(),
            election_id: *election_id,
            recipient: recipient.as_str().to_owned(),
            payload: envelope::wrap(&self.kek, purpose(*event_id).as_bytes(), &plain),
            forget_at: mail.forget_at(),
        }
    }

    /// Wakes the sender when something new was kept.
    fn woken_by(&self, kept: usize) -> u64 {
        if kept > 0 {
            self.wake.notify_one();
        }
        kept as u64
    }

    pub(crate) async fn status(&self, email_id: i64) -> Result<Option<EmailStatus>, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let row: Option<Row> = select_status().filter(rows::message_id.eq(email_id)).first(&mut connection).await.optional()?;
        Ok(row.map(EmailStatus::from))
    }

    /// Takes up to `most` mails that are due, from all elections in their turn.
    pub(crate) async fn claim(&self, most: usize) -> Result<Vec<Claimed>, DatabaseError> {
        self.claims.claim(&self.database, most).await
    }

    /// Deletes the mails whose code or link has ended, sent or not. How many there were.
    pub(crate) async fn forget_ended(&self) -> Result<usize, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let ended = rows::table.filter(rows::forget_at.le(now.into_sql::<Timestamptz>().nullable()));
        Ok(diesel::delete(ended).execute(&mut connection).await?)
    }

    /// Opens what a claimed row holds.
    pub(crate) fn open(&self, claimed: &Claimed) -> Result<Envelope, Unreadable> {
        let wrapped = claimed.payload.as_deref().unwrap_or_default();
        let plain = envelope::unwrap(&self.kek, purpose(claimed.event_id).as_bytes(), wrapped)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    /// The mail server has it.
    pub(crate) async fn sent(&self, message_id: i64) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        diesel::update(waiting(message_id))
            .set((
                rows::status.eq(<&str>::from(Status::Sent)),
                rows::sent_at.eq(now.into_sql::<Timestamptz>().nullable()),
                rows::payload.eq(None::<Vec<u8>>),
                rows::last_error.eq(None::<String>),
            ))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// The mail server will never take it.
    pub(crate) async fn refused(&self, message_id: i64, reason: &str) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        diesel::update(waiting(message_id))
            .set((rows::status.eq(<&str>::from(Status::Refused)), rows::payload.eq(None::<Vec<u8>>), rows::last_error.eq(reason)))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// The mail server did not take it now; it is tried again after a pause, unless it is too old for that.
    pub(crate) async fn deferred(&self, message_id: i64, reason: &str, pause_seconds: i32) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        let tried_again =
            diesel::update(waiting(message_id).filter(rows::created_at.gt(now.into_sql::<Timestamptz>() - GIVE_UP_DAYS.days())))
                .set((
                    rows::status.eq(<&str>::from(Status::Deferred)),
                    rows::last_error.eq(reason),
                    rows::next_attempt_at.eq(now.into_sql::<Timestamptz>() + pause_seconds.seconds()),
                ))
                .execute(&mut connection)
                .await?;
        drop(connection);
        if tried_again == 0 {
            return self.refused(message_id, &format!("given up after {GIVE_UP_DAYS} days; last: {reason}")).await;
        }
        Ok(())
    }
}

/// A stored mail that does not open: the key file was changed, or the row was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the stored mail {0}")]
    Wrapped(#[from] UnwrapFailure),
    #[error("the stored mail is of another version")]
    Version(#[from] serde_json::Error),
}

/// The row, as long as it waits. Closing an election deletes rows that would tell when a voter had voted, and no row that it leaves
/// waits: a conversation that was under way meanwhile finds nothing to write its time into.
#[diesel::dsl::auto_type(no_type_alias)]
fn waiting(message_id: i64) -> _ {
    rows::table.filter(rows::message_id.eq(message_id)).filter(rows::status.eq("queued").or(rows::status.eq("deferred")))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn select_status() -> _ {
    rows::table.select((rows::message_id, rows::status, rows::attempts, rows::last_error, rows::next_attempt_at, rows::sent_at))
}

fn purpose(event_id: Uuid) -> String {
    format!("email/{event_id}")
}

impl From<Row> for EmailStatus {
    fn from(row: Row) -> Self {
        let Word(status) = row.status;
        let waits = matches!(status, Status::Queued | Status::Deferred);
        Self {
            email_id: row.email_id,
            status,
            attempts: row.attempts,
            last_error: row.last_error,
            next_attempt_at: waits.then_some(row.next_attempt_at),
            sent_at: row.sent_at,
        }
    }
}
