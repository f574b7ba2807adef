//! Which schema a database has.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Integer, Text};
use diesel_async::RunQueryDsl as _;

use crate::{Database, DatabaseError};

/// What a database says of its schema.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Schema {
    /// The release: a number that grows with each release that changes the schema.
    #[diesel(sql_type = Integer)]
    pub release: i32,
    /// The versions of the migrations that are applied.
    #[diesel(sql_type = Array<Text>)]
    pub applied: Vec<String>,
    /// Whether the server takes no writes: it is a standby.
    #[diesel(sql_type = Bool)]
    pub is_read_only: bool,
}

impl Database {
    /// Asks it. A database that answers has the function, or has no schema of ours.
    pub async fn schema(&self) -> Result<Schema, DatabaseError> {
        let asked =
            "SELECT release, applied, current_setting('transaction_read_only')::boolean AS is_read_only FROM schema_version()";
        Ok(diesel::sql_query(asked).get_result(&mut *self.connection().await?).await?)
    }
}
