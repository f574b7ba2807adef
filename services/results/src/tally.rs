//! From decrypted ballots to seats: every contest of the manifest is counted by its rule. Ballots are added one by one; the memory of a
//! count follows the number of different ballots.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use contract::results::{CandidateResult, ContestResult};
use counting::{
    Ballot, Family, Limits, Lots, Report, Seed, Standing, Status, Tabulation, TieBroken, TieOver, Verdict, percentage,
};
use crypto::manifest::{self, Manifest};
use domain::ballot::BallotStyle;

/// A count to which decrypted ballots are added.
pub(crate) struct Tally {
    ballot_style: BallotStyle,
    contests: Vec<OneCount>,
    invalid: u64,
    /// Decrypted ballots whose bytes are no ballot: the decryption would have given them a reason, so somebody changed them since.
    pub(crate) unreadable: u64,
}

/// The count of one contest.
struct OneCount {
    contest: manifest::Contest,
    tabulation: Tabulation,
    /// Who did not withdraw, in ballot order.
    stands: Vec<bool>,
    /// For each the ballots on which nobody else who stands is ranked higher.
    first_preferences: Vec<u64>,
}

/// What a count needs beside manifest and ballots.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'g> {
    /// The commitment to the sealed box, from which lots are drawn: nobody could choose it.
    pub(crate) box_hash: Option<&'g [u8]>,
    /// How many could vote, for quorums and majorities of the roll.
    pub(crate) roll: Option<u64>,
    /// Who withdrew or died after the rules were fixed.
    pub(crate) withdrawn: &'g BTreeSet<i64>,
}

impl Tally {
    /// Without ballots.
    pub(crate) fn begin(manifest: &Manifest, given: Given<'_>) -> Result<Self, String> {
        let ballot_style = manifest.contests.iter().map(|contest| contest.candidates.len()).collect();
        let contests = manifest.contests.iter().map(|contest| OneCount::begin(contest, given)).collect::<Result<_, String>>()?;
        Ok(Self { ballot_style: BallotStyle::new(ballot_style), contests, invalid: 0, unreadable: 0 })
    }

    /// One ballot more; `None` is one that could not be decrypted.
    pub(crate) fn add(&mut self, plaintext: Option<&[u8]>) -> Result<(), String> {
        match plaintext.map(|plaintext| self.ballot_style.read(plaintext)) {
            Some(Ok(choices)) => {
                for (count, numbers) in self.contests.iter_mut().zip(choices) {
                    count.add(&numbers)?;
                }
            }
            Some(Err(_)) => self.unreadable = self.unreadable.saturating_add(1),
            None => self.invalid = self.invalid.saturating_add(1),
        }
        Ok(())
    }

    /// The count of all contests.
    pub(crate) fn finish(self, photos: &HashMap<i64, String>) -> Result<Vec<ContestResult>, String> {
        let undecrypted = self.invalid.saturating_add(self.unreadable);
        self.contests.into_iter().map(|count| count.finish(undecrypted, photos)).collect()
    }
}

impl OneCount {
    fn begin(contest: &manifest::Contest, given: Given<'_>) -> Result<Self, String> {
        let standing = |candidate: &manifest::Candidate| match candidate.standing {
            _ if given.withdrawn.contains(&candidate.candidate_id) => Standing::Withdrawn,
            Some(manifest::Standing::NoneOfTheAbove) => Standing::NoneOfTheAbove,
            None => Standing::Stands,
        };
        let candidate =
            |candidate: &manifest::Candidate| counting::Candidate { id: candidate.candidate_id, standing: standing(candidate) };
        let candidates: Vec<counting::Candidate> = contest.candidates.iter().map(candidate).collect();
        let stands = candidates.iter().map(|candidate| candidate.standing != Standing::Withdrawn).collect();
        let seed = given.box_hash.and_then(|hash| hash.try_into().ok());
        let lots = seed.map_or(Lots::None, |seed| Lots::Seed(Seed(seed)));
        let to_count = counting::Contest { rule: contest.rule.clone(), candidates, lots, roll: given.roll };
        let tabulation = Tabulation::begin(to_count).map_err(|cause| told(contest, &cause))?;
        let first_preferences = vec![0; contest.candidates.len()];
        Ok(Self { contest: contest.clone(), tabulation, stands, first_preferences })
    }

