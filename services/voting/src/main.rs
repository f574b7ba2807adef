//! The voting service's program.

use std::process::ExitCode;

use voting::Settings;

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("voting: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("VOTING_")?;
    launch::telemetry(&settings.log);
    Ok(voting::start(settings).await?.wait().await?)
}
