//! Starting, stopping and showing the stack.

use crate::layout::Layout;
use crate::lock::Lock;
use crate::processes::{self, Process};
use crate::services::SERVICES;
use crate::{StackError, UpArguments, build, packages, probe};
use daemons::{DaemonError, Program, is_free, port_holder, wait_until};
use installation::{Installation, ROLES};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A service finishes its requests for up to 30 s after SIGTERM.
const POLITE: Duration = Duration::from_secs(40);
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds, and starts whatever does not run or is out of date. Returns when everything is ready.
pub(crate) fn up(layout: &Layout, arguments: UpArguments) -> Result<(), StackError> {
    let began = Instant::now();
    let _lock = Lock::take(layout)?;
    packages::ensure(packages::Purpose::Stack)?;
    if !arguments.no_build {
        build::build(layout)?;
    }
    layout.prepare()?;
    let secrets = Installation::ensure(layout.secrets())?;
    layout.user.chown(secrets.dir())?;
    let mut ours = vec![processes::mail_catcher(layout)?];
    if !arguments.infrastructure {
        ours.extend(processes::services(layout, &secrets)?);
    }
    stop_strangers(layout, &ours)?;
    check_ports(layout, &ours)?;
    let mut changed = servers(layout, &secrets)?;
    if !arguments.infrastructure {
        changed |= migrate(layout, &secrets)?;
    }
    for process in &ours {
        changed |= start(layout, process)?;
    }
    changed |= gateway(layout)?;
    for process in &ours {
        process.program.wait_ready(PATIENCE, || probe::status(process.ready.0, process.ready.1) == Some(200))?;
    }
    if !arguments.infrastructure {
        through_the_gateway(layout)?;
    }
    if changed {
        println!("everything is ready after {:.1} s", began.elapsed().as_secs_f32());
    } else {
        println!("everything runs already, nothing had changed");
    }
    println!("  pages {}   mail {}   interfaces {}/api/docs", layout.public_url(), layout.mail_url(), layout.public_url());
    Ok(())
}

/// PostgreSQL and Redis.
fn servers(layout: &Layout, secrets: &Installation) -> Result<bool, StackError> {
    let cluster = processes::postgres(layout);
    let before = cluster.program().running();
    cluster.start(&layout.user, &secret(&secrets.superuser_password())?)?;
    let owner = ROLES[0];
    let fresh = cluster.program().running().map(|now| now.pid) != before.map(|before| before.pid);
    if fresh {
        cluster.ensure_owner(owner, &secret(&secrets.role_password(owner))?)?;
        started(cluster.program(), layout.ports.postgres);
    }
    let redis = processes::redis(layout)?;
    let before = redis.program().running();
    redis.start(&layout.user, &secret(&secrets.redis_password())?)?;
    let fresh_redis = redis.program().running().map(|now| now.pid) != before.map(|before| before.pid);
    if fresh_redis {
        started(redis.program(), layout.ports.redis);
    }
    Ok(fresh || fresh_redis)
}

fn secret(path: &Path) -> Result<String, StackError> {
    Ok(fs::read_to_string(path)?.trim().to_owned())
}

/// Brings the schema up to date; skipped when this very migrator has done so for this very cluster.
fn migrate(layout: &Layout, secrets: &Installation) -> Result<bool, StackError> {
    let binary = build::runnable(layout, "uvote-migrate")?;
    let (file, cluster) = (fs::metadata(&binary)?, fs::metadata(layout.state.join("postgres/data/PG_VERSION"))?);
    let done = format!("{} {}.{} {}", file.len(), file.mtime(), file.mtime_nsec(), cluster.ino());
    let note = layout.state.join("migrated");
    if fs::read_to_string(&note).is_ok_and(|text| text == done) {
        return Ok(false);
    }
    let owner = ROLES[0];
    let mut migrate = layout.user.command(binary);
    migrate.env("MIGRATE_DATABASE_URL", format!("postgres://{owner}@127.0.0.1:{}/uvote", layout.ports.postgres));
    migrate.env("MIGRATE_DATABASE_PASSWORD_FILE", secrets.role_password(owner));
    migrate.env("MIGRATE_ROLE_PASSWORDS_DIR", secrets.role_passwords_dir());
    let output = migrate.output()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    if !output.status.success() {
        return StackError::refused(format!("the schema cannot be brought up to date:\n{}", text.trim()));
    }
    println!("schema      {}", text.trim());
    fs::write(note, done)?;
    Ok(true)
}

