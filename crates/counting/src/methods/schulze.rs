//! Schulze: candidates are compared in pairs, and whoever wins along the strongest paths is ahead.
//!
//! **Good for** one seat or an order among people who will discuss the result: whoever would win against each other one wins (the Condorcet
//! winner), and similar candidates do not harm each other. **Does badly** at being explained in a sentence; as an order for several seats
//! it is not proportional: a majority that agrees takes all.
//!
//! **Source.** M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election
//! method", Social Choice and Welfare 36 (2011), 267-303, with winning votes, as Debian's constitution (appendix A.6) has it: a beats b
//! with the number of ballots that put a above b, if that is more than the other way round. Equal ranks say nothing; all who are left out
//! share the last place.
//!
//! **Where we differ.** The order is given as levels: repeatedly those whom nobody left beats. A level larger than the open seats is a
//! tie; the paper breaks it by ballots drawn at random. Debian's quorum per option is `none_of_the_above`: only who is above it is elected.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::pairs::{Pairs, by_order, in_the_list, levels_by_wins};
use crate::report::PathTable;
use crate::rule::{Counted, Family, MethodDescription, MethodReport};
use crate::tabulation::CountInput;
use crate::terms::{Permission, Terms, Ties, rule_of};

rule_of! {
    /// The rule of a contest by Schulze's method.
    Schulze, ties = Ties::Declare, {
        /// How many are elected, from the top of the order.
        seats: u32 = 1,
        /// Whether candidates may share a rank.
        equal_ranks: Permission = Permission::Allow,
        /// Whether ranks may be skipped; a skipped rank means nothing here.
        gaps: Permission = Permission::Allow,
    }
}

impl Counted for Schulze {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "schulze", family: Family::Ranking, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Ranks { equal_ranks: self.equal_ranks, gaps: self.gaps }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        let pairs = Pairs::of_rankings(input)?;
        let standing = input.field.standing_indexes();
        let paths = strongest_paths(&pairs, &standing);
        let strength = |a: usize, b: usize| paths.get(a).and_then(|row| row.get(b)).copied().unwrap_or(0);
        let levels = levels_by_wins(standing.len(), |a, b| strength(a, b) > strength(b, a));
        let mut report = by_order(input, &pairs, in_the_list(&levels, &standing), &self.terms());
        if let Some(step) = report.steps.first_mut() {
            step.paths = Some(PathTable { candidates: input.field.ids(&standing), strengths: paths });
        }
        Ok(report)
    }
}

/// The strength of the strongest path between each two of those who stand: its weakest link.
fn strongest_paths(pairs: &Pairs, standing: &[usize]) -> Vec<Vec<u64>> {
    let link = |a: usize, b: usize| if pairs.over(a, b) > pairs.over(b, a) { pairs.over(a, b) } else { 0 };
    let row = |a: &usize| standing.iter().map(|b| link(*a, *b)).collect();
    let mut paths: Vec<Vec<u64>> = standing.iter().map(row).collect();
    for via in 0..standing.len() {
        let Some(on) = paths.get(via).cloned() else { continue };
        for row in &mut paths {
            let to = row.get(via).copied().unwrap_or(0);
            for (strength, onward) in row.iter_mut().zip(&on) {
                *strength = (*strength).max(to.min(*onward));
            }
        }
    }
    paths
}
