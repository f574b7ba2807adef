//! `with-servers COMMAND ...`: runs a command, such as `cargo nextest run`, beside a private PostgreSQL and Redis.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let command: Vec<_> = std::env::args_os().skip(1).collect();
    match testkit::with_servers(&command).await {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("with-servers: {error}");
            ExitCode::FAILURE
        }
    }
}
