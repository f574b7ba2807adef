//! The one style sheet. Its address changes with its content, so it may be kept for ever.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};

/// Where it is.
pub(crate) const PATH: &str = "/style.css";

const TEXT: &str = include_str!("../static/style.css");

/// Names the content.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| hex::encode(digest(&SHA256, TEXT.as_bytes()))[..16].to_owned());

// actix handlers are async.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn style(request: HttpRequest) -> HttpResponse {
    let etag = format!("\"{}\"", *VERSION);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let unchanged = known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if unchanged { answer.finish() } else { answer.content_type("text/css; charset=utf-8").body(TEXT) }
}
