//! `uvote-audit`: the audit log. `uvote-audit accept-log REASON` signs a log that is not signed any more, as it is, and writes into
//! it that this was done and why. `uvote-audit retire-key PUBLIC_KEY_FILE` prints what the file of earlier keys says of a key that is
//! about to be replaced.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use audit::{Service, Settings};
use clap::{Parser, Subcommand};
use launch::StartError;

/// The audit log. Settings: AUDIT_* of the environment, see settings.env.example
#[derive(Parser)]
#[command(name = "uvote-audit", version = launch::version())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Sign a log that is not signed any more, as it is, and write into it why
    AcceptLog {
        /// 1 to 500 characters
        reason: String,
    },
    /// Print what the file of earlier keys says of a key that is about to be replaced
    RetireKey {
        /// The key's public half, SPKI PEM
        public_key_file: PathBuf,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    launch::exit::<Service>(match Arguments::parse().command {
        None => launch::run::<Service>().await,
        Some(Command::AcceptLog { reason }) => accept_log(&reason).await,
        Some(Command::RetireKey { public_key_file }) => retire_key(&public_key_file).await,
    })
}

async fn accept_log(reason: &str) -> Result<(), StartError> {
    let settings: Settings = launch::settings("audit")?;
    launch::telemetry(&settings.common.log);
    let accepted = audit::accept_log(&settings, reason).await?;
    println!("The log was not signed because {}.", accepted.why);
    println!("It is accepted as it is, and signed up to entry {}, which says so.", accepted.last_id);
    Ok(())
}

async fn retire_key(public_key_file: &Path) -> Result<(), StartError> {
    // Nothing but the lines goes to the standard output: it is the file of earlier keys.
    let settings: Settings = launch::settings("audit")?;
    print!("{}", audit::retire_key(&settings, public_key_file).await?);
    Ok(())
}
