//! Meek STV: the single transferable vote in which every elected candidate keeps just the part of each vote that they need, computed
//! anew each time somebody is elected or excluded.
//!
//! **Good for** councils and boards that are counted by a computer anyway: it treats a later choice for somebody elected as what it is, and
//! the quota falls as ballots run out of choices, so no vote is worth less because of the order of the count.
//! **Does badly** by hand: nobody can follow hundreds of iterations on paper.
//!
//! **Source.** The Proportional Representation Foundation's reference rule for Meek's method (prfound.org), after I. D. Hill, B. A. Wichmann,
//! D. R. Woodall, "Algorithm 123: Single transferable vote by Meek's method", The Computer Journal 30 (1987): nine decimals, omega 0.000001,
//! a ballot's share and both steps of a keep factor rounded up, the quota truncated plus 0.000000001.
//!
//! **Where we differ.** Ties by one lot for the whole count. Equal ranks are not part of the rule: where a contest allows them, a ballot
//! ends there. Ballots with the same first choices are counted together; this changes no
//! rounding, since their weights are equal.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest as _, Sha256};

use crate::ballots::Limits;
use crate::contest::{CountRefused, Field, Standing};
use crate::fixed::{add, div_up, mul, one, text};
use crate::papers::ReadBallots;
use crate::ranking::{ENDS_AT_SHARED_RANK, Next, RankingRule, next_choice};
use crate::report::{KeepFactor, Step, StepKind, TieOver, TieReport, lines, step};
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::tabulation::CountInput;
use crate::terms::{Permission, Terms, Ties, rule_of};
use crate::ties::{PendingTie, ResumableCount, Side, run};

rule_of! {
    /// The rule of a contest by Meek's method.
    MeekStv, ties = Ties::Lot, {
        /// How many are elected.
        seats: u32 = 1,
        /// Whether candidates may share a rank; the ballot ends there.
        equal_ranks: Permission = Permission::Refuse,
        /// Whether ranks may be skipped; a skipped rank then means nothing.
        gaps: Permission = Permission::Refuse,
    }
}

const DECIMALS: u8 = 9;
/// 0.000001
const OMEGA: u128 = 1_000;

impl Counted for MeekStv {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "meek_stv", family: Family::Ranking, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn can_show_only(&self) -> bool {
        false
    }

    fn reading(&self) -> Option<RankingRule> {
        Some(ENDS_AT_SHARED_RANK)
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let settled = ReadBallots::new(input, ENDS_AT_SHARED_RANK);
        let takes_part = input.field.takes_part();
        let full = u64::try_from(one(DECIMALS)?).map_err(|_| CountRefused::NumberTooLarge)?;
        let mut count = Meek {
            field: &input.field,
            settled: &settled,
            seats: usize::try_from(self.seats).unwrap_or(usize::MAX),
            keep: takes_part.iter().map(|part| if *part { full } else { 0 }).collect(),
            hopeful: takes_part.clone(),
            counts: takes_part,
            piles: HashMap::new(),
            tallies: Tallies::default(),
            elected: vec![],
            steps: vec![],
            begun: false,
            over: false,
        };
        count.deal()?;
        let (count, question) = run(count, &input.field, self.ties)?;
        let tied = question.map(|question| (question.tied, question.over));
        Ok(MethodReport { steps: count.steps, elected: count.elected, tied, ..MethodReport::default() })
    }
}

/// The routes of a round one behind the other, to be walked many times.
#[derive(Debug, Default)]
struct Walk {
    through: Vec<u16>,
    /// Where each ends, to whom it leads, and how many ballots take it.
    routes: Vec<(usize, Option<u16>, u64)>,
}

/// Ballots that agree up to the first hopeful candidate: through which elected ones, and to whom. Nobody is the end of the ballot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Route {
    through: Box<[u16]>,
    to: Option<u16>,
}

#[derive(Debug, Clone, Default)]
struct Pile {
    ballots: u64,
    /// Each ballot, and where reading goes on.
    papers: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Default)]
struct Tallies {
    votes: Vec<u128>,
    exhausted: u128,
    quota: u128,
    surplus: u128,
}

#[derive(Clone)]
struct Meek<'p> {
    field: &'p Field,
    settled: &'p ReadBallots,
    seats: usize,
    hopeful: Vec<bool>,
    /// Hopeful or elected.
    counts: Vec<bool>,
    /// What of a vote each keeps: all while hopeful, nothing once excluded.
    keep: Vec<u64>,
    piles: HashMap<Route, Pile>,
    tallies: Tallies,
    elected: Vec<usize>,
    steps: Vec<Step>,
    begun: bool,
    over: bool,
}

