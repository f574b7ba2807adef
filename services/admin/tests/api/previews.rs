use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::{given, wait_until};

use crate::app::{Admin, App};
use crate::import::a_workbook;

const FILE: &str = "email,first_name,student_id,shoe\n\
    ann@example.com,Ann,1,44\n\
    nonsense,=cmd|x,2,44\n\
    ANN@example.com,Ann again,3,44\n\
    bob@example.com,Bob,1,44\n\
    carol@example.com,Carol,4,44\n";
const STAGED: &str = "SELECT count(*) FROM staged_voters";
const WAITING: &str = "SELECT count(*) FROM voter_imports";

fn path(import: &Value) -> String {
    let (election, import) = (import["election_id"].as_i64().unwrap(), import["import_id"].as_str().unwrap());
    format!("/api/admin/elections/{election}/voter-imports/{import}")
}

fn counts(import: &Value) -> [u64; 3] {
    ["new", "duplicates", "rejected"].map(|kind| import["counts"][kind].as_u64().unwrap())
}

async fn confirm(app: &App, admin: &Admin, import: &Value, body: Option<Value>) -> crate::app::Answer {
    app.call(admin, "POST", &format!("{}/confirm", path(import)), body).await
}

#[actix_web::test]
async fn nothing_is_on_the_roll_until_the_preview_is_confirmed() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    app.add_voter(&admin, id, "carol@example.com").await.expect(201);
    let import = app.preview(&admin, id, FILE).await.expect(201);
    assert_eq!(counts(&import), [1, 2, 2]);
    assert_eq!(import["ignored_columns"], json!(["shoe"]));
    let errors: Vec<_> = import["errors"].as_array().unwrap().iter().map(|error| (&error["line"], &error["field"])).collect();
    assert_eq!(errors, [(&json!(3), &json!("email")), (&json!(5), &json!("student_id"))]);
    let seconds = "SELECT extract(epoch FROM expires_at - uploaded_at)::bigint FROM voter_imports";
    assert_eq!(app.number(seconds).await, 3600);
    assert_eq!(app.roll(&admin, id).await, ["carol@example.com"]);
    assert_eq!(app.get(&admin, &path(&import)).await.expect(200), import);

    let done = confirm(&app, &admin, &import, None).await.expect(200);
    assert_eq!(done, json!({ "imported": 1, "duplicates": 2, "rejected": 2 }));
    assert_eq!(app.roll(&admin, id).await, ["carol@example.com", "ann@example.com"]);
    assert_eq!((app.number(STAGED).await, app.number(WAITING).await), (0, 0));
    let events = app.events().await;
    let event = events.iter().find(|event| event["kind"]["event_type"] == "voters_imported").unwrap();
    assert_eq!(event["kind"]["details"]["imported"], 1);
    confirm(&app, &admin, &import, None).await.refused(404, "not-found");
    app.get(&admin, &path(&import)).await.refused(404, "not-found");
    assert_eq!(app.event_types().await.iter().filter(|kind| *kind == "voters_imported").count(), 1);
}

#[actix_web::test]
async fn every_line_is_shown_with_its_cells_and_its_reasons() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    let lines = app.get(&admin, &format!("{}/lines", path(&import))).await.expect(200);
    let kinds: Vec<_> = lines["items"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["new", "rejected", "duplicate", "rejected", "new"]);
    assert_eq!(lines["items"][0]["cells"], json!({ "email": "ann@example.com", "first_name": "Ann", "student_id": "1" }));
    let bad = app.get(&admin, &format!("{}/lines?kind=rejected&limit=1", path(&import))).await.expect(200);
    assert_eq!((bad["items"].as_array().unwrap().len(), &bad["next"]), (1, &json!(3)));
    assert_eq!(bad["items"][0]["cells"]["first_name"], "=cmd|x");
    assert_eq!(bad["items"][0]["reasons"][0]["code"], "email-malformed");
    let next = app.get(&admin, &format!("{}/lines?kind=rejected&limit=1&after=3", path(&import))).await.expect(200);
    assert_eq!((&next["items"][0]["line"], next.get("next")), (&json!(5), None));
    assert_eq!(next["items"][0]["reasons"][0]["message"], "is that of another voter, on line 2");
    let twice = app.get(&admin, &format!("{}/lines?kind=duplicate", path(&import))).await.expect(200);
    assert_eq!(twice["items"][0]["reasons"][0]["message"], "stands on line 2 already");
    app.get(&admin, &format!("{}/lines?kind=odd", path(&import))).await.refused(400, "malformed-request");
}

