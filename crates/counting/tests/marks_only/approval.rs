//! Examples of approval counts and of lots, each with its story.
#![allow(clippy::unwrap_used, reason = "a test")]

use counting::Seed;
use counting::marks_only::{ApprovalRule, Count, CountRefused, Method, Outcome, Step, Tie, TieRule};

const ALICE: i64 = 11;
const BOB: i64 = 12;
const CAROL: i64 = 13;
const DAVE: i64 = 14;

fn rule(seats: u32) -> ApprovalRule {
    ApprovalRule { seats, min_marks: 1, max_marks: 4, blank_allowed: true }
}

fn count(seats: u32, tie_rule: TieRule, ballots: &[&[i64]]) -> Count {
    Method::Approval(rule(seats)).count(&[ALICE, BOB, CAROL, DAVE], ballots, tie_rule).unwrap()
}

fn elected(count: &Count) -> Vec<i64> {
    count.tallies.iter().filter(|tally| tally.outcome == Outcome::Elected).map(|tally| tally.candidate).collect()
}

#[test]
fn more_may_be_approved_than_there_are_seats() {
    let count = count(1, TieRule::Declare, &[&[ALICE, BOB, CAROL], &[BOB, DAVE], &[ALICE, BOB, CAROL, DAVE], &[]]);
    assert_eq!(elected(&count), [BOB]);
    assert_eq!((count.valid, count.blank, count.invalid), (3, 1, 0));
    assert_eq!(count.tallies.iter().map(|tally| tally.votes).collect::<Vec<_>>(), [2, 3, 2, 2]);
}

#[test]
fn a_lot_fills_the_last_seats_and_tells_how() {
    let count = count(3, TieRule::Lot(Seed([7; 32])), &[&[ALICE, BOB], &[ALICE, CAROL], &[ALICE, DAVE]]);
    assert_eq!(count.tie, Some(Tie { candidates: vec![BOB, CAROL, DAVE], seats_left: 2 }));
    assert_eq!(elected(&count).len(), 3);
    insta::assert_json_snapshot!(count.story);
}

#[test]
fn another_box_draws_other_lots() {
    let draw = |seed| elected(&count(1, TieRule::Lot(Seed([seed; 32])), &[&[ALICE, BOB, CAROL, DAVE]]));
    let winners: std::collections::BTreeSet<_> = (0..40).flat_map(draw).collect();
    assert_eq!(winners.len(), 4, "each of four wins sometimes");
}

#[test]
fn nobody_is_drawn_without_a_vote() {
    let count = count(2, TieRule::Lot(Seed([0; 32])), &[&[ALICE]]);
    assert_eq!(elected(&count), [ALICE]);
    assert_eq!(count.story.last(), Some(&Step::SeatsLeftEmpty { seats: 1 }));
}

#[test]
fn a_rule_that_cannot_be_met_counts_nothing() {
    let refused = |rule: ApprovalRule| Method::Approval(rule).count(&[ALICE], [[ALICE]], TieRule::Declare).unwrap_err();
    assert_eq!(refused(ApprovalRule { seats: 0, ..rule(1) }), CountRefused::NoSeats);
    assert_eq!(refused(ApprovalRule { max_marks: 0, ..rule(1) }), CountRefused::MarksCannotBeMet);
}
