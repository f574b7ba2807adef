//! A roll once it stands: a wrong address, a voter who comes late, a link that is asked for, a reminder.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

use crate::stack::{Admin, Stack, expect, expect_problem, token_in, until};

async fn put(stack: &Stack, admin: &Admin, path: &str, body: &Value) -> Response {
    stack.call(Method::PUT, path, Some(admin)).json(body).send().await.unwrap()
}

fn fresh(name: &str) -> String {
    format!("{name}.{}@example.com", uuid::Uuid::new_v4().simple())
}

#[tokio::test]
async fn a_wrong_address_is_corrected_with_one_answer_whether_the_voter_has_voted_or_not() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 2).await;
    let (wrong, right) = (&election.emails[0], fresh("right"));
    let voter = stack.voter(&admin, election.id, wrong).await["voter_id"].as_i64().unwrap();
    let path = format!("/api/admin/voters/{voter}");
    let corrected = expect(put(&stack, &admin, &path, &json!({ "email": right })).await, 200).await;
    assert_eq!(corrected["email"], right.as_str());

    // Both are told; the old link is dead, and its mailbox gets no other.
    let link = token_in(&stack.mail(&right, "token=").await).unwrap();
    until("the old address to be told", async || stack.mails_to(wrong).await.len() == 2).await;
    let (_, told) = stack.mails_to(wrong).await.remove(0);
    assert!(token_in(&told).is_none() && told.contains(&admin.email) && !told.contains(&right), "{told}");
    expect_problem(stack.cast(&election.links[0], election.candidates[0]).await, 410, "link-replaced").await;
    expect(stack.cast(&link, election.candidates[0]).await, 200).await;

    // Whoever has voted is corrected with the same answer, and gets the notice of that in the place of a link.
    let again = fresh("again");
    let corrected = expect(put(&stack, &admin, &path, &json!({ "email": again })).await, 200).await;
    assert_eq!((&corrected["email"], &corrected["link_sent"]), (&json!(again), &json!(true)));
    assert!(token_in(&stack.mail(&again, "recorded").await).is_none());
    until("the audit log to know", async || stack.done(&admin, election.id).await.iter().any(|kind| kind == "voter_corrected"))
        .await;
}

#[tokio::test]
async fn a_voter_who_comes_late_needs_a_reason_and_then_votes_as_everybody() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 1).await;
    let (id, late) = (election.id, fresh("late"));
    let body = json!({ "election_id": id, "email": late });
    expect_problem(stack.post("/api/admin/voters", Some(&admin), &body).await, 422, "invalid-input").await;
    let body = json!({ "election_id": id, "email": late, "reason": "Enrolled on Monday" });
    let added = expect(stack.post("/api/admin/voters", Some(&admin), &body).await, 201).await;
    let sent = stack.post(&format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin), &json!({})).await;
    let sent = expect(sent, 202).await;
    assert_eq!((&sent["queued"], &sent["already_sent"]), (&json!(1), &json!(1)), "{sent}");
    let link = token_in(&stack.mail(&late, "token=").await).unwrap();

    // Everybody reads that somebody came late and why, and nobody reads who.
    for (path, list) in [
        (format!("/api/voting/ballot?token={}", election.links[0]), "amendments"),
        (format!("/api/elections/{id}/amendments"), "items"),
    ] {
        let shown = expect(stack.get(&path, None).await, 200).await;
        let amendment = &shown[list][0];
        assert_eq!(
            (&amendment["kind"], &amendment["voters"], &amendment["reason"]),
            (&json!("voter_added"), &json!(1), &json!("Enrolled on Monday"))
        );
        assert!(!shown.to_string().contains(&late), "{shown}");
    }
    // Whoever was sent a link can use it: there is no taking it back.
    let voter = added["voter_id"].as_i64().unwrap();
    let removed = stack.call(Method::DELETE, &format!("/api/admin/voters/{voter}"), Some(&admin)).send().await.unwrap();
    assert_eq!(removed.status(), 409);
    expect(stack.cast(&link, election.candidates[1]).await, 200).await;
    stack.count(&admin, id).await;
    let result = expect(stack.get(&format!("/api/results/{id}"), None).await, 200).await;
    assert_eq!((&result["turnout"]["roll"], &result["amendments"][0]["kind"]), (&json!(2), &json!("voter_added")), "{result}");
}

