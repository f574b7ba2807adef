//! `uvote-audit`: settings from `AUDIT_*`, then serve until told to stop.

use std::error::Error;
use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-audit: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings: audit::Settings = launch::settings("AUDIT_")?;
    launch::telemetry(&settings.log);
    Ok(audit::start(settings)?.wait().await?)
}
