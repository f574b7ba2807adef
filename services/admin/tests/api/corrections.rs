//! A wrong address on the roll.

use domain::link::VotingToken;
use serde_json::json;
use testkit::booth::Booth;
use testkit::given;

use crate::app::{App, token_of};

#[actix_web::test]
async fn a_wrong_address_is_corrected_the_old_link_dies_and_both_are_told() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    app.send_links(&admin, election.election_id).await.expect(202);
    given::activate(&app.owner, election.election_id, "simple").await;
    let one = format!("/api/admin/voters/{voter}");
    let changed = app.call(&admin, "PUT", &one, Some(json!({ "email": "right@example.com" }))).await.expect(200);
    assert_eq!((&changed["email"], &changed["first_name"]), (&json!("right@example.com"), &json!("Voter 1")));

    let mails = app.mails().await;
    let forgotten_at_the_close = "SELECT count(*) FROM outbox WHERE about_link AND destination = 'email'";
    assert_eq!(
        (mails.len(), app.number(forgotten_at_the_close).await),
        (3, 3),
        "the invitation, the new link and the notice to the wrong address"
    );
    let old = VotingToken::parse(&token_of(&mails[0])).unwrap().hash();
    let sql = "SELECT revoked FROM voting_tokens WHERE token_hash = $1";
    assert!(app.owner.query_one(sql, &[&old.as_bytes().as_slice()]).await.unwrap().get::<_, bool>(0), "the old link is dead");
    let find = |kind: &str| mails.iter().find(|mail| mail["kind"] == kind).unwrap();
    let told = find("address_corrected");
    assert_eq!((&told["recipient"], &told["new_address"]), (&json!("voter1@example.com"), &json!("r***@example.com")));
    assert_eq!(told["organiser"], json!(admin.email));
    let fresh = mails.iter().find(|mail| mail["occasion"] == "correction").unwrap();
    assert_eq!((&fresh["recipient"], &fresh["spent_code"]), (&json!("right@example.com"), &mails[0]["spent_code"]));
    let live = "SELECT email_hint || ' ' || origin FROM voting_tokens WHERE NOT revoked";
    assert_eq!(app.owner.query_one(live, &[]).await.unwrap().get::<_, &str>(0), "r***@example.com correction");
    let event = app.events().await.pop().unwrap();
    assert_eq!(
        (&event["kind"]["event_type"], &event["kind"]["details"]),
        (&json!("voter_corrected"), &json!({ "address": true }))
    );
    assert!(!event.to_string().contains("example.com"));
    assert_eq!(app.resend(&admin, voter).await.expect(202)["resends_left"], 2, "a correction is no resend");
}

#[actix_web::test]
async fn before_any_link_was_sent_nobody_is_mailed() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    let one = format!("/api/admin/voters/{voter}");
    let body = json!({ "email": "right@example.com", "first_name": "", "student_id": "12", "cohort": "2026" });
    let changed = app.call(&admin, "PUT", &one, Some(body)).await.expect(200);
    assert_eq!(
        (&changed["first_name"], &changed["student_id"], &changed["cohort"]),
        (&json!(null), &json!("12"), &json!("2026"))
    );
    assert!(app.mails().await.is_empty());
    // A name alone kills no link.
    app.send_links(&admin, election.election_id).await.expect(202);
    app.call(&admin, "PUT", &one, Some(json!({ "last_name": "Lee" }))).await.expect(200);
    assert_eq!((app.mails().await.len(), app.number("SELECT count(*) FROM voting_tokens WHERE NOT revoked").await), (1, 1));
}

