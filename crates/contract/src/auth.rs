//! Types of the `auth` API.

use std::fmt;

use chrono::{DateTime, Utc};
use messages::{Message, Params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problems::Notice;

/// A secret text, such as a password or a token. Its `Debug` shows nothing, so that it is not logged with the struct around it.
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
    /// What stands behind `invitation=` in the link of an invitation; needed where only the invited may register. It is for one
    /// address, and shows that the address is yours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub invitation: Option<Hidden>,
}

/// Body of `POST /api/auth/request-unlock` and `POST /api/auth/request-password-reset`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// The address of the account. The code goes there and nowhere else.
    pub email: String,
}

/// Answer of whatever sends a code: the same whether there is such an account or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeRequested {
    /// What happens if there is such an account.
    pub message: String,
    /// Which sentence that is: stable, for programs and for other languages.
    #[serde(default)]
    pub code: String,
    /// What stands in the sentence: texts, numbers, or other messages with `code` and `params`.
    #[serde(default)]
    #[schema(value_type = HashMap<String, Value>)]
    pub params: Params,
    /// The number of this request. Sent along with the code of its mail, it keeps the tries at that code to whoever has asked for it.
    pub request_id: Uuid,
}

impl CodeRequested {
    /// This was taken, under this number.
    #[must_use]
    pub fn new(message: Message, request_id: Uuid) -> Self {
        let Notice { message, code, params } = message.into();
        Self { message, code, params, request_id }
    }
}

/// Body of `POST /api/auth/verify-address`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyAddress {
    /// The code in the mail, in any case, with or without its hyphen.
    #[schema(value_type = String, example = "7QK2-M9XD")]
    pub code: Hidden,
    /// What `send-verification` answered; not needed, because only who is logged in can use up tries at this code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
}

/// Body of `POST /api/auth/unlock`: `email` and `code` (best with `request_id`), or `token`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    /// The address of the account; with `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The code in the mail, in any case, with or without its hyphen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "7QK2-M9XD")]
    pub code: Option<Hidden>,
    /// What the request for this mail answered. With it wrong codes count against that request alone; without it they count
    /// against whoever sends them, and any code that is still good is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// Instead of the three: what stands behind `token=` in the link of the mail. No wrong tries stop it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub token: Option<Hidden>,
}

/// Body of `POST /api/auth/reset-password`: `email` and `code` (best with `request_id`), or `token`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The address of the account; with `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The code in the mail, in any case, with or without its hyphen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "7QK2-M9XD")]
    pub code: Option<Hidden>,
    /// What the request for this mail answered. With it wrong codes count against that request alone; without it they count
    /// against whoever sends them, and any code that is still good is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// Instead of the three: what stands behind `token=` in the link of the mail. No wrong tries stop it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub token: Option<Hidden>,
    /// The new password, by the rules of registration.
    #[schema(value_type = String, format = Password, min_length = 12)]
    pub password: Hidden,
}

/// Body of `POST /api/auth/change-password`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password as it is.
    #[schema(value_type = String, format = Password)]
    pub current_password: Hidden,
    /// The new one, by the rules of registration.
    #[schema(value_type = String, format = Password, min_length = 12)]
    pub new_password: Hidden,
}

/// Body of `POST /api/auth/invitations`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Who may register. A new invitation replaces an older one to the same address.
    #[schema(example = "organiser@example.com")]
    pub email: String,
}

/// An invitation that can still be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its number.
    pub invitation_id: i64,
    /// For whom.
    pub email: String,
    /// The address of who invites.
    pub invited_by: String,
    /// When it dies.
    pub expires_at: DateTime<Utc>,
}

/// Every invitation that can still be used, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitations {
    /// The invitations.
    pub invitations: Vec<Invitation>,
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
    /// Whether the address was shown to be theirs.
    pub email_verified: bool,
    /// `admin` or `superadmin`.
    pub role: String,
    /// When the token was made, in seconds since 1970.
    pub iat: i64,
    /// When it dies, in seconds since 1970.
    pub exp: i64,
    /// Its own number, by which a logout kills it.
    pub jti: Uuid,
}
