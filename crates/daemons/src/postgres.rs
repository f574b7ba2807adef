//! A private PostgreSQL 15 cluster, on loopback TCP only.

use crate::{DaemonError, Program, StopSignal, Unprivileged, at, wait_until};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where Debian puts the server's programs.
pub const POSTGRES_BINARIES: &str = "/usr/lib/postgresql/15/bin";
/// How often the table of an election was changed is its exact turnout, and PostgreSQL counts that for everybody. Only operators who
/// watch the cluster (`pg_monitor`) see these counters. Those of the own transaction stay. Also in docs/operations.md.
const HIDE_COUNTERS: &str = r"DO $$
DECLARE
    counter regprocedure;
BEGIN
    FOR counter IN SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^pg_stat_get_(?!xact_)' AND p.proargtypes::text = 'oid'::regtype::oid::text
        AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', counter);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pg_monitor', counter);
    END LOOP;
END $$;
";

/// The database [`Postgres::ensure_owner`] makes.
pub const OWNER_DATABASE: &str = "uvote";
const SUPERUSER: &str = "postgres";

/// What a crash may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: `fsync` on.
    Durable,
    /// Everything: for a test's cluster, `fsync` off.
    Throwaway,
}

/// One cluster below one folder: `data/`, `superuser.password`, log and pid file.
#[derive(Debug, Clone)]
pub struct Postgres {
    dir: PathBuf,
    port: u16,
    durability: Durability,
    more: String,
    program: Program,
}

impl Postgres {
    /// Describes a cluster below `dir` (which the unprivileged user must be able to reach); starts nothing.
    #[must_use]
    pub fn new(dir: &Path, port: u16, durability: Durability) -> Self {
        let binary = Path::new(POSTGRES_BINARIES).join("postgres");
        let data = dir.join("data");
        let mut program = Program::new("postgres", binary, dir.join("postgres.log"), dir.join("postgres.pid"));
        program.arguments = vec!["-D".into(), data.clone().into()];
        program.settings = vec![data.join("postgresql.conf")];
        program.stop_signal = StopSignal::Interrupt;
        Self { dir: dir.to_path_buf(), port, durability, more: String::new(), program }
    }

    /// Writes the log elsewhere.
    #[must_use]
    pub fn log(mut self, log: PathBuf) -> Self {
        self.program.log = log;
        self
    }

    /// Adds settings, one in each line of `postgresql.conf`; a later one replaces an earlier one.
    #[must_use]
    pub fn with(mut self, settings: &str) -> Self {
        self.more = settings.to_owned();
        self
    }

    /// Ties the cluster's life to a process: when that is gone, the cluster stops.
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

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The file with the password of `postgres`, the cluster's superuser. Nothing of U-Vote but the making of the owner
    /// and of test databases uses it.
    #[must_use]
    pub fn superuser_password_file(&self) -> PathBuf {
        self.dir.join("superuser.password")
    }

    /// Makes the cluster when there is none, writes its settings, starts it unless it runs with them, and waits until it
    /// takes connections (after a crash: until recovery is done).
    ///
    /// # Errors
    /// initdb or the server fails; the error holds what they said.
    pub fn start(&self, user: &Unprivileged, superuser_password: &str) -> Result<(), DaemonError> {
        user.create_folder(&self.dir)?;
        self.initialise(user, superuser_password)?;
        let settings = self.dir.join("data/postgresql.conf");
        replace(user, &settings, &self.settings())?;
        if self.program.running().is_some_and(|running| !running.up_to_date) {
            self.stop(user)?;
        }
        if self.program.running().is_none() {
            self.end_unknown_postmaster(user)?;
        }
        self.program.start(user)?;
        self.program.wait_ready(Duration::from_secs(60), || self.is_ready())
    }

    /// Stops it: clients are disconnected, data is kept. Says whether it ran.
    ///
    /// # Errors
    /// It survives SIGKILL.
    pub fn stop(&self, user: &Unprivileged) -> Result<bool, DaemonError> {
        self.program.stop(user, Duration::from_secs(20))
    }

