//! Files on their way through a page.
//!
//! Attack: somebody with an account keeps slow connections open, so that nobody else can send a file, or sends many files at once, so
//! that they fill the memory. Each account sends one file at a time, a whole form has a time limit, and a process keeps only so many.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::session::Session;

/// Forms with files that a process reads at a time, of 20 MB each.
const MOST: usize = 8;
/// How long a form with a file may take to arrive: 20 MB at 1.5 megabits a second.
pub(crate) const MOST_TIME: Duration = Duration::from_secs(120);

/// The files that are being read.
pub(crate) struct Uploads {
    slots: Semaphore,
    /// The accounts whose files these are.
    accounts: Mutex<HashSet<String>>,
}

/// The right to send one file; it ends with this value.
pub(crate) struct Upload<'u> {
    uploads: &'u Uploads,
    account: String,
    _slot: SemaphorePermit<'u>,
}

impl Uploads {
    pub(crate) fn new() -> Self {
        Self { slots: Semaphore::new(MOST), accounts: Mutex::default() }
    }

    /// Begins one; none while the account sends another, or all slots are taken.
    pub(crate) fn begin(&self, session: &Session) -> Option<Upload<'_>> {
        let slot = self.slots.try_acquire().ok()?;
        let account = session.email.clone();
        // Every change is one insertion or removal: a panic elsewhere leaves nothing half-done here.
        let is_first = self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(account.clone());
        is_first.then(|| Upload { uploads: self, account, _slot: slot })
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.uploads.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}
