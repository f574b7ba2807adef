//! A voter without a link asks for one. The answer tells nothing about the roll; only the mail does.

use contract::email::{Mail, Occasion};
use serde_json::json;
use testkit::TestDatabase;
use tokio_postgres::Client;

use crate::app::{App, settings};
use crate::arranged::{self, a_draft, activate, an_election, close};
use crate::link_requests::{
    address, all_is_done, an_election_with_numbers, give_numbers, links, mails, mails_are, number, token_in,
};

#[actix_web::test]
async fn a_voter_whose_mail_never_came_asks_for_a_link_and_votes_with_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let app = App::start(&database).await;
    // As people type: another case, a space too many.
    let taken = app.request_link(election.id, " S-0001 ", "Voter1@Example.COM ").await;
    assert_eq!(taken.status, 202);
    assert!(taken.body.contains("a mail is on its way"), "{}", taken.body);

    let (source, kind, mail) = mails_are(&owner, 1).await.remove(0);
    assert_eq!((source.as_str(), kind.as_str()), ("voting_service", "email request"));
    let Mail::VotingInvitation(invitation) = &mail.mail else { panic!("no link") };
    assert_eq!((mail.recipient.as_str(), invitation.occasion), ("Voter1@Example.COM", Occasion::Request));
    assert_eq!((invitation.election_title.as_str(), mail.election_id), ("Student Council 2026", Some(election.id)));
    assert!(invitation.spent_code.is_none() && invitation.voter_name.is_none(), "voting does not know the roll");

    let token = token_in(&mail);
    let old = app.validate(&election.tokens[0]).await;
    assert_eq!(old["error"], "This voting link was replaced by a newer one. Use the link in the newest mail");
    assert_eq!(old["election_id"], election.id, "by which another can be asked for");
    assert_eq!(app.validate(&token).await["voter_email"], "v***@example.com");
    assert_eq!(app.cast(&token, election.candidate(0)).await.status, 200);
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200, "another voter's link is untouched");
    let told: i64 = owner.query_one("SELECT count(*) FROM outbox WHERE destination = 'audit'", &[]).await.unwrap().get(0);
    assert_eq!(told, 0, "asking for a link is no event");
}

#[actix_web::test]
async fn known_unknown_voted_and_limited_get_the_same_bytes() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 4).await;
    let app = App::start(&database).await;
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    for _ in 0..3 {
        app.asks(&election, 2).await;
    }
    mails_are(&owner, 3).await;

    let known = app.request_link(election.id, &number(0), &address(0)).await;
    assert_eq!(known.status, 202);
    for (student_id, email) in [
        (number(1), address(1)),
        (number(2), address(2)),
        (number(3), address(0)),
        ("nobody".to_owned(), address(0)),
        (number(0), "nobody@example.com".to_owned()),
    ] {
        assert_eq!(app.request_link(election.id, &student_id, &email).await, known, "{student_id} {email}");
    }
    assert_eq!(app.request_link(election.id + 1000, &number(0), &address(0)).await, known, "an election that is not there");
    all_is_done(&app, &owner).await;
    assert_eq!(mails(&owner).await.len(), 5, "three before; one for who is known, one for who has voted");
}

#[actix_web::test]
async fn whoever_has_voted_gets_word_of_it_and_no_link() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 1).await;
    let app = App::start(&database).await;
    assert_eq!(app.cast(&election.tokens[0], election.candidate(0)).await.status, 200);
    app.asks(&election, 0).await;
    let (_, kind, envelope) = mails_are(&owner, 1).await.remove(0);
    let Mail::AlreadyRecorded(mail) = envelope.mail else { panic!("a link for somebody who has voted") };
    assert_eq!((kind.as_str(), mail.occasion), ("email request", Occasion::Request), "a row does not tell who has voted");
    assert_eq!((envelope.recipient, mail.election_title.as_str()), (address(0), "Student Council 2026"));
    assert_eq!(links(&owner, election.voters[0]).await.len(), 1);
}

