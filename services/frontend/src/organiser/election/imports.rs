//! Voters from a file or from lines that are pasted: first a preview of every line, then, when the organiser confirms it, the roll. The
//! lines wait in the admin service; nothing of them stands in a hidden field.

use actix_multipart::{Field, Multipart};
use actix_web::http::Method;
use actix_web::web;
use contract::Page;
use contract::admin::{ImportConfirmed, ImportLine, LineKind, VoterImport};
use contract::problems::{self, FieldError};
use futures_util::StreamExt as _;
use messages::{Message, say};
use minijinja::context;
use minijinja::value::Value;
use reqwest::multipart::{Form as Parts, Part};
use serde::Deserialize;
use serde_json::json;

use super::voters::{is_open_or_before, waiting};
use super::{Frame, Step};
use crate::organiser::form::Form;
use crate::organiser::uploads::MOST_TIME;
use crate::organiser::visit::{Answer, Organiser, Sent, csv_file};
use crate::upstream::{PATIENCE_WITH_FILES, Refused};

/// The largest file: what the admin service takes.
const MAX_FILE: usize = 20 * 1024 * 1024;
/// How much of a too large body is read and thrown away, so that browsers finish sending and then show the answer.
const MAX_DRAINED: usize = 3 * MAX_FILE;
/// The token of a form.
const MAX_TOKEN: usize = 1024;
/// Lines of a file on one page.
const ROWS: usize = 50;
/// The columns of a line with their labels.
const COLUMNS: usize = 5;

/// The forms for a file and for lines.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    page(&organiser, *id, &Form::default()).await
}

async fn page(organiser: &Organiser, id: i64, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    if !is_open_or_before(&frame) {
        return organiser.go_to(&frame.path("voters"));
    }
    let waits = waiting(organiser, &frame).await?.map(|import| frame.path(&format!("voters/imports/{}", import.import_id)));
    let values = context! { form => form.shown(organiser.language), waits };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_import.html", values)
}

/// A file with the names of the columns and nothing else, to be filled in.
#[allow(clippy::unused_async, reason = "a handler")]
pub(crate) async fn template(_: Organiser, _: web::Path<i64>) -> Answer {
    // The mark tells spreadsheet programs that the letters are UTF-8.
    Ok(csv_file("\u{feff}email,first_name,last_name,student_id,cohort\r\n", "voters-template.csv"))
}

/// What arrived as a form with a file.
enum Arrived {
    File(Vec<u8>),
    NoFile,
    TooLarge,
    /// Another page has made the form, or the session has changed.
    WrongToken,
    Broken,
}

/// Takes a file, has it read, and leads to its preview.
pub(crate) async fn upload(organiser: Result<Organiser, actix_web::Error>, id: web::Path<i64>, mut parts: Multipart) -> Answer {
    let organiser = match organiser {
        Ok(organiser) => organiser,
        Err(answer) => {
            drain(&mut parts).await;
            return Err(answer);
        }
    };
    let Some(_upload) = organiser.session().and_then(|session| organiser.frontend.uploads.begin(session)) else {
        drain(&mut parts).await;
        let mut form = Form::default();
        form.wrong("file", say!(import_file_busy));
        form.set_status(503);
        return page(&organiser, *id, &form).await;
    };
    let mut form = Form::default();
    match tokio::time::timeout(MOST_TIME, read(&organiser, &mut parts)).await.unwrap_or(Arrived::Broken) {
        Arrived::File(file) => {
            let part = Parts::new().part("file", Part::bytes(file).file_name("voters"));
            match preview(&organiser, *id, part).await? {
                Ok(import) => return lead_to(&organiser, &import),
                Err(refused) => form.refused_in_a_sentence("file", &refused),
            }
        }
        Arrived::NoFile => form.wrong("file", say!(import_file_needed)),
        Arrived::TooLarge => {
            form.wrong("file", say!(import_file_too_large));
            form.set_status(413);
        }
        Arrived::WrongToken => form.wrong("", say!(site_form_expired)),
        Arrived::Broken => {
            form.wrong("file", say!(import_file_unreadable));
            form.set_status(400);
        }
    }
    page(&organiser, *id, &form).await
}

