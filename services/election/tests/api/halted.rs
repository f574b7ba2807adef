//! A halted election: its admin is told by mail and with the election, also when it is closed like that.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{given, wait_until};

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
    let app = App::idle().await;
    let (election, voters, booth) = app.an_active_election(2).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters[..1], election.candidate_ids[0]).await;
    booth.halt(&app.database.connect("voting_service").await).await;
    let soon = "UPDATE elections SET closes_at = clock_timestamp() WHERE election_id = $1";
    app.owner.execute(soon, &[&id]).await.unwrap();
    // The clock comes first; whoever tells of halts looks when the election is closed already.
    assert!(app.closing().by_the_clock().await.unwrap());
    assert_eq!(app.mails("action_needed").await.len(), 0);
    app.another_process().await;
    app.until_tally(id, "opened").await;
    until_told(&app, 1).await;
    let shown = app.call(Method::GET, &format!("/api/elections/{id}"), None).await.body;
    assert!(marked(&app, id).await && warns(&shown, NEVER_RESUMED), "{shown}");
}

#[actix_web::test]
async fn several_processes_tell_of_each_halt_once() {
    let app = App::working().await;
    for _ in 0..3 {
        app.another_process().await;
    }
    let voting = app.database.connect("voting_service").await;
    let mut halted = Vec::new();
    for _ in 0..10 {
        halted.push(given::an_active_election(&app.owner, "simple", 1).await.0.election_id);
    }
    // Telling takes so long that every process has looked before the first one is through.
    let slow = "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$; \
                CREATE TRIGGER slowly BEFORE UPDATE OF halt_told_at ON chain_heads FOR EACH ROW EXECUTE FUNCTION slowly()";
    app.owner.batch_execute(slow).await.unwrap();
    app.owner.execute("UPDATE chain_heads SET halted_at = clock_timestamp()", &[]).await.unwrap();
    until_told(&app, 10).await;
    // One more, told of after the others: every process that came too late has passed them by then.
    let (election, _, booth) = app.an_active_election(1).await;
    booth.halt(&voting).await;
    let last = json!(election.election_id);
    wait_until("the last one is told", Duration::from_secs(30), async || {
        app.mails("action_needed").await.iter().any(|mail| mail["election_id"] == last)
    })
    .await;
    let mut told: Vec<i64> = app.mails("action_needed").await.iter().map(|mail| mail["election_id"].as_i64().unwrap()).collect();
    told.sort_unstable();
    halted.push(election.election_id);
    assert_eq!(told, halted);
}
