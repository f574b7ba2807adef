//! What can stand in the log at all is what [`AuditEventKind`] can hold.

use contract::events::AuditEventKind;
use serde_json::Value;
use utoipa::PartialSchema as _;

fn names(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "properties" {
                    found.extend(value.as_object().unwrap().keys().cloned());
                }
                if name == "enum" {
                    found.extend(value.as_array().unwrap().iter().map(|kind| kind.as_str().unwrap().to_owned()));
                }
                names(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

#[test]
fn no_event_has_a_place_for_a_choice_or_for_who_voted() {
    let schema = serde_json::to_value(AuditEventKind::schema()).unwrap();
    let mut found = Vec::new();
    names(&schema, &mut found);
    assert!(
        found.contains(&"box_hash".to_owned()) && found.contains(&"admin_logged_in".to_owned()),
        "the schema was read: {found:?}"
    );
    let forbidden = [
        "choice",
        "mark",
        "digest",
        "receipt",
        "token",
        "link_hash",
        "voter_id",
        "voter_email",
        "email",
        "student",
        "spend",
        "plaintext",
        "cast",
        "has_voted",
        "stamped",
    ];
    for name in &found {
        let hit = forbidden.iter().find(|word| name.contains(**word));
        assert!(hit.is_none(), "{name} names {hit:?}");
        assert_ne!(name, "voter", "an entry names a voter by a reference that can be forgotten, never in its details");
    }
}
