//! The count of a contest as a page tells it: who is elected and by what, and the rounds as a table. Drawn from the report alone.

use std::collections::HashMap;

use contract::results::ContestResult;
use counting::{CandidateId, Family, Report, Step, StepKind, TieBroken, TieOver, TieReport, Verdict};
use messages::{Language, Message, say};
use serde::Serialize;

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
    lines: Vec<Line>,
    /// Headings of the rounds; empty where there is nothing more to tell than the table above says.
    rounds: Vec<String>,
    rows: Vec<Row>,
    pairs: Vec<String>,
    /// The order of all candidates, best first, where the method makes one; those who are equal stand on one line.
    ranking: Vec<String>,
    /// What was decided, round by round.
    events: Vec<String>,
    valid: u64,
    blank: u64,
    invalid: Vec<String>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    votes: u64,
    percentage: f64,
    outcome: String,
}

#[derive(Serialize)]
struct Row {
    name: String,
    cells: Vec<String>,
}

/// The names of a contest.
struct Names(HashMap<CandidateId, String>);

impl Names {
    fn of(&self, id: CandidateId) -> &str {
        self.0.get(&id).map_or("?", String::as_str)
    }

    fn list(&self, ids: &[CandidateId]) -> String {
        ids.iter().map(|id| self.of(*id)).collect::<Vec<_>>().join(", ")
    }
}

/// What the page shows of a contest.
pub(crate) fn contest_page(contest: &ContestResult, language: Language) -> ContestPage {
    let texts = |messages: Vec<Message>| messages.iter().map(|message| message.text(language)).collect();
    let names = Names(contest.results.iter().map(|line| (line.candidate_id, line.name.clone())).collect());
    let report = &contest.report;
    let rounds: Vec<&Step> = report.steps.iter().filter(|step| step.kind != StepKind::Order).collect();
    let several = rounds.len() > 1 || rounds.iter().any(|step| step.kind == StepKind::Round);
    let shown: &[&Step] = if several || rounds.iter().any(|step| adds_to_the_lines(step, contest)) { &rounds } else { &[] };
    let pair =
        |pair: &counting::PairLine| format!("{} {}, {} {}", names.of(pair.a), pair.a_over_b, names.of(pair.b), pair.b_over_a);
    let invalid =
        |faulty: &counting::InvalidBallots| say!(story_invalid, ballots = faulty.ballots, reason = reason(faulty.reason));
    ContestPage {
        contest_id: contest.contest_id,
        title: contest.title.clone(),
        text: contest
            .text
            .iter()
            .flat_map(|text| text.lines())
            .map(str::to_owned)
            .filter(|line| !line.trim().is_empty())
            .collect(),
        sentence: contest.sentence.clone(),
        outcome: texts(outcome(contest, &names)),
        caption: caption(contest).text(language),
        votes: if contest.family == Family::Scores { say!(story_sum) } else { say!(story_votes_column) }.text(language),
        lines: contest.results.iter().map(|line| self::line(line, report, language)).collect(),
        rounds: shown.iter().zip(1..).map(|(step, number)| heading(step, number).text(language)).collect(),
        rows: rows(contest, shown, language),
        pairs: report.pairs.iter().map(pair).collect(),
        ranking: report.ranking.iter().flatten().map(|level| names.list(level)).collect(),
        events: texts(report.steps.iter().zip(1..).flat_map(|(step, number)| events(step, number, several, &names)).collect()),
        valid: contest.valid,
        blank: contest.blank,
        invalid: texts(report.invalid_ballots.iter().map(invalid).collect()),
    }
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

fn line(line: &contract::results::CandidateResult, report: &Report, language: Language) -> Line {
    let withdrew =
        report.candidates.iter().any(|of| of.candidate == line.candidate_id && of.status == counting::Status::Withdrawn);
    let outcome = match (line.is_winner, line.tie) {
        _ if withdrew => Some(say!(outcome_withdrew)),
        _ if report.motion.is_some() => None,
        (true, true) => Some(say!(outcome_elected_by_lot)),
        (true, false) => Some(say!(outcome_elected)),
        (false, true) if report.tied.is_some() => Some(say!(outcome_tied)),
        (false, true) => Some(say!(outcome_not_drawn)),
        (false, false) => Some(say!(outcome_not_elected)),
    };
    let outcome = outcome.map(|outcome| outcome.text(language)).unwrap_or_default();
    Line { name: line.name.clone(), votes: line.vote_count, percentage: line.percentage, outcome }
}

fn outcome(contest: &ContestResult, names: &Names) -> Vec<Message> {
    let report = &contest.report;
    let mut told = Vec::new();
    if let Some(counting::QuorumOutcome { met, ballots, roll, needed }) = report.quorum {
        told.push(match met {
            true => say!(story_quorum_met, ballots = ballots, roll = roll, needed = needed),
            false => say!(story_quorum_not_met, ballots = ballots, roll = roll, needed = needed),
        });
    }
    if let Some(counting::MotionOutcome { passed, yes, no, abstain, needed, .. }) = report.motion {
        told.push(match passed {
            true => say!(story_motion_passed, yes = yes, no = no, abstain = abstain, needed = needed),
            false => say!(story_motion_not_passed, yes = yes, no = no, abstain = abstain, needed = needed),
        });
        return told;
    }
    match report.verdict {
        Verdict::Complete | Verdict::Tied => {}
        Verdict::NotQuorate => told.push(say!(story_not_quorate)),
        Verdict::MajorityNotReached => {
            let required = contest.rule.terms().required_majority.map(|majority| majority.to_string()).unwrap_or_default();
            told.push(say!(story_majority_not_reached, required = required));
        }
        Verdict::NoValidBallots => told.push(say!(story_no_valid_ballots)),
    }
    if !report.elected.is_empty() {
        told.push(say!(story_elected, names = names.list(&report.elected)));
    } else if matches!(report.verdict, Verdict::Complete) {
        told.push(say!(story_nobody_elected));
    }
    if let Some(tied) = &report.tied {
        told.push(say!(story_tied, names = names.list(&tied.candidates), seats = tied.seats));
    }
    let drawn = report.steps.iter().flat_map(|step| &step.ties).any(|tie| tie.by == TieBroken::Lot);
    if drawn {
        told.push(say!(story_lot_drawn));
    }
    if report.vacant > 0 {
        told.push(say!(story_vacant, vacant = report.vacant, seats = contest.seats));
    }
    told
}

fn heading(step: &Step, number: usize) -> Message {
    match step.kind {
        StepKind::Scoring => say!(story_scores),
        StepKind::RunOff => say!(story_run_off),
        StepKind::Totals => say!(story_total),
        StepKind::Round | StepKind::Order => say!(story_round, number = number),
    }
}

fn rows(contest: &ContestResult, rounds: &[&Step], language: Language) -> Vec<Row> {
    let votes = |step: &Step, id: CandidateId| {
        step.tallies.iter().find(|tally| tally.candidate == id).map(|tally| tally.votes.clone()).unwrap_or_default()
    };
    let of = |line: &contract::results::CandidateResult| Row {
        name: line.name.clone(),
        cells: rounds.iter().map(|step| votes(step, line.candidate_id)).collect(),
    };
    let people = contest.results.iter().map(of);
    let sums = |name: Message, of: fn(&Step) -> &Option<String>| Row {
        name: name.text(language),
        cells: rounds.iter().map(|step| of(step).clone().unwrap_or_default()).collect(),
    };
    let others = [
        sums(say!(story_exhausted), |step| &step.exhausted),
        sums(say!(story_lost_by_rounding), |step| &step.lost),
        sums(say!(story_needed), |step| &step.quota),
    ];
    people.chain(others).filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).collect()
}

