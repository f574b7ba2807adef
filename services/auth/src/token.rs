//! The public token: HS256, 24 hours, the claims of U-Vote plus `jti`.
//!
//! The algorithm is fixed here and not taken from the token: `alg: none`, another algorithm, or an RSA header with the secret as
//! "public key" are refused before the signature is checked.

use identity::Role;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::login::Account;

/// For how many seconds a token is good.
pub(crate) const LIFETIME_SECONDS: i64 = 86_400;

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) email: String,
    pub(crate) role: Role,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: Uuid,
    /// How often all sessions of the account had been ended when this token was made.
    #[serde(default)]
    pub(crate) sessions: i32,
}

impl Claims {
    /// The account the token belongs to.
    pub(crate) fn admin_id(&self) -> Option<i64> {
        self.sub.strip_prefix("admin_")?.parse().ok()
    }
}

/// Makes and reads tokens. No `Debug`: it holds the secret.
pub(crate) struct Tokens {
    signing: EncodingKey,
    reading: DecodingKey,
    rules: Validation,
}

impl Tokens {
    /// With this secret.
    pub(crate) fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = 0;
        rules.set_required_spec_claims(&["exp", "sub"]);
        Self { signing: EncodingKey::from_secret(secret), reading: DecodingKey::from_secret(secret), rules }
    }

    /// A token for this account from `now` (seconds since 1970) on.
    pub(crate) fn issue(&self, account: &Account, role: Role, now: i64) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: format!("admin_{}", account.admin_id),
            email: account.email.clone(),
            role,
            iat: now,
            exp: now.saturating_add(LIFETIME_SECONDS),
            jti: Uuid::new_v4(),
            sessions: account.sessions_ended,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
    }

    /// What the token says, if it is ours and alive.
    pub(crate) fn read(&self, token: &str) -> Option<Claims> {
        jsonwebtoken::decode::<Claims>(token, &self.reading, &self.rules).ok().map(|read| read.claims)
    }
}
