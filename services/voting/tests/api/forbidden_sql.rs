//! What `voting_service` cannot do, whatever its code does.

use testkit::TestDatabase;

use crate::arranged::an_election;

#[actix_web::test]
async fn the_role_reads_no_voter_no_link_and_no_ballot_and_writes_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let role = database.connect("voting_service").await;
    let mut statements: Vec<String> =
        ["voters", "voting_tokens", "votes", "chain_heads", "opened_ballots", "audit_logs", "outbox", "email_messages", "admins"]
            .map(|table| format!("SELECT * FROM {table}"))
            .into();
    for table in [
        "voters",
        "voting_tokens",
        "votes",
        "chain_heads",
        "elections",
        "contests",
        "candidates",
        "election_keys",
        "amendments",
        "outbox",
    ] {
        statements.push(format!("DELETE FROM {table}"));
        statements.push(format!("TRUNCATE {table} CASCADE"));
        statements.push(format!("INSERT INTO {table} DEFAULT VALUES"));
        let column = if table == "elections" { "title = 'x'" } else { "election_id = 1" };
        statements.push(format!("UPDATE {table} SET {column}"));
    }
    for call in ["begin_close", "seal_box", "finish_close"] {
        let arguments = if call == "begin_close" { format!("{}, 0", election.id) } else { election.id.to_string() };
        statements.push(format!("SELECT * FROM {call}({arguments})"));
    }
    for statement in statements {
        let refused = role.batch_execute(&statement).await.expect_err(&statement);
        let code = refused.code().map(|code| code.code().to_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused:?}");
    }
    assert!(role.query("SELECT admin_id FROM elections", &[]).await.is_err(), "whose election it is, is not voting's business");
}

#[actix_web::test]
async fn no_statement_timeout_can_make_a_commit_uncertain() {
    let database = TestDatabase::new().await;
    let role = database.connect("voting_service").await;
    assert_eq!(role.query_one("SHOW statement_timeout", &[]).await.unwrap().get::<_, String>(0), "0");
}
