//! The pages of the step "voters".

use serde_json::{Value, json};

use crate::browser::{Browser, Page};

const IMPORT: &str = "4f1c1a2b-0000-4000-8000-0123456789ab";

fn voter(id: i64, first: &str, mail: Value) -> Value {
    json!({ "voter_id": id, "election_id": 5, "email": format!("voter{id}@example.org"), "first_name": first, "last_name": null,
        "student_id": "007", "cohort": null, "link_sent": mail["status"] != "none", "mail": mail })
}

fn counts(none: u64, sent: u64, refused: u64) -> Value {
    json!({ "none": none, "queued": 0, "deferred": 0, "sent": sent, "refused": refused, "forgotten": 0 })
}

fn import(new: u64, duplicates: u64, rejected: u64) -> Value {
    json!({ "import_id": IMPORT, "election_id": 5, "counts": { "new": new, "duplicates": duplicates, "rejected": rejected }, "errors": [],
        "sheet": "Mitglieder", "ignored_columns": ["shoe", "=x"], "ignored_sheets": ["Old"], "uploaded_at": "2026-11-22T08:00:00Z",
        "expires_at": "2026-11-22T09:00:00Z" })
}

fn problem(status: u16, slug: &str, code: &messages::Message, errors: Value) -> Value {
    json!({ "type": format!("/problems/{slug}"), "title": slug, "status": status, "detail": code.to_string(), "code": code.code(),
        "params": code.params(), "errors": errors })
}

/// A browser before an election with these voters.
async fn with_roll(voters: Value, mails: Value) -> Browser {
    let browser = Browser::logged_in().await;
    browser.services.answer("GET /api/admin/voters", 200, json!({ "items": voters }));
    browser.services.answer("GET /api/admin/elections/5/mails", 200, json!({ "voters": mails, "under_way": [], "sent": [] }));
    browser.services.answer("GET /api/admin/elections/5/voter-imports", 200, json!({ "items": [] }));
    browser
}

async fn with_import(import: Value, lines: Value) -> Browser {
    let browser = with_roll(json!([]), counts(0, 0, 0)).await;
    let path = format!("GET /api/admin/elections/5/voter-imports/{IMPORT}");
    browser.services.answer(&path, 200, import);
    browser.services.answer(&format!("{path}/lines"), 200, json!({ "items": lines }));
    browser
}

/// What was sent to this path of a service.
fn sent_to(browser: &Browser, what: &str) -> Vec<crate::browser::Call> {
    browser.services.take().into_iter().filter(|call| call.what.starts_with(what)).collect()
}

fn order(page: &Page, texts: &[&str]) -> bool {
    let places: Vec<_> = texts.iter().map(|text| page.text.find(text)).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[actix_web::test]
async fn an_empty_roll_leads_to_the_import() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    let page = browser.get("/admin/elections/5/voters").await;
    assert!(page.says("No voters yet") && page.says("href=\"/admin/elections/5/voters/import\""), "{}", page.text);
    assert!(!page.says("roll.csv") && !page.says("role=\"search\""));
}

