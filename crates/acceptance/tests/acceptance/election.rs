//! A whole election, and what the world may see of it at each point.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stack::{Admin, Stack, expect, expect_problem, until};

#[tokio::test]
async fn from_a_draft_to_a_published_result() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 5).await;
    let id = election.id;
    for (link, choice) in election.links.iter().zip([1, 1, 0, 1]) {
        let cast = expect(stack.cast(link, election.candidates[choice]).await, 200).await;
        assert_eq!(cast["success"], true);
        let receipt =
            expect(stack.get(&format!("/api/voting/receipts/{}", cast["receipt_code"].as_str().unwrap()), None).await, 200).await;
        assert_eq!(receipt["recorded"], true);
    }
    expect_problem(stack.cast(&election.links[0], election.candidates[0]).await, 409, "already-used").await;
    let hidden = expect_problem(stack.get(&format!("/api/results/{id}"), None).await, 409, "results-not-published").await;
    assert!(hidden.get("turnout").is_none(), "a stranger is told no turnout: {hidden}");
    let theirs = expect_problem(stack.get(&format!("/api/results/{id}"), Some(&admin)).await, 409, "results-not-published").await;
    assert_eq!(theirs["turnout"], json!({ "roll": 5, "voted": 0 }), "until the close it is rounded down to five");

    expect(stack.post(&format!("/api/elections/{id}/close"), Some(&admin), &json!({})).await, 200).await;
    until("the result", async || stack.get(&format!("/api/results/{id}"), None).await.status() == 200).await;
    let result = expect(stack.get(&format!("/api/results/{id}"), None).await, 200).await;
    assert_eq!(result["total_votes"], 4);
    assert_eq!(result["results"][0]["name"], "Bob Smith");
    assert_eq!(result["results"][0]["vote_count"], 3);
    assert_eq!(result["results"][0]["percentage"], 75.0);
    assert_eq!(result["integrity"]["ok"], true, "{result}");

    let late = stack.cast(&election.links[4], election.candidates[0]).await;
    assert_eq!(late.status(), 409);
    let mails =
        stack.call(Method::POST, &format!("/api/admin/elections/{id}/send-results-links"), Some(&admin)).send().await.unwrap();
    assert_eq!(expect(mails, 202).await["queued"], 5);

    until("the audit log to know of the publication", async || {
        let log = expect(stack.get(&format!("/api/audit?election_id={id}&limit=1000"), Some(&admin)).await, 200).await;
        let kinds: Vec<&str> = log["items"].as_array().unwrap().iter().filter_map(|entry| entry["event_type"].as_str()).collect();
        ["election_created", "election_activated", "election_closed", "box_sealed", "results_published"]
            .iter()
            .all(|kind| kinds.contains(kind))
    })
    .await;
    assert_eq!(expect(stack.get("/api/audit/verify", Some(&admin)).await, 200).await["ok"], true);
}

#[tokio::test]
async fn nobody_votes_and_the_result_is_zeros() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let election = stack.active(&admin, 2).await;
    expect(stack.post(&format!("/api/elections/{}/close", election.id), Some(&admin), &json!({})).await, 200).await;
    until("the result", async || stack.get(&format!("/api/results/{}", election.id), None).await.status() == 200).await;
    let result = expect(stack.get(&format!("/api/results/{}", election.id), None).await, 200).await;
    assert_eq!(result["total_votes"], 0);
    for line in result["results"].as_array().unwrap() {
        assert_eq!((&line["vote_count"], &line["is_winner"]), (&json!(0), &json!(false)), "{line}");
    }
    assert_eq!(result["integrity"]["ok"], true);
}

/// An election of every kind that is voted on at once, open, with a link for each voter.
struct Council {
    id: i64,
    /// President, board and fee.
    contests: [i64; 3],
    /// Ann, Bob and Cy; Dora, Emil, Fay and Gus.
    stand: [i64; 7],
    /// Yes, no and abstain.
    options: Vec<i64>,
    links: Vec<String>,
}

