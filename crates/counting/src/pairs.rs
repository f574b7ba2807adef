//! Comparing candidates in pairs, and the order that comes of it.

use crate::contest::{CountRefused, Field, Standing};
use crate::ranking::ranks;
use crate::report::{PairLine, StepKind, TieOver, step};
use crate::rule::MethodReport;
use crate::seating::seat;
use crate::tabulation::{CountInput, Group};
use crate::terms::Terms;

/// For each candidate against each other, the ballots that put the one above the other.
#[derive(Debug, Clone)]
pub(crate) struct Pairs {
    number: usize,
    over: Vec<u64>,
}

impl Pairs {
    fn none(number: usize) -> Result<Self, CountRefused> {
        let cells = number.checked_mul(number).ok_or(CountRefused::TooManyCandidates)?;
        Ok(Self { number, over: vec![0; cells] })
    }

    /// The ballots with `a` above `b`.
    pub(crate) fn over(&self, a: usize, b: usize) -> u64 {
        a.checked_mul(self.number).and_then(|row| row.checked_add(b)).and_then(|cell| self.over.get(cell)).copied().unwrap_or(0)
    }

    fn row(&mut self, a: usize) -> &mut [u64] {
        let start = a.saturating_mul(self.number);
        self.over.get_mut(start..start.saturating_add(self.number)).unwrap_or_default()
    }

    /// Candidates by rank; equal ranks say nothing; all who are left out share the last place, below everybody ranked.
    pub(crate) fn of_rankings(input: &CountInput) -> Result<Self, CountRefused> {
        let number = input.field.len();
        let mut pairs = Self::none(number)?;
        // All binary digits where a candidate is below the ranks read so far, none where not: adding needs no branch.
        let mut below: Vec<u64> = vec![u64::MAX; number];
        let mut level: Vec<usize> = Vec::new();
        for Group { content, times } in &input.groups {
            below.fill(u64::MAX);
            for rank in ranks(content) {
                level.clear();
                for candidate in rank.candidates() {
                    // Whoever stands a second time was put at the first place.
                    if let Some(is_below) = below.get_mut(candidate)
                        && *is_below > 0
                    {
                        *is_below = 0;
                        level.push(candidate);
                    }
                }
                for above in &level {
                    for (votes, is_below) in pairs.row(*above).iter_mut().zip(&below) {
                        // No pair can have more ballots than there are, and that number fits.
                        *votes = votes.wrapping_add(times & is_below);
                    }
                }
            }
        }
        Ok(pairs)
    }

    /// Candidates by score; who is not scored has the lowest.
    pub(crate) fn of_scores(input: &CountInput) -> Result<Self, CountRefused> {
        let number = input.field.len();
        let mut pairs = Self::none(number)?;
        for Group { content, times } in &input.groups {
            for (a, score) in content.iter().enumerate() {
                for (votes, other) in pairs.row(a).iter_mut().zip(content.iter()) {
                    if score.saturating_sub(1) > other.saturating_sub(1) {
                        *votes = votes.wrapping_add(*times);
                    }
                }
            }
        }
        Ok(pairs)
    }

    /// For the report: each pair once, in the order of the list.
    pub(crate) fn lines(&self, field: &Field) -> Vec<PairLine> {
        let stands = |index: &usize| field.standing(*index) != Standing::Withdrawn;
        let indexes: Vec<usize> = (0..self.number).filter(stands).collect();
        let mut lines = Vec::new();
        for (place, a) in indexes.iter().enumerate() {
            for b in indexes.iter().skip(place.saturating_add(1)) {
                let (a_over_b, b_over_a) = (self.over(*a, *b), self.over(*b, *a));
                lines.push(PairLine { a: field.id(*a), b: field.id(*b), a_over_b, b_over_a });
            }
        }
        lines
    }
}

/// Levels, best first: each is those whom nobody left beats. If cycles leave nobody unbeaten, all who are left are one level.
pub(crate) fn levels_by_wins(number: usize, beats: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..number).collect();
    let mut beaten_by: Vec<usize> = left.iter().map(|a| left.iter().filter(|b| beats(**b, *a)).count()).collect();
    let mut levels = Vec::new();
    while !left.is_empty() {
        let unbeaten: Vec<usize> = left.iter().filter(|a| beaten_by.get(**a) == Some(&0)).copied().collect();
        if unbeaten.is_empty() {
            levels.push(left);
            break;
        }
        left.retain(|a| beaten_by.get(*a) != Some(&0));
        for a in &left {
            let fewer = unbeaten.iter().filter(|b| beats(**b, *a)).count();
            beaten_by.iter_mut().skip(*a).take(1).for_each(|number| *number = number.saturating_sub(fewer));
        }
        levels.push(unbeaten);
    }
    levels
}

/// From places among those who stand to places in the list.
pub(crate) fn in_the_list(levels: &[Vec<usize>], standing: &[usize]) -> Vec<Vec<usize>> {
    let place = |level: &Vec<usize>| level.iter().filter_map(|place| standing.get(*place).copied()).collect();
    levels.iter().map(place).collect()
}

/// The whole count of a method that ends in an order.
pub(crate) fn by_order(input: &CountInput, pairs: &Pairs, levels: Vec<Vec<usize>>, terms: &Terms) -> MethodReport {
    let field = &input.field;
    let seated = seat(field, &levels, terms);
    let mut told = step(StepKind::Order, vec![]);
    told.elected = field.ids(&seated.elected);
    told.ties = seated.ties;
    MethodReport {
        steps: vec![told],
        elected: seated.elected,
        tied: seated.tied.map(|tied| (tied, TieOver::Seat)),
        ranking: Some(levels),
        pairs: pairs.lines(field),
        stopped_by_none: seated.stopped_by_none,
        ..MethodReport::default()
    }
}
