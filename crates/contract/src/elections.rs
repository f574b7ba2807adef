//! Types of the `elections` API.

use chrono::{DateTime, Utc};
use counting::{Family, Rule};
use messages::{Message, Params, say};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::problems::Notice;

/// Body of `POST /api/elections`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewElection {
    /// 1 to 255 characters.
    pub title: String,
    /// Up to 10,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// When voting opens; by hand when absent.
    #[serde(default, deserialize_with = "zoned::maybe")]
    pub opens_at: Option<DateTime<Utc>>,
    /// When voting ends at the latest; no ballot is taken from then on.
    #[serde(default, deserialize_with = "zoned::maybe")]
    pub closes_at: Option<DateTime<Utc>>,
    /// The language of its mails, as a BCP 47 tag: `de` or `en`.
    #[serde(default)]
    #[schema(example = "en")]
    pub locale: Option<String>,
    /// The time zone in which its mails and pages show times, with UTC beside it: a name in the IANA database. That of the
    /// installation unless told.
    #[serde(default)]
    #[schema(example = "Europe/Berlin")]
    pub timezone: Option<String>,
    /// How ballots are made: `simple`.
    #[serde(default)]
    pub profile: Option<String>,
    /// When the result appears: `together` with the end of the count (the default), or `manual`, when you publish it.
    #[serde(default)]
    pub publish: Option<String>,
    /// The questions. Without any there is one, `plurality` with one seat, named as the election.
    #[serde(default)]
    pub contests: Option<Vec<ContestInput>>,
}

/// Body of `PUT /api/elections/{id}`. Members that are left out keep their value; `null` clears one that may be empty.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElectionChange {
    /// 1 to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Up to 10,000 characters.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// When voting opens.
    #[serde(default, deserialize_with = "zoned::given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub opens_at: Option<Option<DateTime<Utc>>>,
    /// When voting ends at the latest.
    #[serde(default, deserialize_with = "zoned::given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub closes_at: Option<Option<DateTime<Utc>>>,
    /// The language of its mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone in which its mails and pages show times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// How ballots are made: `simple`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// When the result appears: `together` with the end of the count, or `manual`, when you publish it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<String>,
    /// All questions, in ballot order. One with the `contest_id` of a question that exists changes it, and keeps its
    /// candidates and every member that is left out; one without is new; one that is not named is removed, with its candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contests: Option<Vec<ContestInput>>,
}

/// Body of `POST /api/elections/{id}/copy`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyElection {
    /// The title of the copy, 1 to 255 characters; that of the election unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether the candidates come along, with everything that is said of them and their files. Who has withdrawn does not.
    #[serde(default)]
    pub candidates: bool,
}

/// A question, as it is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestInput {
    /// In a `PUT`: which question is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contest_id: Option<i64>,
    /// 1 to 255 characters.
    pub title: String,
    /// The text of a motion, up to 20,000 characters; no other contest has one.
    #[serde(default)]
    pub text: Option<String>,
    /// How it is counted: `{"method": ...}` with the fields that the method has, as `docs/counting.md` tells. A field that is absent has its
    /// usual value; a new question without a rule is `plurality` with one seat.
    #[serde(default)]
    #[schema(value_type = Option<Rule>, example = json!({"method": "scottish_stv", "seats": 3}))]
    pub rule: Option<serde_json::Value>,
    /// `fixed` (unless told for a new question), or `rotated`: for each link the list begins with another candidate.
    #[serde(default)]
    pub ballot_order: Option<String>,
}

/// An election, as its admin sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Election {
    /// Its number.
    pub election_id: i64,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// `draft`, `scheduled`, `active`, `closed` or `archived`.
    pub status: String,
    /// How ballots are made.
    pub profile: String,
    /// When the result appears.
    pub publish: String,
    /// Who keeps the seal key.
    pub custody: String,
    /// When voting opens, if a time is set.
    pub opens_at: Option<DateTime<Utc>>,
    /// When voting ends at the latest, if a time is set.
    pub closes_at: Option<DateTime<Utc>>,
    /// The language of its mails, as a BCP 47 tag.
    pub locale: String,
    /// The time zone in which its mails and pages show times, by its name in the IANA database.
    pub timezone: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When voting was opened.
    pub activated_at: Option<DateTime<Utc>>,
    /// When voting ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was put away.
    pub archived_at: Option<DateTime<Utc>>,
    /// When the result became public.
    pub results_published_at: Option<DateTime<Utc>>,
    /// How far closing is: `grace`, `sealed`, `rewritten`, `opening`, `opened` or `failed`.
    pub tally_state: Option<String>,
    /// When `tally_state` is `failed`: why, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_stopped: Option<CountStopped>,
    /// SHA-256 of the manifest in hex, from activation on.
    pub manifest_hash: Option<String>,
    /// The questions in ballot order.
    pub contests: Vec<Contest>,
    /// What was changed after activation, in order.
    pub amendments: Vec<Amendment>,
    /// When voters, mails and references of the audit log were anonymised.
    pub anonymised_at: Option<DateTime<Utc>>,
    /// How many may vote and how many have. Every answer of every service shows the same.
    pub turnout: Turnout,
    /// What its admin should know, in words.
    pub warnings: Vec<String>,
    /// The same, in the same order, with code and parameters.
    #[serde(default)]
    pub notices: Vec<Notice>,
}

