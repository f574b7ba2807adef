//! `uvote-auth`: accounts of organisers. `uvote-auth superadmin ADDRESS` makes one of them a superadmin.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::process::ExitCode;

use auth::{Made, Service, Settings, make_superadmin};
use clap::{Parser, Subcommand};
use launch::StartError;

/// Accounts of organisers. Settings: AUTH_* of the environment, see settings.env.example
#[derive(Parser)]
#[command(name = "uvote-auth", version = launch::version())]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Make this account a superadmin; one that does not exist is made
    Superadmin {
        /// Its email address
        address: String,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    launch::exit::<Service>(match Arguments::parse().command {
        None => launch::run::<Service>().await,
        Some(Command::Superadmin { address }) => superadmin(&address).await,
    })
}

async fn superadmin(email: &str) -> Result<(), StartError> {
    let settings: Settings = launch::settings("auth")?;
    match make_superadmin(&settings, email).await? {
        Made::Promoted => println!("{email} is a superadmin now"),
        Made::Already => println!("{email} is a superadmin already; nothing was changed"),
        Made::Registered(password) => {
            println!("{email} had no account; it has one now and is a superadmin");
            println!("password: {password}");
            println!("It is shown here and nowhere else. Change it: POST /api/auth/change-password");
        }
    }
    Ok(())
}
