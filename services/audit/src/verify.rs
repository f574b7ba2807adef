//! `GET /api/audit/verify`: every entry's hash computed again, the recorded end compared, and every signed head with it.

use actix_web::web::Data;
use contract::audit::{ChainState, FirstBadHead, KeptHead, Unsigned};
use contract::problems::Notice;
use crypto::Digest;
use database::{Connection, Failed};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use identity::Caller;
use launch::SlowWork;
use messages::{Message, say};
use problem::{Json, Problem, Query};
use tokio::sync::Semaphore;

use crate::chain::{Entry, Head, Walk};
use crate::heads::given;
use crate::log::Log;
use crate::schema::{audit_head, audit_logs, audit_signatures};
use crate::set_aside;
use crate::signing::{self, Kept, Signed, Signer};
use crate::walk::next_batch;

/// Rows held in memory at a time.
const BATCH: i64 = 1000;

/// One verification at a time in a process: each reads the whole log and holds a connection meanwhile.
pub(crate) struct Verification {
    turn: Semaphore,
    slow: SlowWork,
}

impl Verification {
    pub(crate) fn new(slow: SlowWork) -> Self {
        Self { turn: Semaphore::new(1), slow }
    }
}

/// Whether the log is what was written. Names the first entry, and the first signed head, that is not.
#[utoipa::path(get, path = "/api/audit/verify", tag = "audit", security(("bearer" = ["admin"])), params(KeptHead),
    responses(
        (status = 200, description = "The verdict, good or bad", body = ChainState),
        (status = 422, description = "No head was given that could be looked for"),
    ))]
pub(crate) async fn verify(
    _caller: Caller,
    log: Data<Log>,
    verification: Data<Verification>,
    query: Query<KeptHead>,
) -> Result<Json<ChainState>, Problem> {
    let asked = given(&query)?;
    let _turn = verification.turn.acquire().await.map_err(|cause| Problem::internal("wait for a turn", &cause))?;
    Ok(Json(verify_log(&log, verification.slow.clone(), asked).await?))
}

/// The state of a verification in progress.
struct Progress {
    walk: Walk,
    /// The newest genuine one.
    newest: Option<Signed>,
    first_bad_head: Option<FirstBadHead>,
}

async fn verify_log(log: &Log, slow: SlowWork, asked: Option<(i64, Digest)>) -> Result<ChainState, Problem> {
    // Before the snapshot: a head that is signed meanwhile is newer than the one kept here.
    let kept = log.signer().kept.lock().await.clone();
    let signer = log.shared_signer();
    let state = log
        .database()
        .transaction("verify the log", async move |connection| {
            // One snapshot for the entries, the signatures and the head, whatever is appended meanwhile.
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
            let head: Option<Head> = audit_head::table.select(Head::as_select()).first(connection).await.optional()?;
            let entries: i64 = audit_logs::table.count().get_result(connection).await?;
            let mut progress = Progress { walk: Walk::default(), newest: None, first_bad_head: None };
            let mut after = i64::MIN;
            loop {
                let batch = next_batch(connection, after, BATCH).await?;
                // The last, empty batch asks for signatures behind the last entry: they would belong to deleted entries.
                let last = batch.last().map_or(i64::MAX, |last| last.log_id);
                let signatures = signatures_between(connection, after, last).await?;
                let is_end = batch.is_empty();
                after = last;
                let signer = signer.clone();
                let hashed = slow.run(move || {
                    progress.take(&batch, signatures, &signer);
                    progress
                });
                progress = hashed.await.map_err(|overloaded| Failed::Refused(Problem::from(overloaded)))?;
                if is_end {
                    break;
                }
            }
            let Progress { walk, newest, first_bad_head } = progress;
            let mut state = walk.end(entries, head.clone());
            state.first_bad_head = earlier(first_bad_head, kept_head_misfits(connection, &kept).await?);
            let stopped = match head.clone() {
                Some(head) => {
                    let evidence = signing::evidence(connection, &signer, head, &kept).await?;
                    signer.may_sign(&kept, &evidence).err().map(Message::from)
                }
                None => None,
            };
            (state.signing_stopped, state.signing_stopped_notice) = said(stopped);
            state.unsigned = unsigned(entries, newest.as_ref());
            let newest = signing::newest(connection).await?;
            state.signed_head = signer.newest_genuine(&kept, newest.as_ref()).map(Into::into);
            let is_signed = head.is_some() && state.signing_stopped.is_none();
            state.continues = match asked {
                None => None,
                Some(asked) => {
                    let first_bad = state.first_bad.as_ref();
                    Some(signing::continues_given(connection, &signer, is_signed, first_bad, asked).await?)
                }
            };
            state.set_aside = set_aside::count(connection).await?;
            state.ok = state.first_bad.is_none()
                && state.first_bad_head.is_none()
                && state.unsigned.is_none()
                && state.signing_stopped.is_none();
            Ok::<_, Failed<Problem>>(state)
        })
        .await?;
    say(&state);
    Ok(state)
}

