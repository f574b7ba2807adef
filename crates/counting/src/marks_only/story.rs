//! The result of a count, told so that a reader can follow every step without the program.

use serde::{Deserialize, Serialize};

use crate::{CandidateId, Lot};

/// What came out of the count of one contest. `valid + blank + invalid` is the number of ballots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Ballots with marks that were counted. Percentages are of these.
    pub valid: u64,
    /// Valid ballots without a mark.
    pub blank: u64,
    /// Ballots that could not be counted.
    pub invalid: u64,
    /// One line for each candidate, in the order in which they were listed.
    pub tallies: Vec<Tally>,
    /// Set when more candidates had equally many votes than seats were left. Their outcome is [`Outcome::Tied`], but for those
    /// whom a lot has elected.
    pub tie: Option<Tie>,
    /// How it came about, step by step.
    pub story: Vec<Step>,
}

/// One candidate's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The candidate.
    pub candidate: CandidateId,
    /// Votes received.
    pub votes: u64,
    /// What became of the candidate.
    pub outcome: Outcome,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Has a seat.
    Elected,
    /// Tied for the last seats, and elected by no lot.
    Tied,
    /// Has none.
    NotElected,
}

/// A tie at the last seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// Those tied, in the order in which they were listed.
    pub candidates: Vec<CandidateId>,
    /// Seats that are open between them; fewer than candidates.
    pub seats_left: u32,
}

/// Why a ballot cannot be counted. A ballot with several faults counts under the first in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidReason {
    /// No mark, where a mark is required.
    BlankNotAllowed,
    /// More marks than allowed.
    TooManyMarks,
    /// A mark for somebody who is not a candidate.
    UnknownCandidate,
    /// Two marks for the same candidate.
    MarkedTwice,
    /// Some marks, but fewer than required.
    TooFewMarks,
}

/// How many ballots were invalid for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidBallots {
    /// The reason.
    pub reason: InvalidReason,
    /// The ballots; at least one.
    pub ballots: u64,
}

/// A candidate and the votes for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateVotes {
    /// The candidate.
    pub candidate: CandidateId,
    /// Votes received.
    pub votes: u64,
}

/// A candidate and the lot drawn for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The candidate.
    pub candidate: CandidateId,
    /// SHA-256(seed || candidate), in hex.
    pub lot: Lot,
}

/// One step of the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// The ballots were looked at one by one.
    BallotsSorted {
        /// All of them.
        ballots: u64,
        /// With marks, and counted.
        valid: u64,
        /// Without marks, and allowed to be.
        blank: u64,
        /// Not counted, by reason, in the order of [`InvalidReason`].
        invalid: Vec<InvalidBallots>,
    },
    /// The candidates were put in order: most votes first, equals in the order in which they were listed.
    CandidatesRanked {
        /// The order.
        order: Vec<CandidateVotes>,
    },
    /// All candidates with this many votes found a seat.
    Elected {
        /// They, in the order in which they were listed.
        candidates: Vec<CandidateId>,
        /// The votes of each.
        votes: u64,
        /// Seats still open after this.
        seats_left: u32,
    },
    /// More candidates had this many votes than seats were left. The rule says: the tie is declared.
    TieDeclared {
        /// They, in the order in which they were listed.
        candidates: Vec<CandidateId>,
        /// The votes of each.
        votes: u64,
        /// Seats open between them.
        seats_left: u32,
    },
    /// More candidates had this many votes than seats were left. The rule says: a lot decides.
    LotsDrawn {
        /// Those tied with their lots, the smallest first.
        lots: Vec<Drawn>,
        /// The votes of each.
        votes: u64,
        /// Those with the smallest lots, as many as there were seats.
        elected: Vec<CandidateId>,
    },
    /// Nobody else received a vote, and nobody is elected without one.
    SeatsLeftEmpty {
        /// The seats that nobody takes.
        seats: u32,
    },
}
