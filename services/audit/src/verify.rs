//! `GET /api/audit/verify`: every entry's hash computed again, and the recorded end compared.

use actix_web::web::Data;
use contract::audit::ChainState;
use contract::problems::Body;
use database::{Connection, Database, Failed};
use diesel::prelude::*;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection as _};
use identity::Caller;
use launch::SlowWork;
use problem::{Json, Problem};
use tokio::sync::Semaphore;

use crate::chain::{Entry, Head, Walk};
use crate::log::Log;
use crate::schema::{audit_head, audit_logs};

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

/// Whether the log is what was written. Names the first entry that is not.
#[utoipa::path(get, path = "/api/audit/verify", tag = "audit", security(("bearer" = [])),
    responses(
        (status = 200, description = "The verdict, good or bad", body = ChainState),
        (status = 401, description = "Not logged in", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn verify(
    _caller: Caller,
    log: Data<Log>,
    verification: Data<Verification>,
) -> Result<Json<ChainState>, Problem> {
    let _turn = verification.turn.acquire().await.map_err(|cause| Problem::internal("wait for a turn", &cause))?;
    Ok(Json(walk_through(log.database(), verification.slow.clone()).await?))
}

async fn walk_through(database: &Database, slow: SlowWork) -> Result<ChainState, Problem> {
    let state = database
        .transaction("verify the log", async move |connection| {
            // One snapshot for the entries and the head, whatever is appended meanwhile.
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
            let head: Option<Head> = audit_head::table.select(Head::as_select()).first(connection).await.optional()?;
            let entries: i64 = audit_logs::table.count().get_result(connection).await?;
            let mut walk = Walk::default();
            let mut after = i64::MIN;
            while !walk.is_over() {
                let batch = next_batch(connection, after).await?;
                let Some(last) = batch.last() else { break };
                after = last.log_id;
                let hashed = slow.run(move || {
                    walk.take(&batch);
                    walk
                });
                walk = hashed.await.map_err(|overloaded| Failed::Refused(Problem::from(overloaded)))?;
            }
            Ok::<_, Failed<Problem>>(walk.end(entries, head))
        })
        .await?;
    metrics::gauge!("audit_chain_ok").set(f64::from(u8::from(state.ok)));
    if let Some(bad) = &state.first_bad {
        tracing::error!(log_id = bad.log_id, reason = bad.reason, "the audit log is not what was written");
    }
    Ok(state)
}

async fn next_batch(connection: &mut Connection, after: i64) -> QueryResult<Vec<Entry>> {
    audit_logs::table
        .filter(audit_logs::log_id.gt(after))
        .order(audit_logs::log_id)
        .limit(BATCH)
        .select(Entry::as_select())
        .load(connection)
        .await
}
