//! The description of the API, as it is served and as reviewers read it.

use testkit::TestDatabase;
use utoipa::OpenApi as _;

use crate::app::App;

#[actix_web::test]
async fn the_document_is_served_and_openapi_json_is_the_same() {
    let document = voting::ApiDoc::openapi().to_pretty_json().unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), document, "run the test with UPDATE=1 and read the difference");
    let database = TestDatabase::new().await;
    let app = App::start(&database).await;
    for path in ["/openapi.json", "/api/voting/openapi.json"] {
        let served = app.get(path).await;
        assert_eq!(served.body["openapi"], "3.1.0");
        assert!(served.body["paths"]["/api/voting/cast-vote"]["post"].is_object());
    }
}

#[actix_web::test]
async fn unknown_routes_and_broken_bodies_are_problem_documents() {
    let database = TestDatabase::new().await;
    let app = App::start(&database).await;
    assert_eq!(app.get("/api/voting/nothing-here").await.said(), "not-found");
    let url = format!("{}/api/voting/cast-vote", app.url);
    for (body, kind, status) in [
        ("{".to_owned(), "application/json", 400),
        (format!("\"{}\"", "x".repeat(20_000)), "application/json", 413),
        ("x".to_owned(), "text/plain", 415),
    ] {
        let response = app.client.post(&url).header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}
