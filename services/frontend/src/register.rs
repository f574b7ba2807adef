//! Where an invitation leads: the form for an organiser's account. GET changes nothing and uses no invitation up.
//!
//! The account is made by the auth service. This page opens no session: whoever registers logs in afterwards by the API. So a form
//! that another site makes a visitor send opens nothing for that site; what it could make is an account with an address and a
//! password it has chosen itself, for which it needs no visitor.

use actix_web::{HttpResponse, web};
use contract::auth::Hidden;
use contract::problems;
use messages::say;
use minijinja::context;
use problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Frontend;
use crate::page::shown;
use crate::upstream::Refused;

/// The fields as the page names them.
const FIELDS: [(&str, &str); 3] = [("email", "The mail address"), ("password", "The password"), ("invitation", "The invitation")];

/// What the address has behind the question mark.
#[derive(Deserialize)]
pub(crate) struct Invitation {
    #[serde(default)]
    invitation: String,
}

/// The form as it was filled in.
#[derive(Deserialize)]
pub(crate) struct Registration {
    #[serde(default)]
    invitation: String,
    #[serde(default)]
    email: String,
    password: Hidden,
    again: Hidden,
}

/// The form. Changes nothing.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn form(
    frontend: web::Data<Frontend>,
    invitation: Result<web::Query<Invitation>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Ok(invitation) = invitation else {
        return frontend.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_address_unreadable_copy)));
    };
    frontend.registration(200, &invitation.invitation, "", &[])
}

/// Makes the account, or shows the form again with what is wrong with it. Passwords are never shown again.
pub(crate) async fn register(
    frontend: web::Data<Frontend>,
    registration: Result<web::Form<Registration>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let Ok(Registration { invitation, email, password, again }) = registration.map(web::Form::into_inner) else {
        return frontend.renderer.refused(&Refused::of(problems::MALFORMED, say!(page_form_unreadable)));
    };
    if password.expose() != again.expose() {
        let mistake = "The two passwords differ. Type the same one twice".to_owned();
        return frontend.registration(422, &invitation, &email, &[mistake]);
    }
    let mut body = json!({ "email": email, "password": password });
    if !invitation.is_empty() {
        body["invitation"] = invitation.as_str().into();
    }
    match frontend.upstream.post_form::<Value>("/api/auth/register", &body).await {
        Ok(_) => {
            // Whoever came by the link in a mail has shown by that whose address it is.
            let (public_url, email, invited) = (&frontend.public_url, email.trim(), !invitation.is_empty());
            frontend.renderer.page(201, "registered.html", context! { public_url, email, invited })
        }
        Err(refused) if refused.body.status == 422 => frontend.registration(422, &invitation, &email, &refused.in_words(&FIELDS)),
        Err(refused) => frontend.renderer.refused(&refused),
    }
}

impl Frontend {
    fn registration(&self, status: u16, invitation: &str, email: &str, mistakes: &[String]) -> Result<HttpResponse, Problem> {
        self.renderer.page(status, "register.html", context! { invitation, email, mistakes => shown(mistakes) })
    }
}
