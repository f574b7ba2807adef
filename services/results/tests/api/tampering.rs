//! A superuser can change anything; the result then says so.

use crypto::Digest;
use crypto::receipt::{self, BoxStatement};
use serde_json::{Value, json};
use testkit::booth::receipt_key;

use crate::app::{App, NEVER};

fn says(integrity: &Value, part: &str) {
    assert_eq!(integrity["ok"], false, "{integrity}");
    let reasons = integrity["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason.as_str().unwrap().contains(part)), "{part}: {integrity}");
}

#[actix_web::test]
async fn a_changed_vote_breaks_the_chain_at_its_position() {
    let app = App::before_start(4).await;
    app.published([2, 1, 1]).await;
    app.tamper("votes", "UPDATE votes SET prefix = sha256(prefix) WHERE position = 3").await;
    app.start(NEVER).await;
    let body = app.results().await;
    assert_eq!(body["integrity"]["chain"], json!({"ok": false, "length": 4, "first_bad": 3}));
    says(&body["integrity"], "the chain breaks at position 3");
    says(&body["integrity"], "1 ballots have no good stamp");
    assert_eq!(body["total_votes"], 4, "the count is still shown");
}

#[actix_web::test]
async fn an_exchanged_sealed_ballot_is_noticed_by_its_digest() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    app.tamper("votes", "UPDATE votes SET sealed = sealed || '\\x00' WHERE position = 1").await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!((&integrity["chain"]["ok"], &integrity["ballots"]["wrong_digests"]), (&json!(true), &json!(1)));
    says(&integrity, "not the bytes that were recorded");
}

#[actix_web::test]
async fn a_vote_cut_off_the_end_is_missed_by_chain_and_box() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    app.tamper("votes", "DELETE FROM votes WHERE position = 3").await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!(integrity["chain"]["first_bad"], 3);
    assert_eq!((&integrity["box"]["ok"], &integrity["box"]["signature_ok"]), (&json!(false), &json!(true)));
    says(&integrity, "3 ballots were committed to, 2 are in the box");
    says(&integrity, "1 opened ballots were never in the box");
}

#[actix_web::test]
async fn a_new_commitment_has_no_signature() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    app.tamper("box_commitments", "UPDATE box_commitments SET box_count = 2, box_hash = sha256('')").await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    assert_eq!((&integrity["box"]["ok"], &integrity["box"]["signature_ok"]), (&json!(false), &json!(false)));
    says(&integrity, "the box commitment has no good signature");
}

#[actix_web::test]
async fn an_exchanged_plaintext_is_noticed_although_it_can_be_counted() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    let steal =
        "UPDATE decrypted_ballots SET plaintext = (SELECT plaintext FROM decrypted_ballots GROUP BY 1 ORDER BY count(*) LIMIT 1)";
    app.tamper("decrypted_ballots", steal).await;
    app.start(NEVER).await;
    let body = app.results().await;
    assert_eq!(body["results"][0]["name"], "Bob Smith");
    assert_eq!(body["integrity"]["ballots"]["signature_ok"], false);
    says(&body["integrity"], "not those that were found when the box was opened");
}

#[actix_web::test]
async fn an_opened_ballot_that_is_gone_or_nonsense_is_noticed() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    app.tamper(
        "decrypted_ballots",
        "UPDATE decrypted_ballots SET plaintext = '\\xff' WHERE digest = (SELECT digest FROM decrypted_ballots ORDER BY digest LIMIT 1)",
    )
    .await;
    app.start(1).await;
    says(&app.results().await["integrity"], "no ballot of this election");
    app.tamper("decrypted_ballots", "DELETE FROM decrypted_ballots WHERE plaintext = '\\xff'").await;
    let found = app.results_until("one is missing", |body| body["integrity"]["ballots"]["missing"] == 1).await;
    let integrity = found["integrity"].clone();
    says(&integrity, "1 ballots in the box have no opened content");
}

#[actix_web::test]
async fn without_its_manifest_an_election_has_a_verdict_and_no_count() {
    let app = App::before_start(2).await;
    app.published([1, 1, 0]).await;
    app.tamper("manifests", "UPDATE manifests SET bytes = bytes || ' '").await;
    app.start(NEVER).await;
    let body = app.results().await;
    assert_eq!((&body["contests"], &body["results"]), (&json!([]), &json!([])));
    says(&body["integrity"], "the manifest is not the one");
}

