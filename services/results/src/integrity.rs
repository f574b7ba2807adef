//! Whether what is stored is what was voted (promise 5 of ARCHITECTURE.md). Everything is computed again from the bytes: the
//! manifest, the chain, the box commitment with its signature, every digest, every stamp, and the signature over what was found.
//! The box is read in batches and nothing of it is kept, so a large box needs no more memory than a small one: first the ballots
//! in the order of the chain, then the digests of all ballots and decrypted ballots in ascending order.
//!
//! What this cannot do is open a ballot again, for this service has no key: whoever holds the published record can.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contract::results::{BallotsVerdict, BoxVerdict, ChainVerdict, Integrity, ParticipationVerdict, RecordingVerdict};
use crypto::chain::{self, Entry, Walk};
use crypto::decryption::{self, DecryptionHash};
use crypto::digest::SortedHash;
use crypto::manifest::Manifest;
use crypto::receipt::{self, BoxStatement, ReceiptPublicKey, RecordingStatement};
use crypto::stamp::{self, StampPublicKey};
use crypto::{Digest, ballot_digest};

use crate::stored::{BallotByDigest, Commitment, Decrypted, Election, Head, StoredElection, Vote};
use contract::elections::Amendment;

/// A later check never removes this reason.
pub(crate) const HALTED: &str = "recording was halted because recorded ballots were missing, and was never resumed";

/// The manifest, if the stored one is whole: nothing can be counted without it.
pub(crate) fn manifest(election: &Election) -> Result<(Manifest, Digest), String> {
    let bytes = election.manifest.as_deref().unwrap_or_default();
    let hash = crypto::manifest::hash(bytes);
    if election.manifest_hash.as_deref() != Some(hash.as_bytes().as_slice()) {
        return Err("the manifest is not the one whose hash was published".to_owned());
    }
    let manifest = Manifest::parse(bytes).map_err(|cause| format!("the manifest cannot be read: {cause}"))?;
    Ok((manifest, hash))
}

/// A check of one election. The ballots are added in batches.
pub(crate) struct Check {
    chain: ChainCheck,
    ballots: BallotsCheck,
    sealed_box: BoxCheck,
    decrypted: DecryptedCheck,
}

impl Check {
    /// Before the first ballot. Without a whole manifest no digest and no stamp can be good, and the chain has no beginning.
    pub(crate) fn begin(election_id: i64, manifest: Option<(&Manifest, Digest)>) -> Self {
        Self {
            chain: ChainCheck {
                walk: manifest.map(|(_, hash)| Walk::new(election_id, chain::genesis(hash))),
                length: 0,
                broken: None,
            },
            ballots: BallotsCheck {
                manifest: manifest.map(|(manifest, hash)| (hash, manifest.stamp_key().ok())),
                wrong_digests: 0,
                wrong_stamps: 0,
            },
            sealed_box: BoxCheck::default(),
            decrypted: DecryptedCheck::default(),
        }
    }

    /// The next ballots in the order of their positions.
    pub(crate) fn add_votes(&mut self, votes: &[Vote]) {
        for vote in votes {
            self.chain.add(vote);
            self.ballots.add(vote);
        }
    }

    /// The next digest in ascending order: whether it is in the box, and its decrypted ballot.
    pub(crate) fn add_ballot_by_digest(&mut self, pair: &BallotByDigest) {
        let digest = Digest::from_slice(&pair.digest).ok();
        if pair.in_box {
            self.sealed_box.add(digest.as_ref());
        }
        self.decrypted.add(digest.as_ref(), pair);
    }

    /// The verdict on all that was given. `found` are reasons that were found elsewhere.
    pub(crate) fn finish(
        self,
        stored: &StoredElection,
        profile: Option<&str>,
        key: &ReceiptPublicKey,
        mut reasons: Vec<String>,
    ) -> Integrity {
        let ballots_in_box = i64::try_from(self.chain.length).unwrap_or(i64::MAX);
        let recording = check_recording(stored, key, &mut reasons);
        let chain = self.chain.finish(stored.head.as_ref(), &mut reasons);
        let sealed_box = self.sealed_box.finish(stored, key, &mut reasons);
        let participation = check_participation(stored, ballots_in_box, profile, &mut reasons);
        let mut ballots = self.ballots.finish(&mut reasons);
        self.decrypted.finish(stored, key, &mut ballots, &mut reasons);
        Integrity {
            ok: reasons.is_empty(),
            checked_at: stored.now,
            last_ok_at: last_ok_at(&reasons, stored.now),
            overdue: false,
            recording,
            chain,
            sealed_box,
            participation,
            ballots,
            reasons,
        }
    }
}

