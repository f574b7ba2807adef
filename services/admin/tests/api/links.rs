use std::collections::BTreeSet;

use domain::link::VotingToken;
use launch::Mode;
use serde_json::json;
use testkit::given;

use crate::app::{App, token_of};

#[actix_web::test]
async fn every_voter_gets_one_link_and_only_its_hash_is_kept() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.import(&admin, election.election_id, "", "email,first_name,last_name\nann@example.com,Ann,Lee\nbob@example.com,,\n")
        .await
        .expect(200);
    assert_eq!(app.send_links(&admin, election.election_id).await.expect(202), json!({ "queued": 2, "already_sent": 0 }));
    let mails = app.mails().await;
    let ann = mails.iter().find(|mail| mail["recipient"] == "ann@example.com").unwrap();
    assert_eq!((ann["kind"].as_str(), ann["voter_name"].as_str()), (Some("voting_invitation"), Some("Ann Lee")));
    assert_eq!(ann["election_title"], "Student Council 2026");
    assert_eq!(mails.iter().find(|mail| mail["recipient"] == "bob@example.com").unwrap()["voter_name"], json!(null));
    let token = VotingToken::parse(&token_of(ann)).unwrap();
    assert_eq!(token.election_id().get(), election.election_id, "a link is looked for in its election alone");
    let sql = "SELECT v.email, t.email_hint, encode(v.spend_id, 'hex'), t.spend_id = v.spend_id, t.origin FROM voting_tokens t JOIN voters v USING (voter_id) WHERE t.token_hash = $1";
    let row = app.owner.query_one(sql, &[&token.hash().as_bytes().as_slice()]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, &str>(1)), ("ann@example.com", "a***@example.com"));
    assert_eq!((ann["spent_code"].as_str(), row.get::<_, bool>(3)), (Some(row.get::<_, &str>(2)), true));
    let week = "SELECT count(*) FROM voting_tokens WHERE expires_at BETWEEN now() + interval '6 days 23 hours' AND now() + interval '7 days'";
    assert_eq!(app.number(week).await, 2);
    let kept = "SELECT count(*) FROM voting_tokens t, voters v WHERE position($1 IN t::text || v::text) > 0";
    assert_eq!(app.owner.query_one(kept, &[&token.expose()]).await.unwrap().get::<_, i64>(0), 0);
}

#[actix_web::test]
async fn a_link_lives_until_the_election_closes() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::voters(&app.owner, election.election_id, 1).await;
    app.sql("UPDATE elections SET closes_at = now() + interval '30 days'").await;
    app.send_links(&admin, election.election_id).await.expect(202);
    assert_eq!(
        app.number("SELECT count(*) FROM voting_tokens JOIN elections USING (election_id) WHERE expires_at = closes_at").await,
        1
    );
}

#[actix_web::test]
async fn sending_again_sends_only_to_who_has_none() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::voters(&app.owner, election.election_id, 2).await;
    let path = format!("/api/admin/elections/{}/send-voting-links", election.election_id);
    let send = async || app.send_links(&admin, election.election_id).await.expect(202);
    assert_eq!(send().await, json!({ "queued": 2, "already_sent": 0 }));
    assert_eq!(send().await, json!({ "queued": 0, "already_sent": 2 }));
    app.add_voter(&admin, election.election_id, "late@example.com").await.expect(201);
    assert_eq!(send().await, json!({ "queued": 1, "already_sent": 2 }));
    assert_eq!(app.event_types().await, ["voting_links_sent", "voter_added", "voting_links_sent"]);
    app.post(&admin, &path, json!({ "only": "everybody" })).await.refused(422, "invalid-input");
    app.post_raw(&admin, &path, "application/json", "{").await.refused(400, "malformed-request");
    app.post_raw(&admin, &path, "application/json", "[]").await.refused(400, "malformed-request");
}

