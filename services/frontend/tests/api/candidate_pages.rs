//! The candidates' step: who stands, in which order, with what, and how files are sent.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::browser::{Browser, candidate, contest};

const LIST: &str = "/admin/elections/5/candidates";

fn ann() -> Value {
    let mut ann = candidate(17, 7, "Ann <b>");
    ann["party"] = json!("Open List");
    ann["description"] = json!("Short.");
    ann["vision"] = json!("First line\n\nSecond line");
    ann["link"] = json!("https://ann.example.org/?a=1&b=2");
    ann["photo_url"] = json!(format!("/uploads/{}.jpg", "1a".repeat(32)));
    ann["thumbnail_url"] = json!(format!("/uploads/{}.jpg", "1b".repeat(32)));
    ann["programme_file_url"] = json!(format!("/uploads/{}.pdf", "1c".repeat(32)));
    ann
}

async fn with_candidates() -> Browser {
    let browser = Browser::logged_in().await;
    browser.services.candidates(json!([ann(), candidate(18, 7, "Bob"), candidate(19, 7, "Cem")]));
    browser
}

fn refusal(message: messages::Message, status: u16, kind: &str) -> Value {
    json!({ "type": format!("/problems/{kind}"), "title": "x", "status": status, "detail": message.to_string(), "code": message.code(), "params": message.params() })
}

#[actix_web::test]
async fn the_list_says_who_stands_with_what_and_how_to_change_it() {
    let mut browser = with_candidates().await;
    let motion = contest(9, "Fee", json!({ "method": "motion" }));
    browser.services.election(|election| election["contests"].as_array_mut().unwrap().push(motion));
    let page = browser.get(LIST).await;
    assert_eq!(page.status, 200);
    assert!(page.says("Ann &lt;b&gt;") && page.says("Open List") && !page.says("<b>"), "{}", page.text);
    assert!(page.says("Statement, Vision, Link, Photo, Programme as PDF") && page.says("only the name so far"), "{}", page.text);
    assert!(page.says(&format!("src=\"/uploads/{}.jpg\"", "1b".repeat(32))), "the small picture");
    assert!(page.says("value=\"17-2\"") && page.says("value=\"18-1\"") && page.says("Move Bob up"), "{}", page.text);
    assert!(
        !page.says("value=\"17-0\"") && !page.says("value=\"19-4\""),
        "the first goes no further up, the last no further down"
    );
    assert!(page.says("/candidates/draw/7") && !page.says("/candidates/draw/8"), "a lot needs two");
    assert!(page.says("Add at least 3 candidates") && page.says("candidates/new?question=8"), "{}", page.text);
    assert!(page.says("A motion has no candidates"));
}

#[actix_web::test]
async fn two_hundred_candidates_with_long_names_fit_on_a_page() {
    let mut browser = Browser::logged_in().await;
    let long = "Maximiliane-Philippa von und zu Hohenlohe-Waldenburg-Schillingsfürst, geborene Adelheid Anastasia K";
    browser.services.candidates(json!((0..200).map(|id| candidate(id, 7, &format!("{long}{id}"))).collect::<Vec<_>>()));
    let page = browser.get(LIST).await;
    assert_eq!((page.status, page.text.matches("tabindex=\"-1\"").count()), (200, 200));
    assert!(page.text.len() < 400_000, "{}", page.text.len());
}

