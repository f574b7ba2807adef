//! One ranked ballot in few bytes, and what each rule makes of it before the count begins.

use crate::terms::{Duplicate, Overvote, Permission, SkippedRanks};

/// At the same rank as the token before.
const SAME_RANK: u16 = 0x4000;
/// Not a candidate but a number of skipped ranks.
const SKIPPED: u16 = 0x8000;
const NUMBER: u16 = 0x7fff;
const CANDIDATE: u16 = 0x3fff;

/// A contest has fewer candidates than this: a token has no room for more.
pub(crate) const MOST_IN_A_RANKING: usize = CANDIDATE as usize;

/// A ranking as a voter gave it: candidates from first to last choice, by their place in the contest's list. Ranks may be skipped, several
/// candidates may share one, and a candidate may stand at two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Ranking {
    tokens: Vec<u16>,
    waiting: u16,
}

impl Ranking {
    /// Nothing yet: a blank ballot.
    #[must_use]
    pub const fn new() -> Self {
        Self { tokens: Vec::new(), waiting: 0 }
    }

    /// Empties it, to be filled again.
    pub fn clear(&mut self) {
        self.tokens.clear();
        self.waiting = 0;
    }

    /// The next rank is this candidate's. `None` if the place is beyond what a ballot can name.
    pub fn next(&mut self, candidate: usize) -> Option<()> {
        let candidate = u16::try_from(candidate).ok().filter(|candidate| *candidate < CANDIDATE)?;
        if self.waiting > 0 {
            self.tokens.push(SKIPPED | self.waiting);
            self.waiting = 0;
        }
        self.tokens.push(candidate);
        Some(())
    }

    /// This candidate shares the rank of the one before. `None` if there is none before, or beyond what a ballot can name.
    pub fn same(&mut self, candidate: usize) -> Option<()> {
        let candidate = u16::try_from(candidate).ok().filter(|candidate| *candidate < CANDIDATE)?;
        if self.waiting > 0 || self.tokens.is_empty() {
            return None;
        }
        self.tokens.push(candidate | SAME_RANK);
        Some(())
    }

    /// The next rank is skipped. Skipped ranks after the last candidate mean nothing.
    pub fn skip(&mut self) {
        self.waiting = self.waiting.saturating_add(1).min(NUMBER);
    }

    pub(crate) fn tokens(&self) -> &[u16] {
        &self.tokens
    }

    /// Ranks by candidate, 0 for those who have none.
    pub(crate) fn fill_from_ranks(&mut self, ranks: &[u16], order: &mut Vec<(u16, u16)>) {
        self.clear();
        order.clear();
        order.extend(ranks.iter().zip(0_u16..).filter(|(rank, _)| **rank > 0).map(|(rank, candidate)| (*rank, candidate)));
        // An order of some of the candidates without gaps is the usual ballot: each goes to its place, without sorting.
        self.tokens.resize(order.len(), u16::MAX);
        for (rank, candidate) in order.iter() {
            match self.tokens.get_mut(usize::from(rank.saturating_sub(1))) {
                Some(place) if *place == u16::MAX => *place = *candidate,
                _ => return self.fill_sorted(order),
            }
        }
    }

    fn fill_sorted(&mut self, order: &mut [(u16, u16)]) {
        self.clear();
        order.sort_unstable();
        let mut last = 0_u16;
        for (rank, candidate) in order.iter() {
            let between = rank.saturating_sub(last);
            if between == 0 {
                self.tokens.push(candidate | SAME_RANK);
            } else {
                if between > 1 {
                    self.tokens.push(SKIPPED | between.saturating_sub(1).min(NUMBER));
                }
                self.tokens.push(*candidate);
            }
            last = *rank;
        }
    }
}

/// One rank: how many were skipped before it, and who stands at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rank<'t> {
    pub(crate) skipped: u16,
    tokens: &'t [u16],
}

impl<'t> Rank<'t> {
    pub(crate) fn candidates(self) -> impl Iterator<Item = usize> + Clone + 't {
        self.tokens.iter().map(|token| usize::from(token & CANDIDATE))
    }

    pub(crate) const fn is_shared(self) -> bool {
        self.tokens.len() > 1
    }
}

