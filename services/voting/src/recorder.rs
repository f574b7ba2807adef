//! The recorder: one per process, takes whatever ballots wait and commits them with one call of `record_ballots` per election.
//! An idle system commits a ballot at once, a busy one in batches; there is no timer. Carries promises 1 and 2 of ARCHITECTURE.md.
//!
//! It runs on a thread of its own, with connections of its own: if a client disconnects, its handler is dropped, but a ballot that
//! was handed to the recorder is still recorded. And no other work on the async threads delays a COMMIT.
//!
//! **Elections do not hold each other up** (`queue.rs`). A call that meets a lock is rolled back after a moment, with a known outcome,
//! and queued again behind the others. The chain is per election, so no election has two calls under way at once.
//!
//! **What was seen committed is remembered** (`memory.rs`, ADR 0014) and sent along with each call. If the box no longer holds it, the
//! election is halted. Every few seconds it is compared also without a ballot (`rewind_check.rs`).
//!
//! **When the outcome is unknown** (the connection was lost, or PostgreSQL warned that synchronous replication was cancelled) the
//! connection is dropped and the same ballots are given to `record_ballots` again, over another one. Looking them up with
//! `find_ballot` would be weaker, twice over. A backend that lost its client may still be at work: a ballot that is not found
//! may be there a moment later; but a repeat needs the lock on the chain's head that the old backend holds, and the digest
//! makes it `known` or `recorded`, once. And a ballot that is found may be on this node only: the repeat writes (it locks the
//! head), so its own COMMIT waits for the replicas, and what lies before it in the log is then as safe as itself.
//! If the repeats fail too, for as long as the recorder's patience lasts, the voter is told that the outcome is unknown.

mod connection;
mod memory;
mod queue;
mod rewind_check;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use connection::{RecorderConnection, Sent};
use contract::problems::{self, Kind};
use crypto::Digest;
use database::{Address, DatabaseError, ReadOnly};
use diesel_async::RunQueryDsl as _;
use domain::link::TokenHash;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use launch::Stopper;
use memory::Memory;
use messages::say;
use problem::Refusal;
use queue::{Batch, QueueLimits, Queues, Waiting};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::schema::HaltedElections;

/// Connections, opened when they are needed. Each serves one call at a time, so three locked elections leave one to the others.
const CONNECTIONS: usize = 4;
/// How much longer a handler waits than the recorder tries, so that it gets the recorder's own answer, also after another batch.
/// The sum stays below the 60 s of the gateway.
const SLACK: Duration = Duration::from_secs(20);
/// When a voter of a halted election may look again, in seconds: somebody has to find out what happened first.
const AFTER_A_HALT: u32 = 600;

/// A ballot on its way into the box.
pub(crate) struct Unrecorded {
    pub(crate) election_id: i64,
    pub(crate) digest: Digest,
    pub(crate) sealed: Vec<u8>,
    pub(crate) prefix: [u8; 32],
    pub(crate) stamp: Vec<u8>,
    /// The link it is cast with; `None` for a ballot that brings a blind stamp, whose link was spent for that.
    pub(crate) link: Option<TokenHash>,
}

