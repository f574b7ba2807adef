//! Writes the choices of a request as the numbers of a ballot, and judges them as the count will, before the link is used. A pure
//! function of its arguments.

use std::collections::{BTreeMap, BTreeSet};

use contract::problems::FieldError;
use contract::voting::{CastVote, Chosen};
use counting::Family;
use crypto::manifest::{Contest, Manifest};
use domain::contest::say_invalid;
use domain::legible::excerpt;
use messages::{Message, say};

/// So many contests that are not on the ballot are named in a refusal.
const MOST_UNKNOWN: usize = 10;
/// So much of a name that is not on the ballot is repeated, in characters: enough for every number.
const LONGEST_EXCERPT: usize = 20;

/// The choices of a request as one number for each candidate, in ballot order, or every field that is wrong.
pub(crate) fn numbers(cast: &CastVote, manifest: &Manifest) -> Result<Vec<Vec<u16>>, Vec<FieldError>> {
    match (cast.candidate_id, &cast.choices) {
        (Some(candidate), None) => match manifest.contests.as_slice() {
            [only] if matches!(only.rule.family(), Family::Marks | Family::Motion) => {
                Ok(vec![in_contest(only, "candidate_id", &Chosen::Candidates(vec![candidate]))?])
            }
            [_] => Err(wrong("candidate_id", say!(choice_needs_choices_here))),
            contests => Err(wrong("candidate_id", say!(choice_needs_choices, contests = contests.len()))),
        },
        (None, Some(choices)) => in_all(manifest, choices),
        (Some(_), Some(_)) => Err(wrong("choices", say!(choice_beside_candidate))),
        (None, None) => Err(wrong("candidate_id", say!(choice_missing))),
    }
}

fn in_all(manifest: &Manifest, choices: &BTreeMap<String, Chosen>) -> Result<Vec<Vec<u16>>, Vec<FieldError>> {
    let mut refused = Vec::new();
    let mut numbers = Vec::new();
    for contest in &manifest.contests {
        let field = format!("choices.{}", contest.contest_id);
        // One form of a number only: "7" and "07" in one body would be two choices in one contest.
        match choices.get(&contest.contest_id.to_string()) {
            Some(chosen) => match in_contest(contest, &field, chosen) {
                Ok(these) => numbers.push(these),
                Err(errors) => refused.extend(errors),
            },
            None => refused.extend(wrong(&field, say!(choice_contest_missing))),
        }
    }
    let known: BTreeSet<String> = manifest.contests.iter().map(|contest| contest.contest_id.to_string()).collect();
    for unknown in choices.keys().filter(|key| !known.contains(*key)).take(MOST_UNKNOWN) {
        refused.extend(wrong(&format!("choices.{}", excerpt(unknown, LONGEST_EXCERPT)), say!(choice_contest_unknown)));
    }
    if refused.is_empty() { Ok(numbers) } else { Err(refused) }
}

fn in_contest(contest: &Contest, field: &str, chosen: &Chosen) -> Result<Vec<u16>, Vec<FieldError>> {
    let family = contest.rule.family();
    let mut numbers = vec![0_u16; contest.candidates.len()];
    let mut place = |written: &str, number: u16| {
        // Here, too, a number has one form.
        let at = contest.candidates.iter().position(|candidate| candidate.candidate_id.to_string() == written);
        let unknown = || wrong(field, say!(choice_candidate_unknown, candidate = excerpt(written, LONGEST_EXCERPT)));
        let taken = at.and_then(|at| numbers.get_mut(at)).ok_or_else(unknown)?;
        if *taken != 0 {
            return Err(wrong(field, say!(choice_candidate_twice)));
        }
        *taken = number;
        Ok(())
    };
    match chosen {
        Chosen::Candidates(list) if matches!(family, Family::Scores | Family::Votes) && !list.is_empty() => {
            return Err(wrong(field, say!(choice_needs_numbers)));
        }
        Chosen::Candidates(list) => {
            for (candidate, rank) in list.iter().zip(1..=u16::MAX) {
                place(&candidate.to_string(), if family == Family::Ranking { rank } else { 1 })?;
            }
        }
        Chosen::Numbers(given) => {
            for (candidate, number) in given {
                place(candidate, if family == Family::Scores { number.saturating_add(1) } else { *number })?;
            }
        }
    }
    let judged = contest.rule.judge(&numbers);
    judged.map_err(|reason| wrong(field, say_invalid(reason, &contest.rule, contest.candidates.len())))?;
    Ok(numbers)
}

