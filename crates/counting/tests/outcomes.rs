//! Who is elected, who is only tied, which seats stay vacant, and whether the report says why.
#![allow(clippy::unwrap_used, reason = "a test")]

use counting::{Ballot, Candidate, Contest, Lots, Ranking, Report, Standing, Tabulation, Verdict};
use serde_json::Value;

/// Candidates have the numbers from 1; `none` and `withdrawn` are such numbers.
#[derive(Default)]
struct Special {
    none: i64,
    withdrawn: Vec<i64>,
    roll: Option<u64>,
}

fn begin(json: &str, candidates: usize, special: &Special) -> Tabulation {
    let standing = |id: i64| match id {
        id if special.none == id => Standing::NoneOfTheAbove,
        id if special.withdrawn.contains(&id) => Standing::Withdrawn,
        _ => Standing::Stands,
    };
    let candidates: Vec<Candidate> = (1..).take(candidates).map(|id| Candidate { id, standing: standing(id) }).collect();
    let lots = Lots::Order(candidates.iter().map(|candidate| candidate.id).collect());
    Tabulation::begin(Contest { rule: serde_json::from_str(json).unwrap(), candidates, lots, roll: special.roll }).unwrap()
}

/// The numbers of ballots, and how many there are of each.
fn count(json: &str, special: &Special, ballots: &[(&[u16], u64)]) -> Report {
    let mut count = begin(json, ballots[0].0.len(), special);
    ballots.iter().for_each(|(numbers, times)| count.add(Ballot::Numbers(numbers), *times).unwrap());
    count.finish().unwrap()
}

fn data(report: &Report) -> Value {
    serde_json::to_value(report).unwrap()
}

