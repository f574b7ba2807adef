//! The pages around one election.

use serde_json::json;

use crate::browser::{Browser, candidate, contest};

#[actix_web::test]
async fn each_step_says_what_is_missing() {
    let mut browser = Browser::logged_in().await;
    let page = browser.get("/admin/elections/5/questions").await;
    assert!(page.says("2 questions, 4 seats") && page.says("no candidates yet") && page.says("no voters yet"), "{}", page.text);
    assert!(page.says("aria-current=\"step\"") && page.says("Step 1 of 8: Questions"));
    assert!(!page.says("/admin/elections/5/watch"), "what cannot be done yet is no link");
    assert_eq!(browser.get("/admin/elections/5").await.location(), "/admin/elections/5/candidates");
    browser.services.candidates(json!([
        candidate(1, 7, "Ann"),
        candidate(2, 7, "Bob"),
        candidate(3, 8, "Cem"),
        candidate(4, 8, "Dan")
    ]));
    let page = browser.get("/admin/elections/5/questions").await;
    assert!(page.says("Board has 2, needs 3") && page.says("class=\"step mend\""), "{}", page.text);
    browser.services.candidates(json!([1, 2, 3, 4, 5].map(|id| candidate(id, if id < 3 { 7 } else { 8 }, "Ann"))));
    assert_eq!(browser.get("/admin/elections/5").await.location(), "/admin/elections/5/voters");
    browser.services.election(|election| election["turnout"]["roll"] = json!(10_000));
    let page = browser.get("/admin/elections/5/check").await;
    assert!(page.says("5 candidates") && page.says("10,000 voters"), "{}", page.text);
    for (change, next) in [
        (json!({ "status": "active" }), "watch"),
        (json!({ "status": "closed", "tally_state": "opening" }), "close"),
        (json!({ "status": "closed", "tally_state": "opened" }), "result"),
    ] {
        browser.services.election(|election| election.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
        assert_eq!(browser.get("/admin/elections/5/next").await.location(), format!("/admin/elections/5/{next}"));
    }
}

#[actix_web::test]
async fn times_are_typed_and_shown_in_the_zone_of_the_election() {
    let mut browser = Browser::logged_in().await;
    let typed = |opens, closes| {
        [
            ("title", "Council"),
            ("description", ""),
            ("opens_at", opens),
            ("closes_at", closes),
            ("timezone", "Europe/Berlin"),
            ("publish", "manual"),
        ]
    };
    let page = browser.fill_in("/admin/elections/5/details", &typed("2026-11-23T08:00", "2026-11-23T07:00")).await;
    assert!(
        page.status == 422 && page.says("Enter a time after the opening, Monday, 23 November 2026, 08:00 (Europe/Berlin)"),
        "{}",
        page.text
    );
    assert!(page.says("value=\"2026-11-23T07:00\""), "what was typed stays");
    let page = browser.fill_in("/admin/elections/5/details", &typed("tomorrow", "2026-11-23T07:00")).await;
    assert!(page.status == 422 && page.says("href=\"#opens_at\"") && page.says("value=\"tomorrow\""), "{}", page.text);
    browser.services.take();
    let page = browser.fill_in("/admin/elections/5/details", &typed("2026-11-23T08:00", "")).await;
    assert_eq!(page.location(), "/admin/elections/5/questions");
    let put = browser.services.take().into_iter().find(|call| call.what == "PUT /api/elections/5").unwrap();
    assert_eq!(
        (&put.body["opens_at"], &put.body["closes_at"], &put.body["publish"]),
        (&json!("2026-11-23T07:00:00Z"), &json!(null), &json!("manual"))
    );
    browser.services.election(|election| election["opens_at"] = json!("2026-11-23T07:00:00Z"));
    assert!(browser.get("/admin/elections/5/details").await.says("value=\"2026-11-23T08:00\""));
}

#[actix_web::test]
async fn a_new_election_begins_with_a_template_or_as_a_copy() {
    let mut browser = Browser::logged_in().await;
    let mut made = async |fields: &[(&str, &str)]| {
        browser.services.take();
        let page = browser.fill_in("/admin/elections/new", fields).await;
        assert_eq!(page.location(), "/admin/elections/5/questions");
        browser.services.take().into_iter().find(|call| call.what == "POST /api/elections").unwrap().body
    };
    let president = made(&[("title", "A"), ("begin", "president"), ("timezone", "Europe/Berlin")]).await;
    assert_eq!(
        (&president["contests"][0]["rule"], &president["timezone"]),
        (&json!({ "method": "irv" }), &json!("Europe/Berlin"))
    );
    let board = made(&[("title", "A"), ("begin", "board"), ("seats", "5"), ("timezone", "nowhere")]).await;
    assert_eq!(
        (&board["contests"][0]["rule"], &board["timezone"]),
        (&json!({ "method": "scottish_stv", "seats": 5 }), &json!(null))
    );
    let motion = made(&[("title", "Fee"), ("begin", "motion")]).await;
    assert_eq!((&motion["contests"][0]["rule"]["method"], &motion["contests"][0]["text"]), (&json!("motion"), &json!("Fee")));
    for (fields, copied) in [(vec![], false), (vec![("candidates", "1")], true)] {
        browser.services.take();
        let fields = [vec![("title", "Next year"), ("begin", "copy"), ("copy", "5")], fields].concat();
        assert_eq!(browser.fill_in("/admin/elections/new", &fields).await.location(), "/admin/elections/5/questions");
        let copy = browser.services.take().into_iter().find(|call| call.what == "POST /api/elections/5/copy").unwrap().body;
        assert_eq!(copy, json!({ "title": "Next year", "candidates": copied }));
    }
    let page = browser.fill_in("/admin/elections/new", &[("title", "A"), ("begin", "copy"), ("copy", "../5")]).await;
    assert!(page.status == 422 && page.says("Choose the election to copy"), "{}", page.text);
    let page = browser.fill_in("/admin/elections/new", &[("title", ""), ("begin", "board"), ("seats", "many")]).await;
    assert!(
        page.status == 422 && page.says("Enter a title") && page.says("such as 3") && page.says("value=\"many\""),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn a_question_is_changed_without_losing_the_others_or_what_its_form_does_not_show() {
    let mut browser = Browser::logged_in().await;
    let wigm = json!({ "method": "wigm", "seats": 3, "decimals": 2, "quorum": { "at_least": "3/7" } });
    browser.services.election(|election| election["contests"][1] = contest(8, "Board", wigm));
    let page = browser.get("/admin/elections/5/questions/8").await;
    assert!(page.says("at_least") && page.says("3/7"), "a share that is not in the list stays: {}", page.text);
    browser.services.take();
    let page = browser
        .fill_in(
            "/admin/elections/5/questions/8",
            &[
                ("method", "wigm"),
                ("title", "New board"),
                ("seats", "4"),
                ("quorum", r#"{"at_least":"1/4"}"#),
                ("ballot_order", "rotated"),
            ],
        )
        .await;
    assert_eq!(page.location(), "/admin/elections/5/questions");
    let put = browser.services.take().into_iter().find(|call| call.what.starts_with("PUT ")).unwrap().body;
    assert_eq!((&put["contests"][0]["contest_id"], &put["contests"][0]["rule"]["method"]), (&json!(7), &json!("irv")));
    let board = &put["contests"][1];
    assert_eq!(
        (&board["title"], &board["ballot_order"], &board["rule"]["seats"], &board["rule"]["decimals"]),
        (&json!("New board"), &json!("rotated"), &json!(4), &json!(2))
    );
    assert_eq!((&board["rule"]["quorum"], &board["rule"]["blank"]), (&json!({ "at_least": "1/4" }), &json!(false)));
    let page = browser.get("/admin/elections/5/questions/new").await;
    for method in counting::METHODS {
        assert!(page.says(&format!("value=\"{}\"", method.method)), "{} is offered", method.method);
        let form = browser.get(&format!("/admin/elections/5/questions/new?method={}", method.method)).await;
        assert!(form.status == 200 && form.says("name=\"title\""), "{}: {}", method.method, form.text);
    }
}

#[actix_web::test]
async fn a_refusal_stands_at_its_field_and_nothing_typed_is_lost() {
    let mut browser = Browser::logged_in().await;
    let why = messages::say!(majority_needs_one_seat);
    let error =
        json!({ "field": "contests[1].rule.required_majority", "message": why.to_string(), "code": why.code(), "params": {} });
    browser
        .services
        .refuse(422, json!({ "type": "/problems/invalid-input", "title": "x", "status": 422, "detail": "x", "errors": [error] }));
    let page = browser
        .fill_in("/admin/elections/5/questions/8", &[("method", "scottish_stv"), ("title", "<Board>"), ("seats", "3")])
        .await;
    assert!(
        page.status == 422 && page.says("href=\"#required_majority\"") && page.says("value=\"&lt;Board&gt;\""),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn script_in_any_text_is_shown_and_never_run() {
    let mut browser = Browser::logged_in().await;
    let script = "\"><script>alert(1)</script>'{{ 7*7 }}";
    browser.services.election(|election| {
        election["title"] = json!(script);
        election["description"] = json!(script);
        election["contests"] = json!([contest(7, script, json!({ "method": "irv" }))]);
        election["contests"][0]["text"] = json!(script);
        election["notices"] = json!([{ "message": script, "code": "verbatim", "params": { "text": script } }]);
    });
    let mut ann = candidate(1, 7, script);
    for member in ["description", "party", "vision", "programme", "link", "photo_url", "thumbnail_url", "programme_file_url"] {
        ann[member] = json!(script);
    }
    browser.services.candidates(json!([ann]));
    for page in [
        "dashboard",
        "elections/5/questions",
        "elections/5/details",
        "elections/5/candidates",
        "elections/5/candidates/new",
        "elections/5/candidates/1",
        "elections/5/candidates/1/remove",
        "elections/5/candidates/draw/7",
        "elections/5/candidates/preview",
        "elections/5/check",
        "elections/5/questions/7",
        "elections/5/questions/7/remove",
        "elections/5/delete",
        "elections/5/open",
        "elections/5/watch",
        "elections/5/end",
        "elections/5/withdrawal",
        "elections/5/close",
        "elections/5/result",
        "elections/5/archive",
        "elections/5/minutes",
        "elections/5/history",
        "elections/new",
    ] {
        let shown = browser.get(&format!("/admin/{page}")).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.text);
        assert!(
            shown.says("&lt;script&gt;alert(1)") && !shown.says("<script>alert") && !shown.says("'49"),
            "{page}: {}",
            shown.text
        );
        assert!(shown.header("content-security-policy").contains("script-src 'self';"), "{page}");
    }
    let typed = browser.fill_in("/admin/elections/new", &[("title", script), ("begin", "board"), ("seats", script)]).await;
    assert!(typed.status == 422 && !typed.says("<script>alert"), "{}", typed.text);
}

#[actix_web::test]
async fn pages_of_organisers_are_not_cached_name_no_referrer_and_run_no_code_of_their_own() {
    let mut browser = Browser::logged_in().await;
    for path in [
        "/admin/dashboard",
        "/admin/account",
        "/admin/elections/5/questions",
        "/admin/login?again=1",
        "/admin/register",
        "/styleguide",
    ] {
        let page = browser.get(path).await;
        assert_eq!(
            (page.status, page.header("cache-control"), page.header("referrer-policy")),
            (200, "no-store", "no-referrer"),
            "{path}"
        );
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert!(
            !page.says(" style=\"")
                && !page.says(" onclick")
                && !page.says("<style")
                && page.text.matches("<script").count() == 1,
            "{path}"
        );
    }
}

#[actix_web::test]
async fn the_language_is_the_browsers_until_another_is_chosen() {
    let mut browser = Browser::logged_in().await;
    assert!(browser.get("/admin/dashboard").await.says("<h1>Elections</h1>"));
    browser.headers.push(("Accept-Language", "de-AT,de;q=0.9,en;q=0.5".to_owned()));
    let german = browser.get("/admin/elections/5/questions").await;
    assert!(
        german.says("<html lang=\"de\">") && german.says("2 Fragen, 4 Sitze") && german.says("Schritt 1 von 8: Fragen"),
        "{}",
        german.text
    );
    assert_eq!(browser.get("/language/en?next=/admin/dashboard").await.location(), "/admin/dashboard");
    assert!(browser.get("/admin/dashboard").await.says("<html lang=\"en\">"));
    assert_eq!(browser.get("/language/de?next=//evil.example").await.location(), "/");
    assert!(browser.get("/admin/dashboard").await.says("<h1>Wahlen</h1>"));
}

#[actix_web::test]
async fn style_script_and_icons_are_kept_for_a_year_and_a_first_look_is_small() {
    let mut browser = Browser::logged_in().await;
    let page = browser.get("/admin/elections/5/questions").await;
    let addresses: Vec<String> =
        page.text.split("\"/assets/").skip(1).map(|rest| format!("/assets/{}", rest.split(['"', '#']).next().unwrap())).collect();
    let mut sum = page.text.len();
    for address in addresses.iter().collect::<std::collections::BTreeSet<_>>() {
        let asset = browser.get(address).await;
        assert_eq!((asset.status, asset.header("cache-control")), (200, "public, max-age=31536000, immutable"), "{address}");
        sum += asset.text.len();
        let name = address.rsplit_once('.').unwrap();
        let other = browser.get(&format!("{}.0123456789abcdef.{}", name.0.split_once('.').unwrap().0, name.1)).await;
        assert_eq!((other.status, other.header("cache-control")), (200, "no-cache"), "of another version");
    }
    assert!(sum < 60_000, "{sum} bytes even uncompressed");
    assert_eq!(browser.get("/assets/../Cargo.toml").await.status, 404);
    assert_eq!(browser.get("/assets/other.0123.css").await.status, 404);
}
