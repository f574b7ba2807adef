//! The owner of the database takes ballots out of an open box and makes a fitting chain anew. No file of the installation is needed
//! for that, and nothing in the database shows it: only who saw those ballots committed can tell (ADR 0014).

use std::time::Duration;

use contract::events::{AuditEvent, AuditEventKind};
use testkit::{TestDatabase, wait_until};
use tokio_postgres::Client;

use crate::app::{App, settings};
use crate::arranged::{Election, an_election, ballots};
use crate::many_votes::one_linear_chain;
use crate::proxy::{Cut, Proxy};

/// Takes out the ballot at this position, moves up and chains anew those behind it, and gives the voter their link back.
async fn take_out(owner: &Client, election: &Election, position: i64, voter: i64) {
    let sql = format!("BEGIN; {}; COMMIT", taking_out(election, position, voter));
    owner.batch_execute(&sql).await.unwrap();
}

fn taking_out(election: &Election, position: i64, voter: i64) -> String {
    format!(
        "ALTER TABLE votes DISABLE TRIGGER USER; ALTER TABLE voting_tokens DISABLE TRIGGER USER; \
         DO $$ DECLARE v record; link bytea; BEGIN \
         SELECT coalesce((SELECT chain_hash FROM votes WHERE election_id = e.election_id AND position = {position} - 1), hash) \
             INTO link FROM manifests e WHERE election_id = {id}; \
         DELETE FROM votes WHERE election_id = {id} AND position = {position}; \
         FOR v IN SELECT * FROM votes WHERE election_id = {id} AND position > {position} ORDER BY position LOOP \
             UPDATE votes SET position = v.position - 1, previous_hash = link, \
                 chain_hash = chain_link({id}, v.position - 1, link, v.digest, v.prefix, v.stamp) \
             WHERE election_id = {id} AND position = v.position RETURNING chain_hash INTO link; \
         END LOOP; \
         UPDATE chain_heads SET last_position = last_position - 1, last_hash = link WHERE election_id = {id}; \
         UPDATE voting_tokens SET is_used = false WHERE voter_id = {voter}; END $$; \
         ALTER TABLE votes ENABLE TRIGGER USER; ALTER TABLE voting_tokens ENABLE TRIGGER USER",
        id = election.id,
    )
}

async fn cast(app: &App, election: &Election, voter: usize) -> (u16, String) {
    let cast = app.cast(&election.tokens[voter], election.candidate(0)).await;
    (cast.status, cast.said().to_owned())
}

async fn is_used(owner: &Client, voter: i64) -> bool {
    owner.query_one("SELECT bool_or(is_used) FROM voting_tokens WHERE voter_id = $1", &[&voter]).await.unwrap().get(0)
}

