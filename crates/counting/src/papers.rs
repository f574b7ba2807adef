//! Ballot papers in piles, one pile for each candidate, each paper with its present value.

use sha2::{Digest as _, Sha256};

use crate::contest::{CountRefused, Field};
use crate::fixed::{add, mul, one, sub, text};
use crate::ranking::{Next, RankingRule, next_choice};
use crate::report::Transfer;
use crate::tabulation::CountInput;
use crate::ties::Side;

/// Equal papers on one pile.
#[derive(Debug, Clone, Copy)]
struct Paper {
    ballot: u32,
    /// Where reading goes on.
    at: u32,
    value: u128,
}

/// The ballots as [`RankingRule::settle`] leaves them, one behind the other, and how many there are of each.
#[derive(Debug, Default)]
pub(crate) struct ReadBallots {
    tokens: Vec<u16>,
    /// Where each ends, and how many such ballots there are.
    ends: Vec<(usize, u64)>,
}

impl ReadBallots {
    pub(crate) fn new(input: &CountInput, reading: RankingRule) -> Self {
        let stands = input.field.stands();
        let (mut settled, mut seen) = (Self::default(), vec![0_usize; stands.len()]);
        for (number, group) in (1..).zip(&input.groups) {
            reading.settle(&group.content, &stands, &mut settled.tokens, (&mut seen, number));
            settled.ends.push((settled.tokens.len(), group.times));
        }
        settled
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A ballot's choices, and how many such ballots there are.
    pub(crate) fn get(&self, ballot: u32) -> Option<(&[u16], u64)> {
        let ballot = usize::try_from(ballot).ok()?;
        let (end, times) = self.ends.get(ballot)?;
        let from = ballot.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
        Some((self.tokens.get(from..*end)?, *times))
    }
}

/// All piles, and the votes that they are. Cloning it copies papers, not ballots.
#[derive(Debug, Clone)]
pub(crate) struct Papers<'s> {
    settled: &'s ReadBallots,
    pub(crate) decimals: u8,
    piles: Vec<Vec<Paper>>,
    pub(crate) votes: Vec<u128>,
    pub(crate) exhausted: u128,
    pub(crate) lost: u128,
}

/// Votes that moved: to whom (or nobody), and how many.
pub(crate) type Transfers = Vec<(Option<usize>, u128)>;

impl<'s> Papers<'s> {
    /// Every ballot goes to its first choice at full value.
    pub(crate) fn deal(settled: &'s ReadBallots, field: &Field, decimals: u8) -> Result<Self, CountRefused> {
        let mut piles: Vec<Vec<Paper>> = vec![Vec::new(); field.len()];
        let (mut votes, mut exhausted) = (vec![0_u128; field.len()], 0);
        let (is_continuing, value) = (field.stands(), one(decimals)?);
        for ballot in 0..narrow(settled.len())? {
            let Some((tokens, times)) = settled.get(ballot) else { continue };
            let worth = mul(value, u128::from(times))?;
            match next_choice(tokens, 0, &is_continuing) {
                Next::To(candidate, at) => {
                    let (Some(pile), Some(total)) = (piles.get_mut(candidate), votes.get_mut(candidate)) else { continue };
                    pile.push(Paper { ballot, at: narrow(at)?, value });
                    *total = add(*total, worth)?;
                }
                Next::Nobody => exhausted = add(exhausted, worth)?,
            }
        }
        Ok(Self { settled, decimals, piles, votes, exhausted, lost: 0 })
    }

    pub(crate) fn of(&self, candidate: usize) -> u128 {
        self.votes.get(candidate).copied().unwrap_or(0)
    }

    /// All votes that count for somebody.
    pub(crate) fn active(&self) -> Result<u128, CountRefused> {
        self.votes.iter().try_fold(0, |sum, votes| add(sum, *votes))
    }

