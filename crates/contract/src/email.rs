//! Types of the `email` API, which only services reach.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A mail that another service asks for. Each kind is one call of the email service.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// The link to vote.
    VotingInvitation(VotingInvitation),
    /// The link to the result.
    ResultsNotification(ResultsNotification),
    /// The box commitment, to the admins of the election.
    BoxCommitment(BoxCommitment),
    /// Instead of a link, to someone whose ballot is in the box already.
    AlreadyRecorded(AlreadyRecorded),
}

impl Mail {
    /// The name of the kind, as the outbox and the mail queue keep it. Both answers to a resend have one name, so that a row
    /// does not tell who has voted; `finish_close` erases, by the beginning of the name, every row that was made because of
    /// where a voter stood (`reminder`, `resend`, `correction`, `request`).
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::VotingInvitation(mail) if mail.resent => "resend",
            Self::AlreadyRecorded(_) => "resend",
            Self::VotingInvitation(_) => "voting_invitation",
            Self::ResultsNotification(_) => "results_notification",
            Self::BoxCommitment(_) => "box_commitment",
        }
    }

    /// Under which asking twice is harmless, if whoever asks has chosen one.
    #[must_use]
    pub fn event_id(&self) -> Option<Uuid> {
        match self {
            Self::VotingInvitation(mail) => mail.event_id,
            Self::ResultsNotification(mail) => mail.event_id,
            Self::BoxCommitment(mail) => mail.event_id,
            Self::AlreadyRecorded(mail) => mail.event_id,
        }
    }

    /// The election it belongs to.
    #[must_use]
    pub fn election_id(&self) -> Option<i64> {
        match self {
            Self::VotingInvitation(mail) => mail.election_id,
            Self::ResultsNotification(mail) => mail.election_id,
            Self::BoxCommitment(mail) => Some(mail.election_id),
            Self::AlreadyRecorded(mail) => mail.election_id,
        }
    }

    /// The call of the email service that takes this kind.
    #[must_use]
    pub fn path(&self) -> &'static str {
        match self {
            Self::VotingInvitation(_) => "/api/email/send-voting-invitation",
            Self::ResultsNotification(_) => "/api/email/send-results-notification",
            Self::BoxCommitment(_) => "/api/email/send-box-commitment",
            Self::AlreadyRecorded(_) => "/api/email/send-already-recorded",
        }
    }
}

/// Body of `POST /api/email/send-voting-invitation`. No `Debug`: it holds a live link.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VotingInvitation {
    /// Makes asking twice harmless; made up by the email service when absent.
    #[serde(default)]
    pub event_id: Option<Uuid>,
    /// The election it belongs to.
    #[serde(default)]
    pub election_id: Option<i64>,
    /// Where it goes.
    pub voter_email: String,
    /// How it greets.
    #[serde(default)]
    pub voter_name: Option<String>,
    /// The election's title.
    pub election_title: String,
    /// The link. Whoever has it can vote.
    pub voting_url: String,
    /// When the link dies.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When voting ends, if a time is set.
    #[serde(default)]
    pub closes_at: Option<DateTime<Utc>>,
    /// The voter's spent code (32 hex digits), by which an abstainer can later check that nobody voted in their name.
    #[serde(default)]
    pub spent_code: Option<String>,
    /// Whether an earlier link was replaced by this one.
    #[serde(default)]
    pub resent: bool,
}

/// Body of `POST /api/email/send-results-notification`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultsNotification {
    /// Makes asking twice harmless.
    #[serde(default)]
    pub event_id: Option<Uuid>,
    /// The election it belongs to.
    #[serde(default)]
    pub election_id: Option<i64>,
    /// Where it goes.
    pub voter_email: String,
    /// How it greets.
    #[serde(default)]
    pub voter_name: Option<String>,
    /// The election's title.
    pub election_title: String,
    /// The page with the result.
    pub results_url: String,
}

/// Body of `POST /api/email/send-already-recorded`: the admin asked for a link, but a ballot was recorded with the voter's link
/// before. Only the voter learns that.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlreadyRecorded {
    /// Makes asking twice harmless.
    #[serde(default)]
    pub event_id: Option<Uuid>,
    /// The election it belongs to.
    #[serde(default)]
    pub election_id: Option<i64>,
    /// Where it goes.
    pub voter_email: String,
    /// How it greets.
    #[serde(default)]
    pub voter_name: Option<String>,
    /// The election's title.
    pub election_title: String,
    /// The voter's spent code (32 hex digits), by which they can find out after the close that their right was used.
    #[serde(default)]
    pub spent_code: Option<String>,
}

/// Body of `POST /api/email/send-box-commitment`: what was in the box when it was sealed, before anybody could look.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxCommitment {
    /// Makes asking twice harmless.
    #[serde(default)]
    pub event_id: Option<Uuid>,
    /// The election.
    pub election_id: i64,
    /// Where it goes.
    pub admin_email: String,
    /// The election's title.
    pub election_title: String,
    /// How many ballots are in the box.
    pub box_count: i64,
    /// SHA-256 over the sorted digests, in hex.
    pub box_hash: String,
    /// The installation's signature over both, base64.
    pub box_signature: String,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not tried yet.
    Queued,
    /// Refused for now; will be tried again.
    Deferred,
    /// Taken by the mail server.
    Sent,
    /// Refused for good.
    Refused,
}

/// Answer of the sends (202) and of `GET /api/email/status/{id}` (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmailStatus {
    /// What to ask for.
    pub email_id: i64,
    /// What became of it.
    pub status: Status,
    /// How often it was tried.
    pub attempts: i32,
    /// What the mail server said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When it will be tried next, while queued or deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When the mail server took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
}
