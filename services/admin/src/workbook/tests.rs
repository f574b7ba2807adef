use std::io::Write as _;

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;

use super::*;

const RELS: &str = r#"<Relationships xmlns="r"><Relationship Id="rId1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const SHEETS: &str = r#"<Relationships xmlns="r"><Relationship Id="rId1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns:r="r"><sheets><sheet name="Roll" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

/// An archive by hand: a valid workbook of one sheet, with these parts in addition or instead.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let usual = [
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/_rels/workbook.xml.rels", SHEETS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData></sheetData></worksheet>"),
    ];
    let kept = usual.iter().filter(|(name, _)| parts.iter().all(|(other, _)| other != name));
    for (name, bytes) in kept.chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn sheet(cells: &str) -> Vec<u8> {
    format!("<worksheet><sheetData>{cells}</sheetData></worksheet>").into_bytes()
}

fn with_sheet(cells: &str) -> Vec<u8> {
    archive(&[("xl/worksheets/sheet1.xml", &sheet(cells))])
}

fn inline(text: &str) -> String {
    format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn email_header() -> String {
    format!(r#"<row r="1">{}{}</row>"#, inline("email"), inline("student_id"))
}

/// The most memory that this process had since the last call, in MB. Each test is a process of its own.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    let peak = line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024;
    // From now on the kernel notes it anew.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    peak
}

/// How many MB more than before this takes at its most.
fn grown(work: impl FnOnce()) -> usize {
    let _ = peak();
    let before = peak();
    work();
    peak().saturating_sub(before)
}

/// Refused like this, without having needed much memory beside the file.
#[track_caller]
fn refuses_in_bounds(file: &[u8], refused: &FileRefused) {
    let grown = grown(|| assert_eq!(read(file).unwrap_err(), *refused));
    assert!(grown < 64, "{grown} MB");
}

fn saved(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_as_excel_saves_it_is_read_row_by_row_with_its_line_numbers() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    // Rows and columns that are not used before the table are passed over.
    for (column, name) in ["Last_Name", " EMAIL ", "shoe", "student_id", "cohort", "first_name"].into_iter().enumerate() {
        sheet.write(2, u16::try_from(column).unwrap() + 1, name).unwrap();
    }
    for (row, voter) in [(3, "ann"), (5, "b\u{fc}rger"), (6, "ann")] {
        sheet.write(row, 1, format!("M\u{fc}ller & <{voter}>")).unwrap();
        sheet.write(row, 2, format!("{}@example.com", voter.replace('\u{fc}', "ue"))).unwrap();
        sheet.write(row, 3, 44).unwrap();
    }
    sheet.write(8, 2, "nonsense").unwrap();
    let file = read(&saved(workbook)).unwrap();
    let good: Vec<_> = file.good.iter().map(|(line, entry)| (*line, entry.email.as_str())).collect();
    assert_eq!(good, [(4, "ann@example.com"), (6, "buerger@example.com")]);
    assert_eq!(file.good[1].1.last_name.as_deref(), Some("M\u{fc}ller & <b\u{fc}rger>"));
    let others: Vec<_> = file.others.iter().map(|other| (other.line, other.is_duplicate)).collect();
    assert_eq!(others, [(7, true), (9, false)]);
    assert_eq!((file.ignored_columns, file.sheet.as_deref()), (vec!["shoe".to_owned()], Some("Sheet1")));
}

#[test]
fn student_ids_are_what_a_person_sees_in_the_cell() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["email", "student_id", "cohort"]).unwrap();
    for row in 1..12 {
        sheet.write(row, 0, format!("v{row}@example.com")).unwrap();
    }
    sheet.write(1, 1, "00123").unwrap();
    sheet.write(2, 1, 12345.0).unwrap();
    sheet.write_with_format(3, 1, 123, &Format::new().set_num_format("00000")).unwrap();
    sheet.write(4, 1, 123_456_789_012_345_i64).unwrap();
    sheet.write_formula(5, 1, Formula::new("=A1&\"7\"").set_result("x7")).unwrap();
    sheet.write_formula(6, 1, Formula::new("=40+2").set_result("42")).unwrap();
    sheet.write(7, 1, 1_234_567_890_123_456_i64).unwrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_with_format(8, 1, ExcelDateTime::from_ymd(2026, 2, 1).unwrap(), &day).unwrap();
    sheet.write_formula(9, 1, Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write_with_format(10, 2, ExcelDateTime::from_ymd(2026, 9, 1).unwrap(), &day).unwrap();
    sheet.write(11, 2, true).unwrap();
    let file = read(&saved(workbook)).unwrap();
    let ids: Vec<_> = file.good.iter().filter_map(|(line, entry)| Some((*line, entry.student_id.as_deref()?))).collect();
    assert_eq!(
        ids,
        [(2, "00123"), (3, "12345"), (4, "00123"), (5, "123456789012345"), (6, "x7"), (7, "42")]
            .into_iter()
            .filter(|(line, _)| *line != 4)
            .collect::<Vec<_>>()
    );
    let wrong: Vec<_> =
        file.others.iter().map(|other| (other.line, other.reasons[0].field.as_str(), other.reasons[0].code.as_str())).collect();
    assert_eq!(
        wrong,
        [
            // The same number as in line 2, because the format shows its zeros.
            (4, "student_id", "student-id-of-other-line"),
            (8, "student_id", "cell-number-cut"),
            (9, "student_id", "cell-is-date"),
            (10, "student_id", "cell-is-error"),
        ]
    );
    let cohorts: Vec<_> = file.good.iter().filter_map(|(_, entry)| entry.cohort.as_deref()).collect();
    assert_eq!(cohorts, ["2026-09-01", "TRUE"]);
}