#[actix_web::test]
async fn a_right_marked_used_without_a_ballot_is_noticed() {
    let app = App::before_start(3).await;
    app.published([1, 1, 0]).await;
    app.tamper("voting_tokens", "UPDATE voting_tokens SET is_used = true").await;
    app.start(NEVER).await;
    says(&app.results().await["integrity"], "3 rights to vote were used, but 2 ballots are in the box");
}

/// The rights of the database's owner, without a superuser and without a key file.
async fn as_owner(app: &App, statements: &str) {
    app.owner.batch_execute(statements).await.unwrap();
}

#[actix_web::test]
async fn changing_who_has_voted_after_the_close_is_found_by_the_spent_list() {
    let app = App::before_start(4).await;
    // Two of four, so that the number of used rights stays the same.
    app.published([1, 1, 0]).await;
    as_owner(&app, "UPDATE voting_tokens SET is_used = NOT is_used").await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    says(&integrity, "the spent list is not the one that was committed to");
    assert_eq!((&integrity["participation"]["ok"], &integrity["box"]["ok"]), (&json!(false), &json!(true)));
}

#[actix_web::test]
async fn used_rights_that_are_all_marked_unused_are_noticed() {
    let app = App::before_start(3).await;
    app.published([1, 1, 0]).await;
    as_owner(&app, "UPDATE voting_tokens SET is_used = NOT is_used").await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    says(&integrity, "the spent list had 2 entries when the box was sealed, and has 1 now");
    says(&integrity, "1 rights to vote were used, but 2 ballots are in the box");
}

#[actix_web::test]
async fn a_voter_dropped_from_the_roll_or_added_to_it_after_the_close_is_noticed() {
    let app = App::before_start(3).await;
    app.published([1, 1, 0]).await;
    as_owner(&app, "UPDATE voters SET deleted = true WHERE voter_id = (SELECT voter_id FROM voting_tokens WHERE NOT is_used)")
        .await;
    app.start(1).await;
    says(&app.results().await["integrity"], "3 voters were on the roll when the box was sealed, 2 are now");
    as_owner(&app, "UPDATE voters SET deleted = false; INSERT INTO voters (election_id, email) SELECT election_id, 'new@example.com' FROM elections")
        .await;
    let what = "3 voters were on the roll when the box was sealed, 4 are now";
    app.results_until(what, |body| body["integrity"]["reasons"].to_string().contains(what)).await;
}

#[actix_web::test]
async fn a_commitment_exchanged_to_fit_has_no_signature() {
    let app = App::before_start(4).await;
    app.published([1, 1, 0]).await;
    // Everything is made to fit again: only the signature cannot be.
    as_owner(
        &app,
        "UPDATE voting_tokens SET is_used = NOT is_used; UPDATE voters SET deleted = true WHERE email = 'voter4@example.com'",
    )
    .await;
    let fit = "UPDATE box_commitments c SET spent_count = p.spent_count, spent_hash = p.spent_hash, roll_count = p.roll_count \
               FROM elections o, participation(o.election_id) p WHERE o.election_id = c.election_id";
    app.tamper("box_commitments", fit).await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    says(&integrity, "the box commitment has no good signature");
    assert_eq!(integrity["participation"]["ok"], true, "{integrity}");
}

#[actix_web::test]
async fn a_commitment_signed_for_another_election_or_for_something_else_is_none() {
    let app = App::before_start(3).await;
    app.published([1, 1, 0]).await;
    app.start(1).await;
    let committed =
        "SELECT election_id, box_count, box_hash, spent_count, spent_hash, roll_count, withdrawn_hash FROM box_commitments";
    let row = app.owner.query_one(committed, &[]).await.unwrap();
    let (id, hash) = (row.get::<_, i64>(0), |column| Digest::from_slice(row.get(column)).unwrap());
    let number = |column| u64::try_from(row.get::<_, i64>(column)).unwrap();
    let (box_hash, spent_hash, withdrawn_hash) = (hash(2), hash(4), hash(6));
    let statement =
        BoxStatement { count: number(1), box_hash, spent_count: number(3), spent_hash, roll: number(5), withdrawn_hash };
    let signed = |election| receipt::sign_box(&receipt_key(), election, &statement).unwrap();
    let sign =
        |bytes: &[u8]| format!("UPDATE tally_signatures SET signature = '\\x{}' WHERE statement = 'box'", hex::encode(bytes));
    // The second covers election, count and box hash, as box/v1 did, and no spent list.
    for wrong in [signed(id + 1), receipt::sign_decryption(&receipt_key(), id, number(1), &hash(2)).unwrap()] {
        app.tamper("tally_signatures", &sign(&wrong)).await;
        let found = app.results_until("the wrong signature is found", |body| body["integrity"]["ok"] == false).await;
        says(&found["integrity"], "the box commitment has no good signature");
        app.tamper("tally_signatures", &sign(&signed(id))).await;
        app.results_until("the right one is good again", |body| body["integrity"]["ok"] == true).await;
    }
}