fn last_ok_at(reasons: &[String], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    reasons.is_empty().then_some(now)
}

struct ChainCheck {
    /// `None` without a manifest: the chain begins with its hash.
    walk: Option<Walk>,
    length: u64,
    /// The first position that does not fit, and why.
    broken: Option<(i64, String)>,
}

impl ChainCheck {
    fn add(&mut self, vote: &Vote) {
        self.length = self.length.saturating_add(1);
        let (Some(walk), None) = (&mut self.walk, &self.broken) else { return };
        let next = walk.head().position.saturating_add(1);
        let taken = entry(vote).map_or_else(
            || Err("a field has another width".to_owned()),
            |entry| walk.step(&entry).map_err(|broken| broken.reason.to_string()),
        );
        if let Err(why) = taken {
            self.broken = Some((next, why));
        }
    }

    fn finish(self, stored_head: Option<&Head>, reasons: &mut Vec<String>) -> ChainVerdict {
        let Self { walk, length, broken } = self;
        let Some(walk) = walk else { return ChainVerdict { ok: false, length, first_bad: Some(1) } };
        if let Some((position, why)) = broken {
            reasons.push(format!("the chain breaks at position {position}: {why}"));
            return ChainVerdict { ok: false, length, first_bad: Some(position) };
        }
        let head = walk.head();
        let stored_head = stored_head.map(|head| (head.position, head.hash.as_slice()));
        if stored_head != Some((head.position, head.hash.as_bytes().as_slice())) {
            let end = stored_head.map_or(0, |(position, _)| position).min(head.position).saturating_add(1);
            reasons.push(format!("the chain does not end where it ended at the close; position {end} is missing or surplus"));
            return ChainVerdict { ok: false, length, first_bad: Some(end) };
        }
        ChainVerdict { ok: true, length, first_bad: None }
    }
}

fn entry(vote: &Vote) -> Option<Entry<'_>> {
    Some(Entry {
        position: vote.position,
        previous: Digest::from_slice(&vote.previous_hash).ok()?,
        digest: Digest::from_slice(&vote.digest).ok()?,
        prefix: vote.prefix.as_slice().try_into().ok()?,
        stamp: &vote.stamp,
        chain_hash: Digest::from_slice(&vote.chain_hash).ok()?,
    })
}

/// Checks digests and stamps. A wrong digest shows a changed ballot; a wrong stamp shows a ballot without a right to vote.
struct BallotsCheck {
    manifest: Option<(Digest, Option<StampPublicKey>)>,
    wrong_digests: u64,
    wrong_stamps: u64,
}

impl BallotsCheck {
    fn add(&mut self, vote: &Vote) {
        let known = self.manifest.as_ref();
        let named = known.is_some_and(|(hash, _)| ballot_digest(hash, &vote.sealed).as_bytes().as_slice() == vote.digest);
        let stamped = known.and_then(|(_, key)| key.as_ref()).is_some_and(|key| stamped(key, vote));
        self.wrong_digests += u64::from(!named);
        self.wrong_stamps += u64::from(!stamped);
    }

    fn finish(self, reasons: &mut Vec<String>) -> BallotsVerdict {
        let Self { manifest, wrong_digests, wrong_stamps } = self;
        // Without a manifest none can be right, and that reason stands there already.
        if wrong_digests > 0 && manifest.is_some() {
            reasons.push(format!("{wrong_digests} ballots are not the bytes that were recorded"));
        }
        if wrong_stamps > 0 && manifest.is_some() {
            reasons.push(format!("{wrong_stamps} ballots have no good stamp of this election"));
        }
        BallotsVerdict { opened: 0, invalid: 0, missing: 0, wrong_digests, wrong_stamps, signature_ok: false }
    }
}

fn stamped(key: &StampPublicKey, vote: &Vote) -> bool {
    let (Ok(digest), Ok(prefix)) = (Digest::from_slice(&vote.digest), vote.prefix.as_slice().try_into()) else { return false };
    stamp::verify(key, &digest, &prefix, &vote.stamp)
}

#[derive(Default)]
struct BoxCheck {
    hash: SortedHash,
    ballots: i64,
    malformed: bool,
}

impl BoxCheck {
    fn add(&mut self, digest: Option<&Digest>) {
        self.ballots = self.ballots.saturating_add(1);
        match digest {
            Some(digest) => self.hash.push(digest),
            None => self.malformed = true,
        }
    }

