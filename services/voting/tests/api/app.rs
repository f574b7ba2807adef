//! The service under test, and a voter's client, in the user's words.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use testkit::TestDatabase;
use voting::Settings;

use crate::arranged::{rand_number, secrets};

pub(crate) struct App {
    pub(crate) url: String,
    pub(crate) client: Client,
}

/// An answer: status and body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// The problem's name, `already-used`, or `ok`.
    pub(crate) fn said(&self) -> &str {
        match self.body["type"].as_str() {
            Some(kind) => kind.trim_start_matches("/problems/"),
            None => "ok",
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }
}

/// The settings as they are in operation, but for the limit per link, and without the recorder's regular look at open boxes.
pub(crate) fn settings(database: &TestDatabase) -> Settings {
    Settings {
        listen_addr: SocketAddr::from(([127, 0, 0, 1], 0)),
        mode: launch::Mode::Local,
        log: "warn".to_owned(),
        database_url: database.url("voting_service"),
        database_password_file: database.password_file("voting_service"),
        database_pool_size: 8,
        kek_stamp_file: secrets().join("kek_stamp.key"),
        receipt_key_file: secrets().join("receipt.key.pem"),
        outbox_key_file: secrets().join("outbox/voting.key"),
        service_key_file: secrets().join("services/voting.key.pem"),
        // Nobody listens there: mails stay in the outbox, where tests look at them.
        internal_url: "http://127.0.0.1:9".to_owned(),
        public_url: "https://vote.example.org/".to_owned(),
        link_rate_per_second: 1000.try_into().unwrap(),
        link_burst: 1000.try_into().unwrap(),
        recorder_patience_ms: 10_000,
        // Never, so that what a test sees comes from its own calls.
        look_every: Duration::from_secs(3600),
    }
}

impl App {
    pub(crate) async fn start(database: &TestDatabase) -> Self {
        Self::with(settings(database)).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        launch::telemetry(&settings.log);
        // Two services may ask for it; the first one sets it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let running = voting::start(settings).await.unwrap();
        let url = format!("http://{}", running.addr);
        actix_web::rt::spawn(running.wait());
        Self { url, client: Client::builder().build().unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    pub(crate) async fn validate(&self, token: &str) -> Value {
        let answer = self.get(&format!("/api/voting/validate-token?token={token}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    pub(crate) async fn ballot(&self, token: &str) -> Value {
        let answer = self.get(&format!("/api/voting/ballot?token={token}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    pub(crate) async fn post(&self, body: &Value, key: Option<&str>) -> Answer {
        let mut request = self.client.post(format!("{}/api/voting/cast-vote", self.url)).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request.send().await.unwrap()).await
    }

    /// A body as it was written, which no serializer would write.
    pub(crate) async fn post_text(&self, body: String) -> Answer {
        let request = self.client.post(format!("{}/api/voting/cast-vote", self.url)).header("Content-Type", "application/json");
        answer(request.body(body).send().await.unwrap()).await
    }

    /// As U-Vote's page does it.
    pub(crate) async fn cast(&self, token: &str, candidate_id: i64) -> Answer {
        self.post(&json!({ "token": token, "candidate_id": candidate_id }), None).await
    }

    pub(crate) async fn cast_with_key(&self, token: &str, candidate_id: i64, key: &str) -> Answer {
        self.post(&json!({ "token": token, "candidate_id": candidate_id }), Some(key)).await
    }
}

async fn answer(response: reqwest::Response) -> Answer {
    let status = response.status();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    Answer { status, retry_after, body: serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}")) }
}

/// A fresh idempotency key.
pub(crate) fn a_key() -> String {
    format!("{:016x}{:016x}{:016x}{:016x}", rand_number(), rand_number(), rand_number(), rand_number())
}
