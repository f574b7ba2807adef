//! The rules of ARCHITECTURE.md, checked against `cargo metadata` and the tree itself.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// name -> (folder, direct dependencies without those for tests)
fn packages() -> BTreeMap<String, (PathBuf, BTreeSet<String>)> {
    let out =
        Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version=1"]).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
            let dependencies = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|d| d["kind"].is_null())
                .map(|d| text(&d["name"]))
                .collect();
            (text(&package["name"]), (folder, dependencies))
        })
        .collect()
}

/// Every crate of ours may know these crates of ours, and no other.
const EDGES: &[(&str, &[&str])] = &[
    ("messages", &[]),
    ("domain", &["counting", "messages"]),
    ("counting", &[]),
    ("crypto", &["counting"]),
    ("contract", &["counting", "messages"]),
    ("problem", &["contract", "messages"]),
    ("identity", &["contract", "messages", "problem"]),
    ("database", &["contract", "messages", "problem"]),
    ("workers", &[]),
    ("launch", &["contract", "database", "identity", "messages", "outbox", "problem", "workers"]),
    ("outbox", &["contract", "crypto", "database", "identity", "workers"]),
    ("installation", &[]),
    ("daemons", &[]),
    ("mailcatcher", &[]),
    ("mails", &["contract", "messages"]),
    ("migrator", &["database"]),
    ("devstack", &["daemons", "installation", "mailcatcher", "migrator"]),
    (
        "testkit",
        &[
            "daemons",
            "database",
            "identity",
            "installation",
            "launch",
            "mailcatcher",
            "migrator",
            "domain",
            "counting",
            "crypto",
            "contract",
        ],
    ),
    ("acceptance", &[]),
    ("browser", &[]),
    ("uvote", &["counting", "domain", "messages"]),
    ("guard", &[]),
];

const SERVICES: &[&str] = &["auth", "election", "voting", "results", "audit", "admin", "email", "frontend"];
const FOR_SERVICES: &[&str] =
    &["messages", "domain", "counting", "crypto", "contract", "mails", "problem", "identity", "database", "launch", "outbox"];

#[test]
fn a_crate_knows_only_the_crates_it_may_know() {
    let packages = packages();
    let ours: BTreeSet<_> = packages.keys().cloned().collect();
    let mut wrong = Vec::new();
    for (name, (folder, dependencies)) in &packages {
        let is_service = folder.parent().unwrap().ends_with("services");
        let allowed: &[&str] = match EDGES.iter().find(|(edge, _)| edge == name) {
            Some((_, allowed)) => allowed,
            None if is_service => FOR_SERVICES,
            None => panic!("{name} is not in the list of crates and edges; add it there and to ARCHITECTURE.md"),
        };
        assert_eq!(is_service, SERVICES.contains(&name.as_str()), "{name} lies in the wrong folder");
        wrong.extend(
            dependencies.intersection(&ours).filter(|d| !allowed.contains(&d.as_str())).map(|d| format!("{name} -> {d}")),
        );
    }
    assert!(wrong.is_empty(), "edges that may not be: {wrong:?}");
}

#[test]
fn rules_counting_and_crypto_cannot_do_io() {
    let packages = packages();
    for pure in ["messages", "domain", "counting", "crypto", "contract"] {
        for forbidden in ["tokio", "actix-web", "diesel", "diesel-async", "reqwest", "rand", "tokio-postgres", "tracing"] {
            assert!(!packages[pure].1.contains(forbidden), "{pure} depends on {forbidden}");
        }
    }
}