fn wrong(field: &str, message: Message) -> Vec<FieldError> {
    vec![FieldError::new(field, message)]
}

#[cfg(test)]
mod tests {
    use crypto::Digest;
    use crypto::manifest::{BallotOrder, Candidate};
    use serde_json::{Value, json};

    use super::*;

    fn contest(contest_id: i64, rule: Value, candidates: &[i64]) -> Contest {
        let candidate = |id: &i64| Candidate {
            candidate_id: *id,
            name: format!("candidate {id}"),
            standing: None,
            information_hash: Digest::from([0; 32]),
        };
        Contest {
            contest_id,
            title: "a question".to_owned(),
            text: None,
            rule: serde_json::from_value(rule).unwrap(),
            ballot_order: BallotOrder::Fixed,
            candidates: candidates.iter().map(candidate).collect(),
        }
    }

    fn manifest(contests: Vec<Contest>) -> Manifest {
        let text = || "x".to_owned();
        Manifest {
            protocol: text(),
            election_id: 1,
            title: text(),
            profile: text(),
            custody: text(),
            sealed_len: 0,
            plaintext_len: 0,
            contests,
            seal_key: Vec::new(),
            stamp_key: Vec::new(),
        }
    }

    fn one(rule: Value) -> Manifest {
        manifest(vec![contest(7, rule, &[101, 102, 103])])
    }

    fn cast(choices: Value) -> CastVote {
        serde_json::from_value(json!({ "token": "", "choices": choices })).unwrap_or_else(|error| panic!("{error}"))
    }

    fn written(rule: Value, chosen: Value) -> Vec<u16> {
        numbers(&cast(json!({ "7": chosen })), &one(rule)).unwrap().remove(0)
    }

    fn refused(cast: &CastVote, manifest: &Manifest) -> Vec<String> {
        numbers(cast, manifest).unwrap_err().into_iter().map(|error| format!("{} {}", error.field, error.code)).collect()
    }

    fn fault(rule: Value, chosen: Value) -> String {
        refused(&cast(json!({ "7": chosen })), &one(rule)).join(", ")
    }

    #[test]
    fn every_family_is_written_in_the_one_form() {
        let approval = json!({ "method": "approval" });
        assert_eq!(written(approval.clone(), json!([103, 101])), [1, 0, 1], "marks in any order");
        assert_eq!(written(approval, json!([])), [0, 0, 0]);
        let irv = json!({ "method": "irv" });
        assert_eq!(written(irv.clone(), json!([103, 101])), [2, 0, 1], "the first preference first");
        assert_eq!(written(irv, json!({ "102": 1, "101": 2 })), [2, 1, 0]);
        assert_eq!(written(json!({ "method": "schulze" }), json!({ "102": 1, "101": 1 })), [1, 1, 0], "equal ranks");
        assert_eq!(written(json!({ "method": "score" }), json!({ "101": 0, "103": 5 })), [1, 0, 6], "0 is a score");
        assert_eq!(written(json!({ "method": "cumulative", "votes": 5 }), json!({ "101": 2, "102": 3 })), [2, 3, 0]);
        assert_eq!(written(json!({ "method": "motion" }), json!([102])), [0, 1, 0]);
    }

