//! Borda and the methods that compare pairs.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::elections::{Election, Paper, Ranks, cases, elections, place, places, rule, tallies};

/// The place at which each candidate first stands; those left out share a last one.
fn ranks_of(election: &Election, ballot: &Ranks) -> Vec<usize> {
    let first = |candidate: usize| ballot.iter().position(|rank| rank.contains(&candidate)).unwrap_or(usize::MAX);
    (0..election.candidates).map(first).collect()
}

fn over(election: &Election) -> Vec<Vec<u64>> {
    let mut over = vec![vec![0; election.candidates]; election.candidates];
    for ballot in &election.ballots {
        let ranks = ranks_of(election, ballot);
        for a in 0..election.candidates {
            for b in 0..election.candidates {
                over[a][b] += u64::from(ranks[a] < ranks[b]);
            }
        }
    }
    over
}

/// The strongest path by looking at every path without a repeated candidate.
fn strongest(links: &[Vec<u64>], from: usize, to: usize, via: &mut Vec<usize>, among: &[usize]) -> u64 {
    let mut best = links[from][to];
    for next in among {
        if *next != from && *next != to && !via.contains(next) && links[from][*next] > best {
            via.push(*next);
            best = best.max(links[from][*next].min(strongest(links, *next, to, via, among)));
            via.pop();
        }
    }
    best
}

fn naive_levels(among: &[usize], beats: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let (mut left, mut levels) = (among.to_vec(), vec![]);
    while !left.is_empty() {
        let level: Vec<usize> = left.iter().filter(|a| left.iter().all(|b| !beats(*b, **a))).copied().collect();
        assert!(!level.is_empty(), "the relation has a circle");
        left.retain(|candidate| !level.contains(candidate));
        levels.push(level);
    }
    levels
}

fn naive_schulze(election: &Election) -> Vec<Vec<usize>> {
    let (over, standing) = (over(election), election.standing());
    let all = 0..election.candidates;
    let links: Vec<Vec<u64>> =
        all.clone().map(|a| all.clone().map(|b| if over[a][b] > over[b][a] { over[a][b] } else { 0 }).collect()).collect();
    let path = |a, b| strongest(&links, a, b, &mut vec![a], &standing);
    naive_levels(&standing, |a, b| a != b && path(a, b) > path(b, a))
}

/// Every pair in order, locked unless the loser is above the winner already; equal pairs by the lot.
fn naive_ranked_pairs(election: &Election) -> Vec<Vec<usize>> {
    let (over, standing) = (over(election), election.standing());
    let lot = |candidate: &usize| election.lot.iter().position(|other| other == candidate).unwrap();
    let mut pairs: Vec<(usize, usize)> = vec![];
    for a in &standing {
        pairs.extend(standing.iter().filter(|b| over[*a][**b] > over[**b][*a]).map(|b| (*a, *b)));
    }
    pairs.sort_by_key(|(a, b)| (u64::MAX - over[*a][*b], over[*b][*a], lot(a), usize::MAX - lot(b)));
    let mut locked: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (winner, loser) in pairs {
        let mut reached = BTreeSet::from([loser]);
        loop {
            let more: Vec<usize> =
                locked.iter().filter(|(a, b)| reached.contains(a) && !reached.contains(b)).map(|(_, b)| *b).collect();
            if more.is_empty() {
                break;
            }
            reached.extend(more);
        }
        if !reached.contains(&winner) {
            locked.insert((winner, loser));
        }
    }
    // Whom somebody is above follows from the locked pairs through others as well; a level only needs the pairs themselves.
    naive_levels(&standing, |a, b| locked.contains(&(a, b)))
}

/// Winners with losers.
type Pairs = BTreeSet<(usize, usize)>;

/// Whether the winner of a pair is below its loser already, by pairs that are locked.
fn closes_a_circle(locked: &Pairs, (winner, loser): (usize, usize)) -> bool {
    let mut reached = BTreeSet::from([loser]);
    loop {
        let more: Vec<usize> =
            locked.iter().filter(|(a, b)| reached.contains(a) && !reached.contains(b)).map(|(_, b)| *b).collect();
        if more.is_empty() {
            return reached.contains(&winner);
        }
        reached.extend(more);
    }
}

/// The orders that come out if equal pairs are locked in every possible order.
fn every_locking(election: &Election) -> BTreeSet<Vec<Vec<usize>>> {
    let (over, standing) = (over(election), election.standing());
    let mut groups: std::collections::BTreeMap<(u64, u64), Pairs> = std::collections::BTreeMap::new();
    for a in &standing {
        for b in standing.iter().filter(|b| over[*a][**b] > over[**b][*a]) {
            groups.entry((u64::MAX - over[*a][*b], over[*b][*a])).or_default().insert((*a, *b));
        }
    }
    let mut states = BTreeSet::from([BTreeSet::new()]);
    for group in groups.values() {
        // What is left of the group, and what is locked.
        let mut waiting: BTreeSet<(Pairs, Pairs)> = states.into_iter().map(|locked| (group.clone(), locked)).collect();
        for _ in group {
            let mut next = BTreeSet::new();
            for (left, locked) in waiting {
                for pair in &left {
                    let (mut left, mut locked) = (left.clone(), locked.clone());
                    left.remove(pair);
                    if !closes_a_circle(&locked, *pair) {
                        locked.insert(*pair);
                    }
                    next.insert((left, locked));
                }
            }
            waiting = next;
        }
        states = waiting.into_iter().map(|(_, locked)| locked).collect();
    }
    states.into_iter().map(|locked| naive_levels(&standing, |a, b| locked.contains(&(a, b)))).collect()
}

