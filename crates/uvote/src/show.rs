//! A count as JSON for programs, and as a table of rounds for people.

use std::fmt::Write as _;

use counting::{CandidateId, Report, Rule, Step, StepKind, TieBroken, TieOver, TieReport, Verdict};
use serde_json::{Map, Value, json};

/// The names of the candidates, whose numbers are their places from 1.
pub(crate) struct Names {
    pub(crate) candidates: Vec<String>,
}

impl Names {
    fn of(&self, id: CandidateId) -> &str {
        usize::try_from(id - 1).ok().and_then(|place| self.candidates.get(place)).map_or("?", String::as_str)
    }

    fn all(&self, ids: &[CandidateId]) -> Vec<&str> {
        ids.iter().map(|id| self.of(*id)).collect()
    }

    fn list(&self, ids: &[CandidateId]) -> String {
        self.all(ids).join(", ")
    }
}

pub(crate) fn as_json(rule: &Rule, names: &Names, report: &Report) -> String {
    let rounds = report.steps.iter().filter(|step| step.kind != StepKind::Order).map(|step| round(names, step));
    let mut told = json!({
        "method": rule.method(),
        "rule": rule,
        "ballots": { "valid": report.valid, "blank": report.blank, "invalid": report.invalid, "invalid_by_reason": report.invalid_ballots },
        "verdict": report.verdict,
        "elected": names.all(&report.elected),
        "tied": report.tied.as_ref().map(|tied| names.all(&tied.candidates)).unwrap_or_default(),
        "vacant": report.vacant,
        "rounds": rounds.collect::<Vec<_>>(),
    });
    if let Some(ranking) = &report.ranking {
        told["ranking"] = json!(ranking.iter().map(|level| names.all(level)).collect::<Vec<_>>());
        told["ties"] = json!(report.steps.iter().flat_map(|step| &step.ties).map(|tie| tie_json(names, tie)).collect::<Vec<_>>());
    }
    if !report.pairs.is_empty() {
        let pair = |pair: &counting::PairLine| json!([names.of(pair.a), names.of(pair.b), pair.a_over_b, pair.b_over_a]);
        told["pairs"] = json!(report.pairs.iter().map(pair).collect::<Vec<_>>());
    }
    if let Some(motion) = &report.motion {
        told["motion"] = json!(motion);
    }
    if let Some(quorum) = &report.quorum {
        told["quorum"] = json!(quorum);
    }
    let mut text = serde_json::to_string_pretty(&told).unwrap_or_default();
    text.push('\n');
    text
}

fn round(names: &Names, step: &Step) -> Value {
    let by_name = |lines: &mut dyn Iterator<Item = (CandidateId, &String)>| {
        lines.map(|(id, text)| (names.of(id).to_owned(), json!(text))).collect::<Map<_, _>>()
    };
    let mut told = json!({
        "tallies": by_name(&mut step.tallies.iter().map(|line| (line.candidate, &line.votes))),
        "elected": names.all(&step.elected),
        "eliminated": names.all(&step.eliminated),
        "transfers": step.transfers.iter().map(|moved| json!({
            "from": names.of(moved.from),
            "to": moved.to.map(|to| names.of(to)),
            "votes": moved.votes,
        })).collect::<Vec<_>>(),
    });
    for (key, value) in [("exhausted", &step.exhausted), ("lost", &step.lost), ("quota", &step.quota)] {
        if let Some(value) = value {
            told[key] = json!(value);
        }
    }
    match names.all(&step.surplus_of).as_slice() {
        [] => {}
        [only] => told["surplus_of"] = json!(only),
        several => told["surplus_of"] = json!(several),
    }
    if !step.keep_factors.is_empty() {
        told["keep_factors"] = Value::Object(by_name(&mut step.keep_factors.iter().map(|line| (line.candidate, &line.factor))));
    }
    if !step.ties.is_empty() {
        told["ties"] = json!(step.ties.iter().map(|tie| tie_json(names, tie)).collect::<Vec<_>>());
    }
    told
}

fn tie_json(names: &Names, tie: &TieReport) -> Value {
    json!({
        "over": tie.over,
        "between": names.all(&tie.between),
        "by": tie.by,
        "chosen": names.all(&tie.chosen),
        "lots": tie.lots.iter().map(|drawn| names.of(drawn.candidate)).collect::<Vec<_>>(),
    })
}

/// So many characters a line of the table has at the most.
const WIDTH: usize = 118;

pub(crate) fn as_table(rule: &Rule, names: &Names, report: &Report) -> String {
    let mut text = String::new();
    let ballots = report.valid + report.blank + report.invalid;
    let _ = writeln!(
        text,
        "{} - {ballots} ballots: {} valid, {} blank, {} invalid",
        rule.method(),
        report.valid,
        report.blank,
        report.invalid
    );
    for faulty in &report.invalid_ballots {
        let _ = writeln!(text, "  invalid, {}: {}", faulty.reason.code(), faulty.ballots);
    }
    text.push('\n');
    let rounds: Vec<&Step> = report.steps.iter().filter(|step| step.kind != StepKind::Order).collect();
    rounds_table(&mut text, names, report, &rounds);
    pairs_table(&mut text, names, report);
    for (number, step) in report.steps.iter().enumerate() {
        events(&mut text, names, step, (!rounds.is_empty()).then_some(number + 1));
    }
    text.push('\n');
    summary(&mut text, names, report);
    text
}

