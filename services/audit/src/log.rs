//! The log's end: continued by one writer at a time, whichever process it is in, and signed with each change.

use std::collections::HashSet;
use std::sync::Arc;

use contract::audit::Appended;
use contract::events::{AuditEvent, Happening};
use database::{Connection, Database, End, Failed};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use identity::Caller;
use problem::Problem;
use uuid::Uuid;

use crate::chain::{Entry, Head, Told};
use crate::schema::{audit_head, audit_logs, audit_signatures};
use crate::signing::{self, Kept, NotSigned, Signed, Signer};

/// Looking again within this time is the same look: without it a page that reloads itself would fill the log, and reading the
/// log page by page would never reach its end, because every page adds an entry.
const ONE_LOOK_MINUTES: i32 = 10;

/// The log.
#[derive(Clone)]
pub(crate) struct Log {
    database: Database,
    signer: Arc<Signer>,
}

/// What one transaction did to the log.
enum Written {
    Nothing,
    Signed(Signed),
    Unsigned(NotSigned),
}

impl Log {
    pub(crate) fn new(database: Database, signer: Arc<Signer>) -> Self {
        Self { database, signer }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    pub(crate) fn shared_signer(&self) -> Arc<Signer> {
        self.signer.clone()
    }

    /// Puts events behind the last entry, in their order, each once: one that is in the log already is left as it is.
    pub(crate) async fn append(&self, source: String, events: Vec<Told>) -> Result<Appended, Problem> {
        let appended = self
            .change("append to the log", async move |connection, signer, kept| {
                let head = lock_head(connection).await?;
                let fresh = unknown(connection, &events).await?;
                let appended = Appended { stored: count(fresh.len()), known: count(events.len() - fresh.len()) };
                Ok((appended, write(connection, head, &source, &fresh, signer, kept).await?))
            })
            .await?;
        metrics::counter!("audit_entries_total").increment(u64::try_from(appended.stored).unwrap_or_default());
        metrics::counter!("audit_repeats_total").increment(u64::try_from(appended.known).unwrap_or_default());
        Ok(appended)
    }

    /// Writes down that an admin looks at the log. It is committed before they see anything, and in this log itself: audit has
    /// no outbox, because what it would tell is its own.
    pub(crate) async fn witness(&self, caller: &Caller, election_id: Option<i64>) -> Result<(), Problem> {
        let mut event = AuditEvent::now(Happening::AuditViewed {}).by(caller.admin_id, caller.ip_address.clone());
        event.election_id = election_id;
        let (admin_id, told) =
            (caller.admin_id, Told::new(event).map_err(|cause| Problem::internal("write down a look", &cause))?);
        self.change("log that the audit log was viewed", async move |connection, signer, kept| {
            let head = lock_head(connection).await?;
            let seen: i64 = audit_logs::table
                .filter(audit_logs::event_type.eq("audit_viewed").and(audit_logs::source.eq("audit")))
                .filter(audit_logs::user_id.eq(admin_id).and(audit_logs::election_id.is_not_distinct_from(election_id)))
                .filter(audit_logs::timestamp.gt(now.into_sql::<Timestamptz>() - ONE_LOOK_MINUTES.minutes()))
                .count()
                .get_result(connection)
                .await?;
            let fresh: &[&Told] = if seen > 0 { &[] } else { &[&told] };
            Ok(((), write(connection, head, "audit", fresh, signer, kept).await?))
        })
        .await
    }

    /// Why the log would not be signed as it is now; asked without a lock, in one snapshot.
    pub(crate) async fn why_not_signed(&self) -> Result<Option<String>, Problem> {
        // Before the snapshot: a head that is signed meanwhile is in it, and the one kept here is not newer than it.
        let kept = self.signer.kept.lock().await.clone();
        let signer = self.signer.clone();
        let unsigned = self
            .database
            .transaction("look whether the log is signed", async move |connection| {
                connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                let end: Option<Head> = audit_head::table.select(Head::as_select()).first(connection).await.optional()?;
                let Some(end) = end else { return Ok(Some("the recorded end of the log is missing".to_owned())) };
                let evidence = signing::evidence(connection, end, &kept).await?;
                Ok::<_, Failed<Problem>>(signer.may_sign(&kept, &evidence).err().map(|why| why.to_string()))
            })
            .await?;
        if unsigned.is_some() {
            self.signer.note(unsigned.clone());
        }
        Ok(unsigned.or_else(|| self.signer.trouble()))
    }

    /// A transaction that may write entries and then signs the new end. The head is kept once it is committed.
    async fn change<T, F>(&self, name: &'static str, work: F) -> Result<T, Problem>
    where
        T: 'static,
        F: AsyncFn(&mut Connection, &Signer, &Kept) -> QueryResult<(T, Written)> + 'static,
    {
        let mut kept = self.signer.kept.lock().await;
        let (signer, before) = (self.signer.clone(), kept.clone());
        let (value, written) = self
            .database
            .transaction_if(name, async move |connection| {
                let (value, written) = work(connection, &signer, &before).await?;
                let end = if matches!(written, Written::Nothing) { End::Rollback } else { End::Commit };
                Ok::<_, Failed<Problem>>(((value, written), end))
            })
            .await?;
        match written {
            Written::Nothing => {}
            Written::Signed(signed) => self.signer.keep(&mut kept, signed).await,
            Written::Unsigned(why) => self.signer.note(Some(why.to_string())),
        }
        Ok(value)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Everybody who appends waits here for whoever appends already, so the log has one end.
async fn lock_head(connection: &mut Connection) -> QueryResult<Head> {
    audit_head::table.select(Head::as_select()).for_update().first(connection).await
}

/// The events that are not in the log. Asked under the lock, so that no other writer can add one in between.
async fn unknown<'e>(connection: &mut Connection, events: &'e [Told]) -> QueryResult<Vec<&'e Told>> {
    let ids: Vec<Uuid> = events.iter().map(Told::event_id).collect();
    let known: Vec<Uuid> =
        audit_logs::table.select(audit_logs::event_id).filter(audit_logs::event_id.eq_any(ids)).load(connection).await?;
    let mut seen: HashSet<Uuid> = known.into_iter().collect();
    Ok(events.iter().filter(|told| seen.insert(told.event_id())).collect())
}

async fn write(
    connection: &mut Connection,
    before: Head,
    source: &str,
    events: &[&Told],
    signer: &Signer,
    kept: &Kept,
) -> QueryResult<Written> {
    if events.is_empty() {
        return Ok(Written::Nothing);
    }
    let mut end = before.clone();
    let mut entries: Vec<Entry> = Vec::with_capacity(events.len());
    for told in events {
        let (entry, next) = end.append(source, told);
        entries.push(entry);
        end = next;
    }
    let evidence = signing::evidence(connection, before, kept).await?;
    // In this order: the triggers compare new entries with the old head, and the new head with the newest entry.
    diesel::insert_into(audit_logs::table).values(&entries).execute(connection).await?;
    diesel::update(audit_head::table)
        .set((audit_head::last_id.eq(end.last_id), audit_head::last_hash.eq(&end.last_hash)))
        .execute(connection)
        .await?;
    if let Err(why) = signer.may_sign(kept, &evidence) {
        return Ok(Written::Unsigned(why));
    }
    let Some(signed) = signer.sign(&end) else { return Ok(Written::Unsigned(NotSigned::Clock)) };
    diesel::insert_into(audit_signatures::table).values(&signed).execute(connection).await?;
    Ok(Written::Signed(signed))
}
