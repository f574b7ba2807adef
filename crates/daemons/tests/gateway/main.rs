//! The gateway's configuration, run by nginx in front of upstreams that echo what reaches them.
#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{Gateway, Listener::Internal, Listener::Public};

#[test]
fn each_path_reaches_its_service() {
    let gateway = Gateway::start(&[]);
    for (path, service) in [
        ("/", "frontend"),
        ("/vote?token=x", "frontend"),
        ("/results/5", "frontend"),
        ("/api/docs", "frontend"),
        ("/request-link/5", "frontend"),
        ("/stop-reminders?election_id=5&code=x", "frontend"),
        ("/register?invitation=x", "frontend"),
        ("/problems/not-found", "frontend"),
        ("/results/5/rounds.csv", "frontend"),
        ("/admin/elections/5/turnout", "frontend"),
        ("/api/auth/verify", "auth"),
        ("/api/elections", "election"),
        ("/api/elections/5", "election"),
        ("/api/voting/ballot?token=x", "voting"),
        ("/api/voting/request-link", "voting"),
        ("/api/voting/stop-reminders", "voting"),
        ("/api/results/5", "results"),
        ("/api/admin/voters", "admin"),
        ("/api/audit?election_id=5", "audit"),
        ("/api/audit/verify", "audit"),
        ("/api/email/openapi.json", "email"),
    ] {
        let answer = gateway.get(Public, path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.echo("service"), service, "{path}");
        assert_eq!(answer.echo("path"), path);
    }
}

#[test]
fn what_only_services_may_reach_is_not_public() {
    let gateway = Gateway::start(&[]);
    for path in [
        "/metrics",
        "/health",
        "/ready",
        "/internal/assert",
        "/internal",
        "/services/auth/health",
        "/_assert",
        "/_problem/404",
        "/api/email/send-voting-invitation",
        "/api//email/status/1",
        "/api/voting/../email/status/1",
        "/api/voting/..%2femail/status/1",
        "/api/audit/events",
        "/api/nothing",
    ] {
        let answer = gateway.get(Public, path);
        assert_eq!((answer.status, answer.kind().as_str()), (404, "not-found"), "{path}: {}", answer.body);
    }
    assert_eq!(gateway.get(Internal, "/services/audit/ready").echo("path"), "/ready");
    assert_eq!(gateway.get(Internal, "/services/audit/ready").echo("service"), "audit");
    assert_eq!(gateway.get(Internal, "/api/email/status/1").echo("service"), "email");
    assert_eq!(gateway.send(Internal, "POST /api/audit/events", &[], "{}").echo("service"), "audit");
    assert_eq!(gateway.get(Internal, "/internal/assert").status, 404);
}

#[test]
fn what_a_client_says_about_itself_is_replaced() {
    let gateway = Gateway::start(&[]);
    let claims = [
        "X-Uvote-Assertion: forged",
        "X-Uvote-Service: forged",
        "X-Uvote-Audience: forged",
        "X-Uvote-Client-Address: 9.9.9.9",
        "X-Forwarded-For: 9.9.9.9",
        "X-Real-IP: 9.9.9.9",
        "Forwarded: for=9.9.9.9",
        "Cookie: session=1",
        "Referer: http://here/vote?token=x",
    ];
    for path in ["/api/elections/5", "/api/voting/ballot", "/api/auth/login", "/api/results/5"] {
        let answer = gateway.send(Public, &format!("GET {path}"), &claims, "");
        assert!(!answer.body.contains("forged") && !answer.body.contains("9.9.9.9"), "{path}: {}", answer.body);
        assert!(!answer.body.contains("token=x"), "{path}: {}", answer.body);
        // Auth knows a device by its cookie (ADR 0021); nobody else gets one.
        assert_eq!(answer.body.contains("session=1"), path.starts_with("/api/auth/"), "{path}: {}", answer.body);
        assert_eq!(answer.echo("x-real-ip"), "127.0.0.1");
        assert_eq!(answer.echo("x-forwarded-for"), "127.0.0.1");
    }
    assert_eq!(gateway.send(Public, "GET /admin/login", &claims, "").echo("cookie"), "session=1");
    let inside = ["X-Uvote-Service: key", "X-Uvote-Client-Address: 9.9.9.9", "X-Uvote-Assertion: forged"];
    let answer = gateway.send(Internal, "GET /api/voting/ballot", &inside, "");
    assert_eq!((answer.echo("x-uvote-service"), answer.echo("x-real-ip")), ("key".to_owned(), "9.9.9.9".to_owned()));
    assert!(!answer.body.contains("forged"));
    assert_eq!(gateway.send(Internal, "GET /api/voting/ballot", &inside[1..], "").echo("x-real-ip"), "");
}