#[actix_web::test]
async fn whoever_has_voted_is_corrected_with_the_same_answer_and_told_that_a_ballot_is_recorded() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 2).await;
    given::links(&app.owner, election.election_id).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    app.sql(&format!("UPDATE voting_tokens SET is_used = true WHERE voter_id = {}", voters[0])).await;
    let mut answers = Vec::new();
    for (voter, old) in voters.iter().zip(["voter1@example.com", "voter2@example.com"]) {
        let new = format!("right{voter}@example.com");
        let put = async |body| app.call(&admin, "PUT", &format!("/api/admin/voters/{voter}"), Some(body)).await.expect(200);
        let seen = [put(json!({})).await, put(json!({ "last_name": "Lee" })).await, put(json!({ "email": new })).await];
        answers
            .push(json!(seen).to_string().replace(&new, "NEW").replace(old, "OLD").replace(&format!("\"voter_id\":{voter}"), ""));
    }
    assert_eq!(answers[0].replace("Voter 1", "Voter 2"), answers[1]);
    let mails = app.mails().await;
    let to: Vec<(String, String)> = mails
        .iter()
        .map(|mail| (mail["kind"].as_str().unwrap().to_owned(), mail["recipient"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("already_recorded", format!("right{}@example.com", voters[0])),
        ("address_corrected", "voter1@example.com".to_owned()),
        ("voting_invitation", format!("right{}@example.com", voters[1])),
        ("address_corrected", "voter2@example.com".to_owned()),
    ];
    assert_eq!(to, expected.map(|(kind, address)| (kind.to_owned(), address)));
    assert_eq!(mails[0]["spent_code"].as_str().unwrap().len(), 32);
    let live = format!("SELECT count(*) FROM voting_tokens WHERE voter_id = {} AND NOT revoked AND NOT is_used", voters[0]);
    assert_eq!(app.number(&live).await, 0, "whoever has voted gets no link");
    let used = "SELECT count(*) FROM voting_tokens WHERE is_used AND email_hint = 'r***@example.com'";
    assert_eq!(app.number(used).await, 1, "the used link does not keep the old address");
}

#[actix_web::test]
async fn what_cannot_be_an_entry_is_refused_by_field() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 2).await;
    app.sql(&format!("UPDATE voters SET student_id = '7' WHERE voter_id = {}", voters[1])).await;
    let put = async |body| app.call(&admin, "PUT", &format!("/api/admin/voters/{}", voters[0]), Some(body)).await;
    put(json!({ "email": "nonsense" })).await.refuses_field("email");
    put(json!({ "first_name": "a\nb" })).await.refuses_field("first_name");
    put(json!({ "email": "VOTER2@example.com" })).await.refused(409, "already-exists");
    put(json!({ "student_id": "7" })).await.refused(409, "already-exists");
    let numbered = format!("/api/admin/voters/{}", voters[1]);
    given::activate(&app.owner, election.election_id, "simple").await;
    let removed = app.call(&admin, "PUT", &numbered, Some(json!({ "student_id": "" }))).await;
    removed.refuses_field("student_id");
    app.call(&admin, "PUT", &numbered, Some(json!({ "student_id": "8" }))).await.expect(200);
    put(json!({ "voter_id": 1 })).await.refused(422, "invalid-input");
    app.call(&admin, "PUT", "/api/admin/voters/999999", Some(json!({ "email": "a@b.de" }))).await.refused(404, "not-found");
}

#[actix_web::test]
async fn a_correction_and_a_ballot_have_one_winner() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 20).await;
    given::links(&app.owner, election.election_id).await;
    let booth = Booth::activate(&app.owner, election.election_id).await;
    let voting = app.database.connect("voting_service").await;
    for voter in voters {
        let hash = given::token_hash(&app.owner, voter).await;
        let path = format!("/api/admin/voters/{voter}");
        let body = Some(json!({ "email": format!("corrected{voter}@example.com") }));
        let ballot = booth.ballot(&[&[election.candidate_ids[0]]]);
        let (corrected, cast) =
            futures_util::join!(app.call(&admin, "PUT", &path, body), booth.cast_with(&voting, &hash, &ballot));
        assert!(matches!((corrected.status, cast.as_str()), (200, "revoked" | "recorded")), "{} {cast}", corrected.status);
        let links = format!("SELECT count(*) FROM voting_tokens WHERE NOT revoked AND voter_id = {voter}");
        assert_eq!(app.number(&links).await, 1);
    }
}
