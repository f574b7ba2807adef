//! IRV and the counts by transfers of surpluses.

use proptest::prelude::*;

use crate::elections::{Election, Paper, Ranks, cases, elections, listed, place, places, rule, tallies};

#[derive(Debug, Clone, Copy)]
struct RankingRule {
    overvote: &'static str,
    max_skipped: Option<usize>,
    exhaust_duplicates: bool,
}

const ENDS_AT_SHARED_RANK: RankingRule = RankingRule { overvote: "exhaust", max_skipped: None, exhaust_duplicates: false };

/// Reads a ballot from its beginning: gap, then duplicate, then overvote, then "is somebody of it still in". `ended` is for good.
fn choice(ballot: &Ranks, is_continuing: &[bool], reading: RankingRule, ended: &mut bool) -> Option<usize> {
    let (mut skipped, mut seen) = (0, Vec::new());
    if *ended {
        return None;
    }
    for rank in ballot {
        if rank.is_empty() {
            skipped += 1;
            continue;
        }
        if reading.max_skipped.is_some_and(|most| skipped > most) {
            return None;
        }
        skipped = 0;
        if reading.exhaust_duplicates && rank.iter().any(|candidate| seen.contains(candidate)) {
            return None;
        }
        seen.extend(rank);
        let still_in: Vec<usize> = rank.iter().filter(|candidate| is_continuing[**candidate]).copied().collect();
        if rank.len() > 1 {
            match (reading.overvote, still_in.len()) {
                ("exhaust", _) => return None,
                ("skip", _) | (_, 0) => continue,
                (_, 1) => {}
                _ => {
                    *ended = true;
                    return None;
                }
            }
        }
        if let Some(candidate) = still_in.first() {
            return Some(*candidate);
        }
    }
    None
}

fn edge(of: &[usize], votes: &[u128], most: bool) -> Vec<usize> {
    let all = of.iter().map(|candidate| votes[*candidate]);
    let edge = if most { all.max() } else { all.min() };
    of.iter().filter(|candidate| Some(votes[**candidate]) == edge).copied().collect()
}

/// Earlier rounds from the last one back, then the lot.
fn resolve(election: &Election, mut tied: Vec<usize>, history: &[Vec<u128>], best: bool, look_back: bool) -> usize {
    if look_back {
        for votes in history.iter().rev() {
            tied = edge(&tied, votes, best);
        }
    }
    election.favoured(&tied, best)
}

/// The rounds of an instant run-off: votes of those still in, and the winner.
fn naive_irv(
    election: &Election,
    reading: RankingRule,
    look_back: bool,
    batch: bool,
) -> (Vec<Vec<(usize, u128)>>, Option<usize>) {
    let mut is_continuing: Vec<bool> = election.withdrawn.iter().map(|withdrawn| !withdrawn).collect();
    let mut ended = vec![false; election.ballots.len()];
    let (mut rounds, mut history) = (vec![], vec![]);
    loop {
        let mut votes = vec![0_u128; election.candidates];
        for (ballot, ended) in election.ballots.iter().zip(&mut ended) {
            if let Some(candidate) = choice(ballot, &is_continuing, reading, ended) {
                votes[candidate] += 1;
            }
        }
        let left: Vec<usize> = (0..election.candidates).filter(|candidate| is_continuing[*candidate]).collect();
        rounds.push(left.iter().map(|candidate| (*candidate, votes[*candidate])).collect());
        let active: u128 = votes.iter().sum();
        let best = edge(&left, &votes, true);
        if best.is_empty() {
            return (rounds, None);
        }
        if votes[best[0]] > active / 2 || left.len() <= 2 {
            let winner = if best.len() == 1 { best[0] } else { resolve(election, best, &history, true, look_back) };
            return (rounds, Some(winner));
        }
        let mut out = vec![];
        if batch {
            let mut order = left.clone();
            order.sort_by_key(|candidate| votes[*candidate]);
            for number in 2..order.len() {
                let together: u128 = order[..number].iter().map(|candidate| votes[*candidate]).sum();
                if together < votes[order[number]] {
                    out = order[..number].to_vec();
                }
            }
        }
        if out.is_empty() {
            let worst = edge(&left, &votes, false);
            out = vec![if worst.len() == 1 { worst[0] } else { resolve(election, worst, &history, false, look_back) }];
        }
        out.into_iter().for_each(|loser| is_continuing[loser] = false);
        history.push(votes);
    }
}

