//! The count of a contest as a page tells it: who is elected and by what, and the rounds as a table. Drawn from the report alone.

use std::collections::HashMap;

use contract::results::ContestResult;
use counting::{CandidateId, Family, Report, Step, StepKind};
use domain::count_sentences::{self, Names as _};
use domain::method_texts::method_texts;
use messages::{Language, Message, say};
use serde::Serialize;

use crate::page::paragraphs;

/// One contest of a result.
#[derive(Serialize)]
pub(crate) struct ContestPage {
    contest_id: i64,
    title: String,
    /// The paragraphs of a motion.
    text: Vec<String>,
    /// How it was counted, in one sentence.
    sentence: String,
    /// What came out.
    outcome: Vec<String>,
    /// What the votes of the table are.
    caption: String,
    /// The heading of their column.
    votes: String,
    pub(crate) lines: Vec<Line>,
    /// Headings of the rounds; empty where there is nothing more to tell than the table above says.
    rounds: Vec<String>,
    rows: Vec<Row>,
    /// How candidates compare in pairs, each with each.
    tables: Vec<PairTable>,
    /// The order of all candidates, best first, where the method makes one; those who are equal stand on one line.
    ranking: Vec<String>,
    /// What was decided, round by round.
    events: Vec<String>,
    valid: u64,
    blank: u64,
    invalid: Vec<String>,
}

/// A number for each candidate (the row) and each other one (the column).
#[derive(Serialize)]
struct PairTable {
    caption: String,
    heads: Vec<String>,
    rows: Vec<Row>,
}

/// The most candidates whose comparisons are shown.
const MOST_IN_A_TABLE: usize = 15;
/// The most cells in a table of rounds. If there are more, the first round and the last ones are shown.
const MOST_CELLS: usize = 3_000;
const LAST_ROUNDS: usize = 10;
/// The most names in a row; the others are told as a number.
const MOST_NAMES: usize = 20;

#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) votes: u64,
    /// In percent, for the bar.
    width: String,
    /// Of 10,000.
    pub(crate) hundredths: u16,
    /// In percent, as the language writes it.
    share: String,
    pub(crate) outcome: String,
    /// Has a seat, or is what a motion came to: the bar is in the strong colour.
    is_elected: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    cells: Vec<String>,
}

/// The names of a contest.
struct Names(HashMap<CandidateId, String>);

impl count_sentences::Names for Names {
    const MOST: usize = MOST_NAMES;

    fn of(&self, id: CandidateId) -> &str {
        self.0.get(&id).map_or("?", String::as_str)
    }
}

/// A step, and its number from 1.
type Numbered<'s> = (usize, &'s Step);

/// What the page shows of a contest.
pub(crate) fn contest_page(contest: &ContestResult, language: Language) -> ContestPage {
    let texts = |messages: Vec<Message>| messages.iter().map(|message| message.text(language)).collect();
    let names = Names(contest.results.iter().map(|line| (line.candidate_id, line.name.clone())).collect());
    let report = &contest.report;
    let all: Vec<Numbered<'_>> = (1..).zip(&report.steps).filter(|(_, step)| step.kind != StepKind::Order).collect();
    let several = all.len() > 1 || all.iter().any(|(_, step)| step.kind == StepKind::Round);
    let is_told = several || all.iter().any(|(_, step)| adds_to_the_lines(step, contest));
    let (shown, left_out) = shown_rounds(if is_told { &all } else { &[] }, report.candidates.len());
    let invalid =
        |faulty: &counting::InvalidBallots| say!(story_invalid, ballots = faulty.ballots, reason = reason(faulty.reason));
    let mut events: Vec<Message> = Vec::new();
    if !report.pairs.is_empty() && report.candidates.len() > MOST_IN_A_TABLE {
        events.push(say!(story_comparisons_left_out));
    }
    for (number, step) in (1..).zip(&report.steps) {
        if left_out.iter().any(|(hidden, _)| *hidden == number) {
            if left_out.first().is_some_and(|(first, _)| *first == number) {
                events.extend(in_short(&left_out, &names));
            }
            continue;
        }
        events.extend(self::events(step, number, several, report, &names));
    }
    ContestPage {
        contest_id: contest.contest_id,
        title: contest.title.clone(),
        text: paragraphs(contest.text.as_deref()),
        sentence: method_texts(contest.rule.method()).map(|method| method.does.text(language)).unwrap_or_default(),
        outcome: texts(count_sentences::outcome(&contest.rule, report, &names, Some(say!(story_lot_drawn)))),
        caption: caption(contest).text(language),
        votes: if contest.family == Family::Scores { say!(story_sum) } else { say!(story_votes_column) }.text(language),
        lines: contest.results.iter().map(|line| self::line(line, contest, language)).collect(),
        rounds: shown.iter().map(|(number, step)| heading(step, *number).text(language)).collect(),
        rows: rows(contest, &shown, language),
        tables: tables(report, &names, language),
        ranking: report.ranking.iter().flatten().map(|level| names.list(level)).collect(),
        events: texts(events),
        valid: contest.valid,
        blank: contest.blank,
        invalid: texts(report.invalid_ballots.iter().map(invalid).collect()),
    }
}

