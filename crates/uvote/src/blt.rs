//! BLT, the usual format of ranked ballots.
//!
//! First line: candidates, seats. Then, if any, one line of withdrawn candidates as negative numbers. Then one line per different ballot: how
//! many of them, the candidates' numbers from first to last choice, `0`. `2=5` are two candidates at one rank, `-` is a skipped rank. A
//! line `0` ends the ballots. Then one quoted line per candidate with the name, and one with the title. `#` begins a comment.

use std::collections::BTreeSet;
use std::io::BufRead;

use counting::Ranking;

use crate::lines::{Fault, Lines};

/// What stands before the ballots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many candidates.
    pub candidates: usize,
    /// How many seats.
    pub seats: u32,
    /// The line and column of this number.
    pub seats_at: (u64, usize),
    /// The places of those who withdrew, from 0.
    pub withdrawn: Vec<usize>,
}

/// What stands after the ballots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// In the order of the candidates' numbers.
    pub candidates: Vec<String>,
    /// The title.
    pub title: String,
}

/// A word of a line, and the byte where it begins.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let line = line.split('#').next().unwrap_or_default();
    let mut at = 0;
    line.split([' ', '\t']).filter_map(move |word| {
        let from = at;
        at += word.len() + 1;
        if word.is_empty() { None } else { Some((from, word)) }
    })
}

/// A fault found in a line that is still borrowed.
type Found = (usize, String);

/// Reads a file from top to bottom; each ballot is given away as soon as it is read.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    head: Head,
    /// A line that was read to see whether it names withdrawn candidates, and is a ballot.
    first: Option<(u64, Ranking)>,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads what stands before the ballots.
    ///
    /// # Errors
    /// A [`Fault`], with its place.
    pub fn open(reader: R) -> Result<Self, Fault> {
        let mut lines = Lines::new(reader);
        let head = loop {
            let Some(line) = lines.read()? else {
                return Err(lines.ended("the file is empty; it begins with candidates and seats"));
            };
            if words(line).next().is_some() {
                let (mut head, at) = read_head(line).map_err(|(at, what)| lines.fault(at, what))?;
                let place = lines.fault(at, "");
                head.seats_at = (place.line, place.column);
                break head;
            }
        };
        let mut reader = Self { lines, head, first: None, ended: false };
        let mut first = Ranking::new();
        let candidates = reader.head.candidates;
        while let Some(line) = reader.lines.read()? {
            if words(line).next().is_none() {
                continue;
            }
            if words(line).next().is_some_and(|(_, word)| word.starts_with('-') && word.len() > 1) {
                let withdrawn = read_withdrawn(line, candidates);
                reader.head.withdrawn = withdrawn.map_err(|(at, what)| reader.lines.fault(at, what))?;
                return Ok(reader);
            }
            match read_ballot(line, candidates, &mut first).map_err(|(at, what)| reader.lines.fault(at, what))? {
                Some(times) => reader.first = Some((times, first)),
                None => reader.ended = true,
            }
            return Ok(reader);
        }
        Err(reader.lines.ended("the ballots are missing; a line 0 ends them"))
    }

    /// What stands before the ballots.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Reads the next ballot into `ranking` and says how many there are of it; `None` after the last.
    ///
    /// # Errors
    /// A [`Fault`], with its place.
    pub fn next(&mut self, ranking: &mut Ranking) -> Result<Option<u64>, Fault> {
        if let Some((times, first)) = self.first.take() {
            *ranking = first;
            return Ok(Some(times));
        }
        while !self.ended {
            let Some(line) = self.lines.read()? else { return Err(self.lines.ended("a line 0 must end the ballots")) };
            if words(line).next().is_none() {
                continue;
            }
            match read_ballot(line, self.head.candidates, ranking) {
                Ok(Some(times)) => return Ok(Some(times)),
                Ok(None) => self.ended = true,
                Err((at, what)) => return Err(self.lines.fault(at, what)),
            }
        }
        Ok(None)
    }

    /// Something is wrong with the line that was read last.
    #[must_use]
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        self.lines.fault(0, what)
    }

    /// Reads what stands after the ballots.
    ///
    /// # Errors
    /// A [`Fault`], with its place.
    pub fn names(mut self) -> Result<Names, Fault> {
        let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
        while names.len() <= self.head.candidates {
            let (number, of) = (names.len() + 1, self.head.candidates);
            let missing = if names.len() < of {
                format!("the name of candidate {number} of {of} is missing")
            } else {
                "the title is missing".into()
            };
            let Some(line) = self.lines.read()? else { return Err(self.lines.ended(missing)) };
            let text = line.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let at = line.len() - line.trim_start().len();
            let Some(name) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
                return Err(self.lines.fault(at, "a name or title stands in quotation marks"));
            };
            let name = name.trim().to_owned();
            if names.len() < of && !seen.insert(name.clone()) {
                return Err(self.lines.fault(at, format!("two candidates have the name {name}")));
            }
            names.push(name);
        }
        while let Some(line) = self.lines.read()? {
            let more = words(line).next().map(|(at, _)| at);
            if let Some(at) = more {
                return Err(self.lines.fault(at, "nothing may follow the title"));
            }
        }
        let title = names.pop().unwrap_or_default();
        Ok(Names { candidates: names, title })
    }
}

