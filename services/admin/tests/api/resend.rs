use domain::link::VotingToken;
use serde_json::{Value, json};
use testkit::given;

use crate::app::{App, token_of};

async fn state_of(app: &App, token: &str) -> (bool, String) {
    let hash = VotingToken::parse(token).unwrap().hash();
    let row = app
        .owner
        .query_one("SELECT revoked, origin FROM voting_tokens WHERE token_hash = $1", &[&hash.as_bytes().as_slice()])
        .await
        .unwrap();
    (row.get(0), row.get(1))
}

#[actix_web::test]
async fn a_resend_kills_the_older_link_and_a_fourth_is_refused() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    app.send_links(&admin, election.election_id).await.expect(202);
    given::activate(&app.owner, election.election_id, "simple").await;
    let first = token_of(&app.mails().await[0]);
    for left in [2, 1, 0] {
        assert_eq!(app.resend(&admin, voter).await.expect(202), json!({ "voter_id": voter, "resends_left": left }));
    }
    let refused = app.resend(&admin, voter).await.refused(409, "resend-limit");
    assert!(refused.contains('3'), "{refused}");
    let mails = app.mails().await;
    assert_eq!(mails.len(), 4);
    assert_eq!(state_of(&app, &first).await, (true, "invitation".to_owned()));
    assert_eq!(state_of(&app, &token_of(&mails[3])).await, (false, "resend".to_owned()));
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked").await, 1);
    assert!(mails[1..].iter().all(|mail| mail["occasion"] == "resend" && mail["spent_code"] == mails[0]["spent_code"]));
}

#[actix_web::test]
async fn an_expired_link_is_replaced_and_a_first_one_does_not_count() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    assert_eq!(app.resend(&admin, voter).await.expect(202)["resends_left"], 3);
    app.sql("UPDATE voting_tokens SET expires_at = now() - interval '1 day'").await;
    assert_eq!(app.resend(&admin, voter).await.expect(202)["resends_left"], 2);
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked AND expires_at > now()").await, 1);
    let mails = app.mails().await;
    assert_eq!((mails[0]["occasion"].as_str(), mails[1]["occasion"].as_str()), (Some("invitation"), Some("resend")));
}

/// Everything an admin can see, of a voter who has voted and of one who has not.
#[actix_web::test]
async fn the_admin_cannot_tell_from_a_resend_who_has_voted() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 2).await;
    app.send_links(&admin, election.election_id).await.expect(202);
    given::activate(&app.owner, election.election_id, "simple").await;
    app.sql(&format!("UPDATE voting_tokens SET is_used = true WHERE voter_id = {}", voters[1])).await;
    let mut seen: Vec<Vec<(u16, Value)>> = Vec::new();
    for voter in &voters {
        let mut answers = Vec::new();
        for _ in 0..4 {
            let mut answer = app.resend(&admin, *voter).await;
            if answer.status == 202 {
                assert_eq!(answer.body["voter_id"].take(), *voter);
            }
            answers.push((answer.status, answer.body));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0][3].0, 409);
    // The voter who has voted got the notice, without a link, and has no live one.
    let mails = app.mails().await;
    let notices: Vec<_> = mails.iter().filter(|mail| mail["kind"] == "already_recorded").collect();
    assert_eq!(notices.len(), 3);
    assert!(notices.iter().all(|mail| mail["recipient"] == "voter2@example.com" && !mail.to_string().contains("token")));
    assert_eq!(
        app.number(&format!("SELECT count(*) FROM voting_tokens WHERE voter_id = {} AND NOT revoked AND NOT is_used", voters[1]))
            .await,
        0
    );
    // What the outbox says in the clear is the same too, and closing knows it by its kind.
    let superuser = app.database.connect(testkit::SUPERUSER).await;
    let kinds =
        superuser.query_one("SELECT count(*) FROM outbox WHERE destination = 'email' AND kind = 'resend'", &[]).await.unwrap();
    assert_eq!(kinds.get::<_, i64>(0), 6);
}

#[actix_web::test]
async fn the_audit_log_names_the_voter_by_a_reference_that_closing_forgets() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    app.resend(&admin, voter).await.expect(202);
    given::activate(&app.owner, election.election_id, "simple").await;
    app.resend(&admin, voter).await.expect(202);
    app.resend(&admin, voter).await.expect(202);
    let subjects = app.owner.query("SELECT subject_ref::text, made_while_active FROM audit_subjects", &[]).await.unwrap();
    assert_eq!(subjects.iter().filter(|row| row.get(1)).count(), 2);
    let events = app.events().await;
    assert_eq!(app.event_types().await, ["voting_link_resent"; 3]);
    for event in &events {
        assert!(subjects.iter().any(|row| event["subject_ref"] == row.get::<_, &str>(0)));
        assert!(!event.to_string().contains("voter1@"));
    }
}

#[actix_web::test]
async fn resends_at_once_leave_one_live_link_and_keep_the_limit() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    app.send_links(&admin, election.election_id).await.expect(202);
    let (all, answers) = futures_util::join!(
        App::patiently(async || app.send_links(&admin, election.election_id).await),
        futures_util::future::join_all((0..8).map(async |_| App::patiently(async || app.resend(&admin, voter).await).await))
    );
    assert_eq!(all.expect(202)["queued"], 0);
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 3);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 5);
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked").await, 1);
}

#[actix_web::test]
async fn a_resend_waits_for_a_ballot_under_way_and_then_knows_of_it() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    app.send_links(&admin, election.election_id).await.expect(202);
    given::activate(&app.owner, election.election_id, "simple").await;
    app.sql("BEGIN; UPDATE voting_tokens SET is_used = true").await;
    let (answer, ()) = futures_util::join!(app.resend(&admin, voter), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    answer.expect(202);
    let mails = app.mails().await;
    assert_eq!(mails.last().unwrap()["kind"], "already_recorded");
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked AND NOT is_used").await, 0);
}
