//! A file of voters, as bytes: a workbook (`workbook`), or text with its encoding, separator, header, lines. Pure, and total: any bytes give an answer, and a bad line is
//! named by the number an editor shows for it.

use std::borrow::Cow;
use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, HashMap};

use contract::problems::{self, FieldError, Kind};
use csv::{ReaderBuilder, StringRecord};
use domain::legible::excerpt;
use domain::roll::{Entry, RawEntry};
use messages::{Says as _, say};
use problem::Refusal;

use crate::workbook;

/// The most lines: twice the largest roll that `make bench-neighbours` measures, and short enough for one transaction.
const MAX_LINES: usize = 200_000;
/// The longest header. Five columns need 50 bytes; this forgives an export with every column a school knows.
const MAX_HEADER: usize = 16 * 1024;
pub(crate) const COLUMNS: [&str; 5] = ["email", "first_name", "last_name", "student_id", "cohort"];

/// How much of a cell the preview of a bad line shows.
const MAX_SHOWN: usize = 300;

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct RollFile {
    /// Voters, each with the line they stand on, no address twice.
    pub(crate) good: Vec<(u64, Entry)>,
    /// The other lines, in their order.
    pub(crate) others: Vec<OtherLine>,
    /// Columns that mean nothing here.
    pub(crate) ignored_columns: Vec<String>,
    /// Of a spreadsheet file: the sheet with the voters.
    pub(crate) sheet: Option<String>,
    /// Its other sheets, of which nothing was read.
    pub(crate) ignored_sheets: Vec<String>,
}

/// A line that brings no new voter.
#[derive(Debug, Clone)]
pub(crate) struct OtherLine {
    pub(crate) line: u64,
    /// Whether the line is only there twice, which is no error.
    pub(crate) is_duplicate: bool,
    /// As they stand in the file, in the order of [`COLUMNS`]: cut, and without control characters.
    pub(crate) cells: [String; 5],
    /// What is wrong with which field.
    pub(crate) reasons: Vec<FieldError>,
}

impl OtherLine {
    fn new(line: u64, is_duplicate: bool, cells: [&str; 5], reasons: Vec<FieldError>) -> Self {
        let shown = |cell: &str| cell.chars().take(MAX_SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        Self { line, is_duplicate, cells: cells.map(shown), reasons }
    }

    /// Somebody who is on the roll already.
    pub(crate) fn on_roll(line: u64, entry: &Entry) -> Self {
        Self::new(line, true, cells_of(entry), vec![FieldError::new("email", say!(address_on_roll))])
    }

    /// Somebody with the student number of another voter on the roll.
    pub(crate) fn student_on_roll(line: u64, entry: &Entry) -> Self {
        Self::new(line, false, cells_of(entry), vec![FieldError::new("student_id", say!(student_id_of_other_voter))])
    }
}

/// The fields of a voter in the order of [`COLUMNS`].
pub(crate) fn cells_of(entry: &Entry) -> [&str; 5] {
    let others = [&entry.first_name, &entry.last_name, &entry.student_id, &entry.cohort];
    let [first_name, last_name, student_id, cohort] = others.map(|field| field.as_deref().unwrap_or_default());
    [entry.email.as_str(), first_name, last_name, student_id, cohort]
}

/// Why a file is not read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileRefused {
    OldExcel,
    BinaryExcel,
    Macros,
    OpenDocument,
    Encrypted,
    OtherArchive,
    WorkbookDamaged,
    WorkbookTooLarge,
    /// The voters stand in a hidden sheet of this name.
    HiddenSheet(String),
    Empty,
    NoVoter,
    NotText,
    Utf16,
    /// What stands there instead, or nothing when it is a voter.
    NoEmailColumn(Option<String>),
    HeaderTooLong,
    ColumnTwice(&'static str),
    TooManyLines,
}

messages::says!(FileRefused, |refused| match refused {
    FileRefused::OldExcel => say!(file_old_excel),
    FileRefused::BinaryExcel => say!(file_binary_excel),
    FileRefused::Macros => say!(file_with_macros),
    FileRefused::OpenDocument => say!(file_open_document),
    FileRefused::Encrypted => say!(file_encrypted),
    FileRefused::OtherArchive => say!(file_other_archive),
    FileRefused::WorkbookDamaged => say!(file_workbook_damaged),
    FileRefused::WorkbookTooLarge => say!(file_workbook_too_large),
    FileRefused::HiddenSheet(sheet) => say!(file_hidden_sheet, sheet = sheet),
    FileRefused::Empty => say!(file_empty),
    FileRefused::NoVoter => say!(file_without_voter),
    FileRefused::NotText => say!(file_not_text),
    FileRefused::Utf16 => say!(file_utf16),
    FileRefused::NoEmailColumn(Some(line)) => say!(file_without_email_column, line = line),
    FileRefused::NoEmailColumn(None) => say!(file_begins_with_voter),
    FileRefused::HeaderTooLong => say!(file_header_too_long),
    FileRefused::ColumnTwice(column) => say!(file_column_twice, column = *column),
    FileRefused::TooManyLines => say!(file_too_many_lines),
});

impl Refusal for FileRefused {
    fn kind(&self) -> Kind {
        match self {
            Self::OldExcel
            | Self::BinaryExcel
            | Self::Macros
            | Self::OpenDocument
            | Self::Encrypted
            | Self::OtherArchive
            | Self::WorkbookDamaged => problems::UNSUPPORTED_MEDIA,
            Self::TooManyLines | Self::WorkbookTooLarge => problems::TOO_LARGE,
            _ => problems::INVALID,
        }
    }

