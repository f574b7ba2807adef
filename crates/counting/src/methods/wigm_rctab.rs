//! The rounds of `wigm` with `rule=rctab`; the method is described in `wigm.rs`.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::contest::{CountRefused, Field, Standing};
use crate::fixed::{mul_div, one, sub, text};
use crate::methods::wigm::{Quota, WinnersPerRound};
use crate::papers::{Papers, ReadBallots};
use crate::report::{Step, StepKind, TieOver, TieReport, lines, step};
use crate::rule::MethodReport;
use crate::tabulation::CountInput;
use crate::terms::{NoneOfTheAbove, Ties};
use crate::ties::{History, PendingTie, ResumableCount, Side, by_earlier_rounds, copy_bytes, hash_history, round_work, run};

#[derive(Debug, Clone, Copy)]
pub(crate) struct RctabRule {
    pub(crate) seats: u32,
    pub(crate) decimals: u8,
    pub(crate) quota: Quota,
    pub(crate) mode: WinnersPerRound,
    pub(crate) ties: Ties,
    pub(crate) earlier_rounds: bool,
    pub(crate) none_of_the_above: Option<NoneOfTheAbove>,
}

#[derive(Clone)]
struct RctabCount<'p> {
    setting: RctabRule,
    field: &'p Field,
    papers: Papers<'p>,
    is_continuing: Vec<bool>,
    threshold: u128,
    open: usize,
    elected: Vec<usize>,
    history: History,
    steps: Vec<Step>,
    asked: Option<TieOver>,
    begun: bool,
    over: bool,
}

pub(crate) fn count(input: &CountInput, settled: &ReadBallots, setting: RctabRule) -> Result<MethodReport, CountRefused> {
    let papers = Papers::deal(settled, &input.field, setting.decimals)?;
    let threshold = setting.quota.of(papers.active()?, setting.seats, setting.decimals)?;
    let count = RctabCount {
        setting,
        field: &input.field,
        papers,
        is_continuing: input.field.takes_part(),
        threshold,
        open: usize::try_from(setting.seats).unwrap_or(usize::MAX),
        elected: vec![],
        history: vec![],
        steps: vec![],
        asked: None,
        begun: false,
        over: false,
    };
    let (count, question) = run(count, &input.field, setting.ties)?;
    let tied = question.map(|question| (question.tied, question.over));
    Ok(MethodReport { steps: count.steps, elected: count.elected, tied, ..MethodReport::default() })
}

