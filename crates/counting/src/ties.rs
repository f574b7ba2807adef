//! How ties are resolved. [`by_earlier_rounds`] is for methods that look at earlier rounds. [`run`] handles a tie that the method
//! leaves open: a lot decides, or the tie is declared, or the count goes on because every choice elects the same people.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::contest::{CountRefused, Field};
use crate::papers::Papers;
use crate::report::{TieBroken, TieOver, TieReport};
use crate::terms::Ties;

/// Which of the tied candidates is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// One who is elected, goes on, or moves first.
    Best,
    /// One who is eliminated.
    Worst,
}

/// A tie that the method leaves open.
#[derive(Debug, Clone)]
pub(crate) struct PendingTie {
    pub(crate) over: TieOver,
    pub(crate) wants: Side,
    pub(crate) tied: Vec<usize>,
    /// The choice changes nothing: none of the tied has a vote, and all of them are eliminated next, in whatever order.
    pub(crate) harmless: bool,
}

impl PendingTie {
    pub(crate) fn new(over: TieOver, wants: Side, tied: Vec<usize>) -> Self {
        Self { over, wants, tied, harmless: false }
    }
}

/// A count that stops at each open tie and goes on when told who is chosen.
pub(crate) trait ResumableCount: Clone {
    /// Runs on to the next open tie, or to the end.
    fn advance(&mut self) -> Result<Option<PendingTie>, CountRefused>;
    /// Resolves the tie at which it stopped.
    fn choose(&mut self, chosen: usize, tie: TieReport) -> Result<(), CountRefused>;
    /// Ends at this tie.
    fn declare(&mut self, question: &PendingTie, tie: TieReport);
    /// Who is elected until now.
    fn elected(&self) -> BTreeSet<usize>;
    /// Two counts with the same fingerprint end with the same people.
    fn fingerprint(&self) -> [u8; 32];
    /// About how much work the next round is.
    fn work(&self) -> usize;
    /// How many rounds it had.
    fn rounds(&self) -> usize;
    /// About how many bytes a copy of it takes.
    fn bytes(&self) -> usize;
    /// Deletes its steps: a count that only tries out a choice needs none.
    fn drop_steps(&mut self);
}

/// The most work for trying out the ways to resolve a tie, and the most bytes of counts that wait meanwhile. If they are not enough, the
/// tie is declared.
const MOST_WORK: usize = 20_000_000;
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The votes of earlier rounds, shared by all counts that went through them.
pub(crate) type History = Vec<Arc<[u128]>>;

/// About how many bytes a copy of a count takes: its papers, its pointers into the shared history, and a state for each candidate.
pub(crate) fn copy_bytes(papers: &Papers<'_>, history: &History, candidates: usize) -> usize {
    papers.bytes().saturating_add(history.len().saturating_mul(size_of::<Arc<[u128]>>())).saturating_add(candidates)
}

/// About how much work the next round of a count is: its papers, and the history that its fingerprint reads.
pub(crate) fn round_work(papers: &Papers<'_>, history: &History, candidates: usize) -> usize {
    papers.number().saturating_add(history.len().saturating_add(1).saturating_mul(candidates))
}

/// Runs a count to its end. The question is an open tie at which it ended.
pub(crate) fn run<E: ResumableCount>(mut engine: E, field: &Field, ties: Ties) -> Result<(E, Option<PendingTie>), CountRefused> {
    let mut settled = false;
    while let Some(question) = engine.advance()? {
        let order = field.by_lot(&question.tied);
        let chosen = match question.wants {
            Side::Best => order.first(),
            Side::Worst => order.last(),
        };
        let Some(chosen) = chosen.copied() else { return Err(CountRefused::NumberTooLarge) };
        if ties == Ties::Lot {
            // Where nothing hangs on it, the lot only says in which order they are named.
            let by = if question.harmless { TieBroken::SameEitherWay } else { TieBroken::Lot };
            engine.choose(chosen, tell(field, question.over, &question.tied, by, &[chosen]))?;
            continue;
        }
        let harmless = settled || question.harmless;
        if !harmless && !same_either_way(&engine, &question)? {
            let story = tell(field, question.over, &question.tied, TieBroken::Declared, &[]);
            engine.declare(&question, story);
            return Ok((engine, Some(question)));
        }
        // Once all ways from a tie were tried, those from later ties were tried with them.
        settled |= !question.harmless;
        let story = tell(field, question.over, &question.tied, TieBroken::SameEitherWay, &[chosen]);
        engine.choose(chosen, story)?;
    }
    Ok((engine, None))
}

