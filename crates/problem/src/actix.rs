//! actix's own refusals in our form: bad JSON, bad path, bad query, unknown route, wrong method, too large.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::{JsonConfig, PathConfig, QueryConfig};
use actix_web::{Error, ResponseError as _};
use contract::problems::{self, Kind};

use crate::Problem;

/// JSON bodies up to `limit` bytes; only `application/json` is read.
#[must_use]
pub fn json_config(limit: usize) -> JsonConfig {
    JsonConfig::default().limit(limit).error_handler(|error, _| json_problem(&error).into())
}

/// Parts of the path.
#[must_use]
pub fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|error: PathError, _| {
        let detail = format!("A part of the address is not of the right form: {error}");
        Problem::new(problems::NOT_FOUND, detail).into()
    })
}

/// Parameters behind the question mark.
#[must_use]
pub fn query_config() -> QueryConfig {
    QueryConfig::default().error_handler(|error: QueryPayloadError, _| {
        Problem::new(problems::MALFORMED, format!("The parameters behind the '?' cannot be read: {error}")).into()
    })
}

fn json_problem(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::ContentType => {
            Problem::new(problems::UNSUPPORTED_MEDIA, "The body must be JSON, with Content-Type: application/json")
        }
        JsonPayloadError::Overflow { limit } | JsonPayloadError::OverflowKnownLength { limit, .. } => {
            Problem::new(problems::TOO_LARGE, format!("The body is larger than {limit} bytes"))
        }
        // Readable JSON of the wrong shape: a field missing, unknown or of another type.
        JsonPayloadError::Deserialize(cause) if cause.is_data() => Problem::field("body", without_position(&cause.to_string())),
        other => Problem::new(problems::MALFORMED, format!("The body is not JSON: {other}")),
    }
}

fn without_position(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
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
        return Err(Problem::field("address", "has %00 in it, the character U+0000, which no address here contains").into());
    }
    // The request is not kept beside: actix routes only one that nobody else holds, and panics otherwise.
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) if error.as_error::<Problem>().is_some() => return Err(error),
        Err(error) => {
            let kind = kind_for(error.error_response().status());
            return Err(Problem::new(kind, kind.advice).into());
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
    let replaced = Problem::new(kind, kind.advice).error_response();
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