impl RctabCount<'_> {
    fn continuing(&self) -> Vec<usize> {
        (0..self.is_continuing.len()).filter(|index| self.is_continuing.get(*index) == Some(&true)).collect()
    }

    fn cannot_win(&self, index: usize) -> bool {
        self.field.cannot_win(index, self.setting.none_of_the_above)
    }

    fn show(&mut self) {
        let (decimals, field) = (self.setting.decimals, self.field);
        let stands = |index| field.standing(index) != Standing::Withdrawn;
        let mut told = step(StepKind::Round, lines(field, &self.papers.votes, decimals, stands));
        told.exhausted = Some(text(self.papers.exhausted, decimals));
        told.lost = Some(text(self.papers.lost, decimals));
        told.quota = Some(text(self.threshold, decimals));
        self.steps.push(told);
        self.begun = true;
    }

    fn tell(&mut self, tie: TieReport) {
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
    }

    fn elect(&mut self, mut winners: Vec<usize>) -> Result<(), CountRefused> {
        winners.sort_by_key(|index| std::cmp::Reverse(self.papers.of(*index)));
        for winner in &winners {
            self.is_continuing.iter_mut().skip(*winner).take(1).for_each(|is_continuing| *is_continuing = false);
            self.elected.push(*winner);
            self.open = self.open.saturating_sub(1);
        }
        let names = self.field.ids(&winners);
        if let Some(step) = self.steps.last_mut() {
            step.elected.extend(names);
        }
        if self.open == 0 {
            self.over = true;
            return Ok(());
        }
        // All winners of a round leave before the first surplus of it moves.
        self.history.push(self.papers.votes.as_slice().into());
        winners.into_iter().try_for_each(|winner| self.pass_on(winner))?;
        self.begun = false;
        Ok(())
    }

    fn pass_on(&mut self, winner: usize) -> Result<(), CountRefused> {
        let (votes, one) = (self.papers.of(winner), one(self.setting.decimals)?);
        let surplus = sub(votes, self.threshold)?;
        if surplus == 0 {
            return Ok(());
        }
        let fraction = mul_div(surplus, one, votes)?;
        let moves =
            self.papers.transfer_all(winner, self.threshold, &self.is_continuing, |value| mul_div(value, fraction, one))?;
        let (name, transfers) = (self.field.id(winner), self.papers.transfers(self.field, winner, &moves));
        if let Some(step) = self.steps.last_mut() {
            step.surplus_of.push(name);
            step.transfers.extend(transfers);
        }
        Ok(())
    }

    fn eliminate(&mut self, loser: usize) -> Result<(), CountRefused> {
        self.is_continuing.iter_mut().skip(loser).take(1).for_each(|is_continuing| *is_continuing = false);
        self.history.push(self.papers.votes.as_slice().into());
        let moves = self.papers.transfer_all(loser, 0, &self.is_continuing, Ok)?;
        let (name, transfers) = (self.field.id(loser), self.papers.transfers(self.field, loser, &moves));
        if let Some(step) = self.steps.last_mut() {
            step.eliminated.push(name);
            step.transfers.extend(transfers);
        }
        self.begun = false;
        Ok(())
    }

    /// What is decided on seeing the tallies; a question only if a tie has to be broken for it.
    fn decide(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        let continuing = self.continuing();
        let (without, can_win): (Vec<usize>, Vec<usize>) = continuing.iter().partition(|index| self.cannot_win(**index));
        if let Some(first) = without.iter().find(|index| self.papers.of(**index) > 0) {
            self.eliminate(*first)?;
            return Ok(None);
        }
        if can_win.len() <= self.open {
            self.elect_rest(can_win);
            return Ok(None);
        }
        let reached: Vec<usize> = can_win.iter().filter(|index| self.papers.of(**index) >= self.threshold).copied().collect();
        if !reached.is_empty() {
            if self.setting.mode == WinnersPerRound::All && reached.len() <= self.open {
                self.elect(reached)?;
                return Ok(None);
            }
            return self.ask(TieOver::Seat, Side::Best, self.papers.edge(&reached, Side::Best));
        }
        let tied = self.papers.edge(&continuing, Side::Worst);
        self.ask(TieOver::Elimination, Side::Worst, tied)
    }

    fn elect_rest(&mut self, mut rest: Vec<usize>) {
        rest.sort_by_key(|index| std::cmp::Reverse(self.papers.of(*index)));
        let names = self.field.ids(&rest);
        if let Some(step) = self.steps.last_mut() {
            step.elected.extend(names);
        }
        self.open = self.open.saturating_sub(rest.len());
        self.elected.extend(rest);
        self.over = true;
    }

    fn ask(&mut self, over: TieOver, wants: Side, tied: Vec<usize>) -> Result<Option<PendingTie>, CountRefused> {
        let mut left = tied.clone();
        if self.setting.earlier_rounds && tied.len() > 1 {
            let (kept, tie) = by_earlier_rounds(self.field, &self.history, over, &tied, wants);
            left = kept;
            if let Some(tie) = tie {
                self.tell(tie);
            }
        }
        if let [only] = left.as_slice() {
            if over == TieOver::Seat {
                self.elect(vec![*only])?
            } else {
                self.eliminate(*only)?
            }
            return Ok(None);
        }
        self.asked = Some(over);
        let remain = self.continuing().iter().filter(|index| !left.contains(index) && !self.cannot_win(**index)).count();
        let harmless =
            over == TieOver::Elimination && left.iter().all(|index| self.papers.of(*index) == 0) && remain >= self.open;
        Ok(Some(PendingTie { harmless, ..PendingTie::new(over, wants, left) }))
    }
}

impl ResumableCount for RctabCount<'_> {
    fn advance(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        while !self.over {
            if !self.begun {
                self.show();
            }
            if let Some(question) = self.decide()? {
                return Ok(Some(question));
            }
        }
        Ok(None)
    }

    fn choose(&mut self, chosen: usize, tie: TieReport) -> Result<(), CountRefused> {
        self.tell(tie);
        if self.asked == Some(TieOver::Seat) { self.elect(vec![chosen]) } else { self.eliminate(chosen) }
    }

    fn declare(&mut self, _: &PendingTie, tie: TieReport) {
        self.tell(tie);
    }

    fn elected(&self) -> BTreeSet<usize> {
        self.elected.iter().copied().collect()
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.is_continuing.iter().for_each(|is_continuing| hash.update([u8::from(*is_continuing)]));
        let mut elected = self.elected.clone();
        elected.sort_unstable();
        elected.iter().for_each(|index| hash.update(index.to_be_bytes()));
        self.papers.fingerprint(&mut hash);
        if self.setting.earlier_rounds {
            hash_history(&mut hash, &self.history, &self.continuing());
        }
        hash.finalize().into()
    }

    fn work(&self) -> usize {
        round_work(&self.papers, &self.history, self.is_continuing.len())
    }

    fn rounds(&self) -> usize {
        self.history.len()
    }

    fn bytes(&self) -> usize {
        copy_bytes(&self.papers, &self.history, self.is_continuing.len())
    }

    fn drop_steps(&mut self) {
        self.steps.clear();
    }
}
