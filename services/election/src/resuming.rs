//! `uvote-election resume-election ID REASON`: lets an election take ballots again that was halted because its box was found rewound
//! (ADR 0014). A command and no call of the API: whoever does it has to look at the database, its replicas and backups first.
//! Every voter reads that it was done, and why.

use contract::events::{AuditEvent, AuditEventKind};
use database::Failed;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use domain::amendment::Reason;
use outbox::{Audited, Outbox};

/// Why the election was not resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotResumed {
    /// No such number.
    #[error("there is no election {0}; nothing was changed")]
    Unknown(i64),
    /// It takes no ballots anyway.
    #[error("election {0} is not active, so it takes no ballots anyway; nothing was changed")]
    NotActive(i64),
    /// There is nothing to resume.
    #[error(
        "election {0} is not marked as halted; nothing was changed. If voting's /ready names it all the same, somebody removed the mark: \
         the next ballot that is cast is refused and sets it again, and then this command works"
    )]
    NotHalted(i64),
}

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    outcome: String,
}

pub(crate) async fn resume(outbox: &Outbox, election_id: i64, reason: &Reason) -> Result<(), Box<dyn std::error::Error>> {
    let why = reason.as_str().to_owned();
    let resumed = outbox
        .audited("resume recording", async move |tx| {
            let asked = diesel::sql_query("SELECT resume_recording($1, $2) AS outcome");
            let asked = asked.bind::<BigInt, _>(election_id).bind::<Text, _>(&why);
            let Answer { outcome } = asked.get_result(tx.connection()).await?;
            match outcome.as_str() {
                "resumed" => {
                    let event = AuditEvent::now(AuditEventKind::RecordingResumed { reason: why.clone() });
                    Ok(Audited::new((), event.to(election_id)))
                }
                "not-active" => Err(Failed::Refused(NotResumed::NotActive(election_id))),
                "not-halted" => Err(Failed::Refused(NotResumed::NotHalted(election_id))),
                _ => Err(Failed::Refused(NotResumed::Unknown(election_id))),
            }
        })
        .await;
    match resumed {
        Ok(()) => Ok(()),
        Err(Failed::Refused(refused)) => Err(refused.into()),
        Err(Failed::Database(cause)) => Err(cause.into()),
    }
}
