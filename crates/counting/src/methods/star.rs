//! STAR (score, then automatic run-off): the two with the highest sums of scores go into a run-off, and whoever is scored higher on more
//! ballots wins.
//!
//! **Good for** a chair or another single seat, by a ballot that people know from rating things: scores say how much, the run-off says
//! how many. **Does badly** as a proof of a majority: whoever would win against each other one can miss the run-off. With several seats it is
//! not proportional (Bloc STAR: a majority that agrees takes all).
//!
//! **Source.** Equal Vote Coalition, "STAR Voting" and "STAR Voting ties: Official Tiebreaker Protocol" (starvoting.org/ties). Ties in the
//! scoring round: (1) compare the tied head to head, eliminate who loses most match-ups, and again; (2) most fives; (3) lot. In the run-off:
//! (1) higher total; (2) more fives; (3) lot. Exactly two tied for the two places both go on. Several seats: the winner is taken out, and
//! again on unchanged ballots.
//!
//! **Where we differ.** We know of no difference.
//! Step (1) for three or more is read in other ways by other programs: starvote adds up, over all
//! pairs, the ballots that prefer a candidate; BetterVoting skips the step unless two are tied. If those who lose most are more than
//! must go, the others are through and the losers are compared again.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::ballots::Limits;
use crate::contest::{CountRefused, Field, Standing};
use crate::pairs::Pairs;
use crate::report::{Step, StepKind, TieBroken, TieOver, TieReport, lines, step};
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::tabulation::CountInput;
use crate::terms::{NoneOfTheAbove, RequiredShare, Terms, Ties, rule_of};
use crate::ties::{PendingTie, ResumableCount, Side, run, tell};
use crate::totals::totals;

rule_of! {
    /// The rule of a STAR contest. Scores are 0 to 5.
    Star, ties = Ties::Declare, {
        /// How many are elected; more than one is Bloc STAR.
        seats: u32 = 1,
        /// What share of the valid ballots the only winner needs in the run-off.
        #[serde(skip_serializing_if = "Option::is_none")]
        required_majority: Option<RequiredShare> = None,
    }
}

const TOP: u16 = 5;

impl Counted for Star {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "star", family: Family::Scores, several_seats: true };

    fn terms(&self) -> Terms {
        Terms { required_majority: self.required_majority, ..self.common(self.seats) }
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Scores { top: TOP }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let terms = self.terms();
        let pairs = Pairs::of_scores(input)?;
        let sums = totals(input, |number| number.saturating_sub(1))?;
        let fives = totals(input, |number| u16::from(number == TOP.saturating_add(1)))?;
        let shown_only = terms.none_of_the_above == Some(NoneOfTheAbove::ShownOnly);
        let left = |index: &usize| !(shown_only && input.field.standing(*index) == Standing::NoneOfTheAbove);
        let supporters = totals(input, |number| u16::from(number > 1))?;
        let ballots = Ballots { field: &input.field, sums, fives, supporters, pairs, shown: input.field.standing_indexes() };
        let count = StarCount {
            ballots: &ballots,
            seats: usize::try_from(terms.seats).unwrap_or(usize::MAX),
            left: input.field.standing_indexes().into_iter().filter(left).collect(),
            finalists: vec![],
            contenders: None,
            drawn: false,
            scored: false,
            elected: vec![],
            winner_votes: None,
            steps: vec![],
        };
        let (count, open) = run(count, &input.field, terms.ties)?;
        let tied = open.map(|question| (question.tied, question.over));
        let pairs = ballots.pairs.lines(&input.field);
        Ok(MethodReport {
            steps: count.steps,
            elected: count.elected,
            tied,
            leader_votes: count.winner_votes,
            pairs,
            ..MethodReport::default()
        })
    }
}

/// What does not change during the count.
struct Ballots<'p> {
    field: &'p Field,
    sums: Vec<u128>,
    fives: Vec<u128>,
    /// The ballots with a score above 0: what they would have in a run-off against nobody.
    supporters: Vec<u128>,
    pairs: Pairs,
    shown: Vec<usize>,
}

