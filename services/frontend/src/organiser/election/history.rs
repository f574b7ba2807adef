//! What was done with the election, from the audit log, in sentences.
//!
//! Organisers are named by the address of their account. A voter is named as long as the admin service still knows who is meant, which ends
//! with the close; never in a file, which would keep the name for longer.

use std::collections::{HashMap, VecDeque};

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use contract::Page;
use contract::admin::{AuditSubject, AuditSubjects};
use contract::audit::AuditEntry;
use contract::events::{AuditEventKind, NotOpened};
use messages::{Language, Message, Zone, local, say};
use minijinja::context;
use minijinja::value::Value;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::Frame;
use crate::csv;
use crate::organiser::form::Form;
use crate::organiser::visit::{Answer, Organiser};

/// Entries on one page.
const ROWS: &str = "50";
/// Entries of one question for a file.
const ROWS_OF_A_FILE: &str = "1000";

/// Which part of the history.
#[derive(Default, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    before: Option<i64>,
}

/// What entries are about, as they are chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Preparation,
    Voters,
    Mails,
    Voting,
    Count,
    Looks,
    /// Accounts, and what is done to the log: of no election.
    Elsewhere,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Preparation, "preparation"),
    (Kind::Voters, "voters"),
    (Kind::Mails, "mails"),
    (Kind::Voting, "voting"),
    (Kind::Count, "count"),
    (Kind::Looks, "looks"),
];

impl Kind {
    fn name(self) -> Message {
        match self {
            Self::Preparation => say!(history_preparation),
            Self::Voters => say!(history_voters),
            Self::Mails => say!(history_mails),
            Self::Voting => say!(history_voting),
            Self::Count => say!(history_count),
            Self::Looks => say!(history_looks),
            Self::Elsewhere => say!(history_everything),
        }
    }

    /// Of which kind an event is, by its name.
    fn of(event_type: &str) -> Self {
        match event_type {
            "election_created" | "election_copied" | "election_updated" | "election_deleted" | "candidate_added"
            | "candidate_updated" | "candidate_removed" | "candidates_drawn" | "test_mail_sent" => Self::Preparation,
            "voter_added"
            | "voters_imported"
            | "voter_removed"
            | "voter_corrected"
            | "voters_added_late"
            | "election_anonymised" => Self::Voters,
            "voting_links_sent" | "voting_link_resent" | "reminders_sent" | "used_notices_sent" | "results_links_sent" => {
                Self::Mails
            }
            "election_activated"
            | "election_scheduled"
            | "election_opened"
            | "opening_postponed"
            | "closing_time_moved"
            | "election_closed"
            | "recording_halted"
            | "recording_resumed"
            | "candidate_withdrawn" => Self::Voting,
            "box_sealed"
            | "participation_rewritten"
            | "ballots_opened"
            | "results_published"
            | "tally_failed"
            | "tally_retried"
            | "election_archived" => Self::Count,
            "voters_viewed" | "results_viewed" | "audit_viewed" => Self::Looks,
            _ => Self::Elsewhere,
        }
    }

    /// The names of its events.
    fn events(self) -> String {
        let names = AuditEventKind::NAMES.iter().copied().filter(|name| Self::of(name) == self);
        names.collect::<Vec<_>>().join(",")
    }
}

/// The history, newest first, page by page.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>, part: Option<web::Query<Part>>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let Part { kind, before } = part.map(web::Query::into_inner).unwrap_or_default();
    let chosen = KINDS.iter().find(|(_, name)| *name == kind).map(|(kind, _)| *kind);
    let Page { items, next } = read(&organiser, *id, chosen, before, ROWS).await?;
    let subjects = subjects(&organiser, *id, &items).await?;
    let rows: Vec<Value> = items.iter().map(|entry| row(&organiser, &frame, entry, &subjects)).collect();
    let everything = context! { value => "", text => organiser.say(say!(history_everything)) };
    let kinds = KINDS.iter().map(|(kind, name)| context! { value => *name, text => organiser.say(kind.name()) });
    let values = context! {
        form => Form::default().with("kind", &kind).shown(organiser.language),
        kinds => std::iter::once(everything).chain(kinds).collect::<Vec<_>>(),
        rows,
        next,
        kind => chosen.map_or("", |_| kind.as_str()),
        is_first => before.is_none(),
    };
    frame.page(&organiser, 200, None, "admin_history.html", values)
}

