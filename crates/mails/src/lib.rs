//! From what was asked for to a mail: subject, text and HTML. The sentences stand in the catalogue of `messages`.
//!
//! The email service sends what stands here, and the admin service shows it to organisers before it is sent.
//!
//! Values are put on one line before they reach a sentence, so that a title cannot add a header or forge a paragraph of the text; in
//! HTML all of it is escaped.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

use chrono::{DateTime, SecondsFormat, Utc};
use contract::email::{
    ActionCause, ActionNeeded, AdminInvitation, AlreadyRecorded, BoxCommitment, CodePurpose, Local, LoginCode, Mail, Occasion,
    OpeningNotice, ResultsNotification, UsedNotice, VotingInvitation,
};
use messages::{Language, Zone, say, when};

/// Letters of a reason that a mail quotes.
const LONGEST_REASON: usize = 500;
/// Letters of a line of text.
const LINE: usize = 76;
const PAGE: &str = include_str!("../templates/page.html");

/// What a mail says.
#[derive(Debug)]
pub struct RenderedMail {
    /// The subject, on one line.
    pub subject: String,
    /// The text, in lines of at most 76 characters but for links and codes.
    pub text: String,
    /// The same as a page of HTML.
    pub html: String,
}

/// What the mail says, in the language and the local time of its election.
#[must_use]
pub fn render(mail: &Mail, local: &Local) -> RenderedMail {
    let mut content = Content::new(mail, local);
    match mail {
        Mail::VotingInvitation(mail) => content.voting_invitation(mail),
        Mail::ResultsNotification(mail) => content.results_notification(mail),
        Mail::AlreadyRecorded(mail) => content.already_recorded(mail),
        Mail::AddressCorrected(mail) => {
            let title = title(&mail.election_title);
            // Whoever reads this may be a stranger: nobody is greeted by the voter's name.
            content.subject = say!(mail_corrected_subject, title = one_line(&mail.election_title));
            content.say(say!(mail_corrected_changed, title = title, address = strong(&mail.new_address)));
            content.say(say!(mail_corrected_old_link));
            content.say(say!(mail_corrected_what_to_do, organiser = strong(&mail.organiser)));
        }
        Mail::UsedNotice(mail) => content.used_notice(mail),
        Mail::BoxCommitment(mail) => content.box_commitment(mail),
        Mail::LoginCode(mail) => content.login_code(mail),
        Mail::AdminInvitation(mail) => content.admin_invitation(mail),
        Mail::OpeningNotice(mail) => content.opening_notice(mail),
        Mail::ActionNeeded(mail) => content.action_needed(mail),
    }
    content.render()
}

/// A part of a mail, one under the other.
enum Part {
    /// A paragraph.
    Say(messages::Message),
    /// A link to be clicked, and to be copied where that does not work.
    Button(messages::Message, String),
    /// A link that is not what the mail is about.
    Link(messages::Message, String),
    /// A code or a hash.
    Code(String),
}

struct Content {
    language: Language,
    zone: Zone,
    subject: messages::Message,
    /// Admins have no name here.
    name: Option<String>,
    parts: Vec<Part>,
}

impl Content {
    fn new(mail: &Mail, local: &Local) -> Self {
        // Of another version of a service there may be more than is known here.
        let (language, zone) = (local.locale.parse().unwrap_or_default(), local.timezone.parse().unwrap_or_default());
        Self { language, zone, subject: messages::Message::verbatim(mail.kind()), name: None, parts: Vec::new() }
    }

    fn say(&mut self, message: messages::Message) {
        self.parts.push(Part::Say(message));
    }

    fn code(&mut self, code: &str) {
        self.parts.push(Part::Code(one_line(code)));
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        strong(&when(at, self.zone).text(self.language))
    }