#[actix_web::test]
async fn mails_that_came_back_and_a_file_that_waits_come_first() {
    let said = json!({ "status": "refused", "reason": "550 no such user", "code": "mail-server-said", "params": { "code": "550", "said": "no <b>" } });
    let long = "x".repeat(100);
    let voters =
        json!([voter(1, "Ann", said), voter(2, &long, json!({ "status": "sent" })), voter(3, "", json!({ "status": "none" }))]);
    let mut browser = with_roll(voters, counts(1, 1, 1)).await;
    browser.services.answer("GET /api/admin/elections/5/voter-imports", 200, json!({ "items": [import(412, 0, 3)] }));
    let sent = json!([{ "kind": "reminder", "ended_at": "2026-11-22T08:00:00Z" }, { "kind": "invitation", "voters": 30, "ended_at": "2026-11-21T08:00:00Z" }]);
    browser.services.answer(
        "GET /api/admin/elections/5/mails",
        200,
        json!({ "voters": counts(1, 1, 1), "under_way": [], "sent": sent }),
    );
    let page = browser.get("/admin/elections/5/voters").await;
    assert!(
        order(
            &page,
            &[
                "The mail with the link of 1 voter came back.",
                "A file with 412 new voters waits",
                "1 voter was sent no link yet",
                "<table"
            ]
        ),
        "{}",
        page.text
    );
    assert!(page.says("?mail=refused") && page.says(&format!("/voters/imports/{IMPORT}")) && page.says("10:00 (Europe/Berlin)"));
    assert!(page.says("came back") && page.says("550 no &lt;b&gt;") && page.says(&long), "{}", page.text);
    assert!(order(&page, &["What was sent", "reminders to those who had not voted", "voting links to 30 voters"]));
    assert!(page.says("/admin/elections/5/voters/3\">Change<span class=\"for-readers\"> voter3@example.org"), "{}", page.text);
}

#[actix_web::test]
async fn voters_are_searched_and_shown_page_by_page() {
    let mut browser = with_roll(json!([]), counts(0, 9_999, 1)).await;
    browser.services.answer(
        "GET /api/admin/voters",
        200,
        json!({ "items": [voter(1, "Ann", json!({ "status": "sent" }))], "next": 100 }),
    );
    let page = browser.get("/admin/elections/5/voters?q=Ann+%26+Lee&mail=sent&after=7").await;
    let asked = sent_to(&browser, "GET /api/admin/voters?");
    assert_eq!(asked[0].what, "GET /api/admin/voters?election_id=5&limit=100&after=7&mail=sent&search=Ann+%26+Lee");
    assert!(
        page.says("voters?q=Ann%20%26%20Lee&amp;mail=sent&amp;after=100")
            && page.says("voters?q=Ann%20%26%20Lee&amp;mail=sent\""),
        "{}",
        page.text
    );
    assert!(page.says("value=\"Ann &amp; Lee\"") && page.says("<option value=\"sent\" selected>"));
    browser.services.answer("GET /api/admin/voters", 200, json!({ "items": [] }));
    let page = browser.get("/admin/elections/5/voters?q=nobody&mail=odd").await;
    assert!(page.status == 200 && page.says("No voter fits"), "{}", page.text);
}

#[actix_web::test]
async fn the_roll_is_downloaded_as_a_file_that_nothing_runs() {
    let mut browser = with_roll(json!([]), counts(0, 1, 0)).await;
    browser.services.answer("GET /api/admin/elections/5/voters.csv", 200, json!("email\nann@example.org\n"));
    let file = browser.get("/admin/elections/5/voters/roll.csv").await;
    assert_eq!(
        (file.status, file.text.as_str(), file.header("content-type")),
        (200, "email\nann@example.org\n", "text/csv; charset=utf-8")
    );
    assert_eq!(
        (file.header("content-disposition"), file.header("x-content-type-options")),
        ("attachment; filename=\"voters.csv\"", "nosniff")
    );
    assert_eq!(
        (file.header("cache-control"), file.header("content-security-policy")),
        ("no-store", "default-src 'none'; sandbox")
    );
    let template = browser.get("/admin/elections/5/voters/template.csv").await;
    assert_eq!(template.text.trim_start_matches('\u{feff}').trim(), "email,first_name,last_name,student_id,cohort");
    browser.services.revoke();
    assert!(browser.get("/admin/elections/5/voters/roll.csv").await.location().starts_with("/admin/login?why=ended"));
}

