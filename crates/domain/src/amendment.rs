//! Why something was changed after the rules were fixed. Every voter of the election can read it.

use messages::say;

use crate::legible;

/// The longest reason.
pub const LONGEST: usize = 1000;

/// A reason that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

/// The text is no reason; to be read after the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReason {
    /// Nothing, or nothing that can be seen.
    Empty,
    /// More than [`LONGEST`] characters.
    TooLong,
    /// It would break or turn around the page it is shown on.
    Control,
}

messages::says!(NoReason, |refused| match refused {
    NoReason::Empty => say!(amendment_reason_missing),
    NoReason::TooLong => say!(text_too_long, most = LONGEST),
    NoReason::Control => say!(text_with_control_characters),
});

impl Reason {
    /// Reads a reason.
    pub fn parse(text: &str) -> Result<Self, NoReason> {
        let text = text.trim();
        if legible::is_blank(text) {
            return Err(NoReason::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(NoReason::TooLong);
        }
        if text.chars().any(|c| legible::is_control(c) && c != '\n') {
            return Err(NoReason::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_that_can_be_read() {
        assert_eq!(Reason::parse("  Came back from abroad ").unwrap().as_str(), "Came back from abroad");
        assert_eq!(Reason::parse(" \u{200b} "), Err(NoReason::Empty));
        assert_eq!(Reason::parse(&"x".repeat(1001)), Err(NoReason::TooLong));
        assert_eq!(Reason::parse("a\u{202e}b"), Err(NoReason::Control));
    }
}
