//! What a rule says of itself, what it refuses, and the terms that every contest has: quorum, majority, vacancies, "none of the above".
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use counting::{
    Ballot, Candidate, Contest, CountRefused, Family, InvalidReason, Lots, METHODS, Report, Rule, RuleFault, Standing, Status,
    Tabulation, TieBroken, Verdict,
};

fn rule(json: &str) -> Rule {
    serde_json::from_str(json).unwrap()
}

fn contest(json: &str, candidates: usize) -> Contest {
    let candidates = (1..).take(candidates).map(Candidate::new).collect();
    Contest { rule: rule(json), candidates, lots: Lots::Order((1..).take(5).collect()), roll: None }
}

fn count_of(contest: Contest, ballots: &[&[u16]]) -> Report {
    let mut count = Tabulation::begin(contest).unwrap();
    ballots.iter().for_each(|ballot| count.add(Ballot::Numbers(ballot), 1).unwrap());
    count.finish().unwrap()
}

fn with(json: &str, roll: u64, ballots: &[&[u16]]) -> Report {
    count_of(Contest { lots: Lots::None, roll: Some(roll), ..contest(json, 3) }, ballots)
}

#[test]
fn the_table_names_every_method_as_its_rule_is_written() {
    let mut names = BTreeSet::new();
    for description in METHODS {
        let rule = rule(&format!(r#"{{"method":"{}"}}"#, description.method));
        assert_eq!(rule.description(), description);
        assert_eq!(Rule::usual(description.method).as_ref(), Some(&rule));
        assert_eq!(rule.faults(), [], "the usual values of {} are a rule", description.method);
        assert!(names.insert(description.method), "{} stands twice", description.method);
        let written = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&written).unwrap(), rule, "{written}");
    }
    assert_eq!(names.len(), 13);
}

