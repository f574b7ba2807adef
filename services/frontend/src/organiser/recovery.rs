//! A forgotten password and a locked account: asking for a mail, and where its link leads. GET changes nothing and uses no link up; the
//! form does. The answer to whoever asks for a mail is the same for every address.

use actix_web::{HttpRequest, web};
use contract::auth::{CodeRequest, CodeRequested, Hidden};
use contract::problems;
use messages::{Message, say};
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Sent, Visitor};
use crate::upstream::Refused;

/// What the address has behind the question mark.
#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

/// Where links of older mails lead: to the same page under `/admin`, where this site's cookies are.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn moved(visitor: Visitor, request: HttpRequest) -> Answer {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    visitor.go_to(&format!("/admin{path}"))
}

/// The form that asks for a mail with a link for a new password.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn forgotten(visitor: Visitor) -> Answer {
    ask_page(&visitor, &Form::default(), "forgotten")
}

/// The form that asks for a mail with a link that opens a locked account.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn locked(visitor: Visitor) -> Answer {
    ask_page(&visitor, &Form::default(), "locked")
}

fn ask_page(visitor: &Visitor, form: &Form, subject: &str) -> Answer {
    visitor.form_page(form.status(), "admin_forgotten.html", context! { form => form.shown(visitor.language), subject })
}

pub(crate) async fn send_reset(sent: Sent<Visitor>) -> Answer {
    ask(sent, "forgotten", "/api/auth/request-password-reset").await
}

pub(crate) async fn send_unlock(sent: Sent<Visitor>) -> Answer {
    ask(sent, "locked", "/api/auth/request-unlock").await
}

async fn ask(sent: Sent<Visitor>, subject: &str, path: &str) -> Answer {
    let Sent { by: visitor, mut form } = sent;
    if form.is_good() {
        let body = CodeRequest { email: form.text("email").to_owned() };
        match visitor.post::<CodeRequested>(path, &body).await? {
            Ok(CodeRequested { message, code, params, .. }) => {
                let text = visitor.say(Message::received(&code, &params, &message));
                return done(&visitor, 202, say!(site_look_into_mailbox), &text, &visitor.say(say!(site_mail_hint)));
            }
            Err(refused) => form.refused(&refused, &[("email", "email", say!(site_email))]),
        }
    }
    ask_page(&visitor, &form, subject)
}

/// A page that says that something is done.
fn done(visitor: &Visitor, status: u16, title: Message, text: &str, next: &str) -> Answer {
    visitor.page(status, "admin_done.html", context! { title => visitor.say(title), text, next })
}

/// The form for a new password.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn new_password(visitor: Visitor, link: Option<web::Query<Link>>) -> Answer {
    match complete(link) {
        Some(token) => password_page(&visitor, &Form::default().with("token", token)),
        None => incomplete(&visitor),
    }
}

fn password_page(visitor: &Visitor, form: &Form) -> Answer {
    visitor.form_page(form.status(), "admin_new_password.html", context! { form => form.shown(visitor.language) })
}

/// Sets the password. Passwords are never shown again.
pub(crate) async fn set_password(sent: Sent<Visitor>) -> Answer {
    let Sent { by: visitor, mut form } = sent;
    if form.is_good() && form.raw("password") != form.raw("password_again") {
        form.wrong("password_again", say!(site_passwords_differ));
    }
    if form.is_good() {
        let body = json!({ "token": form.text("token"), "password": Hidden::new(form.raw("password").to_owned()) });
        match visitor.post::<()>("/api/auth/reset-password", &body).await? {
            Ok(()) => return visitor.go_to("/admin/login?why=password"),
            Err(refused) => {
                form.refused(&refused, &[("password", "password", say!(site_password)), ("token", "", say!(site_link))])
            }
        }
    }
    password_page(&visitor, &form)
}

/// The page with the button that opens the account.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn unlock_button(visitor: Visitor, link: Option<web::Query<Link>>) -> Answer {
    match complete(link) {
        Some(token) => unlock_page(&visitor, &Form::default().with("token", token)),
        None => incomplete(&visitor),
    }
}

fn unlock_page(visitor: &Visitor, form: &Form) -> Answer {
    visitor.form_page(form.status(), "admin_unlock.html", context! { form => form.shown(visitor.language) })
}

/// Opens the account. The device is known to auth from now on.
pub(crate) async fn unlock(sent: Sent<Visitor>) -> Answer {
    let Sent { by: visitor, mut form } = sent;
    if form.is_good() {
        match visitor.post::<()>("/api/auth/unlock", &json!({ "token": form.text("token") })).await? {
            Ok(()) => return visitor.go_to("/admin/login?why=unlocked"),
            Err(refused) => form.refused(&refused, &[("token", "", say!(site_link))]),
        }
    }
    unlock_page(&visitor, &form)
}

/// A link that lost its end on the way would be refused later, after a click that seemed to do something: 32 bytes in base64url are
/// 43 characters.
fn complete(link: Option<web::Query<Link>>) -> Option<String> {
    let token = link?.into_inner().token;
    (token.len() == 43 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')).then_some(token)
}

fn incomplete(visitor: &Visitor) -> Answer {
    visitor.refused(&Refused::of(problems::MALFORMED, say!(page_link_incomplete)))
}
