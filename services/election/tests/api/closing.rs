//! What happens when an election closes, also when it is interrupted.

use std::time::Duration;

use election::closing::Progress;
use reqwest::Method;
use serde_json::json;
use testkit::{SUPERUSER, wait_until};

use crate::app::App;

#[actix_web::test]
async fn a_closed_election_is_counted_and_published_by_itself() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(5).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters[..4], election.candidate_ids[1]).await;
    let closed = app.post(&format!("/api/elections/{id}/close")).await;
    assert_eq!((closed.status, &closed.body["status"]), (200, &json!("closed")));
    let tally = app.until_tally(id, "opened").await;
    assert_eq!(
        (&tally["done"], &tally["total"], &tally["stamps"], &tally["ballots"]),
        (&json!(4), &json!(4), &json!(4), &json!(4))
    );
    assert_eq!(tally["box"]["count"], 4);
    // The audit log, the mail and the answer carry the same numbers and hashes.
    let told = app.told().await;
    let details = |kind: &str| told.iter().find(|event| event["kind"]["event_type"] == kind).unwrap()["kind"]["details"].clone();
    let (sealed, rewritten) = (details("box_sealed"), details("participation_rewritten"));
    let mail = app.mails("box_commitment").await.remove(0);
    for (answered, logged, mailed) in [
        ("count", "ballots", "box_count"),
        ("hash", "box_hash", "box_hash"),
        ("spent_count", "used_rights", "spent_count"),
        ("spent_hash", "spent_hash", "spent_hash"),
        ("roll_count", "roll", "roll_count"),
        ("withdrawn_hash", "withdrawn_hash", "withdrawn_hash"),
    ] {
        assert_eq!((&tally["box"][answered], &tally["box"][answered]), (&sealed[logged], &mail[mailed]), "{answered}");
    }
    assert_eq!((&rewritten["used_rights"], &rewritten["spent_hash"]), (&sealed["used_rights"], &sealed["spent_hash"]));
    let shown = app.get(&format!("/api/elections/{id}")).await.body;
    assert!(shown["results_published_at"].is_string());
    assert_eq!(shown["turnout"], json!({"roll": 5, "voted": 4}));
    let expected =
        ["election_activated", "election_closed", "box_sealed", "participation_rewritten", "ballots_opened", "results_published"];
    assert_eq!(app.told_types().await, expected);
    let keys: Vec<String> =
        app.owner.query("SELECT purpose FROM election_keys", &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(keys, ["seal"], "no ballot can be stamped any more");
    let sql = "SELECT count(*) FROM outbox WHERE destination = 'email' AND kind = 'box_commitment'";
    let mails: i64 = app.owner.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(mails, 1, "the admin gets the commitment by mail");

    assert_eq!(app.call(Method::DELETE, &format!("/api/elections/{id}"), None).await.status, 409);
    assert_eq!(app.post(&format!("/api/elections/{id}/close")).await.status, 409);
    let archived = app.post(&format!("/api/elections/{id}/archive")).await;
    assert_eq!((archived.status, &archived.body["status"]), (200, &json!("archived")));
    assert_eq!(app.post(&format!("/api/elections/{id}/archive")).await.status, 409);
}

#[actix_web::test]
async fn an_election_without_a_vote_closes_too() {
    let app = App::working().await;
    let (election, _, _) = app.an_active_election(2).await;
    app.post(&format!("/api/elections/{}/close", election.election_id)).await;
    assert_eq!(app.until_tally(election.election_id, "opened").await["total"], 0);
}

#[actix_web::test]
async fn what_was_never_activated_cannot_be_closed_or_archived() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(1).await;
    let closed = app.post(&format!("/api/elections/{}/close", election.election_id)).await;
    assert_eq!(closed.status, 409);
    assert_eq!(closed.body["detail"], "This election was never activated. Activate it first");
    assert_eq!(app.post(&format!("/api/elections/{}/archive", election.election_id)).await.status, 409);
}

