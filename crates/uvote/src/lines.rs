//! Reading a text file line by line in bounded memory, and naming a fault by its place.

use std::fmt;
use std::io::{self, BufRead};

/// Something wrong at one place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: u64,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.what)
    }
}

/// A longer line is no ballot, and is not read into memory.
const LONGEST_LINE: u64 = 1024 * 1024;

/// The lines of a file, one after the other in one buffer.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    /// Begins before the first line.
    pub const fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), line: 0 }
    }

    /// The number of the line that was read last.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.line
    }

    /// Something is wrong with the line that was read last, from this byte on.
    #[must_use]
    pub fn fault(&self, byte: usize, what: impl Into<String>) -> Fault {
        let before = self.buffer.get(..byte.min(self.buffer.len())).unwrap_or_default();
        Fault { line: self.line.max(1), column: String::from_utf8_lossy(before).chars().count() + 1, what: what.into() }
    }

    /// The file ends where something is missing.
    #[must_use]
    pub fn ended(&self, what: impl Into<String>) -> Fault {
        Fault { line: self.line + 1, column: 1, what: what.into() }
    }

    /// The next line without its end; `None` after the last.
    ///
    /// # Errors
    /// A line that is too long or not UTF-8, or a file that cannot be read.
    pub fn read(&mut self) -> Result<Option<&str>, Fault> {
        self.buffer.clear();
        let mut limited = io::Read::take(&mut self.reader, LONGEST_LINE);
        let read = limited.read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|cause| Fault { line: self.line + 1, column: 1, what: format!("cannot be read: {cause}") })?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if read as u64 == LONGEST_LINE && !self.buffer.ends_with(b"\n") {
            return Err(self.fault(0, format!("the line is longer than {LONGEST_LINE} bytes")));
        }
        while matches!(self.buffer.last(), Some(b'\n' | b'\r')) {
            self.buffer.pop();
        }
        if self.line == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.buffer.drain(..3);
        }
        if let Err(broken) = std::str::from_utf8(&self.buffer) {
            return Err(self.fault(broken.valid_up_to(), "this is not UTF-8"));
        }
        Ok(Some(std::str::from_utf8(&self.buffer).unwrap_or_default()))
    }
}
