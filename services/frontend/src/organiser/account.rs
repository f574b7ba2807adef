//! The organiser's own account: whether the address is verified, another password, the end of all sessions.

use actix_web::web;
use contract::auth::{ChangePassword, CodeRequested, Hidden, Verified, VerifyAddress};
use messages::say;
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use crate::organiser::form::Form;
use crate::organiser::session::SESSION_COOKIE;
use crate::organiser::visit::{Answer, Organiser, Sent};

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    /// A code was just sent.
    #[serde(default)]
    sent: String,
    /// The address was just verified.
    #[serde(default)]
    verified: String,
}

/// The page of the account.
pub(crate) async fn show(organiser: Organiser, asked: Option<web::Query<Asked>>) -> Answer {
    let Verified { email, email_verified, exp, .. } = organiser.get("/api/auth/verify", &[]).await?;
    let left = exp.saturating_sub(chrono::Utc::now().timestamp());
    let is_just_verified = asked.is_some_and(|asked| !asked.verified.is_empty());
    let session_ends = organiser.say(messages::span(left));
    organiser.page(200, "admin_account.html", context! { email, email_verified, session_ends, is_just_verified })
}

/// The form for another password.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn password(organiser: Organiser) -> Answer {
    password_page(&organiser, &Form::default())
}

fn password_page(organiser: &Organiser, form: &Form) -> Answer {
    organiser.page(form.status(), "admin_password.html", context! { form => form.shown(organiser.language) })
}

/// Changes the password. That ends every session of the account, this one too.
pub(crate) async fn change_password(sent: Sent<Organiser>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() && form.raw("password") != form.raw("password_again") {
        form.wrong("password_again", say!(site_passwords_differ));
    }
    if form.is_good() {
        let hidden = |name| Hidden::new(form.raw(name).to_owned());
        let body = ChangePassword { current_password: hidden("current_password"), new_password: hidden("password") };
        match organiser.post::<()>("/api/auth/change-password", &body).await? {
            Ok(()) => {
                organiser.forget(SESSION_COOKIE);
                return organiser.go_to("/admin/login?why=password");
            }
            Err(refused) if refused.is(contract::problems::WRONG_CREDENTIALS) => {
                form.refused_at("current_password", &refused);
            }
            Err(refused) => form.refused(
                &refused,
                &[
                    ("current_password", "current_password", say!(site_current_password)),
                    ("new_password", "password", say!(site_password)),
                ],
            ),
        }
    }
    password_page(&organiser, &form)
}

/// The form for the code in the mail.
pub(crate) async fn address(organiser: Organiser, asked: Option<web::Query<Asked>>) -> Answer {
    let is_sent = asked.is_some_and(|asked| !asked.sent.is_empty());
    let Verified { email_verified, .. } = organiser.get("/api/auth/verify", &[]).await?;
    match email_verified {
        true => organiser.go_to("/admin/account"),
        false => address_page(&organiser, &Form::default(), is_sent),
    }
}

fn address_page(organiser: &Organiser, form: &Form, is_sent: bool) -> Answer {
    let values = context! { form => form.shown(organiser.language), email => organiser.email(), is_sent };
    organiser.page(form.status(), "admin_code.html", values)
}

/// Has a code sent.
pub(crate) async fn send_code(sent: Sent<Organiser>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<CodeRequested>("/api/auth/send-verification", &json!({})).await? {
            Ok(_) => return organiser.go_to("/admin/account/address?sent=1"),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    address_page(&organiser, &form, false)
}

/// Takes the code.
pub(crate) async fn verify_address(sent: Sent<Organiser>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() && form.text("code").is_empty() {
        form.wrong("code", say!(site_code_needed));
    }
    if form.is_good() {
        let body = VerifyAddress { code: Hidden::new(form.text("code").to_owned()), request_id: None };
        match organiser.post::<()>("/api/auth/verify-address", &body).await? {
            Ok(()) => return organiser.go_to("/admin/account?verified=1"),
            Err(refused) => form.refused(&refused, &[("code", "code", say!(site_code))]),
        }
    }
    address_page(&organiser, &form, true)
}
