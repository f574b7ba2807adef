//! What holds for every count by marks, plurality or approval, whatever the ballots.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use counting::Seed;
use counting::marks_only::{ApprovalRule, Count, Method, Outcome, PluralityRule, Step, TieRule};
use proptest::prelude::*;
use proptest::sample::Index;

const CANDIDATES: [i64; 5] = [3, 1, 4, 15, 9];

#[derive(Debug, Clone)]
struct Rule {
    approval: bool,
    seats: u32,
    min_marks: u32,
    max_marks: u32,
    blank_allowed: bool,
}

impl Rule {
    fn method(&self) -> Method {
        let Self { approval, seats, min_marks, max_marks, blank_allowed } = *self;
        if approval {
            Method::Approval(ApprovalRule { seats, min_marks, max_marks, blank_allowed })
        } else {
            Method::Plurality(PluralityRule { seats, min_marks, max_marks, blank_allowed })
        }
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    (any::<bool>(), 1..=4_u32, 0..=2_u32, 0..=3_u32, any::<bool>()).prop_map(
        |(approval, seats, min_marks, more, blank_allowed)| {
            let max_marks = (min_marks + more).max(1);
            Rule { approval, seats, min_marks, max_marks, blank_allowed }
        },
    )
}

/// Mostly sensible marks, now and then a stranger or the same name twice.
fn ballots() -> impl Strategy<Value = Vec<Vec<i64>>> {
    let mark = prop_oneof![8 => prop::sample::select(CANDIDATES.to_vec()), 1 => Just(99_i64)];
    prop::collection::vec(prop::collection::vec(mark, 0..5), 0..40)
}

fn count(rule: &Rule, candidates: &[i64], ballots: &[Vec<i64>]) -> Count {
    rule.method().count(candidates, ballots, TieRule::Declare).unwrap()
}

fn outcomes(count: &Count) -> BTreeMap<i64, (u64, Outcome)> {
    count.tallies.iter().map(|tally| (tally.candidate, (tally.votes, tally.outcome))).collect()
}

proptest! {
    #[test]
    fn the_order_of_ballots_and_marks_is_irrelevant(
        rule in rules(), (ballots, shuffled) in ballots().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let turned: Vec<Vec<i64>> = shuffled.into_iter().map(|marks| marks.into_iter().rev().collect()).collect();
        prop_assert_eq!(count(&rule, &CANDIDATES, &ballots), count(&rule, &CANDIDATES, &turned));
    }

    #[test]
    fn every_ballot_and_every_mark_is_accounted_for(rule in rules(), ballots in ballots()) {
        let count = count(&rule, &CANDIDATES, &ballots);
        prop_assert_eq!(count.valid + count.blank + count.invalid, ballots.len() as u64);
        let votes: u64 = count.tallies.iter().map(|tally| tally.votes).sum();
        // Counted a second time, in the plainest way: the marks of ballots that a count of their own finds valid.
        let marks: usize = ballots
            .iter()
            .filter(|ballot| self::count(&rule, &CANDIDATES, &[ballot.to_vec()]).valid == 1)
            .map(Vec::len)
            .sum();
        prop_assert_eq!(votes, marks as u64);
    }

    #[test]
    fn never_more_elected_than_seats_and_never_without_votes(rule in rules(), ballots in ballots()) {
        let count = count(&rule, &CANDIDATES, &ballots);
        let of = |outcome| count.tallies.iter().filter(move |tally| tally.outcome == outcome);
        let elected = of(Outcome::Elected).count();
        prop_assert!(elected <= rule.seats as usize);
        prop_assert!(of(Outcome::Elected).chain(of(Outcome::Tied)).all(|tally| tally.votes > 0));
        let worst = of(Outcome::Elected).map(|tally| tally.votes).min().unwrap_or(u64::MAX);
        prop_assert!(of(Outcome::Tied).chain(of(Outcome::NotElected)).all(|tally| tally.votes < worst));
        match &count.tie {
            Some(tie) => {
                prop_assert!(tie.seats_left >= 1);
                prop_assert!(tie.candidates.len() > tie.seats_left as usize);
                prop_assert_eq!(elected + tie.seats_left as usize, rule.seats as usize);
                let tied: Vec<i64> = of(Outcome::Tied).map(|tally| tally.candidate).collect();
                prop_assert_eq!(&tied, &tie.candidates);
            }
            None => {
                let with_votes = count.tallies.iter().filter(|tally| tally.votes > 0).count();
                prop_assert_eq!(of(Outcome::Tied).count(), 0);
                prop_assert_eq!(elected, with_votes.min(rule.seats as usize));
            }
        }
    }

    #[test]
    fn one_more_vote_never_harms_the_one_it_is_for(rule in rules(), mut ballots in ballots(), which in any::<Index>()) {
        let rule = Rule { min_marks: 1, ..rule };
        let before = outcomes(&count(&rule, &CANDIDATES, &ballots));
        let favourite = *which.get(&CANDIDATES);
        ballots.push(vec![favourite]);
        let after = outcomes(&count(&rule, &CANDIDATES, &ballots));
        let better = |outcome| match outcome { Outcome::Elected => 2, Outcome::Tied => 1, Outcome::NotElected => 0 };
        prop_assert!(better(after[&favourite].1) >= better(before[&favourite].1));
    }

    #[test]
    fn names_and_the_order_of_the_list_decide_nothing(
        rule in rules(), ballots in ballots(), names in Just(vec![201_i64, 7, 88, 5, 300]).prop_shuffle(),
        listed in Just(CANDIDATES.to_vec()).prop_shuffle(),
    ) {
        let renamed: BTreeMap<i64, i64> = CANDIDATES.into_iter().zip(names).collect();
        let rename = |id: &i64| renamed.get(id).copied().unwrap_or(*id);
        let other_list: Vec<i64> = listed.iter().map(rename).collect();
        let other_ballots: Vec<Vec<i64>> = ballots.iter().map(|marks| marks.iter().map(rename).collect()).collect();
        let expected: BTreeMap<_, _> =
            outcomes(&count(&rule, &CANDIDATES, &ballots)).iter().map(|(id, line)| (rename(id), *line)).collect();
        prop_assert_eq!(outcomes(&count(&rule, &other_list, &other_ballots)), expected);
    }

    #[test]
    fn a_lot_decides_among_those_tied_and_nothing_else(
        rule in rules(), ballots in ballots(), seed in any::<[u8; 32]>(), listed in Just(CANDIDATES.to_vec()).prop_shuffle(),
    ) {
        let seed = Seed(seed);
        let declared = count(&rule, &CANDIDATES, &ballots);
        let drawn = rule.method().count(&CANDIDATES, &ballots, TieRule::Lot(seed)).unwrap();
        prop_assert_eq!(&drawn.tie, &declared.tie);
        let (before, after) = (outcomes(&declared), outcomes(&drawn));
        for (candidate, (votes, outcome)) in &before {
            prop_assert_eq!(after[candidate].0, *votes);
            prop_assert!(*outcome == Outcome::Tied || after[candidate].1 == *outcome);
        }
        if let Some(tie) = &drawn.tie {
            let mut by_lot = tie.candidates.clone();
            by_lot.sort_by_key(|candidate| seed.lot(*candidate));
            let (won, lost) = by_lot.split_at(tie.seats_left as usize);
            prop_assert!(won.iter().all(|candidate| after[candidate].1 == Outcome::Elected));
            prop_assert!(lost.iter().all(|candidate| after[candidate].1 == Outcome::Tied));
            let told = drawn.story.iter().find_map(|step| if let Step::LotsDrawn { elected, .. } = step { Some(elected) } else { None });
            prop_assert_eq!(told.unwrap(), won);
        } else {
            prop_assert_eq!(&drawn, &declared);
        }
        // The order of the list decides nothing here either.
        let listed = rule.method().count(&listed, &ballots, TieRule::Lot(seed)).unwrap();
        prop_assert_eq!(outcomes(&listed), after);
    }
}