impl Ballots<'_> {
    fn sum(&self, index: usize) -> u128 {
        self.sums.get(index).copied().unwrap_or(0)
    }

    fn fives(&self, index: usize) -> u128 {
        self.fives.get(index).copied().unwrap_or(0)
    }

    /// How many of the tied beat this candidate head to head.
    fn losses(&self, index: usize, tied: &[usize]) -> usize {
        tied.iter().filter(|other| self.pairs.over(**other, index) > self.pairs.over(index, **other)).count()
    }
}

#[derive(Clone)]
struct StarCount<'b> {
    ballots: &'b Ballots<'b>,
    seats: usize,
    left: Vec<usize>,
    finalists: Vec<usize>,
    /// Those tied for the open places in the run-off; `None` before the scoring round.
    contenders: Option<Vec<usize>>,
    /// Whether a lot has filled one of these places; then a lot fills the other one, too.
    drawn: bool,
    scored: bool,
    elected: Vec<usize>,
    winner_votes: Option<u128>,
    steps: Vec<Step>,
}

impl StarCount<'_> {
    fn tie(&mut self, over: TieOver, tied: &[usize], by: TieBroken, chosen: &[usize]) {
        let tie = tell(self.ballots.field, over, tied, by, chosen);
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
    }

    /// The totals of those left, and who goes on without a tie.
    fn begin_scoring(&mut self) {
        let votes = &self.ballots.sums;
        let tallies = lines(self.ballots.field, votes, 0, |index| self.is_shown(index));
        self.steps.push(step(StepKind::Scoring, tallies));
        self.finalists.clear();
        let mut order = self.left.clone();
        order.sort_by_key(|index| std::cmp::Reverse(self.ballots.sum(*index)));
        for level in order.chunk_by(|a, b| self.ballots.sum(*a) == self.ballots.sum(*b)) {
            let open = 2_usize.saturating_sub(self.finalists.len());
            if level.len() > open {
                self.contenders = Some(level.to_vec());
                return;
            }
            self.finalists.extend(level);
            if self.finalists.len() == 2 {
                break;
            }
        }
        self.contenders = Some(vec![]);
    }

    fn is_shown(&self, index: usize) -> bool {
        self.left.contains(&index) || self.elected.is_empty() && self.ballots.shown.contains(&index)
    }

    /// Keeps the better ones of the contenders by the steps of the protocol, until they fit or nothing tells them apart.
    fn reduce(&mut self, mut tied: Vec<usize>) -> Vec<usize> {
        for by in [TieBroken::HeadToHead, TieBroken::MostTopScores] {
            loop {
                let open = 2_usize.saturating_sub(self.finalists.len());
                if tied.len() <= open {
                    self.finalists.append(&mut tied);
                    return tied;
                }
                let worse: Vec<usize> = match by {
                    TieBroken::HeadToHead => worst(&tied, |index| self.ballots.losses(index, &tied)),
                    _ => worst(&tied, |index| u128::MAX.saturating_sub(self.ballots.fives(index))),
                };
                if worse.len() == tied.len() || open == 0 {
                    break;
                }
                let better: Vec<usize> = tied.iter().filter(|index| !worse.contains(index)).copied().collect();
                self.tie(TieOver::RunOffPlace, &tied, by, &better);
                if better.len() <= open {
                    self.finalists.extend(better);
                    tied = worse;
                } else {
                    tied = better;
                }
                if self.finalists.len() == 2 {
                    return vec![];
                }
            }
        }
        tied
    }

    fn run_off(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        let (Some(a), b) = (self.finalists.first().copied(), self.finalists.get(1).copied()) else { return Ok(None) };
        let Some(b) = b else {
            self.elect(a, self.ballots.supporters.get(a).copied());
            return Ok(None);
        };
        let (for_a, for_b) = (u128::from(self.ballots.pairs.over(a, b)), u128::from(self.ballots.pairs.over(b, a)));
        let mut votes = vec![0; self.ballots.field.len()];
        for (index, number) in [(a, for_a), (b, for_b)] {
            votes.iter_mut().skip(index).take(1).for_each(|total| *total = number);
        }
        let tallies = lines(self.ballots.field, &votes, 0, |index| index == a || index == b);
        self.steps.push(step(StepKind::RunOff, tallies));
        let winner = match for_a.cmp(&for_b) {
            std::cmp::Ordering::Greater => a,
            std::cmp::Ordering::Less => b,
            std::cmp::Ordering::Equal => {
                let keys = [
                    (TieBroken::HigherTotal, self.ballots.sum(a), self.ballots.sum(b)),
                    (TieBroken::MostTopScores, self.ballots.fives(a), self.ballots.fives(b)),
                ];
                let Some((by, of_a, of_b)) = keys.into_iter().find(|(_, of_a, of_b)| of_a != of_b) else {
                    self.winner_votes = Some(for_a);
                    return Ok(Some(PendingTie::new(TieOver::Seat, Side::Best, vec![a, b])));
                };
                let winner = if of_a > of_b { a } else { b };
                self.tie(TieOver::Seat, &[a, b], by, &[winner]);
                winner
            }
        };
        self.elect(winner, Some(for_a.max(for_b)));
        Ok(None)
    }

    fn elect(&mut self, winner: usize, votes: Option<u128>) {
        self.elected.push(winner);
        self.winner_votes = votes;
        self.left.retain(|index| *index != winner);
        (self.contenders, self.drawn, self.scored) = (None, false, false);
        self.finalists.clear();
        if self.ballots.field.standing(winner) == Standing::NoneOfTheAbove {
            // Whoever is left is below "none of the above": the seats stay vacant.
            self.left.clear();
        }
        let name = self.ballots.field.id(winner);
        if let Some(step) = self.steps.last_mut() {
            step.elected.push(name);
        }
    }
}

