//! What a published result says.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::app::{App, NEVER};

fn column(results: &Value, name: &str) -> Vec<Value> {
    results.as_array().unwrap().iter().map(|line| line[name].clone()).collect()
}

#[actix_web::test]
async fn the_winner_stands_first_with_counts_and_percentages() {
    let app = App::new(8).await;
    let photo = testkit::given::an_upload(&app.owner, b"Bob", "jpg").await;
    let sql = "UPDATE candidates SET photo_url = $1, thumbnail_url = $1 WHERE name = 'Bob Smith'";
    app.owner.execute(sql, &[&photo]).await.unwrap();
    app.published([2, 3, 1]).await;
    let body = app.results().await;
    assert_eq!(body["election_title"], "Student Council 2026");
    assert_eq!((&body["status"], &body["total_votes"]), (&json!("closed"), &json!(6)));
    let first = json!({"candidate_id": app.election.candidate_ids[1], "name": "Bob Smith", "photo_url": photo,
        "vote_count": 3, "percentage": 50.0, "is_winner": true, "tie": false});
    assert_eq!(body["results"][0], first);
    assert_eq!(column(&body["results"], "name"), ["Bob Smith", "Alice Johnson", "Carol White"]);
    assert_eq!(column(&body["results"], "percentage"), [json!(50.0), json!(33.33), json!(16.67)]);
    assert_eq!(column(&body["results"], "is_winner"), [true, false, false]);
    assert_eq!(body["turnout"], json!({"roll": 8, "voted": 6}));
    let contest = &body["contests"][0];
    assert_eq!(contest["results"], body["results"]);
    assert_eq!((&contest["valid"], &contest["blank"], &contest["invalid"]), (&json!(6), &json!(0), &json!(0)));
    assert_eq!((&contest["rule"]["method"], &contest["family"]), (&json!("plurality"), &json!("marks")));
    let step = &contest["report"]["steps"][0];
    assert_eq!((&step["kind"], &step["tallies"][1]["votes"]), (&json!("totals"), &json!("3")));
    assert_eq!(contest["report"]["elected"], json!([app.election.candidate_ids[1]]));
    assert_eq!(body["integrity"]["ok"], true, "{}", body["integrity"]);
    assert_eq!(body["integrity"]["chain"], json!({"ok": true, "length": 6}));
    assert_eq!(body["integrity"]["box"]["signature_ok"], true);
    assert_eq!(body["integrity"]["reasons"], json!([]));

    app.owner.execute("UPDATE elections SET status = 'archived'", &[]).await.unwrap();
    assert_eq!(app.results().await["status"], "archived");
}

#[actix_web::test]
async fn a_tie_marks_only_those_tied_and_nobody_wins() {
    let app = App::new(5).await;
    app.published([2, 1, 2]).await;
    let body = app.results().await;
    assert_eq!(column(&body["results"], "name"), ["Alice Johnson", "Carol White", "Bob Smith"]);
    assert_eq!(column(&body["results"], "tie"), [true, true, false]);
    assert_eq!(column(&body["results"], "is_winner"), [false, false, false]);
}

#[actix_web::test]
async fn no_votes_are_zeros_and_no_winner() {
    let app = App::new(2).await;
    app.published([0, 0, 0]).await;
    let body = app.results().await;
    assert_eq!(body["total_votes"], 0);
    assert_eq!(column(&body["results"], "vote_count"), [0, 0, 0]);
    assert_eq!(column(&body["results"], "percentage"), [0.0, 0.0, 0.0]);
    assert_eq!(column(&body["results"], "is_winner"), [false, false, false]);
    assert_eq!(column(&body["results"], "tie"), [false, false, false]);
    assert_eq!(body["integrity"]["ok"], true, "{}", body["integrity"]);
}

#[actix_web::test]
async fn blank_and_unreadable_ballots_are_counted_apart() {
    let app = App::new(5).await;
    let booth = app.open().await;
    let alice = app.election.candidate_ids[0];
    let ballots = [booth.ballot(&[&[alice]]), booth.ballot(&[&[]]), booth.garbage(), booth.ballot_with(&[vec![0, 2, 0]])];
    app.cast(&booth, &ballots).await;
    booth.count(&app.owner).await;
    let body = app.results().await;
    assert_eq!(body["total_votes"], 4);
    let contest = &body["contests"][0];
    assert_eq!((&contest["valid"], &contest["blank"], &contest["invalid"]), (&json!(1), &json!(1), &json!(2)));
    assert_eq!(body["results"][0]["percentage"], 100.0, "of the valid marked ballots");
    assert_eq!(body["integrity"]["ballots"]["invalid"], 1, "one did not open; the other was opened, and 2 is no mark");
    assert_eq!(body["integrity"]["ok"], true, "{}", body["integrity"]);
}

