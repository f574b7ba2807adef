//! While voting is open, nothing that an organiser can ask tells whether one person has voted, or has asked for a link themselves.

use serde_json::{Value, json};
use testkit::given;

use crate::app::{Admin, App};

/// What happened to the voters, unseen by the organiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happened {
    Nothing,
    /// The first has voted with the link that was sent. The second opted out of reminders, and has voted. The third, who was sent
    /// none, has asked for a link and voted with it. The fourth, who was sent none, has asked for one, which is dead by now.
    /// The fifth has asked for one, which replaced the one that was sent. The sixth, who was sent none, has asked for one, which lives.
    Much,
}

/// Everybody has a number. Three were sent a link before voting was open, and three were sent none.
async fn an_election(app: &App, happened: Happened) -> (Admin, i64, Vec<i64>) {
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let voters = given::voters(&app.owner, id, 6).await;
    app.sql("UPDATE voters SET student_id = 's-' || voter_id").await;
    let late: Vec<String> = [voters[2], voters[3], voters[5]].iter().map(ToString::to_string).collect();
    given::links(&app.owner, id).await;
    app.sql(&format!("DELETE FROM voting_tokens WHERE voter_id IN ({})", late.join(", "))).await;
    given::activate(&app.owner, id, "simple").await;
    app.sql(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status, sent_at) \
             SELECT gen_random_uuid(), 'voting_invitation', true, v.election_id, v.email, 'sent', now() \
             FROM voters v JOIN voting_tokens t USING (voter_id)",
    )
    .await;
    if happened == Happened::Much {
        let voting = app.database.connect("voting_service").await;
        for voter in [voters[2], voters[3], voters[4], voters[5]] {
            let place = voters.iter().position(|one| *one == voter).unwrap() + 1;
            let sql = format!(
                "SELECT request_link({id}, gen_random_uuid(), 's-{voter}', 'voter{place}@example.com', sha256('asked {voter}'), '', '', false)"
            );
            voting.batch_execute(&sql).await.unwrap();
        }
        app.sql(&format!(
            "UPDATE voters SET reminders_stopped = true WHERE voter_id = {1}; \
             UPDATE voting_tokens SET is_used = true WHERE voter_id IN ({0}, {1}, {2}) AND NOT revoked; \
             UPDATE voting_tokens SET expires_at = now() WHERE voter_id = {3}; \
             INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status, sent_at) \
             SELECT event_id, kind, about_link, election_id, 'voter3@example.com', 'refused', now() FROM outbox WHERE kind = 'request'; \
             DELETE FROM outbox WHERE kind = 'request'; UPDATE chain_heads SET last_position = 3",
            voters[0], voters[1], voters[2], voters[3]
        ))
        .await;
        assert_eq!(app.number("SELECT count(*) FROM voting_tokens WHERE origin = 'request'").await, 4);
    }
    (admin, id, voters)
}

/// The email service has taken everything that waits, and the mail server has taken every second mail.
async fn delivered(app: &App) {
    let waiting = app
        .owner
        .query(
            "SELECT event_id::text, kind FROM outbox WHERE destination = 'email' AND delivered_at IS NULL ORDER BY position",
            &[],
        )
        .await
        .unwrap();
    // The mails that wait are opened in the same order.
    for (row, mail) in waiting.iter().zip(app.mails().await) {
        let to = mail["recipient"].as_str().unwrap();
        app.sql(&format!(
            "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status) VALUES ('{}', '{}', true, {}, '{to}', \
             CASE WHEN '{to}' ~ '[135]' THEN 'refused' ELSE 'sent' END)",
            row.get::<_, &str>(0),
            row.get::<_, &str>(1),
            mail["election_id"]
        ))
        .await;
    }
    app.sql("DELETE FROM outbox WHERE destination = 'email'").await;
}

struct Seen<'a> {
    app: &'a App,
    admin: &'a Admin,
    id: i64,
    answers: Vec<String>,
}

impl Seen<'_> {
    async fn call(&mut self, method: &str, path: &str, body: Option<Value>) {
        let answer = self.app.call(self.admin, method, path, body.clone()).await;
        let body = body.unwrap_or_default();
        self.answers.push(format!("{method} {path} {body} -> {} {} {}", answer.status, answer.content_type, answer.text));
        // The links are made after the answer; an organiser looks when they are.
        if path.ends_with("/send-voting-links") && answer.status == 202 {
            self.app.links_are_made(self.id).await;
        }
    }

    /// Every list that an organiser can ask for.
    async fn look(&mut self, id: i64) {
        for filter in ["", "&mail=none", "&mail=queued", "&mail=deferred", "&mail=sent", "&mail=refused", "&search=voter"] {
            self.call("GET", &format!("/api/admin/voters?election_id={id}{filter}"), None).await;
        }
        self.call("GET", &format!("/api/admin/elections/{id}/mails"), None).await;
        let turnout = self.app.owner.query_one("SELECT roll, voted FROM turnout($1)", &[&id]).await.unwrap();
        let unsent = self.app.number(&format!("SELECT links_unsent({id})")).await;
        self.answers.push(format!("{} {} {unsent}", turnout.get::<_, i64>(0), turnout.get::<_, i64>(1)));
    }
}

