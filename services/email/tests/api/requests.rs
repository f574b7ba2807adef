use crate::app::{LINK, PATIENCE, TestApp, a_catcher, envelope, invitation, invitation_of, settings};
use chrono::{TimeDelta, Utc};
use contract::email::{EmailStatus, Status};
use contract::problems::Body;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::HashSet;
use testkit::TestDatabase;
use uuid::Uuid;

fn commitment() -> Value {
    json!({ "recipient": "admin@example.com", "election_id": 5, "election_title": "Council", "box_count": 3,
            "box_hash": "ab".repeat(32), "spent_count": 3, "spent_hash": "cd".repeat(32), "roll_count": 5, "withdrawn_hash": "ef".repeat(32),
            "box_signature": "MEUCIQ==", "halts": 0, "resumptions": 0, "recording_signature": "MEUCIQ==" })
}

fn result() -> Value {
    json!({ "voter_email": "alice@example.com", "election_title": "Council", "results_url": "https://vote.example/results/5" })
}

fn recorded() -> Value {
    json!({ "recipient": "alice@example.com", "election_title": "Council", "occasion": "resend" })
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

fn code() -> Value {
    json!({ "recipient": "admin@example.com", "purpose": "unlock", "code": "K7QM-4XPD", "expires_at": Utc::now() + TimeDelta::minutes(30) })
}

fn invited() -> Value {
    json!({ "recipient": "new@example.com", "invited_by": "admin@example.com", "expires_at": Utc::now() + TimeDelta::minutes(30),
            "registration_url": "https://vote.example/register?invitation=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA" })
}

fn opened() -> Value {
    json!({ "recipient": "admin@example.com", "election_id": 5, "election_title": "Council", "links_unsent": 2 })
}

fn needed() -> Value {
    json!({ "recipient": "admin@example.com", "election_id": 5, "election_title": "Council", "cause": { "type": "empty_roll" } })
}

fn corrected() -> Value {
    json!({ "recipient": "alice@exmaple.com", "election_id": 5, "election_title": "Council", "new_address": "a***@example.com",
            "organiser": "admin@example.com" })
}

fn used() -> Value {
    json!({ "recipient": "alice@example.com", "election_id": 5, "election_title": "Council", "spent_code": "ab".repeat(16) })
}

#[actix_web::test]
async fn the_same_event_64_times_at_once_is_one_mail() {
    let catcher = a_catcher().await;
    let database = TestDatabase::new().await;
    let both = vec![settings(&database, catcher.smtp_address()), settings(&database, catcher.smtp_address())];
    let app = TestApp::spawn_with(database, both).await;
    let mut body = invitation("alice@example.com");
    body["event_id"] = json!(Uuid::new_v4());
    let token = app.token("admin", "email");
    let calls = (0..64).map(|n| app.post_to(n % 2, "send-voting-invitation", &token, &body));
    let mut ids = HashSet::new();
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        ids.insert(answer.json::<EmailStatus>().await.unwrap().email_id);
    }
    assert_eq!(ids.len(), 1);
    let email_id = ids.into_iter().next().unwrap();
    app.wait_for(email_id, Status::Sent).await;
    let kept: i64 = app.database.owner().await.query_one("SELECT count(*) FROM email_messages", &[]).await.unwrap().get(0);
    assert_eq!(kept, 1);
    let marker = app.invite(&invitation("last@example.com")).await;
    app.wait_for(marker, Status::Sent).await;
    assert_eq!(catcher.mails().iter().filter(|mail| mail.recipients == ["alice@example.com"]).count(), 1);
    // Also long after it was sent.
    let again: EmailStatus = app.ask("admin", "send-voting-invitation", &body).await.json().await.unwrap();
    assert_eq!((again.email_id, again.status), (email_id, Status::Sent));
}

