//! Signed heads: what shows that the log was rewritten by somebody who may do everything to the database, and has no key file.

use std::fs;
use std::path::{Path, PathBuf};

use audit::chain::{BEGINNING, Entry};
use contract::audit::NewestHead;
use contract::events::{AuditEvent, AuditEventKind};
use crypto::Digest;
use crypto::audit_head::{AuditHead, AuditHeadKey, AuditHeadPublicKey};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use testkit::OWNER;
use tokio_postgres::Client;

use crate::app::{TestApp, created, superadmin};

const FILE: &str = "signed-head.json";

async fn send_titles(app: &TestApp, process: usize, titles: &[&str]) {
    let events: Vec<AuditEvent> = titles.iter().map(|title| created(title)).collect();
    assert_eq!(app.send_events_to(process, "election", &events).await.status(), StatusCode::OK);
}

/// The owner of the database, who has switched off every trigger of the log.
async fn owner_without_triggers(app: &TestApp) -> Client {
    let owner = app.database.connect(OWNER).await;
    for table in ["audit_logs", "audit_head", "audit_signatures"] {
        owner.batch_execute(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await.unwrap();
    }
    owner
}

/// Computes every hash anew and makes the recorded end fit, as the documentation tells anybody to.
async fn hash_anew(owner: &Client) {
    let sql = r#"SELECT log_id, event_id::text, (extract(epoch FROM "timestamp") * 1000000)::bigint, source, event_type, user_id, election_id, subject_ref::text, details,
                        ip_address FROM audit_logs ORDER BY log_id"#;
    let mut previous = BEGINNING.to_vec();
    let mut last_id = 0;
    for row in owner.query(sql, &[]).await.unwrap() {
        let mut entry = Entry {
            log_id: row.get(0),
            event_id: row.get::<_, String>(1).parse().unwrap(),
            timestamp: chrono::DateTime::from_timestamp_micros(row.get(2)).unwrap(),
            source: row.get(3),
            event_type: row.get(4),
            user_id: row.get(5),
            election_id: row.get(6),
            subject_ref: row.get::<_, Option<String>>(7).map(|text| text.parse().unwrap()),
            details: row.get(8),
            ip_address: row.get(9),
            previous_hash: previous,
            current_hash: Vec::new(),
        };
        entry.current_hash = entry.hash().to_vec();
        let sql = "UPDATE audit_logs SET previous_hash = $2, current_hash = $3 WHERE log_id = $1";
        owner.execute(sql, &[&entry.log_id, &entry.previous_hash, &entry.current_hash]).await.unwrap();
        (previous, last_id) = (entry.current_hash, entry.log_id);
    }
    owner.execute("UPDATE audit_head SET last_id = $1, last_hash = $2", &[&last_id, &previous]).await.unwrap();
}

async fn signatures(owner: &Client) -> i64 {
    owner.query_one("SELECT count(*) FROM audit_signatures", &[]).await.unwrap().get(0)
}

async fn ready(url: &str) -> Value {
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{url}/ready")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "a service that does its work is ready");
    answer.json().await.unwrap()
}

#[actix_web::test]
async fn a_log_that_its_owner_hashed_anew_is_found_by_the_first_signed_head_that_does_not_fit() {
    let app = TestApp::spawn().await;
    send_titles(&app, 0, &["A", "B"]).await;
    let corrected = AuditEvent::now(AuditEventKind::VoterCorrected { address: true }).to(5);
    assert_eq!(app.send_events("admin", &[corrected]).await.status(), StatusCode::OK);
    send_titles(&app, 0, &["C", "D"]).await;
    assert!(app.verify().await.ok);

    let owner = owner_without_triggers(&app).await;
    owner
        .batch_execute("UPDATE audit_logs SET event_type = 'voter_added', details = '{}' WHERE event_type = 'voter_corrected'")
        .await
        .unwrap();
    hash_anew(&owner).await;
    let state = app.verify().await;
    assert_eq!(state.first_bad, None, "the chain itself is whole again: that is the attack");
    assert!(!state.ok, "{state:?}");
    assert_eq!(state.first_bad_head.as_ref().unwrap().last_id, 3, "{state:?}");

    // It is not signed on, and says so. What is told is still written down.
    let before = signatures(&owner).await;
    send_titles(&app, 0, &["E"]).await;
    assert_eq!(signatures(&owner).await, before);
    let state = app.verify().await;
    assert_eq!((state.ok, state.entries), (false, 6));
    assert!(state.signing_stopped.unwrap().contains("entry 5 has another hash now"));
    assert_eq!(state.unsigned.unwrap().first_id, 6);
    let troubles = ready(&app.urls[0]).await["troubles"].to_string();
    assert!(troubles.contains("the log is not signed"), "{troubles}");
    let metrics = app.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("audit_signing_stopped 1"), "{metrics}");
    // A copy that has kept nothing finds it by the signatures in the database.
    let state_dir = tempfile::tempdir().unwrap();
    let mut app = app;
    app.urls.push(app.start_copy(state_dir.path()).await);
    assert_eq!(app.verify_by(1, "").await.first_bad_head.unwrap().last_id, 3);
}

