//! Making an account, with an invitation or without. Whoever has made one is logged in at once.

use actix_web::web;
use contract::auth::{CodeRequested, Hidden, RegisterRequest, Registered};
use messages::say;
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use crate::organiser::form::Form;
use crate::organiser::login::begin_session;
use crate::organiser::visit::{Answer, Sent, Visitor};

#[derive(Default, Deserialize)]
pub(crate) struct Invitation {
    #[serde(default)]
    invitation: String,
}

/// The form. Looking at it uses no invitation up.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn show(visitor: Visitor, asked: Option<web::Query<Invitation>>) -> Answer {
    let invitation = asked.map(|asked| asked.into_inner().invitation).unwrap_or_default();
    page(&visitor, &Form::default().with("invitation", invitation))
}

fn page(visitor: &Visitor, form: &Form) -> Answer {
    visitor.form_page(form.status(), "admin_register.html", context! { form => form.shown(visitor.language) })
}

/// Makes the account and logs in.
pub(crate) async fn register(sent: Sent<Visitor>) -> Answer {
    let Sent { by: mut visitor, mut form } = sent;
    if form.is_good() && form.raw("password") != form.raw("password_again") {
        form.wrong("password_again", say!(site_passwords_differ));
    }
    if !form.is_good() {
        return page(&visitor, &form);
    }
    let invitation = Some(form.text("invitation")).filter(|text| !text.is_empty()).map(|text| Hidden::new(text.to_owned()));
    let password = Hidden::new(form.raw("password").to_owned());
    let body = RegisterRequest { email: form.text("email").to_owned(), password, invitation };
    if let Err(refused) = visitor.post::<Registered>("/api/auth/register", &body).await? {
        form.refused(&refused, &[("email", "email", say!(site_email)), ("password", "password", say!(site_password))]);
        return page(&visitor, &form);
    }
    if begin_session(&mut visitor, form.text("email"), form.raw("password")).await?.is_err() {
        // The account is there all the same.
        return visitor.go_to("/admin/login");
    }
    if !form.text("invitation").is_empty() {
        // Whoever came by the link in a mail has shown by that whose address it is.
        return visitor.go_to("/admin/dashboard");
    }
    match visitor.post::<CodeRequested>("/api/auth/send-verification", &json!({})).await? {
        Ok(_) => visitor.go_to("/admin/account/address?sent=1"),
        Err(_) => visitor.go_to("/admin/account/address"),
    }
}
