//! Step 4 and 5 of closing: decrypting the ballots (promise 4 of ARCHITECTURE.md).
//!
//! The seal key is used here and nowhere else, and only for an election whose box commitment is committed. Ballots are decrypted
//! in the order of their digests, so that nothing written here repeats the order in which they came. One that does not open
//! or cannot be read is kept with its reason, never dropped.

use std::sync::Arc;
use std::thread::available_parallelism;

use contract::events::{AuditEvent, AuditEventKind};
use crypto::decryption::{self, Decrypted};
use crypto::manifest::Manifest;
use crypto::seal::{self, SealPrivateKey};
use crypto::{Digest, envelope, receipt};
use database::{DatabaseError, Failed};
use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ballot::BallotStyle;
use domain::election::{Publish, TallyState};
use futures_util::future::try_join_all;
use messages::{Message, say};
use outbox::{Audited, Unaudited};

use crate::closing::{Closing, Progress, Statement, Stopped, fault, is_in, keep_signature};
use crate::schema::{box_commitments, decrypted_ballots, election_keys, elections, manifests, tallies, tally_signatures, votes};

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
#[diesel(table_name = decrypted_ballots)]
struct DecryptedBallot {
    election_id: i64,
    digest: Vec<u8>,
    plaintext: Option<Vec<u8>>,
    reason: Option<String>,
}

/// All that is needed to decrypt a ballot.
struct Decrypter {
    election_id: i64,
    key: SealPrivateKey,
    manifest_hash: Digest,
    sealed_len: usize,
    ballot_style: BallotStyle,
}

impl Closing {
    /// Before the first ballot: the commitment stands, so the ballots may be decrypted.
    pub(crate) async fn begin_decryption(&self, election_id: i64) -> Result<Progress, Stopped> {
        let mut connection = self.outbox.unaudited(Unaudited::Progress).connection().await?;
        let of_box = tally_signatures::election_id
            .eq(box_commitments::election_id)
            .and(tally_signatures::statement.eq(Statement::Box.as_str()));
        let signed: Option<i64> = box_commitments::table
            .inner_join(tally_signatures::table.on(of_box))
            .filter(box_commitments::election_id.eq(election_id))
            .select(box_commitments::box_count)
            .first(&mut connection)
            .await
            .optional()?;
        let total = signed.ok_or_else(|| Stopped::Fault(say!(count_commitment_unsigned)))?;
        let begun = diesel::update(tallies::table.find(election_id))
            .filter(tallies::state.eq(TallyState::Rewritten.as_str()))
            .set((tallies::state.eq(TallyState::Opening.as_str()), tallies::total.eq(total)))
            .execute(&mut connection)
            .await?;
        // Another process was faster.
        Ok(if begun == 1 { Progress::Advanced } else { Progress::Nothing })
    }

    /// Decrypts the next batch, or concludes when none is left.
    pub(crate) async fn decrypt(&self, election_id: i64) -> Result<Progress, Stopped> {
        let batch = self.next_batch(election_id).await?;
        if batch.is_empty() {
            return self.conclude(election_id).await;
        }
        let decrypter = Arc::new(self.decrypter(election_id).await?);
        let pieces = batch.len().div_ceil(available_parallelism().map_or(2, usize::from));
        let mut batch = batch.into_iter();
        let mut work = Vec::new();
        loop {
            let piece: Vec<SealedBallot> = batch.by_ref().take(pieces).collect();
            if piece.is_empty() {
                break;
            }
            let decrypter = decrypter.clone();
            work.push(self.slow.run(move || piece.into_iter().map(|ballot| decrypter.decrypt(ballot)).collect::<Vec<_>>()));
        }
        // More pieces than may wait is a moment's trouble, as a busy database is.
        let busy = |error: launch::Overloaded| Stopped::Trouble(DatabaseError::Unavailable(error.to_string()));
        let decrypted: Vec<DecryptedBallot> = try_join_all(work).await.map_err(busy)?.into_iter().flatten().collect();
        self.keep(election_id, decrypted).await
    }