#[test]
fn only_the_services_role_tables_are_in_its_schema() {
    // Voting never reads voters; nobody but election and results ever names `votes`.
    for service in SERVICES {
        let schema = std::fs::read_to_string(root().join(format!("services/{service}/src/schema.rs"))).unwrap_or_default();
        if *service == "voting" {
            assert!(!schema.contains("    voters ") && !schema.contains("\nvoters"), "voting names the table voters");
        }
        if !["election", "results"].contains(service) {
            assert!(!schema.contains("    votes ("), "{service} names the table votes");
        }
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_symlink() || ["target", ".git", ".uvote", "node_modules"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// actix's own readers take lists for objects, and tell people serde's words; `problem::Json` and `problem::Query` do neither.
#[test]
fn services_read_bodies_and_parameters_by_our_own_reader_only() {
    let mut sources = Vec::new();
    files(&root().join("services"), &mut sources);
    for path in sources.iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        let is_source = path.components().any(|part| part.as_os_str() == "src");
        let imports = text.split("use actix_web::").skip(1).filter_map(|rest| rest.split_once(';')).map(|(names, _)| names);
        // A page has its own words for an address that cannot be read, so frontend may ask actix.
        let is_page = path.components().any(|part| part.as_os_str() == "frontend");
        let of_problem: &[&str] = if is_page { &["Json"] } else { &["Json", "Query"] };
        let imported: Vec<&str> = imports.flat_map(|names| names.split(|c: char| !c.is_alphanumeric())).collect();
        for name in of_problem {
            let is_of_actix = imported.contains(name) || text.contains(&format!("web::{name}"));
            assert!(!is_source || !is_of_actix, "{}: use problem::{name}", path.display());
        }
        // Under another name it would not be seen.
        let hides_it = ["web::*", "web as ", "web::{self as ", "actix_web::*"].iter().any(|hidden| text.contains(hidden));
        assert!(!is_source || !hides_it, "{}: import what is used of actix_web::web by its own name", path.display());
    }
}

/// `say!` and a type for each code let no wrong code compile; this finds the sentences that nobody says any more.
#[test]
fn every_message_of_the_catalogue_is_said_somewhere() {
    let catalogue = std::fs::read_to_string(root().join("crates/messages/catalogue/en.ftl")).unwrap();
    let codes = catalogue.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let codes: BTreeSet<String> =
        codes.filter_map(|line| line.split_once(" =")).map(|(code, _)| code.replace('-', "_")).collect();
    let mut said = BTreeSet::new();
    let mut sources = Vec::new();
    for folder in ["crates", "services"] {
        files(&root().join(folder), &mut sources);
    }
    for path in sources.iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        for rest in text.split("say!(").skip(1) {
            said.insert(
                rest.trim_start().chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_').collect(),
            );
        }
        // The kinds of problem name theirs by the slug.
        for slug in text.lines().filter_map(kind_of_problem) {
            said.extend([format!("problem_{slug}"), format!("problem_{slug}_advice")]);
        }
    }
    // Templates of pages say theirs as `t("code")`.
    for path in sources.iter().filter(|path| path.extension().is_some_and(|end| end == "html")) {
        let text = std::fs::read_to_string(path).unwrap();
        let codes = text.split("t(\"").skip(1).filter_map(|rest| rest.split_once('"'));
        said.extend(codes.map(|(code, _)| code.replace('-', "_")));
    }
    said.extend(refusals_of_the_gateway().into_iter().map(|(code, _)| code.replace('-', "_")));
    let unused: Vec<_> = codes.difference(&said).collect();
    assert!(unused.is_empty(), "nobody says these; take them out of the catalogue: {unused:?}");
}

/// Code and sentence of each problem that nginx answers with.
fn refusals_of_the_gateway() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("gateway/problems.conf")).unwrap();
    let answers = text.lines().filter_map(|line| line.trim().strip_prefix("return "));
    let read = |answer: &str| {
        let (_, body) = answer.split_once(" '").unwrap();
        let body: Value = serde_json::from_str(&body.trim_end_matches("';").replace("\\'", "'")).unwrap();
        assert_eq!(body["params"], serde_json::json!({}), "nginx knows no parameters: {body}");
        (body["code"].as_str().unwrap().to_owned(), body["detail"].as_str().unwrap().to_owned())
    };
    answers.map(read).collect()
}

/// nginx reads no catalogue, so what it says stands twice: here and there alike.
#[test]
fn the_gateway_refuses_in_the_words_of_the_catalogue() {
    let catalogue = std::fs::read_to_string(root().join("crates/messages/catalogue/en.ftl")).unwrap();
    let sentences: BTreeMap<&str, &str> = catalogue.lines().filter_map(|line| line.split_once(" = ")).collect();
    let refusals = refusals_of_the_gateway();
    assert!(refusals.len() > 10, "too few are found: {refusals:?}");
    for (code, detail) in refusals {
        assert_eq!(sentences.get(code.as_str()), Some(&detail.as_str()), "{code}");
    }
}

/// The slug in a line such as `NOT_FOUND = 404 "not-found";`.
fn kind_of_problem(line: &str) -> Option<String> {
    let (name, rest) = line.trim().split_once(" = ")?;
    let (status, rest) = rest.split_once(" \"")?;
    let is_kind = name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && status.parse::<u16>().is_ok();
    rest.strip_suffix("\";").filter(|_| is_kind).map(|slug| slug.replace('-', "_"))
}

