//! Stands in for the gateway's internal listener, with the API's example answers. Tokens say what they lead to.

use std::sync::{Arc, Mutex, OnceLock};

use actix_web::web::{self, Data, Json, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use contract::voting::{CastVote, LinkQuery, LinkRequest, StopReminders};
use serde_json::{Value, json};

type Asked = Arc<Mutex<Vec<String>>>;

pub(crate) fn start(asked: Asked) -> String {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(asked.clone()))
            .service(web::resource("/api/voting/validate-token").get(validate))
            .service(web::resource("/api/voting/ballot").get(ballot))
            .service(web::resource("/api/voting/cast-vote").post(cast))
            .service(web::resource("/api/voting/request-link").post(request_link))
            .service(web::resource("/api/voting/stop-reminders").post(stop_reminders))
            .service(web::resource("/api/elections/{id}/manifest").get(manifest))
            .service(web::resource("/api/results/{id}").get(results))
            .service(web::resource("/api/audit/head").get(audit_head))
            .service(web::resource("/services/{name}/{page}").get(service))
    })
    .workers(1)
    .bind("127.0.0.1:0")
    .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    url
}

fn note(asked: &Asked, request: &HttpRequest) {
    asked.lock().unwrap().push(format!("{} {}", request.method(), request.path()));
}

fn problem(status: u16, slug: &str, title: &str, detail: &str) -> HttpResponse {
    let body = json!({ "type": format!("/problems/{slug}"), "title": title, "status": status, "detail": detail });
    HttpResponse::build(status.try_into().unwrap()).content_type("application/problem+json").body(body.to_string())
}

fn refused_link(token: &str) -> Option<Value> {
    match token {
        "used" => Some(
            json!({ "valid": false, "error": "This voting link has already been used", "has_voted": true, "spent_code": "00112233445566778899aabbccddeeff" }),
        ),
        "expired" => Some(json!({ "valid": false, "error": "This voting link has expired", "election_id": 5 })),
        "open" | "early" | "halted" | "verified" | "script" | "several" | "families" | "elsewhere" => None,
        _ => Some(json!({ "valid": false, "error": "This is not a complete voting link" })),
    }
}

async fn validate(asked: Data<Asked>, request: HttpRequest, link: Query<LinkQuery>) -> HttpResponse {
    note(&asked, &request);
    let halted = link.token == "halted";
    let valid = json!({
        "valid": true, "election_id": 5, "election_title": title(&link.token), "voter_email": "a***@example.com",
        "expires_at": "2026-02-18T23:59:59Z", "has_voted": false, "voting_open": link.token != "early" && !halted,
        "error": halted.then_some("Voting in this election is halted. Your link is not used"),
        "opens_at": "2026-02-12T08:00:00Z", "spent_code": "00112233445566778899aabbccddeeff",
    });
    HttpResponse::Ok().json(refused_link(&link.token).unwrap_or(valid))
}

fn title(token: &str) -> &'static str {
    if token == "script" { "<script>alert(1)</script>" } else { "Student Council 2026" }
}

