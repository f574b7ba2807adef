//! Elections that open and close by the clock, whoever is there to do it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::wait_until;

use crate::app::App;

/// In so many milliseconds, by the database's clock.
async fn soon(app: &App, milliseconds: i64) -> DateTime<Utc> {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let now: i64 = app.owner.query_one(sql, &[]).await.unwrap().get(0);
    DateTime::from_timestamp_millis(now).unwrap() + TimeDelta::milliseconds(milliseconds)
}

/// Activated with these times; the path and the answer.
async fn a_scheduled_election(app: &App, opens_at: DateTime<Utc>, closes_at: Option<DateTime<Utc>>) -> (i64, String, Value) {
    let (election, _) = app.a_draft(2).await;
    let path = format!("/api/elections/{}", election.election_id);
    let times = json!({"opens_at": opens_at, "closes_at": closes_at});
    assert_eq!(app.call(Method::PUT, &path, Some(times)).await.status, 200);
    let activated = app.post(&format!("{path}/activate")).await;
    assert_eq!(activated.status, 200, "{}", activated.body);
    (election.election_id, path, activated.body)
}

/// Makes the times come soon. Keys take seconds to make on a busy machine, so no test races an activation against them.
async fn come_soon(app: &App, election_id: i64, opens_in: i64, closes_in: Option<i64>) {
    let time = |milliseconds: i64| format!("clock_timestamp() + interval '{milliseconds} milliseconds'");
    let closes = closes_in.map_or("NULL".to_owned(), time);
    let sql =
        format!("UPDATE elections SET opens_at = {}, closes_at = {closes} WHERE election_id = {election_id}", time(opens_in));
    app.owner.batch_execute(&sql).await.unwrap();
}

async fn until_status(app: &App, path: &str, status: &str) -> Value {
    wait_until(status, Duration::from_secs(20), async || app.get(path).await.body["status"] == status).await;
    app.get(path).await.body
}

#[actix_web::test]
async fn an_election_opens_and_closes_at_its_time_by_itself() {
    let app = App::working().await;
    let (hour, day) = (soon(&app, 3_600_000).await, soon(&app, 86_400_000).await);
    let (id, path, scheduled) = a_scheduled_election(&app, hour, Some(day)).await;
    assert_eq!((&scheduled["status"], &scheduled["activated_at"]), (&json!("scheduled"), &json!(null)));
    assert!(scheduled["manifest_hash"].is_string(), "frozen already");
    assert_eq!(app.post(&format!("{path}/activate")).await.status, 409, "a double click does not open early");
    assert_eq!(app.post(&format!("{path}/close")).await.status, 409);
    assert_eq!(app.call(Method::PUT, &path, Some(json!({"title": "Other"}))).await.status, 409);

    come_soon(&app, id, 1000, Some(2500)).await;
    let closed = until_status(&app, &path, "closed").await;
    let at = |field: &str| closed[field].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    assert!(at("activated_at") >= at("opens_at") && at("closed_at") >= at("closes_at"), "never before its time: {closed}");
    app.until_tally(id, "opened").await;
    let told = app.told().await;
    let by_nobody = told.iter().filter(|event| event["admin_id"].is_null()).count();
    let types = app.told_types().await;
    assert_eq!(types[1..4], ["election_scheduled", "election_opened", "election_closed"], "{types:?}");
    assert_eq!(by_nobody, types.len() - 2, "all but the change and the activation were done by the clock");
}

#[actix_web::test]
async fn an_opening_that_was_missed_while_nothing_ran_is_caught_up() {
    let app = App::idle().await;
    let (id, path, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, Some(soon(&app, 86_400_000).await)).await;
    come_soon(&app, id, -7_200_000, Some(86_400_000)).await;
    let started = app.another_process().await;
    assert!(!started.is_empty());
    until_status(&app, &path, "active").await;
    assert_eq!(app.told_types().await[2..], ["election_opened"]);
}

