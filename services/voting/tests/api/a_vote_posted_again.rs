//! The same ballot again: the same receipt, at any time, and nothing recorded twice.

use futures_util::future::join_all;
use serde_json::json;
use testkit::TestDatabase;

use crate::app::{App, a_key};
use crate::arranged::{an_election, ballots, close};

#[actix_web::test]
async fn a_repeat_with_its_key_gets_the_same_receipt_before_and_after_the_close() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let (token, key) = (election.tokens[0].as_str(), a_key());
    let first = app.cast_with_key(token, election.candidate(0), &key).await;
    assert_eq!(first.status, 200, "{first:?}");
    let same = |again: &crate::app::Answer| {
        assert_eq!(again.status, 200, "{again:?}");
        assert_eq!((again.text("vote_hash"), again.text("receipt_code")), (first.text("vote_hash"), first.text("receipt_code")));
    };
    same(&app.cast_with_key(token, election.candidate(0), &key.to_uppercase()).await);
    // From another process, which has never seen it.
    let other = App::start(&database).await;
    same(&other.cast_with_key(token, election.candidate(0), &key).await);

    for answer in [
        app.cast_with_key(token, election.candidate(1), &key).await,
        app.cast_with_key(token, election.candidate(0), &a_key()).await,
        app.cast(token, election.candidate(0)).await,
    ] {
        assert_eq!((answer.status, answer.said()), (409, "already-used"), "{answer:?}");
    }
    close(&owner, &election).await;
    // The stamp key is destroyed by now; finding a ballot needs none.
    same(&app.cast_with_key(token, election.candidate(0), &key).await);
    let third = App::start(&database).await;
    same(&third.cast_with_key(token, election.candidate(0), &key).await);
    assert_eq!(app.cast_with_key(token, election.candidate(1), &key).await.status, 409);
    assert_eq!(ballots(&owner, &election).await, 1);
}

#[actix_web::test]
async fn the_same_request_many_times_at_once_is_one_ballot_and_one_receipt() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let (one, two) = (App::start(&database).await, App::start(&database).await);
    let key = a_key();
    let answers = join_all((0..32).map(|number| {
        let app = if number % 2 == 0 { &one } else { &two };
        app.cast_with_key(&election.tokens[0], election.candidate(2), &key)
    }))
    .await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert!(answers.iter().all(|answer| answer.text("vote_hash") == answers[0].text("vote_hash")));
    assert_eq!(ballots(&owner, &election).await, 1);
}

#[actix_web::test]
async fn a_key_of_another_form_is_refused_and_nothing_is_spent() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    for key in ["", "abc", &"g".repeat(64), &"a".repeat(63), &"a".repeat(66)] {
        let refused = app.cast_with_key(&election.tokens[0], election.candidate(0), key).await;
        assert_eq!((refused.status, refused.said()), (422, "invalid-input"), "{refused:?}");
        assert_eq!(refused.body["errors"][0]["field"], "Idempotency-Key");
    }
    let url = format!("{}/api/voting/cast-vote", app.url);
    let body = json!({ "token": election.tokens[0], "candidate_id": election.candidate(0) });
    let twice = app.client.post(url).json(&body).header("Idempotency-Key", a_key()).header("Idempotency-Key", a_key());
    assert_eq!(twice.send().await.unwrap().status(), 422);
    assert_eq!(ballots(&owner, &election).await, 0);
}
