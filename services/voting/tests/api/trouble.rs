//! Lost connections, killed backends, warnings at COMMIT: no receipt without a ballot, no ballot twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use testkit::{SUPERUSER, TestDatabase, wait_until};
use voting::Settings;

use crate::app::{App, a_key, settings};
use crate::arranged::{an_election, ballots};
use crate::many_votes::one_linear_chain;
use crate::proxy::{Cut, Proxy};

/// A service whose database lies behind a proxy, and whose recorder gives up after so many milliseconds.
async fn behind_a_proxy(database: &TestDatabase, recorder_patience_ms: u64) -> (App, Proxy) {
    let address = std::env::var(testkit::env::POSTGRES).unwrap();
    let proxy = Proxy::before(address.parse().unwrap()).await;
    let mut settings = Settings { recorder_patience_ms, ..settings(database) };
    settings.database.url = settings.database.url.replace(&address, &proxy.addr.to_string());
    (App::with(settings).await, proxy)
}

#[actix_web::test]
async fn when_the_answer_to_commit_is_lost_the_recorder_finds_its_ballot_again() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 3).await;
    let (app, proxy) = behind_a_proxy(&database, 10_000).await;
    for token in &election.tokens {
        proxy.set(Cut::AnswerOnce);
        let cast = app.cast(token, election.candidate(0)).await;
        assert_eq!(cast.status, 200, "{cast:?}");
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 3);
}

#[actix_web::test]
async fn when_the_database_is_gone_at_commit_there_is_no_receipt_and_the_same_ballot_again_gives_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    let (app, proxy) = behind_a_proxy(&database, 400).await;
    for (token, cut, recorded) in [(&election.tokens[0], Cut::AnswerAndAll, 1), (&election.tokens[1], Cut::RequestAndAll, 0)] {
        let before = ballots(&owner, &election).await;
        let key = a_key();
        proxy.set(cut);
        let lost = app.cast_with_key(token, election.candidate(0), &key).await;
        assert_eq!((lost.status, lost.said()), (503, "outcome-unknown"), "{lost:?}");
        assert!(lost.retry_after().is_some() && lost.body.get("receipt").is_none());
        assert_eq!(ballots(&owner, &election).await, before + recorded, "{cut:?}");
        let meanwhile = app.cast_with_key(token, election.candidate(0), &key).await;
        assert_eq!(meanwhile.said(), "unavailable", "{meanwhile:?}");

        proxy.set(Cut::Never);
        let again = app.cast_with_key(token, election.candidate(0), &key).await;
        assert_eq!(again.status, 200, "{again:?}");
        let found = app.get(&format!("/api/voting/receipts/{}", again.text("vote_hash"))).await;
        assert_eq!(found.body["recorded"], true);
        assert_eq!(ballots(&owner, &election).await, before + 1);
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 2);
}

#[actix_web::test]
async fn a_warning_at_commit_is_no_receipt_until_a_repeat_has_committed_without_one() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    // What PostgreSQL says when synchronous replication is cancelled, said where it says it: at COMMIT. Only where a ballot was new.
    let sql = "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               RAISE WARNING 'canceling wait for synchronous replication due to user request'; RETURN NULL; END $$; \
               CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON votes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION warn()";
    owner.batch_execute(sql).await.unwrap();
    let app = App::start(&database).await;
    let backend = async || {
        let sql =
            "SELECT max(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'voting recorder'";
        owner.query_one(sql, &[]).await.unwrap().get::<_, Option<i32>>(0)
    };
    let cast = app.cast(&election.tokens[0], election.candidate(0)).await;
    assert_eq!(cast.status, 200, "{cast:?}");
    let first = backend().await;
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    assert_ne!(backend().await, first, "a connection that warned is not used again");
    assert_eq!(one_linear_chain(&owner, &election).await, 2);
}

#[actix_web::test]
async fn recording_a_known_ballot_again_writes_so_its_commit_waits_for_replicas() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.status, 200);
    let role = database.connect("voting_service").await;
    let digest: Vec<u8> = owner.query_one("SELECT digest FROM votes", &[]).await.unwrap().get(0);
    // A transaction has a number only when it writes, and only then does its COMMIT wait for synchronous replicas.
    role.batch_execute("BEGIN").await.unwrap();
    let sql = "SELECT outcomes FROM record_ballots($1, ARRAY[$2::bytea], ARRAY['x'::bytea], ARRAY['x'::bytea], ARRAY['x'::bytea], ARRAY[NULL::bytea])";
    let outcomes: Vec<String> = role.query_one(sql, &[&election.id, &digest]).await.unwrap().get(0);
    let number = role.query_one("SELECT pg_current_xact_id_if_assigned()::text", &[]).await.unwrap().get::<_, Option<String>>(0);
    role.batch_execute("COMMIT").await.unwrap();
    assert_eq!(outcomes, ["known"]);
    assert!(number.is_some());
}

