//! `uvote-auth`: accounts of organisers. `uvote-auth superadmin ADDRESS` makes one of them a superadmin.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::process::ExitCode;

use auth::{Made, Settings, make_superadmin};

/// How to call it.
const USAGE: &str = "usage: uvote-auth [superadmin ADDRESS]";

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => serve().await,
        ["superadmin", email] => superadmin(email).await,
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-auth: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("AUTH_")?;
    launch::telemetry(&settings.log);
    auth::start(settings).await?.wait().await?;
    Ok(())
}

async fn superadmin(email: &str) -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("AUTH_")?;
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