    async fn next_batch(&self, election_id: i64) -> Result<Vec<SealedBallot>, Stopped> {
        let mut connection = self.outbox.database().connection().await?;
        let batch = diesel::sql_query(
            "SELECT v.digest, v.sealed FROM votes v WHERE v.election_id = $1 \
               AND NOT EXISTS (SELECT FROM decrypted_ballots o WHERE o.election_id = v.election_id AND o.digest = v.digest) \
             ORDER BY v.digest LIMIT $2",
        )
        .bind::<BigInt, _>(election_id)
        .bind::<BigInt, _>(BATCH)
        .load(&mut connection)
        .await?;
        Ok(batch)
    }

    async fn decrypter(&self, election_id: i64) -> Result<Decrypter, Stopped> {
        let mut connection = self.outbox.database().connection().await?;
        let bytes: Vec<u8> = manifests::table.find(election_id).select(manifests::bytes).first(&mut connection).await?;
        let signed: bool = diesel::select(exists(tally_signatures::table.find((election_id, Statement::Box.as_str()))))
            .get_result(&mut connection)
            .await?;
        let wrapped: Vec<u8> = election_keys::table
            .find((election_id, "seal"))
            .select(election_keys::private_wrapped)
            .first(&mut connection)
            .await
            .optional()?
            .ok_or_else(|| Stopped::Fault(say!(count_seal_key_missing)))?;
        let bad_manifest =
            |cause: &dyn std::fmt::Display| Stopped::Fault(say!(count_manifest_unusable, cause = cause.to_string()));
        let bad_key = |cause: &dyn std::fmt::Display| Stopped::Fault(say!(count_seal_key_unusable, cause = cause.to_string()));
        if !signed {
            return Err(Stopped::Fault(say!(count_commitment_unsigned)));
        }
        let manifest = Manifest::parse(&bytes).map_err(|cause| bad_manifest(&cause))?;
        let (kek, purpose) = (self.kek_seal.clone(), envelope::seal_key_purpose(election_id));
        let pkcs8 = envelope::unwrap(&kek, &purpose, &wrapped).map_err(|cause| bad_key(&cause))?;
        let key = SealPrivateKey::from_pkcs8_der(&pkcs8).map_err(|cause| bad_key(&cause))?;
        if key.public_spki() != manifest.seal_key {
            return Err(Stopped::Fault(say!(count_seal_key_foreign)));
        }
        Ok(Decrypter {
            election_id,
            key,
            manifest_hash: crypto::manifest::hash(&bytes),
            sealed_len: usize::try_from(manifest.sealed_len).map_err(|cause| bad_manifest(&cause))?,
            ballot_style: BallotStyle::new(manifest.contests.iter().map(|contest| contest.candidates.len()).collect()),
        })
    }

    /// Keeps what was found, unless the lease went to another process meanwhile.
    async fn keep(&self, election_id: i64, decrypted: Vec<DecryptedBallot>) -> Result<Progress, Stopped> {
        let process = self.process;
        let kept = self.outbox.unaudited(Unaudited::Progress).transaction("keep decrypted ballots", async move |connection| {
            if !is_in(connection, election_id, TallyState::Opening).await? {
                return Ok(Progress::Nothing);
            }
            // The row is locked by now.
            let mine = diesel::sql_query("SELECT 1 FROM tallies WHERE election_id = $1 AND lease_holder = $2")
                .bind::<BigInt, _>(election_id)
                .bind::<SqlUuid, _>(process)
                .execute(connection)
                .await?;
            if mine == 0 {
                return Ok(Progress::Nothing);
            }
            diesel::insert_into(decrypted_ballots::table).values(&decrypted).on_conflict_do_nothing().execute(connection).await?;
            let done: i64 = decrypted_ballots::table
                .filter(decrypted_ballots::election_id.eq(election_id))
                .select(count_star())
                .first(connection)
                .await?;
            diesel::update(tallies::table.find(election_id)).set(tallies::done.eq(done)).execute(connection).await?;
            metrics::counter!("election_ballots_opened_total").increment(u64::try_from(decrypted.len()).unwrap_or(0));
            Ok::<_, Failed<Message>>(Progress::Advanced)
        });
        Ok(kept.await?)
    }

