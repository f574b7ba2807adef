use serde_json::{Value, json};
use testkit::given;

use crate::app::App;

#[actix_web::test]
async fn a_candidate_is_added_changed_listed_and_removed() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let new = json!({ "election_id": election.election_id, "name": " Dan Brown ", "description": "About Dan" });
    let dan = app.post(&admin, "/api/admin/candidates", new).await.expect(201);
    assert_eq!((dan["name"].as_str(), dan["display_order"].as_i64()), (Some("Dan Brown"), Some(4)));
    assert_eq!(dan["contest_id"], election.contest_id);
    assert_eq!(dan["photo_url"], Value::Null);

    let one = format!("/api/admin/candidates/{}", dan["candidate_id"]);
    let changed = app
        .call(&admin, "PUT", &one, Some(json!({ "name": "Daniel Brown", "description": "Updated", "display_order": 0 })))
        .await;
    assert_eq!(changed.expect(200)["description"], "Updated");
    let kept = app.call(&admin, "PUT", &one, Some(json!({ "description": "" }))).await.expect(200);
    assert_eq!((kept["name"].as_str(), kept["description"].as_str()), (Some("Daniel Brown"), None));

    let list = app.get(&admin, &format!("/api/admin/candidates?election_id={}", election.election_id)).await.expect(200);
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Daniel Brown", "Alice Johnson", "Bob Smith", "Carol White"]);

    assert_eq!(app.call(&admin, "DELETE", &one, None).await.status, 204);
    app.call(&admin, "DELETE", &one, None).await.refused(404, "not-found");
    assert_eq!(app.event_types().await, ["candidate_added", "candidate_updated", "candidate_updated", "candidate_removed"]);
    assert_eq!(app.events().await[0]["ip_address"], "192.0.2.7");
}

#[actix_web::test]
async fn candidates_are_frozen_by_activation_and_the_refusal_names_the_rule() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    given::activate(&app.owner, election.election_id, "simple").await;
    let one = format!("/api/admin/candidates/{}", election.candidate_ids[0]);
    let new = json!({ "election_id": election.election_id, "name": "Late" });
    let refused = app.post(&admin, "/api/admin/candidates", new).await.refused(409, "state-conflict");
    assert!(refused.contains("frozen"), "{refused}");
    app.call(&admin, "PUT", &one, Some(json!({ "name": "Other" }))).await.refused(409, "state-conflict");
    app.call(&admin, "DELETE", &one, None).await.refused(409, "state-conflict");
    assert_eq!(app.number("SELECT count(*) FROM candidates").await, 3);
    assert!(app.events().await.is_empty());
}

#[actix_web::test]
async fn a_change_that_crosses_an_activation_waits_for_it_and_is_refused() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    app.sql("BEGIN").await;
    given::activate(&app.owner, election.election_id, "simple").await;
    let removal = format!("/api/admin/candidates/{}", election.candidate_ids[0]);
    let (refused, ()) = futures_util::join!(app.call(&admin, "DELETE", &removal, None), async {
        app.somebody_waits().await;
        app.sql("COMMIT").await;
    });
    refused.refused(409, "state-conflict");
    assert_eq!(app.number("SELECT count(*) FROM candidates").await, 3);
}

#[actix_web::test]
async fn two_candidates_of_one_name_cannot_stand_in_one_contest() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let new = json!({ "election_id": election.election_id, "name": "alice JOHNSON" });
    app.post(&admin, "/api/admin/candidates", new).await.refused(409, "already-exists");
    let bob = format!("/api/admin/candidates/{}", election.candidate_ids[1]);
    app.call(&admin, "PUT", &bob, Some(json!({ "name": "Alice Johnson" }))).await.refused(409, "already-exists");
    app.call(&admin, "PUT", &bob, Some(json!({ "name": "BOB SMITH" }))).await.expect(200);
}

