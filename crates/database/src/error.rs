//! What can go wrong with a database, and with a transaction.

use std::convert::Infallible;

use contract::problems;
use diesel::result::{DatabaseErrorKind, Error};
use messages::say;
use problem::Problem;

use crate::wire::READ_ONLY;

/// A fault of the database or of the way to it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It does not answer; nothing was done.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// The answer to COMMIT was lost: done or not done.
    #[error("the outcome of a COMMIT is unknown: {0}")]
    OutcomeUnknown(String),
    /// PostgreSQL ended the transaction and says that it may be repeated.
    #[error("PostgreSQL asks to repeat: {0}")]
    Repeatable(String),
    /// Somebody else has held a row for longer than the caller wanted to wait. Nothing was done.
    #[error("a lock could not be taken in time")]
    Locked,
    /// The server takes no writes: it is a standby now. Nothing was done, and this connection has ended.
    #[error("the server takes no writes; another one is the primary, or will be")]
    ReadOnly,
    /// Anything else: a fault of ours.
    #[error(transparent)]
    Query(Error),
}

/// The SQLSTATE of an error that PostgreSQL sent. `wire` puts it in front of the message.
#[must_use]
pub fn sqlstate(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, _) => None,
        Error::DatabaseError(_, info) => info.message().split_once(": ").map(|(code, _)| code).filter(|code| code.len() == 5),
        _ => None,
    }
}

/// The error with its cause. tokio-postgres itself says only "db error" or "error connecting to server". Neither text
/// has a password.
#[must_use]
pub fn with_cause(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        match sqlstate(&error) {
            // Serialization failure and deadlock.
            Some("40001" | "40P01") => Self::Repeatable(error.to_string()),
            Some("55P03") => Self::Locked,
            Some(READ_ONLY) => Self::ReadOnly,
            // PostgreSQL is going down or starting, has ended this session (57P01 to 57P05, 25P03), or has no connection left.
            Some("57P01" | "57P02" | "57P03" | "57P04" | "57P05" | "25P03" | "53300") => Self::Unavailable(error.to_string()),
            Some(_) => Self::Query(error),
            None => match &error {
                Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, info) => {
                    Self::Unavailable(info.message().to_owned())
                }
                Error::BrokenTransactionManager => Self::Unavailable("the connection was lost".to_owned()),
                _ => Self::Query(error),
            },
        }
    }
}

impl DatabaseError {
    /// The same for an error of COMMIT itself: where a lost answer is not "not done".
    pub(crate) fn at_commit(error: Error) -> Self {
        match Self::from(error) {
            Self::Unavailable(cause) => Self::OutcomeUnknown(cause),
            other => other,
        }
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::OutcomeUnknown(cause) => {
                tracing::error!(cause, "the outcome of a COMMIT is unknown");
                Problem::new(problems::OUTCOME_UNKNOWN, problems::OUTCOME_UNKNOWN.advice()).retry_after(2)
            }
            DatabaseError::Query(_) => Problem::internal("ask the database", &error),
            DatabaseError::Locked => Problem::new(problems::UNAVAILABLE, say!(election_busy)).retry_after(3),
            DatabaseError::Unavailable(_) | DatabaseError::Repeatable(_) | DatabaseError::ReadOnly => {
                Problem::unavailable("reach the database", &error)
            }
        }
    }
}

/// Why a transaction did not happen: a rule said no, or the database failed.
#[derive(Debug)]
pub enum Failed<E> {
    /// A rule said no.
    Refused(E),
    /// The database failed.
    Database(DatabaseError),
}

impl<E> From<Error> for Failed<E> {
    fn from(error: Error) -> Self {
        Self::Database(error.into())
    }
}

impl<E> From<DatabaseError> for Failed<E> {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

/// Where no rule can say no.
impl From<Failed<Infallible>> for DatabaseError {
    fn from(failed: Failed<Infallible>) -> Self {
        match failed {
            Failed::Refused(never) => match never {},
            Failed::Database(error) => error,
        }
    }
}

impl<E: Into<Problem>> From<Failed<E>> for Problem {
    fn from(failed: Failed<E>) -> Self {
        match failed {
            Failed::Refused(refusal) => refusal.into(),
            Failed::Database(error) => error.into(),
        }
    }
}

/// The name of the constraint that an error is about, when it is about one.
#[must_use]
pub fn violated_constraint(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(_, info) => info.constraint_name().map(of_parent),
        _ => None,
    }
}

/// The name that a constraint of a leaf has in its parent: the leaf of election 7 has `voters_email_key_7` for `voters_email_key`.
fn of_parent(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((parent, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => parent,
        _ => name,
    }
}
