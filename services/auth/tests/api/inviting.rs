//! Superadmins, and whom they invite.

use auth::{Made, Registration};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, PASSWORD, an_address};

fn by_invitation(settings: &mut auth::Settings) {
    settings.registration = Some(Registration::Invite);
}

async fn invited(app: &App, token: &str, email: &str) -> (Value, String) {
    let answer = app.post_as(token, "invitations", &json!({ "email": email })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let mail = app.mails().await.pop().unwrap();
    let url = mail["registration_url"].as_str().unwrap().to_owned();
    (answer.body.clone(), url.strip_prefix("https://vote.example.org/register?invitation=").unwrap().to_owned())
}

async fn revoke(app: &App, token: &str, invitation: &Value) -> u16 {
    let path = format!("/api/auth/invitations/{}", invitation["invitation_id"]);
    app.authorized(Method::DELETE, &path, &format!("Bearer {token}")).await.status
}

async fn list(app: &App, token: &str) -> Vec<Value> {
    let answer = app.authorized(Method::GET, "/api/auth/invitations", &format!("Bearer {token}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["invitations"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn who_was_invited_registers_with_a_verified_address_and_once() {
    let app = App::with(by_invitation).await;
    let (superadmin, token) = app.a_superadmin().await;
    let email = an_address();
    let (invitation, secret) = invited(&app, &token, &email).await;
    let mail = app.mails().await.pop().unwrap();
    assert_eq!(
        (&mail["kind"], &mail["recipient"], &mail["invited_by"]),
        (&json!("admin_invitation"), &json!(email), &json!(superadmin))
    );
    assert_eq!(list(&app, &token).await, [invitation]);

    assert!(app.register(&email, PASSWORD).await.is_refused_as(403, "registration-closed"), "without the invitation");
    let other = app.register_invited(&an_address(), &secret).await;
    assert!(other.is_refused_as(403, "registration-closed"), "it is for one address: {other:?}");
    assert_eq!(app.register_invited(&email.to_uppercase(), &secret).await.status, 201);
    assert!(app.register_invited(&email, &secret).await.is_refused_as(403, "registration-closed"), "used");
    assert!(list(&app, &token).await.is_empty());
    let sql = "SELECT email_verified_at IS NOT NULL AND role = 'admin' FROM admins WHERE lower(email) = lower($1)";
    assert!(app.database.owner().await.query_one(sql, &[&email]).await.unwrap().get::<_, bool>(0));
    assert_eq!(app.login(&email, PASSWORD).await.status, 200);
    assert!(app.event_types().await.contains(&"admin_invited".to_owned()));
}

#[actix_web::test]
async fn an_invitation_that_was_taken_back_replaced_or_is_a_week_old_is_dead() {
    let app = App::with(by_invitation).await;
    let (_, token) = app.a_superadmin().await;
    let email = an_address();
    let (first, old) = invited(&app, &token, &email).await;
    let (second, newer) = invited(&app, &token, &email).await;
    assert!(app.register_invited(&email, &old).await.is_refused_as(403, "registration-closed"));
    assert_eq!(revoke(&app, &token, &first).await, 404);
    assert_eq!((revoke(&app, &token, &second).await, revoke(&app, &token, &second).await), (204, 404));
    assert!(app.register_invited(&email, &newer).await.is_refused_as(403, "registration-closed"));
    assert!(app.event_types().await.contains(&"invitation_revoked".to_owned()));
    let (_, late) = invited(&app, &token, &email).await;
    let sql = "UPDATE admin_invitations SET expires_at = expires_at - interval '7 days'";
    app.database.owner().await.execute(sql, &[]).await.unwrap();
    assert!(app.register_invited(&email, &late).await.is_refused_as(403, "registration-closed"));
    assert!(list(&app, &token).await.is_empty());
}

#[actix_web::test]
async fn only_superadmins_invite_and_nobody_whom_everybody_knows() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    for answer in [
        app.post_as(&token, "invitations", &json!({ "email": an_address() })).await,
        app.authorized(Method::GET, "/api/auth/invitations", &format!("Bearer {token}")).await,
        app.authorized(Method::DELETE, "/api/auth/invitations/1", &format!("Bearer {token}")).await,
    ] {
        assert!(answer.is_refused_as(403, "not-allowed"), "{answer:?}");
    }
    assert_eq!(app.post("invitations", &json!({ "email": an_address() })).await.status, 401);
    let (_, superadmin) = app.a_superadmin().await;
    let known = app.post_as(&superadmin, "invitations", &json!({ "email": email.to_uppercase() })).await;
    assert!(known.is_refused_as(409, "already-exists"), "{known:?}");
    assert_eq!(app.post_as(&superadmin, "invitations", &json!({ "email": "nonsense" })).await.status, 422);
    assert!(app.mails().await.is_empty());
}

#[actix_web::test]
async fn where_registration_is_closed_an_invitation_opens_nothing() {
    let app = App::with(|settings| settings.registration = Some(Registration::Closed)).await;
    let (_, token) = app.a_superadmin().await;
    let answer = app.post_as(&token, "invitations", &json!({ "email": an_address() })).await;
    assert!(answer.is_refused_as(403, "registration-closed"), "{answer:?}");
    assert!(app.register_invited(&an_address(), "x").await.is_refused_as(403, "registration-closed"));
}

#[actix_web::test]
async fn of_many_who_use_one_invitation_at_once_one_registers() {
    let app = App::with(by_invitation).await;
    let (_, token) = app.a_superadmin().await;
    let email = an_address();
    let (_, secret) = invited(&app, &token, &email).await;
    let answers = futures_util::future::join_all((0..6).map(|_| app.register_invited(&email, &secret))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 403 | 409)));
}

#[actix_web::test]
async fn an_operator_makes_superadmins_of_old_and_of_new_accounts() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    assert_eq!(auth::make_superadmin(&app.settings, &email.to_uppercase()).await.unwrap(), Made::Promoted);
    assert_eq!(app.verify(&token).await.body["role"], "superadmin", "at once, with the token that is there");
    assert_eq!(auth::make_superadmin(&app.settings, &email).await.unwrap(), Made::Already);
    let new = an_address();
    let Made::Registered(password) = auth::make_superadmin(&app.settings, &new).await.unwrap() else { panic!("a new account") };
    assert_eq!(app.login(&new, &password).await.body["role"], "superadmin");
    assert!(auth::make_superadmin(&app.settings, "nonsense").await.is_err());
    assert_eq!(app.event_types().await.iter().filter(|kind| *kind == "superadmin_made").count(), 2);
}

#[actix_web::test]
async fn in_production_a_stranger_who_registered_the_address_first_becomes_no_superadmin() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    let mut settings = app.settings.clone();
    settings.common.mode = launch::Mode::Production;
    settings.bcrypt_cost = 10;
    let refused = auth::make_superadmin(&settings, &email).await.unwrap_err();
    assert!(refused.to_string().contains("not verified"), "{refused}");
    assert_eq!(app.verify(&token).await.body["role"], "admin");
    let verify = "UPDATE admins SET email_verified_at = now() WHERE email = $1";
    app.database.owner().await.execute(verify, &[&email]).await.unwrap();
    assert_eq!(auth::make_superadmin(&settings, &email).await.unwrap(), Made::Promoted);
}
