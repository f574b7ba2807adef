//! Who stands in which question, in which order, and what voters see of them. The texts and the files of a candidate are one form: the
//! texts are stored first, so that a file that is refused loses nothing that was typed.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web;
use contract::admin::{Candidate, CandidateChange, DrawOrder, NewCandidate, OrderDrawn};
use contract::elections::Contest;
use counting::Family;
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
use reqwest::multipart::{Form as Multipart, Part};
use serde::Deserialize;

use super::{Frame, Step, least};
use crate::candidate_shown::CandidateShown;
use crate::organiser::files::{Chosen, SentWithFiles};
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser, Sent};
use crate::page::shown;
use crate::upstream::Refused;

/// The one who is not there yet.
const NEW: &str = "new";

/// Which question somebody is added to.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    question: String,
}

/// The members of the API with their fields and labels here.
fn fields() -> [(&'static str, &'static str, Message); 7] {
    [
        ("name", "name", say!(candidate_name)),
        ("party", "party", say!(candidate_party)),
        ("description", "description", say!(candidate_statement)),
        ("vision", "vision", say!(candidate_vision)),
        ("programme", "programme", say!(candidate_programme)),
        ("link", "link", say!(candidate_link)),
        ("contest_id", "question", say!(candidate_question)),
    ]
}

impl Frame {
    /// Who stands in a question, in the order of the ballot.
    fn people<'f>(&'f self, contest: &'f Contest) -> impl Iterator<Item = &'f Candidate> {
        let stands = |candidate: &&Candidate| candidate.contest_id == contest.contest_id && candidate.standing == "stands";
        self.candidates.iter().flatten().filter(stands)
    }

    /// Somebody who stands, by the number in an address.
    fn person(&self, number: &str) -> Option<&Candidate> {
        let number: i64 = number.parse().ok()?;
        self.candidates.iter().flatten().find(|candidate| candidate.candidate_id == number && candidate.standing == "stands")
    }

    /// Questions in which people can stand.
    fn open_questions(&self) -> impl Iterator<Item = &Contest> {
        self.election.contests.iter().filter(|contest| contest.family != Family::Motion)
    }
}

/// The candidates of each question.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let question = |contest: &Contest| {
        let candidates: Vec<Value> = frame.people(contest).map(|candidate| row(&organiser, candidate)).collect();
        context! {
            id => contest.contest_id,
            title => &contest.title,
            is_motion => contest.family == Family::Motion,
            needed => least(contest),
            has_photos => frame.people(contest).any(|candidate| candidate.thumbnail_url.is_some()),
            candidates,
        }
    };
    let questions: Vec<Value> = frame.election.contests.iter().map(question).collect();
    let values = context! {
        questions,
        has_people => frame.election.contests.iter().any(|contest| frame.people(contest).next().is_some()),
        is_unknown => frame.candidates.is_none(),
        unknown => organiser.say(say!(step_unknown)),
    };
    frame.page(&organiser, 200, Some(Step::Candidates), "admin_candidates.html", values)
}

/// One who stands, with what is there of them.
fn row(organiser: &Organiser, candidate: &Candidate) -> Value {
    let there = [
        (candidate.description.is_some(), say!(candidate_statement)),
        (candidate.vision.is_some(), say!(candidate_vision)),
        (candidate.programme.is_some(), say!(candidate_programme)),
        (candidate.link.is_some(), say!(candidate_link)),
        (candidate.photo_url.is_some(), say!(candidate_photo)),
        (candidate.programme_file_url.is_some(), say!(candidate_pdf)),
    ];
    let there: Vec<String> = there.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| organiser.say(what)).collect();
    context! {
        id => candidate.candidate_id,
        name => &candidate.name,
        party => &candidate.party,
        thumbnail_url => of_this_site(candidate.thumbnail_url.as_deref()),
        has => if there.is_empty() { organiser.say(say!(candidates_only_name)) } else { there.join(", ") },
    }
}

fn of_this_site(path: Option<&str>) -> Option<&str> {
    path.filter(|path| path.starts_with("/uploads/"))
}

/// The candidates as the ballot shows them.
pub(crate) async fn preview(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let question = |contest: &Contest| {
        let candidates: Vec<CandidateShown> = frame.people(contest).cloned().map(CandidateShown::from).collect();
        let has_photos = candidates.iter().any(CandidateShown::has_photo);
        context! { id => contest.contest_id, title => &contest.title, has_photos, candidates => shown(candidates) }
    };
    let questions: Vec<Value> = frame.open_questions().map(question).collect();
    frame.page(&organiser, 200, Some(Step::Candidates), "admin_candidates_preview.html", context! { questions })
}

