//! A spreadsheet file (XLSX) as rows of text.
//!
//! An XLSX file is a ZIP archive of XML parts, and a stranger may send one. What is answered here:
//! * *Declared sizes lie.* A few kilobytes can unpack to gigabytes. So every part that is read later is unpacked once beforehand, piece
//!   by piece, with its bytes counted ([`Scan`]); nothing is stored of it meanwhile.
//! * *`calamine` trusts the file's numbers.* It reserves memory for as many shared strings as the file says it has, collects the text
//!   of a cell whatever its length, and copies fonts into every style. So [`Scan`] also limits what it would trust, and `calamine`
//!   gets a new archive with only the parts that were scanned.
//! * *A sheet with one cell at XFD1048576* has 17 billion cells as a rectangle. The cells are read one by one, as they are written.
//! * *A panic.* Positions like `ZZZZZZZZ1` overflow in `calamine`. A panic is caught and means that the file is damaged.

use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};
use contract::problems::FieldError;
use memchr::{memchr2, memchr3, memmem};
use messages::{Message, say};
use zip::result::ZipError;
use zip::{ZipArchive, ZipWriter};

use crate::roll_file::{self, COLUMNS, FileRefused, Layout, Reading, RollFile};

/// The parts of an archive. A workbook of a roll has about fifteen.
const MAX_PARTS: usize = 2000;
/// All parts that are read, unpacked. A roll of 200,000 lines in five columns has about 90 MB.
const MAX_UNPACKED: usize = 160 * 1024 * 1024;
/// One sheet, unpacked.
const MAX_SHEET: usize = 112 * 1024 * 1024;
/// The texts of all cells, unpacked.
const MAX_STRINGS: usize = 48 * 1024 * 1024;
/// Tags among the texts; each text has at least three.
const MAX_STRING_TAGS: usize = 6_000_000;
/// Every other part. Styles are copied for each kind of cell, so a large list of them costs much more than its bytes.
const MAX_SMALL: usize = 512 * 1024;
/// From one tag to the next in a sheet and among the texts: a cell has at most 32,767 characters.
const MAX_TEXT: usize = 256 * 1024;
/// The same in other parts, where text stands in attributes.
const MAX_SMALL_TEXT: usize = 2048;
/// How long reading may take. 200,000 lines take some seconds, and twenty in a build for tests.
const MAX_TIME: Duration = Duration::from_secs(60);
/// What a cell keeps of its text: more than the longest field, so that it is still refused as too long.
const MAX_CELL: usize = 400;
/// Text of all rows together, as much as a CSV file may have: many cells can show the same long text.
const MAX_ROWS_TEXT: usize = 20 * 1024 * 1024;
/// The header, as in a CSV file.
const MAX_HEADER: usize = 16 * 1024;
/// How often the clock is asked.
const CELLS_BETWEEN_CLOCKS: usize = 4096;
/// Sheets that are named as not read.
const MAX_NAMED: usize = 50;
/// From here on a spreadsheet program has replaced the last digits by zeros.
const CUT_FROM: f64 = 1e15;

/// Whether these bytes are a ZIP archive, as XLSX is.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Why a file that is no archive and no text is refused: the container of old Excel files is also that of encrypted new ones.
pub(crate) fn old_container(bytes: &[u8]) -> Option<FileRefused> {
    let encrypted: Vec<u8> = "EncryptedPackage".bytes().flat_map(|letter| [letter, 0]).collect();
    let is_encrypted = || memmem::find(bytes, &encrypted).is_some();
    bytes.starts_with(b"\xd0\xcf\x11\xe0").then(|| if is_encrypted() { FileRefused::Encrypted } else { FileRefused::OldExcel })
}

/// Reads the voters of a workbook.
pub(crate) fn read(bytes: &[u8]) -> Result<RollFile, FileRefused> {
    read_until(bytes, Instant::now() + MAX_TIME)
}

fn read_until(bytes: &[u8], deadline: Instant) -> Result<RollFile, FileRefused> {
    let scanned = scanned(bytes, deadline)?;
    // A panic of the library changes nothing but its own values, and these are dropped.
    let read = catch_unwind(AssertUnwindSafe(move || read_scanned(scanned, deadline)));
    read.unwrap_or(Err(FileRefused::WorkbookDamaged))
}

