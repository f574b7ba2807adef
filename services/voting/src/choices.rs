//! Checks the choices of a request against the manifest, before the link is used. A pure function of its arguments.

use std::collections::{BTreeMap, BTreeSet};

use contract::problems::FieldError;
use contract::voting::CastVote;
use crypto::manifest::{Contest, Manifest};
use domain::ballot::Selections;
use domain::ids::{CandidateId, ContestId};
use messages::{Message, say};

/// The choices of a request as marks in ballot order, or every field that is wrong.
pub(crate) fn marks(cast: &CastVote, manifest: &Manifest) -> Result<Vec<Selections>, Vec<FieldError>> {
    match (cast.candidate_id, &cast.choices) {
        (Some(candidate), None) => match manifest.contests.as_slice() {
            [only] => Ok(vec![in_contest(only, "candidate_id", &[candidate])?]),
            contests => Err(wrong("candidate_id", say!(choice_needs_choices, contests = contests.len()))),
        },
        (None, Some(choices)) => in_all(manifest, choices),
        (Some(_), Some(_)) => Err(wrong("choices", say!(choice_beside_candidate))),
        (None, None) => Err(wrong("candidate_id", say!(choice_missing))),
    }
}

fn in_all(manifest: &Manifest, choices: &BTreeMap<String, Vec<i64>>) -> Result<Vec<Selections>, Vec<FieldError>> {
    let mut refused = Vec::new();
    let mut marks = Vec::new();
    for contest in &manifest.contests {
        let field = format!("choices.{}", contest.contest_id);
        // One form of a number only: "7" and "07" in one body would be two choices in one contest.
        match choices.get(&contest.contest_id.to_string()) {
            Some(chosen) => match in_contest(contest, &field, chosen) {
                Ok(these) => marks.push(these),
                Err(errors) => refused.extend(errors),
            },
            None => refused.extend(wrong(&field, say!(choice_contest_missing))),
        }
    }
    let known: BTreeSet<String> = manifest.contests.iter().map(|contest| contest.contest_id.to_string()).collect();
    for unknown in choices.keys().filter(|key| !known.contains(*key)) {
        refused.extend(wrong(&format!("choices.{unknown}"), say!(choice_contest_unknown)));
    }
    if refused.is_empty() { Ok(marks) } else { Err(refused) }
}

fn in_contest(contest: &Contest, field: &str, chosen: &[i64]) -> Result<Selections, Vec<FieldError>> {
    let distinct: BTreeSet<i64> = chosen.iter().copied().collect();
    if let Some(stranger) = distinct.iter().find(|id| !contest.candidates.iter().any(|candidate| candidate.candidate_id == **id))
    {
        return Err(wrong(field, say!(choice_candidate_unknown, candidate = *stranger)));
    }
    if distinct.len() != chosen.len() {
        return Err(wrong(field, say!(choice_candidate_twice)));
    }
    let count = u32::try_from(distinct.len()).unwrap_or(u32::MAX);
    if count == 0 && !contest.blank {
        return Err(wrong(field, say!(choice_blank)));
    }
    if count != 0 && !(contest.min..=contest.max).contains(&count) {
        return Err(wrong(field, say!(choice_marks, marks = count, least = contest.min, most = contest.max)));
    }
    let candidates = distinct.into_iter().map(CandidateId::new).collect();
    Ok(Selections { contest: ContestId::new(contest.contest_id), candidates })
}

fn wrong(field: &str, message: Message) -> Vec<FieldError> {
    vec![FieldError::new(field, message)]
}

#[cfg(test)]
mod tests {
    use crypto::manifest::Candidate;

    use super::*;

    fn contest(contest_id: i64, (min, max): (u32, u32), blank: bool, candidates: &[i64]) -> Contest {
        let candidates = candidates.iter().map(|id| Candidate { candidate_id: *id, name: format!("candidate {id}") }).collect();
        let (method, tie_rule) = ("plurality".to_owned(), "declare".to_owned());
        Contest { contest_id, title: "a question".to_owned(), method, seats: max, min, max, blank, tie_rule, candidates }
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

    fn choices(pairs: &[(&str, &[i64])]) -> CastVote {
        let choices = pairs.iter().map(|(contest, chosen)| ((*contest).to_owned(), chosen.to_vec())).collect();
        CastVote { token: String::new(), candidate_id: None, choices: Some(choices) }
    }

    fn refused(cast: &CastVote, manifest: &Manifest) -> Vec<String> {
        marks(cast, manifest).unwrap_err().into_iter().map(|error| format!("{} {}", error.field, error.message)).collect()
    }

    #[test]
    fn marks_are_taken_in_any_order_and_written_in_one() {
        let two = manifest(vec![contest(7, (1, 1), true, &[101, 102]), contest(8, (1, 2), false, &[201, 202, 203])]);
        let marks = marks(&choices(&[("8", &[203, 201]), ("7", &[])]), &two).unwrap();
        assert_eq!(marks[0], Selections { contest: ContestId::new(7), candidates: vec![] });
        assert_eq!(
            marks[1],
            Selections { contest: ContestId::new(8), candidates: vec![CandidateId::new(201), CandidateId::new(203)] }
        );
    }

    #[test]
    fn every_contest_that_is_wrong_is_named() {
        let two = manifest(vec![contest(7, (1, 1), true, &[101, 102]), contest(8, (2, 2), false, &[201, 202, 203])]);
        let of = |pairs| refused(&choices(pairs), &two);
        assert_eq!(of(&[("7", &[201]), ("8", &[])]).len(), 2);
        assert_eq!(of(&[("7", &[101]), ("8", &[201])]), ["choices.8 has 1 marks; this contest takes 2 to 2"]);
        assert_eq!(of(&[("7", &[101, 102]), ("8", &[201, 202])]), ["choices.7 has 2 marks; this contest takes 1 to 1"]);
        assert_eq!(of(&[("7", &[101]), ("8", &[201, 201])]), ["choices.8 names a candidate twice"]);
        assert_eq!(of(&[("7", &[])]), ["choices.8 is missing; an empty list is a blank vote"]);
        assert_eq!(of(&[("7", &[]), ("8", &[201, 202]), ("07", &[101])]), ["choices.07 is no contest of this ballot"]);
    }

    #[test]
    fn one_candidate_is_enough_where_there_is_one_contest_and_nowhere_else() {
        let one = manifest(vec![contest(7, (1, 1), true, &[101, 102])]);
        let cast = CastVote { token: String::new(), candidate_id: Some(102), choices: None };
        assert_eq!(marks(&cast, &one).unwrap()[0].candidates, [CandidateId::new(102)]);
        let two = manifest(vec![contest(7, (1, 1), true, &[101]), contest(8, (1, 1), true, &[102])]);
        assert!(refused(&cast, &two)[0].contains("this ballot has 2 contests"));
        let both = CastVote { choices: Some(BTreeMap::new()), ..cast.clone() };
        assert!(refused(&both, &one)[0].contains("one of the two"));
        assert!(refused(&CastVote { candidate_id: None, ..cast }, &one)[0].contains("is missing"));
    }
}
