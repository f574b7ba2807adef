//! actix's own refusals in our form: bad JSON, bad path, bad query, unknown route, wrong method, too large.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::JsonPayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::{JsonConfig, PathConfig};
use actix_web::{Error, ResponseError as _};
use contract::problems::{self, Kind};
use messages::say;

use crate::Problem;

/// JSON bodies up to `limit` bytes; only `application/json` is read.
#[must_use]
pub fn json_config(limit: usize) -> JsonConfig {
    JsonConfig::default().limit(limit).error_handler(|error, _| json_problem(&error).into())
}

/// Parts of the path. Which one is wrong is plain to see, and what the router says of it is for programmers.
#[must_use]
pub fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Problem::new(problems::NOT_FOUND, say!(address_part_unusable)).into())
}

fn json_problem(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::ContentType => Problem::new(problems::UNSUPPORTED_MEDIA, say!(body_must_be_json)),
        JsonPayloadError::Overflow { limit } | JsonPayloadError::OverflowKnownLength { limit, .. } => {
            Problem::new(problems::TOO_LARGE, say!(body_too_large, bytes = *limit))
        }
        JsonPayloadError::Deserialize(cause) => crate::json::not_json(cause),
        // The connection broke while the body was sent, or its compression is not what its header says.
        _ => Problem::new(problems::MALFORMED, say!(body_ends_early)),
    }
}

/// Middleware for `actix_web::middleware::from_fn`: an error answer without a body of ours gets one, so that an unknown
/// route, a wrong method or a failed extractor is a problem document like any other.
pub async fn problem_for_every_error(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    // A text of PostgreSQL has no character U+0000, so no path and no parameter of ours has one: asking the database would fail
    // there, as a fault of ours.
    if request.uri().path_and_query().is_some_and(|asked| asked.as_str().contains("%00")) {
        return Err(Problem::field("address", say!(address_with_nul)).into());
    }
    // The request is not kept beside: actix routes only one that nobody else holds, and panics otherwise.
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) if error.as_error::<Problem>().is_some() => return Err(error),
        Err(error) => {
            let kind = kind_for(error.error_response().status());
            return Err(Problem::new(kind, kind.advice()).into());
        }
    };
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    let is_page = matches!(response.response().body().size(), BodySize::Sized(1..))
        && response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_problem || is_page || !(status.is_client_error() || status.is_server_error()) {
        return Ok(response);
    }
    let kind = kind_for(status);
    let replaced = Problem::new(kind, kind.advice()).error_response();
    let (request, mut ours) = response.into_parts();
    let allow = ours.headers_mut().remove(header::ALLOW).next();
    let mut response = ServiceResponse::new(request, replaced);
    if let Some(allow) = allow {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    Ok(response)
}

fn kind_for(status: StatusCode) -> Kind {
    match status.as_u16() {
        401 => problems::UNAUTHENTICATED,
        403 => problems::FORBIDDEN,
        404 => problems::NOT_FOUND,
        405 => problems::METHOD_NOT_ALLOWED,
        413 => problems::TOO_LARGE,
        415 => problems::UNSUPPORTED_MEDIA,
        429 => problems::TOO_MANY,
        503 | 504 => problems::UNAVAILABLE,
        code if code >= 500 => problems::INTERNAL,
        _ => problems::MALFORMED,
    }
}
