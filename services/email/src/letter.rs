//! From what was asked for to a mail: subject, text and HTML, by the templates in `templates/`.
//!
//! Values are put on one line before they reach a template, so that a title cannot add a header or forge a paragraph of the
//! text; the templates that end in `.html` escape them.

use chrono::{DateTime, SecondsFormat, Utc};
use contract::email::{ActionCause, ActionNeeded, AdminInvitation, BoxCommitment, Envelope, LoginCode, Mail, OpeningNotice};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use minijinja::{Environment, UndefinedBehavior, Value, context};

/// Letters of a reason that a mail quotes.
const LONGEST_REASON: usize = 500;

/// The templates, and who the mails are from.
pub(crate) struct Letters {
    templates: Environment<'static>,
    from: Mailbox,
}

/// What a mail says.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
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
    #[error("no mail can be made of it: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the template: {0}")]
    Template(#[from] minijinja::Error),
}

macro_rules! templates {
    ($($name:literal),+) => {
        [$(($name, include_str!(concat!("../templates/", $name)))),+]
    };
}

impl Letters {
    pub(crate) fn new(from: &str) -> Result<Self, NotASender> {
        let mut templates = Environment::new();
        // A member that a template names and nobody gives is a fault, not an empty place in a mail.
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        let all = templates![
            "base.html",
            "base.txt",
            "parts.html",
            "voting_invitation.html",
            "voting_invitation.txt",
            "results_notification.html",
            "results_notification.txt",
            "box_commitment.html",
            "box_commitment.txt",
            "already_recorded.html",
            "already_recorded.txt",
            "address_corrected.html",
            "address_corrected.txt",
            "used_notice.html",
            "used_notice.txt",
            "login_code.html",
            "login_code.txt",
            "admin_invitation.html",
            "admin_invitation.txt",
            "opening_notice.html",
            "opening_notice.txt",
            "action_needed.html",
            "action_needed.txt"
        ];
        for (name, source) in all {
            templates.add_template(name, source).expect("the templates are compiled in, and a test renders them all");
        }
        Ok(Self { templates, from: from.parse()? })
    }