    #[test]
    fn what_the_rule_forbids_is_refused_with_its_reason() {
        let irv = || json!({ "method": "irv" });
        assert_eq!(fault(irv(), json!({ "101": 1, "102": 1 })), "choices.7 equal-ranks");
        assert_eq!(fault(irv(), json!({ "101": 1, "102": 3 })), "choices.7 gap");
        assert_eq!(fault(irv(), json!([101, 101])), "choices.7 choice-candidate-twice");
        assert_eq!(fault(irv(), json!([101, 104])), "choices.7 choice-candidate-unknown");
        assert_eq!(fault(irv(), json!({ "0101": 1 })), "choices.7 choice-candidate-unknown");
        assert_eq!(fault(json!({ "method": "irv", "blank": false }), json!([])), "choices.7 blank-not-allowed");
        assert_eq!(fault(json!({ "method": "star" }), json!({ "101": 6 })), "choices.7 score-beyond-top");
        assert_eq!(fault(json!({ "method": "star" }), json!({ "101": 65535 })), "choices.7 score-beyond-top");
        assert_eq!(fault(json!({ "method": "star" }), json!([101])), "choices.7 choice-needs-numbers");
        assert_eq!(fault(json!({ "method": "cumulative", "votes": 3 }), json!({ "101": 4 })), "choices.7 too-many-votes");
        let two = json!({ "method": "cumulative", "votes": 3, "most_for_one": 2 });
        assert_eq!(fault(two, json!({ "101": 3 })), "choices.7 too-many-votes-for-one");
        assert_eq!(fault(json!({ "method": "plurality" }), json!([101, 102])), "choices.7 too-many-marks");
        assert_eq!(fault(json!({ "method": "plurality" }), json!({ "101": 2 })), "choices.7 not-a-mark");
        assert_eq!(fault(json!({ "method": "approval", "min_marks": 2 }), json!([101])), "choices.7 too-few-marks");
        assert_eq!(fault(json!({ "method": "motion" }), json!([101, 102])), "choices.7 too-many-marks");
    }

    #[test]
    fn every_contest_that_is_wrong_is_named() {
        let two = manifest(vec![
            contest(7, json!({ "method": "plurality" }), &[101, 102]),
            contest(8, json!({ "method": "irv", "blank": false }), &[201, 202, 203]),
        ]);
        let of = |choices: Value| refused(&cast(choices), &two);
        assert_eq!(of(json!({ "7": [201], "8": [] })), ["choices.7 choice-candidate-unknown", "choices.8 blank-not-allowed"]);
        assert_eq!(of(json!({ "7": [] })), ["choices.8 choice-contest-missing"]);
        assert_eq!(of(json!({ "7": [], "8": [201], "07": [101] })), ["choices.07 choice-contest-unknown"]);
    }

    #[test]
    fn what_is_not_on_the_ballot_is_repeated_in_part_and_without_what_hides_text() {
        let ballot = manifest(vec![contest(7, json!({ "method": "plurality" }), &[101, 102])]);
        let long = format!("a\u{202e}b\n{}", "9".repeat(1000));
        let mut many = json!({ "7": [] });
        for n in 0..100 {
            many[format!("{n:03}{long}")] = json!([]);
        }
        let errors = numbers(&cast(many), &ballot).unwrap_err();
        assert_eq!(errors.len(), MOST_UNKNOWN);
        assert_eq!(errors[0].field, format!("choices.000ab{}", "9".repeat(15)));
        let errors = numbers(&cast(json!({ "7": { long: 1 } })), &ballot).unwrap_err();
        assert!(!errors[0].message.contains('\u{202e}') && errors[0].message.len() < 100, "{}", errors[0].message);
    }

    #[test]
    fn a_contest_or_candidate_named_twice_is_no_choice() {
        for body in [r#"{"token":"","choices":{"7":[101],"7":[102]}}"#, r#"{"token":"","choices":{"7":{"101":1,"101":2}}}"#] {
            assert!(problem::from_json::<CastVote>(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn one_candidate_is_enough_where_there_is_one_contest_with_marks_and_nowhere_else() {
        let marks = one(json!({ "method": "plurality" }));
        let cast = CastVote { token: String::new(), candidate_id: Some(102), choices: None };
        assert_eq!(numbers(&cast, &marks).unwrap(), [[0, 1, 0]]);
        assert_eq!(numbers(&cast, &one(json!({ "method": "motion" }))).unwrap(), [[0, 1, 0]]);
        assert_eq!(refused(&cast, &one(json!({ "method": "irv" }))), ["candidate_id choice-needs-choices-here"]);
        let of = |id| contest(id, json!({ "method": "plurality" }), &[101, 102]);
        let two = manifest(vec![of(7), of(8)]);
        assert_eq!(refused(&cast, &two), ["candidate_id choice-needs-choices"]);
        let both = CastVote { choices: Some(BTreeMap::new()), ..cast.clone() };
        assert_eq!(refused(&both, &marks), ["choices choice-beside-candidate"]);
        assert_eq!(refused(&CastVote { candidate_id: None, ..cast }, &marks), ["candidate_id choice-missing"]);
    }
}