#[actix_web::test]
async fn every_step_can_be_taken_by_another_process_after_a_kill() {
    let app = App::idle().await;
    let (election, voters, booth) = app.an_active_election(3).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters, election.candidate_ids[0]).await;
    app.post(&format!("/api/elections/{id}/close")).await;
    for state in ["sealed", "rewritten", "opening", "opening", "opened"] {
        // A process that takes one step and is killed: its lease stays behind, and is over when its time is.
        assert_eq!(app.closing().step(id).await.unwrap(), Progress::Advanced);
        assert_eq!(app.get(&format!("/api/elections/{id}/tally")).await.body["tally_state"], state);
        assert_eq!(app.post(&format!("/api/elections/{id}/archive")).await.status, if state == "opened" { 200 } else { 409 });
        assert_eq!(app.closing().step(id).await.unwrap(), Progress::Nothing, "the lease still holds");
        app.owner.execute("UPDATE tallies SET lease_until = now() - interval '1 s'", &[]).await.unwrap();
    }
    assert_eq!(app.closing().step(id).await.unwrap(), Progress::Nothing);
    let told = app.told_types().await;
    assert_eq!(told.iter().filter(|told| *told == "box_sealed").count(), 1);
    assert_eq!(told.iter().filter(|told| *told == "ballots_opened").count(), 1);
}

#[actix_web::test]
async fn a_worker_that_is_dropped_at_any_moment_leaves_nothing_half_done() {
    let app = App::idle().await;
    let (election, voters, booth) = app.an_active_election(12).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters, election.candidate_ids[0]).await;
    app.post(&format!("/api/elections/{id}/close")).await;
    let path = format!("/api/elections/{id}/tally");
    for milliseconds in (0..).step_by(3) {
        let worker = actix_web::rt::spawn(app.closing().run(launch::Stopper::default()));
        let _ = tokio::time::timeout(Duration::from_millis(milliseconds), std::future::pending::<()>()).await;
        worker.abort();
        app.owner
            .execute("UPDATE tallies SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL", &[])
            .await
            .unwrap();
        if app.get(&path).await.body["tally_state"] == "opened" {
            break;
        }
    }
    let told = app.told_types().await;
    assert_eq!(told[2..], ["box_sealed", "participation_rewritten", "ballots_opened", "results_published"]);
    let opened: i64 = app.owner.query_one("SELECT count(*) FROM decrypted_ballots", &[]).await.unwrap().get(0);
    assert_eq!(opened, 12);
}

#[actix_web::test]
async fn two_processes_close_the_same_election_once() {
    let app = App::working().await;
    app.another_process().await;
    let (election, voters, booth) = app.an_active_election(20).await;
    app.everybody_votes(&booth, &voters, election.candidate_ids[2]).await;
    app.post(&format!("/api/elections/{}/close", election.election_id)).await;
    app.until_tally(election.election_id, "opened").await;
    let told = app.told_types().await;
    assert_eq!(told.len(), 6, "each event once: {told:?}");
}

#[actix_web::test]
async fn a_box_waits_for_ballots_that_were_stamped_but_not_for_ever() {
    let app = App::idle().await;
    let (election, voters, _) = app.an_active_election(2).await;
    let id = election.election_id;
    let stamped = "UPDATE voting_tokens SET is_used = true WHERE voter_id = $1";
    app.owner.execute(stamped, &[&voters[0]]).await.unwrap();
    app.post(&format!("/api/elections/{id}/close")).await;
    let closing = app.closing();
    assert_eq!(closing.step(id).await.unwrap(), Progress::Nothing);
    let tally = app.get(&format!("/api/elections/{id}/tally")).await.body;
    assert_eq!((&tally["tally_state"], &tally["stamps"], &tally["ballots"]), (&json!("grace"), &json!(1), &json!(0)));
    assert!(tally["grace_ends_at"].is_string());
    let later = "ALTER TABLE tallies DISABLE TRIGGER USER; UPDATE tallies SET grace_ends_at = now() - interval '1 s'; \
                 ALTER TABLE tallies ENABLE TRIGGER USER";
    app.owner.batch_execute(later).await.unwrap();
    assert_eq!(closing.step(id).await.unwrap(), Progress::Advanced);
    assert_eq!(app.get(&format!("/api/elections/{id}/tally")).await.body["tally_state"], "sealed");
}

