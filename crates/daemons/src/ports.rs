//! Free ports, and who has a taken one.

use crate::proc;
use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// A free port between 10000 and 20000: below those that the system hands out by itself to whoever binds port 0 or connects, so that
/// nobody is given it before the caller binds it. No other process gets it from this function while this process lives.
/// Whoever can bind to port 0 should do that instead.
///
/// # Errors
/// There is none left.
pub fn free_port() -> io::Result<u16> {
    // Different for neighbouring processes, so that the search is short.
    let first = std::process::id().wrapping_mul(61);
    (0..10_000)
        .filter_map(|n| u16::try_from(10_000 + first.wrapping_add(n) % 10_000).ok())
        .find(|port| is_free(*port) && reserve(*port))
        .ok_or_else(|| io::Error::other("no port between 10000 and 20000 is free"))
}

/// Takes a name that only one process can have, until it ends. The name belongs to the machine's network, as the port does, and no
/// file stays behind (abstract socket of Linux).
fn reserve(port: u16) -> bool {
    static RESERVED: Mutex<Vec<UnixListener>> = Mutex::new(Vec::new());
    let name = SocketAddr::from_abstract_name(format!("uvote-port-{port}"));
    let Ok(taken) = name.and_then(|name| UnixListener::bind_addr(&name)) else { return false };
    RESERVED.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
    true
}

/// Whether the port can be bound on loopback now.
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The first of `count` neighbouring free ports between 20000 and 32000, below the range the system hands out by itself;
/// the search starts at a place of the caller's pid, so that two callers at once seldom meet.
#[must_use]
pub fn free_port_range(count: u16) -> Option<u16> {
    let places = 12_000 / count.max(1);
    let first = u16::try_from(std::process::id() % u32::from(places.max(1))).unwrap_or(0);
    let bases = (0..places).map(|n| 20_000 + (first + n) % places * count);
    bases.into_iter().find(|base| (*base..base + count).all(is_free))
}

/// The process that listens on a port.
#[derive(Debug, Clone)]
pub struct Holder {
    /// None when it belongs to somebody whose files we may not see.
    pub process: Option<(u32, String)>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.process {
            Some((pid, command)) => {
                let one_line = command.split_whitespace().collect::<Vec<_>>().join(" ");
                let short: String = one_line.chars().take(120).collect();
                write!(f, "process {pid} ({short})")
            }
            None => f.write_str("a process of another user"),
        }
    }
}

/// Who listens on a port of this machine; none when nobody does.
#[must_use]
pub fn port_holder(port: u16) -> Option<Holder> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"].iter().flat_map(|table| listeners(table, port)).collect();
    if inodes.is_empty() {
        return None;
    }
    let wanted: Vec<PathBuf> = inodes.iter().map(|inode| PathBuf::from(format!("socket:[{inode}]"))).collect();
    let has_it = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|target| wanted.contains(&target))
    };
    let process = proc::pids().find(has_it).map(|pid| (pid, proc::command_line(pid)));
    Some(Holder { process })
}

/// Inodes of the sockets in state LISTEN (0A) on this port.
fn listeners(table: &str, port: u16) -> Vec<String> {
    let suffix = format!(":{port:04X}");
    let text = fs::read_to_string(table).unwrap_or_default();
    let rows = text.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&suffix) && row[3] == "0A").map(|row| row[9].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_taken_port_names_its_process() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port));
        assert_eq!(port_holder(port).unwrap().process.unwrap().0, std::process::id());
        drop(listener);
        assert!(port_holder(port).is_none());
    }

    #[test]
    fn a_port_is_given_once_while_its_process_lives() {
        let given: BTreeSet<u16> = (0..50).map(|_| free_port().unwrap()).collect();
        assert_eq!(given.len(), 50);
        assert!(!reserve(*given.first().unwrap()), "another process would be refused as well");
    }

    #[test]
    fn a_range_is_free_as_a_whole() {
        let base = free_port_range(40).unwrap();
        assert!((base..base + 40).all(is_free));
    }
}
