//! Activation: the rules are checked, the keys are made, and everything a ballot depends on is fixed in the manifest (promise 7 of
//! ARCHITECTURE.md). Voting opens at once, or by itself at `opens_at` (`schedule`).
//!
//! Making keys takes seconds, so it happens before the transaction, which then asks the same rules again under the election's
//! lock. Candidates and contests are not locked: their triggers take the election FOR SHARE and so wait for this, or this for
//! them.

use std::sync::Arc;

use actix_web::web;
use chrono::{DateTime, Utc};
use contract::elections::Election;
use contract::events::AuditEventKind;
use counting::Limits;
use crypto::envelope::{self, Kek};
use crypto::{KeyRejected, RsaKeyPair, seal, stamp};
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::ballot::{MOST_CANDIDATES, fits_a_request};
use domain::contest::Standing;
use domain::election::{Action, ContestCheck, NotAllowed, Opening, Status, may_activate};
use identity::Caller;
use messages::{Message, Says, say};
use outbox::Audited;
use problem::{Json, Missing, Problem};

use crate::State;
use crate::elections::{ContestRow, Row, conflict, contests_of, reread, roll_is_empty, visible};
use crate::manifest::{Frozen, ManifestCandidate, freeze};
use crate::schema::{candidates, chain_heads, clock_timestamp, election_keys, elections, manifests};

/// Both key pairs of an election; the private halves never leave the thread that made them unencrypted.
struct Keys {
    seal: KeyRow,
    stamp: KeyRow,
}

#[derive(Clone, Insertable)]
#[diesel(table_name = election_keys)]
struct KeyRow {
    election_id: i64,
    purpose: &'static str,
    public_key: Vec<u8>,
    private_wrapped: Vec<u8>,
}

/// The contests and candidates of an election.
pub(crate) struct Ballot {
    contests: Vec<ContestRow>,
    candidates: Vec<ManifestCandidate>,
}

/// Fixes the rules: from here on nothing that a ballot depends on can be changed. Voting opens at once, or at `opens_at` if that
/// is still to come.
#[utoipa::path(
    post, path = "/api/elections/{id}/activate", tag = "elections", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "election_id")),
    responses(
        (status = 200, description = "The active or scheduled election; `warnings` says who has no link yet, and whether the roll is empty", body = Election),
        (status = 409, description = "The rule that is broken, such as: needs at least 2 candidates; nobody is on the roll"),
        (status = 503, description = "Too many keys are being made"),
    )
)]
pub(crate) async fn activate(state: web::Data<State>, caller: Caller, id: web::Path<i64>) -> Result<Json<Election>, Problem> {
    let election_id = *id;
    check_first(&state, &caller, election_id).await?;
    let keys = make_keys(&state, election_id).await?;
    let own = (caller.admin_id, election_id);
    let activated = state.change_own(
        "activate election",
        own,
        |row| row.allows(Action::Activate),
        async move |tx, row| {
            let connection = tx.connection();
            let ballot = Ballot::load(connection, election_id).await?;
            let begins = ballot.check(connection, &row).await?;
            let frozen = freeze(&row, &ballot.contests, &ballot.candidates, &keys.seal.public_key, &keys.stamp.public_key)
                .map_err(Failed::Refused)?;
            store(connection, election_id, &frozen, &keys, begins).await?;
            let manifest_hash = frozen.hash.to_hex();
            let contests = u32::try_from(ballot.contests.len()).unwrap_or(u32::MAX);
            let candidates = u32::try_from(ballot.candidates.len()).unwrap_or(u32::MAX);
            let kind = match begins {
                Opening::Now => AuditEventKind::ElectionActivated { manifest_hash, contests, candidates },
                Opening::At(opens_at) => AuditEventKind::ElectionScheduled { manifest_hash, contests, candidates, opens_at },
            };
            let event = caller.did(kind).to(election_id);
            Ok::<_, Failed<Problem>>(Audited::new(reread(connection, election_id).await?, event))
        },
    );
    Ok(Json(activated.await?))
}

/// Checks the rules before the keys are made, so that no time is spent on keys for an election that cannot be activated.
async fn check_first(state: &State, caller: &Caller, election_id: i64) -> Result<(), Problem> {
    let mut connection = state.database.connection().await?;
    let row = visible(&mut connection, caller, election_id).await?;
    if row.admin_id != caller.admin_id {
        return Err(Problem::not_found(Missing::Election));
    }
    Ballot::load(&mut connection, election_id).await?.check(&mut connection, &row).await?;
    Ok(())
}

impl Ballot {
    pub(crate) async fn load(connection: &mut Connection, election_id: i64) -> Result<Self, DatabaseError> {
        let contests = contests_of(connection, &[election_id]).await?;
        let candidates = candidates::table
            .filter(candidates::election_id.eq(election_id))
            .order((candidates::contest_id, candidates::display_order, candidates::candidate_id))
            .select(ManifestCandidate::as_select())
            .load(connection)
            .await?;
        Ok(Self { contests, candidates })
    }