/// As the admin service brings them.
async fn import_a_voter(app: &App, election_id: i64) {
    let admin = app.database.connect("admin_service").await;
    let sql = "INSERT INTO voters (election_id, email) VALUES ($1, 'late@example.com')";
    admin.execute(sql, &[&election_id]).await.unwrap();
}

#[actix_web::test]
async fn an_empty_election_whose_end_has_passed_does_not_open_until_its_end_is_moved() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(0).await;
    let (id, path) = (election.election_id, format!("/api/elections/{}", election.election_id));
    let times = json!({"opens_at": soon(&app, 3_600_000).await, "closes_at": soon(&app, 86_400_000).await});
    assert_eq!(app.call(Method::PUT, &path, Some(times)).await.status, 200);
    assert_eq!(app.post(&format!("{path}/activate")).await.status, 200);
    let clock = app.closing();
    let causes =
        async || -> Vec<Value> { app.mails("action_needed").await.iter().map(|mail| mail["cause"]["type"].clone()).collect() };
    // Told of the empty roll first, and then of the end, each once.
    come_soon(&app, id, -1000, Some(86_400_000)).await;
    assert!(clock.by_the_clock().await.unwrap());
    assert_eq!(causes().await, ["empty_roll"]);
    // The end passes. The mail about the roll was written before that.
    let passed = "UPDATE elections SET opens_at = now() - interval '3 hours', closes_at = now() - interval '1 hour', \
                  not_opened_told_at = now() - interval '2 hours' WHERE election_id = $1";
    app.owner.execute(passed, &[&id]).await.unwrap();
    assert!(clock.by_the_clock().await.unwrap());
    assert_eq!(causes().await, ["empty_roll", "end_passed"]);

    import_a_voter(&app, id).await;
    for _ in 0..2 {
        assert!(!clock.by_the_clock().await.unwrap(), "neither opened nor told again");
    }
    let waiting = app.get(&path).await.body;
    assert_eq!(waiting["status"], "scheduled");
    assert!(waiting["warnings"][0].as_str().unwrap().starts_with("The closing time has passed"), "{waiting}");
    let by_hand = app.post(&format!("{path}/open")).await;
    assert!(by_hand.status == 409 && by_hand.body["detail"].as_str().unwrap().contains("Move the end"), "{}", by_hand.body);

    let amendments = format!("{path}/amendments");
    let past = app.call(Method::POST, &amendments, Some(json!({"closes_at": soon(&app, -60_000).await}))).await;
    assert_eq!((past.status, &past.body["detail"]), (409, &json!("The new closing time has passed already")));
    let moved = app.call(Method::POST, &amendments, Some(json!({"closes_at": soon(&app, 86_400_000).await}))).await;
    assert_eq!(moved.status, 201, "{}", moved.body);
    assert!(clock.by_the_clock().await.unwrap());
    assert_eq!(app.get(&path).await.body["status"], "active");
    assert_eq!(causes().await.len(), 2);
}

#[actix_web::test]
async fn a_scheduled_election_that_links_were_sent_for_is_not_deleted_even_when_nobody_is_left_on_the_roll() {
    let app = App::idle().await;
    let end = Some(soon(&app, 86_400_000).await);
    let (id, path, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, end).await;
    let refused = async || {
        let refused = app.call(Method::DELETE, &path, None).await;
        assert!(
            refused.status == 409 && refused.body["detail"].as_str().unwrap().contains("were sent links"),
            "{}",
            refused.body
        );
        // Without asking the service first.
        let service = app.database.connect("election_service").await;
        let deleted = service.execute("DELETE FROM elections WHERE election_id = $1", &[&id]).await.unwrap_err();
        assert_eq!(deleted.as_db_error().unwrap().constraint(), Some("not_a_draft"));
    };
    refused().await;
    // As `DELETE /api/admin/voters/{id}` does it.
    let admin = app.database.connect("admin_service").await;
    admin.execute("DELETE FROM voters WHERE election_id = $1", &[&id]).await.unwrap();
    assert_eq!(app.owner.query_one("SELECT count(*) FROM voting_tokens", &[]).await.unwrap().get::<_, i64>(0), 0);
    refused().await;
}

