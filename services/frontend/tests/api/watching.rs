//! The steps watch, close and result.

use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::{Value, json};

use crate::browser::{Browser, candidate};
use crate::upstream::{by_rounds, published};

/// A browser before an open election in which 40 of 100 have voted.
async fn watching() -> Browser {
    let browser = Browser::logged_in().await;
    let end = chrono::Utc::now() + chrono::Duration::days(7) - chrono::Duration::seconds(30);
    browser.services.election(|election| {
        election["status"] = json!("active");
        election["activated_at"] = json!("2026-02-10T08:00:00Z");
        election["closes_at"] = json!(end);
        election["turnout"] = json!({ "roll": 100, "voted": 40 });
    });
    let counts = json!({ "voters": { "none": 0, "queued": 0, "deferred": 1, "sent": 97, "refused": 2, "forgotten": 0 }, "under_way": [], "sent": [] });
    browser.services.answer("GET /api/admin/elections/5/mails", 200, counts);
    browser
}

/// The same election, closed, counted and published.
async fn published_browser() -> Browser {
    let browser = watching().await;
    browser.services.election(|election| {
        election["status"] = json!("closed");
        election["tally_state"] = json!("opened");
        election["closed_at"] = json!("2026-02-18T18:00:00Z");
        election["results_published_at"] = json!("2026-02-18T19:00:00Z");
        election["manifest_hash"] = json!("ma".repeat(32));
    });
    browser.services.answer("GET /api/results/5", 200, published(5, &by_rounds(), true));
    browser.services.answer("GET /api/elections/5/tally", 200, tally("opened"));
    browser.services.answer("GET /api/admin/elections/5/retention", 200, json!({ "days": 90 }));
    browser
}

fn tally(state: &str) -> Value {
    let mut tally = json!({ "election_id": 5, "tally_state": state, "done": 140, "total": 223, "stamps": 223, "ballots": 223 });
    if !["grace", "failed"].contains(&state) {
        tally["box"] = json!({ "count": 223, "hash": "b0".repeat(32), "spent_count": 223, "spent_hash": "5b".repeat(32), "roll_count": 250,
            "withdrawn_hash": "e3".repeat(32), "signature": "c2lnbmF0dXJl", "sealed_at": "2026-02-18T18:00:31Z" });
    }
    tally
}

/// Reads events until this is said.
async fn hear(stream: &mut Response, text: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(text) {
        let chunk = stream.chunk().await.unwrap().unwrap_or_else(|| panic!("no {text:?} in {heard:?}"));
        heard += std::str::from_utf8(&chunk).unwrap();
    }
    heard
}

#[actix_web::test]
async fn the_page_says_how_many_have_voted_how_long_it_goes_on_and_which_mails_came_back() {
    let mut browser = watching().await;
    let page = browser.get("/admin/elections/5/watch").await;
    assert!(page.says("40 of 100 have voted") && page.says("open for another 6 days 23 hours"), "{}", page.text);
    assert!(page.says("2 mails came back: these voters have no link") && page.says("/admin/elections/5/voters?mail=refused"));
    assert!(page.says("1 mail was not taken yet") && page.says("97 mails with links were sent") && page.says(">Refresh</a>"));
    assert!(page.says("data-live=\"/admin/elections/5/turnout\""));
    browser.services.answer(
        "GET /api/admin/elections/5/mails",
        503,
        json!({ "type": "/problems/unavailable", "title": "x", "status": 503, "detail": "x" }),
    );
    let page = browser.get("/admin/elections/5/watch").await;
    assert!(page.status == 200 && page.says("What became of the mails cannot be shown"), "{}", page.text);
    let now = browser.get("/admin/elections/5/turnout").await;
    assert_eq!((now.header("content-type"), now.header("cache-control")), ("application/json", "no-store"));
    let now: Value = serde_json::from_str(&now.text).unwrap();
    assert_eq!((&now["text"], &now["permille"], &now["is_open"]), (&json!("40 of 100 have voted"), &json!(400), &json!(true)));
}

#[actix_web::test]
async fn the_turnout_comes_by_itself_and_the_service_is_asked_once_for_all_who_watch() {
    let browser = watching().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut stream = browser.open("/admin/elections/5/turnout/stream").await;
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        assert_eq!(stream.headers()["cache-control"], "no-store");
        let first = hear(&mut stream, "\n\nevent: turnout\ndata: ").await;
        assert!(first.contains("retry: 5000") && first.contains("40 of 100 have voted"), "{first}");
        streams.push(stream);
    }
    let begin = Instant::now();
    browser.services.take();
    for voted in (45..=95).step_by(5) {
        browser.services.election(|election| election["turnout"]["voted"] = json!(voted));
        for stream in &mut streams {
            hear(stream, &format!("{voted} of 100 have voted")).await;
        }
    }
    let most = begin.elapsed().as_millis() / 50 + 2;
    let asked = browser.services.asked("GET /api/elections/5") as u128;
    assert!((11..=most).contains(&asked), "{asked} questions, {most} at the most");
}

