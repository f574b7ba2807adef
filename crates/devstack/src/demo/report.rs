//! The result, whether it adds up, and where to look.

use super::account::Login;
use super::api::Refused;
use super::ballots::Cast;
use super::show;
use crate::layout::Layout;
use serde_json::Value;
use std::time::Duration;

/// Prints the result and what was refused; true when everything that was recorded was counted and every chain is whole.
pub(crate) fn print(result: &Value, cast: &Cast, audit: &Result<Value, Refused>) -> bool {
    table(result);
    let total = result["total_votes"].as_u64().unwrap_or(0);
    let (roll, voted) = (&result["turnout"]["roll"], &result["turnout"]["voted"]);
    println!("  turnout     {voted} of {roll}; {total} ballots counted, {} recorded, {} stayed away", cast.recorded, cast.away);
    println!("  repeated    {} requests whose answer was lost gave the same receipt again", cast.same_receipt);
    println!("  refused");
    for (what, (count, why)) in &cast.refused {
        println!("    {count:>4}  {what:<36} {why}");
    }
    let integrity = &result["integrity"];
    let vote_chain = integrity["ok"] == true;
    println!("  vote chain  {}", if vote_chain { chain(integrity) } else { format!("BROKEN: {integrity}") });
    let audit_chain = match audit {
        Ok(state) if state["ok"] == true => {
            Ok(format!("whole, {} entries, head {}", state["entries"], short(&state["head_hash"])))
        }
        Ok(state) => Err(format!("BROKEN: {state}")),
        Err(refused) => Err(format!("cannot be asked: {}", refused.title)),
    };
    println!("  audit chain {}", audit_chain.as_ref().unwrap_or_else(|text| text));
    let each_counted = contests(result).iter().all(|contest| {
        let of = |name: &str| contest[name].as_u64().unwrap_or(0);
        of("valid") + of("blank") == cast.recorded && of("invalid") == 0
    });
    let adds_up = total == cast.recorded && each_counted && vote_chain && audit_chain.is_ok() && cast.wrongly_accepted == 0;
    if !adds_up {
        println!("  THIS DOES NOT ADD UP ({} attempts were wrongly accepted)", cast.wrongly_accepted);
    }
    if let Some(receipt) = &cast.receipt {
        println!("  a receipt   {receipt}");
    }
    adds_up
}

fn contests(result: &Value) -> Vec<Value> {
    result["contests"].as_array().cloned().unwrap_or_default()
}

fn table(result: &Value) {
    println!("\n  {} - {}", result["election_title"].as_str().unwrap_or_default(), result["status"].as_str().unwrap_or_default());
    for contest in contests(result) {
        let method = contest["rule"]["method"].as_str().unwrap_or_default();
        let seats = contest["seats"].as_u64().unwrap_or(0);
        println!(
            "\n  {}: {seats} {} by {method}, {} valid ballots, {} blank",
            contest["title"].as_str().unwrap_or_default(),
            if seats == 1 { "seat" } else { "seats" },
            contest["valid"],
            contest["blank"]
        );
        let rows = contest["results"].as_array().cloned().unwrap_or_default();
        // Of all ballots with marks, so that the bars of two contests can be compared.
        let whole = contest["valid"].as_u64().unwrap_or(0);
        for row in &rows {
            line(row, whole, contest["family"] == "motion");
        }
        rounds(&contest);
    }
    println!();
    for amendment in result["amendments"].as_array().into_iter().flatten() {
        let (kind, reason) = (&amendment["kind"], &amendment["reason"]);
        let voters = amendment["voters"].as_i64().map(|voters| format!(", {voters}")).unwrap_or_default();
        println!("  amended     {}{voters}: {}", kind.as_str().unwrap_or_default(), reason.as_str().unwrap_or_default());
    }
}

/// What each round of a count by rounds decided, and whether a motion is passed.
fn rounds(contest: &Value) {
    let report = &contest["report"];
    if let Some(passed) = report["motion"]["passed"].as_bool() {
        println!("    the motion is {}", if passed { "passed" } else { "not passed" });
        return;
    }
    let name = |id: &Value| {
        let of = contest["results"].as_array().into_iter().flatten().find(|row| row["candidate_id"] == *id);
        of.and_then(|row| row["name"].as_str()).unwrap_or("?").to_owned()
    };
    let names = |ids: &Value| ids.as_array().into_iter().flatten().map(name).collect::<Vec<_>>().join(", ");
    for (step, number) in report["steps"].as_array().into_iter().flatten().zip(1..) {
        for (what, ids) in [("elected", &step["elected"]), ("eliminated", &step["eliminated"])] {
            if ids.as_array().is_some_and(|ids| !ids.is_empty()) {
                println!("    round {number}: {what} {}", names(ids));
            }
        }
    }
}

fn line(row: &Value, whole: u64, is_motion: bool) {
    let count = row["vote_count"].as_u64().unwrap_or(0);
    let name = row["name"].as_str().unwrap_or_default();
    let share = row["percentage"].as_f64().unwrap_or(0.0);
    let verdict = match (row["tie"] == true, row["is_winner"] == true) {
        _ if is_motion => "",
        (true, true) => "elected by lot",
        (true, false) => "tied",
        (false, true) => "elected",
        (false, false) => "",
    };
    println!("    {name:<16} {:<40} {count:>4}  {share:>6.2} %  {verdict}", show::column(count, whole, 40));
}

fn chain(integrity: &Value) -> String {
    let length = integrity["chain"]["length"].as_u64().map(|length| format!(", {length} links")).unwrap_or_default();
    format!("whole{length}, agrees with the box commitment that was signed before any ballot was decrypted")
}

fn short(hash: &Value) -> String {
    hash.as_str().unwrap_or("-").chars().take(16).collect::<String>() + "..."
}

/// Where to look now.
pub(crate) fn addresses(layout: &Layout, login: &Login, election: i64, took: Duration) {
    let base = layout.public_url();
    println!("\n  The stack stays up (make down stops it). This election took {:.1} s. Look at", took.as_secs_f32());
    println!("    pages       {base}/");
    println!("    result      {base}/results/{election}");
    println!("    interfaces  {base}/api/docs");
    println!("    mails       {}", layout.mail_url());
    println!("    organisers  {base}/admin/login   with {} and the password {}", login.email, login.password);
    println!("    HTTPS       https://127.0.0.1:{} (self-signed)", layout.ports.https);
}