    fn errors(&self) -> Vec<FieldError> {
        if self.kind() == problems::INVALID { vec![FieldError::new("file", self.message())] } else { Vec::new() }
    }
}

/// Whether the first line of a text names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// It does, as in a file that a program has written.
    FirstLine,
    /// It is a voter already, as in lines that people type: the cells have the order of [`COLUMNS`].
    Absent,
}

/// Reads a whole file, whatever it is by its first bytes: people give files any name.
pub(crate) fn read(bytes: &[u8], header: Header) -> Result<RollFile, FileRefused> {
    if is_spreadsheet(bytes) { workbook::read(bytes) } else { read_text(bytes, header) }
}

/// A cell that begins like a formula gets an apostrophe, as spreadsheet programs want it for text.
pub(crate) fn no_formula(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// Whether reading it takes the memory that a spreadsheet takes.
pub(crate) fn is_spreadsheet(bytes: &[u8]) -> bool {
    workbook::is_archive(bytes)
}

fn read_text(bytes: &[u8], header: Header) -> Result<RollFile, FileRefused> {
    if let Some(refused) = workbook::old_container(bytes) {
        return Err(refused);
    }
    let Decoded { text, odd } = decode(bytes)?;
    let (separator, layout) = match header {
        Header::FirstLine => Layout::of(&text)?,
        Header::Absent => Layout::of_typed_lines(&text),
    };
    let mut reading = Reading::new(layout);
    let mut lines = Lines::new(&text, separator);
    if header == Header::FirstLine {
        lines.next();
    }
    for (line, record) in lines {
        let width = reading.layout.width;
        let wrong = if let Some(why) = written_oddly(&odd, line, &record) {
            Some(why.message())
        } else if record.iter().skip(width).any(|field| !field.trim().is_empty()) {
            // One field was not quoted, and then every field after it is in the wrong place.
            Some(say!(line_too_many_fields, fields = record.len(), columns = width))
        } else {
            None
        };
        let reasons = wrong.map(|message| FieldError::new("line", message));
        // Missing fields at the end of a line are empty ones.
        let cells = reading.layout.places.map(|place| place.and_then(|at| record.get(at)).unwrap_or_default());
        reading.add(line, cells, reasons.into_iter().collect())?;
    }
    reading.finish()
}

/// A file on its way from its lines to a roll, whatever the lines were written in.
pub(crate) struct Reading {
    pub(crate) layout: Layout,
    file: RollFile,
    seen: Seen,
    lines: usize,
}

impl Reading {
    pub(crate) fn new(layout: Layout) -> Self {
        let file = RollFile { ignored_columns: layout.ignored.clone(), ..RollFile::default() };
        Self { layout, file, seen: Seen::default(), lines: 0 }
    }

    /// One more line. `cells` are in the order of [`COLUMNS`]; `reasons`: what is wrong with them already, before anybody has
    /// looked what they say.
    pub(crate) fn add(&mut self, line: u64, cells: [&str; 5], reasons: Vec<FieldError>) -> Result<(), FileRefused> {
        if self.lines >= MAX_LINES {
            return Err(FileRefused::TooManyLines);
        }
        self.lines += 1;
        if !reasons.is_empty() {
            self.file.others.push(OtherLine::new(line, false, cells, reasons));
            return Ok(());
        }
        let [email, first_name, last_name, student_id, cohort] = cells;
        let entry = match Entry::parse(RawEntry { email, first_name, last_name, student_id, cohort }) {
            Ok(entry) => entry,
            Err(refused) => {
                let reasons = refused.into_iter().map(|one| FieldError::new(one.field, one.message)).collect();
                self.file.others.push(OtherLine::new(line, false, cells, reasons));
                return Ok(());
            }
        };
        let other = match self.seen.kind_of(&entry, line) {
            LineKind::New => {
                self.file.good.push((line, entry));
                return Ok(());
            }
            LineKind::SameAddress(earlier) => (true, "email", say!(address_of_other_line, line = earlier)),
            LineKind::SameStudent(earlier) => (false, "student_id", say!(student_id_of_other_line, line = earlier)),
        };
        let (is_duplicate, field, message) = other;
        self.file.others.push(OtherLine::new(line, is_duplicate, cells, vec![FieldError::new(field, message)]));
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<RollFile, FileRefused> {
        if self.lines == 0 { Err(FileRefused::NoVoter) } else { Ok(self.file) }
    }
}

/// The text of a file.
struct Decoded<'b> {
    text: Cow<'b, str>,
    /// Lines in another encoding than the rest of the file, each with the error message.
    odd: BTreeMap<u64, Odd>,
}

/// In which other encoding a line is written than the rest of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Odd {
    NotUtf8,
    NotWindows,
    Both,
}

