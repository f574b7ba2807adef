//! Services, by their own keys.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::path::Path;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use contract::problems;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use messages::say;
use problem::Problem;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{KeyRefused, LIFETIME_SECONDS, verify};

/// The header that carries a service's token on the internal listener.
pub const SERVICE_HEADER: &str = "X-Uvote-Service";

#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// A service's own private key.
#[derive(Clone)]
pub struct ServiceKey {
    name: &'static str,
    key: EncodingKey,
}

impl ServiceKey {
    /// Reads the private key (PKCS#8 PEM) of the service called `name`.
    pub fn from_file(name: &'static str, path: &Path) -> Result<Self, KeyRefused> {
        let pem = std::fs::read(path).map_err(|cause| KeyRefused::new(path, &cause))?;
        let key = EncodingKey::from_ed_pem(&pem).map_err(|cause| KeyRefused::new(path, &cause))?;
        Ok(Self { name, key })
    }

    /// The service it belongs to.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A token for calling the service `audience`, from `now` (seconds since 1970) on.
    pub fn sign(&self, audience: &str, now: i64) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: self.name.to_owned(),
            aud: audience.to_owned(),
            iat: now,
            exp: now.saturating_add(LIFETIME_SECONDS),
            jti: Uuid::new_v4(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)
    }
}

/// The public keys of all services, as one receiver uses them. Register it with `app_data(web::Data)`.
#[derive(Clone)]
pub struct ServiceKeys {
    keys: HashMap<String, DecodingKey>,
    audience: &'static str,
}

impl ServiceKeys {
    /// Reads every `<service>.pub.pem` of the folder; only tokens for `audience` will count.
    pub fn from_dir(dir: &Path, audience: &'static str) -> Result<Self, KeyRefused> {
        let mut keys = HashMap::new();
        for entry in std::fs::read_dir(dir).map_err(|cause| KeyRefused::new(dir, &cause))? {
            let path = entry.map_err(|cause| KeyRefused::new(dir, &cause))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".pub.pem"))
            else {
                continue;
            };
            let pem = std::fs::read(&path).map_err(|cause| KeyRefused::new(&path, &cause))?;
            let key = DecodingKey::from_ed_pem(&pem).map_err(|cause| KeyRefused::new(&path, &cause))?;
            keys.insert(name.to_owned(), key);
        }
        Ok(Self { keys, audience })
    }

    pub(crate) fn service(&self, request: &HttpRequest) -> Result<CallingService, Problem> {
        let refused = || Problem::new(problems::UNAUTHENTICATED, say!(services_only));
        let token = request.headers().get(SERVICE_HEADER).and_then(|header| header.to_str().ok()).ok_or_else(refused)?;
        // Who signed is read before the signature is checked, only to pick the key it is checked with.
        let issuer = jsonwebtoken::dangerous::insecure_decode::<Claims>(token).map_err(|_| refused())?.claims.iss;
        let (name, key) = self.keys.get_key_value(&issuer).ok_or_else(refused)?;
        let claims: Claims = verify(token, key, self.audience).map_err(|_| refused())?;
        if claims.iss == *name { Ok(CallingService { name: claims.iss }) } else { Err(refused()) }
    }
}

/// The service that is calling. As an argument of a handler it refuses everybody else with 401; the handler then looks up
/// in its own table whether this service may do this.
#[derive(Debug, Clone)]
pub struct CallingService {
    /// Its name.
    pub name: String,
}

impl FromRequest for CallingService {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let keys = request.app_data::<web::Data<ServiceKeys>>();
        ready(match keys {
            Some(keys) => keys.service(request),
            None => Err(Problem::internal("recognise the calling service", &"no ServiceKeys are registered")),
        })
    }
}