    fn finish(self, stored: &StoredElection, key: &ReceiptPublicKey, reasons: &mut Vec<String>) -> BoxVerdict {
        let commitment = stored.election.commitment.as_ref();
        let count = commitment.map_or(0, |commitment| commitment.box_count);
        let hash = Digest::from_slice(commitment.map_or(&[], |commitment| &commitment.box_hash));
        let same_count = commitment.is_some_and(|commitment| commitment.box_count == self.ballots);
        if !same_count {
            reasons.push(format!("{count} ballots were committed to, {} are in the box", self.ballots));
        }
        let same_hash = !self.malformed && hash == Ok(self.hash.finish());
        if !same_hash {
            reasons.push("the ballots in the box are not those that were committed to".to_owned());
        }
        let withdrawn = receipt::withdrawn_hash(&withdrawn(&stored.amendments));
        let same_withdrawn = commitment.is_some_and(|commitment| withdrawn.as_bytes().as_slice() == commitment.withdrawn_hash);
        if !same_withdrawn {
            reasons.push(OTHER_WITHDRAWALS.to_owned());
        }
        let signature_ok = match (commitment.and_then(statement), &stored.signatures.of_box) {
            (Some(statement), Some(signature)) => receipt::verify_box(key, stored.election.election_id, &statement, signature),
            _ => false,
        };
        if !signature_ok {
            reasons.push("the box commitment has no good signature of this installation".to_owned());
        }
        let hash = hash.map(|hash| hash.to_hex()).unwrap_or_default();
        let withdrawn_hash = Digest::from_slice(commitment.map_or(&[], |commitment| &commitment.withdrawn_hash));
        let withdrawn_hash = withdrawn_hash.map(|hash| hash.to_hex()).unwrap_or_default();
        BoxVerdict { ok: same_count && same_hash && same_withdrawn && signature_ok, count, hash, withdrawn_hash, signature_ok }
    }
}

/// Attack: after a look at the decrypted ballots a withdrawal is added or removed in the database, so that the count skips another
/// candidate. The box commitment was signed before any ballot was decrypted, and covers who had withdrawn.
const OTHER_WITHDRAWALS: &str = "the candidates who are announced as withdrawn are not those of the time when the box was sealed";

/// The candidates whom the count skips.
pub(crate) fn withdrawn(amendments: &[Amendment]) -> BTreeSet<i64> {
    let withdrawals = amendments.iter().filter(|amendment| amendment.kind == "candidate_withdrawn");
    withdrawals.filter_map(|amendment| amendment.candidate_id).collect()
}

/// What was signed when the box was sealed, if every part of it can be read.
fn statement(commitment: &Commitment) -> Option<BoxStatement> {
    let number = |number: i64| u64::try_from(number).ok();
    let hash = |hash: &[u8]| Digest::from_slice(hash).ok();
    Some(BoxStatement {
        count: number(commitment.box_count)?,
        box_hash: hash(&commitment.box_hash)?,
        spent_count: number(commitment.spent_count)?,
        spent_hash: hash(&commitment.spent_hash)?,
        roll: number(commitment.roll_count)?,
        withdrawn_hash: hash(&commitment.withdrawn_hash)?,
    })
}

/// Checks the halts of recording. If somebody deleted ballots before the sealing, together with all rows about them, then chain,
/// box and spent list still match, and a halt is the only sign. So the number of halts is signed when the box is sealed: the owner
/// of the database could clear the column that marks a halt.
fn check_recording(stored: &StoredElection, key: &ReceiptPublicKey, reasons: &mut Vec<String>) -> RecordingVerdict {
    let before = reasons.len();
    let commitment = stored.election.commitment.as_ref();
    let of_commitment = |number: fn(&Commitment) -> i64| commitment.map_or(0, number);
    let (halts, resumptions) = (of_commitment(|known| known.halts), of_commitment(|known| known.resumptions));
    let statement = || {
        let number = |number: i64| u64::try_from(number).ok();
        let box_hash = Digest::from_slice(&commitment?.box_hash).ok()?;
        Some(RecordingStatement { box_hash, halts: number(halts)?, resumptions: number(resumptions)? })
    };
    let signature_ok = match (statement(), &stored.signatures.of_recording) {
        (Some(statement), Some(signature)) => receipt::verify_recording(key, stored.election.election_id, &statement, signature),
        _ => false,
    };
    if !signature_ok {
        reasons.push("what is said about halts of the recording has no good signature of this installation".to_owned());
    }
    let marks = stored.head.as_ref().map(|head| (head.halts, head.halted_at.is_some()));
    // Without a good statement the mark is all that is left; and a recorder can find after the sealing that ballots are missing.
    if halts > resumptions || marks.is_some_and(|(now, is_marked)| is_marked && (!signature_ok || now > halts)) {
        reasons.push(HALTED.to_owned());
    }
    if marks != Some((halts, halts > resumptions)) {
        reasons.push("the marks of halted recording are not those of the time when the box was sealed".to_owned());
    }
    let resumed = stored.amendments.iter().filter(|amendment| amendment.kind == "recording_resumed").count();
    if i64::try_from(resumed) != Ok(resumptions) {
        reasons
            .push(format!("recording had been resumed {resumptions} times when the box was sealed; {resumed} are announced now"));
    }
    RecordingVerdict { ok: reasons.len() == before, halts, resumptions, signature_ok }
}

