//! The service as a test sees it.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use admin::Settings;
use identity::{ASSERTION_HEADER, AssertionSigner, Role};
use launch::{Common, Mode};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
pub(crate) use testkit::Answer;
use testkit::given::{self, Election};
use testkit::{Running, TestDatabase, outbox, service, wait_until};
use uuid::Uuid;

pub(crate) struct App {
    pub(crate) database: TestDatabase,
    pub(crate) settings: Settings,
    pub(crate) owner: tokio_postgres::Client,
    http: Client,
    pub(crate) url: String,
    signer: AssertionSigner,
}

/// A running program of the service; killed at the end of its test at the latest.
pub(crate) struct Program(std::process::Child);

impl Program {
    /// SIGKILL, as a machine that fails.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) role: Role,
}

pub(crate) fn secrets() -> PathBuf {
    service::secrets().dir().to_owned()
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::in_mode(Mode::Local).await
    }

    pub(crate) async fn in_mode(mode: Mode) -> Self {
        let mut app = Self::arranged(mode).await;
        app.url = app.another_process().await;
        app
    }

    /// The service as a program of its own, which can be killed.
    pub(crate) async fn as_program() -> (Self, Program) {
        let mut app = Self::arranged(Mode::Local).await;
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let Settings { database, outbox, .. } = &app.settings;
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_uvote-admin"))
            .env("ADMIN_LISTEN_ADDR", free.to_string())
            .env("ADMIN_MODE", "local")
            .env("ADMIN_LOG", "warn")
            .env("ADMIN_DATABASE_URL", &database.url)
            .env("ADMIN_DATABASE_PASSWORD_FILE", &database.password_file)
            .env("ADMIN_ASSERTION_PUBLIC_KEY_FILE", &app.settings.assertion_public_key_file)
            .env("ADMIN_SERVICE_KEYS_DIR", &app.settings.service_keys_dir)
            .env("ADMIN_SERVICE_KEY_FILE", &outbox.service_key_file)
            .env("ADMIN_INTERNAL_URL", &outbox.internal_url)
            .env("ADMIN_OUTBOX_KEY_FILE", &outbox.key_file)
            .env("ADMIN_PUBLIC_URL", &*app.settings.public_url)
            .env("ADMIN_AUDIT_HEAD_PUBLIC_KEY_FILE", &app.settings.audit_head_public_key_file)
            .spawn()
            .unwrap();
        app.url = format!("http://{free}");
        wait_until("the program listens", Duration::from_secs(20), async || std::net::TcpStream::connect(free).is_ok()).await;
        (app, Program(program))
    }

    async fn arranged(mode: Mode) -> Self {
        let database = TestDatabase::new().await;
        let secrets = secrets();
        let settings = Settings {
            common: Common { mode, ..service::common() },
            database: service::database(&database, "admin"),
            outbox: service::outbox("admin"),
            assertion_public_key_file: secrets.join("assertion.pub.pem"),
            service_keys_dir: secrets.join("service-keys"),
            public_url: service::public_url(),
            audit_head_public_key_file: secrets.join("audit-head.pub.pem"),
            retention_days: 90,
            nothing_else: launch::NothingElse,
        };
        let owner = database.connect(testkit::OWNER).await;
        let signer = AssertionSigner::from_file(&secrets.join("assertion.key.pem")).unwrap();
        // An error says that the process has one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder().no_proxy().build().unwrap();
        Self { database, owner, settings, http, url: String::new(), signer }
    }

    /// Another process of the same service; its address.
    pub(crate) async fn another_process(&self) -> String {
        Running::start::<admin::Service>(self.settings.clone()).await.url
    }

    /// As `uvote-admin retention --days` does it.
    pub(crate) async fn anonymise(&self, days: u16) -> Vec<admin::Anonymised> {
        admin::anonymise(&self.settings, days).await.unwrap()
    }

    pub(crate) async fn an_admin(&self) -> Admin {
        let email = format!("{}@example.com", Uuid::new_v4().simple());
        Admin { id: given::an_admin(&self.owner, &email).await, email, role: Role::Admin }
    }

    /// An admin with a draft of three candidates.
    pub(crate) async fn a_draft(&self) -> (Admin, Election) {
        let admin = self.an_admin().await;
        let election = given::a_draft(&self.owner, admin.id, "Student Council 2026").await;
        (admin, election)
    }

    fn request(&self, who: Option<&Admin>, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url)).header("X-Real-IP", "192.0.2.7");
        let Some(Admin { id, email, role }) = who else { return request };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let assertion = self.signer.sign(*id, email, *role, "admin", i64::try_from(now).unwrap()).unwrap();
        request.header(ASSERTION_HEADER, assertion)
    }

    pub(crate) async fn call(&self, who: &Admin, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call_as(Some(who), method, path, body).await
    }

    pub(crate) async fn call_as(&self, who: Option<&Admin>, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(who, method.parse().unwrap(), path);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, who: &Admin, path: &str) -> Answer {
        self.call(who, "GET", path, None).await
    }

    pub(crate) async fn post(&self, who: &Admin, path: &str, body: Value) -> Answer {
        self.call(who, "POST", path, Some(body)).await
    }

    /// A body as it is, for broken clients.
    pub(crate) async fn post_raw(&self, who: &Admin, path: &str, content_type: &str, body: &'static str) -> Answer {
        let request = self.request(Some(who), Method::POST, path).header("Content-Type", content_type).body(body);
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn add_voter(&self, who: &Admin, election_id: i64, email: &str) -> Answer {
        self.post(who, "/api/admin/voters", json!({ "election_id": election_id, "email": email })).await
    }

    pub(crate) async fn import(&self, who: &Admin, election_id: i64, query: &str, file: impl Into<Vec<u8>>) -> Answer {
        let form = Form::new()
            .part("file", Part::bytes(file.into()).file_name("voters.csv"))
            .text("election_id", election_id.to_string());
        self.import_form(who, query, form, "application/json").await
    }

    /// Uploads a file for a preview.
    pub(crate) async fn preview(&self, who: &Admin, election_id: i64, file: impl Into<Vec<u8>>) -> Answer {
        self.preview_form(who, election_id, Form::new().part("file", Part::bytes(file.into()).file_name("voters.csv"))).await
    }

    pub(crate) async fn preview_form(&self, who: &Admin, election_id: i64, form: Form) -> Answer {
        let request = self.request(Some(who), Method::POST, &format!("/api/admin/elections/{election_id}/voter-imports"));
        Answer::read(request.multipart(form).send().await.unwrap()).await
    }

    /// Uploads a file of a candidate: `photo` or `programme-file`.
    pub(crate) async fn upload(&self, who: &Admin, candidate_id: i64, kind: &str, file: impl Into<Vec<u8>>) -> Answer {
        let part = Part::bytes(file.into()).file_name("../<b>.svg").mime_str("image/svg+xml").unwrap();
        self.upload_form(who, candidate_id, kind, Form::new().part("file", part)).await
    }

    pub(crate) async fn upload_form(&self, who: &Admin, candidate_id: i64, kind: &str, form: Form) -> Answer {
        let request = self.request(Some(who), Method::PUT, &format!("/api/admin/candidates/{candidate_id}/{kind}"));
        Answer::read(request.multipart(form).send().await.unwrap()).await
    }

    /// A file as a voter's browser gets it, without a session.
    pub(crate) async fn download(&self, path: &str, if_none_match: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let request = self.http.get(format!("{}{path}", self.url)).header("If-None-Match", if_none_match);
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    /// An import that nobody will answer.
    pub(crate) async fn import_in_vain(&self, who: &Admin, election_id: i64, file: String) {
        let form =
            Form::new().part("file", Part::text(file).file_name("voters.csv")).text("election_id", election_id.to_string());
        let request = self.request(Some(who), Method::POST, "/api/admin/voters/bulk").multipart(form);
        assert!(request.send().await.is_err(), "nobody was killed");
    }

    pub(crate) async fn import_form(&self, who: &Admin, query: &str, form: Form, accept: &str) -> Answer {
        let request = self.request(Some(who), Method::POST, &format!("/api/admin/voters/bulk{query}"));
        Answer::read(request.header("Accept", accept).multipart(form).send().await.unwrap()).await
    }

    /// An import whose client sends the first bytes of its file and then takes its time.
    pub(crate) fn slow_import(&self, who: &Admin) -> std::net::TcpStream {
        let request = self.request(Some(who), Method::POST, "/api/admin/voters/bulk").build().unwrap();
        let mut text = "POST /api/admin/voters/bulk HTTP/1.1\r\nHost: admin\r\nContent-Length: 100000\r\n".to_owned();
        text += "Content-Type: multipart/form-data; boundary=b\r\n";
        for (name, value) in request.headers() {
            text += &format!("{name}: {}\r\n", value.to_str().unwrap());
        }
        text += "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nemail\n";
        let mut stream = std::net::TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    /// Sends links to everybody without one, and waits until they are made.
    pub(crate) async fn send_links(&self, who: &Admin, election_id: i64) -> Answer {
        let answer = self.call(who, "POST", &format!("/api/admin/elections/{election_id}/send-voting-links"), None).await;
        self.links_are_made(election_id).await;
        answer
    }

    /// Waits until nothing is to be sent any more.
    pub(crate) async fn links_are_made(&self, election_id: i64) {
        let left = "SELECT count(*) FROM link_mailings WHERE election_id = $1";
        wait_until("links are made", Duration::from_secs(60), async || {
            self.owner.query_one(left, &[&election_id]).await.unwrap().get::<_, i64>(0) == 0
        })
        .await;
    }

    pub(crate) async fn resend(&self, who: &Admin, voter_id: i64) -> Answer {
        self.call(who, "POST", &format!("/api/admin/voters/{voter_id}/resend-token"), None).await
    }

    /// The addresses on the roll, as the list shows them.
    pub(crate) async fn roll(&self, who: &Admin, election_id: i64) -> Vec<String> {
        let page = self.get(who, &format!("/api/admin/voters?election_id={election_id}&limit=1000")).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|voter| voter["email"].as_str().unwrap().to_owned()).collect()
    }

    /// Calls until the answer is not that somebody else holds the election just now. On a busy machine calls at once can get that.
    pub(crate) async fn patiently(call: impl AsyncFn() -> Answer) -> Answer {
        loop {
            let answer = call().await;
            if answer.status != 503 {
                return answer;
            }
        }
    }

    /// What the audit log will be told: the kinds of events, in order.
    pub(crate) async fn events(&self) -> Vec<Value> {
        outbox::waiting_events(&self.superuser().await, "admin_service").await
    }

    pub(crate) async fn event_types(&self) -> Vec<String> {
        outbox::types_of(&self.events().await)
    }

    /// The mails that wait, opened with the service's key, by the time they were asked for.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        let key = secrets().join("outbox/admin.key");
        outbox::waiting_mails(&self.superuser().await, &key, None).await
    }

    async fn superuser(&self) -> tokio_postgres::Client {
        self.database.connect(testkit::SUPERUSER).await
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.owner.batch_execute(sql).await.unwrap();
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.owner.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Voting has ended, as far as this service can see.
    pub(crate) async fn close(&self, election_id: i64) {
        self.sql(&format!("SELECT begin_close({election_id}, 0)")).await;
    }

    /// Waits until somebody waits for a lock in this database.
    pub(crate) async fn somebody_waits(&self) {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let watcher = self.database.connect(testkit::SUPERUSER).await;
        wait_until("a lock is waited for", Duration::from_secs(10), async || {
            watcher.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0
        })
        .await;
    }
}

/// The token in a mail's link.
pub(crate) fn token_of(mail: &Value) -> String {
    mail["voting_url"].as_str().unwrap().strip_prefix("https://vote.example.org/vote?token=").unwrap().to_owned()
}
