//! Tampering, as only a superuser can: with the triggers off.

use crate::app::{TestApp, created, superadmin};
use contract::events::AuditEvent;
use testkit::SUPERUSER;
use tokio_postgres::Client;

const ENTRIES: i64 = 1005;

async fn a_log(app: &TestApp, entries: i64) -> Client {
    let events: Vec<AuditEvent> = (0..entries).map(|n| created(&n.to_string()).to(n)).collect();
    for batch in events.chunks(256) {
        app.send_accepted(batch).await;
    }
    let superuser = app.database.connect(SUPERUSER).await;
    superuser
        .batch_execute(
            "ALTER TABLE audit_logs DISABLE TRIGGER ALL; ALTER TABLE audit_head DISABLE TRIGGER ALL; \
             CREATE TABLE kept_logs AS TABLE audit_logs; CREATE TABLE kept_head AS TABLE audit_head",
        )
        .await
        .unwrap();
    superuser
}

async fn restore(superuser: &Client) {
    superuser
        .batch_execute(
            "TRUNCATE audit_logs, audit_head; INSERT INTO audit_logs SELECT * FROM kept_logs; INSERT INTO audit_head SELECT * FROM kept_head",
        )
        .await
        .unwrap();
}

#[actix_web::test]
async fn a_log_that_nobody_touched_is_whole() {
    let app = TestApp::spawn().await;
    assert!(app.verify().await.ok, "an empty log is whole");
    let superuser = a_log(&app, ENTRIES).await;
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
    assert_eq!(state.entries, ENTRIES);
    let head: Vec<u8> = superuser.query_one("SELECT last_hash FROM audit_head", &[]).await.unwrap().get(0);
    assert_eq!(state.head_hash, hex::encode(head));
}

#[actix_web::test]
async fn whatever_a_superuser_changes_the_first_bad_entry_is_named() {
    let app = TestApp::spawn().await;
    let superuser = a_log(&app, ENTRIES).await;
    let tampering = [
        ("UPDATE audit_logs SET event_id = gen_random_uuid() WHERE log_id = 1002", 1002),
        (r#"UPDATE audit_logs SET "timestamp" = "timestamp" + interval '1 microsecond' WHERE log_id = 3"#, 3),
        ("UPDATE audit_logs SET source = 'admin' WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET event_type = 'election_deleted' WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET user_id = 43 WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET user_id = NULL WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET election_id = 7 WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET subject_ref = gen_random_uuid() WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET details = details || ' ' WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET ip_address = NULL WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET ip_address = '' WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET previous_hash = sha256('x') WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET current_hash = sha256('x') WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET log_id = 5000 WHERE log_id = 3", 3),
        ("UPDATE audit_logs SET details = '{}' WHERE log_id IN (900, 40, 1003)", 40),
        ("UPDATE audit_logs SET details = '{}' WHERE log_id = 1", 1),
        ("DELETE FROM audit_logs WHERE log_id = 1000", 1000),
        ("DELETE FROM audit_logs WHERE log_id = 1", 1),
        // The end cut off, with and without a head that fits.
        ("DELETE FROM audit_logs WHERE log_id > 1003", 1004),
        ("DELETE FROM audit_logs", 1),
        ("UPDATE audit_head SET last_id = 1004, last_hash = (SELECT current_hash FROM audit_logs WHERE log_id = 1004)", 1005),
        ("UPDATE audit_head SET last_hash = sha256('x')", 1005),
        ("DELETE FROM audit_head", 1006),
    ];
    for (sql, first_bad) in tampering {
        superuser.batch_execute(sql).await.unwrap();
        let state = app.verify().await;
        assert!(!state.ok, "{sql}");
        assert_eq!(state.first_bad.as_ref().map(|bad| bad.log_id), Some(first_bad), "{sql}: {state:?}");
        restore(&superuser).await;
    }
    assert!(app.verify().await.ok);
}

#[actix_web::test]
async fn an_entry_whose_hash_was_made_to_fit_is_betrayed_by_the_next() {
    let app = TestApp::spawn().await;
    let superuser = a_log(&app, 5).await;
    superuser
        .batch_execute("UPDATE audit_logs SET details = '{}', current_hash = sha256('made to fit') WHERE log_id = 5")
        .await
        .unwrap();
    assert_eq!(app.verify().await.first_bad.unwrap().log_id, 5);
    restore(&superuser).await;
    // The hash computed as it should be, by somebody who reads the documentation: then the next entry does not follow.
    let page = app.page(superadmin(), "?limit=5").await;
    let entry = &page["items"][2];
    let mut bytes = b"audit/v1".to_vec();
    bytes.extend(3_i64.to_be_bytes());
    bytes.extend(entry["event_id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().as_bytes());
    let time: chrono::DateTime<chrono::Utc> = entry["timestamp"].as_str().unwrap().parse().unwrap();
    bytes.extend(time.timestamp_micros().to_be_bytes());
    bytes.extend(b"\0\0\0\x08election\0\0\0\x10election_created\x01");
    bytes.extend(42_i64.to_be_bytes());
    bytes.push(1);
    bytes.extend(2_i64.to_be_bytes());
    bytes.extend(b"\0\0\0\0\x02{}\x01\0\0\0\x09192.0.2.1");
    bytes.extend(hex::decode(entry["previous_hash"].as_str().unwrap()).unwrap());
    let sql = "UPDATE audit_logs SET details = '{}', current_hash = sha256($1::bytea) WHERE log_id = 3";
    superuser.execute(sql, &[&bytes]).await.unwrap();
    assert_eq!(app.verify().await.first_bad.unwrap().log_id, 4, "entry 3 itself is consistent again");
}
