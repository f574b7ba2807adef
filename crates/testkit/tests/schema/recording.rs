use crate::ballots::{Ballots, refusal, sha256, verify_chain};
use testkit::{TestDatabase, given};

#[tokio::test(flavor = "multi_thread")]
async fn each_ballot_has_its_own_outcome() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 6).await;
    let mut links = Vec::new();
    for voter in &voters {
        links.push(given::token_hash(&owner, *voter).await);
    }
    let arrange = "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1";
    owner.execute(arrange, &[&voters[1]]).await.unwrap();
    owner.execute("UPDATE voting_tokens SET expires_at = now() WHERE voter_id = $1", &[&voters[2]]).await.unwrap();
    let voting = database.connect("voting_service").await;
    let ballots = Ballots::default()
        .cast("forged", &sha256("no such link"))
        .cast("a", &links[0])
        .cast("a", &links[0])
        .cast("a", &links[3])
        .cast("b", &links[0])
        .cast("c", &links[1])
        .cast("d", &links[2])
        .too_short("e", &links[3])
        .cast("f", &links[3])
        .cast("forged", &links[4])
        .stamped("g");
    assert_eq!(
        ballots.record(&voting, election.election_id).await,
        [
            "unknown-token",
            "recorded",
            "known",
            "known",
            "already-used",
            "revoked",
            "expired",
            "wrong-length",
            "recorded",
            "recorded",
            "wrong-profile"
        ]
    );
    // Once more: what is in the box is known, and costs nobody a right.
    let again = Ballots::default().cast("a", &links[5]).cast("forged", &sha256("no such link")).cast("x", &links[0]);
    assert_eq!(again.record(&voting, election.election_id).await, ["known", "known", "already-used"]);
    assert_eq!(Ballots::default().cast("last", &links[5]).record(&voting, election.election_id).await, ["recorded"]);
    assert_eq!(verify_chain(&owner, election.election_id).await, 4);
    let row = owner.query_one("SELECT count(*) FROM voting_tokens WHERE is_used", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 4);
    assert_eq!(Ballots::default().cast("z", &links[5]).record(&voting, 999_999).await, ["unknown-election"]);
    assert_eq!(Ballots::default().record(&voting, election.election_id).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_that_does_not_begin_at_one_is_refused() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "simple", 2).await;
    let links = [given::token_hash(&owner, voters[0]).await, given::token_hash(&owner, voters[1]).await];
    let voting = database.connect("voting_service").await;
    // The second ballot of [0:1] stands at subscript 1: its length would be measured and the first one's bytes recorded.
    let sql = "SELECT record_ballots($1, ARRAY[sha256('a'), sha256('b')], s, ARRAY[sha256('p'), sha256('q')], \
               ARRAY[t, t], ARRAY[$2::bytea, $3]) FROM (SELECT decode(repeat('09', 384), 'hex')) x (t), \
               (SELECT ('[0:1]={\"\\\\x00\",\"\\\\x' || repeat('07', 700) || '\"}')::bytea[]) y (s)";
    let error = voting.query(sql, &[&election.election_id, &links[0], &links[1]]).await.unwrap_err();
    assert_eq!(refusal(&error).0, "22023");
    assert_eq!(verify_chain(&owner, election.election_id).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_link_of_a_voter_who_voted_is_used_too() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "both", 1).await;
    let first = given::token_hash(&owner, voters[0]).await;
    let voting = database.connect("voting_service").await;
    assert_eq!(Ballots::default().cast("a", &first).record(&voting, election.election_id).await, ["recorded"]);
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, expires_at, spend_id, email_hint) \
               SELECT election_id, voter_id, sha256('second'), expires_at, spend_id, email_hint FROM voting_tokens";
    database.connect("admin_service").await.batch_execute(sql).await.unwrap();
    assert_eq!(Ballots::default().cast("b", &sha256("second")).record(&voting, election.election_id).await, ["already-used"]);
    let spent =
        voting.query_one("SELECT spend_token($1, sha256('second'), sha256('m'))", &[&election.election_id]).await.unwrap();
    assert_eq!(spent.get::<_, &str>(0), "already-used");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_decides_not_the_status() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "both", 3).await;
    let link = given::token_hash(&owner, voters[0]).await;
    let voting = database.connect("voting_service").await;
    owner.batch_execute("UPDATE elections SET closes_at = clock_timestamp() - interval '1 second'").await.unwrap();
    assert_eq!(Ballots::default().cast("a", &link).record(&voting, election.election_id).await, ["not-open"]);
    let sql = "SELECT spend_token($1, $2, sha256('m'))";
    assert_eq!(voting.query_one(sql, &[&election.election_id, &link]).await.unwrap().get::<_, &str>(0), "not-open");
    // A ballot that was stamped in time may be a little late.
    assert_eq!(Ballots::default().stamped("late").record(&voting, election.election_id).await, ["recorded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_spent_for_one_message_only() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, voters) = given::an_active_election(&owner, "verified", 4).await;
    let id = election.election_id;
    let mut links = Vec::new();
    for voter in &voters {
        links.push(given::token_hash(&owner, *voter).await);
    }
    owner.execute("UPDATE voting_tokens SET revoked = true WHERE voter_id = $1", &[&voters[1]]).await.unwrap();
    owner.execute("UPDATE voting_tokens SET expires_at = now() WHERE voter_id = $1", &[&voters[2]]).await.unwrap();
    let voting = database.connect("voting_service").await;
    let spend = async |link: &[u8], message: &str| -> String {
        let sql = "SELECT spend_token($1, $2, $3)";
        voting.query_one(sql, &[&id, &link, &sha256(message)]).await.unwrap().get(0)
    };
    assert_eq!(spend(&links[0], "m").await, "spent");
    assert_eq!(spend(&links[0], "m").await, "again");
    assert_eq!(spend(&links[0], "other").await, "already-used");
    assert_eq!(spend(&links[1], "m").await, "revoked");
    assert_eq!(spend(&links[2], "m").await, "expired");
    assert_eq!(spend(&sha256("nothing"), "m").await, "unknown-token");
    assert_eq!(Ballots::default().cast("a", &links[3]).record(&voting, id).await, ["wrong-profile"]);
    assert_eq!(Ballots::default().stamped("a").record(&voting, id).await, ["recorded"]);
    let (simple, others) = given::an_active_election(&owner, "simple", 1).await;
    let link = given::token_hash(&owner, others[0]).await;
    let sql = "SELECT spend_token($1, $2, sha256('m'))";
    assert_eq!(voting.query_one(sql, &[&simple.election_id, &link]).await.unwrap().get::<_, &str>(0), "wrong-profile");
    // A link of one election is nothing in another.
    assert_eq!(spend(&link, "m").await, "unknown-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_batch_is_the_callers_fault() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, _) = given::an_active_election(&owner, "both", 1).await;
    let voting = database.connect("voting_service").await;
    let too_many = (0..257).fold(Ballots::default(), |ballots, i| ballots.stamped(&i.to_string()));
    let error = too_many.try_record(&voting, election.election_id).await.unwrap_err();
    assert_eq!(refusal(&error).0, "22023");
    let uneven = "SELECT record_ballots($1, ARRAY[sha256('a')], '{}', '{}', '{}', '{}')";
    assert_eq!(refusal(&voting.query(uneven, &[&election.election_id]).await.unwrap_err()).0, "22023");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_found_by_its_80_bits() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let voting = database.connect("voting_service").await;
    let mut elections = Vec::new();
    for name in ["one", "two"] {
        let (election, _) = given::an_active_election(&owner, "both", 1).await;
        assert_eq!(Ballots::default().stamped(name).record(&voting, election.election_id).await, ["recorded"]);
        elections.push(election.election_id);
    }
    let sql = "SELECT election_id, digest, sealed_box FROM find_receipt($1, $2)";
    let digest = sha256("two");
    let (mut low, mut high) = (digest.clone(), digest.clone());
    low[10..].fill(0);
    high[10..].fill(0xff);
    let found = voting.query(sql, &[&low, &high]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].get::<_, i64>(0), found[0].get::<_, Vec<u8>>(1), found[0].get::<_, bool>(2)),
        (elections[1], digest, false)
    );
    assert_eq!(voting.query(sql, &[&vec![0u8; 32], &vec![0xffu8; 32]]).await.unwrap().len(), 0, "no walking through the boxes");
    let found: bool = voting.query_one("SELECT find_ballot($1, $2)", &[&elections[0], &sha256("one")]).await.unwrap().get(0);
    assert!(found);
}