/// A new archive with the parts that are needed, all of them scanned.
fn scanned(bytes: &[u8], deadline: Instant) -> Result<Vec<u8>, FileRefused> {
    // Before the archive's list is read: it can name a few bytes half a million times.
    if memmem::find_iter(bytes, b"PK\x01\x02").count() > MAX_PARTS {
        return Err(FileRefused::WorkbookTooLarge);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    other_kind(&mut archive)?;
    let mut needed = ZipWriter::new(Cursor::new(Vec::new()));
    let (mut names, mut unpacked) = (HashSet::new(), 0);
    for at in 0..archive.len() {
        let name = part_name(archive.by_index_raw(at).map_err(damaged)?.name_raw());
        let Some(limits) = Limits::of(&name) else { continue };
        if !names.insert(name.clone()) {
            return Err(FileRefused::WorkbookDamaged);
        }
        let mut scan = Scan::new(limits);
        let mut part = archive.by_index(at).map_err(damaged)?;
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = part.read(&mut piece).map_err(|_| FileRefused::WorkbookDamaged)?;
            unpacked += length;
            match piece.get(..length) {
                None | Some([]) => break,
                Some(_) if unpacked > MAX_UNPACKED => return Err(FileRefused::WorkbookTooLarge),
                Some(piece) => scan.feed(piece)?,
            }
            in_time(deadline)?;
        }
        drop(part);
        needed.raw_copy_file_rename(archive.by_index_raw(at).map_err(damaged)?, name).map_err(damaged)?;
    }
    Ok(needed.finish().map_err(damaged)?.into_inner())
}

fn in_time(deadline: Instant) -> Result<(), FileRefused> {
    if Instant::now() < deadline { Ok(()) } else { Err(FileRefused::WorkbookTooLarge) }
}

fn damaged(error: ZipError) -> FileRefused {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => FileRefused::Encrypted,
        _ => FileRefused::WorkbookDamaged,
    }
}

/// Names are compared as `calamine` compares them.
fn part_name(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).replace('\\', "/").to_ascii_lowercase()
}

/// Refuses archives of other programs by what only they have.
fn other_kind(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), FileRefused> {
    let names: HashSet<String> = archive.file_names_raw().map(part_name).collect();
    let ends = |end: &str| names.iter().any(|name| name.ends_with(end));
    if ends("vbaproject.bin") {
        return Err(FileRefused::Macros);
    }
    if names.contains("mimetype") && names.contains("content.xml") {
        return Err(FileRefused::OpenDocument);
    }
    if ends("workbook.bin") {
        return Err(FileRefused::BinaryExcel);
    }
    if !names.contains("_rels/.rels")
        || !names.iter().any(|name| Limits::of(name).is_some_and(|limits| limits.part == Part::Sheet))
    {
        return Err(FileRefused::OtherArchive);
    }
    // A workbook that says that it may have macros, with none in it.
    let Some(at) = (0..archive.len())
        .find(|at| archive.by_index_data(*at).is_ok_and(|entry| part_name(entry.name_raw()) == "[content_types].xml"))
    else {
        return Ok(());
    };
    let mut types = Vec::new();
    let part = archive.by_index(at).map_err(damaged)?;
    part.take(MAX_SMALL as u64).read_to_end(&mut types).map_err(|_| FileRefused::WorkbookDamaged)?;
    let types = String::from_utf8_lossy(&types);
    if types.contains("macroEnabled") { Err(FileRefused::Macros) } else { Ok(()) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Sheet,
    Strings,
    Small,
}

/// How large a part may be.
#[derive(Debug, Clone, Copy)]
struct Limits {
    part: Part,
    bytes: usize,
    tags: usize,
    text: usize,
}

impl Limits {
    /// Of a part that is read; others are never unpacked.
    fn of(name: &str) -> Option<Self> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let is_sheet = folder.ends_with("worksheets") && file.ends_with(".xml");
        let is_list = file == ".rels" || file.ends_with(".xml.rels") && !folder.ends_with("worksheets/_rels");
        let is_workbook = file == "styles.xml" || file.starts_with("workbook") && file.ends_with(".xml");
        if is_sheet {
            Some(Self { part: Part::Sheet, bytes: MAX_SHEET, tags: usize::MAX, text: MAX_TEXT })
        } else if file == "sharedstrings.xml" {
            Some(Self { part: Part::Strings, bytes: MAX_STRINGS, tags: MAX_STRING_TAGS, text: MAX_TEXT })
        } else if is_workbook || is_list && (folder == "_rels" || file.starts_with("workbook")) {
            Some(Self { part: Part::Small, bytes: MAX_SMALL, tags: usize::MAX, text: MAX_SMALL_TEXT })
        } else {
            None
        }
    }
}