/// The rounds that are shown, and those that would make the page too long.
fn shown_rounds<'s>(all: &[Numbered<'s>], candidates: usize) -> (Vec<Numbered<'s>>, Vec<Numbered<'s>>) {
    let last = all.len().saturating_sub(LAST_ROUNDS);
    if all.len().saturating_mul(candidates) <= MOST_CELLS || last < 2 {
        return (all.to_vec(), vec![]);
    }
    let is_shown = |(place, _): &(usize, &Numbered<'s>)| *place == 0 || *place >= last;
    let (shown, left_out): (Vec<_>, Vec<_>) = all.iter().enumerate().partition(is_shown);
    let steps = |numbered: Vec<(usize, &Numbered<'s>)>| numbered.into_iter().map(|(_, step)| *step).collect();
    (steps(shown), steps(left_out))
}

/// Who is elected and eliminated in rounds that are not shown.
fn in_short(rounds: &[Numbered<'_>], names: &Names) -> Vec<Message> {
    let (Some((first, _)), Some((last, _))) = (rounds.first(), rounds.last()) else { return vec![] };
    let mut told = vec![say!(story_rounds_left_out, first = *first, last = *last)];
    for (number, step) in rounds.iter().filter(|(_, step)| !step.elected.is_empty()) {
        let what = say!(story_elected, names = names.list(&step.elected));
        told.push(say!(story_in_round, round = heading(step, *number), what = what));
    }
    let eliminated: Vec<CandidateId> = rounds.iter().flat_map(|(_, step)| &step.eliminated).copied().collect();
    if !eliminated.is_empty() {
        told.push(say!(story_eliminated_in_order, first = *first, last = *last, names = names.list(&eliminated)));
    }
    told
}

/// What comparing pairs has shown: the ballots for each against each, and the strongest paths.
fn tables(report: &Report, names: &Names, language: Language) -> Vec<PairTable> {
    let listed: Vec<CandidateId> = report.candidates.iter().map(|line| line.candidate).collect();
    if report.pairs.is_empty() || listed.len() > MOST_IN_A_TABLE {
        return vec![];
    }
    let mut over: HashMap<(CandidateId, CandidateId), u64> = HashMap::new();
    for pair in &report.pairs {
        over.insert((pair.a, pair.b), pair.a_over_b);
        over.insert((pair.b, pair.a), pair.b_over_a);
    }
    let table = |caption: Message, ids: &[CandidateId], cell: &dyn Fn(usize, usize) -> Option<u64>| PairTable {
        caption: caption.text(language),
        heads: ids.iter().map(|id| names.of(*id).to_owned()).collect(),
        rows: (0..)
            .zip(ids)
            .map(|(row, id)| Row {
                name: names.of(*id).to_owned(),
                cells: (0..ids.len())
                    .map(|column| cell(row, column).map(|number| number.to_string()).unwrap_or_default())
                    .collect(),
            })
            .collect(),
    };
    let compared: Vec<CandidateId> = listed.into_iter().filter(|id| over.keys().any(|(a, _)| a == id)).collect();
    let ballots = |row: usize, column: usize| over.get(&(*compared.get(row)?, *compared.get(column)?)).copied();
    let mut tables = vec![table(say!(story_pairs_table), &compared, &ballots)];
    for paths in report.steps.iter().filter_map(|step| step.paths.as_ref()) {
        let strength = |row: usize, column: usize| paths.strengths.get(row)?.get(column).copied().filter(|_| row != column);
        tables.push(table(say!(story_paths_table), &paths.candidates, &strength));
    }
    tables
}

fn caption(contest: &ContestResult) -> Message {
    let seats = contest.seats;
    match contest.family {
        Family::Motion => say!(story_votes_on_motion),
        Family::Ranking => say!(story_first_preferences, seats = seats),
        Family::Scores => say!(story_sums_of_scores, seats = seats),
        Family::Votes | Family::Marks => say!(story_votes, seats = seats),
    }
}

/// Whether a step says other numbers than the table of results: the points of a Borda count beside first preferences.
fn adds_to_the_lines(step: &Step, contest: &ContestResult) -> bool {
    let votes = |id| contest.results.iter().find(|line| line.candidate_id == id).map(|line| line.vote_count.to_string());
    step.tallies.iter().any(|tally| votes(tally.candidate).is_some_and(|votes| votes != tally.votes))
}

fn line(line: &contract::results::CandidateResult, contest: &ContestResult, language: Language) -> Line {
    let report = &contest.report;
    let withdrew =
        report.candidates.iter().any(|of| of.candidate == line.candidate_id && of.status == counting::Status::Withdrawn);
    let outcome = match (line.is_winner, line.tie) {
        _ if withdrew => Some(say!(outcome_withdrew)),
        _ if contest.family == Family::Motion => None,
        (true, true) => Some(say!(outcome_elected_by_lot)),
        (true, false) => Some(say!(outcome_elected)),
        (false, true) if report.tied.is_some() => Some(say!(outcome_tied)),
        (false, true) => Some(say!(outcome_not_drawn)),
        (false, false) => Some(say!(outcome_not_elected)),
    };
    let outcome = outcome.map(|outcome| outcome.text(language)).unwrap_or_default();
    // The API's number has two decimals.
    let hundredths: u16 = format!("{:.2}", line.percentage).replace('.', "").parse().unwrap_or(0);
    let share = percent(u64::from(hundredths), language);
    Line {
        name: line.name.clone(),
        votes: line.vote_count,
        width: percent(u64::from(hundredths), Language::English),
        hundredths,
        share,
        outcome,
        is_elected: line.is_winner,
    }
}

/// Hundredths of a percent as a number of percent.
pub(crate) fn percent(hundredths: u64, language: Language) -> String {
    let point = if language == Language::German { ',' } else { '.' };
    format!("{}{point}{:02}", hundredths / 100, hundredths % 100)
}

pub(crate) fn heading(step: &Step, number: usize) -> Message {
    match step.kind {
        StepKind::Scoring => say!(story_scores),
        StepKind::RunOff => say!(story_run_off),
        StepKind::Totals => say!(story_total),
        StepKind::Round | StepKind::Order => say!(story_round, number = number),
    }
}

/// An empty cell is no votes.
fn rows(contest: &ContestResult, rounds: &[Numbered<'_>], language: Language) -> Vec<Row> {
    let votes = |step: &Step, id: CandidateId| {
        step.tallies.iter().find(|tally| tally.candidate == id).map(|tally| tally.votes.clone()).unwrap_or_default()
    };
    let of = |line: &contract::results::CandidateResult| Row {
        name: line.name.clone(),
        cells: rounds.iter().map(|(_, step)| votes(step, line.candidate_id)).collect(),
    };
    let people = contest.results.iter().map(of);
    let sums = |name: Message, of: fn(&Step) -> &Option<String>| Row {
        name: name.text(language),
        cells: rounds.iter().map(|(_, step)| of(step).clone().unwrap_or_default()).collect(),
    };
    let others = [
        sums(say!(story_exhausted), |step| &step.exhausted),
        sums(say!(story_lost_by_rounding), |step| &step.lost),
        sums(say!(story_needed), |step| &step.quota),
    ];
    people.chain(others).filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).collect()
}

/// What was decided in a step. Where there is only one, its ties are told without naming the step.
fn events(step: &Step, number: usize, several: bool, report: &Report, names: &Names) -> Vec<Message> {
    let shows_pairs = report.candidates.len() <= MOST_IN_A_TABLE;
    let mut told: Vec<Message> =
        step.locks.iter().filter(|_| shows_pairs).map(|lock| count_sentences::lock(lock, names)).collect();
    told.extend(step.ties.iter().map(|tie| count_sentences::tie(tie, report, names)));
    if !several {
        return told;
    }
    told.extend(count_sentences::decisions(step, names));
    told.into_iter().map(|what| say!(story_in_round, round = heading(step, number), what = what)).collect()
}

fn reason(reason: counting::InvalidReason) -> Message {
    use counting::InvalidReason as R;
    match reason {
        R::Unreadable => say!(invalid_unreadable),
        R::BlankNotAllowed => say!(invalid_blank),
        R::NotAMark => say!(invalid_not_a_mark),
        R::TooManyMarks => say!(invalid_too_many_marks),
        R::TooFewMarks => say!(invalid_too_few_marks),
        R::TooManyVotes => say!(invalid_too_many_votes),
        R::TooManyVotesForOne => say!(invalid_too_many_votes_for_one),
        R::ScoreBeyondTop => say!(invalid_score_beyond_top),
        R::EqualRanks => say!(invalid_equal_ranks),
        R::Gap => say!(invalid_gap),
    }
}