async fn read(
    organiser: &Organiser,
    election_id: i64,
    kind: Option<Kind>,
    before: Option<i64>,
    rows: &str,
) -> Result<Page<AuditEntry>, actix_web::Error> {
    let (id, before, events) = (election_id.to_string(), before.map(|before| before.to_string()), kind.map(Kind::events));
    let mut query = vec![("election_id", id.as_str()), ("newest", "true"), ("limit", rows)];
    query.extend(before.as_deref().map(|before| ("after", before)));
    query.extend(events.as_deref().map(|events| ("event_type", events)));
    organiser.get("/api/audit", &query).await
}

/// The voters that entries are about, as far as they are known. Without an answer nobody is named.
async fn subjects(
    organiser: &Organiser,
    election_id: i64,
    entries: &[AuditEntry],
) -> Result<HashMap<Uuid, String>, actix_web::Error> {
    let refs: Vec<String> = entries.iter().filter_map(|entry| entry.subject_ref).map(|subject| subject.to_string()).collect();
    if refs.is_empty() {
        return Ok(HashMap::new());
    }
    let path = format!("/api/admin/elections/{election_id}/audit-subjects");
    let request = organiser.request(Method::GET, &path).query(&[("refs", refs.join(","))]);
    let AuditSubjects { items } = organiser.answer(request).await?.unwrap_or_default();
    let name = |subject: AuditSubject| {
        let names: Vec<String> = [subject.first_name, subject.last_name].into_iter().flatten().collect();
        let name = if names.is_empty() { subject.email } else { format!("{} ({})", names.join(" "), subject.email) };
        (subject.subject_ref, name)
    };
    Ok(items.into_iter().map(name).collect())
}

fn row(organiser: &Organiser, frame: &Frame, entry: &AuditEntry, subjects: &HashMap<Uuid, String>) -> Value {
    let about = entry.subject_ref.map(|subject| match subjects.get(&subject) {
        Some(name) => say!(history_voter, name = name),
        None => say!(history_voter_forgotten),
    });
    context! {
        number => entry.log_id,
        when => organiser.time(entry.timestamp, frame.zone()),
        who => organiser.say(who(entry)),
        from => entry.ip_address.as_ref().map(|address| organiser.say(say!(history_from, address = address))),
        what => organiser.say(sentence(entry, frame.zone(), organiser.language)),
        about => about.map(|about| organiser.say(about)),
    }
}

fn who(entry: &AuditEntry) -> Message {
    match (&entry.admin_email, entry.admin_id) {
        (Some(email), _) => Message::verbatim(email),
        (None, Some(number)) => say!(history_organiser, number = number),
        (None, None) => say!(history_system),
    }
}

/// An entry in a sentence. One of a later version, or whose details are not those that its event has, is named by its kind.
fn sentence(entry: &AuditEntry, zone: Zone, language: Language) -> Message {
    let told = json!({ "event_type": entry.event_type, "details": entry.details });
    match serde_json::from_value::<AuditEventKind>(told) {
        Ok(kind) => sentence_of(kind, zone, language),
        Err(_) => say!(event_unknown, kind = &entry.event_type),
    }
}

