//! A count as JSON for programs, and as a table of rounds for people.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use counting::{CandidateId, LockLine, Report, Rule, Step, StepKind, TieReport};
use domain::count_sentences::{self, Names as _};
use messages::{Language, Message, say};
use serde_json::{Map, Value, json};

/// The names of the candidates, whose numbers are their places from 1.
pub(crate) struct Names {
    pub(crate) candidates: Vec<String>,
}

impl count_sentences::Names for Names {
    fn of(&self, id: CandidateId) -> &str {
        usize::try_from(id - 1).ok().and_then(|place| self.candidates.get(place)).map_or("?", String::as_str)
    }
}

impl Names {
    fn all(&self, ids: &[CandidateId]) -> Vec<&str> {
        ids.iter().map(|id| self.of(*id)).collect()
    }
}

/// A text for a terminal: a file must not move its cursor, change its colours or turn what is written around.
pub(crate) fn plain(text: &str) -> String {
    let turns = |letter| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|letter| if letter.is_control() || turns(letter) { '\u{fffd}' } else { letter }).collect()
}

pub(crate) fn as_json(rule: &Rule, names: &Names, report: &Report) -> String {
    let rounds = report.steps.iter().filter(|step| step.kind != StepKind::Order).map(|step| round(rule, names, report, step));
    let mut told = json!({
        "method": rule.method(),
        "rule": rule,
        "ballots": { "valid": report.valid, "blank": report.blank, "invalid": report.invalid, "invalid_by_reason": report.invalid_ballots },
        "verdict": report.verdict,
        "elected": names.all(&report.elected),
        "tied": report.tied.as_ref().map(|tied| names.all(&tied.candidates)).unwrap_or_default(),
        "vacant": report.vacant,
        "vacant_because": report.vacant_because,
        "unsupported": names.all(&report.unsupported),
        "without_effect": report.without_effect,
        "rounds": rounds.collect::<Vec<_>>(),
    });
    if let Some(ranking) = &report.ranking {
        told["ranking"] = json!(ranking.iter().map(|level| names.all(level)).collect::<Vec<_>>());
        told["ties"] =
            json!(report.steps.iter().flat_map(|step| &step.ties).map(|tie| tie_json(names, report, tie)).collect::<Vec<_>>());
    }
    if !report.pairs.is_empty() {
        let pair = |pair: &counting::PairLine| json!([names.of(pair.a), names.of(pair.b), pair.a_over_b, pair.b_over_a]);
        told["pairs"] = json!(report.pairs.iter().map(pair).collect::<Vec<_>>());
    }
    for step in &report.steps {
        if let Some(paths) = &step.paths {
            told["paths"] = json!({ "candidates": names.all(&paths.candidates), "strengths": paths.strengths });
        }
        if !step.locks.is_empty() {
            let lock = |lock: &LockLine| {
                let (winner, loser) = (names.of(lock.winner), names.of(lock.loser));
                json!({ "winner": winner, "loser": loser, "votes": lock.votes, "against": lock.against, "locked": lock.locked })
            };
            told["locks"] = json!(step.locks.iter().map(lock).collect::<Vec<_>>());
        }
    }
    if let Some(motion) = &report.motion {
        told["motion"] = json!(motion);
    }
    if let Some(quorum) = &report.quorum {
        told["quorum"] = json!(quorum);
    }
    let text = serde_json::to_string_pretty(&told).unwrap_or_default();
    // JSON escapes control characters below a space only; these others stand only inside of strings.
    let mut escaped = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        match letter {
            '\u{7f}'..='\u{9f}' => drop(write!(escaped, "\\u{:04x}", u32::from(letter))),
            _ => escaped.push(letter),
        }
    }
    escaped.push('\n');
    escaped
}