/// Answer of `GET /api/elections/{id}/check`: what should be looked at before the election opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// First what stops the opening, then the rest.
    pub findings: Vec<Finding>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// How serious it is.
    pub level: FindingLevel,
    /// What was found, in English.
    pub message: String,
    /// Which sentence it is: stable, for programs and for other languages.
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl Finding {
    /// A finding with this sentence.
    #[must_use]
    pub fn new(level: FindingLevel, found: impl Into<Notice>) -> Self {
        let Notice { message, code, params } = found.into();
        Self { level, message, code, params }
    }
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// The election cannot be activated before this is mended.
    Stops,
    /// It can be activated all the same.
    Warns,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ElectionContest)]
pub struct Contest {
    /// Its number.
    pub contest_id: i64,
    /// The question.
    pub title: String,
    /// The text of a motion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How it is counted, with every field that its method has.
    pub rule: Rule,
    /// What its ballots look like: `marks`, `votes`, `scores`, `ranking` or `motion`.
    pub family: Family,
    /// What the method does, in one sentence.
    pub sentence: String,
    /// How many are elected; 1 for a motion.
    pub seats: u32,
    /// `fixed` or `rotated`.
    pub ballot_order: String,
}

/// Body of `POST /api/elections/{id}/amendments`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAmendment {
    /// When voting ends instead: later than announced.
    #[serde(default, deserialize_with = "zoned::maybe", skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<DateTime<Utc>>,
    /// Instead of it: a candidate who withdrew or died. They stay on the ballot, and the count skips them. It cannot be taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<i64>,
    /// Why, up to 1,000 characters, for every voter to read.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What was changed after the rules were fixed. Shown with the ballot and in the record; it names no voter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Amendment {
    /// Its number.
    pub amendment_id: i64,
    /// `voter_added`, `voter_removed`, `closes_at_moved`, `candidate_withdrawn`, or `recording_resumed`: ballots were missing, recording was stopped, and
    /// was resumed.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// For `voter_added` and `voter_removed`: how many voters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voters: Option<i64>,
    /// For `closes_at_moved`: when voting was to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_closes_at: Option<DateTime<Utc>>,
    /// For `closes_at_moved`: when voting ends instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<DateTime<Utc>>,
    /// For `candidate_withdrawn`: who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<i64>,
    /// For `candidate_withdrawn`: their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// How many may vote and how many have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Turnout {
    /// Voters on the roll.
    pub roll: i64,
    /// Rights to vote that were used. Until the close it is rounded down to a multiple of five, counted at most once a minute, and never
    /// all of the roll: an exact number would tell whether a certain person has voted. From the close on it is exact.
    pub voted: i64,
}

/// Why the counting of an election has stopped, for its admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountStopped {
    /// The step of closing that failed: the `tally_state` in which it was.
    pub step: String,
    /// What was wrong.
    pub reason: String,
    /// Which sentence `reason` is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in `reason`: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
    /// What to do now.
    pub next: String,
}

impl CountStopped {
    /// With what to do, which is the same in every answer.
    #[must_use]
    pub fn new(step: &str, reason: Message) -> Self {
        let Notice { message, code, params } = reason.into();
        Self { step: step.to_owned(), reason: message, code, params, next: Self::next().to_string() }
    }

    /// What to do now.
    #[must_use]
    pub fn next() -> Message {
        say!(count_stopped_next)
    }
}