#[actix_web::test]
async fn a_contest_is_the_first_unless_told_and_never_another_elections() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let (_, other) = app.a_draft().await;
    let sql = format!(
        "INSERT INTO contests (election_id, title, rule, display_order) VALUES ({}, 'Treasurer', '{{\"method\": \"plurality\"}}', 2) RETURNING contest_id",
        election.election_id
    );
    let treasurer = app.number(&sql).await;
    let new = |contest_id: Option<i64>| json!({ "election_id": election.election_id, "name": "Erin", "contest_id": contest_id });
    assert_eq!(app.post(&admin, "/api/admin/candidates", new(None)).await.expect(201)["contest_id"], election.contest_id);
    let second = app.post(&admin, "/api/admin/candidates", new(Some(treasurer))).await.expect(201);
    assert_eq!((second["contest_id"].as_i64(), second["display_order"].as_i64()), (Some(treasurer), Some(1)));
    app.post(&admin, "/api/admin/candidates", new(Some(other.contest_id))).await.refuses_field("contest_id");
}

#[actix_web::test]
async fn what_cannot_stand_on_a_ballot_is_refused_by_field() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let with = |name: &str, description: &str, order: i64| json!({ "election_id": election.election_id, "name": name, "description": description, "display_order": order });
    let long = "x".repeat(256);
    for (name, field) in [("", "name"), ("  ", "name"), (long.as_str(), "name"), ("a\nb", "name"), ("a\u{202e}b", "name")] {
        app.post(&admin, "/api/admin/candidates", with(name, "", 1)).await.refuses_field(field);
    }
    // One who is not to be told from Alice Johnson, and one whom nobody sees.
    for name in ["Alice\u{200b} Johnson", "\u{200d}", "a\u{2028}b"] {
        app.post(&admin, "/api/admin/candidates", with(name, "", 1)).await.refuses_field("name");
    }
    app.post(&admin, "/api/admin/candidates", with("Dan", &"x".repeat(10_001), 1)).await.refuses_field("description");
    let long = "x".repeat(10_001);
    for (field, wrong) in [
        ("party", "x".repeat(256).as_str()),
        ("party", "two\nlines"),
        ("party", "Open\u{200b} List"),
        ("vision", long.as_str()),
        ("vision", "a\u{202e}b"),
        ("programme", long.as_str()),
        ("programme", "a\0b"),
    ] {
        let new = json!({ "election_id": election.election_id, "name": "Dan", field: wrong });
        app.post(&admin, "/api/admin/candidates", new).await.refuses_field(field);
    }
    app.post(&admin, "/api/admin/candidates", with("Dan", "", -1)).await.refuses_field("display_order");
    app.post(&admin, "/api/admin/candidates", with("Dan", "", 1 << 40)).await.refused(422, "invalid-input");
    let photo = json!({ "election_id": election.election_id, "name": "Dan", "photo_url": "https://elsewhere.example/track.gif" });
    assert!(app.post(&admin, "/api/admin/candidates", photo).await.refused(422, "invalid-input").contains("photo_url"));
    app.post(&admin, "/api/admin/candidates", json!({ "name": "Dan" })).await.refused(422, "invalid-input");
    app.post_raw(&admin, "/api/admin/candidates", "application/json", "{").await.refused(400, "malformed-request");
    app.post_raw(&admin, "/api/admin/candidates", "text/plain", "{}").await.refused(415, "unsupported-media-type");
    app.get(&admin, "/api/admin/candidates").await.refused(400, "malformed-request");
    app.call(&admin, "PUT", "/api/admin/candidates/abc", Some(json!({}))).await.refused(404, "not-found");
    app.call(&admin, "PUT", "/api/admin/candidates", None).await.refused(405, "method-not-allowed");
    app.post(&admin, "/api/admin/candidates", with("Dan \u{1f600} O'Neil; DROP TABLE candidates", "two\nlines", 1))
        .await
        .expect(201);
}

#[actix_web::test]
async fn what_a_rule_puts_on_the_ballot_is_not_for_the_organiser_to_change() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order, standing) \
               SELECT election_id, contest_id, 'None of the above', 2000000, 'none_of_the_above' FROM contests RETURNING candidate_id";
    let none = app.number(sql).await;
    let one = format!("/api/admin/candidates/{none}");
    app.call(&admin, "PUT", &one, Some(json!({ "name": "Nobody" }))).await.refused(409, "state-conflict");
    app.call(&admin, "DELETE", &one, None).await.refused(409, "state-conflict");
    let new = json!({ "election_id": election.election_id, "name": "Dan Brown" });
    let dan = app.post(&admin, "/api/admin/candidates", new.clone()).await.expect(201);
    assert_eq!((&dan["display_order"], &dan["standing"]), (&json!(4), &json!("stands")), "before what the rule put there");
    app.sql("UPDATE contests SET rule = '{\"method\": \"motion\"}', text = 'The fee is 5.'").await;
    app.post(&admin, "/api/admin/candidates", new).await.refused(409, "state-conflict");
}

