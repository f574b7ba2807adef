//! Sessions of organisers, and what their forms are protected by.

use serde_json::json;

use crate::browser::Browser;

const SESSION: &str = "__Host-uvote_session";
const RIGHT: [(&str, &str); 2] = [("email", "ann@example.org"), ("password", "right and long enough")];

#[actix_web::test]
async fn a_login_gives_a_cookie_that_nobody_else_reads_and_leads_to_where_one_wanted_to_go() {
    let mut browser = Browser::start().await;
    let page = browser.get("/admin/elections/5/voters").await;
    assert_eq!(page.location(), "/admin/login?why=ended&next=/admin/elections/5/voters");
    let form = browser.get("/admin/login?next=/admin/elections/5/voters").await;
    assert_eq!((form.status, form.field("next").as_str()), (200, "/admin/elections/5/voters"));
    let token = form.field("form_token");
    let next = ("next", "/admin/elections/5/voters");
    let page = browser.post("/admin/login", &[RIGHT[0], RIGHT[1], next, ("form_token", &token)]).await;
    assert_eq!(page.location(), "/admin/elections/5/voters");
    let set: Vec<_> = page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let session = set.iter().find(|cookie| cookie.starts_with(SESSION)).unwrap();
    for part in ["; Path=/", "; HttpOnly", "; Secure", "; SameSite=Lax", "; Max-Age=86"] {
        assert!(session.contains(part), "{part}: {session}");
    }
    assert!(!session.contains("the.token") && !session.contains("Domain"), "{session}");
    // Auth's cookie for this device comes along, for the pages of organisers.
    assert!(set.iter().any(|cookie| cookie.starts_with("uvote_device_0a1b=known; Path=/admin;")), "{set:?}");
    browser.services.take();
    assert_eq!(browser.get("/admin/elections/5/questions").await.status, 200);
    assert!(browser.services.calls().iter().all(|call| call.bearer == "the.token.itself"));
}

#[actix_web::test]
async fn services_are_told_where_the_visitor_is_and_who_says_so() {
    let mut browser = Browser::start().await;
    browser.cookies.insert("uvote_device_0a1b".to_owned(), "known".to_owned());
    browser.headers.push(("X-Uvote-Client-Address", "203.0.113.9".to_owned()));
    browser.fill_in("/admin/login", &RIGHT).await;
    browser.get("/admin/dashboard").await;
    let calls = browser.services.calls();
    assert_eq!(
        calls.iter().map(|call| call.what.as_str()).collect::<Vec<_>>(),
        ["POST /api/auth/login", "GET /api/elections?limit=50"]
    );
    for call in &calls {
        assert_eq!((call.address.as_str(), call.signed_by.as_deref()), ("192.0.2.7", Some("frontend")), "{call:?}");
    }
    assert_eq!(calls[0].cookies, "uvote_device_0a1b=known", "the device is known to auth");
    assert_eq!(calls[1].cookies, "", "and nobody else learns of it, nor of the session");
}

#[actix_web::test]
async fn every_copy_of_the_service_opens_the_session_and_none_opens_a_changed_one() {
    let browser = Browser::logged_in().await;
    let mut browser = browser.before_another_copy().await;
    assert_eq!(browser.get("/admin/dashboard").await.status, 200);
    let good = browser.cookies[SESSION].clone();
    for bad in ["", "x", &good[1..], &format!("{good}A")] {
        browser.cookies.insert(SESSION.to_owned(), bad.to_owned());
        assert!(browser.get("/admin/dashboard").await.location().starts_with("/admin/login"), "{bad}");
    }
}

#[actix_web::test]
async fn a_token_that_was_revoked_elsewhere_ends_the_session_here() {
    let mut browser = Browser::logged_in().await;
    browser.services.revoke();
    let page = browser.get("/admin/dashboard").await;
    assert_eq!(page.location(), "/admin/login?why=ended&next=/admin/dashboard");
    assert!(!browser.cookies.contains_key(SESSION));
}