#[actix_web::test]
async fn many_mails_are_kept_together_or_not_at_all() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let all: Vec<Value> = (0..100).map(|n| invitation_of(None, &format!("voter{n}@example.com"))).collect();
    let ask = async |service, body: &[Value]| {
        let answer = app.ask(service, "send-many", &json!(body)).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let mut one_is_wrong = all.clone();
    one_is_wrong[57]["recipient"] = json!("nonsense");
    assert_eq!(ask("admin", &one_is_wrong).await.0, 422);
    assert_eq!(ask("voting", &all[..2]).await.0, 403, "first links are the admin service's to send");
    assert_eq!(ask("admin", &[all.clone(), vec![invitation_of(None, "one.more@example.com")]].concat()).await.0, 422);
    let count = async || -> i64 {
        app.database.owner().await.query_one("SELECT count(*) FROM email_messages", &[]).await.unwrap().get(0)
    };
    assert_eq!(count().await, 0, "nothing was kept");
    assert_eq!(ask("admin", &all[..60]).await, (202, json!({ "new": 60 })));
    assert_eq!(ask("admin", &all).await, (202, json!({ "new": 40 })), "what was known is kept once");
    assert_eq!(count().await, 100);
    testkit::wait_until("all have left", std::time::Duration::from_secs(30), async || catcher.mails().len() == 100).await;
}

#[actix_web::test]
async fn each_service_asks_only_for_its_own_mails() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    // Of an election that exists: a mail of another is not kept.
    let owner = app.database.owner().await;
    let admin_id = testkit::given::an_admin(&owner, "organiser@example.com").await;
    let election = testkit::given::a_draft(&owner, admin_id, "Council").await;
    let of_it = |body| with(body, "election_id", json!(election.election_id));
    let single = [
        ("admin", "send-voting-invitation", invitation("alice@example.com")),
        ("admin", "send-results-notification", result()),
        ("voting", "send-voting-invitation", with(invitation("alice@example.com"), "occasion", json!("request"))),
    ];
    let others = [
        ("admin", "already_recorded", recorded()),
        ("admin", "address_corrected", of_it(corrected())),
        ("admin", "used_notice", of_it(used())),
        ("election", "box_commitment", of_it(commitment())),
        ("election", "opening_notice", of_it(opened())),
        ("election", "action_needed", of_it(needed())),
        ("voting", "already_recorded", with(recorded(), "occasion", json!("request"))),
        ("auth", "login_code", code()),
        ("auth", "admin_invitation", invited()),
    ];
    let mut mails: Vec<(&str, &str, Value)> = single.into();
    mails.extend(others.map(|(allowed_sender, kind, content)| (allowed_sender, "send-many", json!([envelope(kind, content)]))));
    for (allowed_sender, path, body) in mails {
        for service in ["admin", "election", "auth", "results", "voting", "audit", "frontend", "gateway", "email"] {
            let answer = app.ask(service, path, &body).await;
            let expected = if service == allowed_sender { StatusCode::ACCEPTED } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status(), expected, "{service} {path} {body}");
        }
    }
    catcher.wait_for(PATIENCE, |mails| (mails.len() == 12).then_some(())).await.expect("twelve mails arrive");
    // What the close forgets goes by this column.
    let kinds = "SELECT DISTINCT kind || CASE WHEN about_link THEN ' is' ELSE ' is not' END FROM email_messages ORDER BY 1";
    let kinds: Vec<String> = owner.query(kinds, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(
        kinds,
        [
            "action_needed is not",
            "admin_invitation is not",
            "box_commitment is not",
            "correction_notice is",
            "login_code is not",
            "opening_notice is not",
            "request is",
            "resend is",
            "results_notification is not",
            "used_notice is not",
            "voting_invitation is"
        ]
    );
    let id = app.invite(&invitation("bob@example.com")).await;
    for (service, status) in [("admin", 200), ("election", 200), ("voting", 200), ("auth", 200), ("results", 403)] {
        let answer = app.get(&format!("status/{id}"), &app.token(service, "email")).await;
        assert_eq!(answer.status(), status, "{service}");
    }
}

