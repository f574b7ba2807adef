//! A published result is counted once and kept: what a request costs, and whose word is believed.

use serde_json::{Value, json};
use testkit::OWNER;
use tokio_postgres::Client;

use crate::app::{Answer, App, NEVER};

/// Whoever reads a ballot now waits until the lock is given up.
async fn nobody_reads_a_ballot(app: &App) -> Client {
    let owner = app.database.connect(OWNER).await;
    owner.batch_execute("BEGIN; LOCK TABLE votes, opened_ballots IN ACCESS EXCLUSIVE MODE").await.unwrap();
    owner
}

async fn ask(app: &App, headers: &[(&str, &str)]) -> Answer {
    app.get(&format!("/api/results/{}", app.election.election_id), headers).await
}

#[actix_web::test]
async fn a_kept_result_is_shown_without_a_look_at_a_ballot_also_by_a_service_that_has_just_started() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    let counted = app.results().await;
    let lock = nobody_reads_a_ballot(&app).await;
    assert_eq!(app.results().await, counted);
    app.start(NEVER).await;
    assert_eq!(app.results().await, counted, "the first answer after a restart");
    drop(lock);
}

#[actix_web::test]
async fn a_result_comes_with_an_etag_and_is_not_sent_again_while_it_is_the_same() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    let first = ask(&app, &[]).await;
    let tag = first.headers["etag"].clone();
    assert_eq!((first.status, first.headers["cache-control"].as_str()), (200, "public, no-cache"));
    assert_eq!(first.headers["content-type"], "application/json");
    for known in [tag.as_str(), "*", &format!("\"other\", {tag}"), &format!("W/{tag}")] {
        let again = ask(&app, &[("If-None-Match", known)]).await;
        assert_eq!((again.status, again.body.as_str(), &again.headers["etag"]), (304, "", &tag), "{known}");
    }
    assert_eq!(ask(&app, &[("If-None-Match", "\"other\"")]).await.body, first.body);

    app.owner.execute("UPDATE elections SET status = 'archived'", &[]).await.unwrap();
    let archived = ask(&app, &[("If-None-Match", &tag)]).await;
    assert_eq!((archived.status, &archived.json()["status"]), (200, &json!("archived")));
    assert_ne!(archived.headers["etag"], tag);
}

#[actix_web::test]
async fn a_row_that_the_databases_owner_wrote_is_never_shown() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    let counted = app.results().await;
    for exchange in [
        "UPDATE published_results SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Alice Johnson', 'Bob Smith the First'), 'UTF8')",
        "UPDATE published_results SET checked_at = now() + interval '10 years'",
        "UPDATE published_results SET mac = sha256(body)",
        "UPDATE published_results SET body = '{}'",
        "DELETE FROM published_results",
    ] {
        app.owner.execute(exchange, &[]).await.unwrap();
        let shown = app.results().await;
        assert_eq!((&shown["results"], &shown["integrity"]["ok"]), (&counted["results"], &json!(true)), "{exchange}");
        let rows = app.owner.query_one("SELECT count(*) FROM published_results WHERE checked_at <= now()", &[]).await.unwrap();
        assert_eq!(rows.get::<_, i64>(0), 1, "{exchange}: counted again, and kept");
    }
    // Nor does the row of one election pass for another's.
    let id = app.election.election_id;
    let other = testkit::given::a_draft(&app.owner, app.election.admin_id, "Another").await.election_id;
    let sql = "INSERT INTO published_results SELECT $1, body, mac, checked_at FROM published_results WHERE election_id = $2";
    app.owner.execute(sql, &[&other, &id]).await.unwrap();
    let publish = format!(
        "UPDATE elections SET status = 'closed', tally_state = 'opened', manifest = '{{}}', manifest_hash = sha256('{{}}'), \
         results_published_at = now() WHERE election_id = {other}"
    );
    app.tamper("elections", &publish).await;
    let (status, shown) = app.results_as(None, other).await;
    assert_eq!((status, &shown["election_title"], &shown["contests"]), (200, &json!("Another"), &json!([])), "{shown}");
}

#[actix_web::test]
async fn two_copies_of_the_service_count_once_and_show_the_same() {
    let app = App::new(3).await;
    let first = app.url();
    app.start(NEVER).await;
    let second = app.url();
    app.published([2, 1, 0]).await;
    let path = format!("/api/results/{}", app.election.election_id);
    let ask = async |copy: &str| {
        let answer = app.get_from(copy, &path, &[]).await;
        (answer.status, answer.headers.get("etag").cloned())
    };
    let answers = all_at_once(&[&first, &second, &first, &second, &first, &second], ask).await;
    assert!(answers.iter().all(|answer| answer.0 == 200 && *answer == answers[0]), "{answers:?}");
    let rows = app.owner.query_one("SELECT count(*) FROM published_results", &[]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), 1);
    // Both copies run in this process, and count into the same numbers.
    let metrics = app.get("/metrics", &[]).await.body;
    assert!(metrics.lines().any(|line| line == "results_checks_total 1"), "{metrics}");
}

async fn all_at_once<T>(copies: &[&String], ask: impl AsyncFn(&str) -> T) -> Vec<T> {
    futures_util::future::join_all(copies.iter().map(|copy| ask(copy))).await
}

#[actix_web::test]
async fn whoever_asks_while_the_ballots_are_counted_is_told_when_to_ask_again() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    let lock = nobody_reads_a_ballot(&app).await;
    app.start(NEVER).await;
    let answers = all_at_once(&[&String::new(), &String::new()], async |_| ask(&app, &[]).await).await;
    for told in answers {
        assert_eq!((told.status, told.headers["retry-after"].as_str()), (503, "2"), "{}", told.body);
        assert!(told.json()["detail"].as_str().unwrap().contains("is being counted"), "{}", told.body);
    }
    // Other elections are not held up: this one is not published.
    let other = testkit::given::a_draft(&app.owner, app.election.admin_id, "Another").await.election_id;
    assert_eq!(app.results_as(None, other).await.0, 404);
    lock.batch_execute("ROLLBACK").await.unwrap();
    testkit::wait_until("the count", std::time::Duration::from_secs(20), async || ask(&app, &[]).await.status == 200).await;
    let Value::Array(results) = app.results().await["results"].clone() else { panic!("a list") };
    assert_eq!(results[0]["vote_count"], 2);
}
