//! Late voters, and voters who are removed while voting is open before a link was sent to them.

use serde_json::json;
use testkit::given;

use crate::app::App;

#[actix_web::test]
async fn a_forgotten_voter_is_added_with_a_reason_that_everybody_can_read() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 1).await;
    given::activate(&app.owner, id, "simple").await;
    let late = |reason: Option<&str>| json!({ "election_id": id, "email": "late@example.com", "reason": reason });
    for none in [None, Some(""), Some(" \u{200b}")] {
        app.post(&admin, "/api/admin/voters", late(none)).await.refuses_field("reason");
    }
    app.post(&admin, "/api/admin/voters", late(Some(&"x".repeat(1001)))).await.refuses_field("reason");
    let voter = app.post(&admin, "/api/admin/voters", late(Some("Came back from abroad"))).await.expect(201);
    assert_eq!((&voter["link_sent"], &voter["mail"]["status"]), (&json!(false), &json!("none")));
    app.post(&admin, "/api/admin/voters", late(Some("Again"))).await.refused(409, "already-exists");
    let amendment = app.owner.query_one("SELECT kind, reason, details::text FROM amendments", &[]).await.unwrap();
    assert_eq!(amendment.get::<_, &str>(0), "voter_added");
    assert_eq!((amendment.get::<_, &str>(1), amendment.get::<_, &str>(2)), ("Came back from abroad", "{\"voters\": 1}"));
    assert_eq!(app.send_links(&admin, id).await.expect(202)["queued"], 2, "the link is sent as every other");
    let events = app.events().await;
    assert_eq!(events[0]["kind"]["details"], json!({ "count": 1, "reason": "Came back from abroad" }));
    assert!(events[0]["subject_ref"].is_string() && !events[0].to_string().contains("late@example.com"));
    let forgotten = "SELECT count(*) FROM audit_subjects WHERE made_while_active";
    assert_eq!(app.number(forgotten).await, 1, "the close forgets who it was");
}

#[actix_web::test]
async fn a_file_of_late_voters_is_one_amendment() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    given::voters(&app.owner, id, 1).await;
    given::activate(&app.owner, id, "simple").await;
    let file = "email,student_id\nvoter1@example.com,\nlate1@example.com,1\nlate2@example.com,2\n";
    let import = async |query: &str, reason: Option<&'static str>| {
        let part = reqwest::multipart::Part::text(file).file_name("late.csv");
        let form = reqwest::multipart::Form::new().part("file", part).text("election_id", id.to_string());
        let form = if let Some(reason) = reason { form.text("reason", reason) } else { form };
        app.import_form(&admin, query, form, "application/json").await
    };
    import("", None).await.refuses_field("reason");
    assert_eq!(import("?dry_run=true", None).await.expect(200)["imported"], 2, "only asking needs no reason");
    let report = import("", Some("The fourth year was left out")).await.expect(200);
    assert_eq!((&report["imported"], &report["duplicates"]), (&json!(2), &json!(1)));
    assert_eq!(import("", Some("Once more")).await.expect(200)["imported"], 0);
    let amendments =
        "SELECT count(*) FROM amendments WHERE details = '{\"voters\": 2}' AND reason = 'The fourth year was left out'";
    assert_eq!((app.number(amendments).await, app.number("SELECT count(*) FROM amendments").await), (1, 1));
    assert_eq!(app.event_types().await, ["voters_added_late"]);
}

#[actix_web::test]
async fn a_student_number_of_somebody_else_adds_nobody_and_announces_nothing() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    app.post(&admin, "/api/admin/voters", json!({ "election_id": id, "email": "ann@example.com", "student_id": "7" }))
        .await
        .expect(201);
    given::activate(&app.owner, id, "simple").await;
    let late = json!({ "election_id": id, "email": "late@example.com", "student_id": "7", "reason": "Forgotten" });
    app.post(&admin, "/api/admin/voters", late).await.refused(409, "already-exists");
    assert_eq!(app.number("SELECT count(*) FROM voters").await + app.number("SELECT count(*) FROM amendments").await, 1);
}

#[actix_web::test]
async fn whoever_was_sent_a_link_stays_and_whoever_was_not_can_go() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 2).await;
    given::links(&app.owner, election.election_id).await;
    app.sql(&format!("DELETE FROM voting_tokens WHERE voter_id = {}", voters[1])).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    let remove = async |voter: i64| app.call(&admin, "DELETE", &format!("/api/admin/voters/{voter}"), None).await;
    let refused = remove(voters[0]).await.refused(409, "state-conflict");
    assert!(refused.contains("was sent a link"), "{refused}");
    // With a number they could have asked for a link, and have voted with it.
    app.call(&admin, "PUT", &format!("/api/admin/voters/{}", voters[1]), Some(json!({ "student_id": "7" }))).await.expect(200);
    assert_eq!(remove(voters[1]).await.refused(409, "state-conflict"), refused, "and which of the two it is, is not said");
    app.sql("UPDATE voters SET student_id = NULL").await;
    assert_eq!(remove(voters[1]).await.status, 204);
    assert_eq!(app.number("SELECT count(*) FROM amendments WHERE kind = 'voter_removed'").await, 1);
    assert_eq!(app.event_types().await, ["voter_corrected", "voter_removed"]);
}