/// Everything that an organiser can do to an open election, and everything that they are told.
async fn everything_that_is_seen(happened: Happened) -> Vec<String> {
    let app = App::start().await;
    let (admin, id, voters) = an_election(&app, happened).await;
    let mut seen = Seen { app: &app, admin: &admin, id, answers: Vec::new() };
    let send = format!("/api/admin/elections/{id}/send-voting-links");
    seen.look(id).await;
    // A late voter is corrected, sent a link and removed one by one, before links are sent to all.
    let late = format!("/api/admin/voters/{}", voters[5]);
    for body in [json!({ "first_name": "Sixth" }), json!({ "email": "sixth@example.com" }), json!({ "student_id": "" })] {
        seen.call("PUT", &late, Some(body)).await;
    }
    seen.call("DELETE", &late, None).await;
    seen.call("POST", &format!("{late}/resend-token"), None).await;
    seen.look(id).await;
    delivered(&app).await;
    seen.look(id).await;
    for body in [json!({ "only": "not_voted" }), json!({}), json!({}), json!({ "only": "not_voted" })] {
        seen.call("POST", &send, Some(body)).await;
    }
    seen.look(id).await;
    delivered(&app).await;
    seen.look(id).await;
    for voter in &voters {
        let one = format!("/api/admin/voters/{voter}");
        for body in [
            json!({}),
            json!({ "first_name": "Ann" }),
            json!({ "student_id": "", "cohort": "x" }),
            json!({ "student_id": format!("n-{voter}") }),
            json!({ "email": "voter1@example.com" }),
            json!({ "email": format!("other{voter}@example.com"), "last_name": "Lee" }),
        ] {
            seen.call("PUT", &one, Some(body)).await;
        }
        for _ in 0..5 {
            seen.call("POST", &format!("{one}/resend-token"), None).await;
        }
        seen.call("DELETE", &one, None).await;
    }
    seen.look(id).await;
    delivered(&app).await;
    seen.look(id).await;
    let late = json!({ "election_id": id, "email": "voter1@example.com", "reason": "Came back" });
    seen.call("POST", "/api/admin/voters", Some(late)).await;
    seen.call("POST", &send, Some(json!({ "only": "not_voted" }))).await;
    for event in app.events().await {
        seen.answers.push(format!("{} {}", event["kind"], event["subject_ref"].is_string()));
    }
    let sql = "SELECT coalesce(jsonb_agg(to_jsonb(a) - 'created_at' ORDER BY amendment_id)::text, '') FROM amendments a";
    seen.answers.push(app.owner.query_one(sql, &[]).await.unwrap().get(0));
    let subjects = app.number("SELECT count(*) FROM audit_subjects").await;
    seen.answers.push(format!("{subjects} references"));
    seen.answers
}

#[actix_web::test]
async fn no_answer_list_state_number_or_event_tells_who_has_voted_or_asked_for_a_link() {
    let quiet = everything_that_is_seen(Happened::Nothing).await;
    let busy = everything_that_is_seen(Happened::Much).await;
    for (quiet, busy) in quiet.iter().zip(&busy) {
        assert_eq!(quiet, busy);
    }
    assert_eq!(quiet.len(), busy.len());
    let answered = |status: &str| quiet.iter().filter(|answer| answer.contains(&format!("-> {status} "))).count();
    assert!(answered("200") > 60 && answered("202") > 20 && answered("409") > 15 && answered("422") > 5, "all of it was tried");
}

#[actix_web::test]
async fn an_organiser_whose_address_is_not_verified_cannot_learn_by_a_refusal_who_is_left_to_remind() {
    let app = App::in_mode(launch::Mode::Production).await;
    let (admin, id, _) = an_election(&app, Happened::Nothing).await;
    app.sql("UPDATE admins SET email_verified_at = NULL").await;
    let send = format!("/api/admin/elections/{id}/send-voting-links");
    let before = app.post(&admin, &send, json!({ "only": "not_voted" })).await.refused(403, "not-allowed");
    app.sql("UPDATE voting_tokens SET is_used = true").await;
    assert_eq!(app.post(&admin, &send, json!({ "only": "not_voted" })).await.refused(403, "not-allowed"), before);
}
