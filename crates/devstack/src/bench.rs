//! `make bench-neighbours`: how long the voters of a small election wait while a large one beside it is worked on.
//!
//! The voters come at a fixed rate, whether the ones before them were answered or not, and the time counts from when each of them
//! came: a slow answer does not make later voters come later. Everything goes through the gateway, but for the links: they are
//! written by SQL, as the owner of the database, so that their tokens are known without reading 100,000 mails.

use crate::StackError;
use crate::demo::account;
use crate::demo::api::Api;
use crate::demo::demo_election::{self, DemoElection};
use crate::layout::Layout;
use chrono::{SecondsFormat, TimeDelta, Utc};
use installation::ROLES;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_postgres::Client;

/// Voters of the small election; no more than these can come.
const SMALL: usize = 20_000;
/// A voter of the small election every 50 ms.
const EVERY: Duration = Duration::from_millis(50);
/// A voter of the large election meanwhile: their ballots stand in the same recorder.
const LARGE_EVERY: Duration = Duration::from_millis(200);
/// What is over sooner is measured for this long: 200 voters.
const AT_LEAST: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(600);

/// An election whose links are known.
struct OpenElection {
    demo: DemoElection,
    tokens: Vec<String>,
    /// How many of the tokens were taken.
    taken: usize,
}

impl OpenElection {
    fn next(&mut self) -> Option<(String, Value)> {
        let token = self.tokens.get(self.taken)?.clone();
        self.taken += 1;
        Some((token, self.demo.marked(self.taken)))
    }
}

/// What the voters saw while something happened.
struct Figures {
    what: &'static str,
    took: Duration,
    waited: Vec<Duration>,
    failed: usize,
}

/// Runs it and prints the table.
pub(crate) fn run(layout: &Layout, voters: u32) -> Result<ExitCode, StackError> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let figures = runtime.block_on(all(layout, voters))?;
    println!("A voter of a small election, beside one of {voters} voters; milliseconds");
    println!("{:<28}{:>10}{:>8}{:>8}{:>8}{:>8}{:>8}", "meanwhile", "took", "voters", "failed", "p50", "p99", "max");
    for Figures { what, took, mut waited, failed } in figures {
        waited.sort_unstable();
        let percentile = |percent: usize| milliseconds(waited.get(waited.len().saturating_sub(1) * percent / 100));
        let (voters, took) = (waited.len(), milliseconds(Some(&took)));
        println!("{what:<28}{took:>10}{voters:>8}{failed:>8}{:>8}{:>8}{:>8}", percentile(50), percentile(99), percentile(100));
    }
    Ok(ExitCode::SUCCESS)
}

fn milliseconds(time: Option<&Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| time.as_millis().to_string())
}

async fn all(layout: &Layout, voters: u32) -> Result<Vec<Figures>, StackError> {
    let mut api = Api::new(layout)?;
    account::log_in(layout, &mut api).await?;
    let owner = owner(layout).await?;
    let demo = draft(&api, "Small neighbour").await?;
    let roll =
        "INSERT INTO voters (election_id, email) SELECT $1, 'small' || i || '@example.com' FROM generate_series(1, $2::bigint) i";
    let count = i64::try_from(SMALL).unwrap_or(i64::MAX);
    owner.execute(roll, &[&demo.election, &count]).await.map_err(sql)?;
    let mut small = open(&api, &owner, demo).await?;

    let mut figures = vec![beside("nothing", &api, &mut small, None, async { Ok(()) }).await?];
    let demo = draft(&api, "Large neighbour").await?;
    let large = demo.election;
    let import = async {
        let lines = (0..voters).map(|i| format!("large{i}@example.com,First{i},Last{i},{i}\n"));
        let file = "email,first_name,last_name,student_id\n".to_owned() + &lines.collect::<String>();
        api.import(large, file.into_bytes()).await?;
        Ok(())
    };
    figures.push(beside("it is imported", &api, &mut small, None, import).await?);
    let mut opened = open(&api, &owner, demo).await?;
    let remind = async {
        api.post(&format!("/api/admin/elections/{large}/send-voting-links"), &json!({"only": "not_voted"})).await?;
        reminded(&owner, large).await
    };
    figures.push(beside("its voters are reminded", &api, &mut small, Some(&mut opened), remind).await?);
    let end = async {
        let later = (Utc::now() + TimeDelta::days(20)).to_rfc3339_opts(SecondsFormat::Secs, true);
        api.post(&format!("/api/elections/{large}/amendments"), &json!({"closes_at": later})).await?;
        Ok(())
    };
    figures.push(beside("its end is moved", &api, &mut small, Some(&mut opened), end).await?);
    let close = async {
        api.post(&format!("/api/elections/{large}/close"), &Value::Null).await?;
        counted(&api, large).await
    };
    figures.push(beside("it is closed and counted", &api, &mut small, None, close).await?);
    Ok(figures)
}

