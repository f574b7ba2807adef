//! The result as its organiser sees it: publishing it, the files to keep, telling the voters, archiving, and what will be forgotten when.

use actix_web::http::Method;
use actix_web::web;
use chrono::Duration;
use contract::admin::{ResultsQueued, Retention};
use contract::elections::Election;
use contract::problems;
use contract::results::Results;
use messages::{Message, Zone, say};
use minijinja::context;
use minijinja::value::Value;
use serde_json::json;

use super::watch::Done;
use super::{Frame, Step, fact};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};
use crate::results;

/// The result, or the button that publishes it.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>, done: Option<web::Query<Done>>) -> Answer {
    let done = done.map(|done| done.into_inner().done).unwrap_or_default();
    page(&organiser, *id, &Form::default(), &done).await
}

async fn page(organiser: &Organiser, id: i64, form: &Form, done: &str) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let published = frame.election.results_published_at;
    let found = if published.is_some() { published_result(organiser, id).await? } else { None };
    let result = match &found {
        Some(found) => Some(results::values(&organiser.frontend, found, organiser.language).await),
        None => None,
    };
    let done = match done {
        "told" => Some(say!(result_told)),
        "archived" => Some(say!(archive_is_done)),
        _ => None,
    };
    let values = context! {
        form => form.shown(organiser.language),
        is_counted => frame.is_counted(),
        is_published => published.is_some(),
        has_result => result.is_some(),
        since => published.map(|at| organiser.say(say!(result_public_since, time = messages::local(at, frame.zone())))),
        is_archived => frame.election.status == "archived",
        // Afterwards nobody is left to tell.
        can_tell => frame.election.anonymised_at.is_none(),
        forget => forgetting(organiser, &frame).await?,
        done => done.map(|done| organiser.say(done)),
        ..result.unwrap_or_default()
    };
    frame.page(organiser, form.status(), Some(Step::Result), "admin_result.html", values)
}

/// The published result; none in the seconds in which it is checked for the first time.
pub(super) async fn published_result(organiser: &Organiser, id: i64) -> Result<Option<Results>, actix_web::Error> {
    match organiser.answer::<Results>(organiser.request(Method::GET, &format!("/api/results/{id}"))).await? {
        Ok(found) => Ok(Some(found)),
        Err(refused) if refused.is(problems::UNAVAILABLE) => Ok(None),
        Err(refused) => Err(organiser.ends_with(organiser.refused(&refused))),
    }
}

/// What is forgotten when.
async fn forgetting(organiser: &Organiser, frame: &Frame) -> Result<Vec<Value>, actix_web::Error> {
    let election = &frame.election;
    let local = |at| messages::local(at, frame.zone());
    let path = format!("/api/admin/elections/{}/retention", election.election_id);
    let retention = organiser.answer::<Retention>(organiser.request(Method::GET, &path)).await?.ok();
    let at_close = election.closed_at.map_or_else(|| say!(forget_at_close), |at| say!(forget_planned, time = local(at)));
    let later: (Message, Message) = match (election.anonymised_at, retention, election.archived_at) {
        (Some(at), _, _) => (say!(forget_later), say!(forget_done, time = local(at))),
        (None, Some(Retention { days }), Some(at)) => {
            (say!(forget_planned, time = local(at + Duration::days(i64::from(days)))), say!(forget_what))
        }
        (None, Some(Retention { days }), None) => (say!(forget_after_days, days = i64::from(days)), say!(forget_what)),
        (None, None, _) => (say!(forget_later), say!(forget_unknown)),
    };
    let rows = [(at_close, say!(forget_at_close_what)), later, (say!(forget_never), say!(forget_never_what))];
    Ok(rows.into_iter().map(|(when, what)| fact(organiser, when, organiser.say(what))).collect())
}

/// Publishes the result.
pub(crate) async fn publish(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<Election>(&format!("/api/elections/{id}/publish-results"), &json!({})).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/result")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    page(&organiser, *id, &form, "").await
}

/// Mails the voters where the result is.
pub(crate) async fn tell(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<ResultsQueued>(&format!("/api/admin/elections/{id}/send-results-links"), &json!({})).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/result?done=told")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    page(&organiser, *id, &form, "").await
}

/// The question before the archiving.
pub(crate) async fn ask_archive(organiser: Organiser, id: web::Path<i64>) -> Answer {
    archive_page(&organiser, *id, &Form::default()).await
}

async fn archive_page(organiser: &Organiser, id: i64, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let values = context! {
        form => form.shown(organiser.language),
        can => frame.election.status == "closed" && frame.election.results_published_at.is_some(),
        is_archived => frame.election.status == "archived",
        forget => forgetting(organiser, &frame).await?,
    };
    frame.page(organiser, form.status(), Some(Step::Result), "admin_archive.html", values)
}

/// Archives the election.
pub(crate) async fn archive(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() {
        match organiser.post::<Election>(&format!("/api/elections/{id}/archive"), &json!({})).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/result?done=archived")),
            Err(refused) => form.refused(&refused, &[]),
        }
    }
    archive_page(&organiser, *id, &form).await
}

/// A time of the election in its zone, for a row that is left out when there is none.
pub(super) fn time_row(
    organiser: &Organiser,
    zone: Zone,
    name: Message,
    at: Option<chrono::DateTime<chrono::Utc>>,
) -> Option<Value> {
    at.map(|at| fact(organiser, name, organiser.time(at, zone)))
}