    /// Step 5: every ballot of the commitment is decrypted, and what was found is signed. With `publish: together` the result is
    /// public from this commit on.
    async fn conclude(&self, election_id: i64) -> Result<Progress, Stopped> {
        let mut connection = self.outbox.database().connection().await?;
        let publish: String = elections::table.find(election_id).select(elections::publish).first(&mut connection).await?;
        let committed: Option<i64> = box_commitments::table
            .find(election_id)
            .select(box_commitments::box_count)
            .first(&mut connection)
            .await
            .optional()?;
        let in_box: i64 =
            votes::table.filter(votes::election_id.eq(election_id)).select(count_star()).first(&mut connection).await?;
        let decrypted: Vec<DecryptedBallot> = decrypted_ballots::table
            .filter(decrypted_ballots::election_id.eq(election_id))
            .select((
                decrypted_ballots::election_id,
                decrypted_ballots::digest,
                decrypted_ballots::plaintext,
                decrypted_ballots::reason,
            ))
            .load(&mut connection)
            .await?;
        drop(connection);
        let ballots = i64::try_from(decrypted.len()).unwrap_or(i64::MAX);
        if committed != Some(ballots) || in_box != ballots {
            let committed = committed.unwrap_or(0);
            return Err(Stopped::Fault(say!(count_numbers_differ, committed = committed, in_box = in_box, opened = ballots)));
        }
        let invalid = i64::try_from(decrypted.iter().filter(|ballot| ballot.reason.is_some()).count()).unwrap_or(i64::MAX);
        let signature = self.sign_decryption(election_id, &decrypted).map_err(Stopped::from)?;
        let together = publish == Publish::Together.as_str();
        let concluded = self.outbox.audited("conclude the tally", async move |tx| {
            let connection = tx.connection();
            if !is_in(connection, election_id, TallyState::Opening).await? {
                return Ok(Audited::unchanged(Progress::Nothing));
            }
            diesel::update(tallies::table.find(election_id))
                .set((tallies::state.eq(TallyState::Opened.as_str()), tallies::done.eq(ballots)))
                .execute(connection)
                .await?;
            keep_signature(connection, election_id, Statement::Decryption, &signature).await?;
            let event = AuditEvent::now(AuditEventKind::BallotsOpened { ballots, invalid }).to(election_id);
            let mut concluded = Audited::new(Progress::Advanced, event);
            if together {
                diesel::update(elections::table.find(election_id))
                    .set(elections::results_published_at.eq(diesel::dsl::now))
                    .execute(connection)
                    .await?;
                concluded = concluded.and(AuditEvent::now(AuditEventKind::ResultsPublished {}).to(election_id));
            }
            Ok::<_, Failed<Message>>(concluded)
        });
        Ok(concluded.await?)
    }

    fn sign_decryption(&self, election_id: i64, decrypted: &[DecryptedBallot]) -> Result<Vec<u8>, Failed<Message>> {
        let mut found = Vec::with_capacity(decrypted.len());
        for ballot in decrypted {
            let content = match (&ballot.plaintext, &ballot.reason) {
                (Some(plaintext), _) => Decrypted::Plaintext(plaintext),
                (None, reason) => Decrypted::Invalid(reason.as_deref().unwrap_or_default()),
            };
            found.push((Digest::from_slice(&ballot.digest).map_err(fault)?, content));
        }
        let count = u64::try_from(found.len()).map_err(fault)?;
        receipt::sign_decryption(&self.receipt, election_id, count, &decryption::hash(found)).map_err(fault)
    }
}

impl Decrypter {
    /// The reasons and their order are those of docs/protocol.md, sections 5.2 and 6.
    fn decrypt(&self, ballot: SealedBallot) -> DecryptedBallot {
        let (plaintext, reason) = match self.read(&ballot.sealed) {
            Ok(plaintext) => (Some(plaintext), None),
            Err(reason) => (None, Some(reason)),
        };
        DecryptedBallot { election_id: self.election_id, digest: ballot.digest, plaintext, reason }
    }

    fn read(&self, sealed: &[u8]) -> Result<Vec<u8>, String> {
        if sealed.len() != self.sealed_len {
            return Err(seal::DecryptFailure::WrongLength.name().to_owned());
        }
        let plaintext = seal::decrypt(&self.key, &self.manifest_hash, sealed).map_err(|failure| failure.name().to_owned())?;
        self.ballot_style.read(&plaintext).map_err(|unreadable| unreadable.to_string())?;
        Ok(plaintext.to_vec())
    }
}
