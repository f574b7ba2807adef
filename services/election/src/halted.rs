//! Elections that are halted because recorded ballots are missing from their box (ADR 0014): their admins are told. Voting finds it
//! and marks it (`chain_heads.halted_at`), but knows no admin's address; so this service looks for marks, once a second.
//!
//! Each halt is told of once, also one whose election is closed before anybody looked: `chain_heads.halt_told_at` is the mark that
//! was told of, and it is written together with the mail.

use std::convert::Infallible;

use contract::email::ActionCause;
use database::{Connection, DatabaseError, Failed};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::election::Status;
use messages::{Message, say};
use outbox::Audited;

use crate::closing::Closing;
use crate::notices::action_needed;
use crate::schema::chain_heads;

/// What the admin reads with the election, while it is halted and after a close without a resumption.
pub(crate) fn warning(status: &str) -> Message {
    if status == Status::Active.as_str() { say!(voting_halted) } else { say!(recording_was_halted) }
}

/// Whether recording in this election was halted and not resumed.
pub(crate) async fn is_halted(connection: &mut Connection, election_id: i64) -> Result<bool, DatabaseError> {
    let marked = chain_heads::table.find(election_id).filter(chain_heads::halted_at.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(marked)).get_result(connection).await?)
}

impl Closing {
    /// Writes a mail for each halt of which no admin was told.
    pub(crate) async fn mail_halts(&self) -> Result<(), DatabaseError> {
        let mut connection = self.outbox.database().connection().await?;
        let untold: Vec<i64> = chain_heads::table
            .filter(chain_heads::halted_at.is_not_null())
            .filter(chain_heads::halt_told_at.is_distinct_from(chain_heads::halted_at))
            .select(chain_heads::election_id)
            .order(chain_heads::election_id)
            .load(&mut connection)
            .await?;
        drop(connection);
        let mut trouble = None;
        for election_id in untold {
            self.tell_of_halt(election_id).await.unwrap_or_else(|error| trouble = Some(error));
        }
        trouble.map_or(Ok(()), Err)
    }

    async fn tell_of_halt(&self, election_id: i64) -> Result<(), DatabaseError> {
        let told = self.outbox.audited("tell of a halted election", async move |tx| {
            // The head's row decides which process tells. Somebody who holds it keeps no other election waiting.
            let untold: Option<i64> = chain_heads::table
                .find(election_id)
                .filter(chain_heads::halt_told_at.is_distinct_from(chain_heads::halted_at))
                .filter(chain_heads::halted_at.is_not_null())
                .select(chain_heads::election_id)
                .for_no_key_update()
                .skip_locked()
                .first(tx.connection())
                .await
                .optional()?;
            if untold.is_none() {
                return Ok(Audited::unchanged(()));
            }
            diesel::update(chain_heads::table.find(election_id))
                .set(chain_heads::halt_told_at.eq(chain_heads::halted_at))
                .execute(tx.connection())
                .await?;
            action_needed(tx, election_id, ActionCause::RecordingHalted).await?;
            // Whoever set the mark, `record_ballots`, wrote the event of the halt with it.
            Ok::<_, Failed<Infallible>>(Audited::step(()))
        });
        told.await.map_err(DatabaseError::from)
    }
}
