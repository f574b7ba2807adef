use std::time::Duration;

use futures_util::future::join_all;
use testkit::wait_until;

use crate::app::{App, PASSWORD, WRONG, an_address};

#[actix_web::test]
async fn five_failures_lock_the_account_for_fifteen_minutes() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    for _ in 0..5 {
        assert_eq!(app.login(&email, WRONG).await.status, 401);
    }
    let spent = app.metric("auth_password_checks_total").await;
    let locked = app.login(&email.to_uppercase(), PASSWORD).await;
    assert!(locked.is_refused_as(423, "account-locked"), "{locked:?}");
    assert!((890..=900).contains(&locked.retry_after().unwrap()), "{locked:?}");
    assert_eq!(app.metric("auth_password_checks_total").await, spent, "a locked account costs no bcrypt");
    let events = app.events().await;
    let lock = events.last().unwrap();
    assert_eq!(lock["kind"]["event_type"], "account_locked");
    assert!(lock["admin_id"].is_number());
}

#[actix_web::test]
async fn an_unknown_address_is_locked_in_the_same_way() {
    let app = App::start().await;
    let email = an_address();
    for _ in 0..5 {
        assert_eq!(app.login(&email, WRONG).await.status, 401);
    }
    assert!(app.login(&email, WRONG).await.is_refused_as(423, "account-locked"));
}

#[actix_web::test]
async fn of_twenty_guesses_at_once_five_are_checked() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let before = app.metric("auth_password_checks_total").await;
    let answers = join_all((0..20).map(|_| app.login(&email, WRONG))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(answers.iter().filter(|answer| answer.status == 423).count(), 15);
    assert_eq!(app.metric("auth_password_checks_total").await, before + 5);
    assert_eq!(app.event_types().await.iter().filter(|kind| *kind == "account_locked").count(), 1);
}

#[actix_web::test]
async fn a_success_resets_the_count_of_failures() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(app.login(&email, WRONG).await.status, 401);
        }
        assert_eq!(app.login(&email, PASSWORD).await.status, 200, "the fifth place is a place");
    }
}

#[actix_web::test]
async fn after_a_lock_expires_five_new_tries_begin() {
    let closed = |settings: &mut auth::Settings| settings.redis_url = "redis://127.0.0.1:9/".to_owned();
    let app = App::with(closed).await;
    let (email, _) = app.a_session().await;
    for _ in 0..5 {
        app.login(&email, WRONG).await;
    }
    assert_eq!(app.login(&email, PASSWORD).await.status, 423);
    let owner = app.database.owner().await;
    owner.execute("UPDATE login_failures SET locked_until = now() - interval '1 second'", &[]).await.unwrap();
    for _ in 0..4 {
        assert_eq!(app.login(&email, WRONG).await.status, 401);
    }
    assert_eq!(app.login(&email, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_lock_that_was_taken_back_is_remembered_nowhere() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let owner = app.database.owner().await;
    // As in the moment in which five logins at once are still looked at: a sixth finds no place ...
    let full = "UPDATE login_failures SET failures = 5, locked_until = now() + interval '15 minutes' WHERE email_key = lower($1)";
    assert_eq!(owner.execute(full, &[&email]).await.unwrap(), 1);
    assert!(app.login(&email, PASSWORD).await.is_refused_as(423, "account-locked"));
    // ... and then one of the five turns out right, or was never looked at.
    owner.execute("DELETE FROM login_failures WHERE email_key = lower($1)", &[&email]).await.unwrap();
    assert_eq!(app.login(&email, PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn guesses_whose_client_hangs_up_lock_the_account_and_are_logged() {
    // bcrypt at its real cost: the clients are gone long before it is done.
    let app = App::with(|settings| settings.bcrypt_cost = 12).await;
    let email = an_address();
    for _ in 0..5 {
        app.login_and_hang_up(&email, WRONG);
    }
    wait_until("the lock is logged", Duration::from_secs(20), async || app.event_types().await == ["account_locked"]).await;
    assert!(app.login(&email, PASSWORD).await.is_refused_as(423, "account-locked"));
}
