//! The programs: built by cargo, and put where the unprivileged user can run them.

use crate::StackError;
use crate::layout::Layout;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

/// One cargo build of everything the stack runs, with cargo's own progress.
pub(crate) fn build(layout: &Layout) -> Result<(), StackError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--workspace", "--bins"]).current_dir(&layout.checkout).stdout(std::io::stderr());
    if layout.built.ends_with("release") {
        build.arg("--release");
    }
    if build.status()?.success() {
        Ok(())
    } else {
        StackError::refused("cargo could not build the programs; its messages are above")
    }
}

/// The path to run a program from: where cargo put it, or, when the unprivileged user cannot get there, a copy.
pub(crate) fn runnable(layout: &Layout, binary: &str) -> Result<PathBuf, StackError> {
    let built = layout.built.join(binary);
    if !built.is_file() {
        return StackError::refused(format!("{} is not built; run make up", built.display()));
    }
    if layout.user.may_enter(&built) {
        return Ok(built);
    }
    let copy = layout.state.join("bin").join(binary);
    let (from, to) = (fs::metadata(&built)?, fs::metadata(&copy).ok());
    // A running program's file cannot be written to, so a new one takes its name. It keeps the time of the one it was
    // copied from, which says whether it is the same.
    if to.is_none_or(|to| to.len() != from.len() || to.modified().ok() != from.modified().ok()) {
        let beside = copy.with_extension("new");
        fs::copy(&built, &beside)?;
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o755))?;
        fs::File::options().write(true).open(&beside)?.set_modified(from.modified()?)?;
        fs::rename(&beside, &copy)?;
    }
    Ok(copy)
}
