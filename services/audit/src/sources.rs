//! Which service may send which kind of event. So a stolen key of one service cannot write events of another.

use contract::events::{AuditEvent, AuditEventKind};
use contract::problems;
use messages::say;
use problem::Problem;

/// The only service that may send this kind of event. A new kind does not compile until it is added here.
#[must_use]
pub fn source_of(kind: &AuditEventKind) -> &'static str {
    match kind {
        AuditEventKind::AdminRegistered {}
        | AuditEventKind::AdminLoggedIn {}
        | AuditEventKind::AdminLoggedOut {}
        | AuditEventKind::AccountLocked {}
        | AuditEventKind::AccountUnlocked {}
        | AuditEventKind::AddressVerified {}
        | AuditEventKind::PasswordChanged {}
        | AuditEventKind::PasswordReset {}
        | AuditEventKind::AdminInvited {}
        | AuditEventKind::InvitationRevoked {}
        | AuditEventKind::SuperadminMade {} => "auth",
        AuditEventKind::ElectionCreated { .. }
        | AuditEventKind::ElectionCopied { .. }
        | AuditEventKind::ElectionUpdated { .. }
        | AuditEventKind::ElectionDeleted { .. }
        | AuditEventKind::ElectionActivated { .. }
        | AuditEventKind::ElectionScheduled { .. }
        | AuditEventKind::ElectionOpened { .. }
        | AuditEventKind::OpeningPostponed { .. }
        | AuditEventKind::CandidateWithdrawn { .. }
        | AuditEventKind::ClosingTimeMoved { .. }
        | AuditEventKind::ElectionClosed { .. }
        | AuditEventKind::RecordingResumed { .. }
        | AuditEventKind::BoxSealed { .. }
        | AuditEventKind::ParticipationRewritten { .. }
        | AuditEventKind::BallotsOpened { .. }
        | AuditEventKind::ResultsPublished {}
        | AuditEventKind::TallyFailed { .. }
        | AuditEventKind::TallyRetried { .. }
        | AuditEventKind::ElectionArchived {} => "election",
        AuditEventKind::CandidateAdded { .. }
        | AuditEventKind::CandidateUpdated { .. }
        | AuditEventKind::CandidateRemoved { .. }
        | AuditEventKind::CandidatesDrawn { .. }
        | AuditEventKind::VoterAdded {}
        | AuditEventKind::VotersAddedLate { .. }
        | AuditEventKind::VoterCorrected { .. }
        | AuditEventKind::VotersImported { .. }
        | AuditEventKind::VoterRemoved {}
        | AuditEventKind::VotingLinksSent { .. }
        | AuditEventKind::VotingLinkResent {}
        | AuditEventKind::RemindersSent { .. }
        | AuditEventKind::TestMailSent { .. }
        | AuditEventKind::UsedNoticesSent { .. }
        | AuditEventKind::ElectionAnonymised { .. }
        | AuditEventKind::ResultsLinksSent { .. }
        | AuditEventKind::VotersViewed {} => "admin",
        AuditEventKind::ResultsViewed {} => "results",
        // `record_ballots` writes it into voting's outbox when it halts an election.
        AuditEventKind::RecordingHalted {} => "voting",
        // Audit itself writes these, without a call.
        AuditEventKind::AuditLogAccepted { .. } | AuditEventKind::AuditViewed {} => "audit",
    }
}

/// Refuses a batch with an event that another service must send.
pub fn may_write(service: &str, events: &[AuditEvent]) -> Result<(), Problem> {
    match events.iter().map(|event| source_of(&event.kind)).find(|source_of| *source_of != service || service == "audit") {
        None => Ok(()),
        Some(source_of) => {
            Err(Problem::new(problems::FORBIDDEN, say!(audit_event_of_other_service, source = source_of, service = service)))
        }
    }
}
