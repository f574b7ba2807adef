//! The service on a database of its own, and a counted election.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::Utc;
use identity::{ASSERTION_HEADER, AssertionSigner, Role};
use results::Settings;
use serde_json::Value;
use testkit::booth::{Ballot, Booth};
use testkit::service::{self, secrets};
use testkit::{Running, SUPERUSER, TestDatabase, given};
use tokio_postgres::Client;

/// The service, listening, and one election with three candidates.
pub(crate) struct App {
    pub(crate) database: TestDatabase,
    pub(crate) owner: Client,
    pub(crate) election: given::Election,
    pub(crate) voters: Vec<i64>,
    url: RefCell<String>,
    /// Made when the service runs: its relay has installed the provider that reqwest needs.
    http: OnceCell<reqwest::Client>,
    signer: AssertionSigner,
}

/// What came back for a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }
}

/// So long that no test sees a result checked again.
pub(crate) const NEVER: u64 = 3600;

impl App {
    pub(crate) async fn new(voters: i32) -> Self {
        let app = Self::before_start(voters).await;
        app.start(NEVER).await;
        app
    }

    /// The election without the service: what is tampered with now is so at the first count.
    pub(crate) async fn before_start(voters: i32) -> Self {
        let database = TestDatabase::new().await;
        let owner = database.owner().await;
        let admin_id = given::an_admin(&owner, "admin@example.com").await;
        let election = given::a_draft(&owner, admin_id, "Student Council 2026").await;
        let voters = given::voters(&owner, election.election_id, voters).await;
        given::links(&owner, election.election_id).await;
        let signer = AssertionSigner::from_file(&secrets().assertion_key()).unwrap();
        Self { database, owner, election, voters, url: RefCell::default(), http: OnceCell::new(), signer }
    }

    /// Starts the service, or one more copy of it, which has seen nothing yet: requests go to the last one.
    pub(crate) async fn start(&self, recheck_after_seconds: u64) {
        let secrets = secrets();
        let settings = Settings {
            common: service::common(),
            database: service::database(&self.database, "results"),
            outbox: service::outbox("results"),
            assertion_public_key_file: secrets.assertion_public_key(),
            service_keys_dir: secrets.service_keys_dir(),
            receipt_public_key_file: secrets.receipt_public_key(),
            kept_key_file: secrets.kept_results_key(),
            recheck_after_seconds,
            recheck_ballots_per_second: 1_000_000,
            nothing_else: launch::NothingElse,
        };
        *self.url.borrow_mut() = Running::start::<results::Service>(settings).await.url;
    }

    /// Activated, with its booth.
    pub(crate) async fn open(&self) -> Booth {
        Booth::activate(&self.owner, self.election.election_id).await
    }

    /// One ballot for each voter from the first on.
    pub(crate) async fn cast(&self, booth: &Booth, ballots: &[Ballot]) {
        let voting = self.database.connect("voting_service").await;
        for (voter, ballot) in self.voters.iter().zip(ballots) {
            assert_eq!(booth.cast(&voting, &self.owner, *voter, ballot).await, "recorded");
        }
    }

    /// A published election in which the candidates got so many votes.
    pub(crate) async fn published(&self, votes: [usize; 3]) -> Booth {
        let booth = self.open().await;
        let ballots: Vec<Ballot> = votes
            .iter()
            .zip(&self.election.candidate_ids)
            .flat_map(|(votes, candidate)| std::iter::repeat_n(candidate, *votes))
            .map(|candidate| booth.ballot(&[&[*candidate]]))
            .collect();
        self.cast(&booth, &ballots).await;
        booth.count(&self.owner).await;
        booth
    }

    /// Of the last copy that was started.
    pub(crate) fn url(&self) -> String {
        self.url.borrow().clone()
    }

    pub(crate) fn assertion(&self, admin_id: i64, role: Role) -> String {
        self.signer.sign(admin_id, "admin@example.com", role, "results", Utc::now().timestamp()).unwrap()
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.get_from(&self.url(), path, headers).await
    }

    /// From one of several copies.
    pub(crate) async fn get_from(&self, url: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let client = || reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        let request = self.http.get_or_init(client).get(format!("{url}{path}"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.unwrap();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        Answer { status: answer.status().as_u16(), headers, body: answer.text().await.unwrap() }
    }

    pub(crate) async fn results_as(&self, assertion: Option<&str>, election_id: i64) -> (u16, Value) {
        let headers: Vec<(&str, &str)> = assertion.map(|assertion| (ASSERTION_HEADER, assertion)).into_iter().collect();
        let answer = self.get(&format!("/api/results/{election_id}"), &headers).await;
        (answer.status, answer.json())
    }

    /// Asks for the result until the job has written one that fits.
    pub(crate) async fn results_until(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        testkit::wait_until(what, Duration::from_secs(30), async || {
            last = self.results().await;
            fits(&last)
        })
        .await;
        last
    }

    /// What anybody sees.
    pub(crate) async fn results(&self) -> Value {
        let (status, body) = self.results_as(None, self.election.election_id).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// What only somebody with the superuser's password can do: triggers off, a change, triggers on.
    pub(crate) async fn tamper(&self, table: &str, change: &str) {
        let superuser = self.database.connect(SUPERUSER).await;
        let text = format!(
            "SET session_replication_role = replica; ALTER TABLE {table} DISABLE TRIGGER USER; {change}; ALTER TABLE {table} ENABLE TRIGGER USER"
        );
        superuser.batch_execute(&text).await.unwrap();
    }

    pub(crate) async fn told(&self) -> i64 {
        self.owner.query_one("SELECT count(*) FROM outbox WHERE source = 'results_service'", &[]).await.unwrap().get(0)
    }
}
