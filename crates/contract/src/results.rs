//! Types of the `results` API.

use chrono::{DateTime, Utc};
use counting::{Family, Report, Rule};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::elections::{Amendment, Turnout};

/// Answer of `GET /api/results/{election_id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Results {
    /// The election.
    pub election_id: i64,
    /// Its title.
    pub election_title: String,
    /// The time zone of the election, by its name in the IANA database.
    #[serde(default)]
    pub timezone: String,
    /// `closed` or `archived`.
    pub status: String,
    /// All ballots in the box, blank and invalid ones too.
    pub total_votes: u64,
    /// The candidates of the first contest.
    pub results: Vec<CandidateResult>,
    /// Every contest in ballot order.
    pub contests: Vec<ContestResult>,
    /// What was changed after the rules were fixed: late voters, a later end.
    pub amendments: Vec<Amendment>,
    /// How many might vote and how many have.
    pub turnout: Turnout,
    /// When the ballots were counted.
    pub counted_at: DateTime<Utc>,
    /// Whether what is stored is what was voted, when it was last checked.
    pub integrity: Integrity,
}

/// One candidate's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CandidateResult {
    /// The candidate.
    pub candidate_id: i64,
    /// The name on the ballot.
    pub name: String,
    /// The photo, if there is one.
    pub photo_url: Option<String>,
    /// Votes received. In a ranked contest: the ballots on which nobody else who stands is ranked higher. With scores: their sum.
    pub vote_count: u64,
    /// Of what all valid ballots of the contest could give to one candidate, two decimals.
    pub percentage: f64,
    /// Has a seat.
    pub is_winner: bool,
    /// Tied for a seat. Under `declare` nobody of those tied has won it; under `lot` the lot says who has.
    pub tie: bool,
}

/// The result of one contest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContestResult {
    /// The contest.
    pub contest_id: i64,
    /// The question.
    pub title: String,
    /// The text of a motion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How it was counted, with every field that its method has.
    pub rule: Rule,
    /// What its ballots look like: `marks`, `votes`, `scores`, `ranking` or `motion`.
    pub family: Family,
    /// What the method does, in one sentence.
    pub sentence: String,
    /// How many were to be elected; 1 for a motion.
    pub seats: u32,
    /// Ballots that say something and were counted.
    pub valid: u64,
    /// Ballots that say nothing, where that is valid.
    pub blank: u64,
    /// Ballots that could not be counted, those that do not open included.
    pub invalid: u64,
    /// Its candidates: the elected in the order of their election, then most votes first, equals in ballot order.
    pub results: Vec<CandidateResult>,
    /// What came out and how, round by round: verdict, quorum, who is elected, the open tie, vacant seats, and in `steps` the tallies of each
    /// round with what was decided on seeing them. Votes are decimal strings. It is told in `docs/protocol.md`.
    pub report: Report,
}

/// The verdict on what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Integrity {
    /// Everything below is as it must be.
    pub ok: bool,
    /// When this was checked. It is checked again from time to time, not at every request.
    pub checked_at: DateTime<Utc>,
    /// When a check last found everything as it must be; absent when none ever did. The count that is shown is of a box that was in
    /// order then, even if `ok` is false now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ok_at: Option<DateTime<Utc>>,
    /// The last check is so old that the next one should have been made long ago. `ok` stays what the last check found, and
    /// `reasons` has a sentence about it: nobody knows whether what is stored was changed since.
    #[serde(default)]
    pub overdue: bool,
    /// Whether recording was halted while voting was open.
    #[serde(default)]
    pub recording: RecordingVerdict,
    /// The chain of recorded ballots.
    pub chain: ChainVerdict,
    /// The box commitment.
    #[serde(rename = "box")]
    pub sealed_box: BoxVerdict,
    /// Who had the right to vote and used it, in numbers and one hash.
    pub participation: ParticipationVerdict,
    /// The ballots themselves.
    pub ballots: BallotsVerdict,
    /// What is wrong, in words; empty when nothing is. With `overdue`, it says so even if `ok` is true.
    pub reasons: Vec<String>,
}

/// Halts of the recording, as they were signed when the box was sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordingVerdict {
    /// It was not halted at the close, what is stored about it is what was signed, and no resumption is missing or was added.
    pub ok: bool,
    /// How often it was halted because recorded ballots were missing.
    pub halts: i64,
    /// How often it was resumed. If this is less, it was halted to the end.
    pub resumptions: i64,
    /// The installation's signature is good.
    pub signature_ok: bool,
}

/// The chain of recorded ballots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainVerdict {
    /// Unbroken from the manifest to the stored head.
    pub ok: bool,
    /// How many ballots stand in it.
    pub length: u64,
    /// The first position that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<i64>,
}

/// The box commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoxVerdict {
    /// The box is what was committed to, and the commitment is signed.
    pub ok: bool,
    /// How many ballots were committed to.
    pub count: i64,
    /// SHA-256 over the sorted digests that was committed to, in hex.
    pub hash: String,
    /// SHA-256 over the ids of the withdrawn candidates, in ascending order, that was committed to, in hex.
    pub withdrawn_hash: String,
    /// The installation's signature is good.
    pub signature_ok: bool,
}

/// The spent list and the size of the roll, which the box commitment covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParticipationVerdict {
    /// What is stored is what was committed to, and there are no more ballots than used rights and no more used rights than voters.
    pub ok: bool,
    /// How many used rights were committed to.
    pub spent_count: i64,
    /// SHA-256 over the sorted spent list that was committed to, in hex.
    pub spent_hash: String,
    /// How many voters on the roll were committed to.
    pub roll: i64,
}

/// The ballots themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BallotsVerdict {
    /// Ballots of the box that were opened, invalid ones included.
    pub opened: u64,
    /// Of these, ballots that did not open or could not be read.
    pub invalid: u64,
    /// Ballots of the box that have no opened content.
    pub missing: u64,
    /// Ballots whose digest is not that of their bytes.
    pub wrong_digests: u64,
    /// Ballots without a good stamp.
    pub wrong_stamps: u64,
    /// The installation's signature over what was found is good.
    pub signature_ok: bool,
}