/// The ranks of a ballot, first to last.
pub(crate) fn ranks(mut tokens: &[u16]) -> impl Iterator<Item = Rank<'_>> {
    std::iter::from_fn(move || {
        let mut skipped = 0;
        if let Some((first, rest)) = tokens.split_first()
            && first & SKIPPED != 0
        {
            skipped = first & NUMBER;
            tokens = rest;
        }
        let more = tokens.iter().skip(1).take_while(|token| **token & SKIPPED == 0 && **token & SAME_RANK != 0).count();
        let (rank, rest) = tokens.split_at_checked(more.checked_add(1)?)?;
        tokens = rest;
        Some(Rank { skipped, tokens: rank })
    })
}

/// How a rule reads a ranking. This does not depend on who is still in the count, so it is applied once, before the count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RankingRule {
    pub(crate) overvote: Overvote,
    pub(crate) skipped: SkippedRanks,
    pub(crate) duplicate: Duplicate,
}

impl RankingRule {
    /// At each rank it looks for a gap, then a duplicate, then an overvote. It keeps candidates who stand, and shared ranks only
    /// if they can still count.
    ///
    /// What is left is put behind what is in `settled`. `marks` holds for each candidate the last ballot on which they were kept, and the
    /// number of this ballot.
    pub(crate) fn settle(self, tokens: &[u16], stands: &[bool], settled: &mut Vec<u16>, marks: (&mut [usize], usize)) {
        let (kept, ballot) = marks;
        let mut seen: Vec<usize> = Vec::new();
        for rank in ranks(tokens) {
            if let SkippedRanks::Most(most) = self.skipped
                && rank.skipped > most
            {
                break;
            }
            if self.duplicate == Duplicate::Exhaust {
                let twice = rank.candidates().any(|candidate| {
                    let twice = seen.contains(&candidate);
                    seen.push(candidate);
                    twice
                });
                if twice {
                    break;
                }
            }
            match self.overvote {
                Overvote::Exhaust if rank.is_shared() => break,
                Overvote::Skip if rank.is_shared() => continue,
                _ => {}
            }
            let mut first = true;
            for candidate in rank.candidates().filter(|candidate| stands.get(*candidate) == Some(&true)) {
                let (Ok(token), Some(last)) = (u16::try_from(candidate), kept.get_mut(candidate)) else { continue };
                // The count reaches a second mention only when the candidate is out, so it changes nothing.
                if *last == ballot {
                    continue;
                }
                *last = ballot;
                settled.push(if first { token } else { token | SAME_RANK });
                first = false;
            }
        }
    }
}

/// How rules without a word on shared ranks read a ballot: it ends at a shared rank.
pub(crate) const ENDS_AT_SHARED_RANK: RankingRule =
    RankingRule { overvote: Overvote::Exhaust, skipped: SkippedRanks::Unlimited, duplicate: Duplicate::Skip };

/// Where a settled ballot goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// To this candidate; reading goes on after this place.
    To(usize, usize),
    /// To nobody any more.
    Nobody,
}

/// Reads a settled ballot on from `at`.
pub(crate) fn next_choice(settled: &[u16], mut at: usize, is_continuing: &[bool]) -> Next {
    loop {
        let Some(first) = settled.get(at) else { return Next::Nobody };
        let rest = settled.get(at..).unwrap_or_default();
        let length = rest.iter().skip(1).take_while(|token| **token & SAME_RANK != 0).count().saturating_add(1);
        at = at.saturating_add(length);
        if length == 1 {
            let candidate = usize::from(first & CANDIDATE);
            if is_continuing.get(candidate) == Some(&true) {
                return Next::To(candidate, at);
            }
            continue;
        }
        let still_in =
            rest.iter().take(length).map(|token| usize::from(token & CANDIDATE)).filter(|c| is_continuing.get(*c) == Some(&true));
        let mut still_in = still_in.fuse();
        match (still_in.next(), still_in.next()) {
            (Some(candidate), None) => return Next::To(candidate, at),
            (Some(_), Some(_)) => return Next::Nobody,
            (None, _) => {}
        }
    }
}

