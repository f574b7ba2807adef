//! `uvote count`: reads a file of ballots, counts it, and shows the count.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use counting::{
    Ballot, Candidate, CandidateId, Contest, Family, METHODS, MOST_SEATS, Ranking, Report, Rule, Standing, Tabulation,
};

use domain::method_texts::method_texts;

use crate::options::{Wanted, description, read};
use crate::show::{Names, as_json, as_table, plain};
use crate::{blt, table};

/// What `uvote count` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How to count; `uvote methods` lists them
    #[arg(long)]
    pub method: String,
    /// How many are elected; overrides the number in the file
    #[arg(long)]
    pub seats: Option<u32>,
    /// How many could vote, for a quorum or a majority of all
    #[arg(long)]
    pub roll: Option<u64>,
    /// A term of the rule, such as tie=lot or quota=hare; can be given several times
    #[arg(long = "option", value_name = "KEY=VALUE")]
    pub options: Vec<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Ballots: BLT for rankings, CSV for scores and approvals
    pub file: PathBuf,
}

/// Counts a file.
///
/// # Errors
/// What is wrong with the file, by line and column, or with the options.
pub fn count(arguments: &Arguments) -> Result<String, String> {
    let path = arguments.file.display();
    let file = File::open(&arguments.file).map_err(|cause| format!("{path}: {cause}"))?;
    let reader = BufReader::with_capacity(256 * 1024, file);
    let (rule, names, report) = match kind(&arguments.file, description(&arguments.method)?.family) {
        Kind::Blt => count_blt(arguments, reader),
        Kind::Table => count_table(arguments, reader),
    }
    .map_err(|refused| match refused {
        Refused::File(fault) => plain(&format!("{path}: {fault}")),
        Refused::Options(what) => plain(&what),
    })?;
    Ok(if arguments.json { as_json(&rule, &names, &report) } else { as_table(&rule, &names, &report) })
}

/// The list of methods.
#[must_use]
pub fn methods() -> String {
    METHODS
        .iter()
        .filter_map(|description| Some((description.method, method_texts(description.method)?)))
        .fold(String::new(), |text, (method, told)| {
            format!("{text}{method}\n    {}\n    Good for: {}\n", told.does, told.good_for)
        })
}

enum Kind {
    Blt,
    Table,
}

/// By the end of the name; without one, what the method usually has.
fn kind(path: &Path, family: Family) -> Kind {
    match path.extension().and_then(|end| end.to_str()) {
        Some(end) if end.eq_ignore_ascii_case("blt") => Kind::Blt,
        Some(end) if end.eq_ignore_ascii_case("csv") => Kind::Table,
        _ => match family {
            Family::Scores | Family::Votes => Kind::Table,
            Family::Marks | Family::Ranking | Family::Motion => Kind::Blt,
        },
    }
}

enum Refused {
    File(String),
    Options(String),
}

impl From<crate::lines::Fault> for Refused {
    fn from(fault: crate::lines::Fault) -> Self {
        Self::File(fault.to_string())
    }
}

impl From<String> for Refused {
    fn from(what: String) -> Self {
        Self::Options(what)
    }
}

impl From<counting::CountRefused> for Refused {
    fn from(refused: counting::CountRefused) -> Self {
        Self::Options(refused.to_string())
    }
}

type Counted = Result<(Rule, Names, Report), Refused>;

const TOO_MANY_BALLOTS: &str = "with this line there are more ballots than can be counted";

/// Refuses a number of seats that the file has and the method cannot fill, with its place.
fn seats_of_file(head: &blt::Head, method: &str) -> Result<(), Refused> {
    let what = match head.seats {
        seats if seats > MOST_SEATS => format!("{seats} seats are more than {MOST_SEATS}, the most"),
        seats if seats != 1 && !description(method)?.several_seats => {
            format!("{method} fills one seat, not {seats}; say --seats 1")
        }
        _ => return Ok(()),
    };
    let (line, column) = head.seats_at;
    Err(crate::lines::Fault { line, column, what }.into())
}

fn count_blt<R: BufRead>(arguments: &Arguments, reader: R) -> Counted {
    let mut reader = blt::Reader::open(reader)?;
    let head = reader.head().clone();
    if arguments.seats.is_none() {
        seats_of_file(&head, &arguments.method)?;
    }
    let wanted = read(&arguments.method, arguments.seats.unwrap_or(head.seats), &arguments.options)?;
    if matches!(wanted.rule.family(), Family::Scores | Family::Votes) || wanted.rule.method() == "approval" {
        return Err(Refused::Options(format!("{} is counted from a CSV file, not from rankings", arguments.method)));
    }
    let rule = wanted.rule.clone();
    let mut count = begin(wanted, head.candidates, &head.withdrawn, arguments.roll)?;
    let (mut ranking, mut ballots) = (Ranking::new(), 0_u64);
    while let Some(times) = reader.next(&mut ranking)? {
        ballots = ballots.checked_add(times).ok_or_else(|| reader.fault(TOO_MANY_BALLOTS))?;
        count.add(Ballot::Ranking(&ranking), times).map_err(|refused| reader.fault(refused.to_string()))?;
    }
    let names = Names { candidates: reader.names()?.candidates };
    Ok((rule, names, count.finish()?))
}

fn count_table<R: BufRead>(arguments: &Arguments, reader: R) -> Counted {
    let mut reader = table::Reader::open(reader)?;
    let wanted = read(&arguments.method, arguments.seats.unwrap_or(1), &arguments.options)?;
    let family = wanted.rule.family();
    if family == Family::Ranking {
        return Err(Refused::Options(format!("{} is counted from a BLT file of rankings, not from scores", arguments.method)));
    }
    let (rule, names) = (wanted.rule.clone(), Names { candidates: reader.names().to_vec() });
    let mut count = begin(wanted, names.candidates.len(), &[], arguments.roll)?;
    let (mut scores, mut numbers, mut ballots) = (Vec::new(), Vec::new(), 0_u64);
    while let Some(times) = reader.next(&mut scores)? {
        numbers.clear();
        let number = |score: &Option<u16>| match (family, score) {
            (_, None) => 0,
            (Family::Scores, Some(score)) => score.saturating_add(1),
            (_, Some(number)) => *number,
        };
        numbers.extend(scores.iter().map(number));
        ballots = ballots.checked_add(times).ok_or_else(|| reader.fault(TOO_MANY_BALLOTS))?;
        count.add(Ballot::Numbers(&numbers), times).map_err(|refused| reader.fault(refused.to_string()))?;
    }
    Ok((rule, names, count.finish()?))
}

fn begin(wanted: Wanted, number: usize, withdrawn: &[usize], roll: Option<u64>) -> Result<Tabulation, Refused> {
    let Wanted { rule, lots, write_in, none } = wanted;
    let all = CandidateId::try_from(number).unwrap_or(CandidateId::MAX);
    for (key, special) in [("write_in", write_in), ("none", none)] {
        if special.is_some_and(|special| !(1..=all).contains(&special)) {
            return Err(Refused::Options(format!("--option {key}: there is no such candidate")));
        }
    }
    let standing = |id: CandidateId, place: usize| match id {
        _ if withdrawn.contains(&place) => Standing::Withdrawn,
        id if write_in == Some(id) => Standing::WriteIns,
        id if none == Some(id) => Standing::NoneOfTheAbove,
        _ => Standing::Stands,
    };
    let candidates = (1..=all).zip(0..).map(|(id, place)| Candidate { id, standing: standing(id, place) }).collect();
    Ok(Tabulation::begin(Contest { rule, candidates, lots, roll })?)
}
