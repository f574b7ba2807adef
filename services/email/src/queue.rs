//! The queue: mails that wait, and the status of mails that were sent or refused.
//!
//! A mail may hold a live link, so it is kept encrypted, and erased as soon as it is sent or refused for good. What stays is
//! its status.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use contract::email::{EmailStatus, Envelope, Status};
use contract::problems::Notice;
use crypto::envelope::{self, Kek, UnwrapFailure};
use database::{Connection, Database, DatabaseError, Failed, FairClaims, TextColumn, limit_lock_wait};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea, Integer, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::email::Email;
use messages::{Message, say};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::schema::email_messages as rows;

/// How long a claim holds: half as long again as one conversation may take. A sender that died leaves its mails to others after it.
const CLAIM_SECONDS: f64 = 90.0;
/// A mail that could not be delivered for so long will not be: mail servers give up after 4 to 5 days (RFC 5321, 4.5.4.1).
const GIVE_UP_DAYS: i32 = 5;

/// How long many mails wait for a locked election. Their sender has mails of other elections too, and the patience of 7 seconds.
const LOCK_WAIT: Duration = Duration::from_millis(300);

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
    pub(crate) election: i64,
}

impl database::Claimed for Claimed {
    fn election(&self) -> i64 {
        self.election
    }
}

/// The value of `election_id` for mails that belong to no election.
const NO_ELECTION: i64 = 0;

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    election_id: i64,
}

/// Claims $1 mails at the most, for $3 seconds, in equal parts from all elections that have some, and begins behind election $2.
const CLAIM: &str = "SELECT message_id, event_id, payload, attempts, election FROM claim_mails($1, $2, $3)";

#[derive(Insertable)]
#[diesel(table_name = rows)]
struct NewRow {
    event_id: Uuid,
    kind: &'static str,
    about_link: bool,
    election_id: i64,
    recipient: String,
    payload: Vec<u8>,
    forget_at: Option<DateTime<Utc>>,
}

#[derive(Queryable)]
struct Row {
    email_id: i64,
    status: TextColumn<Status>,
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
        let new = self.row(recipient, envelope);
        let election_id = new.election_id;
        let kept: Result<usize, Failed<Infallible>> =
            self.database.transaction("keep a mail", async move |connection| Ok(insert(connection, &[&new]).await?)).await;
        self.woken_by(kept?);
        // A statement of its own, so it sees the row of whoever was faster.
        let mut connection = self.database.connection().await?;
        let of_event = rows::election_id.eq(election_id).and(rows::event_id.eq(envelope.event_id));
        let row: Option<Row> = select_status().filter(of_event).first(&mut connection).await.optional()?;
        Ok(row.map(EmailStatus::from))
    }

    /// Keeps all of them in one commit, but for those that the database does not take. How many were not there already. None when an
    /// election is locked: `forget_late_mail` asks whether it is closed, and closing a large one takes seconds. Nothing was kept then.
    pub(crate) async fn accept_many(&self, mails: Vec<(Email, Envelope)>) -> Result<Option<u64>, DatabaseError> {
        let new: Vec<NewRow> = mails.iter().map(|(recipient, envelope)| self.row(recipient, envelope)).collect();
        let kept: Result<usize, Failed<Infallible>> = self
            .database
            .transaction("keep mails", async move |connection| {
                limit_lock_wait(connection, LOCK_WAIT).await?;
                Ok(insert(connection, &new.iter().collect::<Vec<_>>()).await?)
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
            about_link: mail.is_about_link(),
            election_id: election_id.unwrap_or(NO_ELECTION),
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

    /// The status of a mail. The only query over all partitions, because the id does not show the election. It waits only briefly
    /// for a partition that a close is rewriting.
    pub(crate) async fn status(&self, email_id: i64) -> Result<Option<EmailStatus>, DatabaseError> {
        let found: Result<Option<Row>, Failed<Infallible>> = self
            .database
            .transaction("look for a mail", async move |connection| {
                limit_lock_wait(connection, LOCK_WAIT).await?;
                Ok(select_status().filter(rows::message_id.eq(email_id)).first(connection).await.optional()?)
            })
            .await;
        Ok(found?.map(EmailStatus::from))
    }

    /// Takes up to `most` mails that are due, from all elections in their turn.
    pub(crate) async fn claim(&self, most: usize) -> Result<Vec<Claimed>, DatabaseError> {
        self.claims.claim(&self.database, most).await
    }

    /// Deletes the mails whose code or link has ended, sent or not. How many there were.
    pub(crate) async fn delete_expired(&self) -> Result<usize, DatabaseError> {
        let mut connection = self.database.connection().await?;
        let of_no_election = rows::table.filter(rows::election_id.eq(NO_ELECTION));
        let ended = of_no_election.filter(rows::forget_at.le(now.into_sql::<Timestamptz>().nullable()));
        Ok(diesel::delete(ended).execute(&mut connection).await?)
    }

    /// Decrypts the mail of a claimed row.
    pub(crate) fn open(&self, claimed: &Claimed) -> Result<Envelope, Unreadable> {
        let wrapped = claimed.payload.as_deref().unwrap_or_default();
        let plain = envelope::unwrap(&self.kek, purpose(claimed.event_id).as_bytes(), wrapped).map_err(Unreadable::Wrapped)?;
        serde_json::from_slice(&plain).map_err(|_| Unreadable::Version)
    }

    /// The mail server has it.
    pub(crate) async fn sent(&self, mail: &Claimed) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        diesel::update(waiting(mail.election, mail.message_id))
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
    pub(crate) async fn refused(&self, mail: &Claimed, reason: &Message) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        diesel::update(waiting(mail.election, mail.message_id))
            .set((
                rows::status.eq(<&str>::from(Status::Refused)),
                rows::payload.eq(None::<Vec<u8>>),
                rows::last_error.eq(reason.to_store()),
            ))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    /// The mail server did not take it now; it is tried again after a pause, unless it is too old for that.
    pub(crate) async fn deferred(&self, mail: &Claimed, reason: &Message, pause_seconds: i32) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        let tried_again = diesel::update(
            waiting(mail.election, mail.message_id)
                .filter(rows::created_at.gt(now.into_sql::<Timestamptz>() - GIVE_UP_DAYS.days())),
        )
        .set((
            rows::status.eq(<&str>::from(Status::Deferred)),
            rows::last_error.eq(reason.to_store()),
            rows::next_attempt_at.eq(now.into_sql::<Timestamptz>() + pause_seconds.seconds()),
        ))
        .execute(&mut connection)
        .await?;
        drop(connection);
        if tried_again == 0 {
            return self.refused(mail, &say!(mail_given_up, days = GIVE_UP_DAYS, reason = reason.clone())).await;
        }
        Ok(())
    }
}

/// A stored mail that does not open: the key file was changed, or the row was.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Wrapped(UnwrapFailure),
    Version,
}

