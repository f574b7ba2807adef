//! Files of candidates: pictures and programmes as PDF. Each is stored once under the SHA-256 of its bytes, which is its address too.
//! Whoever knows the address may see it: voters have no session, and the address of what is not public yet cannot be guessed.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use database::{Connection, Database, DatabaseError};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use launch::{Backoff, Stopper, or_not_modified};
use problem::{Missing, Problem};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use crate::State;
use crate::schema::{candidates, uploads};

/// A file that a deleted draft has left behind is deleted within a minute; what a candidate gives up, at once.
const PAUSE: Duration = Duration::from_secs(60);
/// A browser need not ask for these bytes again: another file has another address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// What a stored file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Jpeg,
    Pdf,
}

impl Media {
    const fn end(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Pdf => "pdf",
        }
    }
}

/// Where these bytes are served.
fn path_of(bytes: &[u8], media: Media) -> String {
    format!("/uploads/{}.{}", hex::encode(Sha256::digest(bytes)), media.end())
}

/// Stores a file, and answers its path. The same bytes twice are one row.
pub(crate) async fn store(connection: &mut Connection, bytes: &[u8], media: Media) -> QueryResult<String> {
    let path = path_of(bytes, media);
    let row = (uploads::path.eq(&path), uploads::bytes.eq(bytes));
    diesel::insert_into(uploads::table).values(row).on_conflict_do_nothing().execute(connection).await?;
    Ok(path)
}

/// A picture or PDF of a candidate, for everybody who knows its address. Its bytes never change.
#[utoipa::path(get, path = "/uploads/{name}", tag = "candidates", security(()),
    params(("name" = String, Path, description = "SHA-256 of the bytes in hexadecimal, and `.jpg` or `.pdf`")),
    responses(
        (status = 200, description = "The file: `image/jpeg`, or `application/pdf` to be saved", content_type = "image/jpeg"),
        (status = 304, description = "As the ETag says: it never changes"),
        (status = 404, description = "There is no such file"),
        (status = 429, description = "Too many files were asked for from this address")))]
pub(crate) async fn show(state: Data<State>, name: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let missing = || Problem::not_found(Missing::Upload);
    let (hash, media) = named(&name).ok_or_else(missing)?;
    let path = format!("/uploads/{name}");
    let mut connection = state.database().connection().await?;
    let found: Option<Vec<u8>> =
        uploads::table.find(&path).select(uploads::bytes).first(&mut connection).await.optional().map_err(DatabaseError::from)?;
    drop(connection);
    let bytes = found.ok_or_else(missing)?;
    // Attack: whoever owns the database exchanges the pictures of two candidates. The manifest has the path, and the path is the hash.
    if path_of(&bytes, media) != path {
        metrics::counter!("admin_upload_damaged_total").increment(1);
        return Err(Problem::internal("show a file of a candidate", &"its bytes are not those of its hash"));
    }
    let content = || {
        let mut answer = HttpResponse::Ok();
        // A browser that takes it for a page runs nothing of it, and asks nobody for anything.
        answer
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            // No other site shows the pictures as its own.
            .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"));
        match media {
            Media::Jpeg => answer.content_type("image/jpeg"),
            Media::Pdf => answer
                .content_type("application/pdf")
                .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"programme.pdf\"")),
        };
        answer.body(bytes)
    };
    Ok(or_not_modified(&request, hash, FOR_EVER, content))
}

/// The hash and the kind in the name of a file.
fn named(name: &str) -> Option<(String, Media)> {
    let (hash, end) = name.split_once('.')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let media = [Media::Jpeg, Media::Pdf].into_iter().find(|media| media.end() == end)?;
    is_hash.then(|| (hash.to_owned(), media))
}

/// Deletes files that no candidate names any more: when `unused` says so, and every minute for those of drafts that were deleted.
pub(crate) async fn run(database: Database, unused: Arc<Notify>, stop: Stopper) {
    let mut backoff = Backoff::default();
    while !stop.is_stopped() {
        match delete_unused(&database).await {
            Ok(deleted) => {
                backoff.reset();
                if deleted > 0 {
                    tracing::info!(deleted, "files that no candidate names any more were deleted");
                }
                tokio::select! {
                    () = unused.notified() => {}
                    _ = stop.pause(PAUSE) => {}
                }
            }
            Err(error) => {
                tracing::info!(%error, "files of candidates are deleted later");
                stop.pause(backoff.pause()).await;
            }
        }
    }
}

/// A file that is named again at the same moment makes this fail, by the foreign key, and the next turn finds it in use.
async fn delete_unused(database: &Database) -> Result<usize, DatabaseError> {
    let mut connection = database.connection().await?;
    let as_photo = candidates::table.filter(candidates::photo_url.eq(uploads::path.nullable()));
    let as_thumbnail = candidates::table.filter(candidates::thumbnail_url.eq(uploads::path.nullable()));
    let as_programme = candidates::table.filter(candidates::programme_file_url.eq(uploads::path.nullable()));
    let unused = uploads::table.filter(not(exists(as_photo))).filter(not(exists(as_thumbnail))).filter(not(exists(as_programme)));
    Ok(diesel::delete(unused).execute(&mut connection).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_hash_of_its_bytes() {
        let path = path_of(b"abc", Media::Pdf);
        assert_eq!(path, "/uploads/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.pdf");
        let name = path.strip_prefix("/uploads/").unwrap();
        assert_eq!(named(name).map(|(_, media)| media), Some(Media::Pdf));
        for other in ["", "..", "a.jpg", &name.to_uppercase(), &name.replace(".pdf", ".svg"), &format!("{name}.jpg"), &name[1..]]
        {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
