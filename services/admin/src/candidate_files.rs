//! The photo of a candidate and the programme as PDF: uploaded, replaced and removed while the election is a draft (ADR 0028).
//!
//! The rule is asked before the first byte is read, and again under the lock of the election: a file that arrives while the election
//! opens is refused, and nothing of it is stored.

use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use contract::admin::{Candidate, PhotoForm, ProgrammeFileForm};
use contract::events::AuditEventKind;
use contract::problems;
use database::{Failed, violated_constraint};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::Caller;
use launch::Overloaded;
use messages::say;
use outbox::Audited;
use problem::{Json, Problem};
use tokio::sync::SemaphorePermit;

use crate::candidates::{Hold, Row, acquire_slot, find_to_change, logged, refused};
use crate::schema::candidates;
use crate::uploads::{self, Media};
use crate::{State, picture, upload};

/// How long an upload waits for its slot.
const UPLOAD_WAIT: Duration = Duration::from_secs(10);
/// 5 MB, as for a photo.
const MOST_PDF: usize = 5 * 1024 * 1024;

/// The files of a candidate that are to be stored; `None` removes what was there.
enum Change {
    Photo(Option<picture::Pictures>),
    Programme(Option<Vec<u8>>),
}

/// Upload a candidate's photo, in the place of one that is there. It is decoded, turned as the camera says, made smaller and stored as
/// JPEG; nothing else of the file is stored.
#[utoipa::path(put, path = "/api/admin/candidates/{id}/photo", tag = "candidates", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The candidate")),
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = Candidate),
        (status = 409, description = "Frozen by activation"),
        (status = 413, description = "More than 5 MB or 25 million pixels"),
        (status = 415, description = "No JPEG, PNG or WebP, or no form"),
        (status = 422, description = "The picture is damaged"),
        (status = 503, description = "Too many files are being uploaded; `Retry-After` says when to come back")))]
pub(crate) async fn put_photo(
    state: Data<State>,
    caller: Caller,
    id: Path<i64>,
    form: Multipart,
) -> Result<Json<Candidate>, Problem> {
    drop(acquire_slot(&state, *id, &caller).await?);
    let _slot = slot(&state).await?;
    let file = upload::read_file_of(form, picture::MOST_BYTES, say!(photo_file_too_large)).await?;
    let pictures = state.pictures.run(move || picture::read(&file)).await??;
    Ok(Json(store(&state, caller, *id, Change::Photo(Some(pictures))).await?))
}

/// Remove a candidate's photo.
#[utoipa::path(delete, path = "/api/admin/candidates/{id}/photo", tag = "candidates", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The candidate")),
    responses(
        (status = 204, description = "Gone, or there was none"),
        (status = 409, description = "Frozen by activation")))]
pub(crate) async fn delete_photo(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<HttpResponse, Problem> {
    store(&state, caller, *id, Change::Photo(None)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Upload a candidate's programme as PDF, in the place of one that is there. It is stored as it is, and voters save it before they open it.
#[utoipa::path(put, path = "/api/admin/candidates/{id}/programme-file", tag = "candidates", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The candidate")),
    request_body(content = ProgrammeFileForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = Candidate),
        (status = 409, description = "Frozen by activation"),
        (status = 413, description = "More than 5 MB"),
        (status = 415, description = "No PDF, or no form"),
        (status = 503, description = "Too many files are being uploaded; `Retry-After` says when to come back")))]
pub(crate) async fn put_programme(
    state: Data<State>,
    caller: Caller,
    id: Path<i64>,
    form: Multipart,
) -> Result<Json<Candidate>, Problem> {
    drop(acquire_slot(&state, *id, &caller).await?);
    let _slot = slot(&state).await?;
    let file = upload::read_file_of(form, MOST_PDF, say!(programme_file_too_large)).await?;
    if !file.starts_with(b"%PDF-") {
        return Err(Problem::new(problems::UNSUPPORTED_MEDIA, say!(programme_file_other_kind)));
    }
    Ok(Json(store(&state, caller, *id, Change::Programme(Some(file))).await?))
}

/// Remove the PDF of a candidate's programme.
#[utoipa::path(delete, path = "/api/admin/candidates/{id}/programme-file", tag = "candidates", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The candidate")),
    responses(
        (status = 204, description = "Gone, or there was none"),
        (status = 409, description = "Frozen by activation")))]
pub(crate) async fn delete_programme(state: Data<State>, caller: Caller, id: Path<i64>) -> Result<HttpResponse, Problem> {
    store(&state, caller, *id, Change::Programme(None)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A slot to upload, taken before the first byte is read: a file lies in memory until it is stored.
async fn slot(state: &State) -> Result<SemaphorePermit<'_>, Overloaded> {
    let slot = tokio::time::timeout(UPLOAD_WAIT, state.candidate_files.acquire()).await;
    slot.map_err(|_| Overloaded)?.map_err(|_| Overloaded)
}

/// Stores the files and names them in the candidate's row, in one transaction. What was named there before is deleted afterwards, if
/// nobody else names it.
async fn store(state: &State, caller: Caller, candidate_id: i64, change: Change) -> Result<Candidate, Problem> {
    let _slot = acquire_slot(state, candidate_id, &caller).await?;
    let stored = state.outbox.audited("store a file of a candidate", async move |tx| {
        let connection = tx.connection();
        let found = find_to_change(connection, candidate_id, &caller, Hold::One).await?;
        let nothing_there = match &change {
            Change::Photo(None) => found.photo_url.is_none(),
            Change::Programme(None) => found.programme_file_url.is_none(),
            _ => false,
        };
        if nothing_there {
            return Ok(Audited::unchanged(found));
        }
        let row = candidates::table.find(candidate_id);
        let changed = match &change {
            Change::Photo(pictures) => {
                let (mut photo, mut thumbnail) = (None, None);
                if let Some(pictures) = pictures {
                    photo = Some(uploads::store(connection, &pictures.photo, Media::Jpeg).await?);
                    thumbnail = Some(uploads::store(connection, &pictures.thumbnail, Media::Jpeg).await?);
                }
                let set = (candidates::photo_url.eq(photo), candidates::thumbnail_url.eq(thumbnail));
                diesel::update(row).set(set).returning(Row::as_returning()).get_result(connection).await
            }
            Change::Programme(file) => {
                let mut path = None;
                if let Some(file) = file {
                    path = Some(uploads::store(connection, file, Media::Pdf).await?);
                }
                let set = candidates::programme_file_url.eq(path);
                diesel::update(row).set(set).returning(Row::as_returning()).get_result(connection).await
            }
        };
        let changed = Candidate::from(changed.map_err(unless_deleted)?);
        let event = AuditEventKind::CandidateUpdated { candidate_id, name: changed.name.clone() };
        Ok(Audited::new(changed, logged(event, &caller, found.election_id)))
    });
    let stored = stored.await?;
    state.unused_files.notify_one();
    Ok(stored)
}

/// The same bytes lay there unused, and were deleted between the insert and this statement: sent again, they are stored.
fn unless_deleted(error: diesel::result::Error) -> Failed<Problem> {
    let is_foreign_key = violated_constraint(&error).is_some_and(|name| name.ends_with("_fkey"));
    if is_foreign_key { Failed::Refused(Problem::new(problems::UNAVAILABLE, say!(upload_again))) } else { refused(error) }
}
