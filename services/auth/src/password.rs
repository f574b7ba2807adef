//! Which passwords are taken, and bcrypt, off the async threads.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use bcrypt::BcryptError;
use contract::auth::Hidden;
use domain::email::Email;
use launch::{Overloaded, SlowWork};
use messages::say;
use problem::Problem;

/// Longer fields are refused unread.
pub(crate) const LONGEST_FIELD: usize = 1024;
const SHORTEST: usize = 12;
/// bcrypt reads 72 bytes and silently ignores the rest: two passwords that differ only after byte 72 would be the same.
const BCRYPT_READS: usize = 72;
/// The shortest local part of an address that a password may not contain. A shorter one is in many good passwords by chance.
const SHORTEST_LOCAL_PART: usize = 4;

/// Passwords of twelve characters and more that everybody tries first.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty()).collect());

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PasswordRefused {
    TooShort,
    TooLong,
    Control,
    ContainsEmail,
    Common,
}

messages::says!(PasswordRefused, |refused| match refused {
    PasswordRefused::TooShort => say!(password_too_short),
    PasswordRefused::TooLong => say!(password_too_long),
    PasswordRefused::Control => say!(password_control_character),
    PasswordRefused::ContainsEmail => say!(password_contains_address),
    PasswordRefused::Common => say!(password_common),
});

/// Whether a new password may be taken.
pub(crate) fn check(password: &str, email: Option<&Email>) -> Result<(), PasswordRefused> {
    let lower = password.to_lowercase();
    if password.len() > BCRYPT_READS {
        return Err(PasswordRefused::TooLong);
    }
    if password.chars().count() < SHORTEST {
        return Err(PasswordRefused::TooShort);
    }
    if password.chars().any(char::is_control) {
        return Err(PasswordRefused::Control);
    }
    let key = email.map(Email::key).unwrap_or_default();
    let local = key.split('@').next().unwrap_or_default();
    if local.len() >= SHORTEST_LOCAL_PART && lower.contains(local) || !key.is_empty() && lower.contains(&key) {
        return Err(PasswordRefused::ContainsEmail);
    }
    if COMMON.contains(lower.as_str()) || is_repetition(&lower) || is_run(&lower) {
        return Err(PasswordRefused::Common);
    }
    Ok(())
}

/// `aaaaaaaaaaaa`, `abcabcabcabc`, `secretsecret`: one part again and again, the last time perhaps cut off.
fn is_repetition(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    (1..=chars.len() / 2).any(|part| chars.iter().zip(chars.iter().skip(part)).all(|(a, b)| a == b))
}

/// `123456789012`, `abcdefghijkl`, `098765432109`: each character the neighbour of the one before.
fn is_run(lower: &str) -> bool {
    let chars: Vec<u32> = lower.chars().map(u32::from).collect();
    let next = |a: u32, b: u32| b == a + 1 || (a, b) == (u32::from('9'), u32::from('0'));
    chars.windows(2).all(|pair| matches!(pair, [a, b] if next(*a, *b)))
        || chars.windows(2).all(|pair| matches!(pair, [a, b] if next(*b, *a)))
}

/// Passwords that may wait for a core in the lane of those who are known.
const WAITING_KNOWN: usize = 64;

/// Places that one account has in that lane: a person needs one at a time, and nobody fills the lane with an account of their own.
const PLACES_OF_AN_ACCOUNT: usize = 2;

/// Which thread pool checks a password.
pub(crate) enum Lane<'a> {
    /// Anybody's.
    Common,
    /// For requesters that this account knows: a device that has logged in, an address from which a mailed link was used, a
    /// session, somebody with the code or link of a mail. It has threads of its own, so strangers in the common lane do not delay
    /// it.
    Known(&'a str),
}

/// bcrypt in the pools for slow work. No `Debug`: hashes.
pub(crate) struct Passwords {
    common: SlowWork,
    known: SlowWork,
    /// How many places each account has in the lane of those who are known.
    taken: Mutex<HashMap<String, usize>>,
    cost: u32,
    nobody: Arc<str>,
}

/// A place in the lane of those who are known, until it is dropped.
struct KnownPlace<'a> {
    taken: &'a Mutex<HashMap<String, usize>>,
    email_key: &'a str,
}

impl Drop for KnownPlace<'_> {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = taken.get_mut(self.email_key) {
            *places -= 1;
            if *places == 0 {
                taken.remove(self.email_key);
            }
        }
    }
}

