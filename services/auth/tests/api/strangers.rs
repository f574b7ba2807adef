//! What strangers who know an organiser's address can do to the organiser.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ServiceKey;
use serde_json::{Value, json};

use crate::app::{Answer, App, PASSWORD, WRONG, an_address};

const NEW: &str = "bread window nine sail";
const STRANGER: &str = "198.51.100.66";

fn code(mail: &Value) -> &str {
    mail["code"].as_str().unwrap()
}

/// What stands behind `token=` in the link.
fn token(mail: &Value) -> &str {
    mail["link"].as_str().unwrap().split_once("?token=").unwrap().1
}

/// Five wrong logins from each of so many addresses.
async fn guess_from(app: &App, email: &str, addresses: std::ops::Range<u8>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for address in addresses {
        for _ in 0..5 {
            answers.push(app.login_from(&format!("198.51.100.{address}"), email, WRONG).await);
        }
    }
    answers
}

async fn lock_from(app: &App, address: &str, email: &str) {
    for _ in 0..5 {
        assert_eq!(app.login_from(address, email, WRONG).await.status, 401);
    }
    assert!(app.login_from(address, email, PASSWORD).await.is_refused_as(423, "account-locked"));
}

#[actix_web::test]
async fn five_wrong_logins_of_a_stranger_lock_out_the_stranger_and_nobody_else() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let second = app.another().await;
    lock_from(&app, STRANGER, &email).await;
    assert!(second.login_from(STRANGER, &email, PASSWORD).await.is_refused_as(423, "account-locked"), "in another process, too");
    assert_eq!(app.login(&email, PASSWORD).await.status, 200, "the owner, without a cookie, from their own address");
    assert_eq!(second.login(&email, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_device_that_has_logged_in_before_is_kept_out_by_no_stranger() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let cookie = app.login(&email, PASSWORD).await.cookie().unwrap().to_owned();
    assert!(cookie.starts_with("uvote_device_"), "{cookie}");
    let at_home = async |password: &str| {
        // Behind the same address as the stranger, as in one office.
        let headers = [("X-Real-IP", STRANGER), ("Cookie", cookie.as_str())];
        app.post_with(&headers, "login", &json!({ "email": email, "password": password })).await
    };
    lock_from(&app, STRANGER, &email).await;
    assert_eq!(at_home(PASSWORD).await.status, 200);
    guess_from(&app, &email, 1..12).await;
    let locked = app.login(&email, PASSWORD).await;
    assert!(locked.is_refused_as(423, "account-locked"), "all that are not known have used up their tries: {locked:?}");
    assert_eq!(at_home(PASSWORD).await.status, 200);
    // The device has five tries of its own, and no more.
    for _ in 0..5 {
        assert_eq!(at_home(WRONG).await.status, 401);
    }
    assert!(at_home(PASSWORD).await.is_refused_as(423, "account-locked"));
}

#[actix_web::test]
async fn guesses_from_many_addresses_are_fifty_in_twelve_hours() {
    let app = App::start().await;
    let second = app.another().await;
    let (email, _) = app.a_session().await;
    let nobody = an_address();
    for email in [&email, &nobody] {
        let before = app.metric("auth_password_checks_total").await;
        let mut answers = guess_from(&app, email, 1..8).await;
        answers.extend(guess_from(&second, email, 8..14).await);
        assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 50);
        let refused: Vec<_> = answers.iter().filter(|answer| answer.is_refused_as(423, "account-locked")).collect();
        assert_eq!(refused.len(), 15);
        assert!(refused.iter().all(|answer| answer.retry_after().unwrap() > 11 * 3600), "{refused:?}");
        assert_eq!(app.metric("auth_password_checks_total").await, before + 50, "one metric for both processes");
        assert_eq!(app.login(email, PASSWORD).await.status, 423);
    }
    let owner = app.database.owner().await;
    owner.execute("UPDATE login_ceilings SET ends_at = now() - interval '1 second'", &[]).await.unwrap();
    assert_eq!(app.login(&email, PASSWORD).await.status, 200, "a new count has begun");
}

#[actix_web::test]
async fn who_logs_in_rightly_uses_up_none_of_the_fifty() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    for _ in 0..60 {
        assert_eq!(app.login(&email, PASSWORD).await.status, 200);
    }
    let left: i32 = app
        .database
        .owner()
        .await
        .query_one("SELECT coalesce(sum(failures), 0)::integer FROM login_ceilings", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, 0);
}

