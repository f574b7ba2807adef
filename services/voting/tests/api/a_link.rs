//! What a link says before anything is cast.

use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio_postgres::Client;

use crate::app::App;
use crate::arranged::{self, an_election};

#[actix_web::test]
async fn a_fresh_link_shows_its_election_and_hides_its_voters_address() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 1).await;
    let app = App::start(&database).await;
    let said = app.validate(&election.tokens[0]).await;
    assert_eq!(said["valid"], true);
    assert_eq!(said["election_id"], election.id);
    assert_eq!(said["election_title"], "Student Council 2026");
    assert_eq!(said["voter_email"], "v***@example.com");
    assert_eq!((&said["has_voted"], &said["voting_open"]), (&json!(false), &json!(true)));
    assert!(said["expires_at"].is_string());
    let sql = "SELECT encode(spend_id, 'hex') FROM voters WHERE voter_id = $1";
    let code: String = owner.query_one(sql, &[&election.voters[0]]).await.unwrap().get(0);
    assert_eq!(said["spent_code"], json!(code), "the page prints it as the mail does");

    let ballot = app.ballot(&election.tokens[0]).await;
    let names: Vec<_> =
        ballot["candidates"].as_array().unwrap().iter().map(|candidate| candidate["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Alice Johnson", "Bob Smith", "Carol White"]);
    assert_eq!(ballot["candidates"][0]["candidate_id"], election.candidate(0));
    assert_eq!(ballot["contests"][0]["candidates"], ballot["candidates"]);
    assert_eq!(ballot["manifest_hash"], election.manifest_hash.to_hex());
    let contest = &ballot["contests"][0];
    assert_eq!((&contest["rule"]["method"], &contest["blank"]), (&json!("plurality"), &json!(true)));
    assert_eq!((&contest["family"], &contest["candidates"][0]["standing"]), (&json!("marks"), &json!("stands")));
}

#[actix_web::test]
async fn a_ballot_of_two_contests_shows_both_and_what_each_allows() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let mut election = arranged::a_draft(&owner, 1).await;
    arranged::another_contest(&owner, &mut election).await;
    arranged::activate(&owner, &mut election, "simple").await;
    let app = App::start(&database).await;
    let ballot = app.ballot(&election.tokens[0]).await;
    assert_eq!(ballot["contests"][1]["title"], "Board");
    assert_eq!((&ballot["contests"][1]["rule"]["min_marks"], &ballot["contests"][1]["seats"]), (&json!(2), &json!(3)));
    let gus = &ballot["contests"][1]["candidates"][3];
    assert!(gus["photo_url"].as_str().unwrap().starts_with("/uploads/") && gus["photo_url"] == gus["thumbnail_url"]);
    assert!(gus["programme_file_url"].as_str().unwrap().ends_with(".pdf"));
    let texts = ["party", "description", "vision", "programme", "link"].map(|member| gus[member].as_str().unwrap());
    assert_eq!(texts, ["Open List", "Knows the rules", "A board that listens", "Later buses", "https://list.example.org/"]);
    assert_eq!(ballot["candidates"].as_array().unwrap().len(), 3, "the default contest's");
}

#[actix_web::test]
async fn the_spent_code_is_shown_to_who_voted_and_by_no_link_that_was_replaced_or_has_expired() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 3).await;
    let app = App::start(&database).await;
    let code = app.validate(&election.tokens[0]).await["spent_code"].clone();
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.status, 200);
    set(&owner, "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1", election.voters[1]).await;
    set(&owner, "UPDATE voting_tokens SET expires_at = now() WHERE voter_id = $1", election.voters[2]).await;
    for said in [app.validate(&election.tokens[0]).await, app.ballot(&election.tokens[0]).await] {
        assert_eq!((&said["has_voted"], &said["spent_code"]), (&json!(true), &code));
    }
    for token in &election.tokens[1..] {
        let said = app.validate(token).await;
        assert_eq!((&said["valid"], said.get("spent_code")), (&json!(false), None));
    }
}

async fn set(owner: &Client, sql: &str, number: i64) {
    assert_eq!(owner.execute(sql, &[&number]).await.unwrap(), 1, "{sql}");
}

#[actix_web::test]
async fn a_link_that_cannot_be_used_says_why_on_every_page_and_casts_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election(&owner, 4).await;
    let app = App::start(&database).await;
    set(&owner, "UPDATE voting_tokens SET expires_at = now() - interval '1 second' WHERE voter_id = $1", election.voters[0])
        .await;
    set(&owner, "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1", election.voters[1]).await;
    assert_eq!(app.cast(&election.tokens[2], election.candidate(0)).await.status, 200);
    let unknown = arranged::token_of(election.id, -1);
    for (token, error, code, status, kind) in [
        (election.tokens[0].as_str(), "This voting link has expired", "link-expired", 410, "link-expired"),
        (
            &election.tokens[1],
            "This voting link was replaced by a newer one. Use the link in the newest mail",
            "link-replaced",
            410,
            "link-replaced",
        ),
        (&election.tokens[2], "This voting link has already been used", "link-used", 409, "already-used"),
        (
            &unknown,
            "This voting link is not known. Open the link in the newest mail again, or copy all of it",
            "link-unknown",
            404,
            "unknown-link",
        ),
        (
            "abc",
            "This is not a complete voting link. Open the link in your mail again, or copy all of it",
            "link-incomplete",
            404,
            "unknown-link",
        ),
        (
            "",
            "This is not a complete voting link. Open the link in your mail again, or copy all of it",
            "link-incomplete",
            404,
            "unknown-link",
        ),
    ] {
        let mut expected = json!({ "valid": false, "error": error, "code": code, "params": {} });
        if status == 409 {
            expected["has_voted"] = json!(true);
            expected["spent_code"] = app.validate(token).await["spent_code"].clone();
        }
        if status == 410 {
            expected["election_id"] = json!(election.id);
        }
        assert_eq!(app.validate(token).await, expected);
        assert_eq!(app.ballot(token).await, expected);
        let cast = app.cast(token, election.candidate(0)).await;
        assert_eq!((cast.status, cast.said()), (status, kind), "{cast:?}");
    }
    assert_eq!(arranged::ballots(&owner, &election).await, 1);
}

