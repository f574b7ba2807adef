//! The stack under test and its users, in the users' words.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use regex::Regex;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "Correct-Horse-9-Battery";

/// Where the stack is. `make test` started it and says so in the environment.
pub(crate) struct Stack {
    pub(crate) state: PathBuf,
    pub(crate) base: u16,
    /// From where `http` calls.
    pub(crate) address: IpAddr,
    pub(crate) http: Client,
}

/// An admin with a token.
pub(crate) struct Admin {
    pub(crate) email: String,
    pub(crate) token: String,
}

/// An active election whose voters have their links.
pub(crate) struct Active {
    pub(crate) id: i64,
    pub(crate) candidates: Vec<i64>,
    /// In the order of the links.
    pub(crate) emails: Vec<String>,
    pub(crate) links: Vec<String>,
}

/// A loopback address that no other test uses. The gateway limits each address: with one for all, a test could use up what another needs.
pub(crate) fn unused_address() -> IpAddr {
    let [.., b, c, d] = *uuid::Uuid::new_v4().as_bytes();
    // 127.0.0.0/8 is all loopback; the services have 127.0.0.1, and .0 and .255 at the end are not for hosts.
    IpAddr::V4(Ipv4Addr::new(127, b.max(1), c, d.clamp(1, 254)))
}

pub(crate) fn client_from(address: IpAddr) -> Client {
    Client::builder().no_proxy().local_address(address).timeout(Duration::from_secs(60)).build().unwrap()
}

impl Stack {
    pub(crate) fn found() -> Self {
        let state =
            std::env::var_os("UVOTE_STATE_DIR").expect("run through `make test`, which starts a stack and says where it is");
        let base = std::env::var("UVOTE_PORT_BASE").expect("run through `make test`").parse().unwrap();
        // reqwest asks for a process-wide choice; a second test in this process finds it made.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let address = unused_address();
        Self { state: state.into(), base, address, http: client_from(address) }
    }

