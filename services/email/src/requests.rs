//! The calls that ask for a mail. Each answers when the mail is stored, not when it is sent.

use actix_web::HttpResponse;
use actix_web::web::Data;
use contract::email::{
    ActionCause, AlreadyRecorded, BoxCommitment, EmailStatus, Envelope, Kept, Mail, Occasion, Single, SingleEnvelope,
    SingleInvitation, SingleResultsNotification, VotingInvitation,
};
use contract::problems::{self, FieldError};
use domain::email::Email;
use identity::CallingService;
use mails::one_line;
use messages::{Message, say};
use problem::{Json, Problem};
use url::Url;
use uuid::Uuid;

use crate::queue::Queue;

/// Mails of one call, a hundred kilobytes or so.
const MOST: usize = 100;
/// Who asks for any mail at all.
const SENDING_SERVICES: [&str; 4] = ["admin", "election", "voting", "auth"];

/// The only service that may ask for this mail: a stolen key of another one sends no links.
fn allowed_sender(mail: &Mail) -> &'static str {
    match mail {
        Mail::VotingInvitation(VotingInvitation { occasion: Occasion::Request, .. })
        | Mail::AlreadyRecorded(AlreadyRecorded { occasion: Occasion::Request, .. }) => "voting",
        Mail::VotingInvitation(_)
        | Mail::ResultsNotification(_)
        | Mail::AlreadyRecorded(_)
        | Mail::AddressCorrected(_)
        | Mail::UsedNotice(_) => "admin",
        Mail::BoxCommitment(_) | Mail::OpeningNotice(_) | Mail::ActionNeeded(_) => "election",
        Mail::LoginCode(_) | Mail::AdminInvitation(_) => "auth",
    }
}

/// Whether this service may ask for any mail at all, and so what became of one.
pub(crate) fn may_ask(service: &CallingService) -> Result<(), Problem> {
    if SENDING_SERVICES.contains(&service.name.as_str()) { Ok(()) } else { Err(not_yours(service)) }
}

fn not_yours(service: &CallingService) -> Problem {
    Problem::new(problems::FORBIDDEN, say!(mail_not_yours, service = &service.name))
}

/// Sends a voter the link to vote.
#[utoipa::path(post, path = "/api/email/send-voting-invitation", tag = "internal", security(("service" = ["admin"]), ("service" = ["voting"])), request_body = SingleInvitation,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 409, description = "The election is closed or gone: the mail is dropped"),
        (status = 422, description = "An address, link or title that cannot be used"),
    ))]
pub(crate) async fn voting_invitation(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<SingleInvitation>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, body.into_inner(), Mail::VotingInvitation).await
}

/// Sends a voter the link to the result.
#[utoipa::path(post, path = "/api/email/send-results-notification", tag = "internal", security(("service" = ["admin"])), request_body = SingleResultsNotification,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 422, description = "An address, link or title that cannot be used"),
    ))]
pub(crate) async fn results_notification(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<SingleResultsNotification>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, body.into_inner(), Mail::ResultsNotification).await
}

/// Sends many mails. All of them are kept, in one commit, or none.
#[utoipa::path(post, path = "/api/email/send-many", tag = "internal", 
    security(("service" = ["admin"]), ("service" = ["auth"]), ("service" = ["election"]), ("service" = ["voting"])), request_body = Vec<Envelope>,
    responses(
        (status = 202, description = "Kept, and sent soon. A mail whose event_id is known already is kept once; one about a link of an election that is closed or gone is dropped", body = Kept),
        (status = 403, description = "One of them is not for this service"),
        (status = 422, description = "More than 100, or one of them cannot be used: its errors"),
        (status = 423, description = "`election-locked`: an election of one of them is locked, mostly because it is being closed. Send the mails of each election alone, and these later"),
    ))]
pub(crate) async fn many(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<Vec<Envelope>>,
) -> Result<HttpResponse, Problem> {
    let envelopes = body.into_inner();
    if envelopes.len() > MOST {
        return Err(Problem::field("mails", say!(mails_too_many, most = MOST)));
    }
    if envelopes.iter().any(|envelope| allowed_sender(&envelope.mail) != service.name) {
        return Err(not_yours(&service));
    }
    let mails = envelopes.into_iter().map(|envelope| Ok((usable(&envelope, "recipient")?, envelope)));
    match queue.accept_many(mails.collect::<Result<Vec<_>, Problem>>()?).await? {
        Some(new) => Ok(HttpResponse::Accepted().json(Kept { new })),
        None => Err(Problem::new(problems::ELECTION_LOCKED, problems::ELECTION_LOCKED.advice()).retry_after(2)),
    }
}

async fn accept<T>(
    service: &CallingService,
    queue: &Queue,
    asked: Single<T>,
    kind: impl FnOnce(T) -> Mail,
) -> Result<HttpResponse, Problem> {
    let Single { envelope: SingleEnvelope { event_id, election_id, voter_email: recipient, local }, content } = asked;
    let event_id = event_id.unwrap_or_else(Uuid::new_v4);
    let envelope = Envelope { event_id, election_id, recipient, local, mail: kind(content) };
    if allowed_sender(&envelope.mail) != service.name {
        return Err(not_yours(service));
    }
    let recipient = usable(&envelope, "voter_email")?;
    let kept = queue.accept(&envelope, &recipient).await?;
    let status = kept.ok_or_else(|| Problem::new(problems::CONFLICT, say!(mail_too_late)))?;
    Ok(HttpResponse::Accepted().json(status))
}

