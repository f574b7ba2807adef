//! Signed heads of the log: what shows that nobody has rewritten it, not even the owner of the database (ADR 0018).
//!
//! A chain that anybody can compute proves nothing about who computed it. So each transaction that writes entries also signs the
//! new end of the log, with a key that is in a file and not in the database. The service keeps the last head that it signed in a
//! file too. Before it signs again, the log must continue that head, and every entry before the new ones must be signed;
//! otherwise a signature would cover what somebody else has written. If not, entries are still written and signing stops.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};
use contract::audit::SignedHead;
use crypto::Digest;
use crypto::audit_head::{AuditHead, AuditHeadKey, AuditHeadPublicKey};
use database::Connection;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::chain::Head;
use crate::schema::{audit_logs, audit_signatures};
use crate::state_file;

/// The name of the file in the state folder.
pub(crate) const FILE: &str = "signed-head.json";

/// A signed head as the database and the file keep it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = audit_signatures)]
pub(crate) struct Signed {
    pub(crate) last_id: i64,
    #[serde(with = "hex_text")]
    pub(crate) last_hash: Vec<u8>,
    pub(crate) signed_at: DateTime<Utc>,
    #[serde(with = "hex_text")]
    pub(crate) signature: Vec<u8>,
}

impl Signed {
    fn head(&self) -> Option<AuditHead> {
        let last_hash = Digest::from_slice(&self.last_hash).ok()?;
        Some(AuditHead { last_id: self.last_id, last_hash, signed_at_micros: self.signed_at.timestamp_micros() })
    }
}

impl From<Signed> for SignedHead {
    fn from(signed: Signed) -> Self {
        Self {
            last_id: signed.last_id,
            last_hash: hex::encode(signed.last_hash),
            signed_at: signed.signed_at,
            signature: base64::Engine::encode(&base64::engine::general_purpose::STANDARD, signed.signature),
        }
    }
}

/// Why the log, as it is, is not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotSigned {
    #[error("the file {0} cannot be used: {1}")]
    File(String, String),
    #[error("the log does not continue the head that was signed last: entry {last_id} {what}")]
    Rewritten { last_id: i64, what: &'static str },
    #[error("the signatures in the database end before entry {0}, which was signed last")]
    SignaturesMissing(i64),
    #[error("the newest signature in the database, of entry {0}, is not of this service's key")]
    Forged(i64),
    #[error("entries from {0} on were written without a signature")]
    Unsigned(i64),
    #[error("the clock of this machine is out of its range")]
    Clock,
}

/// What the rule looks at. Read in the transaction that is about to write, or in one snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// Where the log ends now.
    pub(crate) end: Head,
    /// The newest signature in the database.
    pub(crate) newest: Option<Signed>,
    /// The hash of the entry that the kept head names; without a kept head, of the one that `newest` names.
    pub(crate) hash_there: Option<Vec<u8>>,
}

/// The head that this copy of the service signed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// As the file has it, or a newer one of this process.
    Head(Signed),
    /// There is no file: at the very first start, or because somebody has moved it away.
    Nothing,
    /// There is a file and it is damaged or of another key. It is not replaced: it is what would show a rewritten log.
    Damaged(String),
}

/// Signs heads, and remembers the last one.
pub(crate) struct Signer {
    key: AuditHeadKey,
    public: AuditHeadPublicKey,
    /// Keys that signed before this one was made.
    earlier: Vec<AuditHeadPublicKey>,
    public_pem: String,
    file: PathBuf,
    /// Held while entries are written: they wait for each other in the database anyway.
    pub(crate) kept: Mutex<Kept>,
    trouble: RwLock<Option<String>>,
}

impl Signer {
    /// Reads the keys and the last head. A folder that cannot be made, or a file that cannot be read, is an error.
    /// `earlier_keys` are public keys, PEM, one behind the other.
    pub(crate) fn open(key_pem: &str, earlier_keys: &str, state_dir: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let key = AuditHeadKey::from_pkcs8_pem(key_pem).map_err(|cause| format!("the key of the audit log's heads: {cause}"))?;
        let public_pem = key.public_pem()?;
        let public = AuditHeadPublicKey::from_spki_pem(&public_pem)?;
        let earlier = earlier_keys.split_inclusive("-----END PUBLIC KEY-----").filter(|pem| !pem.trim().is_empty());
        let earlier = earlier.map(|pem| AuditHeadPublicKey::from_spki_pem(pem.trim())).collect::<Result<_, _>>();
        let earlier = earlier.map_err(|cause| format!("the earlier keys of the audit log's heads: {cause}"))?;
        state_file::private_folder(state_dir).map_err(|cause| format!("{}: {cause}", state_dir.display()))?;
        let file = state_dir.join(FILE);
        let mut signer =
            Self { key, public, earlier, public_pem, file, kept: Mutex::new(Kept::Nothing), trouble: RwLock::default() };
        let kept = match state_file::read(&signer.file).map_err(|cause| format!("{}: {cause}", signer.file.display()))? {
            None => Kept::Nothing,
            Some(text) => match serde_json::from_str::<Signed>(&text) {
                Ok(signed) if signer.is_genuine(&signed) => Kept::Head(signed),
                Ok(_) => Kept::Damaged("it was not signed by this service's key".to_owned()),
                Err(cause) => Kept::Damaged(format!("it cannot be read: {cause}")),
            },
        };
        if kept == Kept::Nothing {
            tracing::warn!(file = %signer.file.display(), "no last signed head is kept here; it is made anew from the newest signature");
        }
        signer.kept = Mutex::new(kept);
        metrics::gauge!("audit_signing_stopped").set(0.0);
        Ok(signer)
    }

