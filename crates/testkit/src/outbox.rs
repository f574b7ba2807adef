//! What waits in an outbox, as tests read it.

use std::path::Path;

use crypto::envelope::{Kek, unwrap};
use serde_json::{Map, Value};
use tokio_postgres::Client;

/// The mail that a row of an outbox holds, opened with the service's key, as one object: what the envelope says (`event_id`,
/// `election_id`, `recipient`), the kind, and what stands in the mail.
///
/// # Panics
/// It does not open with this key under this id.
#[must_use]
pub fn opened_mail(key_file: &Path, event_id: &str, wrapped: &[u8]) -> Value {
    let kek = Kek::from_hex(&std::fs::read_to_string(key_file).expect("the key of an outbox")).expect("the key of an outbox");
    let plain = unwrap(&kek, format!("outbox/{event_id}").as_bytes(), wrapped).expect("it opens under its id");
    let mut envelope: Map<String, Value> = serde_json::from_slice(&plain).expect("an envelope");
    let Some(Value::Object(mut mail)) = envelope.remove("mail") else { panic!("an envelope without a mail") };
    let Some(Value::Object(content)) = mail.remove("content") else { panic!("a mail without a content") };
    envelope.extend(mail);
    envelope.extend(content);
    envelope.into()
}

/// The mails that wait, opened with the service's key, the oldest first; with `kind` only those of that kind.
///
/// # Panics
/// The database refuses, or a mail does not open.
pub async fn waiting_mails(owner: &Client, key_file: &Path, kind: Option<&str>) -> Vec<Value> {
    let sql = "SELECT payload, event_id::text FROM outbox \
               WHERE destination = 'email' AND kind = coalesce($1, kind) ORDER BY position";
    let rows = owner.query(sql, &[&kind]).await.expect("the outbox is readable");
    rows.iter().map(|row| opened_mail(key_file, row.get(1), row.get(0))).collect()
}

/// The events that wait for the audit log from this role of the database, the oldest first.
///
/// # Panics
/// The database refuses, or an event is no JSON.
pub async fn waiting_events(owner: &Client, role: &str) -> Vec<Value> {
    let sql = "SELECT payload FROM outbox WHERE destination = 'audit' AND source = $1 ORDER BY position";
    let rows = owner.query(sql, &[&role]).await.expect("the outbox is readable");
    rows.iter().map(|row| serde_json::from_slice(row.get(0)).expect("an event")).collect()
}

/// The types of such events.
#[must_use]
pub fn types_of(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["kind"]["event_type"].as_str().unwrap_or_default().to_owned()).collect()
}
