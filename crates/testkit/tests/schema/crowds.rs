//! Many at once.

use crate::ballots::{Ballots, verify_chain};
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::{Duration, Instant};
use testkit::{TestDatabase, given, wait_until};
use tokio_postgres::Client;

async fn connections(database: &TestDatabase, role: &str, count: usize) -> Vec<Client> {
    join_all((0..count).map(|_| database.connect(role))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_casts_with_one_link_are_one_vote() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 1).await;
    let link = given::token_hash(&owner, voters[0]).await;
    let clients = connections(&database, "voting_service", 64).await;
    let casts = clients.iter().enumerate().map(|(i, client)| {
        let ballot = Ballots::default().cast(&format!("try {i}"), &link);
        async move { ballot.record(client, election.election_id).await.remove(0) }
    });
    let mut outcomes = join_all(casts).await;
    outcomes.sort();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "recorded").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "already-used").count(), 63);
    assert_eq!(verify_chain(&owner, election.election_id).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_casts_make_one_chain() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 5000).await;
    let id = election.election_id;
    let links: Vec<Vec<u8>> = owner
        .query("SELECT token_hash FROM voting_tokens ORDER BY voter_id", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let clients = connections(&database, "voting_service", 64).await;
    let began = Instant::now();
    let work = clients.into_iter().enumerate().map(|(worker, client)| {
        let mine: Vec<_> = voters.iter().zip(&links).skip(worker).step_by(64).map(|(v, l)| (v.to_string(), l.clone())).collect();
        tokio::spawn(async move {
            let mut recorded = 0;
            // Batches of different sizes, as a recorder makes them; every cast is sent twice, the second in reverse.
            for chunk in mine.chunks(worker % 13 + 1) {
                let there = chunk.iter().fold(Ballots::default(), |ballots, (name, link)| ballots.cast(name, link));
                let back = chunk.iter().rev().fold(Ballots::default(), |ballots, (name, link)| ballots.cast(name, link));
                recorded += there.record(&client, id).await.iter().filter(|outcome| *outcome == "recorded").count();
                assert!(back.record(&client, id).await.iter().all(|outcome| outcome == "known"));
            }
            recorded
        })
    });
    let recorded: usize = join_all(work).await.into_iter().map(Result::unwrap).sum();
    eprintln!("5,000 casts, each twice, by 64 connections: {:?}", began.elapsed());
    assert_eq!(recorded, 5000);
    assert_eq!(verify_chain(&owner, id).await, 5000);
}

/// A plain UPDATE of the head would not wait: it conflicts with no FOR KEY SHARE, and the stamp would miss the count.
#[tokio::test(flavor = "multi_thread")]
async fn a_close_waits_for_the_stamp_under_way() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "verified", 2).await;
    let id = election.election_id;
    let link = given::token_hash(&owner, voters[0]).await;
    let (voting, closer) = (database.connect("voting_service").await, database.connect("election_service").await);
    voting.batch_execute("BEGIN").await.unwrap();
    let spent = voting.query_one("SELECT spend_token($1, $2, sha256('m'))", &[&id, &link]).await.unwrap();
    assert_eq!(spent.get::<_, &str>(0), "spent");
    let close = tokio::spawn(async move { closer.query_one("SELECT begin_close($1, 60)::text", &[&id]).await.unwrap() });
    wait_until("the close waits or is done", Duration::from_secs(5), async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        close.is_finished() || owner.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0
    })
    .await;
    voting.batch_execute("COMMIT").await.unwrap();
    assert_eq!(close.await.unwrap().get::<_, &str>(0), "(grace,1,0)");
}

