//! Opening the voting.

use crypto::manifest::Manifest;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use testkit::given;

use crate::app::{App, titled};

#[actix_web::test]
async fn activation_fixes_the_manifest_and_warns_of_unsent_links() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(2).await;
    app.owner.execute("DELETE FROM voting_tokens", &[]).await.unwrap();
    let id = election.election_id;
    assert_eq!(app.raw(&format!("/api/elections/{id}/manifest"), None).await.status(), 404, "a draft has none");
    let active = app.post(&format!("/api/elections/{id}/activate")).await;
    assert_eq!(active.status, 200, "{}", active.body);
    assert_eq!(active.body["status"], "active");
    assert!(active.body["activated_at"].is_string());
    assert_eq!(active.body["warnings"], json!(["2 voters have not been sent a link yet"]));
    let notice =
        json!({ "message": "2 voters have not been sent a link yet", "code": "links-unsent", "params": { "voters": 2 } });
    assert_eq!(active.body["notices"], json!([notice]));

    let answer = app.raw(&format!("/api/elections/{id}/manifest"), None).await;
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let bytes = answer.bytes().await.unwrap();
    let manifest = Manifest::parse(&bytes).unwrap();
    assert_eq!(active.body["manifest_hash"], crypto::manifest::hash(&bytes).to_hex());
    assert_eq!(tag, format!("\"{}\"", crypto::manifest::hash(&bytes).to_hex()));
    assert_eq!(app.raw(&format!("/api/elections/{id}/manifest"), Some(&tag)).await.status(), 304);
    let names: Vec<_> = manifest.contests[0].candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    assert_eq!(names, ["Alice Johnson", "Bob Smith", "Carol White"]);
    assert_eq!((manifest.election_id, manifest.plaintext_len, manifest.sealed_len), (id, 7, 420));
    let kind = &app.told().await[0]["kind"];
    assert_eq!((&kind["event_type"], &kind["details"]["candidates"]), (&json!("election_activated"), &json!(3)));
}

#[actix_web::test]
async fn an_election_needs_two_candidates_in_every_contest() {
    let app = App::idle().await;
    let made = app.create(titled("President")).await.body;
    let path = format!("/api/elections/{}/activate", made["election_id"]);
    let refused = app.post(&path).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["detail"], "The election needs at least 2 candidates in 'President'");
    let said = (&refused.body["code"], &refused.body["params"]);
    assert_eq!(said, (&json!("election-needs-candidates"), &json!({ "contest": "President" })));
    assert!(app.told_types().await == ["election_created"]);
}

#[actix_web::test]
async fn voting_does_not_open_at_once_when_nobody_is_on_the_roll() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(0).await;
    let path = format!("/api/elections/{}", election.election_id);
    let refused = app.post(&format!("{path}/activate")).await;
    assert_eq!((refused.status, &refused.body["type"]), (409, &json!("/problems/state-conflict")));
    assert_eq!(refused.body["detail"], "Nobody is on the roll, so nobody could vote. Import the voters first");
    assert_eq!((app.get(&path).await.body["status"].clone(), app.told_types().await.len()), (json!("draft"), 0));
    // A voter who was taken off again is nobody.
    let voters = given::voters(&app.owner, election.election_id, 1).await;
    app.owner.execute("UPDATE voters SET deleted = true", &[]).await.unwrap();
    assert_eq!(app.post(&format!("{path}/activate")).await.status, 409);
    app.owner.execute("UPDATE voters SET deleted = false WHERE voter_id = $1", &[&voters[0]]).await.unwrap();
    assert_eq!(app.post(&format!("{path}/activate")).await.body["status"], "active");
}

#[actix_web::test]
async fn times_that_make_no_sense_are_refused() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(1).await;
    let path = format!("/api/elections/{}", election.election_id);
    app.call(Method::PUT, &path, Some(json!({"closes_at": "2001-01-01T00:00:00Z"}))).await;
    let late = app.post(&format!("{path}/activate")).await;
    assert_eq!(late.status, 409);
    assert_eq!(late.body["code"], "election-closes-in-the-past", "{}", late.body);
    let same = json!({"opens_at": "2090-01-01T02:00:00+02:00", "closes_at": "2090-01-01T00:00:00Z"});
    assert_eq!(app.call(Method::PUT, &path, Some(same)).await.status, 422, "the same instant, written in two zones");
}

#[actix_web::test]
async fn the_manifest_has_every_term_of_the_rule_and_a_hash_of_what_is_said_of_each_candidate() {
    let app = App::idle().await;
    let board = json!({"title": "Board", "rule": {"method": "scottish_stv", "seats": 3}, "ballot_order": "rotated"});
    let fee = json!({"title": "Fee", "rule": {"method": "motion"}, "text": "The fee is 5."});
    let made = app.create(json!({"title": "Council", "contests": [board, fee]})).await.body;
    let (id, contest) = (made["election_id"].as_i64().unwrap(), made["contests"][0]["contest_id"].as_i64().unwrap());
    let sql = "INSERT INTO candidates (election_id, contest_id, name, description, display_order) \
               SELECT $1, $2, 'Candidate ' || i, 'About ' || i, i FROM generate_series(1, 5) i";
    app.owner.execute(sql, &[&id, &contest]).await.unwrap();
    given::voters(&app.owner, id, 1).await;
    let path = format!("/api/elections/{id}");
    let active = app.post(&format!("{path}/activate")).await;
    assert_eq!(active.status, 200, "{}", active.body);
    let warned = active.body["warnings"].to_string();
    assert!(!warned.contains("Board"), "a warning is for whoever can still change the rule: {warned}");
    let manifest = app.anonymous(Method::GET, &format!("{path}/manifest")).await.body;
    let contest = &manifest["contests"][0];
    let rule =
        json!({"method": "scottish_stv", "seats": 3, "equal_ranks": "refuse", "gaps": "refuse", "ties": "lot", "blank": true});
    assert_eq!((&contest["rule"], &contest["ballot_order"]), (&rule, &json!("rotated")));
    let hash =
        crypto::manifest::information_hash(&crypto::manifest::Information { description: Some("About 2"), ..Default::default() });
    assert_eq!(contest["candidates"][1]["information_hash"], hash.to_hex());
    assert_eq!((&manifest["contests"][1]["text"], contest.get("text")), (&json!("The fee is 5."), None));
    assert_eq!((&manifest["protocol"], &manifest["plaintext_len"]), (&json!("uvote/2"), &json!(1 + 2 * 8)));
}