#[actix_web::test]
async fn what_retention_forgets_leaves_the_verdict_as_it_was() {
    let app = App::before_start(4).await;
    app.published([1, 1, 0]).await;
    app.start(1).await;
    let verdict = |body: &Value| {
        let integrity = &body["integrity"];
        json!([integrity["ok"], integrity["chain"], integrity["box"], integrity["participation"], integrity["ballots"]])
    };
    let before = app.results().await;
    as_owner(&app, "UPDATE elections SET status = 'archived', archived_at = now() - interval '1 day'").await;
    app.owner
        .query_one("SELECT anonymise_election(election_id, 0) FROM elections WHERE anonymised_at IS NULL", &[])
        .await
        .unwrap();
    let checked = &before["integrity"]["checked_at"];
    let after = app.results_until("another check", |body| body["integrity"]["checked_at"] != *checked).await;
    // Two checks, so that the later one surely began after everything was forgotten.
    let checked = &after["integrity"]["checked_at"];
    let after = app.results_until("and another", |body| body["integrity"]["checked_at"] != *checked).await;
    assert_eq!(verdict(&after), verdict(&before));
    assert_eq!(after["integrity"]["ok"], true);
}

#[actix_web::test]
async fn what_is_changed_after_the_count_is_found_by_the_job_and_the_count_stays() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    app.start(1).await;
    let counted = app.results().await;
    assert_eq!((&counted["integrity"]["ok"], &counted["results"][0]["name"]), (&json!(true), &json!("Alice Johnson")));
    assert_eq!(counted["integrity"]["last_ok_at"], counted["integrity"]["checked_at"]);
    let steal = "CREATE TABLE before_the_theft AS TABLE decrypted_ballots; \
                 UPDATE decrypted_ballots SET plaintext = (SELECT plaintext FROM decrypted_ballots GROUP BY 1 ORDER BY count(*) LIMIT 1)";
    app.tamper("decrypted_ballots", steal).await;
    let body = app.results_until("the theft is found", |body| body["integrity"]["ok"] == false).await;
    says(&body["integrity"], "not those that were found when the box was opened");
    says(&body["integrity"], "what is stored now gives another count than the one of");
    assert_eq!(body["results"], counted["results"], "nobody is shown the thief's count");
    assert_eq!(body["counted_at"], counted["counted_at"]);
    assert!(body["integrity"]["last_ok_at"].as_str().unwrap() < body["integrity"]["checked_at"].as_str().unwrap());
    // It stays so at every further check.
    let checked = body["integrity"]["checked_at"].clone();
    let again = app.results_until("one check more", |body| body["integrity"]["checked_at"] != checked).await;
    assert_eq!((&again["results"], &again["integrity"]["ok"]), (&counted["results"], &json!(false)));

    let give_back = "UPDATE decrypted_ballots o SET plaintext = b.plaintext FROM before_the_theft b WHERE b.digest = o.digest";
    app.tamper("decrypted_ballots", give_back).await;
    let body = app.results_until("all is in order again", |body| body["integrity"]["ok"] == true).await;
    assert_eq!((&body["results"], &body["integrity"]["reasons"]), (&counted["results"], &json!([])));

    app.tamper("votes", "DELETE FROM votes WHERE position = 3").await;
    let body = app.results_until("the loss is found", |body| body["integrity"]["ok"] == false).await;
    assert_eq!((&body["total_votes"], &body["results"]), (&json!(3), &counted["results"]));
    says(&body["integrity"], "3 ballots were committed to, 2 are in the box");
}

