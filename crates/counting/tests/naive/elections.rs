//! Small random elections, and the program's count of them.

use counting::{Ballot, Candidate, CandidateId, Contest, Lots, Ranking, Report, Rule, Seed, Standing, Tabulation};
use proptest::prelude::*;

/// From first to last; an empty rank is skipped.
pub(crate) type Ranks = Vec<Vec<usize>>;

#[derive(Debug, Clone)]
pub(crate) struct Election {
    pub(crate) candidates: usize,
    pub(crate) withdrawn: Vec<bool>,
    pub(crate) ballots: Vec<Ranks>,
    /// The favoured one first.
    pub(crate) lot: Vec<usize>,
    pub(crate) seats: u32,
}

/// Not the places, so that a mix-up would show.
pub(crate) fn id(place: usize) -> CandidateId {
    [70, 30, 50, 20, 90, 40][place]
}

pub(crate) fn place(id: CandidateId) -> usize {
    (0..6).find(|place| self::id(*place) == id).unwrap()
}

impl Election {
    pub(crate) fn contest(&self, rule: Rule, lots: Lots) -> Contest {
        let standing = |place: usize| if self.withdrawn[place] { Standing::Withdrawn } else { Standing::Stands };
        let candidates = (0..self.candidates).map(|place| Candidate { id: id(place), standing: standing(place) }).collect();
        Contest { rule, candidates, lots, roll: None }
    }

    pub(crate) fn drawn(&self) -> Lots {
        Lots::Order(self.lot.iter().map(|place| id(*place)).collect())
    }

    pub(crate) fn count_with(&self, rule: Rule, lots: Lots) -> Report {
        let mut count = Tabulation::begin(self.contest(rule, lots)).unwrap();
        for ballot in &self.ballots {
            count.add(Ballot::Ranking(&ranking(ballot)), 1).unwrap();
        }
        count.finish().unwrap()
    }

    /// With ties by the lot of this election.
    pub(crate) fn count(&self, rule: Rule) -> Report {
        self.count_with(rule, self.drawn())
    }

    pub(crate) fn count_seeded(&self, rule: Rule, seed: u8) -> Report {
        self.count_with(rule, Lots::Seed(Seed([seed; 32])))
    }

    pub(crate) fn standing(&self) -> Vec<usize> {
        (0..self.candidates).filter(|place| !self.withdrawn[*place]).collect()
    }

    /// The earliest in the lot, or the latest.
    pub(crate) fn favoured(&self, tied: &[usize], first: bool) -> usize {
        let mut order = self.lot.iter().filter(|place| tied.contains(place));
        if first { *order.next().unwrap() } else { *order.next_back().unwrap() }
    }

    /// Whether a ballot is not blank.
    pub(crate) fn valid(&self) -> usize {
        self.ballots.iter().filter(|ballot| ballot.iter().any(|rank| !rank.is_empty())).count()
    }
}

pub(crate) fn ranking(ranks: &Ranks) -> Ranking {
    let mut ranking = Ranking::new();
    for rank in ranks {
        match rank.split_first() {
            None => ranking.skip(),
            Some((first, others)) => {
                ranking.next(*first).unwrap();
                others.iter().for_each(|other| ranking.same(*other).unwrap());
            }
        }
    }
    ranking
}

/// What may stand on the ballots of an election.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paper {
    /// Each candidate at most once, no gaps, no equal ranks.
    Plain,
    /// Everything.
    Wild,
}

fn ballot(candidates: usize, paper: Paper) -> BoxedStrategy<Ranks> {
    let order = Just((0..candidates).collect::<Vec<_>>()).prop_shuffle();
    let plain = (order, 0..=candidates).prop_map(|(order, length)| order[..length].iter().map(|place| vec![*place]).collect());
    let rank = prop_oneof![
        5 => (0..candidates).prop_map(|place| vec![place]),
        1 => Just(vec![]),
        1 => Just((0..candidates).collect::<Vec<_>>()).prop_shuffle().prop_map(|order| order.into_iter().take(2).collect()),
    ];
    match paper {
        Paper::Plain => plain.boxed(),
        Paper::Wild => prop_oneof![1 => plain, 1 => prop::collection::vec(rank, 0..6)].boxed(),
    }
}

/// Few candidates and few different ballots, so that ties are usual.
pub(crate) fn elections(paper: Paper) -> impl Strategy<Value = Election> {
    (2..=5_usize).prop_flat_map(move |candidates| {
        let withdrawn =
            prop_oneof![3 => Just(vec![false; candidates]), 1 => prop::collection::vec(prop::bool::weighted(0.2), candidates)];
        let kinds = prop::collection::vec((ballot(candidates, paper), 1..=4_usize), 1..=7);
        let lot = Just((0..candidates).collect::<Vec<_>>()).prop_shuffle();
        (withdrawn, kinds, lot, 1..=4_u32).prop_map(move |(withdrawn, kinds, lot, seats)| {
            let ballots = kinds.into_iter().flat_map(|(ballot, times)| vec![ballot; times]).collect();
            Election { candidates, withdrawn, ballots, lot, seats }
        })
    })
}

/// As the text of the method has it: it fills every seat.
pub(crate) fn rule(json: &str) -> Rule {
    serde_json::from_str(&json.replacen('{', r#"{"unsupported":"as_counted","#, 1)).unwrap()
}

/// As in an election of the web: nobody is elected whom no ballot supports.
pub(crate) fn web_rule(json: &str) -> Rule {
    serde_json::from_str(json).unwrap()
}

/// Rounds as a report lists them: the first one whole, later ones without those who have no votes.
pub(crate) fn listed(mut rounds: Vec<Vec<(usize, u128)>>) -> Vec<Vec<(usize, u128)>> {
    rounds.iter_mut().skip(1).for_each(|round| round.retain(|(_, votes)| *votes > 0));
    rounds
}

/// The votes of each step by place, in units of the last decimal.
pub(crate) fn tallies(report: &Report) -> Vec<Vec<(usize, u128)>> {
    let units = |text: &str| text.replace('.', "").parse::<u128>().unwrap();
    let line = |line: &counting::TallyLine| (place(line.candidate), units(&line.votes));
    report.steps.iter().map(|step| step.tallies.iter().map(line).collect()).collect()
}

pub(crate) fn places(ids: &[CandidateId]) -> Vec<usize> {
    let mut places: Vec<usize> = ids.iter().map(|id| place(*id)).collect();
    places.sort_unstable();
    places
}

pub(crate) fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { cases: number, max_global_rejects: 100_000, failure_persistence: None, ..ProptestConfig::default() }
}
