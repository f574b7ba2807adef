//! The log's end: continued by one writer at a time, whichever process it is in.

use std::collections::HashSet;

use contract::audit::Appended;
use contract::events::{AuditEvent, Happening};
use database::{Connection, Database, End, Failed};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;
use identity::Caller;
use problem::Problem;
use uuid::Uuid;

use crate::chain::{Entry, Head, Told};
use crate::schema::{audit_head, audit_logs};

/// Looking again within this time is the same look: without it a page that reloads itself would fill the log, and reading the
/// log page by page would never reach its end, because every page adds an entry.
const ONE_LOOK_MINUTES: i32 = 10;

/// The log.
#[derive(Clone)]
pub(crate) struct Log {
    database: Database,
}

impl Log {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Puts events behind the last entry, in their order, each once: one that is in the log already is left as it is.
    pub(crate) async fn append(&self, source: String, events: Vec<Told>) -> Result<Appended, Problem> {
        let appended = self
            .database
            .transaction_if("append to the log", async move |connection| {
                let head = lock_head(connection).await?;
                let fresh = unknown(connection, &events).await?;
                let known = events.len() - fresh.len();
                let stored = write(connection, head, &source, &fresh).await?;
                let answer = Appended { stored: count(stored), known: count(known) };
                Ok::<_, Failed<Problem>>((answer, if stored == 0 { End::Rollback } else { End::Commit }))
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
        self.database
            .transaction_if("witness a look", async move |connection| {
                let head = lock_head(connection).await?;
                let seen: i64 = audit_logs::table
                    .filter(audit_logs::event_type.eq("audit_viewed").and(audit_logs::source.eq("audit")))
                    .filter(audit_logs::user_id.eq(admin_id).and(audit_logs::election_id.is_not_distinct_from(election_id)))
                    .filter(audit_logs::timestamp.gt(now.into_sql::<Timestamptz>() - ONE_LOOK_MINUTES.minutes()))
                    .count()
                    .get_result(connection)
                    .await?;
                if seen > 0 {
                    return Ok::<_, Failed<Problem>>(((), End::Rollback));
                }
                write(connection, head, "audit", &[&told]).await?;
                Ok(((), End::Commit))
            })
            .await?;
        Ok(())
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

async fn write(connection: &mut Connection, mut head: Head, source: &str, events: &[&Told]) -> QueryResult<usize> {
    if events.is_empty() {
        return Ok(0);
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(events.len());
    for told in events {
        let (entry, next) = head.append(source, told);
        entries.push(entry);
        head = next;
    }
    // In this order: the triggers compare new entries with the old head, and the new head with the newest entry.
    diesel::insert_into(audit_logs::table).values(&entries).execute(connection).await?;
    diesel::update(audit_head::table)
        .set((audit_head::last_id.eq(head.last_id), audit_head::last_hash.eq(&head.last_hash)))
        .execute(connection)
        .await?;
    Ok(entries.len())
}
