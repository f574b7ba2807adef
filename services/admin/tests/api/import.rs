use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use rust_xlsxwriter::Workbook;
use serde_json::json;
use testkit::{given, wait_until};

use crate::app::App;

const DOCUMENT: &str =
    "email,first_name,last_name\nalice@example.com,Alice,Johnson\nbob@example.com,Bob,Smith\ncarol@example.com,Carol,White\n";

#[actix_web::test]
async fn the_example_file_is_imported() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let report = app.import(&admin, election.election_id, "", DOCUMENT).await.expect(200);
    assert_eq!(
        report,
        json!({ "imported": 3, "duplicates": 0, "rejected": 0, "total_errors": 0, "errors": [], "ignored_columns": [], "dry_run": false })
    );
    assert_eq!(app.roll(&admin, election.election_id).await, ["alice@example.com", "bob@example.com", "carol@example.com"]);
    let again =
        app.import(&admin, election.election_id, "", DOCUMENT.replace("alice", "ALICE") + "dan@example.com\n").await.expect(200);
    assert_eq!((again["imported"].as_u64(), again["duplicates"].as_u64()), (Some(1), Some(3)));
    let unchanged = app.import(&admin, election.election_id, "", DOCUMENT).await.expect(200);
    assert_eq!((unchanged["imported"].as_u64(), unchanged["duplicates"].as_u64()), (Some(0), Some(3)));
    assert_eq!(app.event_types().await, ["voters_imported", "voters_viewed", "voters_imported"]);
}

#[actix_web::test]
async fn one_bad_line_imports_nothing_and_is_named() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let file = "email,first_name,last_name\nok@example.com,A,B\nnonsense,C,D\n";
    let refused = app.import(&admin, election.election_id, "", file).await;
    refused.refused(422, "invalid-input");
    assert_eq!(
        refused.body["errors"],
        json!([{ "line": 3, "field": "email", "message": "is not a mail address of the form name@example.org", "code": "email-malformed", "params": {} }])
    );
    assert_eq!((refused.body["total_errors"].as_u64(), refused.body["imported"].as_u64()), (Some(1), Some(0)));
    assert_eq!((&refused.body["code"], &refused.body["params"]), (&json!("file-lines-refused"), &json!({ "lines": 1 })));
    assert!(app.roll(&admin, election.election_id).await.is_empty());
    let skipped = app.import(&admin, election.election_id, "?mode=skip", file).await.expect(200);
    assert_eq!((skipped["imported"].as_u64(), skipped["rejected"].as_u64()), (Some(1), Some(1)));
    assert_eq!(skipped["errors"][0]["line"], 3);
    assert_eq!(app.roll(&admin, election.election_id).await, ["ok@example.com"]);
}

#[actix_web::test]
async fn a_dry_run_reports_and_changes_nothing() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.add_voter(&admin, election.election_id, "alice@example.com").await.expect(201);
    let file = DOCUMENT.replace("bob@", "bob") + "CAROL@example.com\n";
    let report = app.import(&admin, election.election_id, "?dry_run=true", file).await.expect(200);
    assert_eq!(
        (report["imported"].as_u64(), report["duplicates"].as_u64(), report["rejected"].as_u64()),
        (Some(1), Some(2), Some(1))
    );
    assert_eq!(report["dry_run"], true);
    assert_eq!(app.roll(&admin, election.election_id).await, ["alice@example.com"]);
}

#[actix_web::test]
async fn of_many_bad_lines_the_first_thousand_are_shown_and_all_are_had_as_csv() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let file = "email;cohort\r\n".to_owned() + &"=cmd|x;2026\r\n".repeat(1500);
    let refused = app.import(&admin, election.election_id, "", file.clone()).await;
    refused.refused(422, "invalid-input");
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1000);
    assert_eq!((refused.body["errors"][999]["line"].as_u64(), refused.body["total_errors"].as_u64()), (Some(1001), Some(1500)));
    let how = &refused.body["all_errors"];
    let query = how["href"].as_str().unwrap().strip_prefix("/api/admin/voters/bulk").unwrap();
    let form = Form::new().text("election_id", election.election_id.to_string()).part("file", Part::text(file));
    let all = app.import_form(&admin, query, form, how["accept"].as_str().unwrap()).await;
    assert_eq!((all.status, all.content_type()), (200, "text/csv; charset=utf-8"));
    assert_eq!(all.text.lines().count(), 1501);
    assert!(all.text.starts_with("line,field,message\n2,email,") && !all.text.contains("cmd"), "{}", &all.text[..80]);
}

