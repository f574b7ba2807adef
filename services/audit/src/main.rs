//! `uvote-audit`: settings from `AUDIT_*`, then serve until told to stop. `uvote-audit accept-log REASON` signs a log that is not
//! signed any more, as it is, and writes into it that this was done and why. `uvote-audit retire-key PUBLIC_KEY_FILE` prints what the
//! file of earlier keys says of a key that is about to be replaced.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// How to call it.
const USAGE: &str = "usage: uvote-audit [accept-log REASON | retire-key PUBLIC_KEY_FILE]";

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => serve().await,
        ["accept-log", reason] => accept_log(reason).await,
        ["retire-key", file] => retire_key(file.as_ref()).await,
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-audit: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let settings: audit::Settings = launch::settings("AUDIT_")?;
    launch::telemetry(&settings.log);
    Ok(audit::start(settings)?.wait().await?)
}

async fn accept_log(reason: &str) -> Result<(), Box<dyn Error>> {
    let settings: audit::Settings = launch::settings("AUDIT_")?;
    launch::telemetry(&settings.log);
    let accepted = audit::accept_log(&settings, reason).await?;
    println!("The log was not signed because {}.", accepted.why);
    println!("It is accepted as it is, and signed up to entry {}, which says so.", accepted.last_id);
    Ok(())
}

async fn retire_key(public_key_file: &Path) -> Result<(), Box<dyn Error>> {
    // Nothing but the lines goes to the standard output: it is the file of earlier keys.
    let settings: audit::Settings = launch::settings("AUDIT_")?;
    print!("{}", audit::retire_key(&settings, public_key_file).await?);
    Ok(())
}
