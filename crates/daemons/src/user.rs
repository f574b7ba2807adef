//! Whom servers run as.

use crate::{DaemonError, at};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The account servers run as: the caller, or, when the caller is root, `nobody` (which bare Debian has, and which
/// initdb accepts because it has a name).
#[derive(Debug, Clone)]
pub struct Unprivileged {
    uid: u32,
    gid: u32,
    change: bool,
}

impl Unprivileged {
    /// Finds out who that is.
    ///
    /// # Errors
    /// The caller is root and there is no `nobody`.
    pub fn detect() -> Result<Self, DaemonError> {
        let own = Path::new("/proc/self");
        let own = fs::metadata(own).map_err(at(own))?;
        if own.uid() != 0 {
            return Ok(Self { uid: own.uid(), gid: own.gid(), change: false });
        }
        let passwd = fs::read_to_string("/etc/passwd").map_err(at(Path::new("/etc/passwd")))?;
        let (uid, gid) = passwd.lines().find_map(account_of_nobody).ok_or(DaemonError::NoAccount)?;
        Ok(Self { uid, gid, change: true })
    }

    /// A command that runs as this account, with a bare environment, without standard input, outside any private folder
    /// of the caller's.
    #[must_use]
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        command.env("HOME", "/nonexistent").env("LANG", "C.UTF-8").current_dir("/").stdin(Stdio::null());
        if self.change {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes a folder with mode 0700 that belongs to this account.
    ///
    /// # Errors
    /// It cannot be made or handed over.
    pub fn create_folder(&self, path: &Path) -> Result<(), DaemonError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at(path))?;
        self.hand_over(path)
    }

    /// Hands a file or a whole folder over to this account (links are not followed).
    ///
    /// # Errors
    /// Something below it cannot be handed over.
    pub fn chown(&self, path: &Path) -> Result<(), DaemonError> {
        self.hand_over(path)?;
        if fs::symlink_metadata(path).map_err(at(path))?.is_dir() {
            for entry in fs::read_dir(path).map_err(at(path))? {
                self.chown(&entry.map_err(at(path))?.path())?;
            }
        }
        Ok(())
    }

    fn hand_over(&self, path: &Path) -> Result<(), DaemonError> {
        let now = fs::symlink_metadata(path).map_err(at(path))?;
        if !self.change || (now.uid(), now.gid()) == (self.uid, self.gid) {
            return Ok(());
        }
        lchown(path, Some(self.uid), Some(self.gid)).map_err(at(path))
    }

    /// Whether this account can enter a folder or run a file, asked of the system rather than read off the modes.
    #[must_use]
    pub fn may_enter(&self, path: &Path) -> bool {
        let mut test = self.command("test");
        test.arg("-x").arg(path).stderr(Stdio::null());
        test.status().is_ok_and(|status| status.success())
    }

    /// Sends a signal to a process, or to a group when the number is negative. As this account: a pid file written by a
    /// server cannot make root signal anything else.
    pub(crate) fn signal(&self, target: i64, signal: &str) {
        let mut kill = self.command("/bin/sh");
        kill.args(["-c", r#"kill -s "$1" -- "$2""#, "kill", signal, &target.to_string()]);
        let _ = kill.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn account_of_nobody(line: &str) -> Option<(u32, u32)> {
    let mut fields = line.split(':');
    (fields.next()? == "nobody").then_some(())?;
    let ids = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
    (ids.0 != 0).then_some(ids)
}
