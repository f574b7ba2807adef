//! Nobody sees a count before it is published.

use identity::Role;
use serde_json::json;
use testkit::given;

use crate::app::App;

#[actix_web::test]
async fn before_publication_nobody_gets_a_count_and_the_admin_gets_the_turnout() {
    let app = App::new(3).await;
    let id = app.election.election_id;
    let admin = app.assertion(app.election.admin_id, Role::Admin);
    let stranger = app.assertion(given::an_admin(&app.owner, "stranger@example.com").await, Role::Admin);
    let (status, body) = app.results_as(None, id).await;
    assert_eq!((status, &body["type"]), (409, &json!("/problems/results-not-published")), "a draft");

    let booth = app.open().await;
    app.cast(&booth, &[booth.ballot(&[&[app.election.candidate_ids[0]]])]).await;
    for state in ["active", "closed"] {
        if state == "closed" {
            app.owner.execute("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
        }
        for (who, turnout) in [(None, None), (Some(&stranger), None), (Some(&admin), Some(json!({"roll": 3, "voted": 1})))] {
            let (status, body) = app.results_as(who.map(String::as_str), id).await;
            assert_eq!(status, 409, "{state}");
            assert_eq!(body.get("turnout"), turnout.as_ref(), "{state}");
            assert!(!body.to_string().contains("vote_count"));
        }
    }
    assert_eq!(app.told().await, 0, "nothing was looked at");
}

#[actix_web::test]
async fn an_unknown_election_is_not_found() {
    let app = App::new(1).await;
    assert_eq!(app.results_as(None, 999_999).await.0, 404);
    assert_eq!(app.results_as(Some("forged"), app.election.election_id).await.0, 401);
}

#[actix_web::test]
async fn only_an_admin_who_looks_is_logged() {
    let app = App::new(1).await;
    app.published([1, 0, 0]).await;
    app.results().await;
    assert_eq!(app.told().await, 0);
    let admin = app.assertion(app.election.admin_id, Role::Admin);
    assert_eq!(app.results_as(Some(&admin), app.election.election_id).await.0, 200);
    let payload: Vec<u8> = app.owner.query_one("SELECT payload FROM outbox", &[]).await.unwrap().get(0);
    let event: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(event["happening"]["event_type"], "results_viewed");
    assert_eq!((&event["admin_id"], &event["election_id"]), (&json!(app.election.admin_id), &json!(app.election.election_id)));
}

#[actix_web::test]
async fn that_the_count_has_stopped_is_said_to_everybody_and_why_only_to_the_admin() {
    let app = App::new(2).await;
    let id = app.election.election_id;
    app.open().await;
    app.owner.execute("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
    let fail = "UPDATE elections SET tally_state = 'failed', tally_failed_in = 'grace', tally_error = 'the chain is broken at 2'";
    app.owner.execute(fail, &[]).await.unwrap();
    let (status, public) = app.results_as(None, id).await;
    assert_eq!((status, &public["type"]), (409, &json!("/problems/count-stopped")));
    assert!(public["detail"].as_str().unwrap().contains("has stopped, and its organiser was told"), "{public}");
    assert!(!public.to_string().contains("chain"), "{public}");
    let stranger = app.assertion(given::an_admin(&app.owner, "stranger@example.com").await, Role::Admin);
    assert_eq!(app.results_as(Some(&stranger), id).await.1["detail"], public["detail"]);
    let admin = app.assertion(app.election.admin_id, Role::Admin);
    let (_, mine) = app.results_as(Some(&admin), id).await;
    assert_eq!((&mine["reason"], &mine["step"]), (&json!("the chain is broken at 2"), &json!("grace")));
    assert!(mine["next"].as_str().unwrap().contains("close the election again"), "{mine}");
}
