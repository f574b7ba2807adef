//! What an admin does who is locked out, has lost a password, or changes it.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, WRONG, an_address};

const NEW: &str = "bread window nine sail";

fn code(mail: &Value) -> &str {
    mail["code"].as_str().unwrap()
}

async fn lock(app: &App, email: &str) {
    for _ in 0..5 {
        assert_eq!(app.login(email, WRONG).await.status, 401);
    }
    assert!(app.login(email, PASSWORD).await.is_refused_as(423, "account-locked"));
}

#[actix_web::test]
async fn who_is_locked_out_gets_a_code_by_mail_and_opens_the_account() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    lock(&app, &email).await;
    let mail = app.newest_of(1).await;
    assert_eq!((&mail["kind"], &mail["purpose"], &mail["recipient"]), (&json!("login_code"), &json!("unlock"), &json!(email)));
    // As people type: small, with a space.
    let typed = format!(" {} ", code(&mail).to_lowercase().replace('-', " "));
    assert_eq!(app.post("unlock", &json!({ "email": email.to_uppercase(), "code": typed })).await.status, 204);
    assert_eq!(app.login(&email, PASSWORD).await.status, 200);
    assert!(app.event_types().await.contains(&"account_unlocked".to_owned()));
    let again = app.post("unlock", &json!({ "email": email, "code": code(&mail) })).await;
    assert!(again.is_refused_as(422, "invalid-input"), "a code is used once: {again:?}");
}

#[actix_web::test]
async fn a_code_opens_nothing_else_for_nobody_else_and_not_after_five_tries() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let (other, token) = app.a_session().await;
    lock(&app, &email).await;
    let mail = app.newest_of(1).await;
    let unlock = async |email: &str, code: &str| app.post("unlock", &json!({ "email": email, "code": code })).await;
    let wrong = unlock(&email, "0000-0000").await;
    assert!(wrong.is_refused_as(422, "invalid-input"), "{wrong:?}");
    for answer in [
        unlock(&other, code(&mail)).await,
        unlock(&an_address(), code(&mail)).await,
        unlock(&email, "").await,
        unlock(&email, &"7".repeat(4000)).await,
        app.post("reset-password", &json!({ "email": email, "code": code(&mail), "password": NEW })).await,
        app.post_as(&token, "verify-address", &json!({ "code": code(&mail) })).await,
    ] {
        assert_eq!((answer.status, &answer.body["errors"]), (422, &wrong.body["errors"]), "the same words for all: {answer:?}");
    }
    let guesses = join_all((0..20).map(|_| unlock(&email, "1111-1111"))).await;
    assert!(guesses.iter().all(|guess| [422, 429].contains(&guess.status)));
    assert!(guesses.iter().filter(|guess| guess.status == 422).count() <= 5);
    assert_eq!(unlock(&email, code(&mail)).await.status, 429, "five tries without a request, and there are no more");
    let asked = app.post("request-unlock", &json!({ "email": email })).await;
    assert_eq!(asked.status, 202);
    let second = app.newest_of(2).await;
    let request_id = &asked.body["request_id"];
    let answer = async |code: &str| app.post("unlock", &json!({ "email": email, "code": code, "request_id": request_id })).await;
    assert_eq!(answer(code(&mail)).await.status, 422, "a code answers its own request");
    assert_eq!(answer(code(&second)).await.status, 204);
}

#[actix_web::test]
async fn a_mail_is_good_for_an_hour() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    app.post("request-password-reset", &json!({ "email": email })).await;
    let mail = app.newest_of(1).await;
    let sql = "UPDATE admin_codes SET expires_at = expires_at - interval '60 minutes'";
    app.database.owner().await.execute(sql, &[]).await.unwrap();
    let link = mail["link"].as_str().unwrap().split_once("?token=").unwrap().1;
    for late in [json!({ "email": email, "code": code(&mail), "password": NEW }), json!({ "token": link, "password": NEW })] {
        let late = app.post("reset-password", &late).await;
        assert!(late.is_refused_as(422, "invalid-input"), "{late:?}");
    }
}