#[test]
fn a_client_that_names_no_host_is_answered() {
    let gateway = Gateway::start(&[]);
    let answer = gateway.raw(Public, "GET /api/results/5 HTTP/1.0\r\n\r\n");
    assert_eq!((answer.status, answer.echo("host").as_str()), (200, "gateway"));
}

#[test]
fn a_caller_is_asserted_for_the_service_it_goes_to() {
    let gateway = Gateway::start(&[]);
    for (path, audience) in [("elections", "election"), ("results/5", "results"), ("audit", "audit"), ("admin/voters", "admin")] {
        let good = gateway.send(Public, &format!("POST /api/{path}"), &["Authorization: Bearer good"], "{\"a\":1}");
        assert_eq!(good.echo("x-uvote-assertion"), format!("asserted for {audience}"));
        assert_eq!(good.echo("body"), "{\"a\":1}");
        let bad = gateway.send(Public, &format!("POST /api/{path}"), &["Authorization: Bearer bad"], "{}");
        assert_eq!((bad.status, bad.kind().as_str()), (401, "not-logged-in"));
        assert_eq!(gateway.get(Public, &format!("/api/{path}")).echo("x-uvote-assertion"), "");
    }
    assert_eq!(gateway.send(Public, "GET /api/auth/verify", &["Authorization: Bearer bad"], "").status, 200);
}

#[test]
fn without_auth_callers_get_503_and_voters_vote() {
    let gateway = Gateway::start(&["auth"]);
    let caller = gateway.send(Public, "GET /api/elections", &["Authorization: Bearer good"], "");
    assert_eq!((caller.status, caller.kind().as_str(), caller.header("retry-after")), (503, "unavailable", "5"));
    assert_eq!(gateway.get(Public, "/api/results/5").status, 200);
    let voter = gateway.send(Public, "POST /api/voting/cast-vote", &["Authorization: Bearer good"], "{}");
    assert_eq!(voter.status, 200);
    assert_eq!(gateway.get(Public, "/api/auth/verify").status, 502);
}

#[test]
fn bodies_have_limits() {
    let gateway = Gateway::start(&[]);
    let size = |path: &str, bytes: usize| gateway.send(Public, &format!("POST {path}"), &[], &"x".repeat(bytes));
    assert_eq!(size("/api/voting/cast-vote", 16_000).status, 200);
    let refused = size("/api/voting/cast-vote", 17_000);
    assert_eq!((refused.status, refused.kind().as_str()), (413, "too-large"));
    assert_eq!(size("/api/elections", 1_000_000).status, 200);
    assert_eq!(size("/api/elections", 1_100_000).status, 413);
    assert_eq!(size("/api/admin/voters", 1_100_000).status, 413);
    let import = "x".repeat(5_000_000);
    for path in ["/api/admin/voters/bulk", "/api/admin/elections/5/voter-imports"] {
        assert_eq!(size(path, 20 * 1024 * 1024 + 500).status, 200);
        assert_eq!(size(path, 21 * 1024 * 1024).status, 413);
        let stranger = gateway.send(Public, &format!("POST {path}"), &["Authorization: Bearer bad"], &import);
        assert_eq!((stranger.status, stranger.kind().as_str()), (401, "not-logged-in"));
    }
    assert_eq!(size("/api/admin/elections/5/voter-imports/4f1c/confirm", 1_100_000).status, 413);
    assert_eq!(size("/admin/elections/5/voters/import", 20 * 1024 * 1024 + 500).status, 200);
    assert_eq!(size("/admin/elections/5/voters/import", 21 * 1024 * 1024).status, 413);
    for path in [
        "/admin/elections/5/voters/paste",
        "/admin/elections/5/voters/imports/4f1c/confirm",
        "/admin/elections/5/voters/import/x",
    ] {
        assert_eq!(size(path, 1_100_000).status, 413, "{path}");
    }
}

