//! The kinds of problem the API answers with (RFC 9457). Each has a page at `/problems/<slug>`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One kind of problem: stable slug, title, status, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable name; the problem's `type` is `/problems/<slug>`.
    pub slug: &'static str,
    /// Short and the same every time.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What to do, for the page of the kind.
    pub advice: &'static str,
}

/// A field that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The member of the body, the parameter or the column.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
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
    /// What happened this time, and what to do next.
    pub detail: String,
    /// For `invalid-input`: every field that is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// For 5xx: what to quote to the operator; the log has the cause under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

macro_rules! kinds {
    ($($name:ident = $status:literal $slug:literal $title:literal $advice:literal;)+) => {
        $(#[doc = $title] pub const $name: Kind = Kind { slug: $slug, title: $title, status: $status, advice: $advice };)+

        /// Every kind.
        pub const ALL: &[Kind] = &[$($name),+];
    };
}

kinds! {
    MALFORMED = 400 "malformed-request" "The request cannot be read" "Check that the body is JSON and the address is spelled as in the API description.";
    UNAUTHENTICATED = 401 "not-logged-in" "You are not logged in" "Log in again and send the new token in the Authorization header as 'Bearer <token>'.";
    WRONG_CREDENTIALS = 401 "wrong-credentials" "Wrong address or password" "Check both. After five failures in a row no more are taken from where you are for 15 minutes.";
    FORBIDDEN = 403 "not-allowed" "This is not yours to do" "Ask whoever runs this installation for the right to do it.";
    REGISTRATION_CLOSED = 403 "registration-closed" "Registration is closed" "Ask whoever runs this installation for an account.";
    NOT_FOUND = 404 "not-found" "There is nothing here" "Check the address. What belongs to somebody else is not there for you either.";
    UNKNOWN_LINK = 404 "unknown-link" "This voting link is not known" "Open the link in the newest mail again, or copy all of it. An older link dies when a new one is sent.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed" "This address does not take that method" "See the API description for the methods it takes.";
    CONFLICT = 409 "state-conflict" "The state of the election does not allow this" "The detail names the rule; see the life of an election in the manual.";
    EXISTS = 409 "already-exists" "This exists already" "Use what exists, or change it.";
    ALREADY_USED = 409 "already-used" "A ballot was recorded with this link" "Every voter has one ballot. If it was not you who voted, tell the organiser.";
    NOT_OPEN = 409 "voting-not-open" "Voting is not open" "Voting opens and closes at the times on the ballot page.";
    RESULTS_NOT_PUBLISHED = 409 "results-not-published" "The results are not published yet" "Nobody sees a count before the election is closed and counted. Come back then.";
    COUNT_STOPPED = 409 "count-stopped" "The counting has stopped" "The organiser was told and sees the reason. The ballots are kept; the result appears when the count is finished.";
    RESEND_LIMIT = 409 "resend-limit" "The link was sent again too often" "A link is sent again at most three times. Check the address on the roll.";
    LINK_EXPIRED = 410 "link-expired" "This voting link has expired" "Ask for a new one with your number and your mail address, or ask the organiser to send you one.";
    LINK_REVOKED = 410 "link-replaced" "This voting link was replaced" "A newer link was sent to you; only the newest one works.";
    TOO_LARGE = 413 "too-large" "The request is too large" "Send less: 16 kB on voting paths, 20 MB for a file of voters, 1 MB elsewhere.";
    UNSUPPORTED_MEDIA = 415 "unsupported-media-type" "This kind of content is not taken here" "Send JSON with Content-Type: application/json; a file of voters as CSV. From a spreadsheet: save as CSV.";
    INVALID = 422 "invalid-input" "Some of the input cannot be taken" "The list 'errors' names each field and what is wrong with it. Nothing was changed.";
    LOCKED = 423 "account-locked" "The account is locked" "Wait as long as Retry-After says, log in on a device that has logged in before, or use the link that was mailed to the address of the account.";
    ELECTION_LOCKED = 423 "election-locked" "The election is being changed at this moment" "Try again after a few seconds. Nothing was changed.";
    TOO_MANY = 429 "too-many-requests" "Too many requests" "Wait as long as Retry-After says, then try again.";
    INTERNAL = 500 "internal-error" "Something went wrong on our side" "Nothing was changed. Try again; if it stays, quote the request_id to the operator.";
    UNAVAILABLE = 503 "unavailable" "The service cannot answer now" "Try again after a few seconds. Nothing was changed.";
    RECORDING_HALTED = 503 "recording-halted" "Voting in this election is halted" "The ballot box no longer holds everything that was recorded in it. Nothing was recorded and the link is not used. Keep the link, tell the organiser, and vote with it when voting is resumed. Whoever has a receipt can look it up.";
    OUTCOME_UNKNOWN = 503 "outcome-unknown" "It is not known whether this was recorded" "Send the very same request again: if it was recorded you get its receipt, and nothing happens twice.";
}