#[test]
fn the_first_visible_sheet_with_the_columns_is_read_and_the_others_are_named() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("About").unwrap().write(0, 0, "Roll of 2026").unwrap();
    workbook.add_worksheet().set_name("Empty").unwrap();
    let old = workbook.add_worksheet().set_name("Last year").unwrap().set_hidden(true);
    old.write_column(0, 0, ["email", "old@example.com"]).unwrap();
    workbook.add_worksheet().set_name("Voters").unwrap().write_column(0, 0, ["email", "ann@example.com"]).unwrap();
    workbook.add_worksheet().set_name("More").unwrap().write_column(0, 0, ["email", "bob@example.com"]).unwrap();
    let file = read(&saved(workbook)).unwrap();
    assert_eq!(file.good[0].1.email.as_str(), "ann@example.com");
    assert_eq!((file.good.len(), file.sheet.as_deref()), (1, Some("Voters")));
    assert_eq!(file.ignored_sheets, ["About", "Empty", "Last year", "More"]);
}

#[test]
fn a_workbook_without_the_columns_says_what_stands_there_instead() {
    let with = |build: &dyn Fn(&mut Worksheet)| {
        let mut workbook = Workbook::new();
        build(workbook.add_worksheet());
        read(&saved(workbook)).unwrap_err()
    };
    let with_book = |build: &dyn Fn(&mut Workbook)| {
        let mut workbook = Workbook::new();
        build(&mut workbook);
        read(&saved(workbook)).unwrap_err()
    };
    assert_eq!(with(&|_| {}), FileRefused::Empty);
    let other = with(&|sheet| {
        sheet.write_row(0, 0, ["emial", "name"]).unwrap();
    });
    assert_eq!(other, FileRefused::NoEmailColumn(Some("emial, name".to_owned())));
    let voter = with(&|sheet| {
        sheet.write_row(0, 0, ["ann@example.com", "Ann"]).unwrap();
    });
    assert_eq!(voter, FileRefused::NoEmailColumn(None));
    assert_eq!(
        with(&|sheet| {
            sheet.write(0, 0, "email").unwrap();
        }),
        FileRefused::NoVoter
    );
    let twice = with(&|sheet| {
        sheet.write_row(0, 0, ["email", "Email"]).unwrap();
    });
    assert_eq!(twice, FileRefused::ColumnTwice("email"));
    let hidden = with_book(&|workbook| {
        workbook.add_worksheet().write(0, 0, "Read me").unwrap();
        let sheet = workbook.add_worksheet().set_name("Roll").unwrap().set_hidden(true);
        sheet.write_column(0, 0, ["email", "ann@example.com"]).unwrap();
    });
    assert_eq!(hidden, FileRefused::HiddenSheet("Roll".to_owned()));
    let long = with(&|sheet| {
        sheet.write_row(0, 0, vec!["x".repeat(300); 100]).unwrap();
    });
    assert_eq!(long, FileRefused::HeaderTooLong);
}

