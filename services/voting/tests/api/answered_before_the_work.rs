//! That no time tells anything, shown by the order of things: the answer comes before anybody looks, whatever the database holds
//! up; what was promised is done all the same, once, through crossings, lost connections and the end of the process.

use std::time::Duration;

use contract::email::Mail;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{Running, SUPERUSER, TestDatabase, wait_until};
use tokio_postgres::Client;

use crate::app::{App, settings};
use crate::link_requests::{
    PATIENCE, address, all_is_done, an_election_with_numbers, links, mails, mails_are, number, reminders_stopped, token_in,
};

/// Somebody is at work on this voter, and the request has to wait for them.
async fn held(database: &TestDatabase, voter: i64) -> Client {
    let holder = database.owner().await;
    holder.batch_execute("BEGIN").await.unwrap();
    holder.execute("SELECT FROM voters WHERE voter_id = $1 FOR UPDATE", &[&voter]).await.unwrap();
    holder
}

async fn waits_for_a_lock(owner: &Client) -> bool {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'voting_service' AND wait_event_type = 'Lock'";
    owner.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0
}

#[actix_web::test]
async fn the_answer_comes_before_anybody_looks_and_the_next_one_does_not_wait_either() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let app = App::start(&database).await;
    let holder = held(&database, election.voters[0]).await;
    app.asks(&election, 0).await;
    wait_until("the request is at its voter", PATIENCE, async || waits_for_a_lock(&owner).await).await;
    // Everything else goes on: other requests, looks at links, ballots.
    app.asks(&election, 1).await;
    assert_eq!(app.validate(&election.tokens[0]).await["valid"], true);
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    assert!(mails(&owner).await.is_empty());
    holder.batch_execute("COMMIT").await.unwrap();
    mails_are(&owner, 2).await;
}

#[actix_web::test]
async fn a_full_list_is_full_for_everybody_alike() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let app = App::start(&database).await;
    let holder = held(&database, election.voters[0]).await;
    app.asks(&election, 0).await;
    wait_until("the request is at its voter", PATIENCE, async || waits_for_a_lock(&owner).await).await;
    // With the one of the voter 1,024 of this election.
    for turn in 0..16 {
        let many = (i32::from(turn == 0)..64).map(|_| app.request_link(election.id, "nobody", "nobody@example.com"));
        assert!(join_all(many).await.iter().all(|answer| answer.status == 202));
    }
    let known = app.request_link(election.id, &number(1), &address(1)).await;
    assert_eq!(known.status, 503);
    // The number that a refusal is found by in the log is new each time.
    let said = |body: &str| {
        let mut said: Value = serde_json::from_str(body).unwrap();
        said.as_object_mut().unwrap().remove("request_id");
        said
    };
    let unknown = app.request_link(election.id, "nobody", "nobody@example.com").await;
    assert_eq!((unknown.status, said(&unknown.body)), (known.status, said(&known.body)));
    assert_eq!(app.validate(&election.tokens[0]).await["valid"], true);
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200, "voting goes on");
    let other = an_election_with_numbers(&owner, 1).await;
    app.asks(&other, 0).await;
    let (.., mail) = mails_are(&owner, 1).await.remove(0);
    assert_eq!(app.validate(&token_in(&mail)).await["election_id"], other.id, "another election has places of its own");
    holder.batch_execute("COMMIT").await.unwrap();
    mails_are(&owner, 2).await;
}

#[actix_web::test]
async fn an_election_whose_rows_are_locked_holds_up_no_others_requests() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (locked, other) = (an_election_with_numbers(&owner, 5).await, an_election_with_numbers(&owner, 20).await);
    let app = App::start(&database).await;
    let holder = database.owner().await;
    holder.batch_execute(&format!("BEGIN; SELECT FROM elections WHERE election_id = {} FOR UPDATE", locked.id)).await.unwrap();
    for place in 0..5 {
        app.asks(&locked, place).await;
    }
    wait_until("a request is at the locked election", PATIENCE, async || waits_for_a_lock(&owner).await).await;
    for place in 0..20 {
        app.asks(&other, place).await;
    }
    let mails_of_the_other = mails_are(&owner, 20).await;
    assert_eq!(app.validate(&token_in(&mails_of_the_other[0].2)).await["election_id"], other.id);
    // The code of a mail is taken as well.
    all_is_done(&app, &owner).await;
    assert_eq!(mails(&owner).await.len(), 20);
    holder.batch_execute("COMMIT").await.unwrap();
    let all = mails_are(&owner, 25).await;
    let to = all[20..].iter().map(|(.., mail)| match &mail.mail {
        Mail::VotingInvitation(_) => mail.recipient.clone(),
        _ => panic!("no link"),
    });
    let to: Vec<_> = to.collect();
    assert_eq!(to, (0..5).map(address).collect::<Vec<_>>(), "each once, in the order in which they asked");
}