impl Meek<'_> {
    fn all_hopeful(&self) -> Vec<usize> {
        (0..self.hopeful.len()).filter(|index| self.hopeful.get(*index) == Some(&true)).collect()
    }

    fn of(&self, index: usize) -> u128 {
        self.tallies.votes.get(index).copied().unwrap_or(0)
    }

    fn deal(&mut self) -> Result<(), CountRefused> {
        for ballot in 0..u32::try_from(self.settled.len()).map_err(|_| CountRefused::NumberTooLarge)? {
            self.send_on(&mut Vec::new(), ballot, 0)?;
        }
        Ok(())
    }

    /// Reads a ballot on, through elected candidates to the next hopeful one, and puts it on the pile of that route.
    fn send_on(&mut self, through: &mut Vec<u16>, ballot: u32, at: u32) -> Result<(), CountRefused> {
        let too_large = |_| CountRefused::NumberTooLarge;
        let Some((tokens, times)) = self.settled.get(ballot) else { return Ok(()) };
        let (mut at, mut to) = (usize::try_from(at).unwrap_or(usize::MAX), None);
        while let Next::To(candidate, after) = next_choice(tokens, at, &self.counts) {
            at = after;
            let name = u16::try_from(candidate).map_err(too_large)?;
            if self.hopeful.get(candidate) == Some(&true) {
                to = Some(name);
                break;
            }
            through.push(name);
        }
        let pile = self.piles.entry(Route { through: through.as_slice().into(), to }).or_default();
        pile.ballots = pile.ballots.checked_add(times).ok_or(CountRefused::NumberTooLarge)?;
        pile.papers.push((ballot, u32::try_from(at).map_err(too_large)?));
        Ok(())
    }

    /// Sends all ballots on that were for this candidate: to others if excluded, through this one to others if elected.
    fn take_out(&mut self, candidate: usize, is_elected: bool) -> Result<(), CountRefused> {
        let name = u16::try_from(candidate).map_err(|_| CountRefused::NumberTooLarge)?;
        self.hopeful.iter_mut().skip(candidate).take(1).for_each(|is_hopeful| *is_hopeful = false);
        if !is_elected {
            self.counts.iter_mut().skip(candidate).take(1).for_each(|counts| *counts = false);
            self.keep.iter_mut().skip(candidate).take(1).for_each(|keep| *keep = 0);
        }
        let routes: Vec<Route> = self.piles.keys().filter(|route| route.to == Some(name)).cloned().collect();
        for route in routes {
            let Some(pile) = self.piles.remove(&route) else { continue };
            let mut through = route.through.to_vec();
            if is_elected {
                through.push(name);
            }
            let length = through.len();
            for (ballot, at) in pile.papers {
                through.truncate(length);
                self.send_on(&mut through, ballot, at)?;
            }
        }
        Ok(())
    }

    /// On every ballot each candidate takes the weight that is left times their keep factor, rounded up.
    fn distribute(&mut self, walk: &Walk) -> Result<(), CountRefused> {
        let full = u64::try_from(one(DECIMALS)?).map_err(|_| CountRefused::NumberTooLarge)?;
        let mut votes = vec![0_u128; self.hopeful.len()];
        let mut exhausted = 0;
        let mut give = |to: Option<u16>, share: u64, ballots: u64| {
            let total = match to {
                Some(to) => votes.get_mut(usize::from(to)).ok_or(CountRefused::NumberTooLarge)?,
                None => &mut exhausted,
            };
            *total = add(*total, mul(u128::from(share), u128::from(ballots))?)?;
            Ok::<_, CountRefused>(())
        };
        let mut from = 0;
        for (end, to, ballots) in &walk.routes {
            let mut weight = full;
            let through = walk.through.get(from..*end).unwrap_or_default();
            from = *end;
            for name in through {
                let keep = self.keep.get(usize::from(*name)).copied().unwrap_or(0);
                let share = weight.checked_mul(keep).ok_or(CountRefused::NumberTooLarge)?.div_ceil(full).min(weight);
                give(Some(*name), share, *ballots)?;
                weight = weight.saturating_sub(share);
                if weight == 0 {
                    break;
                }
            }
            give(*to, weight, *ballots)?;
        }
        let all = votes.iter().try_fold(0, |sum, votes| add(sum, *votes))?;
        let parts = u128::try_from(self.seats).unwrap_or(u128::MAX).saturating_add(1);
        let quota = add(crate::fixed::div(all, parts)?, 1)?;
        self.tallies = Tallies { votes, exhausted, quota, surplus: 0 };
        Ok(())
    }

    /// Repeats until somebody is elected, or the surplus is below omega or no longer falls. Gives who is elected.
    fn iterate(&mut self) -> Result<Vec<usize>, CountRefused> {
        let mut before: Option<u128> = None;
        let mut walk = Walk::default();
        for (route, pile) in &self.piles {
            walk.through.extend(&route.through);
            walk.routes.push((walk.through.len(), route.to, pile.ballots));
        }
        loop {
            self.distribute(&walk)?;
            let quota = self.tallies.quota;
            let mut reached: Vec<usize> = self.all_hopeful().into_iter().filter(|index| self.of(*index) >= quota).collect();
            reached.sort_by_key(|index| std::cmp::Reverse(self.of(*index)));
            for winner in &reached {
                self.elected.push(*winner);
                self.take_out(*winner, true)?;
            }
            let votes = self.elected.iter().try_fold(0, |sum, index| add(sum, self.of(*index)))?;
            let quotas = mul(quota, u128::try_from(self.elected.len()).unwrap_or(u128::MAX))?;
            self.tallies.surplus = votes.saturating_sub(quotas);
            let surplus = self.tallies.surplus;
            if !reached.is_empty() || surplus < OMEGA || before.is_some_and(|before| surplus >= before) {
                return Ok(reached);
            }
            before = Some(surplus);
            self.update_keep_factors()?;
        }
    }

    /// Factor x quota, rounded up, / votes, rounded up.
    fn update_keep_factors(&mut self) -> Result<(), CountRefused> {
        let full = one(DECIMALS)?;
        for winner in &self.elected {
            let votes = self.of(*winner);
            if let Some(keep) = self.keep.get_mut(*winner)
                && votes > 0
            {
                let product = div_up(mul(u128::from(*keep), self.tallies.quota)?, full)?;
                let factor = div_up(mul(product, full)?, votes)?;
                *keep = u64::try_from(factor).map_err(|_| CountRefused::NumberTooLarge)?;
            }
        }
        Ok(())
    }

    fn show(&mut self, winners: &[usize]) {
        let field = self.field;
        let stands = |index| field.standing(index) != Standing::Withdrawn;
        let mut told = step(StepKind::Round, lines(field, &self.tallies.votes, DECIMALS, stands));
        told.exhausted = Some(text(self.tallies.exhausted, DECIMALS));
        told.lost = Some(text(0, DECIMALS));
        told.quota = Some(text(self.tallies.quota, DECIMALS));
        let factor = |index: usize| KeepFactor {
            candidate: field.id(index),
            factor: text(u128::from(self.keep.get(index).copied().unwrap_or(0)), DECIMALS),
        };
        told.keep_factors = (0..field.len()).filter(|index| stands(*index)).map(factor).collect();
        told.elected = field.ids(winners);
        self.steps.push(told);
        self.begun = true;
    }

    /// Whether the count is complete: the seats are filled, or those left just fill them.
    fn is_complete(&mut self) -> bool {
        let hopeful = self.all_hopeful();
        if hopeful.len().saturating_add(self.elected.len()) <= self.seats || self.elected.len() >= self.seats {
            let mut rest = if self.elected.len() < self.seats { hopeful } else { vec![] };
            rest.sort_by_key(|index| std::cmp::Reverse(self.of(*index)));
            let names = self.field.ids(&rest);
            self.elected.extend(rest);
            if let Some(step) = self.steps.last_mut() {
                step.elected.extend(names);
            }
            self.over = true;
        }
        self.over
    }

    fn eliminate(&mut self, candidate: usize) -> Result<(), CountRefused> {
        let name = self.field.id(candidate);
        if let Some(step) = self.steps.last_mut() {
            step.eliminated.push(name);
        }
        self.take_out(candidate, false)
    }

    /// Everybody with at most the lowest votes and the total surplus is tied for the exclusion.
    fn lowest(&self) -> Vec<usize> {
        let hopeful = self.all_hopeful();
        let least = hopeful.iter().map(|index| self.of(*index)).min().unwrap_or(0).saturating_add(self.tallies.surplus);
        hopeful.into_iter().filter(|index| self.of(*index) <= least).collect()
    }
}