#[actix_web::test]
async fn every_contest_is_counted_by_itself() {
    let app = App::new(3).await;
    let id = app.election.election_id;
    let sql = r#"INSERT INTO contests (election_id, title, rule, display_order)
                 VALUES ($1, 'Board', '{"method": "plurality", "seats": 2}', 2) RETURNING contest_id"#;
    let board: i64 = app.owner.query_one(sql, &[&id]).await.unwrap().get(0);
    let mut stand = Vec::new();
    for name in ["Dora", "Emil", "Fay"] {
        let sql =
            "INSERT INTO candidates (election_id, contest_id, name, display_order) VALUES ($1, $2, $3, 1) RETURNING candidate_id";
        stand.push(app.owner.query_one(sql, &[&id, &board, &name]).await.unwrap().get::<_, i64>(0));
    }
    let booth = app.open().await;
    let alice = app.election.candidate_ids[0];
    let ballots =
        [booth.ballot(&[&[alice], &stand[..2]]), booth.ballot(&[&[], &stand[1..]]), booth.ballot(&[&[alice], &stand[1..2]])];
    app.cast(&booth, &ballots).await;
    booth.count(&app.owner).await;
    let body = app.results().await;
    assert_eq!(column(&body["contests"], "title"), ["President", "Board"]);
    let board = &body["contests"][1];
    assert_eq!(column(&board["results"], "name"), ["Emil", "Dora", "Fay"]);
    assert_eq!(column(&board["results"], "vote_count"), [3, 1, 1]);
    assert_eq!(column(&board["results"], "is_winner"), [true, false, false]);
    assert_eq!(column(&board["results"], "tie"), [false, true, true]);
    assert_eq!((&body["contests"][0]["blank"], &body["contests"][0]["valid"]), (&json!(1), &json!(2)));
}

#[actix_web::test]
async fn three_seats_by_approval_with_a_lot_for_the_last() {
    let app = App::new(4).await;
    let id = app.election.election_id;
    let sql = r#"INSERT INTO contests (election_id, title, rule, display_order)
                 VALUES ($1, 'Board', '{"method": "approval", "seats": 2, "ties": "lot"}', 2) RETURNING contest_id"#;
    let board: i64 = app.owner.query_one(sql, &[&id]).await.unwrap().get(0);
    let mut stand = Vec::new();
    for (order, name) in (1..).zip(["Dora", "Emil", "Fay", "Gus"]) {
        let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) VALUES ($1, $2, $3, $4::int) RETURNING candidate_id";
        stand.push(app.owner.query_one(sql, &[&id, &board, &name, &order]).await.unwrap().get::<_, i64>(0));
    }
    let booth = app.open().await;
    let alice = app.election.candidate_ids[0];
    // Emil has 3; Dora, Fay and Gus have 2 each, for one seat.
    let marks = [&[stand[0], stand[1], stand[2]][..], &[stand[0], stand[1], stand[3]], &[stand[1], stand[2], stand[3]], &[]];
    let ballots = marks.map(|marks| booth.ballot(&[&[alice], marks]));
    app.cast(&booth, &ballots).await;
    let announce = "INSERT INTO amendments (election_id, kind, reason, details) \
                    SELECT election_id, 'voter_added', 'Forgotten', '{\"voters\": 2}' FROM elections";
    app.owner.batch_execute(announce).await.unwrap();
    booth.count(&app.owner).await;
    let body = app.results().await;
    assert_eq!((&body["amendments"][0]["kind"], &body["amendments"][0]["voters"]), (&json!("voter_added"), &json!(2)));
    let board = &body["contests"][1];
    assert_eq!((&board["rule"]["method"], &board["rule"]["ties"]), (&json!("approval"), &json!("lot")));
    assert_eq!((&board["valid"], &board["blank"]), (&json!(3), &json!(1)));
    assert_eq!(column(&board["results"], "vote_count"), [3, 2, 2, 2]);
    assert_eq!(column(&board["results"], "percentage"), [json!(100.0), json!(66.67), json!(66.67), json!(66.67)]);
    assert_eq!(column(&board["results"], "is_winner"), [true, true, false, false], "the one drawn stands before the others");
    assert_eq!(column(&board["results"], "tie"), [false, true, true, true]);
    // Anybody can draw it again, from what is published before the box is opened.
    let hash: Vec<u8> = app.owner.query_one("SELECT box_hash FROM box_commitments", &[]).await.unwrap().get(0);
    let lot = |candidate: &i64| Sha256::digest([hash.as_slice(), &candidate.to_be_bytes()].concat());
    let drawn = [stand[0], stand[2], stand[3]].into_iter().min_by_key(lot).unwrap();
    assert_eq!(board["results"][1]["candidate_id"], drawn);
    let tie = &board["report"]["steps"][0]["ties"][0];
    assert_eq!((&tie["by"]["how"], &tie["chosen"]), (&json!("lot"), &json!([drawn])));
    let lots = &board["report"]["lots"];
    assert_eq!((&lots[0]["candidate"], &lots[0]["lot"]), (&json!(drawn), &json!(hex::encode(lot(&drawn)))));
    assert_eq!(lots.as_array().unwrap().len(), 3, "one for each of the tied");
    assert_eq!(body["integrity"]["ok"], true, "{}", body["integrity"]);
}

