//! The service on a database of its own, what services ask of it, and its queue.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::Utc;
use contract::email::{EmailStatus, Status};
use email::{Settings, SmtpTls};
use identity::{SERVICE_HEADER, ServiceKey};
use installation::Installation;
use mailcatcher::MailCatcher;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use testkit::{Running, TestDatabase, service, wait_until};
use tokio_postgres::Client;

pub(crate) const LINK: &str = "https://vote.example/vote?token=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA";
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct TestApp {
    pub(crate) database: TestDatabase,
    pub(crate) installation: Installation,
    http: reqwest::Client,
    urls: Vec<String>,
}

pub(crate) fn installation() -> Installation {
    service::secrets()
}

/// Settings for a mail server on loopback, spoken to in the open.
pub(crate) fn settings(database: &TestDatabase, smtp: SocketAddr) -> Settings {
    let installation = installation();
    Settings {
        common: service::common(),
        database: service::database(database, "email"),
        service_keys_dir: installation.service_keys_dir(),
        store_key_file: installation.email_store_key(),
        smtp_host: smtp.ip().to_string(),
        smtp_port: smtp.port(),
        smtp_tls: SmtpTls::None,
        smtp_ca_file: None,
        smtp_username: None,
        smtp_password_file: None,
        from: "U-Vote <noreply@uvote.example>".to_owned(),
        connections: 8,
        mails_per_second: None,
        nothing_else: launch::NothingElse,
    }
}

pub(crate) fn invitation(to: &str) -> Value {
    json!({ "voter_email": to, "voting_url": LINK, "election_title": "Student Council 2026" })
}

/// A mail of this kind as `send-many` takes it: `recipient` and `election_id` of `content` stand on its envelope.
pub(crate) fn envelope(kind: &str, mut content: Value) -> Value {
    let mut of_envelope = |name: &str| content.as_object_mut().unwrap().remove(name);
    let (recipient, election_id) = (of_envelope("recipient"), of_envelope("election_id"));
    json!({ "event_id": uuid::Uuid::new_v4(), "recipient": recipient, "election_id": election_id,
            "mail": { "kind": kind, "content": content } })
}

/// The link to vote as `send-many` takes it.
pub(crate) fn invitation_of(election: Option<i64>, to: &str) -> Value {
    let content =
        json!({ "recipient": to, "election_id": election, "voting_url": LINK, "election_title": "Student Council 2026" });
    envelope("voting_invitation", content)
}

pub(crate) async fn a_catcher() -> MailCatcher {
    MailCatcher::start(mailcatcher::Settings { web: None, ..mailcatcher::Settings::for_a_test() }).await.unwrap()
}

impl TestApp {
    pub(crate) async fn spawn(smtp: SocketAddr) -> Self {
        let database = TestDatabase::new().await;
        let settings = settings(&database, smtp);
        Self::spawn_with(database, vec![settings]).await
    }

    /// One instance for each settings, on one database.
    pub(crate) async fn spawn_with(database: TestDatabase, all: Vec<Settings>) -> Self {
        let mut urls = Vec::new();
        for settings in all {
            urls.push(Running::start::<email::Service>(settings).await.url);
        }
        Self::around(database, urls)
    }

    /// Instances that somebody else started.
    pub(crate) fn around(database: TestDatabase, urls: Vec<String>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { database, installation: installation(), http, urls }
    }

    pub(crate) fn token(&self, service: &'static str, audience: &str) -> String {
        let key = ServiceKey::from_file(service, &self.installation.service_key(service)).unwrap();
        key.sign(audience, Utc::now().timestamp()).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Response {
        self.post_to(0, path, token, body).await
    }

    pub(crate) async fn post_to(&self, process: usize, path: &str, token: &str, body: &Value) -> Response {
        let url = format!("{}/api/email/{path}", self.urls[process]);
        self.http.post(url).header(SERVICE_HEADER, token).json(body).send().await.unwrap()
    }

    pub(crate) async fn ask(&self, service: &'static str, path: &str, body: &Value) -> Response {
        self.post(path, &self.token(service, "email"), body).await
    }

    /// One mail of a kind that has no call of its own.
    pub(crate) async fn ask_for(&self, service: &'static str, kind: &str, content: &Value) -> Response {
        self.ask(service, "send-many", &json!([envelope(kind, content.clone())])).await
    }

    /// An invitation that is taken; its number.
    pub(crate) async fn invite(&self, body: &Value) -> i64 {
        let answer = self.ask("admin", "send-voting-invitation", body).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", answer.text().await.unwrap());
        answer.json::<EmailStatus>().await.unwrap().email_id
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Response {
        self.http.get(format!("{}/api/email/{path}", self.urls[0])).header(SERVICE_HEADER, token).send().await.unwrap()
    }

    pub(crate) async fn status(&self, email_id: i64) -> EmailStatus {
        let answer = self.get(&format!("status/{email_id}"), &self.token("admin", "email")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    pub(crate) async fn wait_for(&self, email_id: i64, status: Status) -> EmailStatus {
        wait_until(&format!("mail {email_id} is {status:?}"), PATIENCE, async || self.status(email_id).await.status == status)
            .await;
        self.status(email_id).await
    }

    /// Whether what the queue held of a mail is erased.
    pub(crate) async fn is_erased(&self, email_id: i64) -> bool {
        let sql = "SELECT payload IS NULL FROM email_messages WHERE message_id = $1";
        self.database.owner().await.query_one(sql, &[&email_id]).await.unwrap().get(0)
    }

    /// As if the pause were over.
    pub(crate) async fn make_due(&self, owner: &Client) {
        owner
            .execute("UPDATE email_messages SET next_attempt_at = now() WHERE status IN ('queued', 'deferred')", &[])
            .await
            .unwrap();
    }
}
