//! A halted election: its admin is told by mail and with the election, also when it is closed like that.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::wait_until;

use crate::app::App;

async fn until_told(app: &App, halts: usize) {
    wait_until("the admin is told", Duration::from_secs(30), async || app.mails("action_needed").await.len() >= halts).await;
}

fn warns(election: &Value, of: &str) -> bool {
    election["warnings"].as_array().unwrap().iter().any(|warning| warning.as_str().unwrap().starts_with(of))
}

const HALTED: &str = "Voting is halted, because recorded ballots are missing";
const NEVER_RESUMED: &str = "Recording was halted because recorded ballots were missing, and was never resumed";

async fn marked(app: &App, election_id: i64) -> bool {
    let sql = "SELECT halted_at IS NOT NULL FROM chain_heads WHERE election_id = $1";
    app.owner.query_one(sql, &[&election_id]).await.unwrap().get(0)
}

#[actix_web::test]
async fn each_halt_is_told_to_the_admin_once_and_a_close_by_hand_keeps_the_mark() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(3).await;
    let (other, ..) = app.an_active_election(1).await;
    let id = election.election_id;
    let path = format!("/api/elections/{id}");
    app.everybody_votes(&booth, &voters[..2], election.candidate_ids[0]).await;
    assert!(!warns(&app.get(&path).await.body, HALTED));
    let voting = app.database.connect("voting_service").await;

    booth.halt(&voting).await;
    until_told(&app, 1).await;
    let mail = app.mails("action_needed").await.remove(0);
    assert_eq!((&mail["election_id"], &mail["cause"]), (&json!(id), &json!({"type": "recording_halted"})), "{mail}");
    assert!(warns(&app.get(&path).await.body, HALTED));
    assert!(!warns(&app.get(&format!("/api/elections/{}", other.election_id)).await.body, HALTED));

    // Resumed and halted again: that is another halt. After its mail the worker has looked since the first one, and told it once.
    election::resume_election(&app.settings, id, "A failover lost a ballot").await.unwrap();
    assert!(!warns(&app.get(&path).await.body, HALTED));
    booth.halt(&voting).await;
    until_told(&app, 2).await;

    let closed = app.post(&format!("{path}/close")).await;
    assert_eq!((closed.status, warns(&closed.body, NEVER_RESUMED)), (200, true), "{}", closed.body);
    assert_eq!(app.until_tally(id, "opened").await["ballots"], 2, "what is in the box is counted");
    assert!(marked(&app, id).await && warns(&app.get(&path).await.body, NEVER_RESUMED));
    assert_eq!(app.mails("action_needed").await.len(), 2);
}

#[actix_web::test]
async fn an_election_closed_by_the_clock_while_it_is_halted_keeps_the_mark_and_its_admin_is_told() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(2).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters[..1], election.candidate_ids[0]).await;
    booth.halt(&app.database.connect("voting_service").await).await;
    let soon = "UPDATE elections SET closes_at = clock_timestamp() WHERE election_id = $1";
    app.owner.execute(soon, &[&id]).await.unwrap();
    app.until_tally(id, "opened").await;
    until_told(&app, 1).await;
    let shown = app.call(Method::GET, &format!("/api/elections/{id}"), None).await.body;
    assert!(marked(&app, id).await && warns(&shown, NEVER_RESUMED), "{shown}");
}

#[actix_web::test]
async fn several_processes_tell_of_a_halt_once() {
    let app = App::working().await;
    for _ in 0..3 {
        app.another_process().await;
    }
    let (election, _, booth) = app.an_active_election(1).await;
    booth.halt(&app.database.connect("voting_service").await).await;
    until_told(&app, 1).await;
    // A second election, told of after the first: every process that lost the race has passed the first one by then.
    let (_, _, second) = app.an_active_election(1).await;
    second.halt(&app.database.connect("voting_service").await).await;
    until_told(&app, 2).await;
    let told: Vec<Value> = app.mails("action_needed").await.iter().map(|mail| mail["election_id"].clone()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], json!(election.election_id));
}
