use serde_json::json;
use testkit::given;

use crate::app::App;

#[actix_web::test]
async fn a_voter_is_added_listed_and_removed() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let new = json!({ "election_id": election.election_id, "email": "Extra@example.com", "first_name": "Ex", "last_name": "Tra", "student_id": "s1", "cohort": "2026" });
    let voter = app.post(&admin, "/api/admin/voters", new).await.expect(201);
    assert_eq!((voter["email"].as_str(), voter["link_sent"].as_bool()), (Some("Extra@example.com"), Some(false)));
    let listed = app.get(&admin, &format!("/api/admin/voters?election_id={}", election.election_id)).await.expect(200);
    assert_eq!(listed, json!({ "items": [voter] }));
    let one = format!("/api/admin/voters/{}", voter["voter_id"]);
    assert_eq!(app.call(&admin, "DELETE", &one, None).await.status, 204);
    app.call(&admin, "DELETE", &one, None).await.refused(404, "not-found");
    assert!(app.roll(&admin, election.election_id).await.is_empty());
    assert_eq!(app.event_types().await, ["voter_added", "voters_viewed", "voter_removed", "voters_viewed"]);
    let events = app.events().await;
    assert!(events[0]["subject_ref"].is_string() && events[0]["subject_ref"] == events[2]["subject_ref"]);
    assert!(!events.iter().any(|event| event.to_string().contains("Extra")));
}

#[actix_web::test]
async fn an_address_is_one_voter_whatever_its_case() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.add_voter(&admin, election.election_id, "ann@example.com").await.expect(201);
    app.add_voter(&admin, election.election_id, " ANN@Example.Com ").await.refused(409, "already-exists");
    let student = |email: &str| json!({ "election_id": election.election_id, "email": email, "student_id": "7" });
    app.post(&admin, "/api/admin/voters", student("bob@example.com")).await.expect(201);
    app.post(&admin, "/api/admin/voters", student("carol@example.com")).await.refused(409, "already-exists");
    let (admin, other) = app.a_draft().await;
    app.add_voter(&admin, other.election_id, "ann@example.com").await.expect(201);
}

#[actix_web::test]
async fn what_cannot_stand_on_a_roll_is_refused_by_field() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    for email in ["", "not an address", "a@b", "a@b.de\r\nBcc: x@y.de", "a@b.de,c@d.de", "j\u{f6}rg@example.com"] {
        app.add_voter(&admin, election.election_id, email).await.refuses_field("email");
    }
    let with = |field: &str, value: String| {
        let mut body = json!({ "election_id": election.election_id, "email": "a@b.de" });
        body[field] = value.into();
        body
    };
    for (field, value) in [
        ("first_name", "x".repeat(101)),
        ("last_name", "a\nb".to_owned()),
        ("student_id", "x".repeat(65)),
        ("cohort", "\u{7}".to_owned()),
    ] {
        app.post(&admin, "/api/admin/voters", with(field, value)).await.refuses_field(field);
    }
    app.post(&admin, "/api/admin/voters", with("colour", "red".to_owned())).await.refused(422, "invalid-input");
    assert!(app.roll(&admin, election.election_id).await.is_empty());
}

#[actix_web::test]
async fn the_roll_is_read_page_by_page_and_never_says_who_has_voted() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 5).await;
    given::links(&app.owner, election.election_id).await;
    app.sql(&format!("UPDATE voting_tokens SET is_used = true WHERE voter_id = {}", voters[1])).await;
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let path = format!("/api/admin/voters?election_id={}&limit=2&after={after}", election.election_id);
        let page = app.get(&admin, &path).await;
        assert!(!page.text.contains("voted") && !page.text.contains("used") && !page.text.contains("spend"), "{}", page.text);
        let page = page.expect(200);
        for voter in page["items"].as_array().unwrap() {
            assert_eq!(voter["link_sent"], true);
            seen.push(voter["voter_id"].as_i64().unwrap());
        }
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen, voters);
    app.get(&admin, &format!("/api/admin/voters?election_id={}&limit=many", election.election_id))
        .await
        .refused(400, "malformed-request");
}

#[actix_web::test]
async fn the_roll_is_closed_once_voting_has_ended() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 2).await;
    given::activate(&app.owner, election.election_id, "simple").await;
    app.sql("UPDATE elections SET closes_at = clock_timestamp()").await;
    for ended in [false, true] {
        if ended {
            app.close(election.election_id).await;
        }
        let late = json!({ "election_id": election.election_id, "email": "late@example.com", "reason": "Forgotten" });
        app.post(&admin, "/api/admin/voters", late).await.refused(409, "state-conflict");
        let one = format!("/api/admin/voters/{}", voters[0]);
        app.call(&admin, "DELETE", &one, None).await.refused(409, "state-conflict");
        app.call(&admin, "PUT", &one, Some(json!({ "email": "new@example.com" }))).await.refused(409, "state-conflict");
    }
    assert_eq!(app.number("SELECT count(*) FROM voters WHERE email LIKE 'voter%'").await, 2);
}

