//! Refusals as RFC 9457 problem documents.
//!
//! A refusal is a small type beside what it refuses; it implements [`Refusal`] and becomes a [`Problem`]. Nothing is mapped by
//! default: there is no way from a database error to a problem but one that somebody wrote down.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod actix;
mod json;
mod openapi;
mod reading;

use std::fmt;

pub use actix::{json_config, path_config, problem_for_every_error};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use contract::problems::{self, Body, FieldError, Kind};
pub use json::{Json, Query, from_json};
use messages::{Message, Says, say};
pub use openapi::{Limited, Refusals};
use serde_json::Value;
use uuid::Uuid;

/// Something that says no, and says it well: which kind of problem it is, and by its message what to do next.
pub trait Refusal: Says {
    /// The kind, from the contract's list.
    fn kind(&self) -> Kind;

    /// For `invalid-input`: the fields that are wrong.
    fn errors(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// For how many seconds asking again is pointless.
    fn retry_after(&self) -> Option<u32> {
        None
    }
}

/// What is asked for by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// An election.
    Election,
    /// A voter on the roll.
    Voter,
    /// A candidate.
    Candidate,
    /// An invitation to become an admin.
    Invitation,
    /// A mail.
    Mail,
    /// A file of voters that waits to be confirmed.
    VoterImport,
    /// A picture or a PDF of a candidate.
    Upload,
}

impl Missing {
    fn message(self) -> Message {
        match self {
            Self::Election => say!(no_such_election),
            Self::Voter => say!(no_such_voter),
            Self::Candidate => say!(no_such_candidate),
            Self::Invitation => say!(no_such_invitation),
            Self::Mail => say!(no_such_mail),
            Self::VoterImport => say!(no_such_voter_import),
            Self::Upload => say!(no_such_upload),
        }
    }
}

/// An answer that says no.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: Kind,
    detail: Message,
    errors: Vec<FieldError>,
    retry_after: Option<u32>,
    request_id: Option<Uuid>,
    more: Vec<(&'static str, Value)>,
}

impl<R: Refusal> From<R> for Problem {
    fn from(refusal: R) -> Self {
        Self { errors: refusal.errors(), retry_after: refusal.retry_after(), ..Self::new(refusal.kind(), refusal.message()) }
    }
}

impl Problem {
    /// A problem of this kind; `detail` says what happened this time and what to do next.
    #[must_use]
    pub fn new(kind: Kind, detail: impl Into<Message>) -> Self {
        let retry_after = (kind.status == 503).then_some(5);
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after, request_id: None, more: Vec::new() }
    }

    /// There is no such thing, or it belongs to somebody else, which is the same to the caller.
    #[must_use]
    pub fn not_found(what: Missing) -> Self {
        Self::new(problems::NOT_FOUND, what.message())
    }

    /// One field is wrong.
    #[must_use]
    pub fn field(field: &str, message: impl Into<Message>) -> Self {
        Self::invalid(vec![FieldError::new(field, message)])
    }

    /// These fields are wrong.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::with_fields(problems::INVALID, errors)
    }

    fn with_fields(kind: Kind, errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => {
                let message = Message::received(&one.code, &one.params, &one.message);
                say!(one_field_is_wrong, field = &one.field, message = message)
            }
            many => say!(fields_are_wrong, count = many.len()),
        };
        Self { errors, ..Self::new(kind, detail) }
    }

    /// What nobody foresaw. The caller gets a fixed sentence and a request id; the cause goes to the log, once.
    #[must_use]
    pub fn internal(doing: &str, cause: &dyn fmt::Display) -> Self {
        Self::logged(problems::INTERNAL, doing, cause)
    }

    /// Something this service needs does not answer. Logged once, with the request id the caller gets.
    #[must_use]
    pub fn unavailable(doing: &str, cause: &dyn fmt::Display) -> Self {
        Self::logged(problems::UNAVAILABLE, doing, cause)
    }

    fn logged(kind: Kind, doing: &str, cause: &dyn fmt::Display) -> Self {
        let request_id = Uuid::new_v4();
        tracing::error!(%request_id, doing, %cause, slug = kind.slug, "failed");
        Self { request_id: Some(request_id), ..Self::new(kind, kind.advice()) }
    }

    /// Adds a member to the document (RFC 9457 section 3.2).
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.more.push((name, value.into()));
        self
    }

    /// Asking again is pointless for this many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The kind of problem.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn body(&self) -> Value {
        let body = Body {
            r#type: format!("/problems/{}", self.kind.slug),
            title: self.kind.title().to_string(),
            status: self.kind.status,
            detail: self.detail.to_string(),
            code: self.detail.code().to_owned(),
            params: self.detail.params().clone(),
            errors: self.errors.clone(),
            request_id: self.request_id.map(|id| id.to_string()),
        };
        let mut value = serde_json::to_value(body).unwrap_or(Value::Null);
        if let Value::Object(members) = &mut value {
            members.extend(self.more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        value
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.slug, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        if self.kind.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(self.body().to_string())
    }
}