#[actix_web::test]
async fn somebody_is_added_with_everything_in_one_form() {
    let mut browser = with_candidates().await;
    let form = browser.get(&format!("{LIST}/new?question=8")).await;
    assert!(form.says("enctype=\"multipart/form-data\"") && form.says("<option value=\"8\" selected>"), "{}", form.text);
    browser.services.take();
    let fields = [
        ("question", "8"),
        ("name", " Dan "),
        ("party", ""),
        ("description", "One\r\ntwo"),
        ("vision", "Far"),
        ("programme", ""),
        ("link", "https://dan.example.org"),
    ];
    let files: [(&str, &str, &[u8]); 2] = [("photo", "../me.svg", b"\xff\xd8\xffpixels"), ("programme_file", "p.pdf", b"%PDF-1")];
    let page = browser.send_files(&format!("{LIST}/new"), &fields, &files).await;
    assert_eq!(page.location(), format!("{LIST}#candidate-17"));
    let calls = browser.services.take();
    let sent: Vec<&str> = calls.iter().map(|call| call.what.as_str()).filter(|what| !what.starts_with("GET")).collect();
    assert_eq!(
        sent,
        ["POST /api/admin/candidates", "PUT /api/admin/candidates/17/photo", "PUT /api/admin/candidates/17/programme-file"]
    );
    let new = calls.iter().find(|call| call.what == "POST /api/admin/candidates").unwrap();
    assert_eq!(
        new.body,
        json!({ "election_id": 5, "contest_id": 8, "name": "Dan", "description": "One\ntwo", "party": null, "vision": "Far",
            "programme": null, "link": "https://dan.example.org", "display_order": null })
    );
    let of = |end: &str| calls.iter().find(|call| call.what.ends_with(end)).unwrap().clone();
    assert!(of("/photo").text.contains("pixels") && of("/programme-file").text.contains("%PDF-1"));
    assert!(!of("/photo").text.contains("me.svg"), "the name of the file is nobody's business");
    assert_eq!((of("/photo").bearer.as_str(), of("/photo").address.as_str()), ("the.token.itself", "192.0.2.7"));
}

#[actix_web::test]
async fn a_change_sends_every_text_and_removes_what_is_ticked() {
    let mut browser = with_candidates().await;
    let form = browser.get(&format!("{LIST}/17")).await;
    assert!(form.says("Second line</textarea>") && form.says("value=\"https://ann.example.org/?a=1&amp;b=2\""), "{}", form.text);
    assert!(
        form.says("name=\"remove_photo\"") && form.says("name=\"remove_programme_file\"") && !form.says("<select"),
        "{}",
        form.text
    );
    browser.services.take();
    // An empty file is what a browser sends where none was chosen.
    let page = browser
        .send_files(&format!("{LIST}/17"), &[("name", "Ann"), ("party", ""), ("remove_photo", "1")], &[("photo", "", b"")])
        .await;
    assert_eq!(page.location(), format!("{LIST}#candidate-17"));
    let calls = browser.services.take();
    let sent: Vec<&str> = calls.iter().map(|call| call.what.as_str()).filter(|what| !what.starts_with("GET")).collect();
    assert_eq!(sent, ["PUT /api/admin/candidates/17", "DELETE /api/admin/candidates/17/photo"]);
    let change = &calls.iter().find(|call| call.what == "PUT /api/admin/candidates/17").unwrap().body;
    assert_eq!((&change["party"], change.get("position"), change.get("display_order")), (&json!(""), None, None));
}

#[actix_web::test]
async fn a_refused_file_loses_nothing_that_was_typed() {
    let mut browser = with_candidates().await;
    browser.services.refuse_call("/photo", 415, refusal(messages::say!(photo_other_kind), 415, "unsupported-media-type"));
    let fields = [("question", "7"), ("name", "Dan <i>"), ("vision", "Far away")];
    let files: [(&str, &str, &[u8]); 2] = [("photo", "x.gif", b"GIF89a"), ("programme_file", "p.pdf", b"%PDF-1")];
    let page = browser.send_files(&format!("{LIST}/new"), &fields, &files).await;
    assert_eq!(page.status, 415);
    assert!(page.says("id=\"photo-wrong\"") && page.says("This is no photo") && page.says("href=\"#photo\""), "{}", page.text);
    assert!(
        page.says("Everything else is saved") && page.says("Far away</textarea>") && page.says("value=\"Dan &lt;i&gt;\""),
        "{}",
        page.text
    );
    assert!(page.says("action=\"/admin/elections/5/candidates/17\""), "sent again, it changes the one who is there now");
    assert!(browser.services.take().iter().any(|call| call.what.ends_with("/programme-file")), "the other file is stored");
    // A photo straight from a camera: larger than anything that is passed on.
    let large = vec![7; 11 * 1024 * 1024];
    let page = browser
        .send_files(&format!("{LIST}/17"), &[("name", "Dan"), ("vision", "Far away")], &[("photo", "x.jpg", &large)])
        .await;
    assert!(page.status == 422 && page.says("larger than 5 MB") && page.says("Far away</textarea>"), "{}", page.status);
    assert!(!browser.services.take().iter().any(|call| call.what.ends_with("/photo")), "it is not passed on");
}

