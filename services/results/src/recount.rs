//! Counts and checks one election; the ballots are added in batches. Also decides what is shown if a later check finds another
//! count than the published one.

use contract::results::{CandidateResult, ContestResult, Integrity, Results};
use crypto::manifest::Manifest;
use crypto::receipt::ReceiptPublicKey;

use crate::integrity::{self, Check};
use crate::stored::{BallotByDigest, StoredElection, Vote};
use crate::tally::{Given, Tally};

/// An election that is being counted.
pub(crate) struct Recount {
    stored: StoredElection,
    manifest: Option<Manifest>,
    check: Check,
    /// `None` when nothing can be counted; the reason stands in `reasons` then.
    tally: Option<Tally>,
    reasons: Vec<String>,
}

impl Recount {
    /// Before the first ballot.
    pub(crate) fn begin(stored: StoredElection) -> Self {
        let mut reasons = Vec::new();
        let election = &stored.election;
        let (manifest, hash) = match integrity::manifest(election) {
            Ok((manifest, hash)) => (Some(manifest), Some(hash)),
            // Without the manifest nothing says what a ballot means: there is a verdict and no count.
            Err(why) => {
                reasons.push(why);
                (None, None)
            }
        };
        if let Some(manifest) = manifest.as_ref().filter(|manifest| manifest.title != election.title) {
            reasons.push(format!("the election's title is not that of its manifest, '{}'", manifest.title));
        }
        let commitment = election.commitment.as_ref();
        let withdrawn = integrity::withdrawn(&stored.amendments);
        let given = Given {
            box_hash: commitment.map(|commitment| commitment.box_hash.as_slice()),
            roll: commitment.and_then(|commitment| u64::try_from(commitment.roll_count).ok()),
            withdrawn: &withdrawn,
        };
        let tally = manifest.as_ref().map(|manifest| Tally::begin(manifest, given));
        let tally = tally.and_then(|begun| begun.map_err(|why| reasons.push(uncounted(&why))).ok());
        let check = Check::begin(election.election_id, manifest.as_ref().zip(hash));
        Self { stored, manifest, check, tally, reasons }
    }

    /// The next ballots in the order of their positions.
    pub(crate) fn add_votes(&mut self, votes: &[Vote]) {
        self.check.add_votes(votes);
    }

    /// The next digests in ascending order, with what was found in the ballots.
    pub(crate) fn add_ballots_by_digest(&mut self, pairs: &[BallotByDigest]) {
        for pair in pairs {
            self.check.add_ballot_by_digest(pair);
            let (Some(tally), Some(decrypted)) = (&mut self.tally, &pair.decrypted) else { continue };
            if let Err(why) = tally.add(decrypted.plaintext.as_deref()) {
                self.reasons.push(uncounted(&why));
                self.tally = None;
            }
        }
    }

    /// The result with its verdict.
    pub(crate) fn finish(self, receipt: &ReceiptPublicKey) -> Results {
        let Self { stored, manifest, check, tally, mut reasons } = self;
        let mut contests = Vec::new();
        if let Some(tally) = tally {
            if tally.unreadable > 0 {
                reasons.push(format!("{} opened ballots hold bytes that are no ballot of this election", tally.unreadable));
            }
            contests = tally.finish(&stored.photos).unwrap_or_else(|why| {
                reasons.push(uncounted(&why));
                Vec::new()
            });
        }
        let profile = manifest.as_ref().map(|manifest| manifest.profile.as_str());
        let verdict = check.finish(&stored, profile, receipt, reasons);
        let StoredElection { election, turnout, amendments, now, .. } = stored;
        Results {
            election_id: election.election_id,
            election_title: election.title,
            timezone: election.timezone,
            status: election.status.to_string(),
            total_votes: verdict.chain.length,
            results: contests.first().map(|contest| contest.results.clone()).unwrap_or_default(),
            contests,
            amendments,
            turnout,
            counted_at: now,
            integrity: verdict,
        }
    }
}

fn uncounted(why: &str) -> String {
    format!("the ballots cannot be counted: {why}")
}

/// Attack: after the count, whoever owns the database deletes an announced amendment, or adds one. No signature covers them.
const OTHER_AMENDMENTS: &str = "the announced amendments are not those that were announced when the ballots were counted";

/// What is shown after a check. A count that was once found in order is never exchanged for another: if the ballots now give
/// another one, the count stays and the verdict says so. A count that never was in order is replaced by what is there now.
/// Amendments are those of the first count, whatever its verdict was: nothing is announced after it.
pub(crate) fn after_check(kept: Option<Results>, mut now: Results) -> Results {
    let Some(kept) = kept else { return now };
    if now.amendments != kept.amendments {
        now.integrity.ok = false;
        now.integrity.last_ok_at = None;
        now.integrity.reasons.push(OTHER_AMENDMENTS.to_owned());
        now.amendments.clone_from(&kept.amendments);
    }
    // A halt that was shown once stays, unless it was only an unsigned mark and there is a signed statement now.
    let halted = |verdict: &Integrity| verdict.reasons.iter().any(|reason| reason == integrity::HALTED);
    let was_signed = kept.integrity.recording.signature_ok || !now.integrity.recording.signature_ok;
    if halted(&kept.integrity) && was_signed && !halted(&now.integrity) {
        now.integrity.ok = false;
        now.integrity.last_ok_at = None;
        now.integrity.recording.ok = false;
        now.integrity.reasons.push(integrity::HALTED.to_owned());
    }
    if kept.integrity.last_ok_at.is_none() {
        return now;
    }
    let mut verdict = now.integrity;
    verdict.last_ok_at = verdict.last_ok_at.or(kept.integrity.last_ok_at);
    if kept.total_votes == now.total_votes && same_count(&kept.contests, &now.contests) {
        return Results { counted_at: kept.counted_at, integrity: verdict, ..now };
    }
    let counted = kept.counted_at.format("%Y-%m-%d %H:%M UTC");
    verdict.ok = false;
    verdict.last_ok_at = kept.integrity.last_ok_at;
    verdict.reasons.push(format!(
        "what is stored now gives another count than the one of {counted}; what is shown is the count of {counted}"
    ));
    Results { status: now.status, integrity: verdict, ..kept }
}

/// Votes and seats. Words and photos are not compared: a later version of the software may word the story differently.
fn same_count(one: &[ContestResult], other: &[ContestResult]) -> bool {
    let numbers = |contest: &ContestResult| (contest.contest_id, contest.valid, contest.blank, contest.invalid);
    let line = |line: &CandidateResult| (line.candidate_id, line.vote_count, line.is_winner, line.tie);
    let same = |(one, other): (&ContestResult, &ContestResult)| {
        let seats = (&one.report.verdict, &one.report.elected) == (&other.report.verdict, &other.report.elected);
        numbers(one) == numbers(other) && seats && one.results.iter().map(line).eq(other.results.iter().map(line))
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}
