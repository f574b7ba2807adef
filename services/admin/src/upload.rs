//! A form with a file in it, read piece by piece up to its limits. The parts may come in either order.

use actix_multipart::{Field, Multipart, MultipartError};
use contract::problems;
use domain::amendment::NoReason;
use futures_util::StreamExt as _;
use messages::{Message, say};
use problem::Problem;

use crate::roll_file::Header;

/// 20 MB, as the gateway lets through: 200,000 lines of 100 bytes.
const MAX_FILE: usize = 20 * 1024 * 1024;
/// How much of a too large file is read and discarded, so that most clients finish sending and then see the refusal.
const MAX_DRAINED: usize = 3 * MAX_FILE;
/// An election's number, or a word.
const MAX_NUMBER: usize = 32;
/// A reason of 1,000 characters.
const MAX_REASON: usize = 4000;

/// Reads a form with a `file` of voters, and perhaps with `header`.
pub(crate) async fn read_file(form: Multipart) -> Result<(Vec<u8>, Header), Problem> {
    let parts = read_parts(form, &["file", "header"], MAX_FILE, say!(file_too_large)).await?;
    Ok((parts.file.ok_or_else(|| missing("file"))?, parts.header.unwrap_or(Header::FirstLine)))
}

/// Reads a form with a `file` of so many bytes at the most and nothing else.
pub(crate) async fn read_file_of(form: Multipart, most: usize, too_large: Message) -> Result<Vec<u8>, Problem> {
    let parts = read_parts(form, &["file"], most, too_large).await?;
    parts.file.ok_or_else(|| missing("file"))
}

/// What was sent.
pub(crate) struct Upload {
    pub(crate) election_id: i64,
    pub(crate) file: Vec<u8>,
    /// Why these voters come late; asked for only while voting is open.
    pub(crate) reason: Option<String>,
}

/// Reads the form `election_id` + `file`, perhaps with `reason`.
pub(crate) async fn read(form: Multipart) -> Result<Upload, Problem> {
    let Parts { election_id, file, reason, .. } =
        read_parts(form, &["election_id", "file", "reason"], MAX_FILE, say!(file_too_large)).await?;
    let election_id = election_id.ok_or_else(|| missing("election_id"))?;
    Ok(Upload { election_id, file: file.ok_or_else(|| missing("file"))?, reason })
}

#[derive(Default)]
struct Parts {
    election_id: Option<i64>,
    file: Option<Vec<u8>>,
    reason: Option<String>,
    header: Option<Header>,
}

async fn read_parts(mut form: Multipart, known: &[&str], most: usize, too_large: Message) -> Result<Parts, Problem> {
    let mut parts = Parts::default();
    while let Some(field) = form.next().await {
        let field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        if !known.contains(&name.as_str()) {
            return Err(Problem::field("form", say!(form_field_unknown, known = known.join(", "))));
        }
        match name.as_str() {
            "election_id" if parts.election_id.is_none() => {
                let bytes = collect(field, MAX_NUMBER).await?.unwrap_or_default();
                let number = std::str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse::<i64>().ok());
                parts.election_id = Some(number.ok_or_else(|| Problem::field("election_id", say!(form_election_number)))?);
            }
            "file" if parts.file.is_none() => {
                let too_large = || Problem::new(problems::TOO_LARGE, too_large.clone());
                parts.file = Some(collect(field, most).await?.ok_or_else(too_large)?);
            }
            "header" if parts.header.is_none() => {
                let bytes = collect(field, MAX_NUMBER).await?;
                let is_none = bytes.is_some_and(|bytes| bytes.trim_ascii() == b"none");
                parts.header =
                    Some(is_none.then_some(Header::Absent).ok_or_else(|| Problem::field("header", say!(form_header_unknown)))?);
            }
            "reason" if parts.reason.is_none() => {
                let bytes = collect(field, MAX_REASON).await?;
                let text = bytes.ok_or_else(|| Problem::field("reason", NoReason::TooLong))?;
                parts.reason = Some(String::from_utf8(text).map_err(|_| Problem::field("reason", say!(reason_not_utf8)))?);
            }
            _ => return Err(Problem::field(&name, say!(form_field_twice))),
        }
    }
    Ok(parts)
}

fn missing(name: &str) -> Problem {
    Problem::field(name, say!(form_field_missing))
}

/// The bytes of a part, or `None` when they are more than `limit`.
async fn collect(mut field: Field, limit: usize) -> Result<Option<Vec<u8>>, Problem> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(unreadable)?;
        length = length.saturating_add(piece.len());
        if length <= limit {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
        if length > MAX_DRAINED {
            break;
        }
    }
    Ok((length <= limit).then_some(bytes))
}

fn unreadable(error: MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeParse | MultipartError::ContentTypeIncompatible => {
            Problem::new(problems::UNSUPPORTED_MEDIA, say!(form_not_multipart))
        }
        _ => Problem::new(problems::MALFORMED, say!(form_unreadable)),
    }
}
