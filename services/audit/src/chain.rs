//! One entry of the log and what its hash covers. Pure: no database, no clock.
//!
//! # What `current_hash` is
//! SHA-256 over these bytes, in this order. Integers are big-endian; nothing stands between the fields.
//!
//! | field | bytes |
//! | --- | --- |
//! | the text `audit/v1` | 8 |
//! | `log_id` | 8, signed |
//! | `event_id` | 16, as in RFC 9562 |
//! | `timestamp` | 8, signed: microseconds since 1970-01-01T00:00:00Z |
//! | `source` | *text* |
//! | `event_type` | *text* |
//! | `user_id` (`admin_id` in the API) | `00`, or `01` and 8 signed |
//! | `election_id` | `00`, or `01` and 8 signed |
//! | `subject_ref` | `00`, or `01` and 16 |
//! | `details` | *text*: the JSON in its canonical form (RFC 8785) |
//! | `ip_address` | `00`, or `01` and *text* |
//! | `previous_hash` | 32: `current_hash` of entry `log_id - 1`; 32 zero bytes for entry 1 |
//!
//! *text* is its length in bytes of UTF-8 (4, unsigned) and then these bytes. No two different entries have the same bytes:
//! every field is of fixed width, or says its length first.
//!
//! The same hash is computed when an entry is written and when it is verified, over the row as PostgreSQL stores it. So the time is
//! cut to microseconds first: PostgreSQL stores no more digits.

use chrono::{DateTime, Utc};
use contract::audit::{ChainState, FirstBad};
use contract::events::AuditEvent;
use diesel::prelude::*;
use messages::{Message, say};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::schema;

/// What the first entry follows.
pub const BEGINNING: [u8; 32] = [0; 32];

/// One row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::audit_logs)]
pub struct Entry {
    /// Place in the log.
    pub log_id: i64,
    /// The id of the event. An event that is sent again has the same id.
    pub event_id: Uuid,
    /// When it was done, to the microsecond.
    pub timestamp: DateTime<Utc>,
    /// The service that sent the event.
    pub source: String,
    /// What was done.
    pub event_type: String,
    /// The admin who did it.
    pub user_id: Option<i64>,
    /// To which election.
    pub election_id: Option<i64>,
    /// About whom.
    pub subject_ref: Option<Uuid>,
    /// Canonical JSON.
    pub details: String,
    /// From where.
    pub ip_address: Option<String>,
    /// Hash of the entry before.
    pub previous_hash: Vec<u8>,
    /// Hash of this entry.
    pub current_hash: Vec<u8>,
}

/// Where the log ends.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::audit_head)]
pub struct Head {
    /// The last entry; 0 while there is none.
    pub last_id: i64,
    /// Its hash.
    pub last_hash: Vec<u8>,
}

/// Why an event cannot be written to the log. Only a service of another version can send such an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwritable {
    /// RFC 3339 and PostgreSQL agree on years of four digits only.
    Time,
    /// An integer beyond 2^53 has no canonical form.
    Details,
}

messages::says!(Unwritable, |unwritable| match unwritable {
    Unwritable::Time => say!(audit_event_time),
    Unwritable::Details => say!(audit_event_details),
});

/// A received event in the form in which it is stored, before it has a place in the log.
#[derive(Debug, Clone)]
pub struct ReceivedEvent {
    event: AuditEvent,
    event_type: String,
    details: String,
    timestamp: DateTime<Utc>,
}

impl ReceivedEvent {
    /// Reads an event as it will be stored.
    pub fn new(event: AuditEvent) -> Result<Self, Unwritable> {
        let timestamp = DateTime::from_timestamp_micros(event.occurred_at.timestamp_micros()).ok_or(Unwritable::Time)?;
        let micros = timestamp.timestamp_micros();
        if !(0..253_402_300_800_000_000).contains(&micros) {
            return Err(Unwritable::Time);
        }
        let kind = serde_json::to_value(&event.kind).map_err(|_| Unwritable::Details)?;
        let event_type = kind["event_type"].as_str().ok_or(Unwritable::Details)?.to_owned();
        let details = crypto::canonical::to_bytes(&kind["details"]).map_err(|_| Unwritable::Details)?;
        let details = String::from_utf8(details).map_err(|_| Unwritable::Details)?;
        Ok(Self { event, event_type, details, timestamp })
    }

    /// The id of the event.
    #[must_use]
    pub fn event_id(&self) -> Uuid {
        self.event.event_id
    }
}

