//! The body of a request, and the parameters of its address, read strictly (`reading`).

use std::ops::Deref;
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, Responder, web};
use contract::problems;
use messages::say;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::Problem;
use crate::reading::{self, Wrong};

/// The body of a request, or of an answer. Services use it instead of actix's own.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// The parameters behind the question mark. Services use it instead of actix's own.
#[derive(Debug)]
pub struct Query<T>(pub T);

macro_rules! holds_what_was_sent {
    ($($name:ident)+) => {
        $(
            impl<T> $name<T> {
                /// What was sent.
                pub fn into_inner(self) -> T {
                    self.0
                }
            }

            impl<T> Deref for $name<T> {
                type Target = T;

                fn deref(&self) -> &T {
                    &self.0
                }
            }
        )+
    };
}
holds_what_was_sent!(Json Query);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    /// First that it is JSON, and of what size and type (`json_config`); then what is in it.
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = web::Json::<Box<RawValue>>::from_request(request, payload);
        Box::pin(async move { Ok(Self(members(&body.await?)?)) })
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
        let read = reading::read(serde_urlencoded::Deserializer::new(parameters));
        let refused = |wrong: Wrong| Problem::with_fields(problems::MALFORMED, vec![wrong.into_field("address")]);
        std::future::ready(read.map(Self).map_err(|wrong| refused(wrong).into()))
    }
}

/// Reads JSON that did not come as the body of a [`Json`].
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    members(serde_json::from_slice(bytes).map_err(|error| not_json(&error))?)
}

fn members<T: DeserializeOwned>(body: &RawValue) -> Result<T, Problem> {
    let read = reading::read(&mut serde_json::Deserializer::from_str(body.get()));
    read.map_err(|wrong| Problem::invalid(vec![wrong.into_field("body")]))
}

pub(crate) fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(
        problems::MALFORMED,
        if error.is_eof() { say!(body_ends_early) } else { say!(body_not_json, line = error.line(), column = error.column()) },
    )
}
