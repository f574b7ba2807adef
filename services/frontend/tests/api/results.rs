use crate::app::App;

#[actix_web::test]
async fn a_published_result_is_shown_with_bars_and_turnout() {
    let app = App::start().await;
    let page = app.get("/results/5").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("The log had reached entry 4711") && page.text.contains(&"cd".repeat(32)), "{}", page.text);
    insta::assert_snapshot!(page.steady());
}

#[actix_web::test]
async fn a_tie_and_a_broken_box_are_said_plainly() {
    let app = App::start().await;
    let page = app.get("/results/6").await;
    assert!(
        page.text.contains("Tied: Bob &lt;script&gt;, Alice Johnson. The count does not decide between them"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("No: what is stored now is not what was sealed.")
            && page.text.contains("The chain breaks at ballot 17")
            && page.text.contains("everything was in order when it was checked on 19 February 2026, 13:00 UTC")
    );
    assert!(!page.text.contains("Elected:"));
}

#[actix_web::test]
async fn a_stop_of_signing_is_said_beside_the_head_and_only_then() {
    let app = App::start().await;
    let stopped = app.get("/results/6").await.text;
    assert!(stopped.contains("The audit log of this installation is not signed at present"), "{stopped}");
    assert!(stopped.contains("of the newest entry that was signed") && stopped.contains(&"cd".repeat(32)), "{stopped}");
    assert!(!app.get("/results/5").await.text.contains("is not signed at present"));
}

#[actix_web::test]
async fn a_check_that_is_overdue_is_said_plainly() {
    let app = App::start().await;
    let page = app.get("/results/9").await;
    assert!(page.text.contains("last checked on 19 February 2026, 14:00 UTC; the next check is overdue"), "{}", page.text);
    assert!(!page.text.contains("Yes, as far as the stored ballots can show"));
}

#[actix_web::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let app = App::start().await;
    let page = app.get("/results/5").await;
    assert_eq!(page.header("cache-control"), "no-cache");
    let again = app.get_with("/results/5", "If-None-Match", page.header("etag")).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", page.header("etag")));
    assert_eq!(app.get_with("/results/6", "If-None-Match", page.header("etag")).await.status, 200);
    assert_eq!(app.get("/results/7").await.header("cache-control"), "no-store", "what is still to come is asked for again");
}

#[actix_web::test]
async fn before_publication_the_page_says_so() {
    let app = App::start().await;
    let stopped = app.get("/results/8").await;
    assert_eq!((stopped.status, stopped.text.contains("has stopped, and its organiser was told")), (409, true));
    let page = app.get("/results/7").await;
    assert_eq!(page.status, 409);
    assert!(page.text.contains("The results are not published yet"));
    assert!(!page.text.contains("<table"));
}

#[actix_web::test]
async fn an_unknown_election_is_not_found() {
    let app = App::start().await;
    for path in ["/results/99", "/results/abc", "/results/-1", "/results/99999999999999999999999"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn rounds_quorum_and_a_motion_are_told_on_the_page() {
    let page = App::start().await.get("/results/10").await;
    assert_eq!(page.status, 200);
    insta::assert_snapshot!(page.steady());
}

#[actix_web::test]
async fn points_of_borda_and_the_order_of_schulze_are_told_on_the_page() {
    let page = App::start().await.get("/results/11").await;
    assert_eq!(page.status, 200);
    insta::assert_snapshot!(page.steady());
}

#[actix_web::test]
async fn the_page_of_very_many_candidates_can_be_loaded() {
    crate::upstream::of_many_candidates();
    let page = App::start().await.get("/results/12").await;
    assert_eq!(page.status, 200);
    assert!(page.text.len() < 400_000, "{} bytes", page.text.len());
    assert!(page.text.contains("Rounds 2 to ") && page.text.contains("Candidate 469"), "what is left out is said");
    assert!(page.text.contains("There are too many comparisons for this page"));
}

#[actix_web::test]
async fn a_count_that_ends_without_a_plain_winner_says_why() {
    let page = App::start().await.get("/results/13").await;
    assert_eq!(page.status, 200);
    for sentence in [
        "Not quorate: nothing is counted, and the motion is not decided.",
        "No ballot that was counted names Carol White.",
        "Vacant seats: 1 of 3.",
        "is passed over: it contradicts those before",
        "Tie over which comparison of two candidates counts first between Alice Johnson over Bob Smith",
        "Kept of each vote: Alice Johnson 0.",
    ] {
        assert!(page.text.contains(sentence), "{sentence}: {}", page.text);
    }
    let motion = page.text.split("</section>").next().unwrap();
    assert!(!motion.contains("elected") && !motion.contains("Vacant"), "{motion}");
}