/// The head, and the byte where the number of seats begins.
fn read_head(line: &str) -> Result<(Head, usize), Found> {
    let mut words = words(line);
    let mut number = |what: &str| {
        let Some((at, word)) = words.next() else { return Err((line.len(), format!("the number of {what} is missing"))) };
        match word.parse::<u32>() {
            Ok(number) if number >= 1 => Ok((at, number)),
            _ => Err((at, format!("{word:?} is no number of {what}"))),
        }
    };
    let ((at, candidates), (seats_at, seats)) = (number("candidates")?, number("seats")?);
    if let Some((at, word)) = words.next() {
        return Err((at, format!("{word:?} is too much: the first line is candidates and seats")));
    }
    let candidates = usize::try_from(candidates).ok().filter(|candidates| *candidates < 16_383);
    let candidates = candidates.ok_or((at, "there are more candidates than can be counted".to_owned()))?;
    Ok((Head { candidates, seats, seats_at: (1, 1), withdrawn: vec![] }, seats_at))
}

fn read_withdrawn(line: &str, candidates: usize) -> Result<Vec<usize>, Found> {
    let number = |(at, word): (usize, &str)| {
        let number = word.strip_prefix('-').ok_or((at, format!("{word:?} is no withdrawn candidate, such as -4")))?;
        place(number, candidates).ok_or((at, format!("there is no candidate {number}")))
    };
    words(line).map(number).collect()
}

fn place(word: &str, candidates: usize) -> Option<usize> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse::<usize>().ok().filter(|number| digits && (1..=candidates).contains(number)).map(|number| number - 1)
}

/// How many there are of the ballot on this line; `None` for the line that ends the ballots.
fn read_ballot(line: &str, candidates: usize, ranking: &mut Ranking) -> Result<Option<u64>, Found> {
    ranking.clear();
    let mut words = words(line);
    let Some((at, first)) = words.next() else { return Ok(None) };
    let unsigned = first.bytes().all(|byte| byte.is_ascii_digit());
    let times =
        first.parse::<u64>().ok().filter(|_| unsigned).ok_or_else(|| (at, format!("{first:?} is no number of ballots")))?;
    let mut last = at + first.len();
    if times == 0 {
        return match words.next() {
            None => Ok(None),
            Some((at, word)) => Err((at, format!("{word:?} follows a 0, which stands alone and ends the ballots"))),
        };
    }
    while let Some((at, word)) = words.next() {
        last = at + word.len();
        if word == "0" {
            return match words.next() {
                None => Ok(Some(times)),
                Some((at, word)) => Err((at, format!("{word:?} follows the 0 that ends a ballot"))),
            };
        }
        if word == "-" {
            ranking.skip();
            continue;
        }
        let mut from = at;
        for (number, name) in word.split('=').enumerate() {
            let place =
                place(name, candidates).ok_or_else(|| (from, format!("{name:?} is no candidate from 1 to {candidates}")))?;
            let added = if number == 0 { ranking.next(place) } else { ranking.same(place) };
            added.ok_or_else(|| (from, format!("{name:?} cannot stand here")))?;
            from += name.len() + 1;
        }
    }
    Err((last, "the ballot must end with 0".to_owned()))
}
