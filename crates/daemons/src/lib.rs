//! Starts and stops private server processes as an unprivileged user: PostgreSQL, Redis, nginx or any program.
//!
//! A [`Program`] says what to run and where its log and pid file lie. The pid file holds the process's start time beside
//! its pid, so a reused pid is never taken for the server and never signalled; signals are sent *as the unprivileged
//! user*, so that nothing written into a pid file can make root end a process that is not ours.
//!
//! Nothing here reads a secret from an argument or writes one to a log, and nothing listens beyond loopback.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod nginx;
mod ports;
mod postgres;
mod proc;
mod program;
mod redis;
mod user;

pub use nginx::{Nginx, render, render_folder};
pub use ports::{Holder, free_port, free_port_range, is_free, port_holder};
pub use postgres::{Durability, OWNER_DATABASE, POSTGRES_BINARIES, Postgres};
pub use program::{Program, Running, StopSignal};
pub use redis::Redis;
pub use user::Unprivileged;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Why a server could not be started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A file or folder could not be read, written or handed over.
    #[error("{path}: {source}")]
    File {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program that must be there is not.
    #[error("{0} is not installed")]
    NotInstalled(String),
    /// A helper program (initdb, psql, `nginx -t`) failed.
    #[error("{what} failed:\n{output}")]
    Failed {
        /// What was being done.
        what: String,
        /// What it printed.
        output: String,
    },
    /// The server ended, or did not answer in time.
    #[error("{name} did not become ready in {seconds} s. The end of its log, {log}:\n{tail}")]
    NotReady {
        /// The server's name.
        name: String,
        /// How long was waited.
        seconds: u64,
        /// Its log file.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// It survived SIGKILL for seconds.
    #[error("{0} cannot be ended")]
    Unstoppable(String),
    /// The port belongs to somebody else.
    #[error("port {port}, which {name} needs, is taken by {holder}")]
    PortTaken {
        /// The port.
        port: u16,
        /// Who needs it.
        name: String,
        /// Who has it.
        holder: String,
    },
    /// A template names a placeholder that has no value.
    #[error("the template needs a value for ${{{0}}}")]
    NoValue(String),
    /// The system has no account to run servers as.
    #[error("run as root, this needs the account 'nobody', which /etc/passwd does not have")]
    NoAccount,
}

pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> DaemonError {
    let path = path.to_path_buf();
    move |source| DaemonError::File { path, source }
}

/// Asks every 20 ms until the condition holds or the time is over; says whether it held. Blocks its thread.
#[allow(clippy::disallowed_methods, reason = "another process has nothing to wake us by; every other wait goes through here")]
pub fn wait_until(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + patience;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Looks for a program in `PATH` and in the system folders an ordinary user's `PATH` leaves out.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The last lines of a log, for an error text.
#[must_use]
pub fn log_tail(path: &Path, lines: usize) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(16 * 1024)..]).into_owned();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
