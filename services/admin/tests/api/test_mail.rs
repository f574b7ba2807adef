//! The mail with the link, before any voter gets it.

use launch::Mode;
use serde_json::json;
use testkit::given;

use crate::app::App;

#[actix_web::test]
async fn a_test_mail_goes_to_the_organiser_alone_and_its_link_opens_no_ballot() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 2).await;
    let queued = app.call(&admin, "POST", &format!("/api/admin/elections/{id}/test-mail"), None).await.expect(202);
    assert_eq!(queued, json!({ "recipient": admin.email, "left": 9 }));
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!((mails[0]["recipient"].as_str(), mails[0]["occasion"].as_str()), (Some(admin.email.as_str()), Some("test")));
    assert_eq!(mails[0]["voting_url"], format!("https://vote.example.org/admin/elections/{id}/preview"));
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens").await, 0);
    assert_eq!(app.event_types().await, ["test_mail_sent"]);
    let kinds = "SELECT count(*) FROM outbox WHERE destination = 'email' AND kind = 'test' AND about_link";
    assert_eq!(app.number(kinds).await, 1, "it is not taken for the mail of a voter with the same address");
}

#[actix_web::test]
async fn ten_test_mails_in_an_hour_are_enough_however_many_are_asked_for_at_once() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let path = format!("/api/admin/elections/{}/test-mail", election.election_id);
    let mut statuses = Vec::new();
    // Three at a time: more about one election would have to wait for their turn.
    for _ in 0..4 {
        let asked = futures_util::future::join_all((0..3).map(|_| app.call(&admin, "POST", &path, None))).await;
        statuses.extend(asked.iter().map(|answer| answer.status));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [[202; 10].as_slice(), &[429; 2]].concat());
    app.call(&admin, "POST", &path, None).await.refused(429, "too-many-requests");
    assert_eq!(app.mails().await.len(), 10);
    app.sql("UPDATE test_mails SET since = since - interval '1 hour'").await;
    assert_eq!(app.call(&admin, "POST", &path, None).await.expect(202)["left"], 9);
    let (_, other) = app.a_draft().await;
    app.call(&admin, "POST", &format!("/api/admin/elections/{}/test-mail", other.election_id), None)
        .await
        .refused(404, "not-found");
}

#[actix_web::test]
async fn no_test_mail_goes_to_an_address_that_nobody_has_verified_nor_after_the_end() {
    let app = App::in_mode(Mode::Production).await;
    let (admin, election) = app.a_draft().await;
    let path = format!("/api/admin/elections/{}/test-mail", election.election_id);
    app.sql("UPDATE admins SET email_verified_at = NULL").await;
    app.call(&admin, "POST", &path, None).await.refused(403, "not-allowed");
    app.sql("UPDATE admins SET email_verified_at = now()").await;
    app.call(&admin, "POST", &path, None).await.expect(202);
    given::voters(&app.owner, election.election_id, 1).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    app.close(election.election_id).await;
    app.call(&admin, "POST", &path, None).await.refused(409, "state-conflict");
    assert_eq!(app.mails().await.len(), 1);
}

#[actix_web::test]
async fn the_mail_is_read_before_it_is_sent() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    app.sql("UPDATE elections SET timezone = 'Europe/Berlin', closes_at = '2090-01-02 17:00Z'").await;
    let mail = app.get(&admin, &format!("/api/admin/elections/{id}/mail-preview")).await.expect(200);
    assert_eq!(mail["subject"], "Your link to vote: Student Council 2026");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("you are invited to vote in \"Student Council 2026\"") && !text.contains("test"), "{text}");
    assert!(text.contains(&format!("https://vote.example.org/admin/elections/{id}/preview")), "{text}");
    assert!(text.replace('\n', " ").contains("at 18:00 Europe/Berlin"), "{text}");
    assert!(app.mails().await.is_empty() && app.events().await.is_empty());
}