    fn voting_invitation(&mut self, mail: &VotingInvitation) {
        let plain = one_line(&mail.election_title);
        self.subject = match mail.occasion {
            Occasion::Invitation => say!(mail_link_subject, title = plain),
            Occasion::Reminder => say!(mail_reminder_subject, title = plain),
            Occasion::Resend | Occasion::Correction | Occasion::Request => say!(mail_link_again_subject, title = plain),
            Occasion::Test => say!(mail_test_subject, subject = say!(mail_link_subject, title = plain)),
        };
        self.name = name(mail.voter_name.as_deref());
        let title = title(&mail.election_title);
        self.say(match mail.occasion {
            Occasion::Invitation | Occasion::Resend | Occasion::Test => say!(mail_link_invited, title = title),
            Occasion::Reminder => say!(mail_link_reminder, title = title),
            Occasion::Request => say!(mail_link_requested, title = title),
            Occasion::Correction => say!(mail_link_corrected, title = title),
        });
        if mail.occasion == Occasion::Test {
            self.say(say!(mail_test_note));
        }
        self.parts.push(Part::Button(say!(mail_link_vote_now), mail.voting_url.clone()));
        if !matches!(mail.occasion, Occasion::Invitation | Occasion::Test) {
            self.say(say!(mail_link_replaces));
        }
        if mail.occasion == Occasion::Request {
            self.say(say!(mail_link_not_asked));
        }
        self.say(say!(mail_link_is_yours));
        if let Some(at) = mail.expires_at {
            let time = self.time(at);
            let asked = mail.occasion == Occasion::Request;
            self.say(if asked { say!(mail_link_works_until, time = time) } else { say!(mail_link_expires, time = time) });
        }
        if let Some(at) = mail.closes_at {
            self.say(say!(mail_link_voting_ends, time = self.time(at)));
        }
        match &mail.spent_code {
            Some(code) => {
                self.say(say!(mail_spent_code));
                self.code(code);
                self.say(say!(mail_link_keep_code));
            }
            None if mail.occasion == Occasion::Request => self.say(say!(mail_link_code_on_page)),
            None => {}
        }
        if let Some(stop) = &mail.stop_reminders_url {
            self.parts.push(Part::Link(say!(mail_link_stop_reminders), stop.clone()));
            self.say(say!(mail_link_stop_and_vote));
        }
    }

    fn already_recorded(&mut self, mail: &AlreadyRecorded) {
        self.subject = say!(mail_recorded_subject, title = one_line(&mail.election_title));
        self.name = name(mail.voter_name.as_deref());
        let title = title(&mail.election_title);
        self.say(match mail.occasion {
            Occasion::Request => say!(mail_recorded_requested, title = title),
            Occasion::Correction => say!(mail_recorded_corrected, title = title),
            Occasion::Resend => say!(mail_recorded_resent, title = title),
            Occasion::Invitation | Occasion::Reminder | Occasion::Test => say!(mail_recorded_sent, title = title),
        });
        let asked = mail.occasion == Occasion::Request;
        self.say(if asked { say!(mail_recorded_nobody_told) } else { say!(mail_recorded_organiser_not_told) });
        self.say(say!(mail_recorded_not_you));
        match &mail.spent_code {
            Some(code) => {
                self.say(say!(mail_spent_code));
                self.code(code);
                self.say(say!(mail_recorded_code_means));
            }
            None if asked => self.say(say!(mail_recorded_code_on_page)),
            None => {}
        }
    }

    fn used_notice(&mut self, mail: &UsedNotice) {
        self.subject = say!(mail_used_subject, title = one_line(&mail.election_title));
        self.name = name(mail.voter_name.as_deref());
        self.say(say!(mail_used_recorded, title = title(&mail.election_title)));
        self.say(say!(mail_used_not_you));
        self.say(say!(mail_spent_code));
        self.code(&mail.spent_code);
        self.say(say!(mail_used_same_code));
    }

    fn results_notification(&mut self, mail: &ResultsNotification) {
        self.subject = say!(mail_results_subject, title = one_line(&mail.election_title));
        self.name = name(mail.voter_name.as_deref());
        self.say(say!(mail_results_published, title = title(&mail.election_title)));
        self.parts.push(Part::Button(say!(mail_results_view), mail.results_url.clone()));
        if let Some(head) = &mail.audit_head {
            self.say(say!(mail_results_head, entry = head.last_id));
            self.code(&head.last_hash);
            // As it was signed, to the microsecond: it is compared, and not read as a time.
            self.say(say!(mail_results_head_signed, time = head.signed_at.to_rfc3339_opts(SecondsFormat::Micros, true)));
            self.code(&head.signature);
            if let Some(link) = &mail.audit_head_url {
                self.parts.push(Part::Link(say!(mail_results_head_check), link.clone()));
            }
        }
    }

