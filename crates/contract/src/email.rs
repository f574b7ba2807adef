//! Types of the `email` API, which only services reach.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use messages::{Message, Params};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::audit::SignedHead;

/// A mail on its way: what the queues know of it, and what it says. `POST /api/email/send-many` takes a list of up to 100.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// It is sent once under this id, however often it is asked for.
    pub event_id: Uuid,
    /// The election it belongs to.
    #[serde(default)]
    pub election_id: Option<i64>,
    /// Where it goes.
    #[schema(format = "email")]
    pub recipient: String,
    /// In which language and local time it speaks; a mail that belongs to no election as the installation does.
    #[serde(default)]
    pub local: Local,
    /// What it says.
    pub mail: Mail,
}

/// Body of the two calls that ask for a single mail: without a kind, because the path says it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Single<T> {
    /// What the queue knows of it.
    #[serde(flatten)]
    pub envelope: SingleEnvelope,
    /// What it says.
    #[serde(flatten)]
    pub content: T,
}

/// Body of `POST /api/email/send-voting-invitation`.
pub type SingleInvitation = Single<VotingInvitation>;
/// Body of `POST /api/email/send-results-notification`.
pub type SingleResultsNotification = Single<ResultsNotification>;

/// What stands beside the content of a single mail.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SingleEnvelope {
    /// Makes asking twice harmless; made up by the email service when absent.
    #[serde(default)]
    pub event_id: Option<Uuid>,
    /// The election it belongs to.
    #[serde(default)]
    pub election_id: Option<i64>,
    /// Where it goes.
    #[schema(format = "email")]
    pub voter_email: String,
    /// In which language and local time it speaks.
    #[serde(default)]
    pub local: Local,
}

/// One object with all members. Derived, it would be two objects of which each refuses the members of the other.
impl<T: ToSchema> PartialSchema for Single<T> {
    fn schema() -> RefOr<Schema> {
        let mut content = T::schema();
        if let (RefOr::T(Schema::Object(whole)), RefOr::T(Schema::Object(envelope))) = (&mut content, SingleEnvelope::schema()) {
            whole.properties.extend(envelope.properties);
            whole.required.extend(envelope.required);
        }
        content
    }
}

impl<T: ToSchema> ToSchema for Single<T> {
    fn name() -> Cow<'static, str> {
        format!("Single_{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

/// What a mail says. No `Debug`: some hold a live link or a code.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "content", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mail {
    /// The link to vote.
    VotingInvitation(VotingInvitation),
    /// The link to the result.
    ResultsNotification(ResultsNotification),
    /// The box commitment, to the admin of the election.
    BoxCommitment(BoxCommitment),
    /// Instead of a link, to someone whose ballot is in the box already.
    AlreadyRecorded(AlreadyRecorded),
    /// To an address that was taken off the roll because it was wrong.
    AddressCorrected(AddressCorrected),
    /// After the close, to whoever's right to vote was used.
    UsedNotice(UsedNotice),
    /// A code that an admin types in.
    LoginCode(LoginCode),
    /// An invitation to become an admin.
    AdminInvitation(AdminInvitation),
    /// To the admin whose election has opened by itself while voters had no link.
    OpeningNotice(OpeningNotice),
    /// To the admin whose election does not go on without them, or takes no ballots.
    ActionNeeded(ActionNeeded),
}

/// Answer of `POST /api/email/send-many`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// Mails that were not kept already.
    pub new: u64,
}

/// In which language a mail is written, and in which local time it names times: those of its election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// The language, as a BCP 47 tag.
    #[schema(example = "en")]
    pub locale: String,
    /// The time zone, by its name in the IANA database. UTC always stands beside its time.
    #[schema(example = "Europe/Berlin")]
    pub timezone: String,
}

impl Default for Local {
    fn default() -> Self {
        Self { locale: "en".to_owned(), timezone: "UTC".to_owned() }
    }
}

