//! Templates to pages, with the headers every page has.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use chrono::{DateTime, Utc};
use contract::problems::{self, Kind};
use messages::{Language, Message, Zone, say, short};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};
use problem::Problem;
use serde::Serialize;

use crate::upstream::Refused;
use crate::{Frontend, assets, texts};

/// No scripts, and nothing from other sites: injected markup cannot run code or load anything.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Pages of organisers may load the one script of this site, and ask this site. No code stands in the page itself.
const WITH_SCRIPT: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

macro_rules! templates {
    ($($name:literal),+ $(,)?) => {
        pub(crate) const TEMPLATES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/", $name)))),+];
    };
}

templates![
    "layout.html",
    "parts.html",
    "ballot_parts.html",
    "index.html",
    "status.html",
    "docs.html",
    "problems.html",
    "problem.html",
    "refused.html",
    "vote.html",
    "link.html",
    "recorded.html",
    "results.html",
    "result_body.html",
    "result_contests.html",
    "request_link.html",
    "link_requested.html",
    "stop_reminders.html",
    "reminders_stopped.html",
    "admin_account.html",
    "admin_check.html",
    "admin_archive.html",
    "admin_close.html",
    "admin_candidate.html",
    "admin_candidate_remove.html",
    "admin_candidates.html",
    "admin_candidates_draw.html",
    "admin_candidates_preview.html",
    "admin_code.html",
    "admin_dashboard.html",
    "admin_delete.html",
    "admin_details.html",
    "admin_done.html",
    "admin_election.html",
    "admin_forgotten.html",
    "admin_end.html",
    "admin_history.html",
    "admin_import.html",
    "admin_invitations.html",
    "admin_login.html",
    "admin_method.html",
    "admin_minutes.html",
    "admin_new_election.html",
    "admin_new_password.html",
    "admin_open.html",
    "admin_password.html",
    "admin_preview.html",
    "admin_preview_over.html",
    "admin_question.html",
    "admin_question_remove.html",
    "admin_questions.html",
    "admin_refused.html",
    "admin_register.html",
    "admin_remind.html",
    "admin_result.html",
    "admin_resume.html",
    "admin_send.html",
    "admin_step.html",
    "admin_test_ballot.html",
    "admin_unlock.html",
    "admin_voter.html",
    "admin_voter_new.html",
    "admin_voter_remove.html",
    "admin_voters.html",
    "admin_watch.html",
    "admin_withdrawal.html",
    "styleguide.html",
];

/// Renders the templates of this service, all of them checked at the start.
pub(crate) struct Renderer(Environment<'static>);

impl Renderer {
    pub(crate) fn new() -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        // A misspelt name is an error and not an empty place on a ballot.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
        environment.set_formatter(|out, state, value| match value.as_str() {
            Some(text) if !value.is_safe() => out.write_str(&escaped(text)).map_err(minijinja::Error::from),
            _ => minijinja::escape_formatter(out, state, value),
        });
        environment.add_global("assets", Value::from(assets::addresses().collect::<BTreeMap<_, _>>()));
        environment.add_function("t", texts::t);
        environment.add_filter("prose", |text: &str| Value::from_safe_string(prose(text)));
        let faults: Vec<String> = TEMPLATES.iter().flat_map(|(name, source)| texts::faults(name, source)).collect();
        if !faults.is_empty() {
            return Err(Error::new(ErrorKind::SyntaxError, faults.join("; ")));
        }
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(Self(environment))
    }

    /// The text of a page in English that knows nothing of its visitor.
    pub(crate) fn text(&self, name: &str, values: Value) -> Result<String, Problem> {
        self.text_for(name, values, context! { language => Language::English.tag() })
    }

    /// The text of a page. `site` is what the layout shows of its visitor.
    pub(crate) fn text_for(&self, name: &str, values: Value, site: Value) -> Result<String, Problem> {
        let values = context! { site, ..values };
        let page = self.0.get_template(name).and_then(|template| template.render(values));
        page.map_err(|cause| Problem::internal("render a page", &cause))
    }

    /// A page that is not cached and whose address is not sent as a referrer.
    pub(crate) fn page(&self, status: u16, name: &str, values: Value) -> Result<HttpResponse, Problem> {
        Ok(html(status, self.text(name, values)?))
    }

    /// The page of a refusal, with what to do next.
    pub(crate) fn refused(&self, refused: &Refused) -> Result<HttpResponse, Problem> {
        self.refused_with(refused, Value::from(()))
    }

    /// The same with a form that sends the very same ballot again.
    pub(crate) fn refused_with(&self, refused: &Refused, again: Value) -> Result<HttpResponse, Problem> {
        let kind = refused.kind();
        let values = context! {
            problem => shown(&refused.body),
            advice => kind.map(|kind| kind.advice().to_string()),
            slug => kind.map(|kind| kind.slug),
            again,
        };
        let mut answer = self.page(refused.body.status, "refused.html", values)?;
        if let Some(seconds) = refused.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        Ok(answer)
    }
}

