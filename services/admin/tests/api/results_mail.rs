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
    app.sql("UPDATE elections SET tally_state = 'opened', results_published_at = now()").await;
    assert_eq!(send(&app, &admin, id).await.expect(202), json!({ "queued": 3 }));
    // A double click: the same mails, not three more.
    assert_eq!(send(&app, &admin, id).await.expect(202), json!({ "queued": 3 }));
    let mails = app.mails().await;
    assert_eq!(mails.len(), 3);
    assert!(mails.iter().all(|mail| mail["results_url"] == format!("https://vote.example.org/results/{id}")));
    assert!(mails.iter().all(|mail| mail["kind"] == "results_notification" && mail["event_id"].is_string()));
}

#[actix_web::test]
async fn the_mail_with_the_result_carries_the_newest_signed_head_of_the_audit_log() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 1).await;
    given::activate(&app.owner, id, "simple").await;
    app.close(id).await;
    app.sql("UPDATE elections SET tally_state = 'opened', results_published_at = now()").await;
    app.sql(
        "INSERT INTO audit_signatures SELECT n, sha256(n::text::bytea), '2026-02-18T18:00:05.123456Z', sha256('a') || sha256('b') \
         FROM generate_series(41, 42) n",
    )
    .await;
    send(&app, &admin, id).await.expect(202);
    let mail = app.mails().await.remove(0);
    let hash = "73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049";
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
