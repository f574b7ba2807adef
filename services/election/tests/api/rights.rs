//! What the election service's role may not do, whatever its code says.

use testkit::TestDatabase;

#[actix_web::test]
async fn the_role_cannot_touch_votes_links_or_what_closing_committed_to() {
    let database = TestDatabase::new().await;
    let service = database.connect("election_service").await;
    for sql in [
        "INSERT INTO votes SELECT * FROM votes",
        "UPDATE votes SET sealed = ''",
        "DELETE FROM votes",
        "TRUNCATE votes",
        "SELECT * FROM voters",
        "SELECT * FROM voting_tokens",
        "UPDATE opened_ballots SET reason = 'x'",
        "DELETE FROM opened_ballots",
        "UPDATE chain_heads SET state = 'open'",
        "UPDATE chain_heads SET halted_at = NULL",
        "UPDATE elections SET box_hash = NULL",
        "UPDATE elections SET spent_hash = NULL",
        "UPDATE elections SET admin_id = 1",
        "UPDATE election_keys SET private_wrapped = ''",
        "SELECT password_hash FROM admins",
        "SELECT * FROM audit_logs",
    ] {
        let refused = service.batch_execute(sql).await.expect_err(sql);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
    }
}
