//! Types of the `auth` API.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A text that opens a door. Its `Debug` shows nothing, so it cannot slip into a log line with the struct around it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct Hidden(String);

impl Hidden {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for what it opens and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Body of `POST /api/auth/register`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// The address to log in with, whatever the case of its letters.
    #[schema(example = "admin@example.com")]
    pub email: String,
    /// 12 characters or more, at most 72 bytes (bcrypt reads no further), without the address in it and not a common one.
    #[schema(value_type = String, format = Password, min_length = 12)]
    pub password: Hidden,
}

/// Answer of `POST /api/auth/register`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Registered {
    /// Number of the account.
    pub admin_id: i64,
    /// Its address, as it was typed.
    pub email: String,
    /// `admin`.
    pub role: String,
}

/// Body of `POST /api/auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The address of the account.
    #[schema(example = "admin@example.com")]
    pub email: String,
    /// Its password.
    #[schema(value_type = String, format = Password)]
    pub password: Hidden,
}

/// Answer of `POST /api/auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoggedIn {
    /// What to send with every request, as `Authorization: Bearer <access_token>`.
    #[schema(value_type = String)]
    pub access_token: Hidden,
    /// `bearer`.
    #[schema(example = "bearer")]
    pub token_type: String,
    /// For how many seconds the token is good.
    #[schema(example = 86400)]
    pub expires_in: i64,
    /// `admin` or `superadmin`.
    pub role: String,
}

/// Answer of `GET /api/auth/verify`: the claims of the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verified {
    /// `admin_` and the number of the account.
    #[schema(example = "admin_42")]
    pub sub: String,
    /// Its address.
    pub email: String,
    /// `admin` or `superadmin`.
    pub role: String,
    /// When the token was made, in seconds since 1970.
    pub iat: i64,
    /// When it dies, in seconds since 1970.
    pub exp: i64,
    /// Its own number, by which a logout kills it.
    pub jti: Uuid,
}
