//! The other services, through the gateway's internal listener.

use std::time::Duration;

use contract::problems::{self, Body, FieldError, Kind};
use messages::{Message, say};
use reqwest::header::{ACCEPT, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long a page waits for an answer. A ballot may wait for its turn in a queue.
const PATIENCE: Duration = Duration::from_secs(15);

/// Calls the services.
pub(crate) struct Upstream {
    http: Client,
    base: String,
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
    pub(crate) fn new(base: &str) -> Result<Self, reqwest::Error> {
        // reqwest is built without a TLS provider and panics if the process has none. The error means that one is installed
        // already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = Client::builder().timeout(PATIENCE).connect_timeout(Duration::from_secs(2)).no_proxy().build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned() })
    }

    /// What stands at `path`. `query` is appended.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, Refused> {
        read(self.http.get(format!("{}{path}", self.base)).query(query)).await
    }

    /// As [`Upstream::get`], but not waiting for long, and for a text: the state and the document of a service.
    pub(crate) async fn glance(&self, path: &str) -> Result<(u16, String), ()> {
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

    /// As [`Upstream::post_form`], for a call that answers with no body; gives the cookie that it wants to set, if any.
    pub(crate) async fn post_without_body(
        &self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> Result<Option<String>, Refused> {
        let lost = || Refused::of(problems::UNAVAILABLE, say!(page_answer_lost_log_in));
        let answer = self.http.post(format!("{}{path}", self.base)).json(body).header(ACCEPT, "application/json").send().await;
        let answer = answer.map_err(|cause| if cause.is_connect() { Refused::unreachable() } else { lost() })?;
        match answer.status().as_u16() {
            200..=299 => Ok(answer.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()).map(ToOwned::to_owned)),
            502 | 504 => Err(lost()),
            _ => Err(refusal(answer).await),
        }
    }
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Refused> {
    // The error's text would hold the address, and in it the voting link.
    let failed = |cause: reqwest::Error| {
        tracing::warn!(cause = %cause.without_url(), "a service does not answer");
        Refused::unreachable()
    };
    let answer = request.header(ACCEPT, "application/json").send().await.map_err(failed)?;
    if answer.status().is_success() { answer.json().await.map_err(failed) } else { Err(refusal(answer).await) }
}

async fn refusal(answer: Response) -> Refused {
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    match answer.json().await {
        Ok(body) => Refused { body, retry_after },
        Err(_) => Refused::unreachable(),
    }
}
