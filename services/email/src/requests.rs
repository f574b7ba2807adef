//! The calls that ask for a mail. Each answers once the mail is kept, not once it is sent.

use actix_web::HttpResponse;
use actix_web::web::Data;
use contract::email::{
    ActionCause, ActionNeeded, AddressCorrected, AdminInvitation, AlreadyRecorded, Asked, BoxCommitment, EmailStatus, Kept,
    LoginCode, Mail, Occasion, OpeningNotice, ResultsNotification, UsedNotice, VotingInvitation,
};
use contract::problems::{self, Body, FieldError};
use domain::email::Email;
use identity::CallingService;
use problem::{Json, Problem};
use url::Url;
use uuid::Uuid;

use crate::letter::one_line;
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
    Problem::new(problems::FORBIDDEN, format!("{} may not ask for this mail", service.name))
}

/// Sends a voter the link to vote.
#[utoipa::path(post, path = "/api/email/send-voting-invitation", tag = "internal", security(("service" = [])), request_body = VotingInvitation,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "The election is closed or gone: the mail is dropped", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address, link or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn voting_invitation(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<VotingInvitation>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::VotingInvitation(body.into_inner())).await
}

/// Sends a voter the link to the result.
#[utoipa::path(post, path = "/api/email/send-results-notification", tag = "internal", security(("service" = [])), request_body = ResultsNotification,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address, link or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn results_notification(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<ResultsNotification>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::ResultsNotification(body.into_inner())).await
}

/// Sends an admin what was in the box when it was sealed.
#[utoipa::path(post, path = "/api/email/send-box-commitment", tag = "internal", security(("service" = [])), request_body = BoxCommitment,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address, hash or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn box_commitment(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<BoxCommitment>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::BoxCommitment(body.into_inner())).await
}

/// Tells a voter, instead of sending a link, that a ballot was recorded with the last one.
#[utoipa::path(post, path = "/api/email/send-already-recorded", tag = "internal", security(("service" = [])), request_body = AlreadyRecorded,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "The election is closed or gone: the mail is dropped", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn already_recorded(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<AlreadyRecorded>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::AlreadyRecorded(body.into_inner())).await
}

/// Tells an address that it was taken off the roll because it was wrong.
#[utoipa::path(post, path = "/api/email/send-address-corrected", tag = "internal", security(("service" = [])), request_body = AddressCorrected,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 409, description = "The election is closed or gone: the mail is dropped", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn address_corrected(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<AddressCorrected>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::AddressCorrected(body.into_inner())).await
}

/// Tells a voter, after the close, that a ballot was recorded with their right.
#[utoipa::path(post, path = "/api/email/send-used-notice", tag = "internal", security(("service" = [])), request_body = UsedNotice,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address, code or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn used_notice(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<UsedNotice>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::UsedNotice(body.into_inner())).await
}

/// Sends an admin a code to type in.
#[utoipa::path(post, path = "/api/email/send-login-code", tag = "internal", security(("service" = [])), request_body = LoginCode,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address or code that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn login_code(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<LoginCode>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::LoginCode(body.into_inner())).await
}

/// Invites somebody to become an admin.
#[utoipa::path(post, path = "/api/email/send-admin-invitation", tag = "internal", security(("service" = [])), request_body = AdminInvitation,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address or link that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn admin_invitation(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<AdminInvitation>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::AdminInvitation(body.into_inner())).await
}

/// Tells an admin that voting has opened by itself while voters had no link.
#[utoipa::path(post, path = "/api/email/send-opening-notice", tag = "internal", security(("service" = [])), request_body = OpeningNotice,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn opening_notice(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<OpeningNotice>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::OpeningNotice(body.into_inner())).await
}

/// Tells an admin that an election does not go on without them: the roll is empty at the opening time, or the count has stopped.
#[utoipa::path(post, path = "/api/email/send-action-needed", tag = "internal", security(("service" = [])), request_body = ActionNeeded,
    responses(
        (status = 202, description = "Kept, and sent soon. The same event_id again gets the same mail", body = EmailStatus),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "Not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "An address, reason or title that cannot be used", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn action_needed(
    service: CallingService,
    queue: Data<Queue>,
    body: Json<ActionNeeded>,
) -> Result<HttpResponse, Problem> {
    accept(&service, &queue, Mail::ActionNeeded(body.into_inner())).await
}