#[actix_web::test]
async fn signatures_that_were_removed_are_missed() {
    let app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    send_titles(&app, 0, &["B"]).await;
    let owner = owner_without_triggers(&app).await;
    owner.batch_execute("TRUNCATE audit_signatures").await.unwrap();
    let state = app.verify().await;
    assert!(!state.ok, "{state:?}");
    let bad = state.first_bad_head.unwrap();
    assert_eq!((bad.last_id, bad.reason.as_str()), (2, "the signature is missing in the database"));
    assert_eq!(state.unsigned.unwrap().first_id, 1);
    send_titles(&app, 0, &["C"]).await;
    assert_eq!(signatures(&owner).await, 0, "what was signed before is not covered up by a new signature");
}

#[actix_web::test]
async fn a_log_that_was_cut_with_its_head_rewound_is_not_ok_and_is_not_signed_on() {
    let app = TestApp::spawn().await;
    for title in ["A", "B", "C"] {
        send_titles(&app, 0, &[title]).await;
    }
    let owner = owner_without_triggers(&app).await;
    owner
        .batch_execute(
            "DELETE FROM audit_logs WHERE log_id > 1; DELETE FROM audit_signatures WHERE last_id > 1;\
             UPDATE audit_head SET last_id = 1, last_hash = (SELECT current_hash FROM audit_logs)",
        )
        .await
        .unwrap();
    let state = app.verify().await;
    assert_eq!((state.ok, state.entries, &state.first_bad), (false, 1, &None), "{state:?}");
    let bad = state.first_bad_head.unwrap();
    assert_eq!((bad.last_id, bad.reason.as_str()), (3, "the entry that was signed is missing"));
    // Also not when the log has grown past the place again.
    for title in ["X", "Y", "Z"] {
        send_titles(&app, 0, &[title]).await;
    }
    assert_eq!(signatures(&owner).await, 1);
    assert!(!app.verify().await.ok);
    assert!(fs::read_to_string(app.states[0].path().join(FILE)).unwrap().contains("\"last_id\": 3"), "the file still shows it");
}

#[actix_web::test]
async fn an_entry_that_somebody_else_put_behind_the_log_is_never_signed() {
    let app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    let owner = owner_without_triggers(&app).await;
    owner
        .batch_execute(
            "INSERT INTO audit_logs SELECT 2, gen_random_uuid(), now(), 'election', 'election_deleted', 42, 5, NULL, '{}', NULL,\
             current_hash, current_hash FROM audit_logs",
        )
        .await
        .unwrap();
    hash_anew(&owner).await;
    let state = app.verify().await;
    assert_eq!((state.ok, &state.first_bad, state.unsigned.map(|unsigned| unsigned.first_id)), (false, &None, Some(2)));
    send_titles(&app, 0, &["B"]).await;
    let state = app.verify().await;
    assert!(!state.ok && state.signing_stopped.unwrap().contains("entries from 2 on were written without a signature"));
}