/// What the layout shows on a page in two languages that knows nothing of its visitor.
pub(crate) fn site(language: Language, path: &str) -> Value {
    context! { language => language.tag(), languages => texts::languages(language), path }
}

/// An answer with this page.
pub(crate) fn html(status: u16, text: String) -> HttpResponse {
    answer(status, text, CONTENT_SECURITY_POLICY)
}

/// The same for a page that has the site's script.
pub(crate) fn html_with_script(status: u16, text: String) -> HttpResponse {
    answer(status, text, WITH_SCRIPT)
}

fn answer(status: u16, text: String, policy: &'static str) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept, Accept-Language, Cookie"))
        .body(text)
}

/// The paragraphs of a motion's text.
pub(crate) fn paragraphs(text: Option<&str>) -> Vec<String> {
    text.into_iter().flat_map(str::lines).filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

/// A value for a template.
pub(crate) fn shown(value: impl Serialize) -> Value {
    Value::from(Serde(value))
}

/// A time as a page shows it.
pub(crate) fn time(time: Option<DateTime<Utc>>, zone: Zone) -> Option<String> {
    time.map(|time| short(time, zone).to_string())
}

/// The time zone of an election; UTC for one that is not known here.
pub(crate) fn zone(name: &str) -> Zone {
    name.parse().unwrap_or_default()
}

/// Whether the caller reads pages. A browser says so; a program says JSON or nothing.
fn wants_html(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accepts.is_some_and(|accept| accept.contains("text/html"))
}

/// 404, as a page for people and as a problem document for programs.
pub(crate) fn not_found(frontend: &Frontend, request: &HttpRequest, detail: Message) -> Result<HttpResponse, Problem> {
    if wants_html(request) {
        frontend.renderer.refused(&Refused::of(problems::NOT_FOUND, detail))
    } else {
        Ok(Problem::new(problems::NOT_FOUND, detail).error_response())
    }
}

#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn nothing_here(frontend: web::Data<Frontend>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    not_found(&frontend, &request, say!(page_nothing_here))
}

/// Text for an element or a quoted attribute. Slashes stay: a path on a page is a path to whoever reads the source.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Text of a document as HTML: `code` in backticks, a link where the code is the name of a problem.
fn prose(text: &str) -> String {
    let known = |word: &str| problems::ALL.iter().any(|kind: &Kind| kind.slug == word);
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let escaped = escaped(part);
        match index % 2 {
            0 => escaped,
            _ if known(part) => format!("<a href=\"/problems/{escaped}\"><code>{escaped}</code></a>"),
            _ => format!("<code>{escaped}</code>"),
        }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn code_is_marked_and_markup_is_not_taken_over() {
        assert_eq!(prose("a `b<c` <d>"), "a <code>b&lt;c</code> &lt;d&gt;");
        assert_eq!(prose("`not-found`: no"), "<a href=\"/problems/not-found\"><code>not-found</code></a>: no");
    }
}
