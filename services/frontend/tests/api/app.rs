//! The service as a test sees it.

use std::sync::{Arc, Mutex};

use frontend::Settings;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use testkit::{Running, service};

use crate::upstream;

pub(crate) struct App {
    http: Client,
    url: String,
    /// What was asked of the services, as `METHOD path`.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// Without what is new each time.
    pub(crate) fn steady(&self) -> String {
        let text = hide(&self.text, "name=\"key\" value=\"", "\"");
        ["/assets/style.", "/assets/site.", "/assets/icons.", "/assets/mark."]
            .iter()
            .fold(text, |text, asset| hide_all(&text, asset, "."))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.text.split_once(&start).unwrap_or_else(|| panic!("no field {name} in {}", self.text));
        rest.split_once('"').unwrap().0.to_owned()
    }
}

fn hide(text: &str, before: &str, after: &str) -> String {
    match text.split_once(before).and_then(|(start, rest)| rest.split_once(after).map(|(_, end)| (start, end))) {
        Some((start, end)) => format!("{start}{before}(new){after}{end}"),
        None => text.to_owned(),
    }
}

/// Every hash in an address of an asset.
fn hide_all(text: &str, before: &str, after: &str) -> String {
    let mut parts = text.split(before);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| {
        let (_, rest) = part.split_once(after).unwrap();
        format!("{out}{before}(hash){after}{rest}")
    })
}

impl App {
    pub(crate) async fn start() -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let internal_url = upstream::start(asked.clone());
        Self::with(internal_url, asked).await
    }

    /// Nobody listens at the internal listener.
    pub(crate) async fn alone() -> Self {
        Self::with("http://127.0.0.1:9".to_owned(), Arc::default()).await
    }

    async fn with(internal_url: String, asked: Arc<Mutex<Vec<String>>>) -> Self {
        let settings = Settings {
            common: service::common(),
            internal_url,
            service_key_file: service::secrets().service_key("frontend"),
            session_key_file: service::secrets().session_key(),
            public_url: service::public_url(),
            mail_url: Some("http://127.0.0.1:8025".to_owned()),
            watch_every: std::time::Duration::from_millis(50),
            nothing_else: launch::NothingElse,
        };
        let Running { url, .. } = Running::start::<frontend::Service>(settings).await;
        Self { http: Client::builder().no_proxy().build().unwrap(), url, asked }
    }

    async fn page(request: RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Page { status, headers, text: answer.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        Self::page(self.http.get(format!("{}{path}", self.url)).header("Accept", "text/html,*/*")).await
    }

    pub(crate) async fn get_with(&self, path: &str, name: &str, value: &str) -> Page {
        Self::page(self.http.get(format!("{}{path}", self.url)).header(name, value)).await
    }

    pub(crate) async fn head(&self, path: &str) -> Page {
        Self::page(self.http.request(Method::HEAD, format!("{}{path}", self.url))).await
    }

    /// Sends the form of the voting page.
    pub(crate) async fn send(&self, fields: &[(&str, &str)]) -> Page {
        Self::page(self.http.post(format!("{}/vote", self.url)).form(fields)).await
    }

    /// Sends a form to this address.
    pub(crate) async fn fill_in(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        Self::page(self.http.post(format!("{}{path}", self.url)).form(fields)).await
    }

    /// Posts what a mail program posts.
    pub(crate) async fn post(&self, path: &str, kind: &str, body: &str) -> Page {
        let request = self.http.post(format!("{}{path}", self.url)).header("Content-Type", kind);
        Self::page(request.body(body.to_owned())).await
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}
