//! Who is believed, at the gateway and at the services' own ports.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::{ASSERTION_HEADER, AssertionSigner, Role, SERVICE_HEADER, ServiceKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::{Admin, Stack, expect, expect_problem};

fn now() -> i64 {
    i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(claims))
}

fn admin_claims(expires: i64) -> Value {
    let id = uuid::Uuid::new_v4();
    json!({ "sub": "admin_1", "email": "a@example.com", "role": "superadmin", "aud": "election", "iat": now(), "exp": expires, "jti": id })
}

#[tokio::test]
async fn an_assertion_sent_from_outside_counts_for_nothing() {
    let stack = Stack::found();
    // Signed with the true key: even that does not come in by the public door.
    let signer = AssertionSigner::from_file(&stack.state.join("secrets/assertion.key.pem")).unwrap();
    let assertion = signer.sign(1, "a@example.com", Role::Superadmin, "election", now()).unwrap();
    let answer = stack.call(Method::GET, "/api/elections", None).header(ASSERTION_HEADER, assertion).send().await.unwrap();
    expect_problem(answer, 401, "not-logged-in").await;
}

#[tokio::test]
async fn a_service_believes_a_valid_assertion_and_no_other() {
    let stack = Stack::found();
    let secrets = stack.state.join("secrets");
    let url = stack.own_port("election", "/api/elections");
    let signer = AssertionSigner::from_file(&secrets.join("assertion.key.pem")).unwrap();
    let other_key = AssertionSigner::from_file(&secrets.join("services/voting.key.pem")).unwrap();
    let sign = |signer: &AssertionSigner, audience, at| signer.sign(1, "a@example.com", Role::Admin, audience, at).unwrap();
    let public_pem = std::fs::read(secrets.join("assertion.pub.pem")).unwrap();
    let confused =
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &admin_claims(now() + 60), &EncodingKey::from_secret(&public_pem))
            .unwrap();
    let forged = [
        ("alg none", unsigned(&admin_claims(now() + 60))),
        ("HS256 over the public key", confused),
        ("expired", sign(&signer, "election", now() - 120)),
        ("signed with another key", sign(&other_key, "election", now())),
        ("for another service", sign(&signer, "admin", now())),
        ("no token at all", "nonsense".to_owned()),
    ];
    for (what, assertion) in forged {
        let answer = stack.http.get(&url).header(ASSERTION_HEADER, assertion).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{what}");
    }
    expect_problem(stack.http.get(&url).send().await.unwrap(), 401, "not-logged-in").await;
    let valid = stack.http.get(&url).header(ASSERTION_HEADER, sign(&signer, "election", now())).send().await.unwrap();
    expect(valid, 200).await;
}

#[tokio::test]
async fn a_forged_public_token_does_not_pass_the_gateway() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    expect(stack.get("/api/elections", Some(&admin)).await, 200).await;
    let secret = EncodingKey::from_secret(b"another secret, as long as it may be");
    let other = |algorithm| jsonwebtoken::encode(&Header::new(algorithm), &admin_claims(now() + 3600), &secret).unwrap();
    let mut cut = admin.token.clone();
    cut.pop();
    let ed = EncodingKey::from_ed_pem(&std::fs::read(stack.state.join("secrets/services/voting.key.pem")).unwrap()).unwrap();
    let eddsa = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &admin_claims(now() + 3600), &ed).unwrap();
    for token in
        [unsigned(&admin_claims(now() + 3600)), other(Algorithm::HS256), other(Algorithm::HS512), eddsa, cut, String::new()]
    {
        let forged = Admin { email: String::new(), token };
        for path in ["/api/elections", "/api/auth/verify", "/api/admin/voters?election_id=1"] {
            let answer = stack.get(path, Some(&forged)).await;
            assert_eq!(answer.status(), 401, "{path} with {}", forged.token);
        }
    }
}

#[tokio::test]
async fn a_token_is_dead_after_logout_at_every_service() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    expect(stack.call(Method::POST, "/api/auth/logout", Some(&admin)).send().await.unwrap(), 204).await;
    for path in ["/api/elections", "/api/auth/verify", "/api/admin/voters?election_id=1", "/api/audit/verify"] {
        assert_eq!(stack.get(path, Some(&admin)).await.status(), 401, "{path} for {}", admin.email);
    }
}

#[tokio::test]
async fn what_only_services_may_call_is_not_public_and_not_for_strangers() {
    let stack = Stack::found();
    let inside = [
        "/api/email/send-voting-invitation",
        "/api/audit/events",
        "/internal/assert",
        "/metrics",
        "/ready",
        "/services/voting/ready",
    ];
    for path in inside {
        for method in [Method::GET, Method::POST] {
            let status = stack.call(method, path, None).send().await.unwrap().status().as_u16();
            assert!([401, 403, 404, 405].contains(&status), "{path}: {status}");
        }
    }
    let url = stack.internal("/api/audit/events");
    let key = |service: &'static str| {
        ServiceKey::from_file(service, &stack.state.join(format!("secrets/services/{service}.key.pem"))).unwrap()
    };
    let forged_name = ServiceKey::from_file("admin", &stack.state.join("secrets/services/frontend.key.pem")).unwrap();
    let tokens = [
        ("for another receiver", key("admin").sign("email", now()).unwrap(), 401),
        ("expired", key("admin").sign("audit", now() - 120).unwrap(), 401),
        ("another service's name", forged_name.sign("audit", now()).unwrap(), 401),
        ("a service that tells audit nothing", key("frontend").sign("audit", now()).unwrap(), 403),
    ];
    let event = json!([{ "event_id": uuid::Uuid::new_v4(), "occurred_at": "2026-01-01T00:00:00Z", "kind": { "event_type": "election_archived", "details": {} } }]);
    for (what, token, status) in tokens {
        let answer = stack.http.post(&url).header(SERVICE_HEADER, token).json(&event).send().await.unwrap();
        assert_eq!(answer.status(), status, "{what}");
    }
    assert_eq!(stack.http.post(&url).json(&event).send().await.unwrap().status(), 401);
}
