//! Signed heads: what shows that the log was rewritten by somebody who may do everything to the database, and has no key file.

use std::fs;

use audit::chain::{BEGINNING, Entry};
use contract::audit::NewestHead;
use contract::events::{AuditEvent, Happening};
use crypto::Digest;
use crypto::audit_head::{AuditHead, AuditHeadPublicKey};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use testkit::OWNER;
use tokio_postgres::Client;

use crate::app::{TestApp, created};

const FILE: &str = "signed-head.json";

async fn told(app: &TestApp, process: usize, titles: &[&str]) {
    let events: Vec<AuditEvent> = titles.iter().map(|title| created(title)).collect();
    assert_eq!(app.tell_to(process, "election", &events).await.status(), StatusCode::OK);
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
    told(&app, 0, &["A", "B"]).await;
    let corrected = AuditEvent::now(Happening::VoterCorrected { address: true }).to(5);
    assert_eq!(app.tell("admin", &[corrected]).await.status(), StatusCode::OK);
    told(&app, 0, &["C", "D"]).await;
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
    told(&app, 0, &["E"]).await;
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
    app.urls.push(app.start_copy(state_dir.path()));
    assert_eq!(app.verify_by(1, "").await.first_bad_head.unwrap().last_id, 3);
}

#[actix_web::test]
async fn signatures_that_were_removed_are_missed() {
    let app = TestApp::spawn().await;
    told(&app, 0, &["A"]).await;
    told(&app, 0, &["B"]).await;
    let owner = owner_without_triggers(&app).await;
    owner.batch_execute("TRUNCATE audit_signatures").await.unwrap();
    let state = app.verify().await;
    assert!(!state.ok, "{state:?}");
    let bad = state.first_bad_head.unwrap();
    assert_eq!((bad.last_id, bad.reason.as_str()), (2, "the signature is missing in the database"));
    assert_eq!(state.unsigned.unwrap().first_id, 1);
    told(&app, 0, &["C"]).await;
    assert_eq!(signatures(&owner).await, 0, "what was signed before is not covered up by a new signature");
}

#[actix_web::test]
async fn a_log_that_was_cut_with_its_head_rewound_is_not_ok_and_is_not_signed_on() {
    let app = TestApp::spawn().await;
    for title in ["A", "B", "C"] {
        told(&app, 0, &[title]).await;
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
        told(&app, 0, &[title]).await;
    }
    assert_eq!(signatures(&owner).await, 1);
    assert!(!app.verify().await.ok);
    assert!(fs::read_to_string(app.states[0].path().join(FILE)).unwrap().contains("\"last_id\": 3"), "the file still shows it");
}

#[actix_web::test]
async fn an_entry_that_somebody_else_put_behind_the_log_is_never_signed() {
    let app = TestApp::spawn().await;
    told(&app, 0, &["A"]).await;
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
    told(&app, 0, &["B"]).await;
    let state = app.verify().await;
    assert!(!state.ok && state.signing_stopped.unwrap().contains("entries from 2 on were written without a signature"));
}

#[actix_web::test]
async fn two_copies_sign_one_log_and_a_lost_file_is_made_anew() {
    let mut app = TestApp::spawn_processes(2).await;
    let owner = app.database.connect(OWNER).await;
    for round in 0..6 {
        told(&app, round % 2, &[&round.to_string(), "x"]).await;
    }
    join_all((0..10).map(|n| {
        let app = &app;
        async move { told(app, n % 2, &[&format!("at once {n}")]).await }
    }))
    .await;
    assert_eq!(signatures(&owner).await, 16);
    for process in [0, 1] {
        let state = app.verify_by(process, "").await;
        assert!(state.ok, "{state:?}");
        assert_eq!(state.signed_head.unwrap().last_id, 22);
    }
    // One copy comes back without its file.
    fs::remove_file(app.states[1].path().join(FILE)).unwrap();
    app.urls[1] = app.start_copy(app.states[1].path());
    told(&app, 0, &["by the other one"]).await;
    told(&app, 1, &["by the new one"]).await;
    assert!(fs::read_to_string(app.states[1].path().join(FILE)).unwrap().contains("\"last_id\": 24"));
    assert!(app.verify_by(1, "").await.ok);
    // And one with the file of an earlier day, which the log continues.
    app.urls[0] = app.start_copy(app.states[0].path());
    told(&app, 0, &["again"]).await;
    assert!(app.verify().await.ok);
}

#[actix_web::test]
async fn a_damaged_file_stops_signing_and_is_left_as_it_is() {
    let mut app = TestApp::spawn().await;
    told(&app, 0, &["A"]).await;
    let file = app.states[0].path().join(FILE);
    let forged = fs::read_to_string(&file).unwrap().replace("\"last_id\": 1", "\"last_id\": 0");
    for text in ["", "half a fi", &forged] {
        fs::write(&file, text).unwrap();
        app.urls[0] = app.start_copy(app.states[0].path());
        told(&app, 0, &["B"]).await;
        assert_eq!(fs::read_to_string(&file).unwrap(), *text);
        let state = app.verify().await;
        assert!(!state.ok && state.signing_stopped.unwrap().contains("cannot be used"));
    }
    // The way out that docs/operations.md names: the file is put away, and what the database has is signed on.
    fs::remove_file(&file).unwrap();
    app.urls[0] = app.start_copy(app.states[0].path());
    told(&app, 0, &["C"]).await;
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
}

#[actix_web::test]
async fn a_replaced_key_signs_on_when_the_one_before_it_is_named_and_not_without() {
    let mut app = TestApp::spawn().await;
    told(&app, 0, &["A"]).await;
    let newest: NewestHead = app.get("/api/audit/head").send().await.unwrap().json().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let other = installation::Installation::ensure(folder.path().join("secrets")).unwrap().audit_head_key();
    let earlier = folder.path().join("earlier.pem");
    fs::write(&earlier, newest.public_key).unwrap();
    app.urls[0] = app.start_copy_with_keys(app.states[0].path(), other.clone(), None);
    told(&app, 0, &["B"]).await;
    let stopped = app.verify().await.signing_stopped.unwrap();
    assert!(stopped.contains("not of this service's key"), "{stopped}");
    // Entry 2 was written without a signature; the operator accepts it by putting the kept head away.
    fs::remove_file(app.states[0].path().join(FILE)).unwrap();
    app.urls[0] = app.start_copy_with_keys(app.states[0].path(), other, Some(earlier));
    told(&app, 0, &["C"]).await;
    let state = app.verify().await;
    assert!(state.ok, "{state:?}");
}

#[actix_web::test]
async fn anybody_reads_the_newest_head_and_learns_whether_the_log_continues_one_they_kept() {
    let app = TestApp::spawn().await;
    let nothing: NewestHead = app.get("/api/audit/head").send().await.unwrap().json().await.unwrap();
    assert_eq!((nothing.head, nothing.continues), (None, None));
    told(&app, 0, &["A"]).await;
    told(&app, 0, &["B"]).await;
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
