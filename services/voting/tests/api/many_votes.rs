//! Many votes into several processes: one chain.

use std::sync::atomic::{AtomicUsize, Ordering};

use crypto::Digest;
use crypto::chain::{Entry, Head, genesis, verify};
use crypto::manifest::Manifest;
use crypto::stamp;
use futures_util::future::join_all;
use testkit::TestDatabase;
use tokio_postgres::Client;

use crate::app::App;
use crate::arranged::{Election, an_election};

/// Verifies the chain as an outsider would, compares its end with the head that the database keeps, and samples the stamps.
pub(crate) async fn one_linear_chain(owner: &Client, election: &Election) -> i64 {
    let sql =
        "SELECT position, previous_hash, digest, prefix, stamp, chain_hash FROM votes WHERE election_id = $1 ORDER BY position";
    let rows = owner.query(sql, &[&election.id]).await.unwrap();
    let digest = |row: &tokio_postgres::Row, column: usize| Digest::from_slice(row.get(column)).unwrap();
    let entries = rows.iter().map(|row| Entry {
        position: row.get(0),
        previous: digest(row, 1),
        digest: digest(row, 2),
        prefix: row.get::<_, &[u8]>(3).try_into().unwrap(),
        stamp: row.get(4),
        chain_hash: digest(row, 5),
    });
    let walked = verify(election.id, genesis(election.manifest_hash), entries.clone()).unwrap();
    let head = owner
        .query_one("SELECT last_position, last_hash FROM chain_heads WHERE election_id = $1", &[&election.id])
        .await
        .unwrap();
    assert_eq!(walked, Head { position: head.get(0), hash: digest(&head, 1) });

    let manifest = owner.query_one("SELECT bytes FROM manifests WHERE election_id = $1", &[&election.id]).await.unwrap();
    let key = Manifest::parse(manifest.get(0)).unwrap().stamp_key().unwrap();
    assert!(entries.step_by(97).all(|entry| stamp::verify(&key, &entry.digest, &entry.prefix, entry.stamp)));
    walked.position
}

#[actix_web::test]
async fn five_thousand_votes_by_sixty_four_clients_into_two_processes_are_one_linear_chain() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 5_000).await;
    let apps = [App::start(&database).await, App::start(&database).await];
    let next = AtomicUsize::new(0);
    let clients = (0..64).map(|client| {
        let (app, next, election) = (&apps[client % 2], &next, &election);
        async move {
            let mut hashes = Vec::new();
            while let Some(token) = election.tokens.get(next.fetch_add(1, Ordering::Relaxed)) {
                let cast = app.cast(token, election.candidate(hashes.len() % 3)).await;
                assert_eq!(cast.status, 200, "{cast:?}");
                hashes.push(cast.text("vote_hash").to_owned());
            }
            hashes
        }
    });
    let mut receipts = join_all(clients).await.concat();
    assert_eq!(one_linear_chain(&owner, &election).await, 5_000);
    let rows = owner.query("SELECT encode(digest, 'hex') FROM votes ORDER BY 1", &[]).await.unwrap();
    let recorded: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    receipts.sort_unstable();
    assert_eq!(receipts, recorded, "every receipt has its ballot, and every ballot its receipt");
}