/// What people read goes through the catalogue: a problem takes a message, a field's error is made of one.
#[test]
fn no_sentence_for_people_is_written_beside_the_catalogue() {
    let mut sources = Vec::new();
    for folder in ["crates", "services"] {
        files(&root().join(folder), &mut sources);
    }
    let is_ours =
        |path: &Path| path.components().any(|part| part.as_os_str() == "src") && !path.ends_with("contract/src/problems.rs");
    for path in sources.iter().filter(|path| is_ours(path) && path.extension().is_some_and(|end| end == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for made_by_hand in ["FieldError {", "LineError {", "Notice {"] {
            let literal = code.match_indices(made_by_hand).find(|(at, _)| {
                let before = code[..*at].trim_end();
                let is_longer_name = code[..*at].ends_with(|c: char| c.is_alphanumeric());
                !is_longer_name && !["struct", "impl", "for", "->", "let"].iter().any(|word| before.ends_with(word))
            });
            assert!(literal.is_none(), "{}: make a {made_by_hand} by its `new`, of a message", path.display());
        }
        // A member that people read, filled with a sentence on the spot.
        for member in ["message", "reason", "detail", "error"] {
            for sentence in ["\"", "format!(", "Some(\"", "Some(format!("] {
                let by_hand = code.lines().find(|line| line.trim_start().starts_with(&format!("{member}: {sentence}")));
                assert!(by_hand.is_none(), "{}: say! it: {by_hand:?}", path.display());
            }
        }
        assert!(!code.contains("Message::verbatim(\""), "{}: a sentence belongs into the catalogue", path.display());
    }
}

#[test]
fn nothing_is_left_behind_in_the_tree() {
    let mut all = Vec::new();
    files(&root(), &mut all);
    let marks = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "todo!".to_owned() + "(", "unimplemented!".to_owned() + "("];
    let outside = ["../".to_owned() + "shared", "/work/".to_owned() + "main"];
    for path in all {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let code = ["rs", "sql", "sh", "js", "toml"].contains(&path.extension().unwrap_or_default().to_string_lossy().as_ref());
        if code {
            marks.iter().for_each(|mark| assert!(!text.contains(mark), "{} holds {mark}", path.display()));
        }
        outside.iter().for_each(|place| assert!(!text.contains(place), "{} refers to {place}", path.display()));
    }
}

#[test]
fn every_migration_can_be_reverted_and_every_folder_has_a_readme() {
    for entry in std::fs::read_dir(root().join("migrations")).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let down = std::fs::read_to_string(folder.join("down.sql")).unwrap_or_default();
            assert!(!down.trim().is_empty(), "{} has no down.sql", folder.display());
        }
    }
    for (name, (folder, _)) in packages() {
        assert!(folder.join("README.md").exists(), "{name} has no README.md");
    }
}

#[test]
fn the_page_of_state_machines_shows_the_table_of_the_rules() {
    let snapshot = root().join("crates/domain/src/snapshots/domain__election__tests__the_table_of_states_and_actions.snap");
    let snapshot = std::fs::read_to_string(snapshot).unwrap();
    let table = snapshot.split("---\n").nth(2).unwrap().trim();
    let page = std::fs::read_to_string(root().join("docs/state-machines.md")).unwrap();
    assert!(page.contains(table), "docs/state-machines.md shows another table than the test prints; copy it from the snapshot");
}

/// The handlers that a text names as `word(module::handler)`.
fn handlers<'t>(text: &'t str, word: &str) -> BTreeSet<&'t str> {
    text.split(word).skip(1).filter_map(|rest| rest.split_once(')')).map(|(handler, _)| handler.trim()).collect()
}

/// What no document names is called by no test of who may call what.
#[test]
fn every_route_of_a_service_stands_in_its_document() {
    // Asked by the gateway, which lets nobody else ask.
    let undocumented = ["assertion::assert"];
    for service in SERVICES.iter().filter(|service| **service != "frontend") {
        let routes = std::fs::read_to_string(root().join(format!("services/{service}/src/routes.rs"))).unwrap();
        let (_, listed) = routes.split_once("    paths(").unwrap();
        let (listed, _) = listed.split_once(')').unwrap();
        let listed: BTreeSet<_> = listed.split(',').map(str::trim).collect();
        let missing: Vec<_> = handlers(&routes, ".to(")
            .into_iter()
            .filter(|handler| !listed.contains(handler) && !undocumented.contains(handler))
            .collect();
        assert!(missing.is_empty(), "{service}: routes that are not in the document: {missing:?}");
        // Routes are made nowhere else.
        let mut sources = Vec::new();
        files(&root().join(format!("services/{service}/src")), &mut sources);
        for path in sources.iter().filter(|path| !path.ends_with("routes.rs")) {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(!text.contains(".route(") && !text.contains("resource("), "{}: routes belong in routes.rs", path.display());
        }
    }
}