/// An entry with a right hash that no audit service wrote: put behind the log by its owner, who makes the recorded end fit.
async fn forge_an_entry(owner: &Client) {
    owner
        .batch_execute(
            "INSERT INTO audit_logs SELECT log_id + 1, gen_random_uuid(), now(), 'election', 'election_deleted', 42, 5, NULL, '{}', NULL,\
             current_hash, current_hash FROM audit_logs ORDER BY log_id DESC LIMIT 1",
        )
        .await
        .unwrap();
    hash_anew(owner).await;
}

#[actix_web::test]
async fn an_idle_copy_that_has_signed_nothing_yet_does_not_sign_a_forged_entry() {
    let mut app = TestApp::spawn_processes(2).await;
    send_titles(&app, 0, &["A"]).await;
    let owner = owner_without_triggers(&app).await;
    forge_an_entry(&owner).await;
    // The copy that signed so far is gone; the one with an empty folder takes the next event, and so does a new one.
    send_titles(&app, 1, &["B"]).await;
    let state = tempfile::tempdir().unwrap();
    app.urls.push(app.start_copy(state.path()).await);
    send_titles(&app, 2, &["C"]).await;
    assert_eq!(signatures(&owner).await, 1);
    for process in [1, 2] {
        let state = app.verify_by(process, "").await;
        assert!(!state.ok, "{state:?}");
        assert_eq!(state.unsigned.unwrap().first_id, 2);
        let stopped = state.signing_stopped.unwrap();
        assert!(stopped.contains("entries from 2 on were written without a signature"), "{stopped}");
    }
}

#[actix_web::test]
async fn a_log_without_any_signature_is_not_signed_by_a_copy_that_remembers_none() {
    let mut app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    let owner = owner_without_triggers(&app).await;
    owner.batch_execute("TRUNCATE audit_signatures").await.unwrap();
    let state = tempfile::tempdir().unwrap();
    app.urls.push(app.start_copy(state.path()).await);
    send_titles(&app, 1, &["B"]).await;
    assert_eq!(signatures(&owner).await, 0);
    assert!(!app.verify_by(1, "").await.ok);
}

#[actix_web::test]
async fn an_idle_copy_remembers_the_newest_head_and_moves_on_with_the_log() {
    let app = TestApp::spawn_processes(2).await;
    let file = app.states[1].path().join(FILE);
    let remembers = async |last_id: i64| {
        let expected = format!("\"last_id\": {last_id},");
        testkit::wait_until("the idle copy to remember the head", std::time::Duration::from_secs(20), async || {
            ready(&app.urls[1]).await;
            fs::read_to_string(&file).is_ok_and(|text| text.contains(&expected))
        })
        .await;
    };
    send_titles(&app, 0, &["A"]).await;
    remembers(1).await;
    send_titles(&app, 0, &["B", "C"]).await;
    remembers(3).await;
    // The log is cut back to an older head, which has a genuine signature: the idle copy knows better.
    let owner = owner_without_triggers(&app).await;
    owner
        .batch_execute(
            "DELETE FROM audit_logs WHERE log_id > 1; DELETE FROM audit_signatures WHERE last_id > 1;\
             UPDATE audit_head SET last_id = 1, last_hash = (SELECT current_hash FROM audit_logs)",
        )
        .await
        .unwrap();
    send_titles(&app, 1, &["D"]).await;
    assert_eq!(signatures(&owner).await, 1);
    ready(&app.urls[1]).await;
    assert!(fs::read_to_string(&file).unwrap().contains("\"last_id\": 3"), "what it remembers is not replaced");
}

