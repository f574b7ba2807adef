//! WebDriver, the W3C's protocol for driving a browser, as far as it is needed here: JSON over HTTP, one call for each command.
//!
//! No library for it is used: of the two that are well kept, `thirtyfour` turns on `preserve_order` of `serde_json`, which would change
//! what every service of this workspace writes, and `fantoccini` stands on a crate under another kind of licence.

use std::fmt::Display;

use serde_json::{Value, json};

/// The name under which an element's number is sent.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session of a browser.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    http: reqwest::Client,
    url: String,
}

/// An element of the page that is shown.
#[derive(Debug, Clone)]
pub struct Element(String);

/// How elements are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'q> {
    Css(&'q str),
    XPath(&'q str),
}

impl Session {
    /// Starts Chromium with these arguments, through the driver on this port.
    pub(crate) async fn start(port: u16, arguments: &[String]) -> Result<Self, String> {
        let http = reqwest::Client::builder().no_proxy().build().map_err(|cause| cause.to_string())?;
        let mut session = Self { http, url: format!("http://127.0.0.1:{port}") };
        let chrome = json!({ "args": arguments });
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": chrome, "timeouts": { "script": 120_000 } });
        let started = session.post("/session", &json!({ "capabilities": { "alwaysMatch": wanted } })).await?;
        session.url += &format!("/session/{}", started["sessionId"].as_str().ok_or("no session")?);
        Ok(session)
    }

    pub(crate) async fn post(&self, command: impl Display, parameters: &Value) -> Result<Value, String> {
        Self::value(self.http.post(format!("{}{command}", self.url)).json(parameters)).await
    }

    pub(crate) async fn get(&self, command: impl Display) -> Result<Value, String> {
        Self::value(self.http.get(format!("{}{command}", self.url))).await
    }

    /// Ends the browser.
    pub(crate) async fn end(&self) {
        let _ = Self::value(self.http.delete(&self.url)).await;
    }

    async fn value(request: reqwest::RequestBuilder) -> Result<Value, String> {
        let answer = request.send().await.map_err(|cause| cause.to_string())?;
        let is_good = answer.status().is_success();
        let mut body: Value = answer.json().await.map_err(|cause| cause.to_string())?;
        let value = body["value"].take();
        if is_good { Ok(value) } else { Err(value["message"].as_str().unwrap_or("refused without a reason").to_owned()) }
    }

    pub(crate) async fn find_all(&self, by: By<'_>) -> Result<Vec<Element>, String> {
        let (using, value) = match by {
            By::Css(value) => ("css selector", value),
            By::XPath(value) => ("xpath", value),
        };
        let found = self.post("/elements", &json!({ "using": using, "value": value })).await?;
        Ok(found.as_array().into_iter().flatten().filter_map(Self::element).collect())
    }

    fn element(value: &Value) -> Option<Element> {
        value[ELEMENT].as_str().map(|id| Element(id.to_owned()))
    }

    /// What has the keyboard.
    pub(crate) async fn active(&self) -> Result<Element, String> {
        Self::element(&self.get("/element/active").await?).ok_or_else(|| "nothing has the keyboard".to_owned())
    }

    pub(crate) async fn click(&self, element: &Element) -> Result<(), String> {
        self.post(format!("/element/{}/click", element.0), &json!({})).await.map(drop)
    }

    pub(crate) async fn clear(&self, element: &Element) -> Result<(), String> {
        self.post(format!("/element/{}/clear", element.0), &json!({})).await.map(drop)
    }

    pub(crate) async fn write(&self, element: &Element, text: &str) -> Result<(), String> {
        self.post(format!("/element/{}/value", element.0), &json!({ "text": text })).await.map(drop)
    }

    pub(crate) async fn text(&self, element: &Element) -> Result<String, String> {
        Ok(self.get(format!("/element/{}/text", element.0)).await?.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn is_displayed(&self, element: &Element) -> bool {
        self.get(format!("/element/{}/displayed", element.0)).await.is_ok_and(|is_displayed| is_displayed == true)
    }
}