    pub(crate) fn gateway(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.base)
    }

    pub(crate) fn internal(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.base + 1)
    }

    /// The service's own port, past the gateway. Frontend is the first, then the order of the architecture's table.
    pub(crate) fn own_port(&self, service: &str, path: &str) -> String {
        let services = ["frontend", "auth", "election", "voting", "results", "audit", "admin", "email"];
        let place = services.iter().position(|name| *name == service).unwrap();
        format!("http://127.0.0.1:{}{path}", self.base + 10 + u16::try_from(place).unwrap())
    }

    pub(crate) fn call(&self, method: Method, path: &str, admin: Option<&Admin>) -> RequestBuilder {
        let request = self.http.request(method, self.gateway(path));
        match admin {
            Some(admin) => request.bearer_auth(&admin.token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str, admin: Option<&Admin>) -> Response {
        self.call(Method::GET, path, admin).send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, admin: Option<&Admin>, body: &Value) -> Response {
        self.call(Method::POST, path, admin).json(body).send().await.unwrap()
    }

    pub(crate) async fn admin(&self) -> Admin {
        let email = format!("admin.{}@example.com", uuid::Uuid::new_v4().simple());
        let credentials = json!({ "email": email, "password": PASSWORD });
        expect(patiently(async || self.post("/api/auth/register", None, &credentials).await).await, 201).await;
        self.log_in(&email).await
    }

    pub(crate) async fn log_in(&self, email: &str) -> Admin {
        let credentials = json!({ "email": email, "password": PASSWORD });
        let answer = expect(patiently(async || self.post("/api/auth/login", None, &credentials).await).await, 200).await;
        Admin { email: email.to_owned(), token: answer["access_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn draft(&self, admin: &Admin, voters: usize) -> (i64, Vec<i64>, Vec<String>) {
        let election =
            expect(self.post("/api/elections", Some(admin), &json!({ "title": "Student Council 2026" })).await, 201).await;
        let id = election["election_id"].as_i64().unwrap();
        let mut candidates = Vec::new();
        for name in ["Alice Johnson", "Bob Smith", "Carol White"] {
            let body = json!({ "election_id": id, "name": name });
            let candidate = expect(self.post("/api/admin/candidates", Some(admin), &body).await, 201).await;
            candidates.push(candidate["candidate_id"].as_i64().unwrap());
        }
        let tag = uuid::Uuid::new_v4().simple().to_string();
        let emails: Vec<String> = (0..voters).map(|number| format!("v{number}.{tag}@example.com")).collect();
        for email in &emails {
            expect(self.post("/api/admin/voters", Some(admin), &json!({ "election_id": id, "email": email })).await, 201).await;
        }
        (id, candidates, emails)
    }

    pub(crate) async fn active(&self, admin: &Admin, voters: usize) -> Active {
        let (id, candidates, emails) = self.draft(admin, voters).await;
        expect(self.post(&format!("/api/elections/{id}/activate"), Some(admin), &json!({})).await, 200).await;
        expect(
            self.call(Method::POST, &format!("/api/admin/elections/{id}/send-voting-links"), Some(admin)).send().await.unwrap(),
            202,
        )
        .await;
        let links = self.links_in_the_mail(&emails).await;
        Active { id, candidates, emails, links }
    }

    /// The token of each voter, read from the mail that arrived.
    pub(crate) async fn links_in_the_mail(&self, emails: &[String]) -> Vec<String> {
        let mut found = vec![None; emails.len()];
        until("the links to arrive", async || {
            let list: Value = self
                .http
                .get(format!("http://127.0.0.1:{}/api/v1/messages?limit=500", self.base + 4))
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            for mail in list["messages"].as_array().unwrap() {
                let to = mail["To"][0]["Address"].as_str().unwrap_or_default();
                let Some(place) = emails.iter().position(|email| email == to) else { continue };
                if found[place].is_none() {
                    let url = format!("http://127.0.0.1:{}/api/v1/message/{}", self.base + 4, mail["ID"].as_str().unwrap());
                    let whole: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
                    found[place] = token_in(whole["Text"].as_str().unwrap());
                }
            }
            found.iter().all(Option::is_some)
        })
        .await;
        found.into_iter().map(Option::unwrap).collect()
    }

    /// Subject and text of every mail to this address, the newest first.
    pub(crate) async fn mails_to(&self, address: &str) -> Vec<(String, String)> {
        let catcher = format!("http://127.0.0.1:{}/api/v1", self.base + 4);
        let list: Value = self.http.get(format!("{catcher}/messages?limit=500")).send().await.unwrap().json().await.unwrap();
        let mut found = Vec::new();
        for mail in list["messages"].as_array().unwrap().iter().filter(|mail| mail["To"][0]["Address"] == address) {
            let url = format!("{catcher}/message/{}", mail["ID"].as_str().unwrap());
            let whole: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
            let text = |name: &str| whole[name].as_str().unwrap().to_owned();
            found.push((text("Subject"), text("Text")));
        }
        found
    }

    /// The text of their newest mail with these words in subject or text. Waits for it.
    pub(crate) async fn mail(&self, address: &str, words: &str) -> String {
        let mut found = None;
        until(&format!("a mail to {address} with '{words}'"), async || {
            let mails = self.mails_to(address).await;
            found = mails.into_iter().find(|(subject, text)| subject.contains(words) || text.contains(words));
            found.is_some()
        })
        .await;
        found.unwrap().1
    }

    /// The election as its admin sees it.
    pub(crate) async fn election(&self, admin: &Admin, id: i64) -> Value {
        expect(self.get(&format!("/api/elections/{id}"), Some(admin)).await, 200).await
    }

    /// What the audit log says was done, in order.
    pub(crate) async fn done(&self, admin: &Admin, id: i64) -> Vec<String> {
        let log = expect(self.get(&format!("/api/audit?election_id={id}&limit=1000"), Some(admin)).await, 200).await;
        log["items"].as_array().unwrap().iter().map(|entry| entry["event_type"].as_str().unwrap().to_owned()).collect()
    }

    /// The entry of the roll with this address.
    pub(crate) async fn voter(&self, admin: &Admin, id: i64, email: &str) -> Value {
        let roll = expect(self.get(&format!("/api/admin/voters?election_id={id}&limit=1000"), Some(admin)).await, 200).await;
        let voter = roll["items"].as_array().unwrap().iter().find(|voter| voter["email"] == email);
        voter.unwrap_or_else(|| panic!("{email} is not on the roll: {roll}")).clone()
    }

    /// Closes, and waits until the ballots are counted.
    pub(crate) async fn count(&self, admin: &Admin, id: i64) {
        expect(self.post(&format!("/api/elections/{id}/close"), Some(admin), &json!({})).await, 200).await;
        until("the count", async || self.election(admin, id).await["tally_state"] == "opened").await;
    }

    pub(crate) async fn cast(&self, link: &str, candidate: i64) -> Response {
        self.post("/api/voting/cast-vote", None, &json!({ "token": link, "candidate_id": candidate })).await
    }

    /// SQL as the owner, to arrange and to prove.
    pub(crate) fn sql(&self, statement: &str) -> String {
        let mut psql = self.devstack(&["psql", "--", "-XAtqc", statement]);
        let out = psql.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn devstack(&self, arguments: &[&str]) -> Command {
        let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/devstack");
        let mut command = Command::new(target);
        command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        command
    }

    /// Ends one process of the stack by its pid, and waits until it is gone.
    pub(crate) async fn end(&self, name: &str, signal: &str) {
        let status = String::from_utf8(self.devstack(&["status"]).output().unwrap().stdout).unwrap();
        let line = status
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name))
            .unwrap_or_else(|| panic!("no {name} in: {status}"));
        let pid = line.split_whitespace().last().unwrap().to_owned();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        until("the process to end", async || {
            // Whoever started it may be slow to take note of its end.
            std::fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z "))
        })
        .await;
    }

    /// `make up` again: whatever does not run is started.
    pub(crate) fn up_again(&self) {
        let out = self.devstack(&["up", "--no-build"]).output().unwrap();
        assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    }
}

/// The token of the link in a mail.
pub(crate) fn token_in(text: &str) -> Option<String> {
    let token = Regex::new(r"[?&#]token=([A-Za-z0-9_-]{43})").unwrap();
    token.captures(text).map(|found| found[1].to_owned())
}

/// Again and again while the gateway says that it is too much: all these people come from one address.
pub(crate) async fn patiently(mut ask: impl AsyncFnMut() -> Response) -> Response {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = ask().await;
        if answer.status() != StatusCode::TOO_MANY_REQUESTS || Instant::now() > deadline {
            return answer;
        }
        assert!(answer.headers().contains_key("retry-after"), "{} says nothing of when", answer.url());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The answer has this status; its body.
pub(crate) async fn expect(response: Response, status: u16) -> Value {
    let (got, url) = (response.status(), response.url().path().to_owned());
    let text = response.text().await.unwrap();
    assert_eq!(got, StatusCode::from_u16(status).unwrap(), "{url}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// The answer is a problem document of this kind.
pub(crate) async fn expect_problem(response: Response, status: u16, slug: &str) -> Value {
    let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
    let body = expect(response, status).await;
    assert!(kind.starts_with("application/problem+json"), "{kind}: {body}");
    assert_eq!(body["type"], format!("/problems/{slug}"), "{body}");
    body
}

/// Waits for a condition, half a minute at most.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
