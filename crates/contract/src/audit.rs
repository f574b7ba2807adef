//! Types of the `audit` API.

use chrono::{DateTime, Utc};
use messages::{Message, Params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problems::Notice;

/// Answer of `POST /api/audit/events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appended {
    /// How many of the events are new entries.
    pub stored: i64,
    /// How many are in the log already, and were left as they are.
    pub known: i64,
}

/// Parameters of `GET /api/audit`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The election whose entries are asked for. A superadmin may leave it out and gets every entry.
    pub election_id: Option<i64>,
    /// How many entries at the most: 1 to 1000, 100 by default.
    pub limit: Option<i64>,
    /// Only entries after this `log_id`; with `newest`, only those before it.
    pub after: Option<i64>,
    /// Only these events: names of `event_type` with commas between them.
    pub event_type: Option<String>,
    /// `true`: the newest entry first.
    pub newest: Option<bool>,
}

/// One entry of the log. Everything that `current_hash` covers is here, so that whoever holds the entry can compute it; of the members
/// above the hashes it leaves out `admin_email`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the log: 1, 2, 3 and so on, without gaps.
    pub log_id: i64,
    /// The id that the sending service gave the event.
    pub event_id: Uuid,
    /// When it was done; to the microsecond.
    pub timestamp: DateTime<Utc>,
    /// The service that sent it.
    pub source: String,
    /// What was done.
    pub event_type: String,
    /// The admin who did it; absent when the system did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_id: Option<i64>,
    /// The present address of that admin's account. No hash covers it: an address can change, an entry cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_email: Option<String>,
    /// The election it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub election_id: Option<i64>,
    /// A random reference for the voter it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_ref: Option<Uuid>,
    /// What else is said about it.
    #[schema(value_type = Object)]
    pub details: Value,
    /// The address the admin came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// `current_hash` of the entry before, in hex; of the first entry: 64 zeros.
    pub previous_hash: String,
    /// SHA-256 over all of the above, in hex.
    pub current_hash: String,
}

/// A head of the log that somebody kept, from a mail or from the page of a result. Both members, or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct KeptHead {
    /// The number of the entry.
    pub head_id: Option<i64>,
    /// Its hash: 64 hexadecimal digits.
    pub head_hash: Option<String>,
}

/// The last entry of the log at one moment, signed by the audit service's own key. The bytes that are signed are in
/// `docs/protocol.md`, section 14.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedHead {
    /// The number of the entry.
    pub last_id: i64,
    /// Its hash, in hex. It covers every entry before it.
    pub last_hash: String,
    /// When it was signed; to the microsecond.
    pub signed_at: DateTime<Utc>,
    /// Ed25519, in base64.
    pub signature: String,
}

/// Answer of `GET /api/audit/head`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewestHead {
    /// The newest signed head whose signature is genuine. Absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<SignedHead>,
    /// Whether the audit service has stopped signing, because the log is not what it wrote. What was logged since then is not
    /// covered by `head`.
    #[serde(default)]
    pub signing_stopped: bool,
    /// When the audit service began to go through the whole log the last time, and came to its end: every entry was looked at
    /// since then. Absent until it has done so once after its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<DateTime<Utc>>,
    /// Whether every entry was as it was written, and none was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_ok: Option<bool>,
    /// The first entry that was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<FirstBad>,
    /// The key that signs heads: SubjectPublicKeyInfo, PEM.
    pub public_key: String,
    /// Whether the log still continues the head that was asked about. Absent when none was. When signing has stopped, it is true
    /// only for a head that was signed. The entry itself is looked at now; those before it were, at `verified_at`, and it is false
    /// when one of them was not as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<bool>,
}

/// Answer of `GET /api/audit/set-aside`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventsSetAside {
    /// The oldest first, at most 1000.
    pub items: Vec<EventSetAside>,
}

/// An event that audit refused. It is missing in the log, and is tried again now and then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventSetAside {
    /// Its id.
    pub event_id: Uuid,
    /// The database role of the service that tells it.
    pub source: String,
    /// The election it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub election_id: Option<i64>,
    /// When the change was made that it tells of.
    pub made_at: DateTime<Utc>,
    /// Since when it is set aside: later events are delivered without it.
    pub set_aside_at: DateTime<Utc>,
    /// How often the sender tried to deliver it.
    pub attempts: i32,
    /// Why it was refused.
    pub reason: String,
}

/// Answer of `GET /api/audit/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainState {
    /// Whether every entry is as it was written or was accepted as it is by `uvote-audit accept-log`, none is missing, every signed
    /// head fits, and every entry is signed.
    pub ok: bool,
    /// How many entries the log holds.
    pub entries: i64,
    /// The recorded hash of the last entry, in hex. Kept elsewhere, it shows later that nothing before it was rewritten.
    pub head_hash: String,
    /// Where the log stops being what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<FirstBad>,
    /// The first signed head that the log does not continue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad_head: Option<FirstBadHead>,
    /// The newest signed head whose signature is genuine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_head: Option<SignedHead>,
    /// Entries behind the newest signed head. Entries are signed in the transaction that writes them, so there are none as long
    /// as the audit service signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsigned: Option<Unsigned>,
    /// Why the audit service would not sign the log as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_stopped: Option<String>,
    /// The same with code and parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_stopped_notice: Option<Notice>,
    /// Whether the log continues the head that was given with the question. When signing has stopped, it is true only for a head
    /// that was signed. It is no part of `ok`: anybody can make up a head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<bool>,
    /// How many events audit refused. They are not in the log, and no part of `ok`; `GET /api/audit/set-aside` lists them.
    pub set_aside: i64,
}

/// A signed head that the log does not continue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirstBadHead {
    /// The number of the entry that was signed.
    pub last_id: i64,
    /// When.
    pub signed_at: DateTime<Utc>,
    /// What is wrong.
    pub reason: String,
    /// Which sentence `reason` is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in `reason`: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl FirstBadHead {
    /// This is wrong with the head that was signed then.
    #[must_use]
    pub fn new(last_id: i64, signed_at: DateTime<Utc>, reason: Message) -> Self {
        let Notice { message, code, params } = reason.into();
        Self { last_id, signed_at, reason: message, code, params }
    }
}

/// Entries that no signature covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unsigned {
    /// The first one.
    pub first_id: i64,
    /// When it was last signed; absent when never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirstBad {
    /// Its place in the log.
    pub log_id: i64,
    /// What is wrong there.
    pub reason: String,
    /// Which sentence `reason` is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in `reason`: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl FirstBad {
    /// This is wrong at that place.
    #[must_use]
    pub fn new(log_id: i64, reason: Message) -> Self {
        let Notice { message, code, params } = reason.into();
        Self { log_id, reason: message, code, params }
    }

    /// What is wrong there.
    #[must_use]
    pub fn message(&self) -> Message {
        Message::received(&self.code, &self.params, &self.reason)
    }
}
