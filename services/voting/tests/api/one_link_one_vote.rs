//! One voter, one ballot; and the ballot is the one that was meant.

use crypto::manifest::Contest;
use crypto::seal::{SealPrivateKey, decrypt};
use futures_util::future::join_all;
use serde_json::json;
use testkit::TestDatabase;
use tokio_postgres::Client;

use crate::app::{App, settings};
use crate::arranged::{self, Election, an_election, ballots};

/// What is in the box, opened: each ballot as the marks of each contest.
async fn opened(owner: &Client, election: &Election) -> Vec<Vec<Vec<i64>>> {
    let key = SealPrivateKey::from_pkcs8_der(&election.seal_private).unwrap();
    let rows = owner.query("SELECT sealed FROM votes WHERE election_id = $1 ORDER BY position", &[&election.id]).await.unwrap();
    let read = |sealed: Vec<u8>| {
        let plaintext = decrypt(&key, &election.manifest_hash, &sealed).unwrap();
        let numbers = election.ballot_style().read(&plaintext).unwrap();
        let marked = |(contest, numbers): (&Contest, &Vec<u16>)| {
            let marked = contest.candidates.iter().zip(numbers).filter(|(_, number)| **number > 0);
            marked.map(|(candidate, _)| candidate.candidate_id).collect()
        };
        election.contests.iter().zip(&numbers).map(marked).collect()
    };
    rows.into_iter().map(|row| read(row.get(0))).collect()
}

#[actix_web::test]
async fn a_vote_is_recorded_with_its_receipt_and_a_second_one_is_refused() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    let app = App::start(&database).await;
    let first = app.cast(&election.tokens[0], election.candidate(1)).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!((&first.body["success"], first.text("message")), (&json!(true), "Your vote has been recorded"));
    assert_eq!(first.text("vote_hash").len(), 64);
    assert_eq!(first.body["receipt"]["digest"], first.body["vote_hash"]);

    let again = app.cast(&election.tokens[0], election.candidate(1)).await;
    assert_eq!((again.status, again.said()), (409, "already-used"));
    assert_eq!(again.text("detail"), "A ballot was recorded with this link; its receipt cannot be shown again");
    let said = app.validate(&election.tokens[0]).await;
    assert_eq!((&said["valid"], &said["has_voted"]), (&json!(false), &json!(true)));
    assert_eq!(said["error"], "This voting link has already been used");
    assert_eq!(opened(&owner, &election).await, [[[election.candidate(1)]]]);
}

#[actix_web::test]
async fn sixty_four_casts_at_once_with_one_link_are_one_vote() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let casts = (0..64).map(|number| app.cast(&election.tokens[0], election.candidate(number % 3)));
    let mut statuses: Vec<u16> = join_all(casts).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![409; 63]].concat());
    assert_eq!(ballots(&owner, &election).await, 1);
}

#[actix_web::test]
async fn a_voter_with_two_links_has_one_vote() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let newer = arranged::token_of(election.id, -7);
    owner.execute("UPDATE voting_tokens SET revoked = true WHERE voter_id = $1", &[&election.voters[0]]).await.unwrap();
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
               SELECT election_id, voter_id, $2, 'resend', now() + interval '1 day', spend_id, 'v***@example.com' FROM voters WHERE voter_id = $1";
    owner.execute(sql, &[&election.voters[0], &arranged::token_hash(&newer)]).await.unwrap();
    assert_eq!(app.cast(&newer, election.candidate(0)).await.status, 200);
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.said(), "link-replaced");
    assert_eq!(ballots(&owner, &election).await, 1);
}

#[actix_web::test]
async fn two_contests_are_marked_together_and_a_blank_is_a_vote() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let mut election = arranged::a_draft(&owner, 2).await;
    arranged::another_contest(&owner, &mut election).await;
    arranged::activate(&owner, &mut election, "simple").await;
    let app = App::start(&database).await;
    let (president, board) = (election.contests[0].contest_id.to_string(), election.contests[1].contest_id.to_string());
    let of_board: Vec<i64> = election.contests[1].candidates.iter().map(|candidate| candidate.candidate_id).collect();
    let alice = election.candidate(0);
    let token = election.tokens[0].as_str();

    for (body, wrong) in [
        (json!({ "token": token, "candidate_id": alice }), "candidate_id"),
        (json!({ "token": token, "choices": { &president: [alice] } }), board.as_str()),
        (json!({ "token": token, "choices": { &president: [alice], &board: [] } }), &board),
        (json!({ "token": token, "choices": { &president: [alice], &board: [of_board[0]] } }), &board),
        (json!({ "token": token, "choices": { &president: [alice], &board: of_board } }), &board),
        (json!({ "token": token, "choices": { &president: [of_board[0]], &board: [of_board[0], of_board[1]] } }), &president),
        (json!({ "token": token, "choices": { &president: [], &board: [of_board[0], of_board[1]], "99": [] } }), "99"),
    ] {
        let refused = app.post(&body, None).await;
        assert_eq!((refused.status, refused.said()), (422, "invalid-input"), "{refused:?}");
        assert!(refused.body["errors"][0]["field"].as_str().unwrap().ends_with(wrong), "{refused:?}");
    }
    let cast =
        app.post(&json!({ "token": token, "choices": { &president: [], &board: [of_board[3], of_board[0]] } }), None).await;
    assert_eq!(cast.status, 200, "{cast:?}");
    assert_eq!(opened(&owner, &election).await, [[vec![], vec![of_board[0], of_board[3]]]]);
}

