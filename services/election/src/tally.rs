//! How far the closing of an election is, for its admin to watch.

use actix_web::web;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use contract::elections::{CountStopped, SealedBox, Tally};
use database::{DatabaseError, TextColumn};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::election::TallyState;
use identity::Caller;
use messages::Message;
use problem::{Json, Problem};

use crate::State;
use crate::elections::{turnout, visible};
use crate::schema::chain_heads;

#[derive(QueryableByName)]
struct TallyRow {
    #[diesel(sql_type = Nullable<Text>)]
    tally_state: Option<TextColumn<TallyState>>,
    #[diesel(sql_type = Nullable<Text>)]
    tally_failed_in: Option<TextColumn<TallyState>>,
    #[diesel(sql_type = Nullable<Text>)]
    tally_error: Option<String>,
    #[diesel(sql_type = BigInt)]
    done: i64,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    grace_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    stamps_given: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    box_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    box_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    spent_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    spent_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    roll_count: Option<i64>,
    #[diesel(sql_type = Nullable<Bytea>)]
    withdrawn_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Bytea>)]
    box_signature: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    box_sealed_at: Option<DateTime<Utc>>,
}

impl TallyRow {
    /// All of it, or nothing: commitment and signature are written in one transaction.
    fn sealed_box(&self) -> Option<SealedBox> {
        Some(SealedBox {
            count: self.box_count?,
            hash: hex::encode(self.box_hash.as_ref()?),
            spent_count: self.spent_count?,
            spent_hash: hex::encode(self.spent_hash.as_ref()?),
            roll_count: self.roll_count?,
            withdrawn_hash: hex::encode(self.withdrawn_hash.as_ref()?),
            signature: STANDARD.encode(self.box_signature.as_ref()?),
            sealed_at: self.box_sealed_at?,
        })
    }
}

/// Why the count has stopped, if it has: both columns are filled together and emptied together.
pub(crate) fn count_stopped(step: Option<TextColumn<TallyState>>, reason: Option<&str>) -> Option<CountStopped> {
    Some(CountStopped::new(step?.as_str(), Message::stored(reason?)))
}

/// How far the closing is: state, progress, box commitment.
#[utoipa::path(
    get, path = "/api/elections/{id}/tally", tag = "elections", security(("bearer" = ["owner"]), ("bearer" = ["superadmin"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "State and progress", body = Tally),
    )
)]
pub(crate) async fn show(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Tally>, Problem> {
    let mut connection = state.database.connection().await?;
    let election = visible(&mut connection, &caller, *id).await?;
    let row: TallyRow = diesel::sql_query(
        "SELECT t.state AS tally_state, t.failed_in AS tally_failed_in, t.error AS tally_error, coalesce(t.done, 0) AS done, \
         coalesce(t.total, 0) AS total, t.grace_ends_at, t.stamps_given, c.box_count, c.box_hash, c.spent_count, c.spent_hash, \
         c.roll_count, c.withdrawn_hash, s.signature AS box_signature, c.sealed_at AS box_sealed_at \
         FROM elections e LEFT JOIN tallies t ON t.election_id = e.election_id \
         LEFT JOIN box_commitments c ON c.election_id = e.election_id \
         LEFT JOIN tally_signatures s ON s.election_id = e.election_id AND s.statement = 'box' WHERE e.election_id = $1",
    )
    .bind::<BigInt, _>(*id)
    .get_result(&mut connection)
    .await
    .map_err(DatabaseError::from)?;
    // While ballots come in, their number is the turnout, and is shown as that one is.
    let ballots: Option<i64> = match row.tally_state {
        None => Some(turnout(&mut connection, *id).await?.voted),
        Some(_) => chain_heads::table
            .find(*id)
            .select(chain_heads::last_position)
            .first(&mut connection)
            .await
            .optional()
            .map_err(DatabaseError::from)?,
    };
    let stopped = count_stopped(row.tally_failed_in, row.tally_error.as_deref());
    let in_grace = row.tally_state == Some(TextColumn(TallyState::Grace));
    Ok(Json(Tally {
        election_id: election.election_id,
        done: row.done,
        total: row.total,
        grace_ends_at: row.grace_ends_at.filter(|_| in_grace),
        sealed_box: row.sealed_box(),
        stamps: row.stamps_given.unwrap_or(0),
        ballots: ballots.unwrap_or(0),
        tally_state: row.tally_state.map(|state| state.to_string()),
        next: stopped.as_ref().map(|stopped| stopped.next.clone()),
        failed_in: row.tally_failed_in.map(|step| step.to_string()),
        error: stopped.as_ref().map(|stopped| stopped.reason.clone()),
        error_code: stopped.as_ref().map(|stopped| stopped.code.clone()),
        error_params: stopped.map(|stopped| stopped.params),
    }))
}
