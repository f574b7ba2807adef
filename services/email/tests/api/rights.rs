//! Who may call the service, and what its database role may do.

use crate::app::{TestApp, a_catcher, invitation};
use chrono::Utc;
use identity::{AssertionSigner, Role, ServiceKey};
use reqwest::StatusCode;

#[actix_web::test]
async fn only_a_service_with_its_own_key_gets_in() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let now = Utc::now().timestamp();
    let key = |name, of| ServiceKey::from_file(name, &app.installation.service_key(of)).unwrap();
    let signer = AssertionSigner::from_file(&app.installation.assertion_key()).unwrap();
    let bad = [
        key("admin", "voting").sign("email", now).unwrap(),
        key("admin", "admin").sign("email", now - 120).unwrap(),
        key("nobody", "admin").sign("email", now).unwrap(),
        app.token("admin", "audit"),
        signer.sign(1, "a@example.com", Role::Superadmin, "email", now).unwrap(),
        "nonsense".to_owned(),
        String::new(),
    ];
    for token in bad {
        for path in ["send-voting-invitation", "send-results-notification", "send-many"] {
            let answer = app.post(path, &token, &invitation("alice@example.com")).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path} {token}");
        }
        assert_eq!(app.get("status/1", &token).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[actix_web::test]
async fn what_the_role_may_not_do_is_refused() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let service = app.database.connect("email_service").await;
    for sql in [
        "TRUNCATE email_messages",
        "SELECT count(*) FROM voters",
        "SELECT count(*) FROM voting_tokens",
        "SELECT count(*) FROM votes",
        "SELECT count(*) FROM elections",
        "SELECT count(*) FROM outbox",
        "SELECT count(*) FROM audit_logs",
        "SELECT count(*) FROM admins",
        "SELECT turnout(1)",
        "CREATE TABLE mine (id int)",
    ] {
        assert!(service.batch_execute(sql).await.is_err(), "the service may {sql}");
    }
}