messages::says!(Odd, |odd| match odd {
    Odd::NotUtf8 => say!(line_not_utf8),
    Odd::NotWindows => say!(line_not_windows),
    Odd::Both => say!(line_in_two_encodings),
});

/// UTF-8 when it is, with or without a mark; otherwise Windows-1252, which spreadsheets in Western Europe write and which
/// every byte sequence is. A file that was put together from both is neither: most of its lines decide, and the others are named,
/// because their names would reach voters as "MÃ¼ller" or be guesses.
fn decode(bytes: &[u8]) -> Result<Decoded<'_>, FileRefused> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(FileRefused::Utf16);
    }
    if bytes.contains(&0) {
        return Err(FileRefused::NotText);
    }
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf");
    let bytes = marked.unwrap_or(bytes);
    let decoded = match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: Cow::Borrowed(text), odd: BTreeMap::new() },
        Err(_) => of_two_encodings(bytes, marked.is_some()),
    };
    if decoded.text.trim().is_empty() { Err(FileRefused::Empty) } else { Ok(decoded) }
}

/// How a line is written.
#[derive(Clone, Copy, PartialEq)]
enum Written {
    Ascii,
    Utf8,
    Windows,
    InBoth,
}

impl Written {
    /// Letters of Windows-1252 side by side that are also one letter of UTF-8 are such as no name has.
    fn of(line: &[u8]) -> Self {
        if line.is_ascii() {
            Self::Ascii
        } else if std::str::from_utf8(line).is_ok() {
            Self::Utf8
        } else if line.utf8_chunks().any(|chunk| !chunk.valid().is_ascii()) {
            Self::InBoth
        } else {
            Self::Windows
        }
    }
}

