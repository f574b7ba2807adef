//! What every `main` does: arguments, settings, start, wait, and a reason when it ends badly.

use std::process::ExitCode;

use clap::{Args, Command, FromArgMatches as _};

use crate::{Service, StartError, schema, settings, start, telemetry};

#[derive(Args)]
struct NoArguments {}

/// `main` of a service that has no commands.
pub async fn main<S: Service>() -> ExitCode {
    let name = format!("uvote-{}", S::NAME);
    let about = format!("{}. Settings: {}_* of the environment, see settings.env.example", S::ABOUT, S::NAME.to_uppercase());
    let command = NoArguments::augment_args(Command::new(name).about(about).version(version()));
    if let Err(refused) = NoArguments::from_arg_matches(&command.get_matches()) {
        refused.exit();
    }
    exit::<S>(run::<S>().await)
}

/// What `--version` says: the version, and which schemas of the database the program works with.
#[must_use]
pub fn version() -> String {
    format!("{} ({})", env!("CARGO_PKG_VERSION"), schema::version_text())
}

/// Serves, with the settings of the environment, until it is told to stop.
pub async fn run<S: Service>() -> Result<(), StartError> {
    let settings: S::Settings = settings::settings(S::NAME)?;
    telemetry(&settings.as_ref().log);
    tracing::info!(service = S::NAME, version = env!("CARGO_PKG_VERSION"), schema = schema::version_text(), "starting");
    Ok(start::<S>(settings).await?.wait().await?)
}

/// The exit code; the reason of a bad end goes to standard error.
#[must_use]
pub fn exit<S: Service>(done: Result<(), StartError>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uvote-{}: {error}", S::NAME);
            ExitCode::FAILURE
        }
    }
}