    /// Whether it takes connections.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let mut ask = Command::new(Path::new(POSTGRES_BINARIES).join("pg_isready"));
        ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]).stdin(Stdio::null());
        ask.status().is_ok_and(|status| status.success())
    }

    /// Makes the owner of the schema (may make roles and databases, is no superuser: the `SECURITY DEFINER` functions run
    /// as it) and its database, or brings its password up to date.
    ///
    /// # Errors
    /// psql fails; the error holds what it said.
    pub fn ensure_owner(&self, owner: &str, password: &str) -> Result<(), DaemonError> {
        let secret = password.replace('\'', "''");
        self.as_superuser(&format!(
            "SELECT 'CREATE ROLE {owner}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') \\gexec\n\
             ALTER ROLE {owner} LOGIN CREATEROLE CREATEDB NOSUPERUSER PASSWORD '{secret}';\n\
             SELECT 'CREATE DATABASE {OWNER_DATABASE} OWNER {owner}' \
             WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{OWNER_DATABASE}') \\gexec\n\
             \\connect {OWNER_DATABASE}\n{HIDE_COUNTERS}"
        ))
    }

    /// Runs SQL (through standard input, so that no password shows among the processes) as the superuser.
    ///
    /// # Errors
    /// psql fails; the error holds what it said.
    pub fn as_superuser(&self, sql: &str) -> Result<(), DaemonError> {
        let file = self.superuser_password_file();
        let password = fs::read_to_string(&file).map_err(at(&file))?;
        let mut psql = Command::new(Path::new(POSTGRES_BINARIES).join("psql"));
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", SUPERUSER, "-d", "postgres", "-p"]);
        psql.arg(self.port.to_string()).env("PGPASSWORD", password.trim()).env("PGOPTIONS", "-c client_min_messages=warning");
        psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = psql.spawn().map_err(at(Path::new("psql")))?;
        if let Some(mut input) = child.stdin.take() {
            // A psql that has already failed closes its input; its exit status says so below.
            let _ = input.write_all(sql.as_bytes());
        }
        let output = child.wait_with_output().map_err(at(Path::new("psql")))?;
        finished("psql as the cluster's superuser", &output)
    }

    /// initdb into a folder beside, then a rename: a kill in the middle leaves nothing that looks like a cluster.
    fn initialise(&self, user: &Unprivileged, superuser_password: &str) -> Result<(), DaemonError> {
        let (data, unfinished) = (self.dir.join("data"), self.dir.join("data.unfinished"));
        if data.exists() {
            return Ok(());
        }
        if !Path::new(POSTGRES_BINARIES).join("initdb").exists() {
            return Err(DaemonError::NotInstalled("postgresql-15".to_owned()));
        }
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(at(&unfinished))?;
        }
        replace(user, &self.superuser_password_file(), superuser_password)?;
        let mut initdb = user.command(Path::new(POSTGRES_BINARIES).join("initdb"));
        initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--lc-messages=C", "--username", SUPERUSER]);
        initdb.arg("--pwfile").arg(self.superuser_password_file()).arg("-D").arg(&unfinished);
        if self.durability == Durability::Throwaway {
            initdb.arg("--no-sync");
        }
        let output = initdb.output().map_err(at(Path::new("initdb")))?;
        finished("initdb", &output)?;
        fs::rename(&unfinished, &data).map_err(at(&data))
    }

    fn settings(&self) -> String {
        let port = self.port;
        let durability = match self.durability {
            Durability::Durable => "fsync = on\nsynchronous_commit = on\n",
            Durability::Throwaway => {
                // A test may end while its service is connecting: DROP DATABASE would wait the whole minute of the default.
                "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n\
                 max_wal_size = 1GB\nauthentication_timeout = 5s\n"
            }
        };
        format!(
            "# Written at every start; changes here are lost.\n\
             listen_addresses = '127.0.0.1'\nport = {port}\n\
             # No socket file: a path below the checkout may be longer than the 107 bytes a socket may have.\n\
             unix_socket_directories = ''\n\
             max_connections = 300\nshared_buffers = 128MB\njit = off\n\
             password_encryption = scram-sha-256\ntimezone = 'UTC'\nlog_timezone = 'UTC'\nlc_messages = 'C'\nmax_locks_per_transaction = 256\n\
             # Statements and key values in a log could tie a ballot to a voter.\n\
             log_error_verbosity = terse\nlog_min_error_statement = panic\nlog_statement = none\n\
             log_min_duration_statement = -1\nlog_parameter_max_length_on_error = 0\nlog_connections = off\n\
             log_line_prefix = '%m '\ntrack_commit_timestamp = off\n{durability}{}\n",
            self.more
        )
    }

    /// Ends a postmaster that runs on our data without our pid file, and removes a dead one's `postmaster.pid` when its
    /// pid has gone to some other program: the server would refuse to start beside either.
    fn end_unknown_postmaster(&self, user: &Unprivileged) -> Result<(), DaemonError> {
        let lock = self.dir.join("data/postmaster.pid");
        let Some(pid) = fs::read_to_string(&lock).ok().and_then(|text| text.lines().next()?.trim().parse::<u32>().ok()) else {
            return Ok(());
        };
        let data = self.dir.join("data");
        let is_ours = || {
            let command = crate::proc::command_line(pid);
            command.contains("postgres") && command.contains(&*data.to_string_lossy())
        };
        if is_ours() {
            user.signal(pid.into(), "INT");
            if !wait_until(Duration::from_secs(20), || !is_ours()) {
                return Err(DaemonError::Unstoppable(format!("postgres, process {pid}")));
            }
        } else if lock.exists() {
            fs::remove_file(&lock).map_err(at(&lock))?;
        }
        Ok(())
    }
}

/// Writes a small file with mode 0600, whole, as the unprivileged user's.
pub(crate) fn replace(user: &Unprivileged, path: &Path, text: &str) -> Result<(), DaemonError> {
    use std::os::unix::fs::OpenOptionsExt;
    if fs::read_to_string(path).is_ok_and(|now| now == text) {
        return Ok(());
    }
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(at(&beside))?;
    user.chown(&beside)?;
    fs::rename(&beside, path).map_err(at(path))
}

pub(crate) fn finished(what: &str, output: &std::process::Output) -> Result<(), DaemonError> {
    if output.status.success() {
        return Ok(());
    }
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(DaemonError::Failed { what: what.to_owned(), output: text.trim().to_owned() })
}
