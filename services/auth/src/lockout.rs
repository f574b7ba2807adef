//! Limits wrong passwords and codes (`docs/adr/0021-a-stranger-keeps-nobody-out.md`).
//!
//! Each requester has five wrong tries at an account in a row, then waits for 15 minutes. All requesters that the account does not
//! know have fifty together within twelve hours, so that a thousand rented addresses cannot guess without end. A device that has
//! logged in before, and an address from which a mailed code or link was used, are known: strangers cannot use up their tries.
//! All of this is the same whether there is an account or not.
//!
//! A try is counted *before* the password is checked, in one statement that PostgreSQL serialises on the row. If it were counted
//! afterwards, a thousand guesses sent at once would all pass the check "fewer than five" before the first is counted. So each try
//! first takes one of five places ([`CountedTry`]). A success gives all of them back, a failure keeps its own, and a try that finds none
//! left is refused without running bcrypt. The disadvantage: if one requester sends more than five logins at the same moment, some
//! can be refused although the password is right.

use contract::events::{AuditEvent, AuditEventKind};
use contract::problems::{self, Kind};
use database::{Connection, Database, DatabaseError, Failed};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Bytea, Integer, Text};
use diesel_async::RunQueryDsl;
use messages::say;
use outbox::{Audited, Outbox};
use problem::{Problem, Refusal};

use crate::requester::{self, Requester};

/// For how many seconds a requester waits after five wrong tries.
pub(crate) const LOCK_SECONDS: u32 = 15 * 60;
/// The lifetime of a token: a session in which five wrong passwords were sent can never change the password.
const SESSION_SECONDS: i32 = 24 * 3600;

/// What is tried. Each has places of its own, so that wrong passwords do not use up the tries at a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tried {
    /// The password, at a login.
    Login,
    /// A mailed code without the request it answers.
    Code,
    /// The current password, to change it.
    Change,
}

impl Tried {
    /// As the table has it.
    fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Code => "code",
            Self::Change => "change",
        }
    }

    fn lock_seconds(self) -> i32 {
        match self {
            Self::Login | Self::Code => LOCK_SECONDS.cast_signed(),
            Self::Change => SESSION_SECONDS,
        }
    }
}

/// There is no place left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Locked {
    /// For how many seconds still.
    pub(crate) seconds: u32,
    /// For all that the account does not know, not only for this requester.
    pub(crate) for_all_unknown: bool,
}

messages::says!(Locked, |Locked { seconds, for_all_unknown }| {
    let minutes = seconds.div_ceil(60);
    if *for_all_unknown { say!(account_locked_for_unknown, minutes = minutes) } else { say!(account_locked, minutes = minutes) }
});

impl Refusal for Locked {
    fn kind(&self) -> Kind {
        problems::LOCKED
    }

    fn retry_after(&self) -> Option<u32> {
        Some(self.seconds)
    }
}

/// Permission for one try; it counts as failed until it is given back.
#[derive(Clone, Copy)]
pub(crate) struct CountedTry {
    pub(crate) tried: Tried,
    pub(crate) requester: Requester,
    /// It is the last allowed try: if it is wrong, the lock begins.
    pub(crate) is_last: bool,
    /// It also counts among the fifty tries that all unknown requesters share.
    is_of_all: bool,
}

impl CountedTry {
    /// The account knows who makes the try: its password is looked at in the lane of those who are known.
    pub(crate) fn is_of_known(&self) -> bool {
        !self.is_of_all
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Integer)]
    failures: i32,
    #[diesel(sql_type = Bool)]
    is_known: bool,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    failures: i32,
}

#[derive(QueryableByName)]
struct Remaining {
    #[diesel(sql_type = Integer)]
    seconds: i32,
}

/// After a lock has expired, five new tries begin.
const TAKE: &str = "INSERT INTO login_failures AS f (email_key, tried, requester, failures) VALUES ($1, $2, $3, 1)
    ON CONFLICT (email_key, tried, requester) DO UPDATE SET
        failures = CASE WHEN f.locked_until IS NULL THEN f.failures + 1 ELSE 1 END,
        last_failed_at = clock_timestamp(),
        locked_until = CASE WHEN f.locked_until IS NULL AND f.failures >= 4 THEN clock_timestamp() + make_interval(secs => $4) END
    WHERE f.locked_until IS NULL OR f.locked_until <= clock_timestamp()
    RETURNING failures, coalesce(known_until > clock_timestamp(), false) AS is_known";

