//! The database was the primary and is a standby now: 503, nothing lost, and no restart when there is a primary again.

use std::time::Duration;

use database::SslMode;
use launch::DatabaseSettings;
use testkit::{Servers, wait_until};
use tokio_postgres::Client;

use crate::app::{Answer, App, settings_of};
use crate::arranged::{an_election, ballots};
use crate::many_votes::one_linear_chain;

const PATIENCE: Duration = Duration::from_secs(30);

/// A cluster of this test's own, which may be demoted.
async fn servers() -> Servers {
    // The migrator needs a runtime of several threads. A throwaway cluster writes too little into its log for a standby.
    let start = || tokio::runtime::Runtime::new().unwrap().block_on(Servers::start_with("wal_level = replica")).unwrap();
    tokio::task::spawn_blocking(start).await.unwrap()
}

fn variable(servers: &Servers, name: &str) -> String {
    let found = servers.environment().into_iter().find(|(variable, _)| *variable == name);
    found.unwrap().1.into_string().unwrap()
}

fn address(servers: &Servers, role: &str) -> DatabaseSettings {
    DatabaseSettings {
        url: format!("postgres://{role}@{}/uvote", variable(servers, testkit::env::POSTGRES)),
        password_file: format!("{}/db/{role}.password", variable(servers, testkit::env::SECRETS)).into(),
        pool_size: 4,
        sslmode: SslMode::Prefer,
        ca_file: None,
    }
}

async fn owner(servers: &Servers) -> Client {
    let (client, connection) = address(servers, testkit::OWNER).address(launch::Mode::Local).unwrap().open().await.unwrap();
    actix_web::rt::spawn(connection);
    client
}

fn is_refused_for_now(answer: &Answer) {
    assert_eq!((answer.status, answer.said()), (503, "unavailable"), "{answer:?}");
    assert!(answer.retry_after().is_some());
}

#[actix_web::test]
async fn a_demoted_primary_is_left_and_voting_goes_on_at_the_next_one_without_a_restart() {
    let servers = servers().await;
    let election = an_election(&owner(&servers).await, 4).await;
    let mut settings = settings_of(address(&servers, "voting_service"));
    settings.recorder_patience_ms = 300;
    let app = App::with(settings).await;
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.status, 200);
    assert_eq!(app.get("/ready").await.status, 200);

    servers.demote().unwrap();
    is_refused_for_now(&app.cast(&election.tokens[1], election.candidate(0)).await);
    let ready = app.get("/ready").await;
    assert_eq!(ready.status, 503, "{ready:?}");

    servers.promote().unwrap();
    wait_until("the service is ready again", PATIENCE, async || app.get("/ready").await.status == 200).await;
    for token in &election.tokens[1..3] {
        assert_eq!(app.cast(token, election.candidate(0)).await.status, 200);
    }
    assert_eq!(ballots(&owner(&servers).await, &election).await, 3);
    assert_eq!(one_linear_chain(&owner(&servers).await, &election).await, 3);
}

/// Connections that were open before: nobody ends them when another server takes over, as behind a proxy that keeps them.
#[actix_web::test]
async fn open_connections_to_a_server_that_takes_no_writes_are_dropped() {
    let servers = servers().await;
    let election = an_election(&owner(&servers).await, 3).await;
    let mut settings = settings_of(address(&servers, "voting_service"));
    settings.recorder_patience_ms = 300;
    let app = App::with(settings).await;
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.status, 200);
    // What a standby says, SQLSTATE 25006, on the very connections that the service has.
    servers.sql("ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()").unwrap();
    wait_until("voting is refused", PATIENCE, async || {
        app.get(&format!("/api/voting/validate-token?token={}", election.tokens[1])).await;
        app.get("/ready").await.status == 503
    })
    .await;
    is_refused_for_now(&app.cast(&election.tokens[1], election.candidate(0)).await);

    // Only new connections take writes from now on; those that were there never will.
    servers.sql("SET default_transaction_read_only = off; ALTER DATABASE uvote SET default_transaction_read_only = off").unwrap();
    wait_until("the service is ready again", PATIENCE, async || app.get("/ready").await.status == 200).await;
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    assert_eq!(one_linear_chain(&owner(&servers).await, &election).await, 2);
}