/// Why a link is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Occasion {
    /// It is the voter's first.
    #[default]
    #[strum(serialize = "voting_invitation")]
    Invitation,
    /// The admin sent it again.
    Resend,
    /// The voter's address was corrected.
    Correction,
    /// The voter asked for it.
    Request,
    /// The voter has not voted yet.
    Reminder,
    /// An organiser looks at what voters will get.
    Test,
}

impl Occasion {
    /// The name that the queues keep.
    #[must_use]
    pub fn kind(self) -> &'static str {
        self.into()
    }
}

impl Mail {
    /// The name of the kind, as the outbox and the mail queue keep it. Both answers to a resend, and to a request, have one
    /// name, so that a row does not tell who has voted.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::VotingInvitation(mail) => mail.occasion.kind(),
            Self::AlreadyRecorded(mail) => mail.occasion.kind(),
            Self::AddressCorrected(_) => "correction_notice",
            Self::ResultsNotification(_) => "results_notification",
            Self::BoxCommitment(_) => "box_commitment",
            Self::UsedNotice(_) => "used_notice",
            Self::LoginCode(_) => "login_code",
            Self::AdminInvitation(_) => "admin_invitation",
            Self::OpeningNotice(_) => "opening_notice",
            Self::ActionNeeded(_) => "action_needed",
        }
    }

    /// Whether it is about a voting link: it brings one, stands in the place of one, or says that one went to a wrong address. Such a
    /// mail tells when its voter can have voted, so the close deletes it, sent or not (ADR 0019).
    #[must_use]
    pub const fn is_about_link(&self) -> bool {
        match self {
            Self::VotingInvitation(_) | Self::AlreadyRecorded(_) | Self::AddressCorrected(_) => true,
            Self::ResultsNotification(_)
            | Self::BoxCommitment(_)
            | Self::UsedNotice(_)
            | Self::LoginCode(_)
            | Self::AdminInvitation(_)
            | Self::OpeningNotice(_)
            | Self::ActionNeeded(_) => false,
        }
    }

    /// When the code or link in it ends, for a mail that belongs to no election: from then on it is neither sent nor kept, and
    /// nobody has to know any more that there was one. Mails of an election are forgotten with the election.
    #[must_use]
    pub fn forget_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::LoginCode(mail) => Some(mail.expires_at),
            Self::AdminInvitation(mail) => Some(mail.expires_at),
            Self::VotingInvitation(_)
            | Self::ResultsNotification(_)
            | Self::BoxCommitment(_)
            | Self::AlreadyRecorded(_)
            | Self::AddressCorrected(_)
            | Self::UsedNotice(_)
            | Self::OpeningNotice(_)
            | Self::ActionNeeded(_) => None,
        }
    }
}

/// The link to vote.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VotingInvitation {
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
    /// The voter's spent code (32 hex digits). The mail after the close that says "your right was used" names it.
    #[serde(default)]
    pub spent_code: Option<String>,
    /// Why it is sent. Whatever is not the first replaces an earlier link.
    #[serde(default)]
    pub occasion: Occasion,
    /// In a reminder: the page where reminders are stopped.
    #[serde(default)]
    pub stop_reminders_url: Option<String>,
}

/// The link to the result.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultsNotification {
    /// How it greets.
    #[serde(default)]
    pub voter_name: Option<String>,
    /// The election's title.
    pub election_title: String,
    /// The page with the result.
    pub results_url: String,
    /// The newest signed head of the audit log, so that a copy of it lies in many mailboxes. Absent when there was none.
    #[serde(default)]
    pub audit_head: Option<SignedHead>,
    /// Where anybody learns whether the audit log still continues that head.
    #[serde(default)]
    pub audit_head_url: Option<String>,
}

/// The admin, or the voter, asked for a link, but a ballot was recorded with the voter's link
/// before. Only the voter learns that.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AlreadyRecorded {
    /// How it greets.
    #[serde(default)]
    pub voter_name: Option<String>,
    /// The election's title.
    pub election_title: String,
    /// The voter's spent code (32 hex digits). The mail after the close that says "your right was used" names it.
    #[serde(default)]
    pub spent_code: Option<String>,
    /// Why a link was asked for: anything but `reminder`.
    #[serde(default)]
    pub occasion: Occasion,
}

