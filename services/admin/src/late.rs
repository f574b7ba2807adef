//! Late voters: voters who are added after voting has opened. The roll is closed then, so each addition is an amendment with a
//! reason that every voter of the election can read. The database function `add_late_voters` writes both together.

use database::{Connection, Failed};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use domain::roll::Entry;
use messages::{Says as _, say};
use problem::Problem;

use crate::refusals::refused;

#[derive(QueryableByName)]
struct Added {
    #[diesel(sql_type = BigInt)]
    voter_id: i64,
}

/// The reason of a request that needs one.
pub(crate) fn reason(text: Option<&str>) -> Result<Reason, Problem> {
    Reason::parse(text.unwrap_or_default())
        .map_err(|why| Problem::field("reason", say!(late_reason_refused, why = why.message())))
}

/// Adds them, and announces how many and why. Returns the ids of those who were not on the roll yet.
pub(crate) async fn add(
    connection: &mut Connection,
    election_id: i64,
    reason: &Reason,
    entries: &[&Entry],
) -> Result<Vec<i64>, Failed<Problem>> {
    let column = |field: fn(&Entry) -> Option<&str>| entries.iter().map(|entry| field(entry)).collect::<Vec<_>>();
    let added: Vec<Added> = diesel::sql_query("SELECT add_late_voters($1, $2, $3, $4, $5, $6, $7) AS voter_id")
        .bind::<BigInt, _>(election_id)
        .bind::<Text, _>(reason.as_str())
        .bind::<Array<Nullable<Text>>, _>(column(|entry| Some(entry.email.as_str())))
        .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.first_name.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.last_name.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.student_id.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(|entry| entry.cohort.as_deref()))
        .load(connection)
        .await
        .map_err(refused)?;
    Ok(added.into_iter().map(|row| row.voter_id).collect())
}