#[actix_web::test]
async fn the_mailed_link_opens_the_account_while_strangers_go_on_guessing() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    guess_from(&app, &email, 1..12).await;
    assert_eq!(app.login(&email, PASSWORD).await.status, 423);
    app.post("request-unlock", &json!({ "email": email })).await;
    let mail = app.newest_of(3).await;
    assert!(mail["link"].as_str().unwrap().starts_with("https://vote.example.org/unlock?token="), "{mail}");
    // Neither wrong codes nor wrong tokens stop it.
    for _ in 0..10 {
        app.post_with(&[("X-Real-IP", STRANGER)], "unlock", &json!({ "email": email, "code": "0000-0000" })).await;
        app.post("unlock", &json!({ "email": email, "code": "0000-0000" })).await;
        let wrong = app.post("unlock", &json!({ "token": "x".repeat(43) })).await;
        assert!(wrong.is_refused_as(422, "invalid-input") && wrong.body["errors"][0]["field"] == "token", "{wrong:?}");
    }
    let opened = app.post("unlock", &json!({ "token": token(&mail) })).await;
    assert_eq!(opened.status, 204, "{opened:?}");
    assert_eq!(app.post("unlock", &json!({ "token": token(&mail) })).await.status, 422, "a link is used once");
    let elsewhere = app.login_from("203.0.113.10", &email, PASSWORD).await;
    assert_eq!(elsewhere.status, 200, "the fifty count anew, for whoever is not known as well: {elsewhere:?}");
    // At once the strangers use up the fifty again, from everywhere.
    guess_from(&app, &email, 20..31).await;
    assert_eq!(app.login_from("203.0.113.9", &email, PASSWORD).await.status, 423);
    assert_eq!(app.login(&email, PASSWORD).await.status, 200, "the address from which the link was used is known");
    let headers = [("X-Real-IP", "203.0.113.9"), ("Cookie", opened.cookie().unwrap())];
    let elsewhere = app.post_with(&headers, "login", &json!({ "email": email, "password": PASSWORD })).await;
    assert_eq!(elsewhere.status, 200, "and so is the browser, wherever it is");
}

#[actix_web::test]
async fn a_strangers_wrong_codes_burn_no_code_of_mine() {
    let app = App::start().await;
    let second = app.another().await;
    let (email, _) = app.a_session().await;
    let asked = app.post("request-password-reset", &json!({ "email": email })).await;
    let mine = app.newest_of(1).await;
    // The stranger guesses without a request, and at a request of their own.
    let theirs = app.post_with(&[("X-Real-IP", STRANGER)], "request-password-reset", &json!({ "email": email })).await;
    app.newest_of(2).await;
    let guess = |request_id: &Value| {
        let mut body = json!({ "email": email, "code": "0000-0000", "password": NEW });
        if !request_id.is_null() {
            body["request_id"] = request_id.clone();
        }
        body
    };
    for process in [&app, &second] {
        for request_id in [&Value::Null, &theirs.body["request_id"]] {
            for _ in 0..6 {
                let wrong = process.post_with(&[("X-Real-IP", STRANGER)], "reset-password", &guess(request_id)).await;
                assert!([422, 429].contains(&wrong.status), "{wrong:?}");
            }
        }
    }
    let with_request = json!({ "email": email, "code": code(&mine), "password": NEW, "request_id": asked.body["request_id"] });
    let done = app.post("reset-password", &with_request).await;
    assert_eq!(done.status, 204, "{done:?}");
    assert_eq!(app.login(&email, NEW).await.status, 200);
}

#[actix_web::test]
async fn a_code_without_its_request_is_still_taken_from_whoever_has_not_guessed() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    app.post("request-password-reset", &json!({ "email": email })).await;
    let mail = app.newest_of(1).await;
    let body = |code: &str| json!({ "email": email, "code": code, "password": NEW });
    for _ in 0..5 {
        let wrong = app.post_with(&[("X-Real-IP", STRANGER)], "reset-password", &body("0000-0000")).await;
        assert!(wrong.is_refused_as(422, "invalid-input"), "{wrong:?}");
    }
    let too_many = app.post_with(&[("X-Real-IP", STRANGER)], "reset-password", &body(code(&mail))).await;
    assert!(too_many.is_refused_as(429, "too-many-requests") && too_many.retry_after().is_some(), "{too_many:?}");
    assert_eq!(app.post("reset-password", &body(code(&mail))).await.status, 204);
}