async fn head_of(url: &str, query: &str) -> Value {
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{url}/api/audit/head{query}"));
    answer.send().await.unwrap().json().await.unwrap()
}

#[actix_web::test]
async fn a_forged_signature_is_not_shown_to_the_public_and_the_answer_says_that_signing_has_stopped() {
    let mut app = TestApp::spawn().await;
    send_titles(&app, 0, &["A", "B"]).await;
    let kept = app.verify().await.signed_head.unwrap();
    let genuine = format!("?head_id=2&head_hash={}", kept.last_hash);
    let owner = owner_without_triggers(&app).await;
    forge_an_entry(&owner).await;
    let sql = "INSERT INTO audit_signatures SELECT last_id, last_hash, now(), sha256('a') || sha256('b') FROM audit_head RETURNING encode(last_hash, 'hex')";
    let forged: String = owner.query_one(sql, &[]).await.unwrap().get(0);
    let forged = format!("?head_id=3&head_hash={forged}");
    // One copy remembers a head; the other has nothing but the database.
    let state = tempfile::tempdir().unwrap();
    app.urls.push(app.start_copy(state.path()).await);
    for (process, shown) in [(0, serde_json::json!(2)), (1, Value::Null)] {
        let url = &app.urls[process];
        let answer = head_of(url, &forged).await;
        assert_eq!(answer["head"]["last_id"], shown, "{answer}");
        assert_eq!((&answer["signing_stopped"], &answer["continues"]), (&Value::Bool(true), &Value::Bool(false)), "{answer}");
        assert_eq!(head_of(url, &genuine).await["continues"], true, "this one was signed, and its entry is there");
        let state = app.verify_by(process, &forged).await;
        assert_eq!((state.ok, state.continues), (false, Some(false)), "{state:?}");
        assert_eq!(state.unsigned.unwrap().first_id, 3, "a forged signature covers nothing");
    }
}

#[actix_web::test]
async fn a_log_that_is_put_right_is_no_trouble_any_more_before_the_next_event() {
    let app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    let owner = owner_without_triggers(&app).await;
    forge_an_entry(&owner).await;
    send_titles(&app, 0, &["B"]).await;
    assert!(ready(&app.urls[0]).await["troubles"].is_array());
    owner
        .batch_execute(
            "DELETE FROM audit_logs WHERE log_id > 1;\
             UPDATE audit_head SET last_id = 1, last_hash = (SELECT current_hash FROM audit_logs)",
        )
        .await
        .unwrap();
    let ready = ready(&app.urls[0]).await;
    assert!(ready["troubles"].is_null(), "{ready}");
    let metrics = app.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("audit_signing_stopped 0"), "{metrics}");
}

#[actix_web::test]
async fn two_copies_sign_one_log_and_a_lost_file_is_made_anew() {
    let mut app = TestApp::spawn_processes(2).await;
    let owner = app.database.connect(OWNER).await;
    for round in 0..6 {
        send_titles(&app, round % 2, &[&round.to_string(), "x"]).await;
    }
    join_all((0..10).map(|n| {
        let app = &app;
        async move { send_titles(app, n % 2, &[&format!("at once {n}")]).await }
    }))
    .await;
    assert_eq!(signatures(&owner).await, 16);
    for process in [0, 1] {
        let state = app.verify_by(process, "").await;
        assert!(state.ok, "{state:?}");
        assert_eq!(state.signed_head.unwrap().last_id, 22);
    }
    // One copy comes back without its file.
    app.states[1] = tempfile::tempdir().unwrap();
    app.urls[1] = app.start_copy(app.states[1].path()).await;
    send_titles(&app, 0, &["by the other one"]).await;
    send_titles(&app, 1, &["by the new one"]).await;
    assert!(fs::read_to_string(app.states[1].path().join(FILE)).unwrap().contains("\"last_id\": 24"));
    assert!(app.verify_by(1, "").await.ok);
    // And one with the file of an earlier day, which the log continues.
    app.urls[0] = app.start_copy(app.states[0].path()).await;
    send_titles(&app, 0, &["again"]).await;
    assert!(app.verify().await.ok);
}

