//! One election is locked for long: calls about it are refused soon, and calls about other elections still work.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::app::App;

#[actix_web::test]
async fn calls_about_a_held_election_take_the_service_from_nobody() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let (neighbour, other) = app.a_draft().await;
    let holder = app.database.owner().await;
    let held = format!("BEGIN; SELECT FROM elections WHERE election_id = {} FOR UPDATE", election.election_id);
    holder.batch_execute(&held).await.unwrap();

    let calls = join_all((0..64).map(async |i| {
        let email = format!("voter{i}@example.com");
        let asked = Instant::now();
        (app.add_voter(&admin, election.election_id, &email).await.status, asked.elapsed())
    }));
    let others = async {
        let mut longest = Duration::ZERO;
        for i in 0..20 {
            let asked = Instant::now();
            app.get(&neighbour, &format!("/api/admin/candidates?election_id={}", other.election_id)).await.expect(200);
            app.add_voter(&neighbour, other.election_id, &format!("voter{i}@example.com")).await.expect(201);
            longest = longest.max(asked.elapsed());
        }
        longest
    };
    let (answers, longest) = futures_util::join!(calls, others);
    assert!(answers.iter().all(|(status, waited)| *status == 503 && *waited < Duration::from_secs(5)), "{answers:?}");
    assert!(longest < Duration::from_secs(2), "another organiser waited for {longest:?}");

    holder.batch_execute("COMMIT").await.unwrap();
    app.add_voter(&admin, election.election_id, "voter@example.com").await.expect(201);
}

#[actix_web::test]
async fn calls_about_a_roll_that_is_being_written_anew_take_the_service_from_nobody() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let (neighbour, other) = app.a_draft().await;
    let holder = app.database.owner().await;
    let held = format!("BEGIN; LOCK TABLE voters_{} IN ACCESS EXCLUSIVE MODE", election.election_id);
    holder.batch_execute(&held).await.unwrap();
    let calls = join_all((0..64).map(async |i| {
        let asked = Instant::now();
        let answer = match i % 2 {
            0 => app.get(&admin, &format!("/api/admin/voters?election_id={}", election.election_id)).await,
            _ => app.call(&admin, "DELETE", "/api/admin/voters/999999", None).await,
        };
        (answer.status, asked.elapsed())
    }));
    let others = async {
        let mut longest = Duration::ZERO;
        for i in 0..20 {
            let asked = Instant::now();
            app.add_voter(&neighbour, other.election_id, &format!("voter{i}@example.com")).await.expect(201);
            app.get(&neighbour, &format!("/api/admin/voters?election_id={}", other.election_id)).await.expect(200);
            longest = longest.max(asked.elapsed());
        }
        longest
    };
    let (answers, longest) = futures_util::join!(calls, others);
    assert!(answers.iter().all(|(status, waited)| *status == 503 && *waited < Duration::from_secs(5)), "{answers:?}");
    assert!(longest < Duration::from_secs(2), "another organiser waited for {longest:?}");
    holder.batch_execute("COMMIT").await.unwrap();
    app.get(&admin, &format!("/api/admin/voters?election_id={}", election.election_id)).await.expect(200);
}

#[actix_web::test]
async fn what_the_life_cycle_refuses_is_refused_without_waiting_for_whoever_holds_the_election() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voter = testkit::given::voters(&app.owner, id, 1).await[0];
    testkit::given::activate(&app.owner, id, "simple").await;
    app.close(id).await;
    let holder = app.database.owner().await;
    holder.batch_execute(&format!("BEGIN; SELECT FROM elections WHERE election_id = {id} FOR UPDATE")).await.unwrap();
    let candidate = election.candidate_ids[0];
    for (method, path, body) in [
        ("POST", "/api/admin/voters".to_owned(), Some(json!({ "election_id": id, "email": "late@example.com" }))),
        ("PUT", format!("/api/admin/voters/{voter}"), Some(json!({ "email": "late@example.com" }))),
        ("DELETE", format!("/api/admin/voters/{voter}"), None),
        ("POST", format!("/api/admin/voters/{voter}/resend-token"), None),
        ("POST", "/api/admin/candidates".to_owned(), Some(json!({ "election_id": id, "name": "Late" }))),
        ("PUT", format!("/api/admin/candidates/{candidate}"), Some(json!({ "name": "Late" }))),
        ("DELETE", format!("/api/admin/candidates/{candidate}"), None),
        ("POST", format!("/api/admin/elections/{id}/send-voting-links"), None),
    ] {
        app.call(&admin, method, &path, body).await.refused(409, "state-conflict");
    }
    holder.batch_execute("COMMIT").await.unwrap();
}
