use crate::app::{LINK, PATIENCE, TestApp, a_catcher, invitation, invitation_of, settings};
use contract::email::Status;
use serde_json::json;
use testkit::{Running, TestDatabase, wait_until};

#[actix_web::test]
async fn an_invitation_arrives_with_the_link_in_both_parts() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let mut body = invitation("Alice@Example.com");
    body["voter_name"] = json!("Älice \"Al\" <Johnson>");
    body["election_title"] = json!("Wahl der Schüler 2026");
    body["event_id"] = json!("6f1c8a52-8a1b-4c43-9d83-54f1e6d6a111");
    let id = app.invite(&body).await;
    let sent = app.wait_for(id, Status::Sent).await;
    assert_eq!((sent.attempts, sent.last_error, sent.next_attempt_at), (1, None, None));
    assert!(sent.sent_at.is_some());
    let mails = catcher.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.sender.as_str(), &mail.recipients[..]), ("noreply@uvote.example", &["Alice@Example.com".to_owned()][..]));
    assert_eq!(mail.subject(), "Your link to vote: Wahl der Schüler 2026");
    assert!(mail.text().lines().any(|line| line == LINK), "{}", mail.text());
    assert!(mail.text().contains("Hello Älice \"Al\" <Johnson>,"), "{}", mail.text());
    assert!(mail.html().contains(&format!("href=\"{LINK}\"")), "{}", mail.html());
    assert!(mail.html().contains("Vote now") && mail.html().contains("&lt;Johnson&gt;"), "{}", mail.html());
    let raw = String::from_utf8_lossy(&mail.raw).into_owned();
    let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
    for header in [
        "From: U-Vote <noreply@uvote.example>",
        "Message-ID: <6f1c8a52-8a1b-4c43-9d83-54f1e6d6a111@uvote.example>",
        "Auto-Submitted: auto-generated",
        "Date: ",
        "MIME-Version: 1.0",
    ] {
        assert!(headers.lines().any(|line| line.starts_with(header)), "{header} in {headers}");
    }
}

#[actix_web::test]
async fn what_the_queue_holds_is_encrypted_and_erased_once_it_is_sent() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let app = TestApp::spawn(address).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    let owner = app.database.owner().await;
    let row = owner.query_one("SELECT m::text, payload FROM email_messages m WHERE message_id = $1", &[&id]).await.unwrap();
    let (text, payload): (String, Vec<u8>) = (row.get(0), row.get(1));
    assert!(!text.contains("token=") && !String::from_utf8_lossy(&payload).contains("x8K3mP9q"), "{text}");
    let hex: String = "x8K3mP9q".bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!text.contains(&hex), "{text}");
    app.wait_for(id, Status::Deferred).await;
    assert!(!app.is_erased(id).await);
}

#[actix_web::test]
async fn a_provider_that_wants_few_mails_a_second_gets_few_from_all_copies_together() {
    let catcher = a_catcher().await;
    let database = TestDatabase::new().await;
    let slow =
        || email::Settings { mails_per_second: std::num::NonZeroU32::new(5), ..settings(&database, catcher.smtp_address()) };
    let copies = vec![slow(), slow()];
    let app = TestApp::spawn_with(database, copies).await;
    let token = app.token("admin", "email");
    let began = std::time::Instant::now();
    for n in 0..8 {
        let body = invitation(&format!("voter{n}@example.com"));
        assert_eq!(app.post_to(n % 2, "send-voting-invitation", &token, &body).await.status(), 202);
    }
    catcher.wait_for(PATIENCE, |mails| (mails.len() >= 8).then_some(())).await.expect("all mails arrive");
    // The first goes at once, the other seven at five a second.
    assert!(began.elapsed() >= std::time::Duration::from_millis(1390), "after {:?}", began.elapsed());
}

