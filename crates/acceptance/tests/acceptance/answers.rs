//! schemathesis, a program that others wrote, calls every operation of every OpenAPI document with good and bad requests and finds no
//! server error, and no answer that the documents do not describe: neither its status, nor its kind of content, nor its form.
//!
//! `make test` installs it and runs this by itself. By hand, against a stack that runs:
//! `UVOTE_SCHEMATHESIS=target/schemathesis/bin/schemathesis cargo nextest run --workspace --run-ignored only -E 'test(answers::)'`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use identity::ServiceKey;
use serde_json::json;

use crate::documents::{SERVICES, operations};
use crate::stack::{Admin, Stack, expect};

/// Random requests for each operation, beside those that schemathesis derives from the document.
const EXAMPLES: &str = "12";
/// Of whatever is random.
const SEED: &str = "1789";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance";

/// One service's document, or a part of it.
struct Run {
    service: &'static str,
    token: String,
    only: &'static [&'static str],
    without: &'static [&'static str],
}

/// What requests are made of, beside what is made up: else nearly all would end at "there is nothing with this number".
struct Known {
    numbers: Vec<i64>,
    texts: Vec<String>,
}

/// Calls that end the session they are made with.
const LAST_CALLS: &[&str] = &["/api/auth/logout", "/api/auth/change-password"];

#[tokio::test]
#[ignore = "needs schemathesis, which scripts/test sets up"]
async fn every_answer_is_as_the_documents_describe_it() {
    let program =
        std::env::var_os("UVOTE_SCHEMATHESIS").expect("UVOTE_SCHEMATHESIS names the program; see the head of this file");
    let stack = Stack::found();
    let admin = stack.admin().await;
    let known = known(&stack, &admin).await;
    let superadmin = stack.admin().await;
    let made = stack.devstack(&["run", "auth", "--", "superadmin", &superadmin.email]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let superadmin = stack.log_in(&superadmin.email).await;
    let mut runs: Vec<Run> = Vec::new();
    for service in SERVICES {
        runs.push(Run { service, token: admin.token.clone(), only: &[], without: LAST_CALLS });
    }
    runs.push(Run {
        service: "auth",
        token: superadmin.token.clone(),
        only: &["/api/auth/invitations", "/api/auth/invitations/{id}"],
        without: &[],
    });
    runs.push(Run { service: "audit", token: superadmin.token, only: &[], without: &[] });
    runs.push(Run { service: "auth", token: stack.admin().await.token, only: &LAST_CALLS[..1], without: &[] });
    runs.push(Run { service: "auth", token: stack.admin().await.token, only: &LAST_CALLS[1..], without: &[] });
    let with_operations: Vec<&str> = operations(&stack).await.iter().map(|operation| operation.service).collect();
    let found: Vec<String> = runs
        .iter()
        .filter(|run| with_operations.contains(&run.service))
        .filter_map(|run| findings(&stack, Path::new(&program), run, &known))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// Elections in several states with what is in them, and links of several kinds.
async fn known(stack: &Stack, admin: &Admin) -> Known {
    let (mut numbers, mut texts) = (Vec::new(), vec!["2099-01-01T00:00:00Z".to_owned(), "plurality".to_owned()]);
    for _ in 0..6 {
        let (election, candidates, emails) = stack.draft(admin, 1).await;
        numbers.extend([election, candidates[0], stack.voter(admin, election, &emails[0]).await["voter_id"].as_i64().unwrap()]);
    }
    let open = stack.active(admin, 4).await;
    numbers.extend([open.id, open.candidates[0]]);
    let recorded = expect(stack.cast(&open.links[0], open.candidates[0]).await, 200).await;
    texts.extend(open.links);
    texts.push(recorded["receipt_code"].as_str().unwrap().to_owned());
    let counted = stack.active(admin, 2).await;
    expect(stack.cast(&counted.links[0], counted.candidates[1]).await, 200).await;
    stack.count(admin, counted.id).await;
    // Until the result is there its page asks to come back later, by 503.
    crate::stack::until("the result", async || stack.get(&format!("/api/results/{}", counted.id), None).await.status() == 200)
        .await;
    numbers.push(counted.id);
    Known { numbers, texts }
}

/// What schemathesis says, if it has found something.
fn findings(stack: &Stack, program: &Path, run: &Run, known: &Known) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let settings = folder.join(format!("schemathesis-{}.toml", std::process::id()));
    std::fs::write(&settings, settings_of(stack, run, known)).unwrap();
    let mut command = Command::new(program);
    command.current_dir(&folder).arg("--config-file").arg(&settings).arg("run");
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED, "--checks", CHECKS]);
    command.args(["--generation-database", "none", "--no-color", "--continue-on-failure", "--warnings", "off"]);
    command.args(["--no-shrink", "--suppress-health-check", "all"]);
    // Where no limit of the gateway holds, and what only services may call can be called.
    command.args(["--url", &stack.internal("")]);
    run.only.iter().for_each(|path| _ = command.args(["--include-path", path]));
    run.without.iter().for_each(|path| _ = command.args(["--exclude-path", path]));
    command.arg(stack.internal(&format!("/services/{}/openapi.json", run.service)));
    let out = command.output().unwrap();
    std::fs::remove_file(settings).unwrap();
    let said = format!(
        "{} {:?}\n{}{}",
        run.service,
        run.only,
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    (!out.status.success()).then_some(said)
}

fn settings_of(stack: &Stack, run: &Run, known: &Known) -> String {
    let service = "admin";
    let key = ServiceKey::from_file(service, &stack.state.join(format!("secrets/services/{service}.key.pem"))).unwrap();
    // As if it had been made in ten minutes: it is good for as long as the run takes.
    let key = key.sign(run.service, chrono::Utc::now().timestamp() + 600).unwrap();
    let mut text = String::new();
    for (name, values) in [("numbers", json!(known.numbers)), ("texts", json!(known.texts))] {
        writeln!(text, "[dictionaries.{name}]\nvalues = {values}").unwrap();
    }
    writeln!(text, "[generation.dictionaries]\ninteger = {{ dictionary = 'numbers', probability = 0.6 }}").unwrap();
    writeln!(text, "string = {{ dictionary = 'texts', probability = 0.3 }}").unwrap();
    writeln!(text, "[parameters]").unwrap();
    for (place, dictionary) in
        [("path.id", "numbers"), ("path.election_id", "numbers"), ("path.receipt", "texts"), ("query.token", "texts")]
    {
        writeln!(text, "'{place}' = {{ dictionary = '{dictionary}', probability = 0.8 }}").unwrap();
    }
    writeln!(text, "[auth.openapi]\nbearer = {{ bearer = '{}' }}\nservice = {{ api_key = '{key}' }}", run.token).unwrap();
    text
}