#[actix_web::test]
async fn the_bad_lines_are_downloaded_with_their_reasons_and_without_formulas() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let formulas = ["=1+1", "+1", "-1", "@x", "\t=1"];
    let lines: String = formulas.iter().map(|cell| format!("\"{cell}\",\"Ann \"\"A\"\", B\"\n")).collect();
    let import = app.preview(&admin, election.election_id, format!("email,last_name\n{lines}")).await.expect(201);
    let csv = app.get(&admin, &format!("{}/rejected.csv", path(&import))).await;
    assert_eq!((csv.status, csv.content_type()), (200, "text/csv; charset=utf-8"));
    assert!(
        csv.text.starts_with("\u{feff}email,first_name,last_name,student_id,cohort,line,reason\n'=1+1,,\"Ann"),
        "{}",
        csv.text
    );
    assert_eq!(csv.text.lines().count(), 6);
    for line in csv.text.trim_start_matches('\u{feff}').lines().skip(1) {
        assert!(line.starts_with("'") || line.starts_with("\u{fffd}=1"), "{line}");
        assert!(line.contains("email is not a mail address"), "{line}");
    }
    // What is corrected in this very file can be sent again.
    let corrected = csv.text.replace("'=1+1", "ann@example.com");
    let again = app.preview(&admin, election.election_id, corrected).await.expect(201);
    assert_eq!((counts(&again), &again["ignored_columns"]), ([1, 0, 4], &json!(["line", "reason"])));
}

#[actix_web::test]
async fn of_many_bad_lines_the_first_thousand_are_shown_and_all_are_downloaded() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let file = "email\n".to_owned() + &"nonsense\n".repeat(6001);
    let import = app.preview(&admin, election.election_id, file).await.expect(201);
    assert_eq!((counts(&import), import["errors"].as_array().unwrap().len()), ([0, 0, 6001], 1000));
    let csv = app.get(&admin, &format!("{}/rejected.csv", path(&import))).await;
    assert_eq!(csv.text.lines().count(), 6002);
    confirm(&app, &admin, &import, None).await.refused(409, "state-conflict");
}

#[actix_web::test]
async fn a_newer_file_takes_the_place_of_the_older_one() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let (_, other) = app.a_draft().await;
    let older = app.preview(&admin, election.election_id, FILE).await.expect(201);
    let newer = app.preview(&admin, election.election_id, "email\nnew@example.com\n").await.expect(201);
    confirm(&app, &admin, &older, None).await.refused(404, "not-found");
    assert_eq!((app.number(STAGED).await, app.number(WAITING).await), (1, 1));
    // A number of another election leads nowhere either.
    let elsewhere = json!({ "election_id": other.election_id, "import_id": newer["import_id"] });
    confirm(&app, &admin, &elsewhere, None).await.refused(404, "not-found");
    // Nor does it for another admin.
    let stranger = app.an_admin().await;
    for end in ["", "/lines", "/rejected.csv"] {
        app.get(&stranger, &format!("{}{end}", path(&newer))).await.refused(404, "not-found");
    }
    confirm(&app, &stranger, &newer, None).await.refused(404, "not-found");
    app.call(&stranger, "DELETE", &path(&newer), None).await.refused(404, "not-found");
    assert_eq!(app.number(WAITING).await, 1);
    let (one, two) =
        futures_util::join!(app.preview(&admin, election.election_id, FILE), app.preview(&admin, election.election_id, FILE));
    let statuses = [one.status, two.status];
    assert!(statuses.contains(&201) && statuses.iter().all(|status| [201, 404].contains(status)), "{} {}", one.text, two.text);
    assert_eq!((app.number(STAGED).await, app.number(WAITING).await), (5, 1));
}

