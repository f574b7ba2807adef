//! Looking at the marks of one ballot, for every method whose ballot is a set of marks.

use std::collections::{BTreeMap, BTreeSet};

use super::CountRefused;
use super::story::{CandidateVotes, InvalidBallots, InvalidReason, Step};
use crate::CandidateId;

/// What a ballot of marks may look like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MarkLimits {
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) blank_allowed: bool,
}

/// Ballots sorted into kinds, with one vote for every mark of a valid one. It holds numbers only, however many ballots there are.
#[derive(Debug, Clone)]
pub(crate) struct Sorted {
    limits: MarkLimits,
    candidates: Vec<CandidateId>,
    votes: BTreeMap<CandidateId, u64>,
    pub(crate) valid: u64,
    pub(crate) blank: u64,
    pub(crate) invalid: u64,
    by_reason: BTreeMap<InvalidReason, u64>,
}

impl Sorted {
    /// No ballots yet.
    pub(crate) fn none(limits: MarkLimits, candidates: &[CandidateId]) -> Result<Self, CountRefused> {
        if limits.max == 0 || limits.min > limits.max {
            return Err(CountRefused::MarksCannotBeMet);
        }
        let mut votes: BTreeMap<CandidateId, u64> = BTreeMap::new();
        for candidate in candidates {
            if votes.insert(*candidate, 0).is_some() {
                return Err(CountRefused::CandidateListedTwice(*candidate));
            }
        }
        let (valid, blank, invalid, by_reason) = (0, 0, 0, BTreeMap::new());
        Ok(Self { limits, candidates: candidates.to_vec(), votes, valid, blank, invalid, by_reason })
    }

    /// One ballot more.
    pub(crate) fn add(&mut self, marks: &[CandidateId]) -> Result<(), CountRefused> {
        match judge(self.limits, &self.votes, marks) {
            Ok(()) if marks.is_empty() => add_one(&mut self.blank),
            Ok(()) => {
                add_one(&mut self.valid)?;
                for mark in marks {
                    // Every mark of a valid ballot has an entry; `judge` has looked.
                    self.votes.get_mut(mark).map_or(Ok(()), add_one)?;
                }
                Ok(())
            }
            Err(reason) => {
                add_one(&mut self.invalid)?;
                add_one(self.by_reason.entry(reason).or_insert(0))
            }
        }
    }

    /// In the order in which the candidates were listed.
    pub(crate) fn totals(&self) -> Vec<CandidateVotes> {
        let votes = |candidate: &CandidateId| self.votes.get(candidate).copied().unwrap_or(0);
        self.candidates.iter().map(|candidate| CandidateVotes { candidate: *candidate, votes: votes(candidate) }).collect()
    }

    /// The first step of every story.
    pub(crate) fn step(&self) -> Result<Step, CountRefused> {
        let ballots = self
            .valid
            .checked_add(self.blank)
            .and_then(|counted| counted.checked_add(self.invalid))
            .ok_or(CountRefused::TooManyBallots)?;
        let invalid =
            self.by_reason.iter().map(|(reason, ballots)| InvalidBallots { reason: *reason, ballots: *ballots }).collect();
        Ok(Step::BallotsSorted { ballots, valid: self.valid, blank: self.blank, invalid })
    }
}

/// The number of marks is looked at before their content, so that a monstrous ballot costs nothing.
fn judge(limits: MarkLimits, listed: &BTreeMap<CandidateId, u64>, marks: &[CandidateId]) -> Result<(), InvalidReason> {
    if marks.is_empty() {
        return if limits.blank_allowed { Ok(()) } else { Err(InvalidReason::BlankNotAllowed) };
    }
    // More marks than 2^32 are more than any limit.
    let number = u32::try_from(marks.len()).unwrap_or(u32::MAX);
    if number > limits.max {
        return Err(InvalidReason::TooManyMarks);
    }
    if marks.iter().any(|mark| !listed.contains_key(mark)) {
        return Err(InvalidReason::UnknownCandidate);
    }
    let mut seen = BTreeSet::new();
    if !marks.iter().all(|mark| seen.insert(mark)) {
        return Err(InvalidReason::MarkedTwice);
    }
    if number < limits.min {
        return Err(InvalidReason::TooFewMarks);
    }
    Ok(())
}

fn add_one(number: &mut u64) -> Result<(), CountRefused> {
    *number = number.checked_add(1).ok_or(CountRefused::TooManyBallots)?;
    Ok(())
}