/// A contest by any rule beside the first one; its candidates A, B, C and so on.
async fn another(app: &App, rule: &Value, text: Option<&str>, candidates: &[&str]) -> Vec<i64> {
    let id = app.election.election_id;
    let sql = "INSERT INTO contests (election_id, title, rule, text, display_order) VALUES ($1, 'Second', $2::text::jsonb, $3, 2) RETURNING contest_id";
    let contest: i64 = app.owner.query_one(sql, &[&id, &rule.to_string(), &text]).await.unwrap().get(0);
    let mut ids = Vec::new();
    for (order, name) in (1..).zip(candidates) {
        let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order, standing) \
                   VALUES ($1, $2, $3::text, $4::int, CASE $3::text WHEN 'None of the above' THEN 'none_of_the_above' ELSE 'stands' END) RETURNING candidate_id";
        ids.push(app.owner.query_one(sql, &[&id, &contest, name, &order]).await.unwrap().get::<_, i64>(0));
    }
    ids
}

async fn counted(app: &App, second: &[&[u16]]) -> Value {
    let booth = app.open().await;
    let ballots: Vec<_> = second.iter().map(|numbers| booth.ballot_with(&[vec![0, 0, 0], numbers.to_vec()])).collect();
    app.cast(&booth, &ballots).await;
    booth.count(&app.owner).await;
    let body = app.results().await;
    assert_eq!(body["integrity"]["ok"], true, "{}", body["integrity"]);
    body["contests"][1].clone()
}

#[actix_web::test]
async fn an_instant_run_off_tells_every_round_and_shows_first_preferences() {
    let app = App::new(5).await;
    let ids = another(&app, &json!({"method": "irv"}), None, &["A", "B", "C"]).await;
    let contest = counted(&app, &[&[1, 0, 0], &[1, 0, 0], &[0, 1, 2], &[0, 1, 0], &[0, 2, 1]]).await;
    assert_eq!(column(&contest["results"], "name"), ["B", "A", "C"]);
    assert_eq!(column(&contest["results"], "vote_count"), [2, 2, 1], "first preferences; the elected one stands first");
    assert_eq!(column(&contest["results"], "percentage"), [json!(40.0), json!(40.0), json!(20.0)]);
    let steps = contest["report"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[0]["eliminated"], json!([ids[2]]));
    assert_eq!((&steps[1]["elected"], &steps[1]["tallies"][1]["votes"]), (&json!([ids[1]]), &json!("3")));
}

#[actix_web::test]
async fn a_candidate_who_withdrew_is_passed_over() {
    let app = App::new(5).await;
    let ids = another(&app, &json!({"method": "irv"}), None, &["A", "B", "C"]).await;
    let booth = app.open().await;
    let ballots: Vec<_> =
        [[1, 2, 0], [1, 2, 0], [0, 0, 1]].map(|numbers| booth.ballot_with(&[vec![0; 3], numbers.to_vec()])).into();
    app.cast(&booth, &ballots).await;
    let sql = "INSERT INTO amendments (election_id, kind, reason, details) \
               VALUES ($1, 'candidate_withdrawn', 'Died', jsonb_build_object('candidate_id', $2::bigint, 'candidate', 'A'))";
    app.owner.execute(sql, &[&app.election.election_id, &ids[0]]).await.unwrap();
    booth.count(&app.owner).await;
    let contest = app.results().await["contests"][1].clone();
    assert_eq!(contest["report"]["elected"], json!([ids[1]]), "two next choices");
    assert_eq!(column(&contest["results"], "name"), ["B", "C", "A"]);
    assert_eq!(column(&contest["results"], "vote_count"), [2, 1, 0]);
    let line = &contest["report"]["candidates"][0];
    assert_eq!((&line["candidate"], &line["status"]), (&json!(ids[0]), &json!("withdrawn")));
}