/// Those with the highest measure of badness.
fn worst<K: Ord>(tied: &[usize], bad: impl Fn(usize) -> K) -> Vec<usize> {
    let most = tied.iter().map(|index| bad(*index)).max();
    tied.iter().filter(|index| Some(bad(**index)) == most).copied().collect()
}

impl ResumableCount for StarCount<'_> {
    fn advance(&mut self) -> Result<Option<PendingTie>, CountRefused> {
        while self.elected.len() < self.seats && !self.left.is_empty() {
            if self.contenders.is_none() {
                if self.left.iter().all(|index| self.ballots.sum(*index) == 0) {
                    break;
                }
                self.begin_scoring();
            }
            if !self.scored {
                let contenders = self.contenders.take().unwrap_or_default();
                let tied = if self.drawn { contenders } else { self.reduce(contenders) };
                self.contenders = Some(tied.clone());
                if !tied.is_empty() {
                    return Ok(Some(PendingTie::new(TieOver::RunOffPlace, Side::Best, tied)));
                }
                self.scored = true;
            }
            if let Some(question) = self.run_off()? {
                return Ok(Some(question));
            }
        }
        Ok(None)
    }

    fn choose(&mut self, chosen: usize, tie: TieReport) -> Result<(), CountRefused> {
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
        if self.scored {
            let votes =
                self.finalists.iter().find(|other| **other != chosen).map(|other| self.ballots.pairs.over(chosen, *other));
            self.elect(chosen, votes.map(u128::from));
        } else {
            self.drawn = true;
            self.finalists.push(chosen);
            if let Some(contenders) = self.contenders.as_mut() {
                contenders.retain(|index| *index != chosen);
                if self.finalists.len() == 2 {
                    contenders.clear();
                }
            }
        }
        Ok(())
    }

    fn declare(&mut self, _: &PendingTie, tie: TieReport) {
        if let Some(step) = self.steps.last_mut() {
            step.ties.push(tie);
        }
    }

    fn elected(&self) -> BTreeSet<usize> {
        self.elected.iter().copied().collect()
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut finalists = self.finalists.clone();
        finalists.sort_unstable();
        for list in [&self.left, &finalists, self.contenders.as_ref().unwrap_or(&vec![])] {
            hash.update(list.len().to_be_bytes());
            list.iter().for_each(|index| hash.update(index.to_be_bytes()));
        }
        hash.update([self.scored, self.drawn, self.contenders.is_some()].map(u8::from));
        hash.finalize().into()
    }

    fn work(&self) -> usize {
        self.ballots.field.len()
    }

    fn rounds(&self) -> usize {
        self.elected.len()
    }

    fn bytes(&self) -> usize {
        self.left.len().saturating_mul(size_of::<usize>()).saturating_mul(4)
    }

    fn drop_steps(&mut self) {
        self.steps.clear();
    }
}