macro_rules! outcomes {
    ($($(#[$doc:meta])+ $name:ident = $text:literal),+ $(,)?) => {
        /// What `record_ballots` says of one ballot.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Outcome { $($(#[$doc])+ $name),+ }

        impl Outcome {
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            fn read(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

outcomes! {
    /// In the box.
    Recorded = "recorded",
    /// Was in the box already.
    Known = "known",
    /// A link in an election for sealed ballots, or the other way round.
    WrongProfile = "wrong-profile",
    /// No such link in this election.
    UnknownToken = "unknown-token",
    /// The right is used.
    AlreadyUsed = "already-used",
    /// A newer link replaced this one.
    Revoked = "revoked",
    /// Not now, by the database's clock.
    NotOpen = "not-open",
    /// The link is past its date.
    Expired = "expired",
    /// Not as long as every ballot of its election.
    WrongLength = "wrong-length",
    /// Somebody else holds the link's row. The recorder tries again.
    Locked = "locked",
    /// There is no box.
    UnknownElection = "unknown-election",
}

/// Why nothing can be said about a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRecorded {
    /// Too many wait. Nothing was done.
    Full,
    /// Something else holds this election's box or this link. Nothing was done.
    Busy,
    /// The box no longer holds what was recorded. Nothing was done.
    Halted,
    /// The database cannot be reached. Nothing was done.
    Unreachable,
    /// The ballot may or may not be recorded.
    OutcomeUnknown,
    /// PostgreSQL refused the call and rolled it back: a fault of ours.
    Failed,
}

messages::says!(NotRecorded, |refused| match refused {
    NotRecorded::Full => say!(recording_full),
    NotRecorded::Busy => say!(recording_busy),
    NotRecorded::Halted => say!(recording_halted),
    NotRecorded::Unreachable => say!(recording_unreachable),
    NotRecorded::OutcomeUnknown => say!(recording_outcome_unknown),
    NotRecorded::Failed => say!(recording_failed),
});

impl Refusal for NotRecorded {
    fn kind(&self) -> Kind {
        match self {
            Self::Full | Self::Busy | Self::Unreachable => problems::UNAVAILABLE,
            Self::Halted => problems::RECORDING_HALTED,
            Self::OutcomeUnknown => problems::OUTCOME_UNKNOWN,
            Self::Failed => problems::INTERNAL,
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Failed => None,
            Self::Halted => Some(AFTER_A_HALT),
            Self::Full | Self::Busy | Self::Unreachable | Self::OutcomeUnknown => Some(2),
        }
    }
}

type Answer = Result<Outcome, NotRecorded>;

/// A handle of the recorder. Handlers send ballots through it.
#[derive(Clone)]
pub(crate) struct Recorder {
    waiting: mpsc::UnboundedSender<Waiting>,
    places: Arc<QueueLimits>,
    memory: Arc<Memory>,
    patience: Duration,
}

impl Recorder {
    /// Starts the recorder's thread. At the stop it finishes what waits; the second answer ends with it, and panics if it did.
    pub(crate) fn start(
        address: &Address,
        patience: Duration,
        look_every: Duration,
        stop: Stopper,
    ) -> std::io::Result<(Self, impl Future<Output = ()> + 'static)> {
        // Bounded by the places.
        let (sender, receiver) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let memory = Arc::new(Memory::default());
        let looking = rewind_check::at_boxes(rewind_check::configured(address), memory.clone(), look_every);
        let task = RecorderTask {
            address: address.with(connection::configured),
            idle: (0..CONNECTIONS).map(|_| None).collect(),
            queues: Queues::default(),
            memory: memory.clone(),
        };
        let work = async move {
            // Ends with the runtime.
            tokio::spawn(looking);
            task.run(receiver, stop).await;
        };
        let (ended, end) = oneshot::channel();
        std::thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            runtime.block_on(work);
            let _ = ended.send(());
        })?;
        let end = async move { end.await.expect("the recorder's thread says when it ends, unless it panicked") };
        Ok((Self { waiting: sender, places: Arc::default(), memory, patience }, end))
    }

    /// Hands a ballot over and waits for what became of it.
    pub(crate) async fn record(&self, ballot: Unrecorded) -> Answer {
        let (answer, outcome) = oneshot::channel();
        let place = self.places.take(ballot.election_id).ok_or(NotRecorded::Full)?;
        let waiting = Waiting::new(ballot, answer, self.patience, place);
        self.waiting.send(waiting).map_err(|_| NotRecorded::Unreachable)?;
        // Bounded, because a COMMIT that waits for a lost replica waits without end. The ballot is not taken back by this.
        match tokio::time::timeout(self.patience + SLACK, outcome).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(NotRecorded::OutcomeUnknown),
        }
    }

    /// The active and closed elections whose box was found rewound: by the mark that all processes see, and by this one's own
    /// memory.
    pub(crate) async fn halted(&self, database: &ReadOnly) -> Result<Vec<i64>, DatabaseError> {
        let own = self.memory.all_halted();
        let question = HaltedElections(own.iter().map(|(election_id, _)| *election_id).collect());
        let mut connection = database.connection().await?;
        let found: Vec<(i64, bool, i64)> = question.load(&mut *connection).await?;
        let own_says = |id: i64, resumption: i64| own.iter().any(|(own, then)| *own == id && *then >= resumption);
        let halted = found.into_iter().filter(|(id, marked, resumption)| *marked || own_says(*id, *resumption));
        Ok(halted.map(|(id, ..)| id).collect())
    }
}

/// Where the ballots are written.
struct RecorderTask {
    address: Address,
    /// Connections that have nothing to do; the one used last is used next. `None` is opened when it is needed.
    idle: Vec<Option<RecorderConnection>>,
    queues: Queues,
    memory: Arc<Memory>,
}

impl RecorderTask {
    async fn run(mut self, mut arriving: mpsc::UnboundedReceiver<Waiting>, stop: Stopper) {
        let mut under_way = FuturesUnordered::new();
        let mut more = true;
        while more || !self.queues.is_empty() {
            let now = Instant::now();
            self.queues.expire(now);
            while let Some(batch) = self.queues.take(now, self.idle.len()) {
                let connection = self.idle.pop().flatten();
                under_way.push(call(self.address.clone(), connection, batch, self.memory.clone()));
            }
            let next_look = self.queues.next_look(self.idle.len());
            tokio::select! {
                arrived = arriving.recv(), if more => match arrived {
                    Some(waiting) => {
                        self.queues.add(waiting);
                        // All that wait, so that they go together.
                        while let Ok(waiting) = arriving.try_recv() {
                            self.queues.add(waiting);
                        }
                    }
                    None => more = false,
                },
                // Nobody hands over a ballot any more; those that are here are finished.
                () = stop.stopped(), if more && !arriving.is_closed() => arriving.close(),
                Some((connection, batch, sent)) = under_way.next(), if !under_way.is_empty() => {
                    self.idle.push(connection);
                    self.settle(batch, sent);
                }
                () = tokio::time::sleep_until(next_look.unwrap_or(now)), if next_look.is_some() => {}
            }
        }
    }

    /// Gives each ballot its answer, or queues it again.
    fn settle(&mut self, batch: Batch, sent: Sent) {
        let election_id = batch.election_id;
        match sent {
            Sent::Committed(outcomes, head) => {
                metrics::counter!("voting_recorder_batches_total").increment(1);
                if let Some(head) = head {
                    self.memory.committed(election_id, head);
                }
                let mut locked = Vec::new();
                for (waiting, outcome) in batch.ballots.into_iter().zip(outcomes) {
                    match outcome {
                        Outcome::Locked => locked.push(waiting),
                        outcome => waiting.answer(Ok(outcome)),
                    }
                }
                self.queues.done(election_id, locked);
            }
            Sent::Halted { rewound, head } => {
                halted(&self.memory, election_id, rewound, head);
                for waiting in batch.ballots {
                    waiting.answer(Err(NotRecorded::Halted));
                }
                self.queues.done(election_id, Vec::new());
            }
            Sent::Locked => {
                metrics::counter!("voting_recorder_lock_timeouts_total").increment(1);
                self.queues.retry(batch, NotRecorded::Busy);
            }
            Sent::RolledBack(DatabaseError::Repeatable(_)) => self.queues.retry(batch, NotRecorded::Busy),
            Sent::RolledBack(cause) => {
                tracing::error!(%cause, election_id, "record_ballots failed and was rolled back");
                if batch.ballots.len() > 1 {
                    self.queues.one_by_one(batch);
                } else {
                    for waiting in batch.ballots {
                        waiting.answer(Err(NotRecorded::Failed));
                    }
                    self.queues.done(election_id, Vec::new());
                }
            }
            Sent::OutcomeUnknown(cause) => {
                tracing::error!(cause, election_id, "the outcome of recording is unknown; asking again");
                metrics::counter!("voting_recorder_outcomes_unknown_total").increment(1);
                self.queues.retry(batch, NotRecorded::OutcomeUnknown);
            }
            Sent::ReadOnly => {
                tracing::warn!(election_id, "the database takes no writes: it is a standby now; connecting again");
                self.queues.retry(batch, NotRecorded::Unreachable);
            }
            Sent::Nothing => self.queues.retry(batch, NotRecorded::Unreachable),
        }
    }
}

/// Remembers that the election is halted, and says so when that is new to this process.
fn halted(memory: &Memory, election_id: i64, rewound: bool, head: memory::Head) {
    if memory.halted(election_id, head.resumption) {
        metrics::counter!("voting_elections_halted_total").increment(1);
        tracing::error!(election_id, rewound, "the ballot box was found rewound: the election is halted");
    }
}

/// One call of `record_ballots`. Opens a new connection if there is none, or if the old one was lost while idle: an idle disconnect
/// leaves no unknown outcome. The connection is given back unless the outcome is unknown or the server takes no writes.
async fn call(
    address: Address,
    connection: Option<RecorderConnection>,
    batch: Batch,
    memory: Arc<Memory>,
) -> (Option<RecorderConnection>, Batch, Sent) {
    let connection = match connection.filter(RecorderConnection::is_open) {
        Some(connection) => Ok(connection),
        None => RecorderConnection::open(&address).await,
    };
    let mut connection = match connection {
        Ok(connection) => connection,
        Err(cause) => {
            tracing::warn!(%cause, "the recorder cannot reach the database");
            return (None, batch, Sent::Nothing);
        }
    };
    let sent = connection.record(batch.election_id, &batch.ballots, memory.of(batch.election_id)).await;
    if let Sent::OutcomeUnknown(_) | Sent::ReadOnly = sent {
        return (None, batch, sent);
    }
    memory.forget_if_many();
    (Some(connection), batch, sent)
}
