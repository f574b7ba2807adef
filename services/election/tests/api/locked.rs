//! What happens to one election keeps no other one waiting, whoever did it and however long it lasts.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::wait_until;
use tokio_postgres::Client;

use crate::app::App;

/// Active elections of one voter each.
async fn active_elections(app: &App, many: usize) -> Vec<i64> {
    let mut made = Vec::new();
    for _ in 0..many {
        made.push(app.an_active_election(1).await.0.election_id);
    }
    made
}

async fn close(app: &App, election_id: i64) {
    let closed = app.post(&format!("/api/elections/{election_id}/close")).await;
    assert_eq!(closed.status, 200, "{}", closed.body);
}

async fn tally_state(app: &App, election_id: i64) -> Value {
    app.get(&format!("/api/elections/{election_id}/tally")).await.body["tally_state"].clone()
}

/// Active elections whose end comes in so many milliseconds.
async fn let_end(app: &App, election_id: i64, milliseconds: i64) {
    let sql = format!(
        "UPDATE elections SET closes_at = clock_timestamp() + interval '{milliseconds} milliseconds' WHERE election_id = $1"
    );
    app.owner.execute(&sql, &[&election_id]).await.unwrap();
}

/// A session that holds what this query locks until it commits.
async fn holding(app: &App, query: &str) -> Client {
    let holder = app.database.owner().await;
    holder.batch_execute(&format!("BEGIN; {query}")).await.unwrap();
    holder
}

async fn until_somebody_waits_for_a_lock(app: &App) {
    wait_until("somebody waits for the lock", Duration::from_secs(20), async || {
        let waiting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        app.owner.query_one(waiting, &[]).await.unwrap().get(0)
    })
    .await;
}

#[actix_web::test]
async fn elections_that_wait_for_late_ballots_keep_no_other_from_being_counted() {
    let app = App::working().await;
    let elections = active_elections(&app, 6).await;
    let (waiting, other) = elections.split_at(5);
    // One right more is used than there are ballots, so each of them waits for the whole grace.
    app.owner.execute("UPDATE voting_tokens SET is_used = true WHERE election_id = ANY ($1)", &[&waiting]).await.unwrap();
    for election_id in waiting {
        close(&app, *election_id).await;
    }
    close(&app, other[0]).await;
    app.until_tally(other[0], "opened").await;
    for election_id in waiting {
        assert_eq!(tally_state(&app, *election_id).await, "grace");
    }
}

#[actix_web::test]
async fn elections_that_another_process_is_closing_keep_no_other_from_being_counted() {
    let app = App::idle().await;
    let elections = active_elections(&app, 6).await;
    for election_id in &elections {
        close(&app, *election_id).await;
    }
    let (leased, other) = elections.split_at(5);
    let lease = "UPDATE tallies SET lease_holder = gen_random_uuid(), lease_until = now() + interval '1 hour' \
                 WHERE election_id = ANY ($1)";
    app.owner.execute(lease, &[&leased]).await.unwrap();
    app.another_process().await;
    app.until_tally(other[0], "opened").await;
    for election_id in leased {
        assert_eq!(tally_state(&app, *election_id).await, "grace");
    }
}

#[actix_web::test]
async fn elections_whose_step_the_database_keeps_refusing_hold_up_no_other_and_their_organisers_are_told() {
    let app = App::working().await;
    let elections = active_elections(&app, 5).await;
    let (refused, other) = elections.split_at(4);
    let list: Vec<String> = refused.iter().map(ToString::to_string).collect();
    let refuse = format!(
        "CREATE FUNCTION refuse_opening() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'too much of something'; END $$; \
         CREATE TRIGGER refuse_opening BEFORE UPDATE ON tallies FOR EACH ROW \
             WHEN (NEW.state = 'opened' AND NEW.election_id IN ({})) EXECUTE FUNCTION refuse_opening()",
        list.join(", ")
    );
    app.owner.batch_execute(&refuse).await.unwrap();
    for election_id in &elections {
        close(&app, *election_id).await;
    }
    app.until_tally(other[0], "opened").await;
    // What stays wrong is a failure, and not only a pause that grows.
    for election_id in refused {
        let tally = app.until_tally(*election_id, "failed").await;
        assert_eq!(
            (&tally["failed_in"], &tally["error"]),
            (&json!("opening"), &json!("the database refuses: 54000: too much of something"))
        );
    }
    let mails = app.mails("action_needed").await;
    assert_eq!(mails.len(), 4, "{mails:?}");
    // Once the cause is gone they are counted when their organiser closes them again.
    app.owner.batch_execute("DROP TRIGGER refuse_opening ON tallies").await.unwrap();
    for election_id in refused {
        close(&app, *election_id).await;
        app.until_tally(*election_id, "opened").await;
    }
}

#[actix_web::test]
async fn elections_whose_rows_somebody_holds_keep_no_other_from_being_counted() {
    let app = App::idle().await;
    let elections = active_elections(&app, 7).await;
    for election_id in &elections {
        close(&app, *election_id).await;
    }
    let (held, other) = elections.split_at(6);
    let holder = app.database.owner().await;
    holder.batch_execute("BEGIN").await.unwrap();
    holder.query("SELECT FROM chain_heads WHERE election_id = ANY ($1) FOR UPDATE", &[&held]).await.unwrap();
    app.another_process().await;
    until_somebody_waits_for_a_lock(&app).await;
    app.until_tally(other[0], "opened").await;
    for election_id in held {
        assert_eq!(tally_state(&app, *election_id).await, "grace");
    }
    holder.batch_execute("COMMIT").await.unwrap();
    for election_id in held {
        app.until_tally(*election_id, "opened").await;
    }
}

