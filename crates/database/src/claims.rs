//! Claims of rows that wait in a queue, in equal parts from all elections that have some: while the mails to a large roll wait, those
//! of a small election still leave at once.

use std::sync::atomic::{AtomicI64, Ordering};

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Double};
use diesel_async::RunQueryDsl as _;

use crate::{Database, DatabaseError};

/// A row that this process, and no other, works on until its claim ends.
pub trait Claimed {
    /// The election it belongs to; 0 when it belongs to none.
    fn election(&self) -> i64;
}

/// How a queue is claimed from, and which election had the last turn.
///
/// The statement claims $1 rows at the most, for $3 seconds, with equal parts for all elections, and begins behind election $2: with
/// fewer places than elections all come in their turn.
#[derive(Debug)]
pub struct FairClaims {
    statement: &'static str,
    seconds: f64,
    last_election: AtomicI64,
}

impl FairClaims {
    /// Claims by this statement, each for so many seconds.
    #[must_use]
    pub const fn new(statement: &'static str, seconds: f64) -> Self {
        Self { statement, seconds, last_election: AtomicI64::new(-1) }
    }

    /// Up to `most` rows that are due. What an election does not need of its part goes to the others, and each election's oldest come
    /// first. The claim is committed before anything is done with the rows: no transaction is open meanwhile, and no row lock keeps
    /// other processes waiting.
    ///
    /// # Errors
    /// The database, when nothing was claimed yet.
    pub async fn claim<R>(&self, database: &Database, most: usize) -> Result<Vec<R>, DatabaseError>
    where
        R: Claimed + QueryableByName<Pg> + Send + 'static,
    {
        let mut claimed = Vec::new();
        while claimed.len() < most {
            match self.claim_parts(database, most - claimed.len()).await {
                Ok(more) if more.is_empty() => break,
                Ok(more) => claimed.extend(more),
                Err(error) if claimed.is_empty() => return Err(error),
                // Those that are claimed are worked on, and not kept from others for nothing.
                Err(error) => {
                    tracing::warn!(%error, "the queue cannot be read; fewer are taken in this round");
                    break;
                }
            }
        }
        Ok(claimed)
    }

    async fn claim_parts<R>(&self, database: &Database, most: usize) -> Result<Vec<R>, DatabaseError>
    where
        R: Claimed + QueryableByName<Pg> + Send + 'static,
    {
        let last = AtomicI64::load(&self.last_election, Ordering::Relaxed);
        let mut connection = database.connection().await?;
        let claimed: Vec<R> = diesel::sql_query(self.statement)
            .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
            .bind::<BigInt, _>(last)
            .bind::<Double, _>(self.seconds)
            .load(&mut connection)
            .await?;
        // The election that was served last. If the turns wrapped around, it is the highest number up to the previous one.
        let served = || claimed.iter().map(Claimed::election);
        if let Some(last) = served().filter(|election| *election <= last).max().or(served().max()) {
            self.last_election.store(last, Ordering::Relaxed);
        }
        Ok(claimed)
    }
}
