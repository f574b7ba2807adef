//! How many mails may be begun now, where the mail provider allows only so many a second.
//!
//! All copies of the service share one allowance: a row of the database says up to when it is used, and each mail moves that on by one
//! mail's time. The database's clock counts.

use std::convert::Infallible;
use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use database::{Connection, Database, DatabaseError, Failed};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::RunQueryDsl;

use crate::schema::mail_pace;

/// What may be saved up: a tenth of a second's mails, and one at least. Providers that count by the second see no burst.
const SAVED: TimeDelta = TimeDelta::milliseconds(100);

/// The allowance. Whoever has no limit has as much as they ask for.
#[derive(Clone)]
pub(crate) struct Pace {
    database: Database,
    per_second: Option<NonZeroU32>,
}

/// What was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) mails: usize,
    /// How long until the next one may be allowed, when fewer were than asked for.
    pub(crate) pause: Option<Duration>,
}

impl Pace {
    pub(crate) fn new(database: Database, per_second: Option<NonZeroU32>) -> Self {
        Self { database, per_second }
    }

    /// Takes up to `wanted` mails of the allowance.
    pub(crate) async fn take(&self, wanted: usize) -> Result<Allowed, DatabaseError> {
        let Some(per_second) = self.per_second else { return Ok(Allowed { mails: wanted, pause: None }) };
        self.change(async move |connection| {
            let (used_until, now) = locked(connection).await?;
            let (allowed, used_until) = allowance(per_second, wanted, used_until, now);
            set(connection, used_until).await?;
            Ok(allowed)
        })
        .await
    }

    /// Gives back what was taken and not needed.
    pub(crate) async fn give_back(&self, mails: usize) -> Result<(), DatabaseError> {
        let Some(per_second) = self.per_second.filter(|_| mails > 0) else { return Ok(()) };
        self.change(async move |connection| {
            let (used_until, _) = locked(connection).await?;
            set(connection, used_until - time_of(per_second, mails)).await
        })
        .await
    }

    async fn change<T: 'static>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Failed<Infallible>> + 'static,
    ) -> Result<T, DatabaseError> {
        self.database.transaction("pace of mails", work).await.map_err(DatabaseError::from)
    }
}

/// The row, which no other copy changes meanwhile, and the database's time.
async fn locked(connection: &mut Connection) -> QueryResult<(DateTime<Utc>, DateTime<Utc>)> {
    let now = sql::<Timestamptz>("clock_timestamp()");
    mail_pace::table.select((mail_pace::used_until, now)).for_update().get_result(connection).await
}

async fn set(connection: &mut Connection, used_until: DateTime<Utc>) -> Result<(), Failed<Infallible>> {
    diesel::update(mail_pace::table).set(mail_pace::used_until.eq(used_until)).execute(connection).await?;
    Ok(())
}

/// The time of so many mails, in whole microseconds, as PostgreSQL keeps time. Rounded up: the limit holds.
fn time_of(per_second: NonZeroU32, mails: usize) -> TimeDelta {
    let of_one = 1_000_000_u32.div_ceil(per_second.get());
    TimeDelta::microseconds(i64::from(of_one).saturating_mul(i64::try_from(mails).unwrap_or(i64::MAX)))
}

/// How much of the allowance may be taken now, and up to when it is used afterwards.
fn allowance(per_second: NonZeroU32, wanted: usize, used_until: DateTime<Utc>, now: DateTime<Utc>) -> (Allowed, DateTime<Utc>) {
    let one = time_of(per_second, 1);
    // No copy takes mails of the future: a row that is ahead was written by a clock that has jumped back since.
    let from = used_until.clamp(now - SAVED.max(one), now);
    let mails = (1..=wanted).take_while(|mails| from + time_of(per_second, *mails) <= now).count();
    let used_until = from + time_of(per_second, mails);
    let pause = (mails < wanted).then(|| (used_until + one - now).to_std().unwrap_or_default());
    (Allowed { mails, pause }, used_until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn limit(per_second: u32) -> NonZeroU32 {
        NonZeroU32::new(per_second).unwrap()
    }

    #[test]
    fn no_second_has_more_mails_than_are_allowed() {
        let (mut used_until, mut sent) = (BEGAN, Vec::new());
        for millisecond in 0..5_000_i64 {
            let (allowed, until) = allowance(limit(20), 8, used_until, BEGAN + TimeDelta::milliseconds(millisecond));
            used_until = until;
            sent.extend(std::iter::repeat_n(millisecond, allowed.mails));
        }
        assert!((95..=102).contains(&sent.len()), "{} in five seconds", sent.len());
        for first in 0..4_000 {
            let in_a_second = sent.iter().filter(|at| (first..first + 1_000).contains(*at)).count();
            assert!(in_a_second <= 22, "{in_a_second} from {first} ms on");
        }
    }

    #[test]
    fn an_idle_hour_saves_up_no_burst() {
        let later = BEGAN + TimeDelta::hours(1);
        let (allowed, used_until) = allowance(limit(5), 64, BEGAN, later);
        assert_eq!(allowed, Allowed { mails: 1, pause: Some(Duration::from_millis(200)) });
        assert_eq!(allowance(limit(5), 64, used_until, later).0.mails, 0);
    }

    #[test]
    fn a_clock_that_jumped_back_stops_no_mail_for_long() {
        let years_ahead = BEGAN + TimeDelta::days(30 * 365);
        let (allowed, used_until) = allowance(limit(5), 1, years_ahead, BEGAN);
        assert_eq!((allowed.mails, used_until), (0, BEGAN));
        assert_eq!(allowed.pause, Some(Duration::from_millis(200)));
    }

    #[test]
    fn odd_limits_have_an_allowance_too() {
        for per_second in [1, 3, 7, 999_999, u32::MAX] {
            let (allowed, used_until) = allowance(limit(per_second), 1, BEGAN, BEGAN + TimeDelta::seconds(2));
            assert_eq!((allowed.mails, allowed.pause), (1, None), "{per_second}");
            assert!(used_until <= BEGAN + TimeDelta::seconds(2), "{per_second}");
        }
    }
}
