//! The connection to the mail server: TLS, login, and insecure settings that are refused because mails hold voting links.

use crate::app::{TestApp, a_catcher, installation, invitation, settings};
use crate::server::{Script, start, tls};
use contract::email::Status;
use email::{Settings, SmtpTls};
use launch::{Common, Mode};
use std::path::PathBuf;
use testkit::TestDatabase;

struct PasswordFile(PathBuf);

impl PasswordFile {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("uvote-smtp-{}", uuid::Uuid::new_v4().simple()));
        std::fs::write(&path, "a password of the provider\n").unwrap();
        Self(path)
    }
}

impl Drop for PasswordFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn protected(settings: Settings, kind: SmtpTls, password: &PasswordFile) -> Settings {
    Settings {
        smtp_host: "localhost".to_owned(),
        smtp_tls: kind,
        smtp_ca_file: Some(installation().tls_certificate()),
        smtp_username: Some("noreply@uvote.example".to_owned()),
        smtp_password_file: Some(password.0.clone()),
        ..settings
    }
}

#[actix_web::test]
async fn mail_goes_out_under_starttls_with_a_login() {
    let password = PasswordFile::new();
    let (address, received) = start(Script { tls: Some(tls()), ..Script::default() });
    let database = TestDatabase::new().await;
    let settings = protected(settings(&database, address), SmtpTls::Starttls, &password);
    let app = TestApp::spawn_with(database, vec![settings]).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    app.wait_for(id, Status::Sent).await;
    let received = received.lock().unwrap().clone();
    let open: Vec<&String> = received.iter().filter(|line| !line.starts_with("TLS ")).collect();
    assert!(open.iter().all(|line| line.starts_with("EHLO") || *line == "STARTTLS"), "in the open: {open:?}");
    // PLAIN: \0 name \0 password, in base64.
    let login = "TLS AUTH PLAIN AG5vcmVwbHlAdXZvdGUuZXhhbXBsZQBhIHBhc3N3b3JkIG9mIHRoZSBwcm92aWRlcg==";
    assert!(received.iter().any(|line| line == login), "{received:?}");
}

#[actix_web::test]
async fn mail_goes_out_under_tls_from_the_first_byte_and_the_connection_is_kept() {
    let password = PasswordFile::new();
    let (address, received) = start(Script { tls: Some(tls()), implicit: true, ..Script::default() });
    let database = TestDatabase::new().await;
    let settings = protected(settings(&database, address), SmtpTls::Tls, &password);
    let app = TestApp::spawn_with(database, vec![settings]).await;
    for n in 0..5 {
        let id = app.invite(&invitation(&format!("voter{n}@example.com"))).await;
        app.wait_for(id, Status::Sent).await;
    }
    let received = received.lock().unwrap().clone();
    assert_eq!(received.iter().filter(|line| line.contains("EHLO")).count(), 1, "{received:?}");
}

#[actix_web::test]
async fn no_mail_is_sent_to_a_server_with_an_untrusted_certificate() {
    let password = PasswordFile::new();
    let (address, received) = start(Script { tls: Some(tls()), ..Script::default() });
    let database = TestDatabase::new().await;
    // Without the file only the public authorities count.
    let settings = Settings { smtp_ca_file: None, ..protected(settings(&database, address), SmtpTls::Starttls, &password) };
    let app = TestApp::spawn_with(database, vec![settings]).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    app.wait_for(id, Status::Deferred).await;
    assert!(!received.lock().unwrap().iter().any(|line| line.contains("AUTH") || line.contains("MAIL")));
}

/// Somebody on the way takes the offer out: the mail waits, and is not sent in the open.
#[actix_web::test]
async fn a_server_that_offers_no_starttls_gets_no_mail() {
    let password = PasswordFile::new();
    let (address, received) = start(Script::default());
    let database = TestDatabase::new().await;
    let settings = protected(settings(&database, address), SmtpTls::Starttls, &password);
    let app = TestApp::spawn_with(database, vec![settings]).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    app.wait_for(id, Status::Deferred).await;
    assert!(!received.lock().unwrap().iter().any(|line| line.contains("AUTH") || line.contains("MAIL")));
}

#[actix_web::test]
async fn a_wrong_password_defers_mails_and_refuses_none() {
    let password = PasswordFile::new();
    let (address, _) = start(Script { tls: Some(tls()), login: "535 5.7.8 who are you?", ..Script::default() });
    let database = TestDatabase::new().await;
    let settings = protected(settings(&database, address), SmtpTls::Starttls, &password);
    let app = TestApp::spawn_with(database, vec![settings]).await;
    let id = app.invite(&invitation("alice@example.com")).await;
    let deferred = app.wait_for(id, Status::Deferred).await;
    let reason = deferred.last_error.unwrap();
    assert!(reason.contains("535") && !reason.contains("a password"), "{reason}");
    assert!(!app.is_erased(id).await);
}

#[actix_web::test]
async fn settings_that_would_show_links_to_others_stop_the_start() {
    let catcher = a_catcher().await;
    let database = TestDatabase::new().await;
    let local = settings(&database, catcher.smtp_address());
    let refused = async |settings: Settings| {
        let started = launch::start::<email::Service>(settings).await;
        started.err().map(|error| error.to_string()).unwrap_or_default()
    };
    let in_production =
        |settings: Settings| Settings { common: Common { mode: Mode::Production, ..settings.common.clone() }, ..settings };
    let production = in_production(local.clone());
    assert!(refused(production).await.contains("EMAIL_SMTP_TLS=none is for local mode only"));
    let half = Settings { smtp_username: Some("me".to_owned()), ..local.clone() };
    assert!(refused(half).await.contains("go together"));
    let nobody = Settings { from: "nobody".to_owned(), ..local.clone() };
    assert!(refused(nobody).await.contains("EMAIL_FROM"));
    let password = PasswordFile::new();
    std::fs::write(&password.0, "smtp_pass_CHANGE_ME").unwrap();
    let placeholder = in_production(protected(local.clone(), SmtpTls::Starttls, &password));
    assert!(refused(placeholder).await.contains("placeholder"));
    let no_authority = Settings { smtp_tls: SmtpTls::Tls, smtp_ca_file: Some("/nowhere.pem".into()), ..local };
    assert!(refused(no_authority).await.contains("EMAIL_SMTP_CA_FILE: /nowhere.pem"));
}