#[actix_web::test]
async fn when_orders_far_exceed_the_voters_the_organiser_is_warned_before_voting_opens() {
    let app = App::idle().await;
    let made = app.create(json!({"title": "Council", "contests": [{"title": "Board", "rule": {"method": "irv"}}]})).await.body;
    let id = made["election_id"].as_i64().unwrap();
    let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) \
               SELECT election_id, contest_id, 'Candidate ' || i, i FROM contests, generate_series(1, 6) i";
    app.owner.execute(sql, &[]).await.unwrap();
    // 6! = 720 orders; a hundred for each of 8 voters are 800, of 7 voters 700.
    let path = format!("/api/elections/{id}");
    given::voters(&app.owner, id, 7).await;
    let warned = app.get(&path).await.body["notices"].to_string();
    assert!(warned.contains("orders-exceed-voters"), "{warned}");
    let sql = "INSERT INTO voters (election_id, email) VALUES ($1, 'one-more@example.com')";
    app.owner.execute(sql, &[&id]).await.unwrap();
    let warned = app.get(&path).await.body["notices"].to_string();
    assert!(!warned.contains("orders-exceed-voters") && warned.contains("ranking-warning"), "{warned}");
}

#[actix_web::test]
async fn a_ballot_of_thousands_of_marks_is_refused_when_the_candidates_are_known() {
    let app = App::idle().await;
    let contest = json!({"title": "Board", "rule": {"method": "approval"}});
    let other = json!({"title": "Board 2", "rule": {"method": "approval"}});
    let made = app.create(json!({"title": "Council", "contests": [contest, other]})).await.body;
    let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) \
               SELECT election_id, contest_id, 'Candidate ' || i, i FROM contests, generate_series(1, 600) i";
    app.owner.execute(sql, &[]).await.unwrap();
    given::voters(&app.owner, made["election_id"].as_i64().unwrap(), 1).await;
    let refused = app.post(&format!("/api/elections/{}/activate", made["election_id"])).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body["detail"].as_str().unwrap().contains("a ballot must fit 16 kB"), "{}", refused.body);
}

#[actix_web::test]
async fn settings_are_locked_once_active() {
    let app = App::idle().await;
    let (election, _, _) = app.an_active_election(1).await;
    let path = format!("/api/elections/{}", election.election_id);
    let changed = app.call(Method::PUT, &path, Some(titled("Other"))).await;
    assert_eq!(changed.status, 409);
    assert!(changed.body["detail"].as_str().unwrap().contains("frozen"));
    assert_eq!(app.call(Method::DELETE, &path, None).await.status, 409);
    assert_eq!(app.post(&format!("{path}/archive")).await.status, 409);
    let again = app.post(&format!("{path}/activate")).await;
    assert_eq!((again.status, again.body["detail"].as_str()), (409, Some("This election was activated already")));
}

#[actix_web::test]
async fn of_parallel_activations_one_wins() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(1).await;
    let path = format!("/api/elections/{}/activate", election.election_id);
    let mut statuses: Vec<_> = join_all((0..3).map(|_| app.post(&path))).await.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    // Whoever waited too long for the winner is asked to try again.
    assert!(statuses[0] == 200 && statuses[1..].iter().all(|status| [409, 503].contains(status)), "{statuses:?}");
    let keys: i64 = app.owner.query_one("SELECT count(*) FROM election_keys", &[]).await.unwrap().get(0);
    assert_eq!(keys, 2);
    assert_eq!(app.told_types().await, ["election_activated"]);
}

#[actix_web::test]
async fn a_candidate_added_during_activation_is_on_the_ballot_or_refused() {
    let app = App::idle().await;
    let admin = app.database.connect("admin_service").await;
    for _ in 0..4 {
        let election = given::a_draft(&app.owner, app.admin_id, "Race").await;
        given::voters(&app.owner, election.election_id, 1).await;
        let path = format!("/api/elections/{}/activate", election.election_id);
        let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) VALUES ($1, $2, 'Late', 9)";
        let add = async {
            // Until the keys are made nothing is locked, so some of these come before the freeze and some after.
            let mut added = 0;
            let name =
                "INSERT INTO candidates (election_id, contest_id, name, display_order) VALUES ($1, $2, 'Late ' || $3::int, 9)";
            for number in 0..400 {
                if admin.execute(name, &[&election.election_id, &election.contest_id, &number]).await.is_err() {
                    break;
                }
                added += 1;
            }
            added
        };
        let (activated, added) = futures_util::join!(app.post(&path), add);
        assert_eq!(activated.status, 200, "{}", activated.body);
        let manifest = app.raw(&format!("/api/elections/{}/manifest", election.election_id), None).await.bytes().await.unwrap();
        let listed = Manifest::parse(&manifest).unwrap().contests[0].candidates.len();
        assert_eq!(listed, 3 + added, "everybody who was added is on the ballot");
        assert!(admin.execute(sql, &[&election.election_id, &election.contest_id]).await.is_err(), "and nobody after");
    }
}
