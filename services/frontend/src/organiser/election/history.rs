//! What was done with the election, from the audit log.

use actix_web::web;
use contract::Page;
use contract::audit::AuditEntry;
use minijinja::context;

use super::Frame;
use crate::organiser::visit::{Answer, Organiser};

/// The first entries of the log.
pub(crate) async fn show(organiser: Organiser, id: web::Path<i64>) -> Answer {
    let frame = Frame::load(&organiser, *id).await?;
    let Page { items, .. } = organiser.get::<Page<AuditEntry>>("/api/audit", &[("election_id", &id.to_string())]).await?;
    let line =
        |entry: &AuditEntry| context! { name => organiser.time(entry.timestamp, frame.zone()), value => &entry.event_type };
    let rows: Vec<_> = items.iter().map(line).collect();
    frame.page(&organiser, 200, None, "admin_history.html", context! { rows })
}
