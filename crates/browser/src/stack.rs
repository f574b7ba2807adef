//! The running stack, and the mails that it sent.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

/// Where the stack is. Whoever started it says so in the environment.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The folder with its state.
    pub state: PathBuf,
    base: u16,
    http: reqwest::Client,
}

impl Stack {
    /// The stack of `UVOTE_STATE_DIR` and `UVOTE_PORT_BASE`.
    ///
    /// # Panics
    /// They are not set.
    #[must_use]
    pub fn found() -> Self {
        let state = std::env::var_os("UVOTE_STATE_DIR").expect("run through `make test-browser`, which starts a stack");
        let base = std::env::var("UVOTE_PORT_BASE").expect("run through `make test-browser`, which starts a stack");
        // reqwest asks for a process-wide choice; a second test in this process finds it made.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { state: state.into(), base: base.parse().expect("UVOTE_PORT_BASE is a port"), http }
    }

    /// The address of a page.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.base)
    }

    /// The first link in the newest mail to somebody whose subject or text has these words; waits for the mail.
    ///
    /// # Panics
    /// No such mail came.
    pub async fn link_in_mail(&self, to: &str, words: &str) -> String {
        let link = Regex::new(r#"https?://[^\s"<>)]+"#).expect("a pattern");
        let text = self.mail(to, words).await;
        link.find(&text).unwrap_or_else(|| panic!("no link in the mail to {to}:\n{text}")).as_str().to_owned()
    }

    /// The text of the newest mail to somebody whose subject or text has these words; waits for it.
    ///
    /// # Panics
    /// No such mail came within a minute.
    pub async fn mail(&self, to: &str, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(text) = self.newest_mail(to, words).await {
                return text;
            }
            assert!(Instant::now() < until, "no mail to {to} about '{words}' came");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn newest_mail(&self, to: &str, words: &str) -> Option<String> {
        let catcher = format!("http://127.0.0.1:{}/api/v1", self.base + 4);
        let listed = self.json(&format!("{catcher}/messages?limit=500")).await?;
        let mails = listed["messages"].as_array()?;
        for mail in mails.iter().filter(|mail| mail["To"].to_string().contains(to)) {
            let whole = self.json(&format!("{catcher}/message/{}", mail["ID"].as_str()?)).await?;
            let (subject, text) = (whole["Subject"].as_str()?, whole["Text"].as_str()?);
            if subject.contains(words) || text.contains(words) {
                return Some(text.to_owned());
            }
        }
        None
    }

    async fn json(&self, url: &str) -> Option<Value> {
        self.http.get(url).send().await.ok()?.json().await.ok()
    }
}
