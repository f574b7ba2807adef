//! Scottish STV: the single transferable vote as councils in Scotland are elected by it since 2007.
//!
//! **Good for** councils and boards of three to nine that shall mirror those who elect them: any group as large as a quota of voters wins a
//! seat, without lists or parties. Can be counted by hand, and is law. **Does badly** with one seat (it is then IRV), and if voters can
//! rank only two or three of many: votes are left without a next choice.
//!
//! **Source.** The Scottish Local Government Elections Order 2007 (SSI 2007/42), Schedule 1, rules 45 to 52: quota floor(valid /
//! (seats + 1)) + 1; the largest surplus first, one a stage; all papers of a candidate move, at surplus x value / votes, truncated once to
//! five decimals; else the lowest is excluded and all papers move at once. Ties for a surplus or an exclusion: the most recent earlier stage at
//! which the tied differ decides, then lot. The last seats are filled as soon as those who continue are no more than the vacancies (rule 52).
//! The tables of the program Droop were the check for the wards of Glasgow.
//!
//! **Where we differ.** If three or more are tied, we take the latest stage at which their votes differ, keep those with the most
//! votes (for a surplus) or the fewest (for an exclusion), and compare only these at the stages before it. Droop keeps all of
//! them until one alone is highest or lowest. The Order does not say which is meant. A lot is drawn once per
//! candidate for the whole count, not anew for each tie. Equal ranks are refused, unless the rule allows them: then the ballot ends there,
//! as the Order's definition of a non-transferable paper has it; so with gaps, except that a rule may allow these. A ballot that never
//! counts for anybody who stands is not in the quota.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::fixed::mul_div;
use crate::gregory::{GregoryRule, count, whole_droop};
use crate::papers::ReadBallots;
use crate::ranking::{ENDS_AT_SHARED_RANK, RankingRule};
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::tabulation::CountInput;
use crate::terms::{Permission, Terms, Ties, rule_of};

rule_of! {
    /// The rule of a contest by Scottish STV.
    ScottishStv, ties = Ties::Lot, {
        /// How many are elected.
        seats: u32 = 1,
        /// Whether candidates may share a rank; the ballot ends there.
        equal_ranks: Permission = Permission::Refuse,
        /// Whether ranks may be skipped; a skipped rank then means nothing.
        gaps: Permission = Permission::Refuse,
    }
}

const LAW: GregoryRule = GregoryRule {
    decimals: 5,
    quota: whole_droop,
    revalue: |value, surplus, votes, _| mul_div(surplus, value, votes),
    transfers_zero_surplus: false,
    earlier_rounds: true,
};

impl Counted for ScottishStv {
    const DESCRIPTION: MethodDescription =
        MethodDescription { method: "scottish_stv", family: Family::Ranking, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn can_show_only(&self) -> bool {
        false
    }

    fn reading(&self) -> Option<RankingRule> {
        Some(ENDS_AT_SHARED_RANK)
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        count(input, &ReadBallots::new(input, ENDS_AT_SHARED_RANK), LAW, self.seats, self.ties)
    }
}
