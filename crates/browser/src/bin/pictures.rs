//! Takes the pictures of `docs/images`, on a stack on which `make demo` has run: `pictures docs/images`.
#![allow(clippy::print_stdout, reason = "a program for people")]

use std::path::PathBuf;

use clap::Parser;

use browser::people::{add_candidates, create, import, seeded, send, unique, vote};
use browser::{Browser, Look, Stack};

/// Taller pages are cut: a picture in a text is no page.
const MOST_HEIGHT: u64 = 1400;

/// Takes the pictures of the documents, on a stack on which `make demo` has run.
#[derive(Parser)]
#[command(name = "pictures", version)]
struct Arguments {
    /// Where the pictures go.
    folder: PathBuf,
}

#[tokio::main]
async fn main() {
    let Arguments { folder } = Arguments::parse();
    let stack = Stack::found();
    let mut organiser = seeded(&stack, Look::DESK).await;
    let album = Album { folder };

    let election = create(&mut organiser, "Chess club board 2027").await;
    let base = format!("/admin/elections/{election}");
    album.take(&organiser, &format!("{base}/questions/new"), "methods").await;
    organiser.open(&format!("{base}/candidates")).await;
    add_candidates(&mut organiser, &["Alice Johnson", "Bob Smith", "Carol White"]).await;
    album.take(&organiser, &format!("{base}/candidates"), "candidates").await;

    let members = Members::written(30);
    organiser.open(&format!("{base}/voters")).await;
    organiser.click("Import").await;
    organiser.attach("file", &members.with_mistakes).await;
    send(&mut organiser).await;
    album.keep(&organiser, "import").await;
    organiser.open(&format!("{base}/voters")).await;
    import(&mut organiser, &members.file).await;
    album.take(&organiser, &format!("{base}/check"), "check").await;
    organiser.open(&format!("{base}/open")).await;
    send(&mut organiser).await;
    organiser.open(&format!("{base}/voters/send")).await;
    send(&mut organiser).await;

    let mut voter = Browser::start(&stack, Look::DESK).await;
    for (place, email) in members.emails.iter().enumerate().take(13) {
        let link = stack.link_in_mail(email, "Chess club").await;
        if place == 0 {
            album.take(&voter, &link, "vote").await;
        }
        vote(&mut voter, &link, if place % 3 == 0 { "Alice Johnson" } else { "Bob Smith" }).await;
    }
    album.take(&voter, "/", "home").await;
    album.take(&voter, "/results/1", "results").await;
    album.take(&voter, "/api/docs", "api-docs").await;
    voter.end().await;

    album.take(&organiser, &format!("{base}/watch"), "watch").await;
    album.take(&organiser, "/admin/elections/1/result", "result").await;
    album.take(&organiser, "/admin/elections/1/minutes", "minutes").await;
    album.take(&organiser, "/admin/elections/1/history", "history").await;
    album.take(&organiser, "/admin/dashboard", "dashboard").await;
    organiser.end().await;
}

/// Where the pictures go.
struct Album {
    folder: PathBuf,
}

impl Album {
    async fn take(&self, browser: &Browser, path: &str, name: &str) {
        browser.resize(1280).await;
        browser.open(path).await;
        self.keep(browser, name).await;
    }

    /// The page that is shown.
    async fn keep(&self, browser: &Browser, name: &str) {
        let file = self.folder.join(format!("{name}.png"));
        std::fs::write(&file, browser.long_picture(MOST_HEIGHT).await).expect("the folder of pictures takes a file");
        println!("{}", file.display());
        browser.resize(1280).await;
    }
}

/// Files of voters, one of them with lines that cannot be taken.
struct Members {
    file: PathBuf,
    with_mistakes: PathBuf,
    emails: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Members {
    fn written(count: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tag = unique("m");
        let emails: Vec<String> = (1..=count).map(|number| format!("member{number:02}.{tag}@example.com")).collect();
        let lines: String = emails.iter().map(|email| format!("{email},Member,Chess\n")).collect();
        let (file, with_mistakes) = (folder.path().join("members.csv"), folder.path().join("members-with-mistakes.csv"));
        let head = "email,first_name,last_name\n";
        std::fs::write(&file, format!("{head}{lines}")).expect("a file");
        let bad = "dana.brown(at)example.com,Dana,Brown\n,Emil,Green\n";
        std::fs::write(&with_mistakes, format!("{head}{bad}{lines}")).expect("a file");
        Self { file, with_mistakes, emails, _folder: folder }
    }
}