impl ResumableCount for Meek<'_> {
    fn advance(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        while !self.over {
            if self.begun && self.is_complete() {
                break;
            }
            let winners = self.iterate()?;
            self.show(&winners);
            if !winners.is_empty() || self.is_complete() {
                continue;
            }
            let tied = self.lowest();
            if let [only] = tied.as_slice() {
                self.eliminate(*only)?;
                continue;
            }
            let remain = self.all_hopeful().len().saturating_add(self.elected.len()).saturating_sub(tied.len());
            let harmless = tied.iter().all(|index| self.of(*index) == 0) && remain >= self.seats;
            return Ok(Some(PendingTie { harmless, ..PendingTie::new(TieOver::Elimination, Side::Worst, tied) }));
        }
        Ok(None)
    }

    fn choose(&mut self, chosen: usize, tie: TieReport) -> Result<(), CountRefused> {
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
        self.eliminate(chosen)
    }

    fn declare(&mut self, _: &PendingTie, tie: TieReport) {
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
    }

    fn elected(&self) -> BTreeSet<usize> {
        self.elected.iter().copied().collect()
    }

    /// The piles follow from who is hopeful, elected and excluded.
    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.hopeful.iter().for_each(|is_hopeful| hash.update([u8::from(*is_hopeful)]));
        self.keep.iter().for_each(|keep| hash.update(keep.to_be_bytes()));
        hash.finalize().into()
    }

    fn work(&self) -> usize {
        self.settled.len().saturating_add(self.hopeful.len())
    }

    fn rounds(&self) -> usize {
        self.hopeful.iter().filter(|is_hopeful| !**is_hopeful).count()
    }

    fn bytes(&self) -> usize {
        let papers = self.settled.len().saturating_mul(size_of::<(u32, u32)>());
        let piles = self.piles.len().saturating_mul(size_of::<(Route, Pile)>().saturating_add(64));
        papers.saturating_add(piles).saturating_add(self.hopeful.len().saturating_mul(64))
    }

    fn drop_steps(&mut self) {
        self.steps.clear();
    }
}
