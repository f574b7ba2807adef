//! What is counted: the rule, the candidates, the lots and the roll of one contest.

use std::collections::{BTreeSet, HashMap};

use crate::rule::{Rule, RuleFault};
use crate::terms::NoneOfTheAbove;
use crate::{Lot, Seed};

/// What stands for a candidate. The order in which candidates are listed decides nothing but the order of the tallies.
pub type CandidateId = i64;

/// What a candidate is in a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Can be elected.
    Stands,
    /// Stood on the ballot, and withdrew or died. The count passes over them.
    Withdrawn,
    /// All undeclared write-in candidates together. They are eliminated first and can never win.
    WriteIns,
    /// The candidate "none of the above"; the rule says what it does.
    NoneOfTheAbove,
}

/// One candidate of a contest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The number by which ballots and report name them.
    pub id: CandidateId,
    /// Whether they can be elected, and if not, why.
    pub standing: Standing,
}

impl Candidate {
    /// Somebody who can be elected.
    #[must_use]
    pub const fn new(id: CandidateId) -> Self {
        Self { id, standing: Standing::Stands }
    }
}

/// Where lots come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lots {
    /// There are none; right for a rule that declares ties.
    None,
    /// The lot of a candidate is a hash of the seed and the candidate. Smaller is better.
    Seed(Seed),
    /// The lot was drawn before: all candidates, the favoured one first.
    Order(Vec<CandidateId>),
}

/// A contest to be counted.
#[derive(Debug, Clone)]
pub struct Contest {
    /// How it is counted.
    pub rule: Rule,
    /// Between whom, in the order of the numbers on a ballot. A motion has three: yes, no, abstain.
    pub candidates: Vec<Candidate>,
    /// Where lots come from, if a lot decides a tie.
    pub lots: Lots,
    /// How many could vote. Needed for a quorum and for a majority of the roll.
    pub roll: Option<u64>,
}

/// Why nothing was counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CountRefused {
    /// The rule contradicts itself; here is the first fault.
    #[error("{0}")]
    Rule(RuleFault),
    /// The same candidate stands twice on the list.
    #[error("candidate {0} is listed twice")]
    CandidateListedTwice(CandidateId),
    /// More candidates than a ballot can name.
    #[error("there are too many candidates")]
    TooManyCandidates,
    /// A motion has exactly three options.
    #[error("a motion has the three options yes, no and abstain")]
    NotThreeOptions,
    /// The rule knows nothing of such a candidate.
    #[error("this rule counts no {0}")]
    StandingNotCounted(&'static str),
    /// Two candidates are of a kind of which there can be only one.
    #[error("there are two candidates who are {0}")]
    StandingTwice(&'static str),
    /// Ties are broken by lot, and there are no lots.
    #[error("ties are broken by lot, and there is nothing to draw the lots from")]
    NoLots,
    /// The lot that was drawn before does not name every candidate once.
    #[error("the lot must name each candidate once")]
    LotsIncomplete,
    /// The rule asks for a share of the roll.
    #[error("the rule asks for a share of the roll, and the size of the roll is not known")]
    RollUnknown,
    /// A ballot of another family, or of another length, than the contest has.
    #[error("a ballot is not of the kind that this contest has")]
    WrongBallot,
    /// A number left its range; nothing is rounded or wrapped instead.
    #[error("a number became too large to count with")]
    NumberTooLarge,
}

impl CountRefused {
    /// The word by which programs know the refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rule(fault) => fault.code(),
            Self::CandidateListedTwice(_) => "candidate_listed_twice",
            Self::TooManyCandidates => "too_many_candidates",
            Self::NotThreeOptions => "not_three_options",
            Self::StandingNotCounted(_) => "standing_not_counted",
            Self::StandingTwice(_) => "standing_twice",
            Self::NoLots => "no_lots",
            Self::LotsIncomplete => "lots_incomplete",
            Self::RollUnknown => "roll_unknown",
            Self::WrongBallot => "wrong_ballot",
            Self::NumberTooLarge => "number_too_large",
        }
    }
}

/// The candidates by their place on the ballot, with the order in which a lot favours them.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    candidates: Vec<Candidate>,
    lots: Lots,
    /// The place of each in the lot; without lots, in the order of their numbers.
    favoured: Vec<usize>,
    /// Who cannot have a seat because no ballot supports them.
    unsupported: Vec<bool>,
}

