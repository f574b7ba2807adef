//! Who may touch what, tried rather than read.

use crate::ballots::{Ballots, assert_refused, refusal, verify_chain};
use migrator::SERVICE_ROLES;
use std::fmt::Write;
use testkit::{OWNER, SUPERUSER, TestDatabase, given};
use tokio_postgres::Client;

/// Whether a statement gets past the rights; what it does is rolled back.
async fn permitted(client: &Client, sql: &str) -> bool {
    let outcome = client.batch_execute(&format!("BEGIN; {sql}; ROLLBACK")).await;
    let Err(error) = outcome else { return true };
    client.batch_execute("ROLLBACK").await.unwrap();
    !error.as_db_error().unwrap().message().starts_with("permission denied")
}

/// The verb in capitals for the whole table, in small letters for some columns, or nothing.
async fn tried(client: &Client, verb: &str, columns: &[String], sql: impl Fn(&[String]) -> String) -> String {
    if permitted(client, &sql(columns)).await {
        return verb.to_owned();
    }
    for column in columns {
        if permitted(client, &sql(std::slice::from_ref(column))).await {
            return verb.to_lowercase();
        }
    }
    String::new()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_tries_every_table() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let sql = "SELECT c.relname::text, array_agg(quote_ident(a.attname) ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 GROUP BY 1 ORDER BY 1";
    let tables: Vec<(String, Vec<String>)> =
        owner.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut text = "Tried as each role. CAPITALS: the whole table. small letters: some columns only.\n".to_owned();
    for role in SERVICE_ROLES {
        let client = database.connect(role).await;
        let _ = writeln!(text, "\n{role}");
        for (table, columns) in &tables {
            let values = |columns: &[String]| vec!["DEFAULT"; columns.len()].join(", ");
            let sets = |columns: &[String]| columns.iter().map(|c| format!("{c} = DEFAULT")).collect::<Vec<_>>().join(", ");
            let cells = [
                tried(&client, "SELECT", columns, |c| format!("SELECT {} FROM {table} LIMIT 0", c.join(", "))).await,
                tried(&client, "INSERT", columns, |c| {
                    format!("INSERT INTO {table} ({}) OVERRIDING SYSTEM VALUE VALUES ({})", c.join(", "), values(c))
                })
                .await,
                tried(&client, "UPDATE", columns, |c| format!("UPDATE {table} SET {} WHERE false", sets(c))).await,
                tried(&client, "DELETE", columns, |_| format!("DELETE FROM {table} WHERE false")).await,
                tried(&client, "TRUNCATE", columns, |_| format!("TRUNCATE {table}")).await,
            ];
            let cells = cells.map(|cell| if cell.is_empty() { "-".to_owned() } else { cell });
            let line = format!("    {table:<27}{:<7}{:<7}{:<7}{:<7}{}", cells[0], cells[1], cells[2], cells[3], cells[4]);
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_service_makes_tables_or_temporary_ones() {
    let database = TestDatabase::new().await;
    for role in SERVICE_ROLES {
        let client = database.connect(role).await;
        assert!(!permitted(&client, "CREATE TABLE mine (a int)").await, "{role}");
        assert!(!permitted(&client, "CREATE TEMPORARY TABLE mine (a int)").await, "{role}");
    }
}

/// Asserts that a statement is refused by this foreign key.
async fn assert_points_nowhere(client: &Client, sql: &str, constraint: &str) {
    let error = client.batch_execute(sql).await.expect_err(sql);
    assert_eq!(refusal(&error), ("23503".to_owned(), constraint.to_owned()), "{sql}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_for_a_voter_of_its_own_election_and_carries_their_code() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (active, _) = given::an_active_election(&owner, "simple", 0).await;
    // The roll of a draft is open: whoever writes links could fill it with as many "voters" as they like.
    let draft = given::a_draft(&owner, active.admin_id, "Another").await;
    let strangers = given::voters(&owner, draft.election_id, 1).await;
    let admin = database.connect("admin_service").await;
    let link = |election: i64, code: &str| {
        format!(
            "INSERT INTO voting_tokens (election_id, voter_id, token_hash, expires_at, spend_id, email_hint) \
             SELECT {election}, voter_id, sha256('x'), now() + interval '1 day', {code}, 'v***' FROM voters WHERE voter_id = {}",
            strangers[0]
        )
    };
    assert_points_nowhere(&admin, &link(active.election_id, "spend_id"), "voting_tokens_voter_fkey").await;
    let other_code = link(draft.election_id, "uuid_send(gen_random_uuid())");
    assert_points_nowhere(&admin, &other_code, "voting_tokens_voter_fkey").await;
    let reference =
        format!("INSERT INTO audit_subjects VALUES (gen_random_uuid(), {}, {}, true)", active.election_id, strangers[0]);
    assert_points_nowhere(&admin, &reference, "audit_subjects_voter_fkey").await;
    admin.batch_execute(&link(draft.election_id, "spend_id")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_begins_as_a_draft() {
    let database = TestDatabase::new().await;
    let admin_id = given::an_admin(&database.owner().await, "ann@example.com").await;
    let election = database.connect("election_service").await;
    election.batch_execute(&format!("INSERT INTO elections (admin_id, title) VALUES ({admin_id}, 'A draft')")).await.unwrap();
    for (column, value) in [("status", "'draft'"), ("closed_at", "now()"), ("archived_at", "now()"), ("anonymised_at", "now()")] {
        let sql = format!("INSERT INTO elections (admin_id, title, {column}) VALUES ({admin_id}, 'Another', {value})");
        assert!(!permitted(&election, &sql).await, "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_and_the_audit_log_cannot_be_changed_by_anybody() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 2).await;
    let link = given::token_hash(&owner, voters[0]).await;
    let voting = database.connect("voting_service").await;
    assert_eq!(Ballots::default().cast("a", &link).record(&voting, election.election_id).await, ["recorded"]);
    owner
        .batch_execute(
            "INSERT INTO audit_logs (log_id, event_id, timestamp, source, event_type, details, previous_hash, current_hash) \
             VALUES (1, gen_random_uuid(), now(), 'auth', 'login', '{}', (SELECT last_hash FROM audit_head), sha256('1'));\
             UPDATE audit_head SET last_id = 1, last_hash = sha256('1')",
        )
        .await
        .unwrap();
    for role in [OWNER, SUPERUSER] {
        let client = database.connect(role).await;
        assert_refused(&client, "UPDATE votes SET sealed = sealed", "votes_immutable").await;
        assert_refused(&client, "DELETE FROM votes", "votes_immutable").await;
        assert_refused(&client, "TRUNCATE votes", "votes_immutable").await;
        assert_refused(&client, "TRUNCATE chain_heads CASCADE", "votes_immutable").await;
        assert_refused(&client, "UPDATE audit_logs SET details = 'x'", "audit_logs_immutable").await;
        assert_refused(&client, "DELETE FROM audit_logs", "audit_logs_immutable").await;
        assert_refused(&client, "TRUNCATE audit_logs", "audit_logs_immutable").await;
        assert_refused(&client, "DELETE FROM audit_head", "audit_head_immutable").await;
        assert_refused(&client, "TRUNCATE decrypted_ballots", "decrypted_ballots_immutable").await;
        let opened = "INSERT INTO decrypted_ballots SELECT election_id, digest, 'p' FROM votes";
        assert_refused(&client, opened, "not_in_the_box").await;
    }
    let superuser = database.connect(SUPERUSER).await;
    superuser.batch_execute("SET session_replication_role = replica").await.unwrap();
    assert_refused(&superuser, "DELETE FROM votes", "votes_immutable").await;
    // A row that does not fit the chain is refused, also from the owner's hand.
    let forged =
        "INSERT INTO votes SELECT election_id, 2, sha256('x'), sealed, prefix, stamp, chain_hash, sha256('y') FROM votes";
    assert_refused(&owner, forged, "votes_chain").await;
    let gap = "INSERT INTO votes SELECT election_id, 3, sha256('x'), sealed, prefix, stamp, chain_hash, \
               chain_link(election_id, 3, chain_hash, sha256('x'), prefix, stamp) FROM votes";
    assert_refused(&owner, gap, "votes_chain").await;
    assert_eq!(verify_chain(&owner, election.election_id).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_only_continued() {
    let database = TestDatabase::new().await;
    let audit = database.connect("audit_service").await;
    let entry = |id: i64, before: &str, own: &str| {
        format!(
            "INSERT INTO audit_logs (log_id, event_id, timestamp, source, event_type, details, previous_hash, current_hash) \
             VALUES ({id}, gen_random_uuid(), now(), 'auth', 'login', '{{}}', {before}, sha256('{own}'))"
        )
    };
    let genesis = "decode(repeat('00', 32), 'hex')";
    assert_refused(&audit, &entry(2, genesis, "1"), "audit_logs_chain").await;
    assert_refused(&audit, &entry(1, "sha256('else')", "1"), "audit_logs_chain").await;
    audit.batch_execute(&entry(1, genesis, "1")).await.unwrap();
    assert_refused(&audit, "UPDATE audit_head SET last_id = 1, last_hash = sha256('else')", "audit_head_last").await;
    audit.batch_execute("BEGIN; SELECT last_id FROM audit_head FOR UPDATE; COMMIT").await.unwrap();
    audit.batch_execute("UPDATE audit_head SET last_id = 1, last_hash = sha256('1')").await.unwrap();
    assert_refused(&audit, "UPDATE audit_head SET last_id = 0, last_hash = decode(repeat('00', 32), 'hex')", "audit_head_last")
        .await;
    let (second, third) = (entry(2, "sha256('1')", "2"), entry(3, "sha256('2')", "3"));
    audit
        .batch_execute(&format!(
            "BEGIN; {second}; UPDATE audit_head SET last_id = 2, last_hash = sha256('2'); {third}; \
                                  UPDATE audit_head SET last_id = 3, last_hash = sha256('3'); COMMIT"
        ))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_sees_its_own_outbox() {
    let database = TestDatabase::new().await;
    let (admin, election) = (database.connect("admin_service").await, database.connect("election_service").await);
    let tell = "INSERT INTO outbox (event_id, destination, kind, payload) VALUES (gen_random_uuid(), 'audit', 'k', 'p')";
    admin.batch_execute(tell).await.unwrap();
    let waiting = "SELECT event_id FROM outbox WHERE delivered_at IS NULL FOR UPDATE SKIP LOCKED";
    assert_eq!(admin.query(waiting, &[]).await.unwrap().len(), 1);
    assert_eq!(election.query(waiting, &[]).await.unwrap().len(), 0);
    assert_eq!(election.execute("UPDATE outbox SET attempts = 1", &[]).await.unwrap(), 0);
    assert_eq!(election.execute("DELETE FROM outbox", &[]).await.unwrap(), 0);
    let forged = tell.replace("(event_id,", "(source, event_id,").replace("VALUES (", "VALUES ('admin_service', ");
    assert!(election.batch_execute(&forged).await.is_err());
    assert_eq!(admin.execute("UPDATE outbox SET attempts = 1", &[]).await.unwrap(), 1);
    assert_eq!(admin.execute("DELETE FROM outbox", &[]).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn voting_sees_the_stamp_key_only_and_no_list_of_links() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (active, voters) = given::an_active_election(&owner, "simple", 1).await;
    let voting = database.connect("voting_service").await;
    let keys = voting.query("SELECT purpose FROM election_keys", &[]).await.unwrap();
    assert_eq!(keys.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>(), ["stamp"]);
    let election = database.connect("election_service").await;
    assert_eq!(election.query("SELECT purpose FROM election_keys", &[]).await.unwrap().len(), 2);
    let link = given::token_hash(&owner, voters[0]).await;
    let row = voting
        .query_one(
            "SELECT status, email_hint, is_used, expires_at > now FROM look_up_token($1, $2)",
            &[&active.election_id, &link],
        )
        .await
        .unwrap();
    assert_eq!((row.get::<_, &str>(0), row.get::<_, bool>(2), row.get::<_, bool>(3)), ("active", false, true));
    assert!(
        voting
            .query_opt("SELECT status FROM look_up_token($1, sha256('forged'))", &[&active.election_id])
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        !permitted(&voting, "SELECT begin_close(1, 0)").await && !permitted(&voting, "SELECT anonymise_participation(1)").await
    );
}

/// Each cast changes one row of the election's links: the counter of that table is the exact turnout, while the organiser sees it rounded.
#[tokio::test]
async fn no_role_reads_how_often_a_table_was_changed() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    given::an_active_election(&owner, "simple", 1).await;
    for role in SERVICE_ROLES.into_iter().chain([OWNER]) {
        let client = database.connect(role).await;
        for counters in ["pg_stat_all_tables", "pg_stat_user_indexes", "pg_statio_all_tables", "pg_stat_database"] {
            let refused = client.query(&format!("SELECT * FROM {counters}"), &[]).await.unwrap_err();
            assert_eq!(refusal(&refused).0, "42501", "{role} and {counters}");
        }
    }
}
