//! The rewind check of ballot boxes: every few seconds this process checks, for each election that it remembers, whether the box
//! still holds what it saw committed (ADR 0014). Without it nobody would find that a ballot was deleted after the last cast: the
//! next call of `record_ballots` comes with the next ballot, and there may be none before the close.
//!
//! It calls `record_ballots` without ballots, so it makes the same check under the same lock, for the time of one call. It has a
//! connection of its own, so the check and new ballots do not wait for each other's connections.
//!
//! It goes on after the close, until it has seen the box once after it was sealed: whoever takes a ballot out in the last seconds is found
//! all the same. From the sealing on the box commitment shows every change. A box whose lock somebody else holds is looked at again soon,
//! and not only in the next round: otherwise whoever takes ballots out could hold the lock from one round to the next.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use database::{Address, DatabaseError};
use tokio::time::MissedTickBehavior;

use super::connection::{self, RecorderConnection, Sent};
use super::memory::Memory;

/// Until a box that was locked is looked at again. The look itself waits for 100 ms.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Connects as the recorder does, under a name of its own.
pub(super) fn configured(address: &Address) -> Address {
    address.with(|config| {
        connection::configured(config);
        config.application_name("voting recorder's look");
    })
}

/// One round after the other, without end; between them the boxes that were locked.
pub(super) async fn at_boxes(address: Address, memory: Arc<Memory>, every: Duration) {
    let (mut connection, mut locked) = (None, Vec::new());
    let mut rounds = tokio::time::interval(every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let ids: HashSet<i64> = tokio::select! {
            biased;
            _ = rounds.tick() => memory.all().into_iter().collect(),
            () = tokio::time::sleep(AGAIN_AFTER), if !locked.is_empty() => locked.drain(..).collect(),
        };
        locked.clear();
        if ids.is_empty() {
            continue;
        }
        let opened = match connection.take().filter(RecorderConnection::is_open) {
            Some(connection) => Ok(connection),
            None => RecorderConnection::open(&address).await,
        };
        match opened {
            Ok(opened) => connection = round(opened, &memory, ids, &mut locked).await,
            Err(cause) => tracing::warn!(%cause, "the recorder cannot reach the database to look at ballot boxes"),
        }
    }
}

/// Looks at each of these boxes that it has not seen sealed. The connection is given back unless something is wrong with it.
async fn round(
    mut connection: RecorderConnection,
    memory: &Memory,
    ids: HashSet<i64>,
    locked: &mut Vec<i64>,
) -> Option<RecorderConnection> {
    // Asked before the look: what was sealed then is looked at as it was sealed.
    let sealed = match connection.sealed(memory.all()).await {
        Ok(sealed) => sealed,
        Err(cause) => return gave_up(&cause),
    };
    let to_look_at = memory.to_look_at(&sealed);
    for election_id in to_look_at.into_iter().filter(|id| ids.contains(id)) {
        let looked = match connection.record(election_id, &[], memory.of(election_id)).await {
            // What others recorded since is remembered too.
            Sent::Committed(_, Some(head)) => {
                memory.committed(election_id, head);
                true
            }
            Sent::Halted { rewound, head } => {
                super::halted(memory, election_id, rewound, head);
                true
            }
            Sent::Locked | Sent::RolledBack(DatabaseError::Repeatable(_)) => {
                locked.push(election_id);
                false
            }
            // There is no such box any more.
            Sent::Committed(_, None) => false,
            Sent::RolledBack(cause) => {
                tracing::error!(%cause, election_id, "the look at a ballot box failed");
                false
            }
            Sent::OutcomeUnknown(cause) => return gave_up(&cause),
            Sent::ReadOnly => return gave_up(&DatabaseError::ReadOnly),
            Sent::Nothing => return None,
        };
        if looked && sealed.contains(&election_id) {
            memory.saw_sealed(election_id);
        }
    }
    Some(connection)
}

fn gave_up(cause: &dyn std::fmt::Display) -> Option<RecorderConnection> {
    tracing::warn!(%cause, "the look at ballot boxes was interrupted; it is done again in a few seconds");
    None
}