/// Sends many mails. All of them are kept, in one commit, or none.
#[utoipa::path(post, path = "/api/email/send-many", tag = "internal", security(("service" = [])), request_body = Vec<Asked>,
    responses(
        (status = 202, description = "Kept, and sent soon. A mail whose event_id is known already is kept once; one about a link of an election that is closed or gone is dropped", body = Kept),
        (status = 401, description = "Not a service of this installation", body = Body, content_type = "application/problem+json"),
        (status = 403, description = "One of them is not for this service", body = Body, content_type = "application/problem+json"),
        (status = 422, description = "More than 100, or one of them cannot be used: its errors", body = Body, content_type = "application/problem+json"),
        (status = 423, description = "`election-locked`: an election of one of them is locked, mostly because it is being closed. Send the mails of each election alone, and these later", body = Body, content_type = "application/problem+json"),
    ))]
pub(crate) async fn many(service: CallingService, queue: Data<Queue>, body: Json<Vec<Asked>>) -> Result<HttpResponse, Problem> {
    let asked = body.into_inner();
    if asked.len() > MOST {
        return Err(Problem::field("mails", format!("are more than {MOST}")));
    }
    if asked.iter().any(|one| allowed_sender(&one.mail) != service.name) {
        return Err(not_yours(&service));
    }
    let mails = asked.into_iter().map(|Asked { event_id, mail }| Ok((event_id, usable(&mail)?, mail)));
    match queue.accept_many(mails.collect::<Result<Vec<_>, Problem>>()?).await? {
        Some(new) => Ok(HttpResponse::Accepted().json(Kept { new })),
        None => Err(Problem::new(problems::ELECTION_LOCKED, problems::ELECTION_LOCKED.advice).retry_after(2)),
    }
}

async fn accept(service: &CallingService, queue: &Queue, mail: Mail) -> Result<HttpResponse, Problem> {
    if allowed_sender(&mail) != service.name {
        return Err(not_yours(service));
    }
    let recipient = usable(&mail)?;
    let event_id = mail.event_id().unwrap_or_else(Uuid::new_v4);
    let status = queue.accept(event_id, &mail, &recipient).await?.ok_or_else(|| Problem::new(problems::CONFLICT, TOO_LATE))?;
    Ok(HttpResponse::Accepted().json(status))
}

const TOO_LATE: &str =
    "This election is closed, or does not exist any more. Mails about its links are not kept and not sent. Do not ask again";

/// Whether a mail can be made of it, and for whom. What is wrong here would be wrong at every attempt.
fn usable(mail: &Mail) -> Result<Email, Problem> {
    let mut errors = Errors::default();
    let recipient = match mail {
        Mail::VotingInvitation(mail) => {
            errors.title(&mail.election_title);
            errors.link("voting_url", &mail.voting_url);
            errors.code(mail.spent_code.as_deref());
            if let Some(stop) = &mail.stop_reminders_url {
                errors.link("stop_reminders_url", stop);
            }
            errors.address("voter_email", &mail.voter_email)
        }
        Mail::ResultsNotification(mail) => {
            errors.title(&mail.election_title);
            errors.link("results_url", &mail.results_url);
            errors.address("voter_email", &mail.voter_email)
        }
        Mail::AlreadyRecorded(mail) => {
            errors.title(&mail.election_title);
            errors.code(mail.spent_code.as_deref());
            // It has the name of the mail that it is sent instead of, so that no row tells who has voted. Whoever has voted is
            // not reminded.
            errors.unless("occasion", mail.occasion != Occasion::Reminder, "must not be 'reminder'");
            errors.address("voter_email", &mail.voter_email)
        }
        Mail::AddressCorrected(mail) => {
            errors.title(&mail.election_title);
            errors.words("new_address", &mail.new_address);
            errors.words("organiser", &mail.organiser);
            errors.address("voter_email", &mail.voter_email)
        }
        Mail::UsedNotice(mail) => {
            errors.title(&mail.election_title);
            errors.code(Some(&mail.spent_code));
            errors.address("voter_email", &mail.voter_email)
        }
        Mail::BoxCommitment(mail) => errors.commitment(mail),
        Mail::LoginCode(mail) => errors.login_code(mail),
        Mail::AdminInvitation(mail) => errors.admin_invitation(mail),
        Mail::OpeningNotice(mail) => errors.opening_notice(mail),
        Mail::ActionNeeded(mail) => errors.action_needed(mail),
    };
    match recipient {
        Some(recipient) if errors.0.is_empty() => Ok(recipient),
        _ => Err(Problem::invalid(errors.0)),
    }
}

