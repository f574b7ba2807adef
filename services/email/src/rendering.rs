//! From what was asked for to a message: `mails` says what it reads, this adds sender and headers.

use contract::email::Envelope;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use mails::{RenderedMail, render};

/// Who the mails are from.
pub(crate) struct MailTemplates {
    from: Mailbox,
}

/// `EMAIL_FROM` is no sender.
#[derive(Debug, thiserror::Error)]
#[error("EMAIL_FROM is not of the form 'Name <address@example.org>': {0}")]
pub(crate) struct NotASender(#[from] lettre::address::AddressError);

/// No mail can be made of it, now or later.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwritable {
    #[error("the address cannot be used: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("{0}")]
    Message(#[from] lettre::error::Error),
}

impl MailTemplates {
    pub(crate) fn new(from: &str) -> Result<Self, NotASender> {
        Ok(Self { from: from.parse()? })
    }

    /// The mail, ready to be handed over.
    pub(crate) fn message(&self, envelope: &Envelope) -> Result<Message, Unwritable> {
        let Envelope { event_id, recipient, local, mail, .. } = envelope;
        let RenderedMail { subject, text, html } = render(mail, local);
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient.trim().parse()?))
            .subject(subject)
            // The same at every attempt: of a mail that was sent twice, many mailboxes show one.
            .message_id(Some(format!("<{event_id}@{}>", self.from.email.domain())))
            .date_now()
            // RFC 3834: nobody's holiday notice is sent back.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html))?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use contract::email::{Local, Mail, OpeningNotice};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_title_cannot_add_a_header() {
        let election_title = "A\r\nBcc: eve@example.com\r\n\r\nB".to_owned();
        let mail = Mail::OpeningNotice(OpeningNotice { election_title, links_unsent: 1 });
        let (recipient, local) = ("alice@example.com".to_owned(), Local::default());
        let envelope = Envelope { event_id: Uuid::nil(), election_id: None, recipient, local, mail };
        let templates = MailTemplates::new("U-Vote <noreply@uvote.example>").unwrap();
        let raw = String::from_utf8(templates.message(&envelope).unwrap().formatted()).unwrap();
        let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
        assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{headers}");
        assert!(headers.contains("Auto-Submitted: auto-generated"), "{headers}");
        assert!(headers.contains("Message-ID: <00000000-0000-0000-0000-000000000000@uvote.example>"), "{headers}");
    }
}