/// The token first, as the page has it: nothing of a file is kept in memory for a form of somebody else.
async fn read(organiser: &Organiser, parts: &mut Multipart) -> Arrived {
    let mut is_ours = false;
    while let Some(part) = parts.next().await {
        let Ok(part) = part else { return Arrived::Broken };
        match part.name() {
            Some("form_token") => {
                let token = collect(part, MAX_TOKEN).await;
                is_ours = token.ok().flatten().is_some_and(|token| organiser.is_form_token(&String::from_utf8_lossy(&token)));
            }
            Some("file") if is_ours => {
                let has_name =
                    part.content_disposition().and_then(|told| told.get_filename()).is_some_and(|name| !name.is_empty());
                return match collect(part, MAX_FILE).await {
                    Err(()) => Arrived::Broken,
                    Ok(None) => Arrived::TooLarge,
                    Ok(Some(file)) if file.is_empty() && !has_name => Arrived::NoFile,
                    Ok(Some(file)) => Arrived::File(file),
                };
            }
            _ => {
                // What is not expected is read and thrown away.
                if collect(part, 0).await.is_err() {
                    return Arrived::Broken;
                }
            }
        }
    }
    if is_ours { Arrived::NoFile } else { Arrived::WrongToken }
}

/// The bytes of a part, or `None` when they are more than `most`.
async fn collect(mut part: Field, most: usize) -> Result<Option<Vec<u8>>, ()> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|_| ())?;
        length = length.saturating_add(piece.len());
        if length <= most {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
        if length > MAX_DRAINED {
            break;
        }
    }
    Ok((length <= most).then_some(bytes))
}

async fn drain(parts: &mut Multipart) {
    while let Some(Ok(part)) = parts.next().await {
        if collect(part, 0).await.is_err() {
            return;
        }
    }
}

/// Has the admin service read a file. What refuses it is given back.
async fn preview(organiser: &Organiser, id: i64, parts: Parts) -> Result<Result<VoterImport, Refused>, actix_web::Error> {
    let request = organiser.request(Method::POST, &format!("/api/admin/elections/{id}/voter-imports"));
    organiser.answer(request.multipart(parts).timeout(PATIENCE_WITH_FILES)).await
}

fn lead_to(organiser: &Organiser, import: &VoterImport) -> Answer {
    organiser.go_to(&format!("/admin/elections/{}/voters/imports/{}", import.election_id, import.import_id))
}

/// Takes lines that were pasted. They need no line with the names of the columns.
pub(crate) async fn paste(sent: Sent<Organiser>, id: web::Path<i64>) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    if form.is_good() && form.text("lines").is_empty() {
        form.wrong("lines", say!(import_paste_needed));
    }
    if form.is_good() {
        let lines = form.raw("lines").to_owned();
        let first = lines.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut parts = Parts::new();
        // An address in the first line: it is a voter, and names no columns.
        if first.contains('@') {
            parts = parts.text("header", "none");
        }
        match preview(&organiser, *id, parts.part("file", Part::text(lines).file_name("lines"))).await? {
            Ok(import) => return lead_to(&organiser, &import),
            Err(refused) => form.refused_in_a_sentence("lines", &refused),
        }
    }
    page(&organiser, *id, &form).await
}

/// Which lines of a file are shown.
#[derive(Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    after: Option<u64>,
}

type Ids = web::Path<(i64, String)>;

/// The path of an import in the API; `None` for what is no number of one.
fn path_of(id: i64, import: &str) -> Option<String> {
    let is_number = import.len() == 36 && import.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_number.then(|| format!("/api/admin/elections/{id}/voter-imports/{import}"))
}