#[actix_web::test]
async fn an_election_that_was_closed_while_it_was_halted_says_so_and_counts_what_is_there() {
    for resumed in [false, true] {
        let app = App::before_start(3).await;
        let booth = app.open().await;
        let ballot = booth.ballot(&[&[app.election.candidate_ids[0]]]);
        app.cast(&booth, &[ballot]).await;
        booth.halt(&app.database.connect("voting_service").await).await;
        if resumed {
            let role = app.database.connect("election_service").await;
            let sql = "SELECT resume_recording($1, 'A failover lost a ballot')";
            assert_eq!(role.query_one(sql, &[&booth.election_id]).await.unwrap().get::<_, String>(0), "resumed");
        }
        booth.count(&app.owner).await;
        app.start(NEVER).await;
        let body = app.results().await;
        assert_eq!((&body["results"][0]["vote_count"], &body["integrity"]["ok"]), (&json!(1), &json!(resumed)), "{body}");
        if resumed {
            assert_eq!(body["integrity"]["reasons"], json!([]));
        } else {
            says(&body["integrity"], "recording was halted because recorded ballots were missing, and was never resumed");
        }
    }
}

/// A halted election that was closed: one ballot is there, and a recorder had seen more.
async fn halted_to_the_end() -> App {
    let app = App::before_start(3).await;
    let booth = app.open().await;
    let ballot = booth.ballot(&[&[app.election.candidate_ids[0]]]);
    app.cast(&booth, &[ballot]).await;
    booth.halt(&app.database.connect("voting_service").await).await;
    booth.count(&app.owner).await;
    app
}

const HALTED: &str = "recording was halted because recorded ballots were missing, and was never resumed";

#[actix_web::test]
async fn a_halt_cannot_be_taken_back_after_the_close() {
    let app = halted_to_the_end().await;
    let refused = app.owner.batch_execute("UPDATE chain_heads SET halted_at = NULL").await.unwrap_err();
    assert!(refused.as_db_error().unwrap().constraint() == Some("chain_heads_immutable"), "{refused:?}");
    app.start(1).await;
    let found = app.results().await;
    says(&found["integrity"], HALTED);
    assert_eq!(found["integrity"]["recording"], json!({ "ok": false, "halts": 1, "resumptions": 0, "signature_ok": true }));
    let steps = [
        ("chain_heads", "UPDATE chain_heads SET halted_at = NULL, halts = 0", "the marks of halted recording are not those"),
        // What is said of it is made to fit; the signature cannot be.
        (
            "box_commitments",
            "UPDATE box_commitments SET halts = 0",
            "what is said about halts of the recording has no good signature",
        ),
        (
            "tally_signatures",
            "DELETE FROM tally_signatures WHERE statement = 'recording'",
            "has no good signature of this installation",
        ),
    ];
    for (table, change, reason) in steps {
        app.tamper(table, change).await;
        let found = app.results_until(reason, |body| body["integrity"]["reasons"].to_string().contains(reason)).await;
        says(&found["integrity"], HALTED);
    }
    // Whoever removes the kept result too has an election that is not in order all the same.
    app.tamper("published_results", "DELETE FROM published_results").await;
    app.start(NEVER).await;
    says(&app.results().await["integrity"], "what is said about halts of the recording has no good signature");
}

#[actix_web::test]
async fn a_halt_that_was_signed_stays_when_only_the_mark_is_gone_before_the_first_check() {
    let app = halted_to_the_end().await;
    app.tamper("chain_heads", "UPDATE chain_heads SET halted_at = NULL, halts = 0").await;
    app.start(NEVER).await;
    says(&app.results().await["integrity"], HALTED);
}

#[actix_web::test]
async fn a_halt_that_a_recorder_finds_in_the_sealed_box_is_said_for_good() {
    let app = App::before_start(3).await;
    app.published([1, 1, 0]).await;
    // As `record_ballots` does it, with no trigger switched off.
    app.owner.batch_execute("UPDATE chain_heads SET halted_at = now(), halts = halts + 1").await.unwrap();
    let refused = app.owner.batch_execute("UPDATE chain_heads SET halted_at = NULL, halts = 0").await.unwrap_err();
    assert!(refused.as_db_error().unwrap().constraint() == Some("chain_heads_immutable"), "{refused:?}");
    app.start(1).await;
    let found = app.results().await["integrity"].clone();
    says(&found, HALTED);
    says(&found, "the marks of halted recording are not those of the time when the box was sealed");
    app.tamper("chain_heads", "UPDATE chain_heads SET halted_at = NULL, halts = 0").await;
    app.results_until("the marks are as they were", |body| {
        !body["integrity"]["reasons"].to_string().contains("the marks of halted")
    })
    .await;
    says(&app.results().await["integrity"], HALTED);
}

