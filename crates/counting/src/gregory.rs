//! STV counts in which each stage transfers one surplus or excludes one candidate: what `scottish_stv` and `wigm` with `rule=prf`
//! have in common. [`GregoryRule`] holds what differs between them. A stage is one round of the report.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::contest::{CountRefused, Field};
use crate::fixed::{add, sub, text};
use crate::papers::{Papers, ReadBallots};
use crate::report::{Step, StepKind, TieOver, TieReport, lines, step};
use crate::rule::MethodReport;
use crate::tabulation::CountInput;
use crate::terms::Ties;
use crate::ties::{History, PendingTie, ResumableCount, Side, by_earlier_rounds, copy_bytes, hash_history, round_work, run};

/// What a rule says of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GregoryRule {
    pub(crate) decimals: u8,
    /// The votes that elect, from the valid votes and the seats.
    pub(crate) quota: fn(u128, u32, u8) -> Result<u128, CountRefused>,
    /// A paper's new value, from its present value, the surplus and the candidate's votes.
    pub(crate) revalue: fn(u128, u128, u128, u8) -> Result<u128, CountRefused>,
    /// Whether a candidate with exactly the quota has a surplus of 0, whose transfer is a stage of its own.
    pub(crate) transfers_zero_surplus: bool,
    /// Whether ties look back to earlier stages.
    pub(crate) earlier_rounds: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Continuing,
    /// Elected, and the surplus has not moved.
    Elected,
    /// Elected, and the surplus has moved.
    Done,
    Out,
}

#[derive(Clone)]
struct Gregory<'p> {
    rule: GregoryRule,
    field: &'p Field,
    papers: Papers<'p>,
    states: Vec<State>,
    quota: u128,
    open: usize,
    elected: Vec<usize>,
    history: History,
    steps: Vec<Step>,
    /// The open tie at which the count stopped last.
    asked: Option<PendingTie>,
    over: bool,
}

/// Counts an input by such a rule.
pub(crate) fn count(
    input: &CountInput,
    settled: &ReadBallots,
    rule: GregoryRule,
    seats: u32,
    ties: Ties,
) -> Result<MethodReport, CountRefused> {
    let papers = Papers::deal(settled, &input.field, rule.decimals)?;
    let quota = (rule.quota)(papers.active()?, seats, rule.decimals)?;
    let states = input.field.takes_part().into_iter().map(|part| if part { State::Continuing } else { State::Out }).collect();
    let open = usize::try_from(seats).unwrap_or(usize::MAX);
    let (elected, history, steps) = (vec![], vec![], vec![]);
    let count =
        Gregory { rule, field: &input.field, papers, states, quota, open, elected, history, steps, asked: None, over: false };
    let (count, question) = run(count, &input.field, ties)?;
    let tied = question.map(|question| (question.tied, question.over));
    Ok(MethodReport { steps: count.steps, elected: count.elected, tied, ..MethodReport::default() })
}

