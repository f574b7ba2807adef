//! Every operation of every service is called as everybody who could try, and answers as its OpenAPI document declares.
//!
//! A new operation is covered as soon as it stands in the document (a test of the architecture sees that every route does).

use identity::{SERVICE_HEADER, ServiceKey};
use reqwest::header::AUTHORIZATION;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::documents::{Declared, Operation, Request, SERVICES, Subject, operations};
use crate::stack::{Admin, Stack, client_from, expect, unused_address};

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Nobody,
    Voter,
    OtherAdmin,
    Owner,
    Superadmin,
    Service(&'static str),
}

/// What an answer says about the caller.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// Whatever it says, it is not about who is calling.
    LetIn,
    /// 401: who is calling is not known.
    Unknown,
    /// 403: this caller may not.
    NotAllowed,
    /// 404, or that the link is not valid: for this caller there is no such thing.
    Missing,
}

struct World {
    stack: Stack,
    owner: Admin,
    other: Admin,
    superadmin: Admin,
    link: String,
}

impl World {
    async fn new() -> Self {
        let stack = Stack::found();
        let (owner, other, superadmin) = (stack.admin().await, stack.admin().await, stack.admin().await);
        let made = stack.devstack(&["run", "auth", "--", "superadmin", &superadmin.email]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let superadmin = stack.log_in(&superadmin.email).await;
        let link = stack.active(&owner, 1).await.links.remove(0);
        Self { stack, owner, other, superadmin, link }
    }

    /// A draft of the owner's with what belongs to it. Calls change it or take it away, so each that is let in has its own.
    async fn subject(&self) -> Subject {
        let (election_id, candidates, emails) = self.stack.draft(&self.owner, 1).await;
        let voter_id = self.stack.voter(&self.owner, election_id, &emails[0]).await["voter_id"].as_i64().unwrap();
        let file = Part::text("email\nlate@example.com\n").file_name("roll.csv");
        let upload =
            self.stack.call(Method::POST, &format!("/api/admin/elections/{election_id}/voter-imports"), Some(&self.owner));
        let import = expect(upload.multipart(Form::new().part("file", file)).send().await.unwrap(), 201).await;
        let import_id = import["import_id"].as_str().unwrap().to_owned();
        Subject { election_id, candidate_id: candidates[0], voter_id, import_id, token: String::new() }
    }

    fn token_for(&self, who: As) -> String {
        if who == As::Voter { self.link.clone() } else { "x".repeat(43) }
    }

    /// A service calls on the internal listener, everybody else from outside.
    async fn call(&self, operation: &Operation, request: &Request, who: As) -> Response {
        let url = match who {
            As::Service(_) => self.stack.internal(&request.path),
            _ => self.stack.gateway(&request.path),
        };
        // An address for each call, so that no answer is about a limit.
        let http = client_from(unused_address());
        let built = http.request(operation.method.clone(), url).query(&request.query);
        let built = with_body(built, request);
        // A link is no login: voters show it where it is asked for, and, as an attempt, where a login is needed.
        let shows_nothing = who == As::Voter && operation.callers.contains(&Declared::Anybody);
        let built = if shows_nothing { built } else { self.sign(built, who, operation.service) };
        built.send().await.unwrap()
    }

    fn sign(&self, request: RequestBuilder, who: As, receiver: &str) -> RequestBuilder {
        match who {
            As::Nobody => request,
            As::Voter => request.header(AUTHORIZATION, format!("Bearer {}", self.link)),
            As::OtherAdmin => request.bearer_auth(&self.other.token),
            As::Owner => request.bearer_auth(&self.owner.token),
            As::Superadmin => request.bearer_auth(&self.superadmin.token),
            As::Service(name) => {
                let key = self.stack.state.join(format!("secrets/services/{name}.key.pem"));
                let token = ServiceKey::from_file(name, &key).unwrap().sign(receiver, chrono::Utc::now().timestamp()).unwrap();
                request.header(SERVICE_HEADER, token)
            }
        }
    }

    /// Logging out ends a token, and so may other calls: whoever was logged out logs in again.
    async fn log_in_again(&mut self) {
        for admin in [&mut self.owner, &mut self.other, &mut self.superadmin] {
            if self.stack.get("/api/auth/verify", Some(admin)).await.status() == 401 {
                *admin = self.stack.log_in(&admin.email).await;
            }
        }
    }
}

fn with_body(built: RequestBuilder, request: &Request) -> RequestBuilder {
    match &request.body {
        None => built,
        Some((kind, body)) if kind == "multipart/form-data" => {
            let file = Part::text("email\nann@example.com\n").file_name("roll.csv");
            let form = Form::new().part("file", file);
            let election_id = body.get("election_id").map(Value::to_string);
            built.multipart(if let Some(id) = election_id { form.text("election_id", id) } else { form })
        }
        Some((kind, body)) => {
            assert_eq!(kind, "application/json", "{}", request.path);
            built.json(body)
        }
    }
}

fn is_declared(operation: &Operation, who: As) -> bool {
    operation.callers.iter().any(|declared| match declared {
        Declared::Anybody => true,
        Declared::Voter => who == As::Voter,
        Declared::Admin => matches!(who, As::OtherAdmin | As::Owner | As::Superadmin),
        Declared::Owner => who == As::Owner,
        Declared::Superadmin => who == As::Superadmin,
        Declared::Service(name) => matches!(who, As::Service(calling) if calling == name),
    })
}

fn expected(operation: &Operation, who: As) -> Kind {
    let says = |declared: &Declared| operation.callers.contains(declared);
    let for_services = matches!(operation.callers[0], Declared::Service(_));
    match who {
        _ if is_declared(operation, who) => Kind::LetIn,
        _ if says(&Declared::Voter) => Kind::Missing,
        // From outside there is no such address, or nobody is a service there.
        As::Service(_) if for_services => Kind::NotAllowed,
        As::Nobody | As::Voter | As::Service(_) => Kind::Unknown,
        _ if for_services => Kind::Unknown,
        _ if says(&Declared::Owner) => Kind::Missing,
        _ => Kind::NotAllowed,
    }
}

async fn kind_of(operation: &Operation, who: As, answer: Response) -> Kind {
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default();
    assert!(status < 500, "{} {}: {status} {body}", operation.method, operation.path);
    let says = |declared: &Declared| operation.callers.contains(declared);
    let is_about_the_caller = says(&Declared::Owner) || says(&Declared::Voter);
    let is_for_services = matches!(operation.callers[0], Declared::Service(_));
    match (status, body["type"].as_str()) {
        // Whoever may call it is not refused for who they are: 401 of a login speaks of the password in the body.
        _ if says(&Declared::Anybody) => Kind::LetIn,
        (401, _) => Kind::Unknown,
        (403, Some("/problems/not-allowed")) => Kind::NotAllowed,
        (404, _) if is_about_the_caller => Kind::Missing,
        // From outside, where what only services may call is not to be found.
        (404, _) if is_for_services && !matches!(who, As::Service(_)) => Kind::Unknown,
        (200, _) if operation.callers == [Declared::Voter] && body["valid"] == false => Kind::Missing,
        _ => Kind::LetIn,
    }
}

#[tokio::test]
async fn every_operation_answers_each_caller_as_its_document_declares() {
    let mut world = World::new().await;
    let operations = operations(&world.stack).await;
    let everybody =
        [As::Nobody, As::Voter, As::OtherAdmin, As::Superadmin, As::Owner].into_iter().chain(SERVICES.map(As::Service));
    let (mut wrong, mut calls) = (Vec::new(), 0);
    let mut subject = world.subject().await;
    for operation in &operations {
        for who in everybody.clone() {
            let expected = expected(operation, who);
            subject.token = world.token_for(who);
            let mut seen = Vec::new();
            for request in operation.requests(&subject) {
                let answer = world.call(operation, &request, who).await;
                seen.push(kind_of(operation, who, answer).await);
                calls += 1;
                // What a service may ask for depends on the kind: one that it may ask for is enough.
                if expected == Kind::LetIn && seen.contains(&Kind::LetIn) {
                    break;
                }
            }
            let as_declared = match expected {
                Kind::LetIn => seen.contains(&Kind::LetIn),
                _ => seen.iter().all(|kind| *kind == expected),
            };
            if !as_declared {
                wrong.push(format!(
                    "{} {} as {who:?}: {expected:?} was declared, and it was {seen:?}",
                    operation.method, operation.path
                ));
            }
            if seen.contains(&Kind::LetIn) && operation.method != Method::GET {
                world.log_in_again().await;
                subject = world.subject().await;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(operations.len() > 40 && calls > 13 * operations.len(), "{} operations, {calls} calls", operations.len());
}

#[tokio::test]
async fn what_is_for_services_is_not_reached_from_outside_even_with_a_services_token() {
    let world = World::new().await;
    let subject = world.subject().await;
    for operation in operations(&world.stack).await {
        let Declared::Service(name) = &operation.callers[0] else { continue };
        let name = SERVICES.into_iter().find(|service| service == name).unwrap();
        for request in operation.requests(&subject) {
            let built = world.stack.http.request(operation.method.clone(), world.stack.gateway(&request.path));
            let answer = world.sign(with_body(built, &request), As::Service(name), operation.service).send().await.unwrap();
            expect(answer, 404).await;
        }
    }
}
