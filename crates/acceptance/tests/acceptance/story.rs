//! `docs/an-election-week.md` is true: every command of the page is run, in its order and in one shell, and prints what the page says.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::stack::Stack;

const PAGE: &str = "docs/an-election-week.md";
/// What stands between the outputs of two blocks; no block prints it.
const MARK: &str = "\u{1}block ";
/// A page that hangs is ended after so many seconds, and the block under way is named.
const PATIENCE: &str = "270";

/// A block of commands, and what it prints where the page says that.
#[derive(Debug, PartialEq)]
struct Block {
    heading: String,
    /// Of the page, that of the opening fence.
    line: usize,
    commands: String,
    prints: Option<String>,
}

/// The blocks of a page. A `text` block belongs to the commands before it.
fn blocks(page: &str) -> Vec<Block> {
    let (mut found, mut heading) = (Vec::<Block>::new(), String::new());
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(title) = line.strip_prefix('#') {
            title.trim_start_matches('#').trim().clone_into(&mut heading);
        }
        let Some(kind) = line.strip_prefix("```") else { continue };
        let inside: String =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        match (kind, found.last_mut()) {
            ("sh", _) => found.push(Block { heading: heading.clone(), line: at + 1, commands: inside, prints: None }),
            ("text", Some(block)) if block.prints.is_none() => block.prints = Some(inside),
            _ => panic!("{PAGE}, line {}: a block of '{kind}' where commands or what they print was expected", at + 1),
        }
    }
    found
}

/// One script whose lines have the numbers of the page, so that bash's own messages name them.
fn script(blocks: &[Block]) -> String {
    let mut lines = vec!["set -Eeuo pipefail; trap 'echo \"line $LINENO: $BASH_COMMAND\" >&2' ERR".to_owned()];
    for (place, block) in blocks.iter().enumerate() {
        assert!(lines.len() < block.line, "{PAGE}: a block cannot begin on line {}", block.line);
        lines.resize(block.line - 1, String::new());
        lines.push(format!("printf '\\n{MARK}{place}\\n' | tee /dev/stderr"));
        lines.extend(block.commands.lines().map(str::to_owned));
    }
    lines.join("\n") + "\n"
}

/// What each block printed. The last one is where the shell stopped.
fn outputs(stream: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stream);
    text.split(&format!("\n{MARK}")).skip(1).map(|part| part.split_once('\n').map_or("", |(_, rest)| rest).to_owned()).collect()
}

/// Whether this was printed. `...` stands for anything within a line; alone on its line, for any lines.
fn matches(printed: &str, expected: &str) -> bool {
    let pattern: Vec<String> = expected
        .trim_end()
        .lines()
        .map(|line| match line.trim() {
            "..." => "(?:[^\n]*\n)*?".to_owned(),
            _ => line.trim_end().split("...").map(regex::escape).collect::<Vec<_>>().join("[^\n]*") + "[ \t]*\n",
        })
        .collect();
    Regex::new(&format!("\\A{}\\z", pattern.concat())).unwrap().is_match(&format!("{}\n", printed.trim_end()))
}

/// What is wrong with the first block that is not as the page says, if one is not.
fn first_fault(blocks: &[Block], out: &[String], err: &[String], ended_well: bool) -> Option<String> {
    let nothing = String::new();
    for (place, block) in blocks.iter().enumerate() {
        let (said, complained) = (out.get(place).unwrap_or(&nothing), err.get(place).unwrap_or(&nothing));
        let stopped_here = !ended_well && place + 1 == out.len();
        let other = block.prints.as_ref().filter(|prints| !matches(said, prints));
        if out.len() <= place || stopped_here || other.is_some() {
            let what = if stopped_here { "the commands failed" } else { "something else was printed" };
            let expected = other.map(|prints| format!("\n--- expected\n{prints}")).unwrap_or_default();
            return Some(format!(
                "{PAGE}, line {}, under \"{}\": {what}\n--- printed\n{said}\n--- on standard error\n{complained}{expected}",
                block.line, block.heading
            ));
        }
    }
    None
}