#[actix_web::test]
async fn what_no_mail_can_be_made_of_is_refused_at_once() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let bad = [
        ("voter_email", json!("nonsense")),
        ("voter_email", json!("a@b.de\r\nBcc: eve@example.com")),
        ("voter_email", json!("")),
        ("voting_url", json!("javascript:alert(1)")),
        ("voting_url", json!("/vote?token=1")),
        ("voting_url", json!("https://vote.example/\r\nX: y")),
        ("election_title", json!(" \n ")),
        ("election_title", json!("x".repeat(301))),
        ("spent_code", json!("not hex")),
        ("stop_reminders_url", json!("javascript:1")),
        ("surprise", json!(1)),
        ("event_id", json!("not a uuid")),
    ];
    for (member, value) in bad {
        let answer =
            app.ask("admin", "send-voting-invitation", &with(invitation("alice@example.com"), member, value.clone())).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{member} {value}");
        let body: Body = answer.json().await.unwrap();
        assert!(body.errors.iter().any(|error| error.field == member || error.field == "body"), "{body:?}");
        assert!(!body.detail.contains(LINK));
    }
    let missing = json!({ "voter_email": "alice@example.com", "voting_url": LINK });
    assert_eq!(app.ask("admin", "send-voting-invitation", &missing).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let mut hash = commitment();
    hash["box_hash"] = json!("abc");
    assert_eq!(app.ask_for("election", "box_commitment", &hash).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let others = [
        ("admin", "already_recorded", with(recorded(), "occasion", json!("reminder")), "occasion"),
        ("admin", "address_corrected", with(corrected(), "organiser", json!("")), "organiser"),
        ("admin", "used_notice", with(used(), "spent_code", json!("")), "spent_code"),
        ("auth", "login_code", with(code(), "code", json!("1 2 3\n4")), "code"),
        ("auth", "admin_invitation", with(invited(), "registration_url", json!("/register")), "registration_url"),
        ("election", "opening_notice", with(opened(), "links_unsent", json!(0)), "links_unsent"),
        ("election", "action_needed", with(needed(), "cause", json!({ "type": "count_stopped", "reason": " \n" })), "cause"),
        ("election", "box_commitment", with(commitment(), "spent_hash", json!("abc")), "spent_hash"),
        ("election", "box_commitment", with(commitment(), "withdrawn_hash", json!("abc")), "withdrawn_hash"),
    ];
    for (service, kind, content, field) in others {
        let answer = app.ask_for(service, kind, &content).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        let body: Body = answer.json().await.unwrap();
        assert!(body.errors.iter().any(|error| error.field == field), "{kind}: {body:?}");
    }
    let stored: i64 = app.database.owner().await.query_one("SELECT count(*) FROM email_messages", &[]).await.unwrap().get(0);
    assert_eq!(stored, 0);
}

#[actix_web::test]
async fn a_mail_that_was_never_asked_for_has_no_status() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    for id in ["1", "999999", "nonsense"] {
        assert_eq!(app.get(&format!("status/{id}"), &app.token("admin", "email")).await.status(), StatusCode::NOT_FOUND, "{id}");
    }
}

/// Both answers to a resend look alike in the queue, and are of a kind that closing the election erases.
#[actix_web::test]
async fn a_row_of_the_queue_does_not_tell_who_has_voted() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let mut resent = invitation("alice@example.com");
    resent["occasion"] = json!("resend");
    app.invite(&resent).await;
    assert_eq!(app.ask_for("admin", "already_recorded", &recorded()).await.status(), StatusCode::ACCEPTED);
    let rows = app.database.owner().await.query("SELECT DISTINCT kind FROM email_messages", &[]).await.unwrap();
    let kinds: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(kinds, ["resend"]);
}
