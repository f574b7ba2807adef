//! What holds for every count, or for every count of a method, whatever the ballots.

use std::collections::BTreeSet;

use counting::{Ballot, Lots, Report, Tabulation, TieBroken, TieOver, Verdict};
use proptest::prelude::*;

use crate::elections::{Election, Paper, cases, elections, id, place, places, ranking, rule, web_rule};

const RANKED: [&str; 9] = [
    r#"{"method":"irv","equal_ranks":"allow","gaps":"allow","#,
    r#"{"method":"irv","equal_ranks":"allow","gaps":"allow","batch":true,"until_two":true,"overvote":"exhaust_if_multiple_continuing","#,
    r#"{"method":"wigm","equal_ranks":"allow","gaps":"allow","#,
    r#"{"method":"wigm","rule":"rctab","equal_ranks":"allow","gaps":"allow","overvote":"skip","#,
    r#"{"method":"scottish_stv","equal_ranks":"allow","gaps":"allow","#,
    r#"{"method":"meek_stv","equal_ranks":"allow","gaps":"allow","#,
    r#"{"method":"schulze","#,
    r#"{"method":"ranked_pairs","#,
    r#"{"method":"borda","#,
];

fn json(which: usize, election: &Election, ties: &str) -> String {
    let seats = if RANKED[which].contains("irv") { String::new() } else { format!(r#","seats":{}"#, election.seats) };
    format!(r#"{}"ties":"{ties}"{seats}}}"#, RANKED[which])
}

fn units(text: &str) -> u128 {
    text.replace('.', "").parse().unwrap()
}

/// All orders of a lot.
fn lots(candidates: usize) -> Vec<Vec<usize>> {
    if candidates == 0 {
        return vec![vec![]];
    }
    let mut all = vec![];
    for shorter in lots(candidates - 1) {
        for at in 0..candidates {
            let mut longer = shorter.clone();
            longer.insert(at, candidates - 1);
            all.push(longer);
        }
    }
    all
}

fn every_ballot_is_accounted_for(report: &Report, ballots: u64) {
    assert_eq!(report.valid + report.blank + report.invalid, ballots);
    for step in &report.steps {
        let (Some(exhausted), lost) = (&step.exhausted, step.lost.as_ref().map_or(0, |lost| units(lost))) else { continue };
        let decimals = exhausted.split_once('.').map_or(0, |(_, part)| part.len());
        let tallies: u128 = step.tallies.iter().map(|line| units(&line.votes)).sum();
        assert_eq!(tallies + units(exhausted) + lost, u128::from(report.valid) * 10_u128.pow(decimals as u32));
    }
}

fn transfers_lead_to_the_next_round(report: &Report) {
    for (step, next) in report.steps.iter().zip(report.steps.iter().skip(1)).filter(|(step, _)| !step.transfers.is_empty()) {
        for line in &next.tallies {
            let before = step.tallies.iter().find(|old| old.candidate == line.candidate).map_or(0, |old| units(&old.votes));
            let to: u128 =
                step.transfers.iter().filter(|moved| moved.to == Some(line.candidate)).map(|moved| units(&moved.votes)).sum();
            let gives = step.transfers.iter().any(|moved| moved.from == line.candidate);
            assert!(gives || before + to == units(&line.votes), "{step:?} {next:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn no_ballot_and_no_seat_is_lost(election in elections(Paper::Wild), which in 0..RANKED.len(), declare: bool) {
        let report = election.count(rule(&json(which, &election, if declare { "declare" } else { "lot" })));
        every_ballot_is_accounted_for(&report, election.ballots.len() as u64);
        transfers_lead_to_the_next_round(&report);
        let seats = if RANKED[which].contains("irv") { 1 } else { election.seats };
        let tied = report.tied.as_ref().map_or(0, |tied| tied.seats);
        prop_assert_eq!(report.elected.len() as u32 + report.vacant + tied, seats);
        let distinct: BTreeSet<i64> = report.elected.iter().copied().collect();
        prop_assert_eq!(distinct.len(), report.elected.len());
        prop_assert!(report.elected.iter().all(|id| !election.withdrawn[place(*id)]));
        let standing = election.standing().len();
        if report.verdict == Verdict::Complete && !RANKED[which].contains("borda") {
            prop_assert_eq!(report.elected.len(), standing.min(seats as usize));
        }
    }

    #[test]
    fn the_order_of_ballots_and_of_candidates_decides_nothing(
        election in elections(Paper::Wild), which in 0..RANKED.len(), declare: bool, seed: u8, turn in 0..5_usize,
    ) {
        let rule = rule(&json(which, &election, if declare { "declare" } else { "lot" }));
        let straight = election.count_seeded(rule.clone(), seed);
        let mut contest = election.contest(rule, Lots::Seed(counting::Seed([seed; 32])));
        contest.candidates.rotate_left(turn % election.candidates);
        let moved = |place: usize| (place + election.candidates - turn % election.candidates) % election.candidates;
        let mut count = Tabulation::begin(contest).unwrap();
        for ballot in election.ballots.iter().rev() {
            let renamed = ballot.iter().map(|rank| rank.iter().rev().map(|place| moved(*place)).collect()).collect();
            count.add(Ballot::Ranking(&ranking(&renamed)), 1).unwrap();
        }
        let turned = count.finish().unwrap();
        let told = |report: &Report| {
            let tied = report.tied.as_ref().map(|tied| (places(&tied.candidates), tied.seats));
            let ranking = report.ranking.clone().map(|levels| levels.iter().map(|level| places(level)).collect::<Vec<_>>());
            (places(&report.elected), tied, ranking, report.verdict)
        };
        prop_assert_eq!(told(&straight), told(&turned));
    }

    #[test]
    fn a_count_goes_on_past_a_tie_only_if_every_lot_elects_the_same(election in elections(Paper::Wild), which in 0..RANKED.len()) {
        let declared = election.count(rule(&json(which, &election, "declare")));
        let passed = declared.steps.iter().flat_map(|step| &step.ties).any(|tie| tie.by == TieBroken::SameEitherWay);
        if declared.verdict != Verdict::Complete {
            prop_assert!(declared.tied.as_ref().is_none_or(|tied| tied.candidates.len() > 1 && tied.seats > 0));
            return Ok(());
        }
        let drawn = rule(&json(which, &election, "lot"));
        for lot in lots(election.candidates) {
            let by_lot = Election { lot, ..election.clone() }.count(drawn.clone());
            prop_assert_eq!(places(&by_lot.elected), places(&declared.elected), "passed over a tie: {}", passed);
        }
    }

    #[test]
    fn a_tie_that_is_declared_can_end_in_two_ways(election in elections(Paper::Plain), which in 0..6_usize) {
        let declared = election.count(rule(&json(which, &election, "declare")));
        if declared.verdict != Verdict::Tied {
            return Ok(());
        }
        // A lot is one order for all ties, so not all ways; but the first tie alone can be drawn both ways.
        let drawn = rule(&json(which, &election, "lot"));
        let elected = lots(election.candidates).into_iter().map(|lot| places(&Election { lot, ..election.clone() }.count(drawn.clone()).elected));
        let outcomes: BTreeSet<Vec<usize>> = elected.collect();
        let sure = places(&declared.elected);
        prop_assert!(outcomes.iter().all(|outcome| sure.iter().all(|candidate| outcome.contains(candidate))));
        prop_assert!(outcomes.len() > 1, "{declared:?}");
    }

    /// In an election of the web a count goes on as if those whom no ballot supports had withdrawn.
    #[test]
    fn nobody_is_elected_whom_no_ballot_supports(election in elections(Paper::Wild), which in 0..RANKED.len(), declare: bool) {
        let json = json(which, &election, if declare { "declare" } else { "lot" });
        let report = election.count(web_rule(&json));
        let is_named = |place: usize| election.ballots.iter().flatten().flatten().any(|named| *named == place);
        prop_assert!(report.elected.iter().all(|id| is_named(place(*id))));
        prop_assert!(report.unsupported.iter().all(|id| !report.elected.contains(id)));
        prop_assert!(report.tied.iter().flat_map(|tied| &tied.candidates).all(|id| !report.unsupported.contains(id)));
        // In a Borda count they still take places.
        if which < 8 {
            let mut without = election.clone();
            report.unsupported.iter().for_each(|id| without.withdrawn[place(*id)] = true);
            let other = without.count(rule(&json));
            let told = |report: &Report| (places(&report.elected), report.tied.as_ref().map(|tied| (places(&tied.candidates), tied.seats)));
            prop_assert_eq!(told(&report), told(&other));
        }
    }

    #[test]
    fn no_pair_is_drawn_for_twice(election in elections(Paper::Wild), which in 0..6_usize, seed: u8) {
        let report = election.count_seeded(rule(&json(which, &election, "lot")), seed);
        let mut above: BTreeSet<(i64, i64)> = BTreeSet::new();
        for tie in report.steps.iter().flat_map(|step| &step.ties).filter(|tie| tie.by == TieBroken::Lot) {
            let lots: Vec<i64> = report.lots.iter().map(|drawn| drawn.candidate).filter(|id| tie.between.contains(id)).collect();
            prop_assert_eq!(lots.len(), tie.between.len(), "everybody in it has a lot");
            for (place, one) in lots.iter().enumerate() {
                above.extend(lots.iter().skip(place + 1).map(|other| (*one, *other)));
            }
            let favoured = if tie.over == TieOver::Elimination { lots.last() } else { lots.first() };
            prop_assert_eq!(&tie.chosen[..], &[*favoured.unwrap()]);
        }
        prop_assert!(above.iter().all(|(a, b)| !above.contains(&(*b, *a))));
    }

    #[test]
    fn whoever_most_voters_put_first_wins_one_seat(election in elections(Paper::Plain), which in 0..8_usize) {
        let election = Election { seats: 1, ..election };
        let stands = |place: &&usize| !election.withdrawn[**place];
        let firsts: Vec<usize> = election.ballots.iter().filter_map(|ballot| ballot.iter().flatten().find(stands).copied()).collect();
        for candidate in election.standing() {
            if firsts.iter().filter(|first| **first == candidate).count() * 2 > firsts.len() {
                let report = election.count(rule(&json(which, &election, "declare")));
                prop_assert_eq!(&report.elected, &[id(candidate)], "{}", RANKED[which]);
            }
        }
    }

    #[test]
    fn whoever_beats_each_other_one_wins(election in elections(Paper::Wild), ranked_pairs: bool) {
        let election = Election { seats: 1, ..election };
        let above = |a: usize, b: usize| {
            let at = |ballot: &Vec<Vec<usize>>, c: usize| ballot.iter().position(|rank| rank.contains(&c)).unwrap_or(usize::MAX);
            election.ballots.iter().filter(|ballot| at(ballot, a) < at(ballot, b)).count()
        };
        let standing = election.standing();
        let winner = standing.iter().find(|a| standing.iter().all(|b| *a == b || above(**a, *b) > above(*b, **a)));
        prop_assume!(winner.is_some() && election.valid() > 0);
        let report = election.count(rule(&json(if ranked_pairs { 7 } else { 6 }, &election, "declare")));
        prop_assert_eq!(report.elected, [id(*winner.unwrap())]);
    }

    #[test]
    fn ranking_the_winner_higher_never_makes_them_lose(election in elections(Paper::Plain), which in 6..9_usize, ballot in any::<prop::sample::Index>()) {
        let election = Election { seats: 1, ..election };
        let rule = rule(&json(which, &election, "lot"));
        let before = election.count(rule.clone());
        prop_assume!(!before.elected.is_empty());
        let winner = place(before.elected[0]);
        let mut raised = election.clone();
        let changed = ballot.get(&(0..election.ballots.len()).collect::<Vec<_>>()).to_owned();
        let ballot = &mut raised.ballots[changed];
        match ballot.iter().position(|rank| rank == &[winner]) {
            Some(at) if at > 0 => ballot.swap(at, at - 1),
            Some(_) => {}
            None => ballot.push(vec![winner]),
        }
        prop_assert_eq!(raised.count(rule).elected, [id(winner)]);
    }

    #[test]
    fn ranks_by_candidate_count_as_the_ranking_they_are(
        ranks in prop::collection::vec(prop::collection::vec(0..7_u16, 4), 1..8), which in 0..RANKED.len(),
    ) {
        let ballots = ranks.iter().map(|ranks| {
            (1..7).map(|rank| (0..4).filter(|candidate| ranks[*candidate] == rank).collect()).collect()
        }).collect();
        let election = Election { candidates: 4, withdrawn: vec![false; 4], ballots, lot: vec![2, 0, 3, 1], seats: 2 };
        let rule = rule(&json(which, &election, "lot"));
        let mut count = Tabulation::begin(election.contest(rule.clone(), election.drawn())).unwrap();
        ranks.iter().for_each(|ranks| count.add(Ballot::Numbers(ranks), 1).unwrap());
        prop_assert_eq!(count.finish().unwrap(), election.count(rule));
    }
}
