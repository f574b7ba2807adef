//! The relay against a listener that refuses, as audit would.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Data, Json};
use actix_web::{App, HttpResponse, HttpServer};
use database::{Address, Database};
use identity::ServiceKey;
use outbox::{Outbox, Relay};
use secrecy::SecretString;
use serde_json::Value;
use testkit::TestDatabase;

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

struct Setting {
    database: TestDatabase,
    superuser: tokio_postgres::Client,
    audit: Data<Audit>,
    relay: Relay,
}

impl Setting {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let secrets: PathBuf = std::env::var(testkit::env::SECRETS).expect("run through `make test`").into();
        let audit = Data::from(Arc::new(Audit::default()));
        let shared = audit.clone();
        let server =
            HttpServer::new(move || App::new().app_data(shared.clone()).route("/api/audit/events", web::post().to(events)))
                .workers(1)
                .bind("127.0.0.1:0")
                .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        let password = std::fs::read_to_string(database.password_file("admin_service")).unwrap();
        let address = Address::new(&database.url("admin_service"), &SecretString::from(password.trim().to_owned())).unwrap();
        let outbox = Outbox::open(Database::new(address, 2).unwrap(), &secrets.join("outbox/admin.key")).unwrap();
        let key = ServiceKey::from_file("admin", &secrets.join("services/admin.key.pem")).unwrap();
        let superuser = database.connect(testkit::SUPERUSER).await;
        Self { database, superuser, audit, relay: Relay::new(outbox, key, &url) }
    }

    async fn tell(&self, payload: &str) {
        let sql = "INSERT INTO outbox (event_id, source, destination, kind, payload, created_at)
            VALUES (gen_random_uuid(), 'admin_service', 'audit', 'event', convert_to($1, 'UTF8'), clock_timestamp())";
        self.superuser.execute(sql, &[&payload]).await.unwrap();
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
    *here.audit.is_down.lock().unwrap() = false;
    // It is left alone for a second after the first failure.
    testkit::wait_until("audit is tried again", std::time::Duration::from_secs(20), async || {
        here.relay.deliver_batch().await.unwrap() == 20
    })
    .await;
    assert_eq!(here.took(), (0..20).collect::<Vec<_>>());
    assert!(here.waiting().await.is_empty());
}
