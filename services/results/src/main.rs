//! Settings, telemetry, start, wait.

use std::process::ExitCode;

use results::{Settings, start};

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-results: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("RESULTS_")?;
    launch::telemetry(&settings.log);
    start(settings).await?.wait().await?;
    Ok(())
}
