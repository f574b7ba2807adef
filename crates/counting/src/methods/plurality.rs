//! Plurality: every mark is one vote, and those with the most votes are elected.
//!
//! **Good for** a choice between two, or a seat that everybody understands without a word of explanation.
//! **Does badly** with three or more: two candidates of one side take votes from each other, and whoever most voters
//! like least can win. With several seats and as many marks a majority that agrees takes them all.
//!
//! **Source.** With one seat it is first past the post as in the United Kingdom's Representation of the People Act 1983, Schedule 1
//! (Parliamentary Elections Rules): the votes given to each candidate are counted, and whoever has the most is elected (rule 18); a
//! ballot paper that is marked for too many, or not at all, is set aside (rule 47). With several seats, and at most as many marks, it
//! is the block vote of English local elections (SI 2006/3304, Schedule 2); with one mark it is the single non-transferable vote.
//!
//! **Where we differ.** A tie is not broken by a lot that the returning officer draws (rule 49): it is declared, or broken by a lot that
//! anybody can draw again. Blank ballots are valid where the rule allows them, and are counted apart. Nobody is elected without a vote.
//! A ballot's mark for somebody who withdrew counts for nobody.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::rule::{Counted, Family, MethodDescription, MethodReport, RuleFault};
use crate::tabulation::CountInput;
use crate::terms::{RequiredShare, Terms, Ties, rule_of};
use crate::totals::{by_totals, totals};

rule_of! {
    /// The rule of a plurality contest.
    Plurality, ties = Ties::Declare, {
        /// How many are elected.
        seats: u32 = 1,
        /// Fewest marks of a ballot that has any; 0 and 1 mean the same.
        min_marks: u32 = 1,
        /// Most marks; as many as there are seats when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        max_marks: Option<u32> = None,
        /// What share of the valid ballots the only winner needs.
        #[serde(skip_serializing_if = "Option::is_none")]
        required_majority: Option<RequiredShare> = None,
    }
}

impl Counted for Plurality {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "plurality", family: Family::Marks, several_seats: true };

    fn terms(&self) -> Terms {
        Terms { required_majority: self.required_majority, ..self.common(self.seats) }
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Marks { min: self.min_marks, max: self.max_marks.unwrap_or(self.seats) }
    }

    fn faults(&self) -> Vec<RuleFault> {
        let max = self.max_marks.unwrap_or(self.seats);
        let met = max >= 1 && self.min_marks <= max;
        if met || self.seats == 0 && self.max_marks.is_none() { vec![] } else { vec![RuleFault::MarksCannotBeMet] }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        Ok(by_totals(input, &totals(input, |mark| mark)?, 0, &self.terms()))
    }
}