fn round(rule: &Rule, names: &Names, report: &Report, step: &Step) -> Value {
    let by_name = |lines: &mut dyn Iterator<Item = (CandidateId, &String)>| {
        lines.map(|(id, text)| (names.of(id).to_owned(), json!(text))).collect::<Map<_, _>>()
    };
    // A report leaves out who has no votes. Here all who stood are in every round, as in published counts, but for IRV only those still in.
    let nothing = step
        .exhausted
        .as_deref()
        .and_then(|votes| votes.split_once('.'))
        .map_or(String::from("0"), |(_, part)| format!("0.{}", "0".repeat(part.len())));
    let before = report.steps.iter().take_while(|earlier| !std::ptr::eq(*earlier, step));
    let gone: BTreeSet<CandidateId> =
        before.filter(|_| rule.method() == "irv").flat_map(|step| &step.eliminated).copied().collect();
    let stood = report.steps.first().into_iter().filter(|_| step.kind == StepKind::Round).flat_map(|first| &first.tallies);
    let left = stood.map(|line| line.candidate).filter(|id| !gone.contains(id));
    let mut tallies = by_name(&mut left.map(|id| (id, &nothing)));
    tallies.extend(by_name(&mut step.tallies.iter().map(|line| (line.candidate, &line.votes))));
    let mut told = json!({
        "tallies": tallies,
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
        told["ties"] = json!(step.ties.iter().map(|tie| tie_json(names, report, tie)).collect::<Vec<_>>());
    }
    told
}

fn tie_json(names: &Names, report: &Report, tie: &TieReport) -> Value {
    json!({
        "over": tie.over,
        "between": names.all(&tie.between),
        "by": tie.by,
        "chosen": names.all(&tie.chosen),
        "lots": count_sentences::lots(report, tie).map(|id| names.of(id)).collect::<Vec<_>>(),
        "pairs": tie.pairs.iter().map(|pair| [names.of(pair.winner), names.of(pair.loser)]).collect::<Vec<_>>(),
    })
}

/// So many characters a line of the table has at the most.
const WIDTH: usize = 118;

pub(crate) fn as_table(rule: &Rule, names: &Names, report: &Report) -> String {
    let names = &Names { candidates: names.candidates.iter().map(|name| plain(name)).collect() };
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
    for step in &report.steps {
        paths_table(&mut text, names, step);
    }
    for (number, step) in report.steps.iter().enumerate() {
        events(&mut text, names, report, step, (!rounds.is_empty()).then_some(number + 1));
    }
    text.push('\n');
    summary(&mut text, names, rule, report);
    text
}

fn english(message: &Message) -> String {
    message.text(Language::English)
}

/// A name and cells to the right of it.
fn row(text: &mut String, label: usize, column: usize, name: &str, cells: &[String]) {
    let padding = " ".repeat(label.saturating_sub(name.chars().count()));
    let cells = cells.iter().fold(String::new(), |line, cell| format!("{line}{cell:>column$}"));
    let _ = writeln!(text, "{}", format!("{name}{padding}{cells}").trim_end());
}

/// Rounds side by side, as many as fit, as in published reports. An empty cell is no votes.
fn rounds_table(text: &mut String, names: &Names, report: &Report, rounds: &[&Step]) {
    let others = [english(&say!(story_exhausted)), english(&say!(story_lost_by_rounding)), english(&say!(story_needed))];
    let label = names.candidates.iter().chain(&others).map(|name| name.chars().count()).max().unwrap_or(0);
    let longest =
        |step: &&Step| step.tallies.iter().map(|line| line.votes.len()).chain(step.exhausted.iter().map(String::len)).max();
    let column = rounds.iter().filter_map(longest).max().unwrap_or(0).max("Round 10".len()) + 2;
    let fit = (WIDTH.saturating_sub(label) / column).max(1);
    let votes: Vec<HashMap<CandidateId, &str>> =
        rounds.iter().map(|step| step.tallies.iter().map(|line| (line.candidate, line.votes.as_str())).collect()).collect();
    for (part, some) in rounds.chunks(fit).enumerate() {
        let heads: Vec<String> =
            (0..some.len()).map(|place| english(&say!(story_round, number = part * fit + place + 1))).collect();
        row(text, label, column, "", &heads);
        let of = votes.iter().skip(part * fit).take(some.len());
        for line in report.candidates.iter().filter(|line| votes.iter().any(|votes| votes.contains_key(&line.candidate))) {
            let cells: Vec<String> =
                of.clone().map(|votes| votes.get(&line.candidate).copied().unwrap_or_default().to_owned()).collect();
            row(text, label, column, names.of(line.candidate), &cells);
        }
        let cells: [fn(&Step) -> &Option<String>; 3] = [|step| &step.exhausted, |step| &step.lost, |step| &step.quota];
        for (name, cell) in others.iter().zip(cells) {
            if some.iter().any(|step| cell(step).is_some()) {
                row(
                    text,
                    label,
                    column,
                    name,
                    &some.iter().map(|step| cell(step).clone().unwrap_or_default()).collect::<Vec<_>>(),
                );
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

/// The strongest paths, from the candidate of a row to that of a column. Columns have the numbers of the rows, since names are long.
fn paths_table(text: &mut String, names: &Names, step: &Step) {
    let Some(paths) = &step.paths else { return };
    let number = |place: usize| format!("{}. ", place + 1);
    let named: Vec<String> =
        paths.candidates.iter().enumerate().map(|(place, id)| format!("{}{}", number(place), names.of(*id))).collect();
    let label = named.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let longest = paths.strengths.iter().flatten().max().map_or(0, |strength| strength.to_string().len());
    let column = longest.max(named.len().to_string().len() + 1) + 2;
    let _ = writeln!(text, "Strongest paths, from the candidate of the row to that of the column");
    let heads: Vec<String> = (0..named.len()).map(|place| number(place).trim_end().to_owned()).collect();
    row(text, label, column, "", &heads);
    for (place, (name, strengths)) in named.iter().zip(&paths.strengths).enumerate() {
        let cell = |(to, strength): (usize, &u64)| if to == place { "-".to_owned() } else { strength.to_string() };
        row(text, label, column, name, &strengths.iter().enumerate().map(cell).collect::<Vec<_>>());
    }
    text.push('\n');
}

fn events(text: &mut String, names: &Names, report: &Report, step: &Step, number: Option<usize>) {
    let mut told: Vec<Message> = step.locks.iter().map(|lock| count_sentences::lock(lock, names)).collect();
    told.extend(step.ties.iter().map(|tie| count_sentences::tie(tie, report, names)));
    told.extend(count_sentences::decisions(step, names));
    for what in told {
        let line = match number {
            Some(number) => say!(story_in_round, round = say!(story_round, number = number), what = what),
            None => what,
        };
        let _ = writeln!(text, "{}", english(&line));
    }
}

fn summary(text: &mut String, names: &Names, rule: &Rule, report: &Report) {
    for (place, level) in report.ranking.iter().flatten().enumerate() {
        let _ = writeln!(text, "{}. {}", place + 1, names.list(level));
    }
    for message in count_sentences::outcome(rule, report, names, None) {
        let _ = writeln!(text, "{}", english(&message));
    }
}
