//! A browser that follows no redirect by itself, and a stand-in for the services behind the pages of organisers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, FromRequest as _, HttpRequest, HttpResponse, HttpServer};
use frontend::Settings;
use identity::{CallingService, ServiceKeys};
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Running, service};

/// What a service was asked.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `METHOD /path?query`
    pub(crate) what: String,
    /// The token in `Authorization`.
    pub(crate) bearer: String,
    /// The address that is claimed for the visitor.
    pub(crate) address: String,
    /// Whose token stands beside it.
    pub(crate) signed_by: Option<String>,
    pub(crate) cookies: String,
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
}

/// The services, as far as the pages ask them.
#[derive(Clone, Default)]
pub(crate) struct Services {
    calls: Arc<Mutex<Vec<Call>>>,
    /// Tokens that were revoked.
    revoked: Arc<Mutex<bool>>,
    /// What `PUT` and `POST` of an election are answered with, if not with the election.
    refusal: Arc<Mutex<Option<(u16, Value)>>>,
    /// What calls are answered with whose path ends so.
    refused_calls: Arc<Mutex<BTreeMap<&'static str, (u16, Value)>>>,
    election: Arc<Mutex<Value>>,
    candidates: Arc<Mutex<Value>>,
    /// What else is answered, by `METHOD /path`. A text is a file.
    answers: Arc<Mutex<BTreeMap<String, (u16, Value)>>>,
    /// Answers that are given one after the other, before those.
    in_turn: Arc<Mutex<BTreeMap<String, Vec<Value>>>>,
}

impl Services {
    /// From now on this is answered so: `GET /api/elections/5/tally`.
    pub(crate) fn answer(&self, what: &str, status: u16, body: Value) {
        self.answers.lock().unwrap().insert(what.to_owned(), (status, body));
    }

    /// These answers, one after the other.
    pub(crate) fn answer_in_turn(&self, what: &str, mut bodies: Vec<Value>) {
        bodies.reverse();
        self.in_turn.lock().unwrap().insert(what.to_owned(), bodies);
    }

    /// How often this was asked, whatever stands behind the question mark.
    pub(crate) fn asked(&self, what: &str) -> usize {
        self.calls().iter().filter(|call| call.what.split('?').next() == Some(what)).count()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The calls since the last look.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }

    pub(crate) fn revoke(&self) {
        *self.revoked.lock().unwrap() = true;
    }

    pub(crate) fn allow(&self) {
        *self.revoked.lock().unwrap() = false;
    }

    pub(crate) fn refuse(&self, status: u16, body: Value) {
        *self.refusal.lock().unwrap() = Some((status, body));
    }

    /// Refuses every change whose path ends so.
    pub(crate) fn refuse_call(&self, end: &'static str, status: u16, body: Value) {
        self.refused_calls.lock().unwrap().insert(end, (status, body));
    }

    /// Changes the election that is shown.
    pub(crate) fn election(&self, change: impl FnOnce(&mut Value)) {
        change(&mut self.election.lock().unwrap());
    }

    pub(crate) fn candidates(&self, candidates: Value) {
        *self.candidates.lock().unwrap() = candidates;
    }

    /// The answer to a change that is refused.
    fn refusal_of(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let of_elections = self.refusal.lock().unwrap().clone().filter(|_| request.path().starts_with("/api/elections"));
        let calls = self.refused_calls.lock().unwrap().clone();
        let by_path = calls.into_iter().find(|(end, _)| request.path().ends_with(end)).map(|(_, said)| said);
        let (status, body) = of_elections.or(by_path).filter(|_| request.method() != "GET")?;
        Some(HttpResponse::build(status.try_into().unwrap()).content_type("application/problem+json").body(body.to_string()))
    }

