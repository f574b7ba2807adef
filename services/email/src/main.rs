//! `uvote-email`: settings from `EMAIL_*`, then serve and send until told to stop.

use std::error::Error;
use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-email: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings: email::Settings = launch::settings("EMAIL_")?;
    launch::telemetry(&settings.log);
    Ok(email::start(settings)?.wait().await?)
}
