//! A motion: yes, no or abstain on a text, which is passed or not.
//!
//! **Good for** one text on which everybody says yes or no. **Does badly** with several versions of a text: vote on these by a method that
//! compares them, and on the winner by a motion.
//!
//! **Source.** The usual rules of assemblies, as in Robert's Rules of Order Newly Revised (12th edition, 2020), chapter XIII: a majority is more
//! than half of the votes cast, abstentions are not votes, and an equal vote does not pass. Majorities of all members as in article 121 of
//! the Basic Law for the Federal Republic of Germany.
//!
//! **Where we differ.** `abstain` is an option of its own and is not a blank ballot. A rule says what a share
//! is of (the votes for and against, the ballots, or the roll), and whether exactly the share is enough.

use serde::{Deserialize, Serialize};

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::report::{MotionOutcome, StepKind, lines, step};
use crate::rule::{Counted, Family, MethodDescription, MethodReport, RuleFault};
use crate::rule_field::{FieldType as _, FieldValues, RuleField};
use crate::tabulation::CountInput;
use crate::terms::{RequiredShare, Share, Terms, Ties, Unsupported};
use crate::totals::totals;

/// The rule of a motion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Motion {
    /// What passes it.
    pub passes: Passes,
    /// Whether a blank ballot is allowed; if not, it is invalid.
    pub blank: bool,
    /// The ballots that are needed for it to pass, as a share of the roll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<RequiredShare>,
}

impl Motion {
    /// Its fields; it has none of those that other methods share.
    pub(crate) const OWN_FIELDS: &'static [RuleField] = &[
        RuleField { name: "passes", values: FieldValues::Passes(&["simple", "two_thirds", "absolute"]) },
        RuleField { name: "blank", values: bool::VALUES },
        RuleField { name: "quorum", values: RequiredShare::VALUES },
    ];
    /// Its three options, in the order in which they stand on a ballot.
    pub const OPTIONS: [&'static str; 3] = ["Yes", "No", "Abstain"];
}

impl Default for Motion {
    fn default() -> Self {
        Self { passes: Passes::Simple, blank: true, quorum: None }
    }
}

/// What passes a motion. Written as `"simple"` or `{"at_least": {"share": "3/4", "of": "votes"}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Passes {
    /// More yes than no.
    Simple,
    /// At least two thirds of yes and no together.
    TwoThirds,
    /// More than half of the roll.
    Absolute,
    /// More than a share.
    MoreThan {
        /// The share.
        share: Share,
        /// Of what.
        of: ShareOf,
    },
    /// At least a share.
    AtLeast {
        /// The share.
        share: Share,
        /// Of what.
        of: ShareOf,
    },
}

/// What a share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// Yes and no together.
    Votes,
    /// All ballots: yes, no, abstain, blank and invalid.
    Ballots,
    /// All who could vote.
    Roll,
}

impl Passes {
    /// The share that passes it, and what it is a share of. `None` is impossible.
    #[must_use]
    pub fn threshold(self) -> Option<(RequiredShare, ShareOf)> {
        let (half, two_thirds) = (Share::new(1, 2)?, Share::new(2, 3)?);
        Some(match self {
            Self::Simple => (RequiredShare::MoreThan(half), ShareOf::Votes),
            Self::TwoThirds => (RequiredShare::AtLeast(two_thirds), ShareOf::Votes),
            Self::Absolute => (RequiredShare::MoreThan(half), ShareOf::Roll),
            Self::MoreThan { share, of } => (RequiredShare::MoreThan(share), of),
            Self::AtLeast { share, of } => (RequiredShare::AtLeast(share), of),
        })
    }
}

impl Counted for Motion {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "motion", family: Family::Motion, several_seats: false };

    fn terms(&self) -> Terms {
        let Self { blank, quorum, .. } = *self;
        Terms {
            seats: 1,
            ties: Ties::Declare,
            blank,
            quorum,
            none_of_the_above: None,
            required_majority: None,
            unsupported: Unsupported::AsCounted,
        }
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Marks { min: 1, max: 1 }
    }

    fn faults(&self) -> Vec<RuleFault> {
        match self.passes.threshold() {
            // For `MoreThan`, too: more than a third could pass a motion and its opposite.
            Some((RequiredShare::MoreThan(share) | RequiredShare::AtLeast(share), _)) if !share.is_at_least_half() => {
                vec![RuleFault::MajorityBelowHalf(share)]
            }
            Some((required, _)) if required.is_out_of_reach() => vec![RuleFault::ShareOutOfReach("passes")],
            _ => vec![],
        }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let votes = totals(input, |mark| mark)?;
        let [yes, no, abstain] = votes.as_slice() else { return Err(CountRefused::NotThreeOptions) };
        let narrow = |votes: &u128| u64::try_from(*votes).map_err(|_| CountRefused::NumberTooLarge);
        let (yes, no, abstain) = (narrow(yes)?, narrow(no)?, narrow(abstain)?);
        let (threshold, base) = self.passes.threshold().ok_or(CountRefused::NumberTooLarge)?;
        let of = match base {
            ShareOf::Votes => yes.checked_add(no).ok_or(CountRefused::NumberTooLarge)?,
            ShareOf::Ballots => input.ballots,
            ShareOf::Roll => input.roll.ok_or(CountRefused::RollUnknown)?,
        };
        let needed = narrow(&threshold.fewest(of))?;
        // If nobody voted yes or no, 0 votes are needed; without a yes the motion fails all the same.
        let passed = yes >= needed && yes > 0;
        let tallies = lines(&input.field, &votes, 0, |_| true);
        let elected = if passed { vec![0] } else { vec![] };
        let mut told = step(StepKind::Totals, tallies);
        told.quota = Some(needed.to_string());
        told.elected = input.field.ids(&elected);
        let motion = Some(MotionOutcome { yes, no, abstain, of, needed, passed });
        Ok(MethodReport { steps: vec![told], elected, motion, ..MethodReport::default() })
    }
}