/// One order of locking ends in a tie of 2 and 3 for the seat, the other elects 2: nobody is sure.
#[test]
fn whoever_is_only_tied_in_one_order_of_the_pairs_is_not_elected() {
    let mut tabulation = begin(r#"{"method":"ranked_pairs"}"#, 4, &Special::default());
    for ranks in [&[&[3][..], &[1], &[2], &[4]][..], &[&[4], &[3, 2], &[1]], &[&[2], &[1], &[4], &[3]]] {
        let mut ranking = Ranking::new();
        for rank in ranks {
            ranking.next(rank[0] - 1).unwrap();
            rank[1..].iter().for_each(|same| ranking.same(same - 1).unwrap());
        }
        tabulation.add(Ballot::Ranking(&ranking), 1).unwrap();
    }
    let report = tabulation.finish().unwrap();
    assert_eq!((report.verdict, report.elected.as_slice()), (Verdict::Tied, &[][..]));
    let tied = report.tied.unwrap();
    assert_eq!((tied.candidates.as_slice(), tied.seats), (&[2, 3][..], 1));
    assert!(report.steps.iter().all(|step| step.elected.is_empty()), "no step tells of a seat that is open");
}

const WITH_NONE: [(&str, &str); 7] = [
    ("scottish_stv", "vacant_seat"),
    ("meek_stv", "vacant_seat"),
    ("wigm", "vacant_seat"),
    (r#"wigm","rule":"rctab"#, "shown_only"),
    ("irv", "shown_only"),
    ("borda", "shown_only"),
    ("schulze", "shown_only"),
];

#[test]
fn nobody_is_elected_whom_no_ballot_supports() {
    let none = Special { none: 4, ..Special::default() };
    for (method, effect) in WITH_NONE {
        let seats = if method == "irv" { "" } else { r#""seats":3,"# };
        let json = format!(r#"{{"method":"{method}",{seats}"ties":"lot","none_of_the_above":"{effect}"}}"#);
        let report = count(&json, &none, &[(&[0, 0, 0, 1], 3)]);
        let vacant = if method == "irv" { 1 } else { 3 };
        assert_eq!((report.elected.as_slice(), report.vacant), (&[][..], vacant), "{method}");
        assert_eq!(data(&report)["unsupported"], serde_json::json!([1, 2, 3]), "{method}");
        assert!(data(&report)["vacant_because"].to_string().contains("no_support"), "{method}");
    }
    for method in ["irv", "scottish_stv", "meek_stv", "wigm", "schulze", "ranked_pairs", "borda", "plurality", "star"] {
        let json = format!(r#"{{"method":"{method}","ties":"lot"}}"#);
        let withdrawn = Special { withdrawn: vec![1], ..Special::default() };
        let report = count(&json, &withdrawn, &[(&[1, 0, 0], 2)]);
        assert_eq!((report.elected.as_slice(), report.vacant), (&[][..], 1), "{method}");
        assert_eq!(data(&report)["without_effect"], 2, "{method}: votes for somebody who withdrew are named");
    }
}

#[test]
fn a_later_rank_is_support_and_a_rule_can_leave_the_seats_to_the_method() {
    let one = |json: &str, ballots: &[(&[u16], u64)]| count(json, &Special::default(), ballots).elected;
    for method in ["scottish_stv", "meek_stv", "wigm", r#"wigm","rule":"rctab"#, "schulze", "ranked_pairs"] {
        let web = format!(r#"{{"method":"{method}","seats":3,"ties":"lot"}}"#);
        let by_law = format!(r#"{{"method":"{method}","seats":3,"ties":"lot","unsupported":"as_counted"}}"#);
        let ballots: &[(&[u16], u64)] = &[(&[1, 2, 0], 5)];
        let sorted = |mut ids: Vec<i64>| {
            ids.sort_unstable();
            ids
        };
        assert_eq!(sorted(one(&web, ballots)), [1, 2], "{method}: somebody ranked them second");
        assert_eq!(sorted(one(&by_law, ballots)), [1, 2, 3], "{method}: the rule of the method fills the seats");
    }
}

#[test]
fn an_instant_run_off_goes_on_until_the_required_majority() {
    let ballots: &[(&[u16], u64)] = &[(&[1, 2, 0], 55), (&[2, 1, 0], 25), (&[2, 0, 1], 20)];
    let with = |share: &str| {
        count(&format!(r#"{{"method":"irv","required_majority":{{"at_least":"{share}"}}}}"#), &Special::default(), ballots)
    };
    let (two_thirds, four_fifths, half) = (with("2/3"), with("4/5"), with("1/2"));
    assert_eq!((two_thirds.verdict, two_thirds.elected.as_slice()), (Verdict::Complete, &[1][..]));
    assert_eq!(two_thirds.steps.len(), 2, "75 of 100 after one elimination");
    assert_eq!(half.steps.len(), 1);
    assert_eq!((four_fifths.verdict, four_fifths.elected.as_slice()), (Verdict::MajorityNotReached, &[][..]));
    // Exactly two are left, and equal: no lot can give either of them the majority.
    let equal =
        count(r#"{"method":"irv","required_majority":{"at_least":"2/3"}}"#, &Special::default(), &[(&[1, 0], 3), (&[0, 1], 3)]);
    assert_eq!((equal.verdict, equal.tied.is_none()), (Verdict::MajorityNotReached, true));
}

#[test]
fn no_step_says_elected_where_the_majority_is_missed() {
    let four = Special::default();
    for (json, ballots) in [
        (
            r#"{"method":"plurality","required_majority":{"more_than":"1/2"}}"#,
            [(&[1, 0, 0][..], 2), (&[0, 1, 0], 1), (&[0, 0, 1], 1)],
        ),
        (r#"{"method":"approval","required_majority":{"more_than":"1/2"}}"#, [(&[1, 0, 0], 2), (&[0, 1, 0], 1), (&[0, 0, 1], 1)]),
        (r#"{"method":"irv","required_majority":{"at_least":"4/5"}}"#, [(&[1, 0, 0], 2), (&[0, 1, 0], 1), (&[0, 0, 1], 1)]),
        (r#"{"method":"star","required_majority":{"at_least":"4/5"}}"#, [(&[6, 1, 1], 2), (&[1, 6, 1], 1), (&[1, 1, 6], 1)]),
    ] {
        let report = count(json, &four, &ballots);
        assert_eq!(report.verdict, Verdict::MajorityNotReached, "{json}");
        assert!(report.steps.iter().all(|step| step.elected.is_empty()), "{json}");
    }
    let tied = count(r#"{"method":"plurality","required_majority":{"more_than":"1/2"}}"#, &four, &[(&[1, 0], 1), (&[0, 1], 1)]);
    assert_eq!(
        (tied.verdict, tied.tied.is_none()),
        (Verdict::MajorityNotReached, true),
        "a tie below the majority decides nothing"
    );
}

#[test]
fn a_motion_below_its_quorum_is_not_decided_and_has_no_seat() {
    let special = Special { roll: Some(6), ..Special::default() };
    let report = count(r#"{"method":"motion","quorum":{"more_than":"1/2"}}"#, &special, &[(&[1, 0, 0], 3)]);
    assert_eq!((report.verdict, report.vacant, report.motion.is_none()), (Verdict::NotQuorate, 0, true));
    let blank = count(r#"{"method":"motion"}"#, &special, &[(&[0, 0, 0], 3)]);
    assert_eq!((blank.vacant, blank.motion.map(|motion| motion.passed)), (0, Some(false)));
}

#[test]
fn a_tie_with_none_of_the_above_is_named_and_leaves_the_seat_vacant() {
    let none = Special { none: 2, ..Special::default() };
    for method in ["plurality", "approval", "cumulative"] {
        let report =
            count(&format!(r#"{{"method":"{method}","none_of_the_above":"vacant_seat"}}"#), &none, &[(&[1, 0], 1), (&[0, 1], 1)]);
        assert_eq!((report.elected.as_slice(), report.vacant, report.verdict), (&[][..], 1, Verdict::Complete), "{method}");
        let tie = &data(&report)["steps"][0]["ties"][0];
        assert_eq!(
            (&tie["between"], &tie["by"]["how"]),
            (&serde_json::json!([1, 2]), &Value::from("none_of_the_above")),
            "{method}"
        );
        assert!(data(&report)["vacant_because"].to_string().contains("none_of_the_above"), "{method}");
    }
}

#[test]
fn no_lot_is_told_where_nothing_hangs_on_it() {
    let ballots: &[(&[u16], u64)] = &[(&[1, 0, 0, 0, 0], 4), (&[0, 1, 0, 0, 0], 3), (&[0, 0, 1, 0, 0], 2)];
    for method in ["irv", "scottish_stv", "meek_stv", "wigm", r#"wigm","rule":"rctab"#] {
        let json = format!(r#"{{"method":"{method}","ties":"lot","unsupported":"as_counted"}}"#);
        let report = count(&json, &Special::default(), ballots);
        let ties = report.steps.iter().flat_map(|step| &step.ties).filter(|tie| tie.between == [4, 5]);
        let hows: Vec<_> = ties.map(|tie| data_of(tie)["by"]["how"].clone()).collect();
        assert_eq!(hows, ["same_either_way"], "{method}: two without a vote are eliminated one after the other");
    }
}

fn data_of(tie: &counting::TieReport) -> Value {
    serde_json::to_value(tie).unwrap()
}

/// Two ballots with orders of their own: all but two candidates have no vote, and are eliminated one after the other.
#[test]
fn a_report_of_many_candidates_stays_short() {
    let straight: Vec<u16> = (1..=470).collect();
    let turned: Vec<u16> = (1..=470).rev().collect();
    let ballots: &[(&[u16], u64)] = &[(&straight, 1), (&turned, 1)];
    for method in ["irv", "scottish_stv"] {
        let report = count(&format!(r#"{{"method":"{method}"}}"#), &Special::default(), ballots);
        assert!(report.steps.len() > 400, "{method}");
        let bytes = serde_json::to_vec(&report).unwrap().len();
        assert!(bytes < 1_500_000, "{method}: {bytes} bytes");
        assert!(report.steps.iter().skip(1).flat_map(|step| &step.tallies).all(|line| line.votes.starts_with('1')), "{method}");
    }
}
