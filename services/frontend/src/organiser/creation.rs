//! A new election: from a template, or as a copy of an older one. And the end of a draft.

use actix_web::web;
use contract::Page;
use contract::elections::{ContestInput, CopyElection, Election, NewElection};
use messages::{Zone, say};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;
use serde_json::json;

use crate::organiser::election::Frame;
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};

/// Elections that can be copied: the newest of so many.
const COPIES: &str = "200";

#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    /// The election to copy.
    #[serde(default)]
    copy: String,
}

/// The form.
pub(crate) async fn show(organiser: Organiser, asked: Option<web::Query<Asked>>) -> Answer {
    let copy = asked.map(|asked| asked.into_inner().copy).unwrap_or_default();
    let begin = if copy.is_empty() { "president" } else { "copy" };
    page(&organiser, &Form::default().with("begin", begin).with("copy", copy).with("seats", "3")).await
}

async fn page(organiser: &Organiser, form: &Form) -> Answer {
    let older = organiser
        .answer::<Page<Election>>(organiser.request(actix_web::http::Method::GET, "/api/elections").query(&[("limit", COPIES)]));
    // Without the list there is nothing to copy, and a new election can still be typed in.
    let older = older.await?.map(|page| page.items).unwrap_or_default();
    let older: Vec<Value> = older
        .iter()
        .rev()
        .map(|election| context! { value => election.election_id.to_string(), text => &election.title })
        .collect();
    organiser.page(form.status(), "admin_new_election.html", context! { form => form.shown(organiser.language), older })
}

/// Makes the election, and leads to its questions.
pub(crate) async fn create(sent: Sent<Organiser>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let wanted = if form.is_good() { read(&organiser, &mut form) } else { None };
    if let Some(wanted) = wanted {
        let made = match &wanted {
            Wanted::New(new) => organiser.post::<Election>("/api/elections", new).await?,
            Wanted::Copy(id, copy) => organiser.post::<Election>(&format!("/api/elections/{id}/copy"), copy).await?,
        };
        match made {
            Ok(election) => return organiser.go_to(&format!("/admin/elections/{}/questions", election.election_id)),
            Err(refused) => form.refused(
                &refused,
                &[
                    ("title", "title", say!(new_title)),
                    ("contests[0].rule.seats", "seats", say!(new_seats)),
                    ("contests[0].title", "title", say!(new_title)),
                ],
            ),
        }
    }
    page(&organiser, &form).await
}

/// What the form asks for.
enum Wanted {
    New(Box<NewElection>),
    /// A copy of this election.
    Copy(i64, CopyElection),
}

/// What the form asks for; what is wrong is said in the form.
fn read(organiser: &Organiser, form: &mut Form) -> Option<Wanted> {
    let title = form.text("title").to_owned();
    if title.is_empty() {
        form.wrong("title", say!(new_title_needed));
    }
    // The browser's own zone, where its script says so. Without it the zone of the installation counts.
    let timezone = form.text("timezone").parse::<Zone>().ok().map(|zone| zone.name().to_owned());
    let question = |name: String, rule| ContestInput { title: name, rule: Some(rule), ..ContestInput::default() };
    let mut new = NewElection { title: title.clone(), timezone, ..NewElection::default() };
    match form.text("begin") {
        "board" => match form.text("seats").parse::<u32>() {
            Ok(seats @ 1..=999) => {
                let name = organiser.say(say!(new_question_board));
                new.contests = Some(vec![question(name, json!({ "method": "scottish_stv", "seats": seats }))]);
            }
            _ => form.wrong("seats", say!(new_seats_needed)),
        },
        "motion" => {
            let text = Some(title).filter(|title| !title.is_empty());
            new.contests = Some(vec![ContestInput {
                text: text.clone(),
                ..question(text.unwrap_or_default(), json!({ "method": "motion" }))
            }]);
        }
        "copy" => match form.text("copy").parse::<i64>() {
            Ok(id) if form.is_good() => {
                return Some(Wanted::Copy(id, CopyElection { title: Some(title), candidates: form.has("candidates") }));
            }
            Ok(_) => {}
            Err(_) => form.wrong("copy", say!(new_copy_needed)),
        },
        _ => new.contests = Some(vec![question(organiser.say(say!(new_question_president)), json!({ "method": "irv" }))]),
    }
    form.is_good().then(|| Wanted::New(Box::new(new)))
}

/// The question before a draft is deleted.
pub(crate) async fn ask_delete(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    frame.page(&organiser, 200, None, "admin_delete.html", context! {})
}

/// Deletes a draft.
pub(crate) async fn delete(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, form } = sent;
    if !form.is_good() {
        return organiser.go_to(&format!("/admin/elections/{id}/delete"));
    }
    match organiser.delete(&format!("/api/elections/{id}")).await? {
        Ok(()) => organiser.go_to("/admin/dashboard"),
        Err(refused) => organiser.refused(&refused),
    }
}