#[actix_web::test]
async fn many_mails_are_sent_by_two_processes_each_once() {
    let catcher = a_catcher().await;
    let database = TestDatabase::new().await;
    let both = vec![settings(&database, catcher.smtp_address()), settings(&database, catcher.smtp_address())];
    let app = TestApp::spawn_with(database, both).await;
    let token = app.token("admin", "email");
    let bodies: Vec<_> = (0..200).map(|n| invitation(&format!("voter{n}@example.com"))).collect();
    let calls = bodies.iter().enumerate().map(|(n, body)| app.post_to(n % 2, "send-voting-invitation", &token, body));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status(), 202);
    }
    catcher.wait_for(PATIENCE, |mails| (mails.len() >= 200).then_some(())).await.expect("all mails arrive");
    let owner = app.database.owner().await;
    let left = async || {
        let row = owner
            .query_one("SELECT count(*) FROM email_messages WHERE status <> 'sent' OR payload IS NOT NULL", &[])
            .await
            .unwrap();
        row.get::<_, i64>(0)
    };
    testkit::wait_until("all are noted as sent and erased", PATIENCE, async || left().await == 0).await;
    let mut recipients: Vec<String> = catcher.mails().iter().flat_map(|mail| mail.recipients.clone()).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!((recipients.len(), catcher.mails().len()), (200, 200));
}