#[actix_web::test]
async fn of_parallel_closes_one_wins() {
    let app = App::idle().await;
    let (election, _, _) = app.an_active_election(1).await;
    let path = format!("/api/elections/{}/close", election.election_id);
    let (one, two) = futures_util::join!(app.post(&path), app.post(&path));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[actix_web::test]
async fn a_ballot_nobody_can_open_is_kept_with_its_reason() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(4).await;
    let voting = app.database.connect("voting_service").await;
    let mut nonsense = vec![0_u8; 7];
    nonsense[0] = 9;
    let ballots =
        [booth.garbage(), booth.ballot_of(&nonsense), booth.ballot(&[&[]]), booth.ballot(&[&[election.candidate_ids[0]]])];
    for (voter, ballot) in voters.iter().zip(&ballots) {
        assert_eq!(booth.cast(&voting, &app.owner, *voter, ballot).await, "recorded");
    }
    app.post(&format!("/api/elections/{}/close", election.election_id)).await;
    app.until_tally(election.election_id, "opened").await;
    for (ballot, expected) in ballots.iter().zip([Some("key-not-unwrapped"), Some("wrong-version"), None, None]) {
        let sql = "SELECT reason, plaintext IS NULL FROM decrypted_ballots WHERE digest = $1";
        let row = app.owner.query_one(sql, &[&ballot.digest.as_bytes().as_slice()]).await.unwrap();
        assert_eq!((row.get::<_, Option<&str>>(0), row.get::<_, bool>(1)), (expected, expected.is_some()));
    }
    let opened = app.told().await.into_iter().find(|event| event["kind"]["event_type"] == "ballots_opened").unwrap();
    assert_eq!(opened["kind"]["details"], json!({"ballots": 4, "invalid": 2}));
}

#[actix_web::test]
async fn a_broken_chain_stops_the_tally_and_names_the_place() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(3).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters, election.candidate_ids[0]).await;
    let superuser = app.database.connect(SUPERUSER).await;
    let tamper = "ALTER TABLE votes DISABLE TRIGGER votes_never_changed; \
                  UPDATE votes SET prefix = sha256(prefix) WHERE position = 2; ALTER TABLE votes ENABLE ALWAYS TRIGGER votes_never_changed";
    superuser.batch_execute(tamper).await.unwrap();
    app.post(&format!("/api/elections/{id}/close")).await;
    let tally = app.until_tally(id, "failed").await;
    assert_eq!(
        (&tally["failed_in"], &tally["error"]),
        (&json!("grace"), &json!("the chain of recorded ballots is broken at position 2"))
    );
    assert!(tally["next"].as_str().unwrap().contains("close the election again"), "{tally}");
    let election = app.get(&format!("/api/elections/{id}")).await.body;
    assert_eq!(election["count_stopped"]["reason"], tally["error"]);
    let warning = election["warnings"][0].as_str().unwrap();
    assert!(
        warning.starts_with("The counting has stopped: the chain of recorded ballots is broken at position 2. "),
        "{warning}"
    );
    let message = json!({ "code": "count-chain-broken", "params": { "position": 2 } });
    assert_eq!(json!({ "code": tally["error_code"], "params": tally["error_params"] }), message);
    assert_eq!(json!({ "code": election["count_stopped"]["code"], "params": election["count_stopped"]["params"] }), message);
    assert_eq!(
        (&election["notices"][0]["code"], &election["notices"][0]["message"]),
        (&json!("count-stopped-warning"), &election["warnings"][0])
    );
    assert_eq!(election["notices"][0]["params"]["reason"], message);
    let mails = app.mails("action_needed").await;
    assert_eq!((mails.len(), &mails[0]["cause"]["reason"], &mails[0]["cause"]["message"]), (1, &tally["error"], &message));
    assert_eq!((&mails[0]["recipient"], &mails[0]["election_id"]), (&json!("admin@example.com"), &json!(id)));
    assert_eq!(app.told_types().await[2..], ["tally_failed"]);
    assert_eq!(app.post(&format!("/api/elections/{id}/archive")).await.status, 409);
    // Closing again tries again, and fails again.
    assert_eq!(app.post(&format!("/api/elections/{id}/close")).await.status, 200);
    wait_until("a second failure", Duration::from_secs(20), async || app.told_types().await.len() == 5).await;
    assert_eq!(app.told_types().await[3..], ["tally_retried", "tally_failed"]);
    assert_eq!(app.mails("action_needed").await.len(), 2, "once for each failure");
}

