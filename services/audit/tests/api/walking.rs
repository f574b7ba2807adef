//! The service walks through its whole log by itself, so a changed entry is found also when nobody asks `verify`.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use testkit::OWNER;
use tokio_postgres::Client;

use crate::app::{TestApp, created};

const PATIENCE: Duration = Duration::from_secs(30);

/// A copy that walks each second, and ten entries, each with a signed head.
async fn ten_entries() -> (TestApp, tempfile::TempDir) {
    let mut app = TestApp::spawn_processes(0).await;
    let state = tempfile::tempdir().unwrap();
    app.urls.push(app.start_walking_copy(state.path()).await);
    for number in 1..=10 {
        app.send_accepted(&[created(&number.to_string())]).await;
    }
    (app, state)
}

async fn head(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/api/audit/head{query}")).send().await.unwrap().json().await.unwrap()
}

/// Waits until a walk has found the log as it should be, or not.
async fn walked(app: &TestApp, is_ok: bool) -> Value {
    let mut answer = Value::Null;
    testkit::wait_until("a walk with this verdict, and the answer that says so", PATIENCE, async || {
        answer = head(app, "").await;
        answer["verified_ok"] == is_ok && answer["signing_stopped"] == !is_ok
    })
    .await;
    answer
}

async fn owner_without_triggers(app: &TestApp) -> Client {
    let owner = app.database.connect(OWNER).await;
    owner.batch_execute("ALTER TABLE audit_logs DISABLE TRIGGER USER; CREATE TABLE kept_logs AS TABLE audit_logs").await.unwrap();
    owner
}

async fn head_hash(owner: &Client, log_id: i64) -> String {
    let sql = "SELECT encode(current_hash, 'hex') FROM audit_logs WHERE log_id = $1";
    owner.query_one(sql, &[&log_id]).await.unwrap().get(0)
}

#[actix_web::test]
async fn changed_and_deleted_entries_are_found_without_anybody_asking_verify() {
    let (app, _state) = ten_entries().await;
    let owner = owner_without_triggers(&app).await;
    let (fifth, tenth) = (head_hash(&owner, 5).await, head_hash(&owner, 10).await);
    let (fifth, tenth) = (format!("?head_id=5&head_hash={fifth}"), format!("?head_id=10&head_hash={tenth}"));
    let answer = walked(&app, true).await;
    assert!(answer["verified_at"].is_string() && answer["first_bad"].is_null(), "{answer}");
    assert_eq!(head(&app, &tenth).await["continues"], true);

    // The hash columns are left alone, so the head that somebody kept is there as it was.
    owner
        .batch_execute("UPDATE audit_logs SET details = '{}' WHERE log_id = 6; DELETE FROM audit_logs WHERE log_id = 7")
        .await
        .unwrap();
    let answer = walked(&app, false).await;
    assert_eq!((&answer["first_bad"]["log_id"], &answer["signing_stopped"]), (&6.into(), &true.into()), "{answer}");
    assert_eq!(head(&app, &tenth).await["continues"], false);
    assert_eq!(head(&app, &fifth).await["continues"], true, "what lies before the changed entry is whole");
    let ready: Value = app.get("/ready").send().await.unwrap().json().await.unwrap();
    assert!(ready["troubles"][0].as_str().unwrap().contains("entry 6 of the log is not as it was written"), "{ready}");
    let metrics = app.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("audit_log_verified_ok 0") && metrics.contains("audit_signing_stopped 1"), "{metrics}");

    // Nothing is signed on top; what is told is written down.
    let signed = async || owner.query_one("SELECT max(last_id) FROM audit_signatures", &[]).await.unwrap().get::<_, i64>(0);
    app.send_accepted(&[created("11")]).await;
    assert_eq!(signed().await, 10);
    // Put right, it is found by itself; without the entry that was not signed, it is signed on too.
    owner
        .batch_execute(
            "ALTER TABLE audit_head DISABLE TRIGGER USER; TRUNCATE audit_logs; INSERT INTO audit_logs SELECT * FROM kept_logs;\
             UPDATE audit_head SET last_id = 10, last_hash = (SELECT current_hash FROM audit_logs WHERE log_id = 10)",
        )
        .await
        .unwrap();
    walked(&app, true).await;
    app.send_accepted(&[created("11")]).await;
    assert_eq!(signed().await, 11);
}

#[actix_web::test]
async fn an_entry_that_was_changed_is_noticed_at_once_by_whoever_asks_for_its_head() {
    let app = TestApp::spawn().await;
    for number in 1..=3 {
        app.send_accepted(&[created(&number.to_string())]).await;
    }
    let owner = owner_without_triggers(&app).await;
    let third = format!("?head_id=3&head_hash={}", head_hash(&owner, 3).await);
    assert_eq!(head(&app, &third).await["continues"], true);
    owner.batch_execute("UPDATE audit_logs SET details = '{}' WHERE log_id = 3").await.unwrap();
    assert_eq!(head(&app, &third).await["continues"], false);
    app.send_accepted(&[created("4")]).await;
    let signed: i64 = owner.query_one("SELECT max(last_id) FROM audit_signatures", &[]).await.unwrap().get(0);
    assert_eq!(signed, 3, "the newest signed entry does not say what it said");
}

#[actix_web::test]
async fn a_changed_log_can_be_accepted_once_and_a_later_change_is_found_again() {
    let (mut app, state) = ten_entries().await;
    let owner = owner_without_triggers(&app).await;
    owner
        .batch_execute("UPDATE audit_logs SET details = '{}' WHERE log_id = 6; DELETE FROM audit_logs WHERE log_id = 7")
        .await
        .unwrap();
    walked(&app, false).await;
    // The copy is not stopped here; the new one has a folder of its own and takes its head from the log.
    let mut settings = app.settings(state.path(), app.installation.audit_head_key(), None);
    settings.walk_every_seconds = 1;
    let accepted = audit::accept_log(&settings, "A disk was damaged").await.unwrap();
    assert!(accepted.last_id == 11 && accepted.why.contains("entry 6 of the log"), "{accepted:?}");
    let fresh = tempfile::tempdir().unwrap();
    app.urls[0] = app.start_walking_copy(fresh.path()).await;
    walked(&app, true).await;
    let verdict = app.verify().await;
    assert_eq!((verdict.first_bad, verdict.signing_stopped), (None, None));
    assert_eq!(app.send_events_to(0, "election", &[created("12")]).await.status(), StatusCode::OK);
    // Not what was accepted.
    owner.batch_execute("UPDATE audit_logs SET details = '[]' WHERE log_id = 6").await.unwrap();
    assert_eq!(walked(&app, false).await["first_bad"]["log_id"], 6);
}