#[actix_web::test]
async fn a_mark_of_a_halt_that_never_was_is_found_and_goes_with_the_mark() {
    let app = App::before_start(3).await;
    app.published([1, 1, 0]).await;
    app.tamper("chain_heads", "UPDATE chain_heads SET halted_at = now()").await;
    app.start(1).await;
    let found = app.results().await["integrity"].clone();
    says(&found, "the marks of halted recording are not those of the time when the box was sealed");
    assert!(!found["reasons"].to_string().contains(HALTED), "{found}");
    app.tamper("chain_heads", "UPDATE chain_heads SET halted_at = NULL").await;
    app.results_until("all is in order again", |body| body["integrity"]["ok"] == true).await;
}

#[actix_web::test]
async fn functions_of_the_database_cannot_answer_for_its_rows() {
    let app = App::before_start(4).await;
    app.published([1, 1, 0]).await;
    app.start(1).await;
    assert_eq!(app.results().await["integrity"]["ok"], true);
    as_owner(
        &app,
        "CREATE OR REPLACE FUNCTION participation(election bigint) RETURNS TABLE (spent_count bigint, spent_hash bytea, roll_count bigint)
             LANGUAGE sql ROWS 1 AS 'SELECT c.spent_count, c.spent_hash, c.roll_count FROM public.box_commitments c WHERE c.election_id = election';
         GRANT EXECUTE ON FUNCTION participation(bigint) TO results_service;
         CREATE OR REPLACE FUNCTION turnout(election bigint) RETURNS TABLE (roll bigint, voted bigint)
             LANGUAGE sql ROWS 1 AS 'SELECT 400::bigint, 399::bigint';
         UPDATE voting_tokens SET is_used = NOT is_used;
         UPDATE voters SET deleted = true WHERE email = 'voter4@example.com'",
    )
    .await;
    let found = app.results_until("the new codes are found", |body| body["integrity"]["ok"] == false).await;
    says(&found["integrity"], "the spent list is not the one that was committed to");
    says(&found["integrity"], "4 voters were on the roll when the box was sealed, 3 are now");
    assert_eq!(found["turnout"], json!({ "roll": 4, "voted": 2 }), "as it was signed");
}

#[actix_web::test]
async fn rows_that_are_shown_in_place_of_the_real_ones_are_noticed() {
    let app = App::before_start(4).await;
    app.published([1, 1, 0]).await;
    app.start(1).await;
    let id = app.election.election_id;
    let reason = "the roll and the links of this election are not where they belong";
    let tricks = [
        // A view that shows what was sealed, over a table in which everything is the other way round.
        (
            format!(
                "CREATE TABLE real_links AS TABLE voting_tokens_{id}; ALTER TABLE voting_tokens_{id} RENAME TO hidden;
                 CREATE VIEW voting_tokens_{id} AS TABLE real_links; GRANT SELECT ON voting_tokens_{id} TO results_service;
                 UPDATE hidden SET is_used = NOT is_used"
            ),
            format!(
                "DROP VIEW voting_tokens_{id}; ALTER TABLE hidden RENAME TO voting_tokens_{id}; UPDATE voting_tokens_{id} SET is_used = NOT is_used"
            ),
        ),
        // Rows that a policy hides from this role alone.
        (
            format!(
                "ALTER TABLE voters_{id} ENABLE ROW LEVEL SECURITY;
                 CREATE POLICY hide ON voters_{id} USING (email LIKE 'voter%');
                 INSERT INTO voters (election_id, email) VALUES ({id}, 'late@example.com')"
            ),
            format!(
                "ALTER TABLE voters_{id} DISABLE ROW LEVEL SECURITY; DELETE FROM voters_{id} WHERE email = 'late@example.com'"
            ),
        ),
    ];
    for (trick, back) in tricks {
        app.results_until("all is in order", |body| body["integrity"]["ok"] == true).await;
        as_owner(&app, &trick).await;
        app.results_until(reason, |body| body["integrity"]["reasons"].to_string().contains(reason)).await;
        as_owner(&app, &back).await;
    }
}

