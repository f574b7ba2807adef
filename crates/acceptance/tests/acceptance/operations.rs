//! Every operation of the API descriptions: public by its tag, or closed to the nameless and to strangers. A new route is covered as soon
//! as it is described.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::{Stack, expect, patiently};

const SERVICES: [&str; 7] = ["auth", "election", "voting", "results", "admin", "audit", "email"];

struct Operation {
    service: &'static str,
    method: Method,
    path: String,
    public: bool,
    internal: bool,
    parameters: Value,
}

async fn operations(stack: &Stack) -> Vec<Operation> {
    let mut found = Vec::new();
    for service in SERVICES {
        let document = stack.http.get(stack.internal(&format!("/services/{service}/openapi.json"))).send().await.unwrap();
        let document = expect(document, 200).await;
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{service}");
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let tags: Vec<&str> =
                    operation["tags"].as_array().map(|tags| tags.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
                found.push(Operation {
                    service,
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    public: tags.contains(&"public"),
                    internal: path.starts_with("/internal") || service == "email" || path == "/api/audit/events",
                    parameters: operation["parameters"].clone(),
                });
            }
        }
    }
    found
}

#[tokio::test]
async fn whatever_is_not_public_is_closed_to_the_nameless() {
    let stack = Stack::found();
    let parameter = regex::Regex::new(r"\{[^}]*\}").unwrap();
    let mut closed = 0;
    for operation in
        operations(&stack).await.iter().filter(|operation| !operation.public && !operation.path.starts_with("/internal"))
    {
        let path = parameter.replace_all(&operation.path, "1").into_owned();
        let url = if operation.internal { stack.internal(&path) } else { stack.gateway(&path) };
        let answer =
            patiently(async || stack.http.request(operation.method.clone(), &url).json(&json!({})).send().await.unwrap()).await;
        assert_eq!(answer.status(), 401, "{} {} of {}", operation.method, operation.path, operation.service);
        closed += 1;
    }
    assert!(closed >= 20, "only {closed} operations are closed: are the documents complete?");
}

#[tokio::test]
async fn another_admins_election_does_not_exist() {
    let stack = Stack::found();
    let (owner, stranger) = (stack.admin().await, stack.admin().await);
    let (election, candidates, emails) = stack.draft(&owner, 1).await;
    let voters = expect(stack.get(&format!("/api/admin/voters?election_id={election}"), Some(&owner)).await, 200).await;
    let voter = voters["items"][0]["voter_id"].as_i64().unwrap();
    let mut tried = 0;
    for operation in operations(&stack).await.iter().filter(|operation| !operation.public && !operation.internal) {
        let mut path = operation.path.clone();
        if path.contains('{') {
            let id = if path.contains("/voters/") {
                voter
            } else if path.contains("/candidates/") {
                candidates[0]
            } else {
                election
            };
            let (open, close) = (path.find('{').unwrap(), path.find('}').unwrap());
            path.replace_range(open..=close, &id.to_string());
        } else if operation.parameters.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "election_id")) {
            path = format!("{path}?election_id={election}");
        } else {
            continue;
        }
        let body = if path.contains("/candidates/") {
            json!({ "name": "Mallory" })
        } else if path.ends_with("/amendments") {
            json!({ "closes_at": "2099-01-01T00:00:00Z" })
        } else {
            json!({})
        };
        let answer = stack.call(operation.method.clone(), &path, Some(&stranger)).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!([403, 404].contains(&status), "{} {path}: {status} {}", operation.method, answer.text().await.unwrap());
        tried += 1;
    }
    assert!(tried >= 12, "only {tried} operations were tried");
    // And nothing has happened to it.
    let after = expect(stack.get(&format!("/api/admin/voters?election_id={election}"), Some(&owner)).await, 200).await;
    assert_eq!(after["items"][0]["email"], emails[0].as_str());
    assert_eq!(expect(stack.get(&format!("/api/elections/{election}"), Some(&owner)).await, 200).await["status"], "draft");
}

