//! Approval: every voter marks all candidates they approve of, and those whom most approve of are elected.
//!
//! **Good for** a quick choice among many, such as a date, a name or a chair: no vote is lost by approving of a second one.
//! **Does badly** where voters want to say whom they like better: all approvals weigh the same. With several seats it is not
//! proportional: a majority that agrees takes all.
//!
//! **Source.** S. J. Brams, P. C. Fishburn, "Approval Voting", American Political Science Review 72 (1978), 831-847. With several seats
//! it is the form that D. M. Kilgour calls simple approval ("Approval Balloting for Multi-winner Elections", 2010): the candidates with
//! the most approvals, as many as there are seats.
//!
//! **Where we differ.** A rule may ask for a fewest and a most number of marks. Blank ballots are valid where the rule allows them, and
//! are counted apart. Nobody is elected without a single approval.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::rule::{Counted, Family, MethodDescription, MethodReport, RuleFault};
use crate::tabulation::CountInput;
use crate::terms::{RequiredShare, Terms, Ties, rule_of};
use crate::totals::{by_totals, totals};

rule_of! {
    /// The rule of an approval contest.
    Approval, ties = Ties::Declare, {
        /// How many are elected.
        seats: u32 = 1,
        /// Fewest marks of a ballot that has any; 0 and 1 mean the same.
        min_marks: u32 = 1,
        /// Most marks; as many as there are candidates when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        max_marks: Option<u32> = None,
        /// What share of the valid ballots the only winner needs.
        #[serde(skip_serializing_if = "Option::is_none")]
        required_majority: Option<RequiredShare> = None,
    }
}

impl Counted for Approval {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "approval", family: Family::Marks, several_seats: true };

    fn terms(&self) -> Terms {
        Terms { required_majority: self.required_majority, ..self.common(self.seats) }
    }

    fn limits(&self, candidates: usize) -> Limits {
        let all = u32::try_from(candidates).unwrap_or(u32::MAX);
        Limits::Marks { min: self.min_marks, max: self.max_marks.unwrap_or(all) }
    }

    fn faults(&self) -> Vec<RuleFault> {
        let met = self.max_marks.is_none_or(|max| max >= 1 && self.min_marks <= max);
        if met { vec![] } else { vec![RuleFault::MarksCannotBeMet] }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        Ok(by_totals(input, &totals(input, |mark| mark)?, 0, &self.terms()))
    }
}
