//! Reads what the database has about a counted election. Nothing is trusted here: `integrity` checks it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contract::elections::{Amendment, Turnout};
use crypto::{Digest, spent};
use database::{Connection, DatabaseError, TextColumn};
use diesel::dsl as sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use domain::election::{Status, TallyState};
use serde::Deserialize;

use crate::schema::{box_commitments, candidates, chain_heads, elections, manifests, tallies, tally_signatures, votes};

/// Where an election stands: all that a request needs.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
pub(crate) struct ElectionState {
    pub(crate) admin_id: i64,
    pub(crate) status: TextColumn<Status>,
    pub(crate) results_published_at: Option<DateTime<Utc>>,
    /// Both only while the count has stopped: in which step, and why.
    #[diesel(select_expression = tallies::failed_in.nullable(), select_expression_type = sql::Nullable<tallies::failed_in>)]
    pub(crate) tally_failed_in: Option<TextColumn<TallyState>>,
    #[diesel(select_expression = tallies::error.nullable(), select_expression_type = sql::Nullable<tallies::error>)]
    pub(crate) tally_error: Option<String>,
}

/// An election as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = elections, check_for_backend(Pg))]
pub(crate) struct Election {
    pub(crate) election_id: i64,
    pub(crate) title: String,
    pub(crate) timezone: String,
    pub(crate) status: TextColumn<Status>,
    #[diesel(select_expression = manifests::bytes.nullable(), select_expression_type = sql::Nullable<manifests::bytes>)]
    pub(crate) manifest: Option<Vec<u8>>,
    #[diesel(select_expression = manifests::hash.nullable(), select_expression_type = sql::Nullable<manifests::hash>)]
    pub(crate) manifest_hash: Option<Vec<u8>>,
    #[diesel(embed)]
    pub(crate) commitment: Option<Commitment>,
}

/// What was committed to when the box was sealed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = box_commitments, check_for_backend(Pg))]
pub(crate) struct Commitment {
    pub(crate) box_count: i64,
    pub(crate) box_hash: Vec<u8>,
    pub(crate) spent_count: i64,
    pub(crate) spent_hash: Vec<u8>,
    pub(crate) roll_count: i64,
    pub(crate) withdrawn_hash: Vec<u8>,
    pub(crate) halts: i64,
    pub(crate) resumptions: i64,
}

/// What the installation signed, as it is stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signatures {
    pub(crate) of_box: Option<Vec<u8>>,
    pub(crate) of_recording: Option<Vec<u8>>,
    pub(crate) of_decryption: Option<Vec<u8>>,
}

