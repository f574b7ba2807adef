//! Score: every voter scores every candidate, and those with the highest sums are elected.
//!
//! **Good for** rating proposals or applications, where it matters how much people like each of them.
//! **Does badly** where voters know what is at stake: who gives only the top and 0 has more weight than who scores honestly.
//!
//! **Source.** W. D. Smith, "Range voting" (2000); the sum of scores as in the Center for Range Voting's description.
//!
//! **Where we differ.** A candidate without a score has 0 from that ballot: sums win, not averages. Nobody is elected with a sum of 0.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::rule::{Counted, Family, MethodDescription, MethodReport, RuleFault};
use crate::tabulation::CountInput;
use crate::terms::{Terms, Ties, rule_of};
use crate::totals::{by_totals, totals};

rule_of! {
    /// The rule of a contest of scores.
    Score, ties = Ties::Declare, {
        /// How many are elected.
        seats: u32 = 1,
        /// The highest score: 5, 9, 10, 20 or 100. The lowest is 0.
        top: u16 = 5,
    }
}

impl Counted for Score {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "score", family: Family::Scores, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Scores { top: self.top }
    }

    fn faults(&self) -> Vec<RuleFault> {
        if matches!(self.top, 5 | 9 | 10 | 20 | 100) { vec![] } else { vec![RuleFault::TopNotOffered] }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        Ok(by_totals(input, &totals(input, |number| number.saturating_sub(1))?, 0, &self.terms()))
    }
}
