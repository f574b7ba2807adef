//! The service on a database of its own, and what people and services do with it.

use std::path::{Path, PathBuf};

use audit::Settings;
use chrono::Utc;
use contract::audit::ChainState;
use contract::events::{AuditEvent, AuditEventKind};
use identity::{ASSERTION_HEADER, AssertionSigner, Role, SERVICE_HEADER, ServiceKey};
use installation::Installation;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use testkit::{Running, TestDatabase, service};

pub(crate) struct TestApp {
    pub(crate) database: TestDatabase,
    pub(crate) installation: Installation,
    http: reqwest::Client,
    pub(crate) urls: Vec<String>,
    /// The state folders of the instances, in the same order.
    pub(crate) states: Vec<TempDir>,
}

/// An admin as auth would vouch for them.
#[derive(Clone, Copy)]
pub(crate) struct Admin {
    pub(crate) admin_id: i64,
    pub(crate) role: Role,
}

pub(crate) fn admin(admin_id: i64) -> Admin {
    Admin { admin_id, role: Role::Admin }
}

pub(crate) fn superadmin() -> Admin {
    Admin { admin_id: 1_000_000, role: Role::Superadmin }
}

pub(crate) fn created(title: &str) -> AuditEvent {
    AuditEvent::now(AuditEventKind::ElectionCreated { title: title.to_owned() }).by(42, Some("192.0.2.1".to_owned()))
}

impl TestApp {
    pub(crate) async fn spawn() -> Self {
        Self::spawn_processes(1).await
    }

    /// Several instances on one database, with nothing else in common.
    pub(crate) async fn spawn_processes(count: usize) -> Self {
        let database = TestDatabase::new().await;
        let installation = service::secrets();
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut app = Self { database, installation, http, urls: Vec::new(), states: Vec::new() };
        for _ in 0..count {
            let state = TempDir::new().unwrap();
            let url = app.start_copy(state.path()).await;
            app.urls.push(url);
            app.states.push(state);
        }
        app
    }

    /// One more instance, with this state folder; its address.
    pub(crate) async fn start_copy(&self, state_dir: &Path) -> String {
        self.start_copy_with_keys(state_dir, self.installation.audit_head_key(), None).await
    }

    /// As `start_copy`, with a key to sign with and the public keys before it.
    pub(crate) async fn start_copy_with_keys(&self, state_dir: &Path, key: PathBuf, earlier: Option<PathBuf>) -> String {
        Running::start::<audit::Service>(self.settings(state_dir, key, earlier)).await.url
    }

    /// One more instance, which walks through the whole log each second.
    pub(crate) async fn start_walking_copy(&self, state_dir: &Path) -> String {
        let mut settings = self.settings(state_dir, self.installation.audit_head_key(), None);
        (settings.walk_every_seconds, settings.walk_new_entries_every_seconds) = (1, 1);
        Running::start::<audit::Service>(settings).await.url
    }

    /// What a copy is told before it starts.
    pub(crate) fn settings(&self, state_dir: &Path, key: PathBuf, earlier: Option<PathBuf>) -> Settings {
        let (database, installation) = (&self.database, &self.installation);
        Settings {
            common: service::common(),
            database: service::database(database, "audit"),
            service_keys_dir: installation.service_keys_dir(),
            assertion_public_key_file: installation.assertion_public_key(),
            head_key_file: key,
            earlier_head_keys_file: earlier,
            state_dir: state_dir.to_owned(),
            walk_entries_per_second: 100_000,
            // One walk, at the start. Tests of the walk start copies of their own.
            walk_every_seconds: 3600,
            walk_new_entries_every_seconds: 3600,
            nothing_else: launch::NothingElse,
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.urls[0]))
    }

    pub(crate) fn post(&self, process: usize, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.urls[process]))
    }

    pub(crate) fn service_token(&self, service: &'static str, audience: &str) -> String {
        let key = ServiceKey::from_file(service, &self.installation.service_key(service)).unwrap();
        key.sign(audience, Utc::now().timestamp()).unwrap()
    }

    pub(crate) fn assertion(&self, admin: Admin, audience: &str) -> String {
        let signer = AssertionSigner::from_file(&self.installation.assertion_key()).unwrap();
        signer.sign(admin.admin_id, "admin@example.com", admin.role, audience, Utc::now().timestamp()).unwrap()
    }

    pub(crate) async fn send_events(&self, service: &'static str, events: &[AuditEvent]) -> Response {
        self.send_events_to(0, service, events).await
    }

    pub(crate) async fn send_events_to(&self, process: usize, service: &'static str, events: &[AuditEvent]) -> Response {
        let token = self.service_token(service, "audit");
        self.post(process, "/api/audit/events").header(SERVICE_HEADER, token).json(events).send().await.unwrap()
    }

    /// Sends events as the election service, and checks that they are accepted.
    pub(crate) async fn send_accepted(&self, events: &[AuditEvent]) {
        let answer = self.send_events("election", events).await;
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn look(&self, admin: Admin, query: &str) -> Response {
        let assertion = self.assertion(admin, "audit");
        self.get(&format!("/api/audit{query}"))
            .header(ASSERTION_HEADER, assertion)
            .header("X-Real-IP", "198.51.100.7")
            .send()
            .await
            .unwrap()
    }

    pub(crate) async fn page(&self, admin: Admin, query: &str) -> Value {
        let answer = self.look(admin, query).await;
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    pub(crate) async fn verify(&self) -> ChainState {
        self.verify_by(0, "").await
    }

    /// The verdict of one instance, with a question behind the path.
    pub(crate) async fn verify_by(&self, process: usize, query: &str) -> ChainState {
        let assertion = self.assertion(admin(7), "audit");
        let url = format!("{}/api/audit/verify{query}", self.urls[process]);
        let answer = self.http.get(url).header(ASSERTION_HEADER, assertion).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }
}
