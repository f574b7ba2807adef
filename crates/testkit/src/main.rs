//! `with-servers COMMAND ...`: runs a command, such as `cargo nextest run`, beside a private PostgreSQL and Redis.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Runs a command beside a private PostgreSQL and Redis, which are gone when it ends.
#[derive(Parser)]
#[command(name = "with-servers", version)]
struct Arguments {
    /// The command and its arguments, such as `cargo nextest run --workspace`
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match testkit::with_servers(&Arguments::parse().command).await {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("with-servers: {error}");
            ExitCode::FAILURE
        }
    }
}