    fn box_commitment(&mut self, mail: &BoxCommitment) {
        self.subject = say!(mail_sealed_subject, title = one_line(&mail.election_title));
        self.say(say!(mail_sealed_closed, title = title(&mail.election_title)));
        self.say(say!(mail_sealed_ballots, ballots = strong(&mail.box_count.to_string())));
        self.say(say!(mail_sealed_ballots_hash));
        self.code(&mail.box_hash);
        let (used, roll) = (strong(&mail.spent_count.to_string()), strong(&mail.roll_count.to_string()));
        self.say(say!(mail_sealed_used_rights, used = used, roll = roll));
        self.say(say!(mail_sealed_used_rights_hash));
        self.code(&mail.spent_hash);
        self.say(say!(mail_sealed_withdrawn_hash));
        self.code(&mail.withdrawn_hash);
        self.say(say!(mail_sealed_signature));
        self.code(&mail.box_signature);
        self.say(match (mail.halts, mail.resumptions) {
            (0, _) => say!(mail_sealed_never_halted),
            (halts, resumptions) if halts > resumptions => {
                say!(mail_sealed_halted_at_the_end, halts = halts, resumptions = resumptions)
            }
            (halts, _) => say!(mail_sealed_halted_and_resumed, halts = halts),
        });
        self.say(say!(mail_sealed_recording_signature));
        self.code(&mail.recording_signature);
        self.say(say!(mail_sealed_keep));
    }

    fn login_code(&mut self, mail: &LoginCode) {
        let (subject, words, button) = match mail.purpose {
            CodePurpose::VerifyAddress => (say!(mail_code_verify_subject), say!(mail_code_verify), None),
            CodePurpose::Unlock => (say!(mail_code_unlock_subject), say!(mail_code_unlock), Some(say!(mail_code_unlock_open))),
            CodePurpose::ResetPassword => (say!(mail_code_reset_subject), say!(mail_code_reset), Some(say!(mail_code_reset_set))),
        };
        self.subject = subject;
        self.say(words);
        let time = self.time(mail.expires_at);
        let link = mail.link.clone().map(|link| (button.unwrap_or_else(|| say!(mail_code_unlock_open)), link));
        let has_link = link.is_some();
        if let Some((button, link)) = link {
            self.parts.push(Part::Button(button, link));
            self.say(say!(mail_code_or_code));
        }
        self.code(&mail.code);
        self.say(if has_link { say!(mail_code_either_good_until, time = time) } else { say!(mail_code_good_until, time = time) });
    }

    fn admin_invitation(&mut self, mail: &AdminInvitation) {
        self.subject = say!(mail_invitation_subject);
        self.say(say!(mail_invitation_by, admin = strong(&mail.invited_by)));
        self.parts.push(Part::Button(say!(mail_invitation_make_account), mail.registration_url.clone()));
        self.say(say!(mail_invitation_good_until, time = self.time(mail.expires_at)));
    }

    fn opening_notice(&mut self, mail: &OpeningNotice) {
        self.subject = say!(mail_opened_subject, title = one_line(&mail.election_title));
        self.say(say!(mail_opened, title = title(&mail.election_title)));
        self.say(say!(mail_opened_links_unsent, voters = mail.links_unsent));
    }

    fn action_needed(&mut self, mail: &ActionNeeded) {
        let (plain, title) = (one_line(&mail.election_title), title(&mail.election_title));
        match &mail.cause {
            ActionCause::CountStopped { reason, message } => {
                let reason = message.as_ref().map_or_else(|| reason.clone(), |message| message.text(self.language));
                let reason: String = one_line(&reason).chars().take(LONGEST_REASON).collect();
                self.subject = say!(mail_count_stopped_subject, title = plain);
                self.say(say!(mail_count_stopped, title = title));
                self.say(say!(mail_count_stopped_reason, reason = reason));
                self.say(say!(mail_count_stopped_what_to_do));
            }
            ActionCause::RecordingHalted => {
                self.subject = say!(mail_halted_subject, title = plain);
                self.say(say!(mail_halted, title = title));
                self.say(say!(mail_halted_what_to_do));
                self.say(say!(mail_halted_if_closed));
            }
            ActionCause::EndPassed => {
                self.subject = say!(mail_end_passed_subject, title = plain);
                self.say(say!(mail_end_passed, title = title));
                self.say(say!(mail_end_passed_what_to_do));
            }
            ActionCause::EmptyRoll => {
                self.subject = say!(mail_roll_empty_subject, title = plain);
                self.say(say!(mail_roll_empty, title = title));
                self.say(say!(mail_roll_empty_what_to_do));
            }
        }
    }

