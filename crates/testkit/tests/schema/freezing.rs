//! What may no longer be changed, tried as the service that would change it.

use crate::ballots::assert_refused;
use testkit::{TestDatabase, given};

#[tokio::test(flavor = "multi_thread")]
async fn rules_and_roll_freeze_at_activation() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let admin_id = given::an_admin(&owner, "ann@example.com").await;
    let draft = given::a_draft(&owner, admin_id, "Council").await;
    given::voters(&owner, draft.election_id, 2).await;
    let (admin, election) = (database.connect("admin_service").await, database.connect("election_service").await);
    let candidate = format!("UPDATE candidates SET name = name || '!' WHERE election_id = {}", draft.election_id);
    let voter =
        format!("INSERT INTO voters (election_id, email) VALUES ({}, gen_random_uuid() || '@example.com')", draft.election_id);
    let contest = format!("UPDATE contests SET title = 'Other' WHERE election_id = {}", draft.election_id);
    let title = format!("UPDATE elections SET title = 'Other' WHERE election_id = {}", draft.election_id);
    for (client, sql) in [(&admin, &candidate), (&admin, &voter), (&election, &contest), (&election, &title)] {
        client.batch_execute(sql).await.unwrap();
    }
    given::activate(&owner, draft.election_id, "simple").await;
    assert_refused(&admin, &candidate, "election_frozen").await;
    assert_refused(&admin, &format!("DELETE FROM candidates WHERE election_id = {}", draft.election_id), "election_frozen").await;
    assert_refused(&election, &contest, "election_frozen").await;
    assert_refused(&election, "UPDATE elections SET title = 'Yet another'", "settings_locked").await;
    assert_refused(&owner, "UPDATE manifests SET sealed_len = 1", "manifests_immutable").await;
    assert_refused(&owner, "DELETE FROM manifests", "manifests_immutable").await;
    assert_refused(&owner, "TRUNCATE manifests", "manifests_immutable").await;
    assert_refused(&election, "UPDATE elections SET opens_at = now()", "settings_locked").await;
    assert_refused(&election, "UPDATE elections SET locale = 'de'", "settings_locked").await;
    assert_refused(&election, "UPDATE elections SET timezone = 'Europe/Berlin'", "settings_locked").await;
    assert_refused(&election, "UPDATE elections SET status = 'draft'", "status_backwards").await;
    assert_refused(&election, "UPDATE elections SET status = 'archived'", "status_backwards").await;
    assert_refused(&election, "DELETE FROM elections", "not_a_draft").await;
    for sql in [&voter, &"UPDATE voters SET cohort = 'x'".to_owned(), &"DELETE FROM voters".to_owned()] {
        assert_refused(&admin, sql, "roll_frozen").await;
    }
    // The end may move, but only away.
    election.batch_execute("UPDATE elections SET closes_at = now() + interval '2 hours'").await.unwrap();
    election.batch_execute("UPDATE elections SET closes_at = closes_at + interval '1 hour'").await.unwrap();
    assert_refused(&election, "UPDATE elections SET closes_at = closes_at - interval '1 minute'", "settings_locked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_until_the_close_and_used_ones_stay() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "simple", 2).await;
    owner
        .batch_execute("UPDATE voting_tokens SET is_used = true WHERE token_id = (SELECT min(token_id) FROM voting_tokens)")
        .await
        .unwrap();
    let admin = database.connect("admin_service").await;
    admin.batch_execute("UPDATE voting_tokens SET revoked = true WHERE NOT is_used").await.unwrap();
    assert_refused(&admin, "UPDATE voting_tokens SET revoked = true WHERE is_used", "used_right_kept").await;
    assert_refused(&admin, "DELETE FROM voting_tokens WHERE is_used", "used_right_kept").await;
    let closing = database.connect("election_service").await;
    closing.query("SELECT begin_close($1, 0)", &[&election.election_id]).await.unwrap();
    assert_refused(&admin, "UPDATE voting_tokens SET revoked = false WHERE NOT is_used", "links_frozen").await;
    assert_refused(&closing, "UPDATE elections SET closes_at = now() + interval '9 hours'", "settings_locked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_deleted_with_everything_in_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let admin_id = given::an_admin(&owner, "ann@example.com").await;
    let draft = given::a_draft(&owner, admin_id, "Council").await;
    given::voters(&owner, draft.election_id, 3).await;
    let election = database.connect("election_service").await;
    election.execute("DELETE FROM elections WHERE election_id = $1", &[&draft.election_id]).await.unwrap();
    for table in ["contests", "candidates", "voters"] {
        let left: i64 = owner.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0);
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_has_a_manifest_from_its_activation_and_a_tally_from_its_close() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (active, _) = given::an_active_election(&owner, "simple", 1).await;
    let draft = given::a_draft(&owner, active.admin_id, "A draft").await.election_id;
    let id = active.election_id;
    for status in ["active", "scheduled"] {
        let sql = format!("UPDATE elections SET status = '{status}' WHERE election_id = {draft}");
        assert_refused(&owner, &sql, "manifest_missing").await;
        let sql = format!("INSERT INTO elections (admin_id, title, status) VALUES ({}, 'Born so', '{status}')", active.admin_id);
        assert_refused(&owner, &sql, "status_backwards").await;
    }
    let closed = format!("UPDATE elections SET status = 'closed' WHERE election_id = {id}");
    assert_refused(&owner, &closed, "tally_once_closed").await;
    let early = format!("INSERT INTO tallies (election_id, stamps_given, grace_ends_at) VALUES ({id}, 0, now())");
    assert_refused(&owner, &early, "tally_once_closed").await;
    owner.batch_execute(&format!("BEGIN; {early}; {closed}; COMMIT")).await.unwrap();
    let again = format!("UPDATE elections SET closed_at = now() WHERE election_id = {id}");
    owner.batch_execute(&again).await.unwrap();
    assert_refused(&owner, &again.replace("now()", "now() + interval '1 s'"), "settings_locked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_withdraw_between_the_announcement_and_the_end_and_nobody_dates_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let admin_id = given::an_admin(&owner, "ann@example.com").await;
    let (draft, other) = (given::a_draft(&owner, admin_id, "Council").await, given::a_draft(&owner, admin_id, "Board").await);
    given::voters(&owner, draft.election_id, 2).await;
    let service = database.connect("election_service").await;
    let withdraw = |candidate: i64, column: &str, value: &str| {
        format!(
            "INSERT INTO amendments (election_id, kind, reason, details{column}) \
             VALUES ({}, 'candidate_withdrawn', 'Resigned', '{{\"candidate_id\": {candidate}}}'{value})",
            draft.election_id
        )
    };
    let [first, second, ..] = draft.candidate_ids[..] else { panic!("two candidates") };
    assert_refused(&service, &withdraw(first, "", ""), "withdrawal_too_late").await;
    given::activate(&owner, draft.election_id, "simple").await;
    service.batch_execute(&withdraw(first, "", "")).await.unwrap();
    assert_refused(&service, &withdraw(other.candidate_ids[0], "", ""), "withdrawal_of_nobody").await;
    assert_refused(&service, &withdraw(i64::MAX, "", ""), "withdrawal_of_nobody").await;
    let dated = service.batch_execute(&withdraw(second, ", created_at", ", now()")).await.unwrap_err();
    assert_eq!(dated.code().unwrap().code(), "42501", "permission denied");
    owner.execute("SELECT begin_close($1, 0)", &[&draft.election_id]).await.unwrap();
    assert_refused(&service, &withdraw(second, "", ""), "withdrawal_too_late").await;
}
