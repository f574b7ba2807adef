//! The turnout that is shown: never exact before the close, and never counted while somebody waits for it.

use testkit::{TestDatabase, given};
use tokio_postgres::Client;

async fn shown(client: &Client, election_id: i64) -> (i64, i64) {
    let row = client.query_one("SELECT roll, voted FROM turnout($1)", &[&election_id]).await.unwrap();
    (row.get(0), row.get(1))
}

async fn refresh(election: &Client) -> bool {
    election.query_one("SELECT refresh_turnout()", &[]).await.unwrap().get(0)
}

async fn a_minute_passes(owner: &Client) {
    owner.batch_execute("UPDATE turnouts SET counted_at = counted_at - interval '1 minute'").await.unwrap();
}

async fn vote(owner: &Client, voters: &[i64]) {
    owner.execute("UPDATE voting_tokens SET is_used = true WHERE voter_id = ANY ($1)", &[&voters]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn until_the_close_the_turnout_is_rounded_down_once_a_minute_and_then_it_is_exact() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 12).await;
    let id = election.election_id;
    let service = database.connect("election_service").await;
    let others = [database.connect("results_service").await];
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, id).await, (12, 0));
    vote(&owner, &voters[..7]).await;
    assert!(!refresh(&service).await, "within the minute nothing is counted");
    assert_eq!(shown(&service, id).await, (12, 0));
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    for client in others.iter().chain([&service]) {
        assert_eq!(shown(client, id).await, (12, 5), "every service shows the same");
    }
    vote(&owner, &voters[..9]).await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await && !refresh(&service).await);
    assert_eq!(shown(&service, id).await, (12, 5), "seven or nine, it is the same");
    owner.batch_execute(&format!("SELECT begin_close({id}, 0)")).await.unwrap();
    assert_eq!(shown(&service, id).await, (12, 9));
    owner.batch_execute(&format!("SELECT seal_box({id}); SELECT anonymise_participation({id})")).await.unwrap();
    assert_eq!(shown(&service, id).await, (12, 9));
    a_minute_passes(&owner).await;
    assert!(!refresh(&service).await, "a closed election is not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_everybody_has_voted_is_not_shown_before_the_close() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let service = database.connect("election_service").await;
    for (roll, expected) in [(3, 0), (5, 0), (10, 5), (11, 10)] {
        let (election, voters) = given::an_active_election(&owner, "simple", roll).await;
        vote(&owner, &voters).await;
        a_minute_passes(&owner).await;
        while refresh(&service).await {}
        assert_eq!(shown(&service, election.election_id).await, (i64::from(roll), expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_voter_does_not_show_that_everybody_else_has_voted() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (service, admin) = (database.connect("election_service").await, database.connect("admin_service").await);
    let (election, voters) = given::an_active_election(&owner, "simple", 5).await;
    vote(&owner, &voters).await;
    let late = "SELECT add_late_voters($1, 'Forgotten', '{late@example.com}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')";
    admin.execute(late, &[&election.election_id]).await.unwrap();
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, election.election_id).await, (6, 0));
    // The turnout is counted only where everybody was sent a link, and now the late voter was.
    let late: i64 = owner.query_one("SELECT voter_id FROM voters WHERE email = 'late@example.com'", &[]).await.unwrap().get(0);
    send(&owner, &[late], "invitation").await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, election.election_id).await, (6, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn late_voters_who_are_taken_off_again_leave_the_shown_turnout_as_it_would_be_without_them() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (service, admin) = (database.connect("election_service").await, database.connect("admin_service").await);
    let (election, voters) = given::an_active_election(&owner, "simple", 11).await;
    let late = "SELECT * FROM add_late_voters($1, 'Forgotten', ARRAY(SELECT 'late' || i || '@example.com' FROM generate_series(1, 8) i), \
                array_fill(NULL::text, '{8}'), array_fill(NULL::text, '{8}'), array_fill(NULL::text, '{8}'), array_fill(NULL::text, '{8}'))";
    for row in admin.query(late, &[&election.election_id]).await.unwrap() {
        let voter: i64 = row.get(0);
        let removed = admin.query_one("SELECT remove_unlinked_voter($1, $2)", &[&election.election_id, &voter]).await.unwrap();
        assert_eq!(removed.get::<_, &str>(0), "removed");
    }
    vote(&owner, &voters).await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, election.election_id).await, (11, 10));
}

