use crate::app::App;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[actix_web::test]
async fn a_link_leads_to_its_ballot() {
    let app = App::start().await;
    let page = app.get("/vote?token=open").await;
    assert_eq!(page.status, 200);
    let key = page.field("key");
    assert!(key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
    assert_ne!(app.get("/vote?token=open").await.field("key"), key, "each form_and_link has a nonce of its own");
    insta::assert_snapshot!(page.steady());
}

#[actix_web::test]
async fn a_page_shows_times_in_the_time_zone_of_the_election_and_in_utc() {
    let page = App::start().await.get("/vote?token=elsewhere").await;
    assert_eq!(page.status, 200);
    for time in [
        "18 February 2026, 14:30 America/St_Johns (18 February 2026, 18:00 UTC)",
        "11 February 2026, 05:30 America/St_Johns (11 February 2026, 09:00 UTC)",
    ] {
        assert!(page.text.contains(time), "{time}: {}", page.text);
    }
}

#[actix_web::test]
async fn looking_at_a_link_changes_nothing() {
    let app = App::start().await;
    for token in ["open", "used", "expired", "several", "nonsense", ""] {
        app.get(&format!("/vote?token={token}")).await;
        let head = app.head(&format!("/vote?token={token}")).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }
    assert!(!app.asked().is_empty());
    assert!(app.asked().iter().all(|call| call.starts_with("GET ")), "{:?}", app.asked());
}

#[actix_web::test]
async fn the_page_of_a_link_is_kept_by_nobody_and_loads_nothing_from_elsewhere() {
    let app = App::start().await;
    let page = app.get("/vote?token=open").await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.text.contains("tracker.example") && page.text.contains("src=\"/uploads/alice-small.jpg\""));
    assert!(!page.text.contains("javascript:"), "a link that is none is not shown");
    assert!(page.text.contains("target=\"_blank\" rel=\"noopener noreferrer nofollow\""));
    assert!(!page.text.contains("<script"));
}

#[actix_web::test]
async fn a_candidate_cannot_smuggle_in_a_script() {
    let app = App::start().await;
    let page = app.get("/vote?token=script").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script"), "{}", page.text);
    assert!(page.text.contains("&lt;script&gt;alert(2)"));
}

#[actix_web::test]
async fn a_ballot_is_cast_and_its_receipt_shown() {
    let app = App::start().await;
    let page = app.send(&[("token", "open"), ("key", KEY), ("contest", "7"), ("contest-7", "2")]).await;
    assert_eq!(page.status, 200);
    insta::assert_snapshot!(page.steady());
    assert_eq!(
        app.asked(),
        ["POST /api/voting/cast-vote".to_owned(), format!("{KEY} {{\"7\":[2]}}")],
        "casting needs nothing but voting"
    );
}

#[actix_web::test]
async fn several_contests_take_several_marks_and_blank_votes() {
    let app = App::start().await;
    let page = app.get("/vote?token=several").await;
    assert!(
        page.text.contains("type=\"checkbox\" name=\"contest-8\"") && page.text.contains("type=\"radio\" name=\"contest-7\"")
    );
    let ticks = [("contest-7", "blank"), ("contest-8", "1"), ("contest-8", "2")];
    let fields = [("token", "open"), ("key", KEY), ("contest", "7"), ("contest", "8")];
    app.send(&[&fields[..], &ticks[..]].concat()).await;
    assert_eq!(app.asked().last().unwrap(), &format!("{KEY} {{\"7\":[],\"8\":[1,2]}}"));
}

