//! Meek STV, ballot by ballot.

use proptest::prelude::*;

use crate::elections::{Election, Paper, cases, elections, places, rule, tallies};

const ONE: u128 = 1_000_000_000;

struct Distribution {
    votes: Vec<u128>,
    quota: u128,
}

fn distribute(election: &Election, keep: &[u128]) -> Distribution {
    let mut votes = vec![0_u128; election.candidates];
    for ballot in &election.ballots {
        let (mut weight, mut seen) = (ONE, Vec::new());
        for rank in ballot {
            let [candidate] = rank.as_slice() else { if rank.is_empty() { continue } else { break } };
            if seen.contains(candidate) {
                continue;
            }
            seen.push(*candidate);
            let share = (weight * keep[*candidate]).div_ceil(ONE);
            votes[*candidate] += share;
            weight -= share;
            if weight == 0 {
                break;
            }
        }
    }
    let quota = votes.iter().sum::<u128>() / (u128::from(election.seats) + 1) + 1;
    Distribution { votes, quota }
}

/// Rounds, and who is elected.
fn naive(election: &Election) -> (Vec<Vec<u128>>, Vec<usize>) {
    let mut keep: Vec<u128> = election.withdrawn.iter().map(|withdrawn| if *withdrawn { 0 } else { ONE }).collect();
    let (mut hopeful, mut elected, mut rounds) = (election.standing(), Vec::new(), Vec::new());
    let seats = election.seats as usize;
    loop {
        if elected.len() >= seats || elected.len() + hopeful.len() <= seats {
            if elected.len() < seats {
                elected.extend(&hopeful);
            }
            if rounds.is_empty() {
                rounds.push(distribute(election, &keep).votes);
            }
            return (rounds, elected);
        }
        let mut before = None;
        let (now, surplus, winners) = loop {
            let now = distribute(election, &keep);
            let winners: Vec<usize> = hopeful.iter().filter(|c| now.votes[**c] >= now.quota).copied().collect();
            let all: Vec<usize> = elected.iter().chain(&winners).copied().collect();
            let excess: i128 = all.iter().map(|c| now.votes[*c] as i128 - now.quota as i128).sum();
            let surplus = u128::try_from(excess.max(0)).unwrap();
            if !winners.is_empty() || surplus < 1000 || before.is_some_and(|before| surplus >= before) {
                break (now, surplus, winners);
            }
            before = Some(surplus);
            for winner in &elected {
                keep[*winner] = ((keep[*winner] * now.quota).div_ceil(ONE) * ONE).div_ceil(now.votes[*winner]);
            }
        };
        rounds.push(now.votes.clone());
        hopeful.retain(|candidate| !winners.contains(candidate));
        let somebody = !winners.is_empty();
        elected.extend(winners);
        if somebody {
            continue;
        }
        let lowest = hopeful.iter().map(|candidate| now.votes[*candidate]).min().unwrap();
        let tied: Vec<usize> = hopeful.iter().filter(|c| now.votes[**c] <= lowest + surplus).copied().collect();
        let loser = election.favoured(&tied, false);
        hopeful.retain(|candidate| *candidate != loser);
        keep[loser] = 0;
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn meek_stv(election in elections(Paper::Wild)) {
        let json = format!(r#"{{"method":"meek_stv","seats":{},"ties":"lot","equal_ranks":"allow","gaps":"allow"}}"#, election.seats);
        let report = election.count(rule(&json));
        prop_assume!(election.valid() > 0);
        let (rounds, mut elected) = naive(&election);
        let counted: Vec<Vec<u128>> = tallies(&report)
            .into_iter()
            .map(|lines| {
                let mut votes = vec![0; election.candidates];
                lines.into_iter().for_each(|(place, number)| votes[place] = number);
                votes
            })
            .collect();
        elected.sort_unstable();
        prop_assert_eq!(counted, rounds);
        prop_assert_eq!(places(&report.elected), elected);
    }
}