    fn start(&self) -> String {
        let keys = ["auth", "election", "admin", "audit", "results"]
            .map(|name| (name, ServiceKeys::from_dir(&service::secrets().service_keys_dir(), name).unwrap()));
        let state = self.clone();
        let server = HttpServer::new(move || {
            let mut app = App::new().app_data(Data::new(state.clone()));
            for (name, keys) in &keys {
                let prefix = if *name == "election" { "elections" } else { name };
                let scope =
                    web::scope(&format!("/api/{prefix}")).app_data(Data::new(keys.clone())).default_service(web::to(answer));
                app = app.service(scope);
            }
            app
        })
        .workers(1)
        .bind("127.0.0.1:0")
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        url
    }
}

/// What is asked without a session.
fn is_for_everybody(path: &str) -> bool {
    let is_result = path.starts_with("/api/results/");
    is_result
        || matches!(
            path,
            "/api/auth/login"
                | "/api/auth/register"
                | "/api/auth/unlock"
                | "/api/auth/reset-password"
                | "/api/auth/request-unlock"
                | "/api/auth/request-password-reset"
                | "/api/audit/head"
        )
}

async fn answer(services: Data<Services>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let call = Call {
        what: format!("{} {}", request.method(), request.uri()),
        bearer: header("authorization").trim_start_matches("Bearer ").to_owned(),
        address: header("x-uvote-client-address"),
        signed_by: CallingService::extract(&request).await.ok().map(|service| service.name),
        cookies: header("cookie"),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        text: String::from_utf8_lossy(&body).into_owned(),
    };
    services.calls.lock().unwrap().push(call.clone());
    let refused = |status: u16, slug: &str, detail: &str| {
        let body = json!({ "type": format!("/problems/{slug}"), "title": slug, "status": status, "detail": detail });
        HttpResponse::build(status.try_into().unwrap()).content_type("application/problem+json").body(body.to_string())
    };
    if !is_for_everybody(request.path()) && (call.bearer.is_empty() || *services.revoked.lock().unwrap()) {
        return refused(401, "not-logged-in", "The token was logged out");
    }
    if let Some(refused) = services.refusal_of(&request) {
        return refused;
    }
    let what = format!("{} {}", request.method(), request.path());
    if let Some(body) = services.in_turn.lock().unwrap().get_mut(&what).and_then(Vec::pop) {
        return HttpResponse::Ok().json(body);
    }
    if let Some((status, body)) = services.answers.lock().unwrap().get(&what).cloned() {
        return given(status, body);
    }
    let election = || services.election.lock().unwrap().clone();
    match (request.method().as_str(), request.path()) {
        ("POST", "/api/auth/login") if call.body["password"] == "right and long enough" => HttpResponse::Ok()
            .insert_header(("Set-Cookie", "uvote_device_0a1b=known; Path=/api/auth; Max-Age=31536000; HttpOnly; SameSite=Strict"))
            .json(json!({ "access_token": "the.token.itself", "token_type": "bearer", "expires_in": 86400, "role": "admin" })),
        ("POST", "/api/auth/login") => {
            let wrong = messages::say!(login_wrong);
            let body = json!({ "type": "/problems/wrong-credentials", "title": "x", "status": 401, "detail": wrong.to_string(), "code": wrong.code(), "params": {} });
            HttpResponse::Unauthorized().content_type("application/problem+json").body(body.to_string())
        }
        ("POST", "/api/auth/register") => HttpResponse::Created().json(json!({ "admin_id": 1, "email": call.body["email"], "role": "admin" })),
        ("POST", "/api/auth/send-verification") => HttpResponse::Accepted().json(json!({ "message": "x", "request_id": "6f9619ff-8b86-d011-b42d-00c04fc964ff" })),
        ("GET", "/api/auth/verify") => HttpResponse::Ok().json(json!({ "sub": "admin_1", "email": "ann@example.org", "email_verified": false, "role": "admin", "iat": 1, "exp": 4_000_000_000_i64, "jti": "6f9619ff-8b86-d011-b42d-00c04fc964ff" })),
        ("POST", "/api/auth/logout" | "/api/auth/unlock" | "/api/auth/reset-password" | "/api/auth/change-password" | "/api/auth/verify-address") => HttpResponse::NoContent().finish(),
        ("GET", "/api/elections") => HttpResponse::Ok().json(json!({ "items": [election()] })),
        ("POST", "/api/elections") => HttpResponse::Created().json(election()),
        ("GET" | "PUT" | "POST", path) if path.starts_with("/api/elections/") => HttpResponse::Ok().json(election()),
        ("DELETE", _) => HttpResponse::NoContent().finish(),
        ("GET", "/api/admin/candidates") => HttpResponse::Ok().json(json!({ "items": services.candidates.lock().unwrap().clone() })),
        ("POST", "/api/admin/candidates") => HttpResponse::Created().json(candidate(17, 7, call.body["name"].as_str().unwrap())),
        ("PUT", path) if path.starts_with("/api/admin/candidates/") => HttpResponse::Ok().json(candidate(17, 7, "Ann")),
        ("POST", "/api/admin/elections/5/draw-order") => HttpResponse::Ok().json(json!({ "contest_id": 7, "seed": "00", "candidates": [2, 1] })),
        ("GET", "/api/audit") => HttpResponse::Ok().json(json!({ "items": [] })),
        _ => refused(404, "not-found", "There is nothing here"),
    }
}