#[actix_web::test]
async fn a_stream_ends_with_its_session_and_with_the_election() {
    let mut browser = watching().await;
    let mut stream = browser.open("/admin/elections/5/turnout/stream").await;
    hear(&mut stream, "40 of 100").await;
    browser.services.revoke();
    while stream.chunk().await.unwrap().is_some() {}
    assert_eq!(browser.open("/admin/elections/5/turnout/stream").await.status(), 303, "to the login");
    browser.get("/admin/dashboard").await;
    browser.services.allow();
    browser.fill_in("/admin/login", &[("email", "ann@example.org"), ("password", "right and long enough")]).await;
    let mut stream = browser.open("/admin/elections/5/turnout/stream").await;
    hear(&mut stream, "40 of 100").await;
    browser.services.election(|election| election["status"] = json!("closed"));
    hear(&mut stream, "event: over\n").await;
    while stream.chunk().await.unwrap().is_some() {}
    let mut after = browser.open("/admin/elections/5/turnout/stream").await;
    hear(&mut after, "event: over\n").await;
    assert!(after.chunk().await.unwrap().is_none(), "there is nothing more to tell");
}

#[actix_web::test]
async fn of_one_session_only_the_newest_streams_stay_open() {
    let browser = watching().await;
    let mut first = browser.open("/admin/elections/5/turnout/stream").await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(browser.open("/admin/elections/5/turnout/stream").await);
    }
    while first.chunk().await.unwrap().is_some() {}
    browser.services.election(|election| election["turnout"]["voted"] = json!(45));
    for stream in &mut others {
        hear(stream, "45 of 100").await;
    }
}

#[actix_web::test]
async fn nobody_watches_without_a_session_or_an_election_of_another() {
    let mut browser = watching().await;
    browser.services.answer(
        "GET /api/elections/6",
        404,
        json!({ "type": "/problems/not-found", "title": "x", "status": 404, "detail": "x" }),
    );
    assert_eq!(browser.open("/admin/elections/6/turnout/stream").await.status(), 404);
    assert_eq!(browser.get("/admin/elections/6/turnout").await.status, 404);
    browser.cookies.clear();
    assert_eq!(browser.open("/admin/elections/5/turnout/stream").await.status(), 303);
}

#[actix_web::test]
async fn the_end_is_moved_later_with_a_reason_and_never_earlier() {
    let mut browser = watching().await;
    browser.services.election(|election| election["closes_at"] = json!("2026-11-23T17:00:00Z"));
    let page = browser.get("/admin/elections/5/end").await;
    assert!(
        page.says("value=\"2026-11-23T18:00\"") && page.says("Monday, 23 November 2026, 18:00 (Europe/Berlin)"),
        "{}",
        page.text
    );
    let path = "/admin/elections/5/end";
    let page = browser.fill_in(path, &[("closes_at", "2026-11-23T18:00"), ("reason", "")]).await;
    assert!(page.status == 422 && page.says("Enter a time after Monday, 23 November 2026, 18:00") && page.says("Enter a reason"));
    let page = browser.fill_in(path, &[("closes_at", "soon"), ("reason", "<Snow>")]).await;
    assert!(page.status == 422 && page.says("value=\"soon\"") && page.says("&lt;Snow&gt;</textarea>"), "{}", page.text);
    browser.services.answer("POST /api/elections/5/amendments", 201, amendment("closes_at_moved"));
    browser.services.take();
    let page = browser.fill_in(path, &[("closes_at", "2026-11-25T18:00"), ("reason", "Snow")]).await;
    assert_eq!(page.location(), "/admin/elections/5/watch?done=moved");
    let sent = browser.services.take().into_iter().find(|call| call.what.starts_with("POST ")).unwrap().body;
    assert_eq!(sent, json!({ "closes_at": "2026-11-25T17:00:00Z", "reason": "Snow" }));
    let late = messages::say!(election_voting_ended);
    let refusal = json!({ "type": "/problems/conflict", "title": "x", "status": 409, "detail": late.to_string(), "code": late.code(), "params": {} });
    browser.services.answer("POST /api/elections/5/amendments", 409, refusal);
    let page = browser.fill_in(path, &[("closes_at", "2026-11-25T18:00"), ("reason", "Snow")]).await;
    assert!(page.status == 409 && page.says("Voting in this election has ended") && page.says("value=\"2026-11-25T18:00\""));
    browser.services.election(|election| election["closes_at"] = json!(null));
    assert!(browser.get(path).await.says("No end is set"));
}