async fn ballot(asked: Data<Asked>, request: HttpRequest, link: Query<LinkQuery>) -> HttpResponse {
    note(&asked, &request);
    if let Some(refused) = refused_link(&link.token) {
        return HttpResponse::Ok().json(refused);
    }
    let bob = if link.token == "script" { "\"><script>alert(2)</script>" } else { "Bob Smith" };
    let candidates = json!([
        { "candidate_id": 1, "name": "Alice Johnson", "description": "Experienced leader...\n\nAnd a listener.", "party": "Open List", "vision": "A council that listens", "programme": "1. Later buses\n2. Longer opening hours", "link": "https://alice.example.org/?a=1&b=<2>", "photo_url": "/uploads/alice.jpg", "thumbnail_url": "/uploads/alice-small.jpg", "programme_file_url": "/uploads/alice.pdf", "standing": "stands" },
        { "candidate_id": 2, "name": bob, "description": "Passionate advocate...", "link": "javascript:alert(1)", "photo_url": "https://tracker.example/bob.jpg", "thumbnail_url": "https://tracker.example/bob-small.jpg", "programme_file_url": "//tracker.example/bob.pdf", "standing": "stands" },
    ]);
    let mut contests = vec![contest(7, "President", json!({ "method": "plurality" }), &candidates)];
    if link.token == "several" {
        contests.push(contest(8, "Committee", json!({ "method": "plurality", "seats": 2 }), &candidates));
    }
    if link.token == "families" {
        let mut withdrawn = candidates.clone();
        withdrawn[1]["standing"] = json!("withdrawn");
        contests.push(contest(8, "Chair", json!({ "method": "irv" }), &withdrawn));
        contests.push(contest(9, "Prize", json!({ "method": "score", "top": 10 }), &candidates));
        contests.push(contest(
            10,
            "Board",
            json!({ "method": "cumulative", "seats": 2, "votes": 4, "most_for_one": 3 }),
            &candidates,
        ));
        let option = |id: i64, name: &str| json!({ "candidate_id": id, "name": name, "description": null, "photo_url": null, "standing": "option" });
        let options = json!([option(21, "Yes"), option(22, "No"), option(23, "Abstain")]);
        let mut motion = contest(11, "Fee", json!({ "method": "motion" }), &options);
        motion["text"] = json!("The fee is 5 a month.\nIt begins in <January>.");
        contests.push(motion);
    }
    HttpResponse::Ok().json(json!({
        "election_id": 5, "election_title": title(&link.token), "description": "Annual student council election",
        "candidates": candidates, "contests": contests, "manifest_hash": "00".repeat(32),
        "profile": if link.token == "verified" { "verified" } else { "simple" },
        "timezone": if link.token == "elsewhere" { "America/St_Johns" } else { "UTC" },
        "closes_at": "2026-02-18T18:00:00Z", "voting_open": !["early", "halted"].contains(&link.token.as_str()),
        "amendments": [{ "amendment_id": 1, "kind": "voter_added", "reason": "Forgotten by the registry", "voters": 2, "created_at": "2026-02-11T09:00:00Z" }],
    }))
}

fn contest(id: i64, title: &str, rule: Value, candidates: &Value) -> Value {
    let rule: counting::Rule = serde_json::from_value(rule).unwrap();
    json!({ "contest_id": id, "title": title, "rule": rule, "family": rule.family(), "sentence": domain::method_texts::sentence(&rule),
        "seats": rule.seats(), "ballot_order": "fixed", "blank": true, "candidates": candidates })
}

/// A count of the real counting, so that the page is of what is really told.
fn counted(contest_id: i64, title: &str, rule: Value, names: &[(i64, &str)], ballots: &[(&[u16], u64)]) -> Value {
    let rule: counting::Rule = serde_json::from_value(rule).unwrap();
    let candidates = names.iter().map(|(id, _)| counting::Candidate::new(*id)).collect();
    let lots = counting::Lots::Seed(counting::Seed([7; 32]));
    let mut count =
        counting::Tabulation::begin(counting::Contest { rule: rule.clone(), candidates, lots, roll: Some(250) }).unwrap();
    ballots.iter().for_each(|(numbers, times)| count.add(counting::Ballot::Numbers(numbers), *times).unwrap());
    let report = count.finish().unwrap();
    // As the results service does it: first preferences of rankings, and shares of what one candidate could get.
    let first_preferences = |at: usize| {
        let highest = |numbers: &[u16]| numbers.iter().copied().filter(|number| *number > 0).min();
        ballots
            .iter()
            .filter(|(numbers, _)| rule.judge(numbers).is_ok() && highest(numbers) == Some(numbers[at]))
            .map(|(_, times)| times)
            .sum::<u64>()
    };
    let most_for_one = if rule.family() == counting::Family::Scores { 5 } else { 1 };
    let line = |(at, (id, name)): (usize, &(i64, &str))| {
        let of = report.candidates.iter().find(|line| line.candidate == *id).unwrap();
        let total = || of.first.as_deref().and_then(|votes| votes.split('.').next()?.parse().ok()).unwrap_or(0);
        let votes = if rule.family() == counting::Family::Ranking { first_preferences(at) } else { total() };
        let percentage = f64::from(counting::percentage(votes, report.valid * most_for_one).get()) / 100.0;
        json!({ "candidate_id": id, "name": name, "photo_url": null, "vote_count": votes, "percentage": percentage,
            "is_winner": of.status == counting::Status::Elected, "tie": of.status == counting::Status::Tied })
    };
    let mut lines: Vec<Value> = names.iter().enumerate().map(line).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line["vote_count"].as_u64()));
    json!({ "contest_id": contest_id, "title": title, "rule": rule, "family": rule.family(), "sentence": domain::method_texts::sentence(&rule),
        "seats": rule.seats(), "valid": report.valid, "blank": report.blank, "invalid": report.invalid, "results": lines, "report": report })
}