#[test]
fn files_of_candidates_get_through_and_strangers_send_none() {
    let gateway = Gateway::start(&[]);
    // Without this folder nginx cannot write a body to a file: what needs one is refused.
    std::fs::remove_dir_all(gateway.dir().join("nginx/body")).unwrap();
    assert_eq!(gateway.send(Public, "POST /admin/elections", &[], &"x".repeat(900_000)).status, 503, "the test is no test");
    let size = |line: &str, bytes: usize| gateway.send(Public, line, &[], &"x".repeat(bytes));
    for file in ["photo", "programme-file"] {
        let line = format!("PUT /api/admin/candidates/17/{file}");
        assert_eq!(size(&line, 5 * 1024 * 1024 + 500).status, 200, "{line}");
        let refused = size(&line, 6_000_000);
        assert_eq!((refused.status, refused.kind().as_str()), (413, "too-large"));
        let stranger = gateway.send(Public, &line, &["Authorization: Bearer bad"], &"x".repeat(3_000_000));
        assert_eq!((stranger.status, stranger.kind().as_str()), (401, "not-logged-in"));
    }
    assert_eq!(size("PUT /api/admin/candidates/17", 1_100_000).status, 413);
    // A page says itself that a photo is too large, with everything that was typed.
    for page in ["new", "17"] {
        let line = format!("POST /admin/elections/5/candidates/{page}");
        let answer = gateway.send(Public, &line, &["Cookie: session=1"], &"x".repeat(12_000_000));
        assert_eq!((answer.status, answer.echo("cookie").as_str()), (200, "session=1"), "{line}");
    }
    assert_eq!(size("POST /admin/elections/5/candidates/17", 65 * 1024 * 1024).status, 413);
    for page in ["move", "17/remove", "draw/7"] {
        assert_eq!(size(&format!("POST /admin/elections/5/candidates/{page}"), 1_100_000).status, 413);
    }
}

#[test]
fn pictures_of_candidates_are_for_everybody_and_one_address_cannot_take_all_of_the_service() {
    let gateway = Gateway::start(&[]);
    let name = format!("/uploads/{}.jpg", "ab".repeat(32));
    let answer = gateway.send(Public, &format!("GET {name}"), &["Cookie: session=1", "Authorization: Bearer bad"], "");
    assert_eq!((answer.status, answer.echo("service").as_str(), answer.echo("cookie").as_str()), (200, "admin", ""));
    assert_eq!((answer.header("x-content-type-options"), answer.header("x-frame-options")), ("nosniff", "DENY"));
    assert_eq!(gateway.get(Public, "/uploads").echo("service"), "admin", "which says that nothing is there");
    let statuses: Vec<u16> = (0..500).map(|_| gateway.get(Public, &name).status).collect();
    assert!(statuses.iter().all(|status| *status == 200), "a lecture hall");
    let gateway = Gateway::start_with(&[("UPLOADS_RATE", "1r/m"), ("UPLOADS_BURST", "5")]);
    let statuses: Vec<u16> = (0..8).map(|_| gateway.get(Public, &name).status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 429, 429]);
    assert_eq!(gateway.get(Public, "/vote").status, 200, "no ballot is held up");
    let [access, voters, _] = gateway.logs();
    assert!(voters.contains(&name) && !access.contains("/uploads/"), "who looks is a voter: no address, no minute");
}

/// With the burst of the defaults, and so slow afterwards that no busy machine gets another login out of it.
fn with_slow_logins() -> Gateway {
    Gateway::start_with(&[("LOGIN_RATE", "1r/m")])
}

#[test]
fn logins_are_limited_per_address_and_voters_much_later() {
    let gateway = with_slow_logins();
    let statuses: Vec<u16> = (0..45).map(|_| gateway.send(Public, "POST /api/auth/login", &[], "{}").status).collect();
    assert!(statuses[..31].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses[31..].contains(&429), "{statuses:?}");
    let refused = gateway.send(Public, "POST /api/auth/register", &[], "{}");
    assert_eq!((refused.status, refused.kind().as_str(), refused.header("retry-after")), (429, "too-many-requests", "1"));
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    assert!((0..300).all(|_| gateway.send(Public, "POST /api/voting/cast-vote", &[], "{}").status == 200));
    let mine = ["X-Uvote-Service: key", "X-Uvote-Client-Address: 10.0.0.1"];
    let inside: Vec<u16> = (0..45).map(|_| gateway.send(Internal, "POST /api/auth/login", &mine, "{}").status).collect();
    assert!(inside[..31].iter().all(|status| *status == 200) && inside.contains(&429), "by the visitor's address: {inside:?}");
}