/// Where in the XML a byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Text,
    /// Behind `<`.
    TagBegins,
    Name,
    Tag,
    /// In `<?xml ... ?>` at the beginning.
    Prolog,
}

/// Reads XML piece by piece and refuses what no spreadsheet program writes and a reader would pay for: other encodings than UTF-8,
/// comments, sections and declarations, long texts, elements inside the text of a cell, too many tags.
struct Scan {
    limits: Limits,
    at: At,
    bytes: usize,
    tags: usize,
    since_tag: usize,
    /// The name of the tag, without its prefix.
    name: Vec<u8>,
    closes: bool,
    last: u8,
    /// The text of a cell has begun: the next tag must be its end.
    in_text: bool,
    prolog: Vec<u8>,
    /// The last bytes, to find a number that `calamine` would believe.
    tail: Vec<u8>,
}

/// The attribute by which the file says how many texts it has.
const STRINGS_DECLARED: &[u8] = b"uniqueCount";
/// The attribute, its quotes, and seven digits.
const DECLARED: usize = STRINGS_DECLARED.len() + 10;

impl Scan {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            at: At::Text,
            bytes: 0,
            tags: 0,
            since_tag: 0,
            name: Vec::new(),
            closes: false,
            last: 0,
            in_text: false,
            prolog: Vec::new(),
            tail: Vec::new(),
        }
    }

    fn feed(&mut self, piece: &[u8]) -> Result<(), FileRefused> {
        self.bytes += piece.len();
        if self.bytes > self.limits.bytes {
            return Err(FileRefused::WorkbookTooLarge);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            // Most of a file is text and attributes, of which only the end matters.
            let boring = match self.at {
                At::Text => memchr2(b'<', 0, rest).unwrap_or(rest.len()),
                At::Tag => memchr3(b'<', b'>', 0, rest).unwrap_or(rest.len()),
                At::TagBegins | At::Name | At::Prolog => 0,
            };
            let (passed, interesting) = rest.split_at(boring);
            self.pass(passed)?;
            let Some((byte, behind)) = interesting.split_first() else { break };
            self.byte(*byte)?;
            rest = behind;
        }
        if self.limits.part == Part::Strings {
            self.tail.extend_from_slice(piece);
            let whole = self.tail.len().saturating_sub(DECLARED);
            must_be_few_strings(&self.tail, whole)?;
            self.tail.drain(..whole);
        }
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<(), FileRefused> {
        self.since_tag += bytes.len();
        self.last = bytes.last().copied().unwrap_or(self.last);
        if self.since_tag > self.limits.text { Err(FileRefused::WorkbookTooLarge) } else { Ok(()) }
    }

    fn byte(&mut self, byte: u8) -> Result<(), FileRefused> {
        self.pass(&[])?;
        self.since_tag += 1;
        if byte == 0 {
            return Err(FileRefused::WorkbookDamaged);
        }
        match (self.at, byte) {
            (At::Text, b'<') => {
                self.tags += 1;
                if self.tags > self.limits.tags {
                    return Err(FileRefused::WorkbookTooLarge);
                }
                (self.at, self.since_tag, self.closes) = (At::TagBegins, 0, false);
                self.name.clear();
            }
            (At::Text, _) => {}
            (At::TagBegins, b'?') if self.tags == 1 => self.at = At::Prolog,
            (At::TagBegins, b'?' | b'!') => return Err(FileRefused::WorkbookDamaged),
            (At::TagBegins, b'/') => (self.at, self.closes) = (At::Name, true),
            (At::TagBegins, _) if self.in_text => return Err(FileRefused::WorkbookDamaged),
            (At::TagBegins, _) => {
                self.at = At::Name;
                self.name.push(byte);
            }
            (At::Name | At::Tag, b'<') => return Err(FileRefused::WorkbookDamaged),
            (At::Name | At::Tag, b'>') => {
                let is_text = matches!(self.name.as_slice(), b"t" | b"v" | b"f");
                self.in_text = is_text && !self.closes && self.last != b'/';
                self.at = At::Text;
            }
            (At::Name, b':') => self.name.clear(),
            (At::Name, b' ' | b'\t' | b'\r' | b'\n' | b'/') => self.at = At::Tag,
            (At::Name, _) => self.name.push(byte),
            (At::Tag, _) => {}
            (At::Prolog, b'>') => {
                must_be_utf8(&self.prolog)?;
                self.at = At::Text;
            }
            (At::Prolog, _) => self.prolog.push(byte),
        }
        self.last = byte;
        Ok(())
    }
}