#[test]
fn a_rule_has_just_the_fields_of_its_method() {
    let written = |json| serde_json::to_string(&rule(json)).unwrap();
    assert_eq!(
        written(r#"{"method":"scottish_stv","seats":3}"#),
        r#"{"method":"scottish_stv","seats":3,"equal_ranks":"refuse","gaps":"refuse","ties":"lot","blank":true}"#
    );
    assert_eq!(written(r#"{"method":"motion"}"#), r#"{"method":"motion","passes":"simple","blank":true}"#);
    for wrong in [
        r#"{"method":"scottish_stv","batch":true}"#,
        r#"{"method":"motion","ties":"lot"}"#,
        r#"{"method":"irv","seats":1}"#,
        r#"{"method":"borda","required_majority":{"more_than":"1/2"}}"#,
        r#"{"method":"dice"}"#,
        r#"{"seats":1}"#,
    ] {
        assert!(serde_json::from_str::<Rule>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_met_is_refused_with_its_code() {
    let codes = |json| rule(json).faults().iter().map(|fault| (fault.code(), fault.field())).collect::<Vec<_>>();
    assert_eq!(codes(r#"{"method":"irv","ties":"declare"}"#), []);
    for (json, code, field) in [
        (r#"{"method":"schulze","seats":0}"#, "seats_out_of_range", "seats"),
        (r#"{"method":"schulze","seats":1001}"#, "seats_out_of_range", "seats"),
        (r#"{"method":"plurality","max_marks":0}"#, "marks_cannot_be_met", "max_marks"),
        (r#"{"method":"plurality","seats":2,"min_marks":3}"#, "marks_cannot_be_met", "max_marks"),
        (r#"{"method":"approval","min_marks":3,"max_marks":2}"#, "marks_cannot_be_met", "max_marks"),
        (r#"{"method":"cumulative","votes":0}"#, "votes_cannot_be_met", "votes"),
        (r#"{"method":"cumulative","votes":3,"most_for_one":4}"#, "votes_cannot_be_met", "votes"),
        (r#"{"method":"score","top":7}"#, "top_not_offered", "top"),
        (r#"{"method":"wigm","decimals":21}"#, "decimals_out_of_range", "decimals"),
        (r#"{"method":"wigm","quota":"hare"}"#, "field_of_rctab", "quota"),
        (
            r#"{"method":"plurality","seats":2,"required_majority":{"more_than":"1/2"}}"#,
            "majority_needs_one_seat",
            "required_majority",
        ),
        (
            r#"{"method":"meek_stv","none_of_the_above":"shown_only"}"#,
            "none_of_the_above_cannot_be_shown_only",
            "none_of_the_above",
        ),
        (r#"{"method":"motion","passes":{"at_least":{"share":"1/3","of":"votes"}}}"#, "majority_below_half", "passes"),
    ] {
        assert_eq!(codes(json), [(code, field)], "{json}");
        let candidates = if rule(json).family() == Family::Motion { 3 } else { 4 };
        let refused = Tabulation::begin(contest(json, candidates)).unwrap_err();
        assert!(matches!(refused, CountRefused::Rule(_)) && refused.code() == code, "{refused}");
    }
    assert_eq!(RuleFault::TopNotOffered.to_string(), "top must be 5, 9, 10, 20 or 100");
}

#[test]
fn a_contest_that_cannot_be_counted_is_refused() {
    let refused = |contest| Tabulation::begin(contest).unwrap_err().code();
    let plain = |json| Contest { lots: Lots::None, ..contest(json, 3) };
    let special = |json, standing| {
        let mut contest = contest(json, 5);
        contest.candidates.iter_mut().take(2).for_each(|candidate| candidate.standing = standing);
        contest
    };
    let twice = Contest { candidates: vec![Candidate::new(1), Candidate::new(1)], ..plain(r#"{"method":"borda"}"#) };
    assert_eq!(refused(twice), "candidate_listed_twice");
    assert_eq!(refused(plain(r#"{"method":"irv"}"#)), "no_lots");
    assert_eq!(refused(contest(r#"{"method":"irv"}"#, 3)), "lots_incomplete");
    assert_eq!(refused(plain(r#"{"method":"borda","quorum":{"at_least":"1/2"}}"#)), "roll_unknown");
    assert_eq!(refused(Contest { lots: Lots::None, ..contest(r#"{"method":"motion"}"#, 2) }), "not_three_options");
    assert_eq!(refused(special(r#"{"method":"irv"}"#, Standing::NoneOfTheAbove)), "standing_twice");
    let mut one = contest(r#"{"method":"scottish_stv"}"#, 5);
    one.candidates[0].standing = Standing::WriteIns;
    assert_eq!(refused(one), "standing_not_counted");
    let mut count = Tabulation::begin(contest(r#"{"method":"irv"}"#, 5)).unwrap();
    assert_eq!(count.add(Ballot::Numbers(&[1, 2]), 1).unwrap_err().code(), "wrong_ballot");
    assert_eq!(count.add(Ballot::Numbers(&[1, 2, 0, 0, 0]), u64::MAX), Ok(()));
    assert_eq!(count.add(Ballot::Numbers(&[1, 2, 0, 0, 0]), 1).unwrap_err().code(), "number_too_large");
    let unknown_roll = Tabulation::begin(plain(r#"{"method":"motion","passes":"absolute"}"#)).unwrap();
    assert_eq!(unknown_roll.finish().unwrap_err().code(), "roll_unknown");
}

/// The form of an election's ballots: one number per candidate.
#[test]
fn what_a_rule_forbids_on_a_ballot_is_found_with_its_reason() {
    let reasons = |json: &str, ballots: &[&[u16]]| {
        let report = count_of(contest(json, 5), ballots);
        // Before they cast it, voters are told the same.
        let told = ballots.iter().filter_map(|ballot| rule(json).judge(ballot).err());
        let counted =
            report.invalid_ballots.iter().flat_map(|faulty| vec![faulty.reason; usize::try_from(faulty.ballots).unwrap()]);
        let (mut told, counted) = (told.collect::<Vec<_>>(), counted.collect::<Vec<_>>());
        told.sort();
        assert_eq!(told, counted, "{json}");
        report.invalid_ballots.iter().map(|faulty| (faulty.reason, faulty.ballots)).collect::<Vec<_>>()
    };
    let marks: &[&[u16]] = &[&[1, 1, 1, 0, 0], &[2, 0, 0, 0, 0], &[1, 0, 0, 0, 0], &[0; 5], &[1, 1, 0, 0, 0]];
    assert_eq!(
        reasons(r#"{"method":"plurality","seats":2,"min_marks":2,"blank":false}"#, marks),
        [
            (InvalidReason::BlankNotAllowed, 1),
            (InvalidReason::NotAMark, 1),
            (InvalidReason::TooManyMarks, 1),
            (InvalidReason::TooFewMarks, 1)
        ]
    );
    let votes: &[&[u16]] = &[&[3, 2, 0, 0, 0], &[3, 0, 0, 0, 0], &[2, 2, 0, 0, 0], &[0, 0, 0, 1, 0]];
    assert_eq!(
        reasons(r#"{"method":"cumulative","seats":4,"most_for_one":2}"#, votes),
        [(InvalidReason::TooManyVotes, 1), (InvalidReason::TooManyVotesForOne, 1)]
    );
    assert_eq!(reasons(r#"{"method":"star"}"#, &[&[6, 1, 0, 0, 0], &[7, 0, 0, 0, 0]]), [(InvalidReason::ScoreBeyondTop, 1)]);
    let ranks: &[&[u16]] = &[&[1, 1, 0, 0, 0], &[1, 3, 0, 0, 0], &[2, 0, 0, 0, 0], &[3, 2, 1, 0, 0], &[1, 1, 4, 0, 0]];
    assert_eq!(reasons(r#"{"method":"scottish_stv"}"#, ranks), [(InvalidReason::EqualRanks, 2), (InvalidReason::Gap, 2)]);
    assert_eq!(reasons(r#"{"method":"scottish_stv","gaps":"allow"}"#, ranks), [(InvalidReason::EqualRanks, 2)]);
    assert_eq!(reasons(r#"{"method":"schulze"}"#, ranks), []);
    assert_eq!(InvalidReason::ScoreBeyondTop.code(), "score_beyond_top");
}

#[test]
fn ballots_that_could_not_be_read_are_invalid_and_count_for_the_quorum() {
    let rule = r#"{"method":"plurality","quorum":{"at_least":"1/2"}}"#;
    let mut count = Tabulation::begin(Contest { lots: Lots::None, roll: Some(4), ..contest(rule, 3) }).unwrap();
    count.add(Ballot::Numbers(&[1, 0, 0]), 1).unwrap();
    count.add_unreadable(1).unwrap();
    let report = count.finish().unwrap();
    assert_eq!((report.valid, report.invalid, report.verdict), (1, 1, Verdict::Complete));
    assert_eq!(report.invalid_ballots[0].reason, InvalidReason::Unreadable);
}

#[test]
fn below_the_quorum_nobody_is_elected_and_nothing_is_counted() {
    let rule = r#"{"method":"plurality","quorum":{"more_than":"1/2"}}"#;
    let ballots: &[&[u16]] = &[&[1, 0, 0], &[1, 0, 0], &[0, 0, 0]];
    let quorate = with(rule, 5, ballots);
    assert_eq!((quorate.verdict, quorate.elected.as_slice()), (Verdict::Complete, &[1][..]));
    let report = with(rule, 6, ballots);
    assert_eq!((report.verdict, report.elected.len(), report.vacant, report.steps.len()), (Verdict::NotQuorate, 0, 1, 0));
    let quorum = report.quorum.unwrap();
    assert_eq!((quorum.roll, quorum.needed, quorum.ballots, quorum.met), (6, 4, 3, false));
}

#[test]
fn a_majority_that_is_required_is_of_the_valid_ballots() {
    let ballots: &[&[u16]] = &[&[1, 2, 3], &[1, 2, 3], &[0, 1, 0], &[0, 0, 1]];
    let plurality: &[&[u16]] = &[&[1, 0, 0], &[1, 0, 0], &[0, 1, 0], &[0, 0, 1], &[0, 0, 0]];
    let verdict = |json: &str, ballots| {
        let report = with(json, 9, ballots);
        (report.verdict, report.elected.len(), report.vacant)
    };
    let required =
        |method: &str, majority: &str| format!(r#"{{"method":"{method}","ties":"declare","required_majority":{majority}}}"#);
    assert_eq!(verdict(&required("plurality", r#"{"at_least":"1/2"}"#), plurality), (Verdict::Complete, 1, 0));
    assert_eq!(verdict(&required("plurality", r#"{"more_than":"1/2"}"#), plurality), (Verdict::MajorityNotReached, 0, 1));
    assert_eq!(verdict(&required("irv", r#"{"more_than":"1/2"}"#), ballots), (Verdict::MajorityNotReached, 0, 1));
    assert_eq!(verdict(&required("irv", r#"{"at_least":"1/2"}"#), ballots), (Verdict::Complete, 1, 0));
    let scores: &[&[u16]] = &[&[6, 1, 1], &[6, 1, 1], &[1, 5, 5], &[3, 3, 6]];
    assert_eq!(verdict(&required("star", r#"{"more_than":"1/2"}"#), scores), (Verdict::MajorityNotReached, 0, 1));
    assert_eq!(verdict(&required("star", r#"{"at_least":"1/2"}"#), scores), (Verdict::Complete, 1, 0));
}

fn with_none(json: &str, ballots: &[&[u16]]) -> Report {
    let mut contest = contest(json, 4);
    contest.candidates[3].standing = Standing::NoneOfTheAbove;
    contest.lots = Lots::None;
    count_of(contest, ballots)
}

#[test]
fn nobody_is_elected_who_is_not_above_none_of_the_above() {
    let seats_two = |method: &str, effect: &str| {
        format!(r#"{{"method":"{method}","seats":2,"ties":"declare","none_of_the_above":"{effect}"}}"#)
    };
    let marks: &[&[u16]] = &[&[1, 0, 0, 0], &[1, 0, 0, 0], &[1, 0, 0, 0], &[0, 0, 0, 1], &[0, 0, 0, 1], &[0, 1, 0, 0]];
    let vacant = with_none(&seats_two("plurality", "vacant_seat"), marks);
    assert_eq!((vacant.elected.as_slice(), vacant.vacant), (&[1][..], 1));
    let shown = with_none(&seats_two("plurality", "shown_only"), marks);
    assert_eq!((shown.elected.as_slice(), shown.vacant), (&[1, 2][..], 0));
    assert_eq!(shown.candidates[3].last.as_deref(), Some("2"), "its votes are shown");
    let ranks: &[&[u16]] = &[&[1, 3, 4, 2], &[1, 3, 4, 2], &[3, 1, 4, 2]];
    for method in ["schulze", "ranked_pairs"] {
        let report = with_none(&seats_two(method, "vacant_seat"), ranks);
        assert_eq!((report.elected.as_slice(), report.vacant), (&[1][..], 1), "{method}");
        assert_eq!(with_none(&seats_two(method, "shown_only"), ranks).elected, [1, 2], "{method}");
    }
    let scores: &[&[u16]] = &[&[6, 2, 1, 4], &[6, 2, 1, 4], &[1, 3, 1, 4]];
    let report = with_none(&seats_two("star", "vacant_seat"), scores);
    assert_eq!((report.elected.as_slice(), report.vacant), (&[1][..], 1));
    assert_eq!(with_none(&seats_two("star", "shown_only"), scores).elected, [1, 2]);
}

#[test]
fn where_votes_move_none_of_the_above_takes_a_seat_that_stays_vacant() {
    let ballots: &[&[u16]] = &[&[1, 2, 0, 0], &[1, 0, 0, 2], &[0, 0, 0, 1], &[0, 0, 0, 1], &[0, 1, 0, 2], &[0, 0, 1, 0]];
    for method in ["scottish_stv", "meek_stv", "wigm"] {
        let json = format!(r#"{{"method":"{method}","seats":2,"ties":"declare","none_of_the_above":"vacant_seat"}}"#);
        let report = with_none(&json, ballots);
        assert_eq!((report.elected.as_slice(), report.vacant, report.verdict), (&[1][..], 1, Verdict::Complete), "{method}");
    }
    let irv = |effect: &str| {
        let json = format!(r#"{{"method":"irv","ties":"declare","none_of_the_above":"{effect}"}}"#);
        with_none(&json, &[&[1, 0, 0, 2], &[0, 0, 0, 1], &[2, 0, 0, 1], &[0, 1, 0, 0], &[0, 0, 0, 1]])
    };
    assert_eq!((irv("vacant_seat").elected, irv("vacant_seat").vacant), (vec![], 1));
    assert_eq!(irv("shown_only").elected, [1], "it goes first, and its ballots move on");
}

#[test]
fn whoever_withdrew_is_passed_over_and_shown_as_withdrawn() {
    let mut contest = contest(r#"{"method":"irv"}"#, 5);
    contest.candidates[0].standing = Standing::Withdrawn;
    let report = count_of(contest, &[&[1, 2, 0, 0, 0], &[1, 2, 0, 0, 0], &[0, 0, 1, 0, 0], &[1, 0, 0, 0, 0]]);
    assert_eq!(report.elected, [2]);
    assert_eq!(report.candidates[0].status, Status::Withdrawn);
    assert_eq!(report.steps[0].exhausted.as_deref(), Some("1"), "who ranked nobody else counts for nobody");
}

#[test]
fn without_a_ballot_that_says_something_nobody_is_elected() {
    for description in METHODS.iter().filter(|description| description.family != Family::Motion) {
        let report = count_of(contest(&format!(r#"{{"method":"{}"}}"#, description.method), 5), &[&[0; 5], &[0; 5]]);
        assert_eq!((report.verdict, report.blank, report.vacant), (Verdict::NoValidBallots, 2, 1), "{}", description.method);
    }
}

#[test]
fn two_candidates_without_a_vote_leave_no_council_without_a_result() {
    for method in ["irv", "scottish_stv", "meek_stv", "wigm"] {
        let json = format!(r#"{{"method":"{method}","ties":"declare","unsupported":"as_counted"}}"#);
        let mut ballots: Vec<&[u16]> = vec![&[1, 2, 0, 0, 0]; 3];
        ballots.extend([&[2, 1, 0, 0, 0][..]; 2]);
        ballots.extend([&[2, 0, 1, 0, 0][..]; 2]);
        let report = count_of(contest(&json, 5), &ballots);
        assert_eq!((report.verdict, report.elected.as_slice()), (Verdict::Complete, &[1][..]), "{method}");
        let ties: Vec<_> = report.steps.iter().flat_map(|step| &step.ties).collect();
        assert!(ties.iter().any(|tie| tie.between == [4, 5]), "{method}: the tie is told");
        assert!(ties.iter().any(|tie| tie.between == [2, 3]), "{method}: so is the one of two with as many votes");
    }
}

#[test]
fn the_latest_round_that_tells_the_tied_apart_decides() {
    // Round 1: A 5, B 4. Round 2: A 5, B 6. Round 3: A 6, B 6, and one of them goes.
    let mut ballots: Vec<&[u16]> = vec![&[1, 2, 0, 0, 0]; 5];
    ballots.extend([&[0, 1, 0, 0, 2][..]; 4]);
    ballots.extend([&[0, 2, 1, 0, 0][..]; 2]);
    ballots.extend([&[2, 3, 0, 1, 0][..], &[0, 0, 0, 1, 0][..], &[0, 0, 0, 1, 0][..]]);
    ballots.extend([&[0, 0, 0, 0, 1][..]; 7]);
    for method in [r#""irv""#, r#""scottish_stv""#, r#""wigm","rule":"rctab""#] {
        let report = count_of(contest(&format!(r#"{{"method":{method},"ties":"declare"}}"#), 5), &ballots);
        assert_eq!(report.elected, [2], "{method}");
        let tie = &report.steps[2].ties[0];
        assert_eq!((tie.by, tie.chosen.as_slice()), (TieBroken::EarlierRound { round: 2 }, &[1][..]), "{method}");
    }
}