async fn cast(asked: Data<Asked>, request: HttpRequest, body: Json<CastVote>) -> HttpResponse {
    note(&asked, &request);
    let key = request.headers().get("Idempotency-Key").unwrap().to_str().unwrap();
    assert!(key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
    asked.lock().unwrap().push(format!("{key} {}", json!(body.choices)));
    match body.token.as_str() {
        "used" => problem(409, "already-used", "A ballot was recorded with this link", "A ballot was recorded with this link; its receipt cannot be shown again."),
        "expired" => problem(410, "link-expired", "This voting link has expired", "This voting link has expired. Ask the organiser to send you a new one"),
        "several" => {
            let (field, message) = ("choices.8", "has more marks than the 2 that this contest takes");
            let body = json!({ "type": "/problems/invalid-input", "title": "Some of the input cannot be taken", "status": 422,
                "detail": format!("{field} {message}"), "errors": [{ "field": field, "message": message }] });
            HttpResponse::UnprocessableEntity().content_type("application/problem+json").body(body.to_string())
        }
        "lost" => HttpResponse::GatewayTimeout().finish(),
        _ => HttpResponse::Ok().json(json!({
            "success": true, "message": "Your vote has been recorded", "vote_hash": "a3".repeat(32), "receipt_code": "VOTE-3KQ7-ZX0M-9T2C-AB5D",
            "receipt": { "receipt_code": "VOTE-3KQ7-ZX0M-9T2C-AB5D", "digest": "a3".repeat(32), "election_id": 5, "signature": "c2lnbmF0dXJl" },
        })),
    }
}

/// One contest of each kind that is counted by rounds, and a motion.
pub(crate) fn by_rounds() -> Vec<Value> {
    let names = [(1, "Alice Johnson"), (2, "Bob Smith"), (3, "Carol White"), (4, "Dan Brown")];
    let ranked: [(&[u16], u64); 5] =
        [(&[1, 2, 0, 0], 40), (&[0, 1, 2, 0], 30), (&[0, 2, 1, 0], 20), (&[0, 0, 2, 1], 20), (&[1, 1, 0, 0], 3)];
    let stv = json!({ "method": "scottish_stv", "seats": 2 });
    let mut motion = counted(
        9,
        "Fee",
        json!({ "method": "motion", "quorum": { "at_least": "1/4" } }),
        &[(21, "Yes"), (22, "No"), (23, "Abstain")],
        &[(&[1, 0, 0], 60), (&[0, 1, 0], 40), (&[0, 0, 1], 13)],
    );
    motion["text"] = json!("The fee is 5 a month.");
    let schulze = json!({ "method": "schulze", "quorum": { "more_than": "1/2" } });
    vec![
        counted(7, "President", json!({ "method": "irv" }), &names, &ranked),
        counted(8, "Board", stv, &names, &ranked),
        motion,
        counted(10, "Date", schulze, &names, &ranked),
    ]
}

/// Counts whose winner is not who leads in the table of votes, or that give an order.
fn by_points_and_orders() -> Vec<Value> {
    let names = [(1, "Alice Johnson"), (2, "Bob Smith"), (3, "Carol White")];
    let ranked: [(&[u16], u64); 3] = [(&[1, 2, 3], 40), (&[3, 1, 2], 35), (&[3, 2, 1], 25)];
    let scored: [(&[u16], u64); 2] = [(&[6, 5, 1], 40), (&[1, 5, 3], 30)];
    vec![
        counted(7, "Treasurer", json!({ "method": "borda" }), &names, &ranked),
        counted(8, "Proposal", json!({ "method": "score" }), &names, &scored),
        counted(9, "President", json!({ "method": "star" }), &names, &scored),
        counted(10, "Date", json!({ "method": "schulze" }), &names, &ranked),
    ]
}

/// Two ballots with orders of their own between as many candidates as a ballot can have. Counted once, before a page waits for it.
pub(crate) fn of_many_candidates() -> Vec<Value> {
    static COUNTED: OnceLock<Vec<Value>> = OnceLock::new();
    COUNTED.get_or_init(count_many_candidates).clone()
}

fn count_many_candidates() -> Vec<Value> {
    let names: Vec<String> = (1..=470).map(|number| format!("Candidate {number}")).collect();
    let names: Vec<(i64, &str)> = (1..).zip(names.iter().map(String::as_str)).collect();
    let (straight, turned): (Vec<u16>, Vec<u16>) = ((1..=470).collect(), (1..=470).rev().collect());
    let ballots: [(&[u16], u64); 2] = [(&straight, 1), (&turned, 1)];
    let methods = ["irv", "ranked_pairs"];
    (7..).zip(methods).map(|(id, method)| counted(id, "Chair", json!({ "method": method }), &names, &ballots)).collect()
}

/// Ends of a count that have to be explained: nothing decided, nobody supported, a tie with nobody, Meek's factors, locked pairs.
fn of_special_ends() -> Vec<Value> {
    let options = [(1, "Yes"), (2, "No"), (3, "Abstain")];
    let three = [(1, "Alice Johnson"), (2, "Bob Smith"), (3, "Carol White")];
    let quorum = json!({ "method": "motion", "quorum": { "at_least": "1/2" } });
    let circle: [(&[u16], u64); 3] = [(&[1, 2, 3], 40), (&[3, 1, 2], 35), (&[2, 3, 1], 25)];
    vec![
        counted(7, "Fee", quorum, &options, &[(&[1, 0, 0], 3)]),
        counted(8, "Board", json!({ "method": "scottish_stv", "seats": 3 }), &three, &[(&[1, 2, 0], 3)]),
        counted(9, "Chair", json!({ "method": "ranked_pairs" }), &three, &circle),
        counted(10, "Office", json!({ "method": "ranked_pairs" }), &three, &[(&[1, 2, 3], 1), (&[3, 1, 2], 1), (&[2, 3, 1], 1)]),
        counted(
            11,
            "Committee",
            json!({ "method": "meek_stv", "seats": 2 }),
            &three,
            &[(&[1, 2, 3], 60), (&[0, 1, 0], 20), (&[0, 0, 1], 25)],
        ),
    ]
}

async fn results(asked: Data<Asked>, request: HttpRequest, id: web::Path<u64>) -> HttpResponse {
    note(&asked, &request);
    let plurality = || json!({ "method": "plurality" });
    let (contests, ok) = match *id {
        // 9 is 5, checked long ago.
        5 | 9 => {
            let names = [(1, "Alice Johnson"), (2, "Bob Smith"), (3, "Carol White")];
            let ballots: [(&[u16], u64); 4] = [(&[0, 1, 0], 75), (&[1, 0, 0], 50), (&[0, 0, 1], 25), (&[0, 0, 0], 2)];
            (vec![counted(7, "President", plurality(), &names, &ballots)], true)
        }
        6 => {
            let ballots: [(&[u16], u64); 2] = [(&[0, 1], 5), (&[1, 0], 5)];
            (vec![counted(7, "President", plurality(), &[(2, "Bob <script>"), (1, "Alice Johnson")], &ballots)], false)
        }
        10 => (by_rounds(), true),
        11 => (by_points_and_orders(), true),
        12 => (of_many_candidates(), true),
        13 => (of_special_ends(), true),
        7 => {
            return problem(
                409,
                "results-not-published",
                "The results are not published yet",
                "The results are not published yet. Come back after the close",
            );
        }
        8 => {
            let detail = "The counting of this election has stopped, and its organiser was told";
            return problem(409, "count-stopped", "The counting has stopped", detail);
        }
        _ => return problem(404, "not-found", "There is nothing here", "There is no election with this number"),
    };
    HttpResponse::Ok().json(published(*id, &contests, ok))
}

/// A published result with these contests.
pub(crate) fn published(id: u64, contests: &[Value], ok: bool) -> Value {
    json!({
        "election_id": id, "election_title": "Student Council 2026", "status": "closed", "total_votes": 152, "results": contests[0]["results"],
        "contests": contests,
        "turnout": { "roll": 250, "voted": 152 }, "amendments": [],
        "counted_at": "2026-02-19T00:00:05Z",
        "integrity": {
            "ok": ok, "checked_at": "2026-02-19T14:00:05Z", "last_ok_at": "2026-02-19T13:00:05Z", "overdue": id == 9, "chain": { "ok": ok, "length": 152 }, "box": { "ok": true, "count": 152, "hash": "b0".repeat(32), "withdrawn_hash": "e3".repeat(32), "signature_ok": true },
            "participation": { "ok": ok, "spent_count": 152, "spent_hash": "5b".repeat(32), "roll": 250 },
            "ballots": { "opened": 152, "invalid": 0, "missing": 0, "wrong_digests": 0, "wrong_stamps": 0, "signature_ok": true },
            "reasons": if ok { vec![] } else { vec!["The chain breaks at ballot 17"] },
        },
    })
}

async fn service(asked: Data<Asked>, request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    note(&asked, &request);
    match (path.0.as_str(), path.1.as_str()) {
        ("results", _) => HttpResponse::BadGateway().finish(),
        ("email", "ready") => {
            problem(503, "unavailable", "The service cannot answer now", "email is not ready: the mail server does not answer")
        }
        (_, "ready") => HttpResponse::Ok().json(json!({ "status": "ready" })),
        ("auth", _) => HttpResponse::Ok().json(document()),
        _ => HttpResponse::Ok().json(json!({ "openapi": "3.1.0", "info": { "title": "x", "version": "1" }, "paths": {} })),
    }
}

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "U-Vote auth", "version": "1", "description": "Accounts of <organisers>." },
        "paths": { "/api/auth/login": { "post": {
            "tags": ["public"], "summary": "Gives a token for 24 hours.",
            "parameters": [{ "name": "lang", "in": "query", "required": false, "schema": { "type": "string", "enum": ["en", "de"] } }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/LoginRequest" } } } },
            "responses": {
                "200": { "description": "The token", "content": { "application/json": { "schema": { "type": "object", "properties": { "expires_in": { "type": "integer", "format": "int64", "example": 86400 } } } } } },
                "401": { "description": "`wrong-credentials`: which is not said", "content": { "application/problem+json": { "schema": {} } } },
            },
        } } },
        "components": { "schemas": { "LoginRequest": {
            "type": "object", "required": ["email"], "properties": { "email": { "type": "string", "description": "The address of the account." } },
        } } },
    })
}

