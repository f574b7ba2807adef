//! Examples of plurality counts, each with its story.
#![allow(clippy::unwrap_used, reason = "a test")]

use counting::marks_only::{
    Count, CountRefused, InvalidBallots, InvalidReason, Method, Outcome, PluralityRule, Step, Tie, TieRule,
};

const ALICE: i64 = 11;
const BOB: i64 = 12;
const CAROL: i64 = 13;

fn count(seats: u32, max_marks: u32, blank_allowed: bool, ballots: &[&[i64]]) -> Count {
    let rule = PluralityRule { seats, min_marks: 1, max_marks, blank_allowed };
    Method::Plurality(rule).count(&[ALICE, BOB, CAROL], ballots, TieRule::Declare).unwrap()
}

fn outcomes(count: &Count) -> Vec<(i64, u64, Outcome)> {
    count.tallies.iter().map(|tally| (tally.candidate, tally.votes, tally.outcome)).collect()
}

#[test]
fn most_votes_win_and_the_story_is_told() {
    let count = count(1, 1, true, &[&[BOB], &[ALICE], &[BOB], &[], &[99]]);
    insta::assert_json_snapshot!(count);
}

#[test]
fn a_tie_is_declared_and_marks_only_those_tied() {
    let count = count(2, 2, false, &[&[ALICE, BOB], &[ALICE, CAROL], &[ALICE]]);
    assert_eq!(outcomes(&count), [(ALICE, 3, Outcome::Elected), (BOB, 1, Outcome::Tied), (CAROL, 1, Outcome::Tied)]);
    assert_eq!(count.tie, Some(Tie { candidates: vec![BOB, CAROL], seats_left: 1 }));
    assert_eq!(
        count.story[2..],
        [
            Step::Elected { candidates: vec![ALICE], votes: 3, seats_left: 1 },
            Step::TieDeclared { candidates: vec![BOB, CAROL], votes: 1, seats_left: 1 },
        ]
    );
}

#[test]
fn equals_who_all_find_a_seat_are_not_tied() {
    let count = count(2, 1, false, &[&[ALICE], &[BOB]]);
    assert_eq!(outcomes(&count), [(ALICE, 1, Outcome::Elected), (BOB, 1, Outcome::Elected), (CAROL, 0, Outcome::NotElected)]);
    assert_eq!(count.tie, None);
}

#[test]
fn without_valid_votes_nobody_is_elected_and_nobody_is_tied() {
    for ballots in [&[][..], &[&[][..]][..]] {
        let count = count(2, 1, true, ballots);
        assert!(count.tallies.iter().all(|tally| tally.votes == 0 && tally.outcome == Outcome::NotElected));
        assert_eq!(count.tie, None);
        assert_eq!(count.valid, 0);
        assert_eq!(count.story.last(), Some(&Step::SeatsLeftEmpty { seats: 2 }));
    }
}

#[test]
fn a_candidate_without_votes_takes_no_seat_though_one_is_free() {
    let count = count(3, 3, false, &[&[ALICE, BOB]]);
    assert_eq!(outcomes(&count)[2], (CAROL, 0, Outcome::NotElected));
    assert_eq!(count.story.last(), Some(&Step::SeatsLeftEmpty { seats: 1 }));
}

#[test]
fn invalid_ballots_are_counted_by_their_first_reason() {
    let rule = PluralityRule { seats: 1, min_marks: 2, max_marks: 2, blank_allowed: false };
    let ballots: Vec<Vec<i64>> = vec![
        vec![],
        vec![ALICE, BOB, CAROL],
        vec![99, 99, 99],
        vec![99, 99],
        vec![ALICE, ALICE],
        vec![BOB],
        vec![CAROL],
        vec![BOB, ALICE],
    ];
    let count = Method::Plurality(rule).count(&[ALICE, BOB, CAROL], ballots, TieRule::Declare).unwrap();
    let invalid = [
        (InvalidReason::BlankNotAllowed, 1),
        (InvalidReason::TooManyMarks, 2),
        (InvalidReason::UnknownCandidate, 1),
        (InvalidReason::MarkedTwice, 1),
        (InvalidReason::TooFewMarks, 2),
    ]
    .map(|(reason, ballots)| InvalidBallots { reason, ballots })
    .to_vec();
    assert_eq!(count.story[0], Step::BallotsSorted { ballots: 8, valid: 1, blank: 0, invalid });
    assert_eq!((count.valid, count.blank, count.invalid), (1, 0, 7));
}

#[test]
fn a_faulty_question_is_refused() {
    let refused = |seats, min_marks, max_marks, candidates: &[i64]| {
        let rule = PluralityRule { seats, min_marks, max_marks, blank_allowed: true };
        Method::Plurality(rule).count(candidates, [[ALICE]], TieRule::Declare).unwrap_err()
    };
    assert_eq!(refused(0, 1, 1, &[ALICE]), CountRefused::NoSeats);
    assert_eq!(refused(1, 0, 0, &[ALICE]), CountRefused::MarksCannotBeMet);
    assert_eq!(refused(1, 2, 1, &[ALICE]), CountRefused::MarksCannotBeMet);
    assert_eq!(refused(1, 1, 1, &[ALICE, BOB, ALICE]), CountRefused::CandidateListedTwice(ALICE));
}

#[test]
fn a_method_is_written_with_its_rule() {
    let method = Method::Plurality(PluralityRule { seats: 1, min_marks: 1, max_marks: 1, blank_allowed: false });
    let json = serde_json::to_string(&method).unwrap();
    assert_eq!(json, r#"{"method":"plurality","seats":1,"min_marks":1,"max_marks":1,"blank_allowed":false}"#);
    assert_eq!(serde_json::from_str::<Method>(&json).unwrap(), method);
}
