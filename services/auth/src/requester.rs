//! Whose wrong tries count together: those of one device, else of one address, else of one session.
//!
//! A device is known by a cookie from an earlier login to the same account (OWASP calls it a device cookie). It opens nothing: it
//! only keeps the tries of its holder apart from those of strangers. It says nothing about a person and is signed, so nothing is
//! stored for it. It is bound to the account and to its password: a new password makes all older ones worthless.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::Utc;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

/// For how long a device is known after a login: a year.
const KNOWN_FOR_SECONDS: i64 = 365 * 24 * 3600;
const NONCE_BYTES: usize = 16;

/// Who makes a try. The table holds only a keyed hash of it, so that a reader of the database does not learn from where an organiser works.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Requester {
    pub(crate) hash: [u8; 32],
    pub(crate) kind: Kind,
}

/// By what a requester is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A device that has logged in to this account.
    Device,
    /// A network address.
    Address,
    /// The request has no client address: another service of this installation sent it.
    Nameless,
    /// A session.
    Session,
}

/// The IP address and the device cookies of a request, before the account is known.
pub(crate) struct RequestOrigin {
    address: Option<IpAddr>,
    cookies: Vec<(String, String)>,
}

impl RequestOrigin {
    /// Reads the cookies and the address that the gateway has seen.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let address = identity::client_address(request).and_then(|address| address.parse().ok());
        let sent = request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
        let pairs = sent.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let ours = pairs.filter(|(name, _)| name.starts_with(PREFIX));
        Self { address, cookies: ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }

    /// The address, as the audit log has it.
    pub(crate) fn address(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }
}

const PREFIX: &str = "uvote_device_";

/// Makes device cookies and identifies requesters. No `Debug`: it holds a key.
#[derive(Clone)]
pub(crate) struct Requesters {
    key: hmac::Key,
    is_secure: bool,
}

impl Requesters {
    /// `secret` is the public token's; what is derived from it here is good for nothing else. `is_secure` cookies are sent over TLS only.
    pub(crate) fn new(secret: &SecretString, is_secure: bool) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let own = hmac::sign(&key, b"uvote: requesters/v1");
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()), is_secure }
    }

    /// The requester of a try at this account. `sessions_ended` is the account's; for an address without account it decides nothing.
    pub(crate) fn identify(&self, shown: &RequestOrigin, email_key: &str, sessions_ended: i32) -> Requester {
        let name = self.cookie_name(email_key);
        let device = shown
            .cookies
            .iter()
            .filter(|(given, _)| *given == name)
            .find_map(|(_, value)| self.read(value, email_key, sessions_ended));
        if let Some(nonce) = device {
            return Requester { hash: self.hash(&[b"device", &nonce]), kind: Kind::Device };
        }
        match shown.address {
            Some(address) => Requester { hash: self.hash(&[b"address", network(address).as_bytes()]), kind: Kind::Address },
            None => Requester { hash: self.hash(&[b"nameless"]), kind: Kind::Nameless },
        }
    }

    /// The requester of a try at change-password: its session.
    pub(crate) fn of_session(&self, jti: Uuid) -> Requester {
        Requester { hash: self.hash(&[b"session", jti.as_bytes()]), kind: Kind::Session }
    }

    /// The header by which the device is known at its next login: scripts and other sites do not get at the cookie.
    pub(crate) fn cookie(&self, email_key: &str, sessions_ended: i32) -> (header::HeaderName, String) {
        let mut nonce = [0; NONCE_BYTES];
        rand::fill(&mut nonce).expect("the operating system gives random bytes");
        let ends = Utc::now().timestamp().saturating_add(KNOWN_FOR_SECONDS);
        let signature = hmac::sign(&self.key, &signed(email_key, sessions_ended, ends, &nonce));
        let value = [&ends.to_be_bytes()[..], &nonce, signature.as_ref()].concat();
        let (name, value, seconds) = (self.cookie_name(email_key), BASE64.encode(value), KNOWN_FOR_SECONDS);
        let secure = if self.is_secure { "; Secure" } else { "" };
        (header::SET_COOKIE, format!("{name}={value}; Path=/api/auth; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"))
    }

    /// One cookie for each account, so that two organisers can share a browser. The name is keyed: it does not tell the address.
    fn cookie_name(&self, email_key: &str) -> String {
        format!("{PREFIX}{}", hex::encode(&self.hash(&[b"name", email_key.as_bytes()])[..8]))
    }

    fn read(&self, value: &str, email_key: &str, sessions_ended: i32) -> Option<[u8; NONCE_BYTES]> {
        let bytes = BASE64.decode(value).ok()?;
        let (ends, rest) = bytes.split_first_chunk::<8>()?;
        let (nonce, signature) = rest.split_first_chunk::<NONCE_BYTES>()?;
        let ends = i64::from_be_bytes(*ends);
        hmac::verify(&self.key, &signed(email_key, sessions_ended, ends, nonce), signature).ok()?;
        (ends > Utc::now().timestamp()).then_some(*nonce)
    }

    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(part);
            context.update(b"/");
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }
}