/// In what rules with one surplus a stage differ.
#[derive(Debug, Clone, Copy)]
struct GregoryRule {
    unit: u128,
    whole_quota: bool,
    two_truncations: bool,
    transfers_zero_surplus: bool,
    look_back: bool,
}

const SCOTTISH: GregoryRule =
    GregoryRule { unit: 100_000, whole_quota: true, two_truncations: false, transfers_zero_surplus: false, look_back: true };
const PRF: GregoryRule =
    GregoryRule { unit: 10_000, whole_quota: false, two_truncations: true, transfers_zero_surplus: true, look_back: false };

/// Each paper with who holds it and what it is worth.
struct Piles {
    holder: Vec<Option<usize>>,
    value: Vec<u128>,
    kept: Vec<u128>,
}

impl Piles {
    fn votes(&self) -> Vec<u128> {
        let mut votes = self.kept.clone();
        for (holder, value) in self.holder.iter().zip(&self.value) {
            if let Some(holder) = holder {
                votes[*holder] += value;
            }
        }
        votes
    }

    fn hand_on(&mut self, election: &Election, from: usize, is_continuing: &[bool], worth: impl Fn(u128) -> u128) {
        for (paper, ballot) in election.ballots.iter().enumerate() {
            if self.holder[paper] == Some(from) {
                self.value[paper] = worth(self.value[paper]);
                self.holder[paper] = choice(ballot, is_continuing, ENDS_AT_SHARED_RANK, &mut false);
            }
        }
    }
}

/// Stages and elected.
fn naive_stv(election: &Election, law: GregoryRule) -> (Vec<Vec<u128>>, Vec<usize>) {
    let mut is_continuing: Vec<bool> = election.withdrawn.iter().map(|withdrawn| !withdrawn).collect();
    let first = |ballot| choice(ballot, &is_continuing, ENDS_AT_SHARED_RANK, &mut false);
    let holder: Vec<Option<usize>> = election.ballots.iter().map(first).collect();
    let valid = holder.iter().flatten().count() as u128;
    let parts = u128::from(election.seats) + 1;
    let quota = if law.whole_quota { (valid / parts + 1) * law.unit } else { valid * law.unit / parts + 1 };
    let mut papers = Piles { value: vec![law.unit; holder.len()], holder, kept: vec![0; election.candidates] };
    let (mut stages, mut elected, mut pending): (Vec<Vec<u128>>, Vec<usize>, Vec<usize>) = (vec![], vec![], vec![]);
    let seats = election.seats as usize;
    let mut show = true;
    loop {
        let votes = papers.votes();
        if show {
            stages.push(votes.clone());
        }
        let reached: Vec<usize> = (0..election.candidates).filter(|c| is_continuing[*c] && votes[*c] >= quota).collect();
        for winner in reached {
            is_continuing[winner] = false;
            elected.push(winner);
            pending.push(winner);
        }
        let left: Vec<usize> = (0..election.candidates).filter(|candidate| is_continuing[*candidate]).collect();
        if elected.len() >= seats {
            return (stages, elected);
        }
        if left.len() <= seats - elected.len() {
            elected.extend(left);
            return (stages, elected);
        }
        let past = &stages[..stages.len() - 1];
        let movable: Vec<usize> = pending.iter().filter(|c| law.transfers_zero_surplus || votes[**c] > quota).copied().collect();
        if movable.is_empty() {
            let loser = resolve(election, edge(&left, &votes, false), past, false, law.look_back);
            is_continuing[loser] = false;
            show = left.len() - 1 > seats - elected.len();
            if show {
                papers.hand_on(election, loser, &is_continuing, |value| value);
            }
            continue;
        }
        let from = resolve(election, edge(&movable, &votes, true), past, true, law.look_back);
        pending.retain(|candidate| *candidate != from);
        let (surplus, all) = (votes[from] - quota, votes[from]);
        papers.hand_on(election, from, &is_continuing, |value| {
            if law.two_truncations { value * surplus / law.unit * law.unit / all } else { surplus * value / all }
        });
        papers.kept[from] = quota;
    }
}