    /// The public half of the key, PEM.
    pub(crate) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// Whether this service's key signed it, or one that this service had before.
    pub(crate) fn is_genuine(&self, signed: &Signed) -> bool {
        let mut keys = std::iter::once(&self.public).chain(&self.earlier);
        signed.head().is_some_and(|head| keys.any(|key| key.verify(&head, &signed.signature)))
    }

    /// Whether what is to be written may be signed: it is what this service and its copies wrote, from the first entry on.
    pub(crate) fn may_sign(&self, kept: &Kept, evidence: &Evidence) -> Result<(), NotSigned> {
        let Evidence { end, newest, hash_there } = evidence;
        if let Some(newest) = newest.as_ref().filter(|newest| !self.is_genuine(newest)) {
            return Err(NotSigned::Forged(newest.last_id));
        }
        let continues = |signed: &Signed| match hash_there {
            None => Err(NotSigned::Rewritten { last_id: signed.last_id, what: "is missing" }),
            Some(hash) if *hash != signed.last_hash => {
                Err(NotSigned::Rewritten { last_id: signed.last_id, what: "has another hash now" })
            }
            Some(_) => Ok(()),
        };
        match (kept, newest) {
            (Kept::Damaged(cause), _) => Err(NotSigned::File(self.file.display().to_string(), cause.clone())),
            // Somebody decided to begin again from what the database has, or nothing was ever signed.
            (Kept::Nothing, None) => Ok(()),
            (Kept::Nothing, Some(newest)) => continues(newest),
            (Kept::Head(kept), newest) => {
                continues(kept)?;
                match newest {
                    Some(newest) if newest.last_id < kept.last_id => Err(NotSigned::SignaturesMissing(kept.last_id)),
                    None => Err(NotSigned::SignaturesMissing(kept.last_id)),
                    Some(newest) if newest.last_id > end.last_id => {
                        Err(NotSigned::Rewritten { last_id: newest.last_id, what: "is missing" })
                    }
                    Some(newest) if newest.last_id < end.last_id => Err(NotSigned::Unsigned(newest.last_id + 1)),
                    Some(newest) if newest.last_hash != end.last_hash => {
                        Err(NotSigned::Rewritten { last_id: newest.last_id, what: "has another hash now" })
                    }
                    Some(_) => Ok(()),
                }
            }
        }
    }

    /// Signs the end of the log.
    pub(crate) fn sign(&self, end: &Head) -> Option<Signed> {
        let now = Utc::now().timestamp_micros();
        let mut signed = Signed {
            last_id: end.last_id,
            last_hash: end.last_hash.clone(),
            // PostgreSQL keeps microseconds.
            signed_at: DateTime::from_timestamp_micros(now)?,
            signature: Vec::new(),
        };
        signed.signature = self.key.sign(&signed.head()?);
        Some(signed)
    }

    /// Remembers a head whose transaction is committed. A head before its commit may never be: the file would then name a head
    /// that the log does not have.
    pub(crate) async fn keep(&self, kept: &mut Kept, signed: Signed) {
        let text = serde_json::to_string_pretty(&signed).unwrap_or_default();
        let file = self.file.clone();
        *kept = Kept::Head(signed);
        let written = tokio::task::spawn_blocking(move || state_file::replace(&file, &text)).await;
        match written.map_err(std::io::Error::other).and_then(|written| written) {
            Ok(()) => self.note(None),
            Err(cause) => self.note(Some(format!(
                "the last signed head cannot be kept outside the database, in {}: {cause}",
                self.file.display()
            ))),
        }
    }

    /// Says what is wrong with signing, in the log once and in the metric; or that nothing is.
    pub(crate) fn note(&self, trouble: Option<String>) {
        metrics::gauge!("audit_signing_stopped").set(f64::from(u8::from(trouble.is_some())));
        let mut said = self.trouble.write().unwrap_or_else(PoisonError::into_inner);
        if *said == trouble {
            return;
        }
        match &trouble {
            Some(reason) => tracing::error!(reason, "the audit log is not signed, or its signed head is not kept"),
            None => tracing::info!("the audit log is signed again"),
        }
        *said = trouble;
    }

    /// What is wrong with signing.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads what the rule looks at, on the caller's transaction.
pub(crate) async fn evidence(connection: &mut Connection, end: Head, kept: &Kept) -> QueryResult<Evidence> {
    let newest = newest(connection).await?;
    let named = match kept {
        Kept::Head(kept) => Some(kept.last_id),
        _ => newest.as_ref().map(|newest| newest.last_id),
    };
    let hash_there = match named {
        Some(log_id) => hash_of(connection, log_id).await?,
        None => None,
    };
    Ok(Evidence { end, newest, hash_there })
}

/// The newest signature in the database.
pub(crate) async fn newest(connection: &mut Connection) -> QueryResult<Option<Signed>> {
    audit_signatures::table.order(audit_signatures::last_id.desc()).select(Signed::as_select()).first(connection).await.optional()
}

/// The hash of one entry.
pub(crate) async fn hash_of(connection: &mut Connection, log_id: i64) -> QueryResult<Option<Vec<u8>>> {
    audit_logs::table.find(log_id).select(audit_logs::current_hash).first(connection).await.optional()
}

mod hex_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
