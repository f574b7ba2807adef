//! `uvote-migrate`: run before the services start, and again after every update.

use clap::{Parser, Subcommand};
use database::{SslMode, Tls};
use migrator::{Direction, MigrateError, Target, migrate, read_secret, snapshot};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Brings the database to the current schema and its roles to their rights. Settings: MIGRATE_DATABASE_URL,
/// MIGRATE_DATABASE_PASSWORD_FILE, MIGRATE_ROLE_PASSWORDS_DIR, MIGRATE_DATABASE_SSLMODE, MIGRATE_DATABASE_CA_FILE
#[derive(Debug, Parser)]
#[command(name = "uvote-migrate", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Make roles, set rights, apply what is missing (the default).
    Up,
    /// Take the newest migration back.
    Down {
        /// Take all of them back: every table and all data are gone.
        #[arg(long)]
        all: bool,
    },
    /// Take the newest migration back and apply it again.
    Redo,
    /// Write schema.sql and grants.snap from the database as it is.
    Snapshot {
        /// Where to.
        folder: PathBuf,
    },
}

/// `MIGRATE_...` of the environment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// `postgres://uvote_owner@host:port/database`, without a password.
    database_url: String,
    /// The owner's password.
    database_password_file: PathBuf,
    /// How the way there is encrypted, as libpq names it.
    #[serde(default)]
    database_sslmode: SslMode,
    /// The certificate of the CA that the server's is one of.
    database_ca_file: Option<PathBuf>,
    /// The folder with `<role>.password` of each service's role.
    role_passwords_dir: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = match envy::prefixed("MIGRATE_").from_env::<Settings>() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("uvote-migrate: the settings MIGRATE_... are incomplete: {error}");
            return ExitCode::FAILURE;
        }
    };
    match run(&arguments, &settings).await {
        Ok(said) => {
            eprintln!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("uvote-migrate: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments, settings: &Settings) -> Result<String, MigrateError> {
    let password = read_secret(&settings.database_password_file)?;
    let target = Target::new(
        &settings.database_url,
        &password,
        Tls::new(settings.database_sslmode, settings.database_ca_file.as_deref())?,
    )?;
    let passwords = &settings.role_passwords_dir;
    match arguments.command.clone().unwrap_or(Command::Up) {
        Command::Up => Ok(listed("applied", &migrate(&target, passwords, Direction::Up).await?)),
        Command::Down { all } => {
            let direction = if all { Direction::DownAll } else { Direction::DownOne };
            Ok(listed("taken back", &migrate(&target, passwords, direction).await?))
        }
        Command::Redo => {
            migrate(&target, passwords, Direction::DownOne).await?;
            Ok(listed("applied again", &migrate(&target, passwords, Direction::Up).await?))
        }
        Command::Snapshot { folder } => {
            snapshot::write(&target, &folder).await?;
            Ok(format!("{} and {} written to {}", snapshot::SCHEMA_FILE, snapshot::RIGHTS_FILE, folder.display()))
        }
    }
}

fn listed(done: &str, versions: &[String]) -> String {
    if versions.is_empty() { "the schema is up to date".to_owned() } else { format!("{done}: {}", versions.join(" ")) }
}
