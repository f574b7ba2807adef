//! The organiser's elections: one row each, with its state and the one thing to do next.

use actix_web::web;
use chrono::{DateTime, Utc};
use contract::Page;
use contract::elections::Election;
use messages::{Message, say, span};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;

use crate::organiser::visit::{Answer, Organiser, Visitor};
use crate::page::zone;

/// Elections on one page.
const ROWS: i64 = 50;

/// Which part of the list.
#[derive(Default, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    after: Option<i64>,
}

/// `/admin` leads here.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn moved(visitor: Visitor) -> Answer {
    visitor.go_to("/admin/dashboard")
}

/// The elections of the organiser; a superadmin sees those of everybody.
pub(crate) async fn show(organiser: Organiser, part: Option<web::Query<Part>>) -> Answer {
    let after = part.and_then(|part| part.after).map(|after| after.to_string());
    let limit = ROWS.to_string();
    let mut query = vec![("limit", limit.as_str())];
    query.extend(after.as_deref().map(|after| ("after", after)));
    let Page { items, next } = organiser.get::<Page<Election>>("/api/elections", &query).await?;
    let now = Utc::now();
    let elections: Vec<Value> = items.iter().map(|election| row(&organiser, election, now)).collect();
    organiser.page(200, "admin_dashboard.html", context! { elections, next, is_first => after.is_none() })
}

fn row(organiser: &Organiser, election: &Election, now: DateTime<Utc>) -> Value {
    let turnout = &election.turnout;
    context! {
        id => election.election_id,
        title => &election.title,
        status => &election.status,
        status_name => organiser.say(status_name(&election.status)),
        when => when(election, now).map(|when| organiser.say(when)),
        roll => turnout.roll,
        voted => turnout.voted,
        has_turnout => !matches!(election.status.as_str(), "draft" | "scheduled"),
        next => organiser.say(next_thing(election)),
        at => election.closes_at.map(|at| organiser.time(at, zone(&election.timezone))),
    }
}

/// The state of an election in one word.
pub(crate) fn status_name(status: &str) -> Message {
    match status {
        "draft" => say!(status_draft),
        "scheduled" => say!(status_scheduled),
        "active" => say!(status_active),
        "closed" => say!(status_closed),
        _ => say!(status_archived),
    }
}

/// How long until it opens, or for how long it is open; nothing when no time is set or it is over.
pub(crate) fn when(election: &Election, now: DateTime<Utc>) -> Option<Message> {
    let left = |at: Option<DateTime<Utc>>| at.map(|at| (at - now).num_seconds()).filter(|left| *left > 0);
    match election.status.as_str() {
        "draft" | "scheduled" => left(election.opens_at).map(|left| say!(election_opens_in, span = span(left))),
        "active" => left(election.closes_at).map(|left| say!(election_open_for, span = span(left))),
        _ => None,
    }
}

/// The one thing to do next.
fn next_thing(election: &Election) -> Message {
    let is_counted = election.tally_state.as_deref() == Some("opened");
    match election.status.as_str() {
        "draft" => say!(next_prepare),
        "scheduled" if election.closes_at.is_some_and(|at| at <= Utc::now()) => say!(next_missed_end),
        "scheduled" => say!(next_check),
        "active" => say!(next_watch),
        "closed" if election.count_stopped.is_some() => say!(next_count_stopped),
        "closed" if !is_counted => say!(next_counting),
        "closed" if election.results_published_at.is_none() => say!(next_publish),
        "closed" => say!(next_archive),
        _ => say!(next_nothing),
    }
}