#[actix_web::test]
async fn a_request_whose_connection_is_lost_is_made_again_and_is_one_request() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 1).await;
    let app = App::start(&database).await;
    let holder = held(&database, election.voters[0]).await;
    app.asks(&election, 0).await;
    let superuser = database.connect(SUPERUSER).await;
    for _ in 0..3 {
        let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                   WHERE datname = current_database() AND usename = 'voting_service' AND wait_event_type = 'Lock'";
        // It waits for a moment only, and again after a pause.
        wait_until("its connection is lost", PATIENCE, async || superuser.execute(sql, &[]).await.unwrap() > 0).await;
    }
    holder.batch_execute("COMMIT").await.unwrap();
    mails_are(&owner, 1).await;
    all_is_done(&app, &owner).await;
    assert_eq!(links(&owner, election.voters[0]).await.len(), 2);

    // And the database knows a request that it has carried out already.
    let role = database.connect("voting_service").await;
    let again = "SELECT request_link($1, $2::text::uuid, $3, $4, $5, '\\x00', '\\x00', false)";
    let request: String = owner.query_one("SELECT request_id::text FROM link_requests", &[]).await.unwrap().get(0);
    let hash = [7_u8; 32].as_slice();
    role.execute(again, &[&election.id, &request, &number(0), &address(0), &hash]).await.unwrap();
    assert_eq!((mails(&owner).await.len(), links(&owner, election.voters[0]).await.len()), (1, 2));
}

#[actix_web::test]
async fn what_was_promised_is_done_before_the_process_ends() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 20).await;
    let Running { url, handle, ended } = Running::start::<voting::Service>(settings(&database)).await;
    let app = App { url, client: reqwest::Client::new() };
    let holder = held(&database, election.voters[0]).await;
    for place in 0..20 {
        app.asks(&election, place).await;
    }
    handle.stop(true).await;
    assert!(mails(&owner).await.is_empty());
    holder.batch_execute("COMMIT").await.unwrap();
    ended.await.unwrap().unwrap();
    assert_eq!(mails(&owner).await.len(), 20);
}

#[actix_web::test]
async fn requests_resends_and_ballots_that_cross_leave_one_live_link_or_one_ballot_and_no_deadlock() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 12).await;
    let (one, two) = (App::start(&database).await, App::start(&database).await);
    let requests = (0..36).map(|turn| async move { turn % 12 });
    let asking = async {
        for place in join_all(requests).await {
            one.asks(&election, place).await;
            two.asks(&election, place).await;
        }
    };
    let voting = join_all(election.tokens.iter().step_by(2).map(|token| one.cast(token, election.candidate(0))));
    let resending = async {
        let admin = database.connect("admin_service").await;
        for voter in election.voters.iter().rev() {
            resend(&admin, *voter).await;
        }
    };
    tokio::join!(asking, voting, resending);
    // What met a lock for long is done later than what was asked for after it.
    mails_are(&owner, 36).await;
    all_is_done(&one, &owner).await;
    all_is_done(&two, &owner).await;

    let sql = "SELECT count(*) FILTER (WHERE is_used), count(*) FILTER (WHERE NOT is_used AND NOT revoked), \
               count(*) FILTER (WHERE origin = 'request') FROM voting_tokens WHERE voter_id = $1";
    for voter in &election.voters {
        let row = owner.query_one(sql, &[voter]).await.unwrap();
        let (used, live, requested): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert_eq!(used + live, 1, "voter {voter}: {used} used, {live} live");
        assert!(requested <= 3);
    }
    assert_eq!(mails(&owner).await.len(), 36, "three for each voter, through both processes");
    let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let superuser = database.connect(SUPERUSER).await;
    assert_eq!(superuser.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
    // The newest mail of a voter who has not voted has the link that works.
    let newest = mails(&owner).await.into_iter().rev().find_map(|(.., mail)| match &mail.mail {
        contract::email::Mail::VotingInvitation(_) => Some(token_in(&mail)),
        _ => None,
    });
    let said = one.validate(&newest.unwrap()).await;
    assert!(said["valid"] == true || said["error"].as_str().unwrap().contains("used"), "{said}");
}

/// As the admin service does it, in the lock order of ARCHITECTURE.md.
async fn resend(admin: &Client, voter: i64) {
    admin.batch_execute("BEGIN").await.unwrap();
    admin.execute("SELECT hold_election(election_id) FROM voters WHERE voter_id = $1", &[&voter]).await.unwrap();
    admin.execute("SELECT FROM voters WHERE voter_id = $1 FOR NO KEY UPDATE", &[&voter]).await.unwrap();
    let sql = "SELECT is_used FROM voting_tokens WHERE voter_id = $1 ORDER BY token_id FOR UPDATE";
    let used = admin.query(sql, &[&voter]).await.unwrap().iter().any(|row| row.get::<_, bool>(0));
    if !used {
        let sql = "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1 AND NOT revoked AND NOT is_used";
        admin.execute(sql, &[&voter]).await.unwrap();
        let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
                   SELECT election_id, voter_id, sha256(convert_to('resent to ' || voter_id, 'UTF8')), 'resend', \
                          now() + interval '1 day', spend_id, 'v***@example.com' FROM voters WHERE voter_id = $1";
        admin.execute(sql, &[&voter]).await.unwrap();
    }
    admin.batch_execute("COMMIT").await.unwrap();
}

