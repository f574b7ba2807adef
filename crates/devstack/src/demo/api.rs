//! The gateway's API and the mail catcher's, as an independent client sees them.

use crate::StackError;
use crate::layout::Layout;
use reqwest::{Client, Method, RequestBuilder, multipart};
use serde_json::{Value, json};
use std::time::Duration;

/// A request that did not succeed.
#[derive(Debug)]
pub(crate) struct Refused {
    /// None when nobody answered.
    pub(crate) status: Option<u16>,
    /// Title of the problem document.
    pub(crate) title: String,
    request: String,
    detail: String,
}

impl From<Refused> for StackError {
    fn from(refused: Refused) -> Self {
        let status = refused.status.map(|status| format!("{status} ")).unwrap_or_default();
        Self::Refused(format!("{}: {status}{}: {}", refused.request, refused.title, refused.detail))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Api {
    client: Client,
    base: String,
    mail: String,
    token: Option<String>,
}

impl Api {
    pub(crate) fn new(layout: &Layout) -> Result<Self, StackError> {
        let client = Client::builder().timeout(Duration::from_secs(60)).no_proxy().build();
        let client = client.map_err(|error| StackError::Refused(format!("the HTTP client: {error}")))?;
        Ok(Self { client, base: layout.public_url(), mail: layout.mail_url(), token: None })
    }

    pub(crate) fn use_token(&mut self, token: String) {
        self.token = Some(token);
    }

    /// Whether a page is there.
    pub(crate) async fn is_there(&self, path: &str) -> bool {
        self.request(Method::GET, path).send().await.is_ok_and(|answer| answer.status().is_success())
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Refused> {
        self.send("GET", path, self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        let request = self.request(Method::POST, path);
        let request = if body.is_null() { request } else { request.json(body) };
        self.send("POST", path, request).await
    }

    /// The file of voters, as a form sends it.
    pub(crate) async fn import(&self, election: i64, file: Vec<u8>) -> Result<Value, Refused> {
        let path = "/api/admin/voters/bulk";
        let part = multipart::Part::bytes(file).file_name("voters.csv");
        let form = multipart::Form::new().text("election_id", election.to_string()).part("file", part);
        self.send("POST", path, self.request(Method::POST, path).multipart(form)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, Refused> {
        self.send("PUT", path, self.request(Method::PUT, path).json(body)).await
    }

    /// A voter's ballot: no account, no cookie, only the link's token. The key makes a repeat give the same receipt.
    pub(crate) async fn cast(&self, token: &str, choices: &Value, key: Option<&str>) -> Result<Value, Refused> {
        let path = "/api/voting/cast-vote";
        let mut request = self.client.post(format!("{}{path}", self.base));
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.send("POST", path, request.json(&json!({"token": token, "choices": choices}))).await
    }

    /// The mail catcher.
    pub(crate) async fn mail(&self, path: &str) -> Result<Value, Refused> {
        self.send("GET", path, self.client.get(format!("{}{path}", self.mail))).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, method: &str, path: &str, request: RequestBuilder) -> Result<Value, Refused> {
        let refused =
            |status, title: String, detail: String| Refused { status, title, detail, request: format!("{method} {path}") };
        let unanswered = |error: reqwest::Error| refused(None, "no answer".to_owned(), error.to_string());
        let answer = request.send().await.map_err(unanswered)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unanswered)?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(value);
        }
        let field = |name: &str| value[name].as_str().map(str::to_owned);
        let title = field("title").unwrap_or_else(|| "no problem document".to_owned());
        let errors = value.get("errors").map(|errors| format!(" {errors}")).unwrap_or_default();
        let detail = field("detail").unwrap_or_else(|| text.chars().take(300).collect()) + &errors;
        Err(refused(Some(status.as_u16()), title, detail))
    }
}