/// As the organiser has links sent, or as voters ask for theirs.
async fn send(owner: &Client, voters: &[i64], origin: &str) {
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
               SELECT election_id, voter_id, sha256(spend_id), $2, now() + interval '1 day', spend_id, '***' FROM voters WHERE voter_id = ANY ($1)";
    owner.execute(sql, &[&voters, &origin]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organiser_who_sends_links_to_a_chosen_few_reads_no_turnout_of_them() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let service = database.connect("election_service").await;
    let admin_id = given::an_admin(&owner, "ann@example.com").await;
    let election = given::a_draft(&owner, admin_id, "A").await;
    let id = election.election_id;
    let voters = given::voters(&owner, id, 24).await;
    given::activate(&owner, id, "simple").await;
    // Four of their own, and one whose vote they want to see.
    send(&owner, &voters[19..], "resend").await;
    vote(&owner, &voters[19..]).await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, id).await, (24, 0));
    // A voter who asks for a link themselves makes no difference.
    send(&owner, &voters[..1], "request").await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, id).await, (24, 0));
    send(&owner, &voters[1..19], "invitation").await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, id).await, (24, 0), "one of them only has the link that they asked for");
    owner.execute("UPDATE voting_tokens SET revoked = true WHERE voter_id = $1", &[&voters[0]]).await.unwrap();
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, expires_at, spend_id, email_hint) \
               SELECT election_id, voter_id, sha256('another'), now() + interval '1 day', spend_id, '***' FROM voters WHERE voter_id = $1";
    owner.execute(sql, &[&voters[0]]).await.unwrap();
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, id).await, (24, 5), "everybody can have voted");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_voters_ask_for_their_link_the_turnout_is_shown() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let service = database.connect("election_service").await;
    let admin_id = given::an_admin(&owner, "ann@example.com").await;
    let election = given::a_draft(&owner, admin_id, "A").await;
    let voters = given::voters(&owner, election.election_id, 9).await;
    given::activate(&owner, election.election_id, "simple").await;
    send(&owner, &voters[..6], "request").await;
    vote(&owner, &voters[..6]).await;
    a_minute_passes(&owner).await;
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, election.election_id).await, (9, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_waits_for_nobody_who_changes_the_roll() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "simple", 3).await;
    a_minute_passes(&owner).await;
    let (service, importing) = (database.connect("election_service").await, database.connect("admin_service").await);
    service.batch_execute("SET lock_timeout = '5s'").await.unwrap();
    importing.batch_execute("BEGIN").await.unwrap();
    let late = "SELECT add_late_voters($1, 'Forgotten', '{late@example.com}', '{NULL}', '{NULL}', '{NULL}', '{NULL}')";
    importing.execute(late, &[&election.election_id]).await.unwrap();
    assert!(!refresh(&service).await);
    importing.batch_execute("COMMIT").await.unwrap();
    assert!(refresh(&service).await);
    assert_eq!(shown(&service, election.election_id).await.0, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kept_size_of_the_roll_is_its_size_whatever_is_done_to_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let admin_id = given::an_admin(&owner, "ann@example.com").await;
    let (election, other) = (given::a_draft(&owner, admin_id, "A").await, given::a_draft(&owner, admin_id, "B").await);
    let (id, admin) = (election.election_id, database.connect("admin_service").await);
    let same = async |expected: i64| {
        let row = owner.query_one("SELECT count(*) FROM voters WHERE election_id = $1", &[&id]).await.unwrap();
        assert_eq!((row.get::<_, i64>(0), shown(&owner, id).await.0), (expected, expected));
    };
    assert_eq!(shown(&owner, id).await, (0, 0));
    let voters = given::voters(&admin, id, 20).await;
    given::voters(&admin, other.election_id, 3).await;
    same(20).await;
    admin.execute("DELETE FROM voters WHERE voter_id = ANY ($1)", &[&&voters[..3]]).await.unwrap();
    same(17).await;
    admin.batch_execute("BEGIN").await.unwrap();
    admin.execute("DELETE FROM voters WHERE election_id = $1", &[&id]).await.unwrap();
    admin.batch_execute("ROLLBACK").await.unwrap();
    same(17).await;
    given::activate(&owner, id, "simple").await;
    let late =
        "SELECT add_late_voters($1, 'Forgotten', '{late@example.com,voter9@example.com}', '{a,b}', '{a,b}', '{1,2}', '{a,b}')";
    admin.execute(late, &[&id]).await.unwrap();
    same(18).await;
    admin.execute("SELECT remove_unlinked_voter($1, $2)", &[&id, &voters[5]]).await.unwrap();
    same(17).await;
    owner
        .batch_execute(&format!("SELECT begin_close({id}, 0); SELECT seal_box({id}); SELECT anonymise_participation({id})"))
        .await
        .unwrap();
    same(17).await;
    // A draft goes with its roll and with its row.
    let service = database.connect("election_service").await;
    service.execute("DELETE FROM elections WHERE election_id = $1", &[&other.election_id]).await.unwrap();
    let left = owner.query_one("SELECT count(*) FROM turnouts", &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 1);
}

/// Pages of 8 kB that a statement touches.
async fn pages(client: &Client, sql: &str) -> i64 {
    let rows = client.query(&format!("EXPLAIN (ANALYZE, BUFFERS) {sql}"), &[]).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let buffers = plan.iter().find(|line| line.contains("Buffers: shared")).unwrap_or_else(|| panic!("{plan:?}"));
    let counts = buffers.split_whitespace().filter_map(|part| part.strip_prefix("hit=").or(part.strip_prefix("read=")));
    counts.map(|count| count.parse::<i64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_turnout_of_a_large_roll_is_read_and_not_counted() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (small, _) = given::an_active_election(&owner, "simple", 10).await;
    let (large, voters) = given::an_active_election(&owner, "simple", 4_000).await;
    vote(&owner, &voters[..2_000]).await;
    let service = database.connect("election_service").await;
    let read = async |id: i64| {
        let sql = format!("SELECT * FROM turnout({id})");
        pages(&service, &sql).await;
        pages(&service, &sql).await
    };
    let (of_small, of_large) = (read(small.election_id).await, read(large.election_id).await);
    assert!(of_large < 30 && of_large <= of_small + 5, "{of_small} pages for 10 voters, {of_large} for 4,000");
    let closing = format!("SELECT begin_close({}, 0)", large.election_id);
    owner.batch_execute(&closing).await.unwrap();
    assert!(read(large.election_id).await < 30, "nor after the close");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_service_touches_the_kept_turnout_itself() {
    let database = TestDatabase::new().await;
    for role in ["election_service", "admin_service", "results_service", "voting_service", "audit_service"] {
        let client = database.connect(role).await;
        for sql in ["SELECT * FROM turnouts", "UPDATE turnouts SET voted = 5", "DELETE FROM turnouts"] {
            let refused = client.batch_execute(sql).await.unwrap_err();
            assert_eq!(refused.code().unwrap().code(), "42501", "{role}: {sql}");
        }
    }
}