fn amendment(kind: &str) -> Value {
    json!({ "amendment_id": 1, "kind": kind, "reason": "Moved <abroad>", "candidate_id": 2, "candidate": "Bob", "created_at": "2026-02-11T09:00:00Z" })
}

#[actix_web::test]
async fn a_withdrawal_is_announced_and_stands_with_the_changes() {
    let mut browser = watching().await;
    browser.services.candidates(json!([candidate(1, 7, "Ann"), candidate(2, 7, "Bob"), candidate(3, 8, "Cem")]));
    let path = "/admin/elections/5/withdrawal";
    let page = browser.fill_in(path, &[("candidate", ""), ("reason", "Moved")]).await;
    assert!(page.status == 422 && page.says("Choose who withdraws") && page.says("Bob (President)"), "{}", page.text);
    browser.services.answer("POST /api/elections/5/amendments", 201, amendment("candidate_withdrawn"));
    browser.services.take();
    assert_eq!(
        browser.fill_in(path, &[("candidate", "2"), ("reason", "Moved")]).await.location(),
        "/admin/elections/5/watch?done=withdrawn"
    );
    let sent = browser.services.take().into_iter().find(|call| call.what.starts_with("POST ")).unwrap().body;
    assert_eq!(sent, json!({ "candidate_id": 2, "reason": "Moved" }));
    browser.services.election(|election| election["amendments"] = json!([amendment("candidate_withdrawn")]));
    let page = browser.get("/admin/elections/5/watch").await;
    assert!(page.says("Bob, a candidate of &#39;President&#39;, withdrew") && page.says("Moved &lt;abroad&gt;"), "{}", page.text);
    assert!(!browser.get(path).await.says("Bob (President)"), "nobody withdraws twice");
}

#[actix_web::test]
async fn the_steps_of_closing_say_what_is_done_and_what_is_under_way() {
    let mut browser = watching().await;
    browser.services.election(|election| {
        election["status"] = json!("closed");
        election["closed_at"] = json!("2026-02-18T18:00:00Z");
        election["tally_state"] = json!("grace");
    });
    let mut at = tally("grace");
    at["grace_ends_at"] = json!(chrono::Utc::now() + chrono::Duration::seconds(30));
    browser.services.answer("GET /api/elections/5/tally", 200, at);
    let mut states = async |state: Option<&str>| {
        if let Some(state) = state {
            browser.services.answer("GET /api/elections/5/tally", 200, tally(state));
            browser.services.election(|election| election["tally_state"] = json!(state));
        }
        let page = browser.get("/admin/elections/5/close").await;
        assert_eq!(page.status, 200, "{}", page.text);
        let steps = page.text.split("class=\"stub closing\"").nth(1).unwrap().split("</ol>").next().unwrap().to_owned();
        let state = |step: &str| step.split('"').next().unwrap().to_owned();
        let states: Vec<String> = steps.split("<li class=\"step ").skip(1).map(state).collect();
        (states.join(", "), page)
    };
    let (shown, page) = states(None).await;
    assert_eq!(shown, "now current, later, later, later, later");
    assert!(
        page.says("Ballots that were begun may arrive until") && page.says("data-again=\"3000\"") && page.says(">Refresh</a>")
    );
    for (state, expected) in [
        ("grace", "done, now current, later, later, later"),
        ("sealed", "done, done, now current, later, later"),
        ("rewritten", "done, done, done, now current, later"),
        ("opening", "done, done, done, now current, later"),
        ("opened", "done, done, done, done, now current"),
    ] {
        let (shown, page) = states(Some(state)).await;
        assert_eq!(shown, expected, "{state}");
        assert_eq!(page.says("data-again"), state != "opened", "{state}");
        assert_eq!(page.says("140 of 223 opened"), ["rewritten", "opening", "opened"].contains(&state), "{state}");
    }
}