#[actix_web::test]
async fn calls_about_a_held_election_take_the_service_from_nobody() {
    let app = App::working().await;
    let (held, ..) = app.an_active_election(1).await;
    let scheduled = app.a_draft(1).await.0.election_id;
    let path = format!("/api/elections/{scheduled}");
    app.call(Method::PUT, &path, Some(json!({"opens_at": "2100-01-01T00:00:00Z"}))).await;
    assert_eq!(app.post(&format!("{path}/activate")).await.body["status"], "scheduled");
    let holder = holding(&app, &format!("SELECT FROM elections WHERE election_id = {} FOR UPDATE", held.election_id)).await;

    let close_path = format!("/api/elections/{}/close", held.election_id);
    let closes = join_all((0..64).map(|_| app.post(&close_path)));
    let others = async {
        app.owner
            .execute("UPDATE elections SET opens_at = clock_timestamp() WHERE election_id = $1", &[&scheduled])
            .await
            .unwrap();
        let due = Instant::now();
        let stranger = app.another_admin().await;
        let mut longest = Duration::ZERO;
        while app.call_as_at(&app.assertion(app.admin_id, identity::Role::Admin), Method::GET, &path).await.body["status"]
            != "active"
        {
            let asked = Instant::now();
            let list = app.call_as_at(&stranger, Method::GET, "/api/elections").await;
            assert_eq!(list.status, 200, "{}", list.body);
            longest = longest.max(asked.elapsed());
            assert!(due.elapsed() < Duration::from_secs(20), "it does not open");
        }
        (longest, due.elapsed())
    };
    let (answers, (longest, opened_after)) = futures_util::join!(closes, others);
    assert!(answers.iter().all(|answer| answer.status == 503), "{answers:?}");
    assert!(longest < Duration::from_secs(2), "another organiser waited for {longest:?}");
    assert!(opened_after < Duration::from_secs(4), "an election opened {opened_after:?} late");
    holder.batch_execute("COMMIT").await.unwrap();
    close(&app, held.election_id).await;
}

#[actix_web::test]
async fn what_the_life_cycle_refuses_is_refused_without_waiting_for_whoever_holds_the_election() {
    let app = App::idle().await;
    let (draft, _) = app.a_draft(1).await;
    let holder = holding(&app, &format!("SELECT FROM elections WHERE election_id = {} FOR UPDATE", draft.election_id)).await;
    let path = format!("/api/elections/{}", draft.election_id);
    let refused = app.post(&format!("{path}/close")).await;
    assert_eq!((refused.status, &refused.body["detail"]), (409, &json!("This election was never activated. Activate it first")));
    for action in ["open", "publish-results", "archive"] {
        assert_eq!(app.post(&format!("{path}/{action}")).await.status, 409, "{action}");
    }
    let end = json!({"closes_at": "2100-01-01T00:00:00Z"});
    assert_eq!(app.call(Method::POST, &format!("{path}/amendments"), Some(end)).await.status, 409);
    holder.batch_execute("COMMIT").await.unwrap();
}

#[actix_web::test]
async fn a_held_chain_head_stops_the_clock_for_no_other_election() {
    let app = App::working().await;
    let elections = active_elections(&app, 2).await;
    let scheduled = app.a_draft(1).await.0.election_id;
    let path = |election_id: i64| format!("/api/elections/{election_id}");
    app.call(Method::PUT, &path(scheduled), Some(json!({"opens_at": "2100-01-01T00:00:00Z"}))).await;
    assert_eq!(app.post(&format!("{}/activate", path(scheduled))).await.body["status"], "scheduled");
    let holder = holding(&app, &format!("SELECT FROM chain_heads WHERE election_id = {} FOR UPDATE", elections[0])).await;
    let_end(&app, elections[0], 0).await;
    until_somebody_waits_for_a_lock(&app).await;

    let_end(&app, elections[1], 0).await;
    app.owner.execute("UPDATE elections SET opens_at = clock_timestamp() WHERE election_id = $1", &[&scheduled]).await.unwrap();
    let status = async |election_id: i64| app.get(&path(election_id)).await.body["status"].clone();
    wait_until("the other one closes", Duration::from_secs(10), async || status(elections[1]).await == "closed").await;
    wait_until("the third one opens", Duration::from_secs(10), async || status(scheduled).await == "active").await;
    assert_eq!(status(elections[0]).await, "active");
    holder.batch_execute("COMMIT").await.unwrap();
    app.until_tally(elections[0], "opened").await;
}

#[actix_web::test]
async fn an_election_that_cannot_be_closed_slows_the_clock_down_for_no_other() {
    let app = App::idle().await;
    let elections = active_elections(&app, 2).await;
    let refuse = format!(
        "CREATE FUNCTION refuse_closing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'too much of something'; END $$; \
         CREATE TRIGGER refuse_closing BEFORE UPDATE ON elections FOR EACH ROW \
             WHEN (NEW.status = 'closed' AND NEW.election_id = {}) EXECUTE FUNCTION refuse_closing()",
        elections[0]
    );
    app.owner.batch_execute(&refuse).await.unwrap();
    let clock = app.closing();
    let_end(&app, elections[0], 0).await;
    for _ in 0..3 {
        assert!(!clock.by_the_clock().await.expect("the trouble of one election is no reason to look less often"));
    }
    let_end(&app, elections[1], 0).await;
    assert!(clock.by_the_clock().await.unwrap());
    assert_eq!(app.get(&format!("/api/elections/{}", elections[1])).await.body["status"], "closed");
}
