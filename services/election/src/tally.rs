//! How far the closing of an election is, for its admin to watch.

use actix_web::web;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use contract::elections::{SealedBox, Tally};
use database::DatabaseError;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::Caller;
use problem::{Json, Problem};

use crate::State;
use crate::elections::visible;
use crate::schema::{chain_heads, elections};

#[derive(Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
struct TallyRow {
    tally_state: Option<String>,
    tally_failed_in: Option<String>,
    tally_error: Option<String>,
    tally_done: i64,
    tally_total: i64,
    grace_ends_at: Option<DateTime<Utc>>,
    stamps_given: Option<i64>,
    box_count: Option<i64>,
    box_hash: Option<Vec<u8>>,
    box_signature: Option<Vec<u8>>,
    box_sealed_at: Option<DateTime<Utc>>,
}

impl TallyRow {
    /// All of it, or nothing: commitment and signature are written in one transaction.
    fn sealed_box(&self) -> Option<SealedBox> {
        Some(SealedBox {
            count: self.box_count?,
            hash: hex::encode(self.box_hash.as_ref()?),
            signature: STANDARD.encode(self.box_signature.as_ref()?),
            sealed_at: self.box_sealed_at?,
        })
    }
}

/// How far the closing is: state, progress, box commitment.
#[utoipa::path(
    get, path = "/api/elections/{id}/tally", tag = "elections", security(("bearer" = [])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "State and progress", body = Tally),
        (status = 401, description = "Not logged in", body = contract::problems::Body, content_type = "application/problem+json"),
        (status = 404, description = "No such election, or another admin's", body = contract::problems::Body, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Tally>, Problem> {
    let mut connection = state.database.connection().await?;
    let election = visible(&mut connection, &caller, *id).await?;
    let row: TallyRow =
        elections::table.find(*id).select(TallyRow::as_select()).first(&mut connection).await.map_err(DatabaseError::from)?;
    let ballots: Option<i64> = chain_heads::table
        .find(*id)
        .select(chain_heads::last_position)
        .first(&mut connection)
        .await
        .optional()
        .map_err(DatabaseError::from)?;
    let in_grace = row.tally_state.as_deref() == Some("grace");
    Ok(Json(Tally {
        election_id: election.election_id,
        done: row.tally_done,
        total: row.tally_total,
        grace_ends_at: row.grace_ends_at.filter(|_| in_grace),
        sealed_box: row.sealed_box(),
        stamps: row.stamps_given.unwrap_or(0),
        ballots: ballots.unwrap_or(0),
        tally_state: row.tally_state,
        failed_in: row.tally_failed_in,
        error: row.tally_error,
    }))
}
