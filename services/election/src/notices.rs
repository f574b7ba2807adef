//! Mails to the admin of an election, queued in the transaction of the change that they report.

use contract::email::{ActionCause, ActionNeeded, Local, Mail};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use outbox::{AuditedTx, new_envelope};

use crate::schema::{admins, elections};

/// That the election does not go on as it should.
pub(crate) async fn action_needed(tx: &mut AuditedTx<'_>, election_id: i64, cause: ActionCause) -> QueryResult<()> {
    mail_admin(tx, election_id, |election_title| Mail::ActionNeeded(ActionNeeded { election_title, cause })).await
}

/// Queues the mail that `says` makes from the title of the election.
pub(crate) async fn mail_admin(tx: &mut AuditedTx<'_>, election_id: i64, says: impl FnOnce(String) -> Mail) -> QueryResult<()> {
    let (title, locale, timezone, address): (String, String, String, String) = elections::table
        .find(election_id)
        .inner_join(admins::table.on(admins::admin_id.eq(elections::admin_id)))
        .select((elections::title, elections::locale, elections::timezone, admins::email))
        .first(tx.connection())
        .await?;
    tx.queue_mail(&new_envelope(Some((election_id, Local { locale, timezone })), address, says(title)));
    Ok(())
}
