//! Somebody who has never seen U-Vote holds an election, with nothing but the pages and a file of voters.

use browser::people::{add_candidates, create, id, import, register, send, unique, vote, voters_file};
use browser::{Browser, Checker, Look, Stack};

use crate::pages::open_and_look;

#[tokio::test]
async fn from_registration_to_sent_links_in_forty_clicks_and_fields() {
    let stack = Stack::found();
    let mut browser = Browser::start(&stack, Look::DESK).await;
    let (_folder, file, emails) = voters_file(30);
    register(&mut browser, &stack, &format!("{}@example.com", unique("secretary"))).await;
    let election = create(&mut browser, "Chess club 2026").await;
    browser.open(&format!("/admin/elections/{election}/next")).await;
    add_candidates(&mut browser, &["Alice Johnson", "Bob Smith", "Carol White"]).await;
    browser.click("Go on to the voters").await;
    import(&mut browser, &file).await;
    browser.click("Send").await;
    send(&mut browser).await;
    // The file itself is not counted.
    let counted = browser.actions - 1;
    for email in [&emails[0], &emails[29]] {
        let link = stack.link_in_mail(email, "Chess club 2026").await;
        assert!(link.contains("/vote?token="), "{link}");
    }
    println!("{counted} clicks and fields");
    assert!(counted <= 40, "{counted} clicks and fields");
    browser.end().await;
}

#[tokio::test]
async fn a_whole_election_at_a_desk_with_scripts() {
    whole_election(Look::DESK).await;
}

#[tokio::test]
async fn a_whole_election_on_a_phone_without_scripts() {
    whole_election(Look::PHONE).await;
}

#[tokio::test]
async fn a_whole_election_on_a_phone_with_scripts_in_the_dark() {
    whole_election(Look { width: 360, is_dark: true, ..Look::DESK }).await;
}

async fn whole_election(look: Look) {
    let stack = Stack::found();
    let mut browser = Browser::start(&stack, look).await;
    register(&mut browser, &stack, &format!("{}@example.com", unique("organiser"))).await;
    let title = unique("Council");
    let election = create(&mut browser, &title).await;
    let base = format!("/admin/elections/{election}");
    browser.open(&format!("{base}/candidates")).await;
    add_candidates(&mut browser, &["Alice Johnson", "Bob Smith"]).await;
    browser.click("Go on to the voters").await;
    let (_folder, file, emails) = voters_file(3);
    import(&mut browser, &file).await;
    browser.must_say("3").await;

    // The test ballot records nothing.
    browser.open(&format!("{base}/check")).await;
    browser.press("main a[href$='/preview']").await;
    browser.must_say("Alice Johnson").await;

    browser.open(&format!("{base}/open")).await;
    send(&mut browser).await;
    assert!(browser.path().await.starts_with(&base), "{}", browser.path().await);
    browser.open(&format!("{base}/voters/send")).await;
    send(&mut browser).await;

    let mut voter = Browser::start(&stack, look).await;
    for email in &emails[..2] {
        vote(&mut voter, &stack.link_in_mail(email, &title).await, "Bob Smith").await;
    }
    voter.end().await;

    browser.open(&format!("{base}/watch")).await;
    browser.must_say("of 3").await;
    browser.must_fit().await;
    browser.open(&format!("{base}/close")).await;
    send(&mut browser).await;
    until(&browser, &format!("{base}/close"), "Go on to the result").await;
    browser.click("Go on to the result").await;
    if browser.has("form[action$='/publish']").await {
        send(&mut browser).await;
    }
    until(&browser, &format!("{base}/result"), "Bob Smith").await;
    browser.must_say("Elected").await;
    browser.must_fit().await;
    browser.open(&format!("{base}/minutes")).await;
    for words in [title.as_str(), "Bob Smith", "66.6 %"] {
        browser.must_say(words).await;
    }
    browser.open(&format!("{base}/history")).await;
    browser.must_say(&title).await;
    browser.open(&format!("/results/{election}")).await;
    browser.must_say("Bob Smith").await;
    assert_eq!(id_of(&browser, &base).await, election);
    if look.has_scripts && !look.is_dark {
        let (checker, mut faults) = (Checker::found(), Vec::new());
        let pages = ["close", "result", "minutes", "history", "watch", "voters"].map(|page| format!("{base}/{page}"));
        let pages: Vec<&str> = pages.iter().map(String::as_str).chain(["/admin/dashboard"]).collect();
        open_and_look(&browser, &checker, &pages, &mut faults).await;
        open_and_look(&browser, &checker, &[&format!("/results/{election}")], &mut faults).await;
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }
    browser.end().await;
}

async fn id_of(browser: &Browser, base: &str) -> i64 {
    browser.open(base).await;
    id(browser).await
}

/// Opens a page again until it says this, as somebody does who waits.
async fn until(browser: &Browser, path: &str, words: &str) {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(180);
    loop {
        browser.open(path).await;
        if browser.says(words).await {
            return;
        }
        assert!(std::time::Instant::now() < patience, "{path} does not say '{words}'. It says:\n{}", browser.text().await);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}