#[test]
fn all_addresses_of_one_ipv6_network_are_one_client() {
    // Each line: addresses of one /64, as nginx writes them. The last one is of another network.
    let networks = [
        ["2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d", "2001:db8:1:2:0:1::", "2001:db8:1:3::1"],
        ["2001:db8:1::1", "2001:db8:1:0:a:b:c:d", "2001:db8:1:0:1::", "2001:db8:1:1::1"],
        ["2001:db8::1", "2001:db8::a:b:c:d", "2001:db8:0:0:1::", "2001:db8:0:1::1"],
        ["2001::a:b:c:d", "2001::", "2001:0:0:0:1::", "2001:0:0:1::"],
        ["2001::5:a:b:c:d", "2001:0:0:5::", "2001:0:0:5:1::", "2001:0:0:6::"],
        ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"],
        ["::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"],
    ];
    let gateway = Gateway::start_with(&[("LOGIN_RATE", "1r/m"), ("LOGIN_BURST", "2")]);
    for [first, second, third, other] in networks {
        let login = |address: &str| {
            let from = ["X-Uvote-Service: key".to_owned(), format!("X-Uvote-Client-Address: {address}")];
            gateway.send(Internal, "POST /api/auth/login", &from.each_ref().map(String::as_str), "{}").status
        };
        let statuses = [first, second, third, first, second, third].map(login);
        assert_eq!(statuses, [200, 200, 200, 429, 429, 429], "{first}");
        assert_eq!(login(other), 200, "{other}");
    }
}

#[test]
fn links_are_asked_for_by_a_lecture_hall_and_then_one_by_one_and_ballots_are_not_held_up() {
    let gateway = Gateway::start(&[]);
    let ask = |line: &str| gateway.send(Public, line, &[], "{}").status;
    // Looking at the form costs nothing, and the page and the API are one door.
    assert!((0..350).all(|_| ask("GET /request-link/5") == 200));
    let door = |turn: usize| if turn.is_multiple_of(2) { "POST /request-link/5" } else { "POST /api/voting/request-link" };
    let statuses: Vec<u16> = (0..330).map(|turn| ask(door(turn))).collect();
    assert!(statuses[..301].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses[301..].contains(&429), "{statuses:?}");
    let refused = gateway.send(Public, "POST /api/voting/request-link", &[], "{}");
    assert_eq!((refused.status, refused.kind().as_str(), refused.header("retry-after")), (429, "too-many-requests", "1"));
    for line in ["POST /api/voting/cast-vote", "POST /api/voting/stop-reminders", "POST /stop-reminders", "GET /vote"] {
        assert_eq!(ask(line), 200, "{line}");
    }
    assert!(
        (0..350).all(|_| gateway.send(Internal, "POST /api/voting/request-link", &[], "{}").status == 200),
        "pages have their own"
    );
}

#[test]
fn a_campus_sees_a_result_at_once_and_one_address_cannot_take_all_of_the_service() {
    let gateway = Gateway::start(&[]);
    let door = |turn: usize| if turn.is_multiple_of(2) { "/results/5" } else { "/api/results/5" };
    let statuses: Vec<u16> = (0..2001).map(|turn| gateway.get(Public, door(turn)).status).collect();
    assert!(statuses.iter().all(|status| *status == 200), "a campus behind one address");
    // The zone fills when an address asks faster than 200 times a second; here that takes a limit of its own.
    let gateway = Gateway::start_with(&[("RESULTS_RATE", "1r/m"), ("RESULTS_BURST", "5")]);
    let statuses: Vec<u16> = (0..8).map(|turn| gateway.get(Public, door(turn)).status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 429, 429], "page and API are one door");
    let refused = gateway.get(Public, "/api/results/5");
    assert_eq!((refused.kind().as_str(), refused.header("retry-after")), ("too-many-requests", "1"));
    assert_eq!(gateway.get(Public, "/api/elections/5").status, 200);
    assert_eq!(gateway.get(Internal, "/api/results/5").status, 200, "pages have asked already");
}

#[test]
fn codes_and_passwords_are_tried_as_slowly_as_logins() {
    let calls = "unlock request-unlock change-password reset-password request-password-reset send-verification verify-address";
    for call in calls.split(' ') {
        let gateway = with_slow_logins();
        let line = format!("POST /api/auth/{call}");
        let statuses: Vec<u16> = (0..45).map(|_| gateway.send(Public, &line, &[], "{}").status).collect();
        assert!(statuses[..31].iter().all(|status| *status == 200) && statuses[31..].contains(&429), "{call}: {statuses:?}");
        assert!((0..45).all(|_| gateway.get(Public, "/api/auth/invitations").status == 200));
    }
}

