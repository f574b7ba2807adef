//! Mails that wait in an outbox, as tests read them.

use std::path::Path;

use crypto::envelope::{Kek, unwrap};
use serde_json::{Map, Value};

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
