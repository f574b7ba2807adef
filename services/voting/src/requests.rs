//! Door 2, `POST /api/voting/request-link`, and `POST /api/voting/stop-reminders`: what a voter asks for without a link at hand.
//!
//! **Whoever asks learns nothing, neither from the answer nor from the time it takes.** A handler looks at the form of the
//! request, asks the database a question that is the same for everybody (whether it answers at all), puts the request on a list
//! and answers. Whether there is such a voter is asked afterwards (`later.rs`), and only the owner of the address on the roll
//! hears of it. Neither call makes an audit event: that a voter asked would say that they had not voted until then.

use actix_web::HttpResponse;
use actix_web::web::Data;
use contract::problems::FieldError;
use contract::voting::{LinkRequest, StopReminders, Taken};
use domain::email::Email;
use problem::{Json, Problem};

use crate::Voting;
use crate::later::Request;

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
    voting.later.take(Request::Link { election_id, student_id, email })?;
    let message = "If this number and this address are together on the roll of an election that can still be voted in, a mail is on \
                   its way to that address. It can take a few minutes. Every request replaces the link before it, and at most three \
                   in 24 hours are answered";
    Ok(HttpResponse::Accepted().json(Taken { message: message.to_owned() }))
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
    hex::decode_to_slice(code.trim(), &mut read).map_err(|_| {
        Problem::field("code", "must be the 32 hex digits of your mail. Open the link in it again, or copy all of it")
    })?;
    voting.database.answers().await?;
    voting.later.take(Request::StopReminders { election_id, code: read })?;
    let message = "If this code is of this election, its voter gets no more reminders. Voting links still arrive, and the one you have stays good";
    Ok(HttpResponse::Accepted().json(Taken { message: message.to_owned() }))
}

/// What could stand on some roll. Both fields, so that both errors are said at once; nothing of this depends on what does stand
/// on one.
fn well_formed(student_id: &str, email: &str) -> Result<(String, Email), Problem> {
    let student_id = student_id.trim();
    let mistake = match student_id.chars().count() {
        0 => Some("is missing".to_owned()),
        1..=LONGEST_STUDENT_ID if student_id.chars().any(char::is_control) => {
            Some("has a character that cannot be printed".to_owned())
        }
        1..=LONGEST_STUDENT_ID => None,
        _ => Some(format!("is longer than {LONGEST_STUDENT_ID} characters")),
    };
    let parsed = Email::parse(email);
    let refused = parsed.as_ref().err().map(ToString::to_string);
    let errors: Vec<FieldError> = [("student_id", mistake), ("email", refused)]
        .into_iter()
        .filter_map(|(field, message)| Some(FieldError { field: field.to_owned(), message: message? }))
        .collect();
    match parsed {
        Ok(email) if errors.is_empty() => Ok((student_id.to_owned(), email)),
        _ => Err(Problem::invalid(errors)),
    }
}