#[actix_web::test]
async fn refused_texts_stand_at_their_fields_and_the_page_asks_for_the_file_again() {
    let mut browser = with_candidates().await;
    let why = messages::say!(link_not_web);
    let mut refused = refusal(why.clone(), 422, "invalid-input");
    refused["errors"] = json!([{ "field": "link", "message": why.to_string(), "code": why.code(), "params": {} }]);
    browser.services.refuse_call("/api/admin/candidates", 422, refused);
    let fields = [("question", "7"), ("name", "Dan"), ("link", "javascript:alert(1)")];
    let page = browser.send_files(&format!("{LIST}/new"), &fields, &[("photo", "x.jpg", b"\xff\xd8\xff")]).await;
    assert_eq!(page.status, 422);
    assert!(page.says("id=\"link-wrong\"") && page.says("Link must be the address of a web page"), "{}", page.text);
    assert!(page.says("value=\"javascript:alert(1)\"") && page.says("Choose the file again"), "{}", page.text);
    let page = browser.send_files(&format!("{LIST}/new"), &[("question", "7"), ("name", " ")], &[]).await;
    assert!(page.status == 422 && page.says("Enter the name"));
}

#[actix_web::test]
async fn a_form_of_another_page_or_without_a_session_changes_nothing() {
    let mut browser = with_candidates().await;
    let form = || {
        Form::new()
            .text("name", "Dan")
            .text("form_token", "0".repeat(64))
            .part("photo", Part::bytes(vec![1; 2_000_000]).file_name("x"))
    };
    let page = browser.send_multipart(&format!("{LIST}/17"), form()).await;
    assert!(page.status == 422 && page.says("value=\"Dan\""), "{}", page.text);
    assert!(browser.services.take().iter().all(|call| call.what.starts_with("GET")));
    browser.cookies.clear();
    let page = browser.send_multipart(&format!("{LIST}/17"), form()).await;
    assert!(
        page.status == 401 && page.says("type=\"password\"") && page.says("name=\"kept\""),
        "it waits for the login: {}",
        page.text
    );
    assert!(browser.services.take().is_empty());
    browser.headers.push(("Sec-Fetch-Site", "cross-site".to_owned()));
    assert_eq!(browser.send_multipart(&format!("{LIST}/17"), form()).await.status, 403);
    let broken = Form::new().part("name", Part::bytes(vec![0xff, 0xfe]));
    browser.headers.pop();
    assert_eq!(browser.send_multipart(&format!("{LIST}/17"), broken).await.status, 400);
    let many = (0..200).fold(Form::new(), |form, n| form.text(format!("f{n}"), "x"));
    assert_eq!(browser.send_multipart(&format!("{LIST}/17"), many).await.status, 413);
    assert_eq!(browser.send_multipart(&format!("{LIST}/17"), Form::new().text("vision", "x".repeat(600_000))).await.status, 413);
}

#[actix_web::test]
async fn a_form_that_was_sent_after_the_session_had_ended_waits_for_the_login_without_its_files() {
    let mut browser = with_candidates().await;
    let form = browser.get(&format!("{LIST}/17")).await.field("form_token");
    browser.services.revoke();
    let typed = Form::new().text("name", "Dan").text("vision", "Far away").text("form_token", form);
    let page = browser.send_multipart(&format!("{LIST}/17"), typed.part("photo", Part::bytes(vec![1; 300]).file_name("x"))).await;
    assert!(page.status == 401 && page.says("what you typed is kept"), "{}", page.text);
    browser.services.allow();
    let (token, kept) = (page.field("form_token"), page.field("kept"));
    let login = [("email", "ann@example.org"), ("password", "right and long enough"), ("kept", &kept), ("form_token", &token)];
    let page = browser.post("/admin/login", &login).await;
    assert!(page.says("action=\"/admin/elections/5/candidates/17\"") && page.says("Far away"), "{}", page.text);
    browser.services.take();
    let token = page.field("form_token");
    let sent = browser.post(&format!("{LIST}/17"), &[("name", "Dan"), ("vision", "Far away"), ("form_token", &token)]).await;
    assert_eq!(sent.location(), format!("{LIST}#candidate-17"));
    assert!(browser.services.take().iter().any(|call| call.body["vision"] == "Far away"));
}

