//! The other services, through the gateway's internal listener.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Bytes;
use chrono::Utc;
use contract::problems::{self, Body, FieldError, Kind};
use identity::{SERVICE_HEADER, ServiceKey};
use messages::{Message, say};
use reqwest::header::{ACCEPT, COOKIE, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a page waits for an answer. A ballot may wait for its turn in a queue.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long it waits where a file is read or written: the largest spreadsheet takes 20 seconds.
pub(crate) const PATIENCE_WITH_FILES: Duration = Duration::from_secs(120);

/// Calls the services.
pub(crate) struct Upstream {
    http: Client,
    base: String,
    /// Signs for whom a call is made.
    key: ServiceKey,
}

/// In whose name a page calls a service.
pub(crate) struct OnBehalf<'a> {
    /// The token of their session.
    pub(crate) token: Option<&'a str>,
    /// Where they are, as the gateway has seen it.
    pub(crate) address: Option<&'a str>,
    /// The cookies by which auth knows their device.
    pub(crate) cookies: Option<&'a str>,
}

/// A refusal by a service.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Its words.
    pub(crate) body: Body,
    /// The `Retry-After` of the answer, in seconds.
    pub(crate) retry_after: Option<u32>,
}

impl Refused {
    /// The kind of problem, when it is one we know.
    pub(crate) fn kind(&self) -> Option<Kind> {
        problems::ALL.iter().copied().find(|kind| self.body.r#type.strip_prefix("/problems/") == Some(kind.slug))
    }

    /// Whether it is of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind() == Some(kind)
    }

    /// Its title as a message.
    pub(crate) fn title(&self) -> Message {
        self.kind().map_or_else(|| Message::verbatim(&self.body.title), |kind| kind.title())
    }

    /// What happened, as a message.
    pub(crate) fn detail(&self) -> Message {
        Message::received(&self.body.code, &self.body.params, &self.body.detail)
    }

    /// A refusal by this service itself, in the same form.
    pub(crate) fn of(kind: Kind, detail: Message) -> Self {
        let body = Body {
            r#type: format!("/problems/{}", kind.slug),
            title: kind.title().to_string(),
            status: kind.status,
            detail: detail.to_string(),
            code: detail.code().to_owned(),
            params: detail.params().clone(),
            errors: Vec::new(),
            request_id: None,
        };
        Self { body, retry_after: None }
    }

    /// What is wrong with a form, each with its field as the page names it.
    pub(crate) fn in_words(&self, fields: &[(&str, &str)]) -> Vec<String> {
        let named = |error: &FieldError| match fields.iter().find(|(field, _)| *field == error.field) {
            Some((_, name)) => format!("{name} {}", error.message),
            None => error.message.clone(),
        };
        match self.body.errors.as_slice() {
            [] => vec![self.body.detail.clone()],
            errors => errors.iter().map(named).collect(),
        }
    }

    fn unreachable() -> Self {
        Self::of(problems::UNAVAILABLE, say!(page_service_silent))
    }
}

impl Upstream {
    /// A client of the internal listener at `base`.
    pub(crate) fn new(base: &str, key: ServiceKey) -> Result<Self, reqwest::Error> {
        // reqwest is built without a TLS provider and panics if the process has none. The error means that one is installed
        // already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder().timeout(PATIENCE).connect_timeout(Duration::from_secs(2)).no_proxy().build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), key })
    }