#[actix_web::test]
async fn a_file_is_passed_on_as_it_is_and_leads_to_its_preview() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    browser.services.answer("POST /api/admin/elections/5/voter-imports", 201, import(1, 0, 0));
    let token = browser.get("/admin/elections/5/voters/import").await.field("form_token");
    let page = browser.upload("/admin/elections/5/voters/import", &token, Some(b"email\nann@example.org\n".to_vec())).await;
    assert_eq!(page.location(), format!("/admin/elections/5/voters/imports/{IMPORT}"));
    let calls = sent_to(&browser, "POST ");
    assert_eq!(calls.len(), 1);
    assert!(
        calls[0].text.contains("\r\n\r\nemail\nann@example.org\n\r\n") && !calls[0].text.contains("form_token"),
        "{}",
        calls[0].text
    );
    assert_eq!(calls[0].bearer, "the.token.itself");
}

#[actix_web::test]
async fn a_file_without_the_forms_token_or_without_a_session_reaches_nobody() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    let page = browser.upload("/admin/elections/5/voters/import", "somebody else's", Some(b"email\n".to_vec())).await;
    assert!(page.status == 422 && page.says("did not come from this page"), "{}", page.text);
    assert_eq!(browser.upload("/admin/elections/5/voters/import", "", Some(b"email\n".to_vec())).await.status, 422);
    browser.headers.push(("Sec-Fetch-Site", "cross-site".to_owned()));
    assert_eq!(browser.upload("/admin/elections/5/voters/import", "x", Some(b"email\n".to_vec())).await.status, 403);
    browser.headers.pop();
    assert!(sent_to(&browser, "POST ").is_empty());
    browser.cookies.clear();
    let page = browser.upload("/admin/elections/5/voters/import", "x", Some(vec![b'x'; 3_000_000])).await;
    assert_eq!(page.location(), "/admin/login?why=ended&next=/admin/elections/5/voters/import");
}

#[actix_web::test]
async fn what_is_wrong_with_a_file_stands_at_its_field() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    let path = "/admin/elections/5/voters/import";
    let token = browser.get(path).await.field("form_token");
    let page = browser.upload(path, &token, None).await;
    assert!(page.status == 422 && page.says("href=\"#file\"") && page.says("Choose a file"), "{}", page.text);
    let page = browser.upload(path, &token, Some(vec![b'x'; 20 * 1024 * 1024 + 1])).await;
    assert!(page.status == 413 && page.says("larger than 20 MB"), "{}", page.text);
    assert!(sent_to(&browser, "POST ").is_empty());
    let empty = messages::say!(file_empty);
    let error = json!([{ "field": "file", "message": empty.to_string(), "code": empty.code(), "params": {} }]);
    let whole = messages::say!(one_field_is_wrong, field = "file", message = messages::say!(file_empty));
    browser.services.answer("POST /api/admin/elections/5/voter-imports", 422, problem(422, "invalid-input", &whole, error));
    let page = browser.upload(path, &token, Some(b" ".to_vec())).await;
    assert!(page.status == 422 && page.says("id=\"file-wrong\">The file is empty<"), "{}", page.text);
    let macros = messages::say!(file_with_macros);
    browser.services.answer(
        "POST /api/admin/elections/5/voter-imports",
        415,
        problem(415, "unsupported-media-type", &macros, json!([])),
    );
    let page = browser.upload(path, &token, Some(b"PK".to_vec())).await;
    assert!(page.status == 415 && page.says("(.xlsm)"), "{}", page.text);
}

