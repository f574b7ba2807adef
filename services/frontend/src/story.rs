//! The count of a contest as a page tells it: who is elected and by what, and the rounds as a table. Drawn from the report alone.

use std::collections::HashMap;

use contract::results::ContestResult;
use counting::{CandidateId, Family, Report, Step, StepKind, TieBroken, TieOver, TieStory, Verdict};
use serde::Serialize;

/// One contest of a result.
#[derive(Serialize)]
pub(crate) struct Told {
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
    lines: Vec<Line>,
    /// Headings of the rounds; empty where there is nothing more to tell than the table above says.
    rounds: Vec<String>,
    rows: Vec<Row>,
    pairs: Vec<String>,
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
    outcome: &'static str,
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
pub(crate) fn told(contest: &ContestResult) -> Told {
    let names = Names(contest.results.iter().map(|line| (line.candidate_id, line.name.clone())).collect());
    let report = &contest.report;
    let rounds: Vec<&Step> = report.steps.iter().filter(|step| step.kind != StepKind::Order).collect();
    let several = rounds.len() > 1 || rounds.iter().any(|step| step.kind == StepKind::Round);
    let shown: &[&Step] = if several { &rounds } else { &[] };
    let pair =
        |pair: &counting::PairLine| format!("{} {}, {} {}", names.of(pair.a), pair.a_over_b, names.of(pair.b), pair.b_over_a);
    Told {
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
        outcome: outcome(contest, &names),
        caption: caption(contest),
        lines: contest.results.iter().map(|line| self::line(line, report)).collect(),
        rounds: shown.iter().zip(1..).map(|(step, number)| heading(step, number)).collect(),
        rows: rows(contest, shown),
        pairs: report.pairs.iter().map(pair).collect(),
        events: report.steps.iter().zip(1..).flat_map(|(step, number)| events(step, number, several, &names)).collect(),
        valid: contest.valid,
        blank: contest.blank,
        invalid: report.invalid_ballots.iter().map(|faulty| format!("{} {}", faulty.ballots, reason(faulty.reason))).collect(),
    }
}

fn caption(contest: &ContestResult) -> String {
    let seats = if contest.seats == 1 { "1 seat".to_owned() } else { format!("{} seats", contest.seats) };
    match contest.family {
        Family::Motion => "Votes on the motion".to_owned(),
        Family::Ranking => format!("First preferences for {seats}"),
        Family::Scores => format!("Sums of scores for {seats}"),
        Family::Votes | Family::Marks => format!("Votes for {seats}"),
    }
}

fn line(line: &contract::results::CandidateResult, report: &Report) -> Line {
    let withdrew =
        report.candidates.iter().any(|of| of.candidate == line.candidate_id && of.status == counting::Status::Withdrawn);
    let outcome = match (line.is_winner, line.tie) {
        _ if withdrew => "withdrew",
        _ if report.motion.is_some() => "",
        (true, true) => "elected by lot",
        (true, false) => "elected",
        (false, true) if report.tied.is_some() => "tied",
        (false, true) => "not drawn",
        (false, false) => "not elected",
    };
    Line { name: line.name.clone(), votes: line.vote_count, percentage: line.percentage, outcome }
}

fn outcome(contest: &ContestResult, names: &Names) -> Vec<String> {
    let report = &contest.report;
    let mut told = Vec::new();
    if let Some(quorum) = &report.quorum {
        let met = if quorum.met { "is met" } else { "is not met" };
        told.push(format!(
            "The quorum {met}: {} ballots of {} voters, {} are needed.",
            quorum.ballots, quorum.roll, quorum.needed
        ));
    }
    if let Some(motion) = &report.motion {
        let word = if motion.passed { "passed" } else { "not passed" };
        let counted =
            format!("{} yes, {} no, {} abstain; {} yes are needed", motion.yes, motion.no, motion.abstain, motion.needed);
        told.push(format!("The motion is {word}: {counted}."));
        return told;
    }
    match report.verdict {
        Verdict::Complete | Verdict::Tied => {}
        Verdict::NotQuorate => told.push("Not quorate: nothing is counted, and nobody is elected.".to_owned()),
        Verdict::MajorityNotReached => {
            let required = contest.rule.terms().required_majority.map(|majority| majority.to_string()).unwrap_or_default();
            told.push(format!("Nobody has the required majority, {required} of the valid ballots: nobody is elected."));
        }
        Verdict::NoValidBallots => told.push("There are no valid ballots: nobody is elected.".to_owned()),
    }
    if !report.elected.is_empty() {
        told.push(format!("Elected: {}", names.list(&report.elected)));
    } else if matches!(report.verdict, Verdict::Complete) {
        told.push("Nobody is elected.".to_owned());
    }
    if let Some(tied) = &report.tied {
        let seats = if tied.seats == 1 { "1 seat stays open".to_owned() } else { format!("{} seats stay open", tied.seats) };
        told.push(format!("Tied: {}. The count does not decide between them; {seats}.", names.list(&tied.candidates)));
    }
    let drawn = report.steps.iter().flat_map(|step| &step.ties).any(|tie| tie.by == TieBroken::Lot);
    if drawn {
        told.push(
            "A lot decided a tie. It was drawn from the commitment to the sealed box: nobody could choose it, and anybody can draw it again."
                .to_owned(),
        );
    }
    if report.vacant > 0 {
        told.push(format!("Vacant: {} of {}.", report.vacant, contest.seats));
    }
    told
}

fn heading(step: &Step, number: usize) -> String {
    match step.kind {
        StepKind::Scoring => "Scores".to_owned(),
        StepKind::RunOff => "Run-off".to_owned(),
        StepKind::Totals | StepKind::Round | StepKind::Order => format!("Round {number}"),
    }
}

fn rows(contest: &ContestResult, rounds: &[&Step]) -> Vec<Row> {
    let votes = |step: &Step, id: CandidateId| {
        step.tallies.iter().find(|tally| tally.candidate == id).map(|tally| tally.votes.clone()).unwrap_or_default()
    };
    let of = |line: &contract::results::CandidateResult| Row {
        name: line.name.clone(),
        cells: rounds.iter().map(|step| votes(step, line.candidate_id)).collect(),
    };
    let people = contest.results.iter().map(of);
    let sums = |name: &str, of: fn(&Step) -> &Option<String>| Row {
        name: name.to_owned(),
        cells: rounds.iter().map(|step| of(step).clone().unwrap_or_default()).collect(),
    };
    let others = [
        sums("Exhausted", |step| &step.exhausted),
        sums("Lost by rounding", |step| &step.lost),
        sums("Needed to be elected", |step| &step.quota),
    ];
    people.chain(others).filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).collect()
}