fn signed(email_key: &str, sessions_ended: i32, ends: i64, nonce: &[u8; NONCE_BYTES]) -> Vec<u8> {
    [b"device cookie/", &sessions_ended.to_be_bytes()[..], &ends.to_be_bytes(), nonce, email_key.as_bytes()].concat()
}

/// An address of IPv6 stands for its /64: that much is given to one household, which can use every address of it.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn requesters() -> Requesters {
        Requesters::new(&SecretString::from("a secret of the tests".to_owned()), true)
    }

    fn shown(address: &str, cookie: Option<(&str, &str)>) -> RequestOrigin {
        let mut request = TestRequest::default().insert_header(("X-Real-IP", address));
        if let Some((name, value)) = cookie {
            request = request.insert_header(("Cookie", format!("theme=dark; {name}={value}")));
        }
        RequestOrigin::of(&request.to_http_request())
    }

    /// Name and value of the cookie that is set.
    fn pair(cookie: &str) -> (&str, &str) {
        cookie.split(';').next().unwrap().split_once('=').unwrap()
    }

    #[test]
    fn a_cookie_is_for_one_account_and_one_password() {
        let requesters = requesters();
        let (_, cookie) = requesters.cookie("ann@example.com", 3);
        let kind = |email: &str, sessions| requesters.identify(&shown("192.0.2.7", Some(pair(&cookie))), email, sessions).kind;
        assert_eq!(kind("ann@example.com", 3), Kind::Device);
        assert_eq!(kind("ann@example.com", 4), Kind::Address, "the password is another now");
        assert_eq!(kind("bob@example.com", 3), Kind::Address);
        let bobs_name = requesters.cookie_name("bob@example.com");
        let renamed = shown("192.0.2.7", Some((&bobs_name, pair(&cookie).1)));
        assert_eq!(requesters.identify(&renamed, "bob@example.com", 3).kind, Kind::Address);
    }

    #[test]
    fn a_cookie_that_was_changed_or_is_from_elsewhere_is_none() {
        let requesters = requesters();
        let (_, cookie) = requesters.cookie("ann@example.com", 0);
        let (name, value) = pair(&cookie);
        let (_, other) = Requesters::new(&SecretString::from("another secret".to_owned()), true).cookie("ann@example.com", 0);
        for value in ["", "x", &value[1..], &value.to_lowercase(), pair(&other).1] {
            let kind = requesters.identify(&shown("192.0.2.7", Some((name, value))), "ann@example.com", 0).kind;
            assert_eq!(kind, Kind::Address, "{value}");
        }
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_other_sites_and_plain_http() {
        let (_, cookie) = requesters().cookie("ann@example.com", 0);
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/api/auth"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        assert!(!cookie.contains("ann"), "{cookie}");
        let local = Requesters::new(&SecretString::from("a secret of the tests".to_owned()), false);
        assert!(!local.cookie("ann@example.com", 0).1.contains("Secure"));
    }

    #[test]
    fn an_address_of_ipv6_counts_with_its_network() {
        let requesters = requesters();
        let hash = |address: &str| requesters.identify(&shown(address, None), "ann@example.com", 0).hash;
        assert_eq!(hash("2001:db8:1:2::1"), hash("2001:db8:1:2:ffff::9"));
        assert_ne!(hash("2001:db8:1:2::1"), hash("2001:db8:1:3::1"));
        assert_eq!(hash("192.0.2.7"), hash("::ffff:192.0.2.7"));
        assert_ne!(hash("192.0.2.7"), hash("192.0.2.8"));
    }
}
