//! After the close no voter stands out by what happened to them while voting was open: what every role can read about them in the
//! database, and what their organiser is answered, is the same for all (ADR 0019).

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use testkit::traces::{READABLE, Traces, all_rows, without};

use crate::stack::{Admin, Stack, expect, token_in, until};

/// Who votes, after what their name says.
const VOTERS: [&str; 7] = ["plain", "typed-in", "corrected", "late", "asked", "resent", "stopped"];
/// Who does not; the mail catcher answers as the first two are named, the last is never sent a link.
const ABSTAINERS: [&str; 4] = ["plain-abstainer", "refuse-temporary", "refuse-permanent", "late-without-link"];

/// An address and a student number for each; all addresses begin alike, as the hint of an address shows its first letter.
struct People {
    tag: String,
}

impl People {
    fn address(&self, who: &str) -> String {
        let name = if who.starts_with("refuse") { who.to_owned() } else { format!("r.{who}") };
        format!("{name}.{}@example.com", self.tag)
    }

    fn student(&self, who: &str) -> String {
        format!("{who}/{}", self.tag)
    }

    fn of(&self, who: &str, election_id: i64) -> Value {
        json!({ "election_id": election_id, "email": self.address(who), "student_id": self.student(who) })
    }

    /// Everything by which this one is known. Only one of them was on the roll under another address first.
    fn names(&self, who: &str) -> [String; 3] {
        let before = if who == "corrected" { self.address("wrong") } else { format!("nobody.{}@example.com", self.tag) };
        [self.address(who), self.student(who), before]
    }
}

/// The newest mail with a link, once so many mails have come.
async fn newest_link(stack: &Stack, address: &str, mails: usize) -> String {
    until(&format!("{mails} mails to {address}"), async || stack.mails_to(address).await.len() >= mails).await;
    token_in(&stack.mails_to(address).await[0].1).expect("a link")
}

async fn voter_id(stack: &Stack, admin: &Admin, id: i64, address: &str) -> i64 {
    stack.voter(admin, id, address).await["voter_id"].as_i64().unwrap()
}

/// The roll as it is when voting opens: typed in, but for one voter who is imported.
async fn open(stack: &Stack, admin: &Admin, people: &People) -> (i64, Vec<i64>) {
    let (id, candidates, _) = stack.draft(admin, 0).await;
    for who in ["typed-in", "wrong", "asked", "resent", "stopped", "refuse-temporary", "refuse-permanent"] {
        let mut voter = people.of(who, id);
        if who == "wrong" {
            voter["student_id"] = people.student("corrected").into();
        }
        expect(stack.post("/api/admin/voters", Some(admin), &voter).await, 201).await;
    }
    let lines = ["plain", "plain-abstainer"].map(|who| format!("{},{}\n", people.address(who), people.student(who)));
    let file = Part::bytes(format!("email,student_id\n{}", lines.concat()).into_bytes()).file_name("roll.csv");
    let form = Form::new().text("election_id", id.to_string()).part("file", file);
    let import = stack.call(Method::POST, "/api/admin/voters/bulk", Some(admin)).multipart(form);
    expect(import.send().await.unwrap(), 200).await;
    expect(stack.post(&format!("/api/elections/{id}/activate"), Some(admin), &json!({})).await, 200).await;
    (id, candidates)
}

/// Everything happens that can; the last link of each.
async fn happen(stack: &Stack, admin: &Admin, id: i64, people: &People) -> BTreeMap<&'static str, String> {
    let send = format!("/api/admin/elections/{id}/send-voting-links");
    expect(stack.post(&send, Some(admin), &json!({})).await, 202).await;
    let early = ["plain", "typed-in", "asked", "resent", "stopped"];
    let mut links = BTreeMap::new();
    for who in early {
        links.insert(who, newest_link(stack, &people.address(who), 1).await);
    }
    expect(stack.post(&send, Some(admin), &json!({ "only": "not_voted" })).await, 202).await;
    let stop_code = regex::Regex::new(r"code=([0-9a-f]{32})").unwrap();
    for who in early {
        let reminder = stack.mail(&people.address(who), "stop-reminders").await;
        links.insert(who, token_in(&reminder).unwrap());
        if who == "stopped" {
            let code = stop_code.captures(&reminder).unwrap()[1].to_owned();
            let stop = json!({ "election_id": id, "code": code });
            expect(stack.post("/api/voting/stop-reminders", None, &stop).await, 202).await;
        }
    }

    let wrong = voter_id(stack, admin, id, &people.address("wrong")).await;
    let right = json!({ "email": people.address("corrected") });
    let put = stack.call(Method::PUT, &format!("/api/admin/voters/{wrong}"), Some(admin)).json(&right);
    expect(put.send().await.unwrap(), 200).await;
    links.insert("corrected", newest_link(stack, &people.address("corrected"), 1).await);
    let mut late = people.of("late", id);
    late["reason"] = "Enrolled on Monday".into();
    expect(stack.post("/api/admin/voters", Some(admin), &late).await, 201).await;
    expect(stack.post(&send, Some(admin), &json!({})).await, 202).await;
    links.insert("late", newest_link(stack, &people.address("late"), 1).await);
    let mut unsent = people.of("late-without-link", id);
    unsent["reason"] = "Enrolled on Tuesday".into();
    expect(stack.post("/api/admin/voters", Some(admin), &unsent).await, 201).await;

    let ask = json!({ "election_id": id, "student_id": people.student("asked"), "email": people.address("asked") });
    expect(stack.post("/api/voting/request-link", None, &ask).await, 202).await;
    links.insert("asked", newest_link(stack, &people.address("asked"), 3).await);
    let resent = voter_id(stack, admin, id, &people.address("resent")).await;
    expect(stack.post(&format!("/api/admin/voters/{resent}/resend-token"), Some(admin), &json!({})).await, 202).await;
    links.insert("resent", newest_link(stack, &people.address("resent"), 3).await);
    links
}

