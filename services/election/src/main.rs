//! `uvote-election`: elections, their life and their closing. `uvote-election resume-election ID REASON` lets an election take ballots
//! again that was halted because its ballot box was found rewound.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::process::ExitCode;

use election::{Settings, resume_election, start};

/// How to call it.
const USAGE: &str = "usage: uvote-election [resume-election ID REASON]   (make resume-election ID=7 REASON=\"...\")";

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => serve().await,
        ["resume-election", id, reason] => match id.parse() {
            Ok(id) => resume(id, reason).await,
            Err(_) => Err(format!("'{id}' is no election's number. {USAGE}").into()),
        },
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-election: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("ELECTION_")?;
    launch::telemetry(&settings.log);
    start(settings).await?.wait().await?;
    Ok(())
}

async fn resume(election_id: i64, reason: &str) -> Result<(), Box<dyn std::error::Error>> {
    resume_election(&launch::settings("ELECTION_")?, election_id, reason).await?;
    println!("election {election_id} takes ballots again; every voter reads the reason on the ballot and with the result");
    Ok(())
}