#[actix_web::test]
async fn lines_are_pasted_with_or_without_the_names_of_the_columns_and_are_never_lost() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    let path = "/admin/elections/5/voters/paste";
    browser.services.answer("POST /api/admin/elections/5/voter-imports", 201, import(1, 0, 0));
    assert_eq!(
        browser.fill_in(path, &[("lines", "\nann@example.org\tAnn")]).await.location(),
        format!("/admin/elections/5/voters/imports/{IMPORT}")
    );
    let sent = sent_to(&browser, "POST ");
    assert!(
        sent[0].text.contains("name=\"header\"\r\n\r\nnone") && sent[0].text.contains("\nann@example.org\tAnn"),
        "{}",
        sent[0].text
    );
    browser.fill_in(path, &[("lines", "email;last_name\nann@example.org;Lee")]).await;
    assert!(!sent_to(&browser, "POST ")[0].text.contains("name=\"header\""));
    let no_column = messages::say!(file_without_email_column, line = "Ann Lee");
    let error =
        json!([{ "field": "file", "message": no_column.to_string(), "code": no_column.code(), "params": no_column.params() }]);
    browser.services.answer("POST /api/admin/elections/5/voter-imports", 422, problem(422, "invalid-input", &no_column, error));
    let page = browser.fill_in(path, &[("lines", "Ann <b> Lee\nBob")]).await;
    assert!(
        page.status == 422 && page.says("href=\"#lines\"") && page.says("\nAnn &lt;b&gt; Lee\nBob</textarea>"),
        "{}",
        page.text
    );
    assert_eq!(browser.fill_in(path, &[("lines", " ")]).await.status, 422);
    let token = browser.get(path).await.field("form_token");
    browser.services.revoke();
    let page = browser.post(path, &[("lines", "ann@example.org"), ("form_token", token.as_str())]).await;
    assert!(page.says("name=\"kept\""), "the lines wait for the login: {}", page.text);
}

#[actix_web::test]
async fn the_preview_shows_each_bad_line_beside_its_reason() {
    let twice = messages::say!(student_id_of_other_line, line = 2);
    let malformed = messages::say!(email_malformed);
    let reason = |field: &str, why: &messages::Message| json!({ "field": field, "message": why.to_string(), "code": why.code(), "params": why.params() });
    let lines = json!([
        { "line": 7, "kind": "rejected", "cells": { "email": "<script>alert(1)</script>", "first_name": "=HYPERLINK(1)" }, "reasons": [reason("email", &malformed)] },
        { "line": 9, "kind": "rejected", "cells": { "student_id": "7" }, "reasons": [reason("email", &malformed), reason("student_id", &twice)] },
    ]);
    let mut browser = with_import(import(412, 3, 2), lines).await;
    let page = browser.get(&format!("/admin/elections/5/voters/imports/{IMPORT}")).await;
    assert!(
        sent_to(&browser, "GET /api/admin/elections/5/voter-imports/")
            .iter()
            .any(|call| call.what.ends_with("/lines?kind=rejected&limit=50"))
    );
    assert!(
        page.says("<strong>412</strong>") && page.says("Import 412 voters") && page.says("5 lines are left out."),
        "{}",
        page.text
    );
    assert!(
        page.says("The sheet “Mitglieder” was read.") && page.says("Not read: Old.") && page.says("shoe, =x"),
        "{}",
        page.text
    );
    assert!(
        page.says("<mark class=\"cell-wrong\">&lt;script&gt;alert(1)&lt;/script&gt;</mark>") && !page.says("<script>alert"),
        "{}",
        page.text
    );
    assert!(
        page.says("<mark class=\"cell-wrong\">empty</mark>") && page.says("Mail address is not a mail address"),
        "{}",
        page.text
    );
    assert!(page.says("Student number is that of another voter, on line 2") && !page.says(">Last name</th>"), "{}", page.text);
    assert!(page.says("10:00 (Europe/Berlin)") && page.says("/rejected.csv") && !page.says("name=\"reason\""), "{}", page.text);
    let _ = browser.get(&format!("/admin/elections/5/voters/imports/{IMPORT}?kind=new&after=9")).await;
    assert!(sent_to(&browser, "GET ").iter().any(|call| call.what.ends_with("/lines?kind=new&limit=50&after=9")));
}