#[actix_web::test]
async fn a_failed_count_says_why_and_what_to_do_and_is_tried_again() {
    let mut browser = watching().await;
    let why = messages::say!(count_chain_broken, position = 17);
    browser.services.election(|election| {
        election["status"] = json!("closed");
        election["tally_state"] = json!("failed");
        election["count_stopped"] = json!(contract::elections::CountStopped::new("sealed", why.clone()));
    });
    let mut stopped = tally("failed");
    stopped["failed_in"] = json!("sealed");
    browser.services.answer("GET /api/elections/5/tally", 200, stopped);
    let page = browser.get("/admin/elections/5/close").await;
    assert!(
        page.says("the chain of recorded ballots is broken at position 17") && page.says("Show the reason to whoever runs"),
        "{}",
        page.text
    );
    assert!(page.says("class=\"step mend current\"") && page.says(": stopped</span>") && !page.says("data-again"));
    browser.services.take();
    assert_eq!(browser.fill_in("/admin/elections/5/close", &[]).await.location(), "/admin/elections/5/close");
    assert_eq!(browser.services.asked("POST /api/elections/5/close"), 1);
    browser.headers.push(("Accept-Language", "de".to_owned()));
    let page = browser.get("/admin/elections/5/close").await;
    assert!(page.says("an der Stelle 17 unterbrochen") && page.says("Kein Stimmzettel ist verloren"), "{}", page.text);
}

#[actix_web::test]
async fn closing_before_its_end_says_so() {
    let mut browser = watching().await;
    let page = browser.get("/admin/elections/5/close").await;
    assert!(page.says("Closing now ends voting before it") && page.says("40 of 100 have voted"), "{}", page.text);
    browser.services.election(|election| election["closes_at"] = json!(null));
    assert!(!browser.get("/admin/elections/5/close").await.says("Closing now ends voting before it"));
}

#[actix_web::test]
async fn the_organiser_sees_the_result_as_everybody_does_and_publishes_keeps_and_archives_it() {
    let mut browser = published_browser().await;
    browser.services.election(|election| election["results_published_at"] = json!(null));
    let page = browser.get("/admin/elections/5/result").await;
    assert!(page.says("Publish the result?") && page.says("Nobody sees a count before it is published") && !page.says("<table"));
    assert_eq!(browser.services.asked("GET /api/results/5"), 0, "not even the organiser asks");
    let token = page.field("form_token");
    assert_eq!(
        browser.post("/admin/elections/5/publish", &[("form_token", &token)]).await.location(),
        "/admin/elections/5/result"
    );
    assert_eq!(browser.services.asked("POST /api/elections/5/publish-results"), 1);
    browser.services.election(|election| election["results_published_at"] = json!("2026-02-18T19:00:00Z"));
    let page = browser.get("/admin/elections/5/result").await;
    let public = browser.get("/results/5").await;
    for said in [
        "The quorum is met",
        "Round by round",
        "Does the result match the sealed ballots?",
        "/results/5/rounds.csv",
        "a turnout of 60.8 %",
    ] {
        assert!(page.says(said) && public.says(said), "{said}: {}", page.text);
    }
    assert!(
        page.says("90 days after the archiving")
            && page.says("/admin/elections/5/minutes")
            && page.says("/admin/elections/5/archive")
    );
    browser.services.answer("POST /api/admin/elections/5/send-results-links", 202, json!({ "queued": 250 }));
    let told = browser.post("/admin/elections/5/tell", &[("form_token", &token)]).await;
    assert_eq!(told.location(), "/admin/elections/5/result?done=told");
    assert!(browser.get("/admin/elections/5/archive").await.says("Archive this election?"));
    assert_eq!(browser.fill_in("/admin/elections/5/archive", &[]).await.location(), "/admin/elections/5/result?done=archived");
    assert_eq!(browser.services.asked("POST /api/elections/5/archive"), 1);
    browser.services.election(|election| {
        election["status"] = json!("archived");
        election["archived_at"] = json!("2026-03-01T12:00:00Z");
    });
    let page = browser.get("/admin/elections/5/result").await;
    assert!(
        page.says("Saturday, 30 May 2026, 14:00 (Europe/Berlin)") && !page.says("/admin/elections/5/archive\""),
        "{}",
        page.text
    );
    browser.services.answer(
        "GET /api/results/5",
        503,
        json!({ "type": "/problems/unavailable", "title": "x", "status": 503, "detail": "x" }),
    );
    assert!(browser.get("/admin/elections/5/result").await.says("is being checked"));
}