/// Answer of `GET /api/elections/{id}/tally`: how far closing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// The election.
    pub election_id: i64,
    /// `grace`, `sealed`, `rewritten`, `opening`, `opened` or `failed`; absent before the close.
    pub tally_state: Option<String>,
    /// Ballots opened so far.
    pub done: i64,
    /// Ballots to open.
    pub total: i64,
    /// When `failed`: the state in which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_in: Option<String>,
    /// When `failed`: why. `POST /api/elections/{id}/close` tries again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// With `error`: which sentence it is, stable, for programs and for other languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// With `error`: what stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HashMap<String, Value>>)]
    pub error_params: Option<Params>,
    /// When `failed`: what to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// While in `grace`: until when finished ballots may still arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_ends_at: Option<DateTime<Utc>>,
    /// The box commitment, once the box is sealed.
    #[serde(rename = "box", skip_serializing_if = "Option::is_none")]
    pub sealed_box: Option<SealedBox>,
    /// Rights to vote that were used; 0 before the close.
    pub stamps: i64,
    /// Ballots in the box. Until the close it is shown as the turnout is: rounded down, and counted at most once a minute.
    pub ballots: i64,
}

/// What was in the box when it was sealed, before anybody could look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealedBox {
    /// How many ballots.
    pub count: i64,
    /// SHA-256 over the sorted digests, in hex.
    pub hash: String,
    /// How many rights to vote were used.
    pub spent_count: i64,
    /// SHA-256 over the sorted spent list, in hex.
    pub spent_hash: String,
    /// How many voters are on the roll.
    pub roll_count: i64,
    /// SHA-256 over the ids of the candidates who have withdrawn, in ascending order, in hex.
    pub withdrawn_hash: String,
    /// The installation's signature over all six (`box/v3`), base64.
    pub signature: String,
    /// When it was sealed.
    pub sealed_at: DateTime<Utc>,
}

/// Tells `null` from a member that is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Times as people write them. A time without a zone is refused in words: eight o'clock is at another moment elsewhere, and
/// whoever guesses opens an election an hour too late.
mod zoned {
    use chrono::{DateTime, Datelike as _, Utc};
    use messages::say;
    use serde::de::{Deserialize, Deserializer, Error};

    /// PostgreSQL turns a leap second into the next second; at the end of 9999 that is the year 10000. Years before 1970 are of no
    /// use, and later than 9999 have five digits.
    fn read<E: Error>(text: &str) -> Result<DateTime<Utc>, E> {
        let shown: String = text.chars().take(40).filter(|c| !c.is_control()).collect();
        let time =
            DateTime::parse_from_rfc3339(text).map_err(|_| E::custom(say!(time_without_zone, given = &shown).carried()))?;
        let time = time.with_timezone(&Utc);
        let is_leap_second = time.timestamp_subsec_nanos() >= 1_000_000_000;
        if is_leap_second || !(1970..=9999).contains(&time.year()) {
            return Err(E::custom(say!(time_out_of_range, given = shown).carried()));
        }
        Ok(time)
    }

    pub(super) fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        Option::<String>::deserialize(from)?.map(|text| read(&text)).transpose()
    }

    pub(super) fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
        maybe(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_its_zone_and_any_zone_will_do() {
        let new = |time: &str| serde_json::from_str::<NewElection>(&format!(r#"{{"title": "x", "opens_at": {time}}}"#));
        let at = |time: &str| new(time).unwrap().opens_at;
        assert_eq!(at("\"2026-12-01T08:00:00+01:00\""), at("\"2026-12-01T07:00:00Z\""));
        assert_eq!(at("null"), None);
        for bad in ["2026-12-01T08:00:00", "tomorrow", "", "2026-12-01", "2026-13-01T08:00:00Z"] {
            let refused = new(&format!("\"{bad}\"")).unwrap_err().to_string();
            assert!(refused.contains("is no time with its zone"), "{refused}");
        }
        for bad in [
            "9999-12-31T23:59:60Z",
            "2026-12-31T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00Z",
        ] {
            let refused = new(&format!("\"{bad}\"")).unwrap_err().to_string();
            assert!(refused.contains("the years 1970 to 9999"), "{refused}");
        }
        assert!(at("\"9999-12-31T23:59:59.999999Z\"").is_some() && at("\"1970-01-01T00:00:00Z\"").is_some());
        let change: ElectionChange = serde_json::from_str(r#"{"closes_at": null}"#).unwrap();
        assert_eq!((change.closes_at, change.opens_at), (Some(None), None));
        assert!(serde_json::from_str::<NewAmendment>(r#"{"closes_at": "Friday"}"#).is_err());
    }
}
