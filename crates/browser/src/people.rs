//! The people who use the pages, and what they do there.

use std::path::PathBuf;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Browser, Look, Stack};

/// The password of everybody here.
pub const PASSWORD: &str = "lamp river seven coat";

/// A name that nobody else has.
#[must_use]
pub fn unique(name: &str) -> String {
    format!("{name}.{}", uuid::Uuid::new_v4().simple())
}

/// Somebody who has registered, in their browser, on the dashboard.
pub async fn registered(stack: &Stack, look: Look) -> (Browser, String) {
    let mut browser = Browser::start(stack, look).await;
    let email = format!("{}@example.com", unique("organiser"));
    register(&mut browser, stack, &email).await;
    (browser, email)
}

/// Registers and confirms the address by the code from the mail, up to the dashboard.
///
/// # Panics
/// The dashboard does not come.
pub async fn register(browser: &mut Browser, stack: &Stack, email: &str) {
    browser.open("/admin/register").await;
    browser.fill("email", email).await;
    browser.fill("password", PASSWORD).await;
    browser.fill("password_again", PASSWORD).await;
    send(browser).await;
    let code = Regex::new("[0-9A-Z]{4}-[0-9A-Z]{4}").expect("a pattern");
    let mail = stack.mail(email, "").await;
    browser.fill("code", code.find(&mail).expect("a code in the mail").as_str()).await;
    send(browser).await;
    browser.press("header a[href='/admin/dashboard']").await;
    assert!(browser.path().await.starts_with("/admin/dashboard"), "{}: {}", browser.path().await, browser.text().await);
}

/// The account of `devstack seed`, logged in.
///
/// # Panics
/// There is none.
pub async fn seeded(stack: &Stack, look: Look) -> Browser {
    let login: Value = serde_json::from_str(&std::fs::read_to_string(stack.state.join("demo-admin.json")).expect("it is there"))
        .expect("it is there");
    let mut browser = Browser::start(stack, look).await;
    browser.open("/admin/login").await;
    browser.fill("email", login["email"].as_str().expect("it is there")).await;
    browser.fill("password", login["password"].as_str().expect("it is there")).await;
    send(&mut browser).await;
    browser
}

/// Presses the one main button of the page.
pub async fn send(browser: &mut Browser) {
    browser.press("main button.main, main button.danger").await;
}

/// A new election for one president; the number of it.
pub async fn create(browser: &mut Browser, title: &str) -> i64 {
    browser.click("New election").await;
    browser.fill("title", title).await;
    browser.choose_card("begin", "president").await;
    send(browser).await;
    id(browser).await
}

/// The number of the election whose page is shown.
///
/// # Panics
/// It is no such page.
pub async fn id(browser: &Browser) -> i64 {
    let path = browser.path().await;
    let id = path.strip_prefix("/admin/elections/").and_then(|rest| rest.split('/').next()?.parse().ok());
    id.unwrap_or_else(|| panic!("{path} is no page of an election"))
}

/// Adds candidates one after the other, from the page of candidates.
pub async fn add_candidates(browser: &mut Browser, names: &[&str]) {
    for name in names {
        browser.click("Add").await;
        browser.fill("name", name).await;
        send(browser).await;
        browser.must_say(name).await;
    }
}

/// A file of so many voters, and their addresses.
///
/// # Panics
/// It cannot be written.
#[must_use]
pub fn voters_file(count: usize) -> (TempDir, PathBuf, Vec<String>) {
    let folder = tempfile::tempdir().expect("it is there");
    let file = folder.path().join("members.csv");
    let tag = unique("voter");
    let emails: Vec<String> = (1..=count).map(|number| format!("{tag}.{number}@example.com")).collect();
    let lines: String = emails.iter().enumerate().map(|(number, email)| format!("{email},Voter,Number {number}\n")).collect();
    std::fs::write(&file, format!("email,first_name,last_name\n{lines}")).expect("it is there");
    (folder, file, emails)
}

/// Imports a file from the page of an empty roll.
pub async fn import(browser: &mut Browser, file: &std::path::Path) {
    browser.click("Import").await;
    browser.attach("file", file).await;
    send(browser).await;
    send(browser).await;
}

/// A voter opens their link, chooses one candidate and casts.
pub async fn vote(voter: &mut Browser, link: &str, name: &str) {
    voter.open(link).await;
    if voter.has("main form select").await {
        voter.rank_first(name).await;
    } else {
        voter.choose_named(name).await;
    }
    voter.press("main form button").await;
    voter.must_say("recorded").await;
}
