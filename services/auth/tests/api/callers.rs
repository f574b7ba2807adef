//! Who is let through, and who is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, App};

const VERIFY: &str = "/api/auth/verify";

fn is_refused(answer: &Answer) -> bool {
    answer.is_refused_as(401, "not-logged-in") && answer.www_authenticate() == Some("Bearer")
}

fn secret() -> Vec<u8> {
    std::fs::read_to_string(testkit::service::secrets().dir().join("jwt_secret")).unwrap().trim().as_bytes().to_vec()
}

fn claims(lifetime: i64) -> Value {
    let now = chrono::Utc::now().timestamp();
    json!({ "sub": "admin_1", "email": "eve@example.com", "role": "superadmin", "iat": now, "exp": now + lifetime, "jti": uuid::Uuid::new_v4() })
}

fn signed(algorithm: Algorithm, key: &[u8], claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[actix_web::test]
async fn no_token_or_a_garbled_one_is_refused() {
    let app = App::start().await;
    for authorization in
        ["", "Bearer", "Bearer ", "Bearer x.y.z", "Basic dXNlcjpwYXNz", "Bearer a.b", &format!("Bearer {}", "A".repeat(3000))]
    {
        let answer = app.authorized(Method::GET, VERIFY, authorization).await;
        assert!(is_refused(&answer), "{authorization}: {answer:?}");
    }
    let (_, token) = app.a_session().await;
    assert!(is_refused(&app.verify(&token[..token.len() - 2]).await));
    assert_eq!(app.authorized(Method::GET, VERIFY, &format!("bearer {token}")).await.status, 200, "schemes have no case");
}

#[actix_web::test]
async fn a_token_that_somebody_else_made_is_refused() {
    let app = App::start().await;
    app.a_session().await;
    let unsigned = format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&claims(600)));
    let confused = {
        // An RS256 header over an HMAC with the secret, as if the secret were a public key.
        let honest = signed(Algorithm::HS256, &secret(), &claims(600));
        let (_, rest) = honest.split_once('.').unwrap();
        format!("{}.{rest}", part(&json!({ "alg": "RS256", "typ": "JWT" })))
    };
    let forged = [
        ("alg none", unsigned),
        ("RS256 over the secret", confused),
        ("HS384", signed(Algorithm::HS384, &secret(), &claims(600))),
        ("HS512", signed(Algorithm::HS512, &secret(), &claims(600))),
        (
            "another key",
            signed(Algorithm::HS256, b"0000000000000000000000000000000000000000000000000000000000000000", &claims(600)),
        ),
        ("an empty key", signed(Algorithm::HS256, b"", &claims(600))),
        ("expired", signed(Algorithm::HS256, &secret(), &claims(-1))),
        ("no end", signed(Algorithm::HS256, &secret(), &json!({ "sub": "admin_1" }))),
    ];
    for (what, token) in &forged {
        assert!(is_refused(&app.verify(token).await), "{what}");
        assert_eq!(app.assert(token, "election").await.status, 401, "{what}");
    }
    let with_the_secret = app.verify(&signed(Algorithm::HS256, &secret(), &claims(600))).await;
    assert_eq!(with_the_secret.status, 200, "the forger's tools are right");
    assert_eq!(with_the_secret.body["role"], "admin", "a role is the account's, whatever the token says");
}

#[actix_web::test]
async fn an_assertion_is_for_the_service_it_was_asked_for() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    let answer = app.assert(&token, "election").await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    let assertion = answer.assertion().unwrap();
    let payload = assertion.split('.').nth(1).unwrap();
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!((&payload["aud"], &payload["email"], &payload["role"]), (&"election".into(), &email.into(), &"admin".into()));
    assert_eq!(payload["exp"].as_i64().unwrap() - payload["iat"].as_i64().unwrap(), identity::LIFETIME_SECONDS);
    assert!(is_refused(&app.verify(assertion).await), "an assertion is no public token");
    for nobody in ["voting", "auth", "", "election, admin"] {
        let answer = app.assert(&token, nobody).await;
        assert!(answer.is_refused_as(400, "malformed-request") && answer.assertion().is_none(), "{nobody}: {answer:?}");
    }
}

#[actix_web::test]
async fn an_assertion_leaves_no_event() {
    let app = App::start().await;
    let (_, token) = app.a_session().await;
    let before = app.events().await.len();
    for audience in ["election", "results", "admin", "audit"] {
        assert_eq!(app.assert(&token, audience).await.status, 204);
    }
    assert_eq!(app.events().await.len(), before);
}

#[test]
fn nothing_secret_is_in_debug() {
    let body: contract::auth::LoginRequest =
        serde_json::from_value(json!({ "email": "a@example.com", "password": "lamp river" })).unwrap();
    assert!(!format!("{body:?}").contains("lamp"));
    let answer: contract::auth::LoggedIn =
        serde_json::from_value(json!({ "access_token": "eyJ0", "token_type": "bearer", "expires_in": 1, "role": "admin" }))
            .unwrap();
    assert!(!format!("{answer:?}").contains("eyJ0"));
}
