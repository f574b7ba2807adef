//! A file that is written once, whole, and readable by its owner only.

use crate::InstallationError;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static SERIAL: AtomicU32 = AtomicU32::new(0);

fn at(path: &Path) -> impl FnOnce(io::Error) -> InstallationError {
    let path = path.to_path_buf();
    move |source| InstallationError::File { path, source }
}

/// Makes a folder with mode 0700 when it is not there.
pub(crate) fn private_folder(path: &Path) -> Result<(), InstallationError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at(path))
}

/// The file's content, or none when it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<String>, InstallationError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

/// Writes the file unless it is there, and says what it then holds: of two calls at once, both get the winner's text.
pub(crate) fn write(path: &Path, text: &str) -> Result<String, InstallationError> {
    let beside = write_beside(path, text)?;
    // A link refuses to replace a name, which rename would do: the loser of a race must not overwrite the winner's key.
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside).map_err(at(&beside))?;
    match linked {
        Ok(()) => Ok(text.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read_to_string(path).map_err(at(path)),
        Err(error) => Err(at(path)(error)),
    }
}

/// Writes a file that is derived from another one, so that a stale text may be replaced.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), InstallationError> {
    let beside = write_beside(path, text)?;
    fs::rename(&beside, path).map_err(at(path))
}

fn write_beside(path: &Path, text: &str) -> Result<PathBuf, InstallationError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_file_name(format!(".{name}.{}.{serial}", std::process::id()));
    // What lies under this name can only be the rest of a killed process with our pid.
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(at(&beside))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at(&beside))?;
    Ok(beside)
}
