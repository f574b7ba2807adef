//! Converts a ballot into an HTML form, and the submitted form into a ballot.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use contract::voting::{Ballot, BallotCandidate, BallotContest, CastVote, Chosen};
use counting::{Family, Limits, Permission, ShareOf};
use messages::{Message, say};
use serde::Serialize;

use crate::candidate_shown::CandidateShown;
use crate::page::paragraphs;

/// The value of the box for "no candidate at all".
const BLANK: &str = "blank";

/// What a voter sent. No `Debug`: it is their choice beside their link.
pub(crate) struct Form {
    pub(crate) token: String,
    /// The nonce that was made with the page: sending the same form twice is one ballot.
    pub(crate) key: String,
    /// For each contest that was on the page what was filled in.
    filled: BTreeMap<i64, Filled>,
}

/// With more candidates their ranks are written as numbers instead of chosen from lists.
const MOST_IN_A_LIST: usize = 30;

/// What was filled in for one contest.
#[derive(Default)]
struct Filled {
    /// The boxes that were ticked.
    ticked: BTreeSet<String>,
    /// The fields with a number, by candidate; none that was left empty.
    numbers: BTreeMap<i64, String>,
}

/// A field that has to be filled in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The contest it is in; absent when only the voting service knows.
    pub(crate) contest_id: Option<i64>,
    /// The title of that contest.
    pub(crate) contest: Option<String>,
    pub(crate) message: String,
}

impl Mistake {
    pub(crate) const fn new(contest_id: Option<i64>, message: String) -> Self {
        Self { contest_id, contest: None, message }
    }
}

/// The mistakes with the titles of their contests, and with the names of candidates who share a rank where they may not.
pub(crate) fn explained(ballot: &Ballot, form: Option<&Form>, mistakes: &[Mistake]) -> Vec<Mistake> {
    let explain = |mistake: &Mistake| {
        let contest = ballot.contests.iter().find(|contest| Some(contest.contest_id) == mistake.contest_id);
        let shared = contest.zip(form).map(|(contest, form)| shared_ranks(contest, form)).unwrap_or_default();
        let message = std::iter::once(mistake.message.clone()).chain(shared).collect::<Vec<_>>().join(". ");
        Mistake { contest_id: mistake.contest_id, contest: contest.map(|contest| contest.title.clone()), message }
    };
    mistakes.iter().map(explain).collect()
}

/// Who has the same rank, a sentence for each rank, if the rule does not allow it.
fn shared_ranks(contest: &BallotContest, form: &Form) -> Vec<String> {
    let limits = contest.rule.limits(contest.candidates.len());
    if !matches!(limits, Limits::Ranks { equal_ranks: Permission::Refuse, .. }) {
        return vec![];
    }
    let mut by_rank: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for candidate in &contest.candidates {
        if let Some(rank) = form.number(contest.contest_id, candidate.candidate_id).and_then(|rank| rank.parse().ok()) {
            by_rank.entry(rank).or_default().push(&candidate.name);
        }
    }
    let shared = by_rank.into_iter().filter(|(rank, names)| *rank > 0 && names.len() > 1);
    shared.map(|(rank, names)| say!(page_rank_is_shared, rank = rank, names = names.join(", ")).to_string()).collect()
}

impl Form {
    /// Reads the fields. `contest` names each contest of the page, since one without a tick sends nothing else; `contest-7` is a tick, and
    /// `contest-7-101` the number of a candidate.
    pub(crate) fn read(fields: Vec<(String, String)>) -> Self {
        let mut form = Self { token: String::new(), key: String::new(), filled: BTreeMap::new() };
        for (name, value) in fields {
            match name.as_str() {
                "token" => form.token = value,
                "key" => form.key = value,
                "contest" => {
                    if let Ok(id) = value.parse() {
                        form.filled.entry(id).or_default();
                    }
                }
                _ => {
                    let Some(rest) = name.strip_prefix("contest-") else { continue };
                    match rest.split_once('-') {
                        None => {
                            if let Ok(id) = rest.parse() {
                                form.filled.entry(id).or_default().ticked.insert(value);
                            }
                        }
                        Some((contest, candidate)) => {
                            if let (Ok(id), Ok(candidate), false) = (contest.parse(), candidate.parse(), value.trim().is_empty())
                            {
                                form.filled.entry(id).or_default().numbers.insert(candidate, value.trim().to_owned());
                            }
                        }
                    }
                }
            }
        }
        form
    }