/// What every event says. There is no other arm: a new event does not compile without its sentence.
#[allow(clippy::too_many_lines, reason = "one arm for each event")]
fn sentence_of(kind: AuditEventKind, zone: Zone, language: Language) -> Message {
    use AuditEventKind as E;
    match kind {
        E::AdminRegistered {} => say!(event_admin_registered),
        E::AdminLoggedIn {} => say!(event_admin_logged_in),
        E::AdminLoggedOut {} => say!(event_admin_logged_out),
        E::AccountLocked {} => say!(event_account_locked),
        E::AccountUnlocked {} => say!(event_account_unlocked),
        E::AddressVerified {} => say!(event_address_verified),
        E::PasswordChanged {} => say!(event_password_changed),
        E::PasswordReset {} => say!(event_password_reset),
        E::AdminInvited {} => say!(event_admin_invited),
        E::InvitationRevoked {} => say!(event_invitation_revoked),
        E::SuperadminMade {} => say!(event_superadmin_made),
        E::ElectionCreated { title } => say!(event_election_created, title = title),
        E::ElectionCopied { title, copied_from, candidates } => {
            say!(event_election_copied, title = title, copied_from = copied_from, candidates = candidates)
        }
        E::ElectionUpdated { changed } => {
            let members: Vec<String> = changed.iter().map(|name| member(name).on_page(language)).collect();
            say!(event_election_updated, members = members.join(", "))
        }
        E::ElectionDeleted { title } => say!(event_election_deleted, title = title),
        E::ElectionActivated { contests, candidates, .. } => {
            say!(event_election_activated, contests = contests, candidates = candidates)
        }
        E::ElectionScheduled { contests, candidates, opens_at, .. } => {
            say!(event_election_scheduled, contests = contests, candidates = candidates, time = local(opens_at, zone))
        }
        E::ElectionOpened { links_unsent: 0 } => say!(event_election_opened),
        E::ElectionOpened { links_unsent } => say!(event_election_opened_unsent, voters = links_unsent),
        E::OpeningPostponed { cause: NotOpened::EmptyRoll } => say!(event_opening_postponed_roll),
        E::OpeningPostponed { cause: NotOpened::EndPassed } => say!(event_opening_postponed_end),
        E::ClosingTimeMoved { from, to, reason } => {
            say!(event_closing_time_moved, from = local(from, zone), to = local(to, zone), reason = reason)
        }
        E::ElectionClosed { ballots, .. } => say!(event_election_closed, ballots = ballots),
        E::RecordingHalted {} => say!(event_recording_halted),
        E::RecordingResumed { reason } => say!(event_recording_resumed, reason = reason),
        E::BoxSealed { ballots, roll, .. } => say!(event_box_sealed, ballots = ballots, roll = roll),
        E::ParticipationRewritten { used_rights, .. } => say!(event_participation_rewritten, used = used_rights),
        E::BallotsOpened { ballots, invalid } => say!(event_ballots_opened, ballots = ballots, invalid = invalid),
        E::ResultsPublished {} => say!(event_results_published),
        E::TallyFailed { reason, .. } => say!(event_tally_failed, reason = reason),
        E::TallyRetried { .. } => say!(event_tally_retried),
        E::ElectionArchived {} => say!(event_election_archived),
        E::CandidateWithdrawn { name, reason, .. } => say!(event_candidate_withdrawn, name = name, reason = reason),
        E::CandidateAdded { name, .. } => say!(event_candidate_added, name = name),
        E::CandidateUpdated { name, .. } => say!(event_candidate_updated, name = name),
        E::CandidateRemoved { name, .. } => say!(event_candidate_removed, name = name),
        E::CandidatesDrawn { seed, candidates, .. } => say!(event_candidates_drawn, candidates = candidates.len(), seed = seed),
        E::VoterAdded {} => say!(event_voter_added),
        E::VotersAddedLate { count, reason } => say!(event_voters_added_late, voters = count, reason = reason),
        E::VoterCorrected { address: false } => say!(event_voter_corrected),
        E::VoterCorrected { address: true } => say!(event_voter_corrected_address),
        E::VotersImported { imported, duplicates, rejected } => {
            say!(event_voters_imported, imported = imported, duplicates = duplicates, rejected = rejected)
        }
        E::VoterRemoved {} => say!(event_voter_removed),
        E::VotingLinksSent { queued, already_sent } => say!(event_voting_links_sent, queued = queued, before = already_sent),
        E::VotingLinkResent {} => say!(event_voting_link_resent),
        E::RemindersSent {} => say!(event_reminders_sent),
        E::UsedNoticesSent { queued } => say!(event_used_notices_sent, queued = queued),
        E::ResultsLinksSent { queued } => say!(event_results_links_sent, queued = queued),
        E::TestMailSent {} => say!(event_test_mail_sent),
        E::VotersViewed {} => say!(event_voters_viewed),
        E::ElectionAnonymised { voters } => say!(event_election_anonymised, voters = voters),
        E::ResultsViewed {} => say!(event_results_viewed),
        E::AuditLogAccepted { reason, .. } => say!(event_audit_log_accepted, reason = reason),
        E::AuditViewed {} => say!(event_audit_viewed),
    }
}

