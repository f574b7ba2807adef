//! Types of the `admin` API: the roll, the candidates and the links.

use chrono::{DateTime, Utc};
use messages::{Message, Params};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Paging;
use crate::problems::{FieldError, Notice};

/// Body of `POST /api/admin/candidates`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCandidate {
    /// The election they stand in.
    pub election_id: i64,
    /// As it stands on the ballot: 1 to 255 characters, unlike every other name in the contest.
    pub name: String,
    /// Their statement: what voters read below the name, up to 10,000 characters.
    #[serde(default)]
    pub description: Option<String>,
    /// Their party or list, up to 255 characters.
    #[serde(default)]
    pub party: Option<String>,
    /// What they want to achieve, up to 10,000 characters.
    #[serde(default)]
    pub vision: Option<String>,
    /// What they want to do, up to 10,000 characters.
    #[serde(default)]
    pub programme: Option<String>,
    /// A page of their own: an address with http or https, up to 2,000 characters.
    #[serde(default)]
    #[schema(format = "uri")]
    pub link: Option<String>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new statement; an empty one removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The new party or list; an empty one removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// The new vision; an empty one removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vision: Option<String>,
    /// The new programme; an empty one removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// The new link; an empty one removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The new place on the ballot, as a number that is compared with those of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_order: Option<i32>,
    /// The new place among those who stand in this contest: 1 is the first, and any number behind the last one is the last. The others
    /// make room. Not beside `display_order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
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
    /// Their statement: what voters read below the name.
    pub description: Option<String>,
    /// Their party or list.
    pub party: Option<String>,
    /// What they want to achieve.
    pub vision: Option<String>,
    /// What they want to do.
    pub programme: Option<String>,
    /// A page of their own, with http or https.
    pub link: Option<String>,
    /// Their picture, if there is one: a JPEG of at most 1,200 pixels a side.
    pub photo_url: Option<String>,
    /// The same as a square of 192 pixels.
    pub thumbnail_url: Option<String>,
    /// Their programme as a PDF, if there is one.
    pub programme_file_url: Option<String>,
    /// Place on the ballot.
    pub display_order: i32,
    /// `stands`; or `option` of a motion and `none_of_the_above`, which come and go with the rule of the contest.
    pub standing: String,
}

/// Body of `PUT /api/admin/candidates/{id}/photo`, `multipart/form-data`.
#[derive(ToSchema)]
pub struct PhotoForm {
    /// A JPEG, PNG or WebP file of at most 5 MB and 25 million pixels. What kind it is, its bytes decide. Of a moving picture the
    /// first one is taken.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// Body of `PUT /api/admin/candidates/{id}/programme-file`, `multipart/form-data`.
#[derive(ToSchema)]
pub struct ProgrammeFileForm {
    /// A PDF of at most 5 MB.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

/// Body of `POST /api/admin/elections/{id}/draw-order`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawOrder {
    /// The contest whose candidates are put in order.
    pub contest_id: i64,
}

/// An order that was drawn. Anybody can draw it again: the lot of a candidate is SHA-256 over the seed (32 bytes) and their number (8 bytes,
/// big endian), and the smallest lot comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderDrawn {
    /// The contest.
    pub contest_id: i64,
    /// What the lots were drawn from: 32 random bytes in hexadecimal.
    pub seed: String,
    /// The candidates in their new order.
    pub candidates: Vec<i64>,
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
    #[schema(format = "email")]
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
    /// Needed while voting is open, and for nothing else: why this voter comes late, up to 1,000 characters. Every voter of the
    /// election can read it, so it names nobody.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Body of `PUT /api/admin/voters/{id}`. What is absent stays as it is; an empty text removes one that may be absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoterChange {
    /// The right address. The link that went to the wrong one dies, both addresses are told, and a new link goes out when one
    /// had been sent; whoever has voted gets the notice that a ballot was recorded instead. The answer is the same for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// As mails greet them, up to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// As mails greet them, up to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The number on the student card, up to 64 characters; one number is one voter.
    /// From the activation on it can be changed, and not be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student_id: Option<String>,
    /// Year, class or section, up to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
}

/// What became of the newest mail by which the organiser had a voter sent a link. Reminders do not count: who gets one has not
/// voted, and that is not to be seen here. Nor do mails that voters asked for themselves. Once voting has ended it is `forgotten`
/// for everybody: a mail that was tried again, or sent to another address, would tell that its voter cannot have voted before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailState {
    /// One of: `none` (no mail yet), `queued`, `deferred` (tried again), `sent`, `refused`, `forgotten`.
    pub status: MailStatus,
    /// When `deferred` or `refused`: what the mail server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// With `reason`: which sentence it is, stable, for programs and for other languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// With `reason`: what stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HashMap<String, Value>>)]
    pub params: Option<Params>,
}

