//! After the count: a result that is kept back, and what is left when nobody needs to know any more who could vote.

use serde_json::{Value, json};

use crate::stack::{Stack, expect, expect_problem, until};

#[tokio::test]
async fn a_result_that_is_kept_back_is_nowhere_to_be_seen() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let (id, candidates, emails) = stack.draft(&admin, 3).await;
    let manual = stack.call(reqwest::Method::PUT, &format!("/api/elections/{id}"), Some(&admin));
    expect(manual.json(&json!({ "publish": "manual" })).send().await.unwrap(), 200).await;
    expect(stack.post(&format!("/api/elections/{id}/activate"), Some(&admin), &json!({})).await, 200).await;
    expect(stack.post(&format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin), &json!({})).await, 202).await;
    let links = stack.links_in_the_mail(&emails).await;
    let mut receipt = Value::Null;
    for (link, choice) in links.iter().zip([1, 1, 0]) {
        receipt = expect(stack.cast(link, candidates[choice]).await, 200).await["receipt_code"].clone();
    }
    expect_problem(
        stack.post(&format!("/api/elections/{id}/publish-results"), Some(&admin), &json!({})).await,
        409,
        "state-conflict",
    )
    .await;
    stack.count(&admin, id).await;

    let results = format!("/api/results/{id}");
    let receipt = format!("/api/voting/receipts/{}", receipt.as_str().unwrap());
    expect_problem(stack.get(&results, None).await, 409, "results-not-published").await;
    let theirs = expect_problem(stack.get(&results, Some(&admin)).await, 409, "results-not-published").await;
    assert!(theirs.get("results").is_none() && theirs.get("contests").is_none(), "{theirs}");
    let page = stack.get(&format!("/results/{id}"), None).await;
    let page = page.text().await.unwrap();
    assert!(!page.contains("Bob Smith") && !page.contains("66.67"), "{page}");
    let tally = expect(stack.get(&format!("/api/elections/{id}/tally"), Some(&admin)).await, 200).await;
    let seen = stack.election(&admin, id).await;
    for text in [tally.to_string(), seen.to_string()] {
        assert!(!text.contains("Bob Smith") && !text.contains("PRIVATE KEY") && !text.contains("seal_private"), "{text}");
    }
    assert_eq!(expect(stack.get(&receipt, None).await, 200).await["on_board"], false);
    let mails = format!("/api/admin/elections/{id}/send-results-links");
    expect_problem(stack.post(&mails, Some(&admin), &json!({})).await, 409, "results-not-published").await;

    expect(stack.post(&format!("/api/elections/{id}/publish-results"), Some(&admin), &json!({})).await, 200).await;
    assert_eq!(expect(stack.get(&results, None).await, 200).await["results"][0]["name"], "Bob Smith");
    assert_eq!(expect(stack.get(&receipt, None).await, 200).await["on_board"], true);
    expect(stack.post(&mails, Some(&admin), &json!({})).await, 202).await;
    let again = stack.post(&format!("/api/elections/{id}/publish-results"), Some(&admin), &json!({})).await;
    expect_problem(again, 409, "state-conflict").await;
}

#[tokio::test]
async fn whoever_has_voted_is_told_after_the_close_and_nobody_else() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 3).await;
    expect(stack.cast(&election.links[1], election.candidates[0]).await, 200).await;
    expect(stack.cast(&election.links[2], election.candidates[0]).await, 200).await;
    assert_eq!(stack.mails_to(&election.emails[1]).await.len(), 1, "told before the close, which says when");
    stack.count(&admin, election.id).await;
    for voter in [1, 2] {
        until("the notice", async || stack.mails_to(&election.emails[voter]).await.len() == 2).await;
    }
    assert_eq!(stack.mails_to(&election.emails[0]).await.len(), 1, "an abstainer was told that their right was used");
}

#[tokio::test]
async fn what_retention_forgets_leaves_the_result_its_proofs_and_the_audit_log_whole() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 3).await;
    let id = election.id;
    for link in &election.links[..2] {
        expect(stack.cast(link, election.candidates[0]).await, 200).await;
    }
    stack.count(&admin, id).await;
    until("the notices", async || stack.mails_to(&election.emails[0]).await.len() == 2).await;
    expect(stack.post(&format!("/api/elections/{id}/archive"), Some(&admin), &json!({})).await, 200).await;
    let result = expect(stack.get(&format!("/api/results/{id}"), None).await, 200).await;
    let entries = |state: &Value| state["entries"].as_u64().unwrap();
    let chain = expect(stack.get("/api/audit/verify", Some(&admin)).await, 200).await;
    let spent = || {
        stack
            .sql(&format!("SELECT spent_count || ' ' || encode(spent_hash, 'hex') FROM box_commitments WHERE election_id = {id}"))
    };
    // The list itself, computed anew from what is stored.
    let listed = || {
        stack.sql(&format!(
            "SELECT count(*) || ' ' || encode(sha256(coalesce(string_agg(entry, ''::bytea ORDER BY entry), '')), 'hex') \
             FROM (SELECT spent_entry(election_id, spend_id) AS entry FROM voting_tokens WHERE election_id = {id} AND is_used) s"
        ))
    };
    let before = spent();
    assert_eq!(listed(), before);

    let retention = || {
        let out = stack.devstack(&["run", "admin", "--", "retention"]).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    retention();
    stack.voter(&admin, id, &election.emails[0]).await;
    stack.sql(&format!("UPDATE elections SET archived_at = archived_at - interval '1 year' WHERE election_id = {id}"));
    retention();
    assert!(stack.election(&admin, id).await["anonymised_at"].is_string());

    // Nobody can be found any more, in any table.
    let roll = expect(stack.get(&format!("/api/admin/voters?election_id={id}"), Some(&admin)).await, 200).await.to_string();
    let kept = stack.sql(&format!(
        "SELECT v::text FROM voters v WHERE election_id = {id} UNION ALL SELECT m::text FROM email_messages m WHERE election_id = {id} \
         UNION ALL SELECT t::text FROM voting_tokens t WHERE election_id = {id} UNION ALL SELECT s::text FROM audit_subjects s WHERE election_id = {id}"
    ));
    for email in &election.emails {
        assert!(!roll.contains(email.as_str()) && !kept.contains(email.as_str()), "{email} is still known");
    }
    // And everything can be checked as before.
    assert_eq!((spent(), listed()), (before.clone(), before));
    assert_eq!(expect(stack.get(&format!("/api/results/{id}"), None).await, 200).await, result);
    assert_eq!(result["integrity"]["ok"], true);
    let after = expect(stack.get("/api/audit/verify", Some(&admin)).await, 200).await;
    assert!(after["ok"] == true && entries(&after) >= entries(&chain), "{chain} {after}");
    let again = stack.post(&format!("/api/admin/elections/{id}/send-results-links"), Some(&admin), &json!({})).await;
    expect_problem(again, 409, "state-conflict").await;
}
