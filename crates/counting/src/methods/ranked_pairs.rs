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
//! **Where we differ.** Pairs that are equal in both are locked together if that closes no cycle. If it does, their order
//! matters: by
//! `lot` the pair with the favoured winner goes first, then the one with the less favoured loser; with `declare` every order is tried,
//! and the count goes on only if all elect the same people. Tideman (and T. M. Zavist, 1989) draw a ballot for it.

use std::collections::BTreeSet;

use crate::ballots::Limits;
use crate::contest::{CountRefused, Field};
use crate::methods::schulze::{by_order, in_the_list, levels};
use crate::pairs::Pairs;
use crate::report::{TieBroken, TieOver, TieReport};
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::seating::seat;
use crate::tabulation::CountInput;
use crate::terms::{Permission, Terms, Ties, rule_of};
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
    const DESCRIPTION: MethodDescription = MethodDescription {
        method: "ranked_pairs",
        family: Family::Ranking,
        sentence: "Candidates are compared in pairs, and the clearest comparisons count first, unless one contradicts those before.",
        good_for: "One seat or an order of proposals, where whoever beats every other one must win and people want to follow the count by hand.",
        several_seats: true,
    };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let pairs = Pairs::of_rankings(input)?;
        let standing = input.field.standing_indexes();
        let groups = groups_of_pairs(&pairs, &standing);
        let count = Locking { field: &input.field, standing: &standing, terms: &self.terms() };
        let (locked, ties, open) = count.lock_all(&groups);
        let mut story = by_order(input, &pairs, count.order(&locked), &self.terms());
        if let Some(step) = story.steps.first_mut() {
            step.ties.splice(0..0, ties);
        }
        if let Some((sure, tied)) = open {
            story.steps.iter_mut().for_each(|step| step.elected = input.field.ids(&sure));
            (story.elected, story.tied, story.ranking) = (sure, Some((tied, TieOver::Pair)), None);
        }
        Ok(story)
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

/// For each, whom they are above by the pairs that are locked, also through others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Locked {
    above: Vec<Vec<bool>>,
}

impl Locked {
    fn none(number: usize) -> Self {
        Self { above: vec![vec![false; number]; number] }
    }

    fn is_above(&self, a: usize, b: usize) -> bool {
        self.above.get(a).and_then(|row| row.get(b)) == Some(&true)
    }

    /// Locks a pair and all that follows from it. False if it would close a cycle.
    fn lock(&mut self, (winner, loser): Pair) -> bool {
        if self.is_above(loser, winner) {
            return false;
        }
        if self.is_above(winner, loser) {
            return true;
        }
        let mut below = self.above.get(loser).cloned().unwrap_or_default();
        below.iter_mut().skip(loser).take(1).for_each(|is_below| *is_below = true);
        for (index, row) in self.above.iter_mut().enumerate() {
            if index == winner || row.get(winner) == Some(&true) {
                row.iter_mut().zip(&below).for_each(|(above, is_below)| *above |= is_below);
            }
        }
        true
    }
}

struct Locking<'c> {
    field: &'c Field,
    standing: &'c [usize],
    terms: &'c Terms,
}

/// Those elected in every case, and those elected only in some.
type Open = (Vec<usize>, Vec<usize>);

/// The most different orders that are tried. If there are more, the tie is declared.
const MOST_ORDERS: usize = 5_000;

