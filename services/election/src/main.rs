//! Settings, telemetry, start, wait.

use std::process::ExitCode;

use election::{Settings, start};

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-election: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("ELECTION_")?;
    launch::telemetry(&settings.log);
    start(settings).await?.wait().await?;
    Ok(())
}