impl Signatures {
    async fn load(connection: &mut Connection, election_id: i64) -> Result<Self, DatabaseError> {
        let of_election = tally_signatures::table.filter(tally_signatures::election_id.eq(election_id));
        let stored: Vec<(String, Vec<u8>)> =
            of_election.select((tally_signatures::statement, tally_signatures::signature)).load(connection).await?;
        let of = |statement: &str| stored.iter().find(|(name, _)| name == statement).map(|(_, signature)| signature.clone());
        Ok(Self { of_box: of("box"), of_recording: of("recording"), of_decryption: of("decryption") })
    }
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
pub(crate) struct Decrypted {
    pub(crate) plaintext: Option<Vec<u8>>,
    pub(crate) reason: Option<String>,
}

#[derive(QueryableByName)]
struct Announced {
    #[diesel(sql_type = BigInt)]
    amendment_id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    details: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

/// What stands beside the members that every amendment has.
#[derive(Deserialize)]
struct Details {
    voters: Option<i64>,
    previous_closes_at: Option<DateTime<Utc>>,
    closes_at: Option<DateTime<Utc>>,
    candidate_id: Option<i64>,
    candidate: Option<String>,
}

/// What the roll and the links say now, computed here from their rows. Nobody is named in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Participation {
    pub(crate) spent_count: u64,
    pub(crate) spent_hash: Digest,
    pub(crate) roll_count: i64,
}

#[derive(QueryableByName)]
struct Leaves {
    #[diesel(sql_type = Bool)]
    are_plain_tables: bool,
}

#[derive(QueryableByName)]
struct SpendId {
    #[diesel(sql_type = Bytea)]
    spend_id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Roll {
    #[diesel(sql_type = BigInt)]
    voters: i64,
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
    /// How often that was.
    pub(crate) halts: i64,
}

/// All that a result is made of, but for the ballots.
#[derive(Debug, Clone)]
pub(crate) struct StoredElection {
    pub(crate) election: Election,
    pub(crate) signatures: Signatures,
    pub(crate) head: Option<Head>,
    pub(crate) photos: HashMap<i64, String>,
    pub(crate) turnout: Turnout,
    pub(crate) participation: Result<Participation, String>,
    pub(crate) amendments: Vec<Amendment>,
    /// The database's clock, in whole seconds.
    pub(crate) now: DateTime<Utc>,
}

/// Where an election stands, if there is one.
pub(crate) async fn find(connection: &mut Connection, election_id: i64) -> Result<Option<ElectionState>, DatabaseError> {
    let found = elections::table.left_join(tallies::table).filter(elections::election_id.eq(election_id));
    Ok(found.select(ElectionState::as_select()).first(connection).await.optional()?)
}

/// How many may vote and how many have.
pub(crate) async fn turnout(connection: &mut Connection, election_id: i64) -> Result<Turnout, DatabaseError> {
    let asked = diesel::sql_query("SELECT roll, voted FROM turnout($1)").bind::<BigInt, _>(election_id);
    let TurnoutRow { roll, voted } = asked.get_result(connection).await?;
    Ok(Turnout { roll, voted })
}

impl StoredElection {
    /// Reads it, if there is such an election. Nothing of a published election changes any more but by tampering, so it need not be
    /// one snapshot with the ballots: a transaction that is open for long would keep dead rows alive.
    pub(crate) async fn load(connection: &mut Connection, election_id: i64) -> Result<Option<Self>, DatabaseError> {
        let found = elections::table.left_join(manifests::table).left_join(box_commitments::table);
        let found = found.filter(elections::election_id.eq(election_id)).select(Election::as_select());
        let Some(election) = found.first(connection).await.optional()? else { return Ok(None) };
        let signatures = Signatures::load(connection, election_id).await?;
        let head = (chain_heads::last_position, chain_heads::last_hash, chain_heads::halted_at, chain_heads::halts);
        let head = chain_heads::table.find(election_id).select(head);
        let head = head.first(connection).await.optional()?;
        let photos: Vec<(i64, Option<String>)> = candidates::table
            .filter(candidates::election_id.eq(election_id))
            .select((candidates::candidate_id, candidates::photo_url))
            .load(connection)
            .await?;
        let photos = photos.into_iter().filter_map(|(candidate, photo)| Some((candidate, photo?))).collect();
        let of = |commitment: &Commitment| Turnout { roll: commitment.roll_count, voted: commitment.spent_count };
        let turnout = election.commitment.as_ref().map(of).unwrap_or_default();
        let participation = match election.commitment {
            Some(_) => participation(connection, election_id).await?,
            None => Err("the box is not sealed, so there is no spent list".to_owned()),
        };
        let amendments = amendments(connection, election_id).await?;
        let asked = diesel::sql_query("SELECT date_trunc('second', clock_timestamp()) AS now");
        let Clock { now } = asked.get_result(connection).await?;
        Ok(Some(Self { election, signatures, head, photos, turnout, participation, amendments, now }))
    }
}

/// The roll and the used rights as the rows are now. It is computed here and not by a function of the database: the owner of the
/// database could replace such a function by one that returns the commitment. The rows are read directly from the partitions of the
/// election. It is an error if a view or another object stands in their place, or if row security hides rows. This role gets the
/// right to read them when the box is sealed, not before (`show_participation`).
async fn participation(connection: &mut Connection, election_id: i64) -> Result<Result<Participation, String>, DatabaseError> {
    let asked = diesel::sql_query(
        "SELECT pg_catalog.count(*) = 2 AS are_plain_tables FROM pg_catalog.pg_class c \
         WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1) AND c.relkind = 'r' AND NOT c.relrowsecurity",
    );
    let (voters, links) = (format!("voters_{election_id}"), format!("voting_tokens_{election_id}"));
    let Leaves { are_plain_tables } = asked.bind::<Array<Text>, _>(vec![&voters, &links]).get_result(connection).await?;
    if !are_plain_tables {
        return Ok(Err("the roll and the links of this election are not where they belong".to_owned()));
    }
    let asked = diesel::sql_query(format!("SELECT spend_id FROM public.{links} WHERE is_used"));
    let spent: Vec<SpendId> = asked.load(connection).await?;
    let Roll { voters } =
        diesel::sql_query(format!("SELECT pg_catalog.count(*) AS voters FROM public.{voters} WHERE NOT deleted"))
            .get_result(connection)
            .await?;
    let entry = |id: &SpendId| Some(spent::entry(election_id, &id.spend_id.as_slice().try_into().ok()?));
    let Some(entries) = spent.iter().map(entry).collect::<Option<Vec<Digest>>>() else {
        return Ok(Err("the code of a used right has another width".to_owned()));
    };
    let spent_count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    Ok(Ok(Participation { spent_count, spent_hash: spent::list_hash(entries), roll_count: voters }))
}

/// The amendments, oldest first. Read from the table and not through a function, for the same reason as [`participation`].
async fn amendments(connection: &mut Connection, election_id: i64) -> Result<Vec<Amendment>, DatabaseError> {
    let asked = diesel::sql_query(
        "SELECT amendment_id, kind, reason, details::pg_catalog.text AS details, created_at FROM public.amendments \
         WHERE election_id = $1 ORDER BY amendment_id",
    );
    let announced: Vec<Announced> = asked.bind::<BigInt, _>(election_id).load(connection).await?;
    let read = |Announced { amendment_id, kind, reason, details, created_at }: Announced| {
        let unreadable = |cause| DatabaseError::Query(diesel::result::Error::DeserializationError(Box::new(cause)));
        let Details { voters, previous_closes_at, closes_at, candidate_id, candidate } =
            serde_json::from_str(&details).map_err(unreadable)?;
        Ok(Amendment { amendment_id, kind, reason, voters, previous_closes_at, closes_at, candidate_id, candidate, created_at })
    };
    announced.into_iter().map(read).collect()
}

/// A digest of the box or of a decrypted ballot, with both sides of it.
#[derive(Debug, Clone)]
pub(crate) struct BallotByDigest {
    pub(crate) digest: Vec<u8>,
    pub(crate) in_box: bool,
    pub(crate) decrypted: Option<Decrypted>,
}

#[derive(QueryableByName)]
struct BallotByDigestRow {
    #[diesel(sql_type = Bytea)]
    digest: Vec<u8>,
    #[diesel(sql_type = Bool)]
    in_box: bool,
    #[diesel(sql_type = Bool)]
    is_decrypted: bool,
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

/// The next digests behind one, in ascending order, of the box and of the decrypted ballots together. What belongs together is
/// found in one page: whatever is among the first of both is among the first of each.
pub(crate) async fn ballots_by_digest_after(
    connection: &mut Connection,
    election_id: i64,
    digest: &[u8],
    limit: i64,
) -> Result<Vec<BallotByDigest>, DatabaseError> {
    let asked = diesel::sql_query(
        "SELECT digest, v.digest IS NOT NULL AS in_box, o.digest IS NOT NULL AS is_decrypted, o.plaintext, o.reason \
         FROM (SELECT digest FROM votes WHERE election_id = $1 AND digest > $2 ORDER BY digest LIMIT $3) v \
         FULL JOIN (SELECT digest, plaintext, reason FROM decrypted_ballots \
                    WHERE election_id = $1 AND digest > $2 ORDER BY digest LIMIT $3) o USING (digest) \
         ORDER BY digest LIMIT $3",
    );
    let asked = asked.bind::<BigInt, _>(election_id).bind::<Bytea, _>(digest).bind::<BigInt, _>(limit);
    let rows: Vec<BallotByDigestRow> = asked.load(connection).await?;
    let pair = |BallotByDigestRow { digest, in_box, is_decrypted, plaintext, reason }| BallotByDigest {
        digest,
        in_box,
        decrypted: is_decrypted.then_some(Decrypted { plaintext, reason }),
    };
    Ok(rows.into_iter().map(pair).collect())
}
