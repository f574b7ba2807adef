//! One server process: started into a process group of its own, remembered by pid file, ended politely and then for sure.

use crate::proc::{self, Stat};
use crate::{DaemonError, Unprivileged, at, log_tail, wait_until};
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

/// Writes its own pid file before it becomes the server, so that no kill of the starter can leave a server nobody knows.
/// Its start time stays the same over `exec`. With a keeper ($3), a watcher outside the server's family ends the server
/// when the keeper is gone: a killed test run leaves no cluster behind.
///
/// It opens its log itself ($5): the folder is its own, so a name in it may be a link to a file that only root may write.
const LAUNCH: &str = r#"
umask 077
exec >>"$5" 2>&1
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/self/stat
printf '%s\n%s\n%s\n' "$boot" "$2" "$stat" >"$1.new" && mv "$1.new" "$1" || exit 1
if [ -n "$3" ]; then ( ( while [ -d "/proc/$3" ]; do sleep 1; done; kill -s "$4" $$ ) & ); fi
shift 5
exec "$@"
"#;

/// The signal that asks a server to end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGTERM: our services, Redis.
    Terminate,
    /// SIGINT: PostgreSQL's fast shutdown; its SIGTERM waits for every client to leave.
    Interrupt,
    /// SIGQUIT: nginx finishes the requests it has.
    Quit,
}

impl StopSignal {
    fn name(self) -> &'static str {
        match self {
            Self::Terminate => "TERM",
            Self::Interrupt => "INT",
            Self::Quit => "QUIT",
        }
    }
}

/// What to run, and where its traces lie.
#[derive(Debug, Clone)]
pub struct Program {
    /// For people.
    pub name: String,
    /// The file to run.
    pub binary: PathBuf,
    /// Its arguments. Never a secret: anybody on the machine can read them.
    pub arguments: Vec<OsString>,
    /// Its environment, on top of `PATH`, `HOME` and `LANG`.
    pub environment: Vec<(String, String)>,
    /// Files whose content counts as part of the settings: a change makes the running process out of date.
    pub settings: Vec<PathBuf>,
    /// Standard output and error go here, appended.
    pub log: PathBuf,
    /// In a folder the unprivileged user may write to.
    pub pid_file: PathBuf,
    /// How to ask it to end.
    pub stop_signal: StopSignal,
    /// A process (the test runner) without which it must not live on.
    pub tied_to: Option<u32>,
}

/// A process that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its pid.
    pub pid: u32,
    /// Whether binary, arguments, environment and settings are still those it was started with.
    pub up_to_date: bool,
}

struct Record {
    boot: String,
    fingerprint: String,
    stat: Stat,
}

impl Program {
    /// A program with no arguments that ends on SIGTERM.
    #[must_use]
    pub fn new(name: &str, binary: PathBuf, log: PathBuf, pid_file: PathBuf) -> Self {
        let stop_signal = StopSignal::Terminate;
        let (arguments, environment, settings) = Default::default();
        Self { name: name.to_owned(), binary, arguments, environment, settings, log, pid_file, stop_signal, tied_to: None }
    }

    /// The process of the pid file, if it is alive.
    #[must_use]
    pub fn running(&self) -> Option<Running> {
        let record = self.record()?;
        let alive = Stat::of(record.stat.pid).is_some_and(|now| now.is_alive() && now.started == record.stat.started);
        alive.then(|| Running { pid: record.stat.pid, up_to_date: record.fingerprint == self.fingerprint() })
    }

