//! Mails that wait, and what became of those that do not wait any more.
//!
//! A mail may hold a live link, so it is kept encrypted, and erased as soon as it is sent or refused for good. What stays is
//! its status.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use contract::email::{EmailStatus, Mail, Status};
use crypto::envelope::{self, Kek, UnwrapFailure};
use database::{Database, DatabaseError};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Integer, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::email::Email;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::schema::email_messages as rows;

/// How long a claim holds: half as long again as one conversation may take. A sender that died leaves its mails to others after it.
const CLAIM_SECONDS: i32 = 90;
/// A mail that could not be delivered for so long will not be: mail servers give up after 4 to 5 days (RFC 5321, 4.5.4.1).
const GIVE_UP_DAYS: i32 = 5;

/// The queue, as all workers of all processes share it.
#[derive(Clone)]
pub(crate) struct Queue {
    database: Database,
    kek: Arc<Kek>,
    wake: Arc<Notify>,
    turns: Arc<AtomicU64>,
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
}

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
    status: String,
    attempts: i32,
    last_error: Option<String>,
    next_attempt_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

impl Queue {
    pub(crate) fn new(database: Database, kek: Kek, wake: Arc<Notify>) -> Self {
        Self { database, kek: Arc::new(kek), wake, turns: Arc::default() }
    }

    /// Keeps a mail, once for each event id: whoever asks again gets the mail that is there. None when the database does not take
    /// it: a mail about a link, and its election is closed, or was deleted as a draft (`forget_late_mail`).
    pub(crate) async fn accept(
        &self,
        event_id: Uuid,
        mail: &Mail,
        recipient: &Email,
    ) -> Result<Option<EmailStatus>, DatabaseError> {
        self.keep(vec![self.row(event_id, recipient, mail)]).await?;
        let mut connection = self.database.connection().await?;
        // A statement of its own, so it sees the row of whoever was faster.
        let row: Option<Row> = select_status().filter(rows::event_id.eq(event_id)).first(&mut connection).await.optional()?;
        Ok(row.map(EmailStatus::from))
    }

    /// Keeps all of them in one commit, but for those that the database does not take. How many were not there already.
    pub(crate) async fn accept_many(&self, mails: Vec<(Uuid, Email, Mail)>) -> Result<u64, DatabaseError> {
        self.keep(mails.iter().map(|(event_id, recipient, mail)| self.row(*event_id, recipient, mail)).collect()).await
    }

    fn row(&self, event_id: Uuid, recipient: &Email, mail: &Mail) -> NewRow {
        let plain = serde_json::to_vec(mail).expect("a mail is plain data");
        let mut nonce = [0; 12];
        aws_lc_rs::rand::fill(&mut nonce).expect("the operating system gives random bytes");
        NewRow {
            event_id,
            kind: mail.kind(),
            election_id: mail.election_id(),
            recipient: recipient.as_str().to_owned(),
            payload: envelope::wrap(&self.kek, purpose(event_id).as_bytes(), &plain, nonce),
            forget_at: mail.forget_at(),
        }
    }

    async fn keep(&self, new: Vec<NewRow>) -> Result<u64, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let kept = diesel::insert_into(rows::table)
            .values(new)
            .on_conflict(rows::event_id)
            .do_nothing()
            .execute(&mut connection)
            .await?;
        if kept > 0 {
            self.wake.notify_one();
        }
        Ok(kept as u64)
    }

    pub(crate) async fn status(&self, email_id: i64) -> Result<Option<EmailStatus>, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let row: Option<Row> = select_status().filter(rows::message_id.eq(email_id)).first(&mut connection).await.optional()?;
        Ok(row.map(EmailStatus::from))
    }

    /// Takes up to `most` mails that are due, by turns from both ends of the queue: while the mails to a large roll wait, those of a
    /// small election still leave at once, and the oldest never wait for the newest only. The claim is committed before anything is sent: no
    /// transaction is open while the mail server is waited for, and no row lock keeps other processes waiting.
    pub(crate) async fn claim(&self, most: usize) -> Result<Vec<Claimed>, DatabaseError> {
        let mut connection = self.database.connection().await?;
        // MATERIALIZED: the planner may else run the subquery once for each row, and claim more than asked for.
        let end = if self.turns.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) { "ASC" } else { "DESC" };
        let claimed = diesel::sql_query(format!(
            "WITH due AS MATERIALIZED (SELECT message_id FROM email_messages \
             WHERE status IN ('queued', 'deferred') AND next_attempt_at <= now() AND (forget_at IS NULL OR forget_at > now()) \
             ORDER BY next_attempt_at {end} LIMIT $1 FOR UPDATE SKIP LOCKED) \
             UPDATE email_messages m SET next_attempt_at = now() + make_interval(secs => $2), attempts = m.attempts + 1 \
             FROM due WHERE m.message_id = due.message_id RETURNING m.message_id, m.event_id, m.payload, m.attempts",
        ))
        .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
        .bind::<diesel::sql_types::Double, _>(f64::from(CLAIM_SECONDS))
        .load(&mut connection)
        .await?;
        Ok(claimed)
    }

    /// Deletes the mails whose code or link has ended, sent or not. How many there were.
    pub(crate) async fn forget_ended(&self) -> Result<usize, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let ended = rows::table.filter(rows::forget_at.le(now.into_sql::<Timestamptz>().nullable()));
        Ok(diesel::delete(ended).execute(&mut connection).await?)
    }

    /// Opens what a claimed row holds.
    pub(crate) fn open(&self, claimed: &Claimed) -> Result<Mail, Unreadable> {
        let wrapped = claimed.payload.as_deref().unwrap_or_default();
        let plain = envelope::unwrap(&self.kek, purpose(claimed.event_id).as_bytes(), wrapped)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    /// The mail server has it.
    pub(crate) async fn sent(&self, message_id: i64) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        diesel::update(waiting(message_id))
            .set((
                rows::status.eq("sent"),
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
            .set((rows::status.eq("refused"), rows::payload.eq(None::<Vec<u8>>), rows::last_error.eq(reason)))
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
                    rows::status.eq("deferred"),
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
        let status = match row.status.as_str() {
            "queued" => Status::Queued,
            "deferred" => Status::Deferred,
            "sent" => Status::Sent,
            "forgotten" => Status::Forgotten,
            _ => Status::Refused,
        };
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