fn must_be_utf8(prolog: &[u8]) -> Result<(), FileRefused> {
    let prolog = String::from_utf8_lossy(prolog).to_ascii_lowercase();
    let Some((_, encoding)) = prolog.split_once("encoding") else { return Ok(()) };
    let encoding = encoding.trim_start_matches([' ', '=', '"', '\'', '\t']);
    let is_utf8 = ["utf-8", "us-ascii"].iter().any(|known| encoding.starts_with(known));
    if is_utf8 { Ok(()) } else { Err(FileRefused::WorkbookDamaged) }
}

/// The number of texts that is declared before `end`, if any is: at most seven digits. `calamine` reserves 24 bytes for each, and
/// reserving more than there is ends the process.
fn must_be_few_strings(text: &[u8], end: usize) -> Result<(), FileRefused> {
    for at in memmem::find_iter(text, STRINGS_DECLARED).take_while(|at| *at < end) {
        let declared = text.get(at + STRINGS_DECLARED.len()..).unwrap_or_default();
        let number = declared.strip_prefix(b"=\"").or(declared.strip_prefix(b"='")).unwrap_or_default();
        let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=7).contains(&digits) {
            return Err(FileRefused::WorkbookDamaged);
        }
    }
    Ok(())
}

/// Finds the sheet with the voters and reads it.
fn read_scanned(archive: Vec<u8>, deadline: Instant) -> Result<RollFile, FileRefused> {
    let mut workbook = Xlsx::new(Cursor::new(archive)).map_err(|error| unreadable(&error))?;
    in_time(deadline)?;
    let sheets: Vec<(String, bool)> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let mut instead = None;
    for (name, _) in sheets.iter().filter(|(_, is_visible)| *is_visible) {
        let mut rows = Rows::new(deadline);
        rows.read(&mut workbook, name)?;
        match rows.into_file() {
            Err(FileRefused::NoEmailColumn(line)) => instead = instead.or(Some(line)),
            Err(FileRefused::Empty) => {}
            Err(refused) => return Err(refused),
            Ok(mut file) => {
                let others = sheets.iter().map(|(other, _)| other).filter(|other| *other != name);
                file.ignored_sheets = others.take(MAX_NAMED).map(|other| shown(other)).collect();
                file.sheet = Some(shown(name));
                return Ok(file);
            }
        }
    }
    for (name, _) in sheets.iter().filter(|(_, is_visible)| !*is_visible) {
        let mut rows = Rows::new(deadline);
        rows.read(&mut workbook, name)?;
        if !matches!(rows.into_file(), Err(FileRefused::NoEmailColumn(_) | FileRefused::Empty)) {
            return Err(FileRefused::HiddenSheet(shown(name)));
        }
    }
    Err(instead.map_or(FileRefused::Empty, FileRefused::NoEmailColumn))
}

/// A sheet's name, which has 31 characters at the most in a spreadsheet program.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn unreadable(error: &XlsxError) -> FileRefused {
    if matches!(error, XlsxError::Password) { FileRefused::Encrypted } else { FileRefused::WorkbookDamaged }
}

/// A cell that is wanted, as text.
#[derive(Debug, Default)]
struct Cell {
    text: String,
    /// What is wrong with it, whatever its column is.
    wrong: Option<Message>,
    is_date: bool,
}

/// The rows of one sheet on their way to a roll.
struct Rows {
    deadline: Instant,
    /// The header's cells, until the first row is over.
    header: Vec<(usize, String)>,
    state: RowsState,
    row: Option<u32>,
    cells: [Cell; 5],
    text: usize,
}

enum RowsState {
    Header,
    Voters(Box<Reading>),
    /// The header names no column `email`. What it is instead.
    Other(Option<String>),
}

impl Rows {
    fn new(deadline: Instant) -> Self {
        Self { deadline, header: Vec::new(), state: RowsState::Header, row: None, cells: Default::default(), text: 0 }
    }

    fn read(&mut self, workbook: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Result<(), FileRefused> {
        let mut reader = workbook.worksheet_cells_reader(sheet).map_err(|error| unreadable(&error))?;
        // A number format such as 00000 shows zeros that the number itself does not have.
        let zeros: Vec<usize> = reader
            .styles()
            .iter()
            .map(|style| style.number_format.as_ref().map_or("", |format| &format.format_code))
            .map(|code| if code.len() <= 64 && code.bytes().all(|digit| digit == b'0') { code.len() } else { 0 })
            .collect();
        let mut count = 0_usize;
        while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|error| unreadable(&error))? {
            count += 1;
            if count.is_multiple_of(CELLS_BETWEEN_CLOCKS) {
                in_time(self.deadline)?;
            }
            let (row, column) = cell.get_position();
            let value = cell.get_value();
            if matches!(value, DataRef::Empty) {
                continue;
            }
            match self.row {
                Some(current) if row < current => return Err(FileRefused::WorkbookDamaged),
                Some(current) if row > current => self.end_row()?,
                _ => {}
            }
            if let RowsState::Other(_) = self.state {
                return Ok(());
            }
            self.row = Some(row);
            self.cell(column as usize, value, zeros.get(style).copied().unwrap_or(0))?;
        }
        in_time(self.deadline)?;
        self.end_row()
    }