#[tokio::test]
async fn whatever_is_refused_is_a_problem_document() {
    let stack = Stack::found();
    let big = "x".repeat(20_000);
    let refused = [
        (stack.call(Method::GET, "/api/voting/nothing-here", None), 404),
        (stack.call(Method::GET, "/nothing/here", None).header("Accept", "application/json"), 404),
        (stack.call(Method::DELETE, "/api/voting/cast-vote", None), 405),
        (stack.call(Method::POST, "/api/voting/cast-vote", None).body("{").header("Content-Type", "application/json"), 400),
        (stack.call(Method::POST, "/api/voting/cast-vote", None).body("token=1"), 415),
        (stack.call(Method::POST, "/api/voting/cast-vote", None).body(big).header("Content-Type", "application/json"), 413),
        (stack.call(Method::GET, "/api/elections", None), 401),
        (stack.call(Method::GET, "/api/results/999999999", None), 404),
        (stack.call(Method::GET, "/api/results/not-a-number", None), 404),
    ];
    for (request, status) in refused {
        let answer = request.send().await.unwrap();
        let url = answer.url().clone();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!(answer.status(), status, "{url}");
        assert!(kind.starts_with("application/problem+json"), "{url}: {kind}");
        let body: Value = answer.json().await.unwrap();
        assert!(
            body["type"].as_str().unwrap().starts_with("/problems/") && body["detail"].as_str().unwrap().len() > 10,
            "{body}"
        );
        assert!(body["code"].as_str().is_some_and(|code| !code.is_empty()) && body["params"].is_object(), "{url}: {body}");
    }
}

#[tokio::test]
async fn every_problem_that_is_answered_has_a_page_that_says_what_to_do() {
    let stack = Stack::found();
    let (owner, stranger) = (stack.admin().await, stack.admin().await);
    let (election, ..) = stack.draft(&owner, 1).await;
    let parameter = regex::Regex::new(r"\{[^}]*\}").unwrap();
    let mut kinds = BTreeSet::new();
    // Logging out would end the tour; of accounts there are few a second, for everybody.
    let toured = |operation: &&Operation| !operation.internal && operation.service != "auth";
    for operation in operations(&stack).await.iter().filter(toured) {
        for id in [election.to_string(), "nonsense".to_owned()] {
            let path = parameter.replace_all(&operation.path, id.as_str()).into_owned();
            for (caller, body) in
                [(None, json!({})), (Some(&stranger), json!({ "nobody": "knows this" })), (Some(&owner), json!([]))]
            {
                let answer = stack.call(operation.method.clone(), &path, caller).json(&body).send().await.unwrap();
                let (status, url) = (answer.status(), answer.url().clone());
                if status.is_client_error() || status.is_server_error() {
                    let problem: Value = answer.json().await.unwrap_or_default();
                    let kind =
                        problem["type"].as_str().unwrap_or_else(|| panic!("{} {url}: {status} {problem}", operation.method));
                    kinds.insert(kind.to_owned());
                }
            }
        }
    }
    for path in ["register", "login", "unlock", "reset-password"] {
        let body = json!({ "email": "nobody@example.com", "password": "short", "code": "0000-0000" });
        let answer = patiently(async || stack.post(&format!("/api/auth/{path}"), None, &body).await).await;
        kinds.insert(answer.json::<Value>().await.unwrap()["type"].as_str().unwrap().to_owned());
    }
    assert!(kinds.len() >= 5, "{kinds:?}");
    for kind in &kinds {
        let page = stack.get(kind, None).await;
        assert_eq!(page.status(), 200, "{kind}");
        let all = stack.get("/problems", None).await.text().await.unwrap();
        assert!(page.text().await.unwrap().len() > 500 && all.contains(kind.as_str()), "{kind}");
    }
}
