//! One election from CSV to published result, driven from outside: the gateway's API, and the mails that arrived by SMTP.

mod account;
mod api;
mod ballots;
mod mails;
mod report;
mod show;

use crate::StackError;
use crate::layout::Layout;
use api::Api;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const TITLE: &str = "Student Council 2026";
const CANDIDATES: [(&str, &str); 3] = [
    ("Alice Johnson", "Experienced leader focused on student welfare"),
    ("Bob Smith", "Passionate about campus sustainability"),
    ("Carol White", "Advocate for improved facilities"),
];
const VOTERS: &str = "demo/voters.csv";

/// Runs it; the exit code is a failure when the result does not add up.
pub(crate) fn run(layout: &Layout) -> Result<ExitCode, StackError> {
    // The HTTP client needs to be told once whose cryptography TLS uses; a second call finds it set.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let adds_up = runtime.block_on(election(layout))?;
    Ok(if adds_up { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn election(layout: &Layout) -> Result<bool, StackError> {
    let began = Instant::now();
    let voters = voters(&std::fs::read_to_string(layout.checkout.join(VOTERS))?);
    let mut api = Api::new(layout)?;
    let login = account::log_in(layout, &mut api).await?;
    show::step(&format!("logged in as {}", login.email));
    let prepared = prepare(layout, &api, voters.len()).await?;
    let links = send_links(&api, prepared.election, &voters).await?;
    let plan = ballots::Plan::new(prepared.election, &voters, &links);
    ballots::expire(layout, prepared.election, plan.expired_voter()).await?;
    show::step(&format!(
        "expired the link of {} (by SQL, as the owner of the database: nobody waits 7 days here)",
        plan.expired_voter()
    ));
    let cast = ballots::vote(&api, &plan, &prepared.candidates).await?;
    let result = close(&api, prepared.election).await?;
    send_results(&api, prepared.election, voters.len()).await?;
    let audit = api.get("/api/audit/verify").await;
    let adds_up = report::print(&result, &cast, &audit);
    report::addresses(layout, &login, prepared.election, began.elapsed());
    Ok(adds_up)
}

/// The addresses of the file, in its order. The file is ours: no quotes, no comma in a field.
fn voters(csv: &str) -> Vec<String> {
    csv.lines().skip(1).filter_map(|line| line.split(',').next()).map(str::to_owned).collect()
}

struct Prepared {
    election: i64,
    candidates: Vec<i64>,
}

async fn prepare(layout: &Layout, api: &Api, voters: usize) -> Result<Prepared, StackError> {
    let new = json!({"title": TITLE, "description": "Annual student council election", "profile": "simple"});
    let election = id(&api.post("/api/elections", &new).await?, "election_id")?;
    let mut candidates = Vec::new();
    for (name, description) in CANDIDATES {
        let candidate = json!({"election_id": election, "name": name, "description": description});
        candidates.push(id(&api.post("/api/admin/candidates", &candidate).await?, "candidate_id")?);
    }
    show::step(&format!("created \"{TITLE}\" (election {election}) with {} candidates", candidates.len()));
    let file = std::fs::read(layout.checkout.join(VOTERS))?;
    let imported = api.import(election, file).await?;
    if imported["imported"].as_u64() != u64::try_from(voters).ok() {
        return StackError::refused(format!("{voters} voters were to be imported, the answer says {imported}"));
    }
    show::step(&format!("imported {voters} voters from {VOTERS}"));
    let active = api.post(&format!("/api/elections/{election}/activate"), &Value::Null).await?;
    let manifest = active["manifest_hash"].as_str().unwrap_or("-").chars().take(16).collect::<String>();
    show::step(&format!("activated: keys made, rules frozen in manifest {manifest}..."));
    Ok(Prepared { election, candidates })
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
                show::step("closed: box sealed, commitment published, then opened and counted");
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
    mails::wait_for(api, before, voters, &bar).await?;
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