#[actix_web::test]
async fn five_wrong_codes_burn_the_request_they_name_and_not_its_link() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let asked = app.post("request-password-reset", &json!({ "email": email })).await;
    let mail = app.newest_of(1).await;
    let body = |code: &str| json!({ "email": email, "code": code, "password": NEW, "request_id": asked.body["request_id"] });
    for _ in 0..5 {
        assert_eq!(app.post("reset-password", &body("0000-0000")).await.status, 422);
    }
    assert_eq!(app.post("reset-password", &body(code(&mail))).await.status, 422, "five tries, and the code is dead");
    let weak = app.post("reset-password", &json!({ "token": token(&mail), "password": format!("{email} it is") })).await;
    assert_eq!(weak.body["errors"][0]["field"], "password", "a weak password does not use the link up: {weak:?}");
    assert_eq!(app.post("reset-password", &json!({ "token": token(&mail), "password": NEW })).await.status, 204);
    assert_eq!(app.login(&email, NEW).await.status, 200);
}

#[actix_web::test]
async fn a_mail_that_was_used_counts_among_the_three_of_an_hour() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let ask = async |call: &str| {
        assert_eq!(app.post_with(&[("X-Real-IP", STRANGER)], call, &json!({ "email": email })).await.status, 202);
    };
    for sent in 1..=3 {
        ask("request-password-reset").await;
        app.newest_of(sent).await;
    }
    let mails = app.mails().await;
    assert_eq!(app.post("reset-password", &json!({ "token": token(&mails[1]), "password": NEW })).await.status, 204);
    for dead in [&mails[0], &mails[1], &mails[2]] {
        let body = json!({ "token": token(dead), "password": PASSWORD });
        assert_eq!(app.post("reset-password", &body).await.status, 422, "a link is used once, and the others end with it");
    }
    // The owner has just used a link; a stranger has no three more sent for that.
    for _ in 0..4 {
        ask("request-password-reset").await;
    }
    // Another purpose is counted apart, and by its mail it is seen that those before were looked at.
    lock_from_with(&app, STRANGER, &email, NEW).await;
    testkit::wait_until("the mail of the lock", std::time::Duration::from_secs(20), async || {
        app.mails().await.iter().any(|mail| mail["purpose"] == "unlock")
    })
    .await;
    let resets = app.mails().await.iter().filter(|mail| mail["purpose"] == "reset_password").count();
    assert_eq!(resets, 3);
    assert_eq!(app.login(&email, NEW).await.status, 200, "the owner is kept out by none of this");
    let owner = app.database.owner().await;
    owner
        .batch_execute(
            "UPDATE admin_codes SET sent_at = sent_at - interval '1 hour', expires_at = expires_at - interval '1 hour'",
        )
        .await
        .unwrap();
    ask("request-password-reset").await;
    app.newest_of(5).await;
}

#[actix_web::test]
async fn strangers_who_ask_for_mails_get_three_sent_in_an_hour_and_each_of_them_lets_the_owner_in() {
    let app = App::start().await;
    let second = app.another().await;
    let (email, _) = app.a_session().await;
    for process in [&app, &second, &app, &second, &app, &second] {
        let asked = process.post_with(&[("X-Real-IP", STRANGER)], "request-password-reset", &json!({ "email": email })).await;
        assert_eq!(asked.status, 202, "the answer is the same");
    }
    app.newest_of(3).await;
    app.post("request-password-reset", &json!({ "email": email })).await;
    // Another purpose is counted apart, and by its mail it is seen that the one before was looked at.
    lock_from(&app, STRANGER, &email).await;
    testkit::wait_until("the mail of the lock", std::time::Duration::from_secs(20), async || {
        app.mails().await.iter().any(|mail| mail["purpose"] == "unlock")
    })
    .await;
    let mails = app.mails().await;
    let resets: Vec<&Value> = mails.iter().filter(|mail| mail["purpose"] == "reset_password").collect();
    assert_eq!(resets.len(), 3, "the mailbox is not flooded");
    let oldest = app.post("reset-password", &json!({ "token": token(resets[0]), "password": NEW })).await;
    assert_eq!(oldest.status, 204, "no request of a stranger replaced it: {oldest:?}");
    assert_eq!(
        app.post("reset-password", &json!({ "token": token(resets[1]), "password": PASSWORD })).await.status,
        422,
        "the others have died with the old password"
    );
}

