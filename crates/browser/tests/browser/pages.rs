//! Every page of organisers in every width and both themes: nothing beyond the edge, and nothing that shuts people out.

use browser::people::{PASSWORD, add_candidates, create, id, import, registered, seeded, send, voters_file};
use browser::{Browser, Checker, Look, Stack};

/// Looks at the page that is shown: at 320, 768 and 1280 pixels nothing stands beyond the edge, and axe finds nothing on a light desk and
/// on a dark phone.
async fn look_at(browser: &Browser, checker: &Checker, faults: &mut Vec<String>) {
    for width in [768, 320, 1280] {
        browser.resize(width).await;
        browser.must_fit().await;
    }
    faults.extend(checker.faults(browser).await);
    browser.resize(360).await;
    browser.darken(true).await;
    faults.extend(checker.faults(browser).await);
    browser.resize(1280).await;
    browser.darken(false).await;
}

pub(crate) async fn open_and_look(browser: &Browser, checker: &Checker, paths: &[&str], faults: &mut Vec<String>) {
    for path in paths {
        browser.open(path).await;
        look_at(browser, checker, faults).await;
    }
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn pages_before_the_login_shut_nobody_out() {
    let (stack, checker) = (Stack::found(), Checker::found());
    let mut faults = Vec::new();
    for language in ["en", "de"] {
        let mut browser = Browser::start(&stack, Look { language, ..Look::DESK }).await;
        let paths = [
            "/",
            "/admin/register",
            "/admin/login",
            "/admin/forgotten",
            "/admin/locked",
            "/styleguide",
            "/status",
            "/request-link",
        ];
        open_and_look(&browser, &checker, &paths, &mut faults).await;
        // With mistakes.
        for path in ["/admin/register", "/admin/login"] {
            browser.open(path).await;
            assert_eq!(browser.run("return document.documentElement.lang").await, language);
            send(&mut browser).await;
            assert!(browser.has("[aria-invalid=true]").await, "{path}");
            look_at(&browser, &checker, &mut faults).await;
        }
        browser.end().await;
    }
    none(&faults);
}

#[tokio::test]
async fn pages_of_a_draft_shut_nobody_out() {
    let (stack, checker) = (Stack::found(), Checker::found());
    let (mut browser, _) = registered(&stack, Look::DESK).await;
    let mut faults = Vec::new();
    open_and_look(
        &browser,
        &checker,
        &["/admin/dashboard", "/admin/account", "/admin/account/password", "/admin/elections/new"],
        &mut faults,
    )
    .await;
    browser.open("/admin/dashboard").await;
    let election = create(&mut browser, "A draft").await;
    let of = |page: &str| format!("/admin/elections/{election}/{page}");
    let empty = [
        "details",
        "questions",
        "questions/new",
        "questions/new?method=star",
        "candidates",
        "candidates/new",
        "voters",
        "voters/import",
        "voters/new",
        "check",
        "open",
        "watch",
        "close",
        "result",
        "history",
    ];
    let empty: Vec<String> = empty.iter().map(|page| of(page)).collect();
    open_and_look(&browser, &checker, &empty.iter().map(String::as_str).collect::<Vec<_>>(), &mut faults).await;
    // With mistakes.
    browser.open(&of("candidates/new")).await;
    send(&mut browser).await;
    look_at(&browser, &checker, &mut faults).await;
    browser.open(&of("candidates")).await;
    add_candidates(&mut browser, &["Alice Johnson", "Bob Smith", "Carol White"]).await;
    let (_folder, file, _) = voters_file(5);
    std::fs::write(&file, format!("{}not an address,X,Y\n", std::fs::read_to_string(&file).unwrap())).unwrap();
    browser.open(&of("voters")).await;
    browser.click("Import").await;
    browser.attach("file", &file).await;
    send(&mut browser).await;
    look_at(&browser, &checker, &mut faults).await;
    send(&mut browser).await;
    let usual = ["candidates", "voters", "voters/send", "check", "preview", "open", "history"].map(of);
    open_and_look(&browser, &checker, &usual.iter().map(String::as_str).collect::<Vec<_>>(), &mut faults).await;
    browser.end().await;
    none(&faults);
}

#[tokio::test]
async fn pages_of_an_open_election_shut_nobody_out() {
    let (stack, checker) = (Stack::found(), Checker::found());
    let (mut browser, _) = registered(&stack, Look::DESK).await;
    let mut faults = Vec::new();
    let election = create(&mut browser, "Open").await;
    let of = |page: &str| format!("/admin/elections/{election}/{page}");
    browser.open(&of("candidates")).await;
    add_candidates(&mut browser, &["Alice Johnson", "Bob Smith"]).await;
    let (_folder, file, _) = voters_file(4);
    browser.open(&of("voters")).await;
    import(&mut browser, &file).await;
    browser.open(&of("open")).await;
    send(&mut browser).await;
    let pages =
        ["watch", "end", "withdrawal", "voters", "voters/remind", "voters/new", "close", "candidates", "history", "details"]
            .map(of);
    open_and_look(&browser, &checker, &pages.iter().map(String::as_str).collect::<Vec<_>>(), &mut faults).await;
    open_and_look(&browser, &checker, &["/admin/dashboard"], &mut faults).await;
    browser.end().await;
    none(&faults);
}

/// 200 candidates with names of 100 characters and 10,000 voters, which `devstack seed --large` has made.
#[tokio::test]
async fn pages_that_are_full_shut_nobody_out() {
    let (stack, checker) = (Stack::found(), Checker::found());
    let mut browser = seeded(&stack, Look::DESK).await;
    let mut faults = Vec::new();
    look_at(&browser, &checker, &mut faults).await;
    browser.click("Everything that fits").await;
    let election = id(&browser).await;
    let pages = ["questions", "candidates", "voters", "check", "preview", "open", "history"];
    let pages = pages.map(|page| format!("/admin/elections/{election}/{page}"));
    open_and_look(&browser, &checker, &pages.iter().map(String::as_str).collect::<Vec<_>>(), &mut faults).await;
    browser.end().await;
    none(&faults);
}

#[tokio::test]
async fn an_organiser_logs_in_and_out_by_the_keyboard_alone() {
    let stack = Stack::found();
    let (mut browser, email) = registered(&stack, Look::DESK).await;
    browser.click_anywhere("Log out").await;
    browser.open("/admin/login").await;
    // To the first field, as often as Tab must be pressed; then every field in turn.
    let tab = "\u{e004}";
    let mut steps = 0;
    while browser.run("return document.activeElement.name || ''").await != "email" {
        browser.keys(tab).await;
        steps += 1;
        assert!(steps < 20, "the keyboard does not reach the first field");
    }
    browser.keys(&email).await;
    browser.keys(tab).await;
    browser.keys(PASSWORD).await;
    browser.keys("\u{e007}").await;
    browser.must_say("New election").await;
    let outline = browser
        .run("document.querySelector('main a').focus(); return getComputedStyle(document.activeElement).outlineStyle")
        .await;
    assert_ne!(outline, "none", "what has the keyboard is seen");
    browser.end().await;
}
