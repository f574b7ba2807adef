//! WIGM: the single transferable vote with weighted inclusive Gregory transfers, in two published variants.
//!
//! **Good for** councils and boards that shall mirror those who elect them, where the statutes name one of these two variants, or a
//! count made elsewhere shall be repeated. **Does badly** what Scottish STV does badly; it is that rule with other roundings.
//!
//! **Source.** `rule=prf`: the Proportional Representation Foundation's reference rule for WIGM (prfound.org): quota valid / (seats + 1),
//! truncated to four decimals, plus 0.0001; one surplus a round, the largest first, also a surplus of nothing; a paper's value times the
//! surplus is truncated, then divided by the votes and truncated; ties by lot only. `rule=rctab`: the multi-winner count of RCTab (the Ranked
//! Choice Voting Resource Center's open-source tabulator, as used in Minneapolis): a threshold that is fixed in round 1; in a round with
//! winners nobody is eliminated, and all winners pass on their surplus at once; each winner's fraction surplus / votes is truncated, and so is
//! each paper's value times the fraction.
//!
//! **Where we differ.** As soon as the seats are filled the count ends; RCTab prints one more round with the last surpluses. What rounding
//! loses is told apart from what is exhausted. An elimination tie can look back to earlier rounds in `rctab`. RCTab's option to reduce
//! surpluses by whole votes is not offered.

use serde::{Deserialize, Serialize};
use strum::VariantNames;

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::fixed::{MOST_DECIMALS, div, mul_div, one};
use crate::gregory::{GregoryRule, count, fraction_droop};
use crate::methods::wigm_rctab;
use crate::papers::ReadBallots;
use crate::ranking::{ENDS_AT_SHARED_RANK, RankingRule};
use crate::rule::{Counted, Family, MethodDescription, MethodReport, RuleFault};
use crate::tabulation::CountInput;
use crate::terms::{Duplicate, Overvote, Permission, SkippedRanks, Terms, Ties, rule_of};

/// Which published variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WigmRule {
    /// The Proportional Representation Foundation's.
    Prf,
    /// RCTab's.
    Rctab,
}

/// The votes that elect, of those active in round 1 (`rctab`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Quota {
    /// floor(active / (seats + 1)) + 1.
    Droop,
    /// active / (seats + 1), truncated, plus 1 in the last place.
    DroopFraction,
    /// active / seats, rounded up.
    Hare,
}

/// Who of those with the threshold is elected in a round (`rctab`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WinnersPerRound {
    /// All.
    All,
    /// Only the one with the most votes; the others wait.
    One,
}

rule_of! {
    /// The rule of a contest by WIGM. Fields in an `Option` belong to `rctab`.
    Wigm, ties = Ties::Lot, {
        /// How many are elected.
        seats: u32 = 1,
        /// Which variant.
        rule: WigmRule = WigmRule::Prf,
        /// The decimals of votes.
        decimals: u8 = 4,
        /// Whether candidates may share a rank.
        equal_ranks: Permission = Permission::Refuse,
        /// Whether ranks may be skipped.
        gaps: Permission = Permission::Refuse,
        /// The votes that elect; `droop` when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        quota: Option<Quota> = None,
        /// Who is elected in a round; `all` when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        mode: Option<WinnersPerRound> = None,
        /// What a shared rank means; `exhaust` when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        overvote: Option<Overvote> = None,
        /// How many ranks in a row may be skipped; `unlimited` when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        max_skipped: Option<SkippedRanks> = None,
        /// What happens if a ballot names a candidate a second time; `skip` when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        duplicate: Option<Duplicate> = None,
        /// Whether ties look back to earlier rounds before the lot; yes when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        earlier_rounds: Option<bool> = None,
    }
}

impl Wigm {
    fn fields_of_rctab(&self) -> [(bool, &'static str); 6] {
        [
            (self.quota.is_some(), "quota"),
            (self.mode.is_some(), "mode"),
            (self.overvote.is_some(), "overvote"),
            (self.max_skipped.is_some(), "max_skipped"),
            (self.duplicate.is_some(), "duplicate"),
            (self.earlier_rounds.is_some(), "earlier_rounds"),
        ]
    }

    fn reading_of_rctab(&self) -> RankingRule {
        RankingRule {
            overvote: self.overvote.unwrap_or(Overvote::Exhaust),
            skipped: self.max_skipped.unwrap_or(SkippedRanks::Unlimited),
            duplicate: self.duplicate.unwrap_or(Duplicate::Skip),
        }
    }
}

impl Counted for Wigm {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "wigm", family: Family::Ranking, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn faults(&self) -> Vec<RuleFault> {
        let mut faults = vec![];
        if self.decimals == 0 || self.decimals > MOST_DECIMALS {
            faults.push(RuleFault::DecimalsOutOfRange);
        }
        if self.rule == WigmRule::Prf {
            faults.extend(
                self.fields_of_rctab().into_iter().filter(|(is_set, _)| *is_set).map(|(_, f)| RuleFault::FieldOfRctab(f)),
            );
        }
        faults
    }

    fn can_show_only(&self) -> bool {
        self.rule == WigmRule::Rctab
    }

    fn takes_write_ins(&self) -> bool {
        self.rule == WigmRule::Rctab
    }

    fn reading(&self) -> Option<RankingRule> {
        Some(if self.rule == WigmRule::Rctab { self.reading_of_rctab() } else { ENDS_AT_SHARED_RANK })
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        if self.rule == WigmRule::Prf {
            let law = GregoryRule {
                decimals: self.decimals,
                quota: fraction_droop,
                revalue: |value, surplus, votes, decimals| {
                    mul_div(mul_div(value, surplus, one(decimals)?)?, one(decimals)?, votes)
                },
                transfers_zero_surplus: true,
                earlier_rounds: false,
            };
            return count(input, &ReadBallots::new(input, ENDS_AT_SHARED_RANK), law, self.seats, self.ties);
        }
        let setting = wigm_rctab::RctabRule {
            seats: self.seats,
            decimals: self.decimals,
            quota: self.quota.unwrap_or(Quota::Droop),
            mode: self.mode.unwrap_or(WinnersPerRound::All),
            ties: self.ties,
            earlier_rounds: self.earlier_rounds.unwrap_or(true),
            none_of_the_above: self.none_of_the_above,
        };
        wigm_rctab::count(input, &ReadBallots::new(input, self.reading_of_rctab()), setting)
    }
}

impl Quota {
    /// `active` votes with so many decimals.
    pub(crate) fn of(self, active: u128, seats: u32, decimals: u8) -> Result<u128, CountRefused> {
        match self {
            Self::Droop => crate::gregory::whole_droop(active, seats, decimals),
            Self::DroopFraction => fraction_droop(active, seats, decimals),
            Self::Hare => {
                let one = one(decimals)?;
                crate::fixed::mul(crate::fixed::div_up(div(active, one)?, u128::from(seats))?, one)
            }
        }
    }
}