/// Who is elected from the top of an order, and who is tied for the last seats.
fn declared(levels: &[Vec<usize>], seats: usize) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let mut elected = BTreeSet::new();
    for level in levels {
        if elected.len() + level.len() > seats {
            return (elected.clone(), if elected.len() < seats { level.iter().copied().collect() } else { BTreeSet::new() });
        }
        elected.extend(level);
    }
    (elected, BTreeSet::new())
}

fn top(election: &Election, levels: &[Vec<usize>]) -> Vec<usize> {
    let mut elected = vec![];
    for level in levels {
        let mut order = level.clone();
        order.sort_by_key(|candidate| election.lot.iter().position(|other| other == candidate));
        elected.extend(order);
    }
    elected.truncate(election.seats as usize);
    elected.sort_unstable();
    elected
}

fn counted_levels(report: &counting::Report) -> Vec<Vec<usize>> {
    report.ranking.as_ref().unwrap().iter().map(|level| places(level)).collect()
}

fn json(method: &str, seats: u32) -> String {
    format!(r#"{{"method":"{method}","seats":{seats},"ties":"lot"}}"#)
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn schulze(election in elections(Paper::Wild)) {
        prop_assume!(election.valid() > 0);
        let report = election.count(rule(&json("schulze", election.seats)));
        let levels = naive_schulze(&election);
        prop_assert_eq!(counted_levels(&report), levels.clone());
        prop_assert_eq!(places(&report.elected), top(&election, &levels));
    }

    #[test]
    fn ranked_pairs(election in elections(Paper::Wild)) {
        prop_assume!(election.valid() > 0);
        let report = election.count(rule(&json("ranked_pairs", election.seats)));
        let levels = naive_ranked_pairs(&election);
        prop_assert_eq!(counted_levels(&report), levels.clone());
        prop_assert_eq!(places(&report.elected), top(&election, &levels));
    }

    /// Nobody is elected who is only tied in some order of the pairs, and nobody is left out who is elected or tied in one.
    #[test]
    fn ranked_pairs_whose_ties_are_declared(election in elections(Paper::Wild)) {
        prop_assume!(election.valid() > 0);
        let json = format!(r#"{{"method":"ranked_pairs","seats":{},"ties":"declare"}}"#, election.seats);
        let report = election.count(rule(&json));
        let outcomes: BTreeSet<_> = every_locking(&election).iter().map(|levels| declared(levels, election.seats as usize)).collect();
        let sure = |place: &usize| outcomes.iter().all(|(elected, _)| elected.contains(place));
        let (elected, mut tied): (Vec<usize>, Vec<usize>) = election.standing().iter().partition(|place| sure(place));
        tied.retain(|place| outcomes.iter().any(|(elected, tied)| elected.contains(place) || tied.contains(place)));
        prop_assert_eq!(places(&report.elected), elected);
        prop_assert_eq!(places(&report.tied.map(|tied| tied.candidates).unwrap_or_default()), tied);
    }

    #[test]
    fn borda(election in elections(Paper::Wild)) {
        prop_assume!(election.valid() > 0);
        let report = election.count(rule(&json("borda", election.seats)));
        let standing = election.standing();
        let mut tenths = vec![0_u128; election.candidates];
        for ballot in &election.ballots {
            let ranks = ranks_of(&election, ballot);
            if standing.iter().all(|candidate| ranks[*candidate] == usize::MAX) {
                continue;
            }
            // A point for everybody below, half a point for everybody beside: the points of shared places, averaged.
            for a in &standing {
                let below = standing.iter().filter(|b| ranks[**b] > ranks[*a]).count();
                let beside = standing.iter().filter(|b| *b != a && ranks[**b] == ranks[*a]).count();
                tenths[*a] += (10 * below + 5 * beside) as u128;
            }
        }
        let expected: Vec<(usize, u128)> = standing.iter().map(|candidate| (*candidate, tenths[*candidate])).collect();
        prop_assert_eq!(&tallies(&report)[0], &expected);
        let mut order: Vec<usize> = standing.into_iter().filter(|candidate| tenths[*candidate] > 0).collect();
        order.sort_by_key(|candidate| (u128::MAX - tenths[*candidate], election.lot.iter().position(|other| other == candidate)));
        order.truncate(election.seats as usize);
        order.sort_unstable();
        prop_assert_eq!(places(&report.elected), order);
    }

    #[test]
    fn plurality_of_rankings(election in elections(Paper::Wild)) {
        let json = format!(r#"{{"method":"plurality","seats":{},"max_marks":1,"ties":"lot"}}"#, election.seats);
        let report = election.count(rule(&json));
        let mut votes = vec![0_u128; election.candidates];
        for ballot in &election.ballots {
            let first = ballot.iter().find(|rank| rank.iter().any(|candidate| !election.withdrawn[*candidate]));
            if let Some([only]) = first.map(Vec::as_slice) {
                votes[*only] += 1;
            }
        }
        prop_assume!(report.valid > 0);
        let expected: Vec<(usize, u128)> = election.standing().into_iter().map(|candidate| (candidate, votes[candidate])).collect();
        prop_assert_eq!(&tallies(&report)[0], &expected);
        let most = votes.iter().max().copied().unwrap();
        if let Some(winner) = report.elected.first() {
            prop_assert_eq!(votes[place(*winner)], most);
        }
    }
}