impl Gregory<'_> {
    fn all(&self, wanted: State) -> Vec<usize> {
        self.states.iter().zip(0..).filter(|(state, _)| **state == wanted).map(|(_, index)| index).collect()
    }

    fn set(&mut self, candidate: usize, state: State) {
        self.states.iter_mut().skip(candidate).take(1).for_each(|before| *before = state);
    }

    fn is_continuing(&self) -> Vec<bool> {
        self.states.iter().map(|state| *state == State::Continuing).collect()
    }

    fn last(&mut self) -> Option<&mut Step> {
        self.steps.last_mut()
    }

    /// Shows the tallies of a stage, and elects everybody with the quota.
    fn begin_stage(&mut self) {
        let decimals = self.rule.decimals;
        let field = self.field;
        let stands = |index| field.standing(index) != crate::Standing::Withdrawn;
        let mut told = step(StepKind::Round, lines(field, &self.papers.votes, decimals, stands));
        told.exhausted = Some(text(self.papers.exhausted, decimals));
        told.lost = Some(text(self.papers.lost, decimals));
        told.quota = Some(text(self.quota, decimals));
        self.steps.push(told);
        let mut reached: Vec<usize> =
            self.all(State::Continuing).into_iter().filter(|index| self.papers.of(*index) >= self.quota).collect();
        reached.sort_by_key(|index| std::cmp::Reverse(self.papers.of(*index)));
        reached.truncate(self.open);
        reached.into_iter().for_each(|candidate| self.elect(candidate));
    }

    fn elect(&mut self, candidate: usize) {
        self.set(candidate, State::Elected);
        self.elected.push(candidate);
        self.open = self.open.saturating_sub(1);
        let name = self.field.id(candidate);
        if let Some(step) = self.last() {
            step.elected.push(name);
        }
    }

    /// Fills the last seats without a further transfer, as soon as those who continue are no more than the vacancies.
    fn is_filled(&mut self) -> bool {
        let continuing = self.all(State::Continuing);
        if self.open > 0 && continuing.len() <= self.open {
            let mut order = continuing;
            order.sort_by_key(|index| std::cmp::Reverse(self.papers.of(*index)));
            order.into_iter().for_each(|candidate| self.elect(candidate));
            self.over = true;
        }
        self.over |= self.open == 0;
        self.over
    }

    /// Whose surplus moves, or else who is excluded.
    fn question(&self) -> PendingTie {
        let least = if self.rule.transfers_zero_surplus { self.quota } else { self.quota.saturating_add(1) };
        let pending: Vec<usize> = self.all(State::Elected).into_iter().filter(|index| self.papers.of(*index) >= least).collect();
        if !pending.is_empty() {
            return PendingTie::new(TieOver::Surplus, Side::Best, self.papers.edge(&pending, Side::Best));
        }
        let continuing = self.all(State::Continuing);
        let tied = self.papers.edge(&continuing, Side::Worst);
        let remain = continuing.len().saturating_sub(tied.len());
        let harmless = tied.iter().all(|index| self.papers.of(*index) == 0) && remain >= self.open;
        PendingTie { harmless, ..PendingTie::new(TieOver::Elimination, Side::Worst, tied) }
    }

    fn act(&mut self, over: TieOver, candidate: usize) -> Result<(), CountRefused> {
        self.history.push(self.papers.votes.as_slice().into());
        if over == TieOver::Surplus { self.transfer_surplus(candidate) } else { self.eliminate(candidate) }
    }

    fn transfer_surplus(&mut self, candidate: usize) -> Result<(), CountRefused> {
        let (rule, votes) = (self.rule, self.papers.of(candidate));
        let surplus = sub(votes, self.quota)?;
        self.set(candidate, State::Done);
        let is_continuing = self.is_continuing();
        let moves = self
            .papers
            .transfer_all(candidate, self.quota, &is_continuing, |value| (rule.revalue)(value, surplus, votes, rule.decimals))?;
        let (name, transfers) = (self.field.id(candidate), self.papers.transfers(self.field, candidate, &moves));
        if let Some(step) = self.last() {
            step.surplus_of.push(name);
            step.transfers.extend(transfers);
        }
        self.begin_stage();
        Ok(())
    }

    fn eliminate(&mut self, candidate: usize) -> Result<(), CountRefused> {
        self.set(candidate, State::Out);
        let name = self.field.id(candidate);
        if let Some(step) = self.last() {
            step.eliminated.push(name);
        }
        if self.is_filled() {
            return Ok(());
        }
        let is_continuing = self.is_continuing();
        let moves = self.papers.transfer_all(candidate, 0, &is_continuing, Ok)?;
        let transfers = self.papers.transfers(self.field, candidate, &moves);
        if let Some(step) = self.last() {
            step.transfers.extend(transfers);
        }
        self.begin_stage();
        Ok(())
    }

    fn tell(&mut self, tie: TieReport) {
        if let Some(step) = self.last() {
            step.ties.push(tie);
        }
    }
}

impl ResumableCount for Gregory<'_> {
    fn advance(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        if self.history.is_empty() && self.asked.is_none() {
            self.begin_stage();
        }
        while !self.over && !self.is_filled() {
            let mut question = self.question();
            if question.tied.len() > 1 && self.rule.earlier_rounds {
                let PendingTie { over, wants, tied, .. } = &question;
                let (left, tie) = by_earlier_rounds(self.field, &self.history, *over, tied, *wants);
                question = PendingTie { tied: left, ..question };
                if let Some(tie) = tie {
                    self.tell(tie);
                }
            }
            match question.tied.as_slice() {
                [only] => self.act(question.over, *only)?,
                [] => self.over = true,
                _ => {
                    self.asked = Some(question.clone());
                    return Ok(Some(question));
                }
            }
        }
        Ok(None)
    }

    fn choose(&mut self, chosen: usize, tie: TieReport) -> Result<(), CountRefused> {
        self.tell(tie);
        let over = self.asked.as_ref().map_or(TieOver::Elimination, |question| question.over);
        self.act(over, chosen)
    }

    fn declare(&mut self, _: &PendingTie, tie: TieReport) {
        self.tell(tie);
    }

    fn elected(&self) -> BTreeSet<usize> {
        self.elected.iter().copied().collect()
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.states.iter().for_each(|state| hash.update([*state as u8]));
        self.papers.fingerprint(&mut hash);
        if self.rule.earlier_rounds {
            // Only the past of those who can still be in a tie counts.
            let counts = |index: &usize| matches!(self.states.get(*index), Some(State::Continuing | State::Elected));
            let who: Vec<usize> = (0..self.states.len()).filter(counts).collect();
            hash_history(&mut hash, &self.history, &who);
        }
        hash.finalize().into()
    }

    fn work(&self) -> usize {
        round_work(&self.papers, &self.history, self.states.len())
    }

    fn rounds(&self) -> usize {
        self.history.len()
    }

    fn bytes(&self) -> usize {
        copy_bytes(&self.papers, &self.history, self.states.len())
    }

    fn drop_steps(&mut self) {
        self.steps.clear();
    }
}

/// floor(votes / (seats + 1)) + 1 whole votes.
pub(crate) fn whole_droop(votes: u128, seats: u32, decimals: u8) -> Result<u128, CountRefused> {
    let one = crate::fixed::one(decimals)?;
    let parts = add(u128::from(seats), 1)?;
    let whole = crate::fixed::div(crate::fixed::div(votes, one)?, parts)?;
    crate::fixed::mul(add(whole, 1)?, one)
}

/// votes / (seats + 1), truncated, plus 1 in the last place.
pub(crate) fn fraction_droop(votes: u128, seats: u32, _: u8) -> Result<u128, CountRefused> {
    add(crate::fixed::div(votes, add(u128::from(seats), 1)?)?, 1)
}