impl Locking<'_> {
    fn order(&self, locked: &Locked) -> Vec<Vec<usize>> {
        in_the_list(&levels(self.standing.len(), |a, b| locked.is_above(a, b)), self.standing)
    }

    fn lock_all(&self, groups: &[Vec<Pair>]) -> (Locked, Vec<TieReport>, Option<Open>) {
        let mut locked = Locked::none(self.standing.len());
        let mut ties = Vec::new();
        for (group, rest) in groups.iter().zip((1..).map(|from: usize| groups.get(from..).unwrap_or_default())) {
            let Some(competing) = competing(&mut locked, group) else { continue };
            let names: BTreeSet<usize> = competing.iter().flat_map(|(a, b)| [*a, *b]).collect();
            let names: Vec<usize> = names.into_iter().filter_map(|place| self.standing.get(place).copied()).collect();
            let ordered = self.by_lot(&competing);
            let by = if self.terms.ties == Ties::Lot {
                TieBroken::Lot
            } else {
                match self.outcomes(&locked, &competing, rest) {
                    Some(outcomes) if outcomes.len() == 1 => TieBroken::SameEitherWay,
                    outcomes => {
                        ties.push(tell(self.field, TieOver::Pair, &names, TieBroken::Declared, &[]));
                        let open = self.open(outcomes.unwrap_or_default(), names);
                        return (locked, ties, Some(open));
                    }
                }
            };
            ties.push(tell(self.field, TieOver::Pair, &names, by, &[]));
            ordered.into_iter().for_each(|pair| {
                locked.lock(pair);
            });
        }
        (locked, ties, None)
    }

    /// The pair with the favoured winner first, then the one with the less favoured loser.
    fn by_lot(&self, pairs: &[Pair]) -> Vec<Pair> {
        let order = self.field.by_lot(self.standing);
        let place = |index: usize| order.iter().position(|other| Some(other) == self.standing.get(index));
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|(winner, loser)| (place(*winner), std::cmp::Reverse(place(*loser))));
        pairs
    }

    /// Who is elected, for every order in which the competing pairs and those of later groups can be locked. `None` if there are too
    /// many orders to try.
    fn outcomes(&self, locked: &Locked, competing: &[Pair], rest: &[Vec<Pair>]) -> Option<BTreeSet<Vec<usize>>> {
        let mut states: BTreeSet<Locked> = every_order(locked, competing)?;
        for group in rest {
            let mut next = BTreeSet::new();
            for mut state in states {
                match self::competing(&mut state, group) {
                    None => drop(next.insert(state)),
                    Some(competing) => next.extend(every_order(&state, &competing)?),
                }
                if next.len() > MOST_ORDERS {
                    return None;
                }
            }
            states = next;
        }
        let elected = |state: &Locked| {
            let seated = seat(self.field, &self.order(state), self.terms);
            let mut all = seated.elected;
            all.extend(seated.tied.unwrap_or_default());
            all.sort_unstable();
            all
        };
        Some(states.iter().map(elected).collect())
    }

    /// If the orders were too many to try, nobody is sure.
    fn open(&self, outcomes: BTreeSet<Vec<usize>>, names: Vec<usize>) -> Open {
        if outcomes.is_empty() {
            return (vec![], names);
        }
        let some: BTreeSet<usize> = outcomes.iter().flatten().copied().collect();
        some.into_iter().partition(|index| outcomes.iter().all(|outcome| outcome.contains(index)))
    }
}

/// Locks those of a group that no other one of it can prevent. The rest compete: together they close a cycle.
fn competing(locked: &mut Locked, group: &[Pair]) -> Option<Vec<Pair>> {
    let possible: Vec<Pair> = group.iter().filter(|(winner, loser)| !locked.is_above(*loser, *winner)).copied().collect();
    let mut together = locked.clone();
    if possible.iter().all(|pair| together.lock(*pair)) {
        *locked = together;
        return None;
    }
    Some(possible)
}

/// The different states after locking these in every order: each pair is either locked, or excluded by those locked before it.
fn every_order(locked: &Locked, pairs: &[Pair]) -> Option<BTreeSet<Locked>> {
    let (mut waiting, mut seen) = (vec![(locked.clone(), pairs.to_vec())], BTreeSet::new());
    let mut ends = BTreeSet::new();
    while let Some((state, left)) = waiting.pop() {
        let left: Vec<Pair> = left.into_iter().filter(|(a, b)| !state.is_above(*a, *b) && !state.is_above(*b, *a)).collect();
        if left.is_empty() {
            ends.insert(state);
            continue;
        }
        for pair in &left {
            let mut next = state.clone();
            next.lock(*pair);
            if seen.insert(next.clone()) {
                waiting.push((next, left.clone()));
            }
        }
        if seen.len() > MOST_ORDERS {
            return None;
        }
    }
    Some(ends)
}
