//! A later end, announced to everybody.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::App;

#[actix_web::test]
async fn the_end_moves_later_and_links_live_as_long() {
    let app = App::idle().await;
    let (election, voters) = app.a_draft(3).await;
    let path = format!("/api/elections/{}", election.election_id);
    let end: DateTime<Utc> = (Utc::now() + TimeDelta::days(2)).date_naive().and_hms_opt(18, 0, 0).unwrap().and_utc();
    app.call(Method::PUT, &path, Some(json!({"closes_at": end}))).await;
    assert_eq!(app.anonymous(Method::GET, &format!("{path}/amendments")).await.status, 404, "a draft is nobody's business");
    app.post(&format!("{path}/activate")).await;
    app.owner.execute("UPDATE voting_tokens SET runs_to_close = true WHERE voter_id <> $1", &[&voters[0]]).await.unwrap();
    app.owner.execute("UPDATE voting_tokens SET is_used = true WHERE voter_id = $1", &[&voters[1]]).await.unwrap();
    let rows = "SELECT string_agg(t.xmin::text || t::text, ' ' ORDER BY token_id) FROM voting_tokens t";
    let links_before: String = app.owner.query_one(rows, &[]).await.unwrap().get(0);

    let amend = async |closes_at: DateTime<Utc>| {
        app.call(
            Method::POST,
            &format!("{path}/amendments"),
            Some(json!({"closes_at": closes_at, "reason": "The server room was flooded"})),
        )
        .await
    };
    assert_eq!(amend(end - TimeDelta::hours(1)).await.status, 409);
    assert_eq!(amend(end).await.status, 409);
    let later = end + TimeDelta::days(9);
    let moved = amend(later).await;
    assert_eq!((moved.status, &moved.body["kind"]), (201, &json!("closes_at_moved")), "{}", moved.body);
    assert_eq!((&moved.body["previous_closes_at"], &moved.body["closes_at"]), (&json!(end), &json!(later)));
    let public = app.anonymous(Method::GET, &format!("{path}/amendments")).await;
    assert_eq!(public.body["items"], json!([moved.body]));
    let shown = app.get(&path).await.body;
    assert_eq!((&shown["closes_at"], &shown["amendments"]), (&json!(later), &json!([moved.body])));
    let links_after: String = app.owner.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!(links_after, links_before, "no link is touched");
    let voting = app.database.connect("voting_service").await;
    let works = "SELECT expires_at = $2::text::timestamptz FROM look_up_token($3, $1)";
    for (voter, longer) in [(voters[2], true), (voters[0], false)] {
        let link = testkit::given::token_hash(&app.owner, voter).await;
        let row = voting.query_one(works, &[&link, &later.to_rfc3339(), &election.election_id]).await.unwrap();
        assert_eq!(row.get::<_, bool>(0), longer, "a link that runs to the close, and one that does not");
    }
    let event = app.told().await.pop().unwrap();
    assert_eq!(event["kind"]["event_type"], "closing_time_moved");
    assert_eq!(event["kind"]["details"]["reason"], "The server room was flooded");
}

#[actix_web::test]
async fn no_end_an_end_that_has_come_and_a_strange_election_are_refused() {
    let app = App::idle().await;
    let (election, _, _) = app.an_active_election(1).await;
    let path = format!("/api/elections/{}/amendments", election.election_id);
    let later = json!({"closes_at": "2090-01-01T00:00:00Z"});
    let refused = app.call(Method::POST, &path, Some(later.clone())).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body["detail"].as_str().unwrap().contains("no closing time"), "{}", refused.body);
    let come = "UPDATE elections SET closes_at = clock_timestamp() WHERE election_id = $1";
    app.owner.execute(come, &[&election.election_id]).await.unwrap();
    let refused = app.call(Method::POST, &path, Some(later.clone())).await;
    assert_eq!((refused.status, refused.body["detail"].as_str()), (409, Some("Voting in this election has ended")));
    for bad in [json!({}), json!({"closes_at": "tomorrow"}), json!({"closes_at": "2090-01-01T00:00:00Z", "opens_at": null})] {
        assert_eq!(app.call(Method::POST, &path, Some(bad)).await.status, 422);
    }
    let long = json!({"closes_at": "2090-01-01T00:00:00Z", "reason": "x".repeat(1001)});
    assert_eq!(app.call(Method::POST, &path, Some(long)).await.body["errors"][0]["field"], "reason");
    assert_eq!(app.call(Method::POST, "/api/elections/999/amendments", Some(later)).await.status, 404);
}