impl Head {
    /// The entry that appends `received` to this end of the log, and the new end.
    #[must_use]
    pub fn append(&self, source: &str, received: &ReceivedEvent) -> (Entry, Self) {
        let mut entry = Entry {
            log_id: self.last_id + 1,
            event_id: received.event.event_id,
            timestamp: received.timestamp,
            source: source.to_owned(),
            event_type: received.event_type.clone(),
            user_id: received.event.admin_id,
            election_id: received.event.election_id,
            subject_ref: received.event.subject_ref,
            details: received.details.clone(),
            ip_address: received.event.ip_address.as_deref().map(printable),
            previous_hash: self.last_hash.clone(),
            current_hash: Vec::new(),
        };
        entry.current_hash = entry.hash().to_vec();
        let head = Self { last_id: entry.log_id, last_hash: entry.current_hash.clone() };
        (entry, head)
    }
}

/// An IP address has at most 45 characters (`INET6_ADDRSTRLEN` without the final zero). Longer text and characters that PostgreSQL
/// would refuse are cut out: one bad header must not keep all events of a service out of the log.
fn printable(address: &str) -> String {
    address.chars().filter(char::is_ascii_graphic).take(45).collect()
}

impl Entry {
    /// The hash of what this row says; `current_hash` itself is not read.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"audit/v1");
        hash.update(self.log_id.to_be_bytes());
        hash.update(self.event_id.as_bytes());
        hash.update(self.timestamp.timestamp_micros().to_be_bytes());
        text(&mut hash, &self.source);
        text(&mut hash, &self.event_type);
        optional(&mut hash, self.user_id.as_ref(), |hash, id| hash.update(id.to_be_bytes()));
        optional(&mut hash, self.election_id.as_ref(), |hash, id| hash.update(id.to_be_bytes()));
        optional(&mut hash, self.subject_ref.as_ref(), |hash, subject| hash.update(subject.as_bytes()));
        text(&mut hash, &self.details);
        optional(&mut hash, self.ip_address.as_ref(), |hash, address| text(hash, address));
        hash.update(&self.previous_hash);
        hash.finalize().into()
    }

    /// Whether this entry says that an operator accepted everything before it (`uvote-audit accept-log`).
    fn accepts(&self, fingerprint: &str) -> bool {
        self.source == "audit"
            && self.event_type == "audit_log_accepted"
            && serde_json::from_str::<Value>(&self.details).is_ok_and(|details| details["fingerprint"] == fingerprint)
    }
}

fn text(hash: &mut Sha256, text: &str) {
    text_of(hash, text.as_bytes());
}

fn text_of(hash: &mut Sha256, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a column of PostgreSQL holds less than 1 GiB");
    hash.update(length.to_be_bytes());
    hash.update(bytes);
}

fn optional<T>(hash: &mut Sha256, value: Option<&T>, feed: impl FnOnce(&mut Sha256, &T)) {
    hash.update([u8::from(value.is_some())]);
    if let Some(value) = value {
        feed(hash, value);
    }
}

impl From<Entry> for contract::audit::AuditEntry {
    fn from(entry: Entry) -> Self {
        Self {
            log_id: entry.log_id,
            event_id: entry.event_id,
            timestamp: entry.timestamp,
            source: entry.source,
            event_type: entry.event_type,
            admin_id: entry.user_id,
            admin_email: None,
            election_id: entry.election_id,
            subject_ref: entry.subject_ref,
            // Only what a superuser wrote is not JSON; it is shown as it is.
            details: serde_json::from_str(&entry.details).unwrap_or(Value::String(entry.details)),
            ip_address: entry.ip_address,
            previous_hash: hex::encode(entry.previous_hash),
            current_hash: hex::encode(entry.current_hash),
        }
    }
}

/// Checks the log from its beginning, entry by entry, and remembers the first entry that is not as it was written. Entries that
/// `accept-log` accepted count as good: its own entry holds the fingerprint of everything before it, so a later change is found.
#[derive(Debug, Clone)]
pub struct Walk {
    last_id: i64,
    last_hash: Vec<u8>,
    first_bad: Option<FirstBad>,
    seen: Sha256,
}

impl Default for Walk {
    fn default() -> Self {
        Self { last_id: 0, last_hash: BEGINNING.to_vec(), first_bad: None, seen: Sha256::new() }
    }
}

