//! Step 4 and 5 of closing: opening the box (promise 4 of ARCHITECTURE.md).
//!
//! The seal key is used here and nowhere else, and only for an election whose box commitment is committed. Ballots are opened
//! in the order of their digests, so that nothing written here repeats the order in which they came. One that does not open
//! or cannot be read is kept with its reason, never dropped.

use std::sync::Arc;
use std::thread::available_parallelism;

use contract::events::{AuditEvent, AuditEventKind};
use crypto::manifest::Manifest;
use crypto::opening::{self, Opened};
use crypto::seal::{self, SealPrivateKey};
use crypto::{Digest, envelope, receipt};
use database::{DatabaseError, Failed};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ballot::BallotStyle;
use domain::election::{Publish, TallyState};
use domain::ids::ContestId;
use futures_util::future::try_join_all;
use outbox::{Audited, Unaudited};

use crate::closing::{Closing, Progress, Stopped, fault, is_in};
use crate::schema::{election_keys, elections, opened_ballots, votes};

/// Ballots of one transaction: about a third of a second on two cores, so that a kill loses little and progress is seen.
const BATCH: i64 = 500;

#[derive(QueryableByName)]
struct SealedBallot {
    #[diesel(sql_type = Bytea)]
    digest: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    sealed: Vec<u8>,
}

#[derive(Clone, Queryable, Insertable)]
#[diesel(table_name = opened_ballots)]
struct OpenedBallot {
    election_id: i64,
    digest: Vec<u8>,
    plaintext: Option<Vec<u8>>,
    reason: Option<String>,
}

/// All that is needed to open a ballot.
struct Opener {
    election_id: i64,
    key: SealPrivateKey,
    manifest_hash: Digest,
    sealed_len: usize,
    ballot_style: BallotStyle,
}

impl Closing {
    /// Before the first ballot: the commitment stands, so the box may be opened.
    pub(crate) async fn begin_opening(&self, election_id: i64) -> Result<Progress, Stopped> {
        let mut connection = self.outbox.unaudited(Unaudited::Progress).connection().await?;
        let begun = diesel::update(elections::table.find(election_id))
            .filter(elections::tally_state.eq(TallyState::Rewritten.as_str()))
            .filter(elections::box_signature.is_not_null())
            .set((
                elections::tally_state.eq(TallyState::Opening.as_str()),
                elections::tally_total.eq(elections::box_count.assume_not_null()),
            ))
            .execute(&mut connection)
            .await?;
        if begun == 1 { Ok(Progress::Advanced) } else { Err(Stopped::Fault("the box commitment is not signed".to_owned())) }
    }

    /// Opens the next batch, or concludes when none is left.
    pub(crate) async fn open(&self, election_id: i64) -> Result<Progress, Stopped> {
        let batch = self.next_batch(election_id).await?;
        if batch.is_empty() {
            return self.conclude(election_id).await;
        }
        let opener = Arc::new(self.opener(election_id).await?);
        let pieces = batch.len().div_ceil(available_parallelism().map_or(2, usize::from));
        let mut batch = batch.into_iter();
        let mut work = Vec::new();
        loop {
            let piece: Vec<SealedBallot> = batch.by_ref().take(pieces).collect();
            if piece.is_empty() {
                break;
            }
            let opener = opener.clone();
            work.push(self.slow.run(move || piece.into_iter().map(|ballot| opener.open(ballot)).collect::<Vec<_>>()));
        }
        // More pieces than may wait is a moment's trouble, as a busy database is.
        let busy = |error: launch::Overloaded| Stopped::Trouble(DatabaseError::Unavailable(error.to_string()));
        let opened: Vec<OpenedBallot> = try_join_all(work).await.map_err(busy)?.into_iter().flatten().collect();
        self.keep(election_id, opened).await
    }