impl Field {
    pub(crate) fn new(candidates: &[Candidate], lots: &Lots) -> Result<Self, CountRefused> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = candidates.iter().find(|candidate| !seen.insert(candidate.id)) {
            return Err(CountRefused::CandidateListedTwice(twice.id));
        }
        let ids: Vec<CandidateId> = candidates.iter().map(|candidate| candidate.id).collect();
        let mut order = ids.clone();
        match lots {
            Lots::None => order.sort_unstable(),
            Lots::Seed(seed) => order.sort_by_cached_key(|id| (seed.lot(*id), *id)),
            Lots::Order(drawn) => {
                order.sort_unstable();
                let mut sorted = drawn.clone();
                sorted.sort_unstable();
                if sorted != order {
                    return Err(CountRefused::LotsIncomplete);
                }
                order.clone_from(drawn);
            }
        }
        let places: HashMap<CandidateId, usize> = order.into_iter().zip(0..).collect();
        let favoured = ids.iter().map(|id| places.get(id).copied().unwrap_or(usize::MAX)).collect();
        let unsupported = vec![false; candidates.len()];
        Ok(Self { candidates: candidates.to_vec(), lots: lots.clone(), favoured, unsupported })
    }

    pub(crate) fn len(&self) -> usize {
        self.candidates.len()
    }

    pub(crate) fn id(&self, index: usize) -> CandidateId {
        self.candidates.get(index).map_or(0, |candidate| candidate.id)
    }

    pub(crate) fn ids(&self, indexes: &[usize]) -> Vec<CandidateId> {
        indexes.iter().map(|index| self.id(*index)).collect()
    }

    pub(crate) fn standing(&self, index: usize) -> Standing {
        self.candidates.get(index).map_or(Standing::Withdrawn, |candidate| candidate.standing)
    }

    /// All who did not withdraw.
    pub(crate) fn standing_indexes(&self) -> Vec<usize> {
        (0..self.len()).filter(|index| self.standing(*index) != Standing::Withdrawn).collect()
    }

    /// Nobody else of those who stand is supported by a ballot: the others cannot have a seat.
    pub(crate) fn only_supported(&mut self, is_supported: &[bool]) {
        for index in 0..self.len() {
            let is_unsupported = self.standing(index) == Standing::Stands && is_supported.get(index) != Some(&true);
            self.unsupported.iter_mut().skip(index).take(1).for_each(|before| *before = is_unsupported);
        }
    }

    pub(crate) fn is_unsupported(&self, index: usize) -> bool {
        self.unsupported.get(index) == Some(&true)
    }

    /// Whether this is a candidate who can be elected.
    pub(crate) fn can_have_a_seat(&self, index: usize) -> bool {
        self.standing(index) == Standing::Stands && !self.is_unsupported(index)
    }

    /// Whether this one is in a count only to be shown, and eliminated first.
    pub(crate) fn cannot_win(&self, index: usize, none: Option<NoneOfTheAbove>) -> bool {
        match self.standing(index) {
            Standing::WriteIns => true,
            Standing::NoneOfTheAbove => none == Some(NoneOfTheAbove::ShownOnly),
            Standing::Stands | Standing::Withdrawn => false,
        }
    }

    /// For each place whether a count by transfers begins with them: they did not withdraw, and the terms do not exclude them.
    pub(crate) fn takes_part(&self) -> Vec<bool> {
        (0..self.len()).map(|index| self.standing(index) != Standing::Withdrawn && !self.is_unsupported(index)).collect()
    }

    /// For each place whether they did not withdraw.
    pub(crate) fn stands(&self) -> Vec<bool> {
        (0..self.len()).map(|index| self.standing(index) != Standing::Withdrawn).collect()
    }

    /// The tied in the order in which the lot favours them.
    pub(crate) fn by_lot(&self, tied: &[usize]) -> Vec<usize> {
        let mut order = tied.to_vec();
        order.sort_by_key(|index| self.favoured.get(*index).copied());
        order
    }

    pub(crate) fn lot(&self, index: usize) -> Option<Lot> {
        match &self.lots {
            Lots::Seed(seed) => Some(seed.lot(self.id(index))),
            Lots::None | Lots::Order(_) => None,
        }
    }
}
