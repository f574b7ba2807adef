//! The pages of the steps "check" and "open".

use serde_json::json;

use crate::browser::{Browser, candidate, contest};

fn finding(level: &str, message: &messages::Message) -> serde_json::Value {
    json!({ "level": level, "message": message.to_string(), "code": message.code(), "params": message.params() })
}

#[actix_web::test]
async fn what_was_found_leads_to_where_it_is_mended_and_what_stops_keeps_the_election_from_opening() {
    let mut browser = Browser::logged_in().await;
    let script = "<script>alert(1)</script>";
    let findings = [
        finding("stops", &messages::say!(election_needs_candidates, contest = script)),
        finding("warns", &messages::say!(check_mails_refused, mails = 2)),
        finding("warns", &messages::say!(check_closes_at_night, clock = "00:30")),
    ];
    browser.services.answer("GET /api/elections/5/check", 200, json!({ "findings": findings }));
    let page = browser.get("/admin/elections/5/check").await;
    assert!(page.says("1 thing must be corrected first.") && page.says("&#39;&lt;script&gt;alert(1)"), "{}", page.text);
    for place in ["candidates\">To the candidates", "voters?mail=refused\">Show these voters", "details\">Change the times"] {
        assert!(page.says(&format!("/admin/elections/5/{place}")), "{place}: {}", page.text);
    }
    assert!(page.says("aria-disabled=\"true\"") && !page.says("href=\"/admin/elections/5/open\">Go on"), "{}", page.text);
    let page = browser.get("/admin/elections/5/open").await;
    assert!(page.says("The election cannot open yet") && !page.says("action=\"/admin/elections/5/open\""), "{}", page.text);
    browser.services.answer("GET /api/elections/5/check", 200, json!({ "findings": [findings[1]] }));
    let page = browser.get("/admin/elections/5/check").await;
    assert!(page.says("href=\"/admin/elections/5/open\">Go on to opening"), "{}", page.text);
    let page = browser.get("/admin/elections/5/open").await;
    assert!(
        page.says("action=\"/admin/elections/5/open\"")
            && page.says("What is fixed as soon as you press the button")
            && page.says("Nobody can change it"),
        "{}",
        page.text
    );
    browser.services.answer("GET /api/elections/5/check", 200, json!({ "findings": [] }));
    assert!(browser.get("/admin/elections/5/check").await.says("Nothing has to be corrected."));
}

#[actix_web::test]
async fn an_organiser_reads_the_mail_and_sends_it_to_themselves() {
    let mut browser = Browser::logged_in().await;
    assert!(browser.get("/admin/elections/5/check").await.says("cannot be shown at the moment"), "the page works without it");
    let mail = json!({ "subject": "Your link: <b>", "text": "Hello Ada,\n\n<script>alert(1)</script>" });
    browser.services.answer("GET /api/admin/elections/5/mail-preview", 200, mail);
    let page = browser.get("/admin/elections/5/check").await;
    assert!(page.says("Your link: &lt;b&gt;") && page.says("Hello Ada,\n\n&lt;script&gt;"), "{}", page.text);
    assert!(page.says("The mail goes to ann@example.org"), "{}", page.text);
    browser.services.answer("POST /api/admin/elections/5/test-mail", 202, json!({ "recipient": "ann@example.org", "left": 9 }));
    let token = page.field("form_token");
    let sent = browser.post("/admin/elections/5/check/test-mail", &[("form_token", token.as_str())]).await;
    assert_eq!(sent.location(), "/admin/elections/5/check?sent=1");
    assert!(browser.get("/admin/elections/5/check?sent=1").await.says("The test mail is on its way to you."));
    let limit = messages::say!(test_mail_limit, most = 10);
    let body = json!({ "type": "/problems/too-many-requests", "title": "x", "status": 429, "detail": limit.to_string(), "code": limit.code(), "params": limit.params() });
    browser.services.answer("POST /api/admin/elections/5/test-mail", 429, body);
    let page = browser.post("/admin/elections/5/check/test-mail", &[("form_token", token.as_str())]).await;
    assert!(page.status == 429 && page.says("10 test mails were sent in an hour"), "{}", page.text);
    browser.services.take();
    let page = browser.post("/admin/elections/5/check/test-mail", &[("form_token", "forged")]).await;
    assert_eq!(page.status, 422);
    assert!(browser.services.take().iter().all(|call| call.what.starts_with("GET ")));
}

