//! From decrypted ballots to seats: every contest of the manifest is counted by its rule. Ballots are added one by one, so a large
//! box needs no more memory than a small one.

use std::cmp::Reverse;
use std::collections::HashMap;

use contract::results::{CandidateResult, ContestResult};
use counting::{ApprovalRule, Count, Method, Outcome, PluralityRule, RunningCount, Seed, TieRule, percentage};
use crypto::manifest::{Contest, Manifest};
use domain::ballot::BallotStyle;
use domain::ids::ContestId;

/// A count to which decrypted ballots are added.
pub(crate) struct Tally {
    ballot_style: BallotStyle,
    contests: Vec<(Contest, RunningCount)>,
    invalid: u64,
    /// Decrypted ballots whose bytes are no ballot: the decryption would have given them a reason, so somebody changed them since.
    pub(crate) unreadable: u64,
}

impl Tally {
    /// Without ballots. `box_hash` is what lots are drawn from.
    pub(crate) fn begin(manifest: &Manifest, box_hash: Option<&[u8]>) -> Result<Self, String> {
        let ballot_style = manifest.contests.iter().map(|contest| (ContestId::new(contest.contest_id), contest.max)).collect();
        let begin = |contest: &Contest| {
            let candidates: Vec<i64> = contest.candidates.iter().map(|candidate| candidate.candidate_id).collect();
            let begun = rule(contest)?.begin(&candidates, tie_rule(contest, box_hash)?);
            Ok((contest.clone(), begun.map_err(|cause| format!("'{}': {cause}", contest.title))?))
        };
        let contests = manifest.contests.iter().map(begin).collect::<Result<_, String>>()?;
        Ok(Self { ballot_style: BallotStyle::new(ballot_style), contests, invalid: 0, unreadable: 0 })
    }

    /// One ballot more; `None` is one that could not be decrypted.
    pub(crate) fn add(&mut self, plaintext: Option<&[u8]>) -> Result<(), String> {
        match plaintext.map(|plaintext| self.ballot_style.read(plaintext)) {
            Some(Ok(choices)) => {
                for ((contest, count), choice) in self.contests.iter_mut().zip(choices) {
                    let marks: Vec<i64> = choice.candidates.iter().map(|candidate| candidate.get()).collect();
                    count.add(&marks).map_err(|cause| format!("'{}': {cause}", contest.title))?;
                }
            }
            Some(Err(_)) => self.unreadable += 1,
            None => self.invalid += 1,
        }
        Ok(())
    }

    /// The count of all contests.
    pub(crate) fn finish(self, photos: &HashMap<i64, String>) -> Result<Vec<ContestResult>, String> {
        let undecrypted = self.invalid.saturating_add(self.unreadable);
        let finish = |(contest, count): (Contest, RunningCount)| {
            let count = count.finish().map_err(|cause| format!("'{}': {cause}", contest.title))?;
            result(&contest, count, undecrypted, photos)
        };
        self.contests.into_iter().map(finish).collect()
    }
}

fn rule(contest: &Contest) -> Result<Method, String> {
    match contest.method.as_str() {
        "plurality" => Ok(Method::Plurality(PluralityRule {
            seats: contest.seats,
            min_marks: contest.min,
            max_marks: contest.max,
            blank_allowed: contest.blank,
        })),
        "approval" => Ok(Method::Approval(ApprovalRule {
            seats: contest.seats,
            min_marks: contest.min,
            max_marks: contest.max,
            blank_allowed: contest.blank,
        })),
        other => Err(format!("'{}': there is no rule for counting by {other}", contest.title)),
    }
}

/// Lots are drawn from the commitment to the sealed box, which nobody could choose.
fn tie_rule(contest: &Contest, box_hash: Option<&[u8]>) -> Result<TieRule, String> {
    match contest.tie_rule.as_str() {
        "declare" => Ok(TieRule::Declare),
        "lot" => match box_hash.and_then(|hash| hash.try_into().ok()) {
            Some(seed) => Ok(TieRule::Lot(Seed(seed))),
            None => Err(format!("'{}': there is no box commitment to draw the lots from", contest.title)),
        },
        other => Err(format!("'{}': there is no tie rule {other}", contest.title)),
    }
}

fn result(contest: &Contest, count: Count, undecrypted: u64, photos: &HashMap<i64, String>) -> Result<ContestResult, String> {
    let tied = count.tie.as_ref().map(|tie| tie.candidates.as_slice()).unwrap_or_default();
    let mut results: Vec<CandidateResult> = contest
        .candidates
        .iter()
        .zip(&count.tallies)
        .map(|(candidate, tally)| CandidateResult {
            candidate_id: candidate.candidate_id,
            name: candidate.name.clone(),
            photo_url: photos.get(&candidate.candidate_id).cloned(),
            vote_count: tally.votes,
            percentage: f64::from(percentage(tally.votes, count.valid).get()) / 100.0,
            is_winner: tally.outcome == Outcome::Elected,
            // Whoever was drawn is elected and was tied.
            tie: tied.contains(&tally.candidate),
        })
        .collect();
    // Stable: equals stay in ballot order, but for those whom a lot has set apart.
    results.sort_by_key(|result| Reverse((result.vote_count, result.is_winner)));
    let story = count.story.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    Ok(ContestResult {
        contest_id: contest.contest_id,
        title: contest.title.clone(),
        method: contest.method.clone(),
        seats: contest.seats,
        tie_rule: contest.tie_rule.clone(),
        valid: count.valid,
        blank: count.blank,
        invalid: count.invalid.saturating_add(undecrypted),
        results,
        story: story.map_err(|cause| cause.to_string())?,
    })
}
