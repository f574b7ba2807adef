//! Approval: every voter marks all candidates they approve of, and those whom most approve of are elected.
//!
//! S. J. Brams, P. C. Fishburn, "Approval Voting", American Political Science Review 72 (1978), 831-847. With several seats it
//! is the multi-winner form that D. M. Kilgour calls simple approval ("Approval Balloting for Multi-winner Elections", 2010):
//! the candidates with the most approvals, as many as there are seats. It is not proportional: a majority that agrees takes all.
//!
//! Where we differ: a rule may ask for a fewest and a most number of marks; blank ballots are valid where the rule allows them,
//! and are counted apart; nobody is elected without a single approval.

use serde::{Deserialize, Serialize};

use super::marks::MarkLimits;
use super::seats::ByMarks;
use super::{CountRefused, TieRule};
use crate::CandidateId;

/// The rule of an approval contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    /// How many are elected; at least 1.
    pub seats: u32,
    /// Fewest marks of a ballot that has any; 0 and 1 mean the same.
    pub min_marks: u32,
    /// Most marks; at least 1.
    pub max_marks: u32,
    /// Whether a ballot without marks is valid (and blank).
    pub blank_allowed: bool,
}

pub(crate) fn begin(rule: &ApprovalRule, candidates: &[CandidateId], tie_rule: TieRule) -> Result<ByMarks, CountRefused> {
    let limits = MarkLimits { min: rule.min_marks, max: rule.max_marks, blank_allowed: rule.blank_allowed };
    ByMarks::new(rule.seats, limits, candidates, tie_rule)
}