#[actix_web::test]
async fn a_scheduled_election_is_deleted_whether_voters_have_asked_for_a_link_or_not() {
    let app = App::idle().await;
    for have_asked in [false, true] {
        let election = testkit::given::a_draft(&app.owner, app.admin_id, "Student Council 2026").await;
        let (id, path) = (election.election_id, format!("/api/elections/{}", election.election_id));
        testkit::given::voters(&app.owner, id, 2).await;
        let times = json!({"opens_at": soon(&app, 3_600_000).await, "closes_at": soon(&app, 86_400_000).await});
        assert_eq!(app.call(Method::PUT, &path, Some(times)).await.status, 200);
        assert_eq!(app.post(&format!("{path}/activate")).await.body["status"], "scheduled");
        if have_asked {
            let asked = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
                         SELECT election_id, voter_id, sha256(spend_id), 'request', now() + interval '1 day', spend_id, '***' \
                         FROM voters WHERE election_id = $1";
            assert_eq!(app.owner.execute(asked, &[&id]).await.unwrap(), 2);
        }
        let later = json!({"closes_at": soon(&app, 2 * 86_400_000).await});
        assert_eq!(app.call(Method::POST, &format!("{path}/amendments"), Some(later)).await.status, 201);
        let gone = app.call(Method::DELETE, &path, None).await;
        assert_eq!(gone.status, 204, "have asked: {have_asked}. {}", gone.body);
        assert_eq!(app.get(&path).await.status, 404);
        let left = "SELECT (SELECT count(*) FROM voters) + (SELECT count(*) FROM chain_heads) + (SELECT count(*) FROM election_keys) \
                    + (SELECT count(*) FROM amendments)";
        assert_eq!(app.owner.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
        assert_eq!(app.told_types().await.last().unwrap(), "election_deleted");
    }
}

#[actix_web::test]
async fn whoever_was_told_of_the_end_and_moves_it_is_told_of_the_empty_roll() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(0).await;
    let (id, path) = (election.election_id, format!("/api/elections/{}", election.election_id));
    let times = json!({"opens_at": soon(&app, 3_600_000).await, "closes_at": soon(&app, 86_400_000).await});
    assert_eq!(app.call(Method::PUT, &path, Some(times)).await.status, 200);
    assert_eq!(app.post(&format!("{path}/activate")).await.status, 200);
    come_soon(&app, id, -7_200_000, Some(-3_600_000)).await;
    let clock = app.closing();
    assert!(clock.by_the_clock().await.unwrap() && !clock.by_the_clock().await.unwrap());
    let later = json!({"closes_at": soon(&app, 86_400_000).await});
    assert_eq!(app.call(Method::POST, &format!("{path}/amendments"), Some(later)).await.status, 201);
    assert!(clock.by_the_clock().await.unwrap() && !clock.by_the_clock().await.unwrap(), "told, and once");
    let told = app.mails("action_needed").await;
    let causes: Vec<_> = told.iter().map(|mail| mail["cause"]["type"].as_str().unwrap()).collect();
    assert_eq!(causes, ["end_passed", "empty_roll"]);
    let events = app.told().await;
    let postponed = events.iter().filter(|event| event["kind"]["event_type"] == "opening_postponed");
    let logged: Vec<_> = postponed.map(|event| event["kind"]["details"]["cause"].as_str().unwrap()).collect();
    assert_eq!(logged, causes, "the log says why");
}