#[actix_web::test]
async fn the_order_is_changed_by_buttons_and_drawn_after_a_question() {
    let mut browser = with_candidates().await;
    let page = browser.get(LIST).await;
    let token = page.field("form_token");
    browser.services.take();
    let page = browser.post(&format!("{LIST}/move"), &[("form_token", &token), ("move", "18-1")]).await;
    assert_eq!(page.location(), format!("{LIST}#candidate-18"));
    let put = browser.services.take().pop().unwrap();
    assert_eq!((put.what.as_str(), put.body), ("PUT /api/admin/candidates/18", json!({ "position": 1 })));
    for wrong in ["", "18", "x-1", "18--1", "18-x", "../18-1"] {
        assert_eq!(
            browser.post(&format!("{LIST}/move"), &[("form_token", &token), ("move", wrong)]).await.location(),
            LIST,
            "{wrong}"
        );
    }
    assert_eq!(browser.post(&format!("{LIST}/move"), &[("move", "18-1")]).await.location(), LIST);
    assert!(browser.services.take().is_empty(), "nothing is moved");
    let ask = browser.get(&format!("{LIST}/draw/7")).await;
    assert!(ask.says("Draw the order by lot?") && ask.says("President") && ask.says("history"), "{}", ask.text);
    let drawn = browser.fill_in(&format!("{LIST}/draw/7"), &[]).await;
    assert_eq!(drawn.location(), format!("{LIST}#question-7"));
    let call = browser.services.take().pop().unwrap();
    assert_eq!((call.what.as_str(), call.body), ("POST /api/admin/elections/5/draw-order", json!({ "contest_id": 7 })));
    assert_eq!(browser.get(&format!("{LIST}/draw/99")).await.location(), LIST);
}

#[actix_web::test]
async fn somebody_is_removed_after_a_question() {
    let mut browser = with_candidates().await;
    let ask = browser.get(&format!("{LIST}/17/remove")).await;
    assert!(ask.says("Remove this candidate?") && ask.says("Ann &lt;b&gt;"), "{}", ask.text);
    browser.services.take();
    assert_eq!(browser.fill_in(&format!("{LIST}/17/remove"), &[]).await.location(), LIST);
    assert!(browser.services.take().iter().any(|call| call.what == "DELETE /api/admin/candidates/17"));
    assert_eq!(browser.get(&format!("{LIST}/99/remove")).await.location(), LIST);
    browser.post(&format!("{LIST}/17/remove"), &[("form_token", "0")]).await.location();
    assert!(!browser.services.take().iter().any(|call| call.what.starts_with("DELETE")));
}

#[actix_web::test]
async fn the_preview_shows_what_the_ballot_shows() {
    let mut browser = with_candidates().await;
    let page = browser.get(&format!("{LIST}/preview")).await;
    assert_eq!(page.status, 200);
    for text in ["Ann &lt;b&gt;", "Open List", "<p>Short.</p>", "More about Ann", "<p>First line</p>\n<p>Second line</p>"] {
        assert!(page.says(text), "{text}: {}", page.text);
    }
    assert!(page.says("href=\"https://ann.example.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer nofollow\""));
    assert!(page.says("<span class=\"face\"></span>"), "who has no photo has a frame of the same size");
}

#[actix_web::test]
async fn after_the_activation_the_list_is_only_read_and_says_why() {
    let mut browser = with_candidates().await;
    browser.services.election(|election| election["status"] = json!("active"));
    let page = browser.get(LIST).await;
    assert!(page.says("Ann &lt;b&gt;") && page.says("every ballot is bound to them"), "{}", page.text);
    assert!(!page.says("class=\"move\"") && !page.says("candidates/17/remove") && !page.says("candidates/new"), "{}", page.text);
    for page in ["new", "17", "17/remove", "draw/7"] {
        assert_eq!(browser.get(&format!("{LIST}/{page}")).await.location(), LIST, "{page}");
    }
    assert_eq!(browser.get(&format!("{LIST}/preview")).await.status, 200);
}

#[actix_web::test]
async fn without_the_admin_service_the_page_says_so() {
    let mut browser = Browser::logged_in().await;
    browser.services.candidates(json!("broken"));
    let page = browser.get(LIST).await;
    assert!(page.status == 200 && page.says("cannot be shown at the moment") && !page.says("Add at least"), "{}", page.text);
}
