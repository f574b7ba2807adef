//! Totals: one number for each candidate, and those with the highest have the seats.

use std::cmp::Reverse;

use crate::contest::{CountRefused, Field, Standing};
use crate::fixed::{add, mul};
use crate::report::{StepKind, TieOver, lines, step};
use crate::rule::MethodReport;
use crate::seating::seat;
use crate::tabulation::CountInput;
use crate::terms::Terms;

/// Sums up what each candidate gets from one ballot, over all ballots. `worth` says what a number on a ballot is worth.
pub(crate) fn totals(input: &CountInput, worth: impl Fn(u16) -> u16) -> Result<Vec<u128>, CountRefused> {
    let mut totals = vec![0_u128; input.field.len()];
    for group in &input.groups {
        for (number, total) in group.content.iter().zip(&mut totals) {
            let votes = worth(*number);
            if votes > 0 {
                *total = add(*total, mul(u128::from(votes), u128::from(group.times))?)?;
            }
        }
    }
    Ok(totals)
}

/// The candidates as levels of equal votes, most first. Whoever has none is on no level: nobody is elected without a vote.
pub(crate) fn levels_by_votes(field: &Field, votes: &[u128]) -> Vec<Vec<usize>> {
    let of = |index: &usize| votes.get(*index).copied().unwrap_or(0);
    let mut order: Vec<usize> = field.standing_indexes().into_iter().filter(|index| of(index) > 0).collect();
    order.sort_by_key(|index| Reverse(of(index)));
    order.chunk_by(|a, b| of(a) == of(b)).map(<[usize]>::to_vec).collect()
}

/// The whole count of a method that ends in totals.
pub(crate) fn by_totals(input: &CountInput, votes: &[u128], decimals: u8, terms: &Terms) -> MethodReport {
    let field = &input.field;
    let seated = seat(field, &levels_by_votes(field, votes), terms);
    let stands = |index| field.standing(index) != Standing::Withdrawn;
    let mut told = step(StepKind::Totals, lines(field, votes, decimals, stands));
    told.elected = field.ids(&seated.elected);
    told.ties = seated.ties;
    let leader = seated.elected.first().or_else(|| seated.tied.iter().flatten().next());
    let leader_votes = leader.and_then(|leader| votes.get(*leader).copied());
    let tied = seated.tied.map(|tied| (tied, TieOver::Seat));
    let stopped_by_none = seated.stopped_by_none;
    MethodReport { steps: vec![told], elected: seated.elected, tied, leader_votes, stopped_by_none, ..MethodReport::default() }
}
