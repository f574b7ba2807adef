//! The program as people call it: what it prints, and what it says of a broken file.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_uvote")).args(arguments).output().unwrap()
}

fn case(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name).to_string_lossy().into_owned()
}

fn out(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What is said of a file with this text, behind its name.
fn refused(method: &str, end: &str, text: &[u8]) -> String {
    let file = tempfile::Builder::new().suffix(end).tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let output = run(&["count", "--method", method, file.path().to_str().unwrap()]);
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    let (_, fault) = said.trim_end().split_once(": ").unwrap();
    fault.strip_prefix(file.path().to_str().unwrap()).map_or(fault, |rest| rest.trim_start_matches(": ")).to_owned()
}

#[test]
fn a_table_of_rounds_can_be_followed_by_hand() {
    insta::assert_snapshot!("scottish_stv", out(&["count", "--method", "scottish_stv", &case("party-food.blt")]));
    let lots = ["--option", "tie=lot", "--option", "lot=1,2,3,4,6,5"];
    let weak = case("droop-weak-surplus.blt");
    insta::assert_snapshot!("ties", out(&[&["count", "--method", "scottish_stv"], &lots[..], &[&weak]].concat()));
    insta::assert_snapshot!("declared", out(&["count", "--method", "schulze", &case("schulze-example-4.blt")]));
    insta::assert_snapshot!("star", out(&["count", "--method", "star", &case("tennessee-scores.csv")]));
    insta::assert_snapshot!("wide", out(&["count", "--method", "meek_stv", &case("glasgow-2007-calton.blt")]));
}

#[test]
fn json_has_names_and_every_round() {
    insta::assert_snapshot!("json", out(&["count", "--json", "--method", "scottish_stv", &case("truncation.blt")]));
}

#[test]
fn a_motion_is_passed_or_not() {
    let file = tempfile::Builder::new().suffix(".blt").tempfile().unwrap();
    std::fs::write(file.path(), "3 1\n6 1 0\n4 2 0\n5 3 0\n2 0\n0\n\"Yes\"\n\"No\"\n\"Abstain\"\n\"A motion\"\n").unwrap();
    let path = file.path().to_str().unwrap();
    let said = |option: &[&str]| {
        let text = out(&[&["count", "--method", "motion"], option, &[path]].concat());
        text.split_once("\n\n").unwrap().1.lines().skip_while(|line| !line.starts_with("The ")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        said(&[]),
        "The motion is passed: 6 yes, 4 no, 5 abstain; 6 yes are needed. \
         To pass, a motion needs more than 1/2 of all yes and no together: 6 of 10."
    );
    assert!(said(&["--option", "passes=two_thirds"]).contains("not passed: 6 yes, 4 no, 5 abstain; 7 yes are needed"));
    assert!(
        said(&["--option", "passes=absolute", "--roll", "20"])
            .ends_with("To pass, a motion needs a yes from more than 1/2 of all who could vote: 11 of 20.")
    );
    assert!(
        said(&["--option", "passes=at_least:1/2:ballots"])
            .ends_with("To pass, a motion needs a yes on at least 1/2 of all ballots: 9 of 17.")
    );
    assert!(said(&["--option", "passes=at_least:3/5:votes"]).starts_with("The motion is passed"));
    let below = said(&["--option", "quorum=at_least:1/2", "--roll", "100"]);
    assert_eq!(
        below,
        "The quorum is not met: 17 ballots of 100 voters, 50 are needed. Not quorate: nothing is counted, and the motion is not decided."
    );
}

#[test]
fn seats_on_the_command_line_go_before_those_of_the_file() {
    let elected = |seats: &str| {
        let told = out(&["count", "--json", "--method", "schulze", "--seats", seats, &case("tennessee.blt")]);
        serde_json::from_str::<serde_json::Value>(&told).unwrap()["elected"].as_array().unwrap().len()
    };
    assert_eq!([elected("1"), elected("3")], [1, 3]);
}

#[test]
fn a_broken_file_of_rankings_is_named_by_line_and_column() {
    let said = |text: &str| refused("irv", ".blt", text.as_bytes());
    let names = "\"Ann\"\n\"Ben\"\n\"Title\"\n";
    assert_eq!(said(""), "line 1, column 1: the file is empty; it begins with candidates and seats");
    assert_eq!(said("2\n"), "line 1, column 2: the number of seats is missing");
    assert_eq!(said("2 one\n"), r#"line 1, column 3: "one" is no number of seats"#);
    assert_eq!(said("2 1 1\n"), r#"line 1, column 5: "1" is too much: the first line is candidates and seats"#);
    assert_eq!(said("2 1\n"), "line 2, column 1: the ballots are missing; a line 0 ends them");
    assert_eq!(said("2 1\n-1 2\n"), r#"line 2, column 4: "2" is no withdrawn candidate, such as -4"#);
    assert_eq!(said("2 1\n-3\n"), "line 2, column 1: there is no candidate 3");
    assert_eq!(said("2 1\n3 1 2\n0\n"), "line 2, column 6: the ballot must end with 0");
    assert_eq!(said("2 1\n3 1 0\n1 2 x 0\n"), r#"line 3, column 5: "x" is no candidate from 1 to 2"#);
    assert_eq!(said("2 1\n3 1=3 0\n"), r#"line 2, column 5: "3" is no candidate from 1 to 2"#);
    assert_eq!(said("2 1\n3 1= 0\n"), r#"line 2, column 5: "" is no candidate from 1 to 2"#);
    assert_eq!(said("2 1\n3 1 0 2\n"), r#"line 2, column 7: "2" follows the 0 that ends a ballot"#);
    assert_eq!(said("2 1\n1.5 1 0\n"), r#"line 2, column 1: "1.5" is no number of ballots"#);
    assert_eq!(said("2 1\n0 1 0\n"), r#"line 2, column 3: "1" follows a 0, which stands alone and ends the ballots"#);
    assert_eq!(said("2 1\n3 1 0\n"), "line 3, column 1: a line 0 must end the ballots");
    assert_eq!(said("2 1\n3 1 0\n0\n\"Ann\"\n"), "line 5, column 1: the name of candidate 2 of 2 is missing");
    assert_eq!(said("2 1\n3 1 0\n0\n\"Ann\"\n  Ben\n"), "line 5, column 3: a name or title stands in quotation marks");
    assert_eq!(said("2 1\n3 1 0\n0\n\"Ann\"\n\"Ann\"\n\"T\"\n"), "line 5, column 1: two candidates have the name Ann");
    assert_eq!(said("2 1\n3 1 0\n0\n\"Ann\"\n\"Ben\"\n"), "line 6, column 1: the title is missing");
    assert_eq!(said(&format!("2 1\n3 1 0\n0\n{names}5\n")), "line 7, column 1: nothing may follow the title");
    let broken = [b"2 1\n3 1 0\n0\n\"\xc3\x84nn ".as_slice(), b"\xff\"\n"].concat();
    assert_eq!(refused("irv", ".blt", &broken), "line 4, column 6: this is not UTF-8");
}

#[test]
fn numbers_that_cannot_be_counted_with_are_named_by_line_and_column() {
    let names = "\"Ann\"\n\"Ben\"\n\"Title\"\n";
    let blt =
        |method: &str, head: &str, ballots: &str| refused(method, ".blt", format!("{head}\n{ballots}0\n{names}").as_bytes());
    assert_eq!(blt("irv", "2 3", "1 1 0\n"), "line 1, column 3: irv fills one seat, not 3; say --seats 1");
    assert_eq!(blt("scottish_stv", "2  1001", ""), "line 1, column 4: 1001 seats are more than 1000, the most");
    let most = u64::MAX;
    let too_many = "line 3, column 1: with this line there are more ballots than can be counted";
    assert_eq!(blt("irv", "2 1", &format!("{most} 1 0\n1 2 0\n")), too_many);
    assert_eq!(refused("score", ".csv", format!("Ann,Ben\n{most},1,\n1,,1\n").as_bytes()), too_many);
}

#[test]
fn a_name_cannot_write_to_the_terminal() {
    let file = tempfile::Builder::new().suffix(".blt").tempfile().unwrap();
    std::fs::write(file.path(), "2 1\n3 1 0\n0\n\"A\u{1b}[31m\u{9b}2J\u{202e}\"\n\"Ben\"\n\"T\"\n").unwrap();
    let path = file.path().to_str().unwrap();
    for text in [out(&["count", "--method", "irv", path]), out(&["count", "--json", "--method", "irv", path])] {
        assert!(!text.contains(['\u{1b}', '\u{9b}']), "{text:?}");
    }
    assert!(out(&["count", "--method", "irv", path]).contains("Elected: A\u{fffd}[31m\u{fffd}2J\u{fffd}"));
}

#[test]
fn a_count_by_pairs_can_be_followed_by_hand() {
    insta::assert_snapshot!("schulze_paths", out(&["count", "--method", "schulze", &case("schulze-45.blt")]));
    insta::assert_snapshot!("ranked_pairs", out(&["count", "--method", "ranked_pairs", &case("schulze-45.blt")]));
}

#[test]
fn a_broken_file_of_scores_is_named_by_line_and_column() {
    let said = |text: &str| refused("star", ".csv", text.as_bytes());
    assert_eq!(said(""), "line 1, column 1: the file is empty; it begins with the candidates' names");
    assert_eq!(said("Ann,,Ben\n"), "line 1, column 5: a candidate has no name");
    assert_eq!(said("Ann,Ann\n"), "line 1, column 5: two candidates have the name Ann");
    assert_eq!(said("\"Ann,Ben\n"), "line 1, column 1: the quotation mark is never closed");
    assert_eq!(said("Ann,Ben\n1,5,five\n"), r#"line 2, column 5: "five" is no score for Ben"#);
    assert_eq!(said("Ann,Ben\n1,5,-1\n"), r#"line 2, column 5: "-1" is no score for Ben"#);
    assert_eq!(said("Ann,Ben\nx,5,1\n"), r#"line 2, column 1: "x" is no number of ballots"#);
    assert_eq!(said("Ann,Ben\n1,5\n"), "line 2, column 4: the row has 1 scores for 2 candidates");
    assert_eq!(said("Ann,Ben\n1,5,4,3\n"), "line 2, column 7: there are more scores than candidates, 2");
}

#[test]
fn files_from_other_systems_are_read() {
    let read = |end: &str, method: &str, text: &str| {
        let file = tempfile::Builder::new().suffix(end).tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        out(&["count", "--method", method, file.path().to_str().unwrap()])
    };
    let windows = read(
        ".blt",
        "irv",
        "\u{feff}2 1\r\n\r\n3 1 2 0 # three of them\r\n1 - 2=1 0\r\n2 0\r\n0\r\n\"\u{c4}nn\"\r\n\"Ben\"\r\n\"T\"\r\n\r\n",
    );
    assert!(windows.contains("6 ballots: 4 valid, 2 blank") && windows.contains("Elected: \u{c4}nn"), "{windows}");
    let quoted = read(".csv", "score", "\"Ann, \"\"the\"\" first\",Ben\n2,5,\n1,,4\n");
    assert!(quoted.contains("Elected: Ann, \"the\" first"), "{quoted}");
    let marks = read(".csv", "plurality", "Ann,Ben\n2,1,\n3,,1\n1,1,1\n");
    assert!(marks.contains("invalid, too_many_marks: 1") && marks.contains("Elected: Ben"), "{marks}");
}

#[test]
fn a_file_of_the_wrong_kind_is_not_guessed_at() {
    let said = |method: &str, file: &str| String::from_utf8(run(&["count", "--method", method, &case(file)]).stderr).unwrap();
    assert!(said("star", "tennessee.blt").contains("star is counted from a CSV file"));
    assert!(said("irv", "tennessee-scores.csv").contains("irv is counted from a BLT file"));
    assert!(said("irv", "none.blt").contains("none.blt"));
    assert!(said("dice", "tennessee.blt").contains("there is no method dice"));
}

/// A file of ranked ballots between so many candidates.
fn rankings(candidates: usize, ballots: impl Iterator<Item = Vec<usize>>) -> tempfile::NamedTempFile {
    let mut text = format!("{candidates} 1\n");
    for ballot in ballots {
        let numbers: Vec<String> = ballot.iter().map(|place| (place + 1).to_string()).collect();
        text += &format!("1 {} 0\n", numbers.join(" "));
    }
    text += "0\n";
    (0..=candidates).for_each(|place| text += &format!("\"N{place}\"\n"));
    let file = tempfile::Builder::new().suffix(".blt").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// Counts with at most a gigabyte of memory and half a minute of processor time.
fn within_limits(method: &str, file: &Path) -> serde_json::Value {
    let script = r#"ulimit -v 1000000 && ulimit -t 30 && exec "$0" "$@""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_uvote"), "count", "--json", "--option", "tie=declare", "--method", method]);
    let output = shell.arg(file).output().unwrap();
    assert!(output.status.success(), "{method}: {:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_tie_that_can_be_resolved_in_very_many_ways_costs_little_memory_and_time() {
    let all: Vec<usize> = (0..470).collect();
    // Three blocks that beat each other in a circle: all pairs between them compete.
    let turned = |by: usize| [&all[by..], &all[..by]].concat();
    let circle = within_limits("ranked_pairs", rankings(470, [0, 157, 314].into_iter().map(turned)).path());
    let equal = rankings(470, (0..470).map(|place| vec![place]));
    let told = |counted: &serde_json::Value| (counted["verdict"].clone(), counted["tied"].as_array().unwrap().len());
    assert_eq!(told(&circle).0, "tied");
    for method in ["irv", "scottish_stv", "meek_stv", "wigm"] {
        assert_eq!(told(&within_limits(method, equal.path())), ("tied".into(), 470), "{method}");
    }
}

#[test]
fn the_methods_are_listed_with_what_they_are_good_for() {
    let list = out(&["methods"]);
    assert_eq!(list.matches("Good for: ").count(), 13);
}
