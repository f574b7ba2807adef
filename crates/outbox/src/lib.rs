//! Events for audit and mails for email, committed together with the change that they belong to.
//!
//! [`Outbox::audited`] is the only way to an [`AuditedTx`], and what its work returns can only be built with an audit event
//! ([`Audited::new`]), by declaring that nothing was changed, which rolls back ([`Audited::unchanged`]), or by declaring that it
//! is a step of a longer task whose event comes with its last step ([`Audited::step`]). So a change that is not logged does not
//! compile:
//!
//! ```compile_fail,E0308
//! use outbox::Outbox;
//! use std::convert::Infallible;
//!
//! async fn change_something_silently(outbox: Outbox) {
//!     outbox.audited::<(), Infallible, _>("change", async |_tx| Ok(())).await.ok();
//! }
//! ```
//!
//! The same with its event compiles:
//!
//! ```no_run
//! use contract::events::{AuditEvent, AuditEventKind};
//! use outbox::{Audited, Outbox};
//! use std::convert::Infallible;
//!
//! async fn change_something(outbox: Outbox) {
//!     outbox.audited::<(), Infallible, _>("change", async |_tx| Ok(Audited::new((), AuditEvent::now(AuditEventKind::ElectionArchived {})))).await.ok();
//! }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod events;
mod relay;
mod schema;

use std::path::Path;
use std::sync::Arc;

use contract::email::{Envelope, Local, Mail};
use contract::events::AuditEvent;
use crypto::envelope::{self, Kek};
use database::{Connection, Database, End, Failed, ReadOnly};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
pub use relay::Relay;
use uuid::Uuid;

/// Rows of one INSERT: well under PostgreSQL's 65,535 parameters.
const ROWS: usize = 1000;

/// A service's outbox: its database, and the key its mails are encrypted under while they wait.
#[derive(Clone)]
pub struct Outbox {
    database: Database,
    kek: Arc<Kek>,
}

/// The outbox cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the outbox key {path}: {cause}")]
pub struct KeyRefused {
    path: String,
    cause: String,
}

/// A transaction whose commit needs an audit event.
pub struct AuditedTx<'c> {
    connection: &'c mut Connection,
    mails: Vec<Row>,
    kek: &'c Kek,
}

/// What an audited transaction did, with the event that says so.
pub struct Audited<T> {
    value: T,
    events: Vec<AuditEvent>,
    end: End,
}

/// Why something is changed without an event in the audit log. A new reason is a decision: it goes to ADR 0009.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaudited {
    /// What voters do: who asked for a link, or wanted no more reminders, is no event, and neither is who voted.
    Voters,
    /// Codes that were sent and tries that were counted. What comes of them, such as a locked account or a new password, is an event.
    LoginFailures,
    /// Who closes an election at the moment and how far the decryption is. The step that ends it is an event.
    Progress,
    /// The shown turnout, counted anew from the ballot box: it follows from it.
    Derived,
    /// One part of a task that a row of the database keeps alive; its last part brings the event (ADR 0015).
    Task,
    /// What nothing leads to any more: expired tokens and codes, lines of dead imports, empty tables of deleted drafts.
    Cleanup,
}

impl<T> Audited<T> {
    /// Something was done, and this is how the log will know it.
    pub fn new(value: T, event: AuditEvent) -> Self {
        Self { value, events: vec![event], end: End::Commit }
    }

    /// Nothing was to be done after all; the transaction is rolled back.
    pub fn unchanged(value: T) -> Self {
        Self { value, events: Vec::new(), end: End::Rollback }
    }

    /// One step of a longer task, kept without an event of its own. Only for a task that a row of the database keeps alive until
    /// its last step, and that last step brings the event for all of them: whoever dies in between, the event still comes.
    pub fn step(value: T) -> Self {
        Self { value, events: Vec::new(), end: End::Commit }
    }

    /// One more event of the same change.
    #[must_use]
    pub fn and(mut self, event: AuditEvent) -> Self {
        self.events.push(event);
        self
    }
}

#[derive(Insertable)]
#[diesel(table_name = schema::outbox)]
struct Row {
    event_id: Uuid,
    destination: &'static str,
    kind: String,
    about_link: bool,
    election_id: Option<i64>,
    payload: Vec<u8>,
}

