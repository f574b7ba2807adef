//! Who may call the service, and what its database role may do.

use crate::app::{TestApp, admin, created, superadmin};
use chrono::Utc;
use identity::{ASSERTION_HEADER, AssertionSigner, Role, SERVICE_HEADER, ServiceKey};
use reqwest::StatusCode;
use testkit::OWNER;

#[actix_web::test]
async fn only_a_service_with_its_own_key_may_tell() {
    let app = TestApp::spawn().await;
    let now = Utc::now().timestamp();
    let key = |name, of| ServiceKey::from_file(name, &app.installation.service_key(of)).unwrap();
    let forged = key("election", "voting").sign("audit", now).unwrap();
    let stale = key("election", "election").sign("audit", now - 120).unwrap();
    let unknown = key("nobody", "election").sign("audit", now).unwrap();
    let elsewhere = app.service_token("election", "email");
    let assertion = app.assertion(superadmin(), "audit");
    let events = [created("A")];
    for token in [forged.as_str(), &stale, &unknown, &elsewhere, &assertion, "", "nonsense"] {
        let answer = app.post(0, "/api/audit/events").header(SERVICE_HEADER, token).json(&events).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
    }
    let bare = app.post(0, "/api/audit/events").json(&events).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    let as_admin = app.post(0, "/api/audit/events").header(ASSERTION_HEADER, assertion).json(&events).send().await.unwrap();
    assert_eq!(as_admin.status(), StatusCode::UNAUTHORIZED, "an admin's assertion is no service's token");
    assert_eq!(app.verify().await.entries, 0);
}

#[actix_web::test]
async fn only_an_admin_with_an_assertion_for_audit_may_read() {
    let app = TestApp::spawn().await;
    let signer = AssertionSigner::from_file(&app.installation.assertion_key()).unwrap();
    let stale = signer.sign(1, "a@example.com", Role::Superadmin, "audit", Utc::now().timestamp() - 120).unwrap();
    let elsewhere = app.assertion(superadmin(), "results");
    let forged = AssertionSigner::from_file(&app.installation.service_key("election")).unwrap();
    let forged = forged.sign(1, "a@example.com", Role::Superadmin, "audit", Utc::now().timestamp()).unwrap();
    let service = app.service_token("election", "audit");
    for path in ["/api/audit", "/api/audit/verify", "/api/audit/set-aside"] {
        assert_eq!(app.get(path).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        for assertion in [&stale, &elsewhere, &forged, &service] {
            let answer = app.get(path).header(ASSERTION_HEADER, assertion).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path} {assertion}");
        }
        let as_service = app.get(path).header(SERVICE_HEADER, &service).send().await.unwrap();
        assert_eq!(as_service.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(app.look(admin(7), "/verify").await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn a_wrong_method_or_route_is_a_problem_document() {
    let app = TestApp::spawn().await;
    let wrong_method = app.get("/api/audit/events").send().await.unwrap();
    assert_eq!(wrong_method.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong_method.headers()["content-type"], "application/problem+json");
    assert_eq!(app.get("/api/audit/nothing").send().await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(app.get("/ready").send().await.unwrap().status(), StatusCode::OK);
}

#[actix_web::test]
async fn what_the_role_may_not_do_is_refused() {
    let app = TestApp::spawn().await;
    app.send_accepted(&[created("A"), created("B")]).await;
    let changing = [
        "UPDATE audit_logs SET details = '{}'",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "UPDATE audit_signatures SET signed_at = now()",
        "DELETE FROM audit_signatures",
        "TRUNCATE audit_signatures",
        "UPDATE audit_head SET last_id = 1, last_hash = (SELECT current_hash FROM audit_logs WHERE log_id = 1)",
        "UPDATE audit_head SET last_id = 3",
        // A second entry behind the first: a fork.
        "INSERT INTO audit_logs SELECT 3, gen_random_uuid(), now(), 'auth', 'x', NULL, NULL, NULL, '{}', NULL, sha256('b'), sha256('a') FROM audit_logs WHERE log_id = 2",
        "INSERT INTO audit_logs SELECT 9, gen_random_uuid(), now(), 'auth', 'x', NULL, NULL, NULL, '{}', NULL, current_hash, sha256('a') FROM audit_logs WHERE log_id = 2",
    ];
    let beyond = [
        "SELECT count(*) FROM votes",
        "SELECT count(*) FROM voters",
        "SELECT count(*) FROM voting_tokens",
        "SELECT title FROM elections",
        "SELECT password_hash FROM admins",
        "UPDATE admins SET email = 'x'",
        "SELECT count(*) FROM audit_subjects",
        "SELECT count(*) FROM outbox",
        "DELETE FROM audit_subjects",
    ];
    let service = app.database.connect("audit_service").await;
    for sql in changing.iter().chain(&beyond) {
        assert!(service.batch_execute(sql).await.is_err(), "the service may {sql}");
    }
    let owner = app.database.connect(OWNER).await;
    for sql in changing {
        assert!(owner.batch_execute(sql).await.is_err(), "the owner may {sql}");
    }
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
    assert_eq!(state.entries, 2);
}
