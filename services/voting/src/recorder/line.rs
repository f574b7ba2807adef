//! The recorder's connection. tokio-postgres connects and we drive its messages ourselves, because diesel-async drops notices:
//! when synchronous replication is cancelled PostgreSQL says COMMIT, with a mere WARNING beside it.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use database::DatabaseError;
use diesel::result::Error;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use tokio_postgres::error::Severity;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Config, NoTls, Socket};

use super::{Outcome, Unrecorded};
use crate::schema::record_ballots;

/// How long connecting, or asking a connection whether it lives, may take.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// What became of one call.
pub(super) enum Sent {
    /// Committed, with one outcome each, in order.
    Committed(Vec<Outcome>),
    /// PostgreSQL refused the call, and the connection lives: nothing was done.
    RolledBack(DatabaseError),
    /// Committed or not.
    OutcomeUnknown(String),
    /// The call did not leave.
    Nothing,
}

/// What the wire has said beside its answers.
#[derive(Default)]
struct Heard {
    warning: AtomicBool,
    end: AtomicBool,
}

pub(super) struct Line {
    connection: AsyncPgConnection,
    heard: Arc<Heard>,
}

/// A network that swallows everything must not hold the recorder for the two hours that the system's own settings allow.
pub(super) fn configured(mut config: Config) -> Config {
    config.application_name("voting recorder");
    config
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(10))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(30));
    config
}

impl Line {
    pub(super) async fn open(config: &Config) -> Result<Self, DatabaseError> {
        let unreachable = |cause: &dyn std::fmt::Display| DatabaseError::Unavailable(cause.to_string());
        let opened = async {
            let (client, wire) = config.connect(NoTls).await.map_err(|cause| match cause.as_db_error() {
                Some(said) => unreachable(&said.message()),
                None => unreachable(&cause),
            })?;
            let heard = Arc::new(Heard::default());
            tokio::spawn(listen(wire, heard.clone()));
            let connection = AsyncPgConnection::try_from(client).await.map_err(|cause| unreachable(&cause))?;
            Ok(Self { connection, heard })
        };
        metrics::counter!("voting_recorder_connections_total").increment(1);
        tokio::time::timeout(HANDSHAKE, opened).await.map_err(|_| unreachable(&"it does not answer"))?
    }

    /// Whether nothing speaks against using it.
    pub(super) fn lives(&self) -> bool {
        !AtomicBool::load(&self.heard.end, Ordering::Acquire)
    }

    /// One call of `record_ballots`, which is its own transaction: COMMIT comes with the answer, in one round trip.
    pub(super) async fn record(&mut self, election_id: i64, ballots: &[Unrecorded]) -> Sent {
        self.heard.warning.store(false, Ordering::Release);
        let call = diesel::select(record_ballots(
            election_id,
            ballots.iter().map(|ballot| ballot.digest.as_bytes().as_slice()).collect::<Vec<_>>(),
            ballots.iter().map(|ballot| ballot.sealed.as_slice()).collect::<Vec<_>>(),
            ballots.iter().map(|ballot| ballot.prefix.as_slice()).collect::<Vec<_>>(),
            ballots.iter().map(|ballot| ballot.stamp.as_slice()).collect::<Vec<_>>(),
            ballots.iter().map(|ballot| ballot.link.as_ref().map(|link| link.as_bytes().as_slice())).collect::<Vec<_>>(),
        ));
        // `load`, never `get_result`: that answers with the first row, before PostgreSQL has said that it committed. `load` reads
        // on to ReadyForQuery, and whatever warning there is has been heard by then, since it stands before it on the wire.
        let rows: Result<Vec<Vec<String>>, Error> = call.load(&mut self.connection).await;
        match rows {
            Ok(_) if AtomicBool::load(&self.heard.warning, Ordering::Acquire) => {
                Sent::OutcomeUnknown("PostgreSQL warned at COMMIT".to_owned())
            }
            Ok(rows) => match rows.into_iter().flatten().map(|outcome| Outcome::read(&outcome)).collect::<Option<Vec<_>>>() {
                Some(outcomes) if outcomes.len() == ballots.len() => Sent::Committed(outcomes),
                _ => Sent::OutcomeUnknown("record_ballots gave an answer of another form".to_owned()),
            },
            // An ERROR leaves a living connection behind and has rolled everything back; FATAL, or a lost connection, does not.
            Err(cause @ Error::DatabaseError(..)) if self.answers().await => Sent::RolledBack(cause.into()),
            Err(cause) => Sent::OutcomeUnknown(cause.to_string()),
        }
    }

    async fn answers(&mut self) -> bool {
        tokio::time::timeout(HANDSHAKE, self.connection.batch_execute("SELECT 1")).await.is_ok_and(|answer| answer.is_ok())
    }
}

/// Drives the connection until it ends. What is heard is noted before the messages behind it are passed on.
async fn listen(mut wire: tokio_postgres::Connection<Socket, NoTlsStream>, heard: Arc<Heard>) {
    loop {
        match poll_fn(|context| wire.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => {
                if notice.parsed_severity() == Some(Severity::Warning) {
                    tracing::warn!(code = notice.code().code(), message = notice.message(), "PostgreSQL warns");
                    heard.warning.store(true, Ordering::Release);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => {
                heard.end.store(true, Ordering::Release);
                return;
            }
        }
    }
}
