//! A result that is kept back until its admin publishes it.

use reqwest::Method;
use serde_json::json;

use crate::app::App;

#[actix_web::test]
async fn a_result_is_kept_back_until_it_is_published_by_hand() {
    let app = App::working().await;
    let (election, voters) = app.a_draft(2).await;
    let path = format!("/api/elections/{}", election.election_id);
    app.call(Method::PUT, &path, Some(json!({"publish": "manual"}))).await;
    let publish = format!("{path}/publish-results");
    let refused = async |rule: &str| {
        let answer = app.post(&publish).await;
        assert_eq!(answer.status, 409);
        assert!(answer.body["detail"].as_str().unwrap().contains(rule), "{}", answer.body);
    };
    refused("never activated").await;
    app.post(&format!("{path}/activate")).await;
    refused("still active").await;
    let booth = testkit::booth::Booth::enter(&app.owner, election.election_id).await;
    app.everybody_votes(&booth, &voters, election.candidate_ids[0]).await;
    app.post(&format!("{path}/close")).await;
    app.until_tally(election.election_id, "opened").await;
    let counted = app.get(&path).await.body;
    assert_eq!(counted["results_published_at"], json!(null));
    assert!(counted["warnings"][0].as_str().unwrap().contains("kept back"), "{counted}");
    assert!(!app.told_types().await.contains(&"results_published".to_owned()));

    let stranger = app.another_admin().await;
    assert_eq!(app.post_as(&stranger, &publish).await.status, 404);
    let published = app.post(&publish).await;
    assert_eq!((published.status, published.body["results_published_at"].is_string()), (200, true));
    assert_eq!(published.body["warnings"], json!([]));
    let event = app.told().await.pop().unwrap();
    assert_eq!((&event["kind"]["event_type"], &event["admin_id"]), (&json!("results_published"), &json!(app.admin_id)));
    refused("published already").await;
}

#[actix_web::test]
async fn a_result_that_is_published_together_is_not_published_again() {
    let app = App::working().await;
    let (election, _, _) = app.an_active_election(1).await;
    let path = format!("/api/elections/{}", election.election_id);
    app.post(&format!("{path}/close")).await;
    app.until_tally(election.election_id, "opened").await;
    assert_eq!(app.post(&format!("{path}/publish-results")).await.status, 409);
}

#[actix_web::test]
async fn an_unpublished_election_can_be_archived_and_published_later() {
    let app = App::working().await;
    let (election, _) = app.a_draft(1).await;
    let path = format!("/api/elections/{}", election.election_id);
    app.call(Method::PUT, &path, Some(json!({"publish": "manual"}))).await;
    app.post(&format!("{path}/activate")).await;
    app.post(&format!("{path}/close")).await;
    app.until_tally(election.election_id, "opened").await;
    assert_eq!(app.post(&format!("{path}/archive")).await.status, 200);
    assert_eq!(app.post(&format!("{path}/publish-results")).await.status, 200);
}