#[actix_web::test]
async fn a_motion_passes_by_two_thirds_of_yes_and_no() {
    let app = App::new(5).await;
    another(&app, &json!({"method": "motion", "passes": "two_thirds"}), Some("The fee is 5."), &["Yes", "No", "Abstain"]).await;
    let contest = counted(&app, &[&[1, 0, 0], &[1, 0, 0], &[0, 1, 0], &[0, 0, 1], &[0, 0, 0]]).await;
    assert_eq!(contest["text"], "The fee is 5.");
    assert_eq!(contest["report"]["motion"], json!({"yes": 2, "no": 1, "abstain": 1, "of": 3, "needed": 2, "passed": true}));
    assert_eq!((&contest["valid"], &contest["blank"]), (&json!(4), &json!(1)));
}

#[actix_web::test]
async fn without_its_quorum_nobody_is_elected_and_the_result_says_of_how_many() {
    let app = App::new(9).await;
    another(&app, &json!({"method": "star", "quorum": {"at_least": "1/2"}}), None, &["A", "B"]).await;
    let contest = counted(&app, &[&[6, 1], &[6, 0], &[0, 0], &[2, 3]]).await;
    assert_eq!((&contest["report"]["verdict"], &contest["report"]["elected"]), (&json!("not_quorate"), &json!([])));
    assert_eq!(contest["report"]["quorum"], json!({"roll": 9, "needed": 5, "ballots": 4, "met": false}));
    assert_eq!(column(&contest["results"], "vote_count"), [0, 0]);
}

#[actix_web::test]
async fn a_seat_that_none_of_the_above_wins_stays_vacant() {
    let app = App::new(4).await;
    let rule = json!({"method": "scottish_stv", "seats": 2, "none_of_the_above": "vacant_seat"});
    let ids = another(&app, &rule, None, &["A", "B", "None of the above"]).await;
    let contest = counted(&app, &[&[1, 0, 0], &[1, 0, 0], &[0, 0, 1], &[0, 0, 1]]).await;
    assert_eq!((&contest["report"]["elected"], &contest["report"]["vacant"]), (&json!([ids[0]]), &json!(1)));
    assert_eq!(column(&contest["results"], "is_winner"), [true, false, false]);
}

#[actix_web::test]
async fn scores_are_shown_as_sums_and_as_shares_of_what_could_be_given() {
    let app = App::new(3).await;
    another(&app, &json!({"method": "score", "top": 10}), None, &["A", "B"]).await;
    let contest = counted(&app, &[&[11, 6], &[6, 0], &[12, 0]]).await;
    assert_eq!(column(&contest["results"], "vote_count"), [15, 5]);
    assert_eq!(column(&contest["results"], "percentage"), [json!(75.0), json!(25.0)]);
    assert_eq!(contest["report"]["invalid_ballots"], json!([{"reason": "score_beyond_top", "ballots": 1}]));
}

/// Copies of one ballot, which the check names as what they are; what matters here is that all of them are read.
#[actix_web::test]
async fn a_box_that_is_larger_than_a_batch_is_read_to_its_end() {
    let app = App::before_start(1).await;
    app.published([1, 0, 0]).await;
    let copies = "INSERT INTO votes (election_id, position, digest, sealed, prefix, stamp, previous_hash, chain_hash) \
                  SELECT election_id, i, sha256(int8send(i)), sealed, prefix, stamp, previous_hash, chain_hash \
                  FROM votes, generate_series(2, 1201) i";
    app.tamper("votes", copies).await;
    let opened = "INSERT INTO decrypted_ballots (election_id, digest, plaintext) SELECT v.election_id, v.digest, o.plaintext \
                  FROM votes v JOIN decrypted_ballots o USING (election_id) WHERE v.position > 1";
    app.tamper("decrypted_ballots", opened).await;
    app.start(NEVER).await;
    let id = app.election.election_id;
    testkit::wait_until("the count", std::time::Duration::from_secs(30), async || app.results_as(None, id).await.0 == 200).await;
    let shown = app.results().await;
    assert_eq!((&shown["total_votes"], &shown["results"][0]["vote_count"]), (&json!(1201), &json!(1201)));
}