impl MailState {
    /// The state, with its reason if there is one.
    #[must_use]
    pub fn new(status: MailStatus, reason: Option<Message>) -> Self {
        let notice = reason.map(Notice::from);
        let code = notice.as_ref().map(|notice| notice.code.clone());
        let params = notice.as_ref().map(|notice| notice.params.clone());
        Self { status, reason: notice.map(|notice| notice.message), code, params }
    }
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailStatus {
    /// No link was made.
    None,
    /// Waits to be sent.
    Queued,
    /// Refused for now.
    Deferred,
    /// Taken by the mail server.
    Sent,
    /// Refused for good.
    Refused,
    /// Voting has ended.
    Forgotten,
}

/// An entry of the roll. Whether they have voted is deliberately not here, nor anything from which it follows: no link that they asked
/// for themselves, no reminder, and not whether they want reminders. Turnout is shown as a number only.
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
    /// Whether the organiser had a voting link sent to them; `null` once voting has ended, when that is not known any more.
    pub link_sent: Option<bool>,
    /// What became of the mail with it.
    pub mail: MailState,
}

/// Which part of which roll.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VotersOf {
    /// The election.
    pub election_id: i64,
    /// How many voters at the most: 1 to 1000, 100 by default.
    pub limit: Option<i64>,
    /// Only voters after this number.
    pub after: Option<i64>,
    /// Only voters whose mail with the link is in this state: `refused` finds the wrong addresses.
    #[param(inline)]
    pub mail: Option<MailStatus>,
    /// Only voters with this in their address, names or student number, upper or lower case.
    pub search: Option<String>,
}

impl VotersOf {
    /// The page alone.
    #[must_use]
    pub fn paging(&self) -> Paging {
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
    /// `all` (the default) imports all lines or none, `skip` imports the good lines.
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
    /// A CSV file (comma, semicolon or tab; UTF-8 or Windows-1252) or an XLSX file; at most 20 MB and 200,000 lines. The first line
    /// names the columns: `email`, and if you like `first_name`, `last_name`, `student_id`, `cohort`, in any order. Of an XLSX file
    /// the first visible sheet that has these is read.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// Needed while voting is open: why these voters come late. Every voter of the election can read it.
    pub reason: Option<String>,
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
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl LineError {
    /// This is wrong on that line of a file.
    #[must_use]
    pub fn new(line: u64, wrong: FieldError) -> Self {
        let FieldError { field, message, code, params } = wrong;
        Self { line, field, message, code, params }
    }
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
    /// Of a spreadsheet file: the sheet that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Other sheets of a spreadsheet file; nothing of them was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_sheets: Vec<String>,
    /// Whether this is only a report.
    pub dry_run: bool,
}

/// Body of `POST /api/admin/elections/{id}/voter-imports`, `multipart/form-data`.
#[derive(ToSchema)]
pub struct PreviewForm {
    /// The file, as for `POST /api/admin/voters/bulk`.
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// `none` for lines that people have typed: there is no line with the names of the columns, and each line is an address, or an
    /// address, first name, last name, student number and cohort. A spreadsheet file always names its columns.
    pub header: Option<String>,
}

/// What becomes of a line when the import is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LineKind {
    /// A voter is added.
    New,
    /// Nothing: the address stands on an earlier line or on the roll already. No error.
    Duplicate,
    /// Nothing: the line has an error.
    Rejected,
}

/// How many lines of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineCounts {
    /// Voters who would be added.
    pub new: u64,
    /// Lines whose address stands on an earlier line or on the roll already.
    pub duplicates: u64,
    /// Lines with an error.
    pub rejected: u64,
}

/// A file of voters that waits to be confirmed. Nothing of it is on the roll.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoterImport {
    /// Its number.
    pub import_id: Uuid,
    /// The election whose roll it is for.
    pub election_id: i64,
    /// What would become of its lines, with the roll as it was at the upload.
    pub counts: LineCounts,
    /// The first 1,000 errors in the order of the lines; a line can have several. All of them are in `rejected.csv`.
    pub errors: Vec<LineError>,
    /// Of a spreadsheet file: the sheet that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Columns of the file that mean nothing here.
    pub ignored_columns: Vec<String>,
    /// Other sheets of a spreadsheet file; nothing of them was read.
    pub ignored_sheets: Vec<String>,
    /// When the file came.
    pub uploaded_at: DateTime<Utc>,
    /// When its lines are deleted, if nobody has confirmed or discarded them: an hour after the upload.
    pub expires_at: DateTime<Utc>,
}

/// Which part of the lines of an import.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportLinesOf {
    /// Only lines of this kind.
    #[param(inline)]
    pub kind: Option<LineKind>,
    /// How many lines at the most: 1 to 1000, 100 by default.
    pub limit: Option<i64>,
    /// Only lines after this one.
    pub after: Option<i64>,
}

impl ImportLinesOf {
    /// The page alone.
    #[must_use]
    pub fn paging(&self) -> Paging {
        Paging { limit: self.limit, after: self.after }
    }
}

/// A line of a file that waits to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportLine {
    /// Its number as an editor or a spreadsheet program counts; the header is mostly line 1.
    pub line: u64,
    /// What becomes of it.
    pub kind: LineKind,
    /// What stands in it. Of a line that is not `new`, at most 300 characters of each cell, with U+FFFD for control characters.
    pub cells: LineCells,
    /// Why the line is not a new one.
    pub reasons: Vec<FieldError>,
}

