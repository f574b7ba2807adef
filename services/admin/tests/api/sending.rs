//! Links to many voters are made in short transactions: nobody waits for a large roll, and a process that dies repeats nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::booth::Booth;
use testkit::{given, wait_until};
use tokio_postgres::Client;

use crate::app::{Admin, Answer, App};

async fn ask(app: &App, admin: &Admin, election_id: i64, body: Value) -> Answer {
    app.post(admin, &format!("/api/admin/elections/{election_id}/send-voting-links"), body).await
}

/// A connection that holds these rows until it is dropped.
async fn holding(app: &App, sql: &str) -> Client {
    let holder = app.database.owner().await;
    holder.batch_execute(&format!("BEGIN; {sql} FOR UPDATE")).await.unwrap();
    holder
}

async fn made(app: &App, origin: &str) -> i64 {
    app.number(&format!("SELECT count(*) FROM voting_tokens WHERE origin = '{origin}'")).await
}

async fn wait_for_links(app: &App, origin: &str, count: i64) {
    wait_until("a batch of links is made", Duration::from_secs(30), async || made(app, origin).await >= count).await;
}

/// Every voter has been mailed once, and the log says it once.
async fn everybody_once(app: &App, voters: i64, event: &str) {
    let mails = app.mails().await;
    let recipients: BTreeSet<_> = mails.iter().map(|mail| mail["recipient"].as_str().unwrap()).collect();
    let voters_len = usize::try_from(voters).unwrap();
    assert_eq!((mails.len(), recipients.len()), (voters_len, voters_len));
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked").await, voters);
    let events = app.events().await;
    let told: Vec<_> = events.iter().filter(|told| told["kind"]["event_type"] == event).collect();
    assert_eq!(told.len(), 1, "{events:?}");
    if event == "voting_links_sent" {
        assert_eq!(told[0]["kind"]["details"]["queued"], voters);
    }
}

#[actix_web::test]
async fn a_ballot_is_recorded_while_a_large_reminder_stands_still() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 1500).await;
    given::links(&app.owner, id).await;
    let booth = Booth::activate(&app.owner, id).await;
    let voting = app.database.connect("voting_service").await;
    let holder = holding(&app, &format!("SELECT FROM voters WHERE voter_id = {}", voters[1400])).await;
    ask(&app, &admin, id, json!({ "only": "not_voted" })).await.expect(202);
    wait_for_links(&app, "reminder", 1000).await;
    app.somebody_waits().await;
    // In the same batch as the voter that it waits for.
    let ballot = booth.ballot(&[&[election.candidate_ids[0]]]);
    let hash = given::token_hash(&app.owner, voters[1200]).await;
    let cast = tokio::time::timeout(Duration::from_secs(10), booth.cast_with(&voting, &hash, &ballot));
    assert_eq!(cast.await.expect("the ballot waits for the reminder"), "recorded");
    assert_eq!(made(&app, "reminder").await, 1000, "only whole batches are there");
    assert!(app.event_types().await.is_empty(), "the event comes with the end");
    drop(holder);
    app.links_are_made(id).await;
    everybody_once_but_one(&app, &voters).await;
}

/// All were reminded once, but for the one who has voted meanwhile.
async fn everybody_once_but_one(app: &App, voters: &[i64]) {
    assert_eq!(made(app, "reminder").await, i64::try_from(voters.len()).unwrap() - 1);
    let voted = format!("SELECT count(*) FROM voting_tokens WHERE voter_id = {} AND NOT is_used", voters[1200]);
    assert_eq!(app.number(&voted).await, 0, "who has voted has no other link");
    let events = app.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["kind"]["event_type"], "reminders_sent");
}

#[actix_web::test]
async fn a_reminder_does_not_wait_for_a_ballot_under_way_and_its_voter_gets_none() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 20).await;
    given::links(&app.owner, id).await;
    let booth = Booth::activate(&app.owner, id).await;
    let hash = given::token_hash(&app.owner, voters[19]).await;
    let holder = holding(&app, &format!("SELECT FROM voting_tokens WHERE voter_id = {}", voters[19])).await;
    ask(&app, &admin, id, json!({ "only": "not_voted" })).await.expect(202);
    app.links_are_made(id).await;
    assert_eq!(made(&app, "reminder").await, 19);
    drop(holder);
    let voting = app.database.connect("voting_service").await;
    let outcome = booth.cast_with(&voting, &hash, &booth.ballot(&[&[election.candidate_ids[0]]])).await;
    assert_eq!(outcome, "recorded", "the link that was locked is still the voter's");
}

