//! The role reads, and writes what it shows and nothing else.

use testkit::TestDatabase;

use crate::app::App;

#[actix_web::test]
async fn the_role_writes_what_it_shows_and_nothing_else_and_never_sees_a_voter() {
    let database = TestDatabase::new().await;
    let service = database.connect("results_service").await;
    for table in [
        "elections",
        "contests",
        "candidates",
        "votes",
        "decrypted_ballots",
        "chain_heads",
        "election_keys",
        "voters",
        "published_results",
    ] {
        for sql in [format!("DELETE FROM {table}"), format!("TRUNCATE {table}")] {
            let refused = service.batch_execute(&sql).await.expect_err(&sql);
            assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
        }
    }
    for right in ["INSERT", "UPDATE"] {
        let sql = "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' \
                   AND c.relname NOT IN ('outbox', 'published_results', 'result_views') AND has_any_column_privilege(c.oid, $1)";
        assert!(service.query(sql, &[&right]).await.unwrap().is_empty(), "{right}");
    }
    for table in ["voters", "voting_tokens", "election_keys", "admins", "audit_logs", "email_messages"] {
        let refused = service.batch_execute(&format!("SELECT * FROM {table}")).await.expect_err(table);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{table}");
    }
}

/// The results service computes by itself what the box commitment covers. What it reads for that it reads after the sealing only, and
/// nothing of it says whose a row is.
#[actix_web::test]
async fn the_role_reads_of_a_sealed_election_which_rights_were_used_and_of_an_open_one_nothing() {
    let app = App::before_start(3).await;
    let id = app.election.election_id;
    let service = app.database.connect("results_service").await;
    let allowed = [format!("SELECT is_used, spend_id FROM voting_tokens_{id}"), format!("SELECT deleted FROM voters_{id}")];
    let booth = app.open().await;
    for sql in &allowed {
        let refused = service.batch_execute(sql).await.expect_err(sql);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
    }
    booth.count(&app.owner).await;
    for sql in &allowed {
        assert_eq!(service.query(sql, &[]).await.unwrap().len(), 3, "{sql}");
    }
    for sql in [
        format!("SELECT voter_id FROM voting_tokens_{id}"),
        format!("SELECT token_id FROM voting_tokens_{id}"),
        format!("SELECT spend_id FROM voters_{id}"),
        format!("SELECT email FROM voters_{id}"),
        "SELECT is_used FROM voting_tokens".to_owned(),
    ] {
        let refused = service.batch_execute(&sql).await.expect_err(&sql);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
    }
}
