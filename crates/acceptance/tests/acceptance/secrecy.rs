//! What must not be found in what the stack leaves behind.

use std::path::Path;

use serde_json::json;

use crate::stack::{Stack, expect, until};

fn files_below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

#[tokio::test]
async fn no_log_knows_a_link_a_choice_or_a_voters_address() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let (id, candidates, emails) = stack.draft(&admin, 2).await;
    expect(stack.post(&format!("/api/elections/{id}/activate"), Some(&admin), &json!({})).await, 200).await;
    expect(
        stack
            .call(reqwest::Method::POST, &format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin))
            .send()
            .await
            .unwrap(),
        202,
    )
    .await;
    let links = stack.links_in_the_mail(&emails).await;
    for path in [
        format!("/api/voting/ballot?token={}", links[0]),
        format!("/vote?token={}", links[0]),
        format!("/api/voting/validate-token?token={}", links[1]),
    ] {
        stack.get(&path, None).await;
    }
    // While voting is down nginx writes errors, and while it is up the casts are refused and taken.
    stack.end("voting", "-KILL").await;
    assert_eq!(stack.get(&format!("/api/voting/ballot?token={}", links[0]), None).await.status(), 502);
    stack.up_again();
    expect(stack.cast(&links[0], candidates[0]).await, 200).await;
    assert_eq!(stack.cast(&links[0], candidates[0]).await.status(), 409);

    let mut logs = Vec::new();
    files_below(&stack.state.join("logs"), &mut logs);
    assert!(logs.len() >= 8, "{logs:?}");
    for log in logs {
        let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
        for secret in links.iter().chain(&emails).chain([&admin.token]) {
            assert!(!text.contains(secret.as_str()), "{} holds {secret}", log.display());
        }
        let address = stack.address.to_string();
        let of_a_voter = text.lines().find(|line| line.contains(&address) && line.contains("/api/voting"));
        assert_eq!(of_a_voter, None, "{} holds the address of a voter", log.display());
    }
}

#[tokio::test]
async fn looking_at_a_link_any_number_of_times_changes_nothing() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 1).await;
    let link = &election.links[0];
    let picture = || {
        stack.sql(&format!(
            "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (SELECT t::text FROM voting_tokens t WHERE election_id = {0} \
             UNION ALL SELECT v::text FROM voters v WHERE election_id = {0} UNION ALL SELECT e::text FROM elections e WHERE election_id = {0} \
             UNION ALL SELECT h::text FROM chain_heads h WHERE election_id = {0}) t(t)",
            election.id
        ))
    };
    let before = picture();
    for _ in 0..20 {
        for path in ["/api/voting/validate-token", "/api/voting/ballot", "/vote"] {
            stack.get(&format!("{path}?token={link}"), None).await;
            stack.call(reqwest::Method::HEAD, &format!("{path}?token={link}"), None).send().await.unwrap();
        }
    }
    assert_eq!(before, picture());
    expect(stack.cast(link, election.candidates[0]).await, 200).await;
    until("the ballot", async || before != picture()).await;
}
