//! Which process is closing an election. The lease only saves work: each step itself makes sure that it is not done twice.

use database::{DatabaseError, TextColumn};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::election::TallyState;
use outbox::Unaudited;

use crate::closing::Closing;

/// After this time without a renewal another process may take the lease. Every step renews it; the longest step, rewriting a roll
/// of 100,000 voters, takes a few seconds.
const LEASE_SECONDS: i32 = 10;

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = Text)]
    state: TextColumn<TallyState>,
}

impl Closing {
    /// Takes or renews the lease; `None` while another process holds it.
    pub(crate) async fn claim(&self, election_id: i64) -> Result<Option<TallyState>, DatabaseError> {
        let mut connection = self.outbox.unaudited(Unaudited::Progress).connection().await?;
        let claimed: Option<Claimed> = diesel::sql_query(
            // Whoever is at a long step holds the row, also when the lease has run out meanwhile: nobody waits for it.
            "UPDATE tallies SET lease_holder = $2, lease_until = clock_timestamp() + make_interval(secs => $3) \
             WHERE election_id = (SELECT t.election_id FROM tallies t WHERE t.election_id = $1 \
                 AND (t.lease_holder = $2 OR t.lease_until IS NULL OR t.lease_until < clock_timestamp()) FOR NO KEY UPDATE SKIP LOCKED) \
             RETURNING state",
        )
        .bind::<BigInt, _>(election_id)
        .bind::<SqlUuid, _>(self.process)
        .bind::<Integer, _>(LEASE_SECONDS)
        .get_result(&mut connection)
        .await
        .optional()?;
        Ok(claimed.map(|row| *row.state))
    }

    pub(crate) async fn release(&self, election_id: i64) -> Result<(), DatabaseError> {
        let mut connection = self.outbox.unaudited(Unaudited::Progress).connection().await?;
        diesel::sql_query(
            "UPDATE tallies SET lease_holder = NULL, lease_until = NULL WHERE election_id = $1 AND lease_holder = $2",
        )
        .bind::<BigInt, _>(election_id)
        .bind::<SqlUuid, _>(self.process)
        .execute(&mut connection)
        .await?;
        Ok(())
    }
}