#[actix_web::test]
async fn backends_killed_under_load_lose_no_acknowledged_ballot_and_double_none() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 400).await;
    let app = App::start(&database).await;
    let superuser = database.connect(SUPERUSER).await;
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let voters = (0..16).map(|_| async {
        let mut receipts = Vec::new();
        while let Some(token) = election.tokens.get(next.fetch_add(1, Ordering::Relaxed)) {
            let key = a_key();
            // A voter's page does the same: it posts the same ballot until it has an answer.
            let mut answer = app.cast_with_key(token, election.candidate(1), &key).await;
            while answer.status == 503 {
                answer = app.cast_with_key(token, election.candidate(1), &key).await;
            }
            assert_eq!(answer.status, 200, "{answer:?}");
            receipts.push(answer.text("vote_hash").to_owned());
            done.fetch_add(1, Ordering::Relaxed);
        }
        receipts
    });
    let killer = async {
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'voting_service'";
        for round in 1..=10 {
            wait_until("the next votes", Duration::from_secs(60), async || done.load(Ordering::Relaxed) >= round * 30).await;
            superuser.query_one(kill, &[]).await.unwrap();
        }
    };
    let (receipts, ()) = futures_util::join!(join_all(voters), killer);
    let mut receipts = receipts.concat();
    receipts.sort_unstable();
    let rows = owner.query("SELECT encode(digest, 'hex') FROM votes ORDER BY 1", &[]).await.unwrap();
    assert_eq!(receipts, rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>());
    assert_eq!(one_linear_chain(&owner, &election).await, 400);
}

#[actix_web::test]
async fn a_call_that_fails_as_a_whole_fails_only_the_ballot_that_broke_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 33).await;
    // Something in the database breaks on one voter's link; their neighbours in the batch must not notice.
    let sql = format!(
        "CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$; \
         CREATE TRIGGER break BEFORE UPDATE ON voting_tokens FOR EACH ROW WHEN (OLD.voter_id = {}) EXECUTE FUNCTION break()",
        election.voters[16]
    );
    owner.batch_execute(&sql).await.unwrap();
    let app = App::start(&database).await;
    let answers = join_all(election.tokens.iter().map(|token| app.cast(token, election.candidate(0)))).await;
    for (voter, answer) in answers.iter().enumerate() {
        assert_eq!(answer.status, if voter == 16 { 500 } else { 200 }, "{voter}: {answer:?}");
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 32);
}

#[actix_web::test]
async fn a_voter_who_hangs_up_has_voted_all_the_same_or_not_at_all() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 20).await;
    let app = App::start(&database).await;
    for (number, token) in election.tokens.iter().enumerate() {
        let patience = Duration::from_millis(2 * u64::try_from(number).unwrap());
        let _ = tokio::time::timeout(patience, app.cast(token, election.candidate(0))).await;
    }
    // Whoever asks again finds their link used or votes now: nothing hangs, nobody is locked out.
    for token in &election.tokens {
        let again = app.cast(token, election.candidate(0)).await;
        assert!(matches!(again.status, 200 | 409), "{again:?}");
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 20);
}

#[actix_web::test]
async fn without_its_database_the_service_says_so_and_is_not_ready() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let (app, proxy) = behind_a_proxy(&database, 400).await;
    assert_eq!(app.get("/ready").await.status, 200);
    proxy.set(Cut::All);
    let mut fresh = settings(&database);
    fresh.database.url = fresh.database.url.replace(&std::env::var(testkit::env::POSTGRES).unwrap(), &proxy.addr.to_string());
    let down = App::with(fresh).await;
    assert_eq!(down.get("/ready").await.said(), "unavailable");
    assert_eq!(down.get("/health").await.status, 200);
    let cast = down.cast(&election.tokens[0], election.candidate(0)).await;
    assert_eq!((cast.status, cast.said()), (503, "unavailable"));
}

#[actix_web::test]
async fn a_changed_manifest_is_said_plainly_and_counted_and_takes_nobodys_vote() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    let app = App::start(&database).await;
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.status, 200);
    let exchange = async |new: &str| {
        let sql = format!(
            "ALTER TABLE manifests DISABLE TRIGGER USER; UPDATE manifests SET {new}; ALTER TABLE manifests ENABLE ALWAYS TRIGGER manifests_never_changed"
        );
        owner.batch_execute(&sql).await.unwrap();
    };
    owner.batch_execute("CREATE TABLE as_fixed AS SELECT hash FROM manifests").await.unwrap();
    exchange("hash = sha256('another')").await;
    let token = &election.tokens[1];
    let cast = app.cast(token, election.candidate(0)).await;
    for refused in [cast, app.get(&format!("/api/voting/ballot?token={token}")).await] {
        assert_eq!((refused.status, refused.said(), refused.retry_after()), (503, "unavailable", Some("60")));
        let detail = refused.text("detail");
        assert!(
            detail.contains("is not as it was when voting was opened") && detail.contains("Nothing was recorded"),
            "{detail}"
        );
    }
    let metrics = app.client.get(format!("{}/metrics", app.url)).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("voting_manifest_damaged_total 2"), "{metrics}");
    assert_eq!(ballots(&owner, &election).await, 1);

    exchange("hash = (SELECT hash FROM as_fixed)").await;
    let again = app.cast(token, election.candidate(0)).await;
    assert_eq!(again.status, 200, "the link was not spent: {again:?}");
}