#[actix_web::test]
async fn a_preview_is_confirmed_or_discarded_and_late_voters_need_a_reason() {
    let mut browser = with_import(import(2, 0, 0), json!([])).await;
    let base = format!("/admin/elections/5/voters/imports/{IMPORT}");
    let confirm = format!("POST /api/admin/elections/5/voter-imports/{IMPORT}/confirm");
    browser.services.answer(&confirm, 200, json!({ "imported": 2, "duplicates": 0, "rejected": 0 }));
    assert_eq!(browser.fill_in(&format!("{base}/confirm"), &[]).await.location(), "/admin/elections/5/voters?imported=2");
    assert_eq!(sent_to(&browser, &confirm)[0].body, json!({ "reason": null }));
    browser.services.election(|election| election["status"] = json!("active"));
    let page = browser.fill_in(&format!("{base}/confirm"), &[("reason", " ")]).await;
    assert!(page.status == 422 && page.says("href=\"#reason\"") && page.says("Why these voters come late"), "{}", page.text);
    browser.fill_in(&format!("{base}/confirm"), &[("reason", "Forgotten")]).await;
    assert_eq!(sent_to(&browser, &confirm)[0].body, json!({ "reason": "Forgotten" }));
    browser.services.answer(&confirm, 409, problem(409, "state-conflict", &messages::say!(import_outdated), json!([])));
    let page = browser.fill_in(&format!("{base}/confirm"), &[("reason", "Forgotten")]).await;
    assert!(page.status == 409 && page.says("The roll has changed since the preview"), "{}", page.text);
    let token = browser.get(&base).await.field("form_token");
    let done = browser.post(&format!("{base}/discard"), &[("form_token", token.as_str())]).await;
    assert_eq!(done.location(), "/admin/elections/5/voters?discarded=1");
    assert_eq!(sent_to(&browser, "DELETE ")[0].what, format!("DELETE /api/admin/elections/5/voter-imports/{IMPORT}"));
}

#[actix_web::test]
async fn an_import_whose_hour_is_over_says_so() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    for import in [IMPORT, "..%2F..%2Fx", "1"] {
        let page = browser.get(&format!("/admin/elections/5/voters/imports/{import}")).await;
        assert!(
            page.status == 404 && page.says("This file waits no longer") && page.says("voters/import\""),
            "{import}: {}",
            page.text
        );
    }
    assert_eq!(sent_to(&browser, "GET /api/admin/elections/5/voter-imports/").len(), 1, "what is no number is not asked for");
}

#[actix_web::test]
async fn a_voter_is_added_by_hand_and_a_late_one_with_a_reason() {
    let mut browser = with_roll(json!([]), counts(0, 0, 0)).await;
    let path = "/admin/elections/5/voters/new";
    assert!(!browser.get(path).await.says("name=\"reason\""));
    let page = browser.fill_in(path, &[("email", ""), ("first_name", "Ann \"A\"")]).await;
    assert!(
        page.status == 422 && page.says("Enter the mail address") && page.says("value=\"Ann &quot;A&quot;\""),
        "{}",
        page.text
    );
    browser.services.answer("POST /api/admin/voters", 201, voter(1, "Ann", json!({ "status": "none" })));
    let page = browser.fill_in(path, &[("email", " ann@example.org "), ("first_name", "Ann"), ("last_name", "")]).await;
    assert_eq!(page.location(), "/admin/elections/5/voters?added=1");
    let body = sent_to(&browser, "POST ")[0].body.clone();
    assert_eq!((&body["email"], &body["last_name"], &body["election_id"]), (&json!("ann@example.org"), &json!(null), &json!(5)));
    browser.services.election(|election| election["status"] = json!("active"));
    assert_eq!(browser.fill_in(path, &[("email", "ann@example.org"), ("reason", "")]).await.status, 422);
    let taken = messages::say!(on_roll_already);
    browser.services.answer("POST /api/admin/voters", 409, problem(409, "already-exists", &taken, json!([])));
    let page = browser.fill_in(path, &[("email", "ann@example.org"), ("reason", "Forgotten")]).await;
    assert!(page.status == 409 && page.says("on the roll already") && page.says("Forgotten</textarea>"), "{}", page.text);
    browser.services.election(|election| election["status"] = json!("closed"));
    assert_eq!(browser.get(path).await.location(), "/admin/elections/5/voters");
}