fn events(step: &Step, number: usize, several: bool, names: &Names) -> Vec<String> {
    let mut told: Vec<String> = step.ties.iter().map(|tie| tie_words(tie, names)).collect();
    if several {
        let lists = [("elected", &step.elected), ("eliminated", &step.eliminated), ("surplus moves", &step.surplus_of)];
        told.extend(
            lists.into_iter().filter(|(_, ids)| !ids.is_empty()).map(|(what, ids)| format!("{what}: {}", names.list(ids))),
        );
        told.extend(step.transfers.iter().map(|moved| {
            let to = moved.to.map_or("nobody, since no further choice is on them", |to| names.of(to));
            format!("{} votes from {} to {to}", moved.votes, names.of(moved.from))
        }));
    }
    let place = if several { format!("{}: ", heading(step, number)) } else { String::new() };
    told.into_iter().map(|line| format!("{place}{line}")).collect()
}

fn tie_words(tie: &TieStory, names: &Names) -> String {
    let over = match tie.over {
        TieOver::Seat => "a seat",
        TieOver::Elimination => "elimination",
        TieOver::Surplus => "whose surplus moves first",
        TieOver::RunOffPlace => "a place in the run-off",
        TieOver::Pair => "which pair is locked first",
    };
    let by = match tie.by {
        TieBroken::EarlierRound { round } => format!("round {round} tells them apart"),
        TieBroken::HeadToHead => "compared head to head".to_owned(),
        TieBroken::HigherTotal => "the higher total decides".to_owned(),
        TieBroken::MostTopScores => "the most top scores decide".to_owned(),
        TieBroken::Lot => {
            let order: Vec<&str> = tie.lots.iter().map(|drawn| names.of(drawn.candidate)).collect();
            format!("by lot, in the order {}", order.join(", "))
        }
        TieBroken::SameEitherWay => "every way to resolve it elects the same people".to_owned(),
        TieBroken::Declared => "not resolved".to_owned(),
    };
    let chosen = if tie.chosen.is_empty() { String::new() } else { format!(": {}", names.list(&tie.chosen)) };
    format!("tie over {over} between {}, {by}{chosen}", names.list(&tie.between))
}

const fn reason(reason: counting::InvalidReason) -> &'static str {
    use counting::InvalidReason as R;
    match reason {
        R::Unreadable => "could not be opened or read",
        R::BlankNotAllowed => "blank",
        R::NotAMark => "with something that is no mark",
        R::TooManyMarks => "with too many marks",
        R::TooFewMarks => "with too few marks",
        R::TooManyVotes => "with too many votes",
        R::TooManyVotesForOne => "with too many votes for one candidate",
        R::ScoreBeyondTop => "with a score above the highest",
        R::EqualRanks => "with equal ranks",
        R::Gap => "with a rank left out",
    }
}
