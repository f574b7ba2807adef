//! `uvote-admin`: the roll, the candidates and the voting links. `uvote-admin retention [--days N]` forgets, once, the people of
//! elections that were archived long enough ago.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::process::ExitCode;

use admin::{Service, Settings, anonymise};
use clap::{Parser, Subcommand};
use launch::StartError;

/// The roll, the candidates and the voting links. Settings: ADMIN_* of the environment, see settings.env.example
#[derive(Parser)]
#[command(name = "uvote-admin", version = launch::version())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Forget the people of elections that were archived long enough ago
    Retention {
        /// Days in the archive; without it as ADMIN_RETENTION_DAYS says
        #[arg(long)]
        days: Option<u16>,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    launch::exit::<Service>(match Arguments::parse().command {
        None => launch::run::<Service>().await,
        Some(Command::Retention { days }) => retention(days).await,
    })
}

async fn retention(days: Option<u16>) -> Result<(), StartError> {
    let settings: Settings = launch::settings("admin")?;
    let days = days.unwrap_or(settings.retention_days);
    let anonymised = anonymise(&settings, days).await?;
    for election in &anonymised {
        println!("anonymised: election {} '{}', {} voters", election.election_id, election.title, election.voters);
    }
    if anonymised.is_empty() {
        println!("nothing to anonymise: no election was archived {days} days ago or earlier");
    }
    Ok(())
}
