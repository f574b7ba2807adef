//! Deletes expired rows every hour.

use std::time::Duration;

use database::{Database, DatabaseError};
use diesel_async::SimpleAsyncConnection as _;
use launch::{Stopper, repeat};

const EVERY: Duration = Duration::from_secs(3600);

/// A revoked token is kept until five minutes after it expires, so that a wrong clock does not make it valid again. Failed logins
/// count as "in a row" for a day. An expired code is kept for a day, because the mails of one day are counted.
const FORGET: &str = "DELETE FROM revoked_tokens WHERE expires_at < now() - interval '5 minutes';
    DELETE FROM admin_codes WHERE expires_at < now() - interval '1 day';
    DELETE FROM admin_invitations WHERE expires_at < now() - interval '30 days';
    DELETE FROM login_failures WHERE last_failed_at < now() - interval '1 day' AND (locked_until IS NULL OR locked_until < now());
    DELETE FROM login_ceilings WHERE ends_at < now()";

/// Hourly.
pub(crate) async fn run(database: Database, stop: Stopper) {
    repeat(&stop, EVERY, "removing expired tokens and old failures", async || forget(&database).await).await;
}

async fn forget(database: &Database) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    connection.batch_execute(FORGET).await?;
    Ok(())
}