const REMAINING: &str = "SELECT greatest(1, ceil(extract(epoch FROM locked_until - clock_timestamp())))::integer AS seconds
    FROM login_failures WHERE email_key = $1 AND tried = $2 AND requester = $3 AND locked_until IS NOT NULL";

/// The fifty are counted from the first of them on; after twelve hours a new count begins.
const TAKE_OF_ALL: &str = "INSERT INTO login_ceilings AS c (email_key, tried, failures) VALUES ($1, $2, 1)
    ON CONFLICT (email_key, tried) DO UPDATE SET
        failures = CASE WHEN c.ends_at > clock_timestamp() THEN c.failures + 1 ELSE 1 END,
        ends_at = CASE WHEN c.ends_at > clock_timestamp() THEN c.ends_at ELSE clock_timestamp() + interval '12 hours' END
    WHERE c.failures < 50 OR c.ends_at <= clock_timestamp()
    RETURNING failures";

const REMAINING_OF_ALL: &str = "SELECT greatest(1, ceil(extract(epoch FROM ends_at - clock_timestamp())))::integer AS seconds
    FROM login_ceilings WHERE email_key = $1 AND tried = $2";

const GIVE_BACK: &str = "UPDATE login_failures SET failures = failures - 1, locked_until = NULL
    WHERE email_key = $1 AND tried = $2 AND requester = $3 AND failures > 0";

const GIVE_BACK_OF_ALL: &str =
    "UPDATE login_ceilings SET failures = failures - 1 WHERE email_key = $1 AND tried = $2 AND failures > 0";

/// Takes a place, or says for how long there is none.
pub(crate) async fn take_place(
    database: &Database,
    email_key: &str,
    tried: Tried,
    requester: Requester,
) -> Result<Result<CountedTry, Locked>, DatabaseError> {
    let mut connection = database.connection().await?;
    let taken: Option<Taken> = diesel::sql_query(TAKE)
        .bind::<Text, _>(email_key)
        .bind::<Text, _>(tried.name())
        .bind::<Bytea, _>(&requester.hash[..])
        .bind::<Integer, _>(tried.lock_seconds())
        .get_result(&mut *connection)
        .await
        .optional()?;
    let Some(Taken { failures, is_known }) = taken else {
        let remaining: Option<Remaining> = diesel::sql_query(REMAINING)
            .bind::<Text, _>(email_key)
            .bind::<Text, _>(tried.name())
            .bind::<Bytea, _>(&requester.hash[..])
            .get_result(&mut *connection)
            .await
            .optional()?;
        return Ok(Err(locked(remaining, false)));
    };
    let is_known = is_known || matches!(requester.kind, requester::Kind::Device | requester::Kind::Session);
    let mut place = CountedTry { tried, requester, is_last: failures >= 5, is_of_all: !is_known };
    if is_known {
        return Ok(Ok(place));
    }
    let counted: Option<Counted> = diesel::sql_query(TAKE_OF_ALL)
        .bind::<Text, _>(email_key)
        .bind::<Text, _>(tried.name())
        .get_result(&mut *connection)
        .await
        .optional()?;
    if let Some(Counted { failures }) = counted {
        place.is_last |= failures >= 50;
        return Ok(Ok(place));
    }
    let remaining: Option<Remaining> = diesel::sql_query(REMAINING_OF_ALL)
        .bind::<Text, _>(email_key)
        .bind::<Text, _>(tried.name())
        .get_result(&mut *connection)
        .await
        .optional()?;
    place.is_of_all = false;
    return_place(&mut connection, email_key, &place).await?;
    Ok(Err(locked(remaining, true)))
}

fn locked(remaining: Option<Remaining>, for_all_unknown: bool) -> Locked {
    let seconds = remaining.and_then(|row| u32::try_from(row.seconds).ok()).unwrap_or(1);
    Locked { seconds, for_all_unknown }
}

/// Gives back the place of a try that was not checked.
pub(crate) async fn give_back(database: &Database, email_key: &str, place: &CountedTry) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    return_place(&mut connection, email_key, place).await?;
    Ok(())
}

async fn return_place(connection: &mut Connection, email_key: &str, place: &CountedTry) -> QueryResult<()> {
    diesel::sql_query(GIVE_BACK)
        .bind::<Text, _>(email_key)
        .bind::<Text, _>(place.tried.name())
        .bind::<Bytea, _>(&place.requester.hash[..])
        .execute(connection)
        .await?;
    return_place_of_all(connection, email_key, place).await
}