#[actix_web::test]
async fn when_the_email_service_is_down_the_mail_waits_and_voting_goes_on() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let app = App::start(&database).await;
    app.asks(&election, 0).await;
    wait_until("the relay has tried", PATIENCE, async || {
        owner.query_one("SELECT count(*) FROM outbox WHERE last_error IS NOT NULL", &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    assert_eq!(app.get("/ready").await.status, 200);
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    let (.., mail) = mails_are(&owner, 1).await.remove(0);
    assert_eq!(app.cast(&token_in(&mail), election.candidate(0)).await.status, 200);
}

#[actix_web::test]
async fn when_the_database_is_away_everybody_is_told_to_come_back() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 1).await;
    let mut settings = settings(&database);
    settings.database.url = "postgres://voting_service@127.0.0.1:9/uvote".to_owned();
    let app = App::with(settings).await;
    let bodies = [
        ("request-link", json!({ "election_id": election.id, "student_id": number(0), "email": address(0) })),
        ("request-link", json!({ "election_id": election.id, "student_id": "nobody", "email": "nobody@example.com" })),
        ("stop-reminders", json!({ "election_id": election.id, "code": "00".repeat(16) })),
    ];
    for (path, body) in bodies {
        let refused = app.bytes(path, &body).await;
        assert_eq!(refused.status, 503, "{refused:?}");
    }
}

#[actix_web::test]
async fn a_voter_stops_reminders_with_the_code_of_the_mail_and_keeps_the_link() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let app = App::start(&database).await;
    let sql = "SELECT encode(reminder_code, 'hex') FROM voters WHERE voter_id = $1";
    let code: String = owner.query_one(sql, &[&election.voters[0]]).await.unwrap().get(0);
    let stop = async |election_id: i64, code: &str| {
        app.bytes("stop-reminders", &json!({ "election_id": election_id, "code": code })).await
    };
    let unknown = stop(election.id, &"0".repeat(32)).await;
    assert_eq!(unknown.status, 202);
    // The spent code is for the list after the close; addresses of pages stand in too many logs for it.
    let spent = "SELECT encode(spend_id, 'hex') FROM voters WHERE voter_id = $1";
    let spent: String = owner.query_one(spent, &[&election.voters[0]]).await.unwrap().get(0);
    assert_eq!(stop(election.id, &spent).await, unknown);
    assert_eq!(stop(election.id + 1000, &code).await, unknown);
    all_is_done(&app, &owner).await;
    assert!(!reminders_stopped(&owner, election.voters[0]).await);
    for code in ["", "zz", &format!("{code}00")] {
        assert_eq!(stop(election.id, code).await.status, 422);
    }

    assert_eq!(stop(election.id, &format!(" {} ", code.to_uppercase())).await, unknown, "known and unknown, the same");
    assert_eq!(stop(election.id, &code).await, unknown, "again");
    all_is_done(&app, &owner).await;
    assert!(reminders_stopped(&owner, election.voters[0]).await);
    assert!(!reminders_stopped(&owner, election.voters[1]).await);
    assert!(links(&owner, election.voters[0]).await[0].1, "the link is as it was");
    // Who has stopped reminders may still ask for a link.
    app.asks(&election, 0).await;
    mails_are(&owner, 1).await;

    crate::arranged::close(&owner, &election).await;
    let code: String = owner.query_one(sql, &[&election.voters[1]]).await.unwrap().get(0);
    assert_eq!(stop(election.id, &code).await, unknown);
    all_is_done(&app, &owner).await;
    assert!(!reminders_stopped(&owner, election.voters[1]).await, "a closed roll stays as it is");
}

#[actix_web::test]
async fn the_relay_gives_the_mail_to_the_email_service_and_forgets_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 1).await;
    let (url, mut heard) = crate::listener::start();
    let mut settings = settings(&database);
    settings.outbox.internal_url = url;
    let app = App::with(settings).await;
    app.asks(&election, 0).await;
    let (path, body) = tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.unwrap().unwrap();
    assert_eq!(path, "/api/email/send-many");
    let content = &body[0]["mail"]["content"];
    assert_eq!((&content["occasion"], &body[0]["recipient"]), (&json!("request"), &json!(address(0))));
    assert!(body[0]["event_id"].is_string());
    wait_until("the row is gone", PATIENCE, async || mails(&owner).await.is_empty()).await;
}