fn of_two_encodings(bytes: &[u8], is_marked: bool) -> Decoded<'_> {
    let lines: Vec<_> = physical_lines(bytes).into_iter().map(|line| (line, Written::of(line))).collect();
    let count = |written| lines.iter().filter(|line| line.1 == written).count();
    let (utf8, windows) = (count(Written::Utf8), count(Written::Windows));
    let is_utf8 = is_marked || utf8 > 0 && utf8 >= windows;
    let (mut text, mut odd) = (String::with_capacity(bytes.len() + bytes.len() / 8), BTreeMap::new());
    for (number, (line, written)) in (1_u64..).zip(lines) {
        let why = match written {
            Written::InBoth => Some(Odd::Both),
            Written::Utf8 if !is_utf8 => Some(Odd::NotWindows),
            Written::Windows if is_utf8 => Some(Odd::NotUtf8),
            _ => None,
        };
        odd.extend(why.map(|why| (number, why)));
        let windows = |_| encoding_rs::WINDOWS_1252.decode_without_bom_handling(line).0;
        text.push_str(&std::str::from_utf8(line).map_or_else(windows, Cow::Borrowed));
    }
    Decoded { text: Cow::Owned(text), odd }
}

/// Lines with their ends: CRLF is one end, and so is a lone CR.
fn physical_lines(bytes: &[u8]) -> Vec<&[u8]> {
    let (mut lines, mut rest) = (Vec::new(), bytes);
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let height = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        let (line, next) = rest.split_at(end + height);
        lines.push(line);
        rest = next;
    }
    lines.push(rest);
    lines
}

/// What is wrong with the way the lines of a record are written.
fn written_oddly(odd: &BTreeMap<u64, Odd>, line: u64, record: &StringRecord) -> Option<Odd> {
    if odd.is_empty() {
        return None;
    }
    let line_ends = |field: &str| physical_lines(field.as_bytes()).len() as u64 - 1;
    let last = line + record.iter().map(line_ends).sum::<u64>();
    odd.range(line..=last).next().map(|(_, why)| *why)
}

/// Where each column is.
#[derive(Debug)]
pub(crate) struct Layout {
    width: usize,
    /// The place of each of [`COLUMNS`].
    pub(crate) places: [Option<usize>; 5],
    ignored: Vec<String>,
}

impl Layout {
    /// The separator is the one that makes `email` a column; of several, the one with the most columns, or the comma.
    fn of(text: &str) -> Result<(u8, Self), FileRefused> {
        let header_line = text.trim_start_matches(['\r', '\n']).split(['\r', '\n']).next().unwrap_or_default();
        if header_line.len() > MAX_HEADER {
            return Err(FileRefused::HeaderTooLong);
        }
        let headers = b"\t;,".iter().map(|separator| (*separator, header(header_line, *separator)));
        let with_email = headers.filter(|(_, names)| names.iter().any(|name| name == "email"));
        let (separator, names) = with_email
            .max_by_key(|(_, names)| names.len())
            .ok_or_else(|| FileRefused::NoEmailColumn(seen_instead(header_line)))?;
        Ok((separator, Self::of_names(&names)?))
    }

    /// Lines without a header: the separator is a tab, where a spreadsheet was copied, else a semicolon or the comma, whichever the text
    /// has first.
    fn of_typed_lines(text: &str) -> (u8, Self) {
        let found = b"\t;,".iter().find(|separator| text.as_bytes().contains(separator));
        let places = [Some(0), Some(1), Some(2), Some(3), Some(4)];
        (found.copied().unwrap_or(b','), Self { width: COLUMNS.len(), places, ignored: Vec::new() })
    }

