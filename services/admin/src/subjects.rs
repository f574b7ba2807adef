//! Which voter an audit event is about: a random reference. The reference can be deleted here without changing the log.

use actix_web::web::{Data, Path};
use contract::admin::{AuditSubject, AuditSubjects, SubjectsOf};
use contract::events::AuditEventKind;
use database::{Connection, DatabaseError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use identity::Caller;
use messages::say;
use problem::{Json, Problem, Query};
use uuid::Uuid;

use crate::election::Election;
use crate::schema::{audit_subjects, voters};
use crate::{State, election};

/// References of one question: as many as entries on a page of the log that somebody looks at.
const MOST_REFS: usize = 100;

/// A fresh reference for this voter, never an older one: the log keeps references for ever, and two entries under one would show,
/// after the close has deleted all of them here, that somebody was corrected and then sent a link again.
pub(crate) async fn refer_to(connection: &mut Connection, election: &Election, voter_id: i64) -> QueryResult<Uuid> {
    let subject_ref = Uuid::new_v4();
    diesel::insert_into(audit_subjects::table)
        .values((
            audit_subjects::subject_ref.eq(subject_ref),
            audit_subjects::election_id.eq(election.election_id),
            audit_subjects::voter_id.eq(voter_id),
            audit_subjects::made_while_active.eq(election.is_active()),
        ))
        .execute(connection)
        .await?;
    Ok(subject_ref)
}

/// The reference under which a voter was added, so that the event of the removal names the same voter. The reference is deleted
/// with the voter's row, so afterwards the log shows that one voter was added and removed, but not who it was.
pub(crate) async fn known_as(connection: &mut Connection, election_id: i64, voter_id: i64) -> QueryResult<Option<Uuid>> {
    let of_voter = audit_subjects::table
        .filter(audit_subjects::election_id.eq(election_id))
        .filter(audit_subjects::voter_id.eq(voter_id))
        .filter(audit_subjects::made_while_active.eq(false));
    of_voter.select(audit_subjects::subject_ref).first(connection).await.optional()
}

/// The voters behind references of the audit log, as long as they are known: the close deletes all references of an election. It is for the
/// organiser, who did what these entries say. That voters were looked at is logged.
#[utoipa::path(get, path = "/api/admin/elections/{id}/audit-subjects", tag = "voters", security(("bearer" = ["owner"])),
    params(("id" = i64, Path, description = "The election"), SubjectsOf),
    responses(
        (status = 200, body = AuditSubjects),
        (status = 422, description = "Something that is no reference, or more than 100")))]
pub(crate) async fn list(
    state: Data<State>,
    caller: Caller,
    id: Path<i64>,
    of: Query<SubjectsOf>,
) -> Result<Json<AuditSubjects>, Problem> {
    let election_id = *id;
    let mut connection = state.database().connection().await?;
    election::to_read_roll(&mut connection, election_id, &caller).await?;
    drop(connection);
    let refs: Result<Vec<Uuid>, _> = of.refs.split(',').map(|text| text.trim().parse()).collect();
    let refs = refs.ok().filter(|refs| refs.len() <= MOST_REFS);
    let refs = refs.ok_or_else(|| Problem::field("refs", say!(audit_references_unreadable, most = MOST_REFS)))?;
    // While a close rewrites the roll, a reader waits, so the number of waiting readers is limited.
    let _slot = state.election_limits.acquire(election_id).await?;
    let mut connection = state.database().connection().await?;
    let known: Vec<(Uuid, String, Option<String>, Option<String>)> = audit_subjects::table
        .inner_join(
            voters::table
                .on(voters::election_id.eq(audit_subjects::election_id).and(voters::voter_id.eq(audit_subjects::voter_id))),
        )
        .filter(audit_subjects::election_id.eq(election_id).and(voters::election_id.eq(election_id)))
        .filter(voters::deleted.eq(false))
        .filter(audit_subjects::subject_ref.eq_any(refs))
        .order(audit_subjects::subject_ref)
        .select((audit_subjects::subject_ref, voters::email, voters::first_name, voters::last_name))
        .load(&mut connection)
        .await
        .map_err(DatabaseError::from)?;
    drop(connection);
    if !known.is_empty() {
        state.outbox.record_event(caller.did(AuditEventKind::VotersViewed {}).to(election_id)).await?;
    }
    let subject = |(subject_ref, email, first_name, last_name)| AuditSubject { subject_ref, email, first_name, last_name };
    Ok(Json(AuditSubjects { items: known.into_iter().map(subject).collect() }))
}