impl Walk {
    /// The last entry that was looked at.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        self.last_id
    }

    /// SHA-256 over everything that was looked at, as it is: of each entry its number, its hash as computed and as stored.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(self.seen.clone().finalize())
    }

    /// Looks at the next entries, in the order of their places.
    pub fn take(&mut self, entries: &[Entry]) {
        for entry in entries {
            let expected = self.last_id + 1;
            let hash = entry.hash();
            let fault = if entry.log_id != expected {
                Some(say!(audit_entry_missing))
            } else if entry.previous_hash != self.last_hash {
                Some(say!(audit_entry_does_not_follow))
            } else if entry.current_hash != hash {
                Some(say!(audit_entry_not_as_written))
            } else {
                None
            };
            match fault {
                Some(reason) if self.first_bad.is_none() => {
                    self.first_bad = Some(FirstBad::new(expected, reason));
                }
                None if self.first_bad.is_some() && entry.accepts(&self.fingerprint()) => self.first_bad = None,
                _ => {}
            }
            self.seen.update(entry.log_id.to_be_bytes());
            self.seen.update(hash);
            text_of(&mut self.seen, &entry.current_hash);
            self.last_id = entry.log_id;
            self.last_hash.clone_from(&entry.current_hash);
        }
    }

    /// The first bad entry, if the log ends here. Compares the recorded end (`audit_head`) too, because a log whose last entries
    /// were deleted is still a valid chain. Signatures are not checked here.
    #[must_use]
    pub fn first_bad(&self, head: Option<&Head>) -> Option<FirstBad> {
        let bad = |log_id: i64, reason: Message| Some(FirstBad::new(log_id, reason));
        self.first_bad.clone().or_else(|| match head {
            None => bad(self.last_id + 1, say!(audit_end_missing)),
            Some(head) if head.last_id > self.last_id => bad(self.last_id + 1, say!(audit_entries_to_end_missing)),
            Some(head) if head.last_id < self.last_id => bad(head.last_id + 1, say!(audit_entry_behind_end)),
            Some(head) if head.last_hash != self.last_hash => bad(self.last_id, say!(audit_entry_not_end)),
            Some(_) => None,
        })
    }

    /// What is known when the walk is at the end.
    #[must_use]
    pub fn end(self, entries: i64, head: Option<Head>) -> ChainState {
        let first_bad = self.first_bad(head.as_ref());
        let head_hash = head.map(|head| hex::encode(head.last_hash)).unwrap_or_default();
        ChainState {
            ok: first_bad.is_none(),
            entries,
            head_hash,
            first_bad,
            first_bad_head: None,
            signed_head: None,
            unsigned: None,
            signing_stopped: None,
            signing_stopped_notice: None,
            continues: None,
            set_aside: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::events::AuditEventKind;

    fn received(title: &str) -> ReceivedEvent {
        let event = AuditEvent {
            event_id: Uuid::from_u128(7),
            occurred_at: DateTime::from_timestamp_nanos(1_700_000_000_123_456_789),
            ip_address: Some("192.0.2.1".to_owned()),
            ..AuditEvent::now(AuditEventKind::ElectionCreated { title: title.to_owned() })
        };
        ReceivedEvent::new(event.by(42, Some("192.0.2.1".to_owned())).to(5)).unwrap()
    }

    fn head() -> Head {
        Head { last_id: 0, last_hash: BEGINNING.to_vec() }
    }

    /// The bytes of the table at the top, written by hand.
    #[test]
    fn the_hash_covers_the_bytes_that_the_documentation_names() {
        let (entry, _) = head().append("election", &received("A"));
        let mut bytes = b"audit/v1".to_vec();
        bytes.extend(1_i64.to_be_bytes());
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
        bytes.extend(1_700_000_000_123_456_i64.to_be_bytes());
        bytes.extend(b"\0\0\0\x08election\0\0\0\x10election_created");
        bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, 42, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0]);
        bytes.extend(b"\0\0\0\x0d{\"title\":\"A\"}\x01\0\0\0\x09192.0.2.1");
        bytes.extend([0; 32]);
        assert_eq!(hex::encode(entry.hash()), hex::encode(Sha256::digest(&bytes)));
        assert_eq!(entry.current_hash, entry.hash());
    }

    #[test]
    fn no_field_can_change_unnoticed() {
        let (entry, _) = head().append("election", &received("A"));
        let changes: [fn(&mut Entry); 14] = [
            |e| e.log_id = 2,
            |e| e.event_id = Uuid::from_u128(8),
            |e| e.timestamp += chrono::TimeDelta::microseconds(1),
            |e| e.source = "admin".to_owned(),
            |e| e.event_type = "election_create".to_owned(),
            |e| e.user_id = Some(43),
            |e| e.user_id = None,
            |e| e.election_id = Some(6),
            |e| e.election_id = None,
            |e| e.subject_ref = Some(Uuid::nil()),
            |e| e.details = "{}".to_owned(),
            |e| e.ip_address = Some(String::new()),
            |e| e.ip_address = None,
            |e| e.previous_hash[31] ^= 1,
        ];
        let mut seen = std::collections::HashSet::from([entry.hash()]);
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = entry.clone();
            change(&mut changed);
            assert!(seen.insert(changed.hash()), "change {number}");
        }
    }

    #[test]
    fn letters_cannot_move_from_one_field_to_the_next() {
        let (mut entry, _) = head().append("election", &received("A"));
        let before = entry.hash();
        (entry.source, entry.event_type) = ("electione".to_owned(), "lection_created".to_owned());
        assert_ne!(entry.hash(), before);
    }

    #[test]
    fn a_year_that_json_cannot_hold_is_refused() {
        let mut event = AuditEvent::now(AuditEventKind::AdminLoggedIn {});
        event.occurred_at = DateTime::<Utc>::MAX_UTC;
        assert_eq!(ReceivedEvent::new(event).unwrap_err(), Unwritable::Time);
    }

    #[test]
    fn an_odd_address_is_kept_as_far_as_it_can_be_printed() {
        let event = AuditEvent::now(AuditEventKind::AdminLoggedIn {}).by(1, Some(format!("10.0.0.1\0\n{}", "x".repeat(100))));
        let (entry, _) = head().append("auth", &ReceivedEvent::new(event).unwrap());
        assert_eq!(entry.ip_address.unwrap(), format!("10.0.0.1{}", "x".repeat(37)));
    }

    #[test]
    fn a_walk_finds_the_first_bad_entry_and_a_cut_end() {
        let mut entries = Vec::new();
        let mut end = head();
        for title in ["A", "B", "C", "D"] {
            let (entry, next) = end.append("election", &received(title));
            entries.push(entry);
            end = next;
        }
        let state = |entries: &[Entry], head: &Head| {
            let mut walk = Walk::default();
            walk.take(entries);
            walk.end(4, Some(head.clone())).first_bad.map(|bad| bad.log_id)
        };
        assert_eq!(state(&entries, &end), None);
        assert_eq!(state(&entries[..3], &end), Some(4), "the end is cut off");
        assert_eq!(state(&[], &end), Some(1), "everything is gone");
        assert_eq!(state(&[&entries[..1], &entries[2..]].concat(), &end), Some(2), "one is missing");
        let short = Head { last_id: 2, last_hash: entries[1].current_hash.clone() };
        assert_eq!(state(&entries, &short), Some(3), "the end was set back");
        let wrong = Head { last_id: 4, last_hash: vec![1; 32] };
        assert_eq!(state(&entries, &wrong), Some(4), "the end has another hash");
        assert_eq!(Walk::default().end(0, None).first_bad.unwrap().log_id, 1, "the head is gone");
    }

    #[test]
    fn what_was_accepted_is_excused_and_what_is_changed_afterwards_is_not() {
        let (mut entries, mut end) = (Vec::new(), head());
        let mut put = |entries: &mut Vec<Entry>, kind: AuditEventKind| {
            let (entry, next) = end.append("audit", &ReceivedEvent::new(AuditEvent::now(kind)).unwrap());
            entries.push(entry);
            end = next;
        };
        for title in ["A", "B", "C"] {
            put(&mut entries, AuditEventKind::ElectionCreated { title: title.to_owned() });
        }
        let first_bad = |entries: &[Entry]| {
            let mut walk = Walk::default();
            walk.take(entries);
            let last = entries.last().unwrap();
            walk.first_bad(Some(&Head { last_id: last.log_id, last_hash: last.current_hash.clone() })).map(|bad| bad.log_id)
        };
        entries[0].details = "{}".to_owned();
        entries.remove(1);
        assert_eq!(first_bad(&entries), Some(1));
        let mut walk = Walk::default();
        walk.take(&entries);
        put(&mut entries, AuditEventKind::AuditLogAccepted { reason: "x".to_owned(), fingerprint: Some(walk.fingerprint()) });
        put(&mut entries, AuditEventKind::AuditViewed {});
        assert_eq!(first_bad(&entries), None);
        let mut changed = entries.clone();
        changed[1].details = "{}".to_owned();
        assert_eq!(first_bad(&changed), Some(1), "the fingerprint does not cover this");
        let mut changed = entries.clone();
        changed[3].details = "{\"x\":1}".to_owned();
        assert_eq!(first_bad(&changed), Some(5), "what comes behind is not excused");
        // An entry of another service excuses nothing.
        entries[2].source = "election".to_owned();
        entries[2].current_hash = entries[2].hash().to_vec();
        assert_eq!(first_bad(&entries), Some(1));
    }
}
