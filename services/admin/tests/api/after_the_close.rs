//! Notices to whose right was used, and forgetting people.

use std::time::Duration;

use serde_json::json;
use testkit::booth::Booth;
use testkit::{given, wait_until};

use crate::app::{Admin, App};

/// Closed and rewritten, with so many voters of whom the first have voted.
async fn a_closed_election(app: &App, roll: i32, voted: usize) -> (Admin, i64) {
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, roll).await;
    given::links(&app.owner, election.election_id).await;
    let booth = Booth::activate(&app.owner, election.election_id).await;
    let voting = app.database.connect("voting_service").await;
    for voter in &voters[..voted] {
        let ballot = booth.ballot(&[&[election.candidate_ids[0]]]);
        assert_eq!(booth.cast(&voting, &app.owner, *voter, &ballot).await, "recorded");
    }
    let id = election.election_id;
    app.sql(&format!("SELECT begin_close({id}, 0); SELECT seal_box({id}); SELECT anonymise_participation({id})")).await;
    (admin, id)
}

#[actix_web::test]
async fn everybody_whose_right_was_used_is_told_once_and_in_no_order() {
    let app = App::start().await;
    let (other, _) = (app.another_process().await, ());
    assert!(!other.is_empty());
    let (_, id) = a_closed_election(&app, 60, 50).await;
    wait_until("the notices are queued", Duration::from_secs(20), async || app.mails().await.len() >= 50).await;
    assert_eq!(app.number("SELECT count(*) FROM outbox WHERE about_link").await, 0, "a notice after the close is about no link");
    let mails = app.mails().await;
    assert_eq!(mails.len(), 50);
    assert!(mails.iter().all(|mail| mail["kind"] == "used_notice" && mail["election_id"] == json!(id)));
    let addresses: std::collections::BTreeSet<&str> = mails.iter().map(|mail| mail["recipient"].as_str().unwrap()).collect();
    assert_eq!(addresses.len(), 50);
    let place =
        |mail: &serde_json::Value| mail["recipient"].as_str().unwrap()[5..].split('@').next().unwrap().parse::<i64>().unwrap();
    let places: Vec<i64> = mails.iter().map(place).collect();
    assert!(places.iter().all(|place| *place <= 50), "abstainers are not told");
    assert!(!places.is_sorted(), "the order of voting is not that of the mails");
    assert_eq!(app.event_types().await, ["used_notices_sent"], "two processes, one of them told");
    assert_eq!(app.events().await[0]["kind"]["details"], json!({ "queued": 50 }));
}

#[actix_web::test]
async fn an_archived_election_forgets_its_people_and_can_still_be_verified() {
    let app = App::start().await;
    let (admin, id) = a_closed_election(&app, 5, 3).await;
    wait_until("the notices are queued", Duration::from_secs(20), async || app.mails().await.len() == 3).await;
    let before = app
        .owner
        .query_one("SELECT spent_count, spent_hash, box_hash FROM box_commitments WHERE election_id = $1", &[&id])
        .await
        .unwrap();
    app.sql(&format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient) VALUES (gen_random_uuid(), 'used_notice', false, {id}, 'voter1@example.com');\
         INSERT INTO audit_subjects SELECT gen_random_uuid(), election_id, voter_id, false FROM voters"
    ))
    .await;
    assert!(app.anonymise(0).await.is_empty(), "only what is archived");
    app.sql(
        "UPDATE tallies SET state = 'opened'; UPDATE elections SET results_published_at = now(), status = 'archived', \
         archived_at = now() - interval '10 days'",
    )
    .await;
    assert!(app.anonymise(11).await.is_empty(), "only after the days that are set");
    let forgotten = app.anonymise(10).await;
    assert_eq!((forgotten.len(), forgotten[0].election_id, forgotten[0].voters), (1, id, 5));
    assert!(app.anonymise(0).await.is_empty(), "once");
    // There is nobody left to write to.
    let mails = format!("/api/admin/elections/{id}/send-results-links");
    app.call(&admin, "POST", &mails, None).await.refused(409, "state-conflict");

    let people = "SELECT (SELECT count(*) FROM voters WHERE email NOT LIKE '%@anonymised.invalid' OR first_name IS NOT NULL) \
        + (SELECT count(*) FROM voting_tokens WHERE email_hint <> '***' OR NOT is_used) + (SELECT count(*) FROM audit_subjects) \
        + (SELECT count(*) FROM email_messages) + (SELECT count(*) FROM outbox WHERE destination = 'email')";
    assert_eq!(app.number(people).await, 0);
    let recount = app.database.connect("results_service").await;
    let broken: Option<i64> = app.owner.query_one("SELECT first_broken_link($1)", &[&id]).await.unwrap().get(0);
    assert_eq!(broken, None);
    let turnout = recount.query_one("SELECT roll, voted FROM turnout($1)", &[&id]).await.unwrap();
    assert_eq!((turnout.get::<_, i64>(0), turnout.get::<_, i64>(1)), (5, 3));
    let spent = recount.query("SELECT spent_list($1)", &[&id]).await.unwrap();
    let entries: Vec<Vec<u8>> = spent.iter().map(|row| row.get(0)).collect();
    assert_eq!(i64::try_from(entries.len()).unwrap(), before.get::<_, i64>(0));
    let hash: Vec<u8> = app.owner.query_one("SELECT sha256($1)", &[&entries.concat()]).await.unwrap().get(0);
    assert_eq!(hash, before.get::<_, Vec<u8>>(1), "the spent list is the one that was committed to");
    let events = app.event_types().await;
    assert_eq!(events, ["used_notices_sent", "election_anonymised"], "events on their way are not lost");
}
