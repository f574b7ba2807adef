//! Words that will stand on a ballot, checked before they are stored: they end up on pages, in the manifest and in the record.

use contract::problems::FieldError;
use domain::legible;
use messages::say;
use url::Url;

/// The longest name, in characters; as in the database.
const NAME: usize = 255;
/// The longest statement, vision and programme, in characters; as in the database.
const LONG_TEXT: usize = 10_000;
/// The longest link, in characters; as in the database.
const LINK: usize = 2000;

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

/// A statement, a vision or a programme: text of several lines, or none.
pub(crate) fn long_text(field: &str, text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = text.trim();
    check(field, text, LONG_TEXT, |c| legible::is_control(c) && !matches!(c, '\n' | '\r' | '\t'), errors);
    (!legible::is_blank(text)).then(|| text.to_owned())
}

/// A party or list: one line, or none.
pub(crate) fn party(text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = text.trim();
    if text.chars().any(legible::is_invisible) {
        errors.push(FieldError::new("party", say!(text_has_invisible_character)));
    }
    check("party", text, NAME, legible::is_control, errors);
    (!legible::is_blank(text)).then(|| text.to_owned())
}

/// An address that voters may open, or none. Only http and https: `javascript:` would run in the voter's page.
pub(crate) fn link(text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let read = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    // `https://example.org@evil.example` shows another host than it opens.
    let read = read.filter(|url| url.host_str().is_some() && url.username().is_empty() && url.password().is_none());
    let Some(url) = read else {
        errors.push(FieldError::new("link", say!(link_not_web)));
        return None;
    };
    // As it is read, and not as it was typed: a browser must not read it in another way.
    let text = String::from(url);
    check("link", &text, LINK, legible::is_control, errors);
    Some(text)
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