#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn unless(&mut self, field: &str, good: bool, message: &str) {
        if !good {
            self.0.push(FieldError { field: field.to_owned(), message: message.to_owned() });
        }
    }

    fn address(&mut self, field: &str, text: &str) -> Option<Email> {
        let read = Email::parse(text);
        if let Err(refused) = &read {
            self.unless(field, false, &refused.to_string());
        }
        read.ok()
    }

    fn title(&mut self, title: &str) {
        let length = one_line(title).chars().count();
        self.unless("election_title", (1..=300).contains(&length), "must have 1 to 300 characters");
    }

    fn commitment(&mut self, mail: &BoxCommitment) -> Option<Email> {
        self.title(&mail.election_title);
        self.hex("box_hash", &mail.box_hash, 64);
        self.hex("spent_hash", &mail.spent_hash, 64);
        for (field, signature) in [("box_signature", &mail.box_signature), ("recording_signature", &mail.recording_signature)] {
            let plain = (1..=500).contains(&signature.len()) && signature.bytes().all(|b| b.is_ascii_graphic());
            self.unless(field, plain, "is not base64");
        }
        self.address("admin_email", &mail.admin_email)
    }

    fn login_code(&mut self, mail: &LoginCode) -> Option<Email> {
        let plain = (4..=64).contains(&mail.code.len()) && mail.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        self.unless("code", plain, "must have 4 to 64 letters, digits or hyphens");
        self.address("admin_email", &mail.admin_email)
    }

    fn admin_invitation(&mut self, mail: &AdminInvitation) -> Option<Email> {
        self.link("registration_url", &mail.registration_url);
        self.words("invited_by", &mail.invited_by);
        self.address("admin_email", &mail.admin_email)
    }

    fn opening_notice(&mut self, mail: &OpeningNotice) -> Option<Email> {
        self.title(&mail.election_title);
        self.unless("links_unsent", mail.links_unsent > 0, "must be a number above 0");
        self.address("admin_email", &mail.admin_email)
    }

    fn action_needed(&mut self, mail: &ActionNeeded) -> Option<Email> {
        self.title(&mail.election_title);
        // The reason is cut when the letter is written: a mail about trouble must not be refused because much is wrong.
        if let ActionCause::CountStopped { reason } = &mail.cause {
            self.unless("cause", !one_line(reason).is_empty(), "must say why the count has stopped");
        }
        self.address("admin_email", &mail.admin_email)
    }

    /// An address to be read, not to be sent to; it may be masked.
    fn words(&mut self, field: &str, words: &str) {
        let length = one_line(words).chars().count();
        self.unless(field, (1..=320).contains(&length), "must have 1 to 320 characters");
    }

    /// Only what a browser opens as a page: `javascript:` in a button would run.
    fn link(&mut self, field: &str, link: &str) {
        let page = Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let plain = link.len() <= 2000 && link.bytes().all(|b| b.is_ascii_graphic());
        self.unless(field, page && plain, "is not a link that begins with https:// or http://");
    }

    fn code(&mut self, code: Option<&str>) {
        if let Some(code) = code {
            self.hex("spent_code", code, 32);
        }
    }

    fn hex(&mut self, field: &str, text: &str, digits: usize) {
        let good = text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
        self.unless(field, good, &format!("is not {digits} hex digits"));
    }
}
