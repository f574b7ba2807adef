//! What arrived by SMTP, read from the mail catcher as any Mailpit client would.

use super::api::Api;
use crate::StackError;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);
const PAGE: usize = 500;

/// Token by voter.
pub(crate) type Links = BTreeMap<String, String>;

fn name(mail: &Value) -> u64 {
    mail["ID"].as_str().and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// The newest mail's id: what arrives after it is new.
pub(crate) async fn newest(api: &Api) -> Result<u64, StackError> {
    let list = api.mail("/api/v1/messages?limit=1").await?;
    Ok(name(&list["messages"][0]))
}

/// A line of the catcher's list.
struct Listed {
    to: String,
    subject: String,
}

/// Every mail after `before`, by its id. Mails that arrive meanwhile push others to a later page, where they are seen twice,
/// but none is missed.
async fn since(api: &Api, before: u64) -> Result<BTreeMap<u64, Listed>, StackError> {
    let mut found = BTreeMap::new();
    let mut start = 0;
    loop {
        let page = api.mail(&format!("/api/v1/messages?limit={PAGE}&start={start}")).await?;
        let mails = page["messages"].as_array().cloned().unwrap_or_default();
        let fresh = mails.iter().filter(|mail| name(mail) > before);
        let count = fresh.clone().count();
        found.extend(fresh.map(|mail| (name(mail), listed(mail))));
        if count < PAGE {
            return Ok(found);
        }
        start += PAGE;
    }
}

fn listed(mail: &Value) -> Listed {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Listed { to: text(&mail["To"][0]["Address"]).to_lowercase(), subject: text(&mail["Subject"]) }
}

/// Waits until every voter's link has arrived.
pub(crate) async fn links(api: &Api, before: u64, voters: &[String], bar: &ProgressBar) -> Result<Links, StackError> {
    let wanted: BTreeSet<&str> = voters.iter().map(String::as_str).collect();
    let (mut links, mut read) = (Links::new(), BTreeSet::new());
    let end = Instant::now() + PATIENCE;
    while links.len() < voters.len() {
        if Instant::now() > end {
            let count = voters.len() - links.len();
            return StackError::refused(format!(
                "{count} of {} voting links did not arrive; see make logs SERVICE=email",
                voters.len()
            ));
        }
        let fresh: Vec<(u64, String)> = since(api, before)
            .await?
            .into_iter()
            .map(|(id, mail)| (id, mail.to))
            .filter(|(id, to)| wanted.contains(to.as_str()) && !read.contains(id))
            .collect();
        let texts = stream::iter(fresh).map(|(id, to)| async move {
            let mail = api.mail(&format!("/api/v1/message/{id}")).await?;
            Ok::<_, StackError>((id, to, token(mail["Text"].as_str().unwrap_or_default())))
        });
        for (id, to, token) in texts.buffer_unordered(16).try_collect::<Vec<_>>().await? {
            read.insert(id);
            if let Some(token) = token {
                links.insert(to, token);
            }
        }
        bar.set_position(u64::try_from(links.len()).unwrap_or(0));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(links)
}

/// Waits until so many mails have arrived whose subject begins so. Others may come at the same time: after the close
/// everybody whose link was used is told so.
pub(crate) async fn wait_for(api: &Api, before: u64, subject: &str, count: usize, bar: &ProgressBar) -> Result<(), StackError> {
    let end = Instant::now() + PATIENCE;
    loop {
        let arrived = since(api, before).await?.values().filter(|mail| mail.subject.starts_with(subject)).count();
        bar.set_position(u64::try_from(arrived).unwrap_or(0));
        if arrived >= count {
            return Ok(());
        }
        if Instant::now() > end {
            return StackError::refused(format!(
                "{arrived} of {count} mails '{subject}...' arrived; see make logs SERVICE=email"
            ));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The token of the link in a mail: 43 characters of base64url.
fn token(text: &str) -> Option<String> {
    let after = text.split("token=").nth(1)?;
    let token: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    (token.len() == 43).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_token_is_cut_out_of_a_mail() {
        let text = "Vote here:\nhttp://127.0.0.1:8080/vote?token=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2-_Q\n\nYours";
        assert_eq!(token(text).as_deref(), Some("x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2-_Q"));
        assert_eq!(token("token=short "), None);
    }
}