/// What of an election was changed.
fn member(name: &str) -> Message {
    match name {
        "title" => say!(member_title),
        "description" => say!(member_description),
        "opens_at" => say!(member_opens_at),
        "closes_at" => say!(member_closes_at),
        "locale" => say!(member_locale),
        "timezone" => say!(member_timezone),
        "profile" => say!(member_profile),
        "publish" => say!(member_publish),
        "contests" => say!(member_contests),
        other => Message::verbatim(other),
    }
}

/// The whole history as a table.
pub(crate) async fn table(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let heads = [say!(history_number), say!(history_when), say!(history_who), say!(history_kind_column), say!(history_what)];
    let heads = heads.map(|head| organiser.say(head));
    let begin = format!("{}{}", csv::UTF_8, csv::row(heads.iter().map(String::as_str)));
    let zone = frame.zone();
    let line = move |organiser: &Organiser, entry: &AuditEntry| {
        let (when, who) = (entry.timestamp.to_rfc3339(), organiser.say(who(entry)));
        let what = organiser.say(sentence(entry, zone, organiser.language));
        csv::row([entry.log_id.to_string().as_str(), &when, &who, &entry.event_type, &what])
    };
    file(organiser, *id, "csv", "text/csv; charset=utf-8", begin, line, "").await
}

/// The whole history as the API has it, with the hashes by which it can be checked: one entry on each line.
pub(crate) async fn entries(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let is_first = std::cell::Cell::new(true);
    let line = move |_: &Organiser, entry: &AuditEntry| {
        let before = if is_first.replace(false) { "" } else { ",\n" };
        format!("{before}{}", serde_json::to_string(entry).unwrap_or_default())
    };
    file(organiser, *id, "json", "application/json", "[\n".to_owned(), line, "\n]\n").await
}

/// What a file is made of as it is sent: the organiser whose session asks, where it goes on, and what waits to be sent.
struct Sending<L> {
    organiser: Organiser,
    election_id: i64,
    next: Option<Option<i64>>,
    waiting: VecDeque<String>,
    line: L,
    end: Option<&'static str>,
}

