//! Style sheet, script and icons. The address of each has a hash of its content, so it may be kept for a year.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use aws_lc_rs::digest::{SHA256, digest};
use launch::or_not_modified;

/// One file.
pub(crate) struct Asset {
    name: &'static str,
    end: &'static str,
    kind: &'static str,
    text: &'static str,
}

const STYLE: Asset =
    Asset { name: "style", end: "css", kind: "text/css; charset=utf-8", text: include_str!("../assets/style.css") };
const SCRIPT: Asset =
    Asset { name: "site", end: "js", kind: "text/javascript; charset=utf-8", text: include_str!("../assets/site.js") };
const ICONS: Asset = Asset { name: "icons", end: "svg", kind: "image/svg+xml", text: include_str!("../assets/icons.svg") };
const MARK: Asset = Asset { name: "mark", end: "svg", kind: "image/svg+xml", text: include_str!("../assets/mark.svg") };

/// Every file with the hash of its content.
static ALL: LazyLock<[(Asset, String); 4]> = LazyLock::new(|| {
    [STYLE, SCRIPT, ICONS, MARK].map(|asset| {
        let hash = hex::encode(digest(&SHA256, asset.text.as_bytes()))[..16].to_owned();
        (asset, hash)
    })
});

/// Name and address of every file, for templates: `style` is at `/assets/style.<hash>.css`.
pub(crate) fn addresses() -> impl Iterator<Item = (&'static str, String)> {
    ALL.iter().map(|(asset, hash)| (asset.name, format!("/assets/{}.{hash}.{}", asset.name, asset.end)))
}

/// A file. While a new version replaces an old one, a page of the one may ask the other: it gets what there is here, and keeps it for
/// no time.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn asset(request: HttpRequest, file: web::Path<String>) -> HttpResponse {
    let parts: Vec<&str> = file.split('.').collect();
    let found = match parts.as_slice() {
        [name, asked, end] => ALL.iter().find(|(asset, _)| asset.name == *name && asset.end == *end).map(|found| (found, *asked)),
        _ => None,
    };
    let Some(((asset, hash), asked)) = found else { return HttpResponse::NotFound().finish() };
    let keep = if asked == hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    let content = || HttpResponse::Ok().content_type(asset.kind).body(asset.text);
    let mut answer = or_not_modified(&request, hash.clone(), keep, content);
    let nosniff = header::HeaderValue::from_static("nosniff");
    answer.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    answer
}