#[test]
fn files_of_other_programs_are_refused_with_the_way_out() {
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), vec![0; 600]].concat();
    let encrypted: Vec<u8> = [old.clone(), "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let with_type = |kind: &str| format!(r#"<Types><Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>"#);
    let macros = with_type("application/vnd.ms-excel.sheet.macroEnabled.main+xml");
    for (file, refused) in [
        (old, FileRefused::OldExcel),
        (encrypted, FileRefused::Encrypted),
        (archive(&[("xl/vbaProject.bin", b"x")]), FileRefused::Macros),
        (archive(&[("[Content_Types].xml", macros.as_bytes())]), FileRefused::Macros),
        (
            archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]),
            FileRefused::OpenDocument,
        ),
        (archive(&[("xl/workbook.bin", b"x")]), FileRefused::BinaryExcel),
        (b"PK\x03\x04 and no archive".to_vec(), FileRefused::WorkbookDamaged),
    ] {
        assert_eq!(roll_file::read(&file, roll_file::Header::FirstLine).unwrap_err(), refused);
        let advice = messages::Says::message(&refused).to_string();
        assert!(advice.contains(".xlsx") && advice.contains("CSV"), "{advice}");
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    let document = zip.finish().unwrap().into_inner();
    assert_eq!(read(&document).unwrap_err(), FileRefused::OtherArchive);
    let whole = with_sheet(&email_header());
    for end in [30, whole.len() / 2, whole.len() - 1] {
        assert_eq!(read(&whole[..end]).unwrap_err(), FileRefused::WorkbookDamaged);
    }
}

