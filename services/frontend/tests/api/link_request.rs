//! A voter asks for a link, or for no more reminders.

use crate::app::App;

const CODE: &str = "0123456789abcdef0123456789abcdef";

#[actix_web::test]
async fn a_link_that_has_expired_leads_to_the_form_for_a_new_one() {
    let app = App::start().await;
    assert!(app.get("/vote?token=expired").await.text.contains("<a href=\"/request-link/5\">"));
    assert!(app.get("/vote?token=nonsense").await.text.contains("<a href=\"/request-link\">"), "nobody knows which election");
    assert!(!app.get("/vote?token=used").await.text.contains("/request-link"));
    let page = app.get("/request-link/5").await;
    assert_eq!(page.status, 200);
    insta::assert_snapshot!(page.steady());
    assert_eq!(app.head("/request-link/5").await.status, 200);
    for path in ["/request-link", "/request-link/nonsense"] {
        let page = app.get(path).await;
        assert!(page.status == 200 && page.text.contains("name=\"election_id\""), "{path}: {}", page.text);
    }
    assert!(app.get("/request-link/6").await.status == 200, "without its title");
    assert!(app.asked().iter().all(|call| call.starts_with("GET ")));
}

#[actix_web::test]
async fn what_is_typed_goes_to_voting_and_its_answer_is_shown() {
    let app = App::start().await;
    let page = app.fill_in("/request-link/5", &[("student_id", "s-1"), ("email", "a@example.org")]).await;
    assert_eq!(page.status, 202);
    insta::assert_snapshot!(page.steady());
    let told = r#"{"election_id":5,"email":"a@example.org","student_id":"s-1"}"#;
    assert_eq!(app.asked(), ["POST /api/voting/request-link", told]);
    let typed = [("election_id", " 5 "), ("student_id", "s-1"), ("email", "a@example.org")];
    assert_eq!(app.fill_in("/request-link", &typed).await.text, page.text);
    assert_eq!(app.asked()[3], told);
}

#[actix_web::test]
async fn a_form_with_a_mistake_is_shown_again_as_it_was_filled_in() {
    let app = App::start().await;
    let page = app.fill_in("/request-link/5", &[("student_id", "s\"1"), ("email", "<b>")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("Your mail address is not a mail address of the form"), "{}", page.text);
    assert!(page.text.contains("value=\"s&quot;1\"") && page.text.contains("value=\"&lt;b&gt;\""));
    let page = app.fill_in("/request-link", &[("election_id", "five"), ("student_id", "s-1"), ("email", "a@example.org")]).await;
    assert!(
        page.status == 422 && page.text.contains("The number of the election is missing") && page.text.contains("value=\"s-1\"")
    );
}

#[actix_web::test]
async fn when_voting_cannot_take_it_the_page_says_so() {
    let app = App::start().await;
    let full = app.fill_in("/request-link/5", &[("student_id", "full"), ("email", "a@example.org")]).await;
    assert_eq!((full.status, full.header("retry-after")), (503, "30"));
    assert!(full.text.contains("Too many requests are waiting"));
    let lost = app.fill_in("/request-link/5", &[("student_id", "lost"), ("email", "a@example.org")]).await;
    assert!(lost.status == 503 && lost.text.contains("not known whether this has arrived"), "{}", lost.text);
    let down = App::alone().await;
    assert_eq!(down.get("/request-link/5").await.status, 200, "the form needs nobody");
    let page = down.fill_in("/request-link/5", &[("student_id", "s-1"), ("email", "a@example.org")]).await;
    assert!(page.status == 503 && page.text.contains("Nothing was changed"), "{}", page.text);
    assert_eq!(app.post("/request-link/5", "text/plain", "x").await.status, 400);
}

#[actix_web::test]
async fn a_mail_scanner_that_opens_the_link_stops_no_reminders_and_the_button_does() {
    let app = App::start().await;
    let path = format!("/stop-reminders?election_id=5&code={CODE}");
    let page = app.get(&path).await;
    assert_eq!((page.status, app.head(&path).await.status), (200, 200));
    insta::assert_snapshot!(page.steady());
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    assert!(app.asked().is_empty());
    let stopped = app.fill_in(&path, &[]).await;
    assert!(stopped.status == 202 && stopped.text.contains("No more reminders"), "{}", stopped.text);
    let told = format!("{{\"code\":\"{CODE}\",\"election_id\":5}}");
    assert_eq!(app.asked(), ["POST /api/voting/stop-reminders".to_owned(), told]);
}

#[actix_web::test]
async fn the_one_click_of_a_mail_program_stops_reminders_in_either_form() {
    let app = App::start().await;
    let path = format!("/stop-reminders?election_id=5&code={CODE}");
    let form = app.post(&path, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").await;
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let parts = app.post(&path, "multipart/form-data; boundary=x", multipart).await;
    assert_eq!((form.status, parts.status), (202, 202));
    assert_eq!(app.asked().len(), 4);
}

#[actix_web::test]
async fn half_a_link_stops_nothing_and_says_so() {
    let app = App::start().await;
    for query in [
        "",
        "?election_id=5",
        "?election_id=5&code=0123",
        "?election_id=x&code=0123456789abcdef0123456789abcdef",
        "?election_id=5&code=%22%3E%3Cscript%3E",
    ] {
        for page in
            [app.get(&format!("/stop-reminders{query}")).await, app.fill_in(&format!("/stop-reminders{query}"), &[]).await]
        {
            assert!(page.status == 400 && page.text.contains("not a complete link"), "{query}: {}", page.text);
        }
    }
    assert!(app.asked().is_empty());
}
