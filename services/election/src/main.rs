//! `uvote-election`: elections, their life and their closing. `uvote-election resume-election ID REASON` lets an election take ballots
//! again that was halted because its ballot box was found rewound.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use election::{Service, resume_election};
use launch::StartError;

/// Elections, their life and their closing. Settings: ELECTION_* of the environment, see settings.env.example
#[derive(Parser)]
#[command(name = "uvote-election", version = launch::version())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Let a halted election take ballots again (make resume-election ID=7 REASON="...")
    ResumeElection {
        /// The election's number
        id: i64,
        /// Every voter reads it
        reason: String,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    launch::exit::<Service>(match Arguments::parse().command {
        None => launch::run::<Service>().await,
        Some(Command::ResumeElection { id, reason }) => resume(id, &reason).await,
    })
}

async fn resume(election_id: i64, reason: &str) -> Result<(), StartError> {
    resume_election(&launch::settings("election")?, election_id, reason).await?;
    println!("election {election_id} takes ballots again; every voter reads the reason on the ballot and with the result");
    Ok(())
}