/// Checks that a mail can be made, and returns its recipient. What is wrong here would be wrong at every attempt. `field` is the
/// caller's name for the recipient.
fn usable(envelope: &Envelope, field: &str) -> Result<Email, Problem> {
    let mut errors = Errors::default();
    match &envelope.mail {
        Mail::VotingInvitation(mail) => {
            errors.title(&mail.election_title);
            errors.link("voting_url", &mail.voting_url);
            errors.code(mail.spent_code.as_deref());
            if let Some(stop) = &mail.stop_reminders_url {
                errors.link("stop_reminders_url", stop);
            }
        }
        Mail::ResultsNotification(mail) => {
            errors.title(&mail.election_title);
            errors.link("results_url", &mail.results_url);
        }
        Mail::AlreadyRecorded(mail) => {
            errors.title(&mail.election_title);
            errors.code(mail.spent_code.as_deref());
            // It has the name of the mail that it is sent instead of, so that no row tells who has voted. Whoever has voted is
            // not reminded.
            errors.unless("occasion", mail.occasion != Occasion::Reminder, say!(mail_occasion_reminder));
        }
        Mail::AddressCorrected(mail) => {
            errors.title(&mail.election_title);
            errors.words("new_address", &mail.new_address);
            errors.words("organiser", &mail.organiser);
        }
        Mail::UsedNotice(mail) => {
            errors.title(&mail.election_title);
            errors.code(Some(&mail.spent_code));
        }
        Mail::BoxCommitment(mail) => errors.commitment(mail),
        Mail::LoginCode(mail) => {
            let plain = (4..=64).contains(&mail.code.len()) && mail.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            errors.unless("code", plain, say!(mail_code_form));
        }
        Mail::AdminInvitation(mail) => {
            errors.link("registration_url", &mail.registration_url);
            errors.words("invited_by", &mail.invited_by);
        }
        Mail::OpeningNotice(mail) => {
            errors.title(&mail.election_title);
            errors.unless("links_unsent", mail.links_unsent > 0, say!(mail_number_above_zero));
        }
        Mail::ActionNeeded(mail) => {
            errors.title(&mail.election_title);
            // The reason is cut when the letter is written: a mail about trouble must not be refused because much is wrong.
            if let ActionCause::CountStopped { reason, .. } = &mail.cause {
                errors.unless("cause", !one_line(reason).is_empty(), say!(mail_reason_missing));
            }
        }
    }
    match errors.address(field, &envelope.recipient) {
        Some(recipient) if errors.0.is_empty() => Ok(recipient),
        _ => Err(Problem::invalid(errors.0)),
    }
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn unless(&mut self, field: &str, good: bool, message: impl Into<Message>) {
        if !good {
            self.0.push(FieldError::new(field, message));
        }
    }

    fn address(&mut self, field: &str, text: &str) -> Option<Email> {
        let read = Email::parse(text);
        if let Err(refused) = &read {
            self.unless(field, false, *refused);
        }
        read.ok()
    }

    fn title(&mut self, title: &str) {
        let length = one_line(title).chars().count();
        self.unless("election_title", (1..=300).contains(&length), say!(mail_text_length, least = 1, most = 300));
    }

    fn commitment(&mut self, mail: &BoxCommitment) {
        self.title(&mail.election_title);
        self.hex("box_hash", &mail.box_hash, 64);
        self.hex("spent_hash", &mail.spent_hash, 64);
        self.hex("withdrawn_hash", &mail.withdrawn_hash, 64);
        for (field, signature) in [("box_signature", &mail.box_signature), ("recording_signature", &mail.recording_signature)] {
            let plain = (1..=500).contains(&signature.len()) && signature.bytes().all(|b| b.is_ascii_graphic());
            self.unless(field, plain, say!(mail_not_base64));
        }
    }

    /// An address to be read, not to be sent to; it may be masked.
    fn words(&mut self, field: &str, words: &str) {
        let length = one_line(words).chars().count();
        self.unless(field, (1..=320).contains(&length), say!(mail_text_length, least = 1, most = 320));
    }

    /// Only what a browser opens as a page: `javascript:` in a button would run.
    fn link(&mut self, field: &str, link: &str) {
        let page = Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let plain = link.len() <= 2000 && link.bytes().all(|b| b.is_ascii_graphic());
        self.unless(field, page && plain, say!(mail_not_a_link));
    }

    fn code(&mut self, code: Option<&str>) {
        if let Some(code) = code {
            self.hex("spent_code", code, 32);
        }
    }

    fn hex(&mut self, field: &str, text: &str, digits: usize) {
        let good = text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
        self.unless(field, good, say!(mail_not_hex, digits = digits));
    }
}
