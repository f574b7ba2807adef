//! The result of a count as data, told so that a reader can follow every round without the program.
//!
//! Votes are decimal strings: exact, with as many decimals as the method counts with.

use serde::{Deserialize, Serialize};

use crate::ballots::InvalidBallots;
use crate::contest::Field;
use crate::fixed::text;
use crate::{CandidateId, Lot};

/// What came out of the count of one contest. `valid + blank + invalid` is the number of ballots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Seats that stay vacant, without those of an open tie. A motion has none.
    pub vacant: u32,
    /// Why they stay vacant, as far as the verdict does not say it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub vacant_because: Vec<VacantBecause>,
    /// Whom no counted ballot ranks, marks or scores: by the rule they cannot be elected.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unsupported: Vec<CandidateId>,
    /// Valid ballots that name nobody but candidates who withdrew. They count for nobody; shares of the valid ballots include them.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub without_effect: u64,
    /// One line for each candidate, in the order in which they were listed.
    pub candidates: Vec<CandidateLine>,
    /// The full order as levels, best first, where the method gives one. Those on one level are tied. Absent where a tie was left
    /// open because it changes nobody's election: it may change the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Vec<Vec<CandidateId>>>,
    /// The ballots for each against each, where the method compares pairs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pairs: Vec<PairLine>,
    /// The votes on a motion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion: Option<MotionOutcome>,
    /// The lots of all who were in a tie that lots decided, the favoured one first. There is one lot for each in the whole count.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lots: Vec<Drawn>,
    /// How it came about, round by round.
    pub steps: Vec<Step>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Why a seat stays vacant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VacantBecause {
    /// Fewer candidates than seats.
    TooFewCandidates,
    /// "None of the above" has won the seat, or is at least equal to those who are left.
    NoneOfTheAbove,
    /// No ballot supports those who are left.
    NoSupport,
}

/// What a count comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CandidateLine {
    /// The candidate.
    pub candidate: CandidateId,
    /// What became of them.
    pub status: Status,
    /// Their votes in the first round that lists them, where the method gives votes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Their votes in the last round that lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// What the tallies of a round are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// What the tallies are.
    pub kind: StepKind,
    /// The votes of each, in the order in which the candidates were listed. The first step lists all who stand; in later steps whoever is
    /// not listed has no votes.
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
    /// The strongest paths between each two candidates (Schulze).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<PathTable>,
    /// The comparisons in the order in which they were looked at, and whether each was locked (ranked pairs).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub locks: Vec<LockLine>,
    /// The ties that came up, and how each was resolved.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ties: Vec<TieReport>,
}

/// How strong the strongest path is from each candidate to each other one. The strength of a path is that of its weakest link, and the
/// strength of a link is the ballots of whoever wins that comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PathTable {
    /// Whose rows and columns these are.
    pub candidates: Vec<CandidateId>,
    /// A row for each candidate: from them to each, 0 where there is no path.
    pub strengths: Vec<Vec<u64>>,
}

/// A comparison of two candidates, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LockLine {
    /// Who wins it.
    pub winner: CandidateId,
    /// Who loses it.
    pub loser: CandidateId,
    /// Ballots with the winner above the loser.
    pub votes: u64,
    /// Ballots with the loser above the winner.
    pub against: u64,
    /// Whether it was locked; if not, it was passed over, because it contradicts those locked before.
    pub locked: bool,
}

/// A comparison of two candidates by who won it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WonPair {
    /// Who wins it.
    pub winner: CandidateId,
    /// Who loses it.
    pub loser: CandidateId,
}

/// A candidate's votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TallyLine {
    /// The candidate.
    pub candidate: CandidateId,
    /// The votes.
    pub votes: String,
}

/// What of a vote a candidate keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeepFactor {
    /// The candidate.
    pub candidate: CandidateId,
    /// Between 0 and 1.
    pub factor: String,
}

/// Votes that move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TieReport {
    /// About what.
    pub over: TieOver,
    /// Between whom, in the order in which they were listed.
    pub between: Vec<CandidateId>,
    /// How.
    pub by: TieBroken,
    /// Who was chosen: elected, eliminated, or first with their surplus.
    pub chosen: Vec<CandidateId>,
    /// The equally strong comparisons, if the tie is between comparisons.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pairs: Vec<WonPair>,
}

/// How a tie was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// By lot; [`Report::lots`] says who is favoured.
    Lot,
    /// Tied with "none of the above": only whoever is above it is elected.
    NoneOfTheAbove,
    /// Every way to resolve it elects the same people.
    SameEitherWay,
    /// Not at all: the tie is the result.
    Declared,
}

/// A candidate and the lot drawn for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drawn {
    /// The candidate.
    pub candidate: CandidateId,
    /// SHA-256(seed || candidate), in hex; absent if the lot was drawn before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<Lot>,
}

/// The votes on a motion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// The tallies of those who stand, in the order of the list.
pub(crate) fn lines(field: &Field, votes: &[u128], decimals: u8, shown: impl Fn(usize) -> bool) -> Vec<TallyLine> {
    let all = (0..field.len()).zip(votes).filter(|(index, _)| shown(*index));
    all.map(|(index, votes)| TallyLine { candidate: field.id(index), votes: text(*votes, decimals) }).collect()
}

/// A step of this kind without any decision.
pub(crate) fn step(kind: StepKind, tallies: Vec<TallyLine>) -> Step {
    Step {
        kind,
        tallies,
        exhausted: None,
        lost: None,
        quota: None,
        keep_factors: vec![],
        elected: vec![],
        eliminated: vec![],
        surplus_of: vec![],
        transfers: vec![],
        paths: None,
        locks: vec![],
        ties: vec![],
    }
}