#[actix_web::test]
async fn a_tally_that_failed_goes_on_where_it_stopped_once_the_cause_is_gone() {
    let app = App::working().await;
    let (election, voters, booth) = app.an_active_election(2).await;
    let id = election.election_id;
    app.everybody_votes(&booth, &voters, election.candidate_ids[0]).await;
    app.owner
        .execute("UPDATE election_keys SET private_wrapped = '\\x00' || private_wrapped WHERE purpose = 'seal'", &[])
        .await
        .unwrap();
    app.post(&format!("/api/elections/{id}/close")).await;
    let tally = app.until_tally(id, "failed").await;
    assert_eq!(tally["failed_in"], "opening");
    let mend = "UPDATE election_keys SET private_wrapped = substring(private_wrapped FROM 2) WHERE purpose = 'seal'";
    app.owner.execute(mend, &[]).await.unwrap();
    app.post(&format!("/api/elections/{id}/close")).await;
    let tally = app.until_tally(id, "opened").await;
    assert_eq!((tally.get("failed_in"), tally.get("error"), tally.get("next")), (None, None, None));
    assert_eq!(app.get(&format!("/api/elections/{id}")).await.body.get("count_stopped"), None);
}

#[actix_web::test]
async fn an_election_whose_closing_takes_long_keeps_no_other_waiting() {
    let app = App::working().await;
    let (large, ..) = app.an_active_election(3).await;
    let (other, ..) = app.an_active_election(3).await;
    let (by_the_clock, ..) = app.an_active_election(3).await;
    // Writing the roll of the large one anew takes as long as the holder wants, with the election and its leaves locked: no lock is
    // waited for, so no limit ends it and nobody else gets its turn.
    let holder = app.database.owner().await;
    holder.batch_execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let large_one = large.election_id;
    let long = format!(
        "CREATE FUNCTION takes_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             WHILE NOT pg_try_advisory_xact_lock(1) LOOP PERFORM pg_sleep(0.02); END LOOP; RETURN NEW; END $$; \
         CREATE TRIGGER takes_long BEFORE UPDATE OF state ON tallies FOR EACH ROW \
             WHEN (NEW.election_id = {large_one} AND NEW.state = 'rewritten') EXECUTE FUNCTION takes_long()"
    );
    app.owner.batch_execute(&long).await.unwrap();
    assert_eq!(app.post(&format!("/api/elections/{large_one}/close")).await.status, 200);
    wait_until("the roll to be written anew", Duration::from_secs(20), async || {
        let written = "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_database d ON d.oid = l.database \
                       WHERE d.datname = current_database() AND c.relname = $1 AND l.mode = 'AccessExclusiveLock' AND l.granted)";
        app.owner.query_one(written, &[&format!("voters_{large_one}")]).await.unwrap().get(0)
    })
    .await;

    assert_eq!(app.post(&format!("/api/elections/{}/close", other.election_id)).await.status, 200);
    app.until_tally(other.election_id, "opened").await;
    let end = "UPDATE elections SET closes_at = clock_timestamp() + interval '100 milliseconds' WHERE election_id = $1";
    app.owner.execute(end, &[&by_the_clock.election_id]).await.unwrap();
    app.until_tally(by_the_clock.election_id, "opened").await;
    // A call about the large one is answered soon: the life cycle refuses it, whoever holds the election.
    let path = format!("/api/elections/{large_one}/archive");
    let early = tokio::time::timeout(Duration::from_secs(20), app.post(&path)).await.expect("a call that does not queue");
    assert_eq!(early.status, 409, "{}", early.body);
    assert_eq!(app.get(&format!("/api/elections/{large_one}/tally")).await.body["tally_state"], "sealed", "it still takes long");

    holder.batch_execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    app.until_tally(large_one, "opened").await;
}
