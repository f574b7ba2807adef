//! Appending to the log: one writer at a time over all processes, and the new end is signed in the same transaction.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use contract::audit::Appended;
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems;
use database::{Connection, Database, End, Failed};
use diesel::dsl::{IntervalDsl as _, now};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use identity::Caller;
use launch::{Stopper, repeat};
use messages::say;
use problem::Problem;
use uuid::Uuid;

use crate::chain::{Entry, Head, ReceivedEvent};
use crate::schema::{audit_head, audit_logs, audit_signatures};
use crate::signing::{self, Kept, NotSigned, Signed, Signer, Trouble};
use crate::walk;

/// One `audit_viewed` entry for each admin and election in this time. Without the limit a page that reloads itself would fill the
/// log, and reading the log page by page would never reach its end, because every page would add an entry.
const ONE_LOOK_MINUTES: i32 = 10;

/// How often a copy of the service checks the signature of the log's end when it has nothing to write.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// What a check of the log's head has found.
pub(crate) struct HeadCheck {
    /// Whether the log is signed to its end, and the next entry would be signed.
    pub(crate) is_signed: bool,
    /// The newest head with a genuine signature.
    pub(crate) head: Option<Signed>,
}

/// What `accept-log` has done.
#[derive(Debug)]
pub struct Accepted {
    /// The entry that says so; everything up to it is signed.
    pub last_id: i64,
    /// Why the log was not signed before.
    pub why: String,
}

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

    /// Appends events in their order, each once: an event that is in the log already is skipped.
    pub(crate) async fn append(&self, source: String, events: Vec<ReceivedEvent>) -> Result<Appended, Problem> {
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

    /// Writes the event that an admin reads the log. It is committed before the answer, and directly into the log: audit needs no
    /// outbox for its own events.
    pub(crate) async fn record_reading(&self, caller: &Caller, election_id: Option<i64>) -> Result<(), Problem> {
        let mut event = caller.did(AuditEventKind::AuditViewed {});
        event.election_id = election_id;
        let (admin_id, received) =
            (caller.admin_id, ReceivedEvent::new(event).map_err(|cause| Problem::internal("write down a look", &cause))?);
        self.change("log that the audit log was viewed", async move |connection, signer, kept| {
            let head = lock_head(connection).await?;
            let seen: i64 = audit_logs::table
                .filter(audit_logs::event_type.eq("audit_viewed").and(audit_logs::source.eq("audit")))
                .filter(audit_logs::user_id.eq(admin_id).and(audit_logs::election_id.is_not_distinct_from(election_id)))
                .filter(audit_logs::timestamp.gt(now.into_sql::<Timestamptz>() - ONE_LOOK_MINUTES.minutes()))
                .count()
                .get_result(connection)
                .await?;
            let fresh: &[&ReceivedEvent] = if seen > 0 { &[] } else { &[&received] };
            Ok(((), write(connection, head, "audit", fresh, signer, kept).await?))
        })
        .await
    }

    /// Checks, in one snapshot, whether the log could be signed as it is now. A copy of the service that has nothing to write
    /// stores a newer signed head here, and clears an error that is over.
    pub(crate) async fn check_head(&self) -> Result<HeadCheck, Problem> {
        // Held meanwhile: what is found belongs to this head.
        let mut kept = self.signer.kept.lock().await;
        let (signer, before) = (self.signer.clone(), kept.clone());
        let evidence = self
            .database
            .transaction("look whether the log is signed", async move |connection| {
                connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                let end: Option<Head> = audit_head::table.select(Head::as_select()).first(connection).await.optional()?;
                Ok::<_, Failed<Problem>>(match end {
                    Some(end) => Some(signing::evidence(connection, &signer, end, &before).await?),
                    None => None,
                })
            })
            .await?;
        let Some(evidence) = evidence else {
            let missing = say!(audit_end_missing).to_string();
            self.signer.set_trouble(Some(Trouble::NotSigned(missing)));
            return Ok(HeadCheck { is_signed: false, head: self.signer.newest_genuine(&kept, None) });
        };
        let why = self.signer.may_sign(&kept, &evidence).err();
        let head = self.signer.newest_genuine(&kept, evidence.newest.as_ref());
        self.signer.apply_check(&mut kept, &evidence, why.as_ref()).await;
        Ok(HeadCheck { is_signed: why.is_none(), head })
    }

    /// Repeats [`Log::check_head`], so that a copy of the service that has nothing to write also knows a recent head.
    pub(crate) async fn check_head_repeatedly(self, stop: Stopper) {
        repeat(&stop, BETWEEN_LOOKS, "looking whether the log is signed", async || self.check_head().await.map(|_| ())).await;
    }

    /// Signs the log as it is, whatever is wrong with it, and writes down in it that this was done. For `uvote-audit accept-log`.
    pub(crate) async fn accept(&self, reason: &str) -> Result<Accepted, Box<dyn std::error::Error>> {
        let mut kept = self.signer.kept.lock().await;
        let (signer, before) = (self.signer.clone(), kept.clone());
        let shared_reason: Arc<str> = reason.into();
        let done = self
            .database
            .transaction_if("accept the log as it is", async move |connection| {
                let head = lock_head(connection).await?;
                let evidence = signing::evidence(connection, &signer, head.clone(), &before).await?;
                let walk = walk::whole(connection).await?;
                let changed = || walk.first_bad(Some(&head)).map(NotSigned::Changed);
                let Some(why) = signer.may_sign(&before, &evidence).err().or_else(changed) else {
                    return Ok((None, End::Rollback));
                };
                if let Some(behind) = evidence.newest.as_ref().filter(|newest| newest.last_id > head.last_id) {
                    let detail = say!(audit_signature_behind_end, entry = behind.last_id);
                    return Err(Failed::Refused(Problem::new(problems::CONFLICT, detail)));
                }
                let event =
                    AuditEventKind::AuditLogAccepted { reason: shared_reason.to_string(), fingerprint: Some(walk.fingerprint()) };
                let received = ReceivedEvent::new(AuditEvent::now(event));
                let received = received.map_err(|cause| Failed::Refused(Problem::internal("accept the log", &cause)))?;
                let end = put(connection, &head, "audit", &[&received]).await?;
                let Some(signed) = signer.sign(&end) else {
                    return Err(Failed::Refused(Problem::new(problems::CONFLICT, say!(audit_clock_out_of_range))));
                };
                diesel::insert_into(audit_signatures::table).values(&signed).execute(connection).await?;
                Ok::<_, Failed<Problem>>((Some((why, signed)), End::Commit))
            })
            .await
            .map_err(|failed| Problem::from(failed).to_string())?;
        let Some((why, signed)) = done else { return Err("the log is signed to its end: there is nothing to accept".into()) };
        self.signer.put_kept_aside(&mut kept)?;
        let last_id = signed.last_id;
        self.signer.keep(&mut kept, signed).await;
        tracing::error!(reason, last_id, accepted = %why, "the audit log was accepted as it is, and signed");
        match self.signer.trouble() {
            Some(trouble) => Err(trouble.into()),
            None => Ok(Accepted { last_id, why: why.to_string() }),
        }
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
            Written::Unsigned(why) => self.signer.set_trouble(Some(Trouble::NotSigned(why.to_string()))),
        }
        Ok(value)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Locks the end of the log. Writers wait for each other here, so the log does not fork.
async fn lock_head(connection: &mut Connection) -> QueryResult<Head> {
    audit_head::table.select(Head::as_select()).for_update().first(connection).await
}

/// The events that are not in the log. Asked under the lock, so that no other writer can add one in between.
async fn unknown<'e>(connection: &mut Connection, events: &'e [ReceivedEvent]) -> QueryResult<Vec<&'e ReceivedEvent>> {
    let ids: Vec<Uuid> = events.iter().map(ReceivedEvent::event_id).collect();
    let known: Vec<Uuid> =
        audit_logs::table.select(audit_logs::event_id).filter(audit_logs::event_id.eq_any(ids)).load(connection).await?;
    let mut seen: HashSet<Uuid> = known.into_iter().collect();
    Ok(events.iter().filter(|received| seen.insert(received.event_id())).collect())
}

