//! Answers with an ETag: 304 when the client has the content already.

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, HeaderValue, IfNoneMatch};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

/// The content, or 304 for whoever says (`If-None-Match`) that they have it. `hash` names the content, in hex; `cache_control` says for
/// how long it may be kept without asking again.
pub fn or_not_modified(
    request: &HttpRequest,
    hash: String,
    cache_control: &'static str,
    content: impl FnOnce() -> HttpResponse,
) -> HttpResponse {
    let tag = EntityTag::new_strong(hash);
    let is_known = request.get_header::<IfNoneMatch>().is_some_and(|known| match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|other| other.weak_eq(&tag)),
    });
    let mut answer = if is_known { HttpResponse::NotModified().finish() } else { content() };
    if let Ok(tag) = HeaderValue::try_from(tag.to_string()) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    answer
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn status(request: TestRequest) -> u16 {
        let request = request.to_http_request();
        let answer = or_not_modified(&request, "ab".to_owned(), "no-cache", || HttpResponse::Ok().body("text"));
        let header = |name| answer.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        assert_eq!([header(ETAG), header(CACHE_CONTROL)], [Some("\"ab\""), Some("no-cache")]);
        answer.status().as_u16()
    }

    #[test]
    fn who_has_the_content_does_not_get_it_again() {
        let with = |tags: &'static str| status(TestRequest::default().insert_header(("If-None-Match", tags)));
        assert_eq!([with("\"ab\""), with("\"x\", W/\"ab\""), with("*")], [304, 304, 304]);
        assert_eq!([with("\"abc\""), with("ab"), with(""), status(TestRequest::default())], [200, 200, 200, 200]);
    }
}
