//! How many have voted, as the organiser sees it.

use std::time::Duration;

use identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::wait_until;

use crate::app::App;

/// Every answer of this service that says how many have voted.
async fn seen(app: &App, id: i64) -> Vec<Value> {
    let one = app.get(&format!("/api/elections/{id}")).await.body;
    let list = app.get("/api/elections").await.body;
    let superadmin = app.assertion(app.admin_id, Role::Superadmin);
    let all = app.call_as_at(&superadmin, Method::GET, "/api/elections").await.body;
    let tally = app.get(&format!("/api/elections/{id}/tally")).await.body;
    vec![one["turnout"].clone(), list["items"][0]["turnout"].clone(), all["items"][0]["turnout"].clone(), tally]
}

#[actix_web::test]
async fn one_vote_changes_no_number_before_the_close() {
    let app = App::idle().await;
    let (election, voters, booth) = app.an_active_election(9).await;
    let id = election.election_id;
    let closing = app.closing();
    let candidate = election.candidate_ids[0];
    let a_minute_passes = async || {
        app.owner.batch_execute("UPDATE turnouts SET counted_at = counted_at - interval '1 minute'").await.unwrap();
        closing.count_turnouts().await.unwrap();
    };
    a_minute_passes().await;
    let before = seen(&app, id).await;
    assert_eq!(before[0], json!({ "roll": 9, "voted": 0 }));
    for voter in &voters[..4] {
        app.everybody_votes(&booth, &[*voter], candidate).await;
        a_minute_passes().await;
        assert_eq!(seen(&app, id).await, before);
    }
    app.everybody_votes(&booth, &voters[4..6], candidate).await;
    closing.count_turnouts().await.unwrap();
    assert_eq!(seen(&app, id).await, before, "within a minute nothing is counted");
    a_minute_passes().await;
    let after = seen(&app, id).await;
    assert_eq!(after[..3], [json!({ "roll": 9, "voted": 5 }), after[0].clone(), after[0].clone()]);
    assert_eq!((&after[3]["ballots"], &after[3]["stamps"]), (&json!(5), &json!(0)));

    let closed = app.post(&format!("/api/elections/{id}/close")).await.body;
    assert_eq!(closed["turnout"], json!({ "roll": 9, "voted": 6 }), "from the close on it is exact");
    let exact = seen(&app, id).await;
    assert_eq!(exact[..3], [json!({ "roll": 9, "voted": 6 }), exact[0].clone(), exact[0].clone()]);
    assert_eq!((&exact[3]["ballots"], &exact[3]["stamps"]), (&json!(6), &json!(6)));
}

#[actix_web::test]
async fn the_worker_counts_once_a_minute_by_itself() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(8).await;
    app.everybody_votes(&booth, &voters[..7], election.candidate_ids[0]).await;
    app.owner.batch_execute("UPDATE turnouts SET counted_at = counted_at - interval '1 minute'").await.unwrap();
    let path = format!("/api/elections/{}", election.election_id);
    wait_until("the turnout is counted", Duration::from_secs(30), async || app.get(&path).await.body["turnout"]["voted"] == 5)
        .await;
}
