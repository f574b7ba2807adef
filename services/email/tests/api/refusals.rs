//! Both kinds of refusal, from a server that speaks SMTP.

use crate::app::{LINK, TestApp, a_catcher, invitation};
use contract::email::Status;
use mailcatcher::Verdict;
use std::net::TcpListener;

#[actix_web::test]
async fn a_temporary_refusal_is_tried_again_and_visible_meanwhile() {
    let catcher = a_catcher().await;
    catcher.answer_recipients(|attempt| if attempt.earlier < 2 { Verdict::Temporary } else { Verdict::Accept });
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let id = app.invite(&invitation("full@example.com")).await;
    let deferred = app.wait_for(id, Status::Deferred).await;
    assert_eq!(deferred.attempts, 1);
    assert!(
        deferred.last_error.as_deref().is_some_and(|error| error.contains("451") && error.contains("mailbox is full")),
        "{deferred:?}"
    );
    assert!(!app.is_erased(id).await, "it is needed for the next attempt");
    let owner = app.database.owner().await;
    let first_pause = pause(&owner, id).await;
    assert!((3.0..=5.0).contains(&first_pause), "{first_pause}");
    app.make_due(&owner).await;
    testkit::wait_until("a second refusal", crate::app::PATIENCE, async || {
        let status = app.status(id).await;
        status.attempts == 2 && pause(&owner, id).await < 60.0
    })
    .await;
    let second_pause = pause(&owner, id).await;
    assert!((8.0..=10.0).contains(&second_pause), "{second_pause}");
    app.make_due(&owner).await;
    let sent = app.wait_for(id, Status::Sent).await;
    assert_eq!((sent.attempts, sent.last_error), (3, None));
    assert!(app.is_erased(id).await);
    assert_eq!(catcher.mails().len(), 1);
}

async fn pause(owner: &tokio_postgres::Client, id: i64) -> f64 {
    let sql = "SELECT extract(epoch FROM next_attempt_at - now())::float8 FROM email_messages WHERE message_id = $1";
    owner.query_one(sql, &[&id]).await.unwrap().get(0)
}

#[actix_web::test]
async fn a_permanent_refusal_is_final_erased_and_visible() {
    let catcher = a_catcher().await;
    catcher.answer_recipients(|_| Verdict::Permanent);
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let id = app.invite(&invitation("nobody@example.com")).await;
    let refused = app.wait_for(id, Status::Refused).await;
    assert_eq!((refused.attempts, refused.next_attempt_at), (1, None));
    assert!(
        refused.last_error.as_deref().is_some_and(|error| error.contains("550") && error.contains("no such mailbox")),
        "{refused:?}"
    );
    assert!(app.is_erased(id).await);
    // Never tried again, also when it would be due.
    catcher.answer_recipients(|_| Verdict::Accept);
    let owner = app.database.owner().await;
    owner.execute("UPDATE email_messages SET next_attempt_at = now()", &[]).await.unwrap();
    let marker = app.invite(&invitation("bob@example.com")).await;
    app.wait_for(marker, Status::Sent).await;
    assert_eq!(app.status(id).await, refused);
    assert_eq!(catcher.mails().len(), 1);
}

#[actix_web::test]
async fn a_mailbox_that_refuses_does_not_hold_up_the_others() {
    let catcher = a_catcher().await;
    catcher.answer_recipients(|attempt| if attempt.recipient.starts_with("full") { Verdict::Temporary } else { Verdict::Accept });
    let app = TestApp::spawn(catcher.smtp_address()).await;
    for n in 0..20 {
        app.invite(&invitation(&format!("full{n}@example.com"))).await;
    }
    let id = app.invite(&invitation("alice@example.com")).await;
    app.wait_for(id, Status::Sent).await;
}

#[actix_web::test]
async fn mail_waits_for_a_server_that_is_away() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let app = TestApp::spawn(address).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    let deferred = app.wait_for(id, Status::Deferred).await;
    assert!(deferred.last_error.as_deref().is_some_and(|error| error.to_lowercase().contains("refused")), "{deferred:?}");
    let catcher = mailcatcher::MailCatcher::start(mailcatcher::Settings {
        smtp: address,
        web: None,
        ..mailcatcher::Settings::for_a_test()
    });
    let catcher = catcher.await.unwrap();
    app.make_due(&app.database.owner().await).await;
    app.wait_for(id, Status::Sent).await;
    assert_eq!(catcher.mails().len(), 1);
}

#[actix_web::test]
async fn after_five_days_a_mail_is_given_up() {
    let catcher = a_catcher().await;
    catcher.answer_recipients(|_| Verdict::Temporary);
    let app = TestApp::spawn(catcher.smtp_address()).await;
    let id = app.invite(&invitation("full@example.com")).await;
    app.wait_for(id, Status::Deferred).await;
    let owner = app.database.owner().await;
    owner.execute("UPDATE email_messages SET created_at = now() - interval '5 days'", &[]).await.unwrap();
    app.make_due(&owner).await;
    let refused = app.wait_for(id, Status::Refused).await;
    assert!(
        refused.last_error.as_deref().is_some_and(|error| error.starts_with("given up after 5 days; last: 451")),
        "{refused:?}"
    );
    assert!(app.is_erased(id).await);
}

#[actix_web::test]
async fn a_refusal_that_quotes_the_link_is_kept_without_it() {
    let server = crate::server::that_refuses_the_content_and_quotes_it(LINK);
    let app = TestApp::spawn(server).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    let refused = app.wait_for(id, Status::Refused).await;
    let reason = refused.last_error.unwrap();
    assert!(reason.starts_with("554") && reason.contains("spam") && !reason.contains("x8K3mP9q"), "{reason}");
}

#[actix_web::test]
async fn mails_that_do_not_open_wait_for_their_key() {
    let catcher = a_catcher().await;
    let database = testkit::TestDatabase::new().await;
    let folder = std::env::temp_dir().join(format!("uvote-email-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir(&folder).unwrap();
    let other = folder.join("other.key");
    std::fs::write(&other, "ab".repeat(32)).unwrap();
    let mut with_other_key = crate::app::settings(&database, catcher.smtp_address());
    with_other_key.store_key_file = other;
    let app = TestApp::spawn_with(database, vec![with_other_key]).await;
    let owner = app.database.owner().await;
    owner
        .execute("INSERT INTO email_messages (event_id, kind, about_link, recipient, payload) VALUES (gen_random_uuid(), 'voting_invitation', true, 'a@b.de', 'wrapped')", &[])
        .await
        .unwrap();
    let id: i64 = owner.query_one("SELECT message_id FROM email_messages", &[]).await.unwrap().get(0);
    let deferred = app.wait_for(id, Status::Deferred).await;
    assert!(deferred.last_error.as_deref().is_some_and(|error| error.contains("stored mail")), "{deferred:?}");
    assert!(!app.is_erased(id).await);
    std::fs::remove_dir_all(folder).unwrap();
}