/// Rounds and elected, by RCTab's rules.
fn naive_rctab(
    election: &Election,
    reading: RankingRule,
    quota: &str,
    all_winners: bool,
    unit: u128,
) -> (Vec<Vec<u128>>, Vec<usize>) {
    let mut is_continuing: Vec<bool> = election.withdrawn.iter().map(|withdrawn| !withdrawn).collect();
    let mut ended = vec![false; election.ballots.len()];
    let mut holder: Vec<Option<usize>> =
        election.ballots.iter().zip(&mut ended).map(|(ballot, ended)| choice(ballot, &is_continuing, reading, ended)).collect();
    let mut value = vec![unit; holder.len()];
    let mut kept: Vec<Option<u128>> = vec![None; election.candidates];
    let (active, seats) = (holder.iter().flatten().count() as u128, u128::from(election.seats));
    let threshold = match quota {
        "droop" => (active / (seats + 1) + 1) * unit,
        "droop_fraction" => active * unit / (seats + 1) + 1,
        _ => active.div_ceil(seats) * unit,
    };
    let (mut rounds, mut elected): (Vec<Vec<u128>>, Vec<usize>) = (vec![], vec![]);
    loop {
        let mut votes: Vec<u128> = kept.iter().map(|kept| kept.unwrap_or(0)).collect();
        for (holder, value) in holder.iter().zip(&value) {
            if let Some(holder) = holder.filter(|holder| kept[*holder].is_none()) {
                votes[holder] += value;
            }
        }
        rounds.push(votes.clone());
        let left: Vec<usize> = (0..election.candidates).filter(|candidate| is_continuing[*candidate]).collect();
        let open = election.seats as usize - elected.len();
        if left.len() <= open {
            elected.extend(left);
            return (rounds, elected);
        }
        let mut reached: Vec<usize> = left.iter().filter(|candidate| votes[**candidate] >= threshold).copied().collect();
        if reached.len() > 1 && (!all_winners || reached.len() > open) {
            reached = vec![election.favoured(&edge(&reached, &votes, true), true)];
        }
        let losers = if reached.is_empty() { vec![election.favoured(&edge(&left, &votes, false), false)] } else { vec![] };
        elected.extend(&reached);
        if elected.len() == election.seats as usize {
            return (rounds, elected);
        }
        reached.iter().chain(&losers).for_each(|gone| is_continuing[*gone] = false);
        let moving: Vec<(usize, Option<usize>)> = holder
            .iter()
            .enumerate()
            .map(|(paper, holder)| (paper, *holder))
            .filter(|(_, h)| h.is_some_and(|h| kept[h].is_none()))
            .collect();
        for (paper, from) in moving {
            let from = from.unwrap();
            if reached.contains(&from) && votes[from] > threshold {
                let fraction = (votes[from] - threshold) * unit / votes[from];
                value[paper] = value[paper] * fraction / unit;
            } else if !losers.contains(&from) {
                continue;
            }
            holder[paper] = choice(&election.ballots[paper], &is_continuing, reading, &mut ended[paper]);
        }
        reached.iter().for_each(|winner| kept[*winner] = Some(threshold));
    }
}

