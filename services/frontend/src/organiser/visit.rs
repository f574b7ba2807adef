//! Who looks at a page of organisers, and what every handler of these pages does with them: calls the services in their name, shows a
//! page, leads elsewhere.
//!
//! A handler takes a [`Visitor`] where nobody need be logged in, and an [`Organiser`] everywhere else: whoever has no session is led to
//! the login, and from there back. A form comes as [`Sent`].

use std::cell::{Cell, RefCell};
use std::future::{Future, Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::InternalError;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use contract::problems;
use messages::{Language, Message, Zone, say};
use minijinja::context;
use minijinja::value::Value;
use reqwest::RequestBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Frontend;
use crate::organiser::form::{Fields, Form};
use crate::organiser::session::{FORM_COOKIE, Purpose, SESSION_COOKIE, Session, fresh_id};
use crate::page::html_with_script;
use crate::texts::{cookie, language_of, languages};
use crate::upstream::{OnBehalf, Refused};

/// What a handler answers. The error is an answer as well: a page that ends the handler early.
pub(crate) type Answer = Result<HttpResponse, actix_web::Error>;

/// The largest form: a motion's text of 20,000 characters, each of which may be sent as up to 12 bytes.
pub(super) const FORM_LIMIT: usize = 512 * 1024;
/// The largest form that is kept over a login.
const KEPT_LIMIT: usize = 128 * 1024;
/// From how many seconds before its end on a session warns.
const WARN_SECONDS: i64 = 15 * 60;

/// Somebody who looks at a page.
pub(crate) struct Visitor {
    pub(crate) frontend: web::Data<Frontend>,
    pub(crate) language: Language,
    session: Option<Session>,
    /// A service says that the token of the session is good no more.
    session_is_over: Cell<bool>,
    address: Option<String>,
    /// The cookies by which auth knows this device (ADR 0021).
    device_cookies: String,
    /// The cookie that forms without a session are bound to, and whether the browser has it already.
    form_cookie: (String, bool),
    path: String,
    /// Cookies that the answer sets.
    set_cookies: RefCell<Vec<String>>,
    /// The form that was sent, in case the session has ended meanwhile.
    sent: RefCell<Option<Fields>>,
}

/// Somebody who is logged in.
pub(crate) struct Organiser(Visitor);

impl Deref for Organiser {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.0
    }
}

/// A form, with whoever sent it.
pub(crate) struct Sent<V> {
    pub(crate) by: V,
    /// What was typed. It has a mistake already when its token is not good: then nothing may be changed, and the form is shown again.
    pub(crate) form: Form,
}

/// A form that waits for the login of whoever sent it.
#[derive(Serialize, serde::Deserialize)]
pub(crate) struct KeptForm {
    pub(crate) path: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Visitor {
    pub(super) fn read(request: &HttpRequest) -> Result<Self, actix_web::Error> {
        let frontend = request.app_data::<web::Data<Frontend>>().cloned();
        let frontend = frontend.ok_or_else(|| actix_web::error::ErrorInternalServerError("no state is registered"))?;
        let session =
            cookie(request, SESSION_COOKIE).and_then(|sealed| frontend.sessions.open::<Session>(Purpose::Session, &sealed));
        let session = session.filter(|session| session.ends_at > Utc::now().timestamp());
        let known =
            cookie(request, FORM_COOKIE).filter(|value| value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit()));
        let sent = request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
        let of_auth = sent.flat_map(|line| line.split(';')).map(str::trim).filter(|pair| pair.starts_with("uvote_device_"));
        let visitor = Self {
            language: language_of(request),
            session,
            session_is_over: Cell::new(false),
            address: identity::client_address(request),
            device_cookies: of_auth.collect::<Vec<_>>().join("; "),
            form_cookie: (known.clone().unwrap_or_else(fresh_id), known.is_some()),
            path: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            set_cookies: RefCell::default(),
            sent: RefCell::default(),
            frontend,
        };
        let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
        if changes && !is_from_this_site(request) {
            return Err(visitor.ends_with(visitor.refused(&Refused::of(problems::FORBIDDEN, say!(site_form_of_another_site)))));
        }
        Ok(visitor)
    }