    /// The ballot, or what is still missing. A contest without a mark is not a blank vote: a voter who overlooks a question must
    /// not lose that vote.
    pub(crate) fn ballot(&self) -> Result<CastVote, Vec<Mistake>> {
        let mut choices = BTreeMap::new();
        let mut mistakes = Vec::new();
        for (id, filled) in &self.filled {
            match chosen(filled) {
                Ok(chosen) => {
                    choices.insert(id.to_string(), chosen);
                }
                Err(message) => mistakes.push(Mistake::new(Some(*id), message.to_string())),
            }
        }
        if mistakes.is_empty() {
            Ok(CastVote { token: self.token.clone(), candidate_id: None, choices: Some(choices) })
        } else {
            Err(mistakes)
        }
    }

    /// Every field as it was sent, to be sent again.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let mut fields = vec![("token".to_owned(), self.token.clone()), ("key".to_owned(), self.key.clone())];
        for (id, filled) in &self.filled {
            fields.extend(filled.ticked.iter().map(|value| (format!("contest-{id}"), value.clone())));
            fields.extend(filled.numbers.iter().map(|(candidate, value)| (format!("contest-{id}-{candidate}"), value.clone())));
        }
        fields
    }

    fn has(&self, contest_id: i64, value: &str) -> bool {
        self.filled.get(&contest_id).is_some_and(|filled| filled.ticked.contains(value))
    }

    fn number(&self, contest_id: i64, candidate_id: i64) -> Option<String> {
        self.filled.get(&contest_id)?.numbers.get(&candidate_id).cloned()
    }
}

fn chosen(filled: &Filled) -> Result<Chosen, Message> {
    let blank = filled.ticked.contains(BLANK);
    let candidates: Vec<&String> = filled.ticked.iter().filter(|value| *value != BLANK).collect();
    match (candidates.is_empty() && filled.numbers.is_empty(), blank) {
        (true, true) => Ok(Chosen::Candidates(Vec::new())),
        (true, false) => Err(say!(page_nothing_chosen)),
        (false, true) => Err(say!(page_candidates_and_blank)),
        (false, false) if filled.numbers.is_empty() => {
            let marks = candidates.iter().map(|id| id.parse()).collect::<Result<_, _>>();
            marks.map(Chosen::Candidates).map_err(|_| say!(page_no_candidate))
        }
        (false, false) => {
            let number = |(candidate, value): (&i64, &String)| Ok((candidate.to_string(), value.parse()?));
            let numbers = filled.numbers.iter().map(number).collect::<Result<_, std::num::ParseIntError>>();
            numbers.map(Chosen::Numbers).map_err(|_| say!(page_no_number))
        }
    }
}

/// A contest as the page shows it.
#[derive(Serialize)]
pub(crate) struct Question {
    contest_id: i64,
    title: String,
    /// The paragraphs of a motion.
    text: Vec<String>,
    /// What to do, and how it is counted.
    rule: String,
    /// `radio`, `checkbox`, `rank` or `number`.
    kind: &'static str,
    /// For ranks: what can be chosen.
    ranks: Vec<usize>,
    /// For numbers: the least and the most.
    least: u32,
    most: u32,
    candidates: Vec<Choice>,
    /// Whether one of them has a photo; then the others have an empty frame.
    has_photos: bool,
    blank: bool,
    blank_ticked: bool,
    /// What a voter should know before they rank.
    warning: Option<String>,
    mistake: Option<String>,
}

#[derive(Serialize)]
struct Choice {
    #[serde(flatten)]
    shown: CandidateShown,
    ticked: bool,
    number: Option<String>,
}

/// The questions of a ballot; with a form, as it was filled in. `token` decides where a rotated list begins, so that a page that is loaded
/// again looks the same.
pub(crate) fn questions(ballot: Ballot, token: &str, form: Option<&Form>, mistakes: &[Mistake]) -> Vec<Question> {
    ballot.contests.into_iter().map(|contest| question(contest, token, form, mistakes)).collect()
}

