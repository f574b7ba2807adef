//! Types of the `voting` API: from a link to a receipt.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use counting::{Family, Rule};
use messages::{Message, Params};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::elections::Amendment;
use crate::problems::Notice;

/// The link that a GET asks about. No `Debug`: whoever has a token can vote.
#[derive(Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkQuery {
    /// The token of the voting link, 43 characters.
    #[serde(default)]
    pub token: String,
}

/// Answer of `GET /api/voting/validate-token`: always 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum LinkState {
    /// The link can be voted with, now or when voting opens.
    Valid(ValidLink),
    /// It cannot.
    Refused(RefusedLink),
}

/// A link that can be voted with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ValidLink {
    /// Always true.
    pub valid: bool,
    /// The election it belongs to.
    pub election_id: i64,
    /// Its title.
    pub election_title: String,
    /// Where the link was sent, masked: a hint for its owner that tells a finder little.
    #[schema(example = "a***@example.com")]
    pub voter_email: String,
    /// When the link dies.
    pub expires_at: DateTime<Utc>,
    /// Always false: a used link is not valid.
    pub has_voted: bool,
    /// When voting opens, if a time is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<DateTime<Utc>>,
    /// When voting ends, if a time is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<DateTime<Utc>>,
    /// Whether a ballot is taken now.
    pub voting_open: bool,
    /// Why no ballot is taken now although voting is open: the election is halted. In a sentence for the voter; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// With `error`: which sentence it is, stable, for programs and for other languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The voter's spent code, 32 hex digits, as in the organiser's mails. The mail after the close that says "your right was used"
    /// names it.
    #[schema(example = "00112233445566778899aabbccddeeff")]
    pub spent_code: String,
}

/// A link that cannot be voted with, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedLink {
    /// Always false.
    pub valid: bool,
    /// What is the case, in a sentence for the voter.
    #[schema(example = "This voting link has already been used")]
    pub error: String,
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
    /// True when a ballot was recorded with this link, absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_voted: Option<bool>,
    /// With `has_voted`: the voter's spent code, 32 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent_code: Option<String>,
    /// The election, where its voter may ask for another link: this one has expired or was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub election_id: Option<i64>,
}

/// Answer of `GET /api/voting/ballot`: always 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum BallotAnswer {
    /// What can be marked.
    Ballot(Ballot),
    /// The link cannot be voted with.
    Refused(RefusedLink),
}

/// The ballot paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ballot {
    /// The election.
    pub election_id: i64,
    /// Its title.
    pub election_title: String,
    /// What the organiser says about it.
    pub description: Option<String>,
    /// The candidates of the first contest, in ballot order.
    pub candidates: Vec<BallotCandidate>,
    /// Every question, in ballot order.
    pub contests: Vec<BallotContest>,
    /// What every ballot of this election is bound to, 64 hex digits; see `GET /api/elections/{id}/manifest`.
    pub manifest_hash: String,
    /// Who seals: `simple` is the voting service, on arrival.
    pub profile: String,
    /// When voting ends, if a time is set.
    pub closes_at: Option<DateTime<Utc>>,
    /// The time zone of the election, by its name in the IANA database.
    #[serde(default)]
    pub timezone: String,
    /// Whether a ballot is taken now.
    pub voting_open: bool,
    /// Why no ballot is taken now although voting is open: the election is halted. In a sentence for the voter; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// With `error`: which sentence it is, stable, for programs and for other languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// What was changed after the rules were fixed: late voters, a later end.
    pub amendments: Vec<Amendment>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BallotContest {
    /// The contest.
    pub contest_id: i64,
    /// The question as printed.
    pub title: String,
    /// The text of a motion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How it is counted, with every field that its method has.
    #[schema(value_type = Object)]
    pub rule: Rule,
    /// What a choice looks like: `marks`, `votes`, `scores`, `ranking` or `motion`.
    #[schema(value_type = String)]
    pub family: Family,
    /// What the method does, in one sentence.
    pub sentence: String,
    /// How many are elected; 1 for a motion.
    pub seats: u32,
    /// `fixed`, or `rotated`: to be shown from another candidate on for each link.
    pub ballot_order: String,
    /// Whether nothing at all is a valid blank vote.
    pub blank: bool,
    /// Who can be marked, in ballot order.
    pub candidates: Vec<BallotCandidate>,
}