#[actix_web::test]
async fn a_damaged_file_stops_signing_and_is_left_as_it_is() {
    let mut app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    let file = app.states[0].path().join(FILE);
    let forged = fs::read_to_string(&file).unwrap().replace("\"last_id\": 1", "\"last_id\": 0");
    for text in ["", "half a fi", &forged] {
        fs::write(&file, text).unwrap();
        app.urls[0] = app.start_copy(app.states[0].path()).await;
        send_titles(&app, 0, &["B"]).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), *text);
        let state = app.verify().await;
        assert!(!state.ok && state.signing_stopped.unwrap().contains("cannot be used"));
    }
    // To put the file away is not enough: entries stand in the log that nobody has signed.
    let empty = tempfile::tempdir().unwrap();
    app.urls[0] = app.start_copy(empty.path()).await;
    send_titles(&app, 0, &["C"]).await;
    assert!(app.verify().await.signing_stopped.unwrap().contains("entries from 2 on"));
    // The way out that docs/operations.md names.
    let settings = app.settings(app.states[0].path(), app.installation.audit_head_key(), None);
    assert!(audit::accept_log(&settings, " ").await.unwrap_err().to_string().contains("the reason must have"));
    let accepted = audit::accept_log(&settings, "The disk was damaged").await.unwrap();
    assert!(accepted.last_id == 6 && accepted.why.contains("cannot be used"), "{accepted:?}");
    let again = audit::accept_log(&settings, "Once more").await.unwrap_err().to_string();
    assert!(again.contains("there is nothing to accept"), "{again}");
    app.urls[0] = app.start_copy(app.states[0].path()).await;
    let state = app.verify().await;
    assert!(state.ok && state.signed_head.as_ref().unwrap().last_id == 6, "{state:?}");
    send_titles(&app, 0, &["D"]).await;
    assert!(app.verify().await.ok);
    let entry = app.page(superadmin(), "").await["items"][5].clone();
    assert_eq!((&entry["event_type"], &entry["source"]), (&"audit_log_accepted".into(), &"audit".into()));
    assert_eq!(entry["details"]["reason"], "The disk was damaged");
    let names = fs::read_dir(app.states[0].path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let aside: Vec<String> = names.filter(|name| name.ends_with(".accepted.json")).collect();
    assert_eq!(aside.len(), 1, "the file that was damaged is kept as evidence: {aside:?}");
}

/// A key that nobody has used yet, in a folder of its own.
fn another_key(folder: &Path) -> PathBuf {
    installation::Installation::ensure(folder.join("secrets")).unwrap().audit_head_key()
}

#[actix_web::test]
async fn a_replaced_key_signs_on_when_the_one_before_it_is_retired_and_not_without() {
    let mut app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    let folder = tempfile::tempdir().unwrap();
    let other = another_key(folder.path());
    let retired = folder.path().join("earlier.pem");
    let old = app.settings(app.states[0].path(), app.installation.audit_head_key(), None);
    fs::write(&retired, audit::retire_key(&old, &app.installation.audit_head_public_key()).await.unwrap()).unwrap();
    app.urls[0] = app.start_copy_with_keys(app.states[0].path(), other.clone(), None).await;
    send_titles(&app, 0, &["B"]).await;
    let stopped = app.verify().await.signing_stopped.unwrap();
    assert!(stopped.contains("not of this service's key"), "{stopped}");
    // Entry 2 was written without a signature; the operator accepts it.
    let settings = app.settings(app.states[0].path(), other.clone(), Some(retired.clone()));
    audit::accept_log(&settings, "The setting with the earlier key was forgotten").await.unwrap();
    app.urls[0] = app.start_copy_with_keys(app.states[0].path(), other, Some(retired)).await;
    send_titles(&app, 0, &["C"]).await;
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
}