#[actix_web::test]
async fn everything_that_is_said_of_a_candidate_is_stored_changed_and_taken_away_again() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let members = ["party", "description", "vision", "programme", "link"];
    let mut new = json!({ "election_id": election.election_id, "name": "Dan", "party": " Open List ", "description": "Short", "vision": "Far\naway",
        "programme": "1. Buses", "link": " https://example.org/dan " });
    let dan = app.post(&admin, "/api/admin/candidates", new.clone()).await.expect(201);
    let said = |dan: &Value| members.map(|member| dan[member].as_str().unwrap_or("-").to_owned());
    assert_eq!(said(&dan), ["Open List", "Short", "Far\naway", "1. Buses", "https://example.org/dan"]);
    let one = format!("/api/admin/candidates/{}", dan["candidate_id"]);
    let changed = app.call(&admin, "PUT", &one, Some(json!({ "vision": "Near" }))).await.expect(200);
    assert_eq!(said(&changed), ["Open List", "Short", "Near", "1. Buses", "https://example.org/dan"], "what is absent stays");
    let nothing = json!({ "party": "", "description": " ", "vision": "", "programme": "\n", "link": "" });
    let emptied = app.call(&admin, "PUT", &one, Some(nothing)).await.expect(200);
    assert_eq!(said(&emptied), ["-"; 5]);
    // The longest that may be, every character of it escaped on the way.
    let longest = "\u{1f600}".repeat(10_000);
    (new["name"], new["vision"], new["programme"], new["description"]) =
        (json!("Eve"), json!(longest), json!(longest), json!(longest));
    assert_eq!(app.post(&admin, "/api/admin/candidates", new).await.expect(201)["programme"], longest);
}

#[actix_web::test]
async fn a_link_leads_to_a_web_page_and_runs_nothing() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let with = |link: &str| json!({ "election_id": election.election_id, "name": format!("Dan {link}").chars().take(80).collect::<String>(), "link": link });
    for link in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org",
        "//example.org",
        "https://",
        "http:///",
        "https://example.org@evil.example/",
        "https://user:secret@example.org/",
        "mailto:dan@example.org",
    ] {
        app.post(&admin, "/api/admin/candidates", with(link)).await.refuses_field("link");
    }
    app.post(&admin, "/api/admin/candidates", with(&format!("https://example.org/{}", "x".repeat(2000))))
        .await
        .refuses_field("link");
    for (typed, stored) in [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org/a b?c=\"d\"", "https://example.org/a%20b?c=%22d%22"),
        ("java\nscript://example.org", "-"),
        ("https://exa\tmple.org/x", "https://example.org/x"),
    ] {
        let answer = app.post(&admin, "/api/admin/candidates", with(typed).clone()).await;
        if stored == "-" || typed.contains('\t') {
            assert_ne!(answer.status, 500);
            assert!(answer.status == 422 || answer.body["link"] == stored, "{typed}: {}", answer.text);
        } else {
            assert_eq!(answer.expect(201)["link"], stored);
        }
    }
}