#[actix_web::test]
async fn an_organiser_finds_the_mails_that_never_came_and_a_voter_by_name() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::voters(&app.owner, election.election_id, 4).await;
    let id = election.election_id;
    let list = async |query: &str| app.get(&admin, &format!("/api/admin/voters?election_id={id}{query}")).await.expect(200);
    let mail = |page: &serde_json::Value, place: usize| page["items"][place]["mail"].clone();
    assert_eq!(mail(&list("").await, 0), json!({ "status": "none" }));
    app.send_links(&admin, id).await.expect(202);
    assert_eq!(mail(&list("").await, 0), json!({ "status": "queued" }), "still on its way to the mail service");
    // As the mail service keeps a reason; the other is of before there were codes.
    let stored = json!({ "code": "mail-server-said", "params": { "code": "550", "said": "no such user" } });
    app.sql(&format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status, last_error) VALUES \
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'Voter1@example.com', 'sent', NULL),\
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'voter2@example.com', 'refused', '{stored}'),\
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'voter3@example.com', 'sent', NULL),\
         (gen_random_uuid(), 'resend', true, {id}, 'voter3@example.com', 'deferred', '452 mailbox full'),\
         (gen_random_uuid(), 'reminder', true, {id}, 'voter1@example.com', 'refused', 'a reminder tells who has not voted')"
    ))
    .await;
    let all = list("").await;
    assert_eq!(mail(&all, 0), json!({ "status": "sent" }));
    assert_eq!(
        mail(&all, 1),
        json!({ "status": "refused", "reason": "550 no such user", "code": "mail-server-said", "params": { "code": "550", "said": "no such user" } })
    );
    assert_eq!(
        mail(&all, 2),
        json!({ "status": "deferred", "reason": "452 mailbox full", "code": "verbatim", "params": { "text": "452 mailbox full" } })
    );
    assert_eq!(mail(&all, 3), json!({ "status": "queued" }));
    let found = list("&mail=refused").await;
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["email"]), (1, &json!("voter2@example.com")));
    assert_eq!(list("&search=VOTER%203").await["items"][0]["email"], "voter3@example.com");
    assert_eq!(list("&search=%25").await["items"], json!([]), "a percent sign is a percent sign");
    app.get(&admin, &format!("/api/admin/voters?election_id={id}&mail=lost")).await.refused(400, "malformed-request");
    let refused = app.get(&admin, &format!("/api/admin/voters?election_id={id}&limit=many")).await;
    refused.refused(400, "malformed-request");
    assert_eq!(refused.body["detail"], "limit must be a whole number");
    assert_eq!(
        (&refused.body["errors"][0]["field"], &refused.body["errors"][0]["code"]),
        (&json!("limit"), &json!("value-whole"))
    );
}

#[actix_web::test]
async fn a_removed_voters_link_dies() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voters = given::voters(&app.owner, election.election_id, 2).await;
    app.send_links(&admin, election.election_id).await.expect(202);
    assert_eq!(app.call(&admin, "DELETE", &format!("/api/admin/voters/{}", voters[0]), None).await.status, 204);
    assert_eq!(app.number("SELECT count(*) FROM voting_tokens").await, 1);
}

#[actix_web::test]
async fn two_admins_who_add_the_same_voter_at_once_add_one() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let adding = (0..8).map(|_| app.add_voter(&admin, election.election_id, "ann@example.com"));
    let mut statuses: Vec<u16> = futures_util::future::join_all(adding).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

/// Only the number of the voter is in the path. It is looked for in the caller's own elections, and in those that are over at last.
#[actix_web::test]
async fn a_voter_is_found_while_elections_of_others_and_closed_ones_are_written_anew() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = given::voters(&app.owner, election.election_id, 1).await[0];
    let (_, of_somebody_else) = app.a_draft().await;
    let closed = given::a_draft(&app.owner, admin.id, "Over").await.election_id;
    given::activate(&app.owner, closed, "simple").await;
    app.close(closed).await;
    let busy = app.database.owner().await;
    busy.batch_execute(&format!(
        "BEGIN; LOCK TABLE voters_{}, voters_{closed}, voting_tokens_{closed} IN ACCESS EXCLUSIVE MODE",
        of_somebody_else.election_id
    ))
    .await
    .unwrap();
    let path = format!("/api/admin/voters/{voter}");
    let calls = async {
        app.call(&admin, "PUT", &path, Some(json!({ "first_name": "Ann" }))).await.expect(200);
        app.call(&admin, "DELETE", &path, None).await.expect(204);
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), calls).await.expect("it waits for another election");
}

#[actix_web::test]
async fn one_voter_is_shown_as_in_the_list_and_that_is_logged() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let voter = app.add_voter(&admin, election.election_id, "ann@example.com").await.expect(201);
    assert_eq!(app.get(&admin, &format!("/api/admin/voters/{}", voter["voter_id"])).await.expect(200), voter);
    assert_eq!(app.event_types().await, ["voter_added", "voters_viewed"]);
}

