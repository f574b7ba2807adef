//! A connection of the recorder. tokio-postgres connects, and this file reads its messages, because diesel-async drops notices:
//! when synchronous replication is cancelled, PostgreSQL confirms the COMMIT and only adds a WARNING.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crypto::Digest;
use database::{Address, DatabaseError, READ_ONLY, Wire, sqlstate};
use diesel::result::Error;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use tokio_postgres::error::Severity;
use tokio_postgres::{AsyncMessage, Config, Socket};

use super::Outcome;
use super::memory::{Head, Seen};
use super::queue::Waiting;
use crate::schema::{RecordBallots, chain_heads};

/// How long connecting, or asking a connection whether it lives, may take.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// How long a call waits for somebody else who holds the head of its election's chain. Another process' batch is through in a
/// few milliseconds; whoever holds it longer would hold up this connection, and with it other elections.
const LOCK_TIMEOUT: &str = "-c lock_timeout=100ms";

/// What became of one call.
pub(super) enum Sent {
    /// Committed, with one outcome each, in order, and the end of the chain as this call left it.
    Committed(Vec<Outcome>, Option<Head>),
    /// Committed, and nothing recorded: the election is halted. `rewound` when this process' own memory says so.
    Halted { rewound: bool, head: Head },
    /// Somebody else held the head for too long; the call was rolled back, and the connection lives.
    Locked,
    /// The server takes no writes: it is a standby now. Nothing was done, and the connection has ended.
    ReadOnly,
    /// PostgreSQL refused the call, and the connection lives: nothing was done.
    RolledBack(DatabaseError),
    /// Committed or not.
    OutcomeUnknown(String),
    /// The call was not sent.
    Nothing,
}

/// What happened on the connection besides the answers: a warning, or its end.
#[derive(Default)]
struct ConnectionEvents {
    warning: AtomicBool,
    end: AtomicBool,
}

pub(super) struct RecorderConnection {
    inner: AsyncPgConnection,
    events: Arc<ConnectionEvents>,
}

/// TCP timeouts: if the network drops all packets, the recorder must not wait for the two hours that the system's defaults allow.
pub(super) fn configured(config: &mut Config) {
    config.application_name("voting recorder");
    config.options(LOCK_TIMEOUT);
    config
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(10))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(30));
}

impl RecorderConnection {
    pub(super) async fn open(address: &Address) -> Result<Self, DatabaseError> {
        let unreachable = |cause: &dyn std::fmt::Display| DatabaseError::Unavailable(cause.to_string());
        let opened = async {
            let (client, wire) = address.open().await?;
            let events = Arc::new(ConnectionEvents::default());
            tokio::spawn(listen(wire, events.clone()));
            let inner = AsyncPgConnection::try_from(client).await.map_err(|cause| unreachable(&cause))?;
            Ok(Self { inner, events })
        };
        metrics::counter!("voting_recorder_connections_total").increment(1);
        tokio::time::timeout(HANDSHAKE, opened).await.map_err(|_| unreachable(&"it does not answer"))?
    }

    /// Whether the connection has not ended.
    pub(super) fn is_open(&self) -> bool {
        !AtomicBool::load(&self.events.end, Ordering::Acquire)
    }

