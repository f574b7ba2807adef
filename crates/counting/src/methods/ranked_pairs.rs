//! Ranked pairs: candidates are compared in pairs, and the comparisons are locked from the strongest on, unless
//! one closes a cycle.
//!
//! **Good for** one seat or an order, as Schulze's method; it is easier to follow by hand.
//! **Does badly** where many pairs are equally strong, which small elections have: then ties decide which pairs are locked.
//! As an order for several seats it is not proportional.
//!
//! **Source.** T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4 (1987), 185-206, with
//! winning votes: pairs by the ballots for the winner, then by fewer ballots for the loser. Equal ranks say nothing; all who are left out
//! share the last place.
//!
//! **Where we differ.** Pairs that are equal in both are locked together if that closes no cycle. If it does, the order of those in the
//! cycle matters: by `lot` the pair with the favoured winner goes first, then the one with the less favoured loser; with `declare` every
//! order is tried, and the count goes on only if all elect the same people. If they do not, whoever is elected in every order is elected,
//! and whoever is elected or tied in some is tied. If there are too many orders to try, whoever could be elected in one by what is certain
//! is tied. Tideman (and T. M. Zavist, 1989) draw a ballot for it.

use std::collections::{BTreeSet, HashSet};

use sha2::{Digest as _, Sha256};

use crate::ballots::Limits;
use crate::contest::{CountRefused, Field, Standing};
use crate::pairs::{Pairs, by_order, in_the_list, levels_by_wins};
use crate::report::{LockLine, StepKind, TieBroken, TieOver, TieReport, WonPair, step};
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::seating::seat;
use crate::tabulation::CountInput;
use crate::terms::{NoneOfTheAbove, Permission, Terms, Ties, rule_of};
use crate::ties::tell;

rule_of! {
    /// The rule of a contest by ranked pairs.
    RankedPairs, ties = Ties::Declare, {
        /// How many are elected, from the top of the order.
        seats: u32 = 1,
        /// Whether candidates may share a rank.
        equal_ranks: Permission = Permission::Allow,
        /// Whether ranks may be skipped; a skipped rank means nothing here.
        gaps: Permission = Permission::Allow,
    }
}

impl Counted for RankedPairs {
    const DESCRIPTION: MethodDescription =
        MethodDescription { method: "ranked_pairs", family: Family::Ranking, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let pairs = Pairs::of_rankings(input)?;
        let (field, standing) = (&input.field, input.field.standing_indexes());
        let groups = groups_of_pairs(&pairs, &standing);
        let count = Locking { field, standing: &standing, terms: &self.terms(), pairs: &pairs };
        let Story { locked, locks, ties, open } = count.lock_all(&groups);
        let Some(Open { sure, tied }) = open else {
            let mut report = by_order(input, &pairs, count.order(&locked), &self.terms());
            if ties.iter().any(|tie| tie.by == TieBroken::SameEitherWay) {
                // Other continuations elect the same people, but may order the rest otherwise.
                report.ranking = None;
            }
            if let Some(step) = report.steps.first_mut() {
                step.ties.splice(0..0, ties);
                step.locks = locks;
            }
            return Ok(report);
        };
        // The count ends at this tie: what one continuation of it would elect is not told.
        let mut told = step(StepKind::Order, vec![]);
        (told.elected, told.ties, told.locks) = (field.ids(&sure), ties, locks);
        let tied = Some((tied, TieOver::Pair));
        Ok(MethodReport { steps: vec![told], elected: sure, tied, pairs: pairs.lines(field), ..MethodReport::default() })
    }
}

/// A comparison with a winner, by their places among those who stand.
type Pair = (usize, usize);

/// Strongest first; each group is pairs that are equal in both numbers.
fn groups_of_pairs(pairs: &Pairs, standing: &[usize]) -> Vec<Vec<Pair>> {
    let mut all: Vec<(u64, u64, Pair)> = Vec::new();
    for (a, winner) in standing.iter().enumerate() {
        for (b, loser) in standing.iter().enumerate() {
            let (for_it, against) = (pairs.over(*winner, *loser), pairs.over(*loser, *winner));
            if for_it > against {
                all.push((for_it, against, (a, b)));
            }
        }
    }
    all.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).map(|group| group.iter().map(|(_, _, pair)| *pair).collect()).collect()
}