/// A tie at which a count waits, and who of the tied was not tried yet.
struct Waiting<E> {
    stopped: E,
    bytes: usize,
    untried: Vec<usize>,
}

/// Tries every way to resolve this tie and all that follow, one way to its end before the next, so that few counts wait at a time.
fn same_either_way<E: ResumableCount>(engine: &E, question: &PendingTie) -> Result<bool, CountRefused> {
    let untried =
        |question: PendingTie| if question.harmless { question.tied.into_iter().take(1).collect() } else { question.tied };
    let mut origin = engine.clone();
    origin.drop_steps();
    let mut live = origin.bytes();
    let mut waiting = vec![Waiting { bytes: live, stopped: origin, untried: untried(question.clone()) }];
    let mut seen: HashSet<[u8; 32]> = HashSet::new();
    let (mut outcome, mut work): (Option<BTreeSet<usize>>, usize) = (None, 0);
    while let Some(mut last) = waiting.pop() {
        let Some(option) = last.untried.pop() else { continue };
        let (before, a_round) = (last.stopped.rounds(), last.stopped.work().max(100));
        work = work.saturating_add(a_round);
        let at_least = last.untried.len().saturating_mul(a_round);
        if work.saturating_add(at_least) > MOST_WORK || live.saturating_add(last.bytes) > MOST_BYTES {
            return Ok(false);
        }
        let mut tried = if last.untried.is_empty() {
            live = live.saturating_sub(last.bytes);
            last.stopped
        } else {
            let tried = last.stopped.clone();
            waiting.push(last);
            tried
        };
        let story =
            TieReport { over: question.over, between: vec![], by: TieBroken::SameEitherWay, chosen: vec![], pairs: vec![] };
        tried.choose(option, story)?;
        let next = tried.advance()?;
        work = work.saturating_add(tried.rounds().saturating_sub(before).saturating_mul(a_round));
        match next {
            Some(next) => {
                if seen.insert(tried.fingerprint()) {
                    tried.drop_steps();
                    let bytes = tried.bytes();
                    live = live.saturating_add(bytes);
                    waiting.push(Waiting { stopped: tried, bytes, untried: untried(next) });
                }
            }
            None => {
                let elected = tried.elected();
                if *outcome.get_or_insert_with(|| elected.clone()) != elected {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// The tie as the report shows it.
pub(crate) fn tell(field: &Field, over: TieOver, tied: &[usize], by: TieBroken, chosen: &[usize]) -> TieReport {
    let mut between = tied.to_vec();
    between.sort_unstable();
    TieReport { over, between: field.ids(&between), by, chosen: field.ids(chosen), pairs: vec![] }
}

/// Breaks a tie by the votes in earlier rounds. Gives those who are still tied, and the tie for the report if a round decided.
pub(crate) fn by_earlier_rounds(
    field: &Field,
    history: &[Arc<[u128]>],
    over: TieOver,
    tied: &[usize],
    wants: Side,
) -> (Vec<usize>, Option<TieReport>) {
    let (round, left) = look_back(history, tied, wants);
    let chosen = if left.len() == 1 { left.as_slice() } else { &[] };
    let tie = round.map(|round| tell(field, over, tied, TieBroken::EarlierRound { round }, chosen));
    (left, tie)
}

/// Adds to a fingerprint what [`by_earlier_rounds`] can see of these candidates.
pub(crate) fn hash_history(hash: &mut Sha256, history: &[Arc<[u128]>], of: &[usize]) {
    for votes in history {
        of.iter().for_each(|index| hash.update(votes.get(*index).copied().unwrap_or(0).to_be_bytes()));
    }
}

/// Looks back from the round before this one: in each round only those who had the most (or fewest) votes are kept, until one
/// is left. Says in which round the first were told apart, and who is left.
fn look_back(history: &[Arc<[u128]>], tied: &[usize], wants: Side) -> (Option<u32>, Vec<usize>) {
    let mut left = tied.to_vec();
    let mut round = None;
    for (number, votes) in history.iter().enumerate().rev() {
        let number = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        if left.len() < 2 {
            break;
        }
        let of = |index: &usize| votes.get(*index).copied().unwrap_or(0);
        let edge = match wants {
            Side::Best => left.iter().map(of).max(),
            Side::Worst => left.iter().map(of).min(),
        };
        let kept: Vec<usize> = left.iter().filter(|index| Some(of(index)) == edge).copied().collect();
        if kept.len() < left.len() {
            round = round.or(Some(number));
            left = kept;
        }
    }
    (round, left)
}
