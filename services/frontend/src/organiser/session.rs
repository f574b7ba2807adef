//! The session of an organiser: the token of the API, sealed into a cookie that no script reads and no other site sends (ADR 0027).
//!
//! Nothing is stored here. The key file is the same for all copies of this service, so any of them opens the cookie. The token in it is
//! judged by auth at every call: revoked there, it opens nothing here.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use contract::auth::Hidden;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The cookie of a session. `__Host-`: set over TLS (or on this machine), for this host alone, so that no neighbour under the same
/// domain sets or reads it.
pub(crate) const SESSION_COOKIE: &str = "__Host-uvote_session";
/// The cookie of a visitor without a session who has a form before them.
pub(crate) const FORM_COOKIE: &str = "__Host-uvote_form";

/// What the cookie holds.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// What the services are called with.
    pub(crate) token: Hidden,
    /// When the token ends by itself, in seconds since 1970.
    pub(crate) ends_at: i64,
    /// The address of the account, to show it.
    pub(crate) email: String,
    /// `admin` or `superadmin`: which links are shown. What somebody may do is decided by the services.
    pub(crate) role: String,
    /// What the forms of this session are bound to.
    pub(crate) form_id: String,
}

impl Session {
    pub(crate) fn is_superadmin(&self) -> bool {
        self.role == "superadmin"
    }
}

/// What something was sealed for. What was sealed for one purpose does not open for another.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Session,
    /// A form that was sent without a session, waiting for the login.
    KeptForm,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"uvote: session/v1",
            Self::KeptForm => b"uvote: kept form/v1",
        }
    }
}

/// The keys of sessions and forms. No `Debug`: it holds keys.
pub(crate) struct SessionKeys {
    seal: RandomizedNonceKey,
    forms: hmac::Key,
}

impl SessionKeys {
    /// From the key file's 64 hex digits. Each use has a key of its own that is derived from it.
    pub(crate) fn new(secret: &SecretString) -> Result<Self, aws_lc_rs::error::Unspecified> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let derived = |label: &[u8]| hmac::sign(&root, label);
        let seal = RandomizedNonceKey::new(&AES_256_GCM, derived(b"uvote: seal of sessions/v1").as_ref())?;
        let forms = hmac::Key::new(hmac::HMAC_SHA256, derived(b"uvote: forms/v1").as_ref());
        Ok(Self { seal, forms })
    }

    /// Sealed and readable by these keys alone, as text for a cookie or a field.
    pub(crate) fn seal(&self, purpose: Purpose, value: &impl Serialize) -> Option<String> {
        let mut bytes = serde_json::to_vec(value).ok()?;
        let nonce = self.seal.seal_in_place_append_tag(Aad::from(purpose.label()), &mut bytes).ok()?;
        Some(BASE64.encode([nonce.as_ref().as_slice(), &bytes].concat()))
    }

    /// What was sealed for this purpose; nothing for everything else.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: Purpose, sealed: &str) -> Option<T> {
        let bytes = BASE64.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::from(nonce);
        let opened = self.seal.open_in_place(nonce, Aad::from(purpose.label()), &mut sealed).ok()?;
        serde_json::from_slice(opened).ok()
    }

    /// The token of a form that is bound to a session or to a visitor's cookie.
    pub(crate) fn form_token(&self, bound_to: &str) -> String {
        BASE64.encode(hmac::sign(&self.forms, bound_to.as_bytes()).as_ref())
    }

    /// Whether this is that token; the time this takes tells nothing about it.
    pub(crate) fn is_form_token(&self, bound_to: &str, given: &str) -> bool {
        verify_slices_are_equal(self.form_token(bound_to).as_bytes(), given.as_bytes()).is_ok()
    }
}

/// 16 random bytes as text.
pub(crate) fn fresh_id() -> String {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(secret: &str) -> SessionKeys {
        SessionKeys::new(&SecretString::from(secret.to_owned())).unwrap()
    }

    fn session() -> Session {
        let token = Hidden::new("header.claims.signature".to_owned());
        let (email, role) = ("ann@example.org".to_owned(), "admin".to_owned());
        Session { token, ends_at: 1_800_000_000, email, role, form_id: fresh_id() }
    }

    #[test]
    fn only_the_same_key_opens_a_session_and_nothing_of_it_can_be_read() {
        let (ours, copy, other) = (keys("a secret"), keys("a secret"), keys("another"));
        let sealed = ours.seal(Purpose::Session, &session()).unwrap();
        let opened: Session = copy.open(Purpose::Session, &sealed).unwrap();
        assert_eq!((opened.token.expose(), opened.email.as_str()), ("header.claims.signature", "ann@example.org"));
        assert!(other.open::<Session>(Purpose::Session, &sealed).is_none());
        let bytes = BASE64.decode(&sealed).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("example.org"));
        assert_ne!(ours.seal(Purpose::Session, &session()), Some(sealed), "never the same twice");
    }

    #[test]
    fn a_changed_cookie_and_one_for_another_purpose_open_nothing() {
        let keys = keys("a secret");
        let sealed = keys.seal(Purpose::Session, &session()).unwrap();
        assert!(keys.open::<Session>(Purpose::KeptForm, &sealed).is_none());
        for place in [0, 20, sealed.len() - 2] {
            let mut changed = sealed.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert!(keys.open::<Session>(Purpose::Session, &String::from_utf8(changed).unwrap()).is_none(), "{place}");
        }
        for rubbish in ["", "x", "AAAA", "ä", &sealed[..30]] {
            assert!(keys.open::<Session>(Purpose::Session, rubbish).is_none(), "{rubbish}");
        }
    }

    #[test]
    fn the_token_of_a_form_is_for_one_session() {
        let ours = keys("a secret");
        let token = ours.form_token("session/1");
        assert!(ours.is_form_token("session/1", &token));
        for (bound_to, given) in [("session/2", token.as_str()), ("session/1", ""), ("session/1", &token[1..])] {
            assert!(!ours.is_form_token(bound_to, given), "{bound_to} {given}");
        }
        assert!(!keys("another").is_form_token("session/1", &token));
    }
}
