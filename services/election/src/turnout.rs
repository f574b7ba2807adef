//! Keeps the turnout that is shown until the close (ADR 0020): rounded down to five, and counted again once a minute, for every open
//! election. `refresh_turnout` decides what is due and what may be shown; any number of processes may call it.

use database::DatabaseError;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use outbox::Unaudited;

use crate::closing::Closing;

/// Elections of one look. What is left waits a second, behind the openings and closings that are due.
const AT_ONCE: usize = 100;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Bool)]
    counted: bool,
}

impl Closing {
    /// Counts the turnout of every open election whose shown number is a minute old. Each is a transaction of its own, so that no
    /// import waits for the counting of other elections.
    ///
    /// # Errors
    /// The database; what was counted until then stays.
    pub async fn count_turnouts(&self) -> Result<(), DatabaseError> {
        let mut connection = self.outbox.unaudited(Unaudited::Derived).connection().await?;
        for _ in 0..AT_ONCE {
            let asked = diesel::sql_query("SELECT refresh_turnout() AS counted").get_result(&mut connection);
            let Counted { counted } = asked.await?;
            if !counted {
                break;
            }
        }
        Ok(())
    }
}