/// The sentence alone, and with its code.
fn said(why: Option<Message>) -> (Option<String>, Option<Notice>) {
    let notice = why.map(Notice::from);
    (notice.as_ref().map(|notice| notice.message.clone()), notice)
}

fn say(state: &ChainState) {
    metrics::gauge!("audit_chain_ok").set(f64::from(u8::from(state.ok)));
    if let Some(bad) = &state.first_bad {
        tracing::error!(log_id = bad.log_id, reason = bad.reason, "the audit log is not what was written");
    }
    if let Some(bad) = &state.first_bad_head {
        tracing::error!(last_id = bad.last_id, reason = bad.reason, "the audit log does not continue a head that was signed");
    }
    if let Some(unsigned) = &state.unsigned {
        tracing::error!(first_id = unsigned.first_id, "entries of the audit log are not signed");
    }
}

impl Progress {
    /// Looks at the next entries, and at the heads that were signed among them.
    fn take(&mut self, batch: &[Entry], signatures: Vec<Signed>, signer: &Signer) {
        self.walk.take(batch);
        for signed in signatures {
            // Entries are numbered without gaps, or the walk has already said so.
            let place = batch.binary_search_by_key(&signed.last_id, |entry| entry.log_id);
            let is_genuine = signer.is_genuine(&signed);
            let reason = match place.ok().and_then(|place| batch.get(place)) {
                _ if !is_genuine => Some(say!(audit_signature_of_other_key)),
                None => Some(say!(audit_signed_entry_missing)),
                Some(entry) if entry.current_hash != signed.last_hash => Some(say!(audit_signed_entry_changed)),
                Some(_) => None,
            };
            if let Some(reason) = reason.filter(|_| self.first_bad_head.is_none()) {
                self.first_bad_head = Some(bad(&signed, reason));
            }
            if is_genuine {
                self.newest = Some(signed);
            }
        }
    }
}

fn bad(signed: &Signed, reason: Message) -> FirstBadHead {
    FirstBadHead::new(signed.last_id, signed.signed_at, reason)
}

fn earlier(one: Option<FirstBadHead>, other: Option<FirstBadHead>) -> Option<FirstBadHead> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.last_id < one.last_id { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// The head that this copy of the service keeps outside the database, when the log or the signatures do not have it.
async fn kept_head_misfits(connection: &mut Connection, kept: &Kept) -> QueryResult<Option<FirstBadHead>> {
    let Kept::Head(kept) = kept else { return Ok(None) };
    let there = signing::hash_of(connection, kept.last_id).await?;
    let in_database: i64 = audit_signatures::table
        .filter(audit_signatures::last_id.eq(kept.last_id).and(audit_signatures::signature.eq(&kept.signature)))
        .count()
        .get_result(connection)
        .await?;
    Ok(match there {
        None => Some(bad(kept, say!(audit_signed_entry_missing))),
        Some(hash) if hash != kept.last_hash => Some(bad(kept, say!(audit_signed_entry_changed))),
        Some(_) if in_database == 0 => Some(bad(kept, say!(audit_signature_missing))),
        Some(_) => None,
    })
}

fn unsigned(entries: i64, newest: Option<&Signed>) -> Option<Unsigned> {
    let signed_to = newest.map_or(0, |newest| newest.last_id);
    (signed_to < entries).then(|| Unsigned { first_id: signed_to + 1, since: newest.map(|newest| newest.signed_at) })
}

async fn signatures_between(connection: &mut Connection, after: i64, last: i64) -> QueryResult<Vec<Signed>> {
    audit_signatures::table
        .filter(audit_signatures::last_id.gt(after).and(audit_signatures::last_id.le(last)))
        .order(audit_signatures::last_id)
        .select(Signed::as_select())
        .load(connection)
        .await
}
