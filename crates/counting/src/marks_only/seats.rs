//! Giving seats to those with the most votes, for every method that ends in one number for each candidate.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::marks::{MarkLimits, Sorted};
use super::story::{CandidateVotes, Count, Drawn, Outcome, Step, Tally, Tie};
use super::{CountRefused, TieRule};
use crate::{CandidateId, Seed};

/// Who sits where, and how that came about.
#[derive(Debug)]
pub(crate) struct Seated {
    outcomes: BTreeMap<CandidateId, Outcome>,
    pub(crate) tie: Option<Tie>,
    pub(crate) steps: Vec<Step>,
}

impl Seated {
    /// Gives the seats left to the smallest lots.
    fn draw(&mut self, seed: Seed, candidates: &[CandidateId], votes: u64, seats_left: u32) {
        let mut lots: Vec<Drawn> =
            candidates.iter().map(|candidate| Drawn { candidate: *candidate, lot: seed.lot(*candidate) }).collect();
        lots.sort_by_key(|drawn| (drawn.lot, drawn.candidate));
        let seats = usize::try_from(seats_left).unwrap_or(usize::MAX);
        let elected: Vec<CandidateId> = lots.iter().take(seats).map(|drawn| drawn.candidate).collect();
        self.outcomes.extend(elected.iter().map(|candidate| (*candidate, Outcome::Elected)));
        self.steps.push(Step::LotsDrawn { lots, votes, elected });
    }

    pub(crate) fn outcome(&self, candidate: CandidateId) -> Outcome {
        self.outcomes.get(&candidate).copied().unwrap_or(Outcome::NotElected)
    }
}

/// A count in which every mark is one vote, and those with the most have the seats; ballots are added one by one.
#[derive(Debug, Clone)]
pub(crate) struct ByMarks {
    seats: u32,
    tie_rule: TieRule,
    sorted: Sorted,
}

impl ByMarks {
    pub(crate) fn new(
        seats: u32,
        limits: MarkLimits,
        candidates: &[CandidateId],
        tie_rule: TieRule,
    ) -> Result<Self, CountRefused> {
        if seats == 0 {
            return Err(CountRefused::NoSeats);
        }
        Ok(Self { seats, tie_rule, sorted: Sorted::none(limits, candidates)? })
    }

    pub(crate) fn add(&mut self, marks: &[CandidateId]) -> Result<(), CountRefused> {
        self.sorted.add(marks)
    }

    pub(crate) fn finish(self) -> Result<Count, CountRefused> {
        let Self { seats, tie_rule, sorted } = self;
        let totals = sorted.totals();
        let seated = fill(seats, &totals, tie_rule);
        let mut story = vec![sorted.step()?];
        let tally = |total: &CandidateVotes| Tally {
            candidate: total.candidate,
            votes: total.votes,
            outcome: seated.outcome(total.candidate),
        };
        let tallies = totals.iter().map(tally).collect();
        story.extend(seated.steps);
        Ok(Count { valid: sorted.valid, blank: sorted.blank, invalid: sorted.invalid, tallies, tie: seated.tie, story })
    }
}

/// Candidates with equally many votes stand or fall together, unless a lot decides: that is what keeps the order of the list without influence.
fn fill(seats: u32, totals: &[CandidateVotes], tie_rule: TieRule) -> Seated {
    let mut order = totals.to_vec();
    order.sort_by_key(|total| Reverse(total.votes));
    let mut seated =
        Seated { outcomes: BTreeMap::new(), tie: None, steps: vec![Step::CandidatesRanked { order: order.clone() }] };
    let mut left = seats;
    for equals in order.chunk_by(|a, b| a.votes == b.votes) {
        let votes = equals.first().map_or(0, |total| total.votes);
        if left == 0 || votes == 0 {
            break;
        }
        let candidates: Vec<CandidateId> = equals.iter().map(|total| total.candidate).collect();
        let rest = u32::try_from(candidates.len()).ok().and_then(|wanted| left.checked_sub(wanted));
        let Some(rest) = rest else {
            seated.outcomes.extend(candidates.iter().map(|candidate| (*candidate, Outcome::Tied)));
            seated.tie = Some(Tie { candidates: candidates.clone(), seats_left: left });
            match tie_rule {
                TieRule::Declare => seated.steps.push(Step::TieDeclared { candidates, votes, seats_left: left }),
                TieRule::Lot(seed) => seated.draw(seed, &candidates, votes, left),
            }
            return seated;
        };
        left = rest;
        seated.outcomes.extend(candidates.iter().map(|candidate| (*candidate, Outcome::Elected)));
        seated.steps.push(Step::Elected { candidates, votes, seats_left: left });
    }
    if left > 0 {
        seated.steps.push(Step::SeatsLeftEmpty { seats: left });
    }
    seated
}
