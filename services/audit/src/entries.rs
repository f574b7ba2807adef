//! `GET /api/audit`: the log, for the admin of the election and for superadmins.

use std::collections::{BTreeSet, HashMap};

use actix_web::web::Data;
use contract::audit::{AuditEntry, AuditQuery};
use contract::events::AuditEventKind;
use contract::{Page, Paging};
use database::{Database, DatabaseError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::{Caller, Role};
use messages::say;
use problem::{Json, Missing, Problem, Query};

use crate::chain::Entry;
use crate::log::Log;
use crate::schema::{admins, audit_logs, elections};

/// Entries in the order in which they were written, or the newest first. An admin names one of their elections; a superadmin may leave it out.
///
/// Looking is itself an entry, at most one in ten minutes for each admin and election.
#[utoipa::path(get, path = "/api/audit", tag = "audit", security(("bearer" = ["owner"]), ("bearer" = ["superadmin"])), params(AuditQuery),
    responses(
        (status = 200, description = "A page of the log", body = Page<AuditEntry>),
        (status = 422, description = "No election named, or an event that there is none of"),
    ))]
pub(crate) async fn list(caller: Caller, log: Data<Log>, query: Query<AuditQuery>) -> Result<Json<Page<AuditEntry>>, Problem> {
    if caller.role == Role::Admin {
        let election_id = query.election_id.ok_or_else(|| Problem::field("election_id", say!(audit_election_missing)))?;
        must_own(log.database(), &caller, election_id).await?;
    }
    log.record_reading(&caller, query.election_id).await?;
    Ok(Json(page(log.database(), &query).await?))
}

async fn must_own(database: &Database, caller: &Caller, election_id: i64) -> Result<(), Problem> {
    let mut connection = database.connection().await?;
    let owner: Option<i64> = elections::table
        .find(election_id)
        .select(elections::admin_id)
        .first(&mut connection)
        .await
        .optional()
        .map_err(DatabaseError::from)?;
    if owner == Some(caller.admin_id) { Ok(()) } else { Err(Problem::not_found(Missing::Election)) }
}

async fn page(database: &Database, query: &AuditQuery) -> Result<Page<AuditEntry>, Problem> {
    let limit = Paging { limit: query.limit, after: query.after }.limit();
    let mut rows = audit_logs::table.limit(limit + 1).select(Entry::as_select()).into_boxed();
    rows = if query.newest == Some(true) {
        rows.filter(audit_logs::log_id.lt(query.after.unwrap_or(i64::MAX))).order(audit_logs::log_id.desc())
    } else {
        rows.filter(audit_logs::log_id.gt(query.after.unwrap_or(0))).order(audit_logs::log_id)
    };
    if let Some(election_id) = query.election_id {
        rows = rows.filter(audit_logs::election_id.eq(election_id));
    }
    if let Some(types) = &query.event_type {
        rows = rows.filter(audit_logs::event_type.eq_any(named(types)?));
    }
    let mut connection = database.connection().await?;
    let entries: Vec<Entry> = rows.load(&mut connection).await.map_err(DatabaseError::from)?;
    let Page { items, next } = Page::cut(entries, limit, |entry| entry.log_id);
    let admins: BTreeSet<i64> = items.iter().filter_map(|entry| entry.user_id).collect();
    let emails: HashMap<i64, String> = admins::table
        .filter(admins::admin_id.eq_any(admins))
        .select((admins::admin_id, admins::email))
        .load(&mut connection)
        .await
        .map_err(DatabaseError::from)?
        .into_iter()
        .collect();
    let with_email = |entry: Entry| {
        let admin_email = entry.user_id.and_then(|admin| emails.get(&admin).cloned());
        AuditEntry { admin_email, ..AuditEntry::from(entry) }
    };
    Ok(Page { items: items.into_iter().map(with_email).collect(), next })
}

/// The names in a list. One that no event has is refused: its list would be empty, and look as if nothing had been done.
fn named(types: &str) -> Result<Vec<&str>, Problem> {
    let types: Vec<&str> = types.split(',').map(str::trim).collect();
    match types.iter().all(|given| AuditEventKind::NAMES.contains(given)) {
        true => Ok(types),
        false => Err(Problem::field("event_type", say!(audit_event_unknown))),
    }
}
