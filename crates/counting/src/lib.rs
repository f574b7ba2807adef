//! Ballots in, the whole story of the count out. Knows numbers, not elections.
//!
//! A [`Rule`] says how a contest is counted; each method is one file with its rule and one line of the table in `rule.rs`.
//! [`Tabulation`] takes the ballots, groups equal ones and tells the count as a [`Report`]. All arithmetic is on integers and
//! exact fixed decimals, and none of it can overflow unnoticed.
#![deny(clippy::arithmetic_side_effects)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests"))]

mod ballots;
mod contest;
mod fixed;
mod gregory;
mod lot;
mod methods;
#[cfg(feature = "openapi")]
mod openapi;
mod pairs;
mod papers;
mod percentage;
mod ranking;
mod report;
mod rule;
mod rule_field;
mod seating;
mod tabulation;
mod terms;
mod ties;
mod totals;

pub use ballots::{Ballot, InvalidBallots, InvalidReason, Limits, Ranking};
pub use contest::{Candidate, CandidateId, Contest, CountRefused, Lots, Standing};
pub use fixed::MOST_DECIMALS;
pub use lot::{Lot, Seed};
pub use methods::approval::Approval;
pub use methods::borda::Borda;
pub use methods::cumulative::Cumulative;
pub use methods::irv::{Irv, MajorityOf};
pub use methods::meek_stv::MeekStv;
pub use methods::motion::{Motion, Passes, ShareOf};
pub use methods::plurality::Plurality;
pub use methods::ranked_pairs::RankedPairs;
pub use methods::schulze::Schulze;
pub use methods::score::Score;
pub use methods::scottish_stv::ScottishStv;
pub use methods::star::Star;
pub use methods::wigm::{Quota, Wigm, WigmRule, WinnersPerRound};
pub use percentage::{Hundredths, percentage};
pub use report::{
    CandidateLine, Drawn, KeepFactor, LockLine, MotionOutcome, OpenTie, PairLine, PathTable, QuorumOutcome, Report, Status, Step,
    StepKind, TallyLine, TieBroken, TieOver, TieReport, Transfer, VacantBecause, Verdict, WonPair,
};
pub use rule::{Family, METHODS, MOST_SEATS, MOST_VOTES, MethodDescription, Rule, RuleFault};
pub use rule_field::{FieldValues, RuleField};
pub use tabulation::Tabulation;
pub use terms::{Duplicate, NoneOfTheAbove, Overvote, Permission, RequiredShare, Share, SkippedRanks, Terms, Ties, Unsupported};
