//! The recorder: one per process, takes whatever ballots wait and commits them with one call of `record_ballots` per election.
//! An idle system commits a ballot at once, a busy one in batches; there is no timer. Carries promises 1 and 2 of ARCHITECTURE.md.
//!
//! It lives on a thread of its own, with a connection of its own: a handler whose client hangs up is dropped, but a ballot that
//! was handed over goes its way, and no other work on the async threads delays a COMMIT.
//!
//! **When the outcome is unknown** (the connection was lost, or PostgreSQL warned that synchronous replication was cancelled) the
//! connection is dropped and the same ballots are given to `record_ballots` again, over a new one. Looking them up with
//! `find_ballot` would be weaker, twice over. A backend that lost its client may still be at work: a ballot that is not found
//! may be there a moment later; but a repeat waits for the lock on the chain's head that the old backend holds, and the digest
//! makes it `known` or `recorded`, once. And a ballot that is found may be on this node only: the repeat writes (it locks the
//! head), so its own COMMIT waits for the replicas, and what lies before it in the log is then as safe as itself.
//! If the repeats fail too, for as long as the recorder's patience lasts, the voter is told that the outcome is unknown.

mod line;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use contract::problems::{self, Kind};
use crypto::Digest;
use database::DatabaseError;
use domain::link::TokenHash;
use line::{Line, Sent};
use problem::Refusal;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// What `record_ballots` takes in one call.
const BATCH: usize = 256;
/// Ballots that may wait: four batches, about 4 MB at the largest ballots. More wait at the client, by 503.
const WAITING: usize = 4 * BATCH;
/// A handler waits so much longer than the recorder tries that it hears the recorder's own answer, also behind another batch. In
/// all it stays below the gateway's 60 s.
const SLACK: Duration = Duration::from_secs(20);
/// The pauses between tries to connect grow from here ...
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// ... to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

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
    /// There is no box.
    UnknownElection = "unknown-election",
}

/// Why nothing can be said about a ballot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotRecorded {
    /// Too many wait. Nothing was done.
    #[error("Too many ballots are waiting. Nothing was recorded and the link is not used; try again in a few seconds")]
    Full,
    /// The database cannot be reached. Nothing was done.
    #[error("The ballot box cannot be reached. Nothing was recorded and the link is not used; try again in a few seconds")]
    Unreachable,
    /// Done or not done.
    #[error("It is not known whether the ballot was recorded. Send the very same request again, with the same Idempotency-Key")]
    OutcomeUnknown,
    /// PostgreSQL refused the call and rolled it back: a fault of ours.
    #[error("record_ballots failed")]
    Failed,
}

impl Refusal for NotRecorded {
    fn kind(&self) -> Kind {
        match self {
            Self::Full | Self::Unreachable => problems::UNAVAILABLE,
            Self::OutcomeUnknown => problems::OUTCOME_UNKNOWN,
            Self::Failed => problems::INTERNAL,
        }
    }

    fn retry_after(&self) -> Option<u32> {
        (*self != Self::Failed).then_some(2)
    }
}

type Answer = Result<Outcome, NotRecorded>;

struct Waiting {
    ballot: Unrecorded,
    answer: oneshot::Sender<Answer>,
}

/// The way to the recorder. When the last one is gone, the recorder finishes what waits and ends.
#[derive(Clone)]
pub(crate) struct Recorder {
    waiting: mpsc::Sender<Waiting>,
    patience: Duration,
}

impl Recorder {
    /// Starts the recorder's thread.
    pub(crate) fn start(config: tokio_postgres::Config, patience: Duration) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let desk = Desk { config: line::configured(config), line: None, patience };
        std::thread::Builder::new().name("recorder".to_owned()).spawn(move || runtime.block_on(desk.run(receiver)))?;
        Ok(Self { waiting: sender, patience })
    }

    /// Whether its thread is there. It ends only by a fault of ours, after which this process records nothing more.
    pub(crate) fn lives(&self) -> bool {
        !self.waiting.is_closed()
    }

    /// Hands a ballot over and waits for what became of it.
    pub(crate) async fn record(&self, ballot: Unrecorded) -> Answer {
        let (answer, outcome) = oneshot::channel();
        self.waiting.try_send(Waiting { ballot, answer }).map_err(|refused| match refused {
            TrySendError::Full(_) => NotRecorded::Full,
            TrySendError::Closed(_) => NotRecorded::Unreachable,
        })?;
        // Bounded, because a COMMIT that waits for a lost replica waits without end. The ballot is not taken back by this.
        match tokio::time::timeout(self.patience + SLACK, outcome).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(NotRecorded::OutcomeUnknown),
        }
    }
}