/// Closing an election deletes rows that would tell when a voter had voted, also while their conversation is under way.
#[actix_web::test]
async fn a_mail_in_conversation_while_its_election_closes_leaves_no_time_behind() {
    let (server, arrived, go_on) = crate::server::that_waits_after_data();
    let database = TestDatabase::new().await;
    let one_at_a_time = email::Settings { connections: 1, ..settings(&database, server) };
    let app = TestApp::spawn_with(database, vec![one_at_a_time]).await;
    let owner = app.database.owner().await;
    let (election, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    let of_election = |to: &str| {
        let mut mail = invitation(to);
        mail["election_id"] = election.election_id.into();
        mail
    };
    let id = app.invite(&of_election("voter1@example.com")).await;
    tokio::task::spawn_blocking(move || arrived.recv().unwrap()).await.unwrap();
    for step in ["begin_close($1, 0)", "seal_box($1)", "anonymise_participation($1)"] {
        owner.query(&format!("SELECT {step}"), &[&election.election_id]).await.unwrap();
    }
    go_on.send(()).unwrap();
    // The next mail waits until the first conversation is over and was noted, or was tried to be.
    let marker = app.invite(&invitation("bob@example.com")).await;
    app.wait_for(marker, Status::Sent).await;
    assert_eq!(app.get(&format!("status/{id}"), &app.token("admin", "email")).await.status(), 404);
    let sql = "SELECT message_id, status, sent_at IS NULL FROM email_messages WHERE recipient = 'voter1@example.com'";
    let left = owner.query(sql, &[]).await.unwrap();
    assert_eq!(left.len(), 1, "one row for each voter");
    assert_eq!((left[0].get::<_, &str>(1), left[0].get::<_, bool>(2)), ("forgotten", true));
    assert_eq!(app.status(left[0].get(0)).await.status, Status::Forgotten);
    // And one that is brought now, alone or among others.
    let late = app.ask("admin", "send-voting-invitation", &of_election("voter1@example.com")).await;
    let problem: contract::problems::Body = late.json().await.unwrap();
    assert!(problem.status == 409 && problem.detail.contains("closed"), "{problem:?}");
    let many = json!([invitation_of(Some(election.election_id), "voter1@example.com")]);
    let kept: serde_json::Value = app.ask("admin", "send-many", &many).await.json().await.unwrap();
    assert_eq!(kept["new"], 0);
    assert_eq!(owner.query(sql, &[]).await.unwrap().len(), 1);
}

/// Nobody has to know for ever that an organiser was locked out, or that somebody was invited.
#[actix_web::test]
async fn a_code_for_an_organiser_is_forgotten_when_it_has_ended_sent_or_not() {
    let catcher = a_catcher().await;
    catcher.answer_recipients(|attempt| {
        if attempt.recipient.starts_with("full") { mailcatcher::Verdict::Temporary } else { mailcatcher::Verdict::Accept }
    });
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let owner = app.database.owner().await;
    let ends = chrono::Utc::now() + chrono::TimeDelta::minutes(30);
    let code = |to: &str, ends: chrono::DateTime<chrono::Utc>| json!({ "recipient": to, "purpose": "unlock", "code": "K7QM-4XPD", "expires_at": ends });
    let invitation = json!({ "recipient": "invited@example.com", "invited_by": "a@example.com", "expires_at": ends,
        "registration_url": "https://vote.example/register?invitation=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA" });
    for to in ["locked.out@example.com", "full@example.com", "another@example.com"] {
        assert_eq!(app.ask_for("auth", "login_code", &code(to, ends)).await.status(), 202);
    }
    assert_eq!(app.ask_for("auth", "admin_invitation", &invitation).await.status(), 202);
    let number = async |sql: &str| -> i64 { owner.query_one(sql, &[]).await.unwrap().get(0) };
    wait_until("three are sent and one is tried again", PATIENCE, async || {
        number("SELECT count(*) FILTER (WHERE status = 'sent') * 10 + count(*) FILTER (WHERE status = 'deferred') FROM email_messages").await == 31
    })
    .await;
    let at_the_end = "SELECT count(*) FROM email_messages WHERE forget_at BETWEEN now() + interval '20 minutes' AND now() + interval '30 minutes'";
    assert_eq!(number(at_the_end).await, 4, "each is kept until the end of what is in it");
    // The half hour is over for all but one.
    owner.batch_execute("UPDATE email_messages SET forget_at = now() WHERE recipient <> 'another@example.com'").await.unwrap();
    let left = async || -> Vec<String> {
        let rows = owner.query("SELECT recipient FROM email_messages ORDER BY recipient", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    wait_until("what has ended is forgotten", PATIENCE, async || left().await == ["another@example.com"]).await;
    // One that comes when its code has ended already is not sent any more.
    let ended = chrono::Utc::now() - chrono::TimeDelta::minutes(1);
    assert_eq!(app.ask_for("auth", "login_code", &code("too.late@example.com", ended)).await.status(), 202);
    wait_until("it is forgotten", PATIENCE, async || left().await == ["another@example.com"]).await;
    assert!(catcher.mails().iter().all(|mail| mail.recipients != ["too.late@example.com"]), "a dead code was mailed");
}

#[actix_web::test]
async fn a_mail_left_by_a_process_that_died_is_sent_by_another() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    catcher.answer_recipients(|_| mailcatcher::Verdict::Temporary);
    let id = app.invite(&invitation("alice@example.com")).await;
    app.wait_for(id, Status::Deferred).await;
    // What a process leaves that died in the middle: a claim that ends, and the status from before.
    let owner = app.database.owner().await;
    let sql = "UPDATE email_messages SET status = 'queued', attempts = 1, last_error = NULL, next_attempt_at = now() WHERE message_id = $1";
    catcher.answer_recipients(|_| mailcatcher::Verdict::Accept);
    owner.execute(sql, &[&id]).await.unwrap();
    let sent = app.wait_for(id, Status::Sent).await;
    assert_eq!(sent.attempts, 2);
}

#[actix_web::test]
async fn a_service_told_to_stop_ends_its_conversations_first() {
    let (server, arrived, go_on) = crate::server::that_waits_after_data();
    let database = TestDatabase::new().await;
    let Running { url, handle, ended: waiting } = Running::start::<email::Service>(settings(&database, server)).await;
    let app = TestApp::around(database, vec![url]);
    app.invite(&invitation("alice@example.com")).await;
    tokio::task::spawn_blocking(move || arrived.recv().unwrap()).await.unwrap();
    handle.stop(true).await;
    go_on.send(()).unwrap();
    waiting.await.unwrap().unwrap();
    let row = app.database.owner().await.query_one("SELECT status, payload IS NULL FROM email_messages", &[]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, bool>(1)), ("sent", true));
}

#[actix_web::test]
async fn a_small_election_does_not_wait_for_the_mails_of_a_large_one() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let database = TestDatabase::new().await;
    let one_at_a_time = email::Settings { connections: 1, ..settings(&database, address) };
    let app = TestApp::spawn_with(database, vec![one_at_a_time]).await;
    for n in 0..60 {
        app.invite(&invitation(&format!("large{n}@example.com"))).await;
    }
    app.invite(&invitation("small@example.com")).await;
    // All have met a closed door; now the door opens, and the small election's mail is in the middle of the large one's.
    let owner = app.database.owner().await;
    wait_until("every mail was tried", PATIENCE, async || {
        let sql = "SELECT count(*) FROM email_messages WHERE status = 'deferred'";
        owner.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 61
    })
    .await;
    owner.batch_execute("UPDATE email_messages SET next_attempt_at = now() + interval '1 hour'").await.unwrap();
    let catcher = mailcatcher::MailCatcher::start(mailcatcher::Settings {
        smtp: address,
        web: None,
        ..mailcatcher::Settings::for_a_test()
    })
    .await
    .unwrap();
    let admin = testkit::given::an_admin(&owner, "organiser@example.com").await;
    let large = testkit::given::a_draft(&owner, admin, "Large").await.election_id;
    let small = testkit::given::a_draft(&owner, admin, "Small").await.election_id;
    let due =
        "UPDATE email_messages SET election_id = CASE WHEN recipient = 'small@example.com' THEN $1::bigint ELSE $2 END, next_attempt_at =
        now() - interval '1 hour' + CASE WHEN recipient = 'small@example.com' THEN 30 ELSE message_id END * interval '1 second'";
    owner.execute(due, &[&small, &large]).await.unwrap();
    let mails = catcher.wait_for(PATIENCE, |mails| (mails.len() >= 61).then(|| mails.to_vec())).await.expect("all mails arrive");
    let place = mails.iter().position(|mail| mail.recipients[0] == "small@example.com").unwrap();
    assert!(place < 5, "the small election's mail came as number {place}");
}