    async fn check(&self, connection: &mut Connection, row: &Row) -> Result<Opening, Failed<Problem>> {
        let begins = self.may_activate(connection, row).await.map_err(Failed::Database)?;
        begins.map_err(|stops| {
            let first = stops.into_iter().next().unwrap_or_else(|| NotAllowed::AlreadyActivated.message());
            Failed::Refused(conflict(first))
        })
    }

    /// When voting would begin, or everything that keeps this election from being activated.
    pub(crate) async fn may_activate(
        &self,
        connection: &mut Connection,
        row: &Row,
    ) -> Result<Result<Opening, Vec<Message>>, DatabaseError> {
        let now: DateTime<Utc> = diesel::select(clock_timestamp()).get_result(connection).await?;
        let number =
            |contest: &ContestRow| self.candidates.iter().filter(|candidate| candidate.contest_id == contest.contest_id).count();
        let people = |contest: &ContestRow| {
            let of = self.candidates.iter().filter(|candidate| candidate.contest_id == contest.contest_id);
            u64::try_from(of.filter(|candidate| *candidate.standing != Standing::NoneOfTheAbove).count()).unwrap_or(u64::MAX)
        };
        let min = |contest: &ContestRow| match contest.rule.0.limits(number(contest)) {
            Limits::Marks { min, .. } => min,
            _ => 0,
        };
        let contests: Vec<ContestCheck<'_>> = self
            .contests
            .iter()
            .map(|contest| ContestCheck { title: &contest.title, candidates: people(contest), min: min(contest) })
            .collect();
        let empty = roll_is_empty(connection, row.election_id).await?;
        let begins = may_activate(row.life_cycle_state(), &contests, empty, (row.opens_at, row.closes_at), now);
        let begins = begins.map_err(|stops| stops.iter().map(Says::message).collect::<Vec<_>>());
        if fits_a_request(self.contests.iter().map(|contest| (&contest.rule.0, number(contest)))) {
            return Ok(begins);
        }
        let too_large = say!(ballot_too_large, most = MOST_CANDIDATES);
        Ok(Err(std::iter::once(too_large).chain(begins.err().unwrap_or_default()).collect()))
    }
}

async fn make_keys(state: &State, election_id: i64) -> Result<Keys, Problem> {
    let make = |purpose: &'static str, generate: fn() -> Result<RsaKeyPair, KeyRejected>, kek: Arc<Kek>, name: Vec<u8>| {
        state.slow.run(move || {
            let pair = generate()?;
            let private_wrapped = envelope::wrap(&kek, &name, &pair.private_pkcs8);
            Ok::<_, KeyRejected>(KeyRow { election_id, purpose, public_key: pair.public_spki, private_wrapped })
        })
    };
    let (seal, stamp) = futures_util::join!(
        make("seal", seal::generate, state.kek_seal.clone(), envelope::seal_key_purpose(election_id)),
        make("stamp", stamp::generate, state.kek_stamp.clone(), envelope::stamp_key_purpose(election_id)),
    );
    let failed = |cause: KeyRejected| Problem::internal("make the election's keys", &cause);
    Ok(Keys { seal: seal?.map_err(failed)?, stamp: stamp?.map_err(failed)? })
}

async fn store(
    connection: &mut Connection,
    election_id: i64,
    frozen: &Frozen,
    keys: &Keys,
    begins: Opening,
) -> Result<(), Failed<Problem>> {
    let stored =
        |length: u32| i32::try_from(length).map_err(|cause| Failed::Refused(Problem::internal("store the manifest", &cause)));
    let now: DateTime<Utc> = diesel::select(clock_timestamp()).get_result(connection).await?;
    let (status, activated_at) = match begins {
        Opening::Now => (Status::Active, Some(now)),
        Opening::At(_) => (Status::Scheduled, None),
    };
    diesel::insert_into(election_keys::table).values(vec![keys.seal.clone(), keys.stamp.clone()]).execute(connection).await?;
    // Before the status: the database refuses an activation without a manifest.
    diesel::insert_into(manifests::table)
        .values((
            manifests::election_id.eq(election_id),
            manifests::bytes.eq(&frozen.bytes),
            manifests::hash.eq(frozen.hash.as_bytes().as_slice()),
            manifests::sealed_len.eq(stored(frozen.sealed_len)?),
            manifests::plaintext_len.eq(stored(frozen.plaintext_len)?),
        ))
        .execute(connection)
        .await?;
    diesel::update(elections::table.find(election_id))
        .set((elections::status.eq(status.as_str()), elections::activated_at.eq(activated_at)))
        .execute(connection)
        .await?;
    diesel::insert_into(chain_heads::table)
        .values((chain_heads::election_id.eq(election_id), chain_heads::last_hash.eq(frozen.hash.as_bytes().as_slice())))
        .execute(connection)
        .await?;
    Ok(())
}