/// The preview: how many lines of each kind, every bad one with its reason, and the decision.
pub(crate) async fn show_preview(organiser: Organiser, ids: Ids, asked: Option<web::Query<Asked>>) -> Answer {
    let asked = asked.map(web::Query::into_inner).unwrap_or_default();
    let (id, import) = ids.into_inner();
    preview_page(&organiser, id, &import, &asked, &Form::default()).await
}

async fn preview_page(organiser: &Organiser, id: i64, import: &str, asked: &Asked, form: &Form) -> Answer {
    let frame = Frame::load(organiser, id).await?;
    let Some(path) = path_of(id, import) else { return over(organiser, &frame) };
    let found: Result<VoterImport, Refused> = organiser.answer(organiser.request(Method::GET, &path)).await?;
    let import = match found {
        Ok(import) => import,
        Err(refused) if refused.is(problems::NOT_FOUND) => return over(organiser, &frame),
        Err(refused) => return organiser.refused(&refused),
    };
    let usual = if import.counts.rejected > 0 { LineKind::Rejected } else { LineKind::New };
    let kind: LineKind = asked.kind.parse().unwrap_or(usual);
    let (rows, after) = (ROWS.to_string(), asked.after.map(|after| after.to_string()));
    let mut query = vec![("kind", <&str>::from(kind)), ("limit", rows.as_str())];
    query.extend(after.as_deref().map(|after| ("after", after)));
    let Page { items, next } = organiser.get::<Page<ImportLine>>(&format!("{path}/lines"), &query).await?;
    let columns = shown_columns(&items);
    let left_out = import.counts.rejected.saturating_add(import.counts.duplicates);
    let base = frame.path(&format!("voters/imports/{}", import.import_id));
    let values = context! {
        form => form.shown(organiser.language),
        kinds => kinds(organiser, &import, kind),
        kind => <&str>::from(kind),
        columns => columns.iter().filter_map(|at| Some(organiser.say(labels().get(*at)?.clone()))).collect::<Vec<_>>(),
        rows => items.iter().map(|line| row(organiser, line, &columns)).collect::<Vec<_>>(),
        next => next.map(|next| format!("{base}?kind={}&after={next}", <&str>::from(kind))),
        base,
        new => import.counts.new,
        has_rejected => import.counts.rejected > 0,
        left_out,
        sheet => &import.sheet,
        other_sheets => import.ignored_sheets.join(", "),
        ignored => import.ignored_columns.join(", "),
        until => organiser.time(import.expires_at, frame.zone()),
        is_late => frame.election.status == "active",
    };
    frame.page(organiser, form.status(), Some(Step::Voters), "admin_preview.html", values)
}

/// The page for a file that waits no longer.
fn over(organiser: &Organiser, frame: &Frame) -> Answer {
    frame.page(organiser, 404, Some(Step::Voters), "admin_preview_over.html", context! {})
}

fn labels() -> [Message; COLUMNS] {
    [say!(site_email), say!(voters_first_name), say!(voters_last_name), say!(voters_student_id), say!(voters_cohort)]
}

