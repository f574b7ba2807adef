//! What `voting_service` may touch: some columns of three tables, and the functions that are the only way to links and ballots.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz};
use diesel::{QueryResult, define_sql_function, table};

table! {
    /// The columns granted to voting.
    elections (election_id) {
        election_id -> BigInt,
        title -> Text,
        description -> Nullable<Text>,
        status -> Text,
        opens_at -> Nullable<Timestamptz>,
        closes_at -> Nullable<Timestamptz>,
        locale -> Text,
        timezone -> Text,
        results_published_at -> Nullable<Timestamptz>,
    }
}

table! {
    /// Whether a box is open, in its grace, or sealed. Everything else about it is known to functions only.
    chain_heads (election_id) {
        election_id -> BigInt,
        state -> Text,
    }
}

table! {
    /// What activation has fixed.
    manifests (election_id) {
        election_id -> BigInt,
        bytes -> Binary,
    }
}

diesel::joinable!(manifests -> elections (election_id));
diesel::allow_tables_to_appear_in_same_query!(elections, manifests);

table! {
    /// What a ballot shows beside the names that the manifest fixes.
    candidates (candidate_id) {
        candidate_id -> BigInt,
        election_id -> BigInt,
        party -> Nullable<Text>,
        description -> Nullable<Text>,
        vision -> Nullable<Text>,
        programme -> Nullable<Text>,
        link -> Nullable<Text>,
        photo_url -> Nullable<Text>,
        thumbnail_url -> Nullable<Text>,
        programme_file_url -> Nullable<Text>,
    }
}

table! {
    /// Stamp keys, wrapped; the row is deleted when the box is sealed.
    election_keys (election_id, purpose) {
        election_id -> BigInt,
        purpose -> Text,
        private_wrapped -> Binary,
    }
}

// As SQL functions of diesel's, not `sql_query`, they are prepared once per connection.
define_sql_function! {
    /// The amendments of an election, as JSON.
    fn amendments_of(election: BigInt) -> Text;
}

define_sql_function! {
    /// Whether this ballot is in this election's box.
    fn find_ballot(election: BigInt, digest: Binary) -> Bool;
}

/// `record_ballots`: up to 256 ballots of one election, and what this process has seen of its chain.
#[derive(QueryId)]
pub(crate) struct RecordBallots {
    pub(crate) election_id: i64,
    pub(crate) digests: Vec<Vec<u8>>,
    pub(crate) sealed: Vec<Vec<u8>>,
    pub(crate) prefixes: Vec<Vec<u8>>,
    pub(crate) stamps: Vec<Vec<u8>>,
    pub(crate) links: Vec<Option<Vec<u8>>>,
    pub(crate) seen_position: Option<i64>,
    pub(crate) seen_hash: Option<Vec<u8>>,
    pub(crate) seen_resumption: Option<i64>,
    pub(crate) seen_halted: bool,
}

impl Query for RecordBallots {
    type SqlType = (Array<Text>, Nullable<BigInt>, Nullable<Binary>, Nullable<BigInt>);
}

impl QueryFragment<Pg> for RecordBallots {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT outcomes, head_position, head_hash, resumption FROM record_ballots(");
        out.push_bind_param::<BigInt, _>(&self.election_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.digests)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.sealed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.prefixes)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.stamps)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Binary>>, _>(&self.links)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.seen_position)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Binary>, _>(&self.seen_hash)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.seen_resumption)?;
        out.push_sql(", ");
        out.push_bind_param::<Bool, _>(&self.seen_halted)?;
        out.push_sql(")");
        Ok(())
    }
}

/// `halted_elections`: those with the mark, and the state of those that the caller has seen halted.
#[derive(QueryId)]
pub(crate) struct HaltedElections(pub(crate) Vec<i64>);

impl Query for HaltedElections {
    type SqlType = (BigInt, Bool, BigInt);
}

impl QueryFragment<Pg> for HaltedElections {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT election_id, marked, resumption FROM halted_elections(");
        out.push_bind_param::<Array<BigInt>, _>(&self.0)?;
        out.push_sql(") ORDER BY election_id");
        Ok(())
    }
}

/// `look_up_token`: a function that gives a row, for which diesel has no syntax; as a fragment it is prepared once as well.
#[derive(QueryId)]
pub(crate) struct LookUpToken {
    pub(crate) election_id: i64,
    pub(crate) hash: Vec<u8>,
}

impl Query for LookUpToken {
    type SqlType = (
        BigInt,
        Text,
        Text,
        Text,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Timestamptz,
        Bool,
        Bool,
        Text,
        Nullable<Binary>,
        Timestamptz,
        Binary,
        Bool,
    );
}

impl QueryFragment<Pg> for LookUpToken {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT election_id, title, status, profile, opens_at, closes_at, expires_at, is_used, revoked, email_hint, \
             manifest_hash, now, spend_id, halted FROM look_up_token(",
        );
        out.push_bind_param::<BigInt, _>(&self.election_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, _>(&self.hash)?;
        out.push_sql(")");
        Ok(())
    }
}

/// `find_receipt`: the ballot whose digest lies between two that agree in their first ten bytes.
#[derive(QueryId)]
pub(crate) struct FindReceipt {
    pub(crate) low: Vec<u8>,
    pub(crate) high: Vec<u8>,
}

impl Query for FindReceipt {
    type SqlType = (BigInt, Binary, Bool);
}

impl QueryFragment<Pg> for FindReceipt {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT election_id, digest, sealed_box FROM find_receipt(");
        out.push_bind_param::<Binary, _>(&self.low)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, _>(&self.high)?;
        out.push_sql(")");
        Ok(())
    }
}