#[test]
fn an_election_week_goes_as_its_page_tells() {
    let stack = Stack::found();
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let blocks = blocks(&std::fs::read_to_string(checkout.join(PAGE)).unwrap());
    assert!(blocks.len() > 20, "only {} blocks: is the page whole?", blocks.len());
    let folder = std::env::temp_dir().join(format!("uvote-week-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // Bash calls the script by its name in messages.
    let file = folder.join("an-election-week.md");
    std::fs::write(&file, script(&blocks)).unwrap();
    let mut shell = Command::new("timeout");
    shell.args([PATIENCE, "bash"]).arg(&file).current_dir(&checkout).stdin(std::process::Stdio::null());
    shell.env("UVOTE_URL", stack.gateway("")).env("UVOTE_MAIL_URL", format!("http://127.0.0.1:{}", stack.base + 4));
    // What the page tells `make` is what a person would: no flags of a make around this test.
    shell.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env("TMPDIR", &folder);
    let ended = shell.output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let fault = first_fault(&blocks, &outputs(&ended.stdout), &outputs(&ended.stderr), ended.status.success());
    assert!(fault.is_none(), "{}", fault.unwrap_or_default());
}

#[test]
fn the_election_of_the_readme_ends_with_a_result() {
    let stack = Stack::found();
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let (_, rest) = readme.split_once("An election by hand").unwrap();
    let commands = rest.split_once("```sh\n").unwrap().1.split_once("\n```").unwrap().0;
    let here = commands
        .replace("http://127.0.0.1:8080", &stack.gateway(""))
        .replace("http://127.0.0.1:8025", &format!("http://127.0.0.1:{}", stack.base + 4));
    assert_ne!(here, commands, "the addresses are those of a stack");
    let folder = std::env::temp_dir().join(format!("uvote-readme-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut shell = Command::new("timeout");
    shell.args(["120", "bash", "-Eeuo", "pipefail", "-c", &here]).current_dir(&folder).stdin(std::process::Stdio::null());
    let ended = shell.output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let printed = String::from_utf8_lossy(&ended.stdout);
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{printed}\n{complained}");
    assert!(printed.contains("[\"Alice\",1]") && printed.trim_end().ends_with("true"), "{printed}\n{complained}");
}

#[test]
fn a_page_is_cut_into_its_blocks() {
    let page = "# A week\n\n## Monday\nWords.\n```sh\necho 1\n```\n```text\n1\n```\n## Tuesday\n```sh\nfalse\n```\n";
    let blocks = blocks(page);
    let block = |heading: &str, line, commands: &str, prints: Option<&str>| Block {
        heading: heading.to_owned(),
        line,
        commands: commands.to_owned(),
        prints: prints.map(str::to_owned),
    };
    assert_eq!(blocks, [block("Monday", 5, "echo 1\n", Some("1\n")), block("Tuesday", 12, "false\n", None)]);
    let script = script(&blocks);
    assert_eq!(script.lines().nth(5), Some("echo 1"));
    assert_eq!(script.lines().nth(12), Some("false"));
    let ran = Command::new("bash").args(["-c", &script]).output().unwrap();
    let (out, err) = (outputs(&ran.stdout), outputs(&ran.stderr));
    let fault = first_fault(&blocks, &out, &err, ran.status.success()).unwrap();
    assert!(fault.contains("line 12, under \"Tuesday\": the commands failed"), "{fault}");
    assert!(fault.contains("line 13: false"), "{fault}");
}

#[test]
fn a_block_that_prints_something_else_is_a_fault_of_its_own() {
    let blocks = blocks("# A week\n## Monday\n```sh\necho 2\n```\n```text\n1\n```\n");
    let fault = first_fault(&blocks, &["2\n".to_owned()], &[String::new()], true).unwrap();
    assert!(fault.contains("line 3, under \"Monday\": something else was printed"), "{fault}");
    assert!(first_fault(&blocks, &["1\n".to_owned()], &[String::new()], true).is_none());
    assert!(first_fault(&blocks, &[], &[], true).is_some(), "a block that was never reached");
}

#[test]
fn three_dots_stand_for_what_differs_every_time() {
    assert!(matches("hash 0a1b, 3 ballots\n", "hash ..., 3 ballots"));
    assert!(!matches("hash 0a1b, 4 ballots\n", "hash ..., 3 ballots"));
    assert!(matches("first\nx\ny\nlast\n", "first\n...\nlast\n"));
    assert!(!matches("first\nlast\nmore\n", "first\nlast\n"));
    assert!(!matches("(a+b)\n", "a+b"));
}
