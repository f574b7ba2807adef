//! What the database holds of a counted election. It is read as it is and believed nowhere: `integrity` checks it.

use std::collections::HashMap;

use contract::elections::{Amendment, Turnout};
use database::{Connection, DatabaseError, Failed};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;

use crate::State;
use crate::schema::{candidates, chain_heads, elections, opened_ballots, votes};

/// An election as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
pub(crate) struct Election {
    pub(crate) election_id: i64,
    pub(crate) admin_id: i64,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) results_published_at: Option<chrono::DateTime<chrono::Utc>>,
    pub(crate) manifest: Option<Vec<u8>>,
    pub(crate) manifest_hash: Option<Vec<u8>>,
    pub(crate) box_count: Option<i64>,
    pub(crate) box_hash: Option<Vec<u8>>,
    pub(crate) box_signature: Option<Vec<u8>>,
    pub(crate) opened_signature: Option<Vec<u8>>,
}

/// A recorded ballot.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = votes, check_for_backend(Pg))]
pub(crate) struct Vote {
    pub(crate) position: i64,
    pub(crate) digest: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
    pub(crate) prefix: Vec<u8>,
    pub(crate) stamp: Vec<u8>,
    pub(crate) previous_hash: Vec<u8>,
    pub(crate) chain_hash: Vec<u8>,
}

/// What a ballot turned out to be.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Opened {
    pub(crate) digest: Vec<u8>,
    pub(crate) plaintext: Option<Vec<u8>>,
    pub(crate) reason: Option<String>,
}

#[derive(QueryableByName)]
struct Announced {
    #[diesel(sql_type = Text)]
    amendments: String,
}

#[derive(QueryableByName)]
struct TurnoutRow {
    #[diesel(sql_type = BigInt)]
    roll: i64,
    #[diesel(sql_type = BigInt)]
    voted: i64,
}

/// All that a result is made of.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) election: Election,
    pub(crate) head: Option<(i64, Vec<u8>)>,
    pub(crate) votes: Vec<Vote>,
    pub(crate) opened: Vec<Opened>,
    pub(crate) photos: HashMap<i64, String>,
    pub(crate) turnout: Turnout,
    pub(crate) amendments: Vec<Amendment>,
}

/// The election, if there is one.
pub(crate) async fn find(connection: &mut Connection, election_id: i64) -> Result<Option<Election>, DatabaseError> {
    Ok(elections::table.find(election_id).select(Election::as_select()).first(connection).await.optional()?)
}

/// How many may vote and how many have.
pub(crate) async fn turnout(connection: &mut Connection, election_id: i64) -> Result<Turnout, DatabaseError> {
    let asked = diesel::sql_query("SELECT roll, voted FROM turnout($1)").bind::<BigInt, _>(election_id);
    let TurnoutRow { roll, voted } = asked.get_result(connection).await?;
    Ok(Turnout { roll, voted })
}

impl Stored {
    /// Reads everything in one snapshot, so that no part is of another moment than the others.
    pub(crate) async fn load(state: &State, election: Election) -> Result<Self, DatabaseError> {
        let loaded = state.database.transaction("read a box", async move |connection| {
            diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(connection).await?;
            let id = election.election_id;
            let head = chain_heads::table.find(id).select((chain_heads::last_position, chain_heads::last_hash));
            let head = head.first(connection).await.optional()?;
            let votes = votes::table.filter(votes::election_id.eq(id)).order(votes::position).select(Vote::as_select());
            let votes = votes.load(connection).await?;
            let opened = opened_ballots::table
                .filter(opened_ballots::election_id.eq(id))
                .select((opened_ballots::digest, opened_ballots::plaintext, opened_ballots::reason))
                .load(connection)
                .await?;
            let photos: Vec<(i64, Option<String>)> = candidates::table
                .filter(candidates::election_id.eq(id))
                .select((candidates::candidate_id, candidates::photo_url))
                .load(connection)
                .await?;
            let photos = photos.into_iter().filter_map(|(candidate, photo)| Some((candidate, photo?))).collect();
            let turnout = turnout(connection, id).await?;
            let asked = diesel::sql_query("SELECT amendments_of($1) AS amendments").bind::<BigInt, _>(id);
            let Announced { amendments } = asked.get_result(connection).await?;
            let amendments =
                serde_json::from_str(&amendments).map_err(|cause| diesel::result::Error::DeserializationError(cause.into()))?;
            Ok(Self { election: election.clone(), head, votes, opened, photos, turnout, amendments })
        });
        loaded.await.map_err(|failed: Failed<std::convert::Infallible>| match failed {
            Failed::Database(error) => error,
            Failed::Refused(never) => match never {},
        })
    }
}
