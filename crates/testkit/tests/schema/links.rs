//! When links end, and what looking for a receipt costs.

use crate::ballots::{Ballots, sha256};
use testkit::{TestDatabase, given};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_runs_to_the_close_works_until_the_end_wherever_that_is_moved() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 4).await;
    let id = election.election_id;
    owner
        .batch_execute(&format!(
            "UPDATE elections SET closes_at = clock_timestamp() + interval '1 hour' WHERE election_id = {id}; \
             UPDATE voters SET student_id = voter_id::text WHERE election_id = {id}; \
             UPDATE voting_tokens SET expires_at = now() - interval '1 minute', runs_to_close = voter_id <> {}",
            voters[1]
        ))
        .await
        .unwrap();
    let voting = database.connect("voting_service").await;
    let (runs, does_not) = (given::token_hash(&owner, voters[0]).await, given::token_hash(&owner, voters[1]).await);
    let ballots = Ballots::default().cast("a", &runs).cast("b", &does_not);
    assert_eq!(ballots.record(&voting, id).await, ["recorded", "expired"]);

    let links = "SELECT string_agg(t.xmin::text, ' ' ORDER BY t.token_id) FROM voting_tokens t";
    let before: String = owner.query_one(links, &[]).await.unwrap().get(0);
    let election_service = database.connect("election_service").await;
    let moved = "SELECT move_closing($1, clock_timestamp() + interval '9 days', 'The server room was flooded')";
    assert!(election_service.query_one(moved, &[&id]).await.unwrap().get::<_, bool>(0));
    assert_eq!(owner.query_one(links, &[]).await.unwrap().get::<_, String>(0), before, "no link is written");
    let ends = "SELECT expires_at = closes_at, closes_at > now() + interval '8 days' FROM look_up_token($2, $1)";
    let link = given::token_hash(&owner, voters[2]).await;
    let row = voting.query_one(ends, &[&link, &id]).await.unwrap();
    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1), "it runs to the new end");

    // Whoever asks for a link loses nothing by it.
    let ask = "SELECT request_link($1, gen_random_uuid(), $2, $3, $4, 'l', 'r', false)";
    let email: String = owner.query_one("SELECT email FROM voters WHERE voter_id = $1", &[&voters[2]]).await.unwrap().get(0);
    voting.execute(ask, &[&id, &voters[2].to_string(), &email, &sha256("asked")]).await.unwrap();
    assert!(
        voting.query_one(ends, &[&sha256("asked"), &id]).await.unwrap().get::<_, bool>(0),
        "it runs to the close as the one before"
    );
    assert_eq!(Ballots::default().cast("c", &sha256("asked")).record(&voting, id).await, ["recorded"]);

    // After the close no link tells by its end, or by how it ends, what it was.
    owner
        .batch_execute(&format!("SELECT begin_close({id}, 0); SELECT seal_box({id}); SELECT anonymise_participation({id})"))
        .await
        .unwrap();
    let different = "SELECT count(DISTINCT (expires_at, runs_to_close)) FROM voting_tokens";
    assert_eq!(owner.query_one(different, &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_the_end_waits_for_no_ballot_and_no_link() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "simple", 3).await;
    let id = election.election_id;
    let end = "UPDATE elections SET closes_at = clock_timestamp() + interval '1 hour' WHERE election_id = $1";
    owner.execute(end, &[&id]).await.unwrap();
    // As a recorder that stands still in the middle of a batch.
    owner.batch_execute("BEGIN; SELECT FROM chain_heads FOR NO KEY UPDATE; SELECT FROM voting_tokens FOR UPDATE").await.unwrap();
    let election_service = database.connect("election_service").await;
    election_service.batch_execute("SET lock_timeout = '5s'").await.unwrap();
    let moved = "SELECT move_closing($1, clock_timestamp() + interval '2 hours', 'Later')";
    assert!(election_service.query_one(moved, &[&id]).await.expect("it waits for a ballot").get::<_, bool>(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_found_with_one_look_whatever_the_number_of_elections() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "both", 1).await;
    for i in 0..30 {
        given::a_draft(&owner, election.admin_id, &format!("Other {i}")).await;
    }
    let boxes = "INSERT INTO chain_heads (election_id, last_hash) SELECT election_id, sha256('{}') FROM elections WHERE title LIKE 'Other %'";
    owner.batch_execute(boxes).await.unwrap();
    let voting = database.connect("voting_service").await;
    assert_eq!(Ballots::default().stamped("one").record(&voting, election.election_id).await, ["recorded"]);
    let (mut low, mut high) = (sha256("one"), sha256("one"));
    low[10..].fill(0);
    high[10..].fill(0xff);
    // Counted by PostgreSQL for one transaction: how often an index or a table was gone into.
    let looks = "SELECT sum(seq_scan + coalesce(idx_scan, 0))::bigint FROM pg_stat_xact_user_tables WHERE relname IN ('votes', 'chain_heads')";
    for (low, high, expected) in [(&low, &high, vec![election.election_id]), (&sha256("none"), &sha256("none"), Vec::new())] {
        // A connection of its own: the counters hold what an earlier transaction of the same one has done.
        let voting = database.connect("voting_service").await;
        voting.batch_execute("BEGIN").await.unwrap();
        let found = voting.query("SELECT election_id FROM find_receipt($1, $2)", &[low, high]).await.unwrap();
        assert_eq!(found.iter().map(|row| row.get(0)).collect::<Vec<i64>>(), expected);
        let looks: i64 = voting.query_one(looks, &[]).await.unwrap().get(0);
        voting.batch_execute("COMMIT").await.unwrap();
        assert!(looks <= 2, "{looks} looks");
    }
}
