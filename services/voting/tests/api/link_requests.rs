//! Helpers for the tests of `request-link`: a roll with student numbers, requests, and the mails that wait to be sent.

use std::time::Duration;

use contract::email::{Envelope, Mail};
use crypto::envelope::{self, Kek};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::wait_until;
use tokio_postgres::Client;

use crate::app::App;
use crate::arranged::{Election, an_election, secrets};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An answer as it came: everything that could differ between two people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) status: StatusCode,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl App {
    pub(crate) async fn bytes(&self, path: &str, body: &Value) -> Bytes {
        let response = self.client.post(format!("{}/api/voting/{path}", self.url)).json(body).send().await.unwrap();
        let status = response.status();
        let mut headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        Bytes { status, headers, body: response.text().await.unwrap() }
    }

    pub(crate) async fn request_link(&self, election_id: i64, student_id: &str, email: &str) -> Bytes {
        self.bytes("request-link", &json!({ "election_id": election_id, "student_id": student_id, "email": email })).await
    }

    /// The voter with this place on the roll asks, and is answered.
    pub(crate) async fn asks(&self, election: &Election, place: usize) {
        let taken = self.request_link(election.id, &number(place), &address(place)).await;
        assert_eq!(taken.status, 202, "{taken:?}");
    }
}

pub(crate) fn number(place: usize) -> String {
    format!("s-{:04}", place + 1)
}

pub(crate) fn address(place: usize) -> String {
    format!("voter{}@example.com", place + 1)
}

/// An active election whose voters have numbers; each has a link for a day.
pub(crate) async fn an_election_with_numbers(owner: &Client, voters: i32) -> Election {
    let election = an_election(owner, voters).await;
    give_numbers(owner, &election).await;
    election
}

pub(crate) async fn give_numbers(owner: &Client, election: &Election) {
    for (place, voter) in election.voters.iter().enumerate() {
        let sql = "UPDATE voters SET student_id = $2, email = $3 WHERE voter_id = $1";
        owner.execute(sql, &[voter, &number(place), &address(place)]).await.unwrap();
    }
}

/// The mails that wait, the oldest first, each with who tells it and under which name.
pub(crate) async fn mails(owner: &Client) -> Vec<(String, String, Envelope)> {
    let kek = Kek::from_hex(&std::fs::read_to_string(secrets().join("outbox/voting.key")).unwrap()).unwrap();
    let sql = "SELECT event_id::text, source::text, destination || ' ' || kind, payload FROM outbox ORDER BY position";
    let rows = owner.query(sql, &[]).await.unwrap();
    let opened = rows.iter().map(|row| {
        let purpose = format!("outbox/{}", row.get::<_, &str>(0));
        let plain = envelope::unwrap(&kek, purpose.as_bytes(), row.get(3)).unwrap();
        (row.get(1), row.get(2), serde_json::from_slice(&plain).unwrap())
    });
    opened.collect()
}

/// Waits for so many mails and gives them.
pub(crate) async fn mails_are(owner: &Client, count: usize) -> Vec<(String, String, Envelope)> {
    wait_until(&format!("{count} mails"), PATIENCE, async || mails(owner).await.len() >= count).await;
    let mails = mails(owner).await;
    assert_eq!(mails.len(), count);
    mails
}

/// The token of the link in a mail.
pub(crate) fn token_in(envelope: &Envelope) -> String {
    let Mail::VotingInvitation(mail) = &envelope.mail else { panic!("a mail without a link") };
    mail.voting_url.strip_prefix("https://vote.example.org/vote?token=").unwrap().to_owned()
}

/// The links of a voter, the oldest first: origin, whether it is live, how many seconds it has left.
pub(crate) async fn links(owner: &Client, voter: i64) -> Vec<(String, bool, i64)> {
    let sql = "SELECT origin, NOT revoked AND NOT is_used, extract(epoch FROM expires_at - now())::bigint FROM voting_tokens \
               WHERE voter_id = $1 ORDER BY token_id";
    let rows = owner.query(sql, &[&voter]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// Waits until a process has done what was asked of it before: a request that changes something is behind all others on the list.
pub(crate) async fn all_is_done(app: &App, owner: &Client) {
    let election = an_election(owner, 1).await;
    let sql = "SELECT encode(reminder_code, 'hex') FROM voters WHERE voter_id = $1";
    let code: String = owner.query_one(sql, &[&election.voters[0]]).await.unwrap().get(0);
    assert_eq!(app.bytes("stop-reminders", &json!({ "election_id": election.id, "code": code })).await.status, 202);
    wait_until("the list is empty", PATIENCE, async || reminders_stopped(owner, election.voters[0]).await).await;
}

pub(crate) async fn reminders_stopped(owner: &Client, voter: i64) -> bool {
    owner.query_one("SELECT reminders_stopped FROM voters WHERE voter_id = $1", &[&voter]).await.unwrap().get(0)
}
