use crate::app::App;

#[actix_web::test]
async fn the_home_page_says_what_this_is_and_how_things_stand() {
    let app = App::start().await;
    let page = app.get("/").await;
    assert_eq!(page.status, 200);
    insta::assert_snapshot!(page.steady());
    assert_eq!(app.head("/").await.status, 200);
}

#[actix_web::test]
async fn the_status_page_shows_who_is_down_and_why() {
    let app = App::start().await;
    let page = app.get("/status").await;
    insta::assert_snapshot!(page.steady());
    app.get("/status").await;
    assert_eq!(app.asked().len(), 8, "a second look within two seconds asks nobody");
}

#[actix_web::test]
async fn pages_come_although_nothing_behind_them_answers() {
    let app = App::alone().await;
    for path in ["/", "/status", "/api/docs", "/problems"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn all_apis_are_on_one_page() {
    let app = App::start().await;
    let page = app.get("/api/docs").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script") && !page.text.contains("<organisers>"));
    insta::assert_snapshot!(page.steady());
}

#[actix_web::test]
async fn every_kind_of_problem_has_a_page() {
    let app = App::start().await;
    let list = app.get("/problems").await.text;
    for kind in contract::problems::ALL {
        let path = format!("/problems/{}", kind.slug);
        assert!(list.contains(&path), "{path}");
        let page = app.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("What to do"));
    }
}

#[actix_web::test]
async fn what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let app = App::start().await;
    for path in ["/problems/no-such-thing", "/nowhere", "/results/x"] {
        let page = app.get(path).await;
        assert!(page.status == 404 && page.header("content-type").starts_with("text/html"), "{path}");
        let document = app.get_with(path, "Accept", "application/json").await;
        assert!(document.status == 404 && document.header("content-type") == "application/problem+json", "{path}");
    }
}

#[actix_web::test]
async fn the_style_may_be_kept_for_ever() {
    let app = App::start().await;
    let home = app.get("/").await.text;
    let (_, rest) = home.split_once("href=\"/assets/style").unwrap();
    let path = format!("/assets/style{}", rest.split_once('"').unwrap().0);
    let style = app.get(&path).await;
    assert!(style.header("content-type").starts_with("text/css") && style.header("cache-control").contains("immutable"));
    let etag = style.header("etag");
    assert!(path.contains(etag.trim_matches('"')), "the page asks for this version");
    assert_eq!(app.get_with(&path, "If-None-Match", etag).await.status, 304);
}
