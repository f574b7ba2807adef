//! Giving seats to those with the most votes, for every method that ends in one number for each candidate.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::story::{Outcome, Standing, Step, Tie};
use crate::{CandidateId, TieRule};

/// Who sits where, and how that came about.
#[derive(Debug)]
pub(crate) struct Seated {
    outcomes: BTreeMap<CandidateId, Outcome>,
    pub(crate) tie: Option<Tie>,
    pub(crate) steps: Vec<Step>,
}

impl Seated {
    pub(crate) fn outcome(&self, candidate: CandidateId) -> Outcome {
        self.outcomes.get(&candidate).copied().unwrap_or(Outcome::NotElected)
    }
}

/// Candidates with equally many votes stand or fall together: that is what keeps the order of the list without influence.
pub(crate) fn fill(seats: u32, standings: &[Standing], tie_rule: TieRule) -> Seated {
    let mut order = standings.to_vec();
    order.sort_by_key(|standing| Reverse(standing.votes));
    let mut seated =
        Seated { outcomes: BTreeMap::new(), tie: None, steps: vec![Step::CandidatesRanked { order: order.clone() }] };
    let mut left = seats;
    for equals in order.chunk_by(|a, b| a.votes == b.votes) {
        let votes = equals.first().map_or(0, |standing| standing.votes);
        if left == 0 || votes == 0 {
            break;
        }
        let candidates: Vec<CandidateId> = equals.iter().map(|standing| standing.candidate).collect();
        let rest = u32::try_from(candidates.len()).ok().and_then(|wanted| left.checked_sub(wanted));
        let Some(rest) = rest else {
            seated.outcomes.extend(candidates.iter().map(|candidate| (*candidate, Outcome::Tied)));
            seated.tie = Some(Tie { candidates: candidates.clone(), seats_left: left });
            match tie_rule {
                TieRule::Declare => seated.steps.push(Step::TieDeclared { candidates, votes, seats_left: left }),
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