async fn write(
    connection: &mut Connection,
    before: Head,
    source: &str,
    events: &[&ReceivedEvent],
    signer: &Signer,
    kept: &Kept,
) -> QueryResult<Written> {
    if events.is_empty() {
        return Ok(Written::Nothing);
    }
    let evidence = signing::evidence(connection, signer, before.clone(), kept).await?;
    let end = put(connection, &before, source, events).await?;
    if let Err(why) = signer.may_sign(kept, &evidence) {
        return Ok(Written::Unsigned(why));
    }
    let Some(signed) = signer.sign(&end) else { return Ok(Written::Unsigned(NotSigned::Clock)) };
    diesel::insert_into(audit_signatures::table).values(&signed).execute(connection).await?;
    Ok(Written::Signed(signed))
}

/// Writes events behind the end of the log, and says where it ends then.
async fn put(connection: &mut Connection, before: &Head, source: &str, events: &[&ReceivedEvent]) -> QueryResult<Head> {
    let mut end = before.clone();
    let mut entries: Vec<Entry> = Vec::with_capacity(events.len());
    for received in events {
        let (entry, next) = end.append(source, received);
        entries.push(entry);
        end = next;
    }
    // In this order: the triggers compare new entries with the old head, and the new head with the newest entry.
    diesel::insert_into(audit_logs::table).values(&entries).execute(connection).await?;
    diesel::update(audit_head::table)
        .set((audit_head::last_id.eq(end.last_id), audit_head::last_hash.eq(&end.last_hash)))
        .execute(connection)
        .await?;
    Ok(end)
}
