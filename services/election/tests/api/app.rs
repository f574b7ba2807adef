//! The service on a database of its own, and calls in the user's words.

use std::time::Duration;

use chrono::Utc;
use election::Settings;
use election::closing::Closing;
use identity::{ASSERTION_HEADER, AssertionSigner, Role};
use messages::Zone;
use reqwest::Method;
use serde_json::{Value, json};
pub(crate) use testkit::Answer;
use testkit::booth::Booth;
use testkit::{Running, TestDatabase, given, outbox, service, wait_until};
use tokio_postgres::Client;

/// The service, listening.
pub(crate) struct App {
    pub(crate) database: TestDatabase,
    pub(crate) owner: Client,
    pub(crate) settings: Settings,
    pub(crate) admin_id: i64,
    pub(crate) url: String,
    http: reqwest::Client,
    signer: AssertionSigner,
}

impl App {
    /// Listens, and closes elections by itself.
    pub(crate) async fn working() -> Self {
        Self::new(true).await
    }

    /// Listens; nobody closes what is to be closed but the test.
    pub(crate) async fn idle() -> Self {
        Self::new(false).await
    }

    /// The same on an installation in another time zone.
    pub(crate) async fn idle_in(timezone: &str) -> Self {
        let mut app = Self::idle().await;
        let settings = Settings { default_timezone: timezone.parse().unwrap(), ..app.settings.clone() };
        app.url = Running::start::<election::Service>(settings).await.url;
        app
    }

    /// The same database behind an installation that is not a local one.
    pub(crate) async fn in_production(mut self) -> Self {
        let common = launch::Common { mode: launch::Mode::Production, ..self.settings.common.clone() };
        let settings = Settings { common, ..self.settings.clone() };
        self.url = Running::start::<election::Service>(settings).await.url;
        self
    }

    async fn new(working: bool) -> Self {
        let database = TestDatabase::new().await;
        let secrets = service::secrets();
        let settings = Settings {
            common: service::common(),
            database: service::database(&database, "election"),
            outbox: service::outbox("election"),
            closing_pool_size: 6,
            assertion_public_key_file: secrets.assertion_public_key(),
            service_keys_dir: secrets.service_keys_dir(),
            kek_seal_file: secrets.kek_seal(),
            kek_stamp_file: secrets.kek_stamp(),
            receipt_key_file: secrets.receipt_key(),
            grace_seconds: 60,
            default_timezone: Zone::UTC,
            closes: working,
            gives_up_after: Duration::from_secs(2),
            nothing_else: launch::NothingElse,
        };
        let Running { url, .. } = Running::start::<election::Service>(settings.clone()).await;
        let owner = database.owner().await;
        let admin_id = given::an_admin(&owner, "admin@example.com").await;
        let signer = AssertionSigner::from_file(&secrets.assertion_key()).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { database, owner, settings, admin_id, url, http, signer }
    }

    /// Another process of the same service; its address.
    pub(crate) async fn another_process(&self) -> String {
        let settings = Settings { closes: true, ..self.settings.clone() };
        Running::start::<election::Service>(settings).await.url
    }

    /// What closes elections, as a process of its own that does only what it is told.
    pub(crate) fn closing(&self) -> Closing {
        election::closing(&self.settings).unwrap()
    }

    pub(crate) fn assertion(&self, admin_id: i64, role: Role) -> String {
        self.signer.sign(admin_id, "admin@example.com", role, "election", Utc::now().timestamp()).unwrap()
    }

    pub(crate) async fn call_as(
        &self,
        assertion: Option<&str>,
        url: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{url}{path}"));
        if let Some(assertion) = assertion {
            request = request.header(ASSERTION_HEADER, assertion);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn call_as_at(&self, assertion: &str, method: Method, path: &str) -> Answer {
        self.call_as(Some(assertion), &self.url, method, path, None).await
    }

    /// As the admin whose elections they are.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call_as(Some(&self.assertion(self.admin_id, Role::Admin)), &self.url, method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.call(Method::POST, path, None).await
    }

    /// Somebody else's assertion.
    pub(crate) async fn another_admin(&self) -> String {
        let sql =
            "INSERT INTO admins (email, password_hash) VALUES (gen_random_uuid() || '@example.com', '!') RETURNING admin_id";
        self.assertion(self.owner.query_one(sql, &[]).await.unwrap().get(0), Role::Admin)
    }

    pub(crate) async fn post_as(&self, assertion: &str, path: &str) -> Answer {
        self.call_as(Some(assertion), &self.url, Method::POST, path, None).await
    }

    pub(crate) async fn create(&self, body: Value) -> Answer {
        self.call(Method::POST, "/api/elections", Some(body)).await
    }

    pub(crate) async fn anonymous(&self, method: Method, path: &str) -> Answer {
        self.call_as(None, &self.url, method, path, None).await
    }

    pub(crate) async fn raw(&self, path: &str, known: Option<&str>) -> reqwest::Response {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(known) = known {
            request = request.header("If-None-Match", known);
        }
        request.send().await.unwrap()
    }

    /// A draft with three candidates and so many voters with links, made by the admin.
    pub(crate) async fn a_draft(&self, voters: i32) -> (given::Election, Vec<i64>) {
        let election = given::a_draft(&self.owner, self.admin_id, "Student Council 2026").await;
        let voters = given::voters(&self.owner, election.election_id, voters).await;
        given::links(&self.owner, election.election_id).await;
        (election, voters)
    }

    /// The same, activated through the API, with its booth.
    pub(crate) async fn an_active_election(&self, voters: i32) -> (given::Election, Vec<i64>, Booth) {
        let (election, voters) = self.a_draft(voters).await;
        let activated = self.post(&format!("/api/elections/{}/activate", election.election_id)).await;
        assert_eq!(activated.status, 200, "{}", activated.body);
        let booth = Booth::enter(&self.owner, election.election_id).await;
        (election, voters, booth)
    }

    /// Casts one ballot for each voter, all for the same candidate.
    pub(crate) async fn everybody_votes(&self, booth: &Booth, voters: &[i64], candidate_id: i64) {
        let voting = self.database.connect("voting_service").await;
        for voter in voters {
            let outcome = booth.cast(&voting, &self.owner, *voter, &booth.ballot(&[&[candidate_id]])).await;
            assert_eq!(outcome, "recorded");
        }
    }

    pub(crate) async fn until_tally(&self, election_id: i64, state: &str) -> Value {
        let path = format!("/api/elections/{election_id}/tally");
        wait_until(state, Duration::from_secs(30), async || self.get(&path).await.body["tally_state"] == state).await;
        self.get(&path).await.body
    }

    /// The audit events in the outbox so far, oldest first.
    pub(crate) async fn told(&self) -> Vec<Value> {
        outbox::waiting_events(&self.owner, "election_service").await
    }

    /// The mails of a kind that were asked for so far, oldest first.
    pub(crate) async fn mails(&self, kind: &str) -> Vec<Value> {
        outbox::waiting_mails(&self.owner, &self.settings.outbox.key_file, Some(kind)).await
    }

    pub(crate) async fn told_types(&self) -> Vec<String> {
        outbox::types_of(&self.told().await)
    }
}

/// The body of an election with this title and nothing else.
pub(crate) fn titled(title: &str) -> Value {
    json!({ "title": title })
}
