//! `GET /api/audit`: the log, for the admin of the election and for superadmins.

use actix_web::web::Data;
use contract::audit::{AuditEntry, AuditQuery};
use contract::{Page, Paging};
use database::Database;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{Caller, Role};
use messages::say;
use problem::{Json, Missing, Problem, Query};

use crate::chain::Entry;
use crate::log::Log;
use crate::schema::{audit_logs, elections};

/// Entries in the order in which they were written. An admin names one of their elections; a superadmin may leave it out.
///
/// Looking is itself an entry, at most one in ten minutes for each admin and election.
#[utoipa::path(get, path = "/api/audit", tag = "audit", security(("bearer" = ["owner"]), ("bearer" = ["superadmin"])), params(AuditQuery),
    responses(
        (status = 200, description = "A page of the log", body = Page<AuditEntry>),
        (status = 422, description = "No election named"),
    ))]
pub(crate) async fn list(caller: Caller, log: Data<Log>, query: Query<AuditQuery>) -> Result<Json<Page<AuditEntry>>, Problem> {
    if caller.role == Role::Admin {
        let election_id = query.election_id.ok_or_else(|| Problem::field("election_id", say!(audit_election_missing)))?;
        must_own(log.database(), &caller, election_id).await?;
    }
    log.record_reading(&caller, query.election_id).await?;
    Ok(Json(page(log.database(), *query).await?))
}

async fn must_own(database: &Database, caller: &Caller, election_id: i64) -> Result<(), Problem> {
    let mut connection = database.connection().await?;
    let owner: Option<i64> = elections::table
        .find(election_id)
        .select(elections::admin_id)
        .first(&mut connection)
        .await
        .optional()
        .map_err(database::DatabaseError::from)?;
    if owner == Some(caller.admin_id) { Ok(()) } else { Err(Problem::not_found(Missing::Election)) }
}

async fn page(database: &Database, query: AuditQuery) -> Result<Page<AuditEntry>, Problem> {
    let limit = Paging { limit: query.limit, after: query.after }.limit();
    let mut rows = audit_logs::table
        .filter(audit_logs::log_id.gt(query.after.unwrap_or(0)))
        .order(audit_logs::log_id)
        .limit(limit + 1)
        .select(Entry::as_select())
        .into_boxed();
    if let Some(election_id) = query.election_id {
        rows = rows.filter(audit_logs::election_id.eq(election_id));
    }
    let mut connection = database.connection().await?;
    let entries: Vec<Entry> = rows.load(&mut connection).await.map_err(database::DatabaseError::from)?;
    let Page { items, next } = Page::cut(entries, limit, |entry| entry.log_id);
    Ok(Page { items: items.into_iter().map(AuditEntry::from).collect(), next })
}