#[tokio::test]
async fn nobody_stands_out_after_the_close_by_what_happened_while_voting_was_open() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let people = People { tag: uuid::Uuid::new_v4().simple().to_string() };
    let (id, candidates) = open(&stack, &admin, &people).await;
    let links = happen(&stack, &admin, id, &people).await;
    for who in VOTERS.iter().rev() {
        expect(stack.cast(&links[who], candidates[0]).await, 200).await;
    }
    stack.count(&admin, id).await;
    let notices =
        format!("SELECT count(*) FROM email_messages WHERE election_id = {id} AND kind = 'used_notice' AND status = 'sent'");
    until("the notices to those whose right was used", async || stack.sql(&notices) == VOTERS.len().to_string()).await;

    let readable = stack.sql(READABLE);
    let traces = Traces::read(&readable, &stack.sql(&all_rows(&readable)), id);
    for group in [&VOTERS[..], &ABSTAINERS[..]] {
        let about = |who: &str| {
            let names = people.names(who);
            traces.about(&names.each_ref().map(String::as_str))
        };
        let plain = about(group[0]);
        assert!(plain.len() >= 3, "{plain:#?}");
        for who in group {
            assert_eq!(about(who), plain, "{who} stands out in the database");
        }
    }
    assert_eq!(stack.sql(&format!("SELECT count(*) FROM audit_subjects WHERE election_id = {id}")), "0");
    let of_nobody = "SELECT count(*) FROM email_messages m WHERE kind <> 'box_commitment' AND NOT EXISTS \
                     (SELECT FROM voters v WHERE v.election_id = m.election_id AND v.email = m.recipient)";
    assert_eq!(stack.sql(&format!("{of_nobody} AND election_id = {id}")), "0", "an address that is on nobody's roll is kept");

    let plain = answers(&stack, &admin, id, &people, "plain").await;
    for who in VOTERS.iter().chain(&ABSTAINERS) {
        assert_eq!(answers(&stack, &admin, id, &people, who).await, plain, "{who} stands out in the answers");
    }
    for path in
        ["/api/elections/{id}", "/api/elections/{id}/tally", "/api/results/{id}", "/api/audit?election_id={id}&limit=1000"]
    {
        let answer = expect(stack.get(&path.replace("{id}", &id.to_string()), Some(&admin)).await, 200).await.to_string();
        assert!(!answer.contains(&people.tag) && !answer.contains("opted_out"), "{path}: {answer}");
    }
}

/// Everything that the organiser is answered about one voter, without what names the voter.
async fn answers(stack: &Stack, admin: &Admin, id: i64, people: &People, who: &str) -> Vec<String> {
    let address = people.address(who);
    let listed = stack.voter(admin, id, &address).await;
    let voter = listed["voter_id"].as_i64().unwrap();
    let mut answers = vec![listed.to_string()];
    for state in ["none", "queued", "deferred", "sent", "refused", "forgotten"] {
        let path = format!("/api/admin/voters?election_id={id}&limit=1000&mail={state}");
        let found = expect(stack.get(&path, Some(admin)).await, 200).await;
        let is_there = found["items"].as_array().unwrap().iter().any(|voter| voter["email"] == address.as_str());
        answers.push(format!("{state}: {is_there}"));
    }
    let path = format!("/api/admin/voters/{voter}");
    let calls = [
        stack.call(Method::PUT, &path, Some(admin)).json(&json!({ "first_name": "Ada" })),
        stack.call(Method::POST, &format!("{path}/resend-token"), Some(admin)).json(&json!({})),
        stack.call(Method::DELETE, &path, Some(admin)),
    ];
    for call in calls {
        let answer = call.send().await.unwrap();
        answers.push(format!("{} {}", answer.status(), answer.text().await.unwrap()));
    }
    let names = people.names(who);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    answers.iter().map(|answer| without(answer, &names).replace(&format!("\"voter_id\":{voter}"), "\"voter_id\":0")).collect()
}