#[actix_web::test]
async fn the_result_and_its_rounds_are_files_whose_cells_are_no_formulas() {
    let mut browser = published_browser().await;
    let mut contests = by_rounds();
    contests[0]["results"][0]["name"] = json!("=HYPERLINK(\"http://evil.example\")");
    browser.services.answer("GET /api/results/5", 200, published(5, &contests, true));
    let table = browser.get("/results/5/result.csv").await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"election-5-result.csv\"");
    assert!(table.header("content-security-policy").contains("sandbox") && table.header("x-content-type-options") == "nosniff");
    assert!(table.text.starts_with("\u{feff}\"Question\",\"Candidate\",\"Votes\",\"Percent\",\"Outcome\"\r\n"), "{}", table.text);
    assert!(table.says("\"President\",\"'=HYPERLINK(\"\"http://evil.example\"\")\",\"40\","), "{}", table.text);
    let rounds = browser.get("/results/5/rounds.csv").await;
    assert!(
        rounds.says("\"President\",\"Round 1\"") && rounds.says("\"Board\",\"Round 2\",\"Needed to be elected\""),
        "{}",
        rounds.text
    );
    assert_eq!(browser.get("/results/x/rounds.csv").await.status, 404);
    browser.headers.push(("Accept-Language", "de".to_owned()));
    let page = browser.get("/results/5").await;
    assert!(
        page.says("<html lang=\"de\">")
            && page.says("Runde für Runde")
            && page.says("Das Quorum ist erreicht")
            && page.says("60,8 %")
    );
}

#[actix_web::test]
async fn the_minutes_have_all_that_a_board_files() {
    let mut browser = published_browser().await;
    browser.services.candidates(json!([candidate(1, 7, "Alice Johnson"), candidate(2, 7, "Bob <Smith>")]));
    browser.services.election(|election| {
        election["amendments"] = json!([amendment("candidate_withdrawn")]);
        election["contests"][1]["rule"]["quorum"] = json!({ "at_least": "1/4" });
    });
    let created = json!({ "log_id": 1, "event_id": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "timestamp": "2026-02-01T08:00:00Z", "source": "election",
        "event_type": "election_created", "admin_id": 1, "admin_email": "ann@example.org", "details": { "title": "x" }, "previous_hash": "", "current_hash": "" });
    browser.services.answer("GET /api/audit", 200, json!({ "items": [created] }));
    let head = json!({ "last_id": 4711, "last_hash": "cd".repeat(32), "signed_at": "2026-02-18T18:00:05Z", "signature": "c2ln" });
    browser.services.answer("GET /api/audit/head", 200, json!({ "head": head, "public_key": "" }));
    let page = browser.get("/admin/elections/5/minutes").await;
    for said in [
        "Minutes: Student Council 2026",
        "ann@example.org",
        "Wednesday, 18 February 2026, 19:00 (Europe/Berlin)",
        "Ranking, one winner",
        "at least 1/4",
        "Bob &lt;Smith&gt;",
        "Voters on the roll",
        "60.8 %",
        "Moved &lt;abroad&gt;",
        "The quorum is met",
        &"ma".repeat(32),
        &"b0".repeat(32),
        &"5b".repeat(32),
        "entry 4711",
        "Place and date",
        "in order on",
        "data-print",
    ] {
        assert!(page.says(said), "{said}: {}", page.text);
    }
    assert!(!page.says("{{") && page.header("cache-control") == "no-store");
    browser.services.election(|election| election["results_published_at"] = json!(null));
    let page = browser.get("/admin/elections/5/minutes").await;
    assert!(page.status == 200 && page.says("when the result is published") && !page.says("Place and date"), "{}", page.text);
}

#[actix_web::test]
async fn the_overview_says_the_one_thing_to_do_next() {
    let mut browser = watching().await;
    for (change, next) in [
        (json!({ "status": "scheduled", "closes_at": "2026-02-01T08:00:00Z" }), "Its end has passed: move it later"),
        (json!({ "status": "active", "closes_at": null }), "Watch the turnout"),
        (json!({ "status": "closed", "tally_state": "sealed" }), "Follow the counting"),
        (json!({ "tally_state": "opened" }), "Publish the result"),
        (json!({ "results_published_at": "2026-02-18T19:00:00Z" }), "Print the minutes, then archive it"),
        (json!({ "status": "archived" }), "Look at it"),
    ] {
        browser.services.election(|election| election.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
        let page = browser.get("/admin/dashboard").await;
        assert!(page.says(next), "{next}: {}", page.text);
    }
    browser.services.election(|election| {
        election["status"] = json!("scheduled");
        election["closes_at"] = json!("2026-02-01T08:00:00Z");
    });
    assert_eq!(browser.get("/admin/elections/5/next").await.location(), "/admin/elections/5/end");
    assert!(Duration::from_millis(50) < frontend_asks_every(), "tests ask more often than people wait");
}

/// What the service uses where no test sets it.
fn frontend_asks_every() -> Duration {
    let settings: frontend::Settings = testkit::service::example("frontend", include_str!("../../settings.env.example"));
    settings.watch_every
}
