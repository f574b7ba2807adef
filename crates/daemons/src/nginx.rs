//! A private nginx from a template with `${NAME}` placeholders.

use crate::postgres::{finished, replace};
use crate::{DaemonError, Program, StopSignal, Unprivileged, at, find_program};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Fills in `${NAME}` (capitals, digits, underscores) as envsubst does, and leaves nginx's own `$name` alone.
///
/// # Errors
/// A placeholder without a value.
pub fn render(template: &str, values: &BTreeMap<String, String>) -> Result<String, DaemonError> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        let name = after[2..].split('}').next().unwrap_or_default();
        let is_ours = !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if is_ours && after.len() > name.len() + 2 {
            out.push_str(values.get(name).ok_or_else(|| DaemonError::NoValue(name.to_owned()))?);
            rest = &after[name.len() + 3..];
        } else {
            out.push_str("${");
            rest = &after[2..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Reads a folder of configuration: `defaults.env` (`NAME=value` lines) filled up and overridden by `values`, every
/// `*.template` rendered with them, every `*.conf` as it is. Gives file name -> text, `nginx.conf` among them.
///
/// # Errors
/// A file cannot be read, or a placeholder has no value.
pub fn render_folder(folder: &Path, values: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, DaemonError> {
    let read = |path: &Path| fs::read_to_string(path).map_err(at(path));
    let defaults = read(&folder.join("defaults.env"))?;
    let lines = defaults.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| line.split_once('='));
    let mut all: BTreeMap<String, String> =
        lines.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
    all.extend(values.clone());
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(plain) = name.strip_suffix(".template") {
            files.insert(plain.to_owned(), render(&read(&path)?, &all)?);
        } else if name.ends_with(".conf") {
            files.insert(name, read(&path)?);
        }
    }
    Ok(files)
}

/// One nginx below one folder.
#[derive(Debug, Clone)]
pub struct Nginx {
    dir: PathBuf,
    files: BTreeMap<String, String>,
    program: Program,
}

impl Nginx {
    /// Describes a server below `dir`; starts nothing. `files` is its configuration, file name -> text:
    /// `nginx.conf` and what that includes.
    ///
    /// # Errors
    /// There is no nginx on this machine.
    pub fn new(dir: &Path, files: BTreeMap<String, String>) -> Result<Self, DaemonError> {
        let binary = find_program("nginx").ok_or_else(|| DaemonError::NotInstalled("nginx".to_owned()))?;
        let mut program = Program::new("nginx", binary, dir.join("nginx.log"), dir.join("nginx.pid"));
        program.settings = files.keys().map(|name| dir.join(name)).collect();
        program.stop_signal = StopSignal::Quit;
        let configuration = dir.join("nginx.conf").into();
        program.arguments = vec!["-p".into(), dir.into(), "-c".into(), configuration, "-e".into(), "stderr".into()];
        program.arguments.extend(["-g".into(), "daemon off;".into()]);
        Ok(Self { dir: dir.to_path_buf(), files, program })
    }

    /// Writes the process's own output elsewhere.
    #[must_use]
    pub fn log(mut self, log: PathBuf) -> Self {
        self.program.log = log;
        self
    }

    /// Ties the server's life to a process.
    #[must_use]
    pub fn tied_to(mut self, pid: u32) -> Self {
        self.program.tied_to = Some(pid);
        self
    }

    /// The server as a program, to ask whether it runs.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Writes the configuration, checks it with `nginx -t` as the unprivileged user, and starts the server unless it runs
    /// with exactly this. `ready` decides when it is up.
    ///
    /// # Errors
    /// The configuration is refused, or the server does not start.
    pub fn start(&self, user: &Unprivileged, ready: impl FnMut() -> bool) -> Result<(), DaemonError> {
        user.create_folder(&self.dir)?;
        for folder in ["body", "proxy"] {
            user.create_folder(&self.dir.join(folder))?;
        }
        for (name, text) in &self.files {
            replace(user, &self.dir.join(name), text)?;
        }
        if self.program.running().is_some_and(|running| !running.up_to_date) {
            self.stop(user)?;
        }
        if self.program.running().is_none() {
            self.check(user)?;
        }
        self.program.start(user)?;
        self.program.wait_ready(Duration::from_secs(10), ready)
    }

    fn check(&self, user: &Unprivileged) -> Result<(), DaemonError> {
        let mut check = user.command(&self.program.binary);
        check.arg("-t").args(&self.program.arguments[..6]);
        finished("nginx -t", &check.output().map_err(at(&self.program.binary))?)
    }

    /// Stops it; requests under way may finish. Says whether it ran.
    ///
    /// # Errors
    /// It survives SIGKILL.
    pub fn stop(&self, user: &Unprivileged) -> Result<bool, DaemonError> {
        self.program.stop(user, Duration::from_secs(5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_nginx_variables_left() {
        let values = BTreeMap::from([("PORT_1".to_owned(), "8080".to_owned())]);
        assert_eq!(render("listen ${PORT_1}; return $uri ${hour} ${", &values).unwrap(), "listen 8080; return $uri ${hour} ${");
        assert!(matches!(render("${NOT_THERE}", &values), Err(DaemonError::NoValue(name)) if name == "NOT_THERE"));
    }
}
