//! Scores and votes: score, STAR, cumulative, approval, motion.

use std::cmp::Reverse;

use counting::{Ballot, Report, Tabulation};
use proptest::prelude::*;

use crate::elections::{Election, cases, id, places, rule, tallies, web_rule};

/// Numbers of ballots, and who is favoured by the lot.
#[derive(Debug, Clone)]
struct Scored {
    frame: Election,
    ballots: Vec<Vec<u16>>,
}

fn scored(most: u16) -> impl Strategy<Value = Scored> {
    (2..=5_usize).prop_flat_map(move |candidates| {
        let lot = Just((0..candidates).collect::<Vec<_>>()).prop_shuffle();
        let withdrawn =
            prop_oneof![3 => Just(vec![false; candidates]), 1 => prop::collection::vec(prop::bool::weighted(0.2), candidates)];
        // Extreme numbers are usual, so that sums are often equal.
        let number = prop_oneof![1 => Just(0), 1 => Just(1), 1 => Just(most), 2 => 0..=most];
        let ballots = prop::collection::vec(prop::collection::vec(number, candidates), 1..=5);
        (lot, withdrawn, ballots, 1..=3_u32).prop_map(move |(lot, withdrawn, ballots, seats)| Scored {
            frame: Election { candidates, withdrawn, ballots: vec![], lot, seats },
            ballots,
        })
    })
}

fn count(scored: &Scored, json: &str) -> Report {
    let mut count = Tabulation::begin(scored.frame.contest(rule(json), scored.frame.drawn())).unwrap();
    scored.ballots.iter().for_each(|ballot| count.add(Ballot::Numbers(ballot), 1).unwrap());
    count.finish().unwrap()
}

fn top(scored: &Scored, votes: &[u128]) -> Vec<usize> {
    let mut order: Vec<usize> = scored.frame.standing().into_iter().filter(|candidate| votes[*candidate] > 0).collect();
    order.sort_by_key(|candidate| (Reverse(votes[*candidate]), scored.frame.lot.iter().position(|other| other == candidate)));
    order.truncate(scored.frame.seats as usize);
    order.sort_unstable();
    order
}

fn sums<'b>(ballots: impl Iterator<Item = &'b Vec<u16>>, candidates: usize, worth: impl Fn(u16) -> u16) -> Vec<u128> {
    let mut sums = vec![0_u128; candidates];
    ballots.for_each(|ballot| ballot.iter().zip(&mut sums).for_each(|(number, sum)| *sum += u128::from(worth(*number))));
    sums
}