    /// The session, if there is one.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref().filter(|_| !self.session_is_over.get())
    }

    /// Where they are, as the gateway has seen it.
    pub(crate) fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// A sentence in the visitor's language.
    pub(crate) fn say(&self, message: impl Into<Message>) -> String {
        message.into().on_page(self.language)
    }

    /// A time as this page shows it: in the zone of the election, with the zone's name.
    pub(crate) fn time(&self, at: DateTime<Utc>, zone: Zone) -> String {
        self.say(messages::local(at, zone))
    }

    /// Ends a handler with this answer.
    pub(crate) fn ends_with(&self, answer: Answer) -> actix_web::Error {
        match answer {
            Ok(answer) => InternalError::from_response("an answer that ends the handler", answer).into(),
            Err(error) => error,
        }
    }

    /// A page. `values` is what its template shows; the layout's own are added.
    pub(crate) fn page(&self, status: u16, template: &str, values: Value) -> Answer {
        let text = self.frontend.renderer.text_for(template, values, self.site())?;
        Ok(self.with_cookies(html_with_script(status, text)))
    }

    /// A page with a form for somebody who need not be logged in: the form is bound to a cookie of its own.
    pub(crate) fn form_page(&self, status: u16, template: &str, values: Value) -> Answer {
        if self.session().is_none() && !self.form_cookie.1 {
            self.set_cookie(FORM_COOKIE, &self.form_cookie.0, None);
        }
        self.page(status, template, context! { form_token => self.form_token(), ..values })
    }

    /// Leads to another page of this site.
    pub(crate) fn go_to(&self, path: &str) -> Answer {
        let answer = HttpResponse::SeeOther()
            .insert_header((header::LOCATION, path))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish();
        Ok(self.with_cookies(answer))
    }

    /// The page of a refusal.
    pub(crate) fn refused(&self, refused: &Refused) -> Answer {
        let values = context! {
            title => self.say(refused.title()),
            detail => self.say(refused.detail()),
            errors => refused.body.errors.iter().map(|error| self.say(Message::received(&error.code, &error.params, &error.message))).collect::<Vec<_>>(),
            advice => refused.kind().filter(|kind| matches!(kind.status, 403 | 404 | 500..)).map(|kind| self.say(kind.advice())),
            request_id => &refused.body.request_id,
            again => self.form_to_send_again(refused.body.status),
            form_token => self.form_token(),
        };
        let mut answer = self.page(refused.body.status, "admin_refused.html", values)?;
        if let Some(seconds) = refused.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        Ok(answer)
    }

    /// What was typed, when a service did not answer: the page of the refusal offers to send it again. Passwords are typed anew.
    fn form_to_send_again(&self, status: u16) -> Option<Value> {
        let sent = self.sent.borrow();
        let fields = sent.as_ref().filter(|_| status == 429 || status >= 500)?.without_secrets();
        Some(context! { action => &self.path, fields })
    }

    /// A request to a service in this visitor's name: with the token of the session, the visitor's address and, for auth, the device's
    /// cookies. [`Visitor::answer`] sends it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.session().map(|session| session.token.expose());
        let cookies = Some(self.device_cookies.as_str()).filter(|cookies| path.starts_with("/api/auth/") && !cookies.is_empty());
        self.frontend.upstream.request(method, path, &OnBehalf { token, address: self.address.as_deref(), cookies })
    }

    /// Sends a request and reads its answer. A refusal that no page can do anything about ends the handler: the session is gone.
    /// Every other one is given back, to be shown beside what was typed.
    pub(crate) async fn answer<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<Result<T, Refused>, actix_web::Error> {
        match self.frontend.upstream.answer(request).await {
            Ok((value, cookies)) => {
                // The device is known to the pages by the cookie that auth gives to callers of its API.
                let ours = cookies.into_iter().filter(|cookie| cookie.starts_with("uvote_device_"));
                self.set_cookies.borrow_mut().extend(ours.map(|cookie| cookie.replace("; Path=/api/auth;", "; Path=/admin;")));
                Ok(Ok(value))
            }
            Err(refused) if self.session().is_some() && refused.is(problems::UNAUTHENTICATED) => {
                Err(self.ends_with(self.logged_out()))
            }
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// What stands at `path`. Every refusal ends the handler with its page.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, actix_web::Error> {
        let found = self.answer(self.request(Method::GET, path).query(query)).await?;
        found.map_err(|refused| self.ends_with(self.refused(&refused)))
    }

    /// A file that a service makes, as a download under this name. Every refusal ends the handler with its page.
    pub(crate) async fn download(&self, path: &str, name: &str) -> Answer {
        match self.frontend.upstream.file(self.request(Method::GET, path)).await {
            Ok(bytes) => Ok(self.with_cookies(csv_file(bytes, name))),
            Err(refused) if self.session().is_some() && refused.is(problems::UNAUTHENTICATED) => self.logged_out(),
            Err(refused) => self.refused(&refused),
        }
    }

    /// Sends a body. A refusal is given back.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Result<T, Refused>, actix_web::Error> {
        self.answer(self.request(method, path).json(body)).await
    }

    /// `POST` with a body.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Result<T, Refused>, actix_web::Error> {
        self.send(Method::POST, path, body).await
    }

    /// `PUT` with a body.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Result<T, Refused>, actix_web::Error> {
        self.send(Method::PUT, path, body).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> Result<Result<(), Refused>, actix_web::Error> {
        self.answer(self.request(Method::DELETE, path)).await
    }

    /// The login page for somebody whose session has ended, with what they have sent.
    pub(crate) fn logged_out(&self) -> Answer {
        self.session_is_over.set(true);
        self.forget(SESSION_COOKIE);
        let kept = self.sent.borrow().as_ref().and_then(|fields| {
            let kept = KeptForm { path: self.path.clone(), fields: fields.without_secrets() };
            let size: usize = kept.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
            (size <= KEPT_LIMIT).then(|| self.frontend.sessions.seal(Purpose::KeptForm, &kept)).flatten()
        });
        match kept {
            Some(kept) => super::login::page_for_kept(self, &kept),
            None => self.go_to(&format!("/admin/login?why=ended&next={}", percent_encoded(&self.path))),
        }
    }

    /// Gives the visitor a session.
    pub(crate) fn begin_session(&mut self, session: Session) -> Option<()> {
        let sealed = self.frontend.sessions.seal(Purpose::Session, &session)?;
        let seconds = session.ends_at.saturating_sub(Utc::now().timestamp());
        self.set_cookie(SESSION_COOKIE, &sealed, Some(seconds));
        self.session = Some(session);
        self.session_is_over.set(false);
        Some(())
    }

    /// Takes a cookie back.
    pub(crate) fn forget(&self, name: &str) {
        self.set_cookie(name, "", Some(0));
    }

    fn set_cookie(&self, name: &str, value: &str, seconds: Option<i64>) {
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        self.set_cookies.borrow_mut().push(format!("{name}={value}; Path=/{age}; HttpOnly; Secure; SameSite=Lax"));
    }

    fn with_cookies(&self, mut answer: HttpResponse) -> HttpResponse {
        for cookie in self.set_cookies.borrow().iter() {
            if let Ok(value) = header::HeaderValue::from_str(cookie) {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        answer
    }

    /// What forms of this visitor carry.
    pub(crate) fn form_token(&self) -> String {
        self.frontend.sessions.form_token(&self.bound_to())
    }

    /// Whether a form was made for this visitor. For forms that are read in another way than by [`Sent`], such as files.
    pub(crate) fn is_form_token(&self, given: &str) -> bool {
        self.frontend.sessions.is_form_token(&self.bound_to(), given)
    }

    fn bound_to(&self) -> String {
        match self.session() {
            Some(session) => format!("session/{}", session.form_id),
            None => format!("visitor/{}", self.form_cookie.0),
        }
    }

    /// What the layout shows.
    fn site(&self) -> Value {
        let session = self.session();
        let left =
            session.map(|session| session.ends_at.saturating_sub(Utc::now().timestamp())).filter(|left| *left < WARN_SECONDS);
        context! {
            language => self.language.tag(),
            languages => languages(self.language),
            path => percent_encoded(&self.path),
            form_token => session.map(|_| self.form_token()),
            organiser => session.map(|session| context! { email => &session.email, is_superadmin => session.is_superadmin() }),
            ends_in_minutes => left.map(|left| left / 60 + 1),
            is_local => self.frontend.shows_reasons,
            has_script => true,
        }
    }
}

impl Organiser {
    /// A page. Its forms carry the token of the session.
    pub(crate) fn page(&self, status: u16, template: &str, values: Value) -> Answer {
        self.0.form_page(status, template, values)
    }

    /// Whose account it is.
    pub(crate) fn email(&self) -> &str {
        self.session().map_or("", |session| &session.email)
    }
}

/// A CSV file that no browser shows or runs, and nobody stores on the way.
pub(crate) fn csv_file(bytes: impl Into<web::Bytes>, name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes.into())
}

