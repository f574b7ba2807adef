//! What no client means, and an attacker tries.

use serde_json::json;

use crate::app::{App, PASSWORD};

#[actix_web::test]
async fn a_list_in_the_place_of_an_object_is_refused() {
    let app = App::start().await;
    let (email, token) = app.a_session().await;
    for (call, body) in [
        ("login", json!([email, PASSWORD])),
        ("register", json!(["new@example.com", PASSWORD, null])),
        ("request-unlock", json!([email])),
        ("unlock", json!([email, "0000-0000", null, null])),
    ] {
        let refused = app.post(call, &body).await;
        assert!(refused.is_refused_as(422, "invalid-input"), "{call}: {refused:?}");
        assert!(refused.body["detail"].as_str().unwrap().contains("an object is expected"), "{call}: {refused:?}");
    }
    let refused = app.post_as(&token, "change-password", &json!([PASSWORD, "bread window nine sail"])).await;
    assert!(refused.is_refused_as(422, "invalid-input"), "{refused:?}");
}

#[actix_web::test]
async fn a_nul_in_a_text_is_refused_and_no_fault_of_ours() {
    let app = App::start().await;
    let refused = app.post("login", &json!({ "email": "ann\u{0}@example.com", "password": PASSWORD })).await;
    assert!(refused.is_refused_as(422, "invalid-input"), "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().contains("U+0000"), "by the reader of the body: {refused:?}");
    for path in ["/api/auth/verify?x=%00", "/api/auth/invitations/%00"] {
        let refused = app.authorized(reqwest::Method::GET, path, "Bearer x").await;
        assert!(refused.is_refused_as(422, "invalid-input"), "{path}: {refused:?}");
    }
}