fn question(contest: BallotContest, token: &str, form: Option<&Form>, mistakes: &[Mistake]) -> Question {
    let id = contest.contest_id;
    let number = contest.candidates.len();
    let limits = contest.rule.limits(number);
    let (kind, ranks, least, most) = match limits {
        Limits::Marks { max: 1, .. } => ("radio", 0, 0, 0),
        Limits::Marks { .. } => ("checkbox", 0, 0, 0),
        Limits::Votes { most, .. } => ("number", 0, 0, most),
        Limits::Scores { top } => ("number", 0, 0, u32::from(top)),
        // A list to choose from in each of many lists would make the page longer than anybody loads.
        Limits::Ranks { .. } if number > MOST_IN_A_LIST => ("number", 0, 1, u32::try_from(number).unwrap_or(u32::MAX)),
        Limits::Ranks { .. } => ("rank", number, 0, 0),
    };
    let is_ranked = contest.family == Family::Ranking;
    let candidates: Vec<Choice> = in_order(&contest, token).into_iter().map(|candidate| choice(candidate, id, form)).collect();
    Question {
        rule: rule(&contest, limits),
        kind,
        ranks: (1..=ranks).collect(),
        least,
        most,
        text: paragraphs(contest.text.as_deref()),
        blank: contest.blank,
        blank_ticked: form.is_some_and(|form| form.has(id, BLANK)),
        warning: is_ranked.then(|| say!(ranking_recognised).to_string()),
        mistake: mistakes.iter().find(|mistake| mistake.contest_id == Some(id)).map(|mistake| mistake.message.clone()),
        has_photos: candidates.iter().any(|choice| choice.shown.has_photo()),
        candidates,
        contest_id: id,
        title: contest.title,
    }
}

/// The candidates in the order of this link. What the rule itself puts on a ballot keeps its place at the end.
fn in_order(contest: &BallotContest, token: &str) -> Vec<BallotCandidate> {
    let is_fixed = |candidate: &&BallotCandidate| matches!(candidate.standing.as_str(), "option" | "none_of_the_above");
    let mut people: Vec<BallotCandidate> = contest.candidates.iter().filter(|candidate| !is_fixed(candidate)).cloned().collect();
    if contest.ballot_order == "rotated" && !people.is_empty() {
        let hash = digest(&SHA256, format!("ballot order {} {token}", contest.contest_id).as_bytes());
        // Seven bytes of the hash, so that no start is much likelier than another.
        let start =
            hash.as_ref().iter().take(7).fold(0_usize, |sum, byte| sum.wrapping_mul(256).wrapping_add(usize::from(*byte)));
        let start = start.checked_rem(people.len()).unwrap_or(0);
        people.rotate_left(start);
    }
    people.extend(contest.candidates.iter().filter(is_fixed).cloned());
    people
}

fn choice(candidate: BallotCandidate, contest_id: i64, form: Option<&Form>) -> Choice {
    let candidate_id = candidate.candidate_id;
    let ticked = form.is_some_and(|form| form.has(contest_id, &candidate_id.to_string()));
    let number = form.and_then(|form| form.number(contest_id, candidate_id));
    Choice { shown: candidate.into(), ticked, number }
}

/// What to do, and how many are elected.
fn rule(contest: &BallotContest, limits: Limits) -> String {
    let all = u32::try_from(contest.candidates.len()).unwrap_or(u32::MAX);
    let what = match limits {
        _ if contest.family == Family::Motion => return motion_rule(contest),
        Limits::Marks { max: 1, .. } => say!(vote_mark_one),
        Limits::Marks { min: 0 | 1, max } if max >= all => say!(vote_mark_any),
        Limits::Marks { min, max } if min == max => say!(vote_mark_exactly, most = max),
        Limits::Marks { min: 0 | 1, max } => say!(vote_mark_up_to, most = max),
        Limits::Marks { min, max } => say!(vote_mark_between, least = min, most = max.min(all)),
        Limits::Votes { budget, most } => say!(vote_give_votes, votes = budget, most = most),
        Limits::Scores { top } => say!(vote_give_scores, top = u32::from(top)),
        Limits::Ranks { .. } => say!(vote_rank),
    };
    let elected = say!(vote_seats, seats = contest.seats);
    match limits {
        Limits::Ranks { equal_ranks: Permission::Allow, .. } => format!("{what} {} {elected}", say!(vote_rank_equal)),
        _ => format!("{what} {elected}"),
    }
}

