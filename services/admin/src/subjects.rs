//! Which voter an audit event is about: a random reference. The reference can be deleted here without changing the log.

use database::Connection;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::election::Election;
use crate::schema::audit_subjects;

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