#[test]
fn registrations_on_the_page_are_limited_as_those_by_the_api() {
    let gateway = with_slow_logins();
    assert!((0..45).all(|_| gateway.get(Public, "/register?invitation=x").status == 200));
    let statuses: Vec<u16> = (0..45).map(|_| gateway.send(Public, "POST /register", &[], "x").status).collect();
    assert!(statuses[..31].iter().all(|status| *status == 200) && statuses[31..].contains(&429), "{statuses:?}");
}

#[test]
fn pages_that_mails_lead_to_get_no_cookie() {
    let gateway = Gateway::start(&[]);
    for line in
        ["POST /request-link/5", "POST /stop-reminders?election_id=5&code=x", "POST /register", "GET /register?invitation=x"]
    {
        assert_eq!(gateway.send(Public, line, &["Cookie: session=1"], "").echo("cookie"), "", "{line}");
    }
}

#[test]
fn an_event_of_a_stream_is_sent_on_at_once() {
    let gateway = Gateway::start(&[]);
    let head = "GET /admin/elections/5/turnout/stream HTTP/1.1\r\nHost: here\r\nCookie: a=b\r\nAccept: text/event-stream\r\n\r\n";
    // nginx may send the two parts of the event in one chunk or in two.
    let answer = gateway.begin(Public, head, "a=b\n\n");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("data: first, for") && answer.contains("X-Frame-Options: DENY"),
        "{answer}"
    );
}

