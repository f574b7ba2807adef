//! `GET /api/audit/head`: the newest signed head, for everybody, so that copies of it exist outside (ADR 0018).
//!
//! The answer is cached for a few seconds, so that reloading the page of a result does not cause a database query each time.

use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use contract::audit::{KeptHead, NewestHead, SignedHead};
use crypto::Digest;
use database::DatabaseError;
use messages::say;
use problem::{Problem, Query};
use tokio::sync::Mutex;

use crate::log::Log;
use crate::signing;

/// How long an answer is cached.
const FRESH: Duration = Duration::from_secs(5);

/// The newest head as it was read last. The lock is held while it is read again and while a head is looked up, so that
/// anonymous callers take one connection of the pool at the most.
#[derive(Default)]
pub(crate) struct Newest(Mutex<Option<(Instant, Shown)>>);

#[derive(Clone)]
struct Shown {
    is_signed: bool,
    head: Option<SignedHead>,
}

/// The newest signed head of the audit log, never one with a forged signature, whether signing has stopped, and what the audit service found when it last went through the whole log. With `head_id` and `head_hash`, also whether the log still continues that head.
#[utoipa::path(get, path = "/api/audit/head", tag = "public", security(()), params(KeptHead),
    responses(
        (status = 200, description = "The newest signed head, with the key that signs", body = NewestHead),
        (status = 422, description = "No head was given that could be looked for"),
    ))]
pub(crate) async fn head(log: Data<Log>, newest: Data<Newest>, query: Query<KeptHead>) -> Result<HttpResponse, Problem> {
    let asked = given(&query)?;
    let mut known = newest.0.lock().await;
    let shown = match &*known {
        Some((read_at, shown)) if read_at.elapsed() < FRESH => shown.clone(),
        _ => {
            let checked = log.check_head().await?;
            let shown = Shown { is_signed: checked.is_signed, head: checked.head.map(SignedHead::from) };
            *known = Some((Instant::now(), shown.clone()));
            shown
        }
    };
    let verified = log.signer().verified();
    let continues = match asked {
        None => None,
        Some(asked) => {
            let mut connection = log.database().connection().await?;
            let first_bad = verified.as_ref().and_then(|verified| verified.first_bad.as_ref());
            let continues = signing::continues_given(&mut connection, log.signer(), shown.is_signed, first_bad, asked).await;
            Some(continues.map_err(DatabaseError::from)?)
        }
    };
    drop(known);
    let answer = NewestHead {
        head: shown.head,
        signing_stopped: !shown.is_signed,
        verified_at: verified.as_ref().map(|verified| verified.at),
        verified_ok: verified.as_ref().map(|verified| verified.first_bad.is_none()),
        first_bad: verified.and_then(|verified| verified.first_bad),
        public_key: log.signer().public_pem().to_owned(),
        continues,
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=5")).json(answer))
}

/// The head in the query (`head_id` and `head_hash`), if there is one.
pub(crate) fn given(query: &KeptHead) -> Result<Option<(i64, Digest)>, Problem> {
    match (query.head_id, query.head_hash.as_deref()) {
        (None, None) => Ok(None),
        (Some(head_id), Some(head_hash)) => match Digest::from_hex(head_hash.trim()) {
            Ok(head_hash) => Ok(Some((head_id, head_hash))),
            Err(_) => Err(Problem::field("head_hash", say!(audit_head_hash_malformed))),
        },
        (None, Some(_)) => Err(Problem::field("head_id", say!(audit_head_incomplete))),
        (Some(_), None) => Err(Problem::field("head_hash", say!(audit_head_incomplete))),
    }
}