    /// The columns by their names, which are in lower case.
    pub(crate) fn of_names(names: &[String]) -> Result<Self, FileRefused> {
        let mut places = [None; 5];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == column).map(|(at, _)| at);
            *place = found.next();
            if found.next().is_some() {
                return Err(FileRefused::ColumnTwice(column));
            }
        }
        let unknown = names.iter().filter(|name| !name.is_empty() && !COLUMNS.contains(&name.as_str()));
        let ignored = unknown.take(50).map(|name| excerpt(name, 64)).collect();
        Ok(Self { width: names.len(), places, ignored })
    }
}

fn header(line: &str, separator: u8) -> Vec<String> {
    let names = Lines::new(line, separator).next().map(|(_, names)| names).unwrap_or_default();
    names.iter().map(|name| name.trim().to_lowercase()).collect()
}

/// A first line that is no header is shown, so that a misspelt `emial` is seen at once; not when it holds addresses.
pub(crate) fn seen_instead(line: &str) -> Option<String> {
    (!line.contains('@')).then(|| excerpt(line, 80))
}

/// Which addresses and student numbers stand on which line.
#[derive(Default)]
struct Seen {
    addresses: HashMap<String, u64>,
    students: HashMap<String, u64>,
}

enum LineKind {
    New,
    SameAddress(u64),
    SameStudent(u64),
}

impl Seen {
    fn kind_of(&mut self, entry: &Entry, line: u64) -> LineKind {
        let address = match self.addresses.entry(entry.email.key()) {
            Slot::Occupied(earlier) => return LineKind::SameAddress(*earlier.get()),
            Slot::Vacant(free) => free,
        };
        if let Some(student) = &entry.student_id {
            match self.students.entry(student.clone()) {
                Slot::Occupied(earlier) => return LineKind::SameStudent(*earlier.get()),
                Slot::Vacant(free) => free.insert(line),
            };
        }
        address.insert(line);
        LineKind::New
    }
}

