//! The history of an election.

use serde_json::{Value, json};

use crate::browser::Browser;

const SUBJECT: &str = "6f9619ff-8b86-d011-b42d-00c04fc964ff";

fn entry(log_id: i64, event_type: &str, details: &Value) -> Value {
    json!({ "log_id": log_id, "event_id": "00000000-0000-0000-0000-000000000001", "timestamp": "2026-02-11T08:00:00Z", "source": "admin",
        "event_type": event_type, "election_id": 5, "details": details, "previous_hash": "00", "current_hash": "11" })
}

async fn with_entries() -> Browser {
    let browser = Browser::logged_in().await;
    let mut resent = entry(9, "voting_link_resent", &json!({}));
    resent["admin_id"] = json!(1);
    resent["admin_email"] = json!("ann@example.org");
    resent["ip_address"] = json!("192.0.2.7");
    resent["subject_ref"] = json!(SUBJECT);
    let moved = json!({ "from": "2026-02-18T17:00:00Z", "to": "2026-02-20T17:00:00Z", "reason": "=Snow <b>" });
    let mut moved = entry(8, "closing_time_moved", &moved);
    moved["admin_id"] = json!(7);
    let items = [resent, moved, entry(7, "reminders_sent", &json!({})), entry(6, "moon_landed", &json!({}))];
    browser.services.answer("GET /api/audit", 200, json!({ "items": items, "next": 6 }));
    let known = json!([{ "subject_ref": SUBJECT, "email": "bob@example.org", "first_name": "Bob", "last_name": null }]);
    browser.services.answer("GET /api/admin/elections/5/audit-subjects", 200, json!({ "items": known }));
    browser
}

#[actix_web::test]
async fn entries_are_sentences_with_the_names_of_organisers_and_of_voters_who_are_known_still() {
    let mut browser = with_entries().await;
    let page = browser.get("/admin/elections/5/history").await;
    for said in [
        "A voter was sent a new link.",
        "Voter: Bob (bob@example.org)",
        "ann@example.org",
        "from 192.0.2.7",
        "from Wednesday, 18 February 2026, 18:00 (Europe/Berlin) to Friday, 20 February 2026, 18:00",
        "=Snow &lt;b&gt;",
        "Organiser number 7",
        "How many is not recorded.",
        "U-Vote itself",
        "no words for: moon_landed",
        "history?kind=&amp;before=6",
    ] {
        assert!(page.says(said), "{said}: {}", page.text);
    }
    let asked = browser.services.calls().into_iter().find(|call| call.what.starts_with("GET /api/audit?")).unwrap().what;
    assert_eq!(asked, "GET /api/audit?election_id=5&newest=true&limit=50");
    browser.services.answer("GET /api/admin/elections/5/audit-subjects", 200, json!({ "items": [] }));
    let page = browser.get("/admin/elections/5/history").await;
    assert!(page.says("Which voter it was is not known any more") && !page.says("bob@"), "{}", page.text);
    browser.services.answer(
        "GET /api/admin/elections/5/audit-subjects",
        503,
        json!({ "type": "/problems/unavailable", "title": "x", "status": 503, "detail": "x" }),
    );
    assert_eq!(browser.get("/admin/elections/5/history").await.status, 200, "the history does not need the admin service");
    browser.headers.push(("Accept-Language", "de".to_owned()));
    assert!(browser.get("/admin/elections/5/history").await.says("Ein Wähler bekam einen neuen Link."));
}

#[actix_web::test]
async fn the_history_is_filtered_and_read_page_by_page() {
    let mut browser = with_entries().await;
    browser.services.take();
    let page = browser.get("/admin/elections/5/history?kind=looks&before=40").await;
    let asked = browser.services.take().into_iter().find(|call| call.what.starts_with("GET /api/audit?")).unwrap().what;
    assert_eq!(
        asked,
        "GET /api/audit?election_id=5&newest=true&limit=50&after=40&event_type=voters_viewed%2Cresults_viewed%2Caudit_viewed"
    );
    assert!(page.says("value=\"looks\" selected") && page.says("kind=looks&amp;before=6") && page.says("To the newest entries"));
    browser.get("/admin/elections/5/history?kind=%22%3E%3Cscript%3E").await;
    let asked = browser.services.take().into_iter().find(|call| call.what.starts_with("GET /api/audit?")).unwrap().what;
    assert_eq!(asked, "GET /api/audit?election_id=5&newest=true&limit=50", "what is no kind shows everything");
    browser.services.answer("GET /api/audit", 200, json!({ "items": [] }));
    assert!(browser.get("/admin/elections/5/history?kind=mails").await.says("No entries"));
}

#[actix_web::test]
async fn the_files_have_every_entry_and_name_no_voter() {
    let mut browser = with_entries().await;
    let items = json!([entry(2, "voter_added", &json!({})), entry(1, "election_created", &json!({ "title": "=A" }))]);
    browser.services.answer("GET /api/audit", 200, json!({ "items": items }));
    browser.services.take();
    let table = browser.get("/admin/elections/5/history.csv").await;
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"election-5-history.csv\"");
    let expected = "\u{feff}\"Number\",\"When\",\"Who\",\"Kind\",\"What\"\r\n\
        \"2\",\"2026-02-11T08:00:00+00:00\",\"U-Vote itself\",\"voter_added\",\"A voter was added.\"\r\n\
        \"1\",\"2026-02-11T08:00:00+00:00\",\"U-Vote itself\",\"election_created\",\"The election was set up with the title “=A”.\"\r\n";
    assert_eq!(table.text, expected);
    let file = browser.get("/admin/elections/5/history.json").await;
    assert_eq!(file.header("content-type"), "application/json");
    let entries: Value = serde_json::from_str(&file.text).unwrap();
    assert_eq!((entries.as_array().unwrap().len(), &entries[1]["current_hash"]), (2, &json!("11")));
    assert_eq!(browser.services.asked("GET /api/admin/elections/5/audit-subjects"), 0);
    let refusal = json!({ "type": "/problems/unavailable", "title": "x", "status": 503, "detail": "x" });
    browser.services.answer("GET /api/audit", 503, refusal);
    let page = browser.get("/admin/elections/5/history.csv").await;
    assert!(page.status == 503 && page.header("content-type").starts_with("text/html"), "a refusal is a page, and no file");
}

#[actix_web::test]
async fn a_long_history_is_sent_page_by_page() {
    let mut browser = Browser::logged_in().await;
    browser.services.answer_in_turn(
        "GET /api/audit",
        vec![
            json!({ "items": [entry(3, "voter_added", &json!({}))], "next": 3 }),
            json!({ "items": [entry(2, "voter_added", &json!({}))], "next": 2 }),
            json!({ "items": [entry(1, "voter_added", &json!({}))] }),
        ],
    );
    let file = browser.get("/admin/elections/5/history.json").await;
    let entries: Value = serde_json::from_str(&file.text).unwrap();
    let numbers: Vec<i64> = entries.as_array().unwrap().iter().map(|entry| entry["log_id"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let asked: Vec<String> = browser
        .services
        .calls()
        .into_iter()
        .filter(|call| call.what.starts_with("GET /api/audit?"))
        .map(|call| call.what)
        .collect();
    assert_eq!(asked[2], "GET /api/audit?election_id=5&newest=true&limit=1000&after=2");
}
