//! Parts of the stack are killed. These tests run one after the other (`make test` sees to it).

use futures_util::future::join_all;
use serde_json::json;

use crate::stack::{Stack, expect, expect_problem, until};

#[tokio::test]
async fn voting_goes_on_while_everything_else_is_down() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 3).await;
    for name in ["auth", "election", "results", "audit", "admin", "email", "frontend", "redis"] {
        stack.end(name, "-KILL").await;
    }
    expect(stack.get(&format!("/api/voting/ballot?token={}", election.links[0]), None).await, 200).await;
    expect(stack.cast(&election.links[0], election.candidates[0]).await, 200).await;
    // Callers are told to come back; who is nobody in particular is not asked for.
    let refused = stack.get("/api/elections", Some(&admin)).await;
    assert!(refused.headers().contains_key("retry-after"));
    expect_problem(refused, 503, "unavailable").await;
    stack.up_again();
    stack.count(&admin, election.id).await;
    let seen = expect(stack.get(&format!("/api/elections/{}", election.id), Some(&admin)).await, 200).await;
    assert_eq!(seen["turnout"]["voted"], 1, "{seen}");
}

#[tokio::test]
async fn admins_can_work_without_redis_and_a_dead_token_stays_dead() {
    let stack = Stack::found();
    let (admin, gone) = (stack.admin().await, stack.admin().await);
    expect(stack.call(reqwest::Method::POST, "/api/auth/logout", Some(&gone)).send().await.unwrap(), 204).await;
    stack.end("redis", "-KILL").await;
    expect(stack.get("/api/elections", Some(&admin)).await, 200).await;
    assert_eq!(stack.get("/api/elections", Some(&gone)).await.status(), 401);
    stack.up_again();
    assert_eq!(stack.get("/api/elections", Some(&gone)).await.status(), 401);
}

#[tokio::test]
async fn a_voting_service_killed_in_the_rush_loses_no_acknowledged_vote() {
    for signal in ["-TERM", "-KILL"] {
        let stack = Stack::found();
        let admin = stack.admin().await;
        let election = stack.active(&admin, 60).await;
        let (at, bob) = (&stack, election.candidates[1]);
        let casts = election.links.iter().map(|link| async move {
            let body = json!({ "token": link, "candidate_id": bob });
            let sent = at.call(reqwest::Method::POST, "/api/voting/cast-vote", None).json(&body).send().await;
            sent.is_ok_and(|answer| answer.status() == 200)
        });
        let (acknowledged, ()) = futures_util::future::join(join_all(casts), async {
            until("the first ballots", async || {
                stack.sql(&format!("SELECT count(*) > 3 FROM votes WHERE election_id = {}", election.id)) == "t"
            })
            .await;
            stack.end("voting", signal).await;
        })
        .await;
        stack.up_again();
        let recorded: usize =
            stack.sql(&format!("SELECT count(*) FROM votes WHERE election_id = {}", election.id)).parse().unwrap();
        let acknowledged = acknowledged.into_iter().filter(|known| *known).count();
        assert!(acknowledged <= recorded, "{signal}: {acknowledged} acknowledged, {recorded} recorded");
        // Whoever got no answer votes again: nobody ends up with two ballots, nobody with none.
        for link in &election.links {
            let again = stack.cast(link, election.candidates[1]).await;
            assert!([200, 409].contains(&again.status().as_u16()), "{signal}: {}", again.status());
        }
        expect(stack.post(&format!("/api/elections/{}/close", election.id), Some(&admin), &json!({})).await, 200).await;
        until("the result", async || stack.get(&format!("/api/results/{}", election.id), None).await.status() == 200).await;
        let result = expect(stack.get(&format!("/api/results/{}", election.id), None).await, 200).await;
        assert_eq!((&result["total_votes"], &result["integrity"]["ok"]), (&json!(60), &json!(true)), "{signal}");
    }
}

#[tokio::test]
async fn an_election_service_killed_while_closing_goes_on_after_its_restart() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 10).await;
    for link in &election.links {
        expect(stack.cast(link, election.candidates[0]).await, 200).await;
    }
    expect(stack.post(&format!("/api/elections/{}/close", election.id), Some(&admin), &json!({})).await, 200).await;
    stack.end("election", "-KILL").await;
    stack.up_again();
    until("the result", async || stack.get(&format!("/api/results/{}", election.id), None).await.status() == 200).await;
    let result = expect(stack.get(&format!("/api/results/{}", election.id), None).await, 200).await;
    assert_eq!((&result["total_votes"], &result["integrity"]["ok"]), (&json!(10), &json!(true)));
}
