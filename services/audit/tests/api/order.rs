//! Events reach the log in the order in which they were committed, whatever is killed and however many relays run.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use contract::events::AuditEvent;
use identity::ServiceKey;
use outbox::{Audited, Outbox, Relay};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::{OWNER, wait_until};
use tokio::sync::mpsc;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::app::{TestApp, admin, created, superadmin};

/// Less than any claim would hold, much more than a delivery takes on a busy machine.
const SOON: Duration = Duration::from_secs(25);

fn outbox(app: &TestApp) -> Outbox {
    let mut settings = testkit::service::database(&app.database, "election");
    settings.pool_size = 4;
    Outbox::open(settings.pool(launch::Mode::Local).unwrap(), &app.installation.outbox_key("election")).unwrap()
}

/// A relay of the election service. Aborted, it is as if killed: its connections end, and nothing of it runs on.
fn relay(app: &TestApp, url: &str) -> JoinHandle<()> {
    let key = ServiceKey::from_file("election", &app.installation.service_key("election")).unwrap();
    actix_web::rt::spawn(Relay::new(outbox(app), key, url).run(launch::Stopper::default()))
}

/// Takes calls and never answers one. Says when one has come.
fn a_receiver_that_never_answers() -> (String, mpsc::UnboundedReceiver<()>) {
    async fn never(came: Data<mpsc::UnboundedSender<()>>) -> HttpResponse {
        came.send(()).unwrap();
        std::future::pending().await
    }
    let (came, comes) = mpsc::unbounded_channel();
    let came = Data::new(came);
    let server = HttpServer::new(move || App::new().app_data(came.clone()).default_service(web::to(never)))
        .workers(1)
        .bind("127.0.0.1:0")
        .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    (url, comes)
}

fn about_election_5(title: &str) -> AuditEvent {
    created(title).to(5)
}

async fn change(outbox: &Outbox, title: &str) {
    let event = about_election_5(title);
    outbox
        .audited::<(), Infallible, _>("change", async move |_| Ok(Audited::new((), event.clone())))
        .await
        .unwrap_or_else(|_| panic!("the change {title} is committed"));
}