#[test]
fn one_cell_in_the_last_corner_costs_nothing() {
    let corner = format!(
        r#"{}<row r="2">{}<c r="XFD2"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
        email_header(),
        inline("ann@example.com")
    );
    let sheet = format!(r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{corner}</sheetData></worksheet>"#);
    let file = archive(&[("xl/worksheets/sheet1.xml", sheet.as_bytes())]);
    let grown = grown(|| {
        let file = read(&file).unwrap();
        assert_eq!((file.good.len(), file.others.len()), (1, 0));
    });
    assert!(grown < 16, "{grown} MB");
}

/// As Excel writes it: addresses and names among the shared texts, and the attributes that it gives to rows and cells.
#[test]
fn the_limits_have_room_for_twice_this_roll_which_is_the_largest_one() {
    let (mut strings, mut cells) = (String::new(), String::new());
    let header = COLUMNS.iter().map(|name| format!("<si><t>{name}</t></si>")).collect::<String>();
    for at in 0..100_000 {
        let texts = [format!("first{at}.last{at}@students.example.org"), format!("First {at}"), format!("Last {at}")];
        strings.extend(texts.map(|text| format!("<si><t>{text}</t></si>")));
        cells += &format!(r#"<row r="{}" spans="1:5" x14ac:dyDescent="0.25">"#, at + 2);
        for (column, letter) in ["A", "B", "C"].into_iter().enumerate() {
            cells += &format!(r#"<c r="{letter}{}" s="1" t="s"><v>{}</v></c>"#, at + 2, 5 + at * 3 + column);
        }
        cells += &format!(r#"<c r="D{0}" s="1"><v>{1}</v></c><c r="E{0}" s="1"><v>2026</v></c></row>"#, at + 2, 10_000_000 + at);
    }
    let first: String = ["A", "B", "C", "D", "E"]
        .iter()
        .enumerate()
        .map(|(at, letter)| format!(r#"<c r="{letter}1" t="s"><v>{at}</v></c>"#))
        .collect();
    let strings = format!(r#"<sst count="300005" uniqueCount="300005">{header}{strings}</sst>"#);
    let sheet = sheet(&format!(r#"<row r="1">{first}</row>{cells}"#));
    drop(cells);
    assert!(sheet.len() * 2 < MAX_SHEET && strings.len() * 2 < MAX_STRINGS && (sheet.len() + strings.len()) * 2 < MAX_UNPACKED);
    let unpacked = (sheet.len() / 1_000_000, strings.len() / 1_000_000);
    let file = archive(&[("xl/sharedStrings.xml", strings.as_bytes()), ("xl/worksheets/sheet1.xml", &sheet)]);
    drop((sheet, strings));
    let begun = Instant::now();
    // Time enough for a build without optimisation on a busy machine.
    let deadline = begun + 20 * MAX_TIME;
    let grown = grown(|| assert_eq!(read_until(&file, deadline).unwrap().good.len(), 100_000));
    println!("{} MB, unpacked {unpacked:?} MB, took {grown} MB and {:?}", file.len() / 1_000_000, begun.elapsed());
    assert!(grown < 200, "{grown} MB");
}

#[test]
fn what_unpacks_to_more_than_it_may_is_refused_while_it_is_unpacked() {
    let large = vec![b' '; MAX_SHEET + 1];
    let file = archive(&[("xl/worksheets/sheet1.xml", &large)]);
    assert!(file.len() < 400_000, "a bomb: {} bytes", file.len());
    drop(large);
    // Spaces alone are one long text.
    refuses_in_bounds(&file, &FileRefused::WorkbookTooLarge);
}

#[test]
fn a_bomb_of_many_tags_is_refused_whether_its_declared_size_lies_or_not() {
    let mut cells = b"<worksheet><sheetData>".to_vec();
    cells.extend(b"<c r=\"A1\"/>".repeat(MAX_SHEET / 11 + 1));
    let mut file = archive(&[("xl/worksheets/sheet1.xml", &cells)]);
    drop(cells);
    refuses_in_bounds(&file, &FileRefused::WorkbookTooLarge);
    // 100 bytes, say the local header and the list of the archive. The sheet is the last part.
    let local = file.windows(4).rposition(|piece| piece == b"PK\x03\x04").unwrap();
    let listed = file.windows(4).rposition(|piece| piece == b"PK\x01\x02").unwrap();
    for size in [local + 22, listed + 24] {
        file[size..size + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    refuses_in_bounds(&file, &FileRefused::WorkbookDamaged);
}

#[test]
fn numbers_that_the_file_states_are_not_believed() {
    let strings = |count: &str| format!(r#"<sst count="1" uniqueCount={count}><si><t>email</t></si></sst>"#);
    for count in ["\"18446744073709551615\"", "\"99999999999\"", "'12345678'", " \"12345678\"", "\"\""] {
        let file = archive(&[("xl/sharedStrings.xml", strings(count).as_bytes())]);
        refuses_in_bounds(&file, &FileRefused::WorkbookDamaged);
    }
    // Wherever it stands, also across two pieces.
    for before in (64 * 1024 - 30)..(64 * 1024 + 2) {
        let text = format!("<sst>{}<sst uniqueCount=\"99999999\"/>", " ".repeat(before));
        let mut scan = Scan::new(Limits::of("xl/sharedstrings.xml").unwrap());
        assert!(text.as_bytes().chunks(64 * 1024).try_for_each(|piece| scan.feed(piece)).is_err(), "{before}");
    }
    let honest = archive(&[
        ("xl/sharedStrings.xml", strings("\"1\"").as_bytes()),
        (
            "xl/worksheets/sheet1.xml",
            &sheet(&format!(r#"<row r="1"><c t="s"><v>0</v></c></row><row r="2">{}</row>"#, inline("a@b.de"))),
        ),
    ]);
    assert_eq!(read(&honest).unwrap().good.len(), 1);
}

#[test]
fn many_cells_with_one_long_text_do_not_multiply_it() {
    let long = "x".repeat(200_000);
    let strings = format!("<sst><si><t>email</t></si><si><t>{long}</t></si></sst>");
    let cells: String = (2..150_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>"#)).collect();
    let cells = format!(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>{cells}"#);
    let file = archive(&[("xl/sharedStrings.xml", strings.as_bytes()), ("xl/worksheets/sheet1.xml", &sheet(&cells))]);
    drop(cells);
    refuses_in_bounds(&file, &FileRefused::WorkbookTooLarge);
}

#[test]
fn long_texts_in_parts_and_many_styles_are_refused() {
    let in_parts = |inside: &str| with_sheet(&format!("{}<row r=\"2\">{}</row>", email_header(), inline(inside)));
    for inside in ["a<!-- -->b", "a<b/>b", "a<t>b</t>", "<![CDATA[a]]>", "a<?x?>b"] {
        assert_eq!(read(&in_parts(inside)).unwrap_err(), FileRefused::WorkbookDamaged, "{inside}");
    }
    refuses_in_bounds(&in_parts(&"x".repeat(MAX_TEXT)), &FileRefused::WorkbookTooLarge);
    let name = "x".repeat(MAX_SMALL_TEXT);
    let fonts = format!(r#"<styleSheet><fonts><font><name val="{name}"/></font></fonts></styleSheet>"#);
    assert_eq!(read(&archive(&[("xl/styles.xml", fonts.as_bytes())])).unwrap_err(), FileRefused::WorkbookTooLarge);
    let name = "x".repeat(MAX_SMALL_TEXT - 50);
    let kinds = r#"<xf fontId="0"/>"#.repeat(32_000);
    let styles =
        format!(r#"<styleSheet><fonts><font><name val="{name}"/></font></fonts><cellXfs>{kinds}</cellXfs></styleSheet>"#);
    assert!((MAX_SMALL - 20_000..MAX_SMALL).contains(&styles.len()), "nearly as many as there may be: {}", styles.len());
    let file = archive(&[("xl/styles.xml", styles.as_bytes())]);
    let grown = grown(|| assert_eq!(read(&file).unwrap_err(), FileRefused::Empty));
    assert!(grown < 200, "{grown} MB");
}

#[test]
fn other_encodings_and_odd_positions_are_refused() {
    let utf16: Vec<u8> = "<worksheet><sheetData/></worksheet>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&archive(&[("xl/worksheets/sheet1.xml", &utf16)])).unwrap_err(), FileRefused::WorkbookDamaged);
    let named = br#"<?xml version="1.0" encoding="Shift_JIS"?><worksheet><sheetData/></worksheet>"#;
    assert_eq!(read(&archive(&[("xl/worksheets/sheet1.xml", named)])).unwrap_err(), FileRefused::WorkbookDamaged);
    for position in ["ZZZZZZZZZZ1", "A99999999999", "A0", "1", "A1B", "\u{fc}1"] {
        let cells = format!(r#"<row r="1"><c r="{position}" t="inlineStr"><is><t>email</t></is></c></row>"#);
        assert_eq!(read(&with_sheet(&cells)).unwrap_err(), FileRefused::WorkbookDamaged, "{position}");
    }
    // Rows that go backwards would give two lines one number.
    let backwards = format!(r#"<row r="2">{0}</row><row r="2"></row><row r="1">{0}</row>"#, inline("email"));
    assert_eq!(read(&with_sheet(&backwards)).unwrap_err(), FileRefused::WorkbookDamaged);
}

#[test]
fn an_archive_with_a_part_twice_or_very_many_is_refused() {
    let twice = archive(&[("XL/Worksheets/Sheet1.xml", b"<worksheet/>")]);
    assert_eq!(read(&twice).unwrap_err(), FileRefused::WorkbookDamaged);
    let many = with_sheet("").into_iter().chain(b"PK\x01\x02".repeat(MAX_PARTS)).collect::<Vec<_>>();
    refuses_in_bounds(&many, &FileRefused::WorkbookTooLarge);
}

#[test]
fn a_cell_keeps_no_byte_that_the_database_refuses() {
    let cells = format!("{}<row r=\"2\">{}</row>", email_header(), inline("a_x0000_b"));
    let file = read(&with_sheet(&cells)).unwrap();
    assert_eq!(file.others[0].cells[0], "a\u{fffd}b");
}

#[test]
fn too_many_rows_are_refused() {
    let rows: String = (2..200_003).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#)).collect();
    assert_eq!(read(&with_sheet(&(email_header() + &rows))).unwrap_err(), FileRefused::TooManyLines);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_bytes_make_it_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let mut file = with_sheet(&format!("{}<row r=\"2\">{}</row>", email_header(), inline("ann@example.com")));
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = roll_file::read(&file, roll_file::Header::FirstLine);
    }

    #[test]
    fn no_xml_makes_it_panic(inside in "[ -~<>/=\"]{0,200}", cells in "(<row( r=\"[0-9A-Z]{1,9}\")?>|</row>|<c( r=\"[A-Z0-9]{1,9}\")?( t=\"(s|b|e|n|str|inlineStr|d)\")?( s=\"[0-9]{1,9}\")?/?>|<v>|[0-9a-z.#/!-]{1,9}|</v>|</c>){0,40}") {
        let _ = read(&with_sheet(&inside));
        let _ = read(&with_sheet(&cells));
        let _ = read(&with_sheet(&(email_header() + &cells)));
    }
}