impl Passwords {
    /// With this cost, and so many places to wait for anybody. Makes the hash that an unknown address is compared with, so that it
    /// takes as long as a known one.
    pub(crate) async fn new(waiting: usize, cost: u32) -> Result<Self, BcryptError> {
        let nobody = tokio::task::spawn_blocking(move || bcrypt::hash("nobody has this password", cost)).await;
        let nobody = nobody.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))?;
        let half_of_the_cores = std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2));
        Ok(Self {
            common: SlowWork::new(waiting),
            known: SlowWork::with_workers(half_of_the_cores, WAITING_KNOWN),
            taken: Mutex::default(),
            cost,
            nobody: nobody.into(),
        })
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, lane: Lane<'_>, password: Hidden) -> Result<String, Problem> {
        let cost = self.cost;
        let hashed = self.run(lane, move || bcrypt::hash(password.expose(), cost)).await?;
        hashed.map_err(|cause| Problem::internal("hash a password", &cause))
    }

    /// Runs the work in this lane; in the common one when the account has its places in the other already.
    async fn run<T: Send + 'static>(&self, lane: Lane<'_>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Overloaded> {
        let place = match lane {
            Lane::Common => None,
            Lane::Known(email_key) => self.take(email_key),
        };
        if place.is_some() { self.known.run(work).await } else { self.common.run(work).await }
    }

    fn take<'a>(&'a self, email_key: &'a str) -> Option<KnownPlace<'a>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let places = taken.entry(email_key.to_owned()).or_default();
        if *places >= PLACES_OF_AN_ACCOUNT {
            return None;
        }
        *places += 1;
        Some(KnownPlace { taken: &self.taken, email_key })
    }

    /// Whether the password matches the hash. Without a valid hash it is compared with a dummy hash, so that it takes the same
    /// time.
    pub(crate) async fn is_right(&self, lane: Lane<'_>, password: Hidden, hash: Option<String>) -> Result<bool, Overloaded> {
        let nobody = self.nobody.clone();
        let work = move || {
            metrics::counter!("auth_password_checks_total").increment(1);
            let password = password.expose();
            let compared = hash.and_then(|hash| bcrypt::verify(password, &hash).ok());
            let fits = compared.unwrap_or_else(|| bcrypt::verify(password, &nobody).is_ok_and(|_| false));
            // bcrypt would compare only the first 72 bytes, and a password of more was never taken.
            fits && password.len() <= BCRYPT_READS
        };
        self.run(lane, work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<PasswordRefused> {
        check(password, Some(&Email::parse("Alice.Jones@example.com").unwrap())).err()
    }

    #[test]
    fn four_words_are_taken() {
        for good in ["Correct-Horse-9-Battery", "lamp river seven coat", "žluťoučký kůň ú", "x9#Lq2!vTz0p"] {
            assert_eq!(refused(good), None, "{good}");
        }
    }

    #[test]
    fn short_and_endless_ones_are_not() {
        assert_eq!(refused("elevenchars"), Some(PasswordRefused::TooShort));
        assert_eq!(refused(&"lamp river ".repeat(7)), Some(PasswordRefused::TooLong));
        assert_eq!(refused("lamp river\0seven coat"), Some(PasswordRefused::Control));
    }

    #[test]
    fn the_address_is_no_password() {
        assert_eq!(refused("my-ALICE.JONES-99"), Some(PasswordRefused::ContainsEmail));
        assert_eq!(refused("alice.jones@example.com"), Some(PasswordRefused::ContainsEmail));
    }

    #[test]
    fn what_is_tried_first_is_refused_in_any_case_of_letters() {
        for bad in [
            "Password1234",
            "qwertyuiop123",
            "aaaaaaaaaaaa",
            "abcabcabcabca",
            "Secret-Secret-",
            "123456789012",
            "abcdefghijklm",
            "987654321098",
        ] {
            assert_eq!(refused(bad), Some(PasswordRefused::Common), "{bad}");
        }
    }

    #[actix_web::test]
    async fn whoever_is_known_waits_in_a_lane_that_strangers_do_not_fill() {
        let passwords = Passwords::new(3, 4).await.unwrap();
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let wait = Arc::new(std::sync::Mutex::new(wait));
        // Everything that the common lane takes, under way and waiting.
        let mut strangers = Vec::new();
        let common = passwords.common.clone();
        loop {
            let wait = wait.clone();
            let mut stranger = Box::pin({
                let common = common.clone();
                async move { common.run(move || wait.lock().unwrap().recv().is_ok()).await }
            });
            match futures_util::poll!(&mut stranger) {
                std::task::Poll::Ready(Err(Overloaded)) => break,
                _ => strangers.push(stranger),
            }
        }
        let password = || Hidden::new("lamp river seven coat".to_owned());
        assert_eq!(passwords.is_right(Lane::Common, password(), None).await, Err(Overloaded));
        assert_eq!(passwords.is_right(Lane::Known("ann@example.com"), password(), None).await, Ok(false));
        // Nobody fills that lane with one account: the third of one account waits with everybody else.
        let taken = (passwords.take("eve@example.com"), passwords.take("eve@example.com"));
        assert!(taken.0.is_some() && taken.1.is_some() && passwords.take("eve@example.com").is_none());
        assert_eq!(passwords.is_right(Lane::Known("eve@example.com"), password(), None).await, Err(Overloaded));
        assert_eq!(passwords.is_right(Lane::Known("ann@example.com"), password(), None).await, Ok(false));
        drop(taken);
        assert!(passwords.taken.lock().unwrap().is_empty());
        drop(release);
    }

    #[test]
    fn the_list_holds_only_what_could_pass_the_other_rules() {
        assert!(COMMON.len() >= 300, "{}", COMMON.len());
        for entry in COMMON.iter() {
            assert!(
                entry.chars().count() >= SHORTEST && entry.len() <= BCRYPT_READS && *entry == entry.to_lowercase(),
                "{entry}"
            );
        }
    }
}
