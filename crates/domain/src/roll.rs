//! Entries of the roll, as a form or a line of a file gives them.

use messages::{Message, Says as _, say};

use crate::email::Email;
use crate::legible;

/// Who may vote, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where the link goes.
    pub email: Email,
    /// As the mail greets them.
    pub first_name: Option<String>,
    /// As the mail greets them.
    pub last_name: Option<String>,
    /// The number on the student card, if the organiser keeps one.
    pub student_id: Option<String>,
    /// Year, class or section.
    pub cohort: Option<String>,
}

/// A field that cannot be taken: its name and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRefused {
    /// The field, as the column or the JSON member is called.
    pub field: &'static str,
    /// What is wrong, to be read after the field's name.
    pub message: Message,
}

/// The fields as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawEntry<'a> {
    /// The address.
    pub email: &'a str,
    /// May be empty.
    pub first_name: &'a str,
    /// May be empty.
    pub last_name: &'a str,
    /// May be empty.
    pub student_id: &'a str,
    /// May be empty.
    pub cohort: &'a str,
}

impl Entry {
    /// Checks every field and names all that are wrong, so that a file is mended in one go.
    pub fn parse(raw: RawEntry<'_>) -> Result<Self, Vec<FieldRefused>> {
        let mut refused = Vec::new();
        let email =
            Email::parse(raw.email).map_err(|why| refused.push(FieldRefused { field: "email", message: why.message() })).ok();
        let mut text = |field, value: &str, longest: usize| {
            let value = value.trim();
            if value.chars().count() > longest {
                refused.push(FieldRefused { field, message: say!(text_longer_than, most = longest) });
            }
            // A name with a line end in it would break the mail it is greeted in; one that turns the direction, its sentence.
            if value.chars().any(legible::is_control) {
                refused.push(FieldRefused { field, message: say!(text_has_control_character_or_line_end) });
            }
            (!legible::is_blank(value)).then(|| value.to_owned())
        };
        let first_name = text("first_name", raw.first_name, 100);
        let last_name = text("last_name", raw.last_name, 100);
        let student_id = text("student_id", raw.student_id, 64);
        let cohort = text("cohort", raw.cohort, 64);
        match email {
            Some(email) if refused.is_empty() => Ok(Self { email, first_name, last_name, student_id, cohort }),
            _ => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_no_names() {
        let entry = Entry::parse(RawEntry { email: "a@example.org", first_name: "  ", ..RawEntry::default() }).unwrap();
        assert_eq!(entry.first_name, None);
    }

    #[test]
    fn a_name_that_nobody_can_see_or_that_turns_the_mail_around_is_none() {
        let entry = Entry::parse(RawEntry { email: "a@example.org", first_name: "\u{200b}", ..RawEntry::default() }).unwrap();
        assert_eq!(entry.first_name, None);
        for name in ["a\u{2028}b", "\u{202e}ecila"] {
            let refused = Entry::parse(RawEntry { email: "a@example.org", last_name: name, ..RawEntry::default() });
            assert_eq!(refused.unwrap_err()[0].field, "last_name");
        }
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let long = "x".repeat(101);
        let raw = RawEntry { email: "nonsense", first_name: &long, last_name: "a\nb", ..RawEntry::default() };
        let fields: Vec<_> = Entry::parse(raw).unwrap_err().into_iter().map(|refused| refused.field).collect();
        assert_eq!(fields, ["email", "first_name", "last_name"]);
    }
}
