//! IRV (instant run-off): voters rank candidates; the last is eliminated and their ballots move to the next choice, until one has a majority.
//!
//! **Good for** a president, a mayor or another single seat with more than two candidates: it saves a second round of voting, and a
//! hopeless candidate does not take votes from a similar one for good. **Does badly** where somebody is everybody's second choice: they
//! can be eliminated first, though they would win against each other one. Ranking a candidate higher can, rarely, make them lose.
//!
//! **Source.** The rules of RCTab, the Ranked Choice Voting Resource Center's open-source tabulator, which counts public elections in the
//! United States: the threshold is floor(active / 2) + 1 of the ballots active in the round; whoever has it wins; else the lowest is
//! eliminated. Its options for overvotes, skipped ranks, duplicates, undeclared write-ins, elimination in batches, going on until two are
//! left, and a threshold frozen in round 1 are here under the same meanings.
//!
//! **Where we differ.** RCTab knows no required majority: where a rule has one, the count goes on until somebody has it, or two are left.
//! A batch is taken only if it has two or more, as in RCTab. If two are left
//! and neither has the majority, that is a tie for the seat; it is broken as the rule says, or declared.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use strum::VariantNames;

use crate::ballots::Limits;
use crate::contest::{CountRefused, Field};
use crate::papers::{Papers, ReadBallots};
use crate::ranking::RankingRule;
use crate::report::{Step, StepKind, TieOver, TieReport, lines, step};
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::tabulation::CountInput;
use crate::terms::{Duplicate, Overvote, Permission, RequiredShare, SkippedRanks, Terms, Ties, rule_of};
use crate::ties::{History, PendingTie, ResumableCount, Side, by_earlier_rounds, copy_bytes, hash_history, round_work, run};

/// Which ballots the majority is a majority of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MajorityOf {
    /// Of the ballots that are active in the round.
    EachRound,
    /// Of the ballots active in round 1, in all rounds. If nobody has it when two are left, the higher one wins.
    FirstRound,
}

rule_of! {
    /// The rule of a contest by instant run-off.
    Irv, ties = Ties::Lot, {
        /// Whether candidates may share a rank; `overvote` says what it means.
        equal_ranks: Permission = Permission::Refuse,
        /// Whether ranks may be skipped; `max_skipped` says how many in a row.
        gaps: Permission = Permission::Refuse,
        /// What a shared rank means.
        overvote: Overvote = Overvote::Exhaust,
        /// How many ranks in a row may be skipped.
        max_skipped: SkippedRanks = SkippedRanks::Unlimited,
        /// What happens if a ballot names a candidate a second time.
        duplicate: Duplicate = Duplicate::Skip,
        /// Whether the lowest are eliminated together, if their votes together are fewer than the next one's.
        batch: bool = false,
        /// Whether to go on after a majority is found, until two are left.
        until_two: bool = false,
        /// Which ballots the majority is a majority of.
        threshold: MajorityOf = MajorityOf::EachRound,
        /// Whether ties look back to earlier rounds before the lot.
        earlier_rounds: bool = true,
        /// What share of the valid ballots the winner needs. The count goes on until somebody has it, or two are left.
        #[serde(skip_serializing_if = "Option::is_none")]
        required_majority: Option<RequiredShare> = None,
    }
}

impl Counted for Irv {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "irv", family: Family::Ranking, several_seats: false };

    fn terms(&self) -> Terms {
        Terms { required_majority: self.required_majority, ..self.common(1) }
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn takes_write_ins(&self) -> bool {
        true
    }

    fn reading(&self) -> Option<RankingRule> {
        Some(self.ranking_rule())
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let settled = ReadBallots::new(input, self.ranking_rule());
        let papers = Papers::deal(&settled, &input.field, 0)?;
        let first_threshold = majority(papers.active()?);
        let count = IrvCount {
            rule: self,
            field: &input.field,
            papers,
            is_continuing: input.field.takes_part(),
            required: self.required_majority.map_or(0, |required| required.fewest(input.valid)),
            missed: None,
            first_threshold,
            threshold: first_threshold,
            winner: None,
            history: vec![],
            steps: vec![],
            asked: None,
            shown: false,
            over: false,
        };
        let (count, question) = run(count, &input.field, self.ties)?;
        let tied = question.map(|question| (question.tied, question.over));
        let leader_votes = count.winner.map(|winner| count.papers.of(winner)).or(count.missed);
        let elected = count.winner.into_iter().collect();
        Ok(MethodReport { steps: count.steps, elected, tied, leader_votes, ..MethodReport::default() })
    }
}

