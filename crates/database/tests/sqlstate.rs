//! What went wrong is read from the SQLSTATE, whatever the words are, and a server that takes no writes is left.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use database::{Address, Database, DatabaseError, Failed, LOCK_WAIT, SslMode, Tls, limit_lock_wait, sqlstate};
use diesel_async::SimpleAsyncConnection as _;
use testkit::{OWNER, TestDatabase};
use tokio::task::LocalSet;

fn pool(database: &TestDatabase, size: usize) -> Database {
    let password = std::fs::read_to_string(database.password_file(OWNER)).unwrap().trim().to_owned().into();
    let address = Address::new(&database.url(OWNER), &password, Tls::new(SslMode::Disable, None).unwrap()).unwrap();
    Database::new(address, size).unwrap()
}

async fn run(database: &Database, sql: &str) -> Result<(), DatabaseError> {
    let sql = sql.to_owned();
    let done = database.transaction("test", async move |connection| Ok(connection.batch_execute(&sql).await?)).await;
    done.map_err(|failed: Failed<std::convert::Infallible>| match failed {
        Failed::Database(error) => error,
        Failed::Refused(never) => match never {},
    })
}

/// PostgreSQL's own codes under words that no PostgreSQL ever said.
#[tokio::test]
async fn the_words_of_an_error_do_not_matter() {
    let test = TestDatabase::new().await;
    let database = pool(&test, 1);
    let mut connection = database.connection().await.unwrap();
    let kind = |error: &DatabaseError| match error {
        DatabaseError::Repeatable(_) => "repeatable",
        DatabaseError::Locked => "locked",
        DatabaseError::ReadOnly => "read-only",
        DatabaseError::Unavailable(_) => "unavailable",
        DatabaseError::Query(_) => "query",
        DatabaseError::OutcomeUnknown(_) => "unknown",
    };
    let codes = [
        ("40P01", "repeatable"),
        ("40001", "repeatable"),
        ("55P03", "locked"),
        ("57P01", "unavailable"),
        ("57P02", "unavailable"),
        ("57P03", "unavailable"),
        ("53300", "unavailable"),
        ("23514", "query"),
        ("P0001", "query"),
        ("25006", "read-only"),
    ];
    for (code, expected) in codes {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'deadlock detected: alles anders' USING ERRCODE = '{code}'; END $$");
        let error = connection.batch_execute(&raise).await.unwrap_err();
        assert_eq!(sqlstate(&error), Some(code));
        assert_eq!(kind(&DatabaseError::from(error)), expected, "{code}");
    }
}

#[tokio::test]
async fn a_connection_to_a_server_that_takes_no_writes_is_replaced() {
    let test = TestDatabase::new().await;
    LocalSet::new()
        .run_until(async {
            let database = pool(&test, 1);
            // A connection that was opened before the server became a standby.
            let mut connection = database.connection().await.unwrap();
            connection.batch_execute("SET default_transaction_read_only = on").await.unwrap();
            // A single statement: it fails, and the pool has no such connection any more.
            let error = connection.batch_execute("CREATE TABLE one (id int)").await.unwrap_err();
            assert!(matches!(DatabaseError::from(error), DatabaseError::ReadOnly));
            drop(connection);
            run(&database, "CREATE TABLE one (id int)").await.unwrap();
            // A transaction: nothing was done, so it is repeated on a new connection.
            database.connection().await.unwrap().batch_execute("SET default_transaction_read_only = on").await.unwrap();
            run(&database, "CREATE TABLE two (id int)").await.unwrap();
        })
        .await;
}

/// As long as the server is a standby nothing is tried for long; afterwards the same pool works again.
#[tokio::test]
async fn a_standby_is_no_database() {
    let test = TestDatabase::new().await;
    let (name, owner) = (test.url(OWNER).rsplit('/').next().unwrap().to_owned(), test.owner().await);
    LocalSet::new()
        .run_until(async {
            let database = pool(&test, 2);
            run(&database, "CREATE TABLE one (id int)").await.unwrap();
            owner.batch_execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await.unwrap();
            database.connection().await.unwrap().batch_execute("SET default_transaction_read_only = on").await.unwrap();
            let refused = run(&database, "INSERT INTO one VALUES (1)").await;
            assert!(matches!(refused, Err(DatabaseError::Unavailable(_))), "{refused:?}");
            owner.batch_execute("SET default_transaction_read_only = off").await.unwrap();
            owner.batch_execute(&format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await.unwrap();
            run(&database, "INSERT INTO one VALUES (1)").await.unwrap();
        })
        .await;
}

#[tokio::test]
async fn a_lock_is_waited_for_so_long_and_no_longer() {
    let test = TestDatabase::new().await;
    let mut holder = test.owner().await;
    holder.batch_execute("CREATE TABLE one (id int)").await.unwrap();
    let holding = holder.transaction().await.unwrap();
    holding.batch_execute("LOCK TABLE one").await.unwrap();
    LocalSet::new()
        .run_until(async {
            let database = pool(&test, 1);
            let waited = database
                .transaction::<(), std::convert::Infallible, _>("test", async |connection| {
                    limit_lock_wait(connection, LOCK_WAIT / 10).await?;
                    Ok(connection.batch_execute("INSERT INTO one VALUES (1)").await?)
                })
                .await;
            assert!(matches!(waited, Err(Failed::Database(DatabaseError::Locked))));
            holding.rollback().await.unwrap();
            run(&database, "INSERT INTO one VALUES (1)").await.unwrap();
        })
        .await;
}

#[tokio::test]
async fn an_ended_session_is_unavailable() {
    let test = TestDatabase::new().await;
    let owner = test.connect(testkit::SUPERUSER).await;
    let database = pool(&test, 1);
    let mut connection = database.connection().await.unwrap();
    // FATAL 57P01 in the middle of a statement of our own.
    let error = connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
    assert!(matches!(DatabaseError::from(error), DatabaseError::Unavailable(_)));
    drop((connection, owner));
    LocalSet::new().run_until(run(&database, "SELECT 1")).await.unwrap();
}
