//! A private Redis, on loopback with a password.

use crate::postgres::replace;
use crate::{DaemonError, Program, Unprivileged, find_program};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One Redis below one folder.
#[derive(Debug, Clone)]
pub struct Redis {
    dir: PathBuf,
    port: u16,
    more: String,
    program: Program,
}

impl Redis {
    /// Describes a server below `dir`; starts nothing.
    ///
    /// # Errors
    /// There is no redis-server on this machine.
    pub fn new(dir: &Path, port: u16) -> Result<Self, DaemonError> {
        let binary = find_program("redis-server").ok_or_else(|| DaemonError::NotInstalled("redis-server".to_owned()))?;
        let mut program = Program::new("redis", binary, dir.join("redis.log"), dir.join("redis.pid"));
        let settings = dir.join("redis.conf");
        program.arguments = vec![settings.clone().into()];
        program.settings = vec![settings];
        Ok(Self { dir: dir.to_path_buf(), port, more: String::new(), program })
    }

    /// Writes the log elsewhere.
    #[must_use]
    pub fn log(mut self, log: PathBuf) -> Self {
        self.program.log = log;
        self
    }

    /// Adds settings, one in each line of `redis.conf`.
    #[must_use]
    pub fn with(mut self, settings: &str) -> Self {
        self.more = settings.to_owned();
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

    /// Starts it unless it runs with these settings, and waits until it answers. The password goes into a file of mode
    /// 0600, not among the arguments.
    ///
    /// # Errors
    /// It does not start; the error holds the end of its log.
    pub fn start(&self, user: &Unprivileged, password: &str) -> Result<(), DaemonError> {
        let data = self.dir.join("data");
        user.create_folder(&self.dir)?;
        user.create_folder(&data)?;
        let settings = format!(
            "# Written at every start; changes here are lost.\nbind 127.0.0.1\nport {}\nprotected-mode yes\nrequirepass {password}\n\
             dir \"{}\"\nappendonly yes\nsave \"\"\ndaemonize no\nlogfile \"\"\nloglevel warning\nmaxclients 1000\n{}\n",
            self.port,
            data.display(),
            self.more
        );
        replace(user, &self.dir.join("redis.conf"), &settings)?;
        if self.program.running().is_some_and(|running| !running.up_to_date) {
            self.stop(user)?;
        }
        self.program.start(user)?;
        self.program.wait_ready(Duration::from_secs(20), || self.is_ready(password))
    }

    /// Stops it; data is kept. Says whether it ran.
    ///
    /// # Errors
    /// It survives SIGKILL.
    pub fn stop(&self, user: &Unprivileged) -> Result<bool, DaemonError> {
        self.program.stop(user, Duration::from_secs(10))
    }

    /// Whether it answers to this password and has loaded its data.
    #[must_use]
    pub fn is_ready(&self, password: &str) -> bool {
        self.ping(password).is_ok_and(|answer| answer.starts_with("+OK\r\n+PONG"))
    }

    fn ping(&self, password: &str) -> std::io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        write!(stream, "AUTH {password}\r\nPING\r\nQUIT\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