    /// One call of `record_ballots`, which is its own transaction: COMMIT comes with the answer, in one round trip.
    pub(super) async fn record(&mut self, election_id: i64, ballots: &[Waiting], seen: Option<Seen>) -> Sent {
        self.events.warning.store(false, Ordering::Release);
        // `load`, never `get_result`: that answers with the first row, before PostgreSQL has said that it committed. `load` reads
        // on to ReadyForQuery, and whatever warning there is has been heard by then, since it stands before it on the wire.
        let rows: Result<Vec<Answer>, Error> = call(election_id, ballots, seen).load(&mut self.inner).await;
        match rows {
            Ok(_) if AtomicBool::load(&self.events.warning, Ordering::Acquire) => {
                Sent::OutcomeUnknown("PostgreSQL warned at COMMIT".to_owned())
            }
            Ok(mut rows) => rows
                .pop()
                .and_then(|answer| read(answer, ballots.len()))
                .unwrap_or_else(|| Sent::OutcomeUnknown("record_ballots gave an answer of another form".to_owned())),
            // A read-only transaction has written nothing, whatever became of the connection.
            Err(cause) if sqlstate(&cause) == Some(READ_ONLY) => Sent::ReadOnly,
            // An ERROR leaves a living connection behind and has rolled everything back; FATAL, or a lost connection, does not.
            Err(cause @ Error::DatabaseError(..)) if self.answers().await => match DatabaseError::from(cause) {
                DatabaseError::Locked => Sent::Locked,
                cause => Sent::RolledBack(cause),
            },
            Err(cause) => Sent::OutcomeUnknown(cause.to_string()),
        }
    }

    /// Which of these elections have a sealed box.
    pub(super) async fn sealed(&mut self, ids: Vec<i64>) -> Result<HashSet<i64>, DatabaseError> {
        let sealed = chain_heads::table.filter(chain_heads::election_id.eq_any(ids)).filter(chain_heads::state.eq("sealed"));
        let found: Vec<i64> = sealed.select(chain_heads::election_id).load(&mut self.inner).await?;
        Ok(found.into_iter().collect())
    }

    async fn answers(&mut self) -> bool {
        tokio::time::timeout(HANDSHAKE, self.inner.batch_execute("SELECT 1")).await.is_ok_and(|answer| answer.is_ok())
    }
}

/// A row of `record_ballots`.
type Answer = (Vec<String>, Option<i64>, Option<Vec<u8>>, Option<i64>);

fn call(election_id: i64, ballots: &[Waiting], seen: Option<Seen>) -> RecordBallots {
    let ballots = || ballots.iter().map(|waiting| &waiting.ballot);
    let head = seen.and_then(|seen| seen.head);
    RecordBallots {
        election_id,
        digests: ballots().map(|ballot| ballot.digest.as_bytes().to_vec()).collect(),
        sealed: ballots().map(|ballot| ballot.sealed.clone()).collect(),
        prefixes: ballots().map(|ballot| ballot.prefix.to_vec()).collect(),
        stamps: ballots().map(|ballot| ballot.stamp.clone()).collect(),
        links: ballots().map(|ballot| ballot.link.as_ref().map(|link| link.as_bytes().to_vec())).collect(),
        seen_position: head.map(|(position, _)| position),
        seen_hash: head.map(|(_, hash)| hash.as_bytes().to_vec()),
        seen_resumption: seen.map(|seen| seen.resumption),
        seen_halted: seen.is_some_and(|seen| seen.halted),
    }
}

fn read((outcomes, position, hash, resumption): Answer, ballots: usize) -> Option<Sent> {
    let head = match (position, hash, resumption) {
        (Some(position), Some(hash), Some(resumption)) => {
            Some(Head { position, hash: Digest::from_slice(&hash).ok()?, resumption })
        }
        _ => None,
    };
    match outcomes.as_slice().first().map(String::as_str) {
        Some(halted @ ("rewound" | "halted")) => Some(Sent::Halted { rewound: halted == "rewound", head: head? }),
        _ if outcomes.len() != ballots => None,
        _ => Some(Sent::Committed(outcomes.iter().map(|text| Outcome::read(text)).collect::<Option<_>>()?, head)),
    }
}

/// Drives the connection until it ends. What is heard is noted before the messages behind it are passed on.
async fn listen(mut wire: tokio_postgres::Connection<Socket, Wire>, events: Arc<ConnectionEvents>) {
    loop {
        match poll_fn(|context| wire.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => {
                if notice.parsed_severity() == Some(Severity::Warning) {
                    tracing::warn!(code = notice.code().code(), message = notice.message(), "PostgreSQL warns");
                    events.warning.store(true, Ordering::Release);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => {
                events.end.store(true, Ordering::Release);
                return;
            }
        }
    }
}
