//! What an organiser should look at before the election opens.

use chrono::{Duration, Utc};
use identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::given;

use crate::app::{App, titled};

/// The codes of what was found, by level.
async fn found(app: &App, id: i64) -> (Vec<String>, Vec<String>) {
    let answer = app.get(&format!("/api/elections/{id}/check")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let of = |level: &str| {
        let findings = answer.body["findings"].as_array().unwrap().iter().filter(|finding| finding["level"] == level);
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    (of("stops"), of("warns"))
}

#[actix_web::test]
async fn everything_that_stops_the_opening_is_found_at_once_and_activate_refuses_by_the_same_list() {
    let app = App::idle().await;
    let contests = json!([{ "title": "President" }, { "title": "Board", "rule": { "method": "scottish_stv", "seats": 3 } }]);
    let made = app.create(json!({ "title": "Council", "contests": contests, "closes_at": "2001-01-01T00:00:00Z" })).await.body;
    let id = made["election_id"].as_i64().unwrap();
    let (stops, warns) = found(&app, id).await;
    let all = ["election-needs-candidates", "election-needs-candidates", "election-closes-in-the-past", "election-roll-empty"];
    assert_eq!(stops, all);
    assert!(warns.contains(&"ranking-warning".to_owned()), "{warns:?}");
    let refused = app.post(&format!("/api/elections/{id}/activate")).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!(stops[0])));
}

#[actix_web::test]
async fn what_could_go_wrong_is_a_warning() {
    let app = App::idle().await;
    let (election, voters) = app.a_draft(12).await;
    let id = election.election_id;
    let path = format!("/api/elections/{id}");
    let soon = Utc::now() + Duration::minutes(10);
    let times = json!({ "timezone": "Europe/Berlin", "opens_at": soon, "closes_at": "2090-01-01T23:30:00Z" });
    assert_eq!(app.call(Method::PUT, &path, Some(times)).await.status, 200);
    assert_eq!(found(&app, id).await, (vec![], vec!["check-closes-at-night".to_owned()]), "half past midnight in Berlin");
    app.owner.execute("DELETE FROM voting_tokens WHERE voter_id = $1", &[&voters[0]]).await.unwrap();
    let answer = app.get(&format!("{path}/check")).await.body;
    let late = answer["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "check-links-late").unwrap();
    assert!(late["message"].as_str().unwrap().ends_with("minutes, and 1 voter has not been sent a link yet"), "{late}");
    let times = json!({ "opens_at": "2001-01-01T00:00:00Z", "closes_at": null });
    assert_eq!(app.call(Method::PUT, &path, Some(times)).await.status, 200);
    assert_eq!(found(&app, id).await.1, ["links-unsent", "check-opens-in-the-past", "check-no-end"]);
    app.owner.execute("DELETE FROM voters WHERE voter_id > $1", &[&voters[2]]).await.unwrap();
    assert!(found(&app, id).await.1.contains(&"check-few-voters".to_owned()));
    let mail = format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status) \
         SELECT gen_random_uuid(), 'voting_invitation', true, {id}, email, 'refused' FROM voters WHERE voter_id = {}",
        voters[1]
    );
    app.owner.batch_execute(&mail).await.unwrap();
    let answer = app.get(&format!("{path}/check")).await.body;
    let refused = answer["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "check-mails-refused").unwrap();
    assert_eq!((&refused["level"], &refused["params"]), (&json!("warns"), &json!({ "mails": 1 })));
}

#[actix_web::test]
async fn an_address_that_is_not_verified_is_a_warning_where_it_matters() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(12).await;
    app.owner.execute("UPDATE admins SET email_verified_at = NULL", &[]).await.unwrap();
    let code = "check-address-unverified".to_owned();
    assert!(!found(&app, election.election_id).await.1.contains(&code), "a local installation mails everybody");
    let app = app.in_production().await;
    assert!(found(&app, election.election_id).await.1.contains(&code));
}

#[actix_web::test]
async fn a_scheduled_election_is_still_checked_and_an_open_one_no_more() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(12).await;
    let id = election.election_id;
    let opens_at = Utc::now() + Duration::hours(2);
    app.call(Method::PUT, &format!("/api/elections/{id}"), Some(json!({ "opens_at": opens_at }))).await;
    assert_eq!(app.post(&format!("/api/elections/{id}/activate")).await.body["status"], "scheduled");
    app.owner.execute("DELETE FROM voting_tokens", &[]).await.unwrap();
    let (stops, warns) = found(&app, id).await;
    assert_eq!((stops.len(), warns), (0, vec!["check-links-late".to_owned(), "check-no-end".to_owned()]));
    app.post(&format!("/api/elections/{id}/open")).await;
    assert_eq!(found(&app, id).await, (vec![], vec![]));
}

#[actix_web::test]
async fn only_the_owner_and_superadmins_are_told() {
    let app = App::idle().await;
    let id = app.create(titled("Council")).await.body["election_id"].as_i64().unwrap();
    let path = format!("/api/elections/{id}/check");
    assert_eq!(app.anonymous(Method::GET, &path).await.status, 401);
    let stranger = app.another_admin().await;
    assert_eq!(app.call_as_at(&stranger, Method::GET, &path).await.status, 404);
    let other = given::an_admin(&app.owner, "root@example.com").await;
    let superadmin = app.assertion(other, Role::Superadmin);
    let answer = app.call_as_at(&superadmin, Method::GET, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_ne!(answer.body["findings"], Value::Array(vec![]));
}