#[actix_web::test]
async fn three_requests_are_answered_in_a_day_voted_or_not_and_resends_do_not_count() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let app = App::start(&database).await;
    assert_eq!(app.cast(&election.tokens[1], election.candidate(0)).await.status, 200);
    // The organiser has sent the link three times already.
    for resent in 1..=3_i64 {
        replace_live_link(&owner, election.voters[0], resent).await;
    }
    for _ in 0..5 {
        app.asks(&election, 0).await;
        app.asks(&election, 1).await;
    }
    all_is_done(&app, &owner).await;
    assert_eq!(mails(&owner).await.len(), 6, "three each");
    let requested = links(&owner, election.voters[0]).await.iter().filter(|(origin, ..)| origin == "request").count();
    assert_eq!(requested, 3);

    owner.execute("UPDATE link_requests SET requested_at = requested_at - interval '24 hours'", &[]).await.unwrap();
    app.asks(&election, 0).await;
    mails_are(&owner, 7).await;
    let kept: i64 =
        owner.query_one("SELECT count(*) FROM link_requests WHERE voter_id = $1", &[&election.voters[0]]).await.unwrap().get(0);
    assert_eq!(kept, 1, "what is older than a day is not kept");
}

async fn replace_live_link(owner: &Client, voter: i64, resent: i64) {
    owner.execute("UPDATE voting_tokens SET revoked = true WHERE voter_id = $1 AND NOT revoked", &[&voter]).await.unwrap();
    let hash = arranged::token_hash(&arranged::token_of(0, -resent));
    let sql = "INSERT INTO voting_tokens (election_id, voter_id, token_hash, origin, expires_at, spend_id, email_hint) \
               SELECT election_id, voter_id, $2, 'resend', now() + interval '1 day', spend_id, 'v***@example.com' FROM voters WHERE voter_id = $1";
    owner.execute(sql, &[&voter, &hash]).await.unwrap();
}

const DAY: i64 = 24 * 3600;
const HALF_AN_HOUR: i64 = 1800;

fn about(seconds: i64, expected: i64) -> bool {
    (expected - 60..=expected).contains(&seconds)
}

#[actix_web::test]
async fn a_link_lives_for_half_an_hour_or_as_long_as_the_one_it_replaces() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 3).await;
    let app = App::start(&database).await;
    let expired = "UPDATE voting_tokens SET expires_at = now() - interval '1 hour' WHERE voter_id = $1";
    owner.execute(expired, &[&election.voters[1]]).await.unwrap();
    owner.execute("DELETE FROM voting_tokens WHERE voter_id = $1", &[&election.voters[2]]).await.unwrap();
    for place in 0..3 {
        app.asks(&election, place).await;
    }
    mails_are(&owner, 3).await;
    for (place, before, expected) in [(0, 1, DAY), (1, 1, HALF_AN_HOUR), (2, 0, HALF_AN_HOUR)] {
        let links = links(&owner, election.voters[place]).await;
        let (origin, is_live, left) = links.last().unwrap();
        assert_eq!((links.len(), origin.as_str(), is_live), (before + 1, "request", &true), "{links:?}");
        assert!(about(*left, expected), "voter {place}: {left} seconds");
        assert_eq!(links.iter().filter(|(_, is_live, _)| *is_live).count(), 1);
    }
}

#[actix_web::test]
async fn before_the_opening_the_half_hour_begins_with_it() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let mut election = a_draft(&owner, 1).await;
    give_numbers(&owner, &election).await;
    owner.execute("DELETE FROM voting_tokens WHERE voter_id = $1", &[&election.voters[0]]).await.unwrap();
    let opens = "UPDATE elections SET opens_at = now() + interval '1 day' WHERE election_id = $1";
    owner.execute(opens, &[&election.id]).await.unwrap();
    activate(&owner, &mut election, "simple").await;
    app.asks(&election, 0).await;
    let (.., mail) = mails_are(&owner, 1).await.remove(0);
    assert!(about(links(&owner, election.voters[0]).await[0].2, DAY + HALF_AN_HOUR));
    let Mail::VotingInvitation(mail) = mail.mail else { panic!("no link") };
    assert!(about((mail.expires_at.unwrap() - chrono::Utc::now()).num_seconds(), DAY + HALF_AN_HOUR));
}