/// To the old address: the voter on the roll has another address now. Whoever reads this mail is
/// either not the voter, or the voter, who then learns that somebody moved their link away.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressCorrected {
    /// The election's title.
    pub election_title: String,
    /// The new address, masked.
    pub new_address: String,
    /// Whom to ask when this is wrong: the organiser's address.
    pub organiser: String,
}

/// A ballot was recorded with the voter's right. It leaves after the close, in
/// random order, so that it says nothing about when.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedNotice {
    /// How it greets.
    #[serde(default)]
    pub voter_name: Option<String>,
    /// The election's title.
    pub election_title: String,
    /// The voter's spent code (32 hex digits).
    pub spent_code: String,
}

/// What a code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CodePurpose {
    /// Shows that the address is the admin's.
    VerifyAddress,
    /// Opens an account that failed logins have locked.
    Unlock,
    /// Sets a new password where the old one is forgotten.
    ResetPassword,
}

/// A code and a link that open an account.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginCode {
    /// What it is good for.
    pub purpose: CodePurpose,
    /// What the admin types in.
    pub code: String,
    /// The page that does the same without the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When it dies.
    pub expires_at: DateTime<Utc>,
}

/// A live link to register with.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminInvitation {
    /// Who invites.
    pub invited_by: String,
    /// The page to register on. Whoever has it can register under this address.
    pub registration_url: String,
    /// When it dies.
    pub expires_at: DateTime<Utc>,
}

/// Voting has opened by the clock, and some voters have no link.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpeningNotice {
    /// The election's title.
    pub election_title: String,
    /// Voters on the roll who were sent no link.
    pub links_unsent: i64,
}

/// The election does not go on without its admin.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionNeeded {
    /// The election's title.
    pub election_title: String,
    /// What has happened.
    pub cause: ActionCause,
}

/// Why an election does not go on as it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ActionCause {
    /// The opening time has come and nobody is on the roll.
    EmptyRoll,
    /// The closing time has passed before voting could open.
    EndPassed,
    /// The counting has stopped.
    CountStopped {
        /// Why, in English.
        reason: String,
        /// The same as a message, for the language of the mail.
        #[serde(default)]
        #[schema(value_type = Option<HashMap<String, Value>>)]
        message: Option<Message>,
    },
    /// Recorded ballots are missing from the ballot box, so no more are taken.
    RecordingHalted,
}

/// What was in the box when it was sealed, before anybody could look, and who had
/// the right to vote and used it, in numbers and one hash.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxCommitment {
    /// The election's title.
    pub election_title: String,
    /// How many ballots are in the box.
    pub box_count: u64,
    /// SHA-256 over the sorted digests, in hex.
    pub box_hash: String,
    /// How many rights to vote were used.
    pub spent_count: u64,
    /// SHA-256 over the sorted spent list, in hex.
    pub spent_hash: String,
    /// How many voters are on the roll.
    pub roll_count: u64,
    /// SHA-256 over the ids of the candidates who have withdrawn, in ascending order, in hex.
    pub withdrawn_hash: String,
    /// The installation's signature over all six (`box/v3`), base64.
    pub box_signature: String,
    /// How often recording was halted because recorded ballots were missing.
    pub halts: u64,
    /// How often it was resumed. If this is less, it was halted to the end.
    pub resumptions: u64,
    /// The installation's signature over these two and the hash of the box (`recording/v1`), base64.
    pub recording_signature: String,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Not tried yet.
    Queued,
    /// Refused for now; will be tried again.
    Deferred,
    /// Taken by the mail server.
    Sent,
    /// Refused for good.
    Refused,
    /// Its election is closed: what became of the mail is not known any more.
    Forgotten,
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
    /// With `last_error`: which sentence it is, stable, for programs and for other languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// With `last_error`: what stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HashMap<String, Value>>)]
    pub params: Option<Params>,
    /// When it will be tried next, while queued or deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When the mail server took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
}
