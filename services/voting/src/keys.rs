//! Stamp keys, unwrapped and kept for a moment.
//!
//! That nothing is stamped into a closed box does not rest on this cache: `record_ballots` reads the state of the box under its
//! lock, and refuses a ballot with whatever stamp. But a key whose row is gone ("destroyed when the box is sealed") should not
//! live on in a process, so nothing is kept longer than [`KEPT`], and a `not-open` drops it at once. A dropped key's memory is
//! wiped: the DER by `zeroize`, the engine's own by AWS-LC, which cleanses what it frees.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use crypto::envelope::{self, Kek};
use crypto::stamp::StampPrivateKey;
use database::ReadOnly;
use diesel::{OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use launch::Stopper;
use problem::Problem;

use crate::schema::election_keys;

/// For how long a stamp key is used without asking whether its row is still there.
const KEPT: Duration = Duration::from_secs(60);

/// The stamp keys of open elections.
pub(crate) struct StampKeys {
    kek: Kek,
    kept: Mutex<HashMap<i64, (Instant, Arc<StampPrivateKey>)>>,
}

impl StampKeys {
    /// None are kept yet. [`forget_by_time`] must run beside it.
    pub(crate) fn new(kek: Kek) -> Arc<Self> {
        Arc::new(Self { kek, kept: Mutex::default() })
    }

    /// The stamp key of this election; `None` when it is destroyed or not made yet.
    pub(crate) async fn get(&self, database: &ReadOnly, election_id: i64) -> Result<Option<Arc<StampPrivateKey>>, Problem> {
        if let Some(key) = self.fresh(election_id) {
            return Ok(Some(key));
        }
        let mut connection = database.connection().await?;
        let wrapped = election_keys::table
            .find((election_id, "stamp"))
            .select(election_keys::private_wrapped)
            .get_result::<Vec<u8>>(&mut *connection)
            .await
            .optional()
            .map_err(database::DatabaseError::from)?;
        let Some(wrapped) = wrapped else {
            self.forget(election_id);
            return Ok(None);
        };
        let der = envelope::unwrap(&self.kek, &envelope::stamp_key_purpose(election_id), &wrapped).map_err(|cause| {
            Problem::internal("unwrap a stamp key: is VOTING_KEK_STAMP_FILE the one election wraps with?", &cause)
        })?;
        let key = StampPrivateKey::from_pkcs8_der(&der).map_err(|cause| Problem::internal("read a stamp key", &cause))?;
        let key = Arc::new(key);
        if let Ok(mut kept) = self.kept.lock() {
            kept.insert(election_id, (Instant::now(), key.clone()));
        }
        Ok(Some(key))
    }

    /// Drops the key: the box has said that it is not open.
    pub(crate) fn forget(&self, election_id: i64) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.remove(&election_id);
        }
    }

    fn fresh(&self, election_id: i64) -> Option<Arc<StampPrivateKey>> {
        let kept = self.kept.lock().ok()?;
        kept.get(&election_id).filter(|(since, _)| since.elapsed() < KEPT).map(|(_, key)| key.clone())
    }
}

/// Forgets keys that have been kept for long enough.
pub(crate) async fn forget_by_time(keys: Weak<StampKeys>, stop: Stopper) {
    while !stop.pause(KEPT / 4).await {
        let Some(keys) = keys.upgrade() else { return stop.stopped().await };
        if let Ok(mut kept) = keys.kept.lock() {
            kept.retain(|_, (since, _)| since.elapsed() < KEPT);
        }
    }
}
