//! Cumulative voting: every ballot has a number of votes and may give several of them to one candidate; those with the most votes are
//! elected.
//!
//! **Good for** a board on which a minority wants a seat: it can put all its votes on one candidate.
//! **Does badly** without planning: a group that spreads its votes over too many candidates wins less than its share.
//!
//! **Source.** The rule for electing directors of companies, as in section 7.28 of the Model Business Corporation Act of the American
//! Bar Association: a voter multiplies the votes by the number of directors to be elected, and casts them for one or several candidates.
//!
//! **Where we differ.** The number of votes on a ballot is a part of the rule (the number of seats unless told), and so is a limit for one
//! candidate. Votes that a ballot does not use are nobody's. Nobody is elected without a vote.

use crate::ballots::Limits;
use crate::contest::CountRefused;
use crate::rule::{Counted, Family, MOST_VOTES, MethodDescription, MethodReport, RuleFault};
use crate::tabulation::CountInput;
use crate::terms::{Terms, Ties, rule_of};
use crate::totals::{by_totals, totals};

rule_of! {
    /// The rule of a cumulative contest.
    Cumulative, ties = Ties::Declare, {
        /// How many are elected.
        seats: u32 = 1,
        /// The votes of a ballot; as many as there are seats when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        votes: Option<u32> = None,
        /// The most votes for one candidate; all of a ballot's when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        most_for_one: Option<u32> = None,
    }
}

impl Cumulative {
    fn votes(&self) -> u32 {
        self.votes.unwrap_or(self.seats)
    }
}

impl Counted for Cumulative {
    const DESCRIPTION: MethodDescription = MethodDescription { method: "cumulative", family: Family::Votes, several_seats: true };

    fn terms(&self) -> Terms {
        self.common(self.seats)
    }

    fn limits(&self, _: usize) -> Limits {
        Limits::Votes { budget: self.votes(), most: self.most_for_one.unwrap_or_else(|| self.votes()) }
    }

    fn faults(&self) -> Vec<RuleFault> {
        let votes_met = self.votes != Some(0) && self.votes() <= MOST_VOTES;
        let most_met = self.most_for_one.is_none_or(|most| most >= 1 && most <= self.votes());
        if votes_met && most_met { vec![] } else { vec![RuleFault::VotesCannotBeMet] }
    }

    fn count(&self, input: &CountInput) -> Result<MethodReport, CountRefused> {
        Ok(by_totals(input, &totals(input, |votes| votes)?, 0, &self.terms()))
    }
}