/// The form of a candidate, new or as they are now.
pub(crate) async fn edit(organiser: Organiser, path: web::Path<(i64, String)>, asked: Option<web::Query<Asked>>) -> Answer {
    let (id, candidate) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    let form = match frame.person(&candidate) {
        Some(known) => filled_in(known),
        None if candidate == NEW => {
            let asked = asked.map(|asked| asked.into_inner().question).unwrap_or_default();
            let is_open = |contest: &&Contest| contest.contest_id.to_string() == asked;
            let question = frame.open_questions().find(is_open).or_else(|| frame.open_questions().next());
            Form::default().with("question", question.map(|contest| contest.contest_id.to_string()).unwrap_or_default())
        }
        None => return organiser.go_to(&frame.path("candidates")),
    };
    if !frame.is_draft() || frame.open_questions().next().is_none() {
        return organiser.go_to(&frame.path("candidates"));
    }
    form_page(&organiser, &frame, &candidate, &form, false)
}

fn filled_in(candidate: &Candidate) -> Form {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Form::default()
        .with("question", candidate.contest_id.to_string())
        .with("name", &candidate.name)
        .with("party", text(&candidate.party))
        .with("description", text(&candidate.description))
        .with("vision", text(&candidate.vision))
        .with("programme", text(&candidate.programme))
        .with("link", text(&candidate.link))
}

/// `rest_is_saved`: only a file was refused.
fn form_page(organiser: &Organiser, frame: &Frame, candidate: &str, form: &Form, rest_is_saved: bool) -> Answer {
    let known = frame.person(candidate);
    // Whoever stands already stays in their question: the marks of the ballot go with it.
    let questions: Vec<Value> = match known {
        Some(_) => Vec::new(),
        None => {
            let option = |contest: &Contest| context! { value => contest.contest_id.to_string(), text => &contest.title };
            frame.open_questions().map(option).collect()
        }
    };
    let values = context! {
        form => form.shown(organiser.language),
        candidate,
        questions,
        rest_is_saved,
        thumbnail_url => known.and_then(|known| of_this_site(known.thumbnail_url.as_deref())),
        programme_file_url => known.and_then(|known| of_this_site(known.programme_file_url.as_deref())),
    };
    frame.page(organiser, form.status(), Some(Step::Candidates), "admin_candidate.html", values)
}

/// Stores a candidate: the texts, then the files.
pub(crate) async fn save(sent: SentWithFiles, path: web::Path<(i64, String)>) -> Answer {
    let (organiser, mut form, files) = sent.into_parts();
    let (id, mut candidate) = path.into_inner();
    if form.is_good() && form.text("name").is_empty() {
        form.wrong("name", say!(candidate_name_needed));
    }
    let mut rest_is_saved = false;
    let chosen: Vec<&str> = ["photo", "programme_file"].into_iter().filter(|field| files.contains_key(*field)).collect();
    if form.is_good() {
        match store_texts(&organiser, id, &candidate, &form).await? {
            Ok(stored) => {
                candidate = stored.candidate_id.to_string();
                store_files(&organiser, stored.candidate_id, &mut form, files).await?;
                if form.is_good() {
                    return organiser.go_to(&format!("/admin/elections/{id}/candidates#candidate-{candidate}"));
                }
                rest_is_saved = true;
            }
            Err(refused) => form.refused(&refused, &fields()),
        }
    }
    let frame = Frame::load(&organiser, id).await?;
    if !rest_is_saved {
        // A browser never fills a chosen file in again.
        chosen.into_iter().for_each(|field| form.wrong(field, say!(candidate_files_again)));
    }
    form_page(&organiser, &frame, &candidate, &form, rest_is_saved)
}

async fn store_texts(
    organiser: &Organiser,
    election_id: i64,
    candidate: &str,
    form: &Form,
) -> Result<Result<Candidate, Refused>, actix_web::Error> {
    let text = |name: &str| form.text(name).to_owned();
    let given = |name: &str| Some(text(name));
    if candidate == NEW {
        let filled = |name: &str| given(name).filter(|text| !text.is_empty());
        let new = NewCandidate {
            election_id,
            name: text("name"),
            description: filled("description"),
            party: filled("party"),
            vision: filled("vision"),
            programme: filled("programme"),
            link: filled("link"),
            contest_id: form.text("question").parse().ok(),
            display_order: None,
        };
        return organiser.post("/api/admin/candidates", &new).await;
    }
    let change = CandidateChange {
        name: given("name"),
        description: given("description"),
        party: given("party"),
        vision: given("vision"),
        programme: given("programme"),
        link: given("link"),
        ..CandidateChange::default()
    };
    organiser.put(&format!("/api/admin/candidates/{}", number(candidate)), &change).await
}

