//! The kinds of problem the API answers with (RFC 9457). Each has a page at `/problems/<slug>`.

use messages::{Message, Params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One kind of problem: stable slug and status. Its title, and what to do about it, stand in the catalogue under the slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable name; the problem's `type` is `/problems/<slug>`.
    pub slug: &'static str,
    /// HTTP status.
    pub status: u16,
}

impl Kind {
    /// Short and the same every time.
    #[must_use]
    pub fn title(&self) -> Message {
        self.named("")
    }

    /// What to do, for the page of the kind.
    #[must_use]
    pub fn advice(&self) -> Message {
        self.named("-advice")
    }

    fn named(&self, what: &str) -> Message {
        Message::named(&format!("problem-{}{what}", self.slug), []).unwrap_or_else(|| Message::verbatim(self.slug))
    }
}

/// A field that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The member of the body, the parameter or the column.
    pub field: String,
    /// What is wrong with it, in English.
    pub message: String,
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    #[schema(required = true)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>, required = true)]
    pub params: Params,
}

impl FieldError {
    /// This is wrong with that field.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<Message>) -> Self {
        let message = message.into();
        let (code, params) = (message.code().to_owned(), message.params().clone());
        Self { field: field.into(), message: message.to_string(), code, params }
    }
}

/// The body of every refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Body {
    /// `/problems/<slug>`.
    pub r#type: String,
    /// Short and the same every time.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time, and what to do next, in English.
    pub detail: String,
    /// Which sentence `detail` is: stable, for programs and for other languages.
    #[serde(default)]
    #[schema(required = true)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>, required = true)]
    pub params: Params,
    /// For `invalid-input`: every field that is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// For 5xx: what to quote to the operator; the log has the cause under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A sentence for people, in a list of such: in English, and as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    /// The sentence in English.
    pub message: String,
    /// Which sentence it is: stable, for programs and for other languages.
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl From<Message> for Notice {
    fn from(message: Message) -> Self {
        Self { message: message.to_string(), code: message.code().to_owned(), params: message.params().clone() }
    }
}

macro_rules! kinds {
    ($($name:ident = $status:literal $slug:literal;)+) => {
        $(#[doc = concat!("`", $slug, "`")] pub const $name: Kind = Kind { slug: $slug, status: $status };)+

        /// Every kind.
        pub const ALL: &[Kind] = &[$($name),+];
    };
}

kinds! {
    MALFORMED = 400 "malformed-request";
    UNAUTHENTICATED = 401 "not-logged-in";
    WRONG_CREDENTIALS = 401 "wrong-credentials";
    FORBIDDEN = 403 "not-allowed";
    REGISTRATION_CLOSED = 403 "registration-closed";
    NOT_FOUND = 404 "not-found";
    UNKNOWN_LINK = 404 "unknown-link";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed";
    CONFLICT = 409 "state-conflict";
    EXISTS = 409 "already-exists";
    ALREADY_USED = 409 "already-used";
    NOT_OPEN = 409 "voting-not-open";
    RESULTS_NOT_PUBLISHED = 409 "results-not-published";
    COUNT_STOPPED = 409 "count-stopped";
    RESEND_LIMIT = 409 "resend-limit";
    LINK_EXPIRED = 410 "link-expired";
    LINK_REVOKED = 410 "link-replaced";
    TOO_LARGE = 413 "too-large";
    UNSUPPORTED_MEDIA = 415 "unsupported-media-type";
    INVALID = 422 "invalid-input";
    LOCKED = 423 "account-locked";
    ELECTION_LOCKED = 423 "election-locked";
    TOO_MANY = 429 "too-many-requests";
    INTERNAL = 500 "internal-error";
    UNAVAILABLE = 503 "unavailable";
    RECORDING_HALTED = 503 "recording-halted";
    OUTCOME_UNKNOWN = 503 "outcome-unknown";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_title_and_says_what_to_do() {
        for kind in ALL {
            for message in [kind.title(), kind.advice()] {
                assert!(message.code().starts_with("problem-"), "the catalogue has nothing for {}", kind.slug);
            }
        }
    }
}
