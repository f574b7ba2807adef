//! `/api/docs`: all APIs on one page, from the documents the services make of their own code. Without a script, and whole even
//! when a service is down: then its part says so.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use futures_util::future::join_all;
use minijinja::context;
use problem::Problem;
use tokio::sync::Mutex;

use crate::openapi::{Api, read};
use crate::page::shown;
use crate::status::SERVICES;
use crate::{Frontend, page, problems};

/// The page is large and changes with a deployment; a flood of readers costs one rendering.
const FRESH: Duration = Duration::from_secs(10);

/// What was rendered last.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Option<(Instant, String)>>);

pub(crate) async fn docs(frontend: web::Data<Frontend>) -> Result<HttpResponse, Problem> {
    let mut latest = frontend.docs.0.lock().await;
    if let Some((_, text)) = latest.as_ref().filter(|(rendered, _)| rendered.elapsed() < FRESH) {
        return Ok(page::html(200, text.clone()));
    }
    let with_api = SERVICES.iter().filter(|(name, _)| *name != "frontend");
    let apis = join_all(with_api.map(|(name, purpose)| frontend.api(name, purpose))).await;
    let text = frontend.renderer.text("docs.html", context! { apis => shown(&apis), problems => problems::every() })?;
    // If a service did not answer, the page is not cached: it may answer the next request.
    *latest = apis.iter().all(|api| api.is_up).then(|| (Instant::now(), text.clone()));
    Ok(page::html(200, text))
}

impl Frontend {
    async fn api(&self, name: &'static str, purpose: &'static str) -> Api {
        let answer = self.upstream.text_of(&format!("/services/{name}/openapi.json")).await;
        let document = answer.ok().filter(|(status, _)| *status == 200).and_then(|(_, text)| serde_json::from_str(&text).ok());
        match document {
            Some(document) => read(name, purpose, &document),
            None => Api::down(name, purpose),
        }
    }
}