/// Who can be marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BallotCandidate {
    /// The candidate.
    pub candidate_id: i64,
    /// The name as printed.
    pub name: String,
    /// Their statement.
    pub description: Option<String>,
    /// Their party or list.
    pub party: Option<String>,
    /// What they want to achieve.
    pub vision: Option<String>,
    /// What they want to do.
    pub programme: Option<String>,
    /// A page of their own.
    pub link: Option<String>,
    /// Where their picture is.
    pub photo_url: Option<String>,
    /// Where their picture is as a small square.
    pub thumbnail_url: Option<String>,
    /// Where their programme is as a PDF.
    pub programme_file_url: Option<String>,
    /// `stands`, `withdrawn` (the count skips them), `option` of a motion, or `none_of_the_above`.
    pub standing: String,
}

/// Body of `POST /api/voting/cast-vote`: the token, and exactly one of `candidate_id` and `choices`. No `Debug`: it is a
/// voter's choice beside their link.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CastVote {
    /// The token of the voting link.
    pub token: String,
    /// One candidate, in an election with one contest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate_id: Option<i64>,
    /// For every contest of the ballot what is chosen: `[id, ...]` (marks in any order; a ranking from the first preference on; the one option
    /// of a motion), or `{id: number}` (scores from 0, votes, ranks from 1, also equal ones). An empty list is a blank vote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HashMap<String, Value>>, example = json!({"7": [101], "8": {"201": 5, "202": 0}}))]
    pub choices: Option<BTreeMap<String, Chosen>>,
}

/// What is chosen in one contest. No `Debug`: it is a voter's choice.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Chosen {
    /// Candidates: marks, or a ranking from the first preference on.
    Candidates(Vec<i64>),
    /// A number for candidates: scores, votes or ranks.
    Numbers(BTreeMap<String, u16>),
}

impl<'de> Deserialize<'de> for Chosen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Chosen;

            fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
                text.write_str("a list of candidates, or a number for each")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Chosen, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Chosen::Candidates)
            }

            // A candidate that is named twice is refused where every body is read (`problem::reading`).
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Chosen, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Chosen::Numbers)
            }
        }

        from.deserialize_any(Read)
    }
}

/// Answer of `POST /api/voting/cast-vote`: the ballot is in the box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteRecorded {
    /// Always true.
    pub success: bool,
    /// For the voter.
    #[schema(example = "Your vote has been recorded")]
    pub message: String,
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
    /// The ballot's digest, 64 hex digits.
    pub vote_hash: String,
    /// The digest's first 80 bits, to be read aloud and typed.
    #[schema(example = "VOTE-3KQ7-ZX0M-9T2C-AB5D")]
    pub receipt_code: String,
    /// The promise that this ballot is in the box.
    pub receipt: Receipt,
}

/// The installation's signed promise that a ballot is in the box of its election. It does not say what was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// The short name of the ballot.
    pub receipt_code: String,
    /// The ballot's digest, 64 hex digits.
    pub digest: String,
    /// The election.
    pub election_id: i64,
    /// ECDSA P-256 over `"receipt/v1" || election_id || digest`, base64 of 64 bytes. Two signatures of one receipt differ.
    pub signature: String,
}

/// Answer of `GET /api/voting/receipts/{code or digest}`. Never what was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptState {
    /// Whether such a ballot is in a box.
    pub recorded: bool,
    /// Whether the box is sealed with this ballot in it and the result is published. A public board, on which everybody sees all ballots,
    /// does not exist yet.
    pub on_board: bool,
    /// The election it was cast in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub election_id: Option<i64>,
    /// Its receipt code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_code: Option<String>,
}

/// Body of `POST /api/voting/request-link`. No `Debug`: who asks is not for the log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The election.
    pub election_id: i64,
    /// The number on the student card, as it stands on the roll.
    pub student_id: String,
    /// The address on the roll. The link goes there and nowhere else.
    pub email: String,
}

/// Body of `POST /api/voting/stop-reminders`. No `Debug`: it names a voter.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopReminders {
    /// The election.
    pub election_id: i64,
    /// The code of the link in the reminder, 32 hex digits. It is good for this and for nothing else.
    pub code: String,
}

/// Answer of `POST /api/voting/request-link` and `POST /api/voting/stop-reminders`: the same for everybody, known or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Taken {
    /// What happens if there is such a voter.
    pub message: String,
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl From<Message> for Taken {
    fn from(message: Message) -> Self {
        let Notice { message, code, params } = message.into();
        Self { message, code, params }
    }
}
