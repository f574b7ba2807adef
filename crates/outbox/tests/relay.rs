//! The relay against a listener that refuses, as audit and email would.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer};
use contract::email::{Envelope, Local};
use database::{Address, Database};
use diesel_async::SimpleAsyncConnection as _;
use identity::ServiceKey;
use outbox::{Outbox, Relay, Unaudited};
use secrecy::SecretString;
use serde_json::{Value, json};
use testkit::TestDatabase;
use uuid::Uuid;

/// Takes a batch whole or refuses it whole; what it took, and how often it was asked.
#[derive(Default)]
struct Audit {
    took: Mutex<Vec<i64>>,
    asked: Mutex<u32>,
    is_down: Mutex<bool>,
}

async fn events(audit: Data<Audit>, events: Json<Vec<Value>>) -> HttpResponse {
    *audit.asked.lock().unwrap() += 1;
    if *audit.is_down.lock().unwrap() {
        return HttpResponse::BadGateway().finish();
    }
    let Some(numbers) = events.iter().map(|event| event["number"].as_i64()).collect::<Option<Vec<_>>>() else {
        return HttpResponse::UnprocessableEntity().finish();
    };
    audit.took.lock().unwrap().extend(numbers);
    HttpResponse::Ok().finish()
}

/// Takes mails as the email service does, but none of an election that is locked; the elections of what it took, in order.
#[derive(Default)]
struct Post {
    took: Mutex<Vec<i64>>,
    locked: Mutex<Option<i64>>,
    asked: Mutex<u32>,
}

async fn many(post: Data<Post>, mails: Json<Vec<Value>>) -> HttpResponse {
    *post.asked.lock().unwrap() += 1;
    let elections: Vec<i64> = mails.iter().map(|asked| asked["election_id"].as_i64().unwrap()).collect();
    if post.locked.lock().unwrap().is_some_and(|locked| elections.contains(&locked)) {
        return HttpResponse::build(StatusCode::LOCKED).finish();
    }
    post.took.lock().unwrap().extend(elections);
    HttpResponse::Accepted().finish()
}

struct Setting {
    database: TestDatabase,
    superuser: tokio_postgres::Client,
    audit: Data<Audit>,
    post: Data<Post>,
    outbox: Outbox,
    relay: Relay,
}

impl Setting {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let secrets: PathBuf = std::env::var(testkit::env::SECRETS).expect("run through `make test`").into();
        let audit = Data::from(Arc::new(Audit::default()));
        let post = Data::from(Arc::new(Post::default()));
        let (to_audit, to_post) = (audit.clone(), post.clone());
        let app = move || {
            App::new()
                .app_data(to_audit.clone())
                .app_data(to_post.clone())
                .route("/api/audit/events", web::post().to(events))
                .route("/api/email/send-many", web::post().to(many))
        };
        let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        let password = std::fs::read_to_string(database.password_file("admin_service")).unwrap();
        let address = Address::new(
            &database.url("admin_service"),
            &SecretString::from(password.trim().to_owned()),
            database::Tls::new(database::SslMode::default(), None).unwrap(),
        )
        .unwrap();
        let outbox = Outbox::open(Database::new(address, 2).unwrap(), &secrets.join("outbox/admin.key")).unwrap();
        let key = ServiceKey::from_file("admin", &secrets.join("services/admin.key.pem")).unwrap();
        let superuser = database.connect(testkit::SUPERUSER).await;
        let relay = Relay::new(outbox.clone(), key, &url);
        Self { database, superuser, audit, post, outbox, relay }
    }

    async fn tell(&self, payload: &str) {
        let sql = "INSERT INTO outbox (event_id, source, destination, kind, payload, created_at)
            VALUES (gen_random_uuid(), 'admin_service', 'audit', 'event', convert_to($1, 'UTF8'), clock_timestamp())";
        self.superuser.execute(sql, &[&payload]).await.unwrap();
    }

    /// So many mails of one election, in one commit; each call is later than the one before.
    async fn tell_mails(&self, election: i64, count: usize) {
        let mail = json!({ "kind": "voting_invitation", "content":
            { "voting_url": "https://vote.example/vote?token=x", "election_title": "Council" } });
        let ids: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
        let envelope = |event_id: &Uuid| Envelope {
            event_id: *event_id,
            election_id: Some(election),
            recipient: "alice@example.com".to_owned(),
            local: Local::default(),
            mail: serde_json::from_value(mail.clone()).unwrap(),
        };
        let payloads: Vec<Vec<u8>> = ids.iter().map(|id| self.outbox.encrypted(&envelope(id))).collect();
        let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let sql = "INSERT INTO outbox (event_id, source, destination, kind, election_id, payload)
            SELECT m.id::uuid, 'admin_service', 'email', 'voting_invitation', $1, m.payload
            FROM unnest($2::text[], $3::bytea[]) AS m (id, payload)";
        self.superuser.execute(sql, &[&election, &ids, &payloads]).await.unwrap();
    }

    fn mails_taken_of(&self, election: i64) -> usize {
        self.post.took.lock().unwrap().iter().filter(|taken| **taken == election).count()
    }

    async fn waiting(&self) -> Vec<(String, String)> {
        let sql = "SELECT convert_from(payload, 'UTF8'), coalesce(last_error, '') FROM outbox ORDER BY position";
        self.superuser.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    fn took(&self) -> Vec<i64> {
        self.audit.took.lock().unwrap().clone()
    }
}