#[actix_web::test]
async fn a_form_that_comes_after_the_session_is_kept_over_the_login_without_its_passwords() {
    let mut browser = Browser::logged_in().await;
    let token = browser.get("/admin/elections/new").await.field("form_token");
    browser.services.revoke();
    let typed = [("title", "Council \"27\""), ("begin", "president"), ("secret_password", "s3cr3t"), ("form_token", &token)];
    let page = browser.post("/admin/elections/new", &typed).await;
    assert!(page.status == 401 && page.says("what you typed is kept"), "{}", page.text);
    assert!(!page.says("Council") && !page.says("s3cr3t"), "sealed: {}", page.text);
    browser.services.allow();
    let (token, kept) = (page.field("form_token"), page.field("kept"));
    let page = browser.post("/admin/login", &[RIGHT[0], RIGHT[1], ("kept", &kept), ("form_token", &token)]).await;
    assert!(
        page.status == 200 && page.says("action=\"/admin/elections/new\"") && page.says("Council &quot;27&quot;"),
        "{}",
        page.text
    );
    assert!(!page.says("s3cr3t"));
    browser.services.take();
    let token = page.field("form_token");
    let sent = browser
        .post("/admin/elections/new", &[("title", "Council \"27\""), ("begin", "president"), ("form_token", &token)])
        .await;
    assert_eq!(sent.location(), "/admin/elections/5/questions");
    assert!(browser.services.calls().iter().any(|call| call.body["title"] == "Council \"27\""));
}

#[actix_web::test]
async fn a_form_without_the_token_of_its_session_changes_nothing_and_loses_nothing() {
    let mut stranger = Browser::logged_in().await;
    let foreign = stranger.get("/admin/elections/new").await.field("form_token");
    let mut browser = Browser::logged_in().await;
    for token in ["", "x", foreign.as_str()] {
        let typed = [("title", "Council 2027"), ("begin", "president"), ("form_token", token)];
        let page = browser.post("/admin/elections/new", &typed).await;
        assert!(page.status == 422 && page.says("open for too long") && page.says("value=\"Council 2027\""), "{}", page.text);
        assert!(browser.services.take().iter().all(|call| call.what.starts_with("GET ")));
        let again = [("title", "Council 2027"), ("begin", "president"), ("form_token", &page.field("form_token"))];
        assert_eq!(browser.post("/admin/elections/new", &again).await.location(), "/admin/elections/5/questions");
        browser.services.take();
    }
    // The login too: else another site could log somebody in to an account of its own.
    let mut visitor = Browser::start().await;
    let page = visitor.post("/admin/login", &RIGHT).await;
    assert!(page.status == 422 && visitor.services.calls().is_empty(), "{}", page.text);
    let token = visitor.get("/admin/login").await.field("form_token");
    visitor.cookies.clear();
    assert_eq!(
        visitor.post("/admin/login", &[RIGHT[0], RIGHT[1], ("form_token", &token)]).await.status,
        422,
        "without its cookie"
    );
}

#[actix_web::test]
async fn a_form_that_another_site_sends_is_refused_even_with_the_token() {
    let mut browser = Browser::logged_in().await;
    let token = browser.get("/admin/elections/new").await.field("form_token");
    let typed = [("title", "Council 2027"), ("begin", "president"), ("form_token", token.as_str())];
    browser.services.take();
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
    ] {
        browser.headers.push((name, value.to_owned()));
        let page = browser.post("/admin/elections/new", &typed).await;
        assert!(page.status == 403 && browser.services.take().is_empty(), "{name} {value}: {}", page.text);
        browser.headers.pop();
    }
    browser.headers.push(("Sec-Fetch-Site", "same-origin".to_owned()));
    assert_eq!(browser.post("/admin/elections/new", &typed).await.status, 303);
}

#[actix_web::test]
async fn logging_out_revokes_the_token() {
    let mut browser = Browser::logged_in().await;
    let token = browser.get("/admin/dashboard").await.field("form_token");
    browser.services.take();
    assert_eq!(browser.get("/admin/logout").await.status, 405, "looking at it logs nobody out");
    let page = browser.post("/admin/logout", &[("form_token", &token)]).await;
    assert_eq!(page.location(), "/admin/login?why=out");
    assert_eq!(browser.services.take()[0].what, "POST /api/auth/logout");
    assert!(!browser.cookies.contains_key(SESSION));
    assert!(browser.get("/admin/login?why=out").await.says("You are logged out"));
}

#[actix_web::test]
async fn a_wrong_login_keeps_the_address_and_not_the_password() {
    let mut browser = Browser::start().await;
    let page = browser.fill_in("/admin/login", &[("email", "ann@example.org"), ("password", "wrong guess")]).await;
    assert!(
        page.status == 401 && page.says("The address or the password is wrong") && page.says("ann@example.org"),
        "{}",
        page.text
    );
    assert!(page.says("<title>Error: Log in") && !page.says("wrong guess"));
    let empty = browser.fill_in("/admin/login", &[("email", ""), ("password", "")]).await;
    assert!(empty.status == 422 && empty.says("<a href=\"#email\">Enter your mail address</a>"), "{}", empty.text);
}