messages::says!(Unreadable, |unreadable| match unreadable {
    Unreadable::Wrapped(cause) => say!(mail_unreadable, cause = cause.to_string()),
    Unreadable::Version => say!(mail_of_other_version),
});

/// The row, as long as it waits. Closing an election deletes rows that would tell when a voter had voted, and no row that it leaves
/// waits: a conversation that was under way meanwhile finds nothing to write its time into.
#[diesel::dsl::auto_type(no_type_alias)]
fn waiting(election_id: i64, message_id: i64) -> _ {
    rows::table.find((election_id, message_id)).filter(rows::status.eq("queued").or(rows::status.eq("deferred")))
}

/// Stores mails, each once. Their elections are locked first: a close locks the election and then the partition of its mails, so
/// everybody must lock in this order. A mail of a deleted election is not stored.
async fn insert(connection: &mut Connection, new: &[&NewRow]) -> QueryResult<usize> {
    let elections: Vec<i64> = new.iter().map(|row| row.election_id).collect();
    let held = diesel::sql_query("SELECT hold_elections_of_mails($1) AS election_id").bind::<Array<BigInt>, _>(elections);
    let held: Vec<Held> = held.load(connection).await?;
    let has_place = |row: &&&NewRow| row.election_id == NO_ELECTION || held.iter().any(|one| one.election_id == row.election_id);
    let new: Vec<&NewRow> = new.iter().filter(has_place).copied().collect();
    let insert = diesel::insert_into(rows::table).values(new).on_conflict((rows::election_id, rows::event_id)).do_nothing();
    insert.execute(connection).await
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
        let TextColumn(status) = row.status;
        let waits = matches!(status, Status::Queued | Status::Deferred);
        let reason = row.last_error.as_deref().map(|reason| Notice::from(Message::stored(reason)));
        Self {
            email_id: row.email_id,
            status,
            attempts: row.attempts,
            code: reason.as_ref().map(|reason| reason.code.clone()),
            params: reason.as_ref().map(|reason| reason.params.clone()),
            last_error: reason.map(|reason| reason.message),
            next_attempt_at: waits.then_some(row.next_attempt_at),
            sent_at: row.sent_at,
        }
    }
}
