//! What an organiser had sent, and what became of it.

use serde_json::json;
use testkit::given;

use crate::app::App;

#[actix_web::test]
async fn mails_are_counted_by_what_became_of_them() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let path = format!("/api/admin/elections/{id}/mails");
    given::voters(&app.owner, id, 4).await;
    let before = app.get(&admin, &path).await.expect(200);
    let none = json!({ "none": 4, "queued": 0, "deferred": 0, "sent": 0, "refused": 0, "forgotten": 0 });
    assert_eq!(before, json!({ "voters": none, "under_way": [], "sent": [] }));
    app.send_links(&admin, id).await.expect(202);
    app.sql(&format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status) VALUES \
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'voter1@example.com', 'sent'),\
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'voter2@example.com', 'refused'),\
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'voter3@example.com', 'deferred')"
    ))
    .await;
    app.add_voter(&admin, id, "late@example.com").await.expect(201);
    let after = app.get(&admin, &path).await.expect(200);
    assert_eq!(after["voters"], json!({ "none": 1, "queued": 1, "deferred": 1, "sent": 1, "refused": 1, "forgotten": 0 }));
}

#[actix_web::test]
async fn what_was_sent_stays_with_its_time_and_reminders_have_no_number() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let path = format!("/api/admin/elections/{id}/mails");
    given::voters(&app.owner, id, 3).await;
    app.send_links(&admin, id).await.expect(202);
    app.send_links(&admin, id).await.expect(202);
    given::activate(&app.owner, id, "simple").await;
    app.post(&admin, &format!("/api/admin/elections/{id}/send-voting-links"), json!({ "only": "not_voted" })).await.expect(202);
    app.links_are_made(id).await;
    let sent = app.get(&admin, &path).await.expect(200)["sent"].clone();
    let kinds: Vec<_> = sent.as_array().unwrap().iter().map(|one| (&one["kind"], one.get("voters"))).collect();
    assert_eq!(
        kinds,
        [(&json!("reminder"), None), (&json!("invitation"), Some(&json!(3)))],
        "the newest first; a sending to nobody is none"
    );
    let kept = "SELECT count(*) FROM sent_mailings WHERE kind = 'reminder' AND queued IS NOT NULL";
    assert_eq!(app.number(kept).await, 0);
    assert!(sent[0]["ended_at"].is_string());
    app.close(id).await;
    let after = app.get(&admin, &path).await.expect(200);
    assert_eq!((&after["voters"]["forgotten"], &after["voters"]["none"]), (&json!(3), &json!(0)));
}