#[actix_web::test]
async fn a_password_is_changed_while_strangers_keep_the_account_locked() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    guess_from(&app, &email, 1..12).await;
    assert_eq!(app.login(&email, PASSWORD).await.status, 423);
    let change = |current: &str| json!({ "current_password": current, "new_password": NEW });
    let changed = app.post_as(&token, "change-password", &change(PASSWORD)).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    let headers = [("X-Real-IP", "203.0.113.9"), ("Cookie", changed.cookie().unwrap())];
    assert_eq!(app.post_with(&headers, "login", &json!({ "email": email, "password": NEW })).await.status, 200);
}

#[actix_web::test]
async fn a_device_cookie_dies_with_the_password_and_is_no_key() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    let cookie = app.login(&email, PASSWORD).await.cookie().unwrap().to_owned();
    let (other, _) = app.a_session().await;
    let login = async |email: &str, password: &str, address: &str| {
        let headers = [("X-Real-IP", address), ("Cookie", cookie.as_str())];
        app.post_with(&headers, "login", &json!({ "email": email, "password": password })).await
    };
    assert_eq!(login(&email, WRONG, "203.0.113.9").await.status, 401, "it opens nothing by itself");
    lock_from(&app, STRANGER, &other).await;
    assert_eq!(login(&other, PASSWORD, STRANGER).await.status, 423, "it is for one account");
    let changed = app.post_as(&token, "change-password", &json!({ "current_password": PASSWORD, "new_password": NEW })).await;
    assert_eq!(changed.status, 204);
    lock_from_with(&app, STRANGER, &email, NEW).await;
    assert_eq!(login(&email, NEW, STRANGER).await.status, 423, "whoever knew the old password is a stranger now");
}

async fn lock_from_with(app: &App, address: &str, email: &str, password: &str) {
    for _ in 0..5 {
        assert_eq!(app.login_from(address, email, WRONG).await.status, 401);
    }
    assert_eq!(app.login_from(address, email, password).await.status, 423);
}

#[actix_web::test]
async fn a_reader_of_the_database_finds_no_address_of_an_organiser_and_no_link() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    lock_from(&app, STRANGER, &email).await;
    app.newest_of(1).await;
    let owner = app.database.owner().await;
    let mail = app.mails().await.remove(0);
    let (bare_code, token) = (code(&mail).replace('-', ""), token(&mail));
    let token_bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    // PostgreSQL shows bytes in hex. A hash without a key tells an address or a short code to whoever tries them all.
    let mut told = vec![token.to_owned(), hex::encode(&token[..32]), hex::encode(&token_bytes)];
    for guessable in [STRANGER, code(&mail), &bare_code] {
        let hash = digest::digest(&digest::SHA256, guessable.as_bytes());
        told.extend([guessable.to_owned(), hex::encode(guessable), hex::encode(hash)]);
    }
    for table in ["login_failures", "login_ceilings", "admin_codes"] {
        let rows = owner.query(&format!("SELECT t::text FROM {table} t"), &[]).await.unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            let text: String = row.get(0);
            assert!(told.iter().all(|told| !text.contains(told)), "{table}: {text}");
        }
    }
}

/// What frontend says about its visitor counts as if the visitor had called; what anybody else says does not count at all.
#[actix_web::test]
async fn only_frontend_says_from_where_its_visitor_calls() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let of = |name| {
        let key = ServiceKey::from_file(name, &testkit::service::secrets().service_key(name)).unwrap();
        key.sign("auth", chrono::Utc::now().timestamp()).unwrap()
    };
    let for_visitor = async |address: &str, token: &str, password: &str| {
        let headers = [("X-Real-IP", address), ("X-Uvote-Service", token)];
        app.post_with(&headers, "login", &json!({ "email": email, "password": password })).await
    };
    for token in [of("admin"), "forged".to_owned()] {
        for _ in 0..5 {
            for_visitor("192.0.2.7", &token, WRONG).await;
        }
    }
    assert_eq!(app.login(&email, PASSWORD).await.status, 200, "the owner at 192.0.2.7 was not locked out by a false claim");
    for _ in 0..5 {
        assert_eq!(for_visitor(STRANGER, &of("frontend"), WRONG).await.status, 401);
    }
    assert!(for_visitor(STRANGER, &of("frontend"), PASSWORD).await.is_refused_as(423, "account-locked"));
    assert!(
        app.login_from(STRANGER, &email, PASSWORD).await.is_refused_as(423, "account-locked"),
        "a page and a program count together"
    );
    assert_eq!(for_visitor("192.0.2.8", &of("frontend"), PASSWORD).await.status, 200, "another visitor of the same pages");
}
