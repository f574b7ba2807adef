//! The look at open boxes: every few seconds this process asks, for each open election that it remembers, whether the box still holds
//! what it saw committed (ADR 0014). Without it a ballot taken out behind the last cast would never be found: the next call of
//! `record_ballots` comes with the next ballot, and there may be none before the close.
//!
//! It is a call of `record_ballots` without ballots, so it is the same check under the same lock, held for one such call. It has a
//! connection of its own: neither does it keep a ballot waiting for one, nor the other way round. A box whose lock somebody else holds
//! is passed over until the next round.

use std::sync::Arc;
use std::time::Duration;

use database::{Address, DatabaseError};
use tokio::time::MissedTickBehavior;

use super::connection::{self, RecorderConnection, Sent};
use super::memory::Memory;

/// Connects as the recorder does, under a name of its own.
pub(super) fn configured(address: &Address) -> Address {
    address.with(|config| {
        connection::configured(config);
        config.application_name("voting recorder's look");
    })
}

/// One round after the other, without end.
pub(super) async fn at_open_boxes(address: Address, memory: Arc<Memory>, every: Duration) {
    let mut connection = None;
    let mut rounds = tokio::time::interval(every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let ids = memory.all();
        if ids.is_empty() {
            continue;
        }
        let opened = match connection.take().filter(RecorderConnection::lives) {
            Some(connection) => Ok(connection),
            None => RecorderConnection::open(&address).await,
        };
        match opened {
            Ok(opened) => connection = round(opened, &memory, ids).await,
            Err(cause) => tracing::warn!(%cause, "the recorder cannot reach the database to look at open boxes"),
        }
    }
}

/// Looks at each of these elections that is not closed. The connection is given back unless something is wrong with it.
async fn round(mut connection: RecorderConnection, memory: &Memory, ids: Vec<i64>) -> Option<RecorderConnection> {
    let closed = match connection.closed(ids.clone()).await {
        Ok(closed) => closed,
        Err(cause) => return gave_up(&cause),
    };
    for election_id in ids.into_iter().filter(|id| !closed.contains(id)) {
        match connection.record(election_id, &[], memory.of(election_id)).await {
            // What others recorded since is remembered too.
            Sent::Committed(_, Some(head)) => memory.committed(election_id, head),
            Sent::Halted { rewound, head } => super::halted(memory, election_id, rewound, head),
            Sent::Committed(_, None) | Sent::Locked | Sent::RolledBack(DatabaseError::Repeatable(_)) => {}
            Sent::RolledBack(cause) => tracing::error!(%cause, election_id, "the look at a ballot box failed"),
            Sent::OutcomeUnknown(cause) => return gave_up(&cause),
            Sent::ReadOnly => return gave_up(&DatabaseError::ReadOnly),
            Sent::Nothing => return None,
        }
    }
    Some(connection)
}

fn gave_up(cause: &dyn std::fmt::Display) -> Option<RecorderConnection> {
    tracing::warn!(%cause, "the look at open ballot boxes was interrupted; it is done again in a few seconds");
    None
}
