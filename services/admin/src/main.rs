//! `uvote-admin`: the roll, the candidates and the voting links. `uvote-admin retention [--days N]` forgets, once, the people of
//! elections that were archived long enough ago.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::process::ExitCode;

use admin::{Settings, forget, start};

/// How to call it.
const USAGE: &str = "usage: uvote-admin [retention [--days N]]";

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => serve().await,
        ["retention"] => retention(None).await,
        ["retention", "--days", days] => match days.parse() {
            Ok(days) => retention(Some(days)).await,
            Err(_) => Err(format!("'{days}' is no number of days between 0 and {}. {USAGE}", u16::MAX).into()),
        },
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-admin: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("ADMIN_")?;
    launch::telemetry(&settings.log);
    start(settings).await?.wait().await?;
    Ok(())
}

async fn retention(days: Option<u16>) -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("ADMIN_")?;
    let days = days.unwrap_or(settings.retention_days);
    let forgotten = forget(&settings, days).await?;
    for election in &forgotten {
        println!("anonymised: election {} '{}', {} voters", election.election_id, election.title, election.voters);
    }
    if forgotten.is_empty() {
        println!("nothing to anonymise: no election was archived {days} days ago or earlier");
    }
    Ok(())
}