/// The locations of the gateway that limit how often they are called: those that begin so, those that are so, and patterns.
fn is_limited(configuration: &str, path: &str) -> bool {
    let mut found: (usize, bool) = (0, false);
    for location in configuration.split("\nlocation ").skip(1) {
        let (head, rest) = location.split_once('{').unwrap();
        let body = rest.split("\n}").next().unwrap();
        let limits = body.contains("limit_req ");
        // Of equally good ones nginx takes an exact one first, then a pattern, then the longest beginning.
        let weight = match head.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["=", exact] if *exact == path => 2000,
            ["~", pattern] if matches_pattern(pattern, path) => 1000,
            [beginning] if path.starts_with(beginning) => beginning.len(),
            _ => continue,
        };
        found = found.max((weight, limits));
    }
    found.1
}

/// The patterns of the gateway: `^beginning(one|another)$`, or with `[0-9]+`, which stands in none of the paths that are limited.
fn matches_pattern(pattern: &str, path: &str) -> bool {
    let Some((beginning, words)) = pattern.trim_start_matches('^').trim_end_matches('$').split_once('(') else { return false };
    path.strip_prefix(beginning).is_some_and(|rest| words.trim_end_matches(')').split('|').any(|word| word == rest))
}

#[test]
fn an_operation_that_the_gateway_limits_says_so_in_its_document() {
    let configuration = std::fs::read_to_string(root().join("gateway/routes.conf.template")).unwrap();
    let mut limited = 0;
    for service in SERVICES.iter().filter(|service| **service != "frontend") {
        let document = std::fs::read_to_string(root().join(format!("services/{service}/openapi.json"))).unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let says_so = operation["responses"]["429"].is_object();
                assert!(says_so || !is_limited(&configuration, path), "{method} {path} can be answered with 429");
                limited += usize::from(is_limited(&configuration, path));
            }
        }
    }
    assert!(limited > 10, "{limited}: are the gateway's locations read as they are written?");
}

/// `` `name.rs` `` in the README of a crate or service is a file of that crate or service; also with folders, as `` `tests/api/name.rs` ``.
#[test]
fn every_source_file_that_a_readme_names_exists() {
    let (mut missing, mut named) = (Vec::new(), 0);
    for (name, (folder, _)) in packages() {
        let mut found = Vec::new();
        files(&folder, &mut found);
        let text = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let quoted = text.split('`').skip(1).step_by(2);
        for file in quoted.filter(|quoted| quoted.ends_with(".rs") && !quoted.contains(char::is_whitespace)) {
            named += 1;
            // Compares whole parts of the path.
            if !found.iter().any(|path| path.ends_with(file)) {
                missing.push(format!("{name}: {file}"));
            }
        }
    }
    assert!(missing.is_empty(), "READMEs name files that do not exist: {missing:#?}");
    assert!(named > 50, "{named}: are the names in backquotes still found?");
}

#[test]
fn no_crate_has_a_name_that_says_nothing() {
    for name in packages().keys() {
        assert!(
            !["common", "utils", "util", "types", "helpers", "shared", "core"].contains(&name.as_str()),
            "{name} says nothing"
        );
    }
}

#[test]
fn every_program_says_what_it_is_and_how_to_call_it() {
    let out =
        Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version=1"]).current_dir(root()).output().unwrap();
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    let targets = metadata["packages"].as_array().unwrap().iter().flat_map(|package| package["targets"].as_array().unwrap());
    let programs: Vec<_> =
        targets.filter(|target| target["kind"][0] == "bin").map(|target| target["name"].as_str().unwrap()).collect();
    assert_eq!(programs.len(), 13, "{programs:?}");
    let folder = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    for program in programs {
        // No setting is needed to ask.
        for (question, answer) in [("--help", "Usage:"), ("--version", env!("CARGO_PKG_VERSION"))] {
            let asked = Command::new(folder.join(program)).arg(question).env_clear().output();
            let asked = asked.unwrap_or_else(|cause| panic!("{program}: {cause}; build the programs first"));
            let said = String::from_utf8(asked.stdout).unwrap();
            assert!(asked.status.success() && said.contains(answer), "{program} {question} says: {said}");
            assert!(question == "--help" || said.starts_with(program), "{said}");
        }
        let wrong = Command::new(folder.join(program)).arg("--no-such-argument").env_clear().output().unwrap();
        assert_eq!(wrong.status.code(), Some(2), "{program} takes an argument that does not exist");
    }
}
