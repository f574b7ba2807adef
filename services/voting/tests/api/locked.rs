//! Somebody else holds one election's rows for long. Its ballots wait, or are refused with a known outcome; no other ballot waits.

use actix_web::rt::spawn;
use futures_util::future::join_all;
use testkit::TestDatabase;
use tokio_postgres::Client;
use voting::Settings;

use crate::app::{App, settings};
use crate::arranged::{Election, an_election, ballots};
use crate::many_votes::one_linear_chain;

/// All links, as a reminder to everybody once held them; or the head of the chain, as a close does.
const LINKS: &str = "SELECT FROM voting_tokens WHERE election_id = ANY ($1) ORDER BY token_id FOR UPDATE";
const HEAD: &str = "SELECT FROM chain_heads WHERE election_id = ANY ($1) FOR UPDATE";

/// Takes these rows, until ROLLBACK.
async fn hold(holder: &Client, rows: &str, elections: &[&Election]) {
    holder.batch_execute("BEGIN").await.unwrap();
    let ids: Vec<i64> = elections.iter().map(|election| election.id).collect();
    assert!(!holder.query(rows, &[&ids]).await.unwrap().is_empty());
}

async fn let_go(holder: &Client) {
    holder.batch_execute("ROLLBACK").await.unwrap();
}

/// Begins to cast the ballots of these voters, without waiting for the answers.
fn begin_to_cast(app: &App, election: &Election, voters: std::ops::Range<usize>) -> Vec<actix_web::rt::task::JoinHandle<u16>> {
    let candidate = election.candidate(0);
    let one = |token: &String| {
        let (app, token) = (App { url: app.url.clone(), client: app.client.clone() }, token.clone());
        spawn(async move { app.cast(&token, candidate).await.status })
    };
    election.tokens[voters].iter().map(one).collect()
}

#[actix_web::test]
async fn while_one_election_is_locked_the_ballots_of_another_are_recorded() {
    let database = TestDatabase::new().await;
    let (owner, holder) = (database.owner().await, database.owner().await);
    let (locked, other) = (an_election(&owner, 20).await, an_election(&owner, 40).await);
    let app = App::with(Settings { recorder_patience_ms: 60_000, ..settings(&database) }).await;
    for (rows, voters, others) in [(LINKS, 0..10, 0..20), (HEAD, 10..20, 20..40)] {
        let before = ballots(&owner, &locked).await;
        hold(&holder, rows, &[&locked]).await;
        let waiting = begin_to_cast(&app, &locked, voters);
        for token in &other.tokens[others] {
            let cast = app.cast(token, other.candidate(0)).await;
            assert_eq!(cast.status, 200, "{cast:?}");
        }
        assert!(waiting.iter().all(|cast| !cast.is_finished()), "{rows}");
        assert_eq!(ballots(&owner, &locked).await, before);
        let_go(&holder).await;
        for status in join_all(waiting).await {
            assert_eq!(status.unwrap(), 200, "{rows}");
        }
    }
    assert_eq!(one_linear_chain(&owner, &locked).await, 20);
    assert_eq!(one_linear_chain(&owner, &other).await, 40);
}

#[actix_web::test]
async fn more_locked_elections_than_the_recorder_has_connections_hold_up_no_other() {
    let database = TestDatabase::new().await;
    let (owner, holder) = (database.owner().await, database.owner().await);
    let mut locked = Vec::new();
    for _ in 0..6 {
        locked.push(an_election(&owner, 2).await);
    }
    let other = an_election(&owner, 20).await;
    let app = App::with(Settings { recorder_patience_ms: 60_000, ..settings(&database) }).await;
    hold(&holder, HEAD, &locked.iter().collect::<Vec<_>>()).await;
    let waiting: Vec<_> = locked.iter().flat_map(|election| begin_to_cast(&app, election, 0..2)).collect();
    for token in &other.tokens {
        assert_eq!(app.cast(token, other.candidate(0)).await.status, 200);
    }
    assert!(waiting.iter().all(|cast| !cast.is_finished()));
    let_go(&holder).await;
    for status in join_all(waiting).await {
        assert_eq!(status.unwrap(), 200);
    }
    for election in &locked {
        assert_eq!(one_linear_chain(&owner, election).await, 2);
    }
}

