use reqwest::Method;

use crate::app::{App, PASSWORD, WRONG, an_address};

#[actix_web::test]
async fn a_token_has_the_claims_of_u_vote_and_lives_for_a_day() {
    let app = App::start().await;
    let email = an_address();
    let admin_id = app.register(&email, PASSWORD).await.body["admin_id"].clone();
    let answer = app.login(&email, PASSWORD).await;
    assert_eq!(
        (&answer.body["token_type"], &answer.body["expires_in"], &answer.body["role"]),
        (&"bearer".into(), &86400.into(), &"admin".into())
    );
    let claims = app.verify(&answer.token()).await.body.clone();
    assert_eq!(claims["sub"], format!("admin_{admin_id}"));
    assert_eq!(claims["email"], email);
    assert_eq!(claims["role"], "admin");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 86400);
    assert!(claims["jti"].is_string());
    assert_eq!(app.event_types().await, ["admin_registered", "admin_logged_in"]);
    let owner = app.database.owner().await;
    assert!(owner.query_one("SELECT last_login IS NOT NULL FROM admins", &[]).await.unwrap().get::<_, bool>(0));
}

#[actix_web::test]
async fn an_address_logs_in_whatever_the_case_of_its_letters() {
    let app = App::start().await;
    let email = an_address();
    app.register(&email, PASSWORD).await;
    assert_eq!(app.login(&email.to_lowercase(), PASSWORD).await.status, 200);
    assert_eq!(app.login(&email.to_uppercase(), PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let app = App::start().await;
    let (email, _) = app.a_session().await;
    let before = app.metric("auth_password_checks_total").await;
    let wrong = app.login(&email, WRONG).await;
    let unknown = app.login(&an_address(), WRONG).await;
    assert!(wrong.is_refused_as(401, "wrong-credentials"), "{wrong:?}");
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(app.metric("auth_password_checks_total").await, before + 2, "one bcrypt each");
}

#[actix_web::test]
async fn a_password_of_which_bcrypt_sees_only_the_beginning_is_wrong() {
    let app = App::start().await;
    let (email, password) = (an_address(), "q7 lamp river coat ".repeat(4)[..72].to_owned());
    assert_eq!(app.register(&email, &password).await.status, 422, "a repetition");
    let password = format!("{}{}", &password[..40], "zebra under the green moon 12345");
    assert_eq!(password.len(), 72);
    assert_eq!(app.register(&email, &password).await.status, 201);
    assert_eq!(app.login(&email, &password).await.status, 200);
    assert_eq!(app.login(&email, &format!("{password}!")).await.status, 401);
}

#[actix_web::test]
async fn an_endless_password_is_refused_unread() {
    let app = App::start().await;
    let before = app.metric("auth_password_checks_total").await;
    assert!(app.login(&an_address(), &"x".repeat(1025)).await.is_refused_as(422, "invalid-input"));
    assert!(app.login(&an_address(), &"x".repeat(100_000)).await.is_refused_as(413, "too-large"));
    assert_eq!(app.metric("auth_password_checks_total").await, before);
}

#[actix_web::test]
async fn a_logout_kills_the_token_at_once_and_only_that_one() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    let other = app.login(&email, PASSWORD).await.token();
    assert_eq!(app.logout(&token).await.status, 204);
    let dead = app.verify(&token).await;
    assert!(dead.is_refused_as(401, "not-logged-in"), "{dead:?}");
    assert_eq!(app.assert(&token, "election").await.status, 401);
    assert_eq!(app.logout(&token).await.status, 401);
    assert_eq!(app.verify(&other).await.status, 200);
    assert_eq!(app.event_types().await.last().unwrap(), "admin_logged_out");
}

#[actix_web::test]
async fn a_wrong_method_is_said_to_be_one() {
    let app = App::start().await;
    let answer = app.authorized(Method::GET, "/api/auth/login", "").await;
    assert!(answer.is_refused_as(405, "method-not-allowed"), "{answer:?}");
}