#[actix_web::test]
async fn the_roll_is_downloaded_whole_and_no_cell_is_a_formula() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let file = "email,first_name,last_name,student_id\nann@example.com,=1+1,\"Lee, A\",007\nbob@example.com,+x,@y,-3\n";
    app.import(&admin, id, "", file).await.expect(200);
    app.send_links(&admin, id).await.expect(202);
    app.sql(&format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status, last_error) VALUES \
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'bob@example.com', 'refused', '=cmd|x')"
    ))
    .await;
    let csv = app.get(&admin, &format!("/api/admin/elections/{id}/voters.csv")).await;
    assert_eq!((csv.status, csv.content_type()), (200, "text/csv; charset=utf-8"));
    assert_eq!(
        csv.text,
        "\u{feff}email,first_name,last_name,student_id,cohort,mail,reason\n\
         ann@example.com,'=1+1,\"Lee, A\",007,,queued,\n\
         bob@example.com,'+x,'@y,'-3,,refused,'=cmd|x\n"
    );
    assert_eq!(app.event_types().await.last().unwrap(), "voters_viewed");
}

#[actix_web::test]
async fn a_roll_of_more_than_one_part_is_downloaded_once_each() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::voters(&app.owner, election.election_id, 5001).await;
    let csv = app.get(&admin, &format!("/api/admin/elections/{}/voters.csv", election.election_id)).await;
    let lines: std::collections::BTreeSet<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 5002);
}

#[actix_web::test]
async fn the_mails_with_links_are_counted_as_the_list_shows_them() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let id = election.election_id;
    let counts = format!("/api/admin/elections/{id}/mails");
    let of = |none: u64, queued: u64, sent: u64, refused: u64, forgotten: u64| json!({ "none": none, "queued": queued, "deferred": 0, "sent": sent, "refused": refused, "forgotten": forgotten });
    assert_eq!(app.get(&admin, &counts).await.expect(200)["voters"], of(0, 0, 0, 0, 0));
    for name in ["ann", "bob", "cem"] {
        app.add_voter(&admin, id, &format!("{name}@example.com")).await.expect(201);
    }
    assert_eq!(app.get(&admin, &counts).await.expect(200)["voters"], of(3, 0, 0, 0, 0));
    app.send_links(&admin, id).await.expect(202);
    app.add_voter(&admin, id, "dan@example.com").await.expect(201);
    assert_eq!(app.get(&admin, &counts).await.expect(200)["voters"], of(1, 3, 0, 0, 0));
    app.sql(&format!(
        "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, status) VALUES \
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'ann@example.com', 'sent'),\
         (gen_random_uuid(), 'voting_invitation', true, {id}, 'BOB@example.com', 'refused'),\
         (gen_random_uuid(), 'reminder', true, {id}, 'ann@example.com', 'refused')"
    ))
    .await;
    assert_eq!(app.get(&admin, &counts).await.expect(200)["voters"], of(1, 1, 1, 1, 0));
    assert!(!app.event_types().await.contains(&"voters_viewed".to_owned()), "nobody's name was looked at");
}

#[actix_web::test]
async fn a_reference_of_the_log_names_its_voter_until_it_is_forgotten() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let (_, other) = app.a_draft().await;
    let id = election.election_id;
    let new = json!({ "election_id": id, "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee" });
    app.post(&admin, "/api/admin/voters", new).await.expect(201);
    let subject = app.events().await[0]["subject_ref"].as_str().unwrap().to_owned();
    let asked = |refs: &str| format!("/api/admin/elections/{id}/audit-subjects?refs={refs}");
    let unknown = uuid::Uuid::new_v4();
    let found = app.get(&admin, &asked(&format!("{subject},{unknown}"))).await.expect(200);
    let ann = json!({ "subject_ref": subject, "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee" });
    assert_eq!(found, json!({ "items": [ann] }));
    assert_eq!(app.event_types().await, ["voter_added", "voters_viewed"], "that a name was looked at is logged");
    assert_eq!(app.get(&admin, &asked(&unknown.to_string())).await.expect(200), json!({ "items": [] }));
    assert_eq!(app.event_types().await.len(), 2);
    let elsewhere = format!("/api/admin/elections/{}/audit-subjects?refs={subject}", other.election_id);
    app.get(&admin, &elsewhere).await.refused(404, "not-found");
    let many = vec![subject.as_str(); 101].join(",");
    for bad in ["", "x", "1,2", many.as_str()] {
        app.get(&admin, &asked(bad)).await.refuses_field("refs");
    }
    app.sql("DELETE FROM audit_subjects").await;
    assert_eq!(app.get(&admin, &asked(&subject)).await.expect(200), json!({ "items": [] }));
}

#[actix_web::test]
async fn after_how_many_days_voters_are_forgotten_is_said_to_the_organiser() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let found = app.get(&admin, &format!("/api/admin/elections/{}/retention", election.election_id)).await;
    assert_eq!(found.expect(200), json!({ "days": 90 }));
}