#[test]
fn nginx_refuses_in_problem_documents() {
    let gateway = Gateway::start(&["election"]);
    let unreachable = gateway.get(Public, "/api/elections");
    assert_eq!((unreachable.status, unreachable.kind().as_str(), unreachable.header("retry-after")), (502, "unavailable", "5"));
    let long = gateway.get(Public, &format!("/api/results/{}", "1".repeat(9000)));
    assert_eq!((long.status, long.kind().as_str()), (414, "malformed-request"));
    let headers = gateway.send(Public, "GET /api/results/5", &[&format!("A: {}", "1".repeat(9000))], "");
    assert_eq!((headers.status, headers.kind().as_str()), (431, "malformed-request"));
    let trace = gateway.send(Public, "TRACE /api/results/5", &[], "");
    assert_eq!((trace.status, trace.kind().as_str()), (405, "method-not-allowed"));
    let broken = gateway.raw(Public, "GET /a b c HTTP/1.1\r\n\r\n");
    assert_eq!((broken.status, broken.kind().as_str()), (400, "malformed-request"));
    let plain_to_tls = gateway.raw(harness::Listener::Tls, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!((plain_to_tls.status, plain_to_tls.kind().as_str()), (400, "malformed-request"));
    let own = gateway.get(Public, "/api/results/5?answer=409");
    assert_eq!((own.status, own.echo("service").as_str()), (409, "results"), "a service's own refusal passes untouched");
    assert_eq!(gateway.get(Public, "/api/results/5?answer=502").echo("service"), "results");
}

#[test]
fn answers_carry_their_security_headers_and_any_origin_may_ask() {
    let gateway = Gateway::start(&[]);
    let page = gateway.get(Public, "/");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!((page.header("x-frame-options"), page.header("referrer-policy")), ("DENY", "no-referrer"));
    assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
    assert_eq!((page.header("access-control-allow-origin"), page.header("strict-transport-security")), ("", ""));
    let api = gateway.get(Public, "/api/results/5");
    assert_eq!((api.header("access-control-allow-origin"), api.header("access-control-allow-credentials")), ("*", ""));
    assert!(api.header("content-security-policy").starts_with("default-src 'none'"));
    let asks = ["Origin: https://else.example", "Access-Control-Request-Method: POST"];
    let preflight = gateway.send(Public, "OPTIONS /api/voting/ballots", &asks, "");
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    assert!(preflight.header("access-control-allow-headers").contains("Authorization"));
    assert!(gateway.get(Public, "/missing?answer=404").header("x-frame-options") == "DENY");
}

#[test]
fn logs_hold_nothing_that_points_at_a_voter() {
    let gateway = Gateway::start(&["voting"]);
    let named = ["User-Agent: UA-of-a-voter", "Referer: http://here/vote?token=SECRET"];
    for request in ["GET /vote?token=SECRET", "GET /api/voting/ballot?token=SECRET", "POST /api/voting/cast-vote", "GET /"] {
        gateway.send(Public, request, &named, "");
    }
    for _ in 0..45 {
        gateway.send(Public, "POST /api/auth/login?token=SECRET", &named, "");
    }
    gateway.send(Public, "GET /api/voting/receipts/VOTE-SECRET", &named, "");
    gateway.send(Public, "GET //api//voting/receipts/VOTE-SECRET", &named, "");
    for request in [
        "POST /api/voting/request-link?x=SECRET",
        "GET /stop-reminders?election_id=5&code=SECRET",
        "POST /stop-reminders?election_id=5&code=SECRET",
        "GET /register?invitation=SECRET",
    ] {
        gateway.send(Public, request, &named, "");
    }
    for _ in 0..45 {
        gateway.send(Public, "POST /register?invitation=SECRET", &named, "");
    }
    // With a token, as an organiser who asks for their own link while logged in may send it.
    for request in ["POST /request-link/5", "POST /api/voting/request-link", "POST /stop-reminders"] {
        gateway.send(Public, request, &["Authorization: Bearer good"], "");
    }
    let caller = ["Authorization: Bearer good"];
    gateway.send(Public, "GET /api/elections?x=SECRET", &caller, "");
    gateway.send(Public, "POST /api/admin/voters/1234567/resend-token", &caller, "");
    let [access, voters, errors] = gateway.logs();
    let all = format!("{access}{voters}{errors}");
    for text in ["SECRET", "UA-of-a-voter", "token=", "1234567"] {
        assert!(!all.contains(text), "{text}: {all}");
    }
    assert!(!errors.contains("127.0.0.1"), "{errors}");
    assert_eq!(voters.lines().filter(|line| line.contains("/vot")).count(), 5 + 2, "{voters}");
    assert!(voters.contains("POST /api/voting/cast-vote 502"), "{voters}");
    for line in voters.lines() {
        assert!(line.len() > 13 && &line[10..11] == "T" && &line[13..14] == " " && !line.contains("127.0.0.1"), "{line}");
    }
    assert!(access.contains("127.0.0.1 GET /api/elections 200"), "{access}");
    assert!(access.contains("127.0.0.1 POST /api/admin/voters/-/resend-token 200"), "{access}");
    assert!(!access.contains("request-link") && !access.contains("stop-reminders"), "who asks is a voter: {access}");
    assert!(!access.contains("cast-vote"), "a voter's line between callers' lines has a time: {access}");
}

#[test]
fn voters_lines_are_not_written_one_by_one() {
    let gateway = Gateway::start(&[]);
    let voters = gateway.dir().join("nginx/voters.log");
    assert_eq!(gateway.send(Public, "POST /api/voting/cast-vote", &[], "{}").status, 200);
    assert_eq!(gateway.send(Public, "GET /api/elections", &["Authorization: Bearer good"], "").status, 200);
    assert_eq!(std::fs::read_to_string(&voters).unwrap(), "");
    let [_, voters, _] = gateway.logs();
    assert!(voters.ends_with(" POST /api/voting/cast-vote 200\n"), "{voters}");
}

/// A temporary file is deleted after the request, and its bytes stay on the disk: voting links, names, addresses.
#[test]
fn mails_and_rolls_are_not_written_to_a_file() {
    let gateway = Gateway::start(&[]);
    let body = "x".repeat(400_000);
    assert_eq!(gateway.send(Internal, "POST /api/email/send-many", &["X-Uvote-Service: key"], &body).status, 200);
    let logged_in = ["Authorization: Bearer good"];
    for path in ["/api/admin/voters/bulk", "/api/admin/elections/5/voter-imports"] {
        assert_eq!(gateway.send(Public, &format!("POST {path}"), &logged_in, &body).status, 200);
    }
    assert_eq!(gateway.send(Public, "POST /admin/elections/5/voters/import", &["Cookie: a=b"], &body).status, 200);
    let [_, _, errors] = gateway.logs();
    assert!(!errors.contains("temporary file"), "{errors}");
}

#[test]
fn a_post_is_never_sent_twice() {
    let gateway = Gateway::with_two_voting(&[]);
    for _ in 0..10 {
        assert_eq!(gateway.send(Public, "POST /api/voting/cast-vote?answer=hangup", &[], "{}").status, 502);
    }
    assert_eq!(gateway.hangups(), 10);
    let gateway = Gateway::with_two_voting(&["voting"]);
    assert!(
        (0..10).all(|_| gateway.send(Public, "POST /api/voting/cast-vote", &[], "{}").status == 200),
        "the other one is tried"
    );
}
