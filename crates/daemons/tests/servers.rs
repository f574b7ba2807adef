//! PostgreSQL and Redis, started for real, killed, and started again.
#![allow(clippy::unwrap_used, reason = "a test")]

use daemons::{Durability, Postgres, Program, Redis, Unprivileged, free_port, wait_until};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn folder(user: &Unprivileged) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    user.chown(dir.path()).unwrap();
    dir
}

fn kill(pid: u32) {
    assert!(Command::new("sh").args(["-c", r#"kill -9 "$0""#, &pid.to_string()]).status().unwrap().success());
    assert!(wait_until(5 * SECOND, || !Path::new(&format!("/proc/{pid}")).exists()));
}

fn owner_says(port: u16, sql: &str) -> String {
    let mut psql = Command::new("/usr/lib/postgresql/15/bin/psql");
    psql.args(["-XAtq", "-h", "127.0.0.1", "-p", &port.to_string(), "-U", "uvote_owner", "-d", "uvote", "-c", sql]);
    let output = psql.env("PGPASSWORD", "owner's word").output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_cluster_survives_kill_9_and_keeps_its_data() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let cluster = Postgres::new(&dir.path().join("pg"), free_port().unwrap(), Durability::Durable).tied_to(std::process::id());
    cluster.start(&user, "superuser's word").unwrap();
    cluster.ensure_owner("uvote_owner", "owner's word").unwrap();
    cluster.ensure_owner("uvote_owner", "owner's word").unwrap();
    assert_eq!(owner_says(cluster.port(), "CREATE TABLE t AS SELECT 7 AS n"), "");
    let first = cluster.program().running().unwrap().pid;
    cluster.start(&user, "superuser's word").unwrap();
    assert_eq!(cluster.program().running().unwrap().pid, first, "a second start restarts nothing");
    kill(first);
    cluster.start(&user, "superuser's word").unwrap();
    assert_eq!(owner_says(cluster.port(), "SELECT n FROM t").trim(), "7");
    assert_eq!(owner_says(cluster.port(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").trim(), "f");
    assert!(cluster.stop(&user).unwrap());
    assert!(!cluster.is_ready());
}

#[test]
fn a_cluster_whose_pid_file_was_lost_is_found_and_a_foreign_pid_is_not_touched() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let cluster = Postgres::new(&dir.path().join("pg"), free_port().unwrap(), Durability::Throwaway).tied_to(std::process::id());
    cluster.start(&user, "word").unwrap();
    let first = cluster.program().running().unwrap().pid;
    fs::remove_file(dir.path().join("pg/postgres.pid")).unwrap();
    cluster.start(&user, "word").unwrap();
    let second = cluster.program().running().unwrap().pid;
    assert_ne!(first, second);
    kill(second);
    assert!(wait_until(5 * SECOND, || cluster.program().running().is_none()));
    // The pid in postmaster.pid now belongs to somebody else: this test.
    let lock = dir.path().join("pg/data/postmaster.pid");
    let text = fs::read_to_string(&lock).unwrap();
    fs::write(&lock, text.replacen(&second.to_string(), &std::process::id().to_string(), 1)).unwrap();
    cluster.start(&user, "word").unwrap();
    assert!(cluster.stop(&user).unwrap());
}

#[test]
fn redis_asks_for_its_password_and_comes_back() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let redis = Redis::new(&dir.path().join("redis"), free_port().unwrap()).unwrap().tied_to(std::process::id());
    redis.start(&user, "right").unwrap();
    assert!(redis.is_ready("right") && !redis.is_ready("wrong"));
    kill(redis.program().running().unwrap().pid);
    redis.start(&user, "right").unwrap();
    assert!(redis.stop(&user).unwrap());
    assert!(!redis.stop(&user).unwrap(), "nothing left to stop");
}

fn shell(dir: &Path, script: &str) -> Program {
    let mut program = Program::new("shell", "/bin/sh".into(), dir.join("log"), dir.join("pid"));
    program.arguments = vec!["-c".into(), script.into()];
    program
}

#[test]
fn a_pid_file_of_another_start_time_is_not_believed() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let program = shell(dir.path(), "sleep 600");
    let pid = program.start(&user).unwrap().pid;
    let text = fs::read_to_string(&program.pid_file).unwrap();
    let stat = text.lines().nth(2).unwrap();
    let started = stat.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap();
    fs::write(&program.pid_file, text.replace(&format!(" {started} "), " 1 ")).unwrap();
    assert!(program.running().is_none());
    assert!(!program.stop(&user, SECOND).unwrap(), "nothing that is ours");
    assert!(Path::new(&format!("/proc/{pid}")).exists(), "the process was left alone");
    fs::write(&program.pid_file, text).unwrap();
    assert!(program.stop(&user, SECOND).unwrap());
}

#[test]
fn what_ignores_sigterm_and_what_a_dead_leader_left_are_ended() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let stubborn = shell(dir.path(), "trap '' TERM; sleep 601 & while :; do sleep 1; done");
    let pid = stubborn.start(&user).unwrap().pid;
    assert!(stubborn.stop(&user, SECOND / 5).unwrap());
    assert!(!group_lives(pid));
    let pid = stubborn.start(&user).unwrap().pid;
    assert!(wait_until(5 * SECOND, || group_members(pid) > 1), "it has started its child");
    kill(pid);
    assert!(wait_until(5 * SECOND, || stubborn.running().is_none()));
    assert!(group_lives(pid), "the child outlives its leader");
    let again = stubborn.start(&user).unwrap().pid;
    assert!(!group_lives(pid) && again != pid);
    stubborn.stop(&user, Duration::ZERO).unwrap();
}

fn group_lives(group: u32) -> bool {
    group_members(group) > 0
}

fn group_members(group: u32) -> usize {
    let output = Command::new("sh").args(["-c", "cat /proc/[0-9]*/stat 2>/dev/null"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let of_group = |line: &str| {
        let fields: Vec<&str> = line.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect()).unwrap_or_default();
        fields.len() > 2 && fields[0] != "Z" && fields[2] == group.to_string()
    };
    text.lines().filter(|line| of_group(line)).count()
}

#[test]
fn a_server_without_its_keeper_stops() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let mut keeper = Command::new("sleep").arg("602").spawn().unwrap();
    let mut program = shell(dir.path(), "sleep 603");
    program.tied_to = Some(keeper.id());
    program.start(&user).unwrap();
    assert!(program.running().is_some());
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    assert!(wait_until(5 * SECOND, || program.running().is_none()));
}

#[test]
fn a_server_that_ends_at_once_shows_its_log() {
    let user = Unprivileged::detect().unwrap();
    let dir = folder(&user);
    let program = shell(dir.path(), "echo no such setting >&2; exit 1");
    let _ = program.start(&user);
    let refused = program.wait_ready(SECOND, || false).unwrap_err().to_string();
    assert!(refused.contains("no such setting"), "{refused}");
}

#[test]
fn a_log_that_is_a_link_is_not_opened_with_more_rights_than_the_server_has() {
    let user = Unprivileged::detect().unwrap();
    let (dir, private) = (folder(&user), tempfile::tempdir().unwrap());
    let precious = private.path().join("precious");
    fs::write(&precious, "as it was").unwrap();
    // Who is no root has no other rights than the server: then the file is simply one that nobody may write.
    fs::set_permissions(&precious, fs::Permissions::from_mode(0o400)).unwrap();
    symlink(&precious, dir.path().join("log")).unwrap();
    let mut program = Program::new("talker", "/bin/echo".into(), dir.path().join("log"), dir.path().join("talker.pid"));
    program.arguments = vec!["overwritten".into()];
    assert!(program.start(&user).is_err());
    assert_eq!(fs::read_to_string(&precious).unwrap(), "as it was");
}
