//! `uvote-admin`: the roll, the candidates and the voting links.

use std::process::ExitCode;

use admin::{Settings, start};

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-admin cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings: Settings = launch::settings("ADMIN_")?;
    launch::telemetry(&settings.log);
    start(settings).await?.wait().await?;
    Ok(())
}