fn start(layout: &Layout, process: &Process) -> Result<bool, StackError> {
    let program = &process.program;
    match program.running() {
        Some(running) if running.up_to_date => return Ok(false),
        Some(_) => {
            println!("{:<11} has changed, restarting", program.name);
            program.stop(&layout.user, POLITE)?;
        }
        None => {}
    }
    put_aside(&program.log)?;
    program.start(&layout.user)?;
    started(program, process.ready.0);
    Ok(true)
}

fn gateway(layout: &Layout) -> Result<bool, StackError> {
    let nginx = processes::nginx(layout)?;
    let before = nginx.program().running();
    nginx.start(&layout.user, || probe::listens(layout.ports.gateway) && probe::listens(layout.ports.internal))?;
    let fresh = nginx.program().running().map(|now| now.pid) != before.map(|before| before.pid);
    if fresh {
        started(nginx.program(), layout.ports.gateway);
    }
    Ok(fresh)
}

fn started(program: &Program, port: u16) {
    println!("{:<11} started on port {port}", program.name);
}

/// What counts is that each service can be reached the way the others reach it.
fn through_the_gateway(layout: &Layout) -> Result<(), StackError> {
    for service in &SERVICES {
        let path = format!("/services/{}/ready", service.name);
        if !wait_until(PATIENCE, || probe::status(layout.ports.internal, &path) == Some(200)) {
            return StackError::refused(format!("{path} does not answer 200 on the internal listener; see make logs"));
        }
    }
    Ok(())
}

/// Ends what this version of the stack no longer has.
fn stop_strangers(layout: &Layout, ours: &[Process]) -> Result<(), StackError> {
    for stranger in processes::by_pid_files(layout) {
        if ours.iter().all(|process| process.program.name != stranger.name) && stranger.stop(&layout.user, POLITE)? {
            println!("{:<11} is not needed, stopped", stranger.name);
        }
    }
    Ok(())
}