/// The titles in the log, in its order.
async fn in_the_log(owner: &Client) -> Vec<String> {
    let sql = "SELECT details::json->>'title' FROM audit_logs WHERE event_type = 'election_created' ORDER BY log_id";
    owner.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[actix_web::test]
async fn a_relay_killed_between_claim_and_delivery_lets_nothing_pass() {
    let app = TestApp::spawn().await;
    let (owner, outbox) = (app.database.connect(OWNER).await, outbox(&app));
    let (silent, mut called) = a_receiver_that_never_answers();
    change(&outbox, "1").await;
    let killed = relay(&app, &silent);
    called.recv().await.unwrap();
    killed.abort();
    for title in ["2", "3", "4", "5"] {
        change(&outbox, title).await;
    }
    let relays = [relay(&app, &app.urls[0]), relay(&app, &app.urls[0])];
    wait_until("the last event is in the log", SOON, async || in_the_log(&owner).await.contains(&"5".to_owned())).await;
    assert_eq!(in_the_log(&owner).await, ["1", "2", "3", "4", "5"]);
    for relay in relays {
        relay.abort();
    }
}

#[actix_web::test]
async fn a_relay_that_lives_and_delivers_nothing_holds_nobody_up() {
    let app = TestApp::spawn().await;
    let (owner, outbox) = (app.database.connect(OWNER).await, outbox(&app));
    let (silent, mut called) = a_receiver_that_never_answers();
    change(&outbox, "1").await;
    let hanging = relay(&app, &silent);
    called.recv().await.unwrap();
    change(&outbox, "2").await;
    let other = relay(&app, &app.urls[0]);
    wait_until("both are in the log", SOON, async || in_the_log(&owner).await.len() == 2).await;
    assert_eq!(in_the_log(&owner).await, ["1", "2"]);
    hanging.abort();
    other.abort();
}

#[actix_web::test]
async fn events_of_one_election_are_in_the_order_of_their_commits() {
    const TELL: &str =
        "INSERT INTO outbox (event_id, destination, kind, election_id, payload) VALUES ($1::text::uuid, 'audit', 'event', 5, $2)";
    let app = TestApp::spawn().await;
    let owner = app.database.connect(OWNER).await;
    let (first, second) = (app.database.connect("election_service").await, app.database.connect("election_service").await);
    let event = |title: &str| serde_json::to_vec(&about_election_5(title)).unwrap();
    // One change has written its event and is not committed; another one, of the same election, comes.
    first.batch_execute("BEGIN").await.unwrap();
    first.execute(TELL, &[&Uuid::new_v4().to_string(), &event("first")]).await.unwrap();
    let payload = event("second");
    let other =
        actix_web::rt::spawn(async move { second.execute(TELL, &[&Uuid::new_v4().to_string(), &payload]).await.unwrap() });
    let waits = "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                                WHERE d.datname = current_database() AND NOT l.granted)";
    wait_until("the second change is committed, or waits for the first", SOON, async || {
        other.is_finished() || owner.query_one(waits, &[]).await.unwrap().get(0)
    })
    .await;
    let expected = if other.is_finished() { ["second", "first"] } else { ["first", "second"] };
    first.batch_execute("COMMIT").await.unwrap();
    other.await.unwrap();
    let relay = relay(&app, &app.urls[0]);
    wait_until("both are in the log", SOON, async || in_the_log(&owner).await.len() == 2).await;
    assert_eq!(in_the_log(&owner).await, expected, "the log has the order of the commits");
    relay.abort();
}

#[actix_web::test]
async fn a_refused_event_is_set_aside_with_an_alarm_and_blocks_nothing() {
    const TELL: &str =
        "INSERT INTO outbox (event_id, destination, kind, election_id, payload) VALUES ($1::text::uuid, 'audit', 'event', 5, $2)";
    let app = TestApp::spawn().await;
    let (owner, outbox) = (app.database.connect(OWNER).await, outbox(&app));
    let service = app.database.connect("election_service").await;
    change(&outbox, "1").await;
    let unknown = Uuid::new_v4();
    let mut event = serde_json::to_value(about_election_5("x")).unwrap();
    (event["event_id"], event["event_type"]) = (json!(unknown), json!("of_a_version_to_come"));
    service.execute(TELL, &[&unknown.to_string(), &serde_json::to_vec(&event).unwrap()]).await.unwrap();
    let nonsense = Uuid::new_v4();
    service.execute(TELL, &[&nonsense.to_string(), &b"no JSON".to_vec()]).await.unwrap();
    change(&outbox, "2").await;
    let relay = relay(&app, &app.urls[0]);
    wait_until("the others are in the log", SOON, async || in_the_log(&owner).await.len() == 2).await;
    assert_eq!(in_the_log(&owner).await, ["1", "2"]);

    let mut shown = Value::Null;
    wait_until("superadmins see what is missing", SOON, async || {
        let answer = app.look(superadmin(), "/set-aside").await;
        assert_eq!(answer.status(), StatusCode::OK);
        shown = answer.json().await.unwrap();
        shown["items"].as_array().unwrap().len() == 2
    })
    .await;
    let missing = &shown["items"][0];
    assert_eq!((&missing["event_id"], &missing["source"]), (&json!(unknown), &json!("election_service")), "{shown}");
    assert_eq!(missing["reason"], "audit answered 422 Unprocessable Entity", "{shown}");
    assert!(shown["items"][1]["reason"].as_str().unwrap().starts_with("the event cannot be read"), "{shown}");
    assert_eq!(app.look(admin(7), "/set-aside").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(app.verify().await.set_aside, 2, "whoever verifies the log learns that it is not complete");
    let metrics = app.get("/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("outbox_set_aside_total"), "{metrics}");
    relay.abort();
}