async fn with_a_ballot() -> Browser {
    let browser = Browser::logged_in().await;
    let rank = json!({ "method": "irv" });
    let marks = json!({ "method": "plurality", "seats": 2, "max_marks": 2 });
    browser.services.election(|election| {
        election["contests"] = json!([contest(7, "President", rank), contest(8, "Board", marks)]);
    });
    browser.services.candidates(json!([
        candidate(1, 7, "Ann"),
        candidate(2, 7, "<script>alert(1)</script>"),
        candidate(3, 8, "Cem"),
        candidate(4, 8, "Dan"),
        candidate(5, 8, "Eve")
    ]));
    browser
}

#[actix_web::test]
async fn the_test_ballot_is_the_ballot_of_voters_and_counts_nowhere() {
    let mut browser = with_a_ballot().await;
    let page = browser.get("/admin/elections/5/preview").await;
    assert!(
        page.says("This is a test ballot. It counts nowhere.") && page.says("action=\"/admin/elections/5/preview\""),
        "{}",
        page.text
    );
    assert!(
        page.says("<select name=\"contest-7-1\">")
            && page.says("type=\"checkbox\" name=\"contest-8\" value=\"3\"")
            && page.says("Cast my ballot"),
        "{}",
        page.text
    );
    assert!(!page.says("<script>alert") && !page.says("name=\"token\"") && !page.says("name=\"key\""));
    browser.services.take();
    let marked =
        [("contest", "7"), ("contest-7-1", "2"), ("contest-7-2", "1"), ("contest", "8"), ("contest-8", "3"), ("contest-8", "5")];
    let page = browser.fill_in("/admin/elections/5/preview", &marked).await;
    assert!(page.status == 200 && page.says("Nothing was recorded"), "{}", page.text);
    let lines = ["<li>1. &lt;script&gt;alert(1)&lt;/script&gt;</li>", "<li>2. Ann</li>", "<li>Cem</li>", "<li>Eve</li>"];
    assert!(lines.iter().all(|line| page.says(line)) && !page.says("<li>Dan"), "{}", page.text);
    assert!(
        browser.services.take().iter().all(|call| call.what.starts_with("GET ") && !call.what.contains("voting")),
        "nothing is sent"
    );
}

#[actix_web::test]
async fn a_test_ballot_is_judged_as_a_real_one_and_stays_filled_in() {
    let mut browser = with_a_ballot().await;
    let marked = [
        ("contest", "7"),
        ("contest-7-1", "1"),
        ("contest-7-2", "1"),
        ("contest", "8"),
        ("contest-8", "3"),
        ("contest-8", "4"),
        ("contest-8", "5"),
    ];
    let page = browser.fill_in("/admin/elections/5/preview", &marked).await;
    assert!(page.status == 422 && page.says("href=\"#contest-7\"") && page.says("href=\"#contest-8\""), "{}", page.text);
    assert!(page.says("value=\"5\" checked") && page.says("counts nowhere"), "{}", page.text);
    let page = browser.fill_in("/admin/elections/5/preview", &[("contest", "7"), ("contest", "8"), ("contest-8", "blank")]).await;
    assert!(page.status == 422 && page.says("Nothing is chosen here yet"), "{}", page.text);
    let blank = [("contest", "7"), ("contest-7", "blank"), ("contest", "8"), ("contest-8", "blank")];
    let page = browser.fill_in("/admin/elections/5/preview", &blank).await;
    assert!(page.status == 200 && page.text.matches("<li>blank</li>").count() == 2, "{}", page.text);
    let forged = browser.post("/admin/elections/5/preview", &[("contest", "7"), ("form_token", "forged")]).await;
    assert_eq!(forged.status, 422);
}

#[actix_web::test]
async fn without_candidates_there_is_no_test_ballot_yet() {
    let mut browser = Browser::logged_in().await;
    let page = browser.get("/admin/elections/5/preview").await;
    assert!(page.status == 200 && page.says("nobody stands in it"), "{}", page.text);
}

#[actix_web::test]
async fn the_language_of_the_mails_is_chosen_with_the_times() {
    let mut browser = Browser::logged_in().await;
    let page = browser.get("/admin/elections/5/details").await;
    assert!(
        page.says("<option value=\"de\">Deutsch</option>") && page.says("<option value=\"en\" selected>English</option>"),
        "{}",
        page.text
    );
    let fields = [("title", "Council"), ("timezone", "Europe/Berlin"), ("publish", "manual"), ("locale", "de")];
    browser.services.take();
    assert_eq!(browser.fill_in("/admin/elections/5/details", &fields).await.location(), "/admin/elections/5/questions");
    let put = browser.services.take().into_iter().find(|call| call.what == "PUT /api/elections/5").unwrap();
    assert_eq!(put.body["locale"], "de");
    browser.services.election(|election| {
        election["status"] = json!("active");
        election["locale"] = json!("de");
    });
    assert!(browser.get("/admin/elections/5/details").await.says("<dd>Deutsch</dd>"));
}