    /// Transfers all papers of a candidate on to the next choice that is still in, at the value that `revalue` gives. The
    /// candidate is left with `keeps` votes; what neither moved nor stayed is lost to rounding.
    pub(crate) fn transfer_all(
        &mut self,
        from: usize,
        keeps: u128,
        is_continuing: &[bool],
        revalue: impl Fn(u128) -> Result<u128, CountRefused>,
    ) -> Result<Transfers, CountRefused> {
        let papers = self.piles.get_mut(from).map(std::mem::take).unwrap_or_default();
        let mut moved = vec![0_u128; self.piles.len()];
        let (mut ended, mut last) = (0, None);
        for paper in papers {
            // Papers beside each other on a pile mostly have the same value.
            let value = match last {
                Some((before, after)) if before == paper.value => after,
                _ => revalue(paper.value)?,
            };
            last = Some((paper.value, value));
            let Some((tokens, times)) = self.settled.get(paper.ballot) else { continue };
            let worth = mul(value, u128::from(times))?;
            match next_choice(tokens, usize::try_from(paper.at).unwrap_or(usize::MAX), is_continuing) {
                Next::To(candidate, at) => {
                    let (Some(pile), Some(total)) = (self.piles.get_mut(candidate), moved.get_mut(candidate)) else { continue };
                    pile.push(Paper { ballot: paper.ballot, at: narrow(at)?, value });
                    *total = add(*total, worth)?;
                }
                Next::Nobody => ended = add(ended, worth)?,
            }
        }
        self.book(from, keeps, &moved, ended)
    }

    fn book(&mut self, from: usize, keeps: u128, moved: &[u128], ended: u128) -> Result<Transfers, CountRefused> {
        let before = self.of(from);
        let gone = moved.iter().try_fold(ended, |sum, votes| add(sum, *votes))?;
        self.lost = add(self.lost, sub(sub(before, keeps)?, gone)?)?;
        self.exhausted = add(self.exhausted, ended)?;
        let mut moves: Transfers = Vec::new();
        for (candidate, (votes, total)) in moved.iter().zip(&mut self.votes).enumerate() {
            *total = add(*total, *votes)?;
            if *votes > 0 {
                moves.push((Some(candidate), *votes));
            }
        }
        if ended > 0 {
            moves.push((None, ended));
        }
        self.votes.iter_mut().skip(from).take(1).for_each(|total| *total = keeps);
        Ok(moves)
    }

    pub(crate) fn transfers(&self, field: &Field, from: usize, moves: &Transfers) -> Vec<Transfer> {
        let transfer = |(to, votes): &(Option<usize>, u128)| Transfer {
            from: field.id(from),
            to: to.map(|to| field.id(to)),
            votes: text(*votes, self.decimals),
        };
        moves.iter().map(transfer).collect()
    }

    /// About how many bytes a copy takes.
    pub(crate) fn bytes(&self) -> usize {
        let piles = self.piles.len().saturating_mul(size_of::<Vec<Paper>>().saturating_add(size_of::<u128>()));
        self.number().saturating_mul(size_of::<Paper>()).saturating_add(piles)
    }

    /// Those of these with the most votes, or with the fewest.
    pub(crate) fn edge(&self, of: &[usize], side: Side) -> Vec<usize> {
        let votes = of.iter().map(|index| self.of(*index));
        let edge = if side == Side::Best { votes.max() } else { votes.min() };
        of.iter().filter(|index| Some(self.of(**index)) == edge).copied().collect()
    }

    pub(crate) fn number(&self) -> usize {
        self.piles.iter().fold(0, |sum, pile| sum.saturating_add(pile.len()))
    }

    /// Everything that decides how the count goes on, however the papers came where they are.
    pub(crate) fn fingerprint(&self, hash: &mut Sha256) {
        for pile in &self.piles {
            let mut papers: Vec<(u32, u32, u128)> = pile.iter().map(|paper| (paper.ballot, paper.at, paper.value)).collect();
            papers.sort_unstable();
            hash.update(papers.len().to_be_bytes());
            for (ballot, at, value) in papers {
                hash.update(ballot.to_be_bytes());
                hash.update(at.to_be_bytes());
                hash.update(value.to_be_bytes());
            }
        }
        self.votes.iter().chain([&self.exhausted]).for_each(|votes| hash.update(votes.to_be_bytes()));
    }
}

fn narrow(place: usize) -> Result<u32, CountRefused> {
    u32::try_from(place).map_err(|_| CountRefused::NumberTooLarge)
}