    async fn next_batch(&self, election_id: i64) -> Result<Vec<SealedBallot>, Stopped> {
        let mut connection = self.outbox.database().connection().await?;
        let batch = diesel::sql_query(
            "SELECT v.digest, v.sealed FROM votes v WHERE v.election_id = $1 \
               AND NOT EXISTS (SELECT FROM opened_ballots o WHERE o.election_id = v.election_id AND o.digest = v.digest) \
             ORDER BY v.digest LIMIT $2",
        )
        .bind::<BigInt, _>(election_id)
        .bind::<BigInt, _>(BATCH)
        .load(&mut connection)
        .await?;
        Ok(batch)
    }

    async fn opener(&self, election_id: i64) -> Result<Opener, Stopped> {
        let mut connection = self.outbox.database().connection().await?;
        let (bytes, signature): (Option<Vec<u8>>, Option<Vec<u8>>) = elections::table
            .find(election_id)
            .select((elections::manifest, elections::box_signature))
            .first(&mut connection)
            .await?;
        let wrapped: Vec<u8> = election_keys::table
            .find((election_id, "seal"))
            .select(election_keys::private_wrapped)
            .first(&mut connection)
            .await
            .optional()?
            .ok_or_else(|| Stopped::Fault("the seal key is not there".to_owned()))?;
        let stop = |what: &str, cause: &dyn std::fmt::Display| Stopped::Fault(format!("{what}: {cause}"));
        if signature.is_none() {
            return Err(Stopped::Fault("the box commitment is not signed".to_owned()));
        }
        let bytes = bytes.unwrap_or_default();
        let manifest = Manifest::parse(&bytes).map_err(|cause| stop("the manifest", &cause))?;
        let (kek, purpose) = (self.kek_seal.clone(), envelope::seal_key_purpose(election_id));
        let pkcs8 = envelope::unwrap(&kek, &purpose, &wrapped).map_err(|cause| stop("the seal key", &cause))?;
        let key = SealPrivateKey::from_pkcs8_der(&pkcs8).map_err(|cause| stop("the seal key", &cause))?;
        if key.public_spki() != manifest.seal_key {
            return Err(Stopped::Fault("the seal key is not the manifest's".to_owned()));
        }
        Ok(Opener {
            election_id,
            key,
            manifest_hash: crypto::manifest::hash(&bytes),
            sealed_len: usize::try_from(manifest.sealed_len).map_err(|cause| stop("the manifest", &cause))?,
            ballot_style: BallotStyle::new(
                manifest.contests.iter().map(|contest| (ContestId::new(contest.contest_id), contest.max)).collect(),
            ),
        })
    }

    /// Keeps what was found, unless the lease went to another process meanwhile.
    async fn keep(&self, election_id: i64, opened: Vec<OpenedBallot>) -> Result<Progress, Stopped> {
        let process = self.process;
        let kept = self.outbox.unaudited(Unaudited::Progress).transaction("keep opened ballots", async move |connection| {
            let mine =
                diesel::sql_query("SELECT 1 FROM elections WHERE election_id = $1 AND lease_holder = $2 FOR NO KEY UPDATE")
                    .bind::<BigInt, _>(election_id)
                    .bind::<SqlUuid, _>(process)
                    .execute(connection)
                    .await?;
            if mine == 0 || !is_in(connection, election_id, TallyState::Opening).await? {
                return Ok(Progress::Nothing);
            }
            diesel::insert_into(opened_ballots::table).values(&opened).on_conflict_do_nothing().execute(connection).await?;
            let done: i64 = opened_ballots::table
                .filter(opened_ballots::election_id.eq(election_id))
                .select(count_star())
                .first(connection)
                .await?;
            diesel::update(elections::table.find(election_id)).set(elections::tally_done.eq(done)).execute(connection).await?;
            metrics::counter!("election_ballots_opened_total").increment(u64::try_from(opened.len()).unwrap_or(0));
            Ok::<_, Failed<String>>(Progress::Advanced)
        });
        Ok(kept.await?)
    }

