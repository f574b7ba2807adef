//! Borda: every rank is worth points, n-1 for the first of n candidates down to 0 for the last; those with the most points are elected.
//!
//! **Good for** finding somebody who is acceptable to most, and for ordering proposals.
//! **Does badly** against tactics: putting the strongest rival last hurts them, and a second candidate of the same kind helps the first.
//!
//! **Source.** J.-C. de Borda, "Mémoire sur les élections au scrutin" (1781), with n-1 to 0 points. Equal ranks, and all who are left out,
//! share the points of the places they take together (the averaged form; M. Dummett, "Voting Procedures", 1984). Hence halves.
//!
//! **Where we differ.** n is the number of candidates who stand: whoever withdrew takes no place. A ballot that ranks nobody who stands
//! gives no points. Nobody is elected without a point.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::fixed::{add, mul};
use crate::ranking::ranks;
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::tabulation::{CountInput, Group};
use crate::terms::{Permission, Terms, Ties, rule_of};
use crate::totals::by_totals;

rule_of! {
    /// The rule of a Borda contest.
    Borda, ties = Ties::Declare, {
        /// How many are elected.
        seats: u32 = 1,
        /// Whether candidates may share a rank.
        equal_ranks: Permission = Permission::Allow,
        /// Whether ranks may be skipped; a skipped rank means nothing here.
        gaps: Permission = Permission::Allow,
    }
}

impl Counted for Borda {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "borda", family: Family::Ranking, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        // Twice the points are whole numbers; five times that are tenths.
        let tenths = doubled_points(input)?.into_iter().map(|points| mul(points, 5)).collect::<Result<Vec<_>, _>>()?;
        Ok(by_totals(input, &tenths, 1, &self.terms()))
    }
}

/// Places above .. above + k share the points n-1-above ... n-above-k: twice their mean is the first plus the last.
fn doubled_mean(standing: usize, above: usize, level: usize) -> Option<u128> {
    let first = standing.checked_sub(above)?.checked_sub(1)?;
    let last = standing.checked_sub(above)?.checked_sub(level)?;
    u128::try_from(first.checked_add(last)?).ok()
}

fn doubled_points(input: &CountInput) -> Result<Vec<u128>, CountRefused> {
    let field = &input.field;
    let standing = field.standing_indexes();
    let stands = field.stands();
    let mut points = vec![0_u128; field.len()];
    let (mut left, mut level) = (stands.clone(), Vec::with_capacity(field.len()));
    for Group { content, times } in &input.groups {
        left.copy_from_slice(&stands);
        let mut above = 0_usize;
        let mut give = |level: &[usize], above: usize| {
            let mean = doubled_mean(standing.len(), above, level.len()).ok_or(CountRefused::NumberTooLarge)?;
            let votes = mul(mean, u128::from(*times))?;
            for candidate in level {
                if let Some(total) = points.get_mut(*candidate) {
                    *total = add(*total, votes)?;
                }
            }
            above.checked_add(level.len()).ok_or(CountRefused::NumberTooLarge)
        };
        for rank in ranks(content) {
            level.clear();
            for candidate in rank.candidates() {
                if let Some(is_left) = left.get_mut(candidate)
                    && std::mem::take(is_left)
                {
                    level.push(candidate);
                }
            }
            if !level.is_empty() {
                above = give(&level, above)?;
            }
        }
        level.clear();
        level.extend(standing.iter().filter(|candidate| left.get(**candidate) == Some(&true)));
        if above > 0 && !level.is_empty() {
            give(&level, above)?;
        }
    }
    Ok(points)
}
