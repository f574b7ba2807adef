//! Whoever was invited registers.

use crate::app::App;

const INVITED: &str = "/register?invitation=inv-1";

fn form<'a>(email: &'a str, password: &'a str, again: &'a str) -> [(&'a str, &'a str); 4] {
    [("invitation", "inv-1"), ("email", email), ("password", password), ("again", again)]
}

#[actix_web::test]
async fn an_invitation_leads_to_a_form_that_is_kept_by_nobody() {
    let app = App::start().await;
    let page = app.get(INVITED).await;
    assert_eq!((page.status, app.head(INVITED).await.status), (200, 200));
    assert_eq!(page.field("invitation"), "inv-1");
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    insta::assert_snapshot!(page.steady());
    assert!(app.asked().is_empty(), "looking uses no invitation up");
    let script = app.get("/register?invitation=%22%3E%3Cscript%3E").await;
    assert!(!script.text.contains("<script"));
    assert!(!app.get("/register").await.text.contains("name=\"invitation\""), "where everybody may register");
}

#[actix_web::test]
async fn who_registers_is_told_what_to_do_next() {
    let app = App::start().await;
    let page = app.fill_in("/register", &form("new@example.org", "a long enough one", "a long enough one")).await;
    assert_eq!(page.status, 201);
    insta::assert_snapshot!(page.steady());
    assert_eq!(
        app.asked(),
        ["POST /api/auth/register", r#"{"email":"new@example.org","invitation":"inv-1","password":"a long enough one"}"#]
    );
    app.fill_in("/register", &form("new@example.org", "a long enough one", "a long enough one")[1..]).await;
    assert!(!app.asked()[3].contains("invitation"));
}

#[actix_web::test]
async fn what_is_wrong_is_said_in_words_and_passwords_are_not_shown_again() {
    let app = App::start().await;
    let differ = app.fill_in("/register", &form("new@example.org", "a long enough one", "another long one")).await;
    assert!(differ.status == 422 && differ.text.contains("The two passwords differ"), "{}", differ.text);
    assert!(app.asked().is_empty(), "nobody was asked");
    let weak = app.fill_in("/register", &form("weak@example.org", "password1234", "password1234")).await;
    assert!(weak.status == 422 && weak.text.contains("The password is one of the most common passwords"), "{}", weak.text);
    for page in [differ, weak] {
        assert!(page.text.contains("@example.org\"") && page.field("invitation") == "inv-1");
        assert!(!page.text.contains("long enough") && !page.text.contains("password1234"));
    }
    let known = app.fill_in("/register", &form("known@example.org", "a long enough one", "a long enough one")).await;
    assert!(known.status == 409 && known.text.contains("Log in with it"), "{}", known.text);
    assert_eq!(app.fill_in("/register", &[("email", "new@example.org")]).await.status, 400);
    assert_eq!(
        App::alone().await.fill_in("/register", &form("a@example.org", "a long enough one", "a long enough one")).await.status,
        503
    );
}