/// The cells of a line by the columns that mean something; empty ones and missing ones are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineCells {
    /// Where the link would go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// As mails greet them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// As mails greet them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The number on the student card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student_id: Option<String>,
    /// Year, class or section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
}

/// Answer of `GET /api/admin/elections/{id}/mails`: what the organiser had sent to voters, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ElectionMails {
    /// How many voters there are whose mail with the link is in each state.
    pub voters: MailCounts,
    /// What is being sent to many at the moment.
    pub under_way: Vec<MailingKind>,
    /// What was sent to many, the newest first, at most 100.
    pub sent: Vec<SentMailing>,
}

/// Voters by what became of the mail with their link. [`MailState`] says what counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailCounts {
    /// No link was made.
    pub none: u64,
    /// Waits to be sent.
    pub queued: u64,
    /// Refused for now.
    pub deferred: u64,
    /// Taken by the mail server.
    pub sent: u64,
    /// Refused for good.
    pub refused: u64,
    /// Voting has ended, and it is not known any more: all voters, or none.
    pub forgotten: u64,
}

impl MailCounts {
    /// Everybody on the roll.
    #[must_use]
    pub const fn roll(&self) -> u64 {
        self.none + self.queued + self.deferred + self.sent + self.refused + self.forgotten
    }
}

/// What is sent to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailingKind {
    /// First links.
    Invitation,
    /// Fresh links to who has not voted.
    Reminder,
}

/// A sending to many that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SentMailing {
    /// What was sent.
    pub kind: MailingKind,
    /// To how many voters; absent of reminders, of which it would say how many had not voted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voters: Option<u64>,
    /// When the last mail of it was made.
    pub ended_at: DateTime<Utc>,
}

/// Answer of `POST /api/admin/elections/{id}/test-mail`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestMailQueued {
    /// Where it goes: the organiser's own address.
    pub recipient: String,
    /// How many more can be sent within the hour.
    pub left: u64,
}

/// Answer of `GET /api/admin/elections/{id}/mail-preview`: the mail with the link as voters get it, with a name and a link that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailPreview {
    /// Its subject.
    pub subject: String,
    /// Its text, in lines of at most 76 characters but for links.
    pub text: String,
}

/// Body of `POST /api/admin/elections/{id}/voter-imports/{import_id}/confirm`: none, or why the voters come late.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmImport {
    /// Needed while voting is open, and for nothing else: why these voters come late, up to 1,000 characters. Every voter of the
    /// election can read it, so it names nobody.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What a confirmed import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportConfirmed {
    /// Voters added.
    pub imported: u64,
    /// Lines whose address was on an earlier line or on the roll by now.
    pub duplicates: u64,
    /// Lines with an error.
    pub rejected: u64,
}

/// Body of `POST /api/admin/elections/{id}/send-voting-links`: none, or which voters.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendLinks {
    /// Without it: voters who were sent no link. `not_voted`: a reminder, with a fresh link, to those who were sent one and have
    /// not voted.
    #[serde(default)]
    pub only: Option<Only>,
}

/// Whom a send is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// Those who have a link and have not voted.
    NotVoted,
}

/// Body of the other sends: none, or an empty object.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Answer of `POST /api/admin/elections/{id}/send-voting-links`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinksQueued {
    /// Voters who get a mail with a link now, because the organiser had none sent to them before. Whether they asked for one
    /// themselves makes no difference.
    pub queued: u64,
    /// Voters to whom the organiser had one sent before.
    pub already_sent: u64,
}

/// Answer of `POST /api/admin/elections/{id}/send-voting-links` with `only: not_voted`. It says no number: how many are reminded says
/// how many have not voted, and of a small roll, or just before and after one person votes, that is a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemindersTaken {
    /// Who is reminded, in words.
    pub message: String,
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
}

impl From<Message> for RemindersTaken {
    fn from(message: Message) -> Self {
        let Notice { message, code, params } = message.into();
        Self { message, code, params }
    }
}

/// Answer of `POST /api/admin/elections/{id}/send-voting-links`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum LinksTaken {
    /// Links to who was sent none.
    Links(LinksQueued),
    /// Reminders.
    Reminders(RemindersTaken),
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

/// Answer of `GET /api/admin/elections/{id}/retention`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retention {
    /// How many days after an election was archived its voters are anonymised.
    pub days: u16,
}

/// Which references of the audit log are meant.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubjectsOf {
    /// `subject_ref` of entries, with commas between them; at most 100.
    pub refs: String,
}

/// Answer of `GET /api/admin/elections/{id}/audit-subjects`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditSubjects {
    /// Those that are known still. None is, once voting has ended.
    pub items: Vec<AuditSubject>,
}

/// The voter behind a reference of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditSubject {
    /// The reference.
    pub subject_ref: Uuid,
    /// The voter's address.
    pub email: String,
    /// As mails greet them.
    pub first_name: Option<String>,
    /// As mails greet them.
    pub last_name: Option<String>,
}
