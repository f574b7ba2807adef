//! What the database holds of a counted election. It is read as it is and believed nowhere: `integrity` checks it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contract::elections::{Amendment, Turnout};
use database::{Connection, DatabaseError, Word};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Bytea, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::election::{Status, TallyState};

use crate::schema::{candidates, chain_heads, elections, votes};

/// Where an election stands: all that a request needs.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
pub(crate) struct Place {
    pub(crate) admin_id: i64,
    pub(crate) status: Word<Status>,
    pub(crate) results_published_at: Option<DateTime<Utc>>,
    /// Both only while the count has stopped: in which step, and why.
    pub(crate) tally_failed_in: Option<Word<TallyState>>,
    pub(crate) tally_error: Option<String>,
}

/// An election as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
pub(crate) struct Election {
    pub(crate) election_id: i64,
    pub(crate) title: String,
    pub(crate) status: Word<Status>,
    pub(crate) manifest: Option<Vec<u8>>,
    pub(crate) manifest_hash: Option<Vec<u8>>,
    pub(crate) box_count: Option<i64>,
    pub(crate) box_hash: Option<Vec<u8>>,
    pub(crate) spent_count: Option<i64>,
    pub(crate) spent_hash: Option<Vec<u8>>,
    pub(crate) roll_count: Option<i64>,
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
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) plaintext: Option<Vec<u8>>,
    pub(crate) reason: Option<String>,
}

#[derive(QueryableByName)]
struct Announced {
    #[diesel(sql_type = Text)]
    amendments: String,
}

/// What the roll and the links say now, computed from their rows. Nobody is named in it.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Participation {
    #[diesel(sql_type = BigInt)]
    pub(crate) spent_count: i64,
    #[diesel(sql_type = Bytea)]
    pub(crate) spent_hash: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    pub(crate) roll_count: i64,
}

#[derive(QueryableByName)]
struct TurnoutRow {
    #[diesel(sql_type = BigInt)]
    roll: i64,
    #[diesel(sql_type = BigInt)]
    voted: i64,
}

#[derive(QueryableByName)]
struct Clock {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// The end of the chain, as it is stored.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Head {
    pub(crate) position: i64,
    pub(crate) hash: Vec<u8>,
    /// Set when recorded ballots were missing from the open box; a resumption clears it.
    pub(crate) halted_at: Option<DateTime<Utc>>,
}

/// All that a result is made of, but for the ballots.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) election: Election,
    pub(crate) head: Option<Head>,
    pub(crate) photos: HashMap<i64, String>,
    pub(crate) turnout: Turnout,
    /// Nothing when the box is not sealed.
    pub(crate) participation: Option<Participation>,
    pub(crate) amendments: Vec<Amendment>,
    /// The database's clock, in whole seconds.
    pub(crate) now: DateTime<Utc>,
}

/// Where an election stands, if there is one.
pub(crate) async fn find(connection: &mut Connection, election_id: i64) -> Result<Option<Place>, DatabaseError> {
    Ok(elections::table.find(election_id).select(Place::as_select()).first(connection).await.optional()?)
}

/// How many may vote and how many have.
pub(crate) async fn turnout(connection: &mut Connection, election_id: i64) -> Result<Turnout, DatabaseError> {
    let asked = diesel::sql_query("SELECT roll, voted FROM turnout($1)").bind::<BigInt, _>(election_id);
    let TurnoutRow { roll, voted } = asked.get_result(connection).await?;
    Ok(Turnout { roll, voted })
}

