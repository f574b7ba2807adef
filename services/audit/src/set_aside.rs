//! `GET /api/audit/set-aside`: events that audit refused, which are therefore missing in the log.

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use contract::audit::{EventSetAside, EventsSetAside};
use contract::problems;
use database::{Connection, DatabaseError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use identity::{Caller, Role};
use messages::say;
use problem::{Json, Problem};
use uuid::Uuid;

use crate::log::Log;

/// The events that services have set aside, of every service and election. For superadmins.
#[utoipa::path(get, path = "/api/audit/set-aside", tag = "audit", security(("bearer" = ["superadmin"])),
    responses(
        (status = 200, description = "What is missing, the oldest first", body = EventsSetAside),
    ))]
pub(crate) async fn list(caller: Caller, log: Data<Log>) -> Result<Json<EventsSetAside>, Problem> {
    if caller.role != Role::Superadmin {
        return Err(Problem::new(problems::FORBIDDEN, say!(audit_superadmins_only)));
    }
    let mut connection = log.database().connection().await?;
    let rows: Vec<Row> =
        diesel::sql_query("SELECT * FROM events_set_aside()").load(&mut connection).await.map_err(DatabaseError::from)?;
    Ok(Json(EventsSetAside { items: rows.into_iter().map(EventSetAside::from).collect() }))
}

/// How many there are.
pub(crate) async fn count(connection: &mut Connection) -> QueryResult<i64> {
    let row: Count = diesel::sql_query("SELECT count(*) AS count FROM events_set_aside()").get_result(connection).await?;
    Ok(row.count)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    event_id: Uuid,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    election_id: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    set_aside_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
}

impl From<Row> for EventSetAside {
    fn from(row: Row) -> Self {
        let Row { event_id, source, election_id, made_at, set_aside_at, attempts, reason } = row;
        Self { event_id, source, election_id, made_at, set_aside_at, attempts, reason: reason.unwrap_or_default() }
    }
}
