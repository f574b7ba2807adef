//! Admins, by the assertion that auth made for them.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::path::Path;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use contract::events::{AuditEvent, AuditEventKind};
use contract::problems;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use messages::say;
use problem::Problem;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::service::{SERVICE_HEADER, ServiceKeys};
use crate::{KeyRefused, LIFETIME_SECONDS, verify};

/// The header that carries the assertion. The gateway strips it from whatever comes from outside.
pub const ASSERTION_HEADER: &str = "X-Uvote-Assertion";

/// What an admin may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// Their own elections.
    Admin,
    /// The state of every election; never a ballot.
    Superadmin,
}

/// An admin who is calling. As an argument of a handler it refuses everybody else with 401.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Number of the account.
    pub admin_id: i64,
    /// Its address.
    pub email: String,
    /// Its role.
    pub role: Role,
    /// Where they call from, as the gateway saw it.
    pub ip_address: Option<String>,
}

impl Caller {
    /// An audit event for something that this caller does now.
    #[must_use]
    pub fn did(&self, kind: AuditEventKind) -> AuditEvent {
        AuditEvent::now(kind).by(self.admin_id, self.ip_address.clone())
    }
}

/// An admin or anybody. A bad assertion is refused even here: it is never taken for none.
#[derive(Debug, Clone)]
pub struct MaybeCaller(pub Option<Caller>);

#[derive(Clone, Serialize, Deserialize)]
struct Claims {
    sub: String,
    email: String,
    role: Role,
    aud: String,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// Makes assertions. Only auth has one.
pub struct AssertionSigner(EncodingKey);

impl AssertionSigner {
    /// Reads the private key (PKCS#8 PEM).
    pub fn from_file(path: &Path) -> Result<Self, KeyRefused> {
        let pem = std::fs::read(path).map_err(|cause| KeyRefused::new(path, &cause))?;
        EncodingKey::from_ed_pem(&pem).map(Self).map_err(|cause| KeyRefused::new(path, &cause))
    }

    /// An assertion about this admin for one service, from `now` (seconds since 1970) on.
    pub fn sign(
        &self,
        admin_id: i64,
        email: &str,
        role: Role,
        audience: &str,
        now: i64,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            sub: format!("admin_{admin_id}"),
            email: email.to_owned(),
            role,
            aud: audience.to_owned(),
            iat: now,
            exp: now.saturating_add(LIFETIME_SECONDS),
            jti: Uuid::new_v4(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.0)
    }
}

/// Checks assertions meant for one service. Register it with `app_data(web::Data)`.
#[derive(Clone)]
pub struct AssertionVerifier {
    key: DecodingKey,
    audience: &'static str,
}

impl AssertionVerifier {
    /// Reads auth's public key (SPKI PEM); only assertions for `audience` will count.
    pub fn from_file(path: &Path, audience: &'static str) -> Result<Self, KeyRefused> {
        let pem = std::fs::read(path).map_err(|cause| KeyRefused::new(path, &cause))?;
        let key = DecodingKey::from_ed_pem(&pem).map_err(|cause| KeyRefused::new(path, &cause))?;
        Ok(Self { key, audience })
    }