/// For the page of result 6, which was asked for just before, signing has stopped.
async fn audit_head(asked: Data<Asked>) -> HttpResponse {
    let signing_stopped = asked.lock().unwrap().last().is_some_and(|last| last == "GET /api/results/6");
    let first_bad = signing_stopped.then(|| json!({ "log_id": 4000, "reason": "the entry is missing" }));
    HttpResponse::Ok().json(json!({
        "signing_stopped": signing_stopped, "verified_at": "2026-02-18T17:12:00Z", "verified_ok": !signing_stopped, "first_bad": first_bad,
        "head": { "last_id": 4711, "last_hash": "cd".repeat(32), "signed_at": "2026-02-18T18:00:05.123456Z", "signature": "c2lnbmF0dXJl" },
        "public_key": "-----BEGIN PUBLIC KEY-----",
    }))
}

async fn manifest(id: web::Path<i64>) -> HttpResponse {
    match *id {
        5 => HttpResponse::Ok().json(json!({ "title": "Student Council 2026" })),
        _ => problem(404, "not-found", "There is nothing here", "There is no election with this number"),
    }
}

fn invalid(field: &str, message: &str) -> HttpResponse {
    HttpResponse::UnprocessableEntity().content_type("application/problem+json").body(
        json!({
            "type": "/problems/invalid-input", "title": "Some of the input cannot be taken", "status": 422, "detail": "See errors",
            "errors": [{ "field": field, "message": message }],
        })
        .to_string(),
    )
}

async fn request_link(asked: Data<Asked>, request: HttpRequest, body: Json<LinkRequest>) -> HttpResponse {
    note(&asked, &request);
    asked.lock().unwrap().push(json!(*body).to_string());
    match body.student_id.as_str() {
        "full" => HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "30")).content_type("application/problem+json").body(
            json!({ "type": "/problems/unavailable", "title": "The service cannot answer now", "status": 503, "detail": "Too many requests are waiting" }).to_string(),
        ),
        "lost" => HttpResponse::GatewayTimeout().finish(),
        _ if !body.email.contains('@') => invalid("email", "is not a mail address of the form name@example.org"),
        _ => HttpResponse::Accepted().json(json!({ "message": "If they are on the roll, a mail is on its way" })),
    }
}

async fn stop_reminders(asked: Data<Asked>, request: HttpRequest, body: Json<StopReminders>) -> HttpResponse {
    note(&asked, &request);
    asked.lock().unwrap().push(json!(*body).to_string());
    HttpResponse::Accepted().json(json!({ "message": "If this code is of this election, its voter gets no more reminders" }))
}
