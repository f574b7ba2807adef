//! The service on a database of its own, and a counted election.

use std::path::PathBuf;

use chrono::Utc;
use identity::{ASSERTION_HEADER, AssertionSigner, Role};
use installation::Installation;
use launch::Mode;
use results::Settings;
use serde_json::Value;
use testkit::booth::{Ballot, Booth};
use testkit::{SUPERUSER, TestDatabase, given};
use tokio_postgres::Client;

/// The service, listening, and one election with three candidates.
pub(crate) struct App {
    pub(crate) database: TestDatabase,
    pub(crate) owner: Client,
    pub(crate) election: given::Election,
    pub(crate) voters: Vec<i64>,
    url: String,
    http: reqwest::Client,
    signer: AssertionSigner,
}

impl App {
    pub(crate) async fn new(voters: i32) -> Self {
        launch::telemetry("warn");
        let database = TestDatabase::new().await;
        let secrets = Installation::ensure(PathBuf::from(std::env::var(testkit::env::SECRETS).unwrap())).unwrap();
        let settings = Settings {
            listen_addr: "127.0.0.1:0".parse().unwrap(),
            mode: Mode::Local,
            log: "warn".to_owned(),
            database_url: database.url("results_service"),
            database_password_file: database.password_file("results_service"),
            database_pool_size: 4,
            assertion_public_key_file: secrets.assertion_public_key(),
            service_key_file: secrets.service_key("results"),
            internal_url: "http://127.0.0.1:9".to_owned(),
            outbox_key_file: secrets.outbox_key("results"),
            receipt_public_key_file: secrets.receipt_public_key(),
        };
        let running = results::start(settings).await.unwrap();
        let url = format!("http://{}", running.addr);
        actix_web::rt::spawn(running.wait());
        let owner = database.owner().await;
        let admin_id = given::an_admin(&owner, "admin@example.com").await;
        let election = given::a_draft(&owner, admin_id, "Student Council 2026").await;
        let voters = given::voters(&owner, election.election_id, voters).await;
        given::links(&owner, election.election_id).await;
        let signer = AssertionSigner::from_file(&secrets.assertion_key()).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { database, owner, election, voters, url, http, signer }
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

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn assertion(&self, admin_id: i64, role: Role) -> String {
        self.signer.sign(admin_id, "admin@example.com", role, "results", Utc::now().timestamp()).unwrap()
    }

    pub(crate) async fn results_as(&self, assertion: Option<&str>, election_id: i64) -> (u16, Value) {
        let mut request = self.http.get(format!("{}/api/results/{election_id}", self.url));
        if let Some(assertion) = assertion {
            request = request.header(ASSERTION_HEADER, assertion);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
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
