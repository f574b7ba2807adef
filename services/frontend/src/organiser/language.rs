//! The link in the footer that chooses a language. It sets a cookie that holds nothing else, and changes nothing on the server.

use actix_web::http::header;
use actix_web::web;
use messages::Language;
use serde::Deserialize;

use crate::organiser::visit::{Answer, Visitor};
use crate::texts::LANGUAGE_COOKIE;

const YEAR_SECONDS: u32 = 365 * 24 * 3600;

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    next: String,
}

#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn choose(visitor: Visitor, tag: web::Path<String>, back: Option<web::Query<Back>>) -> Answer {
    let back = back.map(|back| back.into_inner().next).unwrap_or_default();
    let mut answer = visitor.go_to(own_page(&back))?;
    if let Some(language) = Language::named(&tag) {
        // Not only over TLS: it is no secret, and voters' pages may be looked at without.
        let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age={YEAR_SECONDS}; HttpOnly; SameSite=Lax", language.tag());
        if let Ok(cookie) = header::HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(answer)
}

/// The page to go back to, if it is one of this site.
fn own_page(path: &str) -> &str {
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_plain && path.starts_with('/') && !path.starts_with("//") { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn the_link_leads_back_to_this_site_alone() {
        assert_eq!(own_page("/admin/login?next=/admin/x"), "/admin/login?next=/admin/x");
        for other in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: y"] {
            assert_eq!(own_page(other), "/", "{other}");
        }
    }
}