    fn add(&mut self, numbers: &[u16]) -> Result<(), String> {
        self.tabulation.add(Ballot::Numbers(numbers), 1).map_err(|cause| told(&self.contest, &cause))?;
        if self.contest.rule.family() == Family::Ranking && self.contest.rule.judge(numbers).is_ok() {
            let ranked = |(number, stands): (&u16, &bool)| (*stands && *number > 0).then_some(*number);
            let highest = numbers.iter().zip(&self.stands).filter_map(ranked).min();
            let places = numbers.iter().zip(&self.stands).zip(&mut self.first_preferences);
            for (_, votes) in places.filter(|((number, stands), _)| **stands && Some(**number) == highest) {
                *votes = votes.saturating_add(1);
            }
        }
        Ok(())
    }

    fn finish(mut self, undecrypted: u64, photos: &HashMap<i64, String>) -> Result<ContestResult, String> {
        let refused = |cause: counting::CountRefused| told(&self.contest, &cause);
        self.tabulation.add_unreadable(undecrypted).map_err(refused)?;
        let report = self.tabulation.finish().map_err(refused)?;
        let contest = self.contest;
        let votes = votes(&contest, &report, &self.first_preferences);
        let whole = report.valid.saturating_mul(most_for_one(&contest));
        let were_tied = tied(&report);
        let mut results: Vec<CandidateResult> = contest
            .candidates
            .iter()
            .zip(&votes)
            .map(|(candidate, votes)| CandidateResult {
                candidate_id: candidate.candidate_id,
                name: candidate.name.clone(),
                photo_url: photos.get(&candidate.candidate_id).cloned(),
                vote_count: *votes,
                percentage: f64::from(percentage(*votes, whole).get()) / 100.0,
                is_winner: report.elected.contains(&candidate.candidate_id),
                // Tied for a seat, or was until a lot was drawn.
                tie: were_tied.contains(&candidate.candidate_id),
            })
            .collect();
        // Stable: equals stay in ballot order.
        let place = |id: i64| report.elected.iter().position(|elected| *elected == id).unwrap_or(usize::MAX);
        results.sort_by_key(|result| (place(result.candidate_id), Reverse(result.vote_count)));
        Ok(ContestResult {
            contest_id: contest.contest_id,
            title: contest.title,
            text: contest.text,
            family: contest.rule.family(),
            sentence: domain::method_texts::sentence(&contest.rule),
            seats: contest.rule.seats(),
            rule: contest.rule,
            valid: report.valid,
            blank: report.blank,
            invalid: report.invalid,
            results,
            report,
        })
    }
}

fn told(contest: &manifest::Contest, cause: &counting::CountRefused) -> String {
    format!("'{}': {cause}", contest.title)
}

/// The one number for each candidate: marks, votes, sums of scores; of rankings the first preferences.
fn votes(contest: &manifest::Contest, report: &Report, first_preferences: &[u64]) -> Vec<u64> {
    if contest.rule.family() == Family::Ranking {
        let counted = report.verdict != Verdict::NotQuorate;
        return first_preferences.iter().map(|votes| if counted { *votes } else { 0 }).collect();
    }
    let first = |line: &counting::CandidateLine| line.first.as_deref().and_then(|votes| votes.parse().ok()).unwrap_or(0);
    report.candidates.iter().map(first).collect()
}

/// What one ballot can give one candidate.
fn most_for_one(contest: &manifest::Contest) -> u64 {
    match contest.rule.limits(contest.candidates.len()) {
        Limits::Marks { .. } | Limits::Ranks { .. } => 1,
        Limits::Votes { most, .. } => u64::from(most),
        Limits::Scores { top } => u64::from(top),
    }
}

/// Who is tied for a seat, or was until a lot was drawn.
fn tied(report: &Report) -> BTreeSet<i64> {
    // Where the required majority is missed, no lot decided anything.
    let drawn = report.steps.iter().filter(|_| report.verdict != Verdict::MajorityNotReached).flat_map(|step| &step.ties);
    let drawn = drawn.filter(|tie| tie.over == TieOver::Seat && tie.by == TieBroken::Lot).flat_map(|tie| &tie.between);
    let open = report.candidates.iter().filter(|line| line.status == Status::Tied).map(|line| &line.candidate);
    drawn.chain(open).copied().collect()
}
