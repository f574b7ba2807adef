//! The OpenAPI document, compared with the one that reviewers read.

use utoipa::OpenApi as _;

#[test]
fn the_document_is_the_committed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = election::routes::Document::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == now,
        "the API changed; look at the difference after `UPDATE=1 cargo nextest run -p election the_document`"
    );
}