/// What to do with a motion, and what passes it.
fn motion_rule(contest: &BallotContest) -> String {
    let what = say!(vote_motion).to_string();
    let counting::Rule::Motion(motion) = &contest.rule else { return what };
    let passes = motion.passes.threshold().map(|(share, base)| {
        let share = share.to_string();
        match base {
            ShareOf::Votes => say!(vote_motion_share_of_votes, share = share),
            ShareOf::Ballots => say!(vote_motion_share_of_ballots, share = share),
            ShareOf::Roll => say!(vote_motion_share_of_roll, share = share),
        }
    });
    passes.map_or_else(|| what.clone(), |passes| format!("{what} {passes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(ticks: &[(&str, &str)]) -> Form {
        let fields = [("token", "t"), ("key", "k"), ("contest", "7"), ("contest", "8")];
        Form::read(fields.iter().chain(ticks).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn choices(form: &Form) -> BTreeMap<String, Chosen> {
        form.ballot().unwrap_or_else(|_| unreachable!()).choices.unwrap()
    }

    #[test]
    fn ticks_become_choices() {
        let choices = choices(&form(&[("contest-7", "2"), ("contest-8", "11"), ("contest-8", "12")]));
        assert!(choices["7"] == Chosen::Candidates(vec![2]) && choices["8"] == Chosen::Candidates(vec![11, 12]));
    }

    #[test]
    fn numbers_become_choices_and_empty_fields_nothing() {
        let filled = form(&[("contest-7", "2"), ("contest-8-11", "2"), ("contest-8-12", " 1 "), ("contest-8-13", "")]);
        let numbers = [("11".to_owned(), 2), ("12".to_owned(), 1)];
        assert!(choices(&filled)["8"] == Chosen::Numbers(numbers.into()));
        for nonsense in ["-1", "1.5", "two"] {
            assert!(form(&[("contest-7", "2"), ("contest-8-11", nonsense)]).ballot().is_err(), "{nonsense}");
        }
        assert!(form(&[("contest-7", "2"), ("contest-8-11", "1"), ("contest-8", "blank")]).ballot().is_err());
    }

    #[test]
    fn a_blank_vote_has_to_be_chosen() {
        let mistakes = form(&[("contest-7", "blank")]).ballot().err().unwrap();
        assert_eq!(mistakes, [Mistake::new(Some(8), "Nothing is chosen here yet".to_owned())]);
        let choices = choices(&form(&[("contest-7", "blank"), ("contest-8", "11")]));
        assert!(choices["7"] == Chosen::Candidates(vec![]));
    }

    #[test]
    fn blank_and_a_candidate_contradict_each_other() {
        assert!(form(&[("contest-7", "blank"), ("contest-7", "2"), ("contest-8", "11")]).ballot().is_err());
    }

    #[test]
    fn a_form_sent_again_is_the_same_ballot() {
        let sent = form(&[("contest-7", "2"), ("contest-8-11", "1"), ("contest-8-12", "2")]);
        let again = Form::read(sent.fields());
        let text = |form: &Form| serde_json::to_string(&form.ballot().unwrap_or_else(|_| unreachable!())).unwrap();
        assert_eq!((text(&sent), sent.key), (text(&again), again.key));
    }

    fn contest(rule: &str, ballot_order: &str) -> BallotContest {
        let rule: counting::Rule = serde_json::from_str(rule).unwrap();
        let none = rule.terms().none_of_the_above.is_some();
        let candidate = |candidate_id| BallotCandidate {
            candidate_id,
            name: String::new(),
            description: None,
            party: None,
            vision: None,
            programme: None,
            link: None,
            photo_url: None,
            thumbnail_url: None,
            programme_file_url: None,
            standing: if none && candidate_id == 5 { "none_of_the_above" } else { "stands" }.to_owned(),
        };
        BallotContest {
            contest_id: 1,
            title: String::new(),
            text: None,
            family: rule.family(),
            sentence: String::new(),
            seats: rule.seats(),
            rule,
            ballot_order: ballot_order.to_owned(),
            blank: true,
            candidates: (1..=5).map(candidate).collect(),
        }
    }

    #[test]
    fn the_rule_is_said_in_words() {
        let rule = |text: &str| {
            let contest = contest(text, "fixed");
            rule(&contest, contest.rule.limits(5))
        };
        insta::assert_snapshot!(
            [
                r#"{"method":"plurality"}"#,
                r#"{"method":"plurality","seats":3}"#,
                r#"{"method":"plurality","seats":3,"min_marks":3}"#,
                r#"{"method":"plurality","seats":3,"min_marks":2}"#,
                r#"{"method":"approval","seats":3}"#,
                r#"{"method":"approval","max_marks":4}"#,
                r#"{"method":"cumulative","seats":3,"votes":3,"most_for_one":2}"#,
                r#"{"method":"score","top":10}"#,
                r#"{"method":"irv"}"#,
                r#"{"method":"schulze","seats":2}"#,
                r#"{"method":"motion"}"#,
            ]
            .map(rule)
            .join("\n")
        );
    }

    fn named(rule: &str) -> Ballot {
        let mut contest = contest(rule, "fixed");
        contest.title = "Board".to_owned();
        contest.candidates.iter_mut().zip(["Ann", "Ben", "Cem", "Dee", "Eve"]).for_each(|(of, name)| of.name = name.to_owned());
        serde_json::from_value(serde_json::json!({
            "election_id": 1, "election_title": "E", "description": null, "voting_open": true,
            "profile": "simple", "timezone": "UTC", "manifest_hash": "", "closes_at": null, "contests": [contest],
            "candidates": [], "amendments": [], "error": null
        }))
        .unwrap()
    }

    #[test]
    fn a_mistake_names_its_contest_and_who_shares_a_rank() {
        let fields = [("contest", "1"), ("contest-1-1", "2"), ("contest-1-2", "1"), ("contest-1-4", "2")];
        let form = Form::read(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let told = |rule: &str| {
            let mistakes = [Mistake::new(Some(1), "This choice is wrong".to_owned()), Mistake::new(None, "Something".to_owned())];
            explained(&named(rule), Some(&form), &mistakes)
        };
        let refused = told(r#"{"method":"irv"}"#);
        assert_eq!(refused[0].contest.as_deref(), Some("Board"));
        assert_eq!(refused[0].message, "This choice is wrong. Rank 2 is given to Ann, Dee");
        assert_eq!((refused[1].contest.as_deref(), refused[1].message.as_str()), (None, "Something"));
        assert_eq!(
            told(r#"{"method":"schulze"}"#)[0].message,
            "This choice is wrong",
            "where they may share one it is no mistake"
        );
    }

    #[test]
    fn ranks_of_many_candidates_are_numbers_to_write() {
        let kind = |candidates: usize| {
            let mut contest = contest(r#"{"method":"irv"}"#, "fixed");
            let one = contest.candidates[0].clone();
            contest.candidates = vec![one; candidates];
            let question = question(contest, "t", None, &[]);
            (question.kind, question.ranks.len(), question.least, question.most)
        };
        assert_eq!(kind(30), ("rank", 30, 0, 0));
        assert_eq!(kind(31), ("number", 0, 1, 31));
    }

    #[test]
    fn a_rotated_list_begins_elsewhere_for_other_links_and_ends_with_what_the_rule_put_there() {
        let contest = contest(r#"{"method":"irv","none_of_the_above":"vacant_seat"}"#, "rotated");
        let order = |token: &str| in_order(&contest, token).iter().map(|candidate| candidate.candidate_id).collect::<Vec<_>>();
        let starts: BTreeSet<i64> = (0..100).map(|link| order(&link.to_string())[0]).collect();
        assert_eq!(starts, BTreeSet::from([1, 2, 3, 4]));
        for link in ["a", "b", "c"] {
            let seen = order(link);
            assert_eq!((&seen, seen[4]), (&order(link), 5));
            let whole: BTreeSet<i64> = seen.into_iter().collect();
            assert_eq!(whole.len(), 5);
        }
        let fixed = BallotContest { ballot_order: "fixed".to_owned(), ..contest };
        assert!(in_order(&fixed, "a").iter().map(|candidate| candidate.candidate_id).eq(1..=5));
    }
}
