//! Every published count in the folder of cases, made again by the program: who is elected, and every round where the source gives rounds.
//!
//! `UVOTE_CASES=folder` counts another folder of the same form instead.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn folder() -> PathBuf {
    std::env::var_os("UVOTE_CASES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), PathBuf::from)
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// A decimal string in units of 10^-20.
fn exact(text: &str) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 20, "{text}");
    format!("{whole}{part:0<20}").parse().unwrap()
}

struct Round {
    tallies: BTreeMap<String, i128>,
    exhausted: Option<i128>,
    decided: BTreeMap<&'static str, BTreeSet<String>>,
}

/// A round whose tallies repeat those before is left out; a candidate with 0 may be missing.
fn rounds(value: &Value) -> Vec<Round> {
    let mut rounds: Vec<Round> = Vec::new();
    for round in value.as_array().into_iter().flatten() {
        let votes = |(name, text): (&String, &Value)| (name.clone(), exact(text.as_str().unwrap()));
        let tallies: BTreeMap<_, _> =
            round["tallies"].as_object().unwrap().iter().map(votes).filter(|(_, votes)| *votes != 0).collect();
        if rounds.last().is_some_and(|before| before.tallies == tallies) {
            continue;
        }
        let mut decided = BTreeMap::new();
        for key in ["elected", "eliminated"] {
            if round.get(key).is_some() {
                decided.insert(key, names(&round[key]));
            }
        }
        if let Some(name) = round.get("surplus_of").and_then(Value::as_str) {
            decided.insert("surplus_of", BTreeSet::from([name.to_owned()]));
        }
        rounds.push(Round { tallies, exhausted: round.get("exhausted").and_then(Value::as_str).map(exact), decided });
    }
    rounds
}

fn count(case: &Value) -> Result<Value, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uvote"));
    command.args(["count", "--json", "--method", case["method"].as_str().unwrap(), "--seats", &case["seats"].to_string()]);
    for (key, value) in case["options"].as_object().into_iter().flatten() {
        command.args(["--option", &format!("{key}={}", value.as_str().unwrap())]);
    }
    let out = command.arg(folder().join(case["ballots"].as_str().unwrap())).output().unwrap();
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    }
    serde_json::from_slice(&out.stdout).map_err(|cause| cause.to_string())
}

fn compare(case: &Value, told: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for key in ["elected", "tied"] {
        if names(&case[key]) != names(&told[key]) {
            wrong.push(format!("{key}: {:?} expected, {:?} counted", names(&case[key]), names(&told[key])));
        }
    }
    if let Some(levels) = case.get("ranking").and_then(Value::as_array) {
        let of = |levels: &[Value]| levels.iter().map(names).collect::<Vec<_>>();
        let counted = told["ranking"].as_array().map(|levels| of(levels)).unwrap_or_default();
        if of(levels) != counted {
            wrong.push(format!("ranking: {:?} expected, {counted:?} counted", of(levels)));
        }
    }
    let tolerance = case.get("tolerance").and_then(Value::as_str).map_or(0, exact);
    let (expected, counted) = (rounds(&case["rounds"]), rounds(&told["rounds"]));
    if counted.len() < expected.len() {
        wrong.push(format!("{} rounds expected, {} counted", expected.len(), counted.len()));
    }
    for (number, (expected, counted)) in expected.iter().zip(&counted).enumerate() {
        let all: BTreeSet<&String> = expected.tallies.keys().chain(counted.tallies.keys()).collect();
        for name in all {
            let of = |round: &Round| round.tallies.get(name).copied().unwrap_or(0);
            if (of(expected) - of(counted)).abs() > tolerance {
                wrong.push(format!("round {}: {name} {} expected, {} counted", number + 1, of(expected), of(counted)));
            }
        }
        if expected.exhausted.is_some() && expected.exhausted != counted.exhausted {
            wrong.push(format!(
                "round {}: exhausted {:?} expected, {:?} counted",
                number + 1,
                expected.exhausted,
                counted.exhausted
            ));
        }
        for (key, names) in &expected.decided {
            let found = counted.decided.get(key).cloned().unwrap_or_default();
            if *names != found {
                wrong.push(format!("round {}: {key} {names:?} expected, {found:?} counted", number + 1));
            }
        }
    }
    wrong
}

#[test]
fn every_published_count_is_made_again() {
    let (mut agree, mut wrong) = (0, Vec::new());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let faults = count(&case).map_or_else(|refused| vec![refused], |told| compare(&case, &told));
        let name = path.file_stem().unwrap().to_string_lossy();
        if faults.is_empty() { agree += 1 } else { wrong.push(format!("{name}:\n    {}", faults.join("\n    "))) }
    }
    println!("{agree} cases agree");
    assert!(wrong.is_empty(), "{} cases differ, {agree} agree\n{}", wrong.len(), wrong.join("\n"));
    assert!(agree > 0, "no case was found in {}", folder().display());
}
