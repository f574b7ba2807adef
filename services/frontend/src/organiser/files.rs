//! A form with files in it. The texts are read as those of any form, so nothing that was typed is lost whatever becomes of a file.
//!
//! Attack: somebody without a session sends large files to fill the memory. Files are stored only for whoever has a session, each up to
//! its limit; what is more is read and dropped, so that the browser finishes sending and the page can say what is wrong.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use contract::problems;
use futures_util::StreamExt as _;
use messages::say;

use super::uploads::MOST_TIME;
use super::visit::{FORM_LIMIT, Organiser, Sent, Visitor, checked_form};
use crate::organiser::form::{Fields, Form};
use crate::upstream::Refused;

/// The largest file that a page passes on, as the services take it: 5 MB.
const MOST_FILE: usize = 5 * 1024 * 1024;
/// The fields for files that pages have; a file in another one is read and dropped.
const FILES: [&str; 2] = ["photo", "programme_file"];
/// More parts than any form of these pages has.
const MOST_PARTS: usize = 100;

/// A file as it was chosen.
pub(crate) enum Chosen {
    /// Its bytes.
    File(Vec<u8>),
    /// It is larger than any that is taken.
    TooLarge,
    /// Too many files arrive at the moment.
    Busy,
}

/// A form with the files that were chosen in it.
pub(crate) struct SentWithFiles {
    pub(crate) by: Organiser,
    pub(crate) form: Form,
    files: BTreeMap<String, Chosen>,
}

impl SentWithFiles {
    /// The parts of it.
    pub(crate) fn into_parts(self) -> (Organiser, Form, BTreeMap<String, Chosen>) {
        (self.by, self.form, self.files)
    }
}

impl FromRequest for SentWithFiles {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // A form that was kept over a login comes back without its files, as any other form.
        if !content_type.starts_with("multipart/form-data") {
            let sent = Sent::<Organiser>::from_request(request, payload);
            return Box::pin(async move {
                let Sent { by, form } = sent.await?;
                Ok(Self { by, form, files: BTreeMap::new() })
            });
        }
        let (by, parts) = (Visitor::read(request), Multipart::from_request(request, payload));
        Box::pin(async move {
            let by = by?;
            let read = match parts.await {
                Ok(parts) => {
                    let upload = by.session().and_then(|session| by.frontend.uploads.begin(session));
                    let read = read_parts(parts, upload.is_some());
                    tokio::time::timeout(MOST_TIME, read).await.unwrap_or(Err(Broken::Unreadable))
                }
                Err(_) => Err(Broken::Unreadable),
            };
            let refused = |kind, why| by.ends_with(by.refused(&Refused::of(kind, why)));
            let (fields, files) = match read {
                Ok(read) => read,
                Err(Broken::TooLarge) => return Err(refused(problems::TOO_LARGE, say!(body_too_large, bytes = FORM_LIMIT))),
                Err(Broken::Unreadable) => return Err(refused(problems::MALFORMED, say!(page_form_unreadable))),
            };
            // Before the session is looked for: a form that comes too late is kept over the login.
            let form = checked_form(&by, fields);
            Ok(Self { by: Organiser::of(by)?, form, files })
        })
    }
}

/// Why a form cannot be read.
enum Broken {
    TooLarge,
    Unreadable,
}

async fn read_parts(mut parts: Multipart, keeps_files: bool) -> Result<(Fields, BTreeMap<String, Chosen>), Broken> {
    let (mut texts, mut files, mut length) = (Vec::new(), BTreeMap::new(), 0_usize);
    let mut number = 0_usize;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| Broken::Unreadable)?;
        number = number.saturating_add(1);
        if number > MOST_PARTS {
            return Err(Broken::TooLarge);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.content_disposition().is_some_and(|disposition| disposition.get_filename().is_some());
        if is_file {
            let is_known = FILES.contains(&name.as_str());
            match read_up_to(part, if keeps_files && is_known { MOST_FILE } else { 0 }).await? {
                _ if !is_known => {}
                // A field in which nothing was chosen is sent as an empty file.
                Some(bytes) if bytes.is_empty() => {}
                Some(bytes) => drop(files.insert(name, Chosen::File(bytes))),
                None => drop(files.insert(name, if keeps_files { Chosen::TooLarge } else { Chosen::Busy })),
            }
            continue;
        }
        let bytes = read_up_to(part, FORM_LIMIT.saturating_sub(length)).await?.ok_or(Broken::TooLarge)?;
        length = length.saturating_add(bytes.len());
        texts.push((name, String::from_utf8(bytes).map_err(|_| Broken::Unreadable)?));
    }
    Ok((Fields::of(texts).ok_or(Broken::Unreadable)?, files))
}

/// The bytes of a part, or nothing when they are more than `most`. It is read to its end in either case.
async fn read_up_to(mut part: Field, most: usize) -> Result<Option<Vec<u8>>, Broken> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|_| Broken::Unreadable)?;
        length = length.saturating_add(piece.len());
        if length <= most {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
    }
    Ok((length <= most).then_some(bytes))
}
