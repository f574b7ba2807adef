//! What `make up`, `down`, `status`, `logs`, `psql`, `clean` and `demo` call. See README.md for ports and settings.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]
#![allow(clippy::print_stdout, reason = "a program for people")]

mod bench;
mod build;
mod client;
mod demo;
mod layout;
mod lock;
mod mail;
mod packages;
mod probe;
mod processes;
mod services;
mod stack;

use clap::{Parser, Subcommand};
use layout::Layout;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// The local stack: everything of U-Vote on this machine, on loopback, under one folder.
#[derive(Parser)]
#[command(name = "devstack", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build, and start whatever does not run.
    Up(UpArguments),
    /// Stop everything; data is kept.
    Down,
    /// Say what runs; exit code 3 when something does not (under make: 2, as every failure).
    Status,
    /// Show the end of the logs, and follow them on a terminal.
    Logs {
        /// One service; all of them when it is not given.
        service: Option<String>,
    },
    /// Open the database with psql; SQL may come on standard input.
    Psql {
        /// The role, the owner of the schema when it is not given.
        #[arg(long, default_value = "uvote_owner")]
        role: String,
        /// More arguments for psql.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Stop everything and remove its data, keys and logs.
    Clean,
    /// Run a whole election through the stack.
    Demo,
    /// Make a draft with candidates and voters to begin with, in the running stack; refused outside local mode.
    Seed {
        /// 200 candidates with long names and 10,000 voters.
        #[arg(long)]
        large: bool,
    },
    /// Measure how long voters of a small election wait while a large one is imported, reminded, moved and closed.
    BenchNeighbours {
        /// Voters of the large election.
        #[arg(long, default_value_t = 100_000)]
        voters: u32,
    },
    /// Run one of a service's own commands with its settings in this stack: `run auth -- superadmin a@example.com`.
    Run {
        /// The service.
        service: String,
        /// The command.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Install the Debian packages that are missing for the stack and its tests, and do nothing else.
    Packages {
        /// Also those of the browser tests.
        #[arg(long)]
        browser: bool,
    },
    /// Print a free UVOTE_PORT_BASE.
    PortBase,
    /// Be the mail catcher.
    #[command(hide = true)]
    MailCatcher {
        #[arg(long)]
        smtp: SocketAddr,
        #[arg(long)]
        web: SocketAddr,
        #[arg(long)]
        file: PathBuf,
    },
}

/// How to start.
#[derive(clap::Args, Clone, Copy, Default)]
struct UpArguments {
    /// Take the binaries as they are.
    #[arg(long)]
    no_build: bool,
    /// Only PostgreSQL, Redis, nginx and the mail catcher.
    #[arg(long)]
    infrastructure: bool,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum StackError {
    #[error(transparent)]
    Daemon(#[from] daemons::DaemonError),
    #[error(transparent)]
    Installation(#[from] installation::InstallationError),
    #[error(transparent)]
    System(#[from] std::io::Error),
    #[error("{0}")]
    Refused(String),
}

impl StackError {
    fn refused<T>(text: impl Into<String>) -> Result<T, Self> {
        Err(Self::Refused(text.into()))
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("devstack: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, StackError> {
    match command {
        Command::MailCatcher { smtp, web, file } => return mail::run(smtp, web, file).map(|()| ExitCode::SUCCESS),
        Command::Packages { browser } => {
            packages::ensure(if browser { packages::Purpose::Browser } else { packages::Purpose::Tests })?;
        }
        Command::PortBase => match daemons::free_port_range(layout::PORTS_USED) {
            Some(base) => println!("{base}"),
            None => return StackError::refused("there is no free range of ports"),
        },
        command => {
            let starts =
                matches!(command, Command::Up(_) | Command::Demo | Command::Seed { .. } | Command::BenchNeighbours { .. });
            return with_layout(command, &Layout::find(starts)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn with_layout(command: Command, layout: &Layout) -> Result<ExitCode, StackError> {
    match command {
        Command::Up(arguments) => stack::up(layout, arguments)?,
        Command::Down => stack::down(layout)?,
        Command::Clean => stack::clean(layout)?,
        Command::Status => return Ok(if stack::status(layout)? { ExitCode::SUCCESS } else { ExitCode::from(3) }),
        Command::Logs { service } => return client::logs(layout, service.as_deref()),
        Command::Psql { role, arguments } => return client::psql(layout, &role, &arguments),
        Command::Run { service, arguments } => return client::run(layout, &service, &arguments),
        Command::Demo => {
            stack::up(layout, UpArguments::default())?;
            return demo::run(layout);
        }
        Command::Seed { large } => {
            stack::up(layout, UpArguments::default())?;
            demo::seed::run(layout, if large { demo::seed::Amount::Large } else { demo::seed::Amount::Usual })?;
        }
        Command::BenchNeighbours { voters } => {
            stack::up(layout, UpArguments::default())?;
            return bench::run(layout, voters);
        }
        Command::MailCatcher { .. } | Command::Packages { .. } | Command::PortBase => {}
    }
    Ok(ExitCode::SUCCESS)
}
