//! From opened ballots to seats: every contest of the manifest is counted by its rule.

use std::cmp::Reverse;
use std::collections::HashMap;

use contract::results::{CandidateResult, ContestResult};
use counting::{ApprovalRule, Count, Method, Outcome, PluralityRule, Seed, TieRule, percentage};
use crypto::manifest::{Contest, Manifest};
use domain::ballot::Paper;
use domain::ids::ContestId;

use crate::stored::Stored;

/// The count of all contests.
pub(crate) struct Counted {
    pub(crate) contests: Vec<ContestResult>,
    /// Opened ballots whose bytes are no ballot: the opening would have given them a reason, so somebody changed them since.
    pub(crate) unreadable: u64,
}

/// Counts.
pub(crate) fn count(stored: &Stored, manifest: &Manifest) -> Result<Counted, String> {
    let paper = Paper::new(manifest.contests.iter().map(|contest| (ContestId::new(contest.contest_id), contest.max)).collect());
    // One list of ballots for each contest, each ballot the candidates marked in it.
    let mut marks: Vec<Vec<Vec<i64>>> = vec![Vec::with_capacity(stored.opened.len()); manifest.contests.len()];
    let (mut invalid, mut unreadable) = (0_u64, 0_u64);
    for opened in &stored.opened {
        match opened.plaintext.as_deref().map(|plaintext| paper.read(plaintext)) {
            Some(Ok(choices)) => {
                for (list, choice) in marks.iter_mut().zip(choices) {
                    list.push(choice.candidates.iter().map(|candidate| candidate.get()).collect());
                }
            }
            Some(Err(_)) => unreadable += 1,
            None => invalid += 1,
        }
    }
    let contests = manifest.contests.iter().zip(&marks).map(|(contest, ballots)| {
        let candidates: Vec<i64> = contest.candidates.iter().map(|candidate| candidate.candidate_id).collect();
        let count = rule(contest)?
            .count(&candidates, ballots, tie_rule(contest, stored.election.box_hash.as_deref())?)
            .map_err(|cause| format!("'{}': {cause}", contest.title))?;
        result(contest, count, invalid.saturating_add(unreadable), &stored.photos)
    });
    Ok(Counted { contests: contests.collect::<Result<_, String>>()?, unreadable })
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

fn result(contest: &Contest, count: Count, unopened: u64, photos: &HashMap<i64, String>) -> Result<ContestResult, String> {
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
        invalid: count.invalid.saturating_add(unopened),
        results,
        story: story.map_err(|cause| cause.to_string())?,
    })
}