/// Rounds side by side, as many as fit, as in published reports.
fn rounds_table(text: &mut String, names: &Names, report: &Report, rounds: &[&Step]) {
    let label = names.candidates.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("Exhausted".len());
    let longest =
        |step: &&Step| step.tallies.iter().map(|line| line.votes.len()).chain(step.exhausted.iter().map(String::len)).max();
    let column = rounds.iter().filter_map(longest).max().unwrap_or(0).max("Round 10".len()) + 2;
    let fit = (WIDTH.saturating_sub(label) / column).max(1);
    for (part, some) in rounds.chunks(fit).enumerate() {
        let mut row = |name: &str, cells: Vec<String>| {
            let padding = " ".repeat(label.saturating_sub(name.chars().count()));
            let cells = cells.iter().fold(String::new(), |line, cell| format!("{line}{cell:>column$}"));
            let _ = writeln!(text, "{}", format!("{name}{padding}{cells}").trim_end());
        };
        row("", some.iter().enumerate().map(|(place, _)| format!("Round {}", part * fit + place + 1)).collect());
        for line in &report.candidates {
            let votes = |step: &&Step| {
                step.tallies.iter().find(|tally| tally.candidate == line.candidate).map(|tally| tally.votes.clone())
            };
            if rounds.iter().any(|step| votes(step).is_some()) {
                row(names.of(line.candidate), some.iter().map(|step| votes(step).unwrap_or_default()).collect());
            }
        }
        for name in ["Exhausted", "Lost", "Quota"] {
            let of = |step: &&Step| match name {
                "Exhausted" => step.exhausted.clone(),
                "Lost" => step.lost.clone(),
                _ => step.quota.clone(),
            };
            if some.iter().any(|step| of(step).is_some()) {
                row(name, some.iter().map(|step| of(step).unwrap_or_default()).collect());
            }
        }
        text.push('\n');
    }
}

fn pairs_table(text: &mut String, names: &Names, report: &Report) {
    for pair in &report.pairs {
        let _ = writeln!(text, "{} : {} = {} : {}", names.of(pair.a), names.of(pair.b), pair.a_over_b, pair.b_over_a);
    }
    if !report.pairs.is_empty() {
        text.push('\n');
    }
}

fn events(text: &mut String, names: &Names, step: &Step, number: Option<usize>) {
    let mut told: Vec<String> = step.ties.iter().map(|tie| tie_words(names, tie)).collect();
    if !step.elected.is_empty() {
        told.push(format!("elected: {}", names.list(&step.elected)));
    }
    if !step.eliminated.is_empty() {
        told.push(format!("eliminated: {}", names.list(&step.eliminated)));
    }
    if !step.surplus_of.is_empty() {
        told.push(format!("surplus moved from: {}", names.list(&step.surplus_of)));
    }
    for moved in &step.transfers {
        let to = moved.to.map_or("nobody", |to| names.of(to));
        told.push(format!("  {} from {} to {to}", moved.votes, names.of(moved.from)));
    }
    for line in told {
        let _ = match number {
            Some(number) => writeln!(text, "Round {number}: {line}"),
            None => writeln!(text, "{line}"),
        };
    }
}

fn tie_words(names: &Names, tie: &TieReport) -> String {
    let over = match tie.over {
        TieOver::Seat => "a seat",
        TieOver::Elimination => "elimination",
        TieOver::Surplus => "whose surplus moves first",
        TieOver::RunOffPlace => "a place in the run-off",
        TieOver::Pair => "which pair is locked first",
    };
    let by = match tie.by {
        TieBroken::EarlierRound { round } => format!("the votes in round {round} decide"),
        TieBroken::HeadToHead => "compared head to head".to_owned(),
        TieBroken::HigherTotal => "the higher total decides".to_owned(),
        TieBroken::MostTopScores => "the most top scores decide".to_owned(),
        TieBroken::Lot => {
            let order: Vec<&str> = tie.lots.iter().map(|drawn| names.of(drawn.candidate)).collect();
            format!("by lot, in the order {}", order.join(", "))
        }
        TieBroken::SameEitherWay => "every way to resolve it elects the same people".to_owned(),
        TieBroken::Declared => "open, and declared".to_owned(),
    };
    let chosen = if tie.chosen.is_empty() { String::new() } else { format!("; chosen: {}", names.list(&tie.chosen)) };
    format!("tie for {over} between {} - {by}{chosen}", names.list(&tie.between))
}

fn summary(text: &mut String, names: &Names, report: &Report) {
    if let Some(ranking) = &report.ranking {
        for (place, level) in ranking.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", place + 1, names.list(level));
        }
    }
    if let Some(motion) = &report.motion {
        let word = if motion.passed { "passed" } else { "not passed" };
        let _ = writeln!(
            text,
            "The motion is {word}: {} yes, {} no, {} abstain; {} needed",
            motion.yes, motion.no, motion.abstain, motion.needed
        );
        return;
    }
    let _ = match report.verdict {
        Verdict::Complete | Verdict::Tied => Ok(()),
        Verdict::NotQuorate => writeln!(text, "Not quorate: nobody is elected"),
        Verdict::MajorityNotReached => writeln!(text, "The required majority is not reached: nobody is elected"),
        Verdict::NoValidBallots => writeln!(text, "No valid ballots: nobody is elected"),
    };
    let elected = if report.elected.is_empty() { "nobody".to_owned() } else { names.list(&report.elected) };
    let _ = writeln!(text, "Elected: {elected}");
    if let Some(tied) = &report.tied {
        let _ = writeln!(text, "Tied: {} (seats open: {})", names.list(&tied.candidates), tied.seats);
    }
    if report.vacant > 0 {
        let _ = writeln!(text, "Vacant seats: {}", report.vacant);
    }
}