/// Whether the page that sent this request is one of ours. Browsers say so themselves (`Sec-Fetch-Site`), older ones by `Origin`; what
/// says neither is no browser, and has no cookies of one. This stands beside the token in the form, not instead of it.
fn is_from_this_site(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    // The gateway passes on the host without its port.
    let host_of = |authority: &str| authority.rsplit_once(':').map_or(authority, |(host, _)| host).to_owned();
    let given = origin.split_once("://").map(|(_, authority)| authority);
    let host = text("host").unwrap_or_default();
    given.is_some_and(|given| given == host || host_of(given) == host || host_of(given) == host_of(host))
}

impl FromRequest for Visitor {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl FromRequest for Organiser {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Visitor::read(request).and_then(Self::of))
    }
}

impl Organiser {
    pub(super) fn of(visitor: Visitor) -> Result<Self, actix_web::Error> {
        match visitor.session {
            Some(_) => Ok(Self(visitor)),
            None => Err(visitor.ends_with(visitor.logged_out())),
        }
    }
}

/// Reads a form, and checks its token.
async fn read_form(visitor: &Visitor, body: impl Future<Output = Body>) -> Result<Form, actix_web::Error> {
    let refuse = |kind, why| visitor.ends_with(visitor.refused(&Refused::of(kind, why)));
    let unreadable = || refuse(problems::MALFORMED, say!(page_form_unreadable));
    let body = match body.await {
        Body::Whole(body) => body,
        Body::TooLarge => return Err(refuse(problems::TOO_LARGE, say!(body_too_large, bytes = FORM_LIMIT))),
        Body::Broken => return Err(unreadable()),
    };
    Ok(checked_form(visitor, Fields::read(&body).ok_or_else(unreadable)?))
}

