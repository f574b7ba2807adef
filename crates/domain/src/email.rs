//! Mail addresses.

use std::fmt;

use messages::say;

/// An address that a mail can be sent to. Kept as typed; compared by [`Email::key`], without regard to case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is not an address we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailRefused {
    /// Nothing there.
    Missing,
    /// RFC 5321 allows 254 characters in all and 64 before the at sign.
    TooLong,
    /// Letters outside ASCII need SMTPUTF8, which many mail servers refuse.
    NotAscii,
    /// The general case.
    Malformed,
}

messages::says!(EmailRefused, |refused| match refused {
    EmailRefused::Missing => say!(member_missing),
    EmailRefused::TooLong => say!(email_too_long),
    EmailRefused::NotAscii => say!(email_not_ascii),
    EmailRefused::Malformed => say!(email_malformed),
});

impl Email {
    /// Reads an address. Surrounding space is forgiven, everything else is checked: what is accepted here ends up in an
    /// SMTP command and a mail header, so quotes, brackets, spaces and line ends are not.
    pub fn parse(text: &str) -> Result<Self, EmailRefused> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailRefused::Missing);
        }
        if !text.is_ascii() {
            return Err(EmailRefused::NotAscii);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailRefused::Malformed)?;
        if text.len() > 254 || local.len() > 64 {
            return Err(EmailRefused::TooLong);
        }
        let atom = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        };
        let label = |part: &str| {
            (1..=63).contains(&part.len())
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if local.split('.').all(atom) && domain.contains('.') && domain.split('.').all(label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EmailRefused::Malformed)
        }
    }

    /// The address as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two addresses are compared by: the whole in lower case, as `lower(email)` in the database.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// A hint for its owner that tells a stranger little: `a***@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_read() {
        for good in ["alice@example.com", " Bob.Smith+vote@mail.example.org ", "x@xn--bcher-kva.example", "o'neil@a.ie"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_would_break_a_header_or_a_mail_server_is_refused() {
        for bad in [
            "",
            "nonsense",
            "not an address",
            "a@b",
            "@example.com",
            "a@",
            "a@@b.com",
            "a@b..com",
            "a..b@c.de",
            ".a@b.de",
            "a@-b.de",
            "a@b.de\r\nBcc: x@y.de",
            "\"a b\"@c.de",
            "<a@b.de>",
            "a@b.de,c@d.de",
            "jörg@example.com",
            "a@[127.0.0.1]",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Email::parse(&format!("{}@example.com", "a".repeat(65))), Err(EmailRefused::TooLong));
    }

    #[test]
    fn case_does_not_make_another_address() {
        assert_eq!(Email::parse("Ann@Example.COM").unwrap().key(), Email::parse("ann@example.com").unwrap().key());
    }

    #[test]
    fn a_masked_address_keeps_one_letter_and_the_domain() {
        assert_eq!(Email::parse("alice@example.com").unwrap().masked(), "a***@example.com");
    }
}