#[actix_web::test]
async fn calls_at_once_send_one_link_to_each() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::voters(&app.owner, election.election_id, 300).await;
    let send = async |_| App::patiently(async || app.send_links(&admin, election.election_id).await).await;
    let answers = futures_util::future::join_all((0..6).map(send)).await;
    // Whoever asks before the links are made is told the same 300.
    assert!(answers.into_iter().map(|answer| answer.expect(202)).all(|answer| answer["queued"] == 300 || answer["queued"] == 0));
    let mails = app.mails().await;
    let recipients: BTreeSet<_> = mails.iter().map(|mail| mail["recipient"].as_str().unwrap()).collect();
    assert_eq!((mails.len(), recipients.len()), (300, 300));
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked").await, 300);
}

#[actix_web::test]
async fn links_are_sent_while_voting_is_open_and_not_after() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 1).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    app.send_links(&admin, election.election_id).await.expect(202);
    // Past its end, before anybody has closed it.
    app.sql("ALTER TABLE elections DISABLE TRIGGER USER; UPDATE elections SET closes_at = now() - interval '1 minute'; ALTER TABLE elections ENABLE TRIGGER USER").await;
    app.send_links(&admin, election.election_id).await.refused(409, "state-conflict");
    app.close(election.election_id).await;
    let refused = app.send_links(&admin, election.election_id).await.refused(409, "state-conflict");
    assert!(refused.contains("ended"), "{refused}");
    app.resend(&admin, voters[0]).await.refused(409, "state-conflict");
    assert_eq!(app.mails().await.len(), 1);
}

#[actix_web::test]
async fn a_send_that_crosses_the_close_waits_for_it_and_is_refused() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::voters(&app.owner, election.election_id, 3).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    app.sql("BEGIN").await;
    app.close(election.election_id).await;
    let (refused, ()) = futures_util::join!(app.send_links(&admin, election.election_id), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    refused.refused(409, "state-conflict");
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens").await, 0);
}

#[actix_web::test]
async fn outside_local_mode_an_unverified_admin_mails_nobody_else() {
    let app = App::in_mode(Mode::Production).await;
    let (admin, election) = app.a_draft().await;
    app.sql("UPDATE admins SET email_verified_at = NULL").await;
    app.add_voter(&admin, election.election_id, &admin.email.to_uppercase()).await.expect(201);
    app.send_links(&admin, election.election_id).await.expect(202);
    let stranger = app.add_voter(&admin, election.election_id, "stranger@example.com").await.expect(201);
    app.send_links(&admin, election.election_id).await.refused(403, "not-allowed");
    app.resend(&admin, stranger["voter_id"].as_i64().unwrap()).await.refused(403, "not-allowed");
    app.sql("UPDATE admins SET email_verified_at = now()").await;
    app.send_links(&admin, election.election_id).await.expect(202);
}

#[actix_web::test]
async fn whoever_asked_for_a_link_themselves_is_invited_like_everybody_and_told_when_a_ballot_is_recorded() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 4).await;
    given::links(&app.owner, election.election_id).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    // One link lives, one is dead, one is used; the fourth voter has never asked.
    app.sql(&format!(
        "UPDATE voting_tokens SET origin = 'request'; DELETE FROM voting_tokens WHERE voter_id = {}; \
         UPDATE voting_tokens SET expires_at = now() WHERE voter_id = {}; UPDATE voting_tokens SET is_used = true WHERE voter_id = {}",
        voters[3], voters[1], voters[2]
    ))
    .await;
    assert_eq!(app.send_links(&admin, election.election_id).await.expect(202), json!({ "queued": 4, "already_sent": 0 }));
    assert_eq!(app.send_links(&admin, election.election_id).await.expect(202), json!({ "queued": 0, "already_sent": 4 }));
    let mails = app.mails().await;
    let recorded: Vec<&str> =
        mails.iter().filter(|mail| mail["kind"] == "already_recorded").map(|mail| mail["recipient"].as_str().unwrap()).collect();
    assert_eq!((mails.len(), recorded), (4, vec!["voter3@example.com"]));
    let kinds = "SELECT count(*) FROM outbox WHERE destination = 'email' AND kind = 'voting_invitation'";
    assert_eq!(app.number(kinds).await, 4, "no row of the queue tells which mail it was");
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked AND NOT is_used").await, 3, "one each");
}