#[actix_web::test]
async fn what_is_discarded_or_has_waited_for_an_hour_is_deleted_and_its_file_emptied() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let size = "SELECT pg_relation_size('staged_voters')";
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    assert!(app.number(size).await > 0);
    assert_eq!(app.call(&admin, "DELETE", &path(&import), None).await.status, 204);
    app.call(&admin, "DELETE", &path(&import), None).await.refused(404, "not-found");
    assert_eq!((app.number(STAGED).await, app.number(WAITING).await, app.number(size).await), (0, 0, 0));
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    app.sql("UPDATE voter_imports SET expires_at = now()").await;
    // At once, though nobody has deleted it yet.
    app.get(&admin, &path(&import)).await.refused(404, "not-found");
    app.get(&admin, &format!("{}/lines", path(&import))).await.refused(404, "not-found");
    confirm(&app, &admin, &import, None).await.refused(404, "not-found");
    app.another_process().await;
    wait_until("it is deleted", Duration::from_secs(20), async || app.number(STAGED).await + app.number(size).await == 0).await;
    assert_eq!(app.number(WAITING).await, 0);
    assert!(app.event_types().await.is_empty());
}

#[actix_web::test]
async fn two_confirmations_at_once_import_once() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    // Both have begun before either is done.
    app.sql("BEGIN; SELECT FROM voter_imports FOR UPDATE").await;
    let answers = futures_util::join!(confirm(&app, &admin, &import, None), confirm(&app, &admin, &import, None), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "{} {}", answers.0.text, answers.1.text);
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 2);
    assert_eq!(app.event_types().await, ["voters_imported"]);
}

#[actix_web::test]
async fn a_confirmation_that_the_clock_overtakes_imports_nothing() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    app.sql("BEGIN; DELETE FROM voter_imports").await;
    let (late, ()) = futures_util::join!(confirm(&app, &admin, &import, None), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    late.refused(404, "not-found");
    assert_eq!(app.number("SELECT count(*) FROM voters").await + app.number(STAGED).await, 0);
}

#[actix_web::test]
async fn a_roll_that_changed_after_the_preview_is_compared_again() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let import = app.preview(&admin, id, FILE).await.expect(201);
    assert_eq!(counts(&import), [2, 1, 2]);
    // The number of Carol's line is another voter's by now, and Ann is on the roll.
    let body = json!({ "election_id": id, "email": "dan@example.com", "student_id": "4" });
    app.post(&admin, "/api/admin/voters", body).await.expect(201);
    app.add_voter(&admin, id, "Ann@example.com").await.expect(201);
    confirm(&app, &admin, &import, None).await.refused(409, "state-conflict");
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 2);
    let again = app.get(&admin, &path(&import)).await.expect(200);
    assert_eq!(counts(&again), [0, 2, 3]);
    let bad = app.get(&admin, &format!("{}/lines?kind=rejected&after=5", path(&import))).await.expect(200);
    assert_eq!(bad["items"][0]["reasons"][0]["code"], "student-id-of-other-voter");
    // An address alone is no reason to refuse the others.
    let import = app.preview(&admin, id, "email\nerin@example.com\nfrank@example.com\n").await.expect(201);
    app.add_voter(&admin, id, "erin@example.com").await.expect(201);
    let done = confirm(&app, &admin, &import, None).await.expect(200);
    assert_eq!(done, json!({ "imported": 1, "duplicates": 1, "rejected": 0 }));
}

#[actix_web::test]
async fn a_crash_of_the_database_or_a_missing_line_imports_no_part() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    app.sql("DELETE FROM staged_voters WHERE line = 2").await;
    confirm(&app, &admin, &import, None).await.refused(409, "state-conflict");
    assert_eq!(app.number("SELECT count(*) FROM voters").await, 0);
}

#[actix_web::test]
async fn an_election_that_opened_meanwhile_needs_a_reason_and_one_that_was_deleted_takes_its_lines_along() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let import = app.preview(&admin, id, FILE).await.expect(201);
    given::activate(&app.owner, id, "simple").await;
    confirm(&app, &admin, &import, None).await.refuses_field("reason");
    confirm(&app, &admin, &import, Some(json!({ "reason": " " }))).await.refuses_field("reason");
    confirm(&app, &admin, &import, Some(json!({ "because": "late" }))).await.refuses_field("because");
    let done = confirm(&app, &admin, &import, Some(json!({ "reason": "They enrolled in May" }))).await.expect(200);
    assert_eq!(done["imported"], 2);
    assert_eq!(app.number("SELECT count(*) FROM amendments").await, 1);
    assert_eq!(app.event_types().await, ["voters_added_late"]);
    let late = app.preview(&admin, id, "email\nlate@example.com\n").await.expect(201);
    app.close(id).await;
    confirm(&app, &admin, &late, Some(json!({ "reason": "x" }))).await.refused(409, "state-conflict");
    app.preview(&admin, id, FILE).await.refused(409, "state-conflict");
    assert_eq!(app.call(&admin, "DELETE", &path(&late), None).await.status, 204);

    let (admin, draft) = app.a_draft().await;
    let import = app.preview(&admin, draft.election_id, FILE).await.expect(201);
    assert_eq!(app.number(STAGED).await, 5);
    app.sql(&format!("DELETE FROM elections WHERE election_id = {}", draft.election_id)).await;
    assert_eq!((app.number(STAGED).await, app.number(WAITING).await), (0, 0));
    confirm(&app, &admin, &import, None).await.refused(404, "not-found");
}

