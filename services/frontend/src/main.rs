//! The frontend service.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-frontend: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings: frontend::Settings = launch::settings("FRONTEND_")?;
    launch::telemetry(&settings.log);
    frontend::start(settings)?.wait().await?;
    Ok(())
}
