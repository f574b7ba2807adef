//! A database to look at.

use deadpool::managed::Object;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;

use crate::{Address, Connection, DatabaseError};

/// Connections on which PostgreSQL refuses every change (SQLSTATE 25006), also one inside a function. Whoever holds this and nothing
/// else writes nothing that the audit log does not know of.
///
/// They are connections of their own: a session is made read-only once, when it begins.
#[derive(Clone)]
pub struct ReadOnly {
    pub(crate) pool: Pool<Connection>,
    pub(crate) address: Address,
}

impl ReadOnly {
    /// A connection outside any transaction.
    ///
    /// # Errors
    /// None is free, or the database does not answer.
    pub async fn connection(&self) -> Result<Object<AsyncDieselConnectionManager<Connection>>, DatabaseError> {
        self.pool.get().await.map_err(|cause| DatabaseError::Unavailable(cause.to_string()))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn answers(&self) -> Result<(), DatabaseError> {
        let mut connection = self.connection().await?;
        connection.batch_execute("SELECT 1").await.map_err(|cause| DatabaseError::Unavailable(cause.to_string()))
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }
}