    fn render(self) -> RenderedMail {
        let subject = self.subject.text(self.language);
        let greeting = match &self.name {
            Some(name) => say!(mail_greeting, name = name),
            None => say!(mail_greeting_nobody),
        };
        let (greeting, footer) = (greeting.text(self.language), say!(mail_footer).text(self.language));
        RenderedMail { text: self.as_text(&greeting, &footer), html: self.as_html(&subject, &greeting, &footer), subject }
    }

    fn as_text(&self, greeting: &str, footer: &str) -> String {
        let said = |message: &messages::Message| as_plain(&message.text(self.language));
        let mut paragraphs = vec![greeting.to_owned()];
        let mut has_label = false;
        for part in &self.parts {
            let paragraph = match part {
                Part::Say(message) => wrapped(&said(message)),
                Part::Button(label, link) | Part::Link(label, link) => format!("{}:\n{link}", wrapped(&said(label))),
                Part::Code(code) => code.clone(),
            };
            match paragraphs.last_mut() {
                // A code stands right under what it is.
                Some(label) if has_label && matches!(part, Part::Code(_)) => *label += &format!("\n{paragraph}"),
                _ => paragraphs.push(paragraph),
            }
            has_label = matches!(part, Part::Say(_)) && paragraphs.last().is_some_and(|last| last.ends_with(':'));
        }
        format!("{}\n\n-- \n{}\n", paragraphs.join("\n\n"), wrapped(footer))
    }

    fn as_html(&self, subject: &str, greeting: &str, footer: &str) -> String {
        let said = |message: &messages::Message| as_markup(&message.text(self.language));
        let fallback = as_markup(&say!(mail_button_fallback).text(self.language));
        let parts = self.parts.iter().map(|part| match part {
            Part::Say(message) => format!("<p>{}</p>", said(message)),
            Part::Button(label, link) => {
                let (label, link) = (said(label), escaped(link));
                format!(
                    "<p><a href=\"{link}\" style=\"display:inline-block;padding:12px 24px;background:#1d4ed8;color:#ffffff;font-weight:bold;text-decoration:none;border-radius:6px\">{label}</a></p>\n\
                     <p style=\"font-size:14px;color:#52525b\">{fallback}<br>\n\
                     <a href=\"{link}\" style=\"color:#1d4ed8;word-break:break-all\">{link}</a></p>"
                )
            }
            Part::Link(label, link) => {
                let (label, link) = (said(label), escaped(link));
                format!("<p>{label}: <a href=\"{link}\" style=\"color:#1d4ed8;word-break:break-all\">{link}</a></p>")
            }
            Part::Code(code) => {
                let code = escaped(code);
                format!("<code style=\"display:block;padding:8px 12px;background:#f4f4f5;word-break:break-all\">{code}</code>")
            }
        });
        let parts: Vec<String> = parts.collect();
        let values = [
            ("{lang}", self.language.tag().to_owned()),
            ("{subject}", escaped(subject)),
            ("{greeting}", escaped(greeting)),
            ("{parts}", parts.join("\n")),
            ("{footer}", escaped(footer)),
        ];
        // From the front to the back and each once: what stands in a value is not looked at again.
        let (mut page, mut rest) = (String::new(), PAGE);
        for (place, value) in values {
            let (before, after) = rest.split_once(place).unwrap_or((rest, ""));
            page += before;
            page += &value;
            rest = after;
        }
        page + rest
    }
}

// Marks around what stands out: in quotation marks or in bold, as text or HTML has it. No value holds one: see [`one_line`].
const TITLE: [char; 2] = ['\u{e000}', '\u{e001}'];
const STRONG: [char; 2] = ['\u{e002}', '\u{e003}'];

fn title(text: &str) -> String {
    format!("{}{}{}", TITLE[0], one_line(text), TITLE[1])
}

fn strong(text: &str) -> String {
    format!("{}{}{}", STRONG[0], one_line(text), STRONG[1])
}

fn as_plain(text: &str) -> String {
    text.replace(TITLE, "\"").replace(STRONG, "")
}

