//! A whole election, and what the world may see of it at each point.

use reqwest::Method;
use serde_json::json;

use crate::stack::{Stack, expect, expect_problem, until};

#[tokio::test]
async fn from_a_draft_to_a_published_result() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 5).await;
    let id = election.id;
    for (link, choice) in election.links.iter().zip([1, 1, 0, 1]) {
        let cast = expect(stack.cast(link, election.candidates[choice]).await, 200).await;
        assert_eq!(cast["success"], true);
        let receipt =
            expect(stack.get(&format!("/api/voting/receipts/{}", cast["receipt_code"].as_str().unwrap()), None).await, 200).await;
        assert_eq!(receipt["recorded"], true);
    }
    expect_problem(stack.cast(&election.links[0], election.candidates[0]).await, 409, "already-used").await;
    let hidden = expect_problem(stack.get(&format!("/api/results/{id}"), None).await, 409, "results-not-published").await;
    assert!(hidden.get("turnout").is_none(), "a stranger is told no turnout: {hidden}");
    let theirs = expect_problem(stack.get(&format!("/api/results/{id}"), Some(&admin)).await, 409, "results-not-published").await;
    assert_eq!(theirs["turnout"], json!({ "roll": 5, "voted": 0 }), "until the close it is rounded down to five");

    expect(stack.post(&format!("/api/elections/{id}/close"), Some(&admin), &json!({})).await, 200).await;
    until("the result", async || stack.get(&format!("/api/results/{id}"), None).await.status() == 200).await;
    let result = expect(stack.get(&format!("/api/results/{id}"), None).await, 200).await;
    assert_eq!(result["total_votes"], 4);
    assert_eq!(result["results"][0]["name"], "Bob Smith");
    assert_eq!(result["results"][0]["vote_count"], 3);
    assert_eq!(result["results"][0]["percentage"], 75.0);
    assert_eq!(result["integrity"]["ok"], true, "{result}");

    let late = stack.cast(&election.links[4], election.candidates[0]).await;
    assert_eq!(late.status(), 409);
    let mails =
        stack.call(Method::POST, &format!("/api/admin/elections/{id}/send-results-links"), Some(&admin)).send().await.unwrap();
    assert_eq!(expect(mails, 202).await["queued"], 5);

    until("the audit log to know of the publication", async || {
        let log = expect(stack.get(&format!("/api/audit?election_id={id}&limit=1000"), Some(&admin)).await, 200).await;
        let kinds: Vec<&str> = log["items"].as_array().unwrap().iter().filter_map(|entry| entry["event_type"].as_str()).collect();
        ["election_created", "election_activated", "election_closed", "box_sealed", "results_published"]
            .iter()
            .all(|kind| kinds.contains(kind))
    })
    .await;
    assert_eq!(expect(stack.get("/api/audit/verify", Some(&admin)).await, 200).await["ok"], true);
}

#[tokio::test]
async fn nobody_votes_and_the_result_is_zeros() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 2).await;
    expect(stack.post(&format!("/api/elections/{}/close", election.id), Some(&admin), &json!({})).await, 200).await;
    until("the result", async || stack.get(&format!("/api/results/{}", election.id), None).await.status() == 200).await;
    let result = expect(stack.get(&format!("/api/results/{}", election.id), None).await, 200).await;
    assert_eq!(result["total_votes"], 0);
    for line in result["results"].as_array().unwrap() {
        assert_eq!((&line["vote_count"], &line["is_winner"]), (&json!(0), &json!(false)), "{line}");
    }
    assert_eq!(result["integrity"]["ok"], true);
}
