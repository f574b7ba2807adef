//! An answer of a service, read whole, with the questions that tests ask of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// What the service said about the answer.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body read as JSON; null for any other.
    pub body: Value,
}

impl Answer {
    /// Reads an answer to its end.
    ///
    /// # Panics
    /// The connection broke.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("an answer that ends");
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }

    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// The kind of the body, such as `application/json`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        self.header("content-type")
    }

    /// The body of an answer with this status.
    ///
    /// # Panics
    /// It has another.
    #[track_caller]
    #[allow(clippy::must_use_candidate, reason = "often the status is all that a test asks for")]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Whether it is a refusal of this kind.
    #[must_use]
    pub fn is_refused_as(&self, status: u16, slug: &str) -> bool {
        self.status == status && self.body["type"] == format!("/problems/{slug}")
    }

    /// The detail of a refusal of this kind.
    ///
    /// # Panics
    /// It is no problem document of this kind.
    #[track_caller]
    pub fn refused(&self, status: u16, slug: &str) -> String {
        let kind = format!("/problems/{slug}");
        assert_eq!((self.status, self.body["type"].as_str()), (status, Some(kind.as_str())), "{}", self.text);
        assert_eq!(self.content_type(), "application/problem+json");
        self.body["detail"].as_str().unwrap_or_default().to_owned()
    }

    /// Checks that it is refused because of this field.
    ///
    /// # Panics
    /// It is not.
    #[track_caller]
    pub fn refuses_field(&self, field: &str) {
        self.refused(422, "invalid-input");
        let errors = self.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(errors.iter().any(|error| error["field"] == field), "{field}: {}", self.text);
    }
}
