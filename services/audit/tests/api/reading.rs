use crate::app::{TestApp, admin, created, superadmin};
use chrono::DateTime;
use contract::audit::AuditEntry;
use contract::events::{AuditEvent, AuditEventKind};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use testkit::given;
use uuid::Uuid;

async fn an_election(app: &TestApp, email: &str) -> (i64, i64) {
    let owner = app.database.owner().await;
    let admin_id = given::an_admin(&owner, email).await;
    (admin_id, given::a_draft(&owner, admin_id, "Student Council").await.election_id)
}

fn types(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|entry| entry["event_type"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn an_admin_sees_the_log_of_their_own_election_and_of_no_other() {
    let app = TestApp::spawn().await;
    let (ann, hers) = an_election(&app, "ann@example.com").await;
    let (bob, his) = an_election(&app, "bob@example.com").await;
    app.send_accepted(&[created("Hers").to(hers), created("His").to(his), created("Nobody's")]).await;
    let page = app.page(admin(ann), &format!("?election_id={hers}")).await;
    assert_eq!(types(&page), ["election_created", "audit_viewed"]);
    assert_eq!(page["items"][0]["details"], json!({ "title": "Hers" }));
    assert_eq!(page["items"][0]["admin_id"], 42);
    assert_eq!(page["items"][1]["admin_id"], ann);
    assert_eq!(page["items"][1]["ip_address"], "198.51.100.7");
    assert_eq!(app.look(admin(bob), &format!("?election_id={hers}")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.look(admin(ann), &format!("?election_id={his}")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.look(admin(ann), "?election_id=999999").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(app.look(admin(ann), "").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.look(admin(ann), "?election_id=x").await.status(), StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_superadmin_sees_everything() {
    let app = TestApp::spawn().await;
    let (_, hers) = an_election(&app, "ann@example.com").await;
    app.send_accepted(&[created("Hers").to(hers), created("Nobody's")]).await;
    assert_eq!(types(&app.page(superadmin(), "").await), ["election_created", "election_created", "audit_viewed"]);
    assert_eq!(types(&app.page(superadmin(), &format!("?election_id={hers}")).await), ["election_created", "audit_viewed"]);
}

#[actix_web::test]
async fn looking_again_soon_is_the_same_look() {
    let app = TestApp::spawn().await;
    let (ann, hers) = an_election(&app, "ann@example.com").await;
    for _ in 0..3 {
        assert_eq!(types(&app.page(admin(ann), &format!("?election_id={hers}")).await), ["audit_viewed"]);
    }
    assert_eq!(types(&app.page(superadmin(), &format!("?election_id={hers}")).await), ["audit_viewed", "audit_viewed"]);
}

#[actix_web::test]
async fn a_log_is_read_page_by_page_to_its_end() {
    let app = TestApp::spawn().await;
    let events: Vec<AuditEvent> = (0..7).map(|n| created(&n.to_string())).collect();
    app.send_accepted(&events).await;
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let page = app.page(superadmin(), &format!("?limit=3&after={after}")).await;
        read.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["log_id"].as_i64().unwrap()));
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(read, (1..=8).collect::<Vec<i64>>());
}

#[actix_web::test]
async fn the_newest_entries_come_first_where_they_are_asked_for() {
    let app = TestApp::spawn().await;
    let events: Vec<AuditEvent> = (0..7).map(|n| created(&n.to_string())).collect();
    app.send_accepted(&events).await;
    let (mut query, mut read) = ("?limit=3&newest=true".to_owned(), Vec::new());
    loop {
        let page = app.page(superadmin(), &query).await;
        read.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["log_id"].as_i64().unwrap()));
        match page["next"].as_i64() {
            Some(next) => query = format!("?limit=3&newest=true&after={next}"),
            None => break,
        }
    }
    assert_eq!(read, (1..=8).rev().collect::<Vec<i64>>());
}

#[actix_web::test]
async fn events_are_chosen_by_their_names_and_an_unknown_name_is_refused() {
    let app = TestApp::spawn().await;
    let (ann, hers) = an_election(&app, "ann@example.com").await;
    let archived = AuditEvent::now(AuditEventKind::ElectionArchived {}).to(hers);
    app.send_accepted(&[created("A").to(hers), archived, created("Another's")]).await;
    let of = |types: &str| format!("?election_id={hers}&event_type={types}");
    assert_eq!(
        types(&app.page(admin(ann), &of("election_archived,election_created")).await),
        ["election_created", "election_archived"]
    );
    assert_eq!(types(&app.page(admin(ann), &of("audit_viewed")).await), ["audit_viewed"]);
    assert!(types(&app.page(admin(ann), &of("ballots_opened")).await).is_empty());
    for unknown in ["", "nothing", "election_created,", "ElectionCreated", "election_created' OR '1'='1"] {
        assert_eq!(app.look(admin(ann), &of(unknown)).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{unknown}");
    }
}

#[actix_web::test]
async fn an_organiser_has_the_present_address_of_the_account_and_an_account_that_is_unknown_has_none() {
    let app = TestApp::spawn().await;
    let (ann, hers) = an_election(&app, "ann@example.com").await;
    app.send_accepted(&[created("A").by(ann, None).to(hers), created("B").by(999_999, None).to(hers)]).await;
    let page = app.page(admin(ann), &format!("?election_id={hers}")).await;
    assert_eq!((&page["items"][0]["admin_email"], &page["items"][1]["admin_email"]), (&json!("ann@example.com"), &Value::Null));
    app.database.owner().await.batch_execute("UPDATE admins SET email = 'new@example.com'").await.unwrap();
    let page = app.page(admin(ann), &format!("?election_id={hers}")).await;
    assert_eq!(page["items"][0]["admin_email"], "new@example.com");
}

/// What an outsider does who has only the API's answer and the documentation of the hash.
#[actix_web::test]
async fn an_outsider_can_compute_every_hash_from_the_answer() {
    let app = TestApp::spawn().await;
    let mut subject = AuditEvent::now(AuditEventKind::VoterAdded {}).about(Uuid::from_u128(9)).to(3);
    subject.occurred_at = DateTime::from_timestamp_nanos(1_700_000_000_123_456_789);
    app.send_accepted(&[created("\"Ünïcode\" <b>\n")]).await;
    assert_eq!(app.send_events("admin", &[subject]).await.status(), StatusCode::OK);
    let page = app.page(superadmin(), "").await;
    let entries: Vec<AuditEntry> = serde_json::from_value(page["items"].clone()).unwrap();
    assert_eq!(entries[1].timestamp.timestamp_micros(), 1_700_000_000_123_456);
    assert_eq!(entries.len(), 3);
    let mut before = "0".repeat(64);
    for entry in entries {
        assert_eq!(entry.previous_hash, before);
        let mut bytes = b"audit/v1".to_vec();
        let text = |bytes: &mut Vec<u8>, text: &str| {
            bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
            bytes.extend(text.as_bytes());
        };
        let number = |bytes: &mut Vec<u8>, number: Option<i64>| match number {
            None => bytes.push(0),
            Some(number) => {
                bytes.push(1);
                bytes.extend(number.to_be_bytes());
            }
        };
        bytes.extend(entry.log_id.to_be_bytes());
        bytes.extend(entry.event_id.as_bytes());
        bytes.extend(entry.timestamp.timestamp_micros().to_be_bytes());
        text(&mut bytes, &entry.source);
        text(&mut bytes, &entry.event_type);
        number(&mut bytes, entry.admin_id);
        number(&mut bytes, entry.election_id);
        match entry.subject_ref {
            None => bytes.push(0),
            Some(subject) => {
                bytes.push(1);
                bytes.extend(subject.as_bytes());
            }
        }
        text(&mut bytes, &String::from_utf8(crypto::canonical::to_bytes(&entry.details).unwrap()).unwrap());
        match &entry.ip_address {
            None => bytes.push(0),
            Some(address) => {
                bytes.push(1);
                text(&mut bytes, address);
            }
        }
        bytes.extend(hex::decode(&entry.previous_hash).unwrap());
        before = hex::encode(Sha256::digest(&bytes));
        assert_eq!(entry.current_hash, before, "entry {}", entry.log_id);
    }
    assert_eq!(app.verify().await.head_hash, before);
}
