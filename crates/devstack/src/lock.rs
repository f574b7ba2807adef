//! Two `make up` at once take turns.

use crate::StackError;
use crate::layout::Layout;
use std::fs::{File, OpenOptions, TryLockError};

/// Held until dropped; the system gives it back when the holder is killed.
pub(crate) struct Lock(#[allow(dead_code, reason = "held, not read")] File);

impl Lock {
    pub(crate) fn take(layout: &Layout) -> Result<Self, StackError> {
        let path = layout.state.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                println!("another make is at work on this stack, waiting for it");
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(Self(file))
    }
}