#[actix_web::test]
async fn an_overlooked_question_is_asked_again_with_what_was_ticked() {
    let app = App::start().await;
    let page = app.send(&[("token", "several"), ("key", KEY), ("contest", "7"), ("contest", "8"), ("contest-7", "2")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("value=\"2\" required checked"));
    assert!(page.text.contains("href=\"#contest-8\">Committee: Nothing is chosen here yet"));
    assert_eq!(page.field("key"), KEY);
    assert!(app.asked().iter().all(|call| call.starts_with("GET ")), "nothing was cast");
}

#[actix_web::test]
async fn what_voting_finds_wrong_is_said_above_the_ballot() {
    let app = App::start().await;
    let page = app.send(&[("token", "several"), ("key", KEY), ("contest", "7"), ("contest-7", "2")]).await;
    assert_eq!(page.status, 422);
    assert!(
        page.text.contains("href=\"#contest-8\">Committee: This choice has more marks than the 2 that this contest takes"),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn every_refusal_is_a_page() {
    let app = App::start().await;
    for (token, status, words) in
        [("used", 409, "its receipt cannot be shown again"), ("expired", 410, "Ask the organiser to send you a new one")]
    {
        let page = app.send(&[("token", token), ("key", KEY), ("contest", "7"), ("contest-7", "2")]).await;
        assert_eq!(page.status, status);
        assert!(page.header("content-type").starts_with("text/html") && page.text.contains(words), "{}", page.text);
    }
    insta::assert_snapshot!("already_voted", app.get("/vote?token=used").await.steady());
    insta::assert_snapshot!("expired", app.get("/vote?token=expired").await.steady());
    for (token, words) in [
        ("nonsense", "This link cannot be used"),
        ("", "This link cannot be used"),
        ("early", "Voting opens on 12 February 2026, 08:00 UTC"),
        ("halted", "Voting in this election is halted. Your link is not used."),
        ("verified", "needs another page"),
    ] {
        let page = app.get(&format!("/vote?token={token}")).await;
        assert!(page.status == 200 && page.text.contains(words), "{token}: {}", page.text);
        assert!(!page.text.contains("<form"));
    }
}

#[actix_web::test]
async fn a_lost_answer_is_not_shown_as_a_refusal_and_the_same_ballot_can_be_sent_again() {
    let app = App::start().await;
    let page = app.send(&[("token", "lost"), ("key", KEY), ("contest", "7"), ("contest-7", "2")]).await;
    assert_eq!(page.status, 503);
    assert!(page.text.contains("It is not known whether this was recorded"));
    let again = [("token", &*page.field("token")), ("key", &*page.field("key")), ("contest-7", &*page.field("contest-7"))];
    app.send(&again).await;
    let asked = app.asked();
    assert_eq!(asked[1], asked[3], "the very same ballot");
}

#[actix_web::test]
async fn when_voting_is_down_the_page_says_so() {
    let app = App::alone().await;
    for page in [
        app.get("/vote?token=open").await,
        app.send(&[("token", "open"), ("key", KEY), ("contest", "7"), ("contest-7", "2")]).await,
    ] {
        assert_eq!(page.status, 503);
        assert!(page.text.contains("Nothing was changed"), "{}", page.text);
    }
}

#[actix_web::test]
async fn a_form_of_another_kind_is_refused_as_a_page() {
    let app = App::start().await;
    let big = "x".repeat(40_000);
    let page = app.send(&[("token", &big)]).await;
    assert_eq!(page.status, 400);
    assert!(page.header("content-type").starts_with("text/html"));
}

#[actix_web::test]
async fn a_form_that_lost_its_nonce_gets_a_new_one() {
    let app = App::start().await;
    for key in ["", "zz"] {
        let page = app.send(&[("token", "several"), ("key", key), ("contest", "7"), ("contest", "8"), ("contest-7", "2")]).await;
        assert_eq!((page.status, page.field("key").len()), (422, 64));
    }
}

#[actix_web::test]
async fn an_address_that_cannot_be_read_is_refused_as_a_page() {
    let page = App::start().await.get("/vote?token=open&token=used").await;
    assert_eq!(page.status, 400);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains("Open the link in your mail again"));
}

#[actix_web::test]
async fn every_family_has_fields_that_work_without_a_script() {
    let app = App::start().await;
    let page = app.get("/vote?token=families").await;
    assert_eq!(page.status, 200);
    insta::assert_snapshot!("families", page.steady());
    let fields = [
        ("token", "families"),
        ("key", KEY),
        ("contest", "7"),
        ("contest", "8"),
        ("contest", "9"),
        ("contest", "10"),
        ("contest", "11"),
    ];
    let filled = [
        ("contest-7", "2"),
        ("contest-8-1", "2"),
        ("contest-8-2", "1"),
        ("contest-9-1", "0"),
        ("contest-9-2", ""),
        ("contest-10-1", "3"),
        ("contest-10-2", "1"),
        ("contest-11", "21"),
    ];
    let page = app.send(&[&fields[..], &filled[..]].concat()).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let cast = r#"{"10":{"1":3,"2":1},"11":[21],"7":[2],"8":{"1":2,"2":1},"9":{"1":0}}"#;
    assert_eq!(app.asked().last().unwrap(), &format!("{KEY} {cast}"));
}

#[actix_web::test]
async fn numbers_that_were_filled_in_are_there_again() {
    let app = App::start().await;
    let fields =
        [("token", "families"), ("key", KEY), ("contest", "7"), ("contest", "8"), ("contest-8-2", "1"), ("contest-9-1", "7")];
    let page = app.send(&fields).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("<option value=\"1\" selected>1</option>") && page.text.contains("value=\"7\""), "{}", page.text);
}
