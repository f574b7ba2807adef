//! The status page: which services are ready.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use contract::problems::Body;
use futures_util::future::join_all;
use minijinja::context;
use problem::Problem;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::Frontend;
use crate::page::shown;

/// Every service with what it is for.
pub(crate) const SERVICES: [(&str, &str); 8] = [
    ("frontend", "these pages"),
    ("auth", "accounts of organisers"),
    ("election", "the life of an election"),
    ("voting", "casting ballots"),
    ("results", "counting and results"),
    ("audit", "the log of what was done"),
    ("admin", "voters, candidates and links"),
    ("email", "sending mail"),
];

/// A visitor who reloads does not make eight calls each time.
const FRESH: Duration = Duration::from_secs(2);

/// What was found last.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Option<(Instant, Vec<State>)>>);

/// One service.
#[derive(Clone, Serialize)]
pub(crate) struct State {
    name: &'static str,
    purpose: &'static str,
    up: bool,
    reason: String,
}

impl State {
    /// Whether it can work.
    pub(crate) fn is_up(&self) -> bool {
        self.up
    }
}

impl Frontend {
    /// The state of every service, asked at the same time.
    pub(crate) async fn states(&self) -> Vec<State> {
        let mut latest = self.services.0.lock().await;
        if let Some((_, states)) = latest.as_ref().filter(|(asked, _)| asked.elapsed() < FRESH) {
            return states.clone();
        }
        let states = join_all(SERVICES.map(|(name, purpose)| self.state(name, purpose))).await;
        *latest = Some((Instant::now(), states.clone()));
        states
    }

    async fn state(&self, name: &'static str, purpose: &'static str) -> State {
        let (up, reason) = match self.upstream.text_of(&format!("/services/{name}/ready")).await {
            Ok((200, text)) if has_trouble(&text) => (true, "works, and its operator should look at it".to_owned()),
            Ok((200, _)) => (true, "ready".to_owned()),
            Ok((503, text)) => (false, self.reason(&text)),
            Ok(_) | Err(()) => (false, "does not answer".to_owned()),
        };
        State { name, purpose, up, reason }
    }

    fn reason(&self, text: &str) -> String {
        let said = serde_json::from_str::<Body>(text).ok().filter(|_| self.shows_reasons).map(|body| body.detail);
        said.unwrap_or_else(|| "answers, but something it needs does not".to_owned())
    }
}

/// Whether a service that works says that something is wrong all the same: an election is halted, or the log is not signed. Which, is
/// for its operator.
fn has_trouble(ready: &str) -> bool {
    let said = serde_json::from_str::<serde_json::Value>(ready).unwrap_or_default();
    ["halted_elections", "troubles"].iter().any(|name| said[name].as_array().is_some_and(|list| !list.is_empty()))
}

pub(crate) async fn status(frontend: web::Data<Frontend>) -> Result<HttpResponse, Problem> {
    let states = frontend.states().await;
    let down = states.iter().filter(|state| !state.up).count();
    frontend.renderer.page(200, "status.html", context! { services => shown(&states), down })
}

#[cfg(test)]
mod tests {
    use super::has_trouble;

    #[test]
    fn a_service_that_works_and_has_trouble_says_so() {
        assert!(has_trouble(r#"{"service":"voting","status":"ready","halted_elections":[7]}"#));
        assert!(has_trouble(r#"{"service":"audit","status":"ready","troubles":["the log is not signed"]}"#));
        assert!(!has_trouble(r#"{"service":"voting","status":"ready","halted_elections":[]}"#));
        assert!(!has_trouble(r#"{"service":"email","status":"ready"}"#) && !has_trouble("no JSON"));
    }
}
