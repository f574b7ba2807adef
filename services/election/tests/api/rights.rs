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
        "UPDATE decrypted_ballots SET reason = 'x'",
        "DELETE FROM decrypted_ballots",
        "UPDATE chain_heads SET state = 'open'",
        "UPDATE chain_heads SET halted_at = NULL",
        "UPDATE elections SET closed_at = NULL",
        "UPDATE manifests SET hash = ''",
        "DELETE FROM manifests",
        "INSERT INTO tallies (election_id, stamps_given, grace_ends_at) VALUES (1, 0, now())",
        "UPDATE tallies SET stamps_given = 9",
        "UPDATE tallies SET grace_ends_at = now()",
        "INSERT INTO box_commitments SELECT * FROM box_commitments",
        "UPDATE box_commitments SET box_hash = ''",
        "DELETE FROM box_commitments",
        "UPDATE tally_signatures SET signature = ''",
        "DELETE FROM tally_signatures",
        "UPDATE elections SET admin_id = 1",
        "UPDATE election_keys SET private_wrapped = ''",
        "SELECT password_hash FROM admins",
        "SELECT * FROM audit_logs",
    ] {
        let refused = service.batch_execute(sql).await.expect_err(sql);
        assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
    }
}