impl AuditedTx<'_> {
    /// The connection inside the transaction.
    pub fn connection(&mut self) -> &mut Connection {
        self.connection
    }

    /// A mail to be sent once this transaction is committed. It is kept encrypted: it may hold a live link.
    pub fn queue_mail(&mut self, envelope: &Envelope) {
        let Envelope { event_id, election_id, mail, .. } = envelope;
        let (kind, about_link) = (mail.kind().to_owned(), mail.is_about_link());
        let payload = encrypted(self.kek, envelope);
        let (event_id, election_id) = (*event_id, *election_id);
        self.mails.push(Row { event_id, destination: "email", kind, about_link, election_id, payload });
    }
}

impl Outbox {
    /// Opens the outbox of the role the database is used under. `key_file` holds 64 hex digits.
    pub fn open(database: Database, key_file: &Path) -> Result<Self, KeyRefused> {
        let refused =
            |cause: &dyn std::fmt::Display| KeyRefused { path: key_file.display().to_string(), cause: cause.to_string() };
        let text = std::fs::read_to_string(key_file).map_err(|cause| refused(&cause))?;
        let kek = Kek::from_hex(&text).map_err(|cause| refused(&cause))?;
        Ok(Self { database, kek: Arc::new(kek) })
    }

    /// The database behind it, to look at. What is changed goes through [`Outbox::audited`], or has its reason at
    /// [`Outbox::unaudited`].
    #[must_use]
    pub fn database(&self) -> &ReadOnly {
        self.database.read_only()
    }

    /// The database behind it, for a change that brings no event of its own, for one of the reasons there are.
    #[must_use]
    pub fn unaudited(&self, _reason: Unaudited) -> &Database {
        &self.database
    }

    /// A mail as its row keeps it, for a row that a function of the database writes, because only that function
    /// may know which mail is sent.
    /// It opens under its `event_id` only.
    #[must_use]
    pub fn encrypted(&self, envelope: &Envelope) -> Vec<u8> {
        encrypted(&self.kek, envelope)
    }

    /// Runs `work` in a transaction that commits the change, its audit event and its mails together, or none of them.
    pub async fn audited<T, E, F>(&self, name: &'static str, work: F) -> Result<T, Failed<E>>
    where
        T: 'static,
        E: 'static,
        F: AsyncFn(&mut AuditedTx<'_>) -> Result<Audited<T>, Failed<E>> + 'static,
    {
        let kek = self.kek.clone();
        self.database
            .transaction_if(name, async move |connection| {
                let mut tx = AuditedTx { connection, mails: Vec::new(), kek: &kek };
                let Audited { value, events, end } = work(&mut tx).await?;
                let AuditedTx { connection, mails, .. } = tx;
                if end == End::Rollback {
                    return Ok((value, end));
                }
                for rows in mails.chunks(ROWS) {
                    diesel::insert_into(schema::outbox::table).values(rows).on_conflict_do_nothing().execute(connection).await?;
                }
                // Last of all: from the insert to the commit no other event about this election can be written.
                let events: Vec<Row> = events.iter().map(audit_row).collect();
                for rows in events.chunks(ROWS) {
                    diesel::insert_into(schema::outbox::table).values(rows).execute(connection).await?;
                }
                Ok((value, end))
            })
            .await
    }

    /// Logs that something was looked at; there is no change for it to stand beside.
    pub async fn record_event(&self, event: AuditEvent) -> Result<(), database::DatabaseError> {
        let done: Result<(), Failed<std::convert::Infallible>> =
            self.audited("record_event", async move |_| Ok(Audited::new((), event.clone()))).await;
        match done {
            Ok(()) => Ok(()),
            Err(Failed::Database(error)) => Err(error),
            Err(Failed::Refused(never)) => match never {},
        }
    }
}

/// A mail that nobody has asked for before. Asking for it again takes the same envelope.
#[must_use]
pub fn new_envelope(election: Option<(i64, Local)>, recipient: String, mail: Mail) -> Envelope {
    let (election_id, local) = election.unzip();
    Envelope { event_id: Uuid::new_v4(), election_id, recipient, local: local.unwrap_or_default(), mail }
}

fn encrypted(kek: &Kek, envelope: &Envelope) -> Vec<u8> {
    let plain = serde_json::to_vec(envelope).expect("a mail is plain data");
    envelope::wrap(kek, purpose(envelope.event_id).as_bytes(), &plain)
}

fn audit_row(event: &AuditEvent) -> Row {
    let payload = serde_json::to_vec(event).expect("an event is plain data");
    Row {
        event_id: event.event_id,
        destination: "audit",
        kind: "event".to_owned(),
        about_link: false,
        election_id: event.election_id,
        payload,
    }
}

fn purpose(event_id: Uuid) -> String {
    format!("outbox/{event_id}")
}
