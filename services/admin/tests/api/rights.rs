//! What the service could not do even if its code were replaced: the rights of `admin_service`, tried.

use testkit::{TestDatabase, given};

#[actix_web::test]
async fn the_role_sees_and_changes_nothing_of_the_ballot_box() {
    let database = TestDatabase::new().await;
    let role = database.connect("admin_service").await;
    for sql in [
        "SELECT * FROM votes",
        "SELECT * FROM chain_heads",
        "SELECT * FROM decrypted_ballots",
        "SELECT * FROM election_keys",
        "SELECT password_hash FROM admins",
        "UPDATE voting_tokens SET is_used = true",
        "UPDATE voting_tokens SET is_used = false",
        "UPDATE voting_tokens SET token_hash = ''",
        "INSERT INTO voting_tokens (is_used) VALUES (true)",
        "UPDATE voters SET spend_id = ''",
        "UPDATE elections SET status = 'active'",
        "SELECT * FROM elections FOR UPDATE",
        "INSERT INTO contests (election_id, title) VALUES (1, 'x')",
        "DELETE FROM audit_subjects",
        "SELECT * FROM audit_logs",
        "SELECT * FROM email_messages",
        "TRUNCATE voters",
        "SELECT begin_close(1, 0)",
        "SELECT find_ballot(1, '')",
        "SELECT spent_list(1)",
        "SELECT look_up_token(1, '')",
        "UPDATE link_mailings SET admin_id = 1",
        "UPDATE staged_voters SET email = 'other@example.com'",
        "UPDATE voter_imports SET election_id = 1",
        "TRUNCATE staged_voters",
    ] {
        assert!(role.batch_execute(sql).await.is_err(), "{sql}");
    }
}

/// The triggers are the backstop of rules that the service asks first: other connections, and a service that is wrong.
#[actix_web::test]
async fn the_database_itself_freezes_candidates_roll_and_links() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 2).await;
    let role = database.connect("admin_service").await;
    let refused =
        async |sql: &str| role.batch_execute(sql).await.unwrap_err().as_db_error().unwrap().constraint().map(str::to_owned);
    let id = election.election_id;
    assert_eq!(refused(&format!("DELETE FROM candidates WHERE election_id = {id}")).await.as_deref(), Some("election_frozen"));
    assert_eq!(
        refused(&format!("UPDATE candidates SET name = name || '!' WHERE election_id = {id}")).await.as_deref(),
        Some("election_frozen")
    );
    assert_eq!(refused(&format!("DELETE FROM voters WHERE voter_id = {}", voters[0])).await.as_deref(), Some("roll_frozen"));
    assert_eq!(
        refused(&format!("INSERT INTO voters (election_id, email) VALUES ({id}, 'a@b.de')")).await.as_deref(),
        Some("roll_frozen")
    );
    owner.batch_execute(&format!("UPDATE voting_tokens SET is_used = true WHERE voter_id = {}", voters[0])).await.unwrap();
    assert_eq!(refused(&format!("DELETE FROM voting_tokens WHERE election_id = {id}")).await.as_deref(), Some("used_right_kept"));
    owner.batch_execute(&format!("SELECT begin_close({id}, 0)")).await.unwrap();
    assert_eq!(
        refused(&format!("UPDATE voting_tokens SET revoked = true WHERE voter_id = {}", voters[1])).await.as_deref(),
        Some("links_frozen")
    );
}
