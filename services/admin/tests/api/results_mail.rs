use crypto::Digest;
use crypto::audit_head::{AuditHead, AuditHeadKey};
use serde_json::json;
use testkit::given;

use crate::app::{Admin, Answer, App};

async fn send(app: &App, admin: &Admin, election_id: i64) -> Answer {
    app.call(admin, "POST", &format!("/api/admin/elections/{election_id}/send-results-links"), None).await
}

#[actix_web::test]
async fn the_result_is_mailed_once_to_everybody_and_only_when_published() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 3).await;
    send(&app, &admin, id).await.refused(409, "results-not-published");
    given::activate(&app.owner, id, "simple").await;
    send(&app, &admin, id).await.refused(409, "results-not-published");
    app.close(id).await;
    send(&app, &admin, id).await.refused(409, "results-not-published");
    assert!(app.mails().await.is_empty());
    app.sql("UPDATE tallies SET state = 'opened'; UPDATE elections SET results_published_at = now()").await;
    assert_eq!(send(&app, &admin, id).await.expect(202), json!({ "queued": 3 }));
    // A double click: the same mails, not three more.
    assert_eq!(send(&app, &admin, id).await.expect(202), json!({ "queued": 3 }));
    let mails = app.mails().await;
    assert_eq!(mails.len(), 3);
    assert!(mails.iter().all(|mail| mail["results_url"] == format!("https://vote.example.org/results/{id}")));
    assert!(mails.iter().all(|mail| mail["kind"] == "results_notification" && mail["event_id"].is_string()));
}

const SIGNED_AT: &str = "2026-02-18T18:00:05.123456Z";

fn a_hash(n: u8) -> Digest {
    Digest::from_slice(&[n; 32]).unwrap()
}

/// The audit service's signature of a head, at `SIGNED_AT`.
fn sign(app: &App, last_id: i64, last_hash: Digest) -> Vec<u8> {
    let file = app.settings.audit_head_public_key_file.with_file_name("audit-head.key.pem");
    let key = AuditHeadKey::from_pkcs8_pem(&std::fs::read_to_string(file).unwrap()).unwrap();
    let signed_at_micros = SIGNED_AT.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros();
    key.sign(&AuditHead { last_id, last_hash, signed_at_micros })
}

async fn store_head(app: &App, last_id: i64, last_hash: Digest, signature: &[u8]) {
    let (hash, signature) = (hex::encode(last_hash.as_bytes()), hex::encode(signature));
    let row = format!("({last_id}, decode('{hash}', 'hex'), '{SIGNED_AT}', decode('{signature}', 'hex'))");
    app.sql(&format!("INSERT INTO audit_signatures VALUES {row}")).await;
}

#[actix_web::test]
async fn the_mail_with_the_result_carries_no_head_that_the_audit_service_did_not_sign() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 1).await;
    given::activate(&app.owner, id, "simple").await;
    app.close(id).await;
    app.sql("UPDATE tallies SET state = 'opened'; UPDATE elections SET results_published_at = now()").await;
    store_head(&app, 41, a_hash(41), &sign(&app, 41, a_hash(41))).await;
    // A genuine signature, but of another entry.
    store_head(&app, 42, a_hash(42), &sign(&app, 41, a_hash(41))).await;
    send(&app, &admin, id).await.expect(202);
    let mail = app.mails().await.remove(0);
    assert_eq!(mail["results_url"], format!("https://vote.example.org/results/{id}"), "the mail is sent all the same");
    assert!(mail["audit_head"].is_null() && mail["audit_head_url"].is_null(), "{mail}");
}

#[actix_web::test]
async fn the_mail_with_the_result_carries_the_newest_signed_head_of_the_audit_log() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 1).await;
    given::activate(&app.owner, id, "simple").await;
    app.close(id).await;
    app.sql("UPDATE tallies SET state = 'opened'; UPDATE elections SET results_published_at = now()").await;
    let (first, newest) = (a_hash(41), a_hash(42));
    store_head(&app, 41, first, &sign(&app, 41, first)).await;
    store_head(&app, 42, newest, &sign(&app, 42, newest)).await;
    send(&app, &admin, id).await.expect(202);
    let mail = app.mails().await.remove(0);
    let hash = hex::encode(newest.as_bytes());
    assert_eq!(mail["audit_head"]["last_id"], 42, "{mail}");
    assert_eq!(mail["audit_head"]["last_hash"], hash);
    assert_eq!(mail["audit_head"]["signed_at"], "2026-02-18T18:00:05.123456Z");
    assert_eq!(mail["audit_head"]["signature"].as_str().unwrap().len(), 88);
    assert_eq!(
        mail["audit_head_url"],
        format!("https://vote.example.org/api/audit/head?head_id=42&head_hash={hash}"),
        "where a voter asks whether the log still continues it"
    );
}
