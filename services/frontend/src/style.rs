//! The one style sheet. Its address changes with its content, so it may be kept for ever.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use launch::unless_known;

/// Where it is.
pub(crate) const PATH: &str = "/style.css";

const TEXT: &str = include_str!("../static/style.css");

/// Names the content.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| hex::encode(digest(&SHA256, TEXT.as_bytes()))[..16].to_owned());

// actix handlers are async.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn style(request: HttpRequest) -> HttpResponse {
    let content = || HttpResponse::Ok().content_type("text/css; charset=utf-8").body(TEXT);
    unless_known(&request, VERSION.clone(), "public, max-age=31536000, immutable", content)
}
