use std::path::Path;

use utoipa::OpenApi as _;

/// `UPDATE=1 cargo nextest run -p audit` writes it anew.
#[test]
fn the_openapi_document_is_the_one_in_the_repository() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let now = format!("{}\n", audit::ApiDoc::openapi().to_pretty_json().unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == now, "services/audit/openapi.json is stale: run with UPDATE=1");
}
