//! A copy of an election as a new draft.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::given;

use crate::app::App;

/// An election with two questions, whose candidates have all that can be said of them.
async fn a_whole_one(app: &App) -> given::Election {
    let (election, _) = app.a_draft(2).await;
    let photo = given::an_upload(&app.owner, b"a picture", "jpg").await;
    let file = given::an_upload(&app.owner, b"a programme", "pdf").await;
    let sql = "UPDATE candidates SET party = 'Open List', description = 'Short', vision = 'Far', programme = '1. Buses', \
               link = 'https://example.org/', photo_url = $1, thumbnail_url = $1, programme_file_url = $2 WHERE name = 'Alice Johnson'";
    app.owner.execute(sql, &[&photo, &file]).await.unwrap();
    let path = format!("/api/elections/{}", election.election_id);
    let contests = json!([
        { "contest_id": election.contest_id, "title": "President", "rule": { "method": "irv", "none_of_the_above": "vacant_seat" }, "ballot_order": "rotated" },
        { "title": "Fee", "text": "The fee is 5.", "rule": { "method": "motion", "passes": "two_thirds" } },
    ]);
    let change = json!({ "contests": contests, "description": "Every year", "closes_at": "2090-01-01T00:00:00Z", "timezone": "Europe/Berlin",
        "publish": "manual" });
    let changed = app.call(Method::PUT, &path, Some(change)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    election
}

async fn copy(app: &App, election_id: i64, body: Value) -> crate::app::Answer {
    app.call(Method::POST, &format!("/api/elections/{election_id}/copy"), Some(body)).await
}

/// What is stored of the candidates, without their numbers.
async fn candidates(app: &App, election_id: &Value) -> Vec<String> {
    let sql = "SELECT concat_ws('|', t.title, c.name, c.standing, c.display_order, c.party, c.description, c.vision, c.programme, c.link, \
               c.photo_url, c.thumbnail_url, c.programme_file_url) \
               FROM candidates c JOIN contests t USING (election_id, contest_id) WHERE c.election_id = $1 \
               ORDER BY t.display_order, c.display_order, c.candidate_id";
    let rows = app.owner.query(sql, &[&election_id.as_i64().unwrap()]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[actix_web::test]
async fn a_copy_has_questions_and_rules_and_neither_voters_nor_times() {
    let app = App::idle().await;
    let election = a_whole_one(&app).await;
    let before = app.get(&format!("/api/elections/{}", election.election_id)).await.body;
    let copied = copy(&app, election.election_id, json!({})).await;
    assert_eq!(copied.status, 201, "{}", copied.body);
    let copied = copied.body;
    for member in ["title", "description", "timezone", "locale", "publish", "profile"] {
        assert_eq!(copied[member], before[member], "{member}");
    }
    assert_eq!((&copied["status"], &copied["opens_at"], &copied["closes_at"]), (&json!("draft"), &json!(null), &json!(null)));
    assert_eq!(copied["turnout"], json!({ "roll": 0, "voted": 0 }));
    let without_number = |election: &Value| {
        let mut contests = election["contests"].clone();
        contests.as_array_mut().unwrap().iter_mut().for_each(|contest| contest["contest_id"] = json!(0));
        contests
    };
    assert_eq!(without_number(&copied), without_number(&before));
    let people: Vec<String> =
        candidates(&app, &copied["election_id"]).await.into_iter().filter(|row| row.contains("|stands|")).collect();
    assert!(people.is_empty(), "{people:?}");
    let own: Vec<String> =
        candidates(&app, &before["election_id"]).await.into_iter().filter(|row| !row.contains("|stands|")).collect();
    assert_eq!(candidates(&app, &copied["election_id"]).await, own, "what the rules put on the ballot is there");
    let told = app.told().await.pop().unwrap();
    let details = json!({ "title": before["title"], "copied_from": election.election_id, "candidates": 0 });
    assert_eq!(
        (&told["kind"], &told["election_id"]),
        (&json!({ "event_type": "election_copied", "details": details }), &copied["election_id"])
    );
}

#[actix_web::test]
async fn candidates_come_along_with_all_that_is_said_of_them_and_whoever_withdrew_does_not() {
    let app = App::idle().await;
    let election = a_whole_one(&app).await;
    let path = format!("/api/elections/{}", election.election_id);
    assert_eq!(app.post(&format!("{path}/activate")).await.status, 200);
    let withdrawn = json!({ "candidate_id": election.candidate_ids[1], "reason": "Moved abroad" });
    assert_eq!(app.call(Method::POST, &format!("{path}/amendments"), Some(withdrawn)).await.status, 201);
    let copied = copy(&app, election.election_id, json!({ "title": " Next year ", "candidates": true })).await;
    assert_eq!((copied.status, &copied.body["title"]), (201, &json!("Next year")), "{}", copied.body);
    let mut expected = candidates(&app, &json!(election.election_id)).await;
    expected.retain(|row| !row.contains("Bob Smith"));
    assert_eq!(candidates(&app, &copied.body["election_id"]).await, expected);
    assert!(expected[0].contains("Open List|Short|Far|1. Buses|https://example.org/|/uploads/"), "{expected:?}");
    assert_eq!(app.told().await.pop().unwrap()["kind"]["details"]["candidates"], 2);
    let activated = app
        .owner
        .execute(
            "INSERT INTO voters (election_id, email) VALUES ($1, 'v@example.org')",
            &[&copied.body["election_id"].as_i64().unwrap()],
        )
        .await;
    assert_eq!(activated.unwrap(), 1);
    let activated = app.post(&format!("/api/elections/{}/activate", copied.body["election_id"])).await;
    assert_eq!(activated.status, 200, "a copy is a whole election: {}", activated.body);
}

#[actix_web::test]
async fn nobody_copies_the_election_of_another_and_what_is_wrong_is_named() {
    let app = App::idle().await;
    let election = a_whole_one(&app).await;
    let other = app.another_admin().await;
    let path = format!("/api/elections/{}/copy", election.election_id);
    let refused = app.call_as(Some(&other), &app.url, Method::POST, &path, Some(json!({}))).await;
    assert_eq!(refused.status, 404);
    let superadmin = app.assertion(app.admin_id + 1000, identity::Role::Superadmin);
    assert_eq!(
        app.call_as(Some(&superadmin), &app.url, Method::POST, &path, Some(json!({}))).await.status,
        404,
        "they see it, and copy it not"
    );
    assert_eq!(copy(&app, 999_999, json!({})).await.status, 404);
    for wrong in [json!({ "title": " " }), json!({ "title": "x".repeat(256) }), json!({ "title": "a\nb" })] {
        let refused = copy(&app, election.election_id, wrong).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("title")));
    }
    assert_eq!(copy(&app, election.election_id, json!({ "voters": true })).await.status, 422);
    let elections: i64 = app.owner.query_one("SELECT count(*) FROM elections", &[]).await.unwrap().get(0);
    assert_eq!(elections, 1);
}