/// Resends, casts, stamps, a lease that is renewed and a close, all at the same voters: somebody may wait, nobody may be the
/// victim of a deadlock.
#[tokio::test(flavor = "multi_thread")]
async fn resends_casts_and_a_close_do_not_deadlock() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "both", 200).await;
    let id = election.election_id;
    let voters = Arc::new(voters);
    let end = Instant::now() + Duration::from_secs(3);
    let mut work = Vec::new();
    for worker in 0..4_usize {
        let (admin, roll) = (database.connect("admin_service").await, voters.clone());
        work.push(tokio::spawn(async move {
            let mut place = worker * 50;
            while Instant::now() < end {
                place = (place * 7 + 3) % roll.len();
                if let Err(error) = resend(&admin, roll[place]).await {
                    assert_eq!(error.code().unwrap().code(), "UV001", "{error:?}");
                    admin.batch_execute("ROLLBACK").await.unwrap();
                }
            }
        }));
        let (voting, reader, voters) = (database.connect("voting_service").await, database.owner().await, voters.clone());
        work.push(tokio::spawn(async move {
            for first in (0..voters.len()).cycle().step_by(5).take_while(|_| Instant::now() < end) {
                let mut ballots = Ballots::default();
                for place in (first..first + 5).rev() {
                    let voter = voters[place % voters.len()];
                    let sql = "SELECT token_hash FROM voting_tokens WHERE voter_id = $1 ORDER BY token_id DESC LIMIT 1";
                    // Closed meanwhile: the roll was written anew, and nobody has this number.
                    let Some(link) = reader.query_opt(sql, &[&voter]).await.unwrap() else { return };
                    let link: Vec<u8> = link.get(0);
                    // Most name no right ballot, so that the links stay live and contended.
                    ballots = if worker == 0 && place % 17 == 0 {
                        ballots.cast(&format!("{voter}"), &link)
                    } else {
                        ballots.too_short("x", &link)
                    };
                }
                ballots.record(&voting, id).await;
            }
        }));
    }
    let lease = database.connect("election_service").await;
    work.push(tokio::spawn(async move {
        while Instant::now() < end {
            lease.batch_execute("UPDATE tallies SET lease_until = clock_timestamp()").await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }));
    // Closing is tried over and over, and taken back.
    let closer = database.connect("election_service").await;
    work.push(tokio::spawn(async move {
        while Instant::now() + Duration::from_millis(200) < end {
            closer.batch_execute(&format!("BEGIN; SELECT begin_close({id}, 60); ROLLBACK")).await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        closer
            .batch_execute(&format!("SELECT begin_close({id}, 0); SELECT seal_box({id}); SELECT anonymise_participation({id})"))
            .await
            .unwrap();
    }));
    for task in join_all(work).await {
        task.unwrap();
    }
    verify_chain(&owner, id).await;
}

/// As the admin service does it: voter first, then the voter's links by number.
async fn resend(admin: &Client, voter: i64) -> Result<(), tokio_postgres::Error> {
    admin.batch_execute("BEGIN").await?;
    let held = admin.query("SELECT voter_id FROM voters WHERE voter_id = $1 FOR NO KEY UPDATE", &[&voter]).await?;
    if held.is_empty() {
        // Closed: the roll was written anew under other numbers.
        return admin.batch_execute("ROLLBACK").await;
    }
    let sql = "SELECT is_used FROM voting_tokens WHERE voter_id = $1 AND NOT revoked ORDER BY token_id FOR UPDATE";
    let links = admin.query(sql, &[&voter]).await?;
    // Long enough that others come to wait for these links before the next lock is asked for.
    tokio::time::sleep(Duration::from_millis(2)).await;
    if !links.iter().any(|row| row.get(0)) {
        admin
            .execute("UPDATE voting_tokens SET revoked = true WHERE voter_id = $1 AND NOT is_used AND NOT revoked", &[&voter])
            .await?;
        let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
                   SELECT election_id, voter_id, sha256(uuid_send(gen_random_uuid())), 'resend', now() + interval '1 day', spend_id, 'v***' \
                   FROM voters WHERE voter_id = $1";
        admin.execute(sql, &[&voter]).await?;
    }
    admin.batch_execute("COMMIT").await
}
