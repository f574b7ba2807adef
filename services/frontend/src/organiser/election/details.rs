//! Title, description and times of an election. All of it can be changed while the election is a draft.

use actix_web::web;
use chrono::{DateTime, Utc};
use contract::elections::{Election, ElectionChange};
use messages::{Language, Message, Zone, say};
use minijinja::context;

use super::{Frame, Step, fact};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// The members of the API with their fields and labels here.
fn fields() -> [(&'static str, &'static str, Message); 7] {
    [
        ("title", "title", say!(new_title)),
        ("description", "description", say!(details_description)),
        ("opens_at", "opens_at", say!(details_opens)),
        ("closes_at", "closes_at", say!(details_closes)),
        ("timezone", "timezone", say!(details_timezone)),
        ("locale", "locale", say!(details_locale)),
        ("publish", "publish", say!(details_publish)),
    ]
}

/// The form with what is set now; for an election that is no draft, the same as facts.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let typed = |at: Option<DateTime<Utc>>| at.map(|at| frame.zone().typed(at)).unwrap_or_default();
    let election = &frame.election;
    let form = Form::default()
        .with("title", &election.title)
        .with("description", election.description.clone().unwrap_or_default())
        .with("opens_at", typed(election.opens_at))
        .with("closes_at", typed(election.closes_at))
        .with("timezone", &election.timezone)
        .with("locale", &election.locale)
        .with("publish", &election.publish);
    page(&organiser, &frame, &form)
}

fn page(organiser: &Organiser, frame: &Frame, form: &Form) -> Answer {
    let election = &frame.election;
    let time = |at: Option<_>| at.map_or_else(|| organiser.say(say!(step_by_hand)), |at| organiser.time(at, frame.zone()));
    let rows = vec![
        fact(organiser, say!(details_opens), time(election.activated_at.or(election.opens_at))),
        fact(organiser, say!(details_closes), time(election.closed_at.or(election.closes_at))),
        fact(organiser, say!(details_timezone), &election.timezone),
        fact(organiser, say!(details_locale), language_name(&election.locale)),
    ];
    let zones: Vec<&str> = Zone::all().map(Zone::name).filter(|name| is_offered(name) || *name == election.timezone).collect();
    let languages = Language::OF_ELECTIONS.map(|of| context! { value => of.tag(), text => language_name(of.tag()) });
    let values = context! { form => form.shown(organiser.language), rows, zones, languages => languages.to_vec(), description => &election.description };
    frame.page(organiser, form.status(), Some(Step::Questions), "admin_details.html", values)
}

/// A language in its own words; its tag where it is not known here.
fn language_name(tag: &str) -> String {
    Language::named(tag).map_or_else(|| tag.to_owned(), |language| say!(site_language_name).text(language))
}

/// Zones by the name of a place. The others are older names of the same zones.
fn is_offered(name: &str) -> bool {
    let regions = ["Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    name == "UTC" || regions.iter().any(|region| name.starts_with(region))
}

/// Stores what was typed.
pub(crate) async fn change(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let zone = form.text("timezone").parse::<Zone>();
    if zone.is_err() {
        form.wrong("timezone", say!(details_timezone_needed));
    }
    let zone = zone.unwrap_or_default();
    let opens_at = time(&mut form, "opens_at", zone);
    let closes_at = time(&mut form, "closes_at", zone);
    if form.text("title").is_empty() {
        form.wrong("title", say!(new_title_needed));
    }
    if let (Some(opens), Some(closes)) = (opens_at, closes_at)
        && closes <= opens
    {
        form.wrong("closes_at", say!(details_end_before_opening, time = messages::local(opens, zone)));
    }
    if form.is_good() {
        let text = |name: &str| form.text(name).to_owned();
        let description = Some(text("description")).filter(|text| !text.is_empty());
        let change = ElectionChange {
            title: Some(text("title")),
            description: Some(description),
            opens_at: Some(opens_at),
            closes_at: Some(closes_at),
            timezone: Some(zone.name().to_owned()),
            // A page of before the language was on it leaves it as it is.
            locale: form.has("locale").then(|| text("locale")),
            publish: Some(text("publish")),
            ..ElectionChange::default()
        };
        match organiser.put::<Election>(&format!("/api/elections/{id}"), &change).await? {
            Ok(_) => return organiser.go_to(&format!("/admin/elections/{id}/questions")),
            Err(refused) => form.refused(&refused, &fields()),
        }
    }
    let frame = Frame::load(&organiser, *id).await?;
    page(&organiser, &frame, &form)
}

/// A time of the form, in the zone of the form; none where nothing was typed.
fn time(form: &mut Form, field: &str, zone: Zone) -> Option<DateTime<Utc>> {
    let typed = form.text(field).to_owned();
    let meant = zone.meant(&typed);
    if meant.is_none() && !typed.is_empty() {
        form.wrong(field, say!(details_time_unreadable));
    }
    meant
}
