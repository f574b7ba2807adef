//! Five failures in a row lock an address for 15 minutes, whether an account has it or not.
//!
//! An attempt is counted *before* its password is looked at, by one statement that PostgreSQL serialises on the row. Counting
//! afterwards would let a thousand guesses sent at once all pass the check "fewer than five" before the first is counted. So
//! each attempt first takes one of five places; success gives all of them back, failure keeps its own, and whoever finds none
//! left is refused before any bcrypt is spent. The price: more than five logins of one account in the very same moment can be
//! refused although the password is right.

use contract::events::{AuditEvent, Happening};
use contract::problems::{self, Kind};
use database::{Connection, Database, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel_async::RunQueryDsl;
use outbox::{Audited, Outbox};
use problem::{Problem, Refusal};

use crate::schema::login_failures;

/// For how many seconds an address is locked.
pub(crate) const LOCK_SECONDS: u32 = 15 * 60;

/// The address is locked.
#[derive(Debug, thiserror::Error)]
#[error("Too many failures in a row: this account is locked. Try again in {} minutes", .seconds.div_ceil(60))]
pub(crate) struct Locked {
    /// For how long still.
    pub(crate) seconds: u32,
}

impl Refusal for Locked {
    fn kind(&self) -> Kind {
        problems::LOCKED
    }

    fn retry_after(&self) -> Option<u32> {
        Some(self.seconds)
    }
}

/// One of the five places.
pub(crate) struct Place {
    /// Nobody comes after it: if it fails, the address is locked.
    pub(crate) is_last: bool,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Integer)]
    failures: i32,
}

#[derive(QueryableByName)]
struct Remaining {
    #[diesel(sql_type = Integer)]
    seconds: i32,
}

/// A lock that has run out begins a new row of five.
const TAKE: &str = "INSERT INTO login_failures AS f (email_key, failures) VALUES ($1, 1)
    ON CONFLICT (email_key) DO UPDATE SET
        failures = CASE WHEN f.locked_until IS NULL THEN f.failures + 1 ELSE 1 END,
        last_failed_at = clock_timestamp(),
        locked_until = CASE WHEN f.locked_until IS NULL AND f.failures >= 4 THEN clock_timestamp() + interval '15 minutes' END
    WHERE f.locked_until IS NULL OR f.locked_until <= clock_timestamp()
    RETURNING failures";

const REMAINING: &str = "SELECT greatest(1, ceil(extract(epoch FROM locked_until - clock_timestamp())))::integer AS seconds
    FROM login_failures WHERE email_key = $1 AND locked_until IS NOT NULL";

/// Takes a place, or says for how long there is none.
pub(crate) async fn take_place(database: &Database, email_key: &str) -> Result<Result<Place, Locked>, DatabaseError> {
    let mut connection = database.connection().await?;
    let taken: Option<Taken> = diesel::sql_query(TAKE).bind::<Text, _>(email_key).get_result(&mut connection).await.optional()?;
    if let Some(Taken { failures }) = taken {
        return Ok(Ok(Place { is_last: failures >= 5 }));
    }
    let remaining: Option<Remaining> =
        diesel::sql_query(REMAINING).bind::<Text, _>(email_key).get_result(&mut connection).await.optional()?;
    let seconds = remaining.and_then(|row| u32::try_from(row.seconds).ok()).unwrap_or(1);
    Ok(Err(Locked { seconds }))
}

/// Gives the place of an attempt back that was never looked at.
pub(crate) async fn give_back(database: &Database, email_key: &str) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    let text = "UPDATE login_failures SET failures = failures - 1, locked_until = NULL WHERE email_key = $1 AND failures > 0";
    diesel::sql_query(text).bind::<Text, _>(email_key).execute(&mut connection).await?;
    Ok(())
}

/// The last place has failed: 15 minutes from now on, and an event. Says whether it is so; a success in the meantime has
/// cleared the row. An address without account gets the same, so that the answer takes the same.
pub(crate) async fn lock(outbox: &Outbox, email_key: String, event: AuditEvent) -> Result<bool, Failed<Problem>> {
    outbox
        .audited("lock an account", async move |tx| {
            let text = "UPDATE login_failures SET locked_until = clock_timestamp() + interval '15 minutes' WHERE email_key = $1 AND failures >= 5";
            let locked = diesel::sql_query(text).bind::<Text, _>(&email_key).execute(tx.connection()).await?;
            Ok(if locked > 0 { Audited::new(true, event.clone()) } else { Audited::unchanged(false) })
        })
        .await
}

/// The event of a lock. The address is not in it: for an unknown one it is anybody's.
pub(crate) fn locked_event(admin_id: Option<i64>, ip_address: Option<String>) -> AuditEvent {
    AuditEvent { admin_id, ip_address, ..AuditEvent::now(Happening::AccountLocked {}) }
}

/// The password was right.
pub(crate) async fn clear(connection: &mut Connection, email_key: &str) -> QueryResult<()> {
    diesel::delete(login_failures::table.find(email_key)).execute(connection).await?;
    Ok(())
}
