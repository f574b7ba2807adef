//! The auth service.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-auth: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings: auth::Settings = launch::settings("AUTH_")?;
    launch::telemetry(&settings.log);
    auth::start(settings).await?.wait().await?;
    Ok(())
}