    /// A call in the name of a visitor. Beside the visitor's address stands a token of this service, without which no service believes
    /// the address (ADR 0027).
    pub(crate) fn request(&self, method: Method, path: &str, by: &OnBehalf<'_>) -> RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap_or(reqwest::Method::GET);
        let mut request = self.http.request(method, format!("{}{path}", self.base)).header(ACCEPT, "application/json");
        if let Some(token) = by.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookies) = by.cookies {
            request = request.header(COOKIE, cookies);
        }
        if let (Some(address), Some(token)) = (by.address, self.token_for(path)) {
            request = request.header("X-Uvote-Client-Address", address).header(SERVICE_HEADER, token);
        }
        request
    }

    /// A token of this service for the one that answers at `path`.
    fn token_for(&self, path: &str) -> Option<String> {
        let prefix = path.strip_prefix("/api/")?.split(['/', '?']).next()?;
        let service = if prefix == "elections" { "election" } else { prefix };
        self.key.sign(service, Utc::now().timestamp()).ok()
    }

    /// Sends a call of [`Upstream::request`]; gives the answer, `()` where it has no body, and the cookies that it sets. Of a change
    /// whose answer does not come nobody knows whether it was made, and the refusal says so.
    pub(crate) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<(T, Vec<String>), Refused> {
        let (http, request) = request.build_split();
        let request = request.map_err(|cause| failed(&cause))?;
        let changes = request.method() != reqwest::Method::GET;
        let lost = || if changes { Refused::of(problems::UNAVAILABLE, say!(site_answer_lost)) } else { Refused::unreachable() };
        let answer = http.execute(request).await.map_err(|cause| if cause.is_connect() { failed(&cause) } else { lost() })?;
        match answer.status().as_u16() {
            200..=299 => {
                let set = answer.headers().get_all(SET_COOKIE).iter();
                let cookies = set.filter_map(|cookie| cookie.to_str().ok().map(ToOwned::to_owned)).collect();
                let body = answer.bytes().await.map_err(|_| lost())?;
                let body = if body.is_empty() { b"null".as_slice() } else { &body };
                serde_json::from_slice(body).map(|value| (value, cookies)).map_err(|cause| {
                    tracing::error!(%cause, "a service answers something else than this page expects");
                    lost()
                })
            }
            502 | 504 => Err(lost()),
            _ => Err(refusal(answer).await),
        }
    }

    /// Sends a call of [`Upstream::request`] whose answer is a file. It is held in memory: a roll of 200,000 voters has 20 MB.
    pub(crate) async fn file(&self, request: RequestBuilder) -> Result<Bytes, Refused> {
        let answer = request.timeout(PATIENCE_WITH_FILES).send().await.map_err(|cause| failed(&cause))?;
        if answer.status().is_success() {
            answer.bytes().await.map_err(|cause| failed(&cause))
        } else {
            Err(refusal(answer).await)
        }
    }

    /// What stands at `path`. `query` is appended.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, Refused> {
        read(self.http.get(format!("{}{path}", self.base)).query(query)).await
    }

    /// As [`Upstream::get`], but not waiting for long, and for a text: the state and the document of a service.
    pub(crate) async fn text_of(&self, path: &str) -> Result<(u16, String), ()> {
        let request = self.http.get(format!("{}{path}", self.base)).timeout(Duration::from_secs(2));
        let answer = request.send().await.map_err(|_| ())?;
        let status = answer.status().as_u16();
        answer.text().await.map(|text| (status, text)).map_err(|_| ())
    }

    /// Posts a ballot. A lost answer is `outcome-unknown`, not a refusal: the ballot may be in the box.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &(impl Serialize + ?Sized),
    ) -> Result<T, Refused> {
        let unknown = |_| Refused::of(problems::OUTCOME_UNKNOWN, problems::OUTCOME_UNKNOWN.advice());
        let request = self.http.post(format!("{}{path}", self.base)).header("Idempotency-Key", key).json(body);
        let answer = request.header(ACCEPT, "application/json").send().await;
        let answer = answer.map_err(|cause| if cause.is_connect() { Refused::unreachable() } else { unknown(cause) })?;
        // The gateway says 502 and 504 when it lost the service after passing the ballot on.
        if matches!(answer.status().as_u16(), 502 | 504) {
            return Err(Refused::of(problems::OUTCOME_UNKNOWN, problems::OUTCOME_UNKNOWN.advice()));
        }
        if answer.status().is_success() { answer.json().await.map_err(unknown) } else { Err(refusal(answer).await) }
    }

    /// Posts a form that is no ballot. An answer that does not come says nothing about what was done.
    pub(crate) async fn post_form<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> Result<T, Refused> {
        let lost = || Refused::of(problems::UNAVAILABLE, say!(page_answer_lost));
        let answer = self.http.post(format!("{}{path}", self.base)).json(body).header(ACCEPT, "application/json").send().await;
        let answer = answer.map_err(|cause| if cause.is_connect() { Refused::unreachable() } else { lost() })?;
        match answer.status().as_u16() {
            200..=299 => answer.json().await.map_err(|_| lost()),
            502 | 504 => Err(lost()),
            _ => Err(refusal(answer).await),
        }
    }
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Refused> {
    let answer = request.header(ACCEPT, "application/json").send().await.map_err(|cause| failed(&cause))?;
    if answer.status().is_success() { answer.json().await.map_err(|cause| failed(&cause)) } else { Err(refusal(answer).await) }
}

fn failed(cause: &reqwest::Error) -> Refused {
    // Not the error's text: it holds the address, and in it perhaps a voting link.
    tracing::warn!(
        timeout = cause.is_timeout(),
        connect = cause.is_connect(),
        decode = cause.is_decode(),
        "a service does not answer"
    );
    Refused::unreachable()
}

async fn refusal(answer: Response) -> Refused {
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    match answer.json().await {
        Ok(body) => Refused { body, retry_after },
        Err(_) => Refused::unreachable(),
    }
}
