use futures_util::future::join_all;

use crate::ballots::{Ballots, assert_refused, refusal, sha256, verify_chain};
use testkit::{SUPERUSER, TestDatabase, given};
use tokio_postgres::Client;

async fn text(client: &Client, sql: &str, election: i64) -> String {
    client.query_one(&format!("SELECT ({sql})::text"), &[&election]).await.unwrap().get(0)
}

/// What the commitment says of those who took part, and what the tables say of them.
const COMMITTED: &str = "SELECT (spent_count, spent_hash, roll_count) FROM box_commitments WHERE election_id = $1";
const STORED: &str = "SELECT participation($1)";

/// Tries to replace each part of the commitment. Answers what it says of those who took part.
async fn the_commitment_is_never_replaced(owner: &Client, id: i64) -> String {
    for statement in ["box", "recording", "decryption"] {
        let sign = "INSERT INTO tally_signatures VALUES ($1, $2, decode(repeat('00', 64), 'hex'))";
        owner.execute(sign, &[&id, &statement]).await.unwrap();
    }
    let anew = "UPDATE tally_signatures SET signature = decode(repeat('01', 64), 'hex')";
    for sql in [anew, "DELETE FROM tally_signatures", "TRUNCATE tally_signatures"] {
        assert_refused(owner, sql, "tally_signatures_immutable").await;
    }
    let committed_to = text(owner, COMMITTED, id).await;
    assert!(committed_to.starts_with("(2,") && committed_to.ends_with(",4)"), "{committed_to}");
    assert_eq!(text(owner, STORED, id).await, committed_to);
    for (column, value) in [
        ("box_count", "3"),
        ("box_hash", "sha256('other')"),
        ("spent_count", "3"),
        ("spent_hash", "sha256('other')"),
        ("roll_count", "5"),
        ("withdrawn_hash", "sha256('other')"),
        ("halts", "1"),
        ("resumptions", "1"),
    ] {
        assert_refused(owner, &format!("UPDATE box_commitments SET {column} = {value}"), "box_commitments_immutable").await;
    }
    for sql in ["DELETE FROM box_commitments", "TRUNCATE box_commitments, tally_signatures"] {
        let error = owner.batch_execute(sql).await.unwrap_err();
        assert_eq!(refusal(&error).0, "UV001", "{sql}");
    }
    for sql in ["UPDATE tallies SET stamps_given = 9", "UPDATE tallies SET grace_ends_at = now()", "DELETE FROM tallies"] {
        assert_refused(owner, sql, "tallies_immutable").await;
    }
    committed_to
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_go_in_order_and_each_only_once() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "both", 4).await;
    let id = election.election_id;
    let (voting, service) = (database.connect("voting_service").await, database.connect("election_service").await);
    let results = database.connect("results_service").await;
    let links = join_all(voters.iter().map(|voter| given::token_hash(&owner, *voter))).await;
    let spend = "SELECT spend_token($1, $2, sha256('m'))";
    assert_eq!(text(&service, "SELECT outcome FROM seal_box($1)", id).await, "not-closed");
    assert_eq!(text(&service, "SELECT outcome FROM anonymise_participation($1)", id).await, "not-sealed");
    assert_eq!(Ballots::default().cast("a", &links[0]).record(&voting, id).await, ["recorded"]);
    assert_eq!(voting.query_one(spend, &[&id, &links[1]]).await.unwrap().get::<_, &str>(0), "spent");

    assert_eq!(text(&service, "SELECT begin_close($1, 60)", id).await, "(grace,2,1)");
    assert_eq!(text(&service, "SELECT begin_close($1, 60)", id).await, "(already,2,1)");
    assert_eq!(text(&service, "SELECT begin_close($1, 60)", id + 1000).await, "(not-active,,)");
    assert_eq!(text(&service, "SELECT outcome FROM seal_box($1)", id).await, "waiting");
    assert_eq!(text(&results, "SELECT count(*) FROM spent_list($1)", id).await, "0", "nobody watches it grow");
    assert_eq!(text(&owner, "SELECT count(*) FROM participation($1)", id).await, "0");
    assert_eq!(voting.query_one(spend, &[&id, &links[2]]).await.unwrap().get::<_, &str>(0), "not-open");
    assert_eq!(voting.query_one(spend, &[&id, &links[1]]).await.unwrap().get::<_, &str>(0), "again");
    // One stamp is out: one ballot may still come, not two, and none by a link.
    let late = Ballots::default().cast("by link", &links[2]).stamped("late").stamped("one too many").stamped("late");
    assert_eq!(late.record(&voting, id).await, ["not-open", "recorded", "not-open", "known"]);

    let sealed = text(&service, "SELECT seal_box($1)", id).await;
    assert!(sealed.starts_with("(sealed,2,"), "{sealed}");
    assert_eq!(text(&service, "SELECT seal_box($1)", id).await, sealed);
    let mut digests = [sha256("a"), sha256("late")];
    digests.sort();
    let hash: Vec<u8> =
        results.query_one("SELECT box_hash FROM box_commitments WHERE election_id = $1", &[&id]).await.unwrap().get(0);
    assert_eq!(hash, sha256(digests.concat()));
    assert_eq!(text(&owner, "SELECT string_agg(purpose, ',') FROM election_keys WHERE election_id = $1", id).await, "seal");
    assert_eq!(Ballots::default().stamped("after").stamped("late").record(&voting, id).await, ["not-open", "known"]);
    assert_eq!(voting.query_one(spend, &[&id, &links[1]]).await.unwrap().get::<_, &str>(0), "already-used");
    let committed_to = the_commitment_is_never_replaced(&owner, id).await;

    let finished = text(&service, "SELECT anonymise_participation($1)", id).await;
    assert!(finished.starts_with("(rewritten,2,"), "{finished}");
    assert_eq!(text(&service, "SELECT anonymise_participation($1)", id).await, finished);
    assert_eq!(text(&owner, COMMITTED, id).await, committed_to, "the rewriting replaces no commitment");
    assert_eq!(text(&owner, STORED, id).await, committed_to, "and it keeps what was committed to");
    let row = owner
        .query_one(
            "SELECT t.state, c.spent_hash FROM tallies t JOIN box_commitments c USING (election_id) WHERE election_id = $1",
            &[&id],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "rewritten");
    let spent: Vec<Vec<u8>> =
        results.query("SELECT spent_list($1)", &[&id]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert!(spent.is_sorted() && spent.len() == 2);
    let sql = "SELECT spend_id FROM voters WHERE election_id = $1 AND email = 'voter2@example.com'";
    let code: Vec<u8> = owner.query_one(sql, &[&id]).await.unwrap().get(0);
    assert_eq!(row.get::<_, Vec<u8>>(1), sha256(spent.concat()));
    let entry = sha256([b"spent/v1".as_slice(), &id.to_be_bytes(), &code].concat());
    assert!(spent.contains(&entry));
    service.batch_execute("INSERT INTO decrypted_ballots SELECT election_id, digest, 'p' FROM votes").await.unwrap();
    assert_refused(&owner, "UPDATE decrypted_ballots SET plaintext = 'q'", "decrypted_ballots_immutable").await;
    assert_eq!(verify_chain(&owner, id).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grace_ends() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "verified", 1).await;
    let id = election.election_id;
    let (voting, service) = (database.connect("voting_service").await, database.connect("election_service").await);
    let link = given::token_hash(&owner, voters[0]).await;
    voting.query_one("SELECT spend_token($1, $2, sha256('m'))", &[&id, &link]).await.unwrap();
    assert_eq!(text(&service, "SELECT begin_close($1, 0)", id).await, "(grace,1,0)");
    assert_eq!(Ballots::default().stamped("too late").record(&voting, id).await, ["not-open"]);
    let of_nothing = format!("\"\\\\x{}\"", hex::encode(sha256("")));
    let empty_box = format!("(sealed,0,{of_nothing},1,");
    let sealed = text(&service, "SELECT seal_box($1)", id).await;
    assert!(sealed.starts_with(&empty_box) && sealed.ends_with(&format!(",1,{of_nothing},0,0,)")), "{sealed}");
    assert!(text(&service, "SELECT anonymise_participation($1)", id).await.starts_with("(rewritten,1,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_chain_is_not_sealed() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "both", 1).await;
    let id = election.election_id;
    let (voting, service) = (database.connect("voting_service").await, database.connect("election_service").await);
    let ballots = Ballots::default().stamped("a").stamped("b").stamped("c");
    assert_eq!(ballots.record(&voting, id).await, ["recorded", "recorded", "recorded"]);
    service.query("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
    let superuser = database.connect(SUPERUSER).await;
    for (tampering, bad) in [
        ("UPDATE votes SET digest = sha256('x') WHERE position = 2", "2"),
        ("DELETE FROM votes WHERE position = 2", "2"),
        ("DELETE FROM votes WHERE position = 3", "3"),
        ("UPDATE votes SET previous_hash = sha256('x') WHERE position = 1", "1"),
        ("UPDATE chain_heads SET last_hash = sha256('x')", "3"),
    ] {
        superuser.batch_execute("BEGIN; ALTER TABLE votes DISABLE TRIGGER ALL").await.unwrap();
        superuser.batch_execute(tampering).await.unwrap();
        assert_eq!(text(&superuser, "SELECT seal_box($1)", id).await, format!("(chain-broken,,,,,,,,,{bad})"), "{tampering}");
        superuser.batch_execute("ROLLBACK").await.unwrap();
    }
    assert!(text(&service, "SELECT seal_box($1)", id).await.starts_with("(sealed,3,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_after_the_close_does_not_tell_when_people_voted() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "both", 400).await;
    let id = election.election_id;
    let (voting, service) = (database.connect("voting_service").await, database.connect("election_service").await);
    // In order of their numbers, so that whoever has a later position has a later voter.
    for (place, voter) in voters.iter().enumerate() {
        let link = given::token_hash(&owner, *voter).await;
        if place % 2 == 0 {
            Ballots::default().cast(&voter.to_string(), &link).record(&voting, id).await;
        } else {
            voting.query_one("SELECT spend_token($1, $2, $3)", &[&id, &link, &sha256(voter.to_string())]).await.unwrap();
        }
    }
    changes_while_voting(&owner, id).await;
    service.query("SELECT begin_close($1, 0)", &[&id]).await.unwrap();
    service.query("SELECT seal_box($1)", &[&id]).await.unwrap();
    assert!(text(&service, "SELECT anonymise_participation($1)", id).await.starts_with("(rewritten,400,"));

    // The number in the address is the order of voting. For 400 shuffled rows the correlation has a standard deviation of
    // 1/sqrt(399) = 0.05; 0.3 is six of them.
    let voters = "SELECT regexp_replace(email, '\\D', '', 'g')::int AS voted, * FROM voters";
    for (what, order, table) in [
        (
            "storage of the roll",
            "v.ctid",
            "(SELECT regexp_replace(email, '\\D', '', 'g')::int AS voted, ctid FROM voters) v".to_owned(),
        ),
        ("numbers of the roll", "v.voter_id", format!("({voters}) v")),
        ("storage of links", "t.ctid", format!("voting_tokens t JOIN ({voters}) v USING (voter_id)")),
        ("numbers of links", "t.token_id", format!("voting_tokens t JOIN ({voters}) v USING (voter_id)")),
        ("storage of mails", "m.ctid", format!("email_messages m JOIN ({voters}) v ON v.email = m.recipient")),
        ("numbers of mails", "m.message_id", format!("email_messages m JOIN ({voters}) v ON v.email = m.recipient")),
    ] {
        let sql = format!(
            "SELECT corr(place, voted) FROM (SELECT voted, row_number() OVER (ORDER BY {order}) AS place FROM {table}) r"
        );
        let correlation: f64 = owner.query_one(&sql, &[]).await.unwrap().get(0);
        assert!(correlation.abs() < 0.3, "{what} against the order of voting: {correlation}");
    }
    let voters_of_their_own = "SELECT count(DISTINCT (xmin::text, created_at)) FROM voters WHERE election_id = $1";
    assert_eq!(text(&owner, voters_of_their_own, id).await, "1", "no row is of another time than the others");
    let links_of_their_own = "SELECT count(DISTINCT (xmin::text, expires_at, origin)) || ' ' || count(*) FILTER (WHERE blinded_hash IS NOT NULL OR NOT is_used) FROM voting_tokens WHERE election_id = $1";
    assert_eq!(text(&owner, links_of_their_own, id).await, "1 0");
    assert_eq!(text(&owner, "SELECT count(*) FROM link_requests WHERE election_id = $1", id).await, "0");
    assert_eq!(text(&owner, "SELECT count(*) FROM audit_subjects WHERE election_id = $1", id).await, "0");
    assert_eq!(text(&owner, "SELECT string_agg(kind, ' ') FROM outbox WHERE election_id = $1", id).await, "results_notification");
    mails_tell_nothing(&database, &owner, id).await;
}

async fn changes_while_voting(owner: &Client, id: i64) {
    // Whoever has the number 400 came late, 399 was corrected, 398 stopped reminders, 397 asked for a link.
    owner.batch_execute(&format!(
        "INSERT INTO audit_subjects SELECT gen_random_uuid(), election_id, voter_id, voter_id % 2 = 0 FROM voters;\
         UPDATE voters SET created_at = now() + interval '1 day' WHERE email = 'voter400@example.com';\
         UPDATE voters SET email = 'corrected399@example.com' WHERE email = 'voter399@example.com';\
         UPDATE voters SET reminders_stopped = true WHERE email = 'voter398@example.com';\
         UPDATE voting_tokens SET expires_at = expires_at + interval '1 day', origin = 'resend' WHERE voter_id = (SELECT max(voter_id) FROM voters);\
         INSERT INTO link_requests (election_id, voter_id) SELECT election_id, voter_id FROM voters WHERE email = 'voter397@example.com';\
         INSERT INTO outbox (event_id, source, destination, kind, about_link, election_id, delivered_at) SELECT gen_random_uuid(), 'admin_service', 'email', k, k <> 'results_notification', {id}, now() \
         FROM unnest(ARRAY['reminder', 'resend', 'resend-refused', 'correction', 'request', 'voting_invitation', 'results_notification']) k;\
         INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload, status, sent_at) SELECT gen_random_uuid(), 'voting_invitation', true, {id}, email, NULL, 'sent', clock_timestamp() \
         FROM voters ORDER BY voter_id;\
         INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload, status, sent_at, last_error) SELECT gen_random_uuid(), k, k <> 'used_notice', {id}, 'v@example.com', 'p', s, now(), 'why' \
         FROM unnest(ARRAY['reminder', 'resend', 'used_notice', 'voting_invitation', 'voting_invitation'], ARRAY['sent', 'deferred', 'sent', 'deferred', 'refused']) r (k, s)"
    )).await.unwrap();
}

async fn mails_tell_nothing(database: &TestDatabase, owner: &Client, id: i64) {
    let others = "SELECT string_agg(concat_ws(' ', kind, recipient, status, last_error), ', ') FROM email_messages \
                  WHERE election_id = $1 AND status <> 'forgotten'";
    assert_eq!(text(owner, others, id).await, "used_notice v@example.com sent why");
    let each = "SELECT count(*) || ' ' || count(DISTINCT m.recipient) FROM email_messages m JOIN voters v ON v.email = m.recipient \
                AND v.election_id = m.election_id WHERE m.election_id = $1 AND m.status = 'forgotten'";
    assert_eq!(text(owner, each, id).await, "400 400", "one for each voter of the roll");
    let alike = "SELECT count(DISTINCT (xmin::text, kind, created_at, next_attempt_at, sent_at, attempts, payload, last_error, forget_at)) \
                 FROM email_messages WHERE election_id = $1 AND status = 'forgotten'";
    assert_eq!(text(owner, alike, id).await, "1");
    // One that was on its way meanwhile is not kept; what says nothing about a link is.
    let email = database.connect("email_service").await;
    email.batch_execute(&format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload) SELECT gen_random_uuid(), k, k <> 'results_notification', {id}, 'late@example.com', 'p' \
         FROM unnest(ARRAY['resend', 'voting_invitation', 'results_notification']) k"
    )).await.unwrap();
    let late =
        "SELECT string_agg(kind || ' ' || status, ', ') FROM email_messages WHERE election_id = $1 AND recipient LIKE 'late@%'";
    assert_eq!(text(owner, late, id).await, "results_notification queued");
}