/// Compares the rows about the roll and the used rights with the commitment. [`BoxCheck`] verifies the signature of the commitment.
fn check_participation(
    stored: &StoredElection,
    ballots: i64,
    profile: Option<&str>,
    reasons: &mut Vec<String>,
) -> ParticipationVerdict {
    let before = reasons.len();
    let commitment = stored.election.commitment.as_ref();
    let spent_hash: &[u8] = commitment.map_or(&[], |commitment| &commitment.spent_hash);
    let verdict = ParticipationVerdict {
        ok: false,
        spent_count: commitment.map_or(0, |commitment| commitment.spent_count),
        spent_hash: Digest::from_slice(spent_hash).map(|hash| hash.to_hex()).unwrap_or_default(),
        roll: commitment.map_or(0, |commitment| commitment.roll_count),
    };
    let now = match &stored.participation {
        Ok(now) => now,
        Err(why) => {
            reasons.push(why.clone());
            return verdict;
        }
    };
    let spent_now = i64::try_from(now.spent_count).unwrap_or(i64::MAX);
    if spent_now != verdict.spent_count {
        reasons.push(format!(
            "the spent list had {} entries when the box was sealed, and has {} now: rights to vote were marked used or unused since",
            verdict.spent_count, spent_now
        ));
    } else if now.spent_hash.as_bytes().as_slice() != spent_hash {
        reasons.push("the spent list is not the one that was committed to when the box was sealed".to_owned());
    }
    if now.roll_count != verdict.roll {
        reasons.push(format!("{} voters were on the roll when the box was sealed, {} are now", verdict.roll, now.roll_count));
    }
    if ballots > spent_now || (ballots < spent_now && profile == Some("simple")) {
        reasons.push(format!("{} rights to vote were used, but {ballots} ballots are in the box", spent_now));
    }
    if spent_now > now.roll_count {
        reasons.push(format!("{} rights to vote were used, but only {} voters are on the roll", spent_now, now.roll_count));
    }
    ParticipationVerdict { ok: reasons.len() == before, ..verdict }
}

/// Checks that each ballot of the box has a decrypted ballot, that there are no others, and that none was changed since.
#[derive(Default)]
struct DecryptedCheck {
    hash: DecryptionHash,
    malformed: bool,
    /// All decrypted ballots, those that were never in the box too.
    number: u64,
    surplus: u64,
    missing: u64,
    invalid: u64,
}

impl DecryptedCheck {
    fn add(&mut self, digest: Option<&Digest>, pair: &BallotByDigest) {
        let Some(decrypted) = &pair.decrypted else {
            self.missing += 1;
            return;
        };
        self.number += 1;
        self.surplus += u64::from(!pair.in_box);
        self.invalid += u64::from(pair.in_box && decrypted.plaintext.is_none());
        match digest {
            Some(digest) => self.hash.push(digest, content(decrypted)),
            None => self.malformed = true,
        }
    }

    fn finish(self, stored: &StoredElection, key: &ReceiptPublicKey, verdict: &mut BallotsVerdict, reasons: &mut Vec<String>) {
        let Self { hash, malformed, number, surplus, missing, invalid } = self;
        verdict.opened = number.saturating_sub(surplus);
        verdict.missing = missing;
        verdict.invalid = invalid;
        if missing > 0 {
            reasons.push(format!("{missing} ballots in the box have no opened content"));
        }
        if surplus > 0 {
            reasons.push(format!("{surplus} opened ballots were never in the box"));
        }
        verdict.signature_ok = !malformed
            && stored.signatures.of_decryption.as_ref().is_some_and(|signature| {
                receipt::verify_decryption(key, stored.election.election_id, number, &hash.finish(), signature)
            });
        if !verdict.signature_ok {
            reasons.push("the opened ballots are not those that were found when the box was opened".to_owned());
        }
    }
}

fn content(decrypted: &Decrypted) -> decryption::Decrypted<'_> {
    match (&decrypted.plaintext, &decrypted.reason) {
        (Some(plaintext), _) => decryption::Decrypted::Plaintext(plaintext),
        (None, reason) => decryption::Decrypted::Invalid(reason.as_deref().unwrap_or_default()),
    }
}
