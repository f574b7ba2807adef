//! What people type against a running stack: psql, logs, a service's own commands.

use crate::layout::Layout;
use crate::services::SERVICES;
use crate::{StackError, build, processes};
use daemons::POSTGRES_BINARIES;
use installation::{Installation, ROLES};
use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, stdin, stdout};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Becomes psql, so that its input, output and exit code are the caller's.
pub(crate) fn psql(layout: &Layout, role: &str, arguments: &[OsString]) -> Result<ExitCode, StackError> {
    let password_file = layout.secrets().join("db").join(format!("{role}.password"));
    if !ROLES.contains(&role) {
        return StackError::refused(format!("there is no role {role}; the roles are {}", ROLES.join(", ")));
    }
    if !processes::postgres(layout).is_ready() {
        return StackError::refused("the database does not run; start it with make up");
    }
    let mut psql = Command::new(Path::new(POSTGRES_BINARIES).join("psql"));
    psql.args(["-h", "127.0.0.1", "-p", &layout.ports.postgres.to_string(), "-U", role, "-d", "uvote"]);
    psql.env("PGPASSWORD", fs::read_to_string(password_file)?.trim());
    if !stdin().is_terminal() {
        // A script: nothing but the answers, and a failure is a failure.
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1"]);
    }
    Err(psql.args(arguments).exec().into())
}

/// Shows the logs' ends; on a terminal it goes on as they grow.
pub(crate) fn logs(layout: &Layout, service: Option<&str>) -> Result<ExitCode, StackError> {
    let files: Vec<_> = match service {
        Some(name) => vec![layout.log(name)],
        None => fs::read_dir(layout.logs()).into_iter().flatten().flatten().map(|entry| entry.path()).collect(),
    };
    if files.is_empty() || files.iter().any(|file| !file.is_file()) {
        return StackError::refused(format!("there is no such log in {}", layout.logs().display()));
    }
    let mut tail = Command::new("tail");
    tail.args(["-n", if service.is_some() { "200" } else { "20" }]);
    if stdout().is_terminal() {
        tail.arg("-F");
    }
    Err(tail.args(files).exec().into())
}

/// Runs one of a service's own commands as the unprivileged user with the settings it has in this stack.
pub(crate) fn run(layout: &Layout, service: &str, arguments: &[OsString]) -> Result<ExitCode, StackError> {
    let Some((place, service)) = SERVICES.iter().enumerate().find(|(_, known)| known.name == service) else {
        return StackError::refused(format!("there is no service {service}"));
    };
    if !layout.secrets().is_dir() {
        return StackError::refused("the stack was never started; make up does it");
    }
    let secrets = Installation::ensure(layout.secrets())?;
    let mut command = layout.user.command(build::runnable(layout, &service.binary())?);
    command.args(arguments).envs(service.settings(layout, &secrets, layout.ports.of_service(place, 0)));
    let status = command.stdin(std::process::Stdio::inherit()).status()?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