/// An answer that a test has given: a file, a refusal, or JSON.
fn given(status: u16, body: Value) -> HttpResponse {
    let mut answer = HttpResponse::build(status.try_into().unwrap());
    match body {
        Value::String(file) => answer.content_type("text/csv; charset=utf-8").body(file),
        problem if status >= 400 => answer.content_type("application/problem+json").body(problem.to_string()),
        json => answer.json(json),
    }
}

/// A contest of an election as the API has it.
pub(crate) fn contest(id: i64, title: &str, rule: Value) -> Value {
    let rule: counting::Rule = serde_json::from_value(rule).unwrap();
    json!({ "contest_id": id, "title": title, "rule": rule, "family": rule.family(), "sentence": domain::method_texts::sentence(&rule),
        "seats": rule.seats(), "ballot_order": "fixed" })
}

pub(crate) fn candidate(id: i64, contest_id: i64, name: &str) -> Value {
    json!({ "candidate_id": id, "election_id": 5, "contest_id": contest_id, "name": name, "description": null, "photo_url": null, "display_order": id, "standing": "stands" })
}

fn draft() -> Value {
    json!({
        "election_id": 5, "title": "Student Council 2026", "description": null, "status": "draft", "profile": "simple", "publish": "together",
        "custody": "server", "opens_at": null, "closes_at": null, "locale": "en", "timezone": "Europe/Berlin", "created_at": "2026-02-01T08:00:00Z",
        "activated_at": null, "closed_at": null, "archived_at": null, "results_published_at": null, "tally_state": null, "manifest_hash": null,
        "contests": [contest(7, "President", json!({ "method": "irv" })), contest(8, "Board", json!({ "method": "scottish_stv", "seats": 3 }))],
        "amendments": [], "anonymised_at": null, "turnout": { "roll": 0, "voted": 0 }, "warnings": [], "notices": [],
    })
}