    /// The mail, ready to be handed over.
    pub(crate) fn message(&self, envelope: &Envelope) -> Result<Message, Unwritable> {
        let Envelope { event_id, recipient, mail, .. } = envelope;
        let Letter { subject, text, html } = self.letter(mail)?;
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

    /// What the mail says. The first line of a text template is the subject.
    pub(crate) fn letter(&self, mail: &Mail) -> Result<Letter, Unwritable> {
        let (name, values) = values(mail);
        let text = self.templates.get_template(&format!("{name}.txt"))?.render(&values)?;
        // minijinja escapes the slash too, which HTML does not need and link scanners of mailboxes stumble over.
        let html = self.templates.get_template(&format!("{name}.html"))?.render(&values)?.replace("&#x2f;", "/");
        let (subject, text) = text.split_once('\n').unwrap_or((&text, ""));
        Ok(Letter { subject: subject.to_owned(), text: text.trim_start().to_owned(), html })
    }
}

fn values(mail: &Mail) -> (&'static str, Value) {
    match mail {
        Mail::VotingInvitation(mail) => (
            "voting_invitation",
            context! {
                title => one_line(&mail.election_title),
                name => name(mail.voter_name.as_deref()),
                link => mail.voting_url.as_str(),
                expires_at => mail.expires_at.map(day_and_hour),
                closes_at => mail.closes_at.map(day_and_hour),
                spent_code => mail.spent_code.as_deref(),
                occasion => mail.occasion.kind(),
                stop_url => mail.stop_reminders_url.as_deref(),
            },
        ),
        Mail::ResultsNotification(mail) => (
            "results_notification",
            context! {
                title => one_line(&mail.election_title),
                name => name(mail.voter_name.as_deref()),
                link => mail.results_url.as_str(),
                head => mail.audit_head.as_ref().map(|head| context! {
                    entry => head.last_id,
                    hash => one_line(&head.last_hash),
                    signed_at => head.signed_at.to_rfc3339_opts(SecondsFormat::Micros, true),
                    signature => one_line(&head.signature),
                }),
                head_link => mail.audit_head_url.as_deref(),
            },
        ),
        Mail::AlreadyRecorded(mail) => (
            "already_recorded",
            context! {
                title => one_line(&mail.election_title),
                name => name(mail.voter_name.as_deref()),
                spent_code => mail.spent_code.as_deref(),
                occasion => mail.occasion.kind(),
            },
        ),
        Mail::AddressCorrected(mail) => (
            "address_corrected",
            context! {
                title => one_line(&mail.election_title),
                // Whoever reads this may be a stranger: nobody is greeted by the voter's name.
                name => None::<String>,
                new_address => one_line(&mail.new_address),
                organiser => one_line(&mail.organiser),
            },
        ),
        Mail::UsedNotice(mail) => (
            "used_notice",
            context! { title => one_line(&mail.election_title), name => name(mail.voter_name.as_deref()), spent_code => mail.spent_code.as_str() },
        ),
        Mail::BoxCommitment(mail) => ("box_commitment", box_commitment(mail)),
        Mail::LoginCode(mail) => ("login_code", login_code(mail)),
        Mail::AdminInvitation(mail) => ("admin_invitation", admin_invitation(mail)),
        Mail::OpeningNotice(mail) => ("opening_notice", opening_notice(mail)),
        Mail::ActionNeeded(mail) => ("action_needed", action_needed(mail)),
    }
}

// Admins have no name here.

fn box_commitment(mail: &BoxCommitment) -> Value {
    context! {
        title => one_line(&mail.election_title),
        name => None::<String>,
        count => mail.box_count,
        hash => mail.box_hash.as_str(),
        spent_count => mail.spent_count,
        spent_hash => mail.spent_hash.as_str(),
        roll => mail.roll_count,
        signature => mail.box_signature.as_str(),
        halts => mail.halts,
        resumptions => mail.resumptions,
        recording_signature => mail.recording_signature.as_str(),
    }
}

fn login_code(mail: &LoginCode) -> Value {
    context! {
        name => None::<String>,
        purpose => <&str>::from(mail.purpose),
        code => one_line(&mail.code),
        link => mail.link.as_deref(),
        expires_at => day_and_hour(mail.expires_at),
    }
}

fn admin_invitation(mail: &AdminInvitation) -> Value {
    context! {
        name => None::<String>,
        invited_by => one_line(&mail.invited_by),
        link => mail.registration_url.as_str(),
        expires_at => day_and_hour(mail.expires_at),
    }
}

fn opening_notice(mail: &OpeningNotice) -> Value {
    context! { name => None::<String>, title => one_line(&mail.election_title), links_unsent => mail.links_unsent }
}

fn action_needed(mail: &ActionNeeded) -> Value {
    let reason = match &mail.cause {
        ActionCause::EmptyRoll | ActionCause::RecordingHalted | ActionCause::EndPassed => None,
        ActionCause::CountStopped { reason } => Some(one_line(reason).chars().take(LONGEST_REASON).collect::<String>()),
    };
    let halted = mail.cause == ActionCause::RecordingHalted;
    let end_passed = mail.cause == ActionCause::EndPassed;
    context! { name => None::<String>, title => one_line(&mail.election_title), reason, halted, end_passed }
}

fn name(name: Option<&str>) -> Option<String> {
    name.map(one_line).filter(|name| !name.is_empty())
}

fn day_and_hour(time: DateTime<Utc>) -> String {
    time.format("%A, %-d %B %Y at %H:%M UTC").to_string()
}

/// The same words on one line: no control characters, no line ends, single spaces. Also without the characters that turn
/// the direction of writing, by which a name could make what stands behind it read otherwise.
pub(crate) fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}');
    text.split(|c: char| c.is_whitespace() || c.is_control() || turns(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::audit::SignedHead;
    use contract::email::{
        AddressCorrected, AlreadyRecorded, CodePurpose, Occasion, ResultsNotification, UsedNotice, VotingInvitation,
    };
    use uuid::Uuid;

    fn letters() -> Letters {
        Letters::new("U-Vote <noreply@uvote.example>").unwrap()
    }

    fn invitation() -> VotingInvitation {
        VotingInvitation {
            voter_name: Some("Alice Johnson".to_owned()),
            election_title: "Student Council 2026".to_owned(),
            voting_url: "https://vote.example/vote?token=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA".to_owned(),
            expires_at: DateTime::from_timestamp(1_795_716_000, 0),
            closes_at: DateTime::from_timestamp(1_795_629_600, 0),
            spent_code: Some("000102030405060708090a0b0c0d0e0f".to_owned()),
            occasion: Occasion::Invitation,
            stop_reminders_url: None,
        }
    }

    fn shown(mail: &Mail) -> String {
        let Letter { subject, text, html } = letters().letter(mail).unwrap();
        format!("{subject}\n===== text\n{text}\n===== html\n{html}")
    }

    #[test]
    fn every_mail_reads_like_this() {
        insta::assert_snapshot!("voting_invitation", shown(&Mail::VotingInvitation(invitation())));
        let results = ResultsNotification {
            voter_name: Some("Alice Johnson".to_owned()),
            election_title: "Student Council 2026".to_owned(),
            results_url: "https://vote.example/results/5".to_owned(),
            audit_head: None,
            audit_head_url: None,
        };
        insta::assert_snapshot!("results_notification", shown(&Mail::ResultsNotification(results.clone())));
        let head = SignedHead {
            last_id: 4711,
            last_hash: "cd".repeat(32),
            signed_at: DateTime::from_timestamp_micros(1_795_716_000_123_456).unwrap(),
            signature: "c2lnbmF0dXJl".to_owned(),
        };
        let audit_head_url = Some(format!("https://vote.example/api/audit/head?head_id=4711&head_hash={}", head.last_hash));
        let with_head = ResultsNotification { audit_head: Some(head), audit_head_url, ..results };
        insta::assert_snapshot!("results_notification_with_head", shown(&Mail::ResultsNotification(with_head)));
        let commitment = BoxCommitment {
            election_title: "Student Council 2026".to_owned(),
            box_count: 187,
            box_hash: "ab".repeat(32),
            spent_count: 187,
            spent_hash: "cd".repeat(32),
            roll_count: 240,
            box_signature: "MEUCIQDsignature==".to_owned(),
            halts: 1,
            resumptions: 0,
            recording_signature: "MEUCIQDrecording==".to_owned(),
        };
        insta::assert_snapshot!("box_commitment", shown(&Mail::BoxCommitment(commitment)));
        let recorded = AlreadyRecorded {
            voter_name: None,
            election_title: "Student Council 2026".to_owned(),
            spent_code: Some("000102030405060708090a0b0c0d0e0f".to_owned()),
            occasion: Occasion::Resend,
        };
        insta::assert_snapshot!("already_recorded", shown(&Mail::AlreadyRecorded(recorded.clone())));
        let asked = AlreadyRecorded { occasion: Occasion::Request, ..recorded };
        insta::assert_snapshot!("already_recorded_request", shown(&Mail::AlreadyRecorded(asked)));
    }

    #[test]
    fn a_link_says_why_it_comes() {
        for occasion in [Occasion::Resend, Occasion::Correction, Occasion::Request, Occasion::Reminder] {
            let stop = "https://vote.example/stop-reminders?election_id=5&code=000102030405060708090a0b0c0d0e0f";
            let stop_reminders_url = (occasion == Occasion::Reminder).then(|| stop.to_owned());
            let mail = VotingInvitation { occasion, stop_reminders_url, ..invitation() };
            insta::assert_snapshot!(format!("voting_invitation_{}", occasion.kind()), shown(&Mail::VotingInvitation(mail)));
        }
    }

    #[test]
    fn mails_about_a_right_read_like_this() {
        let corrected = AddressCorrected {
            election_title: "Student Council 2026".to_owned(),
            new_address: "a***@example.com".to_owned(),
            organiser: "admin@example.com".to_owned(),
        };
        insta::assert_snapshot!("address_corrected", shown(&Mail::AddressCorrected(corrected)));
        let used = UsedNotice {
            voter_name: Some("Alice Johnson".to_owned()),
            election_title: "Student Council 2026".to_owned(),
            spent_code: "000102030405060708090a0b0c0d0e0f".to_owned(),
        };
        insta::assert_snapshot!("used_notice", shown(&Mail::UsedNotice(used)));
    }

    #[test]
    fn mails_to_admins_read_like_this() {
        let expires_at = DateTime::from_timestamp(1_795_716_000, 0).unwrap();
        for purpose in [CodePurpose::VerifyAddress, CodePurpose::Unlock, CodePurpose::ResetPassword] {
            let code = "K7QM-4XPD".to_owned();
            let token = "x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA";
            let link = match purpose {
                CodePurpose::VerifyAddress => None,
                CodePurpose::Unlock => Some(format!("https://vote.example/unlock?token={token}")),
                CodePurpose::ResetPassword => Some(format!("https://vote.example/reset-password?token={token}")),
            };
            let mail = Mail::LoginCode(LoginCode { purpose, code, link, expires_at });
            let name = format!("login_code_{purpose:?}").to_lowercase();
            insta::assert_snapshot!(name, shown(&mail));
        }
        let invited = AdminInvitation {
            invited_by: "admin@example.com".to_owned(),
            registration_url: "https://vote.example/register?invitation=x8K3mP9qL2wN7vR4tY6uI1oE5sA0dF8gH3jK9mN2pQA".to_owned(),
            expires_at,
        };
        insta::assert_snapshot!("admin_invitation", shown(&Mail::AdminInvitation(invited)));
        let opened = OpeningNotice { election_title: "Student Council 2026".to_owned(), links_unsent: 12 };
        insta::assert_snapshot!("opening_notice", shown(&Mail::OpeningNotice(opened)));
    }

    #[test]
    fn what_needs_the_admin_reads_like_this() {
        let needed = |cause| Mail::ActionNeeded(ActionNeeded { election_title: "Student Council 2026".to_owned(), cause });
        insta::assert_snapshot!("action_needed_empty_roll", shown(&needed(ActionCause::EmptyRoll)));
        insta::assert_snapshot!("action_needed_end_passed", shown(&needed(ActionCause::EndPassed)));
        let reason = "the chain of recorded ballots is broken at position 3".to_owned();
        insta::assert_snapshot!("action_needed_count_stopped", shown(&needed(ActionCause::CountStopped { reason })));
        insta::assert_snapshot!("action_needed_recording_halted", shown(&needed(ActionCause::RecordingHalted)));
    }

    #[test]
    fn an_invitation_of_the_least_members_reads_like_this() {
        let mail = VotingInvitation {
            voter_name: None,
            expires_at: None,
            closes_at: None,
            spent_code: None,
            occasion: Occasion::Resend,
            ..invitation()
        };
        insta::assert_snapshot!("voting_invitation_resent_least", shown(&Mail::VotingInvitation(mail)));
    }

    #[test]
    fn a_title_cannot_add_a_header_or_markup() {
        let mail = VotingInvitation {
            election_title: "A\r\nBcc: eve@example.com\r\n\r\n<script>\u{202e}\"x\"</script>".to_owned(),
            voter_name: Some("<b onload='x'>Ann</b>\n\nClick elsewhere".to_owned()),
            ..invitation()
        };
        let mail = Mail::VotingInvitation(mail);
        let Letter { subject, text, html } = letters().letter(&mail).unwrap();
        assert!(subject.contains("A Bcc: eve@example.com <script> \"x\"</script>"), "{subject}");
        assert!(text.contains("<b onload='x'>Ann</b> Click elsewhere"), "{text}");
        assert!(!html.contains("<script") && !html.contains("<b "), "{html}");
        let envelope = Envelope { event_id: Uuid::nil(), election_id: None, recipient: "alice@example.com".to_owned(), mail };
        let raw = String::from_utf8(letters().message(&envelope).unwrap().formatted()).unwrap();
        let (headers, _) = raw.split_once("\r\n\r\n").unwrap();
        assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{headers}");
        assert!(headers.contains("Auto-Submitted: auto-generated"), "{headers}");
        assert!(headers.contains("Message-ID: <00000000-0000-0000-0000-000000000000@uvote.example>"), "{headers}");
    }
}