#[actix_web::test]
async fn broken_uploads_are_refused_and_leave_nothing() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    app.preview(&admin, id, "").await.refuses_field("file");
    app.preview(&admin, id, "emial\na@b.de\n").await.refuses_field("file");
    app.preview(&admin, id, vec![b'x'; 21_000_000]).await.refused(413, "too-large");
    app.preview(&admin, id, "email\n".to_owned() + &"a@b.de\n".repeat(200_001)).await.refused(413, "too-large");
    app.preview_form(&admin, id, Form::new().text("roll", FILE)).await.refuses_field("form");
    app.preview_form(&admin, id, Form::new().text("election_id", "1").part("file", Part::text(FILE))).await.refuses_field("form");
    app.preview_form(&admin, id, Form::new().part("file", Part::text(FILE)).part("file", Part::text(FILE)))
        .await
        .refuses_field("file");
    app.post(&admin, &format!("/api/admin/elections/{id}/voter-imports"), json!({})).await.refused(415, "unsupported-media-type");
    app.get(&admin, &format!("/api/admin/elections/{id}/voter-imports/five")).await.refused(404, "not-found");
    assert_eq!(app.number(STAGED).await + app.number(WAITING).await, 0);
}

#[actix_web::test]
async fn a_workbook_waits_as_a_csv_file_does() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let import = app.preview(&admin, election.election_id, a_workbook(5)).await.expect(201);
    assert_eq!((counts(&import), &import["sheet"], &import["ignored_sheets"]), ([5, 0, 1], &json!("Voters"), &json!(["Notes"])));
    assert_eq!(app.get(&admin, &path(&import)).await.expect(200), import);
    assert_eq!(confirm(&app, &admin, &import, None).await.expect(200)["imported"], 5);
}

/// A second process, or one that was restarted, knows the import as well.
#[actix_web::test]
async fn a_preview_survives_the_process_that_read_the_file() {
    let (mut app, mut program) = App::as_program().await;
    let (admin, election) = app.a_draft().await;
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    program.kill();
    app.url = app.another_process().await;
    assert_eq!(confirm(&app, &admin, &import, None).await.expect(200)["imported"], 2);
}

#[actix_web::test]
async fn an_import_that_waits_is_found_again_until_its_hour_is_over() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let waiting = format!("/api/admin/elections/{}/voter-imports", election.election_id);
    assert_eq!(app.get(&admin, &waiting).await.expect(200), json!({ "items": [] }));
    let import = app.preview(&admin, election.election_id, FILE).await.expect(201);
    assert_eq!(app.get(&admin, &waiting).await.expect(200), json!({ "items": [import] }));
    app.sql("UPDATE voter_imports SET uploaded_at = uploaded_at - interval '1 hour', expires_at = now()").await;
    assert_eq!(app.get(&admin, &waiting).await.expect(200), json!({ "items": [] }));
}

#[actix_web::test]
async fn lines_that_were_typed_need_no_header() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let form = |header: &'static str, text: &'static str| {
        Form::new().text("header", header).part("file", Part::text(text).file_name("lines"))
    };
    let import = app.preview_form(&admin, id, form("none", "ann@example.com\nbob@example.com,Bob\nnonsense\n")).await.expect(201);
    assert_eq!(counts(&import), [2, 0, 1]);
    assert_eq!(import["errors"][0]["line"], 3, "as the person who typed counts");
    confirm(&app, &admin, &import, None).await.expect(200);
    assert_eq!(app.roll(&admin, id).await, ["ann@example.com", "bob@example.com"]);
    app.preview_form(&admin, id, form("some", "ann@example.com\n")).await.refuses_field("header");
}