/// Records with the physical line each begins on; lines without content are passed over. The line is counted here, from the
/// record's place in the text: the reader's own count is off behind empty lines and CRLF.
struct Lines<'t> {
    text: &'t [u8],
    reader: csv::Reader<&'t [u8]>,
    counted_to: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str, separator: u8) -> Self {
        let text = text.as_bytes();
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text);
        Self { text, reader, counted_to: 0, line: 1 }
    }

    /// The line on which the first character at or behind `from` stands that is no line end.
    fn line_at(&mut self, from: usize) -> u64 {
        let mut at = from.clamp(self.counted_to, self.text.len());
        while matches!(self.text.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        for place in self.counted_to..at {
            // CRLF is one line end, and so is a lone CR.
            let ends_line = match self.text.get(place) {
                Some(b'\n') => true,
                Some(b'\r') => self.text.get(place + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends_line);
        }
        self.counted_to = at;
        self.line
    }
}

impl Iterator for Lines<'_> {
    type Item = (u64, StringRecord);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut record = StringRecord::new();
            // Reading from memory cannot fail, and parts of UTF-8 between ASCII separators are UTF-8.
            if !self.reader.read_record(&mut record).unwrap_or(false) {
                return None;
            }
            let begins = record.position().map_or(0, csv::Position::byte);
            let line = self.line_at(usize::try_from(begins).unwrap_or(usize::MAX));
            if record.iter().any(|field| !field.trim().is_empty()) {
                return Some((line, record));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<RollFile, FileRefused> {
        super::read(bytes, Header::FirstLine)
    }

    #[test]
    fn lines_that_people_type_need_no_header_and_have_the_numbers_of_the_text() {
        let typed = |text: &str| super::read(text.as_bytes(), Header::Absent).unwrap();
        let file = typed("ann@example.com\n\nbob@example.com, Bob, Jones\nnonsense\n");
        let lines: Vec<_> = file.good.iter().map(|(line, entry)| (*line, entry.email.as_str().to_owned())).collect();
        assert_eq!(lines, [(1, "ann@example.com".to_owned()), (3, "bob@example.com".to_owned())]);
        assert_eq!(file.good[1].1.last_name.as_deref(), Some("Jones"));
        assert_eq!(
            file.errors().into_iter().map(|(line, error)| (line, error.field)).collect::<Vec<_>>(),
            [(4, "email".to_owned())]
        );
        let copied = typed("ann@example.com\tAnn, B.\tLee\t007\t2026\n");
        let entry = &copied.good[0].1;
        assert_eq!((entry.first_name.as_deref(), entry.student_id.as_deref()), (Some("Ann, B."), Some("007")));
        assert_eq!(typed("ann@example.com;Ann;Lee\n").good[0].1.last_name.as_deref(), Some("Lee"));
        assert_eq!(super::read(b" \n", Header::Absent).unwrap_err(), FileRefused::Empty);
    }

    fn addresses(bytes: &[u8]) -> Vec<(u64, String)> {
        read(bytes).unwrap().good.into_iter().map(|(line, entry)| (line, entry.email.as_str().to_owned())).collect()
    }

    impl RollFile {
        fn duplicates(&self) -> u64 {
            self.others.len() as u64 - self.rejected()
        }

        fn rejected(&self) -> u64 {
            self.others.iter().filter(|line| !line.is_duplicate).count() as u64
        }

        fn errors(&self) -> Vec<(u64, FieldError)> {
            let bad = self.others.iter().filter(|line| !line.is_duplicate);
            bad.flat_map(|line| line.reasons.iter().map(|reason| (line.line, reason.clone()))).collect()
        }
    }

    fn bad_lines(bytes: &[u8]) -> Vec<(u64, String)> {
        read(bytes).unwrap().errors().into_iter().map(|(line, error)| (line, error.field)).collect()
    }

    #[test]
    fn a_file_of_a_header_alone_is_refused() {
        for text in ["email", "email\n", "\nemail,first_name\r\n\r\n", "email;first_name\n;\n\n"] {
            let read = read(text.as_bytes());
            assert!(matches!(read, Err(FileRefused::NoVoter)) || read.is_ok_and(|file| file.rejected() > 0), "{text:?}");
        }
        assert_eq!(read(b"email\n").unwrap_err(), FileRefused::NoVoter);
    }

    #[test]
    fn the_example_file_is_read() {
        let file = read(b"email,first_name,last_name\nalice@example.com,Alice,Johnson\nbob@example.com,Bob,Smith\n").unwrap();
        assert_eq!(file.good.len(), 2);
        assert_eq!(file.good[0].1.last_name.as_deref(), Some("Johnson"));
        assert!(file.others.is_empty());
    }

    #[test]
    fn separators_order_case_and_spaces_of_the_header_are_forgiven() {
        for text in [
            "Last_Name; EMAIL ;first_name\r\nJohnson;alice@example.com;Alice\r\n",
            "email\tLAST_NAME\nalice@example.com\tJohnson",
            "\u{feff}\"email\",\"last_name\"\n\"alice@example.com\",\"Johnson\"\n",
            "email,last_name,comment\nalice@example.com,Johnson,\"a;b;c;d\"\n",
        ] {
            let file = read(text.as_bytes()).unwrap();
            assert_eq!(file.good.len(), 1, "{text:?}");
            assert_eq!(file.good[0].1.last_name.as_deref(), Some("Johnson"), "{text:?}");
        }
        assert_eq!(addresses(b"email\na@example.com\n"), [(2, "a@example.com".to_owned())]);
    }

    #[test]
    fn umlauts_come_in_both_encodings() {
        for bytes in ["email,last_name\na@b.de,M\u{fc}ller\n".as_bytes(), b"email,last_name\na@b.de,M\xfcller\n"] {
            assert_eq!(read(bytes).unwrap().good[0].1.last_name.as_deref(), Some("M\u{fc}ller"));
        }
    }

    #[test]
    fn lines_in_another_encoding_than_the_rest_are_named() {
        let (utf8, windows) = ("M\u{fc}ller".as_bytes(), b"M\xfcller".as_slice());
        let file = |mark: &str, names: &[&[u8]]| {
            let lines = names.iter().enumerate().map(|(at, name)| [format!("v{at}@x.de,").as_bytes(), name, b"\r\n"].concat());
            [mark.as_bytes(), b"email,last_name\r\n", &lines.collect::<Vec<_>>().concat()].concat()
        };
        let both = [utf8, b" ", windows].concat();
        for (mark, names, expected) in [
            ("", vec![utf8, b"Smith", windows, utf8], vec![(4, "line-not-utf8")]),
            ("", vec![windows, b"Smith", utf8, windows], vec![(4, "line-not-windows")]),
            ("", vec![windows, utf8], vec![(2, "line-not-utf8")]),
            ("", vec![b"Smith", &both, b"Smith"], vec![(3, "line-in-two-encodings")]),
            ("", vec![b"\"Smith\r\n\r\nSmith\"", b"\"Smith\r\n\xfc\"", utf8], vec![(2, ""), (5, "line-not-utf8")]),
            ("\u{feff}", vec![windows, b"Smith", windows], vec![(2, "line-not-utf8"), (4, "line-not-utf8")]),
            ("", vec![windows, b"Smith", windows], vec![]),
            ("", vec![utf8, b"Smith", utf8], vec![]),
        ] {
            let read = read(&file(mark, &names)).unwrap();
            let named: Vec<_> = read.errors().into_iter().map(|(line, error)| (line, error.code)).collect();
            assert_eq!(named.len(), expected.len(), "{named:?}");
            for ((line, code), (expected, why)) in named.into_iter().zip(expected) {
                assert!(line == expected && (why.is_empty() || code == why), "{line} {code}");
            }
            assert_eq!(read.good.len() as u64 + read.rejected(), names.len() as u64);
            let good = read.good.iter().filter_map(|(_, entry)| entry.last_name.as_deref());
            good.for_each(|name| assert!(["M\u{fc}ller", "Smith"].contains(&name), "{name}"));
        }
    }

    #[test]
    fn line_numbers_are_those_an_editor_shows() {
        let quoted = b"email,first_name\n\"bad\",\"two\nlines\"\nworse,x\n\n\nlast,y\n";
        assert_eq!(
            bad_lines(quoted),
            [(2, "email"), (2, "first_name"), (4, "email"), (7, "email")].map(|(l, f)| (l, f.to_owned()))
        );
        assert_eq!(bad_lines(b"email\r\na@b.de\r\nbad\r\n\r\n , \r\nworse\r\n").iter().map(|e| e.0).collect::<Vec<_>>(), [3, 6]);
        assert_eq!(bad_lines(b"email\ra@b.de\rbad\r").iter().map(|e| e.0).collect::<Vec<_>>(), [3]);
        assert_eq!(bad_lines(b"\n\nemail\nbad\n").iter().map(|e| e.0).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn a_repeated_address_is_counted_and_a_repeated_student_is_an_error() {
        let file = read(b"email,student_id\nann@x.de,1\nANN@X.DE,1\nbob@x.de,1\n").unwrap();
        assert_eq!((file.good.len(), file.duplicates(), file.rejected()), (1, 1, 1));
        let (line, error) = &file.errors()[0];
        assert!(*line == 4 && error.message.contains("line 2"));
    }

    #[test]
    fn an_unquoted_separator_is_an_error_of_the_whole_line() {
        assert_eq!(bad_lines(b"email,last_name\na@b.de,Johnson, Dr\nc@d.de,x,,\ne@f.de\n"), [(2, "line".to_owned())]);
    }

    #[test]
    fn formulas_are_plain_text_and_unknown_columns_are_named() {
        let file = read(b"email,first_name,shoe\na@b.de,\"=HYPERLINK(\"\"http://x\"\")\",44\n").unwrap();
        assert_eq!(file.good[0].1.first_name.as_deref(), Some("=HYPERLINK(\"http://x\")"));
        assert_eq!(file.ignored_columns, ["shoe"]);
    }

    #[test]
    fn what_is_no_roll_is_refused_with_advice() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err();
        assert_eq!(refused(b"PK\x03\x04 and so on"), FileRefused::WorkbookDamaged);
        assert_eq!(refused(b"\xd0\xcf\x11\xe0 and so on"), FileRefused::OldExcel);
        assert_eq!(refused(b""), FileRefused::Empty);
        assert_eq!(refused(b"\xef\xbb\xbf\r\n \n"), FileRefused::Empty);
        assert_eq!(refused(b"email\na@b.de\0"), FileRefused::NotText);
        assert_eq!(refused(b"\xff\xfee\0m\0"), FileRefused::Utf16);
        assert!(refused(b"emial,name\nx,y\n").to_string().contains("emial"));
        assert!(!refused(b"alice@example.com,Alice\n").to_string().contains("alice"));
        assert_eq!(refused(b"email,Email\n"), FileRefused::ColumnTwice("email"));
        assert_eq!(refused(&vec![b'x'; 20_000_000]), FileRefused::HeaderTooLong);
        let one_line = [b"email\n".to_vec(), vec![b'x'; 20_000_000]].concat();
        assert_eq!(read(&one_line).unwrap().rejected(), 1);
        let many = [b"email\n".to_vec(), b"bad\n".repeat(MAX_LINES + 1)].concat();
        assert_eq!(refused(&many), FileRefused::TooManyLines);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(noise in proptest::collection::vec(any::<u8>(), 0..400), with_header in any::<bool>()) {
            let bytes = if with_header { [b"email,first_name\n".to_vec(), noise].concat() } else { noise };
            let physical = bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count() as u64 + 1;
            if let Ok(file) = read(&bytes) {
                prop_assert!(file.errors().iter().all(|(line, _)| (2..=physical).contains(line)));
                prop_assert!(file.errors().is_sorted_by_key(|(line, _)| *line));
            }
        }

        /// Each line is what a careless person may write; the number of every bad one must be found again.
        #[test]
        fn every_bad_line_is_found_under_its_number(
            lines in proptest::collection::vec(0_usize..5, 0..40), crlf in any::<bool>(), separator in prop::sample::select(vec![',', ';', '\t'])
        ) {
            let end = if crlf { "\r\n" } else { "\n" };
            let mut text = format!("first_name{separator}email{end}");
            let (mut line, mut expected) = (2_u64, Vec::new());
            for (count, kind) in lines.iter().enumerate() {
                let (written, height) = match kind {
                    0 => (format!("Ann{separator}v{count}@example.org"), 1),
                    1 => (String::new(), 1),
                    2 => { expected.push(line); (format!("Bob{separator}nonsense"), 1) }
                    3 => { expected.push(line); (format!("\"Bob{end}{end}Smith\"{separator}w{count}@example.org"), 3) }
                    _ => (format!("\"a,;\"\"b\"{separator}x{count}@example.org"), 1),
                };
                text += &written;
                text += end;
                line += height;
            }
            let found: Vec<u64> = match read(text.as_bytes()) {
                Err(FileRefused::NoVoter) => Vec::new(),
                file => file.unwrap().errors().iter().map(|(line, _)| *line).collect(),
            };
            prop_assert_eq!(found, expected);
        }
    }
}
