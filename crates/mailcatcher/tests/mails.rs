//! Mails sent by lettre and by hand, read by the API and by the library.
#![allow(clippy::unwrap_used, reason = "a test")]

use lettre::message::MultiPart;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use mailcatcher::{MailCatcher, Settings, Verdict};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LONG: Duration = Duration::from_secs(60);

fn transport(smtp: SocketAddr) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.ip().to_string()).port(smtp.port()).build()
}

fn invitation(to: &str) -> Message {
    let head = Message::builder().from("U-Vote <noreply@uvote.local>".parse().unwrap()).to(to.parse().unwrap());
    let link = "http://127.0.0.1:8080/vote?token=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQz";
    let bodies = MultiPart::alternative_plain_html(
        format!("Grüße\n.\n..two dots\n{link}\n"),
        format!("<p>Grüße <a href=\"{link}\">Vote Now</a><script>bad()</script></p>"),
    );
    head.subject("Wählen: Student Council 2026").multipart(bodies).unwrap()
}

async fn json(web: SocketAddr, path: &str) -> serde_json::Value {
    let text = page(web, path).await;
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

async fn page(web: SocketAddr, path: &str) -> String {
    talk(web, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await
}

async fn talk(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_mail_is_read_as_it_was_written() {
    let catcher = MailCatcher::start(Settings::for_a_test()).await.unwrap();
    let sent = transport(catcher.smtp_address());
    sent.send(invitation("Älice <alice@example.com>")).await.unwrap();
    sent.send(invitation("bob@example.com")).await.unwrap();
    let web = catcher.web_address().unwrap();
    let list = json(web, "/api/v1/messages?limit=1").await;
    assert_eq!((list["total"].as_u64(), list["messages"].as_array().unwrap().len()), (Some(2), 1));
    assert_eq!(list["messages"][0]["To"][0]["Address"], "bob@example.com", "newest first");
    let list = json(web, "/api/v1/messages?start=1&limit=500").await;
    let first = &list["messages"][0];
    assert_eq!(first["To"][0]["Name"], "Älice");
    assert_eq!(first["Subject"], "Wählen: Student Council 2026");
    assert_eq!(first["From"]["Address"], "noreply@uvote.local");
    let id = first["ID"].as_str().unwrap();
    let full = json(web, &format!("/api/v1/message/{id}")).await;
    assert!(full["Text"].as_str().unwrap().replace("\r\n", "\n").starts_with("Grüße\n.\n..two dots\nhttp://"), "{full}");
    assert!(full["HTML"].as_str().unwrap().contains("Vote Now"));
    assert!(page(web, "/").await.contains("Wählen: Student Council 2026"));
    let shown = page(web, &format!("/mail/{id}")).await;
    assert!(
        shown.contains("sandbox=") && !shown.contains("<script") && shown.contains("<a href=\"http:&#x2f;&#x2f;127.0.0.1"),
        "{shown}"
    );
    assert!(page(web, &format!("/mail/{id}/html")).await.to_lowercase().contains("content-security-policy: sandbox"));
    assert!(page(web, "/mail/1").await.starts_with("HTTP/1.1 404"));
    talk(web, "DELETE /api/v1/messages HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(catcher.mails().is_empty());
}

#[tokio::test]
async fn both_kinds_of_refusal_and_a_script() {
    let catcher = MailCatcher::start(Settings::for_a_test()).await.unwrap();
    let sent = transport(catcher.smtp_address());
    let refused = sent.send(invitation("refuse-temporary-1@example.com")).await.unwrap_err();
    assert!(refused.is_transient(), "{refused:?}");
    let refused = sent.send(invitation("refuse-permanent@example.com")).await.unwrap_err();
    assert!(refused.is_permanent(), "{refused:?}");
    catcher.answer_recipients(|attempt| if attempt.earlier < 2 { Verdict::Temporary } else { Verdict::Accept });
    for accepted in [false, false, true] {
        assert_eq!(sent.send(invitation("carol@example.com")).await.is_ok(), accepted);
    }
    assert_eq!(catcher.mails().len(), 1);
}

#[tokio::test]
async fn a_pipelined_conversation_is_answered_in_order() {
    let catcher = MailCatcher::start(Settings::for_a_test()).await.unwrap();
    let answers = talk(
        catcher.smtp_address(),
        "EHLO a\r\nAUTH PLAIN AGEAYg==\r\nAUTH LOGIN\r\nYQ==\r\nYg==\r\nRCPT TO:<early@x>\r\nMAIL FROM:<> SIZE=99999999\r\nMAIL FROM:<>\r\n\
         RCPT TO:<refuse-permanent@x>\r\nDATA\r\nRCPT TO:<a@x>\r\nNOOP\r\nDATA\r\nSubject: s\r\n\r\n..stuffed\r\n.\r\n\
         MAIL FROM:<b@x>\r\nRSET\r\nSTARTTLS\r\nQUIT\r\n",
    )
    .await;
    let codes: Vec<&str> = answers.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect();
    let expected = "220 250 235 334 334 235 503 552 250 550 503 250 250 354 250 250 250 502 221";
    assert_eq!(codes.join(" "), expected, "{answers}");
    let mails = catcher.mails();
    assert_eq!((mails.len(), mails[0].recipients.as_slice()), (1, ["a@x".to_owned()].as_slice()));
    assert_eq!(mails[0].raw, b"Subject: s\r\n\r\n.stuffed\r\n");
}

#[tokio::test]
async fn a_mail_that_is_too_large_or_cut_off_is_not_kept() {
    let catcher = MailCatcher::start(Settings::for_a_test()).await.unwrap();
    let start = "EHLO a\r\nMAIL FROM:<b@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n";
    let large = format!("{start}{}.\r\nQUIT\r\n", "0123456789\r\n".repeat(900_000));
    assert!(talk(catcher.smtp_address(), &large).await.contains("552 5.3.4"));
    let mut stream = TcpStream::connect(catcher.smtp_address()).await.unwrap();
    stream.write_all(format!("{start}Subject: cut off\r\n").as_bytes()).await.unwrap();
    drop(stream);
    transport(catcher.smtp_address()).send(invitation("a@example.com")).await.unwrap();
    assert_eq!(catcher.mails().len(), 1);
}

#[tokio::test]
async fn mails_survive_a_restart_and_a_torn_file_and_old_ones_go() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mails");
    let settings = Settings { keep: 3, file: Some(file.clone()), ..Settings::for_a_test() };
    let catcher = MailCatcher::start(settings.clone()).await.unwrap();
    for n in 0..8 {
        transport(catcher.smtp_address()).send(invitation(&format!("v{n}@example.com"))).await.unwrap();
    }
    let before = catcher.mails();
    drop(catcher);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, [&bytes[..], b"{\"id\":1,\"sender\":\"\",\"recipients\":[],\"size\":50}\ncut"].concat()).unwrap();
    let catcher = MailCatcher::start(settings).await.unwrap();
    assert_eq!(catcher.mails(), before);
    assert_eq!(
        before.iter().map(|mail| mail.recipients[0].clone()).collect::<Vec<_>>(),
        ["v5@example.com", "v6@example.com", "v7@example.com"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_mails_of_eight_senders_at_once_all_arrive() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { file: Some(dir.path().join("mails")), ..Settings::for_a_test() };
    let catcher = MailCatcher::start(settings).await.unwrap();
    let sent = transport(catcher.smtp_address());
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for lane in 0..8 {
        let sent = sent.clone();
        tasks.spawn(async move {
            for n in 0..625 {
                sent.send(invitation(&format!("v{lane}.{n}@example.com"))).await.unwrap();
            }
        });
    }
    let all = catcher.wait_for(LONG, |mails| (mails.len() == 5000).then_some(())).await;
    assert!(all.is_some(), "{} mails after {:?}", catcher.mails().len(), began.elapsed());
    let listed = Instant::now();
    let list = json(catcher.web_address().unwrap(), "/api/v1/messages?limit=500&start=4500").await;
    assert_eq!(list["messages"].as_array().unwrap().len(), 500);
    eprintln!("5,000 mails in {:?}, a page of 500 in {:?}", began.elapsed(), listed.elapsed());
}