#[actix_web::test]
async fn moving_the_end_and_closing_have_one_winner() {
    let app = App::idle().await;
    for _ in 0..10 {
        let (election, _) = app.a_draft(1).await;
        let id = election.election_id;
        let path = format!("/api/elections/{id}");
        app.call(Method::PUT, &path, Some(json!({"closes_at": Utc::now() + TimeDelta::hours(1)}))).await;
        app.post(&format!("{path}/activate")).await;
        let later = json!({"closes_at": Utc::now() + TimeDelta::hours(2)});
        let (amendments, close) = (format!("{path}/amendments"), format!("{path}/close"));
        let (moved, closed) = futures_util::join!(app.call(Method::POST, &amendments, Some(later)), app.post(&close));
        assert_eq!(closed.status, 200, "an organiser may always close");
        let amendments = app.get(&path).await.body["amendments"].as_array().unwrap().len();
        assert!(matches!((moved.status, amendments), (201, 1) | (409, 0)), "{moved:?} {amendments}");
    }
}

#[actix_web::test]
async fn a_leap_second_at_the_end_of_time_is_refused_and_ends_no_process() {
    let app = App::idle().await;
    let (election, _, _) = app.an_active_election(1).await;
    let path = format!("/api/elections/{}", election.election_id);
    let sql = "UPDATE elections SET closes_at = clock_timestamp() + interval '1 day' WHERE election_id = $1";
    app.owner.execute(sql, &[&election.election_id]).await.unwrap();
    for end in ["9999-12-31T23:59:60Z", "9999-12-31T23:59:59-01:00", "1969-12-31T23:59:59Z"] {
        let body = json!({"closes_at": end, "reason": "The server room was flooded"});
        let refused = app.call(Method::POST, &format!("{path}/amendments"), Some(body)).await;
        assert_eq!(refused.status, 422, "{end}: {}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains("the years 1970 to 9999"), "{}", refused.body);
    }
    let made = app.create(json!({"title": "x", "closes_at": "9999-12-31T23:59:60Z"})).await;
    assert_eq!(made.status, 422, "{}", made.body);
    assert_eq!(app.get(&path).await.status, 200);
    no_transaction_stays_open(&app).await;
}

#[actix_web::test]
async fn an_amendment_that_cannot_be_read_is_a_fault_of_ours_and_ends_no_process() {
    let app = App::idle().await;
    let (election, _, _) = app.an_active_election(1).await;
    let path = format!("/api/elections/{}", election.election_id);
    // As it stood there before years were bounded.
    let broken = "CREATE OR REPLACE FUNCTION amendments_of(election bigint) RETURNS text LANGUAGE sql AS \
                  $$ SELECT '[{\"closes_at\": \"10000-01-01T00:00:00+00:00\"}]' $$";
    app.owner.batch_execute(broken).await.unwrap();
    assert_eq!(app.get(&path).await.status, 500);
    assert_eq!(app.get("/health").await.status, 200);
    no_transaction_stays_open(&app).await;
}

async fn no_transaction_stays_open(app: &App) {
    let none = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%')";
    testkit::wait_until("no transaction stays open", std::time::Duration::from_secs(20), async || {
        app.owner.query_one(none, &[]).await.unwrap().get(0)
    })
    .await;
}

#[actix_web::test]
async fn a_candidate_who_withdraws_is_announced_once_and_stays_on_the_ballot() {
    let app = App::idle().await;
    let (election, _, _) = app.an_active_election(1).await;
    let (path, bob) = (format!("/api/elections/{}/amendments", election.election_id), election.candidate_ids[1]);
    let announce = async |body: Value| app.call(Method::POST, &path, Some(body)).await;
    assert_eq!(announce(json!({"candidate_id": bob})).await.body["errors"][0]["code"], "withdrawal-needs-reason");
    assert_eq!(announce(json!({"reason": "x"})).await.body["errors"][0]["code"], "amendment-needs-one");
    assert_eq!(
        announce(json!({"candidate_id": 999_999, "reason": "x"})).await.body["errors"][0]["code"],
        "candidate-cannot-withdraw"
    );
    let announced = announce(json!({"candidate_id": bob, "reason": "Moved abroad"})).await;
    assert_eq!(announced.status, 201, "{}", announced.body);
    let said = (&announced.body["kind"], &announced.body["candidate_id"], &announced.body["candidate"]);
    assert_eq!(said, (&json!("candidate_withdrawn"), &json!(bob), &json!("Bob Smith")));
    let again = announce(json!({"candidate_id": bob, "reason": "Moved abroad"})).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("candidate-withdrawn-already")), "{}", again.body);
    let told = app.told().await;
    assert_eq!(told.last().unwrap()["kind"]["event_type"], "candidate_withdrawn");
    app.owner.execute("SELECT begin_close($1, 0)", &[&election.election_id]).await.unwrap();
    let late = announce(json!({"candidate_id": election.candidate_ids[0], "reason": "x"})).await;
    assert_eq!(late.status, 409, "{}", late.body);
}