/// What a client can see of an answer: all but the headers that are random in every answer of the gateway.
async fn seen(response: Response) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let status = response.status().as_u16();
    let mut headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (status, headers, response.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn asking_for_a_link_tells_nobody_who_is_on_the_roll() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let (id, candidates, _) = stack.draft(&admin, 1).await;
    let (known, voted) = (fresh("known"), fresh("voted"));
    for (email, student_id) in [(&known, "1001"), (&voted, "1002")] {
        let body = json!({ "election_id": id, "email": email, "student_id": student_id });
        expect(stack.post("/api/admin/voters", Some(&admin), &body).await, 201).await;
    }
    expect(stack.post(&format!("/api/elections/{id}/activate"), Some(&admin), &json!({})).await, 200).await;
    expect(stack.post(&format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin), &json!({})).await, 202).await;
    let links = stack.links_in_the_mail(&[known.clone(), voted.clone()]).await;
    expect(stack.cast(&links[1], candidates[0]).await, 200).await;

    let ask = async |student_id: &str, email: &str| {
        let body = json!({ "election_id": id, "student_id": student_id, "email": email });
        seen(stack.post("/api/voting/request-link", None, &body).await).await
    };
    let answer = ask("1001", &known).await;
    assert_eq!(answer.0, 202);
    // Three are answered in a day; the fourth asker sees no difference.
    for _ in 0..3 {
        assert_eq!(ask("1001", &known).await, answer, "after the limit");
    }
    assert_eq!(ask("1002", &voted).await, answer, "somebody who has voted");
    assert_eq!(ask("1002", &known).await, answer, "another one's number");
    assert_eq!(ask("9999", &fresh("stranger")).await, answer, "a stranger");

    let told = stack.mail(&voted, "already").await;
    assert!(token_in(&told).is_none(), "{told}");
    until("three mails beside the first", async || stack.mails_to(&known).await.len() == 4).await;
    // Mails asked for within a second may overtake each other; of their links one is alive.
    let mut taken = 0;
    for (_, text) in stack.mails_to(&known).await {
        let cast = stack.cast(&token_in(&text).unwrap(), candidates[0]).await;
        match cast.status().as_u16() {
            200 => taken += 1,
            _ => drop(expect_problem(cast, 410, "link-replaced").await),
        }
    }
    assert_eq!(taken, 1);
    assert_eq!(stack.mails_to(&known).await.len(), 4, "the fourth request was answered with a mail");
}

#[tokio::test]
async fn a_reminder_goes_to_who_has_not_voted_and_to_nobody_who_wants_none() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 3).await;
    let remind = format!("/api/admin/elections/{}/send-voting-links", election.id);
    expect(stack.cast(&election.links[0], election.candidates[0]).await, 200).await;
    let reminded = expect(stack.post(&remind, Some(&admin), &json!({ "only": "not_voted" })).await, 202).await;
    assert!(reminded.get("queued").is_none(), "a number would tell who has voted: {reminded}");
    let mail = stack.mail(&election.emails[1], "stop-reminders").await;
    let code = regex::Regex::new(r"code=([0-9a-f]{32})").unwrap().captures(&mail).unwrap()[1].to_owned();
    let page = format!("/stop-reminders?election_id={}&code={code}", election.id);

    // A scanner that opens every link of a mail stops nothing.
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(stack.call(method, &page, None).send().await.unwrap().status(), 200);
    }
    let noted =
        format!("SELECT reminders_stopped FROM voters WHERE election_id = {} AND email = '{}'", election.id, election.emails[1]);
    assert_eq!(stack.sql(&noted).trim(), "f");
    let stop = json!({ "election_id": election.id, "code": code });
    let stopped = expect(stack.post("/api/voting/stop-reminders", None, &stop).await, 202).await;
    let nobody = json!({ "election_id": election.id, "code": "0".repeat(32) });
    assert_eq!(expect(stack.post("/api/voting/stop-reminders", None, &nobody).await, 202).await, stopped);
    until("the wish to be noted", async || stack.sql(&noted).trim() == "t").await;

    stack.mail(&election.emails[2], "stop-reminders").await;
    let again = expect(stack.post(&remind, Some(&admin), &json!({ "only": "not_voted" })).await, 202).await;
    assert_eq!(again, reminded, "the same answer, whoever is left");
    // The link of the reminder is still good: it is reminders that have stopped, not the vote.
    expect(stack.cast(&token_in(&mail).unwrap(), election.candidates[0]).await, 200).await;
    until("the second reminder", async || stack.mails_to(&election.emails[2]).await.len() == 3).await;
    assert_eq!(stack.mails_to(&election.emails[0]).await.len(), 1, "who has voted was reminded");
    assert_eq!(stack.mails_to(&election.emails[1]).await.len(), 2, "who wants no reminders was reminded");
}

#[tokio::test]
async fn a_mail_that_did_not_come_is_seen_in_the_list_of_voters() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let (id, _, emails) = stack.draft(&admin, 1).await;
    // The mail catcher plays a full mailbox and one that does not exist.
    let (full, gone) = (fresh("refuse-temporary"), fresh("refuse-permanent"));
    for email in [&full, &gone] {
        expect(stack.post("/api/admin/voters", Some(&admin), &json!({ "election_id": id, "email": email })).await, 201).await;
    }
    assert_eq!(stack.voter(&admin, id, &emails[0]).await["mail"]["status"], "none");
    expect(stack.post(&format!("/api/elections/{id}/activate"), Some(&admin), &json!({})).await, 200).await;
    expect(stack.post(&format!("/api/admin/elections/{id}/send-voting-links"), Some(&admin), &json!({})).await, 202).await;
    let began = Instant::now();
    for (email, status) in [(&emails[0], "sent"), (&full, "deferred"), (&gone, "refused")] {
        until(&format!("{email} to be {status}"), async || stack.voter(&admin, id, email).await["mail"]["status"] == status)
            .await;
        let reason = stack.voter(&admin, id, email).await["mail"]["reason"].clone();
        assert_eq!(reason.is_string(), status != "sent", "{email}: {reason}");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "one full mailbox held the others up");
}