#[actix_web::test]
async fn over_plain_http_from_elsewhere_the_login_moves_to_https() {
    let mut browser = Browser::start().await;
    browser.headers.extend([("Host", "vote.example.org".to_owned()), ("X-Forwarded-Proto", "http".to_owned())]);
    assert_eq!(browser.get("/admin/login").await.location(), "https://vote.example.org/admin/login");
}

#[actix_web::test]
async fn registering_makes_the_account_logs_in_and_sends_the_code() {
    let mut browser = Browser::start().await;
    let long = "right and long enough";
    let form = |email, again| [("email", email), ("password", long), ("password_again", again)];
    let differ = browser.fill_in("/admin/register", &form("ann@example.org", "another")).await;
    assert!(differ.status == 422 && differ.says("The two passwords differ") && !differ.says(long), "{}", differ.text);
    assert!(browser.services.calls().is_empty());
    let page = browser.fill_in("/admin/register?invitation=inv-1", &form("ann@example.org", long)).await;
    assert_eq!(page.location(), "/admin/account/address?sent=1");
    let calls: Vec<_> = browser.services.take().into_iter().map(|call| call.what).collect();
    assert_eq!(calls, ["POST /api/auth/register", "POST /api/auth/login", "POST /api/auth/send-verification"]);
    assert!(browser.get("/admin/account/address?sent=1").await.says("on its way to ann@example.org"));
    let old = browser.get("/register?invitation=inv-1").await;
    assert_eq!(old.location(), "/admin/register?invitation=inv-1");
    assert_eq!(browser.get(old.location()).await.field("invitation"), "inv-1");
}

#[actix_web::test]
async fn the_links_of_mails_lead_to_forms_and_change_nothing_by_themselves() {
    let mut browser = Browser::start().await;
    let token = "A".repeat(43);
    for (page, call) in [("unlock", "POST /api/auth/unlock"), ("reset-password", "POST /api/auth/reset-password")] {
        let moved = browser.get(&format!("/{page}?token={token}")).await;
        let path = moved.location().to_owned();
        let shown = browser.get(&path).await;
        assert!(shown.status == 200 && browser.services.take().is_empty());
        let fields = [
            ("token", token.as_str()),
            ("password", "right and long enough"),
            ("password_again", "right and long enough"),
            ("form_token", &shown.field("form_token")),
        ];
        assert!(browser.post(&format!("/admin/{page}"), &fields).await.location().starts_with("/admin/login?why="));
        let calls = browser.services.take();
        assert_eq!((calls[0].what.as_str(), &calls[0].body["token"]), (call, &json!(token)));
        assert_eq!(browser.get(&format!("/admin/{page}?token=cut")).await.status, 400);
    }
}

#[actix_web::test]
async fn when_nothing_answers_the_page_says_so_and_keeps_what_was_typed() {
    let mut browser = Browser::alone().await;
    let page = browser.fill_in("/admin/login", &RIGHT).await;
    assert!(page.status == 503 && page.says("does not answer at the moment") && page.says("ann@example.org"), "{}", page.text);
    let mut logged_in = Browser::logged_in().await;
    std::mem::swap(&mut browser.cookies, &mut logged_in.cookies);
    assert_eq!(browser.get("/admin/dashboard").await.status, 503, "the session is good, and the page says what is wrong");
    let typed = [("title", "Council 2027"), ("begin", "president")];
    let page = browser.fill_in("/admin/elections/new", &typed).await;
    assert!(page.status == 503 && page.says("value=\"Council 2027\""), "{}", page.text);
}

#[actix_web::test]
async fn what_was_typed_is_kept_when_a_service_does_not_answer() {
    let mut browser = Browser::logged_in().await;
    let token = browser.get("/admin/elections/5/details").await.field("form_token");
    let down = serde_json::json!({ "type": "/problems/unavailable", "title": "x", "status": 503, "detail": "x" });
    browser.services.answer("GET /api/elections/5", 503, down);
    let typed = [("form_token", token.as_str()), ("title", "My long <title>"), ("password", "secret word")];
    let page = browser.post("/admin/elections/5/details", &typed).await;
    assert!(
        page.status == 503 && page.says("Send it again") && page.says("action=\"/admin/elections/5/details\""),
        "{}",
        page.text
    );
    assert!(page.says("My long &lt;title&gt;") && !page.says("secret word"), "{}", page.text);
}