#[actix_web::test]
async fn outside_local_mode_an_organiser_whose_address_is_not_verified_has_no_stranger_mailed() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let election = an_election_with_numbers(&owner, 2).await;
    let mut settings = settings(&database);
    settings.common.mode = launch::Mode::Production;
    let app = App::with(settings).await;
    let organiser = "UPDATE admins SET email_verified_at = NULL, email = $2 FROM elections e WHERE e.admin_id = admins.admin_id AND e.election_id = $1";
    owner.execute(organiser, &[&election.id, &address(1).to_uppercase()]).await.unwrap();
    let refused = app.request_link(election.id, &number(0), &address(0)).await;
    all_is_done(&app, &owner).await;
    assert!(mails(&owner).await.is_empty(), "a stranger was mailed");
    assert_eq!(links(&owner, election.voters[0]).await.len(), 1);
    // Their own address they may try it with.
    let own = app.request_link(election.id, &number(1), &address(1)).await;
    mails_are(&owner, 1).await;
    owner.batch_execute("UPDATE admins SET email_verified_at = now()").await.unwrap();
    let verified = app.request_link(election.id, &number(0), &address(0)).await;
    mails_are(&owner, 2).await;
    assert_eq!((&own, &verified), (&refused, &refused), "whoever asks sees no difference");
}

#[actix_web::test]
async fn nobody_else_and_no_election_that_cannot_be_voted_in_gets_anything() {
    let database = TestDatabase::new().await;
    let owner = database.owner().await;
    let app = App::start(&database).await;
    let election = an_election_with_numbers(&owner, 3).await;
    let other = an_election(&owner, 1).await;
    owner.execute("UPDATE voters SET deleted = true WHERE voter_id = $1", &[&election.voters[1]]).await.unwrap();
    owner.execute("UPDATE voters SET student_id = NULL WHERE voter_id = $1", &[&election.voters[2]]).await.unwrap();
    for (student_id, email) in [
        (number(0), address(1)),
        (number(1), address(0)),
        (number(1), address(1)),
        (number(2), address(2)),
        ("%".to_owned(), address(0)),
    ] {
        assert_eq!(app.request_link(election.id, &student_id, &email).await.status, 202);
    }
    assert_eq!(app.request_link(other.id, &number(0), &address(0)).await.status, 202);

    let draft = a_draft(&owner, 1).await;
    give_numbers(&owner, &draft).await;
    app.asks(&draft, 0).await;
    let mut ended = a_draft(&owner, 1).await;
    give_numbers(&owner, &ended).await;
    let sql = "UPDATE elections SET closes_at = now() - interval '1 second' WHERE election_id = $1";
    owner.execute(sql, &[&ended.id]).await.unwrap();
    activate(&owner, &mut ended, "simple").await;
    app.asks(&ended, 0).await;
    let closed = an_election_with_numbers(&owner, 1).await;
    close(&owner, &closed).await;
    app.asks(&closed, 0).await;

    all_is_done(&app, &owner).await;
    assert!(mails(&owner).await.is_empty());
    let sql = "SELECT count(*) FROM voting_tokens WHERE origin = 'request' OR revoked";
    assert_eq!(owner.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
    assert_eq!(owner.query_one("SELECT count(*) FROM link_requests", &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[actix_web::test]
async fn what_could_stand_on_no_roll_is_said_at_once() {
    let database = TestDatabase::new().await;
    let app = App::start(&database).await;
    for (student_id, email, fields) in [
        ("", "nonsense", vec!["student_id", "email"]),
        (&"9".repeat(65), "a@example.com", vec!["student_id"]),
        // PostgreSQL has no such character in a text; the reader of every body refuses it.
        ("12\u{0}34", "a@example.com", vec!["student_id"]),
        ("1", &format!("{}@example.com", "a".repeat(250)), vec!["email"]),
        ("1", "a@example.com\r\nBcc: all@example.com", vec!["email"]),
    ] {
        let refused = app.request_link(1, student_id, email).await;
        let body: serde_json::Value = serde_json::from_str(&refused.body).unwrap();
        let said: Vec<_> = body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!((refused.status.as_u16(), said), (422, fields), "{}", refused.body);
    }
    for body in
        [json!({ "election_id": 1 }), json!({ "election_id": "1", "student_id": "1", "email": "a@example.com" }), json!([])]
    {
        assert_eq!(app.bytes("request-link", &body).await.status, 422, "{body}");
    }
}
