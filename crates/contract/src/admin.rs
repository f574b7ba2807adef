//! Types of the `admin` API: the roll, the candidates and the links.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Paging;

/// Body of `POST /api/admin/candidates`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCandidate {
    /// The election they stand in.
    pub election_id: i64,
    /// As it stands on the ballot: 1 to 255 characters, unlike every other name in the contest.
    pub name: String,
    /// What voters may read about them, up to 10,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// The contest they stand in; the election's first one when absent.
    #[serde(default)]
    pub contest_id: Option<i64>,
    /// Place on the ballot; the last one when absent.
    #[serde(default)]
    pub display_order: Option<i32>,
}

/// Body of `PUT /api/admin/candidates/{id}`. What is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidateChange {
    /// The new name.
    #[serde(default)]
    pub name: Option<String>,
    /// The new description; an empty one removes it.
    #[serde(default)]
    pub description: Option<String>,
    /// The new place on the ballot.
    #[serde(default)]
    pub display_order: Option<i32>,
}

/// Somebody who stands for election.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// Their number.
    pub candidate_id: i64,
    /// The election they stand in.
    pub election_id: i64,
    /// The contest they stand in.
    pub contest_id: i64,
    /// As it stands on the ballot.
    pub name: String,
    /// What voters may read about them.
    pub description: Option<String>,
    /// Their picture, if there is one.
    pub photo_url: Option<String>,
    /// Place on the ballot.
    pub display_order: i32,
}

/// Which election's candidates.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CandidatesOf {
    /// The election.
    pub election_id: i64,
}

/// Body of `POST /api/admin/voters`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVoter {
    /// The election whose roll they join.
    pub election_id: i64,
    /// Where their link goes. One address is one voter; upper and lower case are the same.
    pub email: String,
    /// As mails greet them, up to 100 characters.
    #[serde(default)]
    pub first_name: Option<String>,
    /// As mails greet them, up to 100 characters.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The number on the student card, up to 64 characters; one number is one voter.
    #[serde(default)]
    pub student_id: Option<String>,
    /// Year, class or section, up to 64 characters.
    #[serde(default)]
    pub cohort: Option<String>,
}

/// An entry of the roll. Whether they have voted is deliberately not here: turnout is shown as a number only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Voter {
    /// Their number.
    pub voter_id: i64,
    /// The election whose roll they are on.
    pub election_id: i64,
    /// Where their link goes.
    pub email: String,
    /// As mails greet them.
    pub first_name: Option<String>,
    /// As mails greet them.
    pub last_name: Option<String>,
    /// The number on the student card.
    pub student_id: Option<String>,
    /// Year, class or section.
    pub cohort: Option<String>,
    /// Whether a voting link was made for them.
    pub link_sent: bool,
}

/// Which part of which roll.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VotersOf {
    /// The election.
    pub election_id: i64,
    /// How many voters at the most: 1 to 1000, 100 unless told.
    pub limit: Option<i64>,
    /// Only voters after this number.
    pub after: Option<i64>,
}

impl VotersOf {
    /// The page alone.
    #[must_use]
    pub fn paging(self) -> Paging {
        Paging { limit: self.limit, after: self.after }
    }
}

/// What happens to a file with bad lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// One bad line, and nothing is imported.
    #[default]
    All,
    /// The good lines are imported.
    Skip,
}

/// How a file is imported.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportOptions {
    /// `all` (unless told) imports all or nothing, `skip` the good lines.
    #[serde(default)]
    #[param(inline)]
    pub mode: ImportMode,
    /// `true` only reports what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// Body of `POST /api/admin/voters/bulk`, `multipart/form-data`, in either order.
#[derive(ToSchema)]
pub struct ImportForm {
    /// The election whose roll grows.
    pub election_id: i64,
    /// The CSV file: comma, semicolon or tab; UTF-8 or Windows-1252; at most 20 MB and 200,000 lines. The first line names the
    /// columns: `email`, and if you like `first_name`, `last_name`, `student_id`, `cohort`, in any order.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// A field of a line that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineError {
    /// The line of the file as an editor counts; the header is line 1. A quoted field may span lines: its first counts.
    pub line: u64,
    /// The column, or `line` when it is about all of it.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// What an import did or, with `dry_run`, would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Voters added.
    pub imported: u64,
    /// Lines whose address stands on an earlier line or on the roll already; no error.
    pub duplicates: u64,
    /// Lines with an error.
    pub rejected: u64,
    /// How many errors there are; a line can have several.
    pub total_errors: u64,
    /// The first 1,000 of them.
    pub errors: Vec<LineError>,
    /// Columns of the file that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// Whether this is only a report.
    pub dry_run: bool,
}

/// Body of `POST /api/admin/elections/{id}/send-voting-links` and of the other sends: none, or an empty object.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Answer of `POST /api/admin/elections/{id}/send-voting-links`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinksQueued {
    /// Voters a link was made for now.
    pub queued: u64,
    /// Voters who had one.
    pub already_sent: u64,
}

/// Answer of `POST /api/admin/voters/{id}/resend-token`. It is the same for every voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkResent {
    /// The voter.
    pub voter_id: i64,
    /// How often a link can still be sent again to them.
    pub resends_left: u64,
}

/// Answer of `POST /api/admin/elections/{id}/send-results-links`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResultsQueued {
    /// Voters on the roll. Each gets one mail about one publication, however often this is called.
    pub queued: u64,
}