#[actix_web::test]
async fn an_entry_is_corrected_with_what_that_does_spelled_out() {
    let mut browser = with_roll(json!([]), counts(0, 1, 0)).await;
    browser.services.answer("GET /api/admin/voters/3", 200, voter(3, "<Ann>", json!({ "status": "none" })));
    let page = browser.get("/admin/elections/5/voters/3").await;
    assert!(
        page.says("nobody gets a mail about it") && page.says("Send a link to this voter") && page.says("&lt;Ann&gt;"),
        "{}",
        page.text
    );
    browser.services.answer("GET /api/admin/voters/3", 200, voter(3, "Ann", json!({ "status": "sent" })));
    let page = browser.get("/admin/elections/5/voters/3").await;
    assert!(page.says("the old link stops working at once") && page.says("value=\"voter3@example.org\""), "{}", page.text);
    browser.services.answer("PUT /api/admin/voters/3", 200, voter(3, "Ann", json!({ "status": "sent" })));
    let fields = [("email", "new@example.org"), ("first_name", "Ann"), ("last_name", ""), ("student_id", "8")];
    assert_eq!(
        browser.fill_in("/admin/elections/5/voters/3", &fields).await.location(),
        "/admin/elections/5/voters/3?corrected=1"
    );
    let body = sent_to(&browser, "PUT ")[0].body.clone();
    assert_eq!(body, json!({ "email": "new@example.org", "first_name": "Ann", "last_name": "", "student_id": "8" }));
    let kept = messages::say!(student_id_kept);
    let error = json!([{ "field": "student_id", "message": kept.to_string(), "code": kept.code(), "params": {} }]);
    browser.services.answer("PUT /api/admin/voters/3", 422, problem(422, "invalid-input", &kept, error));
    let page = browser.fill_in("/admin/elections/5/voters/3", &[("email", "x@example.org"), ("student_id", "")]).await;
    assert!(page.status == 422 && page.says("href=\"#student_id\"") && page.says("value=\"x@example.org\""), "{}", page.text);
    browser.services.answer("GET /api/admin/voters/4", 200, json!({ "voter_id": 4, "election_id": 6, "email": "other@example.org", "first_name": null, "last_name": null, "student_id": null, "cohort": null, "link_sent": false, "mail": { "status": "none" } }));
    assert_eq!(
        browser.get("/admin/elections/5/voters/4").await.location(),
        "/admin/elections/5/voters",
        "a voter of another election"
    );
    assert_eq!(browser.get("/admin/elections/5/voters/99").await.status, 404);
}

#[actix_web::test]
async fn a_link_is_sent_again_and_a_voter_taken_off_the_roll() {
    let mut browser = with_roll(json!([]), counts(0, 1, 0)).await;
    browser.services.answer("GET /api/admin/voters/3", 200, voter(3, "Ann", json!({ "status": "refused", "reason": "550 no" })));
    browser.services.answer("POST /api/admin/voters/3/resend-token", 202, json!({ "voter_id": 3, "resends_left": 1 }));
    let page = browser.fill_in("/admin/elections/5/voters/3/resend", &[]).await;
    assert_eq!(page.location(), "/admin/elections/5/voters/3?resent=1");
    assert!(browser.get("/admin/elections/5/voters/3?resent=1").await.says("can be sent again once"));
    let limit = messages::say!(resend_limit, most = 3);
    browser.services.answer("POST /api/admin/voters/3/resend-token", 409, problem(409, "resend-limit", &limit, json!([])));
    let page = browser.fill_in("/admin/elections/5/voters/3/resend", &[]).await;
    assert!(page.status == 409 && page.says("sent again 3 times") && page.says("value=\"voter3@example.org\""), "{}", page.text);
    let before = sent_to(&browser, "POST ").len();
    let page = browser.post("/admin/elections/5/voters/3/resend", &[("form_token", "forged")]).await;
    assert!(page.status == 422 && sent_to(&browser, "POST ").is_empty() && before == 2, "{}", page.text);
    let page = browser.get("/admin/elections/5/voters/3/remove").await;
    assert!(page.says("Take this voter off the roll?") && page.says("Ann cannot vote then"), "{}", page.text);
    assert_eq!(
        browser.fill_in("/admin/elections/5/voters/3/remove", &[]).await.location(),
        "/admin/elections/5/voters?removed=1"
    );
    assert_eq!(sent_to(&browser, "DELETE ")[0].what, "DELETE /api/admin/voters/3");
    browser.services.election(|election| election["status"] = json!("active"));
    assert!(browser.get("/admin/elections/5/voters/3/remove").await.says("every voter can read that somebody was taken off"));
}

