//! Plurality and approval as `results` counts them today, by lists of marks. [`Rule`](crate::Rule) counts both as well; this
//! module leaves when ballots get the form that all methods share.

mod approval;
mod marks;
mod plurality;
mod seats;
mod story;

use serde::{Deserialize, Serialize};

use crate::{CandidateId, Seed};

pub use approval::ApprovalRule;
pub use plurality::PluralityRule;
pub use story::{CandidateVotes, Count, Drawn, InvalidBallots, InvalidReason, Outcome, Step, Tally, Tie};

/// A method of counting with its rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Method {
    /// Every mark is one vote; most votes win.
    Plurality(PluralityRule),
    /// Every mark is one approval; most approvals win.
    Approval(ApprovalRule),
}

/// What a tie at the last seat means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// The tie is the result: those tied are named, and the seat stays open.
    Declare,
    /// A lot gives the seats to some of those tied; see [`Lot`](crate::Lot) for how it is drawn.
    Lot(Seed),
}

/// Why nothing was counted: the question itself is faulty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CountRefused {
    /// There is nothing to fill.
    #[error("there must be at least one seat")]
    NoSeats,
    /// No ballot with marks could be valid.
    #[error("the most marks must be at least one, and not fewer than the fewest")]
    MarksCannotBeMet,
    /// The same candidate stands twice on the list.
    #[error("candidate {0} is listed twice")]
    CandidateListedTwice(CandidateId),
    /// More ballots than a 64-bit number holds.
    #[error("there are too many ballots to count")]
    TooManyBallots,
}

/// A count to which ballots are added one by one: it needs no more memory for many ballots than for few.
#[derive(Debug, Clone)]
pub struct RunningCount(seats::ByMarks);

impl RunningCount {
    /// Adds a ballot: the candidates that it marks, none for a blank one. A faulty ballot is no error: it is counted as invalid,
    /// with its reason.
    ///
    /// # Errors
    /// [`CountRefused::TooManyBallots`].
    pub fn add(&mut self, ballot: &[CandidateId]) -> Result<(), CountRefused> {
        self.0.add(ballot)
    }

    /// The whole story.
    ///
    /// # Errors
    /// [`CountRefused::TooManyBallots`].
    pub fn finish(self) -> Result<Count, CountRefused> {
        self.0.finish()
    }
}

impl Method {
    /// Begins a count without ballots.
    ///
    /// # Errors
    /// [`CountRefused`]: the question itself is faulty.
    pub fn begin(&self, candidates: &[CandidateId], tie_rule: TieRule) -> Result<RunningCount, CountRefused> {
        let begun = match self {
            Self::Plurality(rule) => plurality::begin(rule, candidates, tie_rule),
            Self::Approval(rule) => approval::begin(rule, candidates, tie_rule),
        };
        begun.map(RunningCount)
    }

    /// Counts `ballots`, each the list of candidates that it marks; no marks is a blank ballot. The order of the ballots, and
    /// of the marks in them, makes no difference.
    ///
    /// # Errors
    /// [`CountRefused`]. A faulty ballot is no error: it is counted as invalid, with its reason.
    pub fn count<I>(&self, candidates: &[CandidateId], ballots: I, tie_rule: TieRule) -> Result<Count, CountRefused>
    where
        I: IntoIterator,
        I::Item: AsRef<[CandidateId]>,
    {
        let mut count = self.begin(candidates, tie_rule)?;
        for ballot in ballots {
            count.add(ballot.as_ref())?;
        }
        count.finish()
    }
}
