//! How long a count of 1,000,000 ballots takes: `cargo bench -p counting`. Almost every ranked ballot is another one, which is the hardest case,
//! since equal ballots are grouped. Prints the seconds that it took, and those of one processor's work: the second number is the one to compare
//! where other programs run beside it. A word behind `--` picks the counts whose name begins with it.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark")]

use std::time::Instant;

use counting::{Ballot, Candidate, Contest, Lots, Rule, Seed, Tabulation};

const BALLOTS: usize = 1_000_000;

/// A small generator, always with the same numbers (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % bound
    }
}

/// Full rankings in which earlier candidates are liked better, and everybody has another taste.
fn ranks(numbers: &mut Numbers, ballot: &mut [u16]) {
    let candidates = ballot.len();
    let mut order: Vec<usize> = (0..candidates).collect();
    for place in 0..candidates {
        let other = place + numbers.below(candidates - place).min(numbers.below(candidates - place));
        order.swap(place, other);
    }
    for (candidate, rank) in order.into_iter().zip(1..) {
        ballot[candidate] = rank;
    }
}

/// Nanoseconds that a processor has worked on this thread; Linux tells it.
fn worked() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

fn time(name: &str, candidates: usize, limit: f64, rule: &str, mut fill: impl FnMut(&mut Numbers, &mut [u16])) {
    let picked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if !picked.is_empty() && !picked.iter().any(|word| name.starts_with(word)) {
        return;
    }
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut ballots = vec![0_u16; BALLOTS * candidates];
    ballots.chunks_mut(candidates).for_each(|ballot| fill(&mut numbers, ballot));
    let rule: Rule = serde_json::from_str(rule).unwrap();
    let candidates_listed = (1..).take(candidates).map(Candidate::new).collect();
    let contest = Contest { rule, candidates: candidates_listed, lots: Lots::Seed(Seed([7; 32])), roll: None };
    let (begun, at_work) = (Instant::now(), worked());
    let mut count = Tabulation::begin(contest).unwrap();
    for ballot in ballots.chunks(candidates) {
        count.add(Ballot::Numbers(ballot), 1).unwrap();
    }
    let added = worked() - at_work;
    let report = count.finish().unwrap();
    let (all, work) = (begun.elapsed().as_secs_f64(), worked() - at_work);
    let (steps, elected) = (report.steps.len(), report.elected.len());
    println!(
        "{name:<20} {candidates:>3} candidates: {all:>6.2} s, work {work:>5.2} s of {limit:>4} s (adding {added:.2} s), {steps} rounds, {elected} elected"
    );
}

fn main() {
    let one_mark = |numbers: &mut Numbers, ballot: &mut [u16]| {
        ballot.fill(0);
        let marked = numbers.below(ballot.len());
        ballot[marked] = 1;
    };
    let scores = |numbers: &mut Numbers, ballot: &mut [u16]| {
        ballot.iter_mut().for_each(|number| *number = u16::try_from(numbers.below(7)).unwrap());
    };
    time("plurality", 20, 0.5, r#"{"method":"plurality"}"#, one_mark);
    time("approval", 20, 0.5, r#"{"method":"approval"}"#, |numbers, ballot| {
        ballot.iter_mut().for_each(|number| *number = u16::try_from(numbers.below(2)).unwrap());
    });
    time("score", 20, 5.0, r#"{"method":"score"}"#, scores);
    time("star", 20, 5.0, r#"{"method":"star"}"#, scores);
    time("borda", 20, 5.0, r#"{"method":"borda"}"#, ranks);
    time("irv", 20, 5.0, r#"{"method":"irv"}"#, ranks);
    time("wigm prf", 20, 5.0, r#"{"method":"wigm","seats":6}"#, ranks);
    time("wigm rctab", 20, 5.0, r#"{"method":"wigm","rule":"rctab","seats":6}"#, ranks);
    time("scottish_stv", 20, 5.0, r#"{"method":"scottish_stv","seats":6}"#, ranks);
    time("meek_stv", 20, 10.0, r#"{"method":"meek_stv","seats":6}"#, ranks);
    time("meek_stv, ten seats", 20, 10.0, r#"{"method":"meek_stv","seats":10}"#, ranks);
    time("schulze", 50, 5.0, r#"{"method":"schulze"}"#, ranks);
    time("ranked_pairs", 50, 5.0, r#"{"method":"ranked_pairs"}"#, ranks);
}