#[actix_web::test]
async fn links_go_out_after_a_question_with_their_number() {
    let mut browser = with_roll(json!([]), counts(30, 0, 0)).await;
    let page = browser.get("/admin/elections/5/voters/send").await;
    assert!(page.says("Send 30 voting links?") && page.says("Send 30 links") && page.says("still a draft"), "{}", page.text);
    browser.services.answer("POST /api/admin/elections/5/send-voting-links", 202, json!({ "queued": 30, "already_sent": 0 }));
    assert_eq!(browser.fill_in("/admin/elections/5/voters/send", &[]).await.location(), "/admin/elections/5/voters?sent=30");
    assert_eq!(sent_to(&browser, "POST ")[0].body, json!({}));
    let unverified = messages::say!(own_address_unverified);
    browser.services.answer(
        "POST /api/admin/elections/5/send-voting-links",
        403,
        problem(403, "forbidden", &unverified, json!([])),
    );
    let page = browser.fill_in("/admin/elections/5/voters/send", &[]).await;
    assert!(page.status == 403 && page.says("Your own mail address is not verified"), "{}", page.text);
    browser.services.answer(
        "GET /api/admin/elections/5/mails",
        200,
        json!({ "voters": counts(0, 30, 0), "under_way": [], "sent": [] }),
    );
    assert!(browser.get("/admin/elections/5/voters/send").await.says("Nobody is without a link"));
}

#[actix_web::test]
async fn reminders_go_out_while_voting_is_open_and_no_number_is_said() {
    let mut browser = with_roll(json!([]), counts(0, 30, 0)).await;
    let page = browser.get("/admin/elections/5/voters/remind").await;
    assert!(page.says("while voting is open") && !page.says("Send the reminders"), "{}", page.text);
    browser.services.election(|election| election["status"] = json!("active"));
    assert!(browser.get("/admin/elections/5/voters").await.says("/voters/remind"));
    let taken = json!({ "message": "x", "code": "reminders-taken", "params": {} });
    browser.services.answer("POST /api/admin/elections/5/send-voting-links", 202, taken);
    assert_eq!(browser.fill_in("/admin/elections/5/voters/remind", &[]).await.location(), "/admin/elections/5/voters?reminded=1");
    assert_eq!(sent_to(&browser, "POST ")[0].body, json!({ "only": "not_voted" }));
    assert!(browser.get("/admin/elections/5/voters?reminded=1").await.says("The reminders are on their way."));
}

#[actix_web::test]
async fn after_the_end_the_roll_is_only_looked_at() {
    let mut browser = with_roll(
        json!([voter(1, "Ann", json!({ "status": "forgotten" }))]),
        json!({ "none": 0, "queued": 0, "deferred": 0, "sent": 0, "refused": 0, "forgotten": 1 }),
    )
    .await;
    browser.services.election(|election| election["status"] = json!("closed"));
    let page = browser.get("/admin/elections/5/voters").await;
    assert!(
        page.says("the roll stays as it is")
            && page.says("not known any more")
            && !page.says(">Change<")
            && !page.says("/voters/import\""),
        "{}",
        page.text
    );
    assert_eq!(browser.get("/admin/elections/5/voters/import").await.location(), "/admin/elections/5/voters");
}