#[actix_web::test]
async fn a_student_number_belongs_to_one_voter() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.import(&admin, election.election_id, "", "email,student_id\nann@x.de,1\n").await.expect(200);
    let refused = app.import(&admin, election.election_id, "", "email,student_id\nnew@x.de,9\nbob@x.de,1\n").await;
    refused.refused(422, "invalid-input");
    assert_eq!(
        (refused.body["errors"][0]["line"].as_u64(), refused.body["errors"][0]["field"].as_str()),
        (Some(3), Some("student_id"))
    );
}

#[actix_web::test]
async fn a_spreadsheet_an_empty_file_and_noise_are_refused_with_advice() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let broken = app.import(&admin, id, "", "PK\u{3}\u{4}rest").await.refused(415, "unsupported-media-type");
    assert!(broken.contains("save as .xlsx again, or as CSV"), "{broken}");
    let old =
        app.import(&admin, id, "", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()).await.refused(415, "unsupported-media-type");
    assert!(old.contains(".xls)"), "{old}");
    app.import(&admin, id, "", "").await.refuses_field("file");
    app.import(&admin, id, "", "emial,first_name\na@b.de,A\n").await.refuses_field("file");
    app.import(&admin, id, "", "a@b.de,A\n").await.refuses_field("file");
    app.import(&admin, id, "", "email\na\0@b.de\n").await.refuses_field("file");
    app.import(&admin, id, "", vec![b'x'; 19_000_000]).await.refuses_field("file");
    app.import(&admin, id, "", vec![b'x'; 21_000_000]).await.refused(413, "too-large");
    app.import(&admin, id, "", "email\n".to_owned() + &"a@b.de\n".repeat(200_001)).await.refused(413, "too-large");
    app.import(&admin, id, "", "email\n").await.refuses_field("file");
}

/// A workbook with this many voters, and one line that cannot be taken.
pub(crate) fn a_workbook(voters: u32) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("Voters").unwrap();
    sheet.write_row(0, 0, ["Email", "First_Name", "Student_ID"]).unwrap();
    for row in 1..=voters {
        sheet.write(row, 0, format!("voter{row}@example.com")).unwrap();
        sheet.write(row, 1, "J\u{f6}rg").unwrap();
        sheet.write(row, 2, format!("{row:05}")).unwrap();
    }
    sheet.write(voters + 1, 0, "nonsense").unwrap();
    workbook.add_worksheet().set_name("Notes").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[actix_web::test]
async fn a_workbook_is_imported_as_a_csv_file_is() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let refused = app.import(&admin, election.election_id, "", a_workbook(200)).await;
    refused.refused(422, "invalid-input");
    assert_eq!((&refused.body["errors"][0]["line"], &refused.body["errors"][0]["field"]), (&json!(202), &json!("email")));
    let report = app.import(&admin, election.election_id, "?mode=skip", a_workbook(200)).await.expect(200);
    assert_eq!((&report["imported"], &report["rejected"]), (&json!(200), &json!(1)));
    assert_eq!((&report["sheet"], &report["ignored_sheets"]), (&json!("Voters"), &json!(["Notes"])));
    let sql = "SELECT first_name || student_id FROM voters WHERE email = 'voter7@example.com'";
    assert_eq!(app.owner.query_one(sql, &[]).await.unwrap().get::<_, String>(0), "J\u{f6}rg00007");
}

#[actix_web::test]
async fn a_broken_form_is_refused_with_advice() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id.to_string();
    let file = || Part::text(DOCUMENT);
    let send = |form: Form| app.import_form(&admin, "", form, "*/*");
    send(Form::new().part("file", file())).await.refuses_field("election_id");
    send(Form::new().text("election_id", id.clone())).await.refuses_field("file");
    send(Form::new().text("election_id", "five").part("file", file())).await.refuses_field("election_id");
    send(Form::new().text("election_id", "9".repeat(100)).part("file", file())).await.refuses_field("election_id");
    send(Form::new().text("election_id", id.clone()).text("election_id", id.clone()).part("file", file()))
        .await
        .refuses_field("election_id");
    send(Form::new().text("election_id", id.clone()).text("mode", "skip").part("file", file())).await.refuses_field("form");
    send(Form::new().text("election_id", "0").part("file", file())).await.refused(404, "not-found");
    app.post(&admin, "/api/admin/voters/bulk", json!({})).await.refused(415, "unsupported-media-type");
    app.call(&admin, "POST", "/api/admin/voters/bulk", None).await.refused(415, "unsupported-media-type");
    app.post_raw(&admin, "/api/admin/voters/bulk", "multipart/form-data; boundary=x", "--x\r\nnonsense")
        .await
        .refused(400, "malformed-request");
    app.import(&admin, election.election_id, "?mode=maybe", DOCUMENT).await.refused(400, "malformed-request");
    app.import(&admin, election.election_id, "?dryrun=true", DOCUMENT).await.refused(400, "malformed-request");
    assert!(app.roll(&admin, election.election_id).await.is_empty());
}

