//! A candidate as a ballot shows them, and as the organiser sees the ballot before. Both pages have the same words from the same template.

use contract::admin::Candidate;
use contract::voting::BallotCandidate;
use serde::Serialize;

use crate::page::paragraphs;

/// What is shown of a candidate.
#[derive(Serialize)]
pub(crate) struct CandidateShown {
    candidate_id: i64,
    name: String,
    party: Option<String>,
    /// Paragraphs.
    statement: Vec<String>,
    vision: Vec<String>,
    programme: Vec<String>,
    link: Option<String>,
    photo_url: Option<String>,
    thumbnail_url: Option<String>,
    programme_file_url: Option<String>,
    /// Whether there is anything to unfold.
    has_more: bool,
    withdrawn: bool,
}

/// What both APIs say of a candidate.
struct CandidateFields<'a> {
    candidate_id: i64,
    name: String,
    party: Option<String>,
    texts: [Option<&'a str>; 3],
    link: Option<String>,
    files: [Option<String>; 3],
    standing: &'a str,
}

impl CandidateShown {
    fn new(fields: CandidateFields<'_>) -> Self {
        let [statement, vision, programme] = fields.texts.map(paragraphs);
        // A picture from elsewhere would tell its owner who opens this ballot.
        let [photo_url, thumbnail_url, programme_file_url] =
            fields.files.map(|path| path.filter(|path| path.starts_with("/uploads/")));
        // The service takes no other; a page runs no script from it in any case.
        let link = fields.link.filter(|link| link.starts_with("https://") || link.starts_with("http://"));
        let has_more =
            !vision.is_empty() || !programme.is_empty() || link.is_some() || programme_file_url.is_some() || photo_url.is_some();
        Self {
            candidate_id: fields.candidate_id,
            name: fields.name,
            party: fields.party,
            statement,
            vision,
            programme,
            link,
            photo_url,
            thumbnail_url,
            programme_file_url,
            has_more,
            withdrawn: fields.standing == "withdrawn",
        }
    }

    /// Whether there is a picture beside the name.
    pub(crate) fn has_photo(&self) -> bool {
        self.thumbnail_url.is_some()
    }
}

impl From<BallotCandidate> for CandidateShown {
    fn from(of: BallotCandidate) -> Self {
        Self::new(CandidateFields {
            candidate_id: of.candidate_id,
            name: of.name,
            party: of.party,
            texts: [of.description.as_deref(), of.vision.as_deref(), of.programme.as_deref()],
            link: of.link,
            files: [of.photo_url, of.thumbnail_url, of.programme_file_url],
            standing: &of.standing,
        })
    }
}

impl From<Candidate> for CandidateShown {
    fn from(of: Candidate) -> Self {
        Self::new(CandidateFields {
            candidate_id: of.candidate_id,
            name: of.name,
            party: of.party,
            texts: [of.description.as_deref(), of.vision.as_deref(), of.programme.as_deref()],
            link: of.link,
            files: [of.photo_url, of.thumbnail_url, of.programme_file_url],
            standing: &of.standing,
        })
    }
}
