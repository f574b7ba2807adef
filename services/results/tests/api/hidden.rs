//! Nobody sees a count before it is published.

use identity::{ASSERTION_HEADER, Role};
use serde_json::json;
use testkit::given;

use crate::app::{App, NEVER};

#[actix_web::test]
async fn before_publication_nobody_gets_a_count_and_the_admin_gets_the_turnout() {
    let app = App::new(3).await;
    let id = app.election.election_id;
    let admin = app.assertion(app.election.admin_id, Role::Admin);
    let stranger = app.assertion(given::an_admin(&app.owner, "stranger@example.com").await, Role::Admin);
    let (status, body) = app.results_as(Some(&admin), id).await;
    assert_eq!((status, &body["type"]), (409, &json!("/problems/results-not-published")), "a draft, to its own admin");
    assert_eq!(body["turnout"], json!({"roll": 3, "voted": 0}));

    let booth = app.open().await;
    app.cast(&booth, &[booth.ballot(&[&[app.election.candidate_ids[0]]])]).await;
    for state in ["active", "closed"] {
        if state == "closed" {
            app.owner.execute("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
        }
        // Until the close it is rounded down to five.
        let shown = json!({"roll": 3, "voted": i32::from(state == "closed")});
        for (who, turnout) in [(None, None), (Some(&stranger), None), (Some(&admin), Some(shown))] {
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
async fn a_draft_of_somebody_else_is_answered_like_an_election_that_does_not_exist() {
    let app = App::new(1).await;
    let stranger = app.assertion(given::an_admin(&app.owner, "stranger@example.com").await, Role::Admin);
    let draft = format!("/api/results/{}", app.election.election_id);
    for headers in [&[][..], &[(ASSERTION_HEADER, stranger.as_str())]] {
        let mut answers = Vec::new();
        for path in [draft.as_str(), "/api/results/999999"] {
            let mut answer = app.get(path, headers).await;
            answer.headers.remove("date");
            answers.push((answer.status, answer.headers, answer.body));
        }
        assert_eq!(answers[0].0, 404);
        assert_eq!(answers[0], answers[1], "not a byte tells that it exists");
    }
    // From activation on the manifest is public, and so is that there is an election.
    let schedule = "INSERT INTO manifests SELECT election_id, '{}', sha256('{}'), 700, 64 FROM elections; \
                    UPDATE elections SET status = 'scheduled', opens_at = now() + interval '1 day'";
    app.owner.batch_execute(schedule).await.unwrap();
    assert_eq!(app.get(&draft, &[]).await.status, 409);
}

#[actix_web::test]
async fn only_the_owner_and_superadmins_who_look_are_logged_and_once_in_ten_minutes() {
    let app = App::new(1).await;
    app.published([1, 0, 0]).await;
    let id = app.election.election_id;
    let counted = app.results().await;
    let stranger = app.assertion(given::an_admin(&app.owner, "stranger@example.com").await, Role::Admin);
    assert_eq!(app.results_as(Some(&stranger), id).await, (200, counted));
    assert_eq!(app.told().await, 0, "the audit log of an election is not for strangers to fill");

    let admin = app.assertion(app.election.admin_id, Role::Admin);
    let looks = std::iter::repeat_with(|| app.results_as(Some(&admin), id)).take(8);
    let looks = futures_util::future::join_all(looks).await;
    assert!(looks.iter().all(|(status, _)| *status == 200), "{looks:?}");
    app.start(NEVER).await;
    assert_eq!(app.results_as(Some(&admin), id).await.0, 200, "another copy of the service");
    assert_eq!(app.told().await, 1);
    let payload: Vec<u8> = app.owner.query_one("SELECT payload FROM outbox", &[]).await.unwrap().get(0);
    let event: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(event["kind"]["event_type"], "results_viewed");
    assert_eq!((&event["admin_id"], &event["election_id"]), (&json!(app.election.admin_id), &json!(id)));

    let superadmin = app.assertion(given::an_admin(&app.owner, "super@example.com").await, Role::Superadmin);
    assert_eq!(app.results_as(Some(&superadmin), id).await.0, 200);
    assert_eq!(app.told().await, 2, "each for themselves");
    for (moved, told) in [("- interval '9 minutes'", 2), ("- interval '2 minutes'", 3), ("+ interval '1 day'", 4)] {
        let sql = format!("UPDATE result_views SET logged_at = logged_at {moved} WHERE admin_id = $1");
        app.owner.execute(&sql, &[&app.election.admin_id]).await.unwrap();
        assert_eq!(app.results_as(Some(&admin), id).await.0, 200);
        assert_eq!(app.told().await, told, "{moved}");
    }
}

#[actix_web::test]
async fn that_the_count_has_stopped_is_said_to_everybody_and_why_only_to_the_admin() {
    let app = App::new(2).await;
    let id = app.election.election_id;
    app.open().await;
    app.owner.execute("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
    let fail = "UPDATE tallies SET state = 'failed', failed_in = 'grace', error = 'the chain is broken at 2'";
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
