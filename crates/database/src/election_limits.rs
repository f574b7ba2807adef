//! A limit for each election on how many calls hold a connection (*slots*), so that calls about one election never
//! use up the pool.
//!
//! A call that waits for the lock of an election holds a connection meanwhile. Whoever makes many such calls about one election that
//! something holds for long (a large roll being closed or imported) would take the connections from the calls about all others. So
//! a change asks for a slot before it takes a connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::DatabaseError;

/// Changes of one election that hold a connection at the same time, in one process.
const SLOTS: usize = 2;
/// How long a call waits for a slot. It holds nothing meanwhile.
const WAIT: Duration = Duration::from_secs(1);

type Taken = Arc<Mutex<HashMap<i64, Arc<Semaphore>>>>;

/// The slots of all elections in this process.
#[derive(Debug, Clone, Default)]
pub struct ElectionLimits(Taken);

/// One slot, until it is dropped.
#[derive(Debug)]
pub struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    of: Taken,
    election_id: i64,
}

impl ElectionLimits {
    /// Waits for a slot of this election. Ask first whose election it is: strangers must not take the slots of its organiser.
    ///
    /// # Errors
    /// [`DatabaseError::Locked`] when there was none for a while.
    pub async fn acquire(&self, election_id: i64) -> Result<Slot, DatabaseError> {
        let slots = {
            let mut elections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            elections.entry(election_id).or_insert_with(|| Arc::new(Semaphore::new(SLOTS))).clone()
        };
        // From here on dropping it forgets the election, also when this call is given up while it waits.
        let mut slot = Slot { permit: None, of: self.0.clone(), election_id };
        let permit = tokio::time::timeout(WAIT, slots.acquire_owned()).await;
        slot.permit = Some(permit.ok().and_then(Result::ok).ok_or(DatabaseError::Locked)?);
        Ok(slot)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut elections = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.permit.take());
        // Whoever holds or waits for a slot holds the semaphore too.
        if elections.get(&self.election_id).is_some_and(|slots| Arc::strong_count(slots) == 1) {
            elections.remove(&self.election_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_election_has_two_slots_and_none_is_remembered_without_a_call() {
        let slots = ElectionLimits::default();
        let held = [slots.acquire(1).await.unwrap(), slots.acquire(1).await.unwrap()];
        assert!(matches!(slots.acquire(1).await, Err(DatabaseError::Locked)));
        let other = slots.acquire(2).await.unwrap();
        let waiting = tokio::spawn({
            let slots = slots.clone();
            async move { slots.acquire(1).await }
        });
        tokio::task::yield_now().await;
        let [first, second] = held;
        drop(first);
        let third = waiting.await.unwrap().unwrap();
        drop((second, other));
        assert_eq!(slots.0.lock().unwrap().keys().collect::<Vec<_>>(), [&1]);
        drop(third);
        assert!(slots.0.lock().unwrap().is_empty());
    }
}
