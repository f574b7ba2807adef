//! The service as a test sees it.

use std::io::Write as _;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth::{Made, Registration, Settings};
use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use testkit::{Running, TestDatabase, outbox, service};

pub(crate) const PASSWORD: &str = "lamp river seven coat";
pub(crate) const WRONG: &str = "lamp river seven hat";

pub(crate) struct App {
    pub(crate) database: Arc<TestDatabase>,
    pub(crate) settings: Settings,
    http: Client,
    url: String,
}

/// An answer, with what the auth service says in its headers.
#[derive(Debug)]
pub(crate) struct Answer(testkit::Answer);

impl Deref for Answer {
    type Target = testkit::Answer;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Answer {
    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status, 200, "{self:?}");
        self.body["access_token"].as_str().unwrap().to_owned()
    }

    fn named(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn assertion(&self) -> Option<&str> {
        self.named("x-uvote-assertion")
    }

    /// In seconds.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.named("retry-after").map(|seconds| seconds.parse().unwrap())
    }

    pub(crate) fn www_authenticate(&self) -> Option<&str> {
        self.named("www-authenticate")
    }

    /// Name and value of the cookie that was set.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.named("set-cookie").and_then(|cookie| cookie.split(';').next())
    }
}

/// Redis is one for the whole run, so every test has addresses of its own.
pub(crate) fn an_address() -> String {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("Ann.{now}.{}@Example.com", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = TestDatabase::new().await;
        let secrets = service::secrets();
        let mut settings = Settings {
            common: service::common(),
            database: service::database(&database, "auth"),
            outbox: service::outbox("auth"),
            redis_url: std::env::var(testkit::env::REDIS).unwrap(),
            redis_password_file: secrets.redis_password(),
            redis_ca_file: None,
            jwt_secret_file: secrets.jwt_secret(),
            assertion_key_file: secrets.assertion_key(),
            service_keys_dir: secrets.service_keys_dir(),
            public_url: service::public_url(),
            registration: Some(Registration::Open),
            bcrypt_cost: 4,
            nothing_else: launch::NothingElse,
        };
        change(&mut settings);
        Self::started(Arc::new(database), settings, 1).await
    }

    /// A second process of the same installation.
    pub(crate) async fn another(&self) -> Self {
        Self::started(self.database.clone(), self.settings.clone(), 2).await
    }

    async fn started(database: Arc<TestDatabase>, settings: Settings, processes: i64) -> Self {
        let Running { url, .. } = Running::start::<auth::Service>(settings.clone()).await;
        // A test that ends while the relay still connects would keep its database from being dropped.
        let owner = database.connect(testkit::SUPERUSER).await;
        let listening = "SELECT count(*) >= $1 FROM pg_stat_activity WHERE datname = current_database() AND (query = 'LISTEN outbox' OR query LIKE '%advisory%')";
        testkit::wait_until("the relay listens", Duration::from_secs(20), async || {
            owner.query_one(listening, &[&processes]).await.unwrap().get(0)
        })
        .await;
        Self { database, settings, http: Client::builder().no_proxy().build().unwrap(), url }
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if headers.iter().all(|(name, _)| *name != "X-Real-IP") {
            request = request.header("X-Real-IP", "192.0.2.7");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        Answer(testkit::Answer::read(request.send().await.unwrap()).await)
    }

    pub(crate) async fn register(&self, email: &str, password: &str) -> Answer {
        self.call(Method::POST, "/api/auth/register", &[], Some(&json!({ "email": email, "password": password }))).await
    }

    pub(crate) async fn register_invited(&self, email: &str, invitation: &str) -> Answer {
        self.post("register", &json!({ "email": email, "password": PASSWORD, "invitation": invitation })).await
    }

    /// A call of somebody who is not logged in.
    pub(crate) async fn post(&self, call: &str, body: &Value) -> Answer {
        self.call(Method::POST, &format!("/api/auth/{call}"), &[], Some(body)).await
    }

    /// The same with these headers, such as an address or a cookie.
    pub(crate) async fn post_with(&self, headers: &[(&str, &str)], call: &str, body: &Value) -> Answer {
        self.call(Method::POST, &format!("/api/auth/{call}"), headers, Some(body)).await
    }

    /// Logs in from another address.
    pub(crate) async fn login_from(&self, address: &str, email: &str, password: &str) -> Answer {
        self.post_with(&[("X-Real-IP", address)], "login", &json!({ "email": email, "password": password })).await
    }

    /// A call of somebody who is.
    pub(crate) async fn post_as(&self, token: &str, call: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        self.call(Method::POST, &format!("/api/auth/{call}"), &[(AUTHORIZATION.as_str(), &bearer)], Some(body)).await
    }

    /// The mails that wait in the outbox, opened with its key, the oldest first.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        let key = service::secrets().outbox_key("auth");
        let owner = self.database.connect(testkit::SUPERUSER).await;
        outbox::waiting_mails(&owner, &key, None).await
    }

    /// Waits for so many mails and gives the newest.
    pub(crate) async fn newest_of(&self, count: usize) -> Value {
        testkit::wait_until("mails", Duration::from_secs(20), async || self.mails().await.len() >= count).await;
        let mut mails = self.mails().await;
        assert_eq!(mails.len(), count, "{mails:?}");
        mails.pop().unwrap()
    }

    /// A superadmin, made as an operator makes one, logged in.
    pub(crate) async fn a_superadmin(&self) -> (String, String) {
        let email = an_address();
        let Made::Registered(password) = auth::make_superadmin(&self.settings, &email).await.unwrap() else { panic!("is new") };
        let token = self.login(&email, &password).await.token();
        (email, token)
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.call(Method::POST, "/api/auth/login", &[], Some(&json!({ "email": email, "password": password }))).await
    }

    /// Sends the whole request and waits for nothing.
    pub(crate) fn login_and_hang_up(&self, email: &str, password: &str) {
        let body = json!({ "email": email, "password": password }).to_string();
        let head = "POST /api/auth/login HTTP/1.1\r\nHost: auth\r\nX-Real-IP: 192.0.2.7\r\nContent-Type: application/json\r\nContent-Length:";
        let mut stream = std::net::TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
    }

    pub(crate) async fn verify(&self, token: &str) -> Answer {
        self.authorized(Method::GET, "/api/auth/verify", &format!("Bearer {token}")).await
    }

    pub(crate) async fn logout(&self, token: &str) -> Answer {
        self.authorized(Method::POST, "/api/auth/logout", &format!("Bearer {token}")).await
    }

    pub(crate) async fn authorized(&self, method: Method, path: &str, authorization: &str) -> Answer {
        self.call(method, path, &[(AUTHORIZATION.as_str(), authorization)], None).await
    }

    /// `GET /internal/assert`, as the gateway calls it.
    pub(crate) async fn assert(&self, token: &str, audience: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.call(Method::GET, "/internal/assert", &[(AUTHORIZATION.as_str(), &bearer), ("X-Uvote-Audience", audience)], None)
            .await
    }

    /// Registers and logs in.
    pub(crate) async fn a_session(&self) -> (String, String) {
        let email = an_address();
        let registered = self.register(&email, PASSWORD).await;
        assert_eq!(registered.status, 201, "{registered:?}");
        let token = self.login(&email, PASSWORD).await.token();
        (email, token)
    }

    /// A number of the metrics page; 0 when it is not there yet.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let page = self.http.get(format!("{}/metrics", self.url)).send().await.unwrap().text().await.unwrap();
        page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
    }

    /// What the audit log will be told, in order.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let owner = self.database.connect(testkit::SUPERUSER).await;
        outbox::waiting_events(&owner, "auth_service").await
    }

    pub(crate) async fn event_types(&self) -> Vec<String> {
        outbox::types_of(&self.events().await)
    }
}
