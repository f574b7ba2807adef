//! What is refused is a problem document of a known kind, and every kind has a page that says what to do.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::documents::{Declared, Operation, operations};
use crate::stack::{Stack, patiently};

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
    let is_for_services = |operation: &Operation| matches!(operation.callers[0], Declared::Service(_));
    let toured = |operation: &&Operation| !is_for_services(operation) && operation.service != "auth";
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
