//! Signed heads of the log: what shows that nobody has rewritten it, not even the owner of the database (ADR 0018).
//!
//! Anybody can compute the hash chain, so the chain alone does not prove who wrote it. Therefore each transaction that writes
//! entries also signs the new end of the log (the head), with a key that is in a file and not in the database. The service also
//! stores the last head that it signed in a file. Before it signs again, it checks that the log continues that head and that every
//! entry before the new ones is signed; otherwise its signature would cover entries that somebody else wrote. If the check fails,
//! entries are still written, but not signed.

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};
use contract::audit::{FirstBad, SignedHead};
use crypto::Digest;
use crypto::audit_head::{AuditHead, AuditHeadKey, AuditHeadPublicKey};
use database::Connection;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use messages::{Message, say};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::chain::{Entry, Head};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotSigned {
    File(String, Message),
    Rewritten(Message),
    SignaturesMissing(i64),
    Forged(i64),
    Unsigned(i64),
    Changed(FirstBad),
    Clock,
}

messages::says!(NotSigned, |refused| match refused {
    NotSigned::File(file, cause) => say!(audit_head_file_unusable, file = file, cause = cause.clone()),
    NotSigned::Rewritten(what) => say!(audit_signed_head_not_continued, what = what.clone()),
    NotSigned::SignaturesMissing(entry) => say!(audit_signatures_end_early, entry = *entry),
    NotSigned::Forged(entry) => say!(audit_newest_signature_of_other_key, entry = *entry),
    NotSigned::Unsigned(entry) => say!(audit_entries_unsigned, entry = *entry),
    NotSigned::Changed(bad) => say!(audit_entry_changed, entry = bad.log_id, reason = bad.message()),
    NotSigned::Clock => say!(audit_clock_out_of_range),
});

/// What [`Signer::may_sign`] checks. Read in the transaction that is about to write, or in one snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// Where the log ends now.
    pub(crate) end: Head,
    /// The newest signature in the database.
    pub(crate) newest: Option<Signed>,
    /// The hash of the entry that the kept head names.
    pub(crate) hash_at_kept: Option<Vec<u8>>,
    /// The hash of the entry that `newest` names.
    pub(crate) hash_at_newest: Option<Vec<u8>>,
    /// For each key before the present one, the hash of the entry where it ended.
    pub(crate) hashes_at_retired: Vec<Option<Vec<u8>>>,
}

/// The head that this copy of the service signed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// As the file has it, or a newer one of this process.
    Head(Signed),
    /// There is no file: at the very first start, or because somebody has moved it away. The newest signature in the database is
    /// then taken over as soon as the log is looked at.
    Nothing,
    /// The file is damaged, or its head was signed with another key. It is not replaced, because it may be the evidence of a
    /// rewritten log.
    Damaged(Message),
}

/// Signs heads, and remembers the last one.
pub(crate) struct Signer {
    key: AuditHeadKey,
    public: AuditHeadPublicKey,
    /// Keys that signed before this one was made.
    retired: Vec<RetiredKey>,
    public_pem: String,
    file: PathBuf,
    /// Held while entries are written: they wait for each other in the database anyway.
    pub(crate) kept: Mutex<Kept>,
    trouble: RwLock<Option<Trouble>>,
    verified: RwLock<Option<Verified>>,
}

/// What the last walk through the whole log has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verified {
    /// When it began.
    pub(crate) at: DateTime<Utc>,
    /// The first entry that is not as it was written.
    pub(crate) first_bad: Option<FirstBad>,
}

/// What is wrong with signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The log is not signed.
    NotSigned(String),
    /// It is signed, but the last head cannot be written into the file.
    NotKept(String),
}

