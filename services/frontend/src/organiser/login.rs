//! Logging in and out. The token of the API becomes the session; auth's cookie, by which it knows this device, is passed on.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use chrono::Utc;
use contract::auth::{Hidden, LoggedIn, LoginRequest};
use messages::say;
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use crate::organiser::form::Form;
use crate::organiser::session::{Purpose, SESSION_COOKIE, Session, fresh_id};
use crate::organiser::visit::{Answer, KeptForm, Organiser, Sent, Visitor, safe_next};
use crate::page::shown;
use crate::upstream::Refused;

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
    /// Why the page is shown to somebody who did not ask for it: `ended`, `out`, `password`, `unlocked`.
    #[serde(default)]
    why: String,
    /// Log in although there is a session: before it ends.
    #[serde(default)]
    again: String,
}

/// The form. Over plain HTTP a browser keeps no session, except on this very machine; so the page moves to HTTPS.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn show(request: HttpRequest, visitor: Visitor, asked: Option<web::Query<Asked>>) -> Answer {
    if let Some(https) = over_https(&request, &visitor.frontend.public_url) {
        return visitor.go_to(&https);
    }
    let asked = asked.map(web::Query::into_inner).unwrap_or_default();
    if visitor.session().is_some() && asked.again.is_empty() {
        return visitor.go_to(safe_next(&asked.next));
    }
    let form = Form::default().with("next", safe_next(&asked.next));
    page(&visitor, &form, &asked.why)
}

/// The login page for somebody whose form came when the session had ended. It waits, sealed, in the page itself.
pub(crate) fn page_for_kept(visitor: &Visitor, kept: &str) -> Answer {
    let form = Form::default().with("kept", kept);
    let mut answer = page(visitor, &form, "kept")?;
    *answer.status_mut() = actix_web::http::StatusCode::UNAUTHORIZED;
    Ok(answer)
}

fn page(visitor: &Visitor, form: &Form, why: &str) -> Answer {
    let why = match why {
        "ended" => Some(say!(site_session_ended)),
        "kept" => Some(say!(site_session_ended_form_kept)),
        "out" => Some(say!(site_logged_out)),
        "password" => Some(say!(site_password_is_set)),
        "unlocked" => Some(say!(site_account_is_open)),
        _ => None,
    };
    let why = why.map(|why| visitor.say(why));
    visitor.form_page(form.status(), "admin_login.html", context! { form => form.shown(visitor.language), why })
}

/// Logs in, and leads to where the visitor wanted to go. A form that was kept is shown for a second look: it is not sent by itself.
pub(crate) async fn log_in(sent: Sent<Visitor>) -> Answer {
    let Sent { by: mut visitor, mut form } = sent;
    if form.is_good() && form.text("email").is_empty() {
        form.wrong("email", say!(site_email_needed));
    }
    if form.is_good() && form.raw("password").is_empty() {
        form.wrong("password", say!(site_password_needed));
    }
    if form.is_good() {
        match begin_session(&mut visitor, form.text("email"), form.raw("password")).await? {
            Ok(()) => return after_login(&visitor, &form),
            Err(refused) => {
                form.refused(&refused, &[("email", "email", say!(site_email)), ("password", "password", say!(site_password))])
            }
        }
    }
    page(&visitor, &form, "")
}

/// Asks auth for a token and makes a session of it.
pub(crate) async fn begin_session(
    visitor: &mut Visitor,
    email: &str,
    password: &str,
) -> Result<Result<(), Refused>, actix_web::Error> {
    let body = LoginRequest { email: email.to_owned(), password: Hidden::new(password.to_owned()) };
    let LoggedIn { access_token, expires_in, role, .. } = match visitor.post("/api/auth/login", &body).await? {
        Ok(logged_in) => logged_in,
        Err(refused) => return Ok(Err(refused)),
    };
    let ends_at = Utc::now().timestamp().saturating_add(expires_in);
    let session = Session { token: access_token, ends_at, email: email.to_owned(), role, form_id: fresh_id() };
    visitor
        .begin_session(session)
        .ok_or_else(|| actix_web::error::ErrorInternalServerError("the session could not be sealed"))?;
    Ok(Ok(()))
}

fn after_login(visitor: &Visitor, form: &Form) -> Answer {
    match visitor.frontend.sessions.open::<KeptForm>(Purpose::KeptForm, form.text("kept")) {
        Some(kept) if kept.path.starts_with("/admin/") => {
            visitor.form_page(200, "admin_resume.html", context! { action => kept.path, fields => shown(&kept.fields) })
        }
        _ => visitor.go_to(safe_next(form.text("next"))),
    }
}

/// Revokes the token and takes the cookie back. When auth does not answer, the page says so: the token would still be good.
pub(crate) async fn log_out(sent: Sent<Organiser>) -> Answer {
    let Sent { by: organiser, form } = sent;
    if !form.is_good() {
        return organiser.go_to("/admin/dashboard");
    }
    match organiser.post::<()>("/api/auth/logout", &json!({})).await? {
        Ok(()) => {
            organiser.forget(SESSION_COOKIE);
            organiser.go_to("/admin/login?why=out")
        }
        Err(refused) => organiser.refused(&refused),
    }
}

/// The address of this page over HTTPS, when it was asked for without, from another machine.
fn over_https(request: &HttpRequest, public_url: &str) -> Option<String> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header(header::HOST.as_str())?;
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
    let is_here =
        name == "localhost" || name == "[::1]" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    if header("x-forwarded-proto") != Some("http") || is_here {
        return None;
    }
    let path = request.uri().path_and_query().map_or("/admin/login", |path| path.as_str());
    let base = if public_url.starts_with("https://") { public_url.to_owned() } else { format!("https://{name}") };
    Some(format!("{base}{path}"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::over_https;

    #[test]
    fn a_login_from_elsewhere_without_tls_moves_to_tls() {
        let moved = |host: &str, proto: &str, public: &str| {
            let request = TestRequest::get().uri("/admin/login?next=/admin/x");
            let request = request.insert_header(("Host", host)).insert_header(("X-Forwarded-Proto", proto));
            over_https(&request.to_http_request(), public)
        };
        let here = "http://127.0.0.1:8080";
        for host in ["127.0.0.1", "localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert_eq!(moved(host, "http", here), None, "{host}");
        }
        assert_eq!(moved("vote.example.org", "https", "https://vote.example.org"), None);
        let there = "https://vote.example.org/admin/login?next=/admin/x";
        assert_eq!(moved("vote.example.org", "http", "https://vote.example.org").as_deref(), Some(there));
        assert_eq!(
            moved("evil.example", "http", "https://vote.example.org").as_deref(),
            Some(there),
            "not where the header says"
        );
        assert_eq!(moved("vote.example.org", "http", here).as_deref(), Some(there));
        assert_eq!(moved("localhost.evil.example", "http", "https://vote.example.org").as_deref(), Some(there));
    }
}
