//! nginx with the repository's configuration in front of upstreams that echo.

use daemons::{Nginx, Unprivileged, free_port, render_folder};
use installation::Installation;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const SERVICES: [&str; 8] = ["frontend", "auth", "election", "voting", "results", "audit", "admin", "email"];

#[derive(Clone, Copy)]
pub(crate) enum Listener {
    Public,
    Tls,
    Internal,
}

pub(crate) struct Gateway {
    dir: tempfile::TempDir,
    user: Unprivileged,
    nginx: Nginx,
    ports: [u16; 3],
    hangups: Arc<AtomicUsize>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// What reached the upstream.
    pub(crate) fn echo(&self, name: &str) -> String {
        let line = self.body.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    }

    /// The slug of a problem document.
    pub(crate) fn kind(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        assert!(self.body.contains(&format!("\"status\":{}", self.status)), "{}", self.body);
        self.body.split("/problems/").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

impl Gateway {
    pub(crate) fn start(down: &[&str]) -> Self {
        Self::with(down, 1, &[])
    }

    pub(crate) fn with_two_voting(down: &[&str]) -> Self {
        Self::with(down, 2, &[])
    }

    /// With settings of its own beside `defaults.env`.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::with(&[], 1, settings)
    }

    fn with(down: &[&str], voting: usize, settings: &[(&str, &str)]) -> Self {
        let user = Unprivileged::detect().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let hangups = Arc::new(AtomicUsize::new(0));
        let secrets = Installation::ensure(dir.path().join("secrets")).unwrap();
        user.chown(dir.path()).unwrap();
        let run = dir.path().join("nginx");
        let ports = [0; 3].map(|_| free_port().unwrap());
        let mut values: BTreeMap<String, String> = [
            ("GATEWAY_WORKERS", "1".to_owned()),
            ("GATEWAY_RUN_DIR", run.display().to_string()),
            ("GATEWAY_ACCESS_LOG", run.join("access.log").display().to_string()),
            ("GATEWAY_VOTERS_LOG", run.join("voters.log").display().to_string()),
            ("TLS_CERTIFICATE", secrets.tls_certificate().display().to_string()),
            ("TLS_KEY", secrets.tls_key().display().to_string()),
            ("PUBLIC_LISTEN", format!("127.0.0.1:{}", ports[0])),
            ("TLS_LISTEN", format!("127.0.0.1:{}", ports[1])),
            ("INTERNAL_LISTEN", format!("127.0.0.1:{}", ports[2])),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        for service in SERVICES {
            let count = if service == "voting" { voting } else { 1 };
            let mut servers = String::new();
            for copy in 0..count {
                let port =
                    if down.contains(&service) && copy == 0 { free_port().unwrap() } else { echo(service, hangups.clone()) };
                servers += &format!("server 127.0.0.1:{port} max_fails=0;");
            }
            values.insert(format!("{}_SERVERS", service.to_uppercase()), servers);
        }
        values.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../gateway");
        let nginx = Nginx::new(&run, render_folder(&folder, &values).unwrap()).unwrap().tied_to(std::process::id());
        nginx.start(&user, || TcpStream::connect((Ipv4Addr::LOCALHOST, ports[0])).is_ok()).unwrap();
        Self { dir, user, nginx, ports, hangups }
    }

    pub(crate) fn get(&self, listener: Listener, path: &str) -> Answer {
        self.send(listener, &format!("GET {path}"), &[], "")
    }

    pub(crate) fn send(&self, listener: Listener, line: &str, headers: &[&str], body: &str) -> Answer {
        let lines: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let length = body.len();
        let head = format!("{line} HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n");
        self.raw(listener, &(head + body))
    }

    pub(crate) fn raw(&self, listener: Listener, request: &str) -> Answer {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports[listener as usize])).unwrap();
        // nginx may answer and close before it has read a body that is too large.
        let _ = stream.write_all(request.as_bytes());
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or_else(|| panic!("no answer: {text:?}, {end:?}"));
        let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Answer { status, headers, body: body.to_owned() }
    }

    /// The beginning of an answer that goes on, up to this text. The listener goes away then.
    pub(crate) fn begin(&self, listener: Listener, head: &str, until: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports[listener as usize])).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut text = String::new();
        while !text.contains(until) {
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).unwrap_or_else(|cause| panic!("{cause}, after {text:?}"));
            assert!(read > 0, "it ended after {text:?}");
            text += std::str::from_utf8(&bytes[..read]).unwrap();
        }
        text
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The lines of callers, of voters, and of errors. Stops the gateway: before that, voters' lines are not written.
    pub(crate) fn logs(&self) -> [String; 3] {
        self.nginx.stop(&self.user).unwrap();
        ["access.log", "voters.log", "nginx.log"].map(|log| fs::read_to_string(self.dir.path().join("nginx").join(log)).unwrap())
    }

    pub(crate) fn hangups(&self) -> usize {
        self.hangups.load(Ordering::SeqCst)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.nginx.stop(&self.user).unwrap();
    }
}

/// An upstream that answers with what it got; `?answer=409` sets the status, `?answer=hangup` closes without an answer.
fn echo(service: &'static str, hangups: Arc<AtomicUsize>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let hangups = hangups.clone();
            std::thread::spawn(move || while answer(service, &stream, &hangups).is_some() {});
        }
    });
    port
}

fn answer(service: &str, stream: &TcpStream, hangups: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut out = stream;
    if path.starts_with("/internal/assert") {
        let head = match headers.get("authorization").map(String::as_str) {
            Some("Bearer good") => format!("204 No Content\r\nX-Uvote-Assertion: asserted for {}", headers["x-uvote-audience"]),
            _ => "401 Unauthorized\r\nContent-Length: 0".to_owned(),
        };
        return write!(out, "HTTP/1.1 {head}\r\n\r\n").ok();
    }
    if path.contains("answer=hangup") {
        hangups.fetch_add(1, Ordering::SeqCst);
        return None;
    }
    if path.ends_with("/stream") {
        // Events go on until whoever listens has gone.
        let cookie = headers.get("cookie").cloned().unwrap_or_default();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
        write!(out, "{head}data: first, for {cookie}\n\n").ok()?;
        let _ = reader.read(&mut [0]);
        hangups.fetch_add(1, Ordering::SeqCst);
        return None;
    }
    let status = path.split("answer=").nth(1).unwrap_or("200");
    let mut text = format!("service: {service}\npath: {path}\n");
    text.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\n")));
    text += &format!("body: {}\n", String::from_utf8_lossy(&body[..length.min(100)]));
    let answer = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n\r\n{text}", text.len());
    out.write_all(answer.as_bytes()).ok()
}