#[actix_web::test]
async fn an_event_that_audit_does_not_take_holds_no_other_back() {
    let here = Setting::new().await;
    for number in 0..20 {
        here.tell(&format!("{{\"number\":{number}}}")).await;
        if number == 7 {
            here.tell("{\"of\":\"another version\"}").await;
            here.tell("no event at all").await;
        }
    }
    assert_eq!(here.relay.deliver_batch().await.unwrap(), 20);
    assert_eq!(here.took(), (0..20).collect::<Vec<_>>(), "in order, and each once");
    let waiting = here.waiting().await;
    assert_eq!(waiting.len(), 2, "what was not taken is kept: {waiting:?}");
    assert!(waiting[0].1.contains("422") && waiting[1].1.contains("cannot be read"), "{waiting:?}");
    drop(here.database);
}

#[actix_web::test]
async fn an_event_does_not_wait_behind_the_mails_to_a_whole_roll() {
    let here = Setting::new().await;
    let mails = "INSERT INTO outbox (event_id, source, destination, kind, payload)
        SELECT gen_random_uuid(), 'admin_service', 'email', 'voting-invitation', '\\x00' FROM generate_series(1, 1000)";
    here.superuser.batch_execute(mails).await.unwrap();
    here.tell("{\"number\":1}").await;
    here.relay.deliver_batch().await.unwrap();
    assert_eq!(here.took(), [1]);
}

#[actix_web::test]
async fn while_audit_is_down_everything_waits_and_nothing_is_tried_one_by_one() {
    let here = Setting::new().await;
    for number in 0..20 {
        here.tell(&format!("{{\"number\":{number}}}")).await;
    }
    *here.audit.is_down.lock().unwrap() = true;
    assert_eq!(here.relay.deliver_batch().await.unwrap(), 0);
    assert_eq!(here.waiting().await.len(), 20);
    assert_eq!(*here.audit.asked.lock().unwrap(), 1);
    // Pauses of 1, 2, 4, ... seconds: however slow this machine is, most rounds ask nothing.
    for _ in 0..30 {
        here.relay.deliver_batch().await.unwrap();
    }
    let asked = *here.audit.asked.lock().unwrap();
    assert!(asked < 7, "audit is left alone for a while, and was asked {asked} times");
    *here.audit.is_down.lock().unwrap() = false;
    // It is left alone for a second after the first failure.
    testkit::wait_until("audit is tried again", std::time::Duration::from_secs(20), async || {
        here.relay.deliver_batch().await.unwrap() == 20
    })
    .await;
    assert_eq!(here.took(), (0..20).collect::<Vec<_>>());
    assert!(here.waiting().await.is_empty());
}

const LARGE: i64 = 7;
const SMALL: i64 = 8;

#[actix_web::test]
async fn a_mail_of_a_small_election_leaves_at_once_between_the_batches_of_a_large_one() {
    let here = Setting::new().await;
    here.tell_mails(LARGE, 300).await;
    here.tell_mails(SMALL, 1).await;
    here.tell_mails(LARGE, 300).await;
    assert_eq!(here.relay.deliver_batch().await.unwrap(), 100, "a round is as large as before");
    assert_eq!(here.mails_taken_of(SMALL), 1, "it was in the first round");
    here.tell_mails(SMALL, 1).await;
    here.tell_mails(LARGE, 300).await;
    here.relay.deliver_batch().await.unwrap();
    assert_eq!(here.mails_taken_of(SMALL), 2);
    while here.relay.deliver_batch().await.unwrap() > 0 {}
    assert_eq!((here.mails_taken_of(LARGE), here.mails_taken_of(SMALL)), (900, 2), "each once");
}

#[actix_web::test]
async fn with_more_elections_than_places_all_come_in_their_turn() {
    let here = Setting::new().await;
    for election in 1..=150 {
        here.tell_mails(election, 2).await;
    }
    here.relay.deliver_batch().await.unwrap();
    here.relay.deliver_batch().await.unwrap();
    let missing: Vec<i64> = (1..=150).filter(|election| here.mails_taken_of(*election) == 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[actix_web::test]
async fn only_the_mails_of_a_locked_election_are_put_off() {
    let here = Setting::new().await;
    here.tell_mails(LARGE, 10).await;
    here.tell_mails(SMALL, 3).await;
    *here.post.locked.lock().unwrap() = Some(LARGE);
    assert_eq!(here.relay.deliver_batch().await.unwrap(), 3);
    assert_eq!(here.mails_taken_of(SMALL), 3);
    assert_eq!(*here.post.asked.lock().unwrap(), 3, "once for all, then once for each election");
    let sql = "SELECT count(*) FROM outbox WHERE election_id = $1 AND attempts = 1 AND last_error LIKE '%423%'
        AND next_attempt_at < now() + interval '5 seconds'";
    let put_off: i64 = here.superuser.query_one(sql, &[&LARGE]).await.unwrap().get(0);
    assert_eq!(put_off, 10);
}

/// What looks at the database in passing changes nothing: PostgreSQL refuses, not a habit of ours.
#[actix_web::test]
async fn the_handle_for_looking_at_the_database_writes_nothing() {
    let here = Setting::new().await;
    // A session that was refused ends (ADR 0023), so each has its own.
    let (mut one, mut other) =
        (here.outbox.database().connection().await.unwrap(), here.outbox.database().connection().await.unwrap());
    let refused = one.batch_execute("DELETE FROM outbox").await.unwrap_err().to_string();
    assert!(refused.contains("read-only transaction"), "{refused}");
    let refused = other.batch_execute("SELECT hold_election(1)").await.unwrap_err().to_string();
    assert!(refused.contains("read-only transaction"), "a function writes no more than a statement: {refused}");
    let unaudited = here.outbox.unaudited(Unaudited::Task);
    unaudited.connection().await.unwrap().batch_execute("DELETE FROM outbox").await.expect("with a reason it may be");
}
