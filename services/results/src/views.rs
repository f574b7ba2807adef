//! Views of a result by the election's own admin and by superadmins are written to the audit log, at most once in ten minutes for
//! each of them. All other views are only counted.
//!
//! Attack that this prevents: anybody with an account could fill the log of somebody else's election.

use std::convert::Infallible;

use contract::events::{AuditEvent, AuditEventKind};
use database::{Connection, DatabaseError, Failed};
use diesel::sql_types::{BigInt, Bool};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use identity::Caller;
use outbox::{Audited, Outbox};

#[derive(QueryableByName)]
struct Lately {
    #[diesel(sql_type = Bool)]
    logged: bool,
}

/// Logs it, unless it was logged in the last ten minutes.
pub(crate) async fn log(outbox: &Outbox, caller: &Caller, election_id: i64) -> Result<(), DatabaseError> {
    let admin_id = caller.admin_id;
    if logged_lately(&mut *outbox.database().connection().await?, election_id, admin_id).await? {
        return Ok(());
    }
    let event = AuditEvent::now(AuditEventKind::ResultsViewed {}).by(admin_id, caller.ip_address.clone()).to(election_id);
    let logged = outbox.audited("log a view", async move |tx| {
        // The row decides between two requests, and between two copies of this service. A time in the future comes from a clock
        // that was set back, and does not count.
        let noted = sql_query(
            "INSERT INTO result_views AS v (election_id, admin_id, logged_at) VALUES ($1, $2, clock_timestamp()) \
             ON CONFLICT (election_id, admin_id) DO UPDATE SET logged_at = EXCLUDED.logged_at \
             WHERE v.logged_at NOT BETWEEN EXCLUDED.logged_at - interval '10 minutes' AND EXCLUDED.logged_at",
        )
        .bind::<BigInt, _>(election_id)
        .bind::<BigInt, _>(admin_id)
        .execute(tx.connection())
        .await?;
        Ok(if noted == 0 { Audited::unchanged(()) } else { Audited::new((), event.clone()) })
    });
    logged.await.map_err(|failed: Failed<Infallible>| failed.into())
}

/// A cheap check first, so that most requests need no transaction. The INSERT in [`log`] decides.
async fn logged_lately(connection: &mut Connection, election_id: i64, admin_id: i64) -> Result<bool, DatabaseError> {
    let asked = sql_query(
        "SELECT EXISTS (SELECT FROM result_views WHERE election_id = $1 AND admin_id = $2 \
         AND logged_at BETWEEN clock_timestamp() - interval '10 minutes' AND clock_timestamp()) AS logged",
    );
    let Lately { logged } = asked.bind::<BigInt, _>(election_id).bind::<BigInt, _>(admin_id).get_result(connection).await?;
    Ok(logged)
}