/// What `/ready` names; the service is ready all the same.
async fn halted(app: &App) -> Vec<i64> {
    let ready = app.get("/ready").await;
    assert_eq!((ready.status, ready.text("status")), (200, "ready"), "{ready:?}");
    ready.body["halted_elections"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

/// As `uvote-election resume-election` does it.
async fn resume(database: &TestDatabase, election: &Election) -> String {
    let role = database.connect("election_service").await;
    let sql = "SELECT resume_recording($1, 'Two ballots were lost in a failover')";
    role.query_one(sql, &[&election.id]).await.unwrap().get(0)
}

fn refused() -> (u16, String) {
    (503, "recording-halted".to_owned())
}

fn recorded() -> (u16, String) {
    (200, "ok".to_owned())
}

#[actix_web::test]
async fn a_box_that_its_owner_rewound_halts_its_election_and_no_other_until_recording_is_resumed() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, other) = (an_election(&owner, 9).await, an_election(&owner, 3).await);
    let app = App::start(&database).await;
    for voter in 0..4 {
        assert_eq!(cast(&app, &election, voter).await, recorded());
    }
    assert_eq!(cast(&app, &other, 0).await, recorded());
    assert_eq!(halted(&app).await, Vec::<i64>::new());

    take_out(&owner, &election, 2, election.voters[1]).await;
    assert_eq!(one_linear_chain(&owner, &election).await, 3, "the chain proves nothing against who can compute it");
    let answer = app.cast(&election.tokens[4], election.candidate(0)).await;
    assert_eq!((answer.status, answer.said()), (503, "recording-halted"));
    assert!(answer.retry_after().is_some() && answer.text("detail").contains("your link is not used"), "{answer:?}");
    assert_eq!(cast(&app, &election, 1).await, refused(), "nor does the voter of the lost ballot vote again unseen");
    assert_eq!((is_used(&owner, election.voters[4]).await, ballots(&owner, &election).await), (false, 3));
    assert_eq!(cast(&app, &other, 1).await, recorded());
    assert_eq!(halted(&app).await, [election.id]);
    // Who opens an unused link reads it before they choose.
    let token = &election.tokens[5];
    for said in [app.validate(token).await, app.ballot(token).await] {
        assert_eq!(said["voting_open"], false, "{said}");
        assert!(said["error"].as_str().unwrap().starts_with("Voting in this election is halted"), "{said}");
    }
    assert_eq!(app.validate(token).await["valid"], true);
    let open = app.validate(&other.tokens[2]).await;
    assert_eq!((&open["voting_open"], &open["error"]), (&true.into(), &serde_json::Value::Null));

    // The alarm names the election, once, and nobody who voted.
    let alarms = owner.query("SELECT source::text, payload FROM outbox WHERE destination = 'audit'", &[]).await.unwrap();
    assert_eq!(alarms.iter().map(|row| row.get(0)).collect::<Vec<String>>(), ["voting_service"]);
    let event: AuditEvent = serde_json::from_slice(alarms[0].get(1)).unwrap();
    assert_eq!((event.election_id, event.kind), (Some(election.id), AuditEventKind::RecordingHalted {}));
    assert_eq!((event.admin_id, event.subject_ref, event.ip_address), (None, None, None));
    let metrics = app.client.get(format!("{}/metrics", app.url)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("voting_elections_halted_total 1"), "{metrics}");

    // Another process hears of it by the mark, and keeps it in mind: the owner may remove the mark, and changes nothing.
    let second = App::start(&database).await;
    assert_eq!(cast(&second, &election, 4).await, refused());
    for app in [&app, &second] {
        owner.batch_execute("UPDATE chain_heads SET halted_at = NULL").await.unwrap();
        assert_eq!(halted(app).await, [election.id]);
        assert_eq!(cast(app, &election, 4).await, refused());
    }
    assert_eq!(ballots(&owner, &election).await, 3);

    assert_eq!(resume(&database, &election).await, "resumed");
    assert_eq!((halted(&app).await, halted(&second).await), (vec![], vec![]));
    let amendments = app.ballot(&election.tokens[4]).await["amendments"].clone();
    assert_eq!(
        (&amendments[0]["kind"], &amendments[0]["reason"]),
        (&"recording_resumed".into(), &"Two ballots were lost in a failover".into())
    );
    assert_eq!(cast(&app, &election, 4).await, recorded());
    assert_eq!(cast(&second, &election, 5).await, recorded());
    assert_eq!(cast(&app, &election, 6).await, recorded());

    // What was found at the release is the new memory.
    take_out(&owner, &election, 6, election.voters[6]).await;
    assert_eq!(cast(&app, &election, 7).await, refused());
    assert_eq!(resume(&database, &election).await, "resumed");
    assert_eq!(cast(&app, &election, 7).await, recorded());
    // A release is public, and stays so.
    owner.batch_execute("DELETE FROM amendments WHERE amendment_id = (SELECT max(amendment_id) FROM amendments)").await.unwrap();
    assert_eq!(cast(&app, &election, 8).await, refused());
}

#[actix_web::test]
async fn new_ballots_of_a_process_that_remembers_nothing_do_not_hide_that_the_box_was_rewound() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 7).await;
    let first = App::start(&database).await;
    for voter in 0..3 {
        assert_eq!(cast(&first, &election, voter).await, recorded());
    }
    take_out(&owner, &election, 3, election.voters[2]).await;
    // As after a restart: this one cannot know.
    let second = App::start(&database).await;
    for voter in 3..5 {
        assert_eq!(cast(&second, &election, voter).await, recorded());
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 4);
    assert_eq!(cast(&first, &election, 5).await, refused());
    assert_eq!(cast(&second, &election, 5).await, refused(), "the mark holds for all processes");
    assert_eq!((is_used(&owner, election.voters[5]).await, ballots(&owner, &election).await), (false, 4));
}

#[actix_web::test]
async fn a_lost_answer_is_not_taken_for_a_rewound_box() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 6).await;
    let address = std::env::var(testkit::env::POSTGRES).unwrap();
    let proxy = Proxy::before(address.parse().unwrap()).await;
    let mut settings = settings(&database);
    settings.database.url = settings.database.url.replace(&address, &proxy.addr.to_string());
    let app = App::with(settings).await;
    let second = App::start(&database).await;
    for voter in 0..6 {
        if voter % 2 == 1 {
            proxy.set(Cut::AnswerOnce);
        }
        let app = if voter == 4 { &second } else { &app };
        assert_eq!(cast(app, &election, voter).await, recorded());
    }
    assert_eq!(halted(&app).await, Vec::<i64>::new());
    assert_eq!(one_linear_chain(&owner, &election).await, 6);
}

/// A process that looks at open boxes all the time.
async fn looking(database: &TestDatabase) -> App {
    App::with(voting::Settings { look_every: Duration::from_millis(100), ..settings(database) }).await
}

async fn until_halted(app: &App, election: &Election) {
    wait_until("the election is halted", Duration::from_secs(30), async || halted(app).await == [election.id]).await;
}