#[actix_web::test]
async fn a_choice_that_is_not_on_the_ballot_spends_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let (election, other) = (an_election(&owner, 1).await, an_election(&owner, 1).await);
    let app = App::start(&database).await;
    let token = election.tokens[0].as_str();
    let contest = election.contests[0].contest_id.to_string();
    for body in [
        json!({ "token": token, "candidate_id": other.candidate(0) }),
        json!({ "token": token, "candidate_id": 1_000_000_000 }),
        json!({ "token": token }),
        json!({ "token": token, "candidate_id": election.candidate(0), "choices": {} }),
        json!({ "token": token, "choices": { contest: [election.candidate(0), election.candidate(1)] } }),
        json!({ "token": token, "candidate_id": election.candidate(0), "extra": 1 }),
    ] {
        let refused = app.post(&body, None).await;
        assert_eq!((refused.status, refused.said()), (422, "invalid-input"), "{refused:?}");
    }
    assert_eq!(ballots(&owner, &election).await, 0);
    assert_eq!(app.cast(token, election.candidate(0)).await.status, 200);
}

#[actix_web::test]
async fn a_contest_named_twice_in_one_request_is_refused_and_not_settled_by_order() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let (token, contest) = (&election.tokens[0], election.contests[0].contest_id);
    let (alice, bob) = (election.candidate(0), election.candidate(1));
    let twice = format!(r#"{{"token":"{token}","choices":{{"{contest}":[{alice}],"{contest}":[{bob}]}}}}"#);
    let refused = app.post_text(twice).await;
    assert_eq!((refused.status, refused.text("detail")), (422, format!("choices.{contest} is given twice").as_str()));
    let null = format!(r#"{{"token":"{token}","candidate_id":{bob},"choices":null}}"#);
    assert_eq!(app.post_text(null).await.status, 200);
    assert_eq!(opened(&owner, &election).await, [[[bob]]]);
}

#[actix_web::test]
async fn a_link_is_tried_twenty_times_at_once_and_then_asked_to_wait() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 2).await;
    let limits = voting::Settings {
        link_rate_per_second: 1.try_into().unwrap(),
        link_burst: 20.try_into().unwrap(),
        ..settings(&database)
    };
    let app = App::with(limits).await;
    let answers = join_all((0..40).map(|_| app.cast(&election.tokens[0], 0))).await;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.said() == "too-many-requests").collect();
    assert!((15..=20).contains(&refused.len()), "{} of 40", refused.len());
    assert!(refused.iter().all(|answer| answer.retry_after().is_some()));
    // Only that link, and only POST.
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    assert_eq!(app.validate(&election.tokens[0]).await["valid"], true);
}