/// Checks a ranked ballot; the error is the first thing that the rule does not allow.
pub(crate) fn judge(tokens: &[u16], equal_ranks: Permission, gaps: Permission) -> Result<(), crate::InvalidReason> {
    for rank in ranks(tokens) {
        if rank.is_shared() && equal_ranks == Permission::Refuse {
            return Err(crate::InvalidReason::EqualRanks);
        }
        if rank.skipped > 0 && gaps == Permission::Refuse {
            return Err(crate::InvalidReason::Gap);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Ranking {
        let mut ranking = Ranking::new();
        for rank in text.split_whitespace() {
            if rank == "-" {
                ranking.skip();
                continue;
            }
            let mut names = rank.split('=').map(|name| name.parse::<usize>().unwrap());
            ranking.next(names.next().unwrap()).unwrap();
            names.for_each(|name| ranking.same(name).unwrap());
        }
        ranking
    }

    fn told(tokens: &[u16]) -> String {
        let rank = |rank: Rank<'_>| rank.candidates().map(|c| c.to_string()).collect::<Vec<_>>().join("=");
        ranks(tokens).map(|r| "- ".repeat(usize::from(r.skipped)) + &rank(r)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_ranking_is_kept_as_it_was_given() {
        for text in ["", "3 1 2", "- 1", "1=2 - - 3=4=5 1"] {
            assert_eq!(told(of(text).tokens()), text);
        }
        assert_eq!(of("1 - -"), Ranking { waiting: 2, ..of("1") }, "skipped ranks at the end are not in the tokens");
    }

    #[test]
    fn ranks_by_candidate_say_the_same() {
        let mut ranking = Ranking::new();
        for (ranks, text) in [(&[0, 0, 0][..], ""), (&[2, 1, 0], "1 0"), (&[1, 1, 3], "0=1 - 2"), (&[0, 0, 2], "- 2")] {
            ranking.fill_from_ranks(ranks, &mut Vec::new());
            assert_eq!(told(ranking.tokens()), text);
        }
        ranking.fill_from_ranks(&[u16::MAX, 1], &mut Vec::new());
        assert_eq!(ranks(ranking.tokens()).map(|rank| rank.skipped).collect::<Vec<_>>(), [0, NUMBER]);
    }

    #[test]
    fn a_ballot_ends_at_what_the_rule_names_first() {
        let settle = |text: &str, overvote, skipped, duplicate| {
            let (mut settled, stands) = (vec![], [true, true, true, true, true, false]);
            let reading = RankingRule { overvote, skipped, duplicate };
            reading.settle(of(text).tokens(), &stands, &mut settled, (&mut [0; 6], 1));
            told(&settled)
        };
        let (most, any) = (SkippedRanks::Most, SkippedRanks::Unlimited);
        assert_eq!(settle("1 - 2 - - 3", Overvote::Skip, most(1), Duplicate::Skip), "1 2");
        assert_eq!(settle("1 - 2 - - 3", Overvote::Skip, any, Duplicate::Skip), "1 2 3");
        assert_eq!(settle("1 2=3 4", Overvote::Exhaust, any, Duplicate::Skip), "1");
        assert_eq!(settle("1 2=3 4", Overvote::Skip, most(0), Duplicate::Skip), "1 4", "an overvote is no skipped rank");
        assert_eq!(settle("1 2=3 4", Overvote::ExhaustIfMultipleContinuing, any, Duplicate::Skip), "1 2=3 4");
        assert_eq!(settle("1 2 1 3", Overvote::Skip, any, Duplicate::Exhaust), "1 2");
        assert_eq!(settle("1 2=1 3", Overvote::Skip, any, Duplicate::Exhaust), "1");
        assert_eq!(settle("5 1 5 2", Overvote::Skip, most(0), Duplicate::Skip), "1 2", "who withdrew is passed over, no gap");
        assert_eq!(settle("5=1 2", Overvote::Exhaust, any, Duplicate::Skip), "", "an overvote with one who withdrew is one");
    }

    #[test]
    fn a_shared_rank_counts_for_the_only_one_still_in() {
        let tokens = of("0=1=2 3");
        let next = |is_continuing: [bool; 4]| next_choice(tokens.tokens(), 0, &is_continuing);
        assert_eq!(next([true, true, false, true]), Next::Nobody);
        assert_eq!(next([false, true, false, true]), Next::To(1, 3));
        assert_eq!(next([false, false, false, true]), Next::To(3, 4));
        assert_eq!(next([false; 4]), Next::Nobody);
    }
}