/// Names every port that somebody else has before anything is started.
fn check_ports(layout: &Layout, ours: &[Process]) -> Result<(), StackError> {
    let ports = &layout.ports;
    let (postgres, redis, nginx) = (processes::postgres(layout), processes::redis(layout)?, processes::nginx(layout)?);
    let public = vec![ports.gateway, ports.internal, ports.https];
    let mut wanted = vec![(redis.program(), vec![ports.redis]), (nginx.program(), public)];
    // A postmaster without a pid file is recognised by its data and ended later.
    if !layout.state.join("postgres/data/postmaster.pid").exists() {
        wanted.push((postgres.program(), vec![ports.postgres]));
    }
    wanted.extend(ours.iter().map(|process| (&process.program, process.ports.clone())));
    let mut taken = Vec::new();
    for (program, ports) in wanted {
        if program.running().is_none() {
            // Orphans of a killed process of ours give their ports back first.
            program.stop(&layout.user, Duration::ZERO)?;
            for port in ports.into_iter().filter(|port| !is_free(*port)) {
                let holder = port_holder(port).map_or_else(|| "somebody".to_owned(), |holder| holder.to_string());
                taken.push(DaemonError::PortTaken { port, name: program.name.clone(), holder }.to_string());
            }
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    taken.push("Stop it, or move this stack: UVOTE_PORT_BASE=20000 make up".to_owned());
    StackError::refused(taken.join("\n"))
}

/// A log that has grown beyond 20 MB is put aside, in the place of the one before.
fn put_aside(log: &Path) -> Result<(), StackError> {
    if fs::metadata(log).is_ok_and(|file| file.len() > 20_000_000) {
        fs::rename(log, log.with_extension("log.1"))?;
    }
    Ok(())
}

/// Stops everything: the way in first, the database last.
pub(crate) fn down(layout: &Layout) -> Result<(), StackError> {
    if layout.is_unused() {
        println!("nothing was running");
        return Ok(());
    }
    let _lock = Lock::take(layout)?;
    if stop_all(layout)? {
        println!("stopped; the data is kept in {}", layout.state.display());
    } else {
        println!("nothing was running");
    }
    Ok(())
}

fn stop_all(layout: &Layout) -> Result<bool, StackError> {
    let user = &layout.user;
    let known = |name: &str| {
        // Not by what it was started from: that may be gone, and stopping must work all the same.
        Program::new(name, "/bin/false".into(), layout.log(name), layout.state.join(name).join(format!("{name}.pid")))
    };
    let mut nginx = known("nginx");
    nginx.stop_signal = daemons::StopSignal::Quit;
    let mut stopped = nginx.stop(user, Duration::from_secs(5))?;
    let programs = processes::by_pid_files(layout);
    let results: Vec<Result<bool, DaemonError>> = std::thread::scope(|scope| {
        let stops: Vec<_> = programs.iter().map(|program| scope.spawn(|| program.stop(user, POLITE))).collect();
        stops.into_iter().map(|stop| stop.join().unwrap_or(Ok(false))).collect()
    });
    for result in results {
        stopped |= result?;
    }
    stopped |= known("redis").stop(user, Duration::from_secs(10))?;
    stopped |= processes::postgres(layout).stop(user)?;
    Ok(stopped)
}

/// Stops everything and removes the state, except other stacks' (`.uvote/<port base>/`).
pub(crate) fn clean(layout: &Layout) -> Result<(), StackError> {
    if layout.is_unused() {
        println!("nothing was running, and there is nothing to remove");
        return Ok(());
    }
    let lock = Lock::take(layout)?;
    stop_all(layout)?;
    for entry in fs::read_dir(&layout.state)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.parse::<u16>().is_ok() || name == "lock") {
            continue;
        }
        if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path())? } else { fs::remove_file(entry.path())? }
    }
    lock.remove(layout)?;
    println!("stopped, and removed all data, keys and logs in {}", layout.state.display());
    Ok(())
}

/// Prints what runs; true when all of it is ready.
pub(crate) fn status(layout: &Layout) -> Result<bool, StackError> {
    if layout.is_unused() {
        println!("nothing runs; this stack was never started, or was removed");
        return Ok(false);
    }
    let secrets = layout.secrets();
    let mut all_ready = secrets.is_dir();
    let (postgres, redis, nginx) = (processes::postgres(layout), processes::redis(layout)?, processes::nginx(layout)?);
    let mut line = |program: &Program, port: u16, ready: bool| {
        let running = program.running();
        let state = match (&running, ready) {
            (Some(_), true) => "ready",
            (Some(_), false) => "not ready",
            (None, _) => "stopped",
        };
        all_ready &= state == "ready";
        let pid = running.map_or_else(|| "-".to_owned(), |running| running.pid.to_string());
        println!("{:<11} {state:<10} port {port:<6} process {pid}", program.name);
    };
    line(postgres.program(), layout.ports.postgres, postgres.is_ready());
    line(redis.program(), layout.ports.redis, probe::listens(layout.ports.redis));
    let mut ours = vec![processes::mail_catcher(layout)?];
    let services = if secrets.is_dir() { processes::services(layout, &Installation::ensure(&secrets)?) } else { Ok(Vec::new()) };
    let (services, unbuilt) = services.map_or_else(|error| (Vec::new(), Some(error)), |services| (services, None));
    ours.extend(services);
    for process in &ours {
        let ready = probe::status(process.ready.0, process.ready.1) == Some(200);
        line(&process.program, process.ready.0, ready);
    }
    line(nginx.program(), layout.ports.gateway, probe::listens(layout.ports.gateway));
    if let Some(error) = &unbuilt {
        println!("{error}");
    }
    println!("state in {}", layout.state.display());
    Ok(all_ready && unbuilt.is_none())
}