/// The names in ballot order.
async fn order(app: &App, admin: &crate::app::Admin, election_id: i64) -> Vec<String> {
    let list = app.get(admin, &format!("/api/admin/candidates?election_id={election_id}")).await.expect(200);
    list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn who_is_moved_gets_the_place_and_the_others_make_room() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    let sql = "INSERT INTO candidates (election_id, contest_id, name, display_order, standing) \
               SELECT election_id, contest_id, 'None of the above', 2000000, 'none_of_the_above' FROM contests RETURNING candidate_id";
    let none = app.number(sql).await;
    let [alice, bob, carol] = <[i64; 3]>::try_from(election.candidate_ids.clone()).unwrap();
    let put = async |candidate: i64, body: Value| {
        app.call(&admin, "PUT", &format!("/api/admin/candidates/{candidate}"), Some(body)).await
    };
    assert_eq!(put(carol, json!({ "position": 1 })).await.expect(200)["display_order"], 1);
    assert_eq!(
        order(&app, &admin, election.election_id).await,
        ["Carol White", "Alice Johnson", "Bob Smith", "None of the above"]
    );
    put(carol, json!({ "position": 2 })).await.expect(200);
    put(carol, json!({ "position": 2, "party": "Open" })).await.expect(200);
    assert_eq!(
        order(&app, &admin, election.election_id).await,
        ["Alice Johnson", "Carol White", "Bob Smith", "None of the above"]
    );
    put(alice, json!({ "position": 900 })).await.expect(200);
    assert_eq!(order(&app, &admin, election.election_id).await[2], "Alice Johnson", "behind the last is the last");
    put(bob, json!({ "position": 0 })).await.refuses_field("position");
    put(bob, json!({ "position": -1 })).await.refused(422, "invalid-input");
    put(bob, json!({ "position": 1, "display_order": 1 })).await.refuses_field("position");
    put(none, json!({ "position": 1 })).await.refused(409, "state-conflict");
    let (other, _) = app.a_draft().await;
    app.call(&other, "PUT", &format!("/api/admin/candidates/{bob}"), Some(json!({ "position": 1 })))
        .await
        .refused(404, "not-found");
    // Two at once wait for each other, and neither is lost.
    for _ in 0..10 {
        let (first, second) = futures_util::join!(put(alice, json!({ "position": 1 })), put(bob, json!({ "position": 1 })));
        assert_eq!((first.status, second.status), (200, 200), "{} {}", first.text, second.text);
        let mut names = order(&app, &admin, election.election_id).await;
        names.sort();
        assert_eq!(names.len(), 4);
    }
    given::activate(&app.owner, election.election_id, "simple").await;
    put(bob, json!({ "position": 1 })).await.refused(409, "state-conflict");
}

#[actix_web::test]
async fn an_order_is_drawn_by_lot_and_anybody_can_draw_it_again() {
    let app = App::start().await;
    let (admin, election) = app.a_draft().await;
    for name in ["Dan", "Eve", "Fay", "Gus", "Hal"] {
        app.post(&admin, "/api/admin/candidates", json!({ "election_id": election.election_id, "name": name })).await.expect(201);
    }
    let path = format!("/api/admin/elections/{}/draw-order", election.election_id);
    let drawn = app.post(&admin, &path, json!({ "contest_id": election.contest_id })).await.expect(200);
    // With the seed and the numbers alone, as the API documents it.
    let sql =
        "SELECT string_agg(candidate_id::text, ',' ORDER BY sha256(decode($1, 'hex') || int8send(candidate_id))) FROM candidates";
    let again: String = app.owner.query_one(sql, &[&drawn["seed"].as_str().unwrap()]).await.unwrap().get(0);
    let listed = app.get(&admin, &format!("/api/admin/candidates?election_id={}", election.election_id)).await.expect(200);
    let listed: Vec<String> = listed["items"].as_array().unwrap().iter().map(|one| one["candidate_id"].to_string()).collect();
    assert_eq!(again, listed.join(","));
    let said: Vec<String> = drawn["candidates"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(said, listed);
    let event = app.events().await.pop().unwrap();
    assert_eq!(event["kind"]["event_type"], "candidates_drawn");
    assert_eq!(
        (&event["kind"]["details"]["seed"], &event["kind"]["details"]["candidates"]),
        (&drawn["seed"], &drawn["candidates"])
    );
    let second = app.post(&admin, &path, json!({ "contest_id": election.contest_id })).await.expect(200);
    assert_ne!(second["seed"], drawn["seed"]);
    assert_eq!(app.event_types().await.iter().filter(|kind| *kind == "candidates_drawn").count(), 2, "every draw is logged");

    let (other, theirs) = app.a_draft().await;
    app.post(&other, &path, json!({ "contest_id": election.contest_id })).await.refused(404, "not-found");
    app.post(&admin, &path, json!({ "contest_id": theirs.contest_id })).await.refuses_field("contest_id");
    app.sql("UPDATE contests SET rule = '{\"method\": \"motion\"}', text = 'The fee is 5.'").await;
    app.post(&admin, &path, json!({ "contest_id": election.contest_id })).await.refused(409, "state-conflict");
    given::activate(&app.owner, theirs.election_id, "simple").await;
    let theirs_path = format!("/api/admin/elections/{}/draw-order", theirs.election_id);
    let frozen = app.post(&other, &theirs_path, json!({ "contest_id": theirs.contest_id })).await.refused(409, "state-conflict");
    assert!(frozen.contains("frozen"), "{frozen}");
}