    fn caller(&self, request: &HttpRequest) -> Result<Option<Caller>, Problem> {
        let refused = || Problem::new(problems::UNAUTHENTICATED, say!(assertion_invalid));
        let Some(header) = request.headers().get(ASSERTION_HEADER) else { return Ok(None) };
        let token = header.to_str().map_err(|_| refused())?;
        if token.is_empty() {
            return Ok(None);
        }
        let claims: Claims = verify(token, &self.key, self.audience).map_err(|_| refused())?;
        let admin_id = claims.sub.strip_prefix("admin_").and_then(|id| id.parse().ok()).ok_or_else(refused)?;
        Ok(Some(Caller { admin_id, email: claims.email, role: claims.role, ip_address: client_address(request) }))
    }
}

/// Which service passes its visitors' addresses on: the one that renders pages. No other service has visitors.
const RENDERS_PAGES: &str = "frontend";

/// Where a request came from. On the public listener the gateway has seen it. On the internal one it is what the caller says about
/// its visitor, and that counts only beside a valid token of frontend: any other service could name whom it likes, and so lock out
/// or hide behind an address. A service that registers no [`ServiceKeys`] believes nobody. The address goes into the audit log, so
/// what is no address is none.
#[must_use]
pub fn client_address(request: &HttpRequest) -> Option<String> {
    // The gateway passes this header on from the internal listener alone.
    if request.headers().contains_key(SERVICE_HEADER) && !is_by(request, RENDERS_PAGES) {
        return None;
    }
    let address: IpAddr = request.headers().get("X-Real-IP")?.to_str().ok()?.parse().ok()?;
    Some(address.to_string())
}

fn is_by(request: &HttpRequest, name: &str) -> bool {
    let keys = request.app_data::<web::Data<ServiceKeys>>();
    keys.and_then(|keys| keys.service(request).ok()).is_some_and(|service| service.name == name)
}

fn from_request(request: &HttpRequest) -> Result<Option<Caller>, Problem> {
    let verifier = request
        .app_data::<web::Data<AssertionVerifier>>()
        .ok_or_else(|| Problem::internal("recognise the caller", &"no AssertionVerifier is registered"))?;
    verifier.caller(request)
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            from_request(request)
                .and_then(|caller| caller.ok_or_else(|| Problem::new(problems::UNAUTHENTICATED, say!(log_in_first)))),
        )
    }
}

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(from_request(request).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use actix_web::web;
    use installation::Installation;

    use super::client_address;
    use crate::{SERVICE_HEADER, ServiceKey, ServiceKeys};

    fn key(installation: &Installation, name: &'static str) -> ServiceKey {
        ServiceKey::from_file(name, &installation.service_key(name)).unwrap()
    }

    #[test]
    fn the_address_of_a_visitor_is_believed_of_frontend_alone() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (ours, foreign) = (Installation::ensure(here.path()).unwrap(), Installation::ensure(there.path()).unwrap());
        let (frontend, admin, forged) = (key(&ours, "frontend"), key(&ours, "admin"), key(&foreign, "frontend"));
        let keys = web::Data::new(ServiceKeys::from_dir(&ours.service_keys_dir(), "auth").unwrap());
        let now = jsonwebtoken::get_current_timestamp().cast_signed();
        let seen = |token: Option<String>, keys: Option<&web::Data<ServiceKeys>>| {
            let mut request = TestRequest::default().insert_header(("X-Real-IP", "192.0.2.7"));
            if let Some(token) = token {
                request = request.insert_header((SERVICE_HEADER, token));
            }
            if let Some(keys) = keys {
                request = request.app_data(keys.clone());
            }
            client_address(&request.to_http_request())
        };
        assert_eq!(seen(None, Some(&keys)).as_deref(), Some("192.0.2.7"), "the gateway itself has seen it");
        assert_eq!(seen(Some(frontend.sign("auth", now).unwrap()), Some(&keys)).as_deref(), Some("192.0.2.7"));
        let claims = [
            ("another service", admin.sign("auth", now).unwrap()),
            ("a key that is not frontend's", forged.sign("auth", now).unwrap()),
            ("a token for another service", frontend.sign("election", now).unwrap()),
            ("a token of an hour ago", frontend.sign("auth", now - 3600).unwrap()),
            ("no token", "forged".to_owned()),
            ("nothing", String::new()),
        ];
        for (whose, token) in claims {
            assert_eq!(seen(Some(token), Some(&keys)), None, "{whose}");
        }
        assert_eq!(seen(Some(frontend.sign("auth", now).unwrap()), None), None, "whoever has no keys believes nobody");
    }

    #[test]
    fn only_an_address_is_an_address() {
        let seen = |text: &str| client_address(&TestRequest::default().insert_header(("X-Real-IP", text)).to_http_request());
        assert_eq!(seen("192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(seen("2001:DB8::1").as_deref(), Some("2001:db8::1"));
        assert_eq!((seen(""), seen("<x>"), seen("192.0.2.7, 10.0.0.1")), (None, None, None));
    }
}
