//! Who organises: a superadmin, and an account that guesses have locked.

use reqwest::Method;
use serde_json::json;

use crate::stack::{PASSWORD, Stack, expect, expect_problem, patiently, until};

#[tokio::test]
async fn a_superadmin_sees_the_state_of_every_election_and_changes_none() {
    let stack = Stack::found();
    let (owner, other) = (stack.admin().await, stack.admin().await);
    let election = stack.active(&owner, 2).await;
    let id = election.id;
    let cast = expect(stack.cast(&election.links[0], election.candidates[0]).await, 200).await;
    assert_eq!(stack.get(&format!("/api/elections/{id}"), Some(&other)).await.status(), 404);

    let made = stack.devstack(&["run", "auth", "--", "superadmin", &other.email]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let superadmin = stack.log_in(&other.email).await;
    let seen = expect(stack.get(&format!("/api/elections/{id}"), Some(&superadmin)).await, 200).await;
    assert_eq!((&seen["status"], &seen["turnout"]), (&json!("active"), &json!({ "roll": 2, "voted": 0 })), "{seen}");
    for path in [format!("/api/elections/{id}"), format!("/api/elections/{id}/tally"), format!("/api/results/{id}")] {
        let text = stack.get(&path, Some(&superadmin)).await.text().await.unwrap();
        assert!(!text.contains("vote_count") && !text.contains(cast["vote_hash"].as_str().unwrap()), "{path}: {text}");
    }
    // The state it is, and not the people.
    assert_eq!(stack.get(&format!("/api/admin/voters?election_id={id}"), Some(&superadmin)).await.status(), 404);
    for (method, path) in [
        (Method::POST, format!("/api/elections/{id}/close")),
        (Method::POST, format!("/api/admin/elections/{id}/send-voting-links")),
        (Method::DELETE, format!("/api/elections/{id}")),
    ] {
        let status = stack.call(method, &path, Some(&superadmin)).json(&json!({})).send().await.unwrap().status().as_u16();
        assert!([403, 404].contains(&status), "{path}: {status}");
    }
    assert_eq!(stack.election(&owner, id).await["status"], "active");
    expect(stack.get("/api/audit", Some(&superadmin)).await, 200).await;
}

#[tokio::test]
async fn an_account_that_guesses_have_locked_is_opened_by_a_mailed_code() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let log_in = async |password: &str| {
        let body = json!({ "email": admin.email, "password": password });
        patiently(async || stack.post("/api/auth/login", None, &body).await).await
    };
    for _ in 0..5 {
        expect_problem(log_in("a wrong guess, again").await, 401, "wrong-credentials").await;
    }
    expect_problem(log_in(PASSWORD).await, 423, "account-locked").await;
    let mail = stack.mail(&admin.email, "locked").await;
    let code = regex::Regex::new(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b").unwrap().find(&mail).unwrap().as_str().to_owned();
    let unlock = async |code: &str| {
        let body = json!({ "email": admin.email, "code": code });
        patiently(async || stack.post("/api/auth/unlock", None, &body).await).await
    };
    expect_problem(unlock("0000-0000").await, 422, "invalid-input").await;
    assert!(unlock(&code).await.status().is_success());
    expect(log_in(PASSWORD).await, 200).await;
    // It opens once.
    expect_problem(unlock(&code).await, 422, "invalid-input").await;
    until("the audit log to know", async || {
        stack.sql(&format!(
            "SELECT count(*) FROM audit_logs l JOIN admins a ON a.admin_id = l.user_id WHERE a.email = '{}' AND l.event_type = 'account_unlocked'",
            admin.email
        )) == "1"
    })
    .await;
}
