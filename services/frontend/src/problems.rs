//! The pages of the problem kinds: what each means and what to do. The `type` of every refusal is the address of such a page.

use actix_web::{HttpRequest, HttpResponse, web};
use contract::problems::{ALL, Kind};
use messages::say;
use minijinja::context;
use minijinja::value::Value;
use problem::Problem;
use serde::Serialize;

use crate::page::shown;
use crate::{Frontend, page};

#[derive(Serialize)]
struct Shown {
    slug: &'static str,
    title: String,
    status: u16,
    advice: String,
}

impl From<&Kind> for Shown {
    fn from(kind: &Kind) -> Self {
        Self { slug: kind.slug, title: kind.title().to_string(), status: kind.status, advice: kind.advice().to_string() }
    }
}

/// Every kind, for templates.
pub(crate) fn every() -> Value {
    shown(ALL.iter().map(Shown::from).collect::<Vec<_>>())
}

#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn all(frontend: web::Data<Frontend>) -> Result<HttpResponse, Problem> {
    frontend.renderer.page(200, "problems.html", context! { problems => every() })
}

#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn one(
    frontend: web::Data<Frontend>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    match ALL.iter().find(|kind| kind.slug == slug.as_str()) {
        Some(kind) => frontend.renderer.page(200, "problem.html", context! { problem => shown(Shown::from(kind)) }),
        None => page::not_found(&frontend, &request, say!(page_no_such_problem)),
    }
}