fn as_markup(text: &str) -> String {
    escaped(text).replace([TITLE[0], STRONG[0]], "<strong>").replace([TITLE[1], STRONG[1]], "</strong>")
}

/// Text for an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            other => out.push(other),
        }
    }
    out
}

/// In lines that fit a window; a word that is longer stands alone.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn name(name: Option<&str>) -> Option<String> {
    name.map(one_line).filter(|name| !name.is_empty())
}

/// The same words on one line: no control characters, no line ends, single spaces. Also without the characters that turn
/// the direction of writing, by which a name could make what stands behind it read otherwise, and without our own marks.
#[must_use]
pub fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{e000}'..='\u{e003}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}');
    text.split(|c: char| c.is_whitespace() || c.is_control() || turns(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::audit::SignedHead;
    use contract::email::AddressCorrected;

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
        let RenderedMail { subject, text, html } = render(mail, &Local::default());
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
            withdrawn_hash: "ef".repeat(32),
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
        for occasion in [Occasion::Resend, Occasion::Correction, Occasion::Request, Occasion::Reminder, Occasion::Test] {
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
        insta::assert_snapshot!(
            "action_needed_count_stopped",
            shown(&needed(ActionCause::CountStopped { reason, message: None }))
        );
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
    fn every_sentence_of_a_mail_is_there_in_every_language_of_elections() {
        let source = include_str!("lib.rs").split("#[cfg(test)]\nmod tests").next().unwrap();
        let codes = source.split("say!(").skip(1).map(|rest| {
            let code = rest.chars().take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_').collect::<String>();
            code.replace('_', "-")
        });
        let codes: std::collections::BTreeSet<String> = codes.collect();
        assert!(codes.len() > 80, "{}: are they found?", codes.len());
        for language in Language::OF_ELECTIONS {
            let missing: Vec<_> = codes.iter().filter(|code| !language.has(code)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", language.tag());
        }
    }

    #[test]
    fn a_german_election_writes_german_mails() {
        let local = Local { locale: "de".to_owned(), timezone: "Europe/Berlin".to_owned() };
        let test = VotingInvitation { occasion: Occasion::Test, ..invitation() };
        let RenderedMail { subject, text, html } = render(&Mail::VotingInvitation(test), &local);
        insta::assert_snapshot!("voting_invitation_test_german", format!("{subject}\n===== text\n{text}"));
        assert!(html.contains("lang=\"de\""), "{html}");
    }

    #[test]
    fn a_mail_names_times_in_the_time_zone_of_its_election_and_in_utc() {
        let local = Local { timezone: "Europe/Berlin".to_owned(), ..Local::default() };
        let RenderedMail { text, html, .. } = render(&Mail::VotingInvitation(invitation()), &local);
        let ends = "Wednesday, 25 November 2026 at 19:00 Europe/Berlin (Wednesday, 25 November 2026 at 18:00 UTC)";
        assert!(text.replace('\n', " ").contains(&format!("Voting ends on {ends}.")), "{text}");
        assert!(html.contains(&format!("Voting ends on <strong>{ends}</strong>.")), "{html}");
    }

    #[test]
    fn a_time_zone_of_another_version_is_no_reason_to_send_nothing() {
        let local = Local { timezone: "Mars/Olympus".to_owned(), locale: "xx".to_owned() };
        let RenderedMail { text, .. } = render(&Mail::VotingInvitation(invitation()), &local);
        assert!(text.contains("Voting ends on Wednesday, 25 November 2026 at 18:00 UTC."), "{text}");
    }

    #[test]
    fn a_title_cannot_add_a_header_or_markup() {
        let mail = VotingInvitation {
            election_title: "A\r\nBcc: eve@example.com\r\n\r\n<script>\u{202e}\"x\"</script>".to_owned(),
            voter_name: Some("<b onload='x'>Ann</b>\n\nClick elsewhere".to_owned()),
            ..invitation()
        };
        let mail = Mail::VotingInvitation(mail);
        let RenderedMail { subject, text, html } = render(&mail, &Local::default());
        assert!(subject.contains("A Bcc: eve@example.com <script> \"x\"</script>"), "{subject}");
        assert!(text.contains("<b onload='x'>Ann</b> Click elsewhere"), "{text}");
        assert!(!html.contains("<script") && !html.contains("<b "), "{html}");
    }
}
