//! Making, changing and deleting an election.

use identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{SUPERUSER, given};

use crate::app::{App, titled};

#[actix_web::test]
async fn an_election_without_questions_gets_one_named_like_it() {
    let app = App::idle().await;
    let made = app.create(json!({"title": " Student Council 2026 ", "description": "Annual", "profile": "simple"})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let election = made.body;
    assert_eq!(election["title"], "Student Council 2026");
    assert_eq!(
        (&election["status"], &election["publish"], &election["custody"]),
        (&json!("draft"), &json!("together"), &json!("server"))
    );
    assert_eq!(election["turnout"], json!({"roll": 0, "voted": 0}));
    let mut contest = election["contests"][0].clone();
    contest["contest_id"] = json!(0);
    let expected = json!({"contest_id": 0, "title": "Student Council 2026", "family": "marks", "seats": 1, "ballot_order": "fixed",
        "rule": {"method": "plurality", "seats": 1, "min_marks": 1, "ties": "declare", "blank": true},
        "sentence": "Every mark is one vote, and those with the most votes are elected."});
    assert_eq!(contest, expected);
    let shown = app.get(&format!("/api/elections/{}", election["election_id"])).await;
    assert_eq!((shown.status, &shown.body), (200, &election));
    let told = app.told().await;
    assert_eq!(told[0]["kind"], json!({"event_type": "election_created", "details": {"title": "Student Council 2026"}}));
    assert_eq!(told[0]["admin_id"], app.admin_id);
}

#[actix_web::test]
async fn several_questions_keep_their_order() {
    let app = App::idle().await;
    let body = json!({"title": "Club", "contests": [{"title": "President"}, {"title": "Board", "rule": {"method": "plurality", "seats": 3, "blank": false}}]});
    let made = app.create(body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let titles: Vec<_> = made.body["contests"].as_array().unwrap().iter().map(|contest| contest["title"].clone()).collect();
    assert_eq!(titles, ["President", "Board"]);
    assert_eq!(made.body["contests"][1]["seats"], 3);
}

#[actix_web::test]
async fn everything_wrong_is_named_at_once_and_what_is_not_offered_says_what_is() {
    let app = App::idle().await;
    let refused = app
        .create(json!({"title": "  ", "profile": "both", "publish": "later", "opens_at": "2030-01-02T00:00:00Z",
            "closes_at": "2030-01-01T00:00:00Z", "contests": [
                {"title": "a\nb", "rule": {"method": "borda", "ties": "coin", "top": 5}, "ballot_order": "random"},
                {"title": "c", "rule": {"method": "dictator"}}, {"title": "d", "contest_id": 1},
                {"title": "e", "rule": {"method": "motion"}}, {"title": "f", "rule": {"method": "wigm", "decimals": 21, "seats": 0}},
                {"title": "g", "text": "No motion", "rule": "irv"}]}))
        .await;
    assert_eq!(refused.status, 422);
    let errors = refused.body["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    let expected = [
        "title",
        "profile",
        "publish",
        "contests[0].title",
        "contests[0].ballot_order",
        "contests[0].rule.ties",
        "contests[0].rule.top",
        "contests[1].rule.method",
        "contests[2].contest_id",
        "contests[3].text",
        "contests[4].rule.seats",
        "contests[4].rule.decimals",
        "contests[5].rule",
        "closes_at",
    ];
    assert_eq!(fields, expected);
    assert_eq!(errors[1]["message"], "must be one of: simple");
    assert_eq!(errors[2]["message"], "must be one of: together, manual");
    assert_eq!(errors[4]["message"], "must be one of: fixed, rotated");
    let known = "is no field of borda, which has: seats, equal_ranks, gaps, ties, blank, quorum, none_of_the_above, unsupported";
    assert_eq!(errors[6]["message"], known);
    assert!(errors[7]["message"].as_str().unwrap().contains("plurality, approval, cumulative"), "{}", errors[7]);
    assert_eq!(
        (&errors[11]["code"], &errors[11]["message"]),
        (&json!("decimals-out-of-range"), &json!("must be between 1 and 20"))
    );
    assert_eq!(app.create(json!({"title": "x", "colour": "red"})).await.status, 422);
    assert_eq!(app.create(json!({"title": "x", "contests": []})).await.status, 422);
    let elsewhere = app.create(json!({"title": "x", "opens_at": "2026-12-01T08:00:00"})).await;
    assert_eq!(elsewhere.status, 422);
    assert!(elsewhere.body["detail"].as_str().unwrap().contains("no time with its zone"), "{}", elsewhere.body);
    // What would look like another title, or like none, in a mail.
    for deceptive in ["\u{202e}licnuoC", "Coun\u{200b}cil", "\u{200b}", "Council\u{2028}2026"] {
        assert_eq!(app.create(titled(deceptive)).await.status, 422, "{deceptive:?}");
    }
    assert!(app.told().await.is_empty(), "nothing was made");
}

#[actix_web::test]
async fn a_change_touches_what_it_names_and_null_clears() {
    let app = App::idle().await;
    let made = app.create(json!({"title": "Old", "description": "about", "closes_at": "2090-01-01T00:00:00Z"})).await.body;
    let path = format!("/api/elections/{}", made["election_id"]);
    let changed = app.call(Method::PUT, &path, Some(json!({"title": "New", "description": null}))).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!((&changed.body["title"], &changed.body["description"]), (&json!("New"), &json!(null)));
    assert_eq!(changed.body["closes_at"], made["closes_at"]);
    assert_eq!(changed.body["contests"], made["contests"]);
    let same = app.call(Method::PUT, &path, Some(json!({"title": "New"}))).await;
    assert_eq!(same.status, 200);
    let early = app.call(Method::PUT, &path, Some(json!({"opens_at": "2091-01-01T00:00:00Z"}))).await;
    assert_eq!((early.status, &early.body["errors"][0]["field"]), (422, &json!("closes_at")));
    let told = app.told().await;
    assert_eq!(told.len(), 2, "a change that changes nothing is no event");
    assert_eq!(told[1]["kind"]["details"], json!({"changed": ["title", "description"]}));
}

#[actix_web::test]
async fn questions_are_replaced_and_those_named_by_number_keep_their_candidates() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(0).await;
    let path = format!("/api/elections/{}", election.election_id);
    let contests = json!({"contests": [{"title": "Board", "rule": {"method": "approval", "seats": 2}}, {"contest_id": election.contest_id, "title": "Chair"}]});
    let changed = app.call(Method::PUT, &path, Some(contests)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (&changed.body["contests"][0]["title"], &changed.body["contests"][1]["contest_id"]),
        (&json!("Board"), &json!(election.contest_id))
    );
    let candidates = async || -> i64 {
        let sql = "SELECT count(*) FROM candidates WHERE election_id = $1";
        app.owner.query_one(sql, &[&election.election_id]).await.unwrap().get(0)
    };
    assert_eq!(candidates().await, 3);
    let foreign = app.create(titled("Other")).await.body["contests"][0]["contest_id"].clone();
    let stolen = app.call(Method::PUT, &path, Some(json!({"contests": [{"contest_id": foreign, "title": "x"}]}))).await;
    assert_eq!(stolen.status, 422);
    let replaced = app.call(Method::PUT, &path, Some(json!({"contests": [{"title": "Only"}]}))).await;
    assert_eq!((replaced.status, candidates().await), (200, 0));
}

#[actix_web::test]
async fn a_draft_can_be_deleted_with_all_that_belongs_to_it() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(3).await;
    let path = format!("/api/elections/{}", election.election_id);
    assert_eq!(app.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(app.get(&path).await.status, 404);
    assert_eq!(app.call(Method::DELETE, &path, None).await.status, 404);
    let left: i64 = app.owner.query_one("SELECT count(*) FROM voters", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
    assert_eq!(app.told_types().await, ["election_deleted"]);
}

#[actix_web::test]
async fn another_admins_election_does_not_exist_for_you() {
    let app = App::idle().await;
    let stranger = given::an_admin(&app.owner, "stranger@example.com").await;
    let election = given::a_draft(&app.owner, stranger, "Theirs").await.election_id;
    let path = format!("/api/elections/{election}");
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::PUT, path.clone(), Some(titled("Mine"))),
        (Method::DELETE, path.clone(), None),
        (Method::POST, format!("{path}/activate"), None),
        (Method::POST, format!("{path}/close"), None),
        (Method::POST, format!("{path}/archive"), None),
        (Method::GET, format!("{path}/tally"), None),
    ] {
        let answer = app.call(method.clone(), &path, body.clone()).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
        assert_eq!(app.anonymous(method, &path).await.status, 401);
    }
    assert!(app.get("/api/elections").await.body["items"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn a_superadmin_sees_every_election_and_changes_none() {
    let app = App::idle().await;
    let (election, _) = app.a_draft(0).await;
    let path = format!("/api/elections/{}", election.election_id);
    let above = app.assertion(given::an_admin(&app.owner, "root@example.com").await, Role::Superadmin);
    let url = app.another_process().await;
    let call = async |method: Method, path: &str, body| app.call_as(Some(&above), &url, method, path, body).await;
    assert_eq!(call(Method::GET, &path, None).await.status, 200);
    assert_eq!(call(Method::GET, &format!("{path}/tally"), None).await.status, 200);
    assert_eq!(call(Method::GET, "/api/elections", None).await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(call(Method::PUT, &path, Some(titled("Taken"))).await.status, 404);
    assert_eq!(call(Method::POST, &format!("{path}/activate"), None).await.status, 404);
    assert_eq!(call(Method::DELETE, &path, None).await.status, 404);
}

#[actix_web::test]
async fn a_list_comes_in_pages() {
    let app = App::idle().await;
    for number in 1..=5 {
        app.create(titled(&format!("Election {number}"))).await;
    }
    let first = app.get("/api/elections?limit=2").await.body;
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let second = app.get(&format!("/api/elections?limit=2&after={}", first["next"])).await.body;
    let third = app.get(&format!("/api/elections?limit=2&after={}", second["next"])).await.body;
    assert_eq!((third["items"].as_array().unwrap().len(), &third["items"][0]["title"]), (1, &json!("Election 5")));
    assert_eq!(third.get("next"), None);
}

#[actix_web::test]
async fn a_president_and_three_seats_by_approval_in_one_election() {
    let app = App::idle().await;
    let rule = json!({"method": "approval", "seats": 3, "min_marks": 2, "max_marks": 5, "blank": false, "ties": "lot"});
    let board = json!({"title": "Board", "rule": rule, "ballot_order": "rotated"});
    let president = json!({"title": "President", "rule": {"method": "irv"}});
    let made = app.create(json!({"title": "Council", "publish": "manual", "contests": [president, board]})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["publish"], "manual");
    let contests = made.body["contests"].as_array().unwrap();
    assert_eq!((&contests[0]["family"], &contests[0]["rule"]["ties"]), (&json!("ranking"), &json!("lot")));
    assert_eq!((&contests[1]["rule"], &contests[1]["ballot_order"]), (&rule, &json!("rotated")));
    let warned = made.body["warnings"].to_string();
    assert!(warned.contains("'President' is ranked. After the end every ballot becomes public"), "{warned}");

    // The limit of an approval contest is taken away again by naming none.
    let path = format!("/api/elections/{}", made.body["election_id"]);
    let mut unlimited = contests[1].clone();
    for shown in ["family", "sentence", "seats"] {
        unlimited.as_object_mut().unwrap().remove(shown);
    }
    unlimited["rule"] = json!({"method": "approval", "seats": 3});
    let kept = json!({"contest_id": contests[0]["contest_id"], "title": "President", "rule": contests[0]["rule"]});
    let changed = app.call(Method::PUT, &path, Some(json!({"contests": [kept, unlimited]}))).await;
    assert_eq!((changed.status, changed.body["contests"][1]["rule"].get("max_marks")), (200, None), "{}", changed.body);
    assert_eq!(changed.body["contests"][0], contests[0]);
    for bad in [json!({"method": "approval", "min_marks": 3, "max_marks": 2}), json!({"seats": 2}), json!({"method": ""})] {
        let contest = json!({"title": "Board", "rule": bad});
        assert_eq!(app.create(json!({"title": "x", "contests": [contest]})).await.status, 422);
    }
    let many: Vec<Value> = (0..51).map(|number| json!({"title": format!("Question {number}")})).collect();
    assert_eq!(app.create(json!({"title": "x", "contests": many})).await.status, 422);
}

#[actix_web::test]
async fn a_draft_with_everything_in_it_is_deleted_whole() {
    let app = App::idle().await;
    let (election, voters) = app.a_draft(3).await;
    let sql = "INSERT INTO audit_subjects VALUES (gen_random_uuid(), $1, $2, false)";
    app.owner.execute(sql, &[&election.election_id, &voters[0]]).await.unwrap();
    // Links were sent from the draft: some are delivered, one waits in the outbox, one in the queue.
    let mails = "INSERT INTO outbox (event_id, source, destination, kind, election_id, payload) \
                 SELECT gen_random_uuid(), 'admin_service', d, 'voting_invitation', $1, 'p' FROM unnest(ARRAY['email', 'audit']) d";
    app.owner.execute(mails, &[&election.election_id]).await.unwrap();
    let mails = "INSERT INTO email_messages (event_id, kind, about_link, election_id, recipient, payload, status) \
                 SELECT gen_random_uuid(), 'voting_invitation', true, $1, 'voter1@example.com', 'p', s FROM unnest(ARRAY['sent', 'queued']) s";
    let email = app.database.connect("email_service").await;
    email.execute(mails, &[&election.election_id]).await.unwrap();
    let path = format!("/api/elections/{}", election.election_id);
    assert_eq!(app.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(email.execute(mails, &[&election.election_id]).await.unwrap(), 0, "a mail that was on its way is not kept");
    assert_eq!(app.get(&path).await.status, 404);
    let left = "SELECT (SELECT count(*) FROM voters) + (SELECT count(*) FROM voting_tokens) + (SELECT count(*) FROM candidates) \
                + (SELECT count(*) FROM contests) + (SELECT count(*) FROM audit_subjects) + (SELECT count(*) FROM email_messages) \
                + (SELECT count(*) FROM outbox WHERE destination = 'email')";
    assert_eq!(app.owner.query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
    let told = "SELECT count(*) FROM outbox WHERE destination = 'audit'";
    assert_eq!(app.owner.query_one(told, &[]).await.unwrap().get::<_, i64>(0), 2, "what the audit log is told is not lost");
}

#[actix_web::test]
async fn an_election_has_a_language_and_a_time_zone_until_it_is_activated() {
    let app = App::idle().await;
    let (usual, _) = app.a_draft(2).await;
    let path = format!("/api/elections/{}", usual.election_id);
    let shown = app.get(&path).await.body;
    assert_eq!((&shown["locale"], &shown["timezone"]), (&json!("en"), &json!("UTC")));
    let made = app.create(json!({"title": "Council", "locale": "en", "timezone": "Europe/Berlin"})).await;
    assert_eq!((made.status, &made.body["timezone"]), (201, &json!("Europe/Berlin")), "{}", made.body);
    for (member, value, code) in
        [("locale", "fr", "locale-not-offered"), ("timezone", "Berlin", "timezone-unknown"), ("timezone", "", "timezone-unknown")]
    {
        let refused = app.call(Method::PUT, &path, Some(json!({member: value}))).await;
        let error = &refused.body["errors"][0];
        assert_eq!((refused.status, &error["field"], &error["code"]), (422, &json!(member), &json!(code)), "{}", refused.body);
    }
    let refused = app.create(json!({"title": "Council", "locale": "fr"})).await;
    let offered = "locale must be one of the languages that there is a translation for: de, en";
    assert_eq!((refused.status, refused.body["detail"].as_str()), (422, Some(offered)));
    let changed = app.call(Method::PUT, &path, Some(json!({"timezone": "America/St_Johns"}))).await;
    assert_eq!((changed.status, &changed.body["timezone"]), (200, &json!("America/St_Johns")), "{}", changed.body);
    let told = app.told().await;
    let event = json!({"event_type": "election_updated", "details": {"changed": ["timezone"]}});
    assert_eq!(told.last().unwrap()["kind"], event);
    assert_eq!(app.post(&format!("{path}/activate")).await.status, 200);
    let frozen = app.call(Method::PUT, &path, Some(json!({"timezone": "UTC"}))).await;
    assert_eq!((frozen.status, &frozen.body["code"]), (409, &json!("election-frozen")));
}

#[actix_web::test]
async fn an_election_that_names_no_time_zone_has_that_of_the_installation() {
    let app = App::idle_in("Asia/Kathmandu").await;
    assert_eq!(app.create(titled("Council")).await.body["timezone"], "Asia/Kathmandu");
}

#[actix_web::test]
async fn a_list_in_the_place_of_an_object_is_refused_also_inside() {
    let app = App::idle().await;
    for body in [json!(["Council"]), json!({"title": "Council", "contests": [[null, "President"]]})] {
        let refused = app.create(body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains("must be an object"), "{}", refused.body);
    }
    let refused = app.create(titled("Coun\u{0}cil")).await;
    assert!(refused.status == 422 && refused.body["detail"].as_str().unwrap().contains("U+0000"), "{}", refused.body);
    assert_eq!(app.get("/api/elections?title=%00").await.status, 422);
}

/// What a rule puts on the ballot itself comes and goes with the rule, and a motion has a text and nobody who stands.
#[actix_web::test]
async fn options_and_none_of_the_above_come_and_go_with_the_rule() {
    let app = App::idle().await;
    let motion = json!({"title": "Fee", "rule": {"method": "motion"}, "text": "The fee is 5."});
    let ranked = json!({"title": "President", "rule": {"method": "irv", "none_of_the_above": "vacant_seat"}});
    let made = app.create(json!({"title": "Council", "contests": [motion, ranked]})).await.body;
    let candidates = async || -> Vec<(String, String)> {
        let sql = "SELECT name, standing FROM candidates ORDER BY contest_id, display_order";
        app.owner.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let options = [("Yes", "option"), ("No", "option"), ("Abstain", "option")];
    assert_eq!(candidates().await, of(&[&options[..], &[("None of the above", "none_of_the_above")]].concat()));

    let path = format!("/api/elections/{}", made["election_id"]);
    let (fee, president) = (&made["contests"][0]["contest_id"], &made["contests"][1]["contest_id"]);
    let motion =
        json!({"contest_id": fee, "title": "Fee", "rule": {"method": "motion", "passes": "two_thirds"}, "text": "The fee is 6."});
    let plain = json!({"contest_id": president, "title": "President", "rule": {"method": "irv"}});
    let changed = app.call(Method::PUT, &path, Some(json!({"contests": [&motion, &plain]}))).await;
    assert_eq!((changed.status, &changed.body["contests"][0]["text"]), (200, &json!("The fee is 6.")), "{}", changed.body);
    assert_eq!(candidates().await, of(&options));

    let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order) VALUES ($1, $2, 'Ann', 1)";
    app.owner.execute(sql, &[&made["election_id"].as_i64().unwrap(), &president.as_i64().unwrap()]).await.unwrap();
    let second =
        json!({"contest_id": president, "title": "President", "rule": {"method": "motion"}, "text": "Ann is president."});
    let refused = app.call(Method::PUT, &path, Some(json!({"contests": [motion, second]}))).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("contests[1].rule")), "{}", refused.body);
    assert_eq!(refused.body["errors"][0]["code"], "contest-has-candidates");
}

#[actix_web::test]
async fn a_question_whose_title_is_mended_stays_what_it_was() {
    let app = App::idle().await;
    let rule = json!({"method": "scottish_stv", "seats": 3});
    let board = json!({"title": "Baord", "rule": rule, "ballot_order": "rotated"});
    let fee = json!({"title": "Fee", "text": "The fee is 5.", "rule": {"method": "motion"}});
    let made = app.create(json!({"title": "Council", "contests": [board, fee]})).await.body;
    let id = |index: usize| made["contests"][index]["contest_id"].clone();
    let path = format!("/api/elections/{}", made["election_id"]);
    let mended = json!({"contests": [{"contest_id": id(0), "title": "Board"}, {"contest_id": id(1), "title": "The fee"}]});
    let changed = app.call(Method::PUT, &path, Some(mended)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    for (index, title) in [(0, "Board"), (1, "The fee")] {
        let mut expected = made["contests"][index].clone();
        expected["title"] = json!(title);
        assert_eq!(changed.body["contests"][index], expected);
    }
    // Another rule takes the text of the motion away.
    let plain = json!({"contests": [{"contest_id": id(1), "title": "The fee", "rule": {"method": "plurality"}}]});
    let changed = app.call(Method::PUT, &path, Some(plain)).await;
    assert_eq!((changed.status, &changed.body["contests"][0]["text"]), (200, &json!(null)), "{}", changed.body);
}

#[actix_web::test]
async fn an_account_has_so_many_drafts_and_no_more() {
    let app = App::idle().await;
    let first = app.create(json!({"title": "Council"})).await.body["election_id"].clone();
    let fill =
        "INSERT INTO elections (admin_id, title) SELECT e.admin_id, 'Draft ' || n FROM elections e, generate_series(1, 499) n";
    // Without the triggers, which would make tables for each.
    let superuser = app.database.connect(SUPERUSER).await;
    superuser.batch_execute(&format!("SET session_replication_role = replica; {fill}")).await.unwrap();
    let refused = app.create(json!({"title": "One more"})).await;
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("too-many-drafts")), "{}", refused.body);
    assert_eq!(app.call(Method::DELETE, &format!("/api/elections/{first}"), None).await.status, 204);
    assert_eq!(app.create(json!({"title": "One more"})).await.status, 201);
}
