//! What `voting_service` cannot do, whatever its code does.

use testkit::TestDatabase;

use crate::arranged::an_election;

#[actix_web::test]
async fn the_role_reads_no_voter_no_link_and_no_ballot_and_writes_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let role = database.connect("voting_service").await;
    let mut statements: Vec<String> = [
        "voters",
        "voting_tokens",
        "votes",
        "chain_heads",
        "decrypted_ballots",
        "audit_logs",
        "link_requests",
        "email_messages",
        "admins",
    ]
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
        "link_requests",
    ] {
        statements.push(format!("DELETE FROM {table}"));
        statements.push(format!("TRUNCATE {table} CASCADE"));
        statements.push(format!("INSERT INTO {table} DEFAULT VALUES"));
        let column = if table == "elections" { "title = 'x'" } else { "election_id = 1" };
        statements.push(format!("UPDATE {table} SET {column}"));
    }
    // Its own mails it carries away; it writes none, or it could send whatever it likes.
    statements.push("INSERT INTO outbox DEFAULT VALUES".to_owned());
    statements.push("TRUNCATE outbox".to_owned());
    for call in ["begin_close", "seal_box", "anonymise_participation"] {
        let arguments = if call == "begin_close" { format!("{}, 0", election.id) } else { election.id.to_string() };
        statements.push(format!("SELECT * FROM {call}({arguments})"));
    }
    // Whoever broke into this service cannot make its recorder's memory void.
    statements.push(format!("SELECT resume_recording({}, 'It is all right')", election.id));
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

#[actix_web::test]
async fn the_role_sees_no_other_services_outbox() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let sql = "INSERT INTO outbox (event_id, source, destination, kind, election_id, payload) \
               SELECT gen_random_uuid(), s::name, 'email', 'request', $1, 'x' FROM unnest(ARRAY['admin_service', 'voting_service']) s";
    owner.execute(sql, &[&election.id]).await.unwrap();
    let role = database.connect("voting_service").await;
    let seen = role.query("SELECT source::text FROM outbox", &[]).await.unwrap();
    assert_eq!(seen.iter().map(|row| row.get(0)).collect::<Vec<String>>(), ["voting_service"]);
    assert_eq!(role.execute("UPDATE outbox SET attempts = 1", &[]).await.unwrap(), 1);
    assert_eq!(role.execute("DELETE FROM outbox", &[]).await.unwrap(), 1);
    assert_eq!(owner.query("SELECT FROM outbox", &[]).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn nobody_but_voting_asks_for_links_and_stops_reminders() {
    let database = TestDatabase::new().await;
    for role in ["auth_service", "election_service", "results_service", "audit_service", "admin_service", "email_service"] {
        let role = database.connect(role).await;
        for call in [
            "SELECT request_link(1, gen_random_uuid(), 's', 'a', sha256('x'), 'x', 'x', false)",
            "SELECT stop_reminders(1, '\\x00')",
        ] {
            let refused = role.batch_execute(call).await.unwrap_err();
            assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{call}: {refused:?}");
        }
    }
}
