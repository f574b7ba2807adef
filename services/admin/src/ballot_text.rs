//! Words that will stand on a ballot, checked before they are stored: they end up on pages, in the manifest and in the record.

use contract::problems::FieldError;
use domain::legible;
use messages::say;

/// The longest name, in characters; as in the database.
const NAME: usize = 255;
/// The longest description, in characters; as in the database.
const DESCRIPTION: usize = 10_000;

/// A name: something visible on one line.
pub(crate) fn name(text: &str, errors: &mut Vec<FieldError>) -> String {
    let text = text.trim();
    if legible::is_blank(text) {
        errors.push(FieldError::new("name", say!(member_missing)));
    }
    // Two names that differ only in an invisible character would look the same.
    if text.chars().any(legible::is_invisible) {
        errors.push(FieldError::new("name", say!(text_has_invisible_character)));
    }
    check("name", text, NAME, legible::is_control, errors);
    text.to_owned()
}

/// A description: text of several lines, or none.
pub(crate) fn description(text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = text.trim();
    check("description", text, DESCRIPTION, |c| legible::is_control(c) && !matches!(c, '\n' | '\r' | '\t'), errors);
    (!text.is_empty()).then(|| text.to_owned())
}

/// A place on the ballot.
pub(crate) fn display_order(order: i32, errors: &mut Vec<FieldError>) -> i32 {
    if !(0..=1_000_000).contains(&order) {
        errors.push(FieldError::new("display_order", say!(value_between, least = 0, most = 1_000_000)));
    }
    order
}

fn check(field: &str, text: &str, longest: usize, forbidden: impl Fn(char) -> bool, errors: &mut Vec<FieldError>) {
    if text.chars().count() > longest {
        errors.push(FieldError::new(field, say!(text_longer_than, most = longest)));
    }
    if text.chars().any(forbidden) {
        errors.push(FieldError::new(field, say!(text_has_control_character)));
    }
}