/// Where the ballots are written.
struct Desk {
    config: tokio_postgres::Config,
    line: Option<Line>,
    patience: Duration,
}

impl Desk {
    async fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut taken = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut taken, BATCH).await > 0 {
            let mut elections: BTreeMap<i64, (Vec<Unrecorded>, Vec<oneshot::Sender<Answer>>)> = BTreeMap::new();
            for Waiting { ballot, answer } in taken.drain(..) {
                let (ballots, answers) = elections.entry(ballot.election_id).or_default();
                ballots.push(ballot);
                answers.push(answer);
            }
            for (election_id, (ballots, answers)) in elections {
                let outcomes = self.record(election_id, &ballots).await;
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // Nobody listens any more when the client hung up. The ballot counts all the same.
                    let _ = answer.send(outcome);
                }
            }
        }
    }

    /// One call for all; if it fails as a whole, one call for each, so that a bad ballot never fails its neighbours.
    async fn record(&mut self, election_id: i64, ballots: &[Unrecorded]) -> Vec<Answer> {
        let all = |why| vec![Err(why); ballots.len()];
        match self.settle(election_id, ballots).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(NotRecorded::Failed) if ballots.len() > 1 => {
                let mut answers = Vec::with_capacity(ballots.len());
                for ballot in ballots {
                    let alone = self.settle(election_id, std::slice::from_ref(ballot)).await;
                    answers.push(alone.and_then(|outcomes| outcomes.first().copied().ok_or(NotRecorded::Failed)));
                }
                answers
            }
            Err(why) => all(why),
        }
    }

    /// Calls until there is an outcome, or the patience is over.
    async fn settle(&mut self, election_id: i64, ballots: &[Unrecorded]) -> Result<Vec<Outcome>, NotRecorded> {
        let end = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        let mut uncertain = false;
        loop {
            let sent = match self.line().await {
                Ok(line) => line.record(election_id, ballots).await,
                Err(cause) => {
                    tracing::warn!(%cause, "the recorder cannot reach the database");
                    Sent::Nothing
                }
            };
            match sent {
                Sent::Committed(outcomes) => {
                    metrics::counter!("voting_recorder_batches_total").increment(1);
                    return Ok(outcomes);
                }
                // What an earlier call did is still not known when this one was rolled back.
                Sent::RolledBack(DatabaseError::Repeatable(_)) if Instant::now() < end => {}
                Sent::RolledBack(cause) => {
                    tracing::error!(%cause, election_id, "record_ballots failed and was rolled back");
                    return Err(if uncertain { NotRecorded::OutcomeUnknown } else { NotRecorded::Failed });
                }
                Sent::OutcomeUnknown(cause) => {
                    tracing::error!(cause, election_id, "the outcome of recording is unknown; asking again");
                    metrics::counter!("voting_recorder_outcomes_unknown_total").increment(1);
                    self.line = None;
                    uncertain = true;
                }
                Sent::Nothing => {}
            }
            if Instant::now() + pause >= end {
                return Err(if uncertain { NotRecorded::OutcomeUnknown } else { NotRecorded::Unreachable });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The connection, a new one when the old one is lost. One that ended while nothing was under way costs no doubt.
    async fn line(&mut self) -> Result<&mut Line, DatabaseError> {
        let line = match self.line.take().filter(Line::lives) {
            Some(line) => line,
            None => Line::open(&self.config).await?,
        };
        Ok(self.line.insert(line))
    }
}
