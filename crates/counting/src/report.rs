//! The result of a count as data, told so that a reader can follow every round without the program.
//!
//! Votes are decimal strings: exact, with as many decimals as the method counts with.

use serde::{Deserialize, Serialize};

use crate::ballots::InvalidBallots;
use crate::{CandidateId, Lot};

/// What came out of the count of one contest. `valid + blank + invalid` is the number of ballots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Ballots that say something and were counted.
    pub valid: u64,
    /// Ballots that say nothing, and may.
    pub blank: u64,
    /// Ballots that could not be counted.
    pub invalid: u64,
    /// These by reason.
    pub invalid_ballots: Vec<InvalidBallots>,
    /// What the quorum was, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<QuorumOutcome>,
    /// What the count comes to.
    pub verdict: Verdict,
    /// Who is elected, in the order of their election.
    pub elected: Vec<CandidateId>,
    /// The tie that nothing resolved, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tied: Option<OpenTie>,
    /// Seats that stay vacant, without those of an open tie.
    pub vacant: u32,
    /// One line for each candidate, in the order in which they were listed.
    pub candidates: Vec<CandidateLine>,
    /// The full order as levels, best first, where the method gives one. Those on one level are tied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Vec<Vec<CandidateId>>>,
    /// The ballots for each against each, where the method compares pairs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pairs: Vec<PairLine>,
    /// The votes on a motion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion: Option<MotionOutcome>,
    /// How it came about, round by round.
    pub steps: Vec<Step>,
}

/// What a count comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The count came to its end.
    Complete,
    /// It ended at a tie that the rule declares.
    Tied,
    /// Fewer ballots than the quorum: nobody is elected, and nothing was counted.
    NotQuorate,
    /// Whoever is ahead has not the majority that the rule requires: nobody is elected.
    MajorityNotReached,
    /// Nobody said anything: nobody is elected.
    NoValidBallots,
}

/// A quorum and whether it was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumOutcome {
    /// How many could vote.
    pub roll: u64,
    /// The fewest ballots that are enough.
    pub needed: u64,
    /// The ballots there are: valid, blank and invalid.
    pub ballots: u64,
    /// Whether these are enough.
    pub met: bool,
}

/// A tie that nothing resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenTie {
    /// Between whom, in the order in which they were listed.
    pub candidates: Vec<CandidateId>,
    /// About what.
    pub over: TieOver,
    /// The seats that stay unfilled because of it.
    pub seats: u32,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Has a seat.
    Elected,
    /// Is in the open tie.
    Tied,
    /// Has none.
    NotElected,
    /// Withdrew before the count.
    Withdrawn,
}

/// One candidate's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateLine {
    /// The candidate.
    pub candidate: CandidateId,
    /// What became of them.
    pub status: Status,
    /// Their votes in the first round in which they have any, where the method gives votes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Their votes in the last round in which they are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// What the tallies of a round are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The totals, and there is no other round.
    Totals,
    /// The totals of the scores, from which two go on.
    Scoring,
    /// The ballots that prefer each of the two.
    RunOff,
    /// Votes of those still in, and what was decided on seeing them.
    Round,
    /// No votes: an order from comparing pairs.
    Order,
}

/// One round: the tallies, and what was decided on seeing them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the tallies are.
    pub kind: StepKind,
    /// The votes of each, in the order in which the candidates were listed.
    pub tallies: Vec<TallyLine>,
    /// Votes that count for nobody, since their ballots have no further choice. Blank ballots are not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exhausted: Option<String>,
    /// What rounding has lost until now. Tallies, exhausted and this are together all valid ballots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
    /// The votes that elect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    /// What of a vote each candidate keeps (Meek).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub keep_factors: Vec<KeepFactor>,
    /// Who is elected.
    pub elected: Vec<CandidateId>,
    /// Who is eliminated.
    pub eliminated: Vec<CandidateId>,
    /// Whose surplus moves next.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub surplus_of: Vec<CandidateId>,
    /// Which votes move next.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub transfers: Vec<Transfer>,
    /// The ties that came up, and how each was resolved.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ties: Vec<TieReport>,
}

/// A candidate's votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallyLine {
    /// The candidate.
    pub candidate: CandidateId,
    /// The votes.
    pub votes: String,
}

/// What of a vote a candidate keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepFactor {
    /// The candidate.
    pub candidate: CandidateId,
    /// Between 0 and 1.
    pub factor: String,
}

/// Votes that move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// From whom.
    pub from: CandidateId,
    /// To whom; absent for votes that count for nobody from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<CandidateId>,
    /// How many.
    pub votes: String,
}

/// The ballots that put one candidate above another, and the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairLine {
    /// The one.
    pub a: CandidateId,
    /// The other.
    pub b: CandidateId,
    /// Ballots with `a` above `b`.
    pub a_over_b: u64,
    /// Ballots with `b` above `a`.
    pub b_over_a: u64,
}

/// What a tie was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieOver {
    /// Who is elected.
    Seat,
    /// Who is eliminated.
    Elimination,
    /// Whose surplus moves first.
    Surplus,
    /// Who goes into the run-off.
    RunOffPlace,
    /// Which of equally strong pairs is locked first.
    Pair,
}

/// One tie and how it was resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TieReport {
    /// About what.
    pub over: TieOver,
    /// Between whom, in the order in which they were listed.
    pub between: Vec<CandidateId>,
    /// How.
    pub by: TieBroken,
    /// Who was chosen: elected, eliminated, or first with their surplus.
    pub chosen: Vec<CandidateId>,
    /// The lots, the favoured one first, if lots decided.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lots: Vec<Drawn>,
}

/// How a tie was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum TieBroken {
    /// By the votes in an earlier round.
    EarlierRound {
        /// Which, from 1.
        round: u32,
    },
    /// By comparing the tied head to head.
    HeadToHead,
    /// By the higher total of scores.
    HigherTotal,
    /// By the number of ballots with the highest score.
    MostTopScores,
    /// By lot.
    Lot,
    /// Every way to resolve it elects the same people.
    SameEitherWay,
    /// Not at all: the tie is the result.
    Declared,
}

/// A candidate and the lot drawn for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The candidate.
    pub candidate: CandidateId,
    /// SHA-256(seed || candidate), in hex; absent if the lot was drawn before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<Lot>,
}

/// The votes on a motion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MotionOutcome {
    /// For it.
    pub yes: u64,
    /// Against it.
    pub no: u64,
    /// Neither.
    pub abstain: u64,
    /// The number of which a share is needed: votes for and against, ballots, or the roll.
    pub of: u64,
    /// The fewest votes for it that pass it.
    pub needed: u64,
    /// Whether it is passed.
    pub passed: bool,
}