#[actix_web::test]
async fn outside_its_hours_an_election_takes_nothing_and_says_so() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let mut election = arranged::a_draft(&owner, 2).await;
    let (token, candidate) = (election.tokens[0].clone(), election.candidate(0));

    // A draft: a link may have been sent, but there is no ballot yet.
    let said = app.validate(&token).await;
    assert_eq!((&said["valid"], &said["voting_open"]), (&json!(true), &json!(false)));
    assert_eq!(app.ballot(&token).await["error"], "Voting in this election has not opened yet");
    assert_eq!(app.cast(&token, candidate).await.said(), "voting-not-open");

    // Active by name, but its hour has not come.
    set(&owner, "UPDATE elections SET opens_at = now() + interval '1 hour' WHERE election_id = $1", election.id).await;
    arranged::activate(&owner, &mut election, "simple").await;
    let said = app.validate(&token).await;
    assert_eq!((&said["valid"], &said["voting_open"]), (&json!(true), &json!(false)));
    assert!(said["opens_at"].is_string());
    assert_eq!(app.ballot(&token).await["candidates"][1]["name"], "Bob Smith");
    let cast = app.cast(&token, candidate).await;
    assert_eq!((cast.status, cast.text("detail")), (409, "Voting in this election has not opened yet"));
    assert_eq!(arranged::ballots(&owner, &election).await, 0);
}

#[actix_web::test]
async fn from_closes_at_on_nothing_is_taken_though_nobody_has_closed_yet() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let mut election = arranged::a_draft(&owner, 1).await;
    set(&owner, "UPDATE elections SET closes_at = now() - interval '1 second' WHERE election_id = $1", election.id).await;
    arranged::activate(&owner, &mut election, "simple").await;
    let said = app.validate(&election.tokens[0]).await;
    let ended =
        json!({ "valid": false, "error": "Voting in this election has ended", "code": "election-voting-ended", "params": {} });
    assert_eq!(said, ended);
    let cast = app.cast(&election.tokens[0], election.candidate(0)).await;
    assert_eq!((cast.status, cast.said()), (409, "voting-not-open"));
    // Whose link was replaced is not sent after another one either: there is nothing left to vote in.
    set(&owner, "UPDATE voting_tokens SET revoked = true WHERE voter_id = $1", election.voters[0]).await;
    let said = app.validate(&election.tokens[0]).await;
    assert!(said["error"].as_str().unwrap().contains("replaced") && said["election_id"].is_null(), "{said}");
}

#[actix_web::test]
async fn after_the_close_nothing_is_taken() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let election = an_election(&owner, 1).await;
    arranged::close(&owner, &election).await;
    assert_eq!(app.validate(&election.tokens[0]).await["error"], "Voting in this election has ended");
    let cast = app.cast(&election.tokens[0], election.candidate(0)).await;
    assert_eq!((cast.status, cast.text("detail")), (409, "Voting in this election has ended"));
}

#[actix_web::test]
async fn an_election_for_sealed_ballots_takes_no_plain_choice() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let mut election = arranged::a_draft(&owner, 1).await;
    arranged::activate(&owner, &mut election, "verified").await;
    let cast = app.cast(&election.tokens[0], election.candidate(0)).await;
    assert_eq!((cast.status, cast.said()), (409, "state-conflict"));
    assert_eq!(app.ballot(&election.tokens[0]).await["profile"], "verified");
}

/// One number for everything that a look at a link could touch.
async fn checksum(owner: &Client) -> String {
    let mut sums = Vec::new();
    for table in
        ["elections", "contests", "candidates", "voters", "voting_tokens", "votes", "chain_heads", "election_keys", "outbox"]
    {
        // xmin and ctid: a row that was written again with the same content shows as well.
        let sql = format!(
            "SELECT count(*), coalesce(md5(string_agg(t.xmin::text || t.ctid::text || t::text, ',' ORDER BY t::text)), '') FROM {table} t"
        );
        let row = owner.query_one(&sql, &[]).await.unwrap();
        sums.push(format!("{table} {} {}", row.get::<_, i64>(0), row.get::<_, String>(1)));
    }
    sums.join("\n")
}

#[actix_web::test]
async fn looking_at_a_link_any_number_of_times_changes_nothing() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let election = an_election(&owner, 3).await;
    app.cast(&election.tokens[0], election.candidate(0)).await;
    let before = checksum(&owner).await;
    let unknown = arranged::token_of(election.id, -1);
    for token in [&election.tokens[0], &election.tokens[1], &election.tokens[2], &unknown] {
        for path in ["validate-token", "ballot", "cast-vote"] {
            let url = format!("{}/api/voting/{path}?token={token}", app.url);
            for _ in 0..5 {
                let expected = if path == "cast-vote" { 405 } else { 200 };
                assert_eq!(app.client.get(&url).send().await.unwrap().status(), expected);
                let head = app.client.head(&url).send().await.unwrap();
                assert_eq!((head.status().as_u16(), head.bytes().await.unwrap().len()), (expected, 0));
            }
        }
    }
    assert_eq!(checksum(&owner).await, before);
    let still: Value = app.validate(&election.tokens[1]).await;
    assert_eq!(still["valid"], true);
}