/// The form with these fields, remembered for a login. It has a mistake when its token is not good.
pub(super) fn checked_form(visitor: &Visitor, fields: Fields) -> Form {
    let is_good = visitor.is_form_token(fields.text("form_token"));
    *visitor.sent.borrow_mut() = Some(fields.clone());
    let mut form = Form::of(fields);
    if !is_good {
        form.wrong("", say!(site_form_expired));
    }
    form
}

/// What arrived as the body of a form.
enum Body {
    Whole(web::Bytes),
    TooLarge,
    Broken,
}

fn body_of(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Body> + use<> {
    let payload = web::Payload::from_request(request, payload);
    async move {
        let Ok(payload) = payload.await else { return Body::Broken };
        match payload.to_bytes_limited(FORM_LIMIT).await {
            Ok(Ok(body)) => Body::Whole(body),
            Ok(Err(_)) => Body::Broken,
            Err(_) => Body::TooLarge,
        }
    }
}

type Reading<V> = Pin<Box<dyn Future<Output = Result<Sent<V>, actix_web::Error>>>>;

impl FromRequest for Sent<Visitor> {
    type Error = actix_web::Error;
    type Future = Reading<Visitor>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (by, body) = (Visitor::read(request), body_of(request, payload));
        Box::pin(async move {
            let by = by?;
            let form = read_form(&by, body).await?;
            Ok(Self { by, form })
        })
    }
}

impl FromRequest for Sent<Organiser> {
    type Error = actix_web::Error;
    type Future = Reading<Organiser>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (by, body) = (Visitor::read(request), body_of(request, payload));
        Box::pin(async move {
            let by = by?;
            // Before the session is looked for: a form that comes too late is kept over the login.
            let form = read_form(&by, body).await?;
            Ok(Self { by: Organiser::of(by)?, form })
        })
    }
}

/// For a value behind `?next=`.
pub(crate) fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Where to go after a login: only to a page of organisers here, so that no link leads through our login to another site.
pub(crate) fn safe_next(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_ours = next.starts_with("/admin/") && !next.contains("//") && !next.contains("/..");
    let loops = next.starts_with("/admin/login") || next.starts_with("/admin/logout");
    if is_plain && is_ours && !loops { next } else { "/admin/dashboard" }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_form_of_another_site_is_known_by_what_the_browser_says() {
        let of = |headers: &[(&str, &str)]| {
            let mut request = TestRequest::post().insert_header(("Host", "vote.example.org"));
            for (name, value) in headers {
                request = request.insert_header((*name, *value));
            }
            is_from_this_site(&request.to_http_request())
        };
        assert!(of(&[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://vote.example.org")]));
        assert!(of(&[("Origin", "https://vote.example.org")]) && of(&[("Origin", "http://vote.example.org:8080")]) && of(&[]));
        for site in ["cross-site", "same-site", "ä"] {
            assert!(!of(&[("Sec-Fetch-Site", site), ("Origin", "https://vote.example.org")]), "{site}");
        }
        for origin in ["https://evil.example", "null", "https://vote.example.org.evil.example", "", "https://example.org"] {
            assert!(!of(&[("Origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn a_login_leads_to_our_own_pages_only() {
        for ours in ["/admin/elections/7/check", "/admin/dashboard?after=5"] {
            assert_eq!(safe_next(ours), ours);
        }
        for other in [
            "",
            "https://evil.example/admin/",
            "//evil.example",
            "/admin//evil.example",
            "/\\evil.example",
            "/admin/\\evil",
            "/admin/../vote",
            "/admin/login?next=/admin/login",
            "/vote",
            "/admin/\r\nSet-Cookie: x",
            "javascript:alert(1)",
        ] {
            assert_eq!(safe_next(other), "/admin/dashboard", "{other}");
        }
        assert_eq!(percent_encoded("/admin/x?a=b&c=ä"), "/admin/x%3Fa%3Db%26c%3D%C3%A4");
    }
}
