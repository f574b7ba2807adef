//! One leaf for each election (ADR 0022): what each leaf has, what it costs, and what is left in its files after the close.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::ballots::{Ballots, refusal, sha256};
use futures_util::future::join_all;
use testkit::{SUPERUSER, TestDatabase, given, wait_until};
use tokio_postgres::Client;

const PARENTS: [&str; 5] = ["voters", "voting_tokens", "link_requests", "audit_subjects", "email_messages"];

async fn lines(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn number(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// What a table has, in words that are the same for a parent and for its leaf.
async fn has(client: &Client, table: &str, parent: &str) -> Vec<String> {
    let sql = format!(
        "SELECT concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstattarget, a.attstorage, \
                          CASE WHEN a.attidentity = '' THEN pg_get_expr(d.adbin, d.adrelid) END) AS line \
         FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped \
         UNION ALL SELECT concat_ws(' ', 'check', conname, pg_get_constraintdef(oid)) FROM pg_constraint \
         WHERE conrelid = '{table}'::regclass AND contype = 'c' \
         UNION ALL SELECT concat_ws(' ', 'index', replace(c.relname, replace('{table}', '{parent}', ''), ''), i.indisunique, i.indisprimary, \
                          regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING', ''), \
                          (SELECT string_agg(a.attstattarget::text, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid)) \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '{table}'::regclass \
         UNION ALL SELECT concat_ws(' ', 'trigger', t.tgname, t.tgenabled, replace(pg_get_triggerdef(t.oid), '{table} ', '{parent} ')) \
         FROM pg_trigger t WHERE t.tgrelid = '{table}'::regclass AND NOT t.tgisinternal \
         UNION ALL SELECT concat_ws(' ', 'table', c.relpersistence, pg_get_userbyid(c.relowner), c.relrowsecurity) \
         FROM pg_class c WHERE c.oid = '{table}'::regclass ORDER BY line"
    );
    lines(client, &sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_leaf_has_what_its_parent_promises_also_after_the_close() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "simple", 3).await;
    let id = election.election_id;
    let draft = given::a_draft(&owner, election.admin_id, "A draft").await.election_id;
    for closed in [false, true] {
        if closed {
            close(&owner, id).await;
        }
        for parent in PARENTS {
            for leaf in [id, draft].map(|number| format!("{parent}_{number}")) {
                assert_eq!(has(&owner, &leaf, parent).await, has(&owner, parent, parent).await, "{leaf}");
            }
        }
        for (table, key) in [
            ("voting_tokens", "(election_id, voter_id, spend_id) REFERENCES voters_N(election_id, voter_id, spend_id)"),
            ("link_requests", "(election_id, voter_id) REFERENCES voters_N(election_id, voter_id)"),
            ("audit_subjects", "(election_id, voter_id) REFERENCES voters_N(election_id, voter_id)"),
        ] {
            for number in [id, draft] {
                let sql = format!(
                    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '{table}_{number}'::regclass \
                     AND contype = 'f' AND conname = '{table}_voter_fkey' AND convalidated"
                );
                let expected = format!("FOREIGN KEY {} ON DELETE CASCADE", key.replace("_N", &format!("_{number}")));
                assert_eq!(lines(&owner, &sql).await, [expected], "{table}_{number}");
            }
        }
    }
    let rights = "SELECT c.relname::text FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.relkind = 'r' AND c.relacl IS NOT NULL \
                  UNION ALL SELECT format('%s.%s %s', c.relname, a.attname, a.attacl) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid \
                  JOIN pg_attribute a ON a.attrelid = c.oid WHERE a.attacl IS NOT NULL ORDER BY 1";
    let read = "{results_service=r/uvote_owner}";
    let since_the_sealing = [
        format!("voters_{id}.deleted {read}"),
        format!("voting_tokens_{id}.is_used {read}"),
        format!("voting_tokens_{id}.spend_id {read}"),
    ];
    assert_eq!(lines(&owner, rights).await, since_the_sealing, "nobody has another right on a leaf");
}

/// As the election service does it, step by step.
async fn close(owner: &Client, id: i64) {
    for step in ["begin_close($1, 0)", "seal_box($1)", "anonymise_participation($1)"] {
        owner.query(&format!("SELECT {step}"), &[&id]).await.unwrap();
    }
}

/// How often some bytes stand in the files of the leaves of an election and in those of their indexes and TOAST tables, as a thief
/// of the disk would look for them. Everything that is in memory is written out first.
async fn in_files(superuser: &Client, id: i64, needle: &str) -> i64 {
    superuser.batch_execute("CHECKPOINT").await.unwrap();
    let sql = format!(
        "WITH leaves AS (SELECT oid FROM pg_class WHERE relkind = 'r' AND relname = ANY (ARRAY['{}'])), \
         tables AS (SELECT oid FROM leaves UNION SELECT c.reltoastrelid FROM pg_class c JOIN leaves l ON l.oid = c.oid WHERE c.reltoastrelid <> 0), \
         files AS (SELECT oid FROM tables UNION SELECT i.indexrelid FROM pg_index i JOIN tables t ON t.oid = i.indrelid) \
         SELECT coalesce(sum((length(b.hex) - length(replace(b.hex, $1, ''))) / length($1)), 0)::bigint FROM files f, \
         LATERAL (SELECT encode(pg_read_binary_file(pg_relation_filepath(f.oid)), 'hex') AS hex) b",
        PARENTS.map(|parent| format!("{parent}_{id}")).join("','")
    );
    superuser.query_one(&sql, &[&hex::encode(needle)]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_no_file_of_the_election_holds_an_old_row() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let superuser = database.connect(SUPERUSER).await;
    let (election, voters) = given::an_active_election(&owner, "simple", 5).await;
    let id = election.election_id;
    // Somebody was corrected, asked for a link, was told of it by mail, and stands in a reference of the log.
    let history = format!(
        "UPDATE voters SET email = 'mistyped@example.com', cohort = 'wrong-cohort' WHERE election_id = {id} AND voter_id = {v}; \
         UPDATE voters SET email = 'voter1@example.com', cohort = NULL WHERE election_id = {id} AND voter_id = {v}; \
         INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status, last_error) \
         VALUES (gen_random_uuid(), 'correction_notice', true, {id}, 'bounced@example.com', 'refused', 'no-such-mailbox'); \
         INSERT INTO link_requests (election_id, voter_id, request_id) VALUES ({id}, {v}, '11111111-2222-4333-8444-aaaaaaaaaaaa'); \
         INSERT INTO audit_subjects VALUES ('55555555-6666-4777-8888-bbbbbbbbbbbb', {id}, {v}, true)",
        v = voters[0]
    );
    owner.batch_execute(&history).await.unwrap();
    let link = given::token_hash(&owner, voters[1]).await;
    let voting = database.connect("voting_service").await;
    assert_eq!(Ballots::default().cast("a", &link).record(&voting, id).await, ["recorded"]);
    let traces = ["mistyped@", "wrong-cohort", "bounced@", "no-such-mailbox"];
    for trace in traces {
        assert!(in_files(&superuser, id, trace).await > 0, "{trace} is looked for in the wrong place");
    }
    let old_files = "SELECT string_agg(pg_relation_filenode(c.oid)::text, ' ' ORDER BY c.relname) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid \
                     WHERE c.relname ~ '_1$' AND c.relkind = 'r'";
    let before = lines(&owner, old_files).await;

    close(&owner, id).await;
    for trace in traces {
        assert_eq!(in_files(&superuser, id, trace).await, 0, "{trace} is left in a file");
    }
    // The addresses of the roll are there: each once as a voter, once as a mail, and in their indexes.
    assert!(in_files(&superuser, id, "voter2@example.com").await >= 2);
    assert_ne!(lines(&owner, old_files).await, before, "new files, not cleaned ones");
    superuser.batch_execute("CREATE EXTENSION IF NOT EXISTS pageinspect").await.unwrap();
    for parent in PARENTS {
        let sql = format!(
            "SELECT count(*) FROM generate_series(0, pg_relation_size('{parent}_{id}') / current_setting('block_size')::int - 1) AS page (number), \
             LATERAL heap_page_items(get_raw_page('{parent}_{id}', page.number::int))"
        );
        let (stored, live) =
            (number(&superuser, &sql).await, number(&owner, &format!("SELECT count(*) FROM {parent}_{id}")).await);
        assert_eq!(stored, live, "{parent}: a dead row, or the place of one");
    }
    let transactions = format!(
        "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM voters_{id} UNION ALL SELECT xmin FROM voting_tokens_{id}) r"
    );
    assert_eq!(number(&owner, &transactions).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_after_months_leaves_no_old_row_in_a_file_either() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let superuser = database.connect(SUPERUSER).await;
    let (election, voters) = given::an_active_election(&owner, "simple", 3).await;
    let id = election.election_id;
    let link = given::token_hash(&owner, voters[0]).await;
    let voting = database.connect("voting_service").await;
    assert_eq!(Ballots::default().cast("a", &link).record(&voting, id).await, ["recorded"]);
    close(&owner, id).await;
    let participation = async || owner.query_one("SELECT participation($1)::text", &[&id]).await.unwrap().get::<_, String>(0);
    let before = participation().await;
    owner
        .batch_execute("UPDATE tallies SET state = 'opened'; UPDATE elections SET status = 'archived', archived_at = now() - interval '1 day'")
        .await
        .unwrap();
    assert!(in_files(&superuser, id, "@example.com").await > 0);
    assert_eq!(number(&owner, &format!("SELECT anonymise_election({id}, 0)")).await, 3);
    assert_eq!(in_files(&superuser, id, "@example.com").await, 0, "an address is left in a file");
    assert_eq!(participation().await, before);
    assert_eq!(number(&owner, "SELECT count(*) FROM voting_tokens").await, 1, "only the used one stays");
}

/// The leaves of an election while they are written anew: locked, empty, and about to be committed.
async fn in_the_middle_of_the_close(database: &TestDatabase, id: i64) -> Client {
    let closer = database.connect("election_service").await;
    closer.query("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
    closer.query("SELECT seal_box($1)", &[&id]).await.unwrap();
    closer.batch_execute("BEGIN").await.unwrap();
    closer.query("SELECT anonymise_participation($1)", &[&id]).await.unwrap();
    closer
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_election_is_written_anew_no_other_one_waits() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (closed, _) = given::an_active_election(&owner, "simple", 20).await;
    let (open, voters) = given::an_active_election(&owner, "simple", 5).await;
    let (closed, open) = (closed.election_id, open.election_id);
    let mails = "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload) \
                 SELECT gen_random_uuid(), 'voting_invitation', true, election_id, email, 'p' FROM voters";
    owner.execute(mails, &[]).await.unwrap();
    let links = join_all(voters.iter().map(|voter| given::token_hash(&owner, *voter))).await;
    let closer = in_the_middle_of_the_close(&database, closed).await;

    let impatient = async |role: &str| {
        let client = database.connect(role).await;
        client.batch_execute("SET lock_timeout = '1s'").await.unwrap();
        client
    };
    let (voting, admin, email) =
        (impatient("voting_service").await, impatient("admin_service").await, impatient("email_service").await);
    // Their own patience with one leaf is shorter.
    email.batch_execute("RESET lock_timeout; SET statement_timeout = '5s'").await.unwrap();
    let (election, results) = (impatient("election_service").await, impatient("results_service").await);
    // Six times: from the sixth on PostgreSQL may take a plan that was made for all elections.
    for round in 0..6 {
        let names: Vec<String> = (0..2).map(|place| format!("{round} {place}")).collect();
        let ballots = names.iter().fold(Ballots::default(), |ballots, name| ballots.cast(name, &links[round % 5]));
        let outcomes = ballots.record(&voting, open).await;
        assert_eq!(outcomes[1], "already-used", "{outcomes:?}");
        voting.query("SELECT status FROM look_up_token($1, $2)", &[&open, &links[0]]).await.unwrap();
        voting.query("SELECT request_link($1, gen_random_uuid(), 's', 'a@b.de', '', '', '', false)", &[&open]).await.unwrap();
        voting.query("SELECT stop_reminders($1, '')", &[&open]).await.unwrap();
        admin.query("SELECT email FROM voters WHERE election_id = $1", &[&open]).await.unwrap();
        admin.query("SELECT * FROM mail_states($1, NULL)", &[&open]).await.unwrap();
        admin
            .query(
                "SELECT add_late_voters($1, 'Late', ARRAY[$2], '{x}', '{x}', '{NULL}', '{x}')",
                &[&open, &format!("late{round}@example.com")],
            )
            .await
            .unwrap();
        for asked in ["links_unsent($1)", "roll_is_empty($1)", "links_were_sent($1)", "turnout($1)"] {
            election.query(&format!("SELECT {asked}"), &[&open]).await.unwrap();
        }
        election.query("SELECT refresh_turnout()", &[]).await.unwrap();
        results.query("SELECT reason FROM amendments WHERE election_id = $1", &[&open]).await.unwrap();
        let claimed = email.query("SELECT election FROM claim_mails(100, -1, 0)", &[]).await.unwrap();
        assert!(claimed.iter().all(|row| row.get::<_, i64>(0) == open), "mails of the other one are claimed later");
        assert_eq!(claimed.len(), 5, "round {round}");
        election
            .batch_execute(&format!(
                "INSERT INTO elections (admin_id, title) SELECT admin_id, 'New' FROM elections WHERE election_id = {open}"
            ))
            .await
            .unwrap();
    }
    closer.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_leaf_that_is_written_anew_sees_it_full() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 4).await;
    let id = election.election_id;
    let link = given::token_hash(&owner, voters[0]).await;
    let voting = database.connect("voting_service").await;
    assert_eq!(Ballots::default().cast("a", &link).record(&voting, id).await, ["recorded"]);
    let closer = in_the_middle_of_the_close(&database, id).await;
    let results = database.connect("results_service").await;
    let admin = database.connect("admin_service").await;
    let waiting = [
        tokio::spawn(async move {
            let used = format!("SELECT count(*) FROM voting_tokens_{id} WHERE is_used");
            let sql = format!("SELECT ({used}) || ' ' || (SELECT count(*) FROM voters_{id} WHERE NOT deleted)");
            results.query_one(&sql, &[]).await.unwrap().get::<_, String>(0)
        }),
        tokio::spawn(async move {
            voting
                .query_one("SELECT is_used || ' ' || status FROM look_up_token($1, $2)", &[&id, &link])
                .await
                .unwrap()
                .get::<_, String>(0)
        }),
        tokio::spawn(async move {
            admin
                .query_one("SELECT count(*) || ' on the roll' FROM voters WHERE election_id = $1", &[&id])
                .await
                .unwrap()
                .get::<_, String>(0)
        }),
    ];
    wait_until("all three wait", Duration::from_secs(10), async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        number(&owner, sql).await == 3
    })
    .await;
    closer.batch_execute("COMMIT").await.unwrap();
    let seen: Vec<String> = join_all(waiting).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(seen, ["1 4", "true closed", "4 on the roll"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_waits_for_a_reader_for_three_seconds_and_then_tries_later() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "simple", 2).await;
    let id = election.election_id;
    // As a dump of the database does, for hours.
    let dump = database.owner().await;
    dump.batch_execute(&format!("BEGIN; LOCK TABLE voting_tokens_{id} IN ACCESS SHARE MODE")).await.unwrap();
    let closer = database.connect("election_service").await;
    closer.query("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
    closer.query("SELECT seal_box($1)", &[&id]).await.unwrap();
    let error = closer.query("SELECT anonymise_participation($1)", &[&id]).await.unwrap_err();
    assert_eq!(refusal(&error).0, "55P03");
    dump.batch_execute("COMMIT").await.unwrap();
    let done = closer.query_one("SELECT outcome FROM anonymise_participation($1)", &[&id]).await.unwrap();
    assert_eq!(done.get::<_, &str>(0), "rewritten");
}

/// Mails are brought and claimed while elections are closed: somebody may wait, nobody may be the victim of a deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn mails_that_come_and_go_do_not_deadlock_with_a_close() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(given::an_active_election(&owner, "simple", 50).await.0.election_id);
    }
    let over = Arc::new(AtomicBool::new(false));
    let mut work = Vec::new();
    for worker in 0..3_i64 {
        let (email, over, ids) = (database.connect("email_service").await, over.clone(), ids.clone());
        work.push(tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                // As the service does it, in whatever order the mails are.
                email.batch_execute("BEGIN").await.unwrap();
                email.query("SELECT hold_elections_of_mails($1)", &[&ids]).await.unwrap();
                let mails = "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload) \
                             SELECT gen_random_uuid(), 'resend', i % 2 = 0, i, 'a@example.com', 'p' FROM unnest($1::bigint[]) i ORDER BY random()";
                email.execute(mails, &[&ids]).await.unwrap();
                email.batch_execute("COMMIT").await.unwrap();
                let claimed = email.query("SELECT message_id, election FROM claim_mails(20, $1, 90)", &[&worker]).await.unwrap();
                for mail in claimed {
                    let noted = "UPDATE email_messages SET status = 'sent', payload = NULL WHERE election_id = $1 AND message_id = $2";
                    email.execute(noted, &[&mail.get::<_, i64>(1), &mail.get::<_, i64>(0)]).await.unwrap();
                }
            }
        }));
    }
    for id in ids.iter().rev() {
        tokio::time::sleep(Duration::from_millis(200)).await;
        close(&owner, *id).await;
    }
    over.store(true, Ordering::Relaxed);
    for task in join_all(work).await {
        task.unwrap();
    }
    let late = "SELECT count(*) FROM email_messages WHERE about_link AND status <> 'forgotten'";
    assert_eq!(number(&owner, late).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_make_elections_do_not_wait_for_each_other_nor_for_an_import_or_a_cast() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (open, voters) = given::an_active_election(&owner, "simple", 3).await;
    let draft = given::a_draft(&owner, open.admin_id, "Being imported").await.election_id;
    let link = given::token_hash(&owner, voters[0]).await;
    // An import, a cast and a creation that are not committed yet.
    let (importing, voting, creating) = (
        database.connect("admin_service").await,
        database.connect("voting_service").await,
        database.connect("election_service").await,
    );
    for client in [&importing, &voting, &creating] {
        client.batch_execute("BEGIN").await.unwrap();
    }
    importing.query("SELECT hold_election($1)", &[&draft]).await.unwrap();
    given::voters(&importing, draft, 2_000).await;
    assert_eq!(Ballots::default().cast("a", &link).record(&voting, open.election_id).await, ["recorded"]);
    let create = "INSERT INTO elections (admin_id, title) VALUES ($1, 'New') RETURNING election_id";
    let first: i64 = creating.query_one(create, &[&open.admin_id]).await.unwrap().get(0);

    let other = database.connect("election_service").await;
    other.batch_execute("SET lock_timeout = '1s'").await.unwrap();
    let second: i64 = other.query_one(create, &[&open.admin_id]).await.expect("it waits for somebody").get(0);
    let admin = database.connect("admin_service").await;
    given::voters(&admin, second, 2).await;
    for client in [importing, voting, creating] {
        client.batch_execute("COMMIT").await.unwrap();
    }
    given::voters(&admin, first, 2).await;
    assert_eq!(number(&owner, "SELECT count(*) FROM voters").await, 3 + 2_000 + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_make_and_delete_elections_and_vote_at_once_never_deadlock() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (open, voters) = given::an_active_election(&owner, "simple", 200).await;
    let id = open.election_id;
    let mut work = Vec::new();
    for _ in 0..4 {
        let (election, admin, admin_id) =
            (database.connect("election_service").await, database.connect("admin_service").await, open.admin_id);
        work.push(tokio::spawn(async move {
            for round in 0..6 {
                let create = "INSERT INTO elections (admin_id, title) VALUES ($1, 'New') RETURNING election_id";
                let made: i64 = election.query_one(create, &[&admin_id]).await.unwrap().get(0);
                given::voters(&admin, made, 200).await;
                if round % 2 == 0 {
                    election.execute("DELETE FROM elections WHERE election_id = $1", &[&made]).await.unwrap();
                    // It may be refused by a lock, and is tried again by retention.
                    if let Err(error) = admin.query("SELECT drop_unused_leaf()", &[]).await {
                        assert_eq!(refusal(&error).0, "55P03");
                    }
                }
            }
        }));
    }
    for place in 0..4 {
        let (voting, reader) = (database.connect("voting_service").await, database.owner().await);
        let mine: Vec<i64> = voters.iter().copied().skip(place).step_by(4).collect();
        work.push(tokio::spawn(async move {
            for voter in mine {
                let link = given::token_hash(&reader, voter).await;
                assert_eq!(Ballots::default().cast(&voter.to_string(), &link).record(&voting, id).await, ["recorded"]);
            }
        }));
    }
    for task in join_all(work).await {
        task.unwrap();
    }
    while let Some(leaf) = owner.query_one("SELECT drop_unused_leaf()", &[]).await.unwrap().get::<_, Option<String>>(0) {
        assert!(!leaf.ends_with("_0"), "{leaf}");
    }
    let left = "SELECT count(*) FROM pg_inherits i WHERE i.inhparent = 'voters'::regclass";
    assert_eq!(number(&owner, left).await, number(&owner, "SELECT count(*) FROM elections").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_draft_leaves_empty_leaves_that_are_dropped_when_nobody_has_to_wait() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (other, _) = given::an_active_election(&owner, "simple", 1).await;
    let draft = given::a_draft(&owner, other.admin_id, "Given up").await.election_id;
    given::voters(&owner, draft, 3).await;
    let election = database.connect("election_service").await;
    election.execute("DELETE FROM elections WHERE election_id = $1", &[&draft]).await.unwrap();
    assert_eq!(number(&owner, &format!("SELECT pg_relation_size('voters_{draft}')")).await, 0, "its file is empty at once");
    let admin = database.connect("admin_service").await;
    let dropped = async || admin.query_one("SELECT drop_unused_leaf()", &[]).await.map(|row| row.get::<_, Option<String>>(0));
    owner.batch_execute("BEGIN; SELECT FROM voting_tokens LIMIT 1").await.unwrap();
    assert_eq!(refusal(&dropped().await.unwrap_err()).0, "55P03", "somebody is reading links");
    owner.batch_execute("COMMIT").await.unwrap();
    for leaf in ["voting_tokens", "link_requests", "audit_subjects", "email_messages", "voters"] {
        assert_eq!(dropped().await.unwrap(), Some(format!("{leaf}_{draft}")));
    }
    assert_eq!(dropped().await.unwrap(), None);
    // A row for an election without a leaf has no place.
    let homeless = format!("INSERT INTO voters (election_id, email) VALUES ({draft}, 'a@example.com')");
    assert_eq!(refusal(&owner.batch_execute(&homeless).await.unwrap_err()).0, "23514");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_number_of_elections_a_search_goes_into_one_leaf() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 3).await;
    for i in 0..20 {
        given::a_draft(&owner, election.admin_id, &format!("Other {i}")).await;
    }
    let id = election.election_id;
    let voting = database.connect("voting_service").await;
    assert_eq!(lines(&voting, "SELECT current_setting('plan_cache_mode')").await, ["force_custom_plan"]);
    let link = given::token_hash(&owner, voters[0]).await;
    // What the functions ask, as the owner, whose rights they have.
    owner.batch_execute("SET plan_cache_mode = force_custom_plan").await.unwrap();
    for (table, query) in [
        ("voting_tokens", "SELECT FROM voting_tokens t WHERE t.election_id = $1 AND t.token_hash = $2 FOR UPDATE SKIP LOCKED"),
        ("voting_tokens", "UPDATE voting_tokens t SET is_used = true WHERE t.election_id = $1 AND t.token_hash = $2"),
        ("voters", "SELECT FROM voters v WHERE v.election_id = $1 AND v.spend_id = $2"),
    ] {
        owner.batch_execute(&format!("DEALLOCATE ALL; PREPARE asked (bigint, bytea) AS {query}")).await.unwrap();
        for _ in 0..7 {
            let plan = lines(&owner, &format!("EXPLAIN EXECUTE asked ({id}, '\\x00')")).await.join("\n");
            let words = plan.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let is_leaf = |word: &&str| {
                word.strip_prefix(table).and_then(|rest| rest.strip_prefix('_')).is_some_and(|rest| rest.parse::<i64>().is_ok())
            };
            let leaves: BTreeSet<&str> = words.filter(is_leaf).collect();
            assert_eq!(leaves, BTreeSet::from([format!("{table}_{id}").as_str()]), "{plan}");
        }
    }
    // And what a service really locks: in the sixth call too, when PostgreSQL may take a plan for all elections.
    voting.batch_execute("BEGIN").await.unwrap();
    for round in 0..7 {
        voting.query("SELECT status FROM look_up_token($1, $2)", &[&id, &link]).await.unwrap();
        Ballots::default().cast(&format!("{round}"), &sha256("no such link")).record(&voting, id).await;
    }
    let locked = "SELECT DISTINCT c.relname::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_inherits i ON i.inhrelid = c.oid \
                  WHERE c.relkind = 'r' AND l.pid = $1 ORDER BY 1";
    let pid: i32 = voting.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let locked: Vec<String> = owner.query(locked, &[&pid]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(locked, [format!("voting_tokens_{id}")]);
    voting.batch_execute("ROLLBACK").await.unwrap();
    // A token that names another election, or none, is unknown.
    for number in [id + 1, 999_999, 0, -1] {
        assert!(voting.query_opt("SELECT status FROM look_up_token($1, $2)", &[&number, &link]).await.unwrap().is_none());
    }
}