#[actix_web::test]
async fn asking_for_a_code_says_the_same_to_everybody() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    for call in ["request-unlock", "request-password-reset"] {
        let ask = async |email: &str| {
            let answer = app.post(call, &json!({ "email": email })).await;
            let mut body = answer.body.clone();
            if answer.status == 202 {
                let request_id = body.as_object_mut().unwrap().remove("request_id").unwrap();
                assert_eq!(request_id.as_str().unwrap().len(), 36);
            }
            (answer.status, body)
        };
        let known = ask(&email).await;
        assert_eq!(known.0, 202);
        assert_eq!(ask(&an_address()).await, known);
        assert_eq!(ask(&email).await, known);
        assert_eq!(ask("nonsense").await.0, 422);
    }
    app.newest_of(2).await;
    let purposes: Vec<Value> = app.mails().await.iter().map(|mail| mail["purpose"].clone()).collect();
    assert_eq!(purposes, ["reset_password", "reset_password"], "nothing is locked, so nothing is unlocked");
}

#[actix_web::test]
async fn a_lost_password_is_replaced_and_every_session_ends() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    lock(&app, &email).await;
    app.newest_of(1).await;
    app.post("request-password-reset", &json!({ "email": email })).await;
    let mail = app.newest_of(2).await;
    let reset = async |password: &str| {
        app.post("reset-password", &json!({ "email": email, "code": code(&mail), "password": password })).await
    };
    for _ in 0..6 {
        assert_eq!(reset("short").await.body["errors"][0]["field"], "password", "a weak password costs no try");
    }
    assert_eq!(app.verify(&token).await.status, 200);
    assert_eq!(reset(NEW).await.status, 204);
    assert!(app.verify(&token).await.is_refused_as(401, "not-logged-in"));
    assert_eq!(app.login(&email, PASSWORD).await.status, 401);
    assert_eq!(app.login(&email, NEW).await.status, 200, "the account is open, too");
    assert!(is_verified(&app, &email).await, "the code has shown whose address it is");
    assert!(app.event_types().await.contains(&"password_reset".to_owned()));
    assert_eq!(reset(PASSWORD).await.status, 422, "a code is used once");
}

#[actix_web::test]
async fn of_two_who_use_one_code_in_the_same_moment_one_succeeds() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    app.post("request-password-reset", &json!({ "email": email })).await;
    let mail = app.newest_of(1).await;
    let passwords: Vec<String> = (0..4).map(|n| format!("{NEW} {n}")).collect();
    let body = |password: &String| json!({ "email": email, "code": code(&mail), "password": password });
    let answers = join_all(passwords.iter().map(|password| async { app.post("reset-password", &body(password)).await })).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 204).count(), 1, "{answers:?}");
}

#[actix_web::test]
async fn a_changed_password_ends_all_sessions_also_the_one_it_was_changed_in() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    let elsewhere = app.login(&email, PASSWORD).await.token();
    let (_, bystander) = app.a_session().await;
    let change = async |token: &str, current: &str, new: &str| {
        app.post_as(token, "change-password", &json!({ "current_password": current, "new_password": new })).await
    };
    assert!(change(&token, WRONG, NEW).await.is_refused_as(401, "wrong-credentials"));
    assert_eq!(change(&token, PASSWORD, "short").await.body["errors"][0]["field"], "new_password");
    assert_eq!(app.post("change-password", &json!({ "current_password": PASSWORD, "new_password": NEW })).await.status, 401);
    assert_eq!(change(&token, PASSWORD, NEW).await.status, 204);
    for dead in [&token, &elsewhere] {
        assert!(app.verify(dead).await.is_refused_as(401, "not-logged-in"));
        assert_eq!(app.assert(dead, "election").await.status, 401, "for the gateway too");
    }
    assert_eq!(app.verify(&bystander).await.status, 200);
    assert_eq!(app.login(&email, PASSWORD).await.status, 401);
    let fresh = app.login(&email, NEW).await.token();
    assert_eq!(app.verify(&fresh).await.status, 200, "made within the same second, and alive");
    assert!(app.event_types().await.contains(&"password_changed".to_owned()));
}

#[actix_web::test]
async fn whoever_has_found_a_token_cannot_guess_the_password_with_it() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    let body = json!({ "current_password": WRONG, "new_password": NEW });
    for _ in 0..5 {
        assert_eq!(app.post_as(&token, "change-password", &body).await.status, 401);
    }
    let right = json!({ "current_password": PASSWORD, "new_password": NEW });
    let refused = app.post_as(&token, "change-password", &right).await;
    assert!(refused.is_refused_as(429, "too-many-requests") && refused.retry_after().unwrap() > 23 * 3600, "{refused:?}");
    let fresh = app.login(&email, PASSWORD).await;
    assert_eq!(app.post_as(&fresh.token(), "change-password", &right).await.status, 204, "the owner logs in again, and goes on");
}

