//! Reminders to who has not voted.

use serde_json::json;
use testkit::booth::Booth;
use testkit::given;

use crate::app::{Admin, Answer, App, token_of};

async fn remind(app: &App, admin: &Admin, election_id: i64) -> Answer {
    let path = format!("/api/admin/elections/{election_id}/send-voting-links");
    let answer = app.post(admin, &path, json!({ "only": "not_voted" })).await;
    app.links_are_made(election_id).await;
    answer
}

#[actix_web::test]
async fn a_reminder_goes_to_voters_who_have_a_link_have_not_voted_and_want_to_be_reminded() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 4).await;
    remind(&app, &admin, id).await.refused(409, "state-conflict");
    app.send_links(&admin, id).await.expect(202);
    app.sql(&format!("DELETE FROM voting_tokens WHERE voter_id = {}", voters[3])).await;
    given::activate(&app.owner, id, "simple").await;
    app.sql(&format!("UPDATE voting_tokens SET is_used = true WHERE voter_id = {}", voters[0])).await;
    app.sql(&format!("UPDATE voters SET reminders_stopped = true WHERE voter_id = {}", voters[1])).await;
    let answer = remind(&app, &admin, id).await.expect(202);
    let words = answer["message"].as_str().unwrap();
    assert_eq!((answer.as_object().unwrap().len(), &answer["params"]), (3, &json!({})), "a sentence with its code: {answer}");
    assert!(!words.contains(|c: char| c.is_ascii_digit()), "no number: {answer}");
    let mails = app.mails().await;
    assert_eq!(mails.len(), 5);
    let reminder = &mails[4];
    assert_eq!((&reminder["occasion"], &reminder["recipient"]), (&json!("reminder"), &json!("voter3@example.com")));
    let sql = "SELECT encode(reminder_code, 'hex'), encode(spend_id, 'hex') FROM voters WHERE voter_id = $1";
    let row = app.owner.query_one(sql, &[&voters[2]]).await.unwrap();
    let (code, spent_code): (&str, &str) = (row.get(0), row.get(1));
    assert!(code != spent_code && reminder["spent_code"] == spent_code, "the address of a page is no place for the spent code");
    let stop = format!("https://vote.example.org/stop-reminders?election_id={id}&code={code}");
    assert_eq!(reminder["stop_reminders_url"], json!(stop));
    assert!(mails[..4].iter().all(|mail| mail["stop_reminders_url"].is_null() && token_of(mail) != token_of(reminder)));
    let links =
        format!("SELECT count(*) FROM voting_tokens WHERE voter_id = {} AND NOT revoked AND origin = 'reminder'", voters[2]);
    assert_eq!(app.number(&links).await, 1, "the older link is dead");
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked").await, 3);
    let event = app.events().await.pop().unwrap();
    assert_eq!(event["kind"], json!({ "event_type": "reminders_sent", "details": {} }));
    // When nobody is left to be reminded, answer and event are the same.
    app.sql("UPDATE voting_tokens SET is_used = true WHERE NOT revoked").await;
    assert_eq!(remind(&app, &admin, id).await.expect(202), answer);
    assert_eq!(app.events().await.pop().unwrap()["kind"], event["kind"]);
    assert_eq!(app.mails().await.len(), 5);
    app.close(id).await;
    remind(&app, &admin, id).await.refused(409, "state-conflict");
}

#[actix_web::test]
async fn stopping_reminders_stops_no_link() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    app.sql("UPDATE voters SET reminders_stopped = true").await;
    assert_eq!(app.send_links(&admin, election.election_id).await.expect(202)["queued"], 1);
    app.resend(&admin, voter).await.expect(202);
    assert_eq!(app.mails().await.len(), 2);
}

#[actix_web::test]
async fn whoever_votes_while_reminders_are_made_has_voted_and_nobody_has_two_links() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 30).await;
    given::links(&app.owner, election.election_id).await;
    let booth = Booth::activate(&app.owner, election.election_id).await;
    let voting = app.database.connect("voting_service").await;
    for round in voters.chunks(10) {
        let mut hashes = Vec::new();
        for voter in round {
            hashes.push(given::token_hash(&app.owner, *voter).await);
        }
        let ballot = || booth.ballot(&[&[election.candidate_ids[0]]]);
        let casting = async {
            let mut outcomes = Vec::new();
            for hash in &hashes {
                outcomes.push(booth.cast_with(&voting, hash, &ballot()).await);
            }
            outcomes
        };
        let (reminded, outcomes) = futures_util::join!(remind(&app, &admin, election.election_id), casting);
        reminded.expect(202);
        for (voter, outcome) in round.iter().zip(outcomes) {
            let sql = "SELECT count(*) FILTER (WHERE is_used), count(*) FILTER (WHERE NOT revoked AND NOT is_used) FROM voting_tokens WHERE voter_id = $1";
            let row = app.owner.query_one(sql, &[voter]).await.unwrap();
            let expected = if outcome == "recorded" { (1, 0) } else { (0, 1) };
            assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), expected, "{outcome}");
        }
    }
}
