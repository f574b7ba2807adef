//! Converts a ballot into an HTML form, and the submitted form into a ballot.

use std::collections::{BTreeMap, BTreeSet};

use contract::elections::Amendment;
use contract::voting::{Ballot, BallotCandidate, BallotContest, CastVote};
use messages::{Message, Zone, say};
use serde::Serialize;

use crate::page::time;

/// The value of the box for "no candidate at all".
const BLANK: &str = "blank";

/// What a voter sent. No `Debug`: it is their choice beside their link.
pub(crate) struct Form {
    pub(crate) token: String,
    /// The nonce that was made with the page: sending the same form twice is one ballot.
    pub(crate) key: String,
    /// For each contest that was on the page the boxes that were ticked.
    ticked: BTreeMap<i64, BTreeSet<String>>,
}

/// A field that has to be filled in again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The contest it is in; absent when only the voting service knows.
    pub(crate) contest_id: Option<i64>,
    pub(crate) message: String,
}

impl Form {
    /// Reads the fields. `contest` names each contest of the page, since one without a tick sends nothing else.
    pub(crate) fn read(fields: Vec<(String, String)>) -> Self {
        let mut form = Self { token: String::new(), key: String::new(), ticked: BTreeMap::new() };
        for (name, value) in fields {
            match name.as_str() {
                "token" => form.token = value,
                "key" => form.key = value,
                "contest" => {
                    form.ticked
                        .extend(value.parse().ok().filter(|id| !form.ticked.contains_key(id)).map(|id| (id, BTreeSet::new())));
                }
                _ => {
                    if let Some(id) = name.strip_prefix("contest-").and_then(|id| id.parse().ok()) {
                        form.ticked.entry(id).or_default().insert(value);
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
        for (id, ticked) in &self.ticked {
            match marks(ticked) {
                Ok(marks) => {
                    choices.insert(id.to_string(), marks);
                }
                Err(message) => mistakes.push(Mistake { contest_id: Some(*id), message: message.to_string() }),
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
        let own = [("token".to_owned(), self.token.clone()), ("key".to_owned(), self.key.clone())];
        let ticks =
            self.ticked.iter().flat_map(|(id, ticked)| ticked.iter().map(move |value| (format!("contest-{id}"), value.clone())));
        own.into_iter().chain(ticks).collect()
    }

    fn has(&self, contest_id: i64, value: &str) -> bool {
        self.ticked.get(&contest_id).is_some_and(|ticked| ticked.contains(value))
    }
}

fn marks(ticked: &BTreeSet<String>) -> Result<Vec<i64>, Message> {
    let blank = ticked.contains(BLANK);
    let candidates: Vec<&String> = ticked.iter().filter(|value| *value != BLANK).collect();
    match (candidates.is_empty(), blank) {
        (true, true) => Ok(Vec::new()),
        (true, false) => Err(say!(page_nothing_chosen)),
        (false, true) => Err(say!(page_candidates_and_blank)),
        (false, false) => candidates.iter().map(|id| id.parse()).collect::<Result<_, _>>().map_err(|_| say!(page_no_candidate)),
    }
}

/// A contest as the page shows it.
#[derive(Serialize)]
pub(crate) struct Question {
    contest_id: i64,
    title: String,
    rule: String,
    /// `radio` or `checkbox`.
    kind: &'static str,
    candidates: Vec<Choice>,
    blank: bool,
    blank_ticked: bool,
    mistake: Option<String>,
}

#[derive(Serialize)]
struct Choice {
    candidate_id: i64,
    name: String,
    description: Option<String>,
    photo_url: Option<String>,
    ticked: bool,
}

/// The questions of a ballot; with a form, as it was filled in.
pub(crate) fn questions(ballot: Ballot, form: Option<&Form>, mistakes: &[Mistake]) -> Vec<Question> {
    ballot.contests.into_iter().map(|contest| question(contest, form, mistakes)).collect()
}

fn question(contest: BallotContest, form: Option<&Form>, mistakes: &[Mistake]) -> Question {
    let id = contest.contest_id;
    let ticked = |value: &str| form.is_some_and(|form| form.has(id, value));
    Question {
        rule: rule(&contest),
        kind: if contest.max > 1 { "checkbox" } else { "radio" },
        blank: contest.blank,
        blank_ticked: ticked(BLANK),
        mistake: mistakes.iter().find(|mistake| mistake.contest_id == Some(id)).map(|mistake| mistake.message.clone()),
        candidates: contest.candidates.into_iter().map(|candidate| choice(candidate, &ticked)).collect(),
        contest_id: id,
        title: contest.title,
    }
}

fn choice(candidate: BallotCandidate, ticked: &impl Fn(&str) -> bool) -> Choice {
    let BallotCandidate { candidate_id, name, description, photo_url } = candidate;
    // A picture from elsewhere would tell its owner who opens this ballot.
    let photo_url = photo_url.filter(|url| url.starts_with("/uploads/"));
    Choice { candidate_id, name, description, photo_url, ticked: ticked(&candidate_id.to_string()) }
}

fn rule(contest: &BallotContest) -> String {
    let BallotContest { min, max, seats, .. } = *contest;
    if contest.method == "approval" {
        let all = usize::try_from(max).is_ok_and(|max| max >= contest.candidates.len());
        let elected = if seats == 1 { "One is elected".to_owned() } else { format!("{seats} are elected") };
        return match (min, all) {
            (0 | 1, true) => format!("{elected}: mark everybody you approve of."),
            (0 | 1, false) => format!("{elected}: mark those you approve of, up to {max}."),
            (min, true) => format!("{elected}: mark everybody you approve of, at least {min}."),
            (min, false) => format!("{elected}: mark those you approve of, at least {min} and at most {max}."),
        };
    }
    match (min, max) {
        (_, 1) => "Choose one.".to_owned(),
        (min, max) if min == max => format!("Choose exactly {max}."),
        (0 | 1, max) => format!("Choose up to {max}."),
        (min, max) => format!("Choose at least {min} and at most {max}."),
    }
}

/// What was changed after the rules were fixed, a line each.
pub(crate) fn announced(amendments: &[Amendment], zone: Zone) -> Vec<String> {
    amendments.iter().map(|amendment| line(amendment, zone)).collect()
}

fn line(amendment: &Amendment, zone: Zone) -> String {
    let voters = match amendment.voters {
        Some(1) => "1 voter".to_owned(),
        many => format!("{} voters", many.unwrap_or(0)),
    };
    let what = match amendment.kind.as_str() {
        "voter_added" => format!("{voters} added"),
        "voter_removed" => format!("{voters} removed"),
        "recording_resumed" => {
            "Voting had been halted, because recorded ballots were missing from the ballot box, and was resumed".to_owned()
        }
        _ => format!("Voting ends on {}", time(amendment.closes_at, zone).unwrap_or_default()),
    };
    format!("{what} ({}): {}", time(Some(amendment.created_at), zone).unwrap_or_default(), amendment.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(ticks: &[(&str, &str)]) -> Form {
        let fields = [("token", "t"), ("key", "k"), ("contest", "7"), ("contest", "8")];
        Form::read(fields.iter().chain(ticks).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn ticks_become_choices() {
        let ballot =
            form(&[("contest-7", "2"), ("contest-8", "11"), ("contest-8", "12")]).ballot().unwrap_or_else(|_| unreachable!());
        let choices = ballot.choices.unwrap();
        assert_eq!((&choices["7"], &choices["8"]), (&vec![2], &vec![11, 12]));
    }

    #[test]
    fn a_blank_vote_has_to_be_chosen() {
        let mistakes = form(&[("contest-7", "blank")]).ballot().err().unwrap();
        assert_eq!(mistakes, [Mistake { contest_id: Some(8), message: "Nothing is chosen here yet".to_owned() }]);
        let ballot = form(&[("contest-7", "blank"), ("contest-8", "11")]).ballot().unwrap_or_else(|_| unreachable!());
        assert!(ballot.choices.unwrap()["7"].is_empty());
    }

    #[test]
    fn blank_and_a_candidate_contradict_each_other() {
        assert!(form(&[("contest-7", "blank"), ("contest-7", "2"), ("contest-8", "11")]).ballot().is_err());
    }

    #[test]
    fn a_form_sent_again_is_the_same_ballot() {
        let sent = form(&[("contest-7", "2"), ("contest-8", "11"), ("contest-8", "12")]);
        let again = Form::read(sent.fields());
        let text = |form: &Form| serde_json::to_string(&form.ballot().unwrap_or_else(|_| unreachable!())).unwrap();
        assert_eq!((text(&sent), sent.key), (text(&again), again.key));
    }

    #[test]
    fn the_rule_is_said_in_words() {
        let rule = |method: &str, min, max| {
            let candidate =
                |candidate_id| BallotCandidate { candidate_id, name: String::new(), description: None, photo_url: None };
            let (title, method) = (String::new(), method.to_owned());
            let candidates = (1..=5).map(candidate).collect();
            rule(&BallotContest { contest_id: 1, title, method, seats: 3, min, max, blank: true, candidates })
        };
        assert_eq!(
            [rule("plurality", 1, 1), rule("plurality", 1, 3), rule("plurality", 2, 2), rule("plurality", 2, 3)],
            ["Choose one.", "Choose up to 3.", "Choose exactly 2.", "Choose at least 2 and at most 3."]
        );
        assert_eq!(
            [rule("approval", 1, 5), rule("approval", 0, 4), rule("approval", 2, 4)],
            [
                "3 are elected: mark everybody you approve of.",
                "3 are elected: mark those you approve of, up to 4.",
                "3 are elected: mark those you approve of, at least 2 and at most 4."
            ]
        );
    }

    #[test]
    fn what_was_changed_is_said_in_words() {
        let at = |text: &str| text.parse().ok();
        let amendment = Amendment {
            amendment_id: 1,
            kind: "voter_added".to_owned(),
            reason: "Forgotten by the registry".to_owned(),
            voters: Some(1),
            previous_closes_at: None,
            closes_at: None,
            created_at: at("2026-11-21T08:00:00Z").unwrap(),
        };
        let moved = Amendment {
            kind: "closes_at_moved".to_owned(),
            voters: None,
            closes_at: at("2026-11-22T18:00:00Z"),
            ..amendment.clone()
        };
        let resumed = Amendment {
            kind: "recording_resumed".to_owned(),
            reason: "A failover lost two ballots; both voters were asked to vote again".to_owned(),
            voters: None,
            ..amendment.clone()
        };
        insta::assert_snapshot!(announced(&[amendment, moved, resumed], Zone::UTC).join("\n"));
    }
}