async fn is_verified(app: &App, email: &str) -> bool {
    let sql = "SELECT email_verified_at IS NOT NULL FROM admins WHERE email = $1";
    app.database.owner().await.query_one(sql, &[&email]).await.unwrap().get(0)
}

#[actix_web::test]
async fn an_address_is_verified_by_the_code_that_was_mailed_to_it() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    assert!(!is_verified(&app, &email).await);
    assert_eq!(app.post("send-verification", &Value::Null).await.status, 401);
    assert_eq!(app.post_as(&token, "send-verification", &Value::Null).await.status, 202);
    app.newest_of(1).await;
    let again = app.post_as(&token, "send-verification", &Value::Null).await;
    assert!(
        again.is_refused_as(429, "too-many-requests") && again.retry_after().is_some_and(|wait| (60..=120).contains(&wait)),
        "{again:?}"
    );
    let mail = app.newest_of(1).await;
    assert_eq!((&mail["purpose"], &mail["recipient"]), (&json!("verify_address"), &json!(email)));
    assert_eq!(app.post_as(&token, "verify-address", &json!({ "code": "0000-0000" })).await.status, 422);
    assert_eq!(app.post_as(&token, "verify-address", &json!({ "code": code(&mail) })).await.status, 204);
    assert!(is_verified(&app, &email).await);
    assert!(app.event_types().await.contains(&"address_verified".to_owned()));
}

/// Whoever registered with somebody else's address can ask all day, and end codes by a new password.
#[actix_web::test]
async fn an_address_is_sent_three_codes_an_hour_and_six_a_day_until_it_is_verified() {
    let app = App::start().await;
    let (email, mut token) = app.a_session().await;
    let owner = app.database.owner().await;
    let later = async |minutes: i32| {
        let sql = "UPDATE admin_codes SET sent_at = sent_at - make_interval(mins => $1), expires_at = expires_at - make_interval(mins => $1)";
        owner.execute(sql, &[&minutes]).await.unwrap();
    };
    let mut sent = 0;
    for hour in 0..3 {
        for asked in 0..5 {
            let answer = app.post_as(&token, "send-verification", &Value::Null).await;
            if hour < 2 && asked < 3 {
                assert_eq!(answer.status, 202, "{hour} {asked} {answer:?}");
                sent += 1;
                app.newest_of(sent).await;
            } else {
                assert!(answer.is_refused_as(429, "too-many-requests"), "{hour} {asked} {answer:?}");
            }
            later(3).await;
        }
        if hour == 0 {
            let change = json!({ "current_password": PASSWORD, "new_password": NEW });
            assert_eq!(app.post_as(&token, "change-password", &change).await.status, 204);
            token = app.login(&email, NEW).await.token();
            assert!(app.post_as(&token, "send-verification", &Value::Null).await.is_refused_as(429, "too-many-requests"));
        }
        later(60).await;
    }
    let newest = app.newest_of(sent).await;
    // The last code is good for a day; none before it is.
    assert_eq!(app.post_as(&token, "verify-address", &json!({ "code": code(&newest) })).await.status, 204);
    assert_eq!(app.post_as(&token, "verify-address", &json!({ "code": code(&newest) })).await.status, 422, "once");
    assert_eq!(
        app.post_as(&token, "send-verification", &Value::Null).await.status,
        202,
        "six a day are for addresses not verified"
    );
}

#[actix_web::test]
async fn a_reader_of_the_database_finds_no_code() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    app.post_as(&token, "send-verification", &Value::Null).await;
    let mail = app.newest_of(1).await;
    let plain = code(&mail).replace('-', "");
    let owner = app.database.connect(testkit::SUPERUSER).await;
    let row = owner
        .query_one("SELECT admin_id, code_hash, (SELECT payload FROM outbox WHERE kind = 'login_code') FROM admin_codes", &[])
        .await
        .unwrap();
    let (admin_id, hash, payload): (i64, Vec<u8>, Vec<u8>) = (row.get(0), row.get(1), row.get(2));
    let bare = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        &[&admin_id.to_be_bytes()[..], b"verify_address/", plain.as_bytes()].concat(),
    );
    assert_ne!(bare.as_ref(), hash, "without a key a few minutes would find it");
    assert!(
        !payload.windows(plain.len()).any(|part| part == plain.as_bytes()) && !String::from_utf8_lossy(&payload).contains(&email)
    );
}
