//! Pages on which a voter asks for a voting link, or stops reminders.
//!
//! Nobody is logged in here and no cookie reaches this service, so a form that another site makes a visitor send does nothing that
//! the other site could not have sent itself: forms need no secret against that. What is typed goes to the voting service, and its
//! answer is shown as it is, the same for everybody.
//!
//! The page behind a mail's "stop reminders" has the voter's code in its address. Looking at it changes nothing, so that a mail
//! scanner stops nothing; the button does, and so does the one-click POST of a mail program (RFC 8058).

use actix_web::{HttpResponse, web};
use contract::problems;
use contract::voting::{LinkRequest, StopReminders, Taken};
use messages::say;
use minijinja::context;
use problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Frontend;
use crate::page::shown;
use crate::upstream::Refused;

/// The fields as the page names them.
const FIELDS: [(&str, &str); 2] = [("student_id", "Your number"), ("email", "Your mail address")];

/// The form for a link, as it was filled in.
#[derive(Default, Clone, Serialize, Deserialize)]
pub(crate) struct LinkRequestForm {
    #[serde(default)]
    election_id: String,
    #[serde(default)]
    student_id: String,
    #[serde(default)]
    email: String,
}

/// What the address of the other page has behind the question mark.
#[derive(Deserialize)]
pub(crate) struct Code {
    election_id: i64,
    code: String,
}

/// The form, for the election that the address names or for one to be filled in. Changes nothing.
pub(crate) async fn form(frontend: web::Data<Frontend>, election_id: Option<web::Path<String>>) -> Result<HttpResponse, Problem> {
    let election_id = election_id.map(web::Path::into_inner).unwrap_or_default();
    let is_named = is_number(&election_id);
    let form = LinkRequestForm { election_id: if is_named { election_id } else { String::new() }, ..LinkRequestForm::default() };
    frontend.link_request_form(200, &form, is_named, &[]).await
}

/// Passes the form on, and shows the answer that everybody gets.
pub(crate) async fn ask(
    frontend: web::Data<Frontend>,
    election_id: Option<web::Path<String>>,
    form: Result<web::Form<LinkRequestForm>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Ok(form) = form.map(web::Form::into_inner) else {
        return frontend.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_form_unreadable)));
    };
    let named = election_id.map(web::Path::into_inner);
    let is_named = named.is_some();
    let form = LinkRequestForm { election_id: named.unwrap_or(form.election_id).trim().to_owned(), ..form };
    let Ok(election_id) = form.election_id.parse() else {
        let mistake = "The number of the election is missing; the organiser knows it".to_owned();
        return frontend.link_request_form(422, &LinkRequestForm { election_id: String::new(), ..form }, false, &[mistake]).await;
    };
    let body = LinkRequest { election_id, student_id: form.student_id.clone(), email: form.email.clone() };
    match frontend.upstream.post_form::<Taken>("/api/voting/request-link", &body).await {
        Ok(taken) => frontend.renderer.page(202, "link_requested.html", context! { message => taken.message, election_id }),
        Err(refused) if refused.body.status == 422 => {
            frontend.link_request_form(422, &form, is_named, &refused.in_words(&FIELDS)).await
        }
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// The page with the button. Changes nothing.
pub(crate) async fn stop_form(
    frontend: web::Data<Frontend>,
    code: Result<web::Query<Code>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Some(Code { election_id, code }) = complete(code) else { return frontend.incomplete() };
    frontend.renderer.page(200, "stop_reminders.html", context! { election_id, code })
}

/// Stops reminders. What it needs is in the address; the body is the button's, or a mail program's `List-Unsubscribe=One-Click`,
/// as a form of either kind, and is not looked at.
pub(crate) async fn stop(
    frontend: web::Data<Frontend>,
    code: Result<web::Query<Code>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Some(Code { election_id, code }) = complete(code) else { return frontend.incomplete() };
    match frontend.upstream.post_form::<Taken>("/api/voting/stop-reminders", &StopReminders { election_id, code }).await {
        Ok(taken) => frontend.renderer.page(202, "reminders_stopped.html", context! { message => taken.message }),
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// Checks the form of the code before the page is shown: otherwise a truncated code would be refused only after the click.
fn complete(code: Result<web::Query<Code>, actix_web::Error>) -> Option<Code> {
    let code = code.ok()?.into_inner();
    (code.code.len() == 32 && code.code.bytes().all(|b| b.is_ascii_hexdigit())).then_some(code)
}

fn is_number(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|number| number > 0)
}

impl Frontend {
    async fn link_request_form(
        &self,
        status: u16,
        form: &LinkRequestForm,
        is_named: bool,
        mistakes: &[String],
    ) -> Result<HttpResponse, Problem> {
        let title = if is_named { self.title(&form.election_id).await } else { None };
        self.renderer.page(
            status,
            "request_link.html",
            context! { form => shown(form), is_named, title, mistakes => shown(mistakes) },
        )
    }

    /// The title of an activated election, so that the voter sees that this is the right election. The form works without it.
    async fn title(&self, election_id: &str) -> Option<String> {
        let (status, text) = self.upstream.text_of(&format!("/api/elections/{election_id}/manifest")).await.ok()?;
        let manifest: Value = serde_json::from_str(&text).ok().filter(|_| status == 200)?;
        manifest["title"].as_str().map(ToOwned::to_owned)
    }

    fn incomplete(&self) -> Result<HttpResponse, Problem> {
        self.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_link_incomplete)))
    }
}
