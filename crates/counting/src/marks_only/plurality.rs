//! Plurality: every mark is one vote, and those with the most votes are elected.
//!
//! With one seat this is first past the post as in the United Kingdom's Representation of the People Act 1983, Schedule 1
//! (Parliamentary Elections Rules): the votes given to each candidate are counted, and whoever has the most is elected
//! (rule 18); a ballot paper that is marked for too many, or not at all, is set aside (rule 47). With several seats, and at
//! most as many marks, it is the block vote of English local elections (SI 2006/3304, Schedule 2).
//!
//! Where we differ: a tie is not broken by a lot that the returning officer draws (rule 49): it is declared, or broken by a lot
//! that anybody can draw again; blank ballots are valid where
//! the rule allows them, and are counted apart; nobody is elected without a single vote.

use serde::{Deserialize, Serialize};

use super::marks::MarkLimits;
use super::seats::ByMarks;
use super::{CountRefused, TieRule};
use crate::CandidateId;

/// The rule of a plurality contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluralityRule {
    /// How many are elected; at least 1.
    pub seats: u32,
    /// Fewest marks of a ballot that has any; 0 and 1 mean the same.
    pub min_marks: u32,
    /// Most marks; at least 1.
    pub max_marks: u32,
    /// Whether a ballot without marks is valid (and blank).
    pub blank_allowed: bool,
}

pub(crate) fn begin(rule: &PluralityRule, candidates: &[CandidateId], tie_rule: TieRule) -> Result<ByMarks, CountRefused> {
    let limits = MarkLimits { min: rule.min_marks, max: rule.max_marks, blank_allowed: rule.blank_allowed };
    ByMarks::new(rule.seats, limits, candidates, tie_rule)
}
