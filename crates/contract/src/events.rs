//! The events of the audit log. Only what these types can hold can ever stand in the log, so it is also the promise of what never
//! does: no choice, no token, and not that a certain voter has voted.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::VariantNames;
use utoipa::ToSchema;
use uuid::Uuid;

/// One thing that was done, as a service sends it to audit. Because of `event_id` it is stored once, even if it is sent twice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditEvent {
    /// Random; the log keeps one entry for it, however often it is told.
    pub event_id: Uuid,
    /// When it was done.
    pub occurred_at: DateTime<Utc>,
    /// The admin who did it; absent when the system did.
    #[serde(default)]
    pub admin_id: Option<i64>,
    /// The election it was done to.
    #[serde(default)]
    pub election_id: Option<i64>,
    /// A random reference for the voter it is about, which can be forgotten.
    #[serde(default)]
    pub subject_ref: Option<Uuid>,
    /// The address the admin came from.
    #[serde(default)]
    pub ip_address: Option<String>,
    /// What was done.
    pub kind: AuditEventKind,
}

/// Why voting did not open at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotOpened {
    /// Nobody is on the roll.
    EmptyRoll,
    /// The closing time has passed.
    EndPassed,
}

/// Everything that is logged, with all that is said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, VariantNames)]
#[strum(serialize_all = "snake_case")]
#[serde(tag = "event_type", content = "details", rename_all = "snake_case")]
///
/// While voting is open an event holds no number that depends on who has voted: the log keeps the time of each event for ever, so
/// such a number would be the exact turnout at that time (ADR 0019). So `RemindersSent` has no fields.
#[allow(missing_docs, reason = "the names are the documentation; the fields are numbers, names and hashes")]
pub enum AuditEventKind {
    AdminRegistered {},
    AdminLoggedIn {},
    AdminLoggedOut {},
    AccountLocked {},
    AccountUnlocked {},
    AddressVerified {},
    PasswordChanged {},
    PasswordReset {},
    AdminInvited {},
    InvitationRevoked {},
    SuperadminMade {},
    ElectionCreated {
        title: String,
    },
    ElectionCopied {
        title: String,
        /// The election it was copied from.
        copied_from: i64,
        /// How many candidates came along.
        candidates: u32,
    },
    ElectionUpdated {
        changed: Vec<String>,
    },
    ElectionDeleted {
        title: String,
    },
    ElectionActivated {
        manifest_hash: String,
        contests: u32,
        candidates: u32,
    },
    ElectionScheduled {
        manifest_hash: String,
        contests: u32,
        candidates: u32,
        opens_at: DateTime<Utc>,
    },
    ElectionOpened {
        links_unsent: i64,
    },
    OpeningPostponed {
        cause: NotOpened,
    },
    ClosingTimeMoved {
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        reason: String,
    },
    ElectionClosed {
        stamps: i64,
        ballots: i64,
    },
    RecordingHalted {},
    RecordingResumed {
        reason: String,
    },
    BoxSealed {
        ballots: u64,
        box_hash: String,
        used_rights: u64,
        spent_hash: String,
        roll: u64,
        withdrawn_hash: String,
        halts: u64,
        resumptions: u64,
    },
    ParticipationRewritten {
        used_rights: i64,
        spent_hash: String,
    },
    BallotsOpened {
        ballots: i64,
        invalid: i64,
    },
    ResultsPublished {},
    TallyFailed {
        step: String,
        reason: String,
    },
    TallyRetried {
        step: String,
    },
    ElectionArchived {},
    CandidateWithdrawn {
        candidate_id: i64,
        name: String,
        reason: String,
    },
    CandidateAdded {
        candidate_id: i64,
        name: String,
    },
    CandidateUpdated {
        candidate_id: i64,
        name: String,
    },
    CandidateRemoved {
        candidate_id: i64,
        name: String,
    },
    CandidatesDrawn {
        contest_id: i64,
        /// 32 random bytes in hex; with them anybody can draw the order again.
        seed: String,
        /// The candidates in the order that was drawn.
        candidates: Vec<i64>,
    },
    VoterAdded {},
    VotersAddedLate {
        count: i64,
        reason: String,
    },
    VoterCorrected {
        address: bool,
    },
    VotersImported {
        imported: i64,
        duplicates: i64,
        rejected: i64,
    },
    VoterRemoved {},
    VotingLinksSent {
        queued: i64,
        already_sent: i64,
    },
    VotingLinkResent {},
    RemindersSent {},
    TestMailSent {},
    UsedNoticesSent {
        queued: i64,
    },
    ResultsLinksSent {
        queued: i64,
    },
    VotersViewed {},
    ElectionAnonymised {
        voters: i64,
    },
    ResultsViewed {},
    AuditLogAccepted {
        reason: String,
        /// Over the entries before it, as they are: SHA-256 in hex. What differs from it later was not accepted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fingerprint: Option<String>,
    },
    AuditViewed {},
}

impl AuditEventKind {
    /// The names of all events, as `event_type` has them.
    pub const NAMES: &'static [&'static str] = <Self as VariantNames>::VARIANTS;
}

impl AuditEvent {
    /// An event of now, with a fresh id, done by the system to nothing in particular; see the `by`, `to` and `about` calls.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where an event gets its id and its time; nothing is decided by them"
    )]
    pub fn now(kind: AuditEventKind) -> Self {
        Self {
            event_id: Uuid::new_v4(),
            occurred_at: Utc::now(),
            admin_id: None,
            election_id: None,
            subject_ref: None,
            ip_address: None,
            kind,
        }
    }

    /// Done by this admin.
    #[must_use]
    pub fn by(mut self, admin_id: i64, ip_address: Option<String>) -> Self {
        self.admin_id = Some(admin_id);
        self.ip_address = ip_address;
        self
    }

    /// Done to this election.
    #[must_use]
    pub fn to(mut self, election_id: i64) -> Self {
        self.election_id = Some(election_id);
        self
    }

    /// About the voter behind this reference.
    #[must_use]
    pub fn about(mut self, subject_ref: Uuid) -> Self {
        self.subject_ref = Some(subject_ref);
        self
    }
}