#[actix_web::test]
async fn amendments_that_are_deleted_or_added_after_the_count_are_missed_and_the_first_ones_stay() {
    let app = App::before_start(3).await;
    let announce = "INSERT INTO amendments (election_id, kind, reason, details) \
                    SELECT election_id, 'voter_added', 'Forgotten by the registry', '{\"voters\": 2}' FROM elections";
    app.owner.batch_execute(announce).await.unwrap();
    app.published([2, 1, 0]).await;
    app.start(1).await;
    let counted = app.results().await;
    assert_eq!((&counted["integrity"]["ok"], &counted["amendments"][0]["voters"]), (&json!(true), &json!(2)), "{counted}");

    let changes = [
        "DELETE FROM amendments",
        "INSERT INTO amendments (election_id, kind, reason) SELECT election_id, 'recording_resumed', 'All is well' FROM elections",
        "UPDATE amendments SET details = '{\"voters\": 1}'",
    ];
    app.owner.batch_execute("CREATE TABLE as_announced AS TABLE amendments").await.unwrap();
    for change in changes {
        app.tamper("amendments", change).await;
        let found = app.results_until(change, |body| body["integrity"]["ok"] == false).await;
        let reason = "the announced amendments are not those that were announced when the ballots were counted";
        assert!(found["integrity"]["reasons"].as_array().unwrap().contains(&json!(reason)), "{change}: {found}");
        assert_eq!((&found["amendments"], &found["results"]), (&counted["amendments"], &counted["results"]), "{change}");
        assert!(found["integrity"]["last_ok_at"].as_str().unwrap() < found["integrity"]["checked_at"].as_str().unwrap());

        let give_back = "DELETE FROM amendments; INSERT INTO amendments OVERRIDING SYSTEM VALUE SELECT * FROM as_announced";
        app.tamper("amendments", give_back).await;
        app.results_until("all is in order again", |body| body["integrity"]["ok"] == true).await;
    }
}

#[actix_web::test]
async fn amendments_of_a_count_that_was_never_in_order_are_not_exchanged_either() {
    let app = App::before_start(3).await;
    let announce =
        "INSERT INTO amendments (election_id, kind, reason) SELECT election_id, 'recording_resumed', 'A failover' FROM elections";
    app.owner.batch_execute(announce).await.unwrap();
    app.published([2, 1, 0]).await;
    app.tamper("elections", "UPDATE elections SET title = title || '!'").await;
    app.start(1).await;
    let counted = app.results().await;
    says(&counted["integrity"], "title");
    app.tamper("amendments", "DELETE FROM amendments").await;
    app.tamper("elections", "UPDATE elections SET title = rtrim(title, '!')").await;
    let other = "announced amendments";
    let fits = |body: &Value| {
        body["integrity"]["reasons"].to_string().contains(other) && body["election_title"] == "Student Council 2026"
    };
    let body = app.results_until("the amendment is missed", fits).await;
    assert_eq!((&body["amendments"], &body["integrity"]["ok"]), (&counted["amendments"], &json!(false)));
}

#[actix_web::test]
async fn a_withdrawal_that_is_announced_after_a_look_at_the_ballots_is_found() {
    let app = App::before_start(3).await;
    app.published([2, 1, 0]).await;
    // Dated before the end, as whoever has looked would do it.
    let withdraw = "INSERT INTO amendments (election_id, kind, reason, details, created_at) \
                    SELECT c.election_id, 'candidate_withdrawn', 'Resigned', jsonb_build_object('candidate_id', min(c.candidate_id)), \
                    now() - interval '1 day' FROM candidates c GROUP BY c.election_id";
    app.tamper("amendments", withdraw).await;
    app.start(NEVER).await;
    let integrity = app.results().await["integrity"].clone();
    says(&integrity, "withdrawn are not those of the time when the box was sealed");
    assert_eq!((&integrity["ok"], &integrity["box"]["ok"]), (&json!(false), &json!(false)), "{integrity}");
}