#[actix_web::test]
async fn of_many_processes_one_opens_and_one_closes() {
    let app = App::idle().await;
    let (id, _, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, Some(soon(&app, 86_400_000).await)).await;
    let processes: Vec<_> = (0..4).map(|_| app.closing()).collect();
    for (set, expected) in [("opens_at = now()", "election_opened"), ("closes_at = clock_timestamp()", "election_closed")] {
        assert!(!join_all(processes.iter().map(|process| process.by_the_clock())).await.into_iter().any(Result::unwrap));
        // The owner may move an end to the past; nobody else can.
        let sql = format!(
            "ALTER TABLE elections DISABLE TRIGGER elections_keep_their_rules; UPDATE elections SET {set} WHERE election_id = {id};\
             ALTER TABLE elections ENABLE TRIGGER elections_keep_their_rules"
        );
        app.owner.batch_execute(&sql).await.unwrap();
        let done = join_all(processes.iter().map(|process| process.by_the_clock())).await;
        assert_eq!(done.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1, "{expected}");
        assert_eq!(app.told_types().await.iter().filter(|event| *event == expected).count(), 1);
    }
}

#[actix_web::test]
async fn an_organiser_opens_early_by_hand() {
    let app = App::idle().await;
    let (_, path, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, None).await;
    let stranger = app.another_admin().await;
    assert_eq!(app.post_as(&stranger, &format!("{path}/open")).await.status, 404);
    let opened = app.post(&format!("{path}/open")).await;
    assert_eq!((opened.status, &opened.body["status"]), (200, &json!("active")));
    let opens: DateTime<Utc> = opened.body["opens_at"].as_str().unwrap().parse().unwrap();
    assert!(opens <= soon(&app, 0).await, "the time that was announced is the one that is true");
    assert_eq!(app.post(&format!("{path}/open")).await.status, 409);
}