/// What was decided in a step. Where there is only one, its ties are told without naming the step.
fn events(step: &Step, number: usize, several: bool, names: &Names) -> Vec<Message> {
    let ties = step.ties.iter().map(|tie| tie_words(tie, names));
    if !several {
        return ties.collect();
    }
    let mut told: Vec<Message> = ties.collect();
    let mut add = |ids: &[CandidateId], sentence: fn(String) -> Message| {
        if !ids.is_empty() {
            told.push(sentence(names.list(ids)));
        }
    };
    add(&step.elected, |names| say!(story_elected, names = names));
    add(&step.eliminated, |names| say!(story_eliminated, names = names));
    add(&step.surplus_of, |names| say!(story_surplus_moves, names = names));
    told.extend(step.transfers.iter().map(|moved| {
        let (votes, from) = (moved.votes.clone(), names.of(moved.from));
        match moved.to {
            Some(to) => say!(story_transfer, votes = votes, from = from, to = names.of(to)),
            None => say!(story_transfer_to_nobody, votes = votes, from = from),
        }
    }));
    told.into_iter().map(|what| say!(story_in_round, round = heading(step, number), what = what)).collect()
}

fn tie_words(tie: &TieReport, names: &Names) -> Message {
    let over = match tie.over {
        TieOver::Seat => say!(tie_over_seat),
        TieOver::Elimination => say!(tie_over_elimination),
        TieOver::Surplus => say!(tie_over_surplus),
        TieOver::RunOffPlace => say!(tie_over_run_off_place),
        TieOver::Pair => say!(tie_over_pair),
    };
    let by = match tie.by {
        TieBroken::EarlierRound { round } => say!(tie_broken_by_round, round = round),
        TieBroken::HeadToHead => say!(tie_broken_head_to_head),
        TieBroken::HigherTotal => say!(tie_broken_by_total),
        TieBroken::MostTopScores => say!(tie_broken_by_top_scores),
        TieBroken::Lot => {
            let order: Vec<&str> = tie.lots.iter().map(|drawn| names.of(drawn.candidate)).collect();
            say!(tie_broken_by_lot, order = order.join(", "))
        }
        TieBroken::SameEitherWay => say!(tie_makes_no_difference),
        TieBroken::Declared => say!(tie_not_broken),
    };
    let between = names.list(&tie.between);
    match tie.chosen.as_slice() {
        [] => say!(story_tie, over = over, between = between, by = by),
        chosen => say!(story_tie_decided, over = over, between = between, by = by, chosen = names.list(chosen)),
    }
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