/// Lets voters of the small election come while `work` goes on, and perhaps some of the large one.
async fn beside(
    what: &'static str,
    api: &Api,
    small: &mut OpenElection,
    mut large: Option<&mut OpenElection>,
    work: impl Future<Output = Result<(), StackError>>,
) -> Result<Figures, StackError> {
    let began = Instant::now();
    let (mut voters, mut others) = (JoinSet::new(), JoinSet::new());
    let mut arrival = tokio::time::interval(EVERY);
    let mut other_arrival = tokio::time::interval(LARGE_EVERY);
    arrival.set_missed_tick_behavior(MissedTickBehavior::Burst);
    other_arrival.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut work = std::pin::pin!(work);
    let mut took = None;
    while took.is_none() || began.elapsed() < AT_LEAST {
        tokio::select! {
            done = &mut work, if took.is_none() => {
                done?;
                took = Some(began.elapsed());
            }
            due = arrival.tick() => {
                let Some((token, choices)) = small.next() else { return StackError::refused("no voter is left in the small election") };
                let api = api.clone();
                voters.spawn(async move {
                    let recorded = api.cast(&token, &choices, None).await.is_ok();
                    (due.elapsed(), recorded)
                });
            }
            _ = other_arrival.tick(), if large.is_some() => {
                if let Some((token, choices)) = large.as_mut().and_then(|large| large.next()) {
                    let api = api.clone();
                    // Recorded, or refused because a reminder has replaced the link: both have been in the database.
                    others.spawn(async move { api.cast(&token, &choices, None).await.is_ok() });
                }
            }
        }
    }
    let answers = voters.join_all().await;
    let failed = answers.iter().filter(|(_, recorded)| !recorded).count();
    let _ = others.join_all().await;
    let waited = answers.into_iter().map(|(waited, _)| waited).collect();
    Ok(Figures { what, took: took.unwrap_or_default(), waited, failed })
}

async fn draft(api: &Api, title: &str) -> Result<DemoElection, StackError> {
    let closes_at = (Utc::now() + TimeDelta::days(10)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let new = json!({"title": title, "profile": "simple", "contests": demo_election::contests(), "closes_at": closes_at});
    DemoElection::fill(api, &api.post("/api/elections", &new).await?).await
}

/// Activates it, with a link for each voter.
async fn open(api: &Api, owner: &Client, demo: DemoElection) -> Result<OpenElection, StackError> {
    let election = demo.election;
    api.post(&format!("/api/elections/{election}/activate"), &Value::Null).await?;
    let links = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, expires_at, spend_id, email_hint) \
        SELECT election_id, voter_id, sha256(convert_to('b' || lpad(voter_id::text, 42, '0'), 'UTF8')), now() + interval '20 days', \
               spend_id, 'v***@example.com' FROM voters WHERE election_id = $1 RETURNING voter_id";
    let rows = owner.query(links, &[&election]).await.map_err(sql)?;
    let tokens = rows.iter().map(|row| format!("b{:0>42}", row.get::<_, i64>(0))).collect();
    Ok(OpenElection { demo, tokens, taken: 0 })
}

/// Waits until every reminder is made.
async fn reminded(owner: &Client, election: i64) -> Result<(), StackError> {
    let left = "SELECT count(*) FROM link_mailings WHERE election_id = $1";
    let patience = Instant::now() + PATIENCE;
    while owner.query_one(left, &[&election]).await.map_err(sql)?.get::<_, i64>(0) > 0 {
        if Instant::now() > patience {
            return StackError::refused("the reminders are not made");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Waits until the box is opened.
async fn counted(api: &Api, election: i64) -> Result<(), StackError> {
    let patience = Instant::now() + PATIENCE;
    loop {
        let tally = api.get(&format!("/api/elections/{election}/tally")).await?;
        if tally["tally_state"] == "opened" {
            return Ok(());
        }
        if tally["tally_state"] == "failed" || Instant::now() > patience {
            return StackError::refused(format!("the box could not be opened: {tally}"));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn owner(layout: &Layout) -> Result<Client, StackError> {
    let role = ROLES[0];
    let password = std::fs::read_to_string(layout.secrets().join(format!("db/{role}.password")))?;
    let mut database = tokio_postgres::Config::new();
    database.host("127.0.0.1").port(layout.ports.postgres).user(role).password(password.trim()).dbname("uvote");
    let (client, connection) = database.connect(tokio_postgres::NoTls).await.map_err(sql)?;
    tokio::spawn(connection);
    Ok(client)
}

fn sql(error: tokio_postgres::Error) -> StackError {
    StackError::Refused(format!(
        "SQL as the owner: {}",
        error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)
    ))
}
