use identity::Role;
use serde_json::{Value, json};
use testkit::given;

use crate::app::{Admin, App};

/// An import that is not there: whose it would be is asked first.
const IMPORT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";

/// Every operation of the document, with numbers of somebody's election filled in.
async fn every_operation(app: &App) -> (Admin, Vec<(&'static str, String, Option<Value>)>) {
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    let (id, candidate) = (election.election_id, election.candidate_ids[0]);
    let calls = vec![
        ("GET", format!("/api/admin/candidates?election_id={id}"), None),
        ("POST", "/api/admin/candidates".to_owned(), Some(json!({ "election_id": id, "name": "Mine now" }))),
        ("PUT", format!("/api/admin/candidates/{candidate}"), Some(json!({ "name": "Mine now" }))),
        ("DELETE", format!("/api/admin/candidates/{candidate}"), None),
        ("DELETE", format!("/api/admin/candidates/{candidate}/photo"), None),
        ("DELETE", format!("/api/admin/candidates/{candidate}/programme-file"), None),
        ("POST", format!("/api/admin/elections/{id}/draw-order"), Some(json!({ "contest_id": election.contest_id }))),
        ("GET", format!("/api/admin/voters?election_id={id}"), None),
        ("POST", "/api/admin/voters".to_owned(), Some(json!({ "election_id": id, "email": "me@example.com" }))),
        ("PUT", format!("/api/admin/voters/{voter}"), Some(json!({ "email": "me@example.com" }))),
        ("GET", format!("/api/admin/voters/{voter}"), None),
        ("DELETE", format!("/api/admin/voters/{voter}"), None),
        ("GET", format!("/api/admin/elections/{id}/voters.csv"), None),
        ("GET", format!("/api/admin/elections/{id}/mails"), None),
        ("GET", format!("/api/admin/elections/{id}/mail-preview"), None),
        ("POST", format!("/api/admin/elections/{id}/test-mail"), None),
        ("GET", format!("/api/admin/elections/{id}/voter-imports"), None),
        ("POST", format!("/api/admin/voters/{voter}/resend-token"), None),
        ("POST", format!("/api/admin/elections/{id}/send-voting-links"), None),
        ("POST", format!("/api/admin/elections/{id}/send-results-links"), None),
        ("GET", format!("/api/admin/elections/{id}/retention"), None),
        ("GET", format!("/api/admin/elections/{id}/audit-subjects?refs={IMPORT}"), None),
        ("GET", format!("/api/admin/elections/{id}/voter-imports/{IMPORT}"), None),
        ("DELETE", format!("/api/admin/elections/{id}/voter-imports/{IMPORT}"), None),
        ("GET", format!("/api/admin/elections/{id}/voter-imports/{IMPORT}/lines"), None),
        ("GET", format!("/api/admin/elections/{id}/voter-imports/{IMPORT}/rejected.csv"), None),
        ("POST", format!("/api/admin/elections/{id}/voter-imports/{IMPORT}/confirm"), None),
    ];
    let operations: usize = admin::document()
        .paths
        .paths
        .values()
        .map(|path| [&path.get, &path.put, &path.post, &path.delete].into_iter().filter(|operation| operation.is_some()).count())
        .sum();
    // The four with files are asked beside it, and what voters see is for everybody.
    assert_eq!(operations, calls.len() + 4 + 1, "a new operation belongs in this list");
    (admin, calls)
}

#[actix_web::test]
async fn callers_without_a_login_and_other_admins_are_refused() {
    let app = App::start().await;
    let (owner, calls) = every_operation(&app).await;
    let stranger = app.an_admin().await;
    for (method, path, body) in &calls {
        app.call_as(None, method, path, body.clone()).await.refused(401, "not-logged-in");
        let refused = app.call(&stranger, method, path, body.clone()).await.refused(404, "not-found");
        let nothing = path.replace(|c: char| c.is_ascii_digit(), "9").replace('9', "999");
        if body.is_none() {
            assert_eq!(app.call(&owner, method, &nothing, None).await.refused(404, "not-found"), refused, "{method} {path}");
        }
    }
    let (_, election) = app.a_draft().await;
    app.import(&stranger, election.election_id, "", "email\na@b.de\n").await.refused(404, "not-found");
    app.preview(&stranger, election.election_id, "email\na@b.de\n").await.refused(404, "not-found");
    for kind in ["photo", "programme-file"] {
        app.upload(&stranger, election.candidate_ids[0], kind, "%PDF-").await.refused(404, "not-found");
    }
    assert_eq!(app.number("SELECT (SELECT count(*) FROM voters) + (SELECT count(*) FROM voting_tokens)").await, 1);
    assert!(app.events().await.is_empty() && app.mails().await.is_empty());
}

#[actix_web::test]
async fn a_superadmin_reads_no_roll_and_changes_nothing() {
    let app = App::start().await;
    let (_, calls) = every_operation(&app).await;
    let superadmin = Admin { role: Role::Superadmin, ..app.an_admin().await };
    for (method, path, body) in calls {
        let answer = app.call(&superadmin, method, &path, body).await;
        assert!(!answer.text.contains("voter1@example.com"), "{method} {path}: {}", answer.text);
        assert_eq!(answer.status, if path.contains("candidates?") { 200 } else { 404 }, "{method} {path}: {}", answer.text);
    }
    assert!(app.event_types().await.is_empty());
}
