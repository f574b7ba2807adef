//! Every process of the stack as something to start, ask and stop.

use crate::StackError;
use crate::build::runnable;
use crate::layout::Layout;
use crate::services::{SERVICES, Service};
use daemons::{Durability, Nginx, Postgres, Program, Redis, render_folder};
use installation::Installation;
use std::collections::BTreeMap;
use std::fs;

/// A process of ours, with the address that says whether it is ready.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) program: Program,
    pub(crate) ports: Vec<u16>,
    /// Port and path, answered with 200 when its needs are met.
    pub(crate) ready: (u16, &'static str),
}

pub(crate) fn postgres(layout: &Layout) -> Postgres {
    Postgres::new(&layout.state.join("postgres"), layout.ports.postgres, Durability::Durable).log(layout.log("postgres"))
}

pub(crate) fn redis(layout: &Layout) -> Result<Redis, StackError> {
    Ok(Redis::new(&layout.state.join("redis"), layout.ports.redis)?.log(layout.log("redis")))
}

/// nginx with the repository's configuration on this stack's ports.
pub(crate) fn nginx(layout: &Layout) -> Result<Nginx, StackError> {
    let run = layout.state.join("nginx");
    let ports = &layout.ports;
    let secrets = layout.secrets();
    let mut values: BTreeMap<String, String> = [
        ("GATEWAY_WORKERS", "2".to_owned()),
        ("GATEWAY_RUN_DIR", run.display().to_string()),
        ("GATEWAY_ACCESS_LOG", format!("\"{}\"", layout.log("access").display())),
        ("GATEWAY_VOTERS_LOG", format!("\"{}\"", layout.log("voters").display())),
        ("TLS_CERTIFICATE", secrets.join("tls/cert.pem").display().to_string()),
        ("TLS_KEY", secrets.join("tls/key.pem").display().to_string()),
        ("PUBLIC_LISTEN", format!("127.0.0.1:{}", ports.gateway)),
        ("TLS_LISTEN", format!("127.0.0.1:{}", ports.https)),
        ("INTERNAL_LISTEN", format!("127.0.0.1:{}", ports.internal)),
        // A browser that was told to use HTTPS only would refuse this machine's other things on localhost for a year.
        ("HSTS_SECONDS", "0".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    // Limits may be lifted for a benchmark: UVOTE_GATEWAY_VOTING_RATE=100000r/s make up.
    let lifted = std::env::vars().filter_map(|(name, value)| Some((name.strip_prefix("UVOTE_GATEWAY_")?.to_owned(), value)));
    values.extend(lifted);
    for (place, service) in SERVICES.iter().enumerate() {
        let server = |copy| format!("server 127.0.0.1:{} max_fails=0;", ports.of_service(place, copy));
        values.insert(format!("{}_SERVERS", service.name.to_uppercase()), (0..service.processes()).map(server).collect());
    }
    let files = render_folder(&layout.checkout.join("gateway"), &values)?;
    Ok(Nginx::new(&run, files)?.log(layout.log("nginx")))
}

pub(crate) fn mail_catcher(layout: &Layout) -> Result<Process, StackError> {
    let mut program = Program::new("mail", runnable(layout, "devstack")?, layout.log("mail"), layout.pid_file("mail"));
    let (smtp, web) = (layout.ports.smtp, layout.ports.mail);
    program.arguments = ["mail-catcher", "--smtp", &format!("127.0.0.1:{smtp}"), "--web", &format!("127.0.0.1:{web}"), "--file"]
        .map(Into::into)
        .into();
    program.arguments.push(layout.state.join("mail/mails").into());
    Ok(Process { program, ports: vec![smtp, web], ready: (web, "/api/v1/messages?limit=1") })
}

/// The processes of all services.
pub(crate) fn services(layout: &Layout, secrets: &Installation) -> Result<Vec<Process>, StackError> {
    let mut all = Vec::new();
    for (place, service) in SERVICES.iter().enumerate() {
        for copy in 0..service.processes() {
            all.push(process(layout, secrets, service, layout.ports.of_service(place, copy), copy)?);
        }
    }
    Ok(all)
}

fn process(layout: &Layout, secrets: &Installation, service: &Service, port: u16, copy: u16) -> Result<Process, StackError> {
    let name = if copy == 0 { service.name.to_owned() } else { format!("{}-{}", service.name, copy + 1) };
    let mut program = Program::new(&name, runnable(layout, &service.binary())?, layout.log(&name), layout.pid_file(&name));
    program.environment = service.settings(layout, secrets, port);
    program.environment.push(("RUST_BACKTRACE".to_owned(), "1".to_owned()));
    Ok(Process { program, ports: vec![port], ready: (port, "/ready") })
}

/// Whatever left a pid file in `run/`, also what this version does not know: a further voting process, a renamed service.
pub(crate) fn by_pid_files(layout: &Layout) -> Vec<Program> {
    let entries = fs::read_dir(layout.state.join("run")).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".pid")?.to_owned()));
    let program = |name: String| Program::new(&name, "/bin/false".into(), layout.log(&name), layout.pid_file(&name));
    let mut programs: Vec<Program> = names.map(program).collect();
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    programs
}
