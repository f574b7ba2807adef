//! `POST /api/audit/events`: services send the events of what was done (promise 10), each at least once; each is stored once.
//!
//! A batch is accepted whole or refused whole. An event that cannot be read means that the sending service has another version.
//! If audit stored the other events and dropped this one, nobody would notice the gap. So it refuses the batch; the relay finds the
//! event, raises an alarm and keeps it until both services have the same version.

use actix_web::web::Data;
use contract::audit::Appended;
use contract::events::AuditEvent;
use contract::problems::FieldError;
use identity::CallingService;
use messages::say;
use problem::{Json, Problem};

use crate::chain::ReceivedEvent;
use crate::log::Log;
use crate::sources::may_write;

/// Rows of one INSERT, all under the lock of the log's end. The relay sends 200.
const MOST: usize = 256;

/// Puts events into the log. Only for services, each for its own kinds of events.
#[utoipa::path(post, path = "/api/audit/events", tag = "internal",
    security(("service" = ["admin"]), ("service" = ["auth"]), ("service" = ["election"]), ("service" = ["results"]), ("service" = ["voting"])), request_body = Vec<AuditEvent>,
    responses(
        (status = 200, description = "All of them are in the log", body = Appended),
        (status = 403, description = "An event that is another service's to tell"),
        (status = 422, description = "None, more than 256, or one that cannot be read; nothing was stored"),
    ))]
pub(crate) async fn receive(
    service: CallingService,
    log: Data<Log>,
    events: Json<Vec<AuditEvent>>,
) -> Result<Json<Appended>, Problem> {
    let events = events.into_inner();
    may_write(&service.name, &events)?;
    let received = readable(events)?;
    Ok(Json(log.append(service.name, received).await?))
}

fn readable(events: Vec<AuditEvent>) -> Result<Vec<ReceivedEvent>, Problem> {
    if !(1..=MOST).contains(&events.len()) {
        return Err(Problem::field("body", say!(audit_events_number, events = events.len(), most = MOST)));
    }
    let mut received = Vec::with_capacity(events.len());
    let mut errors = Vec::new();
    for (number, event) in events.into_iter().enumerate() {
        match ReceivedEvent::new(event) {
            Ok(event) => received.push(event),
            Err(unwritable) => errors.push(FieldError::new(format!("[{number}]"), unwritable)),
        }
    }
    if errors.is_empty() { Ok(received) } else { Err(Problem::invalid(errors)) }
}
