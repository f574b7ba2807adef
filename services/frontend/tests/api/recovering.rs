//! Where the links of the mails to an organiser lead who is locked out or has lost a password.

use crate::app::App;

fn token(first: &str) -> String {
    format!("{first}{}", "x".repeat(42))
}

#[actix_web::test]
async fn looking_at_a_link_changes_nothing() {
    let app = App::start().await;
    for path in ["/unlock", "/reset-password"] {
        let address = format!("{path}?token={}", token("g"));
        let page = app.get(&address).await;
        assert_eq!((page.status, app.head(&address).await.status), (200, 200));
        assert_eq!(page.field("token"), token("g"));
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
        for cut in [path.to_owned(), format!("{path}?token=abc"), format!("{path}?token=%22%3E%3Cscript%3E{}", "x".repeat(33))] {
            let page = app.get(&cut).await;
            assert!(page.status == 400 && page.text.contains("not a complete link") && !page.text.contains("<script"), "{cut}");
        }
    }
    assert!(app.asked().is_empty(), "a mail scanner that opens every link uses none up");
}

#[actix_web::test]
async fn the_button_opens_the_account_and_passes_the_cookie_on() {
    let app = App::start().await;
    let page = app.fill_in("/unlock", &[("token", &token("g"))]).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Your account is open") && !page.text.contains(&token("g")), "{}", page.text);
    assert_eq!(page.header("set-cookie"), "uvote_device_1=x; Path=/api/auth; HttpOnly");
    assert_eq!(app.asked(), ["POST /api/auth/unlock".to_owned(), format!(r#"{{"token":"{}"}}"#, token("g"))]);
    let used = app.fill_in("/unlock", &[("token", &token("u"))]).await;
    assert!(used.status == 422 && used.text.contains("The link is not the one of a mail that is still good"), "{}", used.text);
    assert_eq!(App::alone().await.fill_in("/unlock", &[("token", &token("g"))]).await.status, 503);
}

#[actix_web::test]
async fn a_new_password_is_set_and_what_is_wrong_is_said_in_words() {
    let app = App::start().await;
    let fill_in = async |first: &str, password: &str, again: &str| {
        app.fill_in("/reset-password", &[("token", &token(first)), ("password", password), ("again", again)]).await
    };
    let differ = fill_in("g", "a long enough one", "another long one").await;
    assert!(differ.status == 422 && differ.text.contains("The two passwords differ"), "{}", differ.text);
    assert!(app.asked().is_empty(), "nobody was asked");
    let weak = fill_in("w", "password1234", "password1234").await;
    assert!(weak.status == 422 && weak.text.contains("The password is one of those"), "{}", weak.text);
    assert!(weak.field("token") == token("w") && !weak.text.contains("password1234"));
    let done = fill_in("g", "a long enough one", "a long enough one").await;
    assert!(done.status == 200 && done.text.contains("Your new password is set"), "{}", done.text);
    assert!(done.header("set-cookie").starts_with("uvote_device_"));
}

#[actix_web::test]
async fn a_page_that_is_not_there_speaks_of_nobodys_election() {
    let page = App::start().await.get("/admin/login").await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("There is nothing at this address"), "{}", page.text);
    assert!(!page.text.contains("election of another") && !page.text.contains("What belongs to somebody else"), "{}", page.text);
}