/// Ranks, scores and votes reach the box as the one form of all ballots; what the rule forbids is refused with contest and reason, and
/// spends nothing.
#[actix_web::test]
async fn every_family_is_cast_by_candidate_and_what_its_rule_forbids_spends_nothing() {
    let families = [
        (r#"{"method":"irv"}"#, json!([1, 0]), vec![2, 1, 0], json!({ "0": 1, "1": 1 }), "equal-ranks"),
        (r#"{"method":"scottish_stv","seats":2}"#, json!({ "0": 2, "2": 1 }), vec![2, 0, 1], json!({ "0": 1, "2": 3 }), "gap"),
        (r#"{"method":"star"}"#, json!({ "0": 5, "1": 0 }), vec![6, 1, 0], json!({ "0": 6 }), "score-beyond-top"),
        (
            r#"{"method":"cumulative","seats":2,"votes":3}"#,
            json!({ "0": 2, "2": 1 }),
            vec![2, 0, 1],
            json!({ "0": 4 }),
            "too-many-votes",
        ),
        (r#"{"method":"approval"}"#, json!([2, 0]), vec![1, 0, 1], json!({ "0": 2 }), "not-a-mark"),
    ];
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    for (rule, chosen, written, forbidden, reason) in families {
        let mut election = arranged::a_draft(&owner, 1).await;
        arranged::a_contest_by(&owner, &mut election, "Second", rule, 3).await;
        arranged::activate(&owner, &mut election, "simple").await;
        let ids: Vec<i64> = election.contests[1].candidates.iter().map(|candidate| candidate.candidate_id).collect();
        let by_id = |chosen: serde_json::Value| match chosen {
            serde_json::Value::Array(places) => {
                json!(places.iter().map(|place| ids[usize::try_from(place.as_u64().unwrap()).unwrap()]).collect::<Vec<_>>())
            }
            serde_json::Value::Object(numbers) => {
                numbers.into_iter().map(|(place, number)| (ids[place.parse::<usize>().unwrap()].to_string(), number)).collect()
            }
            other => other,
        };
        let (first, second) = (election.contests[0].contest_id.to_string(), election.contests[1].contest_id.to_string());
        let token = &election.tokens[0];
        let refused = app.post(&json!({ "token": token, "choices": { &first: [], &second: by_id(forbidden) } }), None).await;
        assert_eq!(refused.status, 422, "{rule}: {refused:?}");
        let error = &refused.body["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(format!("choices.{second}")), &json!(reason)), "{rule}");
        assert_eq!(ballots(&owner, &election).await, 0);
        let cast = app.post(&json!({ "token": token, "choices": { &first: [], &second: by_id(chosen) } }), None).await;
        assert_eq!(cast.status, 200, "{rule}: {cast:?}");
        let key = SealPrivateKey::from_pkcs8_der(&election.seal_private).unwrap();
        let sealed: Vec<u8> =
            owner.query_one("SELECT sealed FROM votes WHERE election_id = $1", &[&election.id]).await.unwrap().get(0);
        let plaintext = decrypt(&key, &election.manifest_hash, &sealed).unwrap();
        assert_eq!(election.ballot_style().read(&plaintext).unwrap()[1], written, "{rule}");
    }
}

/// Attack: whoever owns the database exchanges what is said of two candidates after the ballot was fixed.
#[actix_web::test]
async fn other_information_about_a_candidate_than_was_fixed_is_not_shown() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let picture = testkit::given::an_upload(&owner, b"another face", "jpg").await;
    let file = testkit::given::an_upload(&owner, b"another programme", "pdf").await;
    owner.batch_execute("ALTER TABLE candidates DISABLE TRIGGER USER").await.unwrap();
    let changes = [
        "party = 'Hate'".to_owned(),
        "description = 'Has been in prison'".to_owned(),
        "vision = 'Nothing'".to_owned(),
        "programme = 'No buses'".to_owned(),
        "link = 'https://evil.example/'".to_owned(),
        format!("photo_url = '{picture}', thumbnail_url = '{picture}'"),
        format!("programme_file_url = '{file}'"),
    ];
    let nothing = "party = NULL, description = NULL, vision = NULL, programme = NULL, link = NULL, photo_url = NULL, thumbnail_url = NULL, \
                   programme_file_url = NULL";
    for change in changes {
        owner.batch_execute(&format!("UPDATE candidates SET {nothing}")).await.unwrap();
        owner.batch_execute(&format!("UPDATE candidates SET {change} WHERE name = 'Bob Smith'")).await.unwrap();
        let app = App::start(&database).await;
        let refused = app.cast(&election.tokens[0], election.candidate(1)).await;
        assert_eq!((refused.status, refused.said()), (503, "unavailable"), "{change}: {refused:?}");
    }
    assert_eq!(ballots(&owner, &election).await, 0);
}

/// Who withdrew stays on the frozen ballot and is shown as withdrawn.
#[actix_web::test]
async fn a_ballot_says_who_withdrew() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let bob = election.candidate(1);
    let sql = "INSERT INTO amendments (election_id, kind, reason, details) \
               VALUES ($1, 'candidate_withdrawn', 'Moved abroad', jsonb_build_object('candidate_id', $2::bigint, 'candidate', 'Bob Smith'))";
    owner.execute(sql, &[&election.id, &bob]).await.unwrap();
    let ballot = app.ballot(&election.tokens[0]).await;
    let standing = |place: usize| ballot["contests"][0]["candidates"][place]["standing"].clone();
    assert_eq!([standing(0), standing(1), standing(2)], ["stands", "withdrawn", "stands"]);
    assert_eq!(ballot["amendments"][0]["candidate"], "Bob Smith");
    assert_eq!(ballot["contests"][0]["rule"]["method"], "plurality");
}
