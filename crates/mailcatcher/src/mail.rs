//! One mail as it came.

use mail_parser::{Address, DateTime, Message, MessageParser};

/// A mail: envelope and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Microseconds since 1970, strictly growing: also its name in the API.
    pub id: u64,
    /// The envelope's sender, empty for a bounce.
    pub sender: String,
    /// The envelope's recipients.
    pub recipients: Vec<String>,
    /// Header and body, dots unstuffed.
    pub raw: Vec<u8>,
}

/// A name, which may be empty, and an address.
pub(crate) type Person = (String, String);

impl Mail {
    fn parsed(&self) -> Option<Message<'_>> {
        MessageParser::default().parse(&self.raw)
    }

    /// The subject, decoded.
    #[must_use]
    pub fn subject(&self) -> String {
        self.parsed().and_then(|mail| mail.subject().map(str::to_owned)).unwrap_or_default()
    }

    /// The text body, decoded; made from the HTML when the mail has none.
    #[must_use]
    pub fn text(&self) -> String {
        self.parsed().and_then(|mail| mail.body_text(0).map(|text| text.into_owned())).unwrap_or_default()
    }

    /// The HTML body, decoded; empty when the mail has none.
    #[must_use]
    pub fn html(&self) -> String {
        let own_html = |mail: Message<'_>| {
            let has_html = mail.html_bodies().any(|part| part.is_text_html());
            has_html.then(|| mail.body_html(0).map(|html| html.into_owned())).flatten()
        };
        self.parsed().and_then(own_html).unwrap_or_default()
    }

    /// When it arrived, RFC 3339.
    #[must_use]
    pub fn received(&self) -> String {
        DateTime::from_timestamp(i64::try_from(self.id / 1_000_000).unwrap_or_default()).to_rfc3339()
    }

    pub(crate) fn date(&self) -> String {
        self.parsed().and_then(|mail| mail.date().map(DateTime::to_rfc3339)).unwrap_or_else(|| self.received())
    }

    /// From the header, else from the envelope.
    pub(crate) fn from(&self) -> Person {
        let header = self.parsed().and_then(|mail| people(mail.from()).into_iter().next());
        header.unwrap_or_else(|| (String::new(), self.sender.clone()))
    }

    /// From the header, else from the envelope.
    pub(crate) fn to(&self) -> Vec<Person> {
        let header = self.parsed().map(|mail| people(mail.to())).unwrap_or_default();
        if !header.is_empty() {
            return header;
        }
        self.recipients.iter().map(|address| (String::new(), address.clone())).collect()
    }
}

fn people(address: Option<&Address<'_>>) -> Vec<Person> {
    let person = |one: &mail_parser::Addr<'_>| Some((one.name().unwrap_or_default().to_owned(), one.address()?.to_owned()));
    address.map(|all| all.iter().filter_map(person).collect()).unwrap_or_default()
}