impl Irv {
    fn ranking_rule(&self) -> RankingRule {
        RankingRule { overvote: self.overvote, skipped: self.max_skipped, duplicate: self.duplicate }
    }
}

/// floor(active / 2) + 1.
fn majority(active: u128) -> u128 {
    (active >> 1).saturating_add(1)
}

#[derive(Clone)]
struct IrvCount<'p> {
    rule: &'p Irv,
    field: &'p Field,
    papers: Papers<'p>,
    is_continuing: Vec<bool>,
    /// The fewest votes that elect by the required majority.
    required: u128,
    /// The votes of two who are left with as many each, if that is fewer than required.
    missed: Option<u128>,
    first_threshold: u128,
    threshold: u128,
    winner: Option<usize>,
    history: History,
    steps: Vec<Step>,
    asked: Option<TieOver>,
    shown: bool,
    over: bool,
}

impl IrvCount<'_> {
    fn continuing(&self) -> Vec<usize> {
        (0..self.is_continuing.len()).filter(|index| self.is_continuing.get(*index) == Some(&true)).collect()
    }

    fn cannot_win(&self, index: usize) -> bool {
        self.field.cannot_win(index, self.rule.none_of_the_above)
    }

    fn show(&mut self) -> Result<(), CountRefused> {
        // Once a majority is found the threshold no longer changes.
        if self.winner.is_none() && self.rule.threshold == MajorityOf::EachRound {
            self.threshold = majority(self.papers.active()?);
        }
        let is_first = self.history.is_empty();
        let is_shown = |index| self.is_continuing.get(index) == Some(&true) || is_first && self.field.is_unsupported(index);
        let tallies = lines(self.field, &self.papers.votes, 0, is_shown);
        let mut told = step(StepKind::Round, tallies);
        told.exhausted = Some(self.papers.exhausted.to_string());
        told.quota = Some(self.threshold.max(self.required).to_string());
        self.steps.push(told);
        self.shown = true;
        Ok(())
    }

    fn tell(&mut self, tie: TieReport) {
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
    }

    fn elect(&mut self, winner: usize) {
        self.winner = Some(winner);
        let name = self.field.id(winner);
        if let Some(step) = self.steps.last_mut() {
            step.elected.push(name);
        }
        self.over = !self.rule.until_two || self.continuing().len() <= 2;
        // RCTab shows the same tallies again, with who is eliminated on seeing them.
        self.shown = self.over;
    }

    fn eliminate(&mut self, losers: &[usize]) -> Result<(), CountRefused> {
        self.history.push(self.papers.votes.as_slice().into());
        for loser in losers {
            self.is_continuing.iter_mut().skip(*loser).take(1).for_each(|is_continuing| *is_continuing = false);
        }
        for loser in losers {
            let moves = self.papers.transfer_all(*loser, 0, &self.is_continuing, Ok)?;
            let (name, transfers) = (self.field.id(*loser), self.papers.transfers(self.field, *loser, &moves));
            if let Some(step) = self.steps.last_mut() {
                step.eliminated.push(name);
                step.transfers.extend(transfers);
            }
        }
        self.shown = false;
        Ok(())
    }

    /// The largest set of lowest candidates whose votes together are fewer than the next one's.
    fn batch(&self, continuing: &[usize]) -> Result<Vec<usize>, CountRefused> {
        let mut order = continuing.to_vec();
        order.sort_by_key(|index| self.papers.of(*index));
        let stay = if self.rule.until_two || self.required > 0 { 2 } else { 1 };
        let (mut together, mut largest) = (0, 0);
        for (number, index) in order.iter().enumerate() {
            if number >= 2 && together < self.papers.of(*index) && order.len().saturating_sub(number) >= stay {
                largest = number;
            }
            together = crate::fixed::add(together, self.papers.of(*index))?;
        }
        order.truncate(largest);
        order.sort_unstable();
        Ok(order)
    }

    /// What is decided on seeing the tallies; a question only if a tie has to be broken for it.
    fn decide(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        let continuing = self.continuing();
        let (without, can_win): (Vec<usize>, Vec<usize>) = continuing.iter().partition(|index| self.cannot_win(**index));
        if let Some(first) = without.iter().find(|index| self.papers.of(**index) > 0) {
            self.eliminate(&[*first])?;
            return Ok(None);
        }
        let best = self.papers.edge(&can_win, Side::Best);
        if self.winner.is_some() && continuing.len() <= 2 || can_win.is_empty() {
            self.over = true;
            return Ok(None);
        }
        if self.winner.is_none() {
            let threshold = if self.rule.threshold == MajorityOf::FirstRound { self.first_threshold } else { self.threshold };
            let votes = best.first().map_or(0, |leader| self.papers.of(*leader));
            match best.as_slice() {
                [leader] if votes >= threshold.max(self.required) || continuing.len() <= 2 => {
                    self.elect(*leader);
                    return Ok(None);
                }
                // No lot can give either of them the majority.
                [_, _, ..] if continuing.len() <= 2 && votes < self.required => {
                    (self.missed, self.over) = (Some(votes), true);
                    return Ok(None);
                }
                tied if continuing.len() <= 2 => return self.ask(TieOver::Seat, Side::Best, tied.to_vec()),
                _ => {}
            }
        }
        if self.rule.batch {
            let batch = self.batch(&continuing)?;
            if !batch.is_empty() {
                self.eliminate(&batch)?;
                return Ok(None);
            }
        }
        self.ask(TieOver::Elimination, Side::Worst, self.papers.edge(&continuing, Side::Worst))
    }

    fn ask(&mut self, over: TieOver, wants: Side, tied: Vec<usize>) -> Result<Option<PendingTie>, CountRefused> {
        let mut left = tied.clone();
        if self.rule.earlier_rounds && tied.len() > 1 {
            let (kept, tie) = by_earlier_rounds(self.field, &self.history, over, &tied, wants);
            left = kept;
            if let Some(tie) = tie {
                self.tell(tie);
            }
        }
        if let [only] = left.as_slice() {
            if over == TieOver::Seat {
                self.elect(*only)
            } else {
                self.eliminate(&[*only])?
            }
            return Ok(None);
        }
        self.asked = Some(over);
        let remain = self.continuing().iter().filter(|index| !left.contains(index) && !self.cannot_win(**index)).count();
        let harmless = over == TieOver::Elimination && left.iter().all(|index| self.papers.of(*index) == 0) && remain >= 1;
        Ok(Some(PendingTie { harmless, ..PendingTie::new(over, wants, left) }))
    }
}

impl ResumableCount for IrvCount<'_> {
    fn advance(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        while !self.over {
            if !self.shown {
                self.show()?;
            }
            if let Some(question) = self.decide()? {
                return Ok(Some(question));
            }
        }
        Ok(None)
    }

    fn choose(&mut self, chosen: usize, tie: TieReport) -> Result<(), CountRefused> {
        self.tell(tie);
        if self.asked == Some(TieOver::Seat) {
            self.elect(chosen);
            return Ok(());
        }
        self.eliminate(&[chosen])
    }

    fn declare(&mut self, _: &PendingTie, tie: TieReport) {
        self.tell(tie);
    }

    fn elected(&self) -> BTreeSet<usize> {
        self.winner.into_iter().collect()
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.is_continuing.iter().for_each(|is_continuing| hash.update([u8::from(*is_continuing)]));
        hash.update(self.winner.unwrap_or(usize::MAX).to_be_bytes());
        self.papers.fingerprint(&mut hash);
        if self.rule.earlier_rounds {
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