impl Signer {
    /// Reads the keys and the last head. A folder that cannot be made, or a file that cannot be read, is an error.
    /// `retired_keys` is the text of the file of [`RetiredKey`]s.
    pub(crate) fn open(key_pem: &str, retired_keys: &str, state_dir: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let key = AuditHeadKey::from_pkcs8_pem(key_pem).map_err(|cause| format!("the key of the audit log's heads: {cause}"))?;
        let public_pem = key.public_pem()?;
        let public = AuditHeadPublicKey::from_spki_pem(&public_pem)?;
        let retired = RetiredKey::all(retired_keys);
        let retired = retired.map_err(|cause| format!("the earlier keys of the audit log's heads: {cause}"))?;
        state_file::private_folder(state_dir).map_err(|cause| format!("{}: {cause}", state_dir.display()))?;
        let file = state_dir.join(FILE);
        let mut signer = Self {
            key,
            public,
            retired,
            public_pem,
            file,
            kept: Mutex::new(Kept::Nothing),
            trouble: RwLock::default(),
            verified: RwLock::default(),
        };
        let kept = match read_kept(&signer.file)? {
            None => Kept::Nothing,
            Some(Ok(signed)) if signer.is_genuine(&signed) => Kept::Head(signed),
            Some(Ok(_)) => Kept::Damaged(say!(audit_head_file_of_other_key)),
            Some(Err(cause)) => Kept::Damaged(say!(audit_head_file_unreadable, cause = cause.to_string())),
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

    /// Whether this service's key signed it, or one that this service had before, of an entry that this one may have signed.
    pub(crate) fn is_genuine(&self, signed: &Signed) -> bool {
        let Some(head) = signed.head() else { return false };
        self.public.verify(&head, &signed.signature)
            || self.retired.iter().any(|retired| retired.covers(&head) && retired.key.verify(&head, &signed.signature))
    }

    /// What the last walk through the whole log has found; none before the first one is at its end.
    pub(crate) fn verified(&self) -> Option<Verified> {
        self.verified.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what a walk has found. A bad entry stops signing; the next look says so.
    pub(crate) fn note_verified(&self, verified: Verified) {
        metrics::gauge!("audit_log_verified_ok").set(f64::from(u8::from(verified.first_bad.is_none())));
        let mut known = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        let known_bad = known.as_ref().and_then(|known| known.first_bad.as_ref());
        if let Some(bad) = verified.first_bad.as_ref().filter(|bad| known_bad != Some(bad)) {
            tracing::error!(log_id = bad.log_id, reason = bad.reason, "the audit log is not what was written");
        }
        *known = Some(verified);
    }

    /// Whether new entries may be signed: only if all entries so far were written and signed by this service or its copies.
    pub(crate) fn may_sign(&self, kept: &Kept, evidence: &Evidence) -> Result<(), NotSigned> {
        let Evidence { end, newest, hash_at_kept, hash_at_newest, hashes_at_retired } = evidence;
        if let Some(newest) = newest.as_ref().filter(|newest| !self.is_genuine(newest)) {
            return Err(NotSigned::Forged(newest.last_id));
        }
        match kept {
            Kept::Damaged(cause) => return Err(NotSigned::File(self.file.display().to_string(), cause.clone())),
            Kept::Head(kept) => {
                continues(kept, hash_at_kept.as_deref())?;
                if newest.as_ref().is_none_or(|newest| newest.last_id < kept.last_id) {
                    return Err(NotSigned::SignaturesMissing(kept.last_id));
                }
            }
            Kept::Nothing => {}
        }
        for (retired, hash) in self.retired.iter().zip(hashes_at_retired) {
            same(retired.last_id, retired.last_hash.as_bytes(), hash.as_deref())?;
        }
        // In every case the end of the log must be signed: an unsigned entry may be from somebody else.
        match newest {
            Some(newest) => {
                continues(newest, hash_at_newest.as_deref())?;
                if newest.last_id < end.last_id {
                    return Err(NotSigned::Unsigned(newest.last_id + 1));
                }
                if newest.last_id > end.last_id {
                    return Err(NotSigned::Rewritten(say!(audit_head_behind_end, entry = newest.last_id)));
                }
                if newest.last_hash != end.last_hash {
                    return Err(NotSigned::Rewritten(say!(audit_head_not_end, entry = newest.last_id)));
                }
            }
            None if end.last_id > 0 => return Err(NotSigned::Unsigned(1)),
            None => {}
        }
        match self.verified().and_then(|verified| verified.first_bad) {
            Some(bad) => Err(NotSigned::Changed(bad)),
            None => Ok(()),
        }
    }

    /// The newest head with a genuine signature: the one in the database if it is genuine and not older than the head kept here,
    /// else the head kept here.
    pub(crate) fn newest_genuine(&self, kept: &Kept, newest: Option<&Signed>) -> Option<Signed> {
        let newest = newest.filter(|newest| self.is_genuine(newest));
        match (kept, newest) {
            (Kept::Head(kept), Some(newest)) if newest.last_id >= kept.last_id => Some(newest.clone()),
            (Kept::Head(kept), _) => Some(kept.clone()),
            (_, newest) => newest.cloned(),
        }
    }

    /// The head to keep after a look, when it is a newer one than what is kept: the newest signature, if it is genuine, and the
    /// log has its entry and continues what is kept. A damaged file is left alone.
    fn to_keep(&self, kept: &Kept, evidence: &Evidence) -> Option<Signed> {
        let newest = evidence.newest.as_ref().filter(|newest| self.is_genuine(newest))?;
        continues(newest, evidence.hash_at_newest.as_deref()).ok()?;
        match kept {
            Kept::Damaged(_) => None,
            Kept::Nothing => Some(newest.clone()),
            Kept::Head(kept) => {
                continues(kept, evidence.hash_at_kept.as_deref()).ok()?;
                (newest.last_id > kept.last_id).then(|| newest.clone())
            }
        }
    }

    /// Takes over what a look has found: a newer head is kept, and trouble that is over is not reported any more.
    pub(crate) async fn apply_check(&self, kept: &mut Kept, evidence: &Evidence, why: Option<&NotSigned>) {
        let unwritten = match (&*kept, self.current_trouble()) {
            (Kept::Head(head), Some(Trouble::NotKept(_))) => Some(head.clone()),
            _ => None,
        };
        if let Some(head) = self.to_keep(kept, evidence).or(unwritten) {
            self.keep(kept, head).await;
        } else if why.is_none() {
            self.set_trouble(None);
        }
        if let Some(why) = why {
            self.set_trouble(Some(Trouble::NotSigned(why.to_string())));
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

    /// Stores a head in the file. Call it only after the transaction is committed: a rollback would leave a head in the file that
    /// the log does not have.
    pub(crate) async fn keep(&self, kept: &mut Kept, signed: Signed) {
        let text = serde_json::to_string_pretty(&signed).unwrap_or_default();
        let file = self.file.clone();
        *kept = Kept::Head(signed);
        let written = tokio::task::spawn_blocking(move || state_file::replace(&file, &text)).await;
        match written.map_err(std::io::Error::other).and_then(|written| written) {
            Ok(()) => self.set_trouble(None),
            Err(cause) => self.set_trouble(Some(Trouble::NotKept(format!(
                "the last signed head cannot be kept outside the database, in {}: {cause}",
                self.file.display()
            )))),
        }
    }

    /// Records what is wrong with signing, or that nothing is: in the metric, and one line in the process log for each change.
    pub(crate) fn set_trouble(&self, trouble: Option<Trouble>) {
        metrics::gauge!("audit_signing_stopped").set(f64::from(u8::from(trouble.is_some())));
        let mut said = self.trouble.write().unwrap_or_else(PoisonError::into_inner);
        if *said == trouble {
            return;
        }
        match &trouble {
            Some(Trouble::NotSigned(reason) | Trouble::NotKept(reason)) => {
                tracing::error!(reason, "the audit log is not signed, or its signed head is not kept")
            }
            None => tracing::info!("the audit log is signed again"),
        }
        *said = trouble;
    }

    /// What is wrong with signing.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.current_trouble().map(|(Trouble::NotSigned(reason) | Trouble::NotKept(reason))| reason)
    }

    fn current_trouble(&self) -> Option<Trouble> {
        self.trouble.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts the file with the last head aside under another name, as evidence, and forgets the head. Only for
    /// `uvote-audit accept-log`.
    pub(crate) fn put_kept_aside(&self, kept: &mut Kept) -> std::io::Result<()> {
        if *kept != Kept::Nothing {
            let aside = self.file.with_extension(format!("{}.accepted.json", Utc::now().timestamp_micros()));
            std::fs::rename(&self.file, &aside)?;
            tracing::warn!(file = %aside.display(), "the head that was kept until now is put aside here");
            *kept = Kept::Nothing;
        }
        Ok(())
    }
}

/// Whether the log has the entry of a signed head, as it was signed.
fn continues(signed: &Signed, hash_there: Option<&[u8]>) -> Result<(), NotSigned> {
    same(signed.last_id, &signed.last_hash, hash_there)
}

fn same(last_id: i64, last_hash: &[u8], hash_there: Option<&[u8]>) -> Result<(), NotSigned> {
    match hash_there {
        None => Err(NotSigned::Rewritten(say!(audit_head_entry_missing, entry = last_id))),
        Some(hash) if hash != last_hash => Err(NotSigned::Rewritten(say!(audit_head_entry_changed, entry = last_id))),
        Some(_) => Ok(()),
    }
}

/// A public key that was replaced. Somebody else may have its private half by now, so its signatures are valid only up to the last
/// entry that was signed with it, and that entry must be in the log unchanged.
struct RetiredKey {
    key: AuditHeadPublicKey,
    last_id: i64,
    last_hash: Digest,
}

impl RetiredKey {
    /// Reads any number of them: for each `last_id: 78`, `last_hash: ...`, then the public key, PEM. A key without its end is
    /// refused, because it would be good for ever.
    fn all(text: &str) -> Result<Vec<Self>, String> {
        let blocks = text.split_inclusive("-----END PUBLIC KEY-----").filter(|block| !block.trim().is_empty());
        blocks.map(Self::one).collect()
    }

    fn one(block: &str) -> Result<Self, String> {
        let begin = block.find("-----BEGIN PUBLIC KEY-----").ok_or("there is text that belongs to no public key")?;
        let (lines, pem) = block.split_at(begin);
        let named = |name: &str| {
            let value = lines.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
            let missing = || format!("a key has no line `{name}:` before it; `uvote-audit retire-key` writes these lines");
            value.map(str::trim).ok_or_else(missing)
        };
        let last_id: i64 = named("last_id")?.parse().map_err(|cause| format!("last_id: {cause}"))?;
        let last_hash = Digest::from_hex(named("last_hash")?).map_err(|cause| format!("last_hash: {cause}"))?;
        let key = AuditHeadPublicKey::from_spki_pem(pem.trim()).map_err(|cause| cause.to_string())?;
        Ok(Self { key, last_id, last_hash })
    }

    fn covers(&self, head: &AuditHead) -> bool {
        head.last_id < self.last_id || (head.last_id == self.last_id && head.last_hash == self.last_hash)
    }
}

/// The lines that end a key at the head that is kept in this folder, for the file of earlier keys. The log must have the entry of
/// that head, and no newer signature.
pub(crate) async fn retire(
    connection: &mut Connection,
    public_pem: &str,
    state_dir: &Path,
) -> Result<String, Box<dyn std::error::Error>> {
    let key = AuditHeadPublicKey::from_spki_pem(public_pem.trim())?;
    let file = state_dir.join(FILE);
    let kept = read_kept(&file)?.ok_or_else(|| format!("{}: there is no such file", file.display()))??;
    if !kept.head().is_some_and(|head| key.verify(&head, &kept.signature)) {
        return Err(format!("the head in {} was not signed by this key", file.display()).into());
    }
    continues(&kept, hash_of(connection, kept.last_id).await?.as_deref())?;
    if let Some(newer) = newest(connection).await?.filter(|newest| newest.last_id > kept.last_id) {
        let (there, here) = (newer.last_id, kept.last_id);
        return Err(format!(
            "the database has a signature of entry {there}, and {} knows of entry {here} only. Use the folder of the copy that \
             signed last. If no copy of yours signed entry {there}, somebody else did: see docs/operations.md",
            file.display()
        )
        .into());
    }
    Ok(format!("last_id: {}\nlast_hash: {}\n{}\n", kept.last_id, hex::encode(&kept.last_hash), public_pem.trim()))
}

/// The head in a file; none when there is no file.
fn read_kept(file: &Path) -> Result<Option<serde_json::Result<Signed>>, String> {
    let text = state_file::read(file).map_err(|cause| format!("{}: {cause}", file.display()))?;
    Ok(text.map(|text| serde_json::from_str(&text)))
}

/// Reads what the rule looks at, on the caller's transaction.
pub(crate) async fn evidence(connection: &mut Connection, signer: &Signer, end: Head, kept: &Kept) -> QueryResult<Evidence> {
    let newest = newest(connection).await?;
    let hash_at_kept = match kept {
        Kept::Head(kept) => hash_of(connection, kept.last_id).await?,
        _ => None,
    };
    let hash_at_newest = match &newest {
        Some(newest) => hash_of(connection, newest.last_id).await?,
        None => None,
    };
    let mut hashes_at_retired = Vec::with_capacity(signer.retired.len());
    for retired in &signer.retired {
        hashes_at_retired.push(hash_of(connection, retired.last_id).await?);
    }
    Ok(Evidence { end, newest, hash_at_kept, hash_at_newest, hashes_at_retired })
}

/// Whether the log continues a head that somebody has kept. While the log is signed to its end (`whole`), its entry is enough.
/// Otherwise anybody may have written that entry, so the head itself must have been signed. A `first_bad` entry before it says no.
pub(crate) async fn continues_given(
    connection: &mut Connection,
    signer: &Signer,
    whole: bool,
    first_bad: Option<&FirstBad>,
    (last_id, last_hash): (i64, Digest),
) -> QueryResult<bool> {
    if first_bad.is_some_and(|bad| bad.log_id <= last_id) {
        return Ok(false);
    }
    if hash_of(connection, last_id).await?.is_none_or(|there| there != last_hash.as_bytes()) {
        return Ok(false);
    }
    let signed: Option<Signed> =
        audit_signatures::table.find(last_id).select(Signed::as_select()).first(connection).await.optional()?;
    Ok(whole || signed.is_some_and(|signed| signed.last_hash == last_hash.as_bytes() && signer.is_genuine(&signed)))
}

/// The newest signature in the database.
pub(crate) async fn newest(connection: &mut Connection) -> QueryResult<Option<Signed>> {
    audit_signatures::table.order(audit_signatures::last_id.desc()).select(Signed::as_select()).first(connection).await.optional()
}

/// The hash of one entry, computed from what it says now. Empty when the entry stores another one: no head has such a hash.
pub(crate) async fn hash_of(connection: &mut Connection, log_id: i64) -> QueryResult<Option<Vec<u8>>> {
    let entry: Option<Entry> = audit_logs::table.find(log_id).select(Entry::as_select()).first(connection).await.optional()?;
    Ok(entry.map(|entry| if entry.hash() == *entry.current_hash { entry.current_hash } else { Vec::new() }))
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
