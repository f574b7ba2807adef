//! `POST /api/voting/request-link` and `POST /api/voting/stop-reminders`: a voter asks for a link, or for no more reminders.
//!
//! **The client learns nothing about the roll, neither from the answer nor from its time.** A handler checks the form of the
//! request, checks that the database answers (the same query for everybody), puts the request on a list and answers. The voter is
//! looked up afterwards (`link_requests.rs`), and only the owner of the address on the roll gets a mail. Neither call makes an audit event:
//! it would show that the voter had not voted at that time.

use actix_web::HttpResponse;
use actix_web::web::Data;
use contract::problems::FieldError;
use contract::voting::{LinkRequest, StopReminders, Taken};
use domain::email::Email;
use messages::{Says, say};
use problem::{Json, Problem};

use crate::Voting;
use crate::link_requests::Request;

/// As long as the roll's own column.
const LONGEST_STUDENT_ID: usize = 64;

/// Asks for a voting link. The answer is the same for everybody, whether they are on the roll, have voted, or neither: whoever
/// owns the address on the roll learns more from the mail. It brings a link that replaces the older one and lives for 30
/// minutes, or as long as that one would have; or it says that a ballot was recorded already. At most three in 24 hours.
#[utoipa::path(
    post, path = "/api/voting/request-link", tag = "public", security(()), request_body = LinkRequest,
    responses(
        (status = 202, description = "If there is such a voter, a mail is on its way", body = Taken),
        (status = 422, description = "The address or the number is not of a form that could be on any roll"),
        (status = 429, description = "Too many requests from one address of the network"),
        (status = 503, description = "The database does not answer, or too much is waiting; whoever asks"),
    )
)]
pub(crate) async fn request_link(voting: Data<Voting>, body: Json<LinkRequest>) -> Result<HttpResponse, Problem> {
    let LinkRequest { election_id, student_id, email } = body.into_inner();
    let (student_id, email) = well_formed(&student_id, &email)?;
    voting.database.answers().await?;
    voting.link_requests.enqueue(Request::Link { election_id, student_id, email })?;
    Ok(HttpResponse::Accepted().json(Taken::from(say!(link_requested))))
}

/// Stops reminders for one voter. Links still reach them, and the link they have stays good. The answer is the same whether
/// there is such a code or not.
#[utoipa::path(
    post, path = "/api/voting/stop-reminders", tag = "public", security(()), request_body = StopReminders,
    responses(
        (status = 202, description = "If there is such a code, its voter gets no more reminders", body = Taken),
        (status = 422, description = "The code is not 32 hex digits"),
        (status = 429, description = "Too many requests from one address of the network"),
        (status = 503, description = "The database does not answer, or too much is waiting"),
    )
)]
pub(crate) async fn stop_reminders(voting: Data<Voting>, body: Json<StopReminders>) -> Result<HttpResponse, Problem> {
    let StopReminders { election_id, code } = body.into_inner();
    let mut read = [0; 16];
    hex::decode_to_slice(code.trim(), &mut read).map_err(|_| Problem::field("code", say!(reminder_code_malformed)))?;
    voting.database.answers().await?;
    voting.link_requests.enqueue(Request::StopReminders { election_id, code: read })?;
    Ok(HttpResponse::Accepted().json(Taken::from(say!(reminders_stopped))))
}

/// What could stand on some roll. Both fields, so that both errors are said at once; nothing of this depends on what does stand
/// on one.
fn well_formed(student_id: &str, email: &str) -> Result<(String, Email), Problem> {
    let student_id = student_id.trim();
    let mistake = match student_id.chars().count() {
        0 => Some(say!(member_missing)),
        1..=LONGEST_STUDENT_ID if student_id.chars().any(char::is_control) => Some(say!(text_has_unprintable_character)),
        1..=LONGEST_STUDENT_ID => None,
        _ => Some(say!(text_longer_than, most = LONGEST_STUDENT_ID)),
    };
    let parsed = Email::parse(email);
    let refused = parsed.as_ref().err().map(Says::message);
    let errors: Vec<FieldError> = [("student_id", mistake), ("email", refused)]
        .into_iter()
        .filter_map(|(field, message)| Some(FieldError::new(field, message?)))
        .collect();
    match parsed {
        Ok(email) if errors.is_empty() => Ok((student_id.to_owned(), email)),
        _ => Err(Problem::invalid(errors)),
    }
}