impl Council {
    async fn open(stack: &Stack, admin: &Admin, voters: usize) -> Self {
        let contests = json!([
            { "title": "President", "rule": { "method": "irv" }, "ballot_order": "rotated" },
            { "title": "Board", "rule": { "method": "scottish_stv", "seats": 2, "quorum": { "at_least": "1/2" } } },
            { "title": "Fee", "text": "The fee is 5.", "rule": { "method": "motion", "passes": "two_thirds" } },
        ]);
        let body = json!({ "title": "Council", "contests": contests });
        let made = expect(stack.post("/api/elections", Some(admin), &body).await, 201).await;
        let id = made["election_id"].as_i64().unwrap();
        assert!(made["warnings"].to_string().contains("can then find that ballot"), "{}", made["warnings"]);
        let contests = [0, 1, 2].map(|place: usize| made["contests"][place]["contest_id"].as_i64().unwrap());
        let mut stand = [0; 7];
        for (place, name) in ["Ann", "Bob", "Cy", "Dora", "Emil", "Fay", "Gus"].into_iter().enumerate() {
            let body = json!({ "election_id": id, "contest_id": contests[usize::from(place > 2)], "name": name });
            let added = expect(stack.post("/api/admin/candidates", Some(admin), &body).await, 201).await;
            stand[place] = added["candidate_id"].as_i64().unwrap();
        }
        let body = json!({ "election_id": id, "contest_id": contests[2], "name": "Perhaps" });
        expect_problem(stack.post("/api/admin/candidates", Some(admin), &body).await, 409, "state-conflict").await;
        let tag = uuid::Uuid::new_v4().simple().to_string();
        let emails: Vec<String> = (0..voters).map(|number| format!("r{number}.{tag}@example.com")).collect();
        for email in &emails {
            expect(stack.post("/api/admin/voters", Some(admin), &json!({ "election_id": id, "email": email })).await, 201).await;
        }
        expect(stack.post(&format!("/api/elections/{id}/activate"), Some(admin), &json!({})).await, 200).await;
        let send = stack.call(Method::POST, &format!("/api/admin/elections/{id}/send-voting-links"), Some(admin));
        expect(send.send().await.unwrap(), 202).await;
        let links = stack.links_in_the_mail(&emails).await;
        let all = expect(stack.get(&format!("/api/admin/candidates?election_id={id}"), Some(admin)).await, 200).await;
        let options = all["items"].as_array().unwrap().iter().filter(|candidate| candidate["standing"] == "option");
        let options = options.map(|candidate| candidate["candidate_id"].as_i64().unwrap()).collect();
        Self { id, contests, stand, options, links }
    }

