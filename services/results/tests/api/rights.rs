//! The role reads, and writes what it shows and nothing else.

use testkit::TestDatabase;

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
