//! CSV of scores: the first row is the candidates' names; each further row is how many such ballots, then one score per candidate. Empty is no score.

use std::collections::BTreeSet;
use std::io::BufRead;

use crate::lines::{Fault, Lines};

/// A field of a row, and the byte where it begins.
type Field = (usize, String);

/// Reads a file from top to bottom; each row is given away as soon as it is read.
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    names: Vec<String>,
}

impl<R: BufRead> Reader<R> {
    /// Reads the names.
    ///
    /// # Errors
    /// A [`Fault`], with its place.
    pub fn open(reader: R) -> Result<Self, Fault> {
        let mut lines = Lines::new(reader);
        let Some(line) = lines.read()? else {
            return Err(lines.ended("the file is empty; it begins with the candidates' names"));
        };
        let fields = split(line).map_err(|(at, what)| lines.fault(at, what))?;
        let (mut names, mut seen) = (Vec::new(), BTreeSet::new());
        for (at, name) in fields {
            let name = name.trim().to_owned();
            if name.is_empty() {
                return Err(lines.fault(at, "a candidate has no name"));
            }
            if !seen.insert(name.clone()) {
                return Err(lines.fault(at, format!("two candidates have the name {name}")));
            }
            names.push(name);
        }
        Ok(Self { lines, names })
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Something is wrong with the line that was read last.
    #[must_use]
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        self.lines.fault(0, what)
    }

    /// Reads the next row into `scores` and says how many such ballots there are; `None` after the last.
    ///
    /// # Errors
    /// A [`Fault`], with its place.
    pub fn next(&mut self, scores: &mut Vec<Option<u16>>) -> Result<Option<u64>, Fault> {
        loop {
            let Some(line) = self.lines.read()? else { return Ok(None) };
            if line.trim().is_empty() {
                continue;
            }
            return match read_row(line, &self.names, scores) {
                Ok(times) => Ok(Some(times)),
                Err((at, what)) => Err(self.lines.fault(at, what)),
            };
        }
    }
}

fn read_row(line: &str, names: &[String], scores: &mut Vec<Option<u16>>) -> Result<u64, (usize, String)> {
    scores.clear();
    let fields = split(line)?;
    let Some(((at, times), fields)) = fields.split_first() else { return Err((0, "the row is empty".to_owned())) };
    let times = whole(times).ok_or_else(|| (*at, format!("{times:?} is no number of ballots")))?;
    for ((at, score), name) in fields.iter().zip(names) {
        if score.trim().is_empty() {
            scores.push(None);
            continue;
        }
        let number = whole(score).and_then(|score| u16::try_from(score).ok()).filter(|score| *score < u16::MAX);
        scores.push(Some(number.ok_or_else(|| (*at, format!("{score:?} is no score for {name}")))?));
    }
    if let Some((at, _)) = fields.get(names.len()) {
        return Err((*at, format!("there are more scores than candidates, {}", names.len())));
    }
    if scores.len() < names.len() {
        let (given, wanted) = (scores.len(), names.len());
        return Err((line.len(), format!("the row has {given} scores for {wanted} candidates")));
    }
    Ok(times)
}

fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Splits a row at commas that are not in quotation marks; two marks in a row stand for one.
fn split(line: &str) -> Result<Vec<Field>, (usize, String)> {
    let (mut fields, mut from, mut text, mut quoted) = (Vec::new(), 0, String::new(), None);
    let mut rest = line.char_indices().peekable();
    while let Some((at, letter)) = rest.next() {
        match (letter, quoted) {
            ('"', None) if text.trim().is_empty() => (text, quoted) = (String::new(), Some(at)),
            ('"', None) => return Err((at, "a quotation mark inside a field".to_owned())),
            ('"', Some(_)) if rest.peek().is_some_and(|(_, next)| *next == '"') => {
                rest.next();
                text.push('"');
            }
            ('"', Some(_)) => {
                quoted = None;
                if let Some((at, next)) = rest.peek()
                    && *next != ','
                {
                    return Err((*at, "a comma must follow the quotation mark that ends a field".to_owned()));
                }
            }
            (',', None) => {
                fields.push((from, std::mem::take(&mut text)));
                from = at + 1;
            }
            _ => text.push(letter),
        }
    }
    if let Some(at) = quoted {
        return Err((at, "the quotation mark is never closed".to_owned()));
    }
    fields.push((from, text));
    Ok(fields)
}
