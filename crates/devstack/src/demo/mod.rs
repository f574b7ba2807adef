//! One election from CSV to published result, driven from outside: the gateway's API, and the mails that arrived by SMTP.

pub(crate) mod account;
pub(crate) mod api;
mod ballots;
pub(crate) mod demo_election;
mod mails;
mod report;
mod roll;
pub(crate) mod seed;
mod show;

use crate::StackError;
use crate::layout::Layout;
use api::Api;
use chrono::{SecondsFormat, TimeDelta, Utc};
use demo_election::DemoElection;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const TITLE: &str = "Student Council 2026";
const VOTERS: &str = "demo/voters.csv";
/// What the mails with the result are called.
const RESULTS_SUBJECT: &str = "The results are in";
/// Voting opens by itself so long after the roll is there: the links are under way meanwhile.
const OPENS_AFTER: TimeDelta = TimeDelta::seconds(3);

/// Runs it; the exit code is a failure when the result does not add up.
pub(crate) fn run(layout: &Layout) -> Result<ExitCode, StackError> {
    let adds_up = in_runtime(election(layout))?;
    Ok(if adds_up { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_runtime<T>(work: impl Future<Output = Result<T, StackError>>) -> Result<T, StackError> {
    // The HTTP client needs to be told once whose cryptography TLS uses; a second call finds it set.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}

async fn election(layout: &Layout) -> Result<bool, StackError> {
    let began = Instant::now();
    let voters = voters(&std::fs::read_to_string(layout.checkout.join(VOTERS))?);
    let mut api = Api::new(layout)?;
    let login = account::log_in(layout, &mut api).await?;
    show::step(&format!("logged in as {}", login.email));
    let demo = prepare(layout, &api, voters.len()).await?;
    let election = demo.election;
    let links = send_links(&api, election, &voters).await?;
    opened(&api, election).await?;
    let changed = roll::change(&api, election, &voters, links).await?;
    let plan = ballots::Plan::new(&demo, &changed);
    ballots::expire(layout, election, plan.expired_voter()).await?;
    show::step(&format!(
        "expired the link of {} (by SQL, as the owner of the database: nobody waits 7 days here)",
        plan.expired_voter()
    ));
    let cast = ballots::vote(&api, &plan).await?;
    let result = close(&api, election).await?;
    send_results(&api, election, changed.voters.len()).await?;
    let audit = api.get("/api/audit/verify").await;
    let adds_up = report::print(&result, &cast, &audit);
    report::addresses(layout, &login, election, began.elapsed());
    Ok(adds_up)
}

/// The addresses of the file, in its order. The file is ours: no quotes, no comma in a field.
fn voters(csv: &str) -> Vec<String> {
    csv.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}

async fn prepare(layout: &Layout, api: &Api, voters: usize) -> Result<DemoElection, StackError> {
    let new = json!({"title": TITLE, "description": "Annual student council election", "profile": "simple", "contests": demo_election::contests()});
    let demo = DemoElection::fill(api, &api.post("/api/elections", &new).await?).await?;
    let election = demo.election;
    show::step(&format!(
        "created \"{TITLE}\" (election {election}): a president by IRV, three seats on the board by Scottish STV, a motion"
    ));
    let file = std::fs::read(layout.checkout.join(VOTERS))?;
    let imported = api.import(election, file).await?;
    if imported["imported"].as_u64() != u64::try_from(voters).ok() {
        return StackError::refused(format!("{voters} voters were to be imported, the answer says {imported}"));
    }
    show::step(&format!("imported {voters} voters from {VOTERS}"));
    let opens_at = (Utc::now() + OPENS_AFTER).to_rfc3339_opts(SecondsFormat::Millis, true);
    api.put(&format!("/api/elections/{election}"), &json!({"opens_at": opens_at})).await?;
    let frozen = api.post(&format!("/api/elections/{election}/activate"), &Value::Null).await?;
    let manifest = frozen["manifest_hash"].as_str().unwrap_or("-").chars().take(16).collect::<String>();
    show::step(&format!("activated: keys made, rules frozen in manifest {manifest}..., voting opens at {opens_at}"));
    Ok(demo)
}

/// Waits until the clock has opened the election.
async fn opened(api: &Api, election: i64) -> Result<(), StackError> {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let now = api.get(&format!("/api/elections/{election}")).await?;
        if now["status"] == "active" {
            show::step("voting has opened by itself, at its time");
            return Ok(());
        }
        if Instant::now() > patience {
            return StackError::refused(format!("voting did not open: {now}"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn id(object: &Value, name: &str) -> Result<i64, StackError> {
    object[name].as_i64().ok_or_else(|| StackError::Refused(format!("there is no {name} in {object}")))
}

async fn send_links(api: &Api, election: i64, voters: &[String]) -> Result<mails::Links, StackError> {
    let before = mails::newest(api).await?;
    api.post(&format!("/api/admin/elections/{election}/send-voting-links"), &Value::Null).await?;
    let bar = show::bar("mails arrive", voters.len());
    let links = mails::links(api, before, voters, &bar).await?;
    bar.finish_and_clear();
    show::step(&format!("sent {} voting links; each was read from the mail that arrived by SMTP", links.len()));
    Ok(links)
}

/// Closes, and waits while the box is sealed and opened.
async fn close(api: &Api, election: i64) -> Result<Value, StackError> {
    api.post(&format!("/api/elections/{election}/close"), &Value::Null).await?;
    let bar = show::bar("the box is sealed and opened", 100);
    let patience = Instant::now() + Duration::from_secs(180);
    loop {
        match api.get(&format!("/api/results/{election}")).await {
            Ok(result) => {
                bar.finish_and_clear();
                show::step("closed: box sealed, commitment mailed to the organiser, then ballots decrypted and counted");
                return Ok(result);
            }
            Err(refused) if refused.status == Some(409) && Instant::now() < patience => {}
            Err(refused) => return Err(refused.into()),
        }
        if let Ok(tally) = api.get(&format!("/api/elections/{election}/tally")).await {
            if tally["tally_state"] == "failed" {
                return StackError::refused(format!("the box could not be opened: {tally}"));
            }
            bar.set_message(tally["tally_state"].as_str().unwrap_or_default().to_owned());
            bar.set_length(tally["total"].as_u64().unwrap_or(100));
            bar.set_position(tally["done"].as_u64().unwrap_or(0));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn send_results(api: &Api, election: i64, voters: usize) -> Result<(), StackError> {
    let before = mails::newest(api).await?;
    api.post(&format!("/api/admin/elections/{election}/send-results-links"), &Value::Null).await?;
    let bar = show::bar("results mails arrive", voters);
    mails::wait_for(api, before, RESULTS_SUBJECT, voters, &bar).await?;
    bar.finish_and_clear();
    show::step(&format!("sent {voters} mails with the address of the result"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_voters_has_250_different_addresses() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(VOTERS);
        let voters = voters(&std::fs::read_to_string(file).unwrap());
        let different: std::collections::BTreeSet<_> = voters.iter().collect();
        assert_eq!((voters.len(), different.len()), (250, 250));
        assert!(voters.iter().all(|voter| voter.ends_with("@example.com")));
    }
}