/// Each seat: the two who go on, and the winner.
fn naive_star(scored: &Scored) -> Vec<usize> {
    let score = |ballot: &Vec<u16>, candidate: usize| ballot[candidate].saturating_sub(1);
    let prefer = |a: usize, b: usize| scored.ballots.iter().filter(|ballot| score(ballot, a) > score(ballot, b)).count();
    let sum = |candidate: usize| scored.ballots.iter().map(|ballot| u32::from(score(ballot, candidate))).sum::<u32>();
    let fives = |candidate: usize| scored.ballots.iter().filter(|ballot| score(ballot, candidate) == 5).count();
    let lot = |candidate: usize| scored.frame.lot.iter().position(|other| *other == candidate).unwrap();
    let (mut left, mut elected) = (scored.frame.standing(), vec![]);
    while elected.len() < scored.frame.seats as usize && left.iter().any(|candidate| sum(*candidate) > 0) {
        let mut finalists: Vec<usize> = vec![];
        let mut rest = left.clone();
        while finalists.len() < 2 && !rest.is_empty() {
            let most = rest.iter().map(|candidate| sum(*candidate)).max().unwrap();
            let mut tied: Vec<usize> = rest.iter().filter(|candidate| sum(**candidate) == most).copied().collect();
            rest.retain(|candidate| sum(*candidate) != most);
            // (1) whoever loses most match-ups is eliminated, and again. If too few were left, these go on and the losers try again.
            loop {
                let open = 2 - finalists.len();
                if tied.len() <= open {
                    finalists.append(&mut tied);
                    break;
                }
                let losses = |a: &usize| tied.iter().filter(|b| prefer(**b, *a) > prefer(*a, **b)).count();
                let worst = tied.iter().map(losses).max().unwrap();
                let (out, stay): (Vec<usize>, Vec<usize>) = tied.iter().partition(|candidate| losses(candidate) == worst);
                if stay.is_empty() || open == 0 {
                    break;
                }
                if stay.len() <= open {
                    finalists.extend(stay);
                    tied = out;
                } else {
                    tied = stay;
                }
            }
            // (2) most fives, (3) lot: for all places that are left.
            tied.sort_by_key(|candidate| (Reverse(fives(*candidate)), lot(*candidate)));
            finalists.extend(tied.into_iter().take(2 - finalists.len()));
        }
        let winner = match finalists.as_slice() {
            [only] => *only,
            [a, b] => {
                let key = |own: usize, other: usize| (prefer(own, other), sum(own), fives(own), Reverse(lot(own)));
                if key(*a, *b) > key(*b, *a) { *a } else { *b }
            }
            _ => break,
        };
        elected.push(winner);
        left.retain(|candidate| *candidate != winner);
    }
    elected
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn star(scored in scored(6)) {
        let report = count(&scored, &format!(r#"{{"method":"star","seats":{},"ties":"lot"}}"#, scored.frame.seats));
        prop_assume!(report.valid > 0);
        let expected: Vec<i64> = naive_star(&scored).into_iter().map(id).collect();
        prop_assert_eq!(report.elected, expected);
    }

    #[test]
    fn score(scored in scored(7)) {
        let report = count(&scored, &format!(r#"{{"method":"score","seats":{},"ties":"lot"}}"#, scored.frame.seats));
        let beyond = |ballot: &&Vec<u16>| ballot.iter().any(|number| *number > 6);
        let sums = sums(scored.ballots.iter().filter(|ballot| !beyond(ballot)), scored.frame.candidates, |number| number.saturating_sub(1));
        prop_assert_eq!(report.invalid, scored.ballots.iter().filter(beyond).count() as u64);
        prop_assume!(report.valid > 0);
        let expected: Vec<(usize, u128)> = scored.frame.standing().into_iter().map(|candidate| (candidate, sums[candidate])).collect();
        prop_assert_eq!(&tallies(&report)[0], &expected);
        prop_assert_eq!(places(&report.elected), top(&scored, &sums));
    }

    #[test]
    fn cumulative(scored in scored(3), budget in 1..=6_u32, most in 1..=3_u32) {
        prop_assume!(most <= budget);
        let seats = scored.frame.seats;
        let report = count(&scored, &format!(r#"{{"method":"cumulative","seats":{seats},"votes":{budget},"most_for_one":{most},"ties":"lot"}}"#));
        let fits = |ballot: &&Vec<u16>| {
            ballot.iter().map(|number| u32::from(*number)).sum::<u32>() <= budget && ballot.iter().all(|number| u32::from(*number) <= most)
        };
        prop_assume!(report.valid > 0);
        let sums = sums(scored.ballots.iter().filter(fits), scored.frame.candidates, |number| number);
        prop_assert_eq!(places(&report.elected), top(&scored, &sums));
    }

    #[test]
    fn marks(scored in scored(1), approval: bool, min in 0..=2_u32, max in 1..=4_u32) {
        prop_assume!(min <= max);
        let (seats, method) = (scored.frame.seats, if approval { "approval" } else { "plurality" });
        let report = count(&scored, &format!(r#"{{"method":"{method}","seats":{seats},"min_marks":{min},"max_marks":{max},"ties":"lot"}}"#));
        let marks = |ballot: &Vec<u16>| ballot.iter().map(|number| u32::from(*number)).sum::<u32>();
        let blank = scored.ballots.iter().filter(|ballot| marks(ballot) == 0).count();
        let fits = |ballot: &&Vec<u16>| (min.max(1)..=max).contains(&marks(ballot));
        prop_assert_eq!((report.blank, report.valid), (blank as u64, scored.ballots.iter().filter(fits).count() as u64));
        prop_assume!(report.valid > 0);
        let sums = sums(scored.ballots.iter().filter(fits), scored.frame.candidates, |number| number);
        prop_assert_eq!(places(&report.elected), top(&scored, &sums));
    }

    #[test]
    fn motion(votes in prop::collection::vec(0..5_usize, 0..30), roll in 30..60_u64, which in 0..6_usize) {
        let passes = [
            r#""simple""#, r#""two_thirds""#, r#""absolute""#, r#"{"more_than":{"share":"3/5","of":"votes"}}"#,
            r#"{"at_least":{"share":"1/2","of":"ballots"}}"#, r#"{"at_least":{"share":"3/4","of":"roll"}}"#,
        ];
        let frame = Election { candidates: 3, withdrawn: vec![false; 3], ballots: vec![], lot: vec![0, 1, 2], seats: 1 };
        let mut contest = frame.contest(web_rule(&format!(r#"{{"method":"motion","passes":{}}}"#, passes[which])), frame.drawn());
        contest.roll = Some(roll);
        let mut count = Tabulation::begin(contest).unwrap();
        for vote in &votes {
            // 3 is blank, 4 is yes and no.
            let numbers = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 1, 0]][*vote];
            count.add(Ballot::Numbers(&numbers), 1).unwrap();
        }
        let of = |which: usize| votes.iter().filter(|vote| **vote == which).count() as u64;
        let (yes, no, all) = (of(0), of(1), votes.len() as u64);
        let passed = match which {
            0 => yes > no,
            1 => yes > 0 && 3 * yes >= 2 * (yes + no),
            2 => 2 * yes > roll,
            3 => 5 * yes > 3 * (yes + no),
            4 => yes > 0 && 2 * yes >= all,
            _ => 4 * yes >= 3 * roll,
        };
        let motion = count.finish().unwrap().motion.unwrap();
        prop_assert_eq!((motion.yes, motion.no, motion.abstain, motion.passed), (yes, no, of(2), passed));
    }
}