/// Three batches of a large election are there, and one mail of a small one that came between them.
#[actix_web::test]
async fn a_mail_of_a_small_election_is_sent_at_once_between_the_batches_of_a_large_one() {
    let catcher = a_catcher().await;
    let database = TestDatabase::new().await;
    let slow = email::Settings {
        connections: 1,
        mails_per_second: std::num::NonZeroU32::new(20),
        ..settings(&database, catcher.smtp_address())
    };
    let app = TestApp::spawn_with(database, vec![slow]).await;
    let owner = app.database.owner().await;
    let (large, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    let (small, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    let many = |election: i64, count: usize| {
        let asked = |n| invitation_of(Some(election), &format!("voter{n}of{election}@example.com"));
        json!((0..count).map(asked).collect::<Vec<_>>())
    };
    let of_small = format!("of{}@example.com", small.election_id);
    for (election, count) in
        [(large.election_id, 100), (small.election_id, 1), (large.election_id, 100), (large.election_id, 100)]
    {
        assert_eq!(app.ask("admin", "send-many", &many(election, count)).await.status(), 202);
    }
    let arrived = catcher.wait_for(PATIENCE, |mails| mails.iter().position(|mail| mail.recipients[0].ends_with(&of_small))).await;
    let place = arrived.expect("it arrives");
    let sql = "SELECT count(*) FROM email_messages
        WHERE election_id = $1 AND sent_at < (SELECT created_at FROM email_messages WHERE election_id = $2)";
    let sent_before: i64 = owner.query_one(sql, &[&large.election_id, &small.election_id]).await.unwrap().get(0);
    let ahead = place - usize::try_from(sent_before).unwrap();
    assert!(ahead <= 3, "{ahead} mails were sent before it after it had come");
}

/// With one place, an election whose mails cannot be taken must not have the turn again and again: nor election 0 with codes that have
/// ended, nor one whose rows somebody has locked.
#[actix_web::test]
async fn an_election_whose_mails_are_locked_or_ended_holds_up_no_other() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed_door = nobody.local_addr().unwrap();
    drop(nobody);
    let database = TestDatabase::new().await;
    let started = Running::start::<email::Service>(settings(&database, closed_door)).await;
    let app = TestApp::around(database, vec![started.url]);
    for to in ["ended@example.com", "locked@example.com", "free@example.com", "also.free@example.com"] {
        app.invite(&invitation(to)).await;
    }
    started.handle.stop(true).await;
    started.ended.await.unwrap().unwrap();
    let mut owner = app.database.owner().await;
    let (first, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    let (second, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    owner
        .execute(
            "UPDATE email_messages SET next_attempt_at = now() - interval '1 minute',
                 election_id = CASE recipient WHEN 'locked@example.com' THEN $1::bigint WHEN 'ended@example.com' THEN 0 ELSE $2::bigint END,
                 forget_at = CASE recipient WHEN 'ended@example.com' THEN now() END",
            &[&first.election_id, &second.election_id],
        )
        .await
        .unwrap();
    let lock = owner.transaction().await.unwrap();
    let locked = "SELECT FROM email_messages WHERE recipient IN ('locked@example.com', 'ended@example.com') FOR UPDATE";
    assert_eq!(lock.query(locked, &[]).await.unwrap().len(), 2);

    let catcher = a_catcher().await;
    let one_at_a_time = email::Settings { connections: 1, ..settings(&app.database, catcher.smtp_address()) };
    Running::start::<email::Service>(one_at_a_time).await;
    let arrived = catcher.wait_for(PATIENCE, |mails| (mails.len() >= 2).then_some(())).await;
    arrived.expect("both mails of the election that nobody has locked");
    lock.rollback().await.unwrap();
    let mails = catcher.wait_for(PATIENCE, |mails| (mails.len() >= 3).then(|| mails.to_vec())).await.expect("then the other one");
    assert_eq!(mails[2].recipients, ["locked@example.com"]);
}

#[actix_web::test]
async fn many_mails_do_not_wait_for_an_election_that_is_being_closed() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let owner = app.database.owner().await;
    let (election, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    let many = json!([invitation_of(Some(election.election_id), "voter1@example.com")]);
    owner.batch_execute("BEGIN").await.unwrap();
    owner.query("SELECT FROM elections WHERE election_id = $1 FOR NO KEY UPDATE", &[&election.election_id]).await.unwrap();
    let answer = app.ask("admin", "send-many", &many).await;
    assert_eq!(answer.status(), 423);
    let problem: contract::problems::Body = answer.json().await.unwrap();
    assert_eq!(problem.r#type, "/problems/election-locked");
    owner.batch_execute("ROLLBACK").await.unwrap();
    let kept: serde_json::Value = app.ask("admin", "send-many", &many).await.json().await.unwrap();
    assert_eq!(kept["new"], 1, "nothing was kept before");
}

/// The close takes an election, and then the leaf of its mails. Whoever brought a mail the other way round would be the victim of a
/// deadlock, or the close would.
#[actix_web::test]
async fn a_mail_that_waits_for_a_close_does_not_hold_the_leaf_that_the_close_needs() {
    let catcher = a_catcher().await;
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let owner = app.database.owner().await;
    let (election, _) = testkit::given::an_active_election(&owner, "simple", 1).await;
    let mut mail = invitation("voter1@example.com");
    mail["election_id"] = election.election_id.into();
    owner.batch_execute("BEGIN").await.unwrap();
    owner.query("SELECT FROM elections WHERE election_id = $1 FOR NO KEY UPDATE", &[&election.election_id]).await.unwrap();
    let watcher = app.database.owner().await;
    let bringing = async {
        let answer = app.ask("admin", "send-voting-invitation", &mail).await;
        assert_eq!(answer.status(), 202);
    };
    let closing = async {
        wait_until("the mail waits for the election", PATIENCE, async || {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            watcher.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 1
        })
        .await;
        owner.query("SELECT lock_leaves($1)", &[&election.election_id]).await.expect("the leaf is free");
        owner.batch_execute("COMMIT").await.unwrap();
    };
    futures_util::join!(bringing, closing);
}
