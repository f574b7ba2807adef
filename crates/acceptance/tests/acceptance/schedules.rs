//! Voting opens and closes by the clock, whoever is there and whatever was killed.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::stack::{Stack, expect, expect_problem, until};

fn at(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("a time was expected, not {value}")).parse().unwrap()
}

#[tokio::test]
async fn an_election_opens_and_closes_once_at_its_times_whatever_was_killed() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let (id, candidates, emails) = stack.draft(&admin, 2).await;
    let (opens_at, closes_at) = (Utc::now() + TimeDelta::seconds(8), Utc::now() + TimeDelta::seconds(30));
    let times = json!({ "opens_at": at(opens_at), "closes_at": at(closes_at) });
    expect(
        stack.call(reqwest::Method::PUT, &format!("/api/elections/{id}"), Some(&admin)).json(&times).send().await.unwrap(),
        200,
    )
    .await;
    let waiting = expect(stack.post(&format!("/api/elections/{id}/activate"), Some(&admin), &json!({})).await, 200).await;
    assert_eq!(waiting["status"], "scheduled");
    expect(stack.post(&format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin), &json!({})).await, 202).await;
    let links = stack.links_in_the_mail(&emails).await;

    // Its time comes while nobody is there to open it.
    stack.end("election", "-KILL").await;
    until("the opening time", async || Utc::now() > opens_at).await;
    stack.up_again();
    until("voting to open", async || stack.election(&admin, id).await["status"] == "active").await;
    expect(stack.cast(&links[0], candidates[0]).await, 200).await;

    // The end is kept even while nobody is there to close.
    stack.end("election", "-KILL").await;
    until("the closing time", async || Utc::now() > closes_at).await;
    expect_problem(stack.cast(&links[1], candidates[0]).await, 409, "voting-not-open").await;
    stack.up_again();
    stack.end("election", "-KILL").await;
    stack.up_again();
    until("the result", async || stack.get(&format!("/api/results/{id}"), None).await.status() == 200).await;

    let closed = stack.election(&admin, id).await;
    assert!(time(&closed["activated_at"]) >= opens_at - TimeDelta::milliseconds(1), "{closed}");
    assert_eq!(closed["turnout"], json!({ "roll": 2, "voted": 1 }));
    let mut done = Vec::new();
    until("the audit log to know of the publication", async || {
        done = stack.done(&admin, id).await;
        done.iter().any(|kind| kind == "results_published")
    })
    .await;
    for kind in ["election_scheduled", "election_opened", "election_closed", "box_sealed", "results_published"] {
        assert_eq!(done.iter().filter(|one| *one == kind).count(), 1, "{kind} in {done:?}");
    }
}

#[tokio::test]
async fn the_end_moves_later_only_and_every_voter_reads_why() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let (id, _, emails) = stack.draft(&admin, 1).await;
    let closes_at = Utc::now() + TimeDelta::hours(1);
    let body = json!({ "closes_at": at(closes_at) });
    expect(
        stack.call(reqwest::Method::PUT, &format!("/api/elections/{id}"), Some(&admin)).json(&body).send().await.unwrap(),
        200,
    )
    .await;
    expect(stack.post(&format!("/api/elections/{id}/activate"), Some(&admin), &json!({})).await, 200).await;
    expect(stack.post(&format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin), &json!({})).await, 202).await;
    let link = stack.links_in_the_mail(&emails).await.remove(0);
    let amend = format!("/api/elections/{id}/amendments");
    let earlier = json!({ "closes_at": at(closes_at - TimeDelta::minutes(30)), "reason": "Let us be done with it" });
    expect_problem(stack.post(&amend, Some(&admin), &earlier).await, 409, "state-conflict").await;
    let later = closes_at + TimeDelta::days(30);
    let moved = json!({ "closes_at": at(later), "reason": "The concert is on Friday" });
    expect(stack.post(&amend, Some(&admin), &moved).await, 201).await;

    let ballot = expect(stack.get(&format!("/api/voting/ballot?token={link}"), None).await, 200).await;
    assert_eq!(ballot["amendments"][0]["reason"], "The concert is on Friday", "{ballot}");
    let public = expect(stack.get(&amend, None).await, 200).await;
    assert_eq!(public["items"].as_array().unwrap().len(), 1);
    let page = stack.get(&format!("/vote?token={link}"), None).await.text().await.unwrap();
    assert!(page.contains("The concert is on Friday"), "{page}");
    // The link was to die after seven days; it lives as long as there is something to do with it.
    let state = expect(stack.get(&format!("/api/voting/validate-token?token={link}"), None).await, 200).await;
    assert!(time(&state["expires_at"]) >= later - TimeDelta::seconds(1), "{state}");
}
