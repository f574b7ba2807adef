//! A superuser can change anything; the result then says so.

use serde_json::{Value, json};

use crate::app::App;

fn says(integrity: &Value, part: &str) {
    assert_eq!(integrity["ok"], false, "{integrity}");
    let reasons = integrity["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason.as_str().unwrap().contains(part)), "{part}: {integrity}");
}

#[actix_web::test]
async fn a_changed_vote_breaks_the_chain_at_its_position() {
    let app = App::new(4).await;
    app.published([2, 1, 1]).await;
    app.tamper("votes", "UPDATE votes SET prefix = sha256(prefix) WHERE position = 3").await;
    let body = app.results().await;
    assert_eq!(body["integrity"]["chain"], json!({"ok": false, "length": 4, "first_bad": 3}));
    says(&body["integrity"], "the chain breaks at position 3");
    says(&body["integrity"], "1 ballots have no good stamp");
    assert_eq!(body["total_votes"], 4, "the count is still shown");
}

#[actix_web::test]
async fn an_exchanged_sealed_ballot_is_noticed_by_its_digest() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    app.tamper("votes", "UPDATE votes SET sealed = sealed || '\\x00' WHERE position = 1").await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!((&integrity["chain"]["ok"], &integrity["ballots"]["wrong_digests"]), (&json!(true), &json!(1)));
    says(&integrity, "not the bytes that were recorded");
}

#[actix_web::test]
async fn a_vote_cut_off_the_end_is_missed_by_chain_and_box() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    app.tamper("votes", "DELETE FROM votes WHERE position = 3").await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!(integrity["chain"]["first_bad"], 3);
    assert_eq!((&integrity["box"]["ok"], &integrity["box"]["signature_ok"]), (&json!(false), &json!(true)));
    says(&integrity, "3 ballots were committed to, 2 are in the box");
    says(&integrity, "1 opened ballots were never in the box");
}

#[actix_web::test]
async fn a_new_commitment_has_no_signature() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    app.tamper("elections", "UPDATE elections SET box_count = 2, box_hash = sha256('')").await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!((&integrity["box"]["ok"], &integrity["box"]["signature_ok"]), (&json!(false), &json!(false)));
    says(&integrity, "the box commitment has no good signature");
}

#[actix_web::test]
async fn an_exchanged_plaintext_is_noticed_although_it_can_be_counted() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    let steal =
        "UPDATE opened_ballots SET plaintext = (SELECT plaintext FROM opened_ballots GROUP BY 1 ORDER BY count(*) LIMIT 1)";
    app.tamper("opened_ballots", steal).await;
    let body = app.results().await;
    assert_eq!(body["results"][0]["name"], "Bob Smith");
    assert_eq!(body["integrity"]["ballots"]["signature_ok"], false);
    says(&body["integrity"], "not those that were found when the box was opened");
}

#[actix_web::test]
async fn an_opened_ballot_that_is_gone_or_nonsense_is_noticed() {
    let app = App::new(3).await;
    app.published([2, 1, 0]).await;
    app.tamper(
        "opened_ballots",
        "UPDATE opened_ballots SET plaintext = '\\xff' WHERE digest = (SELECT digest FROM opened_ballots ORDER BY digest LIMIT 1)",
    )
    .await;
    says(&app.results().await["integrity"], "no ballot of this election");
    app.tamper("opened_ballots", "DELETE FROM opened_ballots WHERE plaintext = '\\xff'").await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!(integrity["ballots"]["missing"], 1);
    says(&integrity, "of 1 ballots in the box nobody says what was in them");
}

#[actix_web::test]
async fn without_its_manifest_an_election_has_a_verdict_and_no_count() {
    let app = App::new(2).await;
    app.published([1, 1, 0]).await;
    app.tamper("elections", "UPDATE elections SET manifest = manifest || ' '").await;
    let body = app.results().await;
    assert_eq!((&body["contests"], &body["results"]), (&json!([]), &json!([])));
    says(&body["integrity"], "the manifest is not the one");
}

#[actix_web::test]
async fn a_right_marked_used_without_a_ballot_is_noticed() {
    let app = App::new(3).await;
    app.published([1, 1, 0]).await;
    app.tamper("voting_tokens", "UPDATE voting_tokens SET is_used = true").await;
    says(&app.results().await["integrity"], "3 rights to vote were used, but 2 ballots are in the box");
}