/// For each, whom they are above by the pairs that are locked, also through others: a row of bits for each.
#[derive(Debug, Clone)]
struct Locked {
    /// The words of a row.
    words: usize,
    above: Vec<u64>,
}

const BITS: usize = 64;

impl Locked {
    fn none(number: usize) -> Self {
        let words = number.div_ceil(BITS);
        Self { words, above: vec![0; number.saturating_mul(words)] }
    }

    fn row(&self, a: usize) -> &[u64] {
        let from = a.saturating_mul(self.words);
        self.above.get(from..from.saturating_add(self.words)).unwrap_or_default()
    }

    fn is_above(&self, a: usize, b: usize) -> bool {
        let (word, bit) = place_of(b);
        self.row(a).get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Locks a pair and all that follows from it. False if it would close a cycle.
    fn lock(&mut self, (winner, loser): Pair) -> bool {
        if self.is_above(loser, winner) {
            return false;
        }
        self.add((winner, loser));
        true
    }

    /// Puts one above the other, whether or not that closes a cycle.
    fn add(&mut self, (winner, loser): Pair) {
        if self.is_above(winner, loser) {
            return;
        }
        let mut below = self.row(loser).to_vec();
        let (word, bit) = place_of(loser);
        below.iter_mut().skip(word).take(1).for_each(|bits| *bits |= bit);
        let (word, bit) = place_of(winner);
        for (index, row) in self.above.chunks_exact_mut(self.words.max(1)).enumerate() {
            if index == winner || row.get(word).is_some_and(|bits| bits & bit != 0) {
                row.iter_mut().zip(&below).for_each(|(above, below)| *above |= below);
            }
        }
    }

    /// Which of these pairs compete: they close a cycle with each other, so that the order in which they are locked matters.
    fn competing(&self, wanted: &[Pair]) -> Vec<Pair> {
        if wanted.len() < 2 {
            return vec![];
        }
        let mut together = self.clone();
        wanted.iter().for_each(|pair| together.add(*pair));
        wanted.iter().filter(|(winner, loser)| together.is_above(*loser, *winner)).copied().collect()
    }

    fn fingerprint(&self, group: usize) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(group.to_be_bytes());
        self.above.iter().for_each(|bits| hash.update(bits.to_be_bytes()));
        hash.finalize().into()
    }

    /// About how much work it is to lock a pair, or to copy all.
    fn size(&self) -> usize {
        self.above.len().saturating_add(100)
    }
}

/// The word of a row in which this candidate's bit is, and the bit.
fn place_of(candidate: usize) -> (usize, u64) {
    let shift = u32::try_from(candidate.checked_rem(BITS).unwrap_or(0)).unwrap_or(0);
    (candidate.checked_div(BITS).unwrap_or(0), 1_u64.checked_shl(shift).unwrap_or(0))
}

struct Locking<'c> {
    field: &'c Field,
    standing: &'c [usize],
    terms: &'c Terms,
    pairs: &'c Pairs,
}

/// What was locked, in which order, and the tie at which it ended.
struct Story {
    locked: Locked,
    locks: Vec<LockLine>,
    ties: Vec<TieReport>,
    open: Option<Open>,
}

/// Those elected in every case, and those elected or tied only in some.
struct Open {
    sure: Vec<usize>,
    tied: Vec<usize>,
}

/// What comes out of one order of locking.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    elected: BTreeSet<usize>,
    tied: BTreeSet<usize>,
    /// "None of the above" leaves seats vacant.
    stopped_by_none: bool,
}

/// The most work for trying the orders of competing pairs, and the most bytes that are copied for it. If they are not enough, the tie
/// is declared.
const MOST_WORK: usize = 100_000_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What may still be spent on trying orders.
struct Budget {
    work: usize,
    bytes: usize,
}

impl Budget {
    fn spend(&mut self, work: usize, bytes: usize) -> Option<()> {
        self.work = self.work.checked_sub(work)?;
        self.bytes = self.bytes.checked_sub(bytes)?;
        Some(())
    }
}

