//! "Your right to vote was used": after the close each voter whose right was used gets this mail, so that a voter who did not vote
//! learns that somebody else used their right. The mails are in random order, because the close deletes the order of votes
//! (promise 3 of ARCHITECTURE.md).
//!
//! Every process looks for elections without these mails. The process that inserts the election into `used_notices` queues the
//! mails, in the same transaction.

use std::convert::Infallible;
use std::time::Duration;

use contract::email::{Local, Mail, UsedNotice};
use contract::events::{AuditEvent, AuditEventKind};
use database::{DatabaseError, Failed};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use launch::{Stopper, repeat};
use outbox::{Audited, Outbox, new_envelope};

use crate::links::Recipient;
use crate::mailing::greeting;
use crate::schema::{elections, tallies, used_notices, voters, voting_tokens};

/// Nobody waits for these mails.
const POLL: Duration = Duration::from_secs(3);

diesel::define_sql_function! {
    /// A fresh random number for every row.
    fn random() -> Double;
}

/// Every few seconds.
pub(crate) async fn run(outbox: Outbox, stop: Stopper) {
    repeat(&stop, POLL, "queueing notices", async || queue_due_notices(&outbox).await).await;
}

async fn queue_due_notices(outbox: &Outbox) -> Result<(), DatabaseError> {
    let mut connection = outbox.database().connection().await?;
    let told = used_notices::table.filter(used_notices::election_id.eq(elections::election_id));
    // Only when the roll is rewritten: a notice before it would stand in the numbers, and in the order, of while voting was open.
    let rewritten = ["rewritten", "opening", "opened"];
    let due: Vec<(i64, String, String, String)> = elections::table
        .inner_join(tallies::table)
        .filter(tallies::state.eq_any(rewritten).or(tallies::failed_in.eq_any(rewritten)))
        .filter(elections::anonymised_at.is_null())
        .filter(not(exists(told)))
        .order(elections::election_id)
        .select((elections::election_id, elections::title, elections::locale, elections::timezone))
        .load(&mut connection)
        .await?;
    drop(connection);
    for (election_id, title, locale, timezone) in due {
        queue_notices(outbox, election_id, title, Local { locale, timezone }).await?;
    }
    Ok(())
}

async fn queue_notices(outbox: &Outbox, election_id: i64, title: String, local: Local) -> Result<(), DatabaseError> {
    let told = outbox.audited("send used notices", async move |tx| {
        let first = diesel::insert_into(used_notices::table)
            .values(used_notices::election_id.eq(election_id))
            .on_conflict_do_nothing()
            .execute(tx.connection())
            .await?;
        if first == 0 {
            return Ok(Audited::unchanged(()));
        }
        let used: Vec<Recipient> = voters::table
            .inner_join(voting_tokens::table.on(voting_tokens::voter_id.eq(voters::voter_id)))
            .filter(voters::election_id.eq(election_id))
            .filter(voting_tokens::election_id.eq(election_id))
            .filter(voting_tokens::is_used.eq(true))
            .order(random())
            .select(Recipient::as_select())
            .load(tx.connection())
            .await?;
        let queued = i64::try_from(used.len()).unwrap_or(i64::MAX);
        for voter in used {
            let notice = UsedNotice {
                voter_name: greeting(voter.first_name, voter.last_name),
                election_title: title.clone(),
                spent_code: hex::encode(voter.spend_id),
            };
            tx.queue_mail(&new_envelope(Some((election_id, local.clone())), voter.email, Mail::UsedNotice(notice)));
        }
        Ok(Audited::new((), AuditEvent::now(AuditEventKind::UsedNoticesSent { queued }).to(election_id)))
    });
    told.await.map_err(|failed: Failed<Infallible>| failed.into())
}
