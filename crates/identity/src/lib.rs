//! Who is calling.
//!
//! Auth turns the public token of an admin into an internal **assertion**: an EdDSA JWT of a minute, for one service, signed by
//! a key only auth has. A service believes that and no other header. A service that calls another signs a JWT of its own
//! key; the receiver knows the public keys of all services.
//!
//! The algorithm is fixed by the verifier and never read from the token, so `alg: none` and HS256 over the public key fail.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod caller;
mod openapi;
mod service;

pub use caller::{ASSERTION_HEADER, AssertionSigner, AssertionVerifier, Caller, MaybeCaller, Role, client_address};
pub use openapi::Callers;
pub use service::{CallingService, SERVICE_HEADER, ServiceKey, ServiceKeys};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;

/// How long an assertion or a service's token is good for: long enough for a slow upload to reach its service.
pub const LIFETIME_SECONDS: i64 = 60;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path} is not an Ed25519 key in PEM form: {cause}")]
pub struct KeyRefused {
    path: String,
    cause: String,
}

impl KeyRefused {
    fn new(path: &std::path::Path, cause: &dyn std::fmt::Display) -> Self {
        Self { path: path.display().to_string(), cause: cause.to_string() }
    }
}

fn verify<C: DeserializeOwned + Clone>(token: &str, key: &DecodingKey, audience: &str) -> Result<C, jsonwebtoken::errors::Error> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "aud"]);
    rules.leeway = 5;
    jsonwebtoken::decode::<C>(token, key, &rules).map(|data| data.claims)
}