    /// By the page, as a browser sends it: a gap is refused and everything is still there; then it is cast.
    async fn cast_by_the_page(&self, stack: &Stack, link: &str) {
        let ([president, board, fee], [ann, bob, cy, dora, _, _, gus]) = (self.contests, self.stand);
        let page = stack.get(&format!("/vote?token={link}"), None).await.text().await.unwrap();
        let key = page.split("name=\"key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(page.contains("The fee is 5.") && page.contains("Gus</strong> (withdrew"), "{page}");
        assert!(page.contains("can then find that ballot") && !page.contains("<script"), "{page}");
        let form = async |second: &str| {
            let rank = |contest: i64, candidate: i64| format!("contest-{contest}-{candidate}");
            let fields = vec![
                ("token".to_owned(), link.to_owned()),
                ("key".to_owned(), key.clone()),
                ("contest".to_owned(), president.to_string()),
                (rank(president, ann), "1".to_owned()),
                (rank(president, bob), second.to_owned()),
                (rank(president, cy), String::new()),
                ("contest".to_owned(), board.to_string()),
                (rank(board, gus), "1".to_owned()),
                (rank(board, dora), "2".to_owned()),
                ("contest".to_owned(), fee.to_string()),
                (format!("contest-{fee}"), self.options[0].to_string()),
            ];
            stack.call(Method::POST, "/vote", None).form(&fields).send().await.unwrap()
        };
        let refused = form("3").await;
        assert_eq!(refused.status(), 422);
        let refused = refused.text().await.unwrap();
        assert!(refused.contains("leaves out a rank") && refused.contains("<option value=\"3\" selected>"), "{refused}");
        assert_eq!(form("2").await.status(), 200);
    }

    async fn cast(&self, stack: &Stack, link: &str, [first, second, third]: [Value; 3]) -> Response {
        let [president, board, fee] = self.contests.map(|contest| contest.to_string());
        let choices = json!({ president: first, board: second, fee: third });
        stack.post("/api/voting/cast-vote", None, &json!({ "token": link, "choices": choices })).await
    }
}

/// A president by IRV, a board by Scottish STV and a motion, from draft to the page of the result: voters rank on the page of their link
/// and by the API, one candidate withdraws while voting is open, and whoever breaks a rule of the ballot is told so and can vote again.
#[tokio::test]
async fn a_president_by_irv_a_board_by_stv_and_a_motion() {
    let stack = Stack::found();
    let admin = stack.admin().await;
    let council = Council::open(&stack, &admin, 6).await;
    let (id, options) = (council.id, &council.options);
    let [ann, bob, cy, dora, emil, fay, gus] = council.stand;
    let withdrawal = json!({ "candidate_id": gus, "reason": "Gus moved abroad" });
    expect(stack.post(&format!("/api/elections/{id}/amendments"), Some(&admin), &withdrawal).await, 201).await;
    council.cast_by_the_page(&stack, &council.links[0]).await;

    // By the API: lists are rankings, numbers are ranks.
    let equal = [json!({ ann.to_string(): 1, bob.to_string(): 1 }), json!([]), json!([])];
    let refused = expect_problem(council.cast(&stack, &council.links[1], equal).await, 422, "invalid-input").await;
    assert_eq!(refused["errors"][0]["field"], format!("choices.{}", council.contests[0]));
    assert_eq!(refused["errors"][0]["code"], "equal-ranks");
    let rank = json!({ ann.to_string(): 1, bob.to_string(): 2 });
    for (link, choices) in council.links[1..].iter().zip([
        [rank, json!([dora, emil]), json!([options[0]])],
        [json!([bob, ann]), json!([emil, fay]), json!([options[0]])],
        [json!([bob]), json!([emil]), json!([options[1]])],
        [json!([cy, bob]), json!([fay]), json!([options[2]])],
    ]) {
        expect(council.cast(&stack, link, choices).await, 200).await;
    }
    stack.count(&admin, id).await;
    until("the result", async || stack.get(&format!("/api/results/{id}"), None).await.status() == 200).await;
    let result = expect(stack.get(&format!("/api/results/{id}"), None).await, 200).await;
    assert_eq!((&result["total_votes"], &result["integrity"]["ok"]), (&json!(5), &json!(true)), "{result}");
    let of = |place: usize| &result["contests"][place];
    assert_eq!(of(0)["report"]["elected"], json!([bob]), "{}", of(0));
    assert_eq!(of(0)["report"]["steps"][0]["eliminated"], json!([cy]));
    assert_eq!(of(0)["results"][0]["vote_count"], 2, "first preferences");
    assert_eq!(of(1)["report"]["elected"], json!([dora, emil]), "{}", of(1));
    assert_eq!(of(1)["report"]["quorum"], json!({ "roll": 6, "needed": 3, "ballots": 5, "met": true }));
    assert_eq!(of(1)["report"]["candidates"][3]["status"], "withdrawn");
    assert_eq!(of(2)["report"]["motion"], json!({ "yes": 3, "no": 1, "abstain": 1, "of": 4, "needed": 3, "passed": true }));
    let page = stack.get(&format!("/results/{id}"), None).await.text().await.unwrap();
    for words in [
        "Round 2",
        "Eliminated: Cy",
        "Elected: Dora, Emil",
        "The motion is passed: 3 yes, 1 no, 1 abstain",
        "Gus, a candidate of &#39;Board&#39;, withdrew",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