/// A number for an address of the API; 0, which nobody has, for anything else.
fn number(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

/// Stores and removes the files that the form asks for. What is refused stands at its field.
async fn store_files(
    organiser: &Organiser,
    candidate_id: i64,
    form: &mut Form,
    mut files: BTreeMap<String, Chosen>,
) -> Result<(), actix_web::Error> {
    let kinds = [
        ("photo", "remove_photo", "photo", say!(photo_file_too_large)),
        ("programme_file", "remove_programme_file", "programme-file", say!(programme_file_too_large)),
    ];
    for (field, remove, call, too_large) in kinds {
        let path = format!("/api/admin/candidates/{candidate_id}/{call}");
        let refused = match files.remove(field) {
            Some(Chosen::File(bytes)) => {
                let file = Multipart::new().part("file", Part::bytes(bytes).file_name(field));
                organiser.answer::<Candidate>(organiser.request(Method::PUT, &path).multipart(file)).await?.err()
            }
            Some(Chosen::TooLarge) => {
                form.wrong(field, too_large);
                None
            }
            Some(Chosen::Busy) => {
                form.wrong(field, say!(import_file_busy));
                None
            }
            None if form.has(remove) => organiser.delete(&path).await?.err(),
            None => None,
        };
        if let Some(refused) = refused {
            form.refused_at(field, &refused);
        }
    }
    Ok(())
}

/// The question before somebody is removed.
pub(crate) async fn ask_remove(organiser: Organiser, path: web::Path<(i64, String)>) -> Answer {
    let (id, candidate) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    let Some(known) = frame.person(&candidate).filter(|_| frame.is_draft()) else {
        return organiser.go_to(&frame.path("candidates"));
    };
    let values = context! { candidate, name => &known.name };
    frame.page(&organiser, 200, Some(Step::Candidates), "admin_candidate_remove.html", values)
}

/// Removes somebody. Who is gone already is no mistake.
pub(crate) async fn remove(sent: Sent<Organiser>, path: web::Path<(i64, String)>) -> Answer {
    let Sent { by: organiser, form } = sent;
    let (id, candidate) = path.into_inner();
    if form.is_good() {
        let removed = organiser.delete(&format!("/api/admin/candidates/{}", number(&candidate))).await?;
        if let Some(refused) = removed.err().filter(|refused| refused.body.status != 404) {
            return organiser.refused(&refused);
        }
    }
    organiser.go_to(&format!("/admin/elections/{id}/candidates"))
}

/// Moves somebody to a place: the button that was pressed says who and where, so that pressing it twice is the same as once.
pub(crate) async fn move_to(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, form } = sent;
    let list = format!("/admin/elections/{id}/candidates");
    let asked = form.text("move").split_once('-').and_then(|(who, place)| Some((who.parse::<i64>().ok()?, place.parse().ok()?)));
    let Some((candidate_id, position)) = asked.filter(|_| form.is_good()) else { return organiser.go_to(&list) };
    let change = CandidateChange { position: Some(position), ..CandidateChange::default() };
    match organiser.put::<Candidate>(&format!("/api/admin/candidates/{candidate_id}"), &change).await? {
        Ok(_) => organiser.go_to(&format!("{list}#candidate-{candidate_id}")),
        Err(refused) => organiser.refused(&refused),
    }
}

/// The question before the order is drawn.
pub(crate) async fn ask_draw(organiser: Organiser, path: web::Path<(i64, i64)>) -> Answer {
    let (id, question) = path.into_inner();
    let frame = Frame::load(&organiser, id).await?;
    let Some(contest) = frame.open_questions().find(|contest| contest.contest_id == question).filter(|_| frame.is_draft()) else {
        return organiser.go_to(&frame.path("candidates"));
    };
    let values = context! { question, title => &contest.title };
    frame.page(&organiser, 200, Some(Step::Candidates), "admin_candidates_draw.html", values)
}

/// Draws the order.
pub(crate) async fn draw(sent: Sent<Organiser>, path: web::Path<(i64, i64)>) -> Answer {
    let Sent { by: organiser, form } = sent;
    let (id, contest_id) = path.into_inner();
    let list = format!("/admin/elections/{id}/candidates");
    if !form.is_good() {
        return organiser.go_to(&format!("{list}/draw/{contest_id}"));
    }
    let path = format!("/api/admin/elections/{id}/draw-order");
    match organiser.post::<OrderDrawn>(&path, &DrawOrder { contest_id }).await? {
        Ok(_) => organiser.go_to(&format!("{list}#question-{contest_id}")),
        Err(refused) => organiser.refused(&refused),
    }
}