#[actix_web::test]
async fn a_ballot_taken_out_after_the_last_cast_is_found_without_another_cast() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, other) = (an_election(&owner, 5).await, an_election(&owner, 2).await);
    let app = looking(&database).await;
    for voter in 0..4 {
        assert_eq!(cast(&app, &election, voter).await, recorded());
    }
    assert_eq!(cast(&app, &other, 0).await, recorded());
    take_out(&owner, &election, 4, election.voters[3]).await;
    assert_eq!(one_linear_chain(&owner, &election).await, 3);

    until_halted(&app, &election).await;
    let sql = "SELECT election_id FROM chain_heads WHERE halted_at IS NOT NULL";
    let marked: Vec<i64> = owner.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(marked, [election.id], "for every process, and no other election");
    let alarms = "SELECT count(*) FROM outbox WHERE destination = 'audit'";
    assert_eq!(owner.query_one(alarms, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(cast(&app, &election, 4).await, refused());
    assert_eq!(cast(&app, &other, 1).await, recorded());

    // The look hears of a resumption as well: what is taken out after it is found again.
    assert_eq!(resume(&database, &election).await, "resumed");
    assert_eq!(cast(&app, &election, 4).await, recorded());
    assert_eq!(halted(&app).await, Vec::<i64>::new());
    take_out(&owner, &election, 4, election.voters[4]).await;
    until_halted(&app, &election).await;
}

#[actix_web::test]
async fn a_mark_that_somebody_removed_is_set_again_by_the_look() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    let app = looking(&database).await;
    assert_eq!(cast(&app, &election, 0).await, recorded());
    take_out(&owner, &election, 1, election.voters[0]).await;
    until_halted(&app, &election).await;
    owner.batch_execute("UPDATE chain_heads SET halted_at = NULL").await.unwrap();
    let sql = "SELECT halted_at IS NOT NULL FROM chain_heads";
    let marked = async || owner.query_one(sql, &[]).await.unwrap().get::<_, bool>(0);
    wait_until("it is marked again", Duration::from_secs(30), marked).await;
}

#[actix_web::test]
async fn an_election_that_was_closed_while_it_was_halted_is_named_until_it_is_archived() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    owner.batch_execute("UPDATE chain_heads SET halted_at = now()").await.unwrap();
    assert_eq!(halted(&app).await, [election.id]);
    owner.execute("SELECT begin_close($1, 0)", &[&election.id]).await.unwrap();
    assert_eq!(halted(&app).await, [election.id]);
    owner
        .execute("UPDATE elections SET status = 'archived', archived_at = now() WHERE election_id = $1", &[&election.id])
        .await
        .unwrap();
    assert_eq!(halted(&app).await, Vec::<i64>::new());
}

#[actix_web::test]
async fn a_ballot_taken_out_behind_a_lock_that_lasts_until_the_box_is_sealed_is_found_after_the_close() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 4).await;
    let app = looking(&database).await;
    for voter in 0..4 {
        assert_eq!(cast(&app, &election, voter).await, recorded());
    }
    // Nobody sees the box between the theft and the sealing.
    let attack = format!(
        "BEGIN; SELECT FROM chain_heads WHERE election_id = {id} FOR UPDATE; {theft}; \
         SELECT begin_close({id}, 60); SELECT seal_box({id}); COMMIT",
        id = election.id,
        theft = taking_out(&election, 2, election.voters[1]),
    );
    owner.batch_execute(&attack).await.unwrap();
    assert_eq!(one_linear_chain(&owner, &election).await, 3, "the chain of the sealed box is whole");
    until_halted(&app, &election).await;
    let sql = "SELECT state || ' ' || (halted_at IS NOT NULL) FROM chain_heads";
    assert_eq!(owner.query_one(sql, &[]).await.unwrap().get::<_, String>(0), "sealed true", "the result says it");
}

#[actix_web::test]
async fn a_box_that_was_locked_is_looked_at_again_before_the_next_round() {
    const ROUND: Duration = Duration::from_secs(10);
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    let app = App::with(voting::Settings { look_every: ROUND, ..settings(&database) }).await;
    assert_eq!(cast(&app, &election, 0).await, recorded());
    let watcher = database.owner().await;
    let waits = async || -> bool {
        let sql = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() \
                   AND application_name = 'voting recorder''s look' AND wait_event_type = 'Lock'";
        watcher.query_one(sql, &[]).await.unwrap().get(0)
    };
    owner.batch_execute(&format!("BEGIN; SELECT FROM chain_heads WHERE election_id = {} FOR UPDATE", election.id)).await.unwrap();
    owner.batch_execute(&taking_out(&election, 1, election.voters[0])).await.unwrap();
    wait_until("the look meets the lock", ROUND * 2, &waits).await;
    wait_until("the look gives up", ROUND, async || !waits().await).await;
    owner.batch_execute("COMMIT").await.unwrap();
    wait_until("the election is halted before the next round", ROUND * 8 / 10, async || halted(&app).await == [election.id])
        .await;
}