#[actix_web::test]
async fn a_killed_service_sends_each_link_exactly_once() {
    let (app, mut program) = App::as_program().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 2500).await;
    let holder = holding(&app, &format!("SELECT FROM voters WHERE voter_id = {}", voters[1700])).await;
    ask(&app, &admin, id, json!({})).await.expect(202);
    wait_for_links(&app, "invitation", 1000).await;
    app.somebody_waits().await;
    program.kill();
    drop(holder);
    let rest = "SELECT count(*) FROM link_mailings WHERE after_voter > 0";
    assert_eq!((made(&app, "invitation").await, app.number(rest).await), (1000, 1));
    app.another_process().await;
    app.links_are_made(id).await;
    everybody_once(&app, 2500, "voting_links_sent").await;
}

#[actix_web::test]
async fn two_processes_and_two_calls_at_once_remind_everybody_once() {
    let app = App::start().await;
    app.another_process().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 1200).await;
    given::links(&app.owner, id).await;
    given::activate(&app.owner, id, "simple").await;
    let holder = holding(&app, &format!("SELECT FROM voters WHERE voter_id = {}", voters[0])).await;
    for _ in 0..2 {
        ask(&app, &admin, id, json!({ "only": "not_voted" })).await.expect(202);
    }
    drop(holder);
    app.links_are_made(id).await;
    everybody_once(&app, 1200, "reminders_sent").await;
}

#[actix_web::test]
async fn when_voting_ends_meanwhile_nothing_more_is_sent_and_the_log_says_how_much_was() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 1500).await;
    given::activate(&app.owner, id, "simple").await;
    let holder = holding(&app, &format!("SELECT FROM voters WHERE voter_id = {}", voters[1400])).await;
    ask(&app, &admin, id, json!({})).await.expect(202);
    wait_for_links(&app, "invitation", 1000).await;
    app.close(id).await;
    drop(holder);
    app.links_are_made(id).await;
    assert_eq!((made(&app, "invitation").await, app.mails().await.len()), (1000, 1000));
    let events = app.events().await;
    assert_eq!((events.len(), &events[0]["kind"]["details"]["queued"]), (1, &json!(1000)));
}

#[actix_web::test]
async fn a_small_election_is_not_behind_a_large_one_that_stands_still() {
    let app = App::start().await;
    let (admin, large) = app.a_draft().await;
    let voters = given::voters(&app.owner, large.election_id, 10).await;
    let holder = holding(&app, &format!("SELECT FROM voters WHERE voter_id = {}", voters[0])).await;
    ask(&app, &admin, large.election_id, json!({})).await.expect(202);
    app.somebody_waits().await;
    let (other, small) = app.a_draft().await;
    given::voters(&app.owner, small.election_id, 2).await;
    assert_eq!(app.send_links(&other, small.election_id).await.expect(202)["queued"], 2);
    assert_eq!(app.mails().await.len(), 2);
    drop(holder);
    app.links_are_made(large.election_id).await;
    assert_eq!(app.mails().await.len(), 12);
}

#[actix_web::test]
async fn a_voter_with_an_id_that_a_send_has_passed_gets_a_link_when_it_is_requested_again() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 1200).await;
    app.sql(&format!("DELETE FROM voters WHERE voter_id = {}", voters[3])).await;
    let holder = holding(&app, &format!("SELECT FROM voters WHERE voter_id = {}", voters[1100])).await;
    ask(&app, &admin, id, json!({})).await.expect(202);
    wait_for_links(&app, "invitation", 1000).await;
    // A number from before the place that the work has reached: its transaction was slower.
    app.sql(&format!(
        "INSERT INTO voters (voter_id, election_id, email) OVERRIDING SYSTEM VALUE VALUES ({}, {id}, 'slow@example.com')",
        voters[3]
    ))
    .await;
    ask(&app, &admin, id, json!({})).await.expect(202);
    drop(holder);
    app.links_are_made(id).await;
    everybody_once(&app, 1200, "voting_links_sent").await;
}