    /// Starts it unless it runs; an earlier process's orphans (nginx workers outlive a killed master and keep its ports)
    /// are ended first.
    ///
    /// # Errors
    /// The binary, the log or the pid file is out of reach.
    pub fn start(&self, user: &Unprivileged) -> Result<Running, DaemonError> {
        if let Some(running) = self.running() {
            return Ok(running);
        }
        self.stop(user, Duration::ZERO)?;
        let keeper = self.tied_to.map(|pid| pid.to_string()).unwrap_or_default();
        let mut launch = user.command("/bin/sh");
        launch.args(["-c", LAUNCH, &self.name]).arg(&self.pid_file);
        launch.args([&self.fingerprint(), &keeper, self.stop_signal.name()]).arg(&self.log);
        launch.arg(&self.binary).args(&self.arguments);
        launch.envs(self.environment.iter().map(|(name, value)| (name, value)));
        launch.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut child = launch.spawn().map_err(at(&self.binary))?;
        let pid = child.id();
        // Takes the exit status, so that a dead server is no zombie as long as its starter lives.
        std::thread::spawn(move || child.wait());
        let known = || self.record().is_some_and(|record| record.stat.pid == pid);
        wait_until(Duration::from_secs(5), || known() || Stat::of(pid).is_none_or(|now| !now.is_alive()));
        if known() { Ok(Running { pid, up_to_date: true }) } else { Err(self.not_ready(Duration::ZERO)) }
    }

    /// Waits until the condition holds while the process is alive.
    ///
    /// # Errors
    /// It died or the time is over; the error shows the end of its log.
    pub fn wait_ready(&self, patience: Duration, mut ready: impl FnMut() -> bool) -> Result<(), DaemonError> {
        let mut fine = false;
        wait_until(patience, || {
            let alive = self.running().is_some();
            fine = alive && ready();
            fine || !alive
        });
        if fine { Ok(()) } else { Err(self.not_ready(patience)) }
    }

    /// Asks it to end, waits, and ends it and its whole process group for sure. Says whether anything was there to end.
    ///
    /// # Errors
    /// Something survives SIGKILL.
    pub fn stop(&self, user: &Unprivileged, patience: Duration) -> Result<bool, DaemonError> {
        let Some(record) = self.record() else { return Ok(false) };
        let leader = record.stat.pid;
        let was_running = self.running().is_some();
        if was_running && !patience.is_zero() {
            user.signal(leader.into(), self.stop_signal.name());
            wait_until(patience, || self.running().is_none());
        }
        let left = || self.running().is_some() || !orphans(&record).is_empty();
        let had_orphans = left();
        if had_orphans {
            user.signal(-i64::from(leader), "KILL");
            if !wait_until(Duration::from_secs(5), || !left()) {
                return Err(DaemonError::Unstoppable(self.name.clone()));
            }
        }
        fs::remove_file(&self.pid_file).map_err(at(&self.pid_file))?;
        Ok(was_running || had_orphans)
    }

    fn not_ready(&self, patience: Duration) -> DaemonError {
        let tail = log_tail(&self.log, 15);
        DaemonError::NotReady { name: self.name.clone(), seconds: patience.as_secs(), log: self.log.clone(), tail }
    }

    fn record(&self) -> Option<Record> {
        let text = fs::read_to_string(&self.pid_file).ok()?;
        let mut lines = text.lines();
        let (boot, fingerprint) = (lines.next()?.to_owned(), lines.next()?.to_owned());
        let record = Record { boot, fingerprint, stat: Stat::parse(lines.next()?)? };
        (record.boot == proc::boot_id()).then_some(record)
    }

    fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.binary, &self.arguments, &self.environment).hash(&mut hasher);
        if let Ok(file) = fs::metadata(&self.binary) {
            (file.len(), file.mtime(), file.mtime_nsec()).hash(&mut hasher);
        }
        for file in &self.settings {
            fs::read(file).unwrap_or_default().hash(&mut hasher);
        }
        format!("{:016x}", hasher.finish())
    }
}

/// Living members of a dead leader's process group. The kernel gives a pid to nobody while a group has its number, so if
/// another process has the leader's pid, the group was gone and its members are none of ours.
fn orphans(record: &Record) -> Vec<u32> {
    let leader = record.stat.pid;
    if Stat::of(leader).is_some_and(|now| now.started != record.stat.started) {
        return Vec::new();
    }
    let members = proc::pids().filter_map(Stat::of);
    let ours = members.filter(|p| p.group == leader && p.pid != leader && p.is_alive() && p.started >= record.stat.started);
    ours.map(|process| process.pid).collect()
}