#[actix_web::test]
async fn two_imports_of_the_same_people_in_another_order_import_each_once() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let line = |i: i32| format!("v{i}@example.com\n");
    let forwards = "email\n".to_owned() + &(0..2000).map(line).collect::<String>();
    let backwards = "email\n".to_owned() + &(0..2000).rev().map(line).collect::<String>();
    let id = election.election_id;
    let (one, two) = futures_util::join!(app.import(&admin, id, "", forwards), app.import(&admin, id, "", backwards));
    let (one, two) = (one.expect(200), two.expect(200));
    assert_eq!(one["imported"].as_u64().unwrap() + two["imported"].as_u64().unwrap(), 2000);
    assert_eq!(one["duplicates"].as_u64().unwrap() + two["duplicates"].as_u64().unwrap(), 2000);
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 2000);
}

#[actix_web::test]
async fn an_import_that_crosses_an_activation_is_refused_whole() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.sql("BEGIN").await;
    given::activate(&app.owner, election.election_id, "simple").await;
    let (refused, ()) = futures_util::join!(app.import(&admin, election.election_id, "", DOCUMENT), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    refused.refuses_field("reason");
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 0);
}

#[actix_web::test]
async fn slow_files_do_not_fill_the_memory() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let answers = async |status: u16| app.import(&admin, election.election_id, "", DOCUMENT).await.status == status;
    let slow: Vec<_> = (0..4).map(|_| app.slow_import(&admin)).collect();
    wait_until("no place is free", Duration::from_secs(30), async || answers(503).await).await;
    drop(slow);
    wait_until("a place is free again", Duration::from_secs(10), async || answers(200).await).await;
}

#[actix_web::test]
async fn ten_thousand_voters_are_imported_and_sent_their_links_in_seconds() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let lines = (0..10_000).map(|i| format!("voter{i}@example.com,First{i},Last{i}\n"));
    let file = "email,first_name,last_name\n".to_owned() + &lines.collect::<String>();
    let begun = Instant::now();
    assert_eq!(app.import(&admin, election.election_id, "", file).await.expect(200)["imported"], 10_000);
    let imported = begun.elapsed();
    assert_eq!(app.send_links(&admin, election.election_id).await.expect(202)["queued"], 10_000);
    println!("10,000 imported in {imported:?}, their links made in {:?}", begun.elapsed() - imported);
    assert_eq!(app.number("SELECT count(DISTINCT token_hash) FROM voting_tokens").await, 10_000);
    // A debug build beside other tests; by itself it is a fraction of this.
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[actix_web::test]
async fn excel_in_german_saves_semicolons_and_umlauts_and_both_are_read() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    // "Jörg", "Müller" and "Straße" as Windows-1252 has them, with line ends as Windows has them.
    let file = b"email;first_name;last_name;student_id;cohort\r\njoerg@example.com;J\xf6rg;M\xfcller;4711;Stra\xdfe\r\n".to_vec();
    let report = app.import(&admin, election.election_id, "?dry_run=true", file.clone()).await.expect(200);
    assert_eq!((&report["imported"], &report["dry_run"]), (&json!(1), &json!(true)));
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 0);
    app.import(&admin, election.election_id, "", file).await.expect(200);
    let sql = "SELECT first_name || ' ' || last_name || ' ' || student_id || ' ' || cohort FROM voters";
    let row: String = app.owner.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(row, "J\u{f6}rg M\u{fc}ller 4711 Stra\u{df}e");
}