    fn cell(&mut self, column: usize, value: &DataRef<'_>, zeros: usize) -> Result<(), FileRefused> {
        match &self.state {
            RowsState::Header => {
                let name = cell(value, 0).text;
                self.text += name.len();
                if self.text > MAX_HEADER {
                    return Err(FileRefused::HeaderTooLong);
                }
                if !name.trim().is_empty() {
                    self.header.push((column, name));
                }
            }
            RowsState::Voters(reading) => {
                if let Some(at) = reading.layout.places.iter().position(|place| *place == Some(column)) {
                    let cell = cell(value, zeros);
                    self.text += cell.text.len();
                    if self.text > MAX_ROWS_TEXT {
                        return Err(FileRefused::WorkbookTooLarge);
                    }
                    if let Some(wanted) = self.cells.get_mut(at) {
                        *wanted = cell;
                    }
                }
            }
            RowsState::Other(_) => {}
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), FileRefused> {
        let Some(row) = self.row.take() else { return Ok(()) };
        match &mut self.state {
            RowsState::Header => {
                if self.header.is_empty() {
                    return Ok(());
                }
                let header = std::mem::take(&mut self.header);
                let width = header.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
                let mut names = vec![String::new(); width];
                for (column, name) in &header {
                    if let Some(place) = names.get_mut(*column) {
                        *place = name.trim().to_lowercase();
                    }
                }
                self.state = if names.iter().any(|name| name == "email") {
                    RowsState::Voters(Box::new(Reading::new(Layout::of_names(&names)?)))
                } else {
                    let line = header.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ");
                    RowsState::Other(roll_file::seen_instead(&line))
                };
            }
            RowsState::Voters(reading) => {
                let cells = std::mem::take(&mut self.cells);
                // A row with nothing in the columns that mean something is no voter: formulas are often filled in to the last row.
                if cells.iter().all(|cell| cell.text.trim().is_empty() && cell.wrong.is_none()) {
                    return Ok(());
                }
                let reasons = cells.iter().zip(COLUMNS).filter_map(|(cell, column)| {
                    let date = (cell.is_date && column == "student_id").then(|| say!(cell_is_date));
                    Some(FieldError::new(column, cell.wrong.clone().or(date)?))
                });
                let texts = cells.each_ref().map(|cell| cell.text.as_str());
                reading.add(u64::from(row) + 1, texts, reasons.collect())?;
            }
            RowsState::Other(_) => {}
        }
        Ok(())
    }

    fn into_file(self) -> Result<RollFile, FileRefused> {
        match self.state {
            RowsState::Header => Err(FileRefused::Empty),
            RowsState::Other(line) => Err(FileRefused::NoEmailColumn(line)),
            RowsState::Voters(reading) => reading.finish(),
        }
    }
}

/// A cell as the text that a person sees in it, as far as a roll needs that. Of a formula, the result that was saved with it.
fn cell(value: &DataRef<'_>, zeros: usize) -> Cell {
    let text = |text: &str| Cell { text: text.chars().take(MAX_CELL).collect(), ..Cell::default() };
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Bool(value) => text(if *value { "TRUE" } else { "FALSE" }),
        DataRef::Int(value) => text(&value.to_string()),
        DataRef::Float(value) if value.abs() >= CUT_FROM => {
            Cell { text: value.to_string(), wrong: Some(say!(cell_number_cut)), is_date: false }
        }
        // Rust shows whole numbers without a fraction: 12345.0 is 12345.
        DataRef::Float(value) => text(&format!("{value:0>zeros$}")),
        DataRef::DateTime(value) => Cell { text: date(value), wrong: None, is_date: true },
        DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => Cell { is_date: true, ..text(value) },
        DataRef::Error(error) => Cell { text: error.to_string(), wrong: Some(say!(cell_is_error)), is_date: false },
    }
}

/// 2026-09-01, with the time when it has one.
fn date(value: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests;