    /// Step 5: every ballot of the commitment is opened, and what was found is signed. With `publish: together` the result is
    /// public from this commit on.
    async fn conclude(&self, election_id: i64) -> Result<Progress, Stopped> {
        let mut connection = self.outbox.database().connection().await?;
        let (committed, publish): (Option<i64>, String) =
            elections::table.find(election_id).select((elections::box_count, elections::publish)).first(&mut connection).await?;
        let in_box: i64 =
            votes::table.filter(votes::election_id.eq(election_id)).select(count_star()).first(&mut connection).await?;
        let opened: Vec<OpenedBallot> = opened_ballots::table
            .filter(opened_ballots::election_id.eq(election_id))
            .select((opened_ballots::election_id, opened_ballots::digest, opened_ballots::plaintext, opened_ballots::reason))
            .load(&mut connection)
            .await?;
        drop(connection);
        let ballots = i64::try_from(opened.len()).unwrap_or(i64::MAX);
        if committed != Some(ballots) || in_box != ballots {
            let committed = committed.unwrap_or(0);
            return Err(Stopped::Fault(format!(
                "{committed} ballots were committed to, {in_box} are in the box, {ballots} are opened"
            )));
        }
        let invalid = i64::try_from(opened.iter().filter(|ballot| ballot.reason.is_some()).count()).unwrap_or(i64::MAX);
        let signature = self.sign_opening(election_id, &opened).map_err(Stopped::from)?;
        let together = publish == Publish::Together.as_str();
        let concluded = self.outbox.audited("conclude the tally", async move |tx| {
            let connection = tx.connection();
            if !is_in(connection, election_id, TallyState::Opening).await? {
                return Ok(Audited::unchanged(Progress::Nothing));
            }
            let row = elections::table.find(election_id);
            diesel::update(row)
                .set((
                    elections::tally_state.eq(TallyState::Opened.as_str()),
                    elections::tally_done.eq(ballots),
                    elections::opened_signature.eq(&signature),
                ))
                .execute(connection)
                .await?;
            let event = AuditEvent::now(AuditEventKind::BallotsOpened { ballots, invalid }).to(election_id);
            let mut concluded = Audited::new(Progress::Advanced, event);
            if together {
                diesel::update(row).set(elections::results_published_at.eq(diesel::dsl::now)).execute(connection).await?;
                concluded = concluded.and(AuditEvent::now(AuditEventKind::ResultsPublished {}).to(election_id));
            }
            Ok::<_, Failed<String>>(concluded)
        });
        Ok(concluded.await?)
    }

    fn sign_opening(&self, election_id: i64, opened: &[OpenedBallot]) -> Result<Vec<u8>, Failed<String>> {
        let mut found = Vec::with_capacity(opened.len());
        for ballot in opened {
            let content = match (&ballot.plaintext, &ballot.reason) {
                (Some(plaintext), _) => Opened::Plaintext(plaintext),
                (None, reason) => Opened::Invalid(reason.as_deref().unwrap_or_default()),
            };
            found.push((Digest::from_slice(&ballot.digest).map_err(fault)?, content));
        }
        let count = u64::try_from(found.len()).map_err(fault)?;
        receipt::sign_opening(&self.receipt, election_id, count, &opening::hash(found)).map_err(fault)
    }
}

impl Opener {
    /// The reasons and their order are those of docs/protocol.md, sections 5.2 and 6.
    fn open(&self, ballot: SealedBallot) -> OpenedBallot {
        let (plaintext, reason) = match self.read(&ballot.sealed) {
            Ok(plaintext) => (Some(plaintext), None),
            Err(reason) => (None, Some(reason)),
        };
        OpenedBallot { election_id: self.election_id, digest: ballot.digest, plaintext, reason }
    }

    fn read(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        if sealed.len() != self.sealed_len {
            return Err(seal::OpenFailure::WrongLength.name().to_owned());
        }
        let plaintext = seal::open(&self.key, &self.manifest_hash, sealed).map_err(|failure| failure.name().to_owned())?;
        self.ballot_style.read(&plaintext).map_err(|unreadable| unreadable.to_string())?;
        Ok(plaintext.to_vec())
    }
}