impl Frame {
    /// Reads it, if there is such an election. Nothing of a published election changes any more but by tampering, so it need not be
    /// one snapshot with the ballots: a transaction that is open for long would keep dead rows alive.
    pub(crate) async fn load(connection: &mut Connection, election_id: i64) -> Result<Option<Self>, DatabaseError> {
        let election = elections::table.find(election_id).select(Election::as_select()).first(connection).await.optional()?;
        let Some(election) = election else { return Ok(None) };
        let head = (chain_heads::last_position, chain_heads::last_hash, chain_heads::halted_at);
        let head = chain_heads::table.find(election_id).select(head);
        let head = head.first(connection).await.optional()?;
        let photos: Vec<(i64, Option<String>)> = candidates::table
            .filter(candidates::election_id.eq(election_id))
            .select((candidates::candidate_id, candidates::photo_url))
            .load(connection)
            .await?;
        let photos = photos.into_iter().filter_map(|(candidate, photo)| Some((candidate, photo?))).collect();
        let turnout = turnout(connection, election_id).await?;
        let asked = diesel::sql_query("SELECT spent_count, spent_hash, roll_count FROM participation($1)");
        let participation = asked.bind::<BigInt, _>(election_id).get_result(connection).await.optional()?;
        let asked = diesel::sql_query("SELECT amendments_of($1) AS amendments").bind::<BigInt, _>(election_id);
        let Announced { amendments } = asked.get_result(connection).await?;
        let unreadable = |cause| DatabaseError::Query(diesel::result::Error::DeserializationError(Box::new(cause)));
        let amendments = serde_json::from_str(&amendments).map_err(unreadable)?;
        let asked = diesel::sql_query("SELECT date_trunc('second', clock_timestamp()) AS now");
        let Clock { now } = asked.get_result(connection).await?;
        Ok(Some(Self { election, head, photos, turnout, participation, amendments, now }))
    }
}

/// A digest of the box or of an opened ballot, with both sides of it.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) digest: Vec<u8>,
    pub(crate) in_box: bool,
    pub(crate) opened: Option<Opened>,
}

#[derive(QueryableByName)]
struct PairRow {
    #[diesel(sql_type = Bytea)]
    digest: Vec<u8>,
    #[diesel(sql_type = Bool)]
    in_box: bool,
    #[diesel(sql_type = Bool)]
    is_opened: bool,
    #[diesel(sql_type = Nullable<Bytea>)]
    plaintext: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
}

/// The next ballots of a box behind a position, in the order of the chain.
pub(crate) async fn votes_after(
    connection: &mut Connection,
    election_id: i64,
    position: i64,
    limit: i64,
) -> Result<Vec<Vote>, DatabaseError> {
    let behind = votes::table.filter(votes::election_id.eq(election_id)).filter(votes::position.gt(position));
    Ok(behind.order(votes::position).limit(limit).select(Vote::as_select()).load(connection).await?)
}

/// The next digests behind one, in ascending order, of the box and of the opened ballots together. What belongs together is
/// found in one page: whatever is among the first of both is among the first of each.
pub(crate) async fn pairs_after(
    connection: &mut Connection,
    election_id: i64,
    digest: &[u8],
    limit: i64,
) -> Result<Vec<Pair>, DatabaseError> {
    let asked = diesel::sql_query(
        "SELECT digest, v.digest IS NOT NULL AS in_box, o.digest IS NOT NULL AS is_opened, o.plaintext, o.reason \
         FROM (SELECT digest FROM votes WHERE election_id = $1 AND digest > $2 ORDER BY digest LIMIT $3) v \
         FULL JOIN (SELECT digest, plaintext, reason FROM opened_ballots \
                    WHERE election_id = $1 AND digest > $2 ORDER BY digest LIMIT $3) o USING (digest) \
         ORDER BY digest LIMIT $3",
    );
    let asked = asked.bind::<BigInt, _>(election_id).bind::<Bytea, _>(digest).bind::<BigInt, _>(limit);
    let rows: Vec<PairRow> = asked.load(connection).await?;
    let pair = |PairRow { digest, in_box, is_opened, plaintext, reason }| Pair {
        digest,
        in_box,
        opened: is_opened.then_some(Opened { plaintext, reason }),
    };
    Ok(rows.into_iter().map(pair).collect())
}
