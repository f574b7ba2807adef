//! Types of the `audit` API.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Answer of `POST /api/audit/events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appended {
    /// How many of the events are new entries.
    pub stored: i64,
    /// How many were told before, and were left as they are.
    pub known: i64,
}

/// Parameters of `GET /api/audit`.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The election whose entries are asked for. A superadmin may leave it out and gets every entry.
    pub election_id: Option<i64>,
    /// How many entries at the most: 1 to 1000, 100 unless told.
    pub limit: Option<i64>,
    /// Only entries after this `log_id`.
    pub after: Option<i64>,
}

/// One entry of the log. Everything that `current_hash` covers is here, so that whoever holds the entry can compute it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the log: 1, 2, 3 and so on, without gaps.
    pub log_id: i64,
    /// The id under which it was told.
    pub event_id: Uuid,
    /// When it was done; to the microsecond.
    pub timestamp: DateTime<Utc>,
    /// The service that told it.
    pub source: String,
    /// What was done.
    pub event_type: String,
    /// The admin who did it; absent when the system did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_id: Option<i64>,
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

/// Answer of `GET /api/audit/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainState {
    /// Whether every entry is as it was written, and none is missing.
    pub ok: bool,
    /// How many entries the log holds.
    pub entries: i64,
    /// The recorded hash of the last entry, in hex. Kept elsewhere, it shows later that nothing before it was rewritten.
    pub head_hash: String,
    /// Where the log stops being what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<FirstBad>,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirstBad {
    /// Its place in the log.
    pub log_id: i64,
    /// What is wrong there.
    pub reason: String,
}
