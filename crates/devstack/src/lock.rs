//! Two `make up` at once take turns.

use crate::StackError;
use crate::layout::Layout;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;

/// Held until dropped; the system gives it back when the holder is killed.
pub(crate) struct Lock(#[allow(dead_code, reason = "held, not read")] File);

impl Lock {
    pub(crate) fn take(layout: &Layout) -> Result<Self, StackError> {
        let path = layout.state.join("lock");
        loop {
            fs::create_dir_all(&layout.state)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    println!("another make is at work on this stack, waiting for it");
                    file.lock()?;
                }
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            // This may have waited for `make clean`: it deletes the lock file; then the new file must be locked.
            let is_there = fs::metadata(&path).is_ok_and(|there| file.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
            if is_there {
                return Ok(Self(file));
            }
        }
    }

    /// Takes the file away, and the folder if nothing else is in it.
    pub(crate) fn remove(self, layout: &Layout) -> Result<(), StackError> {
        fs::remove_file(layout.state.join("lock"))?;
        match fs::remove_dir(&layout.state) {
            Err(error) if error.kind() != ErrorKind::DirectoryNotEmpty => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