/// The head of the log's end, as whoever has the private key in `pem` signs it.
async fn sign_the_end(owner: &Client, pem: &str) {
    let row = owner.query_one("SELECT last_id, last_hash FROM audit_head", &[]).await.unwrap();
    let (last_id, last_hash): (i64, Vec<u8>) = (row.get(0), row.get(1));
    let head = AuditHead { last_id, last_hash: Digest::from_slice(&last_hash).unwrap(), signed_at_micros: 1_800_000_000_000_000 };
    let signature = AuditHeadKey::from_pkcs8_pem(pem).unwrap().sign(&head);
    let sql = "INSERT INTO audit_signatures VALUES ($1, $2, to_timestamp(1800000000), $3)";
    owner.execute(sql, &[&last_id, &last_hash, &signature]).await.unwrap();
}

#[actix_web::test]
async fn whoever_has_a_leaked_key_signs_nothing_after_it_was_replaced() {
    let mut app = TestApp::spawn().await;
    send_titles(&app, 0, &["A"]).await;
    send_titles(&app, 0, &["B"]).await;
    let leaked = fs::read_to_string(app.installation.audit_head_key()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (present, retired) = (another_key(folder.path()), folder.path().join("earlier.pem"));
    let old = app.settings(app.states[0].path(), app.installation.audit_head_key(), None);
    fs::write(&retired, audit::retire_key(&old, &app.installation.audit_head_public_key()).await.unwrap()).unwrap();
    app.urls[0] = app.start_copy_with_keys(app.states[0].path(), present.clone(), Some(retired.clone())).await;
    send_titles(&app, 0, &["C"]).await;
    assert!(app.verify().await.ok);

    // The owner of the database puts an entry behind the log and signs its head with the old key.
    let owner = owner_without_triggers(&app).await;
    forge_an_entry(&owner).await;
    sign_the_end(&owner, &leaked).await;
    send_titles(&app, 0, &["D"]).await;
    let empty = tempfile::tempdir().unwrap();
    app.urls.push(app.start_copy_with_keys(empty.path(), present.clone(), Some(retired.clone())).await);
    send_titles(&app, 1, &["E"]).await;
    for process in [0, 1] {
        let state = app.verify_by(process, "").await;
        assert!(!state.ok && state.signing_stopped.is_some(), "{state:?}");
        let bad = state.first_bad_head.unwrap();
        assert_eq!((bad.last_id, bad.reason.as_str()), (4, "the signature is not of this installation's key"));
        assert_eq!(
            state.signed_head.map(|head| head.last_id),
            (process == 0).then_some(3),
            "a copy without a file stands for none"
        );
    }
    assert_eq!(signatures(&owner).await, 4);

    // The log rewritten from its beginning, with heads of the old key alone: also a copy without a file knows where that key ended.
    owner
        .batch_execute(
            "TRUNCATE audit_signatures; DELETE FROM audit_logs WHERE log_id > 2; UPDATE audit_logs SET details = '{}' WHERE log_id = 1",
        )
        .await
        .unwrap();
    hash_anew(&owner).await;
    sign_the_end(&owner, &leaked).await;
    let empty = tempfile::tempdir().unwrap();
    app.urls.push(app.start_copy_with_keys(empty.path(), present, Some(retired)).await);
    let state = app.verify_by(2, "").await;
    assert!(!state.ok && state.signing_stopped.unwrap().contains("not of this service's key"));
    send_titles(&app, 2, &["F"]).await;
    assert_eq!(signatures(&owner).await, 1);
}

#[actix_web::test]
async fn a_key_without_its_end_is_refused_and_so_is_one_that_cannot_be_ended_here() {
    let app = TestApp::spawn_processes(2).await;
    send_titles(&app, 0, &["A"]).await;
    let folder = tempfile::tempdir().unwrap();
    let retired = folder.path().join("earlier.pem");
    let other = another_key(folder.path());
    let public = app.installation.audit_head_public_key();
    let pem = fs::read_to_string(&public).unwrap();
    for text in [
        pem.clone(),
        format!("last_id: 1\n{pem}"),
        format!("last_id: one\nlast_hash: {}\n{pem}", "00".repeat(32)),
        "x".to_owned(),
    ] {
        fs::write(&retired, &text).unwrap();
        let refused = launch::start::<audit::Service>(app.settings(app.states[0].path(), other.clone(), Some(retired.clone())));
        let refused = refused.await.err().unwrap();
        assert!(refused.to_string().starts_with("the earlier keys of the audit log's heads"), "{refused}");
    }
    // Of another key, without a kept head, and with one that is not the newest.
    let settings = |state: &Path| app.settings(state, other.clone(), None);
    let refusal = async |state: &Path, key: &Path| audit::retire_key(&settings(state), key).await.unwrap_err().to_string();
    let other_public = other.with_file_name("audit-head.pub.pem");
    assert!(refusal(app.states[0].path(), &other_public).await.contains("was not signed by this key"));
    assert!(refusal(folder.path(), &public).await.contains("there is no such file"));
    let owner = owner_without_triggers(&app).await;
    forge_an_entry(&owner).await;
    sign_the_end(&owner, &fs::read_to_string(app.installation.audit_head_key()).unwrap()).await;
    assert!(refusal(app.states[0].path(), &public).await.contains("the database has a signature of entry 2"));
}

#[actix_web::test]
async fn anybody_reads_the_newest_head_and_learns_whether_the_log_continues_one_they_kept() {
    let app = TestApp::spawn().await;
    let nothing: NewestHead = app.get("/api/audit/head").send().await.unwrap().json().await.unwrap();
    assert_eq!((nothing.head, nothing.continues), (None, None));
    send_titles(&app, 0, &["A"]).await;
    send_titles(&app, 0, &["B"]).await;
    let kept = app.verify().await.signed_head.unwrap();
    let mut newest = nothing.public_key.clone();
    testkit::wait_until("the new head to be shown", std::time::Duration::from_secs(20), async || {
        let answer = app.get("/api/audit/head").send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "public, max-age=5");
        let answer: NewestHead = answer.json().await.unwrap();
        newest.clone_from(&answer.public_key);
        answer.head.as_ref() == Some(&kept)
    })
    .await;
    // The bytes of docs/protocol.md, section 14.
    let public = AuditHeadPublicKey::from_spki_pem(&newest).unwrap();
    let file = fs::read_to_string(app.installation.audit_head_public_key()).unwrap();
    assert_eq!(file, newest, "the key is the one in the installation's file");
    let last_hash = Digest::from_hex(&kept.last_hash).unwrap();
    let head = AuditHead { last_id: kept.last_id, last_hash, signed_at_micros: kept.signed_at.timestamp_micros() };
    let signature = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &kept.signature).unwrap();
    assert!(public.verify(&head, &signature));

    let asked = |id: i64, hash: &str| format!("?head_id={id}&head_hash={hash}");
    for (query, continues) in [
        (asked(2, &kept.last_hash), true),
        (asked(2, &kept.last_hash.to_uppercase()), true),
        (asked(1, &kept.last_hash), false),
        (asked(3, &kept.last_hash), false),
        (asked(i64::MAX, &"0".repeat(64)), false),
    ] {
        let answer: NewestHead = app.get(&format!("/api/audit/head{query}")).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer.continues, Some(continues), "{query}");
        assert_eq!(app.verify_by(0, &query).await.continues, Some(continues), "{query}");
    }
    for query in ["?head_id=2", "?head_hash=00", "?head_id=2&head_hash=xyz", "?head_id=two&head_hash=00", "?head=2"] {
        let answer = app.get(&format!("/api/audit/head{query}")).send().await.unwrap();
        assert!([400, 422].contains(&answer.status().as_u16()), "{query}: {}", answer.status());
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{query}");
    }
}