#[actix_web::test]
async fn one_locked_link_holds_up_no_other_ballot_of_its_election() {
    let database = TestDatabase::new().await;
    let (owner, holder) = (database.owner().await, database.owner().await);
    let election = an_election(&owner, 10).await;
    let app = App::with(Settings { recorder_patience_ms: 60_000, ..settings(&database) }).await;
    holder.batch_execute("BEGIN").await.unwrap();
    let sql = "SELECT FROM voting_tokens WHERE voter_id = $1 FOR UPDATE";
    assert_eq!(holder.query(sql, &[&election.voters[0]]).await.unwrap().len(), 1);
    let waiting = begin_to_cast(&app, &election, 0..1);
    for status in join_all(begin_to_cast(&app, &election, 1..10)).await {
        assert_eq!(status.unwrap(), 200);
    }
    assert!(waiting.iter().all(|cast| !cast.is_finished()));
    let_go(&holder).await;
    for status in join_all(waiting).await {
        assert_eq!(status.unwrap(), 200);
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 10);
}

#[actix_web::test]
async fn whoever_waits_too_long_for_a_lock_is_told_that_nothing_was_recorded() {
    let database = TestDatabase::new().await;
    let (owner, holder) = (database.owner().await, database.owner().await);
    let election = an_election(&owner, 2).await;
    let app = App::with(Settings { recorder_patience_ms: 300, ..settings(&database) }).await;
    for (rows, token) in [HEAD, LINKS].into_iter().zip(&election.tokens) {
        hold(&holder, rows, &[&election]).await;
        let refused = app.cast(token, election.candidate(0)).await;
        assert_eq!((refused.status, refused.said()), (503, "unavailable"), "{refused:?}");
        assert!(refused.text("detail").contains("Nothing was recorded and the link is not used"), "{refused:?}");
        assert!(refused.retry_after().is_some());
        let_go(&holder).await;
        assert_eq!(app.validate(token).await["valid"], true);
        assert_eq!(app.cast(token, election.candidate(0)).await.status, 200);
    }
    assert_eq!(one_linear_chain(&owner, &election).await, 2);
}

/// How long ballots of one election take while another one is locked; a time is no promise of a test.
#[actix_web::test]
#[ignore = "a measurement: --run-ignored only --success-output final"]
async fn how_long_a_ballot_takes_beside_a_locked_election() {
    let database = TestDatabase::new().await;
    let (owner, holder) = (database.owner().await, database.owner().await);
    let (locked, other) = (an_election(&owner, 40).await, an_election(&owner, 200).await);
    let app = App::with(Settings { recorder_patience_ms: 60_000, ..settings(&database) }).await;
    let mut figures = Vec::new();
    for (what, tokens) in [("quiet", &other.tokens[..100]), ("beside a locked election", &other.tokens[100..])] {
        let waiting = if what == "quiet" {
            Vec::new()
        } else {
            hold(&holder, HEAD, &[&locked]).await;
            begin_to_cast(&app, &locked, 0..40)
        };
        let mut times = Vec::new();
        for token in tokens {
            let began = std::time::Instant::now();
            assert_eq!(app.cast(token, other.candidate(0)).await.status, 200);
            times.push(began.elapsed());
        }
        assert!(waiting.iter().all(|cast| !cast.is_finished()));
        times.sort_unstable();
        figures.push((what, times[49], times[98]));
        if what != "quiet" {
            let_go(&holder).await;
        }
        for status in join_all(waiting).await {
            assert_eq!(status.unwrap(), 200);
        }
    }
    println!("half of the ballots, 99 of 100: {figures:?}");
}
