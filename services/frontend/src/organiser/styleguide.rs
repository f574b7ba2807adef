//! Every part of the design in every state, for those who work on this site; only in local mode.

use minijinja::context;

use crate::organiser::form::{Fields, Form};
use crate::organiser::visit::{Answer, Visitor};
use messages::say;

#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn show(visitor: Visitor) -> Answer {
    let typed = Fields::read(b"title=Student+Council&ends=2026-11-23T07%3A30&method=irv&days=1&days=3").unwrap_or_default();
    let mut form = Form::of(typed);
    form.wrong("ends", say!(guide_mistake));
    visitor.form_page(200, "styleguide.html", context! { form => form.shown(visitor.language) })
}
