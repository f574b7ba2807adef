//! Which service may tell of what. A stolen key of one service can then not write what only another one knows.

use contract::events::{AuditEvent, Happening};
use contract::problems;
use problem::Problem;

/// The only service that may tell of this. A new kind of event does not compile before somebody decides here.
#[must_use]
pub fn teller(happening: &Happening) -> &'static str {
    match happening {
        Happening::AdminRegistered {}
        | Happening::AdminLoggedIn {}
        | Happening::AdminLoggedOut {}
        | Happening::AccountLocked {}
        | Happening::AccountUnlocked {}
        | Happening::AddressVerified {}
        | Happening::PasswordChanged {}
        | Happening::PasswordReset {}
        | Happening::AdminInvited {}
        | Happening::InvitationRevoked {}
        | Happening::SuperadminMade {} => "auth",
        Happening::ElectionCreated { .. }
        | Happening::ElectionUpdated { .. }
        | Happening::ElectionDeleted { .. }
        | Happening::ElectionActivated { .. }
        | Happening::ElectionScheduled { .. }
        | Happening::ElectionOpened { .. }
        | Happening::OpeningPostponed {}
        | Happening::ClosingTimeMoved { .. }
        | Happening::ElectionClosed { .. }
        | Happening::RecordingResumed { .. }
        | Happening::BoxSealed { .. }
        | Happening::ParticipationRewritten { .. }
        | Happening::BallotsOpened { .. }
        | Happening::ResultsPublished {}
        | Happening::TallyFailed { .. }
        | Happening::TallyRetried { .. }
        | Happening::ElectionArchived {} => "election",
        Happening::CandidateAdded { .. }
        | Happening::CandidateUpdated { .. }
        | Happening::CandidateRemoved { .. }
        | Happening::VoterAdded {}
        | Happening::VotersAddedLate { .. }
        | Happening::VoterCorrected { .. }
        | Happening::VotersImported { .. }
        | Happening::VoterRemoved {}
        | Happening::VotingLinksSent { .. }
        | Happening::VotingLinkResent {}
        | Happening::RemindersSent { .. }
        | Happening::UsedNoticesSent { .. }
        | Happening::ElectionAnonymised { .. }
        | Happening::ResultsLinksSent { .. }
        | Happening::VotersViewed {} => "admin",
        Happening::ResultsViewed {} => "results",
        // `record_ballots` writes it into voting's outbox when it halts an election.
        Happening::RecordingHalted {} => "voting",
        // Audit itself writes these, without a call.
        Happening::AuditLogAccepted { .. } | Happening::AuditViewed {} => "audit",
    }
}

/// Refuses a batch in which `service` tells of something that is another's to tell.
pub fn may_tell(service: &str, events: &[AuditEvent]) -> Result<(), Problem> {
    match events.iter().map(|event| teller(&event.happening)).find(|teller| *teller != service || service == "audit") {
        None => Ok(()),
        Some(teller) => {
            Err(Problem::new(problems::FORBIDDEN, format!("The batch holds an event of {teller}, which {service} may not tell")))
        }
    }
}