#[actix_web::test]
async fn an_admin_is_warned_by_mail_when_voting_opens_and_somebody_has_no_link() {
    let app = App::working().await;
    let (election, _) = app.a_draft(2).await;
    app.owner.execute("DELETE FROM voting_tokens WHERE voter_id = (SELECT max(voter_id) FROM voters)", &[]).await.unwrap();
    let path = format!("/api/elections/{}", election.election_id);
    app.call(Method::PUT, &path, Some(json!({"opens_at": soon(&app, 3_600_000).await}))).await;
    let scheduled = app.post(&format!("{path}/activate")).await;
    assert_eq!(scheduled.body["warnings"], json!(["1 voter has not been sent a link yet"]));
    come_soon(&app, election.election_id, 0, None).await;
    until_status(&app, &path, "active").await;
    let sql = "SELECT count(*) FROM outbox WHERE kind = 'opening_notice'";
    assert_eq!(app.owner.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[actix_web::test]
async fn an_election_that_something_holds_keeps_no_other_from_opening() {
    let app = App::idle().await;
    let end = Some(soon(&app, 86_400_000).await);
    let (held, _, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, end).await;
    let (other, _, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, end).await;
    // The one that is held comes first.
    come_soon(&app, held, -2000, Some(86_400_000)).await;
    come_soon(&app, other, -1000, Some(86_400_000)).await;
    // As an import of a large roll.
    let holder = app.database.owner().await;
    holder.execute("BEGIN", &[]).await.unwrap();
    holder.execute("SELECT FROM elections WHERE election_id = $1 FOR SHARE", &[&held]).await.unwrap();
    let status = async |id: i64| -> String {
        app.owner.query_one("SELECT status FROM elections WHERE election_id = $1", &[&id]).await.unwrap().get(0)
    };
    let process = app.closing();
    let looked = tokio::time::timeout(Duration::from_secs(10), process.by_the_clock());
    assert!(looked.await.expect("it waits for the one that is held").unwrap());
    assert_eq!((status(held).await, status(other).await), ("scheduled".to_owned(), "active".to_owned()));
    holder.execute("COMMIT", &[]).await.unwrap();
    assert!(process.by_the_clock().await.unwrap());
    assert_eq!(status(held).await, "active");
}

#[actix_web::test]
async fn a_scheduled_election_without_voters_warns_waits_tells_its_admin_once_and_opens_with_the_first_voter() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(0).await;
    let (id, path) = (election.election_id, format!("/api/elections/{}", election.election_id));
    app.call(Method::PUT, &path, Some(json!({"opens_at": soon(&app, 3_600_000).await}))).await;
    let scheduled = app.post(&format!("{path}/activate")).await;
    assert_eq!((scheduled.status, &scheduled.body["status"]), (200, &json!("scheduled")));
    assert!(scheduled.body["warnings"][0].as_str().unwrap().starts_with("Nobody is on the roll yet"), "{}", scheduled.body);
    let by_hand = app.post(&format!("{path}/open")).await;
    assert_eq!((by_hand.status, by_hand.body["detail"].as_str().unwrap().contains("Nobody is on the roll")), (409, true));

    come_soon(&app, id, 0, None).await;
    let processes: Vec<_> = (0..3).map(|_| app.closing()).collect();
    for _ in 0..3 {
        join_all(processes.iter().map(|process| process.by_the_clock())).await;
        assert_eq!(app.get(&path).await.body["status"], "scheduled");
    }
    let mails = app.mails("action_needed").await;
    assert_eq!((mails.len(), &mails[0]["cause"]["type"]), (1, &json!("empty_roll")), "{mails:?}");
    assert_eq!(app.told_types().await[1..], ["election_scheduled", "opening_postponed"]);

    // The first voters come in the ordinary way, as the admin service brings them, without a reason.
    let admin = app.database.connect("admin_service").await;
    admin.execute("INSERT INTO voters (election_id, email) VALUES ($1, 'late@example.com')", &[&id]).await.unwrap();
    assert!(processes[0].by_the_clock().await.unwrap());
    let opened = app.get(&path).await.body;
    assert_eq!((&opened["status"], &opened["amendments"]), (&json!("active"), &json!([])));
    assert_eq!(app.told_types().await[3..], ["election_opened"]);
    assert_eq!(app.mails("action_needed").await.len(), 1);
}

/// Scheduled elections without voters, all of them due since a day.
async fn empty_elections(app: &App, count: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    for i in 0..count {
        let empty =
            "INSERT INTO elections (admin_id, title, opens_at) VALUES ($1, $2, now() - interval '1 day') RETURNING election_id";
        let row = app.owner.query_one(empty, &[&app.admin_id, &format!("Empty {i}")]).await.unwrap();
        let number: i64 = row.get(0);
        let activated = format!(
            "INSERT INTO manifests VALUES ({number}, '', sha256(''), 700, 64); \
             UPDATE elections SET status = 'scheduled' WHERE election_id = {number}"
        );
        app.owner.batch_execute(&activated).await.unwrap();
        numbers.push(number);
    }
    numbers
}

#[actix_web::test]
async fn several_processes_tell_of_an_empty_roll_once() {
    let app = App::idle().await;
    let empty = empty_elections(&app, 10).await;
    // Telling takes so long that every process has looked before the first one is through.
    let slow = "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$; \
                CREATE TRIGGER slowly BEFORE UPDATE OF not_opened_told_at ON elections FOR EACH ROW EXECUTE FUNCTION slowly()";
    app.owner.batch_execute(slow).await.unwrap();
    let processes: Vec<_> = (0..4).map(|_| app.closing()).collect();
    for looked in join_all(processes.iter().map(|process| process.by_the_clock())).await {
        looked.unwrap();
    }
    let mails = app.mails("action_needed").await;
    let mut told: Vec<i64> = mails.iter().map(|mail| mail["election_id"].as_i64().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, empty);
}

#[actix_web::test]
async fn elections_without_voters_keep_no_other_from_opening() {
    let app = App::idle().await;
    let (id, path, _) = a_scheduled_election(&app, soon(&app, 3_600_000).await, None).await;
    // As many as one look takes, all of them due earlier.
    empty_elections(&app, 100).await;
    come_soon(&app, id, 0, None).await;
    let clock = app.closing();
    clock.by_the_clock().await.unwrap();
    assert_eq!(app.mails("action_needed").await.len(), 100);
    clock.by_the_clock().await.unwrap();
    assert_eq!(app.get(&path).await.body["status"], "active");
    assert!(!clock.by_the_clock().await.unwrap(), "nothing is left to do");
}
