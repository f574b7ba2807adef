//! Ballots of every family, and what they may contain.
//!
//! The ballot form of an election is one number per candidate: 0 = nothing said; a mark is 1; a rank is 1 for first; a score s is
//! s + 1; votes of a cumulative contest are their number. A ranking from a file can hold more: [`Ranking`].

use serde::{Deserialize, Serialize};

pub use crate::ranking::Ranking;
use crate::ranking::judge;
use crate::terms::Permission;

/// One ballot, as it is added to a count.
#[derive(Debug, Clone, Copy)]
pub enum Ballot<'b> {
    /// One number per candidate, in the order of the list. What the numbers mean is the family's.
    Numbers(&'b [u16]),
    /// A ranking. A method of marks takes its first choice, so that a file of rankings can be counted by plurality too.
    Ranking(&'b Ranking),
}

/// Why a ballot cannot be counted. A ballot with several faults counts under the first in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvalidReason {
    /// It could not be opened, or its bytes are no ballot of this election.
    Unreadable,
    /// Nothing said, where something is required.
    BlankNotAllowed,
    /// A number other than 0 and 1 where there are marks.
    NotAMark,
    /// More marks than allowed.
    TooManyMarks,
    /// Some marks, but fewer than required.
    TooFewMarks,
    /// More votes than a ballot has.
    TooManyVotes,
    /// More votes for one candidate than allowed.
    TooManyVotesForOne,
    /// A score above the highest.
    ScoreBeyondTop,
    /// Two candidates at one rank.
    EqualRanks,
    /// A rank is skipped before the last one used.
    Gap,
}

impl InvalidReason {
    /// The word by which programs know the reason.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::BlankNotAllowed => "blank_not_allowed",
            Self::NotAMark => "not_a_mark",
            Self::TooManyMarks => "too_many_marks",
            Self::TooFewMarks => "too_few_marks",
            Self::TooManyVotes => "too_many_votes",
            Self::TooManyVotesForOne => "too_many_votes_for_one",
            Self::ScoreBeyondTop => "score_beyond_top",
            Self::EqualRanks => "equal_ranks",
            Self::Gap => "gap",
        }
    }
}

/// How many ballots were invalid for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvalidBallots {
    /// The reason.
    pub reason: InvalidReason,
    /// The ballots; at least one.
    pub ballots: u64,
}

/// What a ballot of a method may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// Each number is 0 or 1.
    Marks {
        /// Fewest marks of a ballot that is not blank.
        min: u32,
        /// Most marks.
        max: u32,
    },
    /// The numbers are votes.
    Votes {
        /// All votes of a ballot.
        budget: u32,
        /// The most votes for one candidate.
        most: u32,
    },
    /// The numbers are scores plus 1.
    Scores {
        /// The highest score.
        top: u16,
    },
    /// The numbers are ranks; a count keeps them as the tokens of a [`Ranking`].
    Ranks {
        /// Whether candidates may share a rank.
        equal_ranks: Permission,
        /// Whether ranks may be skipped.
        gaps: Permission,
    },
}

impl Limits {
    /// `content` is the numbers of a ballot that says something; for ranks, its tokens.
    pub(crate) fn judge(self, content: &[u16]) -> Result<(), InvalidReason> {
        match self {
            Self::Marks { min, max } => judge_marks(content, min, max),
            Self::Votes { budget, most } => judge_votes(content, budget, most),
            Self::Scores { top } => {
                let beyond = content.iter().any(|number| number.saturating_sub(1) > top);
                if beyond { Err(InvalidReason::ScoreBeyondTop) } else { Ok(()) }
            }
            Self::Ranks { equal_ranks, gaps } => judge(content, equal_ranks, gaps),
        }
    }
}

fn judge_marks(content: &[u16], min: u32, max: u32) -> Result<(), InvalidReason> {
    if content.iter().any(|number| *number > 1) {
        return Err(InvalidReason::NotAMark);
    }
    let marks = content.iter().fold(0_u32, |sum, number| sum.saturating_add(u32::from(*number)));
    if marks > max {
        return Err(InvalidReason::TooManyMarks);
    }
    if marks < min { Err(InvalidReason::TooFewMarks) } else { Ok(()) }
}

fn judge_votes(content: &[u16], budget: u32, most: u32) -> Result<(), InvalidReason> {
    let votes = content.iter().fold(0_u32, |sum, number| sum.saturating_add(u32::from(*number)));
    if votes > budget {
        return Err(InvalidReason::TooManyVotes);
    }
    let beyond = content.iter().any(|number| u32::from(*number) > most);
    if beyond { Err(InvalidReason::TooManyVotesForOne) } else { Ok(()) }
}
