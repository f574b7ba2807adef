//! A published result is counted once and kept: what a request costs, and whose word is believed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crypto::mac::MacKey;
use serde_json::{Value, json};
use testkit::OWNER;
use testkit::service::secrets;
use tokio_postgres::Client;

use crate::app::{Answer, App, NEVER};

/// Whoever reads a ballot now waits until the lock is given up.
async fn nobody_reads_a_ballot(app: &App) -> Client {
    let owner = app.database.connect(OWNER).await;
    owner.batch_execute("BEGIN; LOCK TABLE votes, decrypted_ballots IN ACCESS EXCLUSIVE MODE").await.unwrap();
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
        "INSERT INTO manifests VALUES ({other}, '{{}}', sha256('{{}}'), 700, 64); \
         UPDATE elections SET status = 'closed', results_published_at = now() WHERE election_id = {other}"
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

/// What `/ready` says is wrong; the service is ready all the same.
async fn troubles(app: &App) -> String {
    let ready = app.get("/ready", &[]).await;
    assert_eq!(ready.status, 200, "{}", ready.body);
    ready.json().get("troubles").map(Value::to_string).unwrap_or_default()
}

async fn a_trigger_freezes_nothing(trigger: &str) {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    app.start(1).await;
    let counted = app.results().await;
    assert_eq!((&counted["integrity"]["ok"], troubles(&app).await.as_str()), (&json!(true), ""));
    let freeze = format!(
        "CREATE FUNCTION old_verdict_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {trigger}; END $$; \
         CREATE TRIGGER old_verdict_stays BEFORE UPDATE ON published_results FOR EACH ROW EXECUTE FUNCTION old_verdict_stays()"
    );
    app.owner.batch_execute(&freeze).await.unwrap();
    app.tamper("voting_tokens", "UPDATE voting_tokens SET is_used = NOT is_used").await;
    let shown = app.results_until("the verdict", |body| body["integrity"]["ok"] == false).await;
    assert_eq!(shown["results"], counted["results"]);
    let named = format!("the database does not keep the checked result of election {}", app.election.election_id);
    assert!(troubles(&app).await.contains(&named), "{trigger}");
    assert!(app.get("/metrics", &[]).await.body.contains("results_not_kept_total"));

    app.owner.batch_execute("DROP TRIGGER old_verdict_stays ON published_results").await.unwrap();
    testkit::wait_until("the row is written again", Duration::from_secs(30), async || troubles(&app).await.is_empty()).await;
    let kept: String = {
        let row = app.owner.query_one("SELECT convert_from(body, 'UTF8') FROM published_results", &[]).await.unwrap();
        row.get(0)
    };
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap()["integrity"]["ok"], false);
}

#[actix_web::test]
async fn a_trigger_that_drops_every_later_check_does_not_freeze_the_verdict() {
    a_trigger_freezes_nothing("RETURN NULL").await;
}

#[actix_web::test]
async fn a_trigger_that_writes_the_old_row_again_does_not_freeze_the_verdict() {
    a_trigger_freezes_nothing("RETURN OLD").await;
}

#[actix_web::test]
async fn a_trigger_that_refuses_every_later_check_does_not_freeze_the_verdict() {
    a_trigger_freezes_nothing("RAISE 'no'").await;
}

/// An older row of the same election, as whoever has copies of the table can put it back, tag and all.
async fn put_back_a_check_of(app: &App, checked_at: DateTime<Utc>) {
    let row = app.owner.query_one("SELECT body FROM published_results", &[]).await.unwrap();
    let mut body: Value = serde_json::from_slice(row.get(0)).unwrap();
    body["integrity"]["checked_at"] = json!(checked_at);
    let body = serde_json::to_vec(&body).unwrap();
    let key = std::fs::read_to_string(secrets().kept_results_key()).unwrap();
    let (id, time) = (app.election.election_id.to_be_bytes(), checked_at.timestamp_micros().to_be_bytes());
    let mac = MacKey::from_hex(key.trim()).unwrap().tag(&[b"published-result/v1", &id, &time, &body]).to_vec();
    let sql = "UPDATE published_results SET body = $1, mac = $2, checked_at = to_timestamp($3)";
    let seconds = f64::from(i32::try_from(checked_at.timestamp()).unwrap());
    app.owner.execute(sql, &[&body, &mac, &seconds]).await.unwrap();
}

#[actix_web::test]
async fn a_check_that_is_overdue_is_said_with_the_result_and_to_the_operator() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    let counted = app.results().await;
    assert_eq!(counted["integrity"]["overdue"], false);
    // Checks are due every hour here. The next one does not come.
    let lock = nobody_reads_a_ballot(&app).await;
    let whole_seconds = DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap();
    put_back_a_check_of(&app, whole_seconds - TimeDelta::minutes(170)).await;
    let late = app.results().await;
    assert_eq!((&late["integrity"]["overdue"], &late["integrity"]["reasons"]), (&json!(false), &json!([])), "late, not overdue");
    assert_eq!(troubles(&app).await, "");

    let old = whole_seconds - TimeDelta::minutes(190);
    put_back_a_check_of(&app, old).await;
    let overdue = app.results().await;
    let integrity = &overdue["integrity"];
    assert_eq!((&integrity["ok"], &integrity["overdue"]), (&json!(true), &json!(true)), "{integrity}");
    let said = format!("last checked on {}; the next check is overdue", old.format("%Y-%m-%d %H:%M UTC"));
    assert!(integrity["reasons"][0].as_str().unwrap().starts_with(&said), "{integrity}");
    assert_eq!(overdue["results"], counted["results"]);
    let named = format!("the next check of 1 published results is overdue, first of election {}", app.election.election_id);
    assert!(troubles(&app).await.contains(&named), "{}", troubles(&app).await);

    lock.batch_execute("ROLLBACK").await.unwrap();
    let checked = app.results_until("the check", |body| body["integrity"]["overdue"] == false).await;
    assert_eq!((&checked["integrity"]["ok"], &checked["integrity"]["reasons"]), (&json!(true), &json!([])));
    assert_eq!(troubles(&app).await, "");
}