async fn return_place_of_all(connection: &mut Connection, email_key: &str, place: &CountedTry) -> QueryResult<()> {
    if place.is_of_all {
        let text = diesel::sql_query(GIVE_BACK_OF_ALL);
        text.bind::<Text, _>(email_key).bind::<Text, _>(place.tried.name()).execute(connection).await?;
    }
    Ok(())
}

/// Who is locked out.
#[derive(Clone, Copy)]
pub(crate) struct LockedOut {
    /// Who has made the last try.
    pub(crate) requester: bool,
    /// All that the account does not know.
    pub(crate) all_unknown: bool,
}

/// The last allowed try has failed: locks the account and writes the event. Returns who is locked out; nobody, if a success in the
/// meantime has cleared the row. An address without an account is treated in the same way, so that the answer takes the same time.
pub(crate) async fn lock(
    outbox: &Outbox,
    email_key: String,
    place: CountedTry,
    event: AuditEvent,
) -> Result<LockedOut, Failed<Problem>> {
    outbox
        .audited("lock an account", async move |tx| {
            let text = "UPDATE login_failures SET locked_until = clock_timestamp() + make_interval(secs => $4)
                WHERE email_key = $1 AND tried = $2 AND requester = $3 AND failures >= 5";
            let locked = diesel::sql_query(text)
                .bind::<Text, _>(&email_key)
                .bind::<Text, _>(place.tried.name())
                .bind::<Bytea, _>(&place.requester.hash[..])
                .bind::<Integer, _>(place.tried.lock_seconds())
                .execute(tx.connection())
                .await?;
            let text = "SELECT 1 AS one FROM login_ceilings WHERE email_key = $1 AND tried = $2 AND failures >= 50 AND ends_at > clock_timestamp()";
            let full = diesel::sql_query(text)
                .bind::<Text, _>(&email_key)
                .bind::<Text, _>(place.tried.name())
                .execute(tx.connection())
                .await?;
            let out = LockedOut { requester: locked > 0, all_unknown: place.is_of_all && full > 0 };
            Ok(if out.requester || out.all_unknown { Audited::new(out, event.clone()) } else { Audited::unchanged(out) })
        })
        .await
}

/// The event of a lock. The address is not in it: for an unknown one it is anybody's.
pub(crate) fn locked_event(admin_id: Option<i64>, ip_address: Option<String>) -> AuditEvent {
    AuditEvent { admin_id, ip_address, ..AuditEvent::now(AuditEventKind::AccountLocked {}) }
}

/// The try was right: the requester has all its places again. What strangers did before stays counted.
pub(crate) async fn clear(connection: &mut Connection, email_key: &str, place: &CountedTry) -> QueryResult<()> {
    let text =
        "UPDATE login_failures SET failures = 0, locked_until = NULL WHERE email_key = $1 AND tried = $2 AND requester = $3";
    diesel::sql_query(text)
        .bind::<Text, _>(email_key)
        .bind::<Text, _>(place.tried.name())
        .bind::<Bytea, _>(&place.requester.hash[..])
        .execute(connection)
        .await?;
    return_place_of_all(connection, email_key, place).await
}

/// Somebody has shown that the mailbox of the account is theirs: everybody's count begins anew, and for an hour the address they
/// come from is known. A device is known by its cookie; without an address nothing becomes known: all such callers would be one.
pub(crate) async fn open(connection: &mut Connection, email_key: &str, requester: Requester) -> QueryResult<()> {
    let text = "DELETE FROM login_failures WHERE email_key = $1 AND tried <> 'change'";
    diesel::sql_query(text).bind::<Text, _>(email_key).execute(connection).await?;
    diesel::sql_query("DELETE FROM login_ceilings WHERE email_key = $1").bind::<Text, _>(email_key).execute(connection).await?;
    if requester.kind != requester::Kind::Address {
        return Ok(());
    }
    let text = "INSERT INTO login_failures (email_key, tried, requester, failures, known_until)
        VALUES ($1, 'login', $2, 0, clock_timestamp() + interval '1 hour')
        ON CONFLICT (email_key, tried, requester) DO UPDATE SET known_until = excluded.known_until";
    diesel::sql_query(text).bind::<Text, _>(email_key).bind::<Bytea, _>(&requester.hash[..]).execute(connection).await?;
    Ok(())
}