/// A page as a browser gets it.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.header("location")
    }

    /// The value of a field, as the browser would send it.
    pub(crate) fn field(&self, name: &str) -> String {
        let (_, rest) =
            self.text.split_once(&format!("name=\"{name}\" ")).unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        let (_, rest) = rest.split_once("value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// What the summary of mistakes says, and what stands at a field.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

/// A browser: it keeps cookies.
pub(crate) struct Browser {
    http: Client,
    url: String,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) services: Services,
    /// What else it sends.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let services = Services::default();
        *services.election.lock().unwrap() = draft();
        *services.candidates.lock().unwrap() = json!([]);
        services.answer("GET /api/elections/5/check", 200, json!({ "findings": [] }));
        let url = services.start();
        Self::at(&url, services).await
    }

    /// Nobody listens at the internal listener.
    pub(crate) async fn alone() -> Self {
        Self::at("http://127.0.0.1:9", Services::default()).await
    }

    async fn at(internal_url: &str, services: Services) -> Self {
        let secrets = service::secrets();
        let settings = Settings {
            common: service::common(),
            internal_url: internal_url.to_owned(),
            service_key_file: secrets.service_key("frontend"),
            session_key_file: secrets.session_key(),
            public_url: service::public_url(),
            mail_url: None,
            watch_every: std::time::Duration::from_millis(50),
            nothing_else: launch::NothingElse,
        };
        let Running { url, .. } = Running::start::<frontend::Service>(settings).await;
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let headers = vec![("X-Real-IP", "192.0.2.7".to_owned()), ("Accept", "text/html".to_owned())];
        Self { http, url, cookies: BTreeMap::new(), services, headers }
    }

    /// The same browser in front of another copy of the service, whose services are these.
    pub(crate) async fn before_another_copy(self) -> Self {
        let url = self.services.start();
        let Self { cookies, services, .. } = self;
        Self { cookies, ..Self::at(&url, services).await }
    }

    async fn send(&mut self, mut request: RequestBuilder) -> Page {
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("Cookie", cookies.join("; "));
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page { status, headers, text: answer.text().await.unwrap() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.http.get(format!("{}{path}", self.url));
        self.send(request).await
    }

    /// Begins to read an answer that goes on.
    pub(crate) async fn open(&self, path: &str) -> reqwest::Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.get(format!("{}{path}", self.url)).header("Cookie", cookies.join("; "));
        request.header("Accept", "text/event-stream").send().await.unwrap()
    }

    /// Sends a form as it is given.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.http.post(format!("{}{path}", self.url)).form(fields);
        self.send(request).await
    }

    /// Looks at a page and sends its form with these fields, as a person does.
    pub(crate) async fn fill_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(path).await.field("form_token");
        let fields: Vec<_> = fields.iter().copied().chain([("form_token", token.as_str())]).collect();
        self.post(path, &fields).await
    }

    /// Sends a form with a file, as it is given; without a token when there is none.
    pub(crate) async fn upload(&mut self, path: &str, token: &str, file: Option<Vec<u8>>) -> Page {
        let part = match file {
            Some(file) => Part::bytes(file).file_name("members.csv"),
            // As a browser sends a form in which no file was chosen.
            None => Part::bytes(Vec::new()).file_name(""),
        };
        let form = reqwest::multipart::Form::new();
        let form = if token.is_empty() { form } else { form.text("form_token", token.to_owned()) };
        let form = form.part("file", part);
        let request = self.http.post(format!("{}{path}", self.url)).multipart(form);
        self.send(request).await
    }

    /// Looks at a page and sends its form with these fields and files, as a person does: name of the field, name of the file, its bytes.
    pub(crate) async fn send_files(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Page {
        let token = self.get(path).await.field("form_token");
        let form = Form::new().text("form_token", token);
        let form = fields.iter().fold(form, |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
        let form = files.iter().fold(form, |form, (name, file, bytes)| {
            form.part((*name).to_owned(), Part::bytes(bytes.to_vec()).file_name((*file).to_owned()))
        });
        self.send_multipart(path, form).await
    }

    pub(crate) async fn send_multipart(&mut self, path: &str, form: Form) -> Page {
        let request = self.http.post(format!("{}{path}", self.url)).multipart(form);
        self.send(request).await
    }

    /// A browser with a session.
    pub(crate) async fn logged_in() -> Self {
        let mut browser = Self::start().await;
        let page = browser.fill_in("/admin/login", &[("email", "ann@example.org"), ("password", "right and long enough")]).await;
        assert_eq!(page.location(), "/admin/dashboard");
        browser.services.take();
        browser
    }
}
