//! The stored result of a published election: a row in the database, so that neither a request nor a restart reads all ballots.
//!
//! Attack: the owner of the database writes a row of their own. The row has a MAC, made with a key that is in a file and not in the
//! database. A row without a valid MAC is ignored, and the election is counted again. The owner can still put back an older row of
//! the same election: its `checked_at` shows how old it is, and the next check replaces it (ADR 0017).
//!
//! Attack: the owner adds a trigger that drops or changes what is written, so that an old verdict stays. Every write is read back.
//! A result that was not stored is shown from memory ([`UnstoredResults`]) and named in `/ready`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use contract::results::Results;
use crypto::mac::MacKey;
use database::{Connection, DatabaseError};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::schema::published_results;

/// Which version of [`Results`] is kept. A new member that readers rely on needs a new number here: rows with the old one have no
/// good tag any more, and are counted again.
const FORMAT: &[u8] = b"published-result/v1";

/// A row of `published_results` with a valid MAC.
#[derive(Debug, Clone)]
pub(crate) struct StoredResult {
    /// [`Results`] as JSON.
    pub(crate) body: Vec<u8>,
    /// When it was last checked.
    pub(crate) checked_at: DateTime<Utc>,
}

/// Why a result is not in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotStored {
    #[error("the database took the row and did not keep it")]
    NotWritten,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Results that this process has counted and the database did not store. They are shown from memory.
#[derive(Default)]
pub(crate) struct UnstoredResults(Mutex<BTreeMap<i64, Results>>);

impl UnstoredResults {
    pub(crate) fn get(&self, election_id: i64) -> Option<Results> {
        self.lock().get(&election_id).cloned()
    }

    pub(crate) fn remember(&self, results: Results) {
        self.lock().insert(results.election_id, results);
    }

    pub(crate) fn forget(&self, election_id: i64) {
        self.lock().remove(&election_id);
    }

    pub(crate) fn elections(&self) -> Vec<i64> {
        self.lock().keys().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<i64, Results>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = published_results)]
struct Row {
    election_id: i64,
    body: Vec<u8>,
    mac: Vec<u8>,
    checked_at: DateTime<Utc>,
}

/// The kept result of an election, if there is one that this installation wrote.
pub(crate) async fn read(
    connection: &mut Connection,
    key: &MacKey,
    election_id: i64,
) -> Result<Option<StoredResult>, DatabaseError> {
    let row: Option<Row> = published_results::table.find(election_id).first(connection).await.optional()?;
    let Some(Row { body, mac, checked_at, .. }) = row else { return Ok(None) };
    if key.verify(&tagged(&election_id.to_be_bytes(), &checked_at.timestamp_micros().to_be_bytes(), &body), &mac) {
        return Ok(Some(StoredResult { body, checked_at }));
    }
    tracing::error!(election_id, "the kept result was not written by this installation; it is counted again");
    metrics::counter!("results_kept_refused_total").increment(1);
    Ok(None)
}

fn tagged<'a>(election_id: &'a [u8; 8], checked_at: &'a [u8; 8], body: &'a [u8]) -> [&'a [u8]; 4] {
    [FORMAT, election_id, checked_at, body]
}

/// Stores a result in place of the old one, and reads it back. The number of written rows proves nothing, because a trigger can
/// write the old row again.
pub(crate) async fn store(connection: &mut Connection, key: &MacKey, results: &Results) -> Result<(), NotStored> {
    let (election_id, checked_at) = (results.election_id, results.integrity.checked_at);
    let body = serde_json::to_vec(results).expect("a result is plain data");
    let mac = key.tag(&tagged(&election_id.to_be_bytes(), &checked_at.timestamp_micros().to_be_bytes(), &body)).to_vec();
    let row = Row { election_id, body, mac, checked_at };
    diesel::insert_into(published_results::table)
        .values(&row)
        .on_conflict(published_results::election_id)
        .do_update()
        .set(&row)
        .execute(connection)
        .await
        .map_err(DatabaseError::from)?;
    let there = read(connection, key, election_id).await?;
    if there.is_some_and(|there| there.body == row.body) { Ok(()) } else { Err(NotStored::NotWritten) }
}