#[actix_web::test]
async fn a_file_put_together_from_two_encodings_is_refused_and_the_lines_to_look_at_are_named() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let lines =
        [&b"email,last_name\na@example.com,M\xc3\xbcller\n"[..], b"b@example.com,J\xf6rg\n", b"c@example.com,Stra\xc3\x9fe\n"];
    let refused = app.import(&admin, election.election_id, "", lines.concat()).await;
    refused.refused(422, "invalid-input");
    let errors = refused.body["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["line"], &errors[0]["field"]), (1, &json!(3), &json!("line")), "{errors:?}");
    assert!(errors[0]["message"].as_str().unwrap().contains("another encoding than the rest of the file"), "{errors:?}");
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 0);
    let report = app.import(&admin, election.election_id, "?mode=skip", lines.concat()).await.expect(200);
    assert_eq!((&report["imported"], &report["rejected"]), (&json!(2), &json!(1)));
    let names: String =
        app.owner.query_one("SELECT string_agg(last_name, ' ' ORDER BY email) FROM voters", &[]).await.unwrap().get(0);
    assert_eq!(names, "M\u{fc}ller Stra\u{df}e");
}

/// A file of so many voters.
fn roll(voters: u32) -> String {
    let lines = (0..voters).map(|i| format!("voter{i}@example.com,First{i},{i}\n"));
    "email,first_name,student_id\n".to_owned() + &lines.collect::<String>()
}

#[actix_web::test]
async fn an_import_that_is_killed_leaves_the_roll_as_it_was_and_its_lines_are_deleted() {
    let (app, mut program) = App::as_program().await;
    let (admin, election) = app.a_draft().await;
    let holder = app.database.owner().await;
    let held = format!("BEGIN; SELECT FROM elections WHERE election_id = {} FOR UPDATE", election.election_id);
    holder.batch_execute(&held).await.unwrap();
    let importing = app.import_in_vain(&admin, election.election_id, roll(7000));
    let killing = async {
        app.somebody_waits().await;
        assert_eq!(app.number("SELECT count(*) FROM staged_voters").await, 7000, "staged without holding the election");
        program.kill();
    };
    futures_util::join!(killing, importing);
    drop(holder);
    let roll = "SELECT count(*) FROM voters";
    assert_eq!(app.number(roll).await, 0);
    app.sql("UPDATE staged_voters SET staged_at = now() - interval '61 minutes'").await;
    app.another_process().await;
    let staged = "SELECT count(*) FROM staged_voters";
    wait_until("the lines are deleted", Duration::from_secs(20), async || app.number(staged).await == 0).await;
    assert_eq!((app.number(roll).await, app.events().await.len()), (0, 0));
}

#[actix_web::test]
async fn nothing_is_held_while_a_file_is_compared_and_staged_and_nothing_is_left_of_it() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.import(&admin, election.election_id, "", roll(12_000)).await.expect(200);
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 12_000);
    assert_eq!(app.number("SELECT count(*) FROM staged_voters").await, 0);
    let in_order = "SELECT count(*) FROM (SELECT student_id::bigint - lag(student_id::bigint) OVER (ORDER BY voter_id) AS step FROM voters) s WHERE step <> 1";
    assert_eq!(app.number(in_order).await, 0, "in the order of the file");
}

#[actix_web::test]
async fn a_student_number_that_is_taken_while_the_file_is_staged_is_named_with_its_line() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let holder = app.database.owner().await;
    holder
        .batch_execute(&format!(
            "BEGIN; SELECT FROM elections WHERE election_id = {0} FOR UPDATE; \
             INSERT INTO voters (election_id, email, student_id) VALUES ({0}, 'other@example.com', '17')",
            election.election_id
        ))
        .await
        .unwrap();
    let (refused, ()) = futures_util::join!(app.import(&admin, election.election_id, "", roll(50)), async {
        app.somebody_waits().await;
        holder.batch_execute("COMMIT").await.unwrap();
    });
    refused.refused(422, "invalid-input");
    assert_eq!((refused.body["errors"][0]["line"].as_u64(), refused.body["total_errors"].as_u64()), (Some(19), Some(1)));
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 1, "all or nothing");
}

#[actix_web::test]
async fn a_file_of_a_header_alone_is_refused() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    for file in ["email,first_name,last_name\n", "email"] {
        for query in ["", "?mode=skip", "?dry_run=true"] {
            let refused = app.import(&admin, election.election_id, query, file).await;
            let detail = refused.refused(422, "invalid-input");
            assert!(detail.contains("no voter"), "{detail}");
        }
    }
    assert!(app.event_types().await.is_empty(), "nothing was imported");
}

#[actix_web::test]
async fn nul_is_refused_in_an_address_and_in_a_text() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let path = format!("/api/admin/voters?election_id={}&search=a%00", election.election_id);
    app.get(&admin, &path).await.refused(422, "invalid-input");
    app.get(&admin, "/uploads/%00").await.refused(422, "invalid-input");
    app.add_voter(&admin, election.election_id, "a\u{0}lice@example.com").await.refused(422, "invalid-input");
}
