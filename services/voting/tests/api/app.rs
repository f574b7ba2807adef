//! The service under test, and a voter's client, in the user's words.

use std::ops::Deref;
use std::time::Duration;

use launch::DatabaseSettings;
use reqwest::Client;
use serde_json::{Value, json};
use testkit::{Running, TestDatabase, service};
use voting::Settings;

use crate::arranged::rand_number;

pub(crate) struct App {
    pub(crate) url: String,
    pub(crate) client: Client,
}

/// An answer, with what the voting service says in it.
#[derive(Debug)]
pub(crate) struct Answer(testkit::Answer);

impl Deref for Answer {
    type Target = testkit::Answer;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Answer {
    async fn read(response: reqwest::Response) -> Self {
        Self(testkit::Answer::read(response).await)
    }

    pub(crate) fn retry_after(&self) -> Option<&str> {
        self.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap())
    }

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
    settings_of(service::database(database, "voting"))
}

/// The same for a database that is described otherwise.
pub(crate) fn settings_of(database: DatabaseSettings) -> Settings {
    let secrets = service::secrets();
    Settings {
        common: service::common(),
        database,
        outbox: service::outbox("voting"),
        kek_stamp_file: secrets.kek_stamp(),
        receipt_key_file: secrets.receipt_key(),
        public_url: service::public_url(),
        link_rate_per_second: 1000.try_into().unwrap(),
        link_burst: 1000.try_into().unwrap(),
        recorder_patience_ms: 10_000,
        // Never, so that what a test sees comes from its own calls.
        look_every: Duration::from_secs(3600),
        nothing_else: launch::NothingElse,
    }
}

impl App {
    pub(crate) async fn start(database: &TestDatabase) -> Self {
        Self::with(settings(database)).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let Running { url, .. } = Running::start::<voting::Service>(settings).await;
        Self { url, client: Client::builder().build().unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::read(self.client.get(format!("{}{path}", self.url)).send().await.unwrap()).await
    }

    pub(crate) async fn validate(&self, token: &str) -> Value {
        let answer = self.get(&format!("/api/voting/validate-token?token={token}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body.clone()
    }

    pub(crate) async fn ballot(&self, token: &str) -> Value {
        let answer = self.get(&format!("/api/voting/ballot?token={token}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body.clone()
    }

    pub(crate) async fn post(&self, body: &Value, key: Option<&str>) -> Answer {
        let mut request = self.client.post(format!("{}/api/voting/cast-vote", self.url)).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        Answer::read(request.send().await.unwrap()).await
    }

    /// A body as it was written, which no serializer would write.
    pub(crate) async fn post_text(&self, body: String) -> Answer {
        let request = self.client.post(format!("{}/api/voting/cast-vote", self.url)).header("Content-Type", "application/json");
        Answer::read(request.body(body).send().await.unwrap()).await
    }

    /// As U-Vote's page does it.
    pub(crate) async fn cast(&self, token: &str, candidate_id: i64) -> Answer {
        self.post(&json!({ "token": token, "candidate_id": candidate_id }), None).await
    }

    pub(crate) async fn cast_with_key(&self, token: &str, candidate_id: i64, key: &str) -> Answer {
        self.post(&json!({ "token": token, "candidate_id": candidate_id }), Some(key)).await
    }
}

/// A fresh idempotency key.
pub(crate) fn a_key() -> String {
    format!("{:016x}{:016x}{:016x}{:016x}", rand_number(), rand_number(), rand_number(), rand_number())
}