fn cells(line: &ImportLine) -> [(&'static str, Option<&str>); COLUMNS] {
    let cells = &line.cells;
    [
        ("email", cells.email.as_deref()),
        ("first_name", cells.first_name.as_deref()),
        ("last_name", cells.last_name.as_deref()),
        ("student_id", cells.student_id.as_deref()),
        ("cohort", cells.cohort.as_deref()),
    ]
}

/// The address, and each column in which something stands.
fn shown_columns(lines: &[ImportLine]) -> Vec<usize> {
    let is_there = |at: usize| lines.iter().any(|line| cells(line).get(at).is_some_and(|(_, value)| value.is_some()));
    (0..COLUMNS).filter(|at| *at == 0 || is_there(*at)).collect()
}

fn kinds(organiser: &Organiser, import: &VoterImport, chosen: LineKind) -> Vec<Value> {
    let counts = &import.counts;
    let kind = |kind: LineKind, count: u64, name: Message| {
        context! { value => <&str>::from(kind), count, name => organiser.say(name), is_chosen => kind == chosen }
    };
    vec![
        kind(LineKind::New, counts.new, say!(preview_new)),
        kind(LineKind::Rejected, counts.rejected, say!(preview_rejected)),
        kind(LineKind::Duplicate, counts.duplicates, say!(preview_duplicate)),
    ]
}

fn row(organiser: &Organiser, line: &ImportLine, columns: &[usize]) -> Value {
    let all = cells(line);
    let is_wrong = |name: &str| line.reasons.iter().any(|reason| reason.field == name);
    let shown = columns.iter().filter_map(|at| {
        let (name, value) = all.get(*at)?;
        let label = organiser.say(labels().get(*at)?.clone());
        Some(context! { label, value, is_wrong => line.kind == LineKind::Rejected && is_wrong(name) })
    });
    let reasons: Vec<String> = line.reasons.iter().map(|reason| organiser.say(in_words(reason))).collect();
    context! { line => line.line, cells => shown.collect::<Vec<_>>(), reasons }
}

/// What is wrong, with the label of its column before it. What is wrong with the whole line has none.
fn in_words(reason: &FieldError) -> Message {
    let message = Message::received(&reason.code, &reason.params, &reason.message);
    let place = ["email", "first_name", "last_name", "student_id", "cohort"].iter().position(|name| *name == reason.field);
    let label = place.and_then(|at| labels().get(at).cloned()).unwrap_or_else(|| say!(preview_line));
    say!(one_field_is_wrong, field = label, message = message)
}

/// The bad lines as a file.
pub(crate) async fn rejected(organiser: Organiser, ids: Ids) -> Answer {
    let (id, import) = ids.into_inner();
    match path_of(id, &import) {
        Some(path) => organiser.download(&format!("{path}/rejected.csv"), "rejected.csv").await,
        None => organiser.go_to(&format!("/admin/elections/{id}/voters")),
    }
}

/// Imports the new lines.
pub(crate) async fn confirm(sent: Sent<Organiser>, ids: Ids) -> Answer {
    let Sent { by: organiser, mut form } = sent;
    let (id, import) = ids.into_inner();
    let Some(path) = path_of(id, &import) else { return organiser.go_to(&format!("/admin/elections/{id}/voters")) };
    if form.is_good() && form.has("reason") && form.text("reason").is_empty() {
        form.wrong("reason", say!(voter_reason_needed));
    }
    if form.is_good() {
        let reason = Some(form.text("reason")).filter(|reason| !reason.is_empty());
        let request = organiser.request(Method::POST, &format!("{path}/confirm")).json(&json!({ "reason": reason }));
        match organiser.answer::<ImportConfirmed>(request.timeout(PATIENCE_WITH_FILES)).await? {
            Ok(done) => return organiser.go_to(&format!("/admin/elections/{id}/voters?imported={}", done.imported)),
            Err(refused) => form.refused(&refused, &[("reason", "reason", say!(voters_reason))]),
        }
    }
    preview_page(&organiser, id, &import, &Asked::default(), &form).await
}

/// Discards the file.
pub(crate) async fn discard(sent: Sent<Organiser>, ids: Ids) -> Answer {
    let Sent { by: organiser, form } = sent;
    let (id, import) = ids.into_inner();
    if let Some(path) = path_of(id, &import).filter(|_| form.is_good())
        && let Err(refused) = organiser.delete(&path).await?
        && !refused.is(problems::NOT_FOUND)
    {
        return organiser.refused(&refused);
    }
    let done = if form.is_good() { "?discarded=1" } else { "" };
    organiser.go_to(&format!("/admin/elections/{id}/voters{done}"))
}
