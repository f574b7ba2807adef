//! Logging in. A wrong password and an unknown address get the same answer after the same time: the same statements, one bcrypt.

use actix_web::{HttpRequest, HttpResponse, rt, web};
use chrono::Utc;
use contract::auth::{Hidden, LoggedIn, LoginRequest};
use contract::email::CodePurpose;
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems;
use database::{DatabaseError, Failed, ReadOnly, TextColumn};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::email::Email;
use identity::Role;
use messages::say;
use outbox::{Audited, Outbox, Unaudited};
use problem::{Json, Problem};
use uuid::Uuid;

use crate::Auth;
use crate::lockout::{self, CountedTry, LOCK_SECONDS, Locked, Tried};
use crate::password::{LONGEST_FIELD, Lane};
use crate::requester::{self, RequestOrigin, Requester};
use crate::schema::admins;
use crate::token::LIFETIME_SECONDS;

diesel::define_sql_function! {
    /// What the unique index on addresses compares by.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// No `Debug`: it holds a hash.
#[derive(Queryable)]
pub(crate) struct Account {
    pub(crate) admin_id: i64,
    pub(crate) email: String,
    password_hash: String,
    role: TextColumn<Role>,
    pub(crate) sessions_ended: i32,
}

/// Gives a token for 24 hours.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "public",
    security(()),
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Send the token as `Authorization: Bearer <access_token>`. A cookie `uvote_device_...` comes along: whoever sends it with the next login is not kept out by the wrong passwords of others", body = LoggedIn),
        (status = 401, description = "`wrong-credentials`: which of the two is wrong is not said"),
        (status = 422, description = "`invalid-input`: not an address, or a field that is far too long"),
        (status = 423, description = "`account-locked`: five failures in a row from here, or fifty within twelve hours from everywhere that is not known; `Retry-After` says for how long"),
        (status = 503, description = "`unavailable`: too many logins are waiting, or the database does not answer"),
    )
)]
pub(crate) async fn login(
    auth: web::Data<Auth>,
    request: HttpRequest,
    body: Json<LoginRequest>,
) -> Result<HttpResponse, Problem> {
    let LoginRequest { email, password } = body.into_inner();
    let key = Email::parse(&email).map_err(|refused| Problem::field("email", refused))?.key();
    if password.expose().len() > LONGEST_FIELD {
        return Err(Problem::field("password", say!(text_longer_than_bytes, most = LONGEST_FIELD)));
    }
    let shown = RequestOrigin::of(&request);
    // In a task of its own, which finishes even if the client disconnects: a guess that was counted must also lock and be logged.
    let attempt = rt::spawn(async move { auth.attempt(key, password, shown).await });
    attempt.await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))
}

pub(crate) async fn find(database: &ReadOnly, key: &str) -> Result<Option<Account>, DatabaseError> {
    let mut connection = database.connection().await?;
    let account = admins::table
        .select((admins::admin_id, admins::email, admins::password_hash, admins::role, admins::sessions_ended))
        .filter(lower(admins::email).eq(key))
        .first(&mut connection)
        .await
        .optional()?;
    Ok(account)
}

impl Auth {
    async fn attempt(&self, key: String, password: Hidden, shown: RequestOrigin) -> Result<HttpResponse, Problem> {
        let account = find(&self.database, &key).await?;
        let requester = self.requester(&shown, &key, account.as_ref());
        let place = self.take_login_place(&key, requester).await?;
        if self.is_right(&key, password, account.as_ref(), &place).await?
            && let Some(account) = account
        {
            self.accept_login(key, account, place, shown.address()).await
        } else {
            Err(self.refuse_login(key, place, account.map(|account| account.admin_id), shown.address()).await)
        }
    }

    fn requester(&self, shown: &RequestOrigin, key: &str, account: Option<&Account>) -> Requester {
        self.requesters.identify(shown, key, account.map_or(0, |account| account.sessions_ended))
    }

    async fn take_login_place(&self, key: &str, requester: Requester) -> Result<CountedTry, Problem> {
        if let Some(seconds) = self.refusals.locked_for(key, &requester).await {
            return Err(Locked { seconds, for_all_unknown: false }.into());
        }
        // This refusal is not cached in Redis: while the fifth password is still being checked, the lock may be taken back.
        Ok(lockout::take_place(self.outbox.unaudited(Unaudited::LoginFailures), key, Tried::Login, requester).await??)
    }

    /// Whether this is the password. A place whose password was not looked at is given back.
    pub(crate) async fn is_right(
        &self,
        key: &str,
        password: Hidden,
        account: Option<&Account>,
        place: &CountedTry,
    ) -> Result<bool, Problem> {
        let hash = account.map(|account| account.password_hash.clone());
        let lane = if place.is_of_known() { Lane::Known(key) } else { Lane::Common };
        match self.passwords.is_right(lane, password, hash).await {
            Ok(right) => Ok(right),
            Err(overloaded) => {
                lockout::give_back(self.outbox.unaudited(Unaudited::LoginFailures), key, place).await?;
                Err(overloaded.into())
            }
        }
    }

    async fn accept_login(
        &self,
        key: String,
        account: Account,
        place: CountedTry,
        address: Option<String>,
    ) -> Result<HttpResponse, Problem> {
        let role = *account.role;
        let token = self
            .tokens
            .issue(&account, role, Utc::now().timestamp())
            .map_err(|cause| Problem::internal("make a token", &cause))?;
        store_login(&self.outbox, key.clone(), account.admin_id, place, address).await?;
        let mut answer = HttpResponse::Ok();
        // A device keeps its cookie, and with it the count of its wrong tries.
        if place.requester.kind != requester::Kind::Device {
            answer.insert_header(self.requesters.cookie(&key, account.sessions_ended));
        }
        Ok(answer.insert_header(("Cache-Control", "no-store")).json(LoggedIn {
            access_token: Hidden::new(token),
            token_type: "bearer".to_owned(),
            expires_in: LIFETIME_SECONDS,
            role: <&str>::from(role).to_owned(),
        }))
    }

    async fn refuse_login(&self, key: String, place: CountedTry, admin_id: Option<i64>, address: Option<String>) -> Problem {
        metrics::counter!("auth_wrong_credentials_total").increment(1);
        if place.is_last {
            match lockout::lock(&self.outbox, key.clone(), place, lockout::locked_event(admin_id, address)).await {
                Ok(by_whom) => {
                    if by_whom.requester {
                        self.refusals.lock(&key, &place.requester, LOCK_SECONDS).await;
                    }
                    if by_whom.requester || by_whom.all_unknown {
                        // Whether there is an account to send it to is found out after the answer.
                        self.send_afterwards(key, CodePurpose::Unlock, Uuid::new_v4());
                    }
                }
                Err(failed) => return failed.into(),
            }
        }
        Problem::new(problems::WRONG_CREDENTIALS, say!(login_wrong))
    }
}

async fn store_login(
    outbox: &Outbox,
    key: String,
    admin_id: i64,
    place: CountedTry,
    address: Option<String>,
) -> Result<(), Failed<Problem>> {
    let event = AuditEvent::now(AuditEventKind::AdminLoggedIn {}).by(admin_id, address);
    outbox
        .audited("log in", async move |tx| {
            lockout::clear(tx.connection(), &key, &place).await?;
            let now = diesel::dsl::now.into_sql::<diesel::sql_types::Timestamptz>().nullable();
            diesel::update(admins::table.find(admin_id)).set(admins::last_login.eq(now)).execute(tx.connection()).await?;
            Ok(Audited::new((), event.clone()))
        })
        .await
}
