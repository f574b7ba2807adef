//! Where the links of two mails to organisers lead: opening a locked account, and setting a new password. GET changes nothing and uses
//! no link up; the form does.
//!
//! What opens the account is the token in the link. So a form that another site makes a visitor send needs that token, and whoever has
//! it needs no visitor. The auth service gives a cookie by which it knows this browser again, so that strangers who go on guessing do
//! not keep its owner out; it is passed on as it is. Here no cookie is read.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use contract::auth::Hidden;
use contract::problems;
use messages::say;
use minijinja::context;
use problem::Problem;
use serde::Deserialize;
use serde_json::json;

use crate::Frontend;
use crate::page::shown;
use crate::upstream::Refused;

/// The fields as the pages name them.
const FIELDS: [(&str, &str); 2] = [("password", "The password"), ("token", "The link")];

/// What the address has behind the question mark; also the form with the button alone.
#[derive(Deserialize)]
pub(crate) struct Link {
    token: String,
}

/// The form for a new password, as it was filled in.
#[derive(Deserialize)]
pub(crate) struct NewPassword {
    token: String,
    password: Hidden,
    again: Hidden,
}

/// The page with the button. Changes nothing.
pub(crate) async fn unlock_form(
    frontend: web::Data<Frontend>,
    link: Result<web::Query<Link>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Some(token) = complete(link.map(web::Query::into_inner)) else { return frontend.incomplete_link() };
    frontend.renderer.page(200, "unlock.html", context! { token })
}

/// Opens the account.
pub(crate) async fn unlock(
    frontend: web::Data<Frontend>,
    link: Result<web::Form<Link>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Some(token) = complete(link.map(web::Form::into_inner)) else { return frontend.incomplete_link() };
    match frontend.upstream.post_without_body("/api/auth/unlock", &json!({ "token": token })).await {
        Ok(cookie) => frontend.done("unlocked.html", cookie.as_deref()),
        Err(mut refused) if refused.body.status == 422 => {
            refused.body.detail = refused.in_words(&FIELDS).join(". ");
            refused.body.errors.clear();
            frontend.renderer.refused(&refused)
        }
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// The form for a new password. Changes nothing.
pub(crate) async fn password_form(
    frontend: web::Data<Frontend>,
    link: Result<web::Query<Link>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Some(token) = complete(link.map(web::Query::into_inner)) else { return frontend.incomplete_link() };
    frontend.new_password(200, &token, &[])
}

/// Sets the password, or shows the form again with what is wrong with it. Passwords are never shown again.
pub(crate) async fn set_password(
    frontend: web::Data<Frontend>,
    filled_in: Result<web::Form<NewPassword>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Ok(NewPassword { token, password, again }) = filled_in.map(web::Form::into_inner) else {
        return frontend.incomplete_link();
    };
    if password.expose() != again.expose() {
        let mistake = "The two passwords differ. Type the same one twice".to_owned();
        return frontend.new_password(422, &token, &[mistake]);
    }
    match frontend.upstream.post_without_body("/api/auth/reset-password", &json!({ "token": token, "password": password })).await
    {
        Ok(cookie) => frontend.done("password_set.html", cookie.as_deref()),
        Err(refused) if refused.body.status == 422 => frontend.new_password(422, &token, &refused.in_words(&FIELDS)),
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

/// A link that lost its end on the way would be refused later, after a click that seemed to do something: 32 bytes in base64url are
/// 43 characters.
fn complete(link: Result<Link, actix_web::Error>) -> Option<String> {
    let token = link.ok()?.token;
    (token.len() == 43 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')).then_some(token)
}

impl Frontend {
    fn new_password(&self, status: u16, token: &str, mistakes: &[String]) -> Result<HttpResponse, Problem> {
        self.renderer.page(status, "new_password.html", context! { token, mistakes => shown(mistakes) })
    }

    fn done(&self, page: &str, cookie: Option<&str>) -> Result<HttpResponse, Problem> {
        let mut answer = self.renderer.page(200, page, context! { public_url => self.public_url.as_str() })?;
        if let Some(cookie) = cookie.and_then(|cookie| header::HeaderValue::from_str(cookie).ok()) {
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(answer)
    }

    fn incomplete_link(&self) -> Result<HttpResponse, Problem> {
        self.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_link_incomplete)))
    }
}