fn readings() -> impl Strategy<Value = RankingRule> {
    let overvote = prop::sample::select(vec!["exhaust", "skip", "exhaust_if_multiple_continuing"]);
    let max_skipped = prop_oneof![Just(None), (0..2_usize).prop_map(Some)];
    (overvote, max_skipped, any::<bool>()).prop_map(|(overvote, max_skipped, exhaust_duplicates)| RankingRule {
        overvote,
        max_skipped,
        exhaust_duplicates,
    })
}

fn terms(reading: RankingRule) -> String {
    let skipped = reading.max_skipped.map_or("\"unlimited\"".to_owned(), |most| most.to_string());
    let duplicate = if reading.exhaust_duplicates { "exhaust" } else { "skip" };
    let overvote = reading.overvote;
    format!(
        r#""equal_ranks":"allow","gaps":"allow","ties":"lot","overvote":"{overvote}","max_skipped":{skipped},"duplicate":"{duplicate}""#
    )
}

fn by_place(report: &counting::Report, candidates: usize) -> Vec<Vec<u128>> {
    let spread = |lines: Vec<(usize, u128)>| {
        let mut votes = vec![0; candidates];
        lines.into_iter().for_each(|(place, number)| votes[place] = number);
        votes
    };
    tallies(report).into_iter().map(spread).collect()
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn irv(election in elections(Paper::Wild), reading in readings(), look_back: bool, batch: bool) {
        let terms = terms(reading);
        let json = format!(r#"{{"method":"irv",{terms},"earlier_rounds":{look_back},"batch":{batch}}}"#);
        let report = election.count(rule(&json));
        prop_assume!(election.valid() > 0);
        let (rounds, winner) = naive_irv(&election, reading, look_back, batch);
        prop_assert_eq!(tallies(&report), listed(rounds));
        prop_assert_eq!(report.elected.first().map(|id| place(*id)), winner);
    }

    #[test]
    fn scottish_stv(election in elections(Paper::Wild)) {
        let json = format!(r#"{{"method":"scottish_stv","seats":{},"ties":"lot","equal_ranks":"allow","gaps":"allow"}}"#, election.seats);
        let report = election.count(rule(&json));
        prop_assume!(election.valid() > 0);
        let (stages, mut elected) = naive_stv(&election, SCOTTISH);
        elected.sort_unstable();
        prop_assert_eq!(by_place(&report, election.candidates), stages);
        prop_assert_eq!(places(&report.elected), elected);
    }

    #[test]
    fn wigm_prf(election in elections(Paper::Wild)) {
        let json = format!(r#"{{"method":"wigm","seats":{},"ties":"lot","equal_ranks":"allow","gaps":"allow"}}"#, election.seats);
        let report = election.count(rule(&json));
        prop_assume!(election.valid() > 0);
        let (stages, mut elected) = naive_stv(&election, PRF);
        elected.sort_unstable();
        prop_assert_eq!(by_place(&report, election.candidates), stages);
        prop_assert_eq!(places(&report.elected), elected);
    }

    #[test]
    fn wigm_rctab(
        election in elections(Paper::Wild), reading in readings(), all_winners: bool,
        quota in prop::sample::select(vec!["droop", "droop_fraction", "hare"]),
    ) {
        let (terms, mode, seats) = (terms(reading), if all_winners { "all" } else { "one" }, election.seats);
        let json = format!(
            r#"{{"method":"wigm","rule":"rctab","seats":{seats},{terms},"earlier_rounds":false,"mode":"{mode}","quota":"{quota}"}}"#
        );
        let report = election.count(rule(&json));
        prop_assume!(election.valid() > 0);
        let (rounds, mut elected) = naive_rctab(&election, reading, quota, all_winners, 10_000);
        elected.sort_unstable();
        prop_assert_eq!(by_place(&report, election.candidates), rounds);
        prop_assert_eq!(places(&report.elected), elected);
    }
}
