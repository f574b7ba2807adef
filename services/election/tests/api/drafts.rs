//! Making, changing and deleting an election.

use identity::Role;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::given;

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
    let expected = json!({"contest_id": 0, "title": "Student Council 2026", "method": "plurality", "seats": 1, "min": 1, "max": 1,
        "blank": true, "tie_rule": "declare"});
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
    let body =
        json!({"title": "Club", "contests": [{"title": "President"}, {"title": "Board", "seats": 3, "min": 0, "blank": false}]});
    let made = app.create(body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let titles: Vec<_> = made.body["contests"].as_array().unwrap().iter().map(|contest| contest["title"].clone()).collect();
    assert_eq!(titles, ["President", "Board"]);
    assert_eq!(made.body["contests"][1]["max"], 3);
}

#[actix_web::test]
async fn everything_wrong_is_named_at_once_and_what_is_not_offered_says_what_is() {
    let app = App::idle().await;
    let refused = app
        .create(json!({"title": "  ", "profile": "both", "publish": "later", "opens_at": "2030-01-02T00:00:00Z",
            "closes_at": "2030-01-01T00:00:00Z", "contests": [
                {"title": "a\nb", "method": "borda", "tie_rule": "coin"}, {"title": "c", "seats": 2, "max": 3}, {"title": "d", "contest_id": 1}]}))
        .await;
    assert_eq!(refused.status, 422);
    let errors = refused.body["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    let expected = [
        "title",
        "profile",
        "publish",
        "contests[0].title",
        "contests[0].tie_rule",
        "contests[0].method",
        "contests[1].max",
        "contests[2].contest_id",
        "closes_at",
    ];
    assert_eq!(fields, expected);
    assert_eq!(errors[1]["message"], "must be one of: simple");
    assert_eq!(errors[2]["message"], "must be one of: together, manual");
    assert_eq!(errors[4]["message"], "must be one of: declare, lot");
    assert_eq!(errors[5]["message"], "must be one of: plurality, approval");
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
    let contests = json!({"contests": [{"title": "Board", "seats": 2}, {"contest_id": election.contest_id, "title": "Chair"}]});
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
    let board =
        json!({"title": "Board", "method": "approval", "seats": 3, "min": 2, "max": 5, "blank": false, "tie_rule": "lot"});
    let president = json!({"title": "President", "tie_rule": "lot"});
    let made = app.create(json!({"title": "Council", "publish": "manual", "contests": [president, board]})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["publish"], "manual");
    let contests = made.body["contests"].as_array().unwrap();
    let rule = |contest: &Value, fields: &[&str]| fields.iter().map(|field| contest[*field].clone()).collect::<Vec<_>>();
    let fields = ["method", "seats", "min", "max", "blank", "tie_rule"];
    assert_eq!(json!(rule(&contests[0], &fields)), json!(["plurality", 1, 1, 1, true, "lot"]));
    assert_eq!(json!(rule(&contests[1], &fields)), json!(["approval", 3, 2, 5, false, "lot"]));

    // The limit of an approval contest is taken away again by naming none.
    let path = format!("/api/elections/{}", made.body["election_id"]);
    let unlimited = json!({"contest_id": contests[1]["contest_id"], "title": "Board", "method": "approval", "seats": 3});
    let changed = app.call(Method::PUT, &path, Some(json!({"contests": [contests[0].clone(), unlimited]}))).await;
    assert_eq!((changed.status, &changed.body["contests"][1]["max"]), (200, &json!(null)));
    assert_eq!(changed.body["contests"][0]["contest_id"], contests[0]["contest_id"]);
    for bad in [json!({"method": "approval", "min": 3, "max": 2}), json!({"seats": 2, "max": 3}), json!({"method": ""})] {
        let mut contest = bad;
        contest["title"] = json!("Board");
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
async fn a_list_in_the_place_of_an_object_is_refused_also_inside() {
    let app = App::idle().await;
    for body in [json!(["Council"]), json!({"title": "Council", "contests": [[null, "President"]]})] {
        let refused = app.create(body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains("an object is expected"), "{}", refused.body);
    }
    let refused = app.create(titled("Coun\u{0}cil")).await;
    assert!(refused.status == 422 && refused.body["detail"].as_str().unwrap().contains("U+0000"), "{}", refused.body);
    assert_eq!(app.get("/api/elections?title=%00").await.status, 422);
}

#[actix_web::test]
async fn a_draft_whose_largest_ballot_fits_no_request_is_refused() {
    let app = App::idle().await;
    for seats in [json!([542]), json!([300, 300]), json!([1000])] {
        let contests: Vec<_> = seats.as_array().unwrap().iter().map(|seats| json!({"title": "Board", "seats": seats})).collect();
        let refused = app.create(json!({"title": "x", "contests": contests})).await;
        assert_eq!(refused.status, 422, "{seats}");
        assert!(refused.body["detail"].as_str().unwrap().contains("a ballot of 16 kB"), "{}", refused.body);
    }
    assert_eq!(app.create(json!({"title": "x", "contests": [{"title": "Board", "seats": 541}]})).await.status, 201);
}