/// A file of the whole history, page by page as it is read: it may be long. The first page is read before the answer begins, so that a
/// refusal is a page. When a later one cannot be read, the file breaks off, and the browser says that it is not whole.
async fn file<L: Fn(&Organiser, &AuditEntry) -> String + 'static>(
    organiser: Organiser,
    election_id: i64,
    ending: &str,
    kind: &str,
    begin: String,
    line: L,
    end: &'static str,
) -> Answer {
    let Page { items, next } = read(&organiser, election_id, None, None, ROWS_OF_A_FILE).await?;
    let first: String = std::iter::once(begin).chain(items.iter().map(|entry| line(&organiser, entry))).collect();
    let sending = Sending { organiser, election_id, next: next.map(Some), waiting: [first].into(), line, end: Some(end) };
    let parts = futures_util::stream::try_unfold(sending, async |mut sending: Sending<L>| {
        if let Some(part) = sending.waiting.pop_front() {
            return Ok::<_, actix_web::Error>(Some((web::Bytes::from(part), sending)));
        }
        if let Some(before) = sending.next.take() {
            let Page { items, next } = read(&sending.organiser, sending.election_id, None, before, ROWS_OF_A_FILE).await?;
            sending.next = next.map(Some);
            let part: String = items.iter().map(|entry| (sending.line)(&sending.organiser, entry)).collect();
            return Ok(Some((web::Bytes::from(part), sending)));
        }
        Ok(sending.end.take().map(|end| (web::Bytes::from_static(end.as_bytes()), sending)))
    });
    let answer: HttpResponse =
        csv::download(&format!("election-{election_id}-history.{ending}"), kind).streaming(Box::pin(parts));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind that stands in the log of an election belongs to a group; the others are of no election.
    #[test]
    fn every_event_has_its_place_in_the_filter_or_is_of_no_election() {
        let elsewhere: Vec<&str> =
            AuditEventKind::NAMES.iter().copied().filter(|name| Kind::of(name) == Kind::Elsewhere).collect();
        assert_eq!(
            elsewhere,
            [
                "admin_registered",
                "admin_logged_in",
                "admin_logged_out",
                "account_locked",
                "account_unlocked",
                "address_verified",
                "password_changed",
                "password_reset",
                "admin_invited",
                "invitation_revoked",
                "superadmin_made",
                "audit_log_accepted"
            ]
        );
        assert!(KINDS.iter().all(|(kind, _)| !kind.events().is_empty()));
    }

    /// Details that fit any event: each reads the members that it has.
    fn entry(event_type: &str) -> AuditEntry {
        let text = "2026-11-20T08:00:00Z";
        let candidates = if event_type == "candidates_drawn" { json!([3, 1, 2]) } else { json!(3) };
        let later = json!({ "already_sent": 1, "voters": 6, "copied_from": 4, "contest_id": 2, "seed": "5eed" });
        let mut entry = json!({
            "log_id": 1, "event_id": Uuid::nil(), "timestamp": text, "source": "election", "event_type": event_type,
            "previous_hash": "", "current_hash": "",
            "details": {
                "title": "T", "changed": ["title", "contests"], "manifest_hash": "", "contests": 2, "candidates": candidates, "opens_at": text,
                "links_unsent": 4, "cause": "empty_roll", "from": text, "to": text, "reason": "R", "stamps": 1, "ballots": 5, "box_hash": "",
                "used_rights": 1, "spent_hash": "", "roll": 9, "withdrawn_hash": "", "halts": 0, "resumptions": 0, "invalid": 0, "step": "grace",
                "candidate_id": 7, "name": "Ann", "count": 2, "address": true, "imported": 1, "duplicates": 2, "rejected": 3, "queued": 8,
            },
        });
        entry["details"].as_object_mut().unwrap().extend(later.as_object().unwrap().clone());
        serde_json::from_value(entry).unwrap()
    }

    #[test]
    fn every_event_that_a_service_writes_is_a_sentence_in_every_language() {
        for name in AuditEventKind::NAMES {
            let said = sentence(&entry(name), Zone::UTC, Language::English);
            assert!(said.code().starts_with("event-") && said.code() != "event-unknown", "{name}: {}", said.code());
            for language in Language::ALL {
                assert!(language.has(said.code()), "{}: {}", language.tag(), said.code());
                let text = sentence(&entry(name), Zone::UTC, language).on_page(language);
                assert!(text.ends_with(['.', 'R']) && !text.contains('_') && !text.contains('{'), "{name}: {text}");
            }
        }
        let later = sentence(&entry("moon_landed"), Zone::UTC, Language::English);
        assert_eq!(later.to_string(), "Something was done that this page has no words for: moon_landed.");
        let changed = sentence(&entry("election_updated"), Zone::UTC, Language::German).on_page(Language::German);
        assert_eq!(changed, "Geändert: Titel, Fragen.");
    }
}