impl Locking<'_> {
    fn order(&self, locked: &Locked) -> Vec<Vec<usize>> {
        in_the_list(&levels_by_wins(self.standing.len(), |a, b| locked.is_above(a, b)), self.standing)
    }

    fn lock_all(&self, groups: &[Vec<Pair>]) -> Story {
        let (mut locked, mut locks, mut ties) = (Locked::none(self.standing.len()), Vec::new(), Vec::new());
        // Once all orders from a tie were tried, those from later ties were tried with them.
        let mut settled = false;
        for (group, rest) in groups.iter().zip((1..).map(|from: usize| groups.get(from..).unwrap_or_default())) {
            let (wanted, contradicted): (Vec<Pair>, Vec<Pair>) =
                group.iter().copied().partition(|(winner, loser)| !locked.is_above(*loser, *winner));
            locks.extend(contradicted.into_iter().map(|pair| self.line(pair, false)));
            let competing = locked.competing(&wanted);
            let contested: HashSet<Pair> = competing.iter().copied().collect();
            for pair in wanted.into_iter().filter(|pair| !contested.contains(pair)) {
                locked.add(pair);
                locks.push(self.line(pair, true));
            }
            if competing.is_empty() {
                continue;
            }
            let open = if self.terms.ties == Ties::Lot || settled { None } else { self.open(&locked, &competing, rest) };
            settled = true;
            let by = match (&open, self.terms.ties) {
                (Some(_), _) => TieBroken::Declared,
                (None, Ties::Lot) => TieBroken::Lot,
                (None, Ties::Declare) => TieBroken::SameEitherWay,
            };
            ties.push(self.tie(&competing, by));
            if open.is_some() {
                return Story { locked, locks, ties, open };
            }
            for pair in self.by_lot(&competing) {
                let is_locked = locked.lock(pair);
                locks.push(self.line(pair, is_locked));
            }
        }
        Story { locked, locks, ties, open: None }
    }

    fn index(&self, place: usize) -> usize {
        self.standing.get(place).copied().unwrap_or(usize::MAX)
    }

    fn line(&self, (winner, loser): Pair, locked: bool) -> LockLine {
        let (winner, loser) = (self.index(winner), self.index(loser));
        let (votes, against) = (self.pairs.over(winner, loser), self.pairs.over(loser, winner));
        LockLine { winner: self.field.id(winner), loser: self.field.id(loser), votes, against, locked }
    }

    fn tie(&self, competing: &[Pair], by: TieBroken) -> TieReport {
        let names: BTreeSet<usize> = competing.iter().flat_map(|(a, b)| [self.index(*a), self.index(*b)]).collect();
        let names: Vec<usize> = names.into_iter().collect();
        let won = |(winner, loser): &Pair| WonPair {
            winner: self.field.id(self.index(*winner)),
            loser: self.field.id(self.index(*loser)),
        };
        TieReport { pairs: competing.iter().map(won).collect(), ..tell(self.field, TieOver::Pair, &names, by, &[]) }
    }

    /// The pair with the favoured winner first, then the one with the less favoured loser.
    fn by_lot(&self, pairs: &[Pair]) -> Vec<Pair> {
        let mut places = vec![usize::MAX; self.field.len()];
        for (place, index) in self.field.by_lot(self.standing).into_iter().enumerate() {
            places.iter_mut().skip(index).take(1).for_each(|of| *of = place);
        }
        let place = |of: usize| places.get(self.index(of)).copied();
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|(winner, loser)| (place(*winner), std::cmp::Reverse(place(*loser))));
        pairs
    }

    /// Whether the tie stays open, and between whom. `None` if every order elects the same people.
    fn open(&self, locked: &Locked, competing: &[Pair], rest: &[Vec<Pair>]) -> Option<Open> {
        let bounds = self.bounds(&certain(locked, competing, rest));
        if bounds.tied.is_empty() {
            return None;
        }
        let Some(outcomes) = self.outcomes(locked, competing, rest) else { return Some(bounds) };
        if outcomes.len() == 1 {
            return None;
        }
        let everybody: BTreeSet<usize> =
            outcomes.iter().flat_map(|outcome| outcome.elected.union(&outcome.tied)).copied().collect();
        let is_sure = |index: &usize| outcomes.iter().all(|outcome| outcome.elected.contains(index));
        let (sure, mut tied): (Vec<usize>, Vec<usize>) = everybody.into_iter().partition(is_sure);
        let stopped = outcomes.iter().filter(|outcome| outcome.stopped_by_none).count();
        if stopped > 0 && stopped < outcomes.len() {
            tied.extend(self.none().map(|place| self.index(place)));
        }
        Some(Open { sure, tied })
    }

    /// What comes out of every order in which the competing pairs and those of later groups can be locked. `None` if there are too
    /// many orders to try.
    fn outcomes(&self, locked: &Locked, competing: &[Pair], rest: &[Vec<Pair>]) -> Option<BTreeSet<Outcome>> {
        let mut budget = Budget { work: MOST_WORK, bytes: MOST_BYTES };
        let (mut waiting, mut seen, mut outcomes) = (vec![(locked.clone(), 0_usize)], HashSet::new(), BTreeSet::new());
        while let Some((mut state, mut at)) = waiting.pop() {
            loop {
                let group = at.checked_sub(1).map_or(Some(competing), |later| rest.get(later).map(Vec::as_slice));
                let Some(group) = group else {
                    budget.spend(self.standing.len().saturating_mul(self.standing.len()), 0)?;
                    outcomes.insert(self.outcome(&state));
                    break;
                };
                let is_open = |(a, b): &Pair| !state.is_above(*a, *b) && !state.is_above(*b, *a);
                let wanted: Vec<Pair> = group.iter().copied().filter(is_open).collect();
                budget.spend(group.len().saturating_add(wanted.len().saturating_mul(state.size())), 0)?;
                let competing = state.competing(&wanted);
                if competing.is_empty() {
                    wanted.into_iter().for_each(|pair| state.add(pair));
                    at = at.saturating_add(1);
                    continue;
                }
                for pair in competing {
                    budget.spend(state.size().saturating_mul(2), state.size().saturating_mul(size_of::<u64>()))?;
                    let mut next = state.clone();
                    next.add(pair);
                    if seen.insert(next.fingerprint(at)) {
                        waiting.push((next, at));
                    }
                }
                break;
            }
        }
        Some(outcomes)
    }

    fn outcome(&self, locked: &Locked) -> Outcome {
        let seated = seat(self.field, &self.order(locked), self.terms);
        let tied = seated.tied.unwrap_or_default().into_iter().collect();
        Outcome { elected: seated.elected.into_iter().collect(), tied, stopped_by_none: seated.stopped_by_none }
    }

    /// The place of "none of the above", if it can leave a seat vacant.
    fn none(&self) -> Option<usize> {
        let competes = self.terms.none_of_the_above == Some(NoneOfTheAbove::VacantSeat);
        (0..self.standing.len()).find(|place| competes && self.field.standing(self.index(*place)) == Standing::NoneOfTheAbove)
    }

    /// Who has a seat by what is certain, and who can still have one. Each of the latter is elected or tied at the most: whoever has as many
    /// above them as there are seats is neither.
    fn bounds(&self, certain: &Locked) -> Open {
        let seats = usize::try_from(self.terms.seats).unwrap_or(usize::MAX);
        let none = self.none();
        let able: Vec<usize> = (0..self.standing.len()).filter(|place| self.field.can_have_a_seat(self.index(*place))).collect();
        let possible: Vec<usize> = able
            .iter()
            .filter(|place| able.iter().filter(|other| certain.is_above(**other, **place)).count() < seats)
            .filter(|place| none.is_none_or(|none| !certain.is_above(none, **place)))
            .copied()
            .collect();
        let is_sure = |place: &usize| {
            let beside = able.iter().filter(|other| *other != place && !certain.is_above(*place, **other)).count();
            beside < seats && none.is_none_or(|none| certain.is_above(*place, none))
        };
        let (sure, mut tied): (Vec<usize>, Vec<usize>) = possible.into_iter().partition(is_sure);
        if let Some(none) = none
            && tied.iter().any(|place| !certain.is_above(*place, none))
        {
            tied.push(none);
        }
        let indexes = |places: Vec<usize>| places.into_iter().map(|place| self.index(place)).collect();
        Open { sure: indexes(sure), tied: indexes(tied) }
    }
}

/// What is locked in every order: what is locked already, and each pair that no cycle of the others can prevent.
fn certain(locked: &Locked, competing: &[Pair], rest: &[Vec<Pair>]) -> Locked {
    let later = rest.iter().flatten();
    let possible: Vec<Pair> =
        competing.iter().chain(later).filter(|(winner, loser)| !locked.is_above(*loser, *winner)).copied().collect();
    let mut all = locked.clone();
    possible.iter().for_each(|pair| all.add(*pair));
    let mut certain = locked.clone();
    possible.iter().filter(|(winner, loser)| !all.is_above(*loser, *winner)).for_each(|pair| certain.add(*pair));
    certain
}
