//! Commands about a stack that was never started leave nothing behind.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command in a checkout, for a stack of its own.
fn devstack(checkout: &Path, state: Option<&Path>, command: &str) -> Output {
    let mut devstack = Command::new(env!("CARGO_BIN_EXE_devstack"));
    devstack.arg(command).current_dir(checkout).env("UVOTE_PORT_BASE", "20000").env_remove("UVOTE_STATE_DIR");
    if let Some(state) = state {
        devstack.env("UVOTE_STATE_DIR", state);
    }
    devstack.output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn status_down_and_clean_of_a_stack_that_never_ran_make_no_folder() {
    let checkout = tempfile::tempdir().unwrap();
    fs::create_dir(checkout.path().join("gateway")).unwrap();
    fs::write(checkout.path().join("gateway/nginx.conf.template"), "").unwrap();
    let (never, empty) = (checkout.path().join("never"), checkout.path().join("empty"));
    fs::create_dir(&empty).unwrap();
    // Only root starts servers as somebody else, who must be able to enter.
    fs::set_permissions(checkout.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for state in [None, Some(never.as_path()), Some(empty.as_path())] {
        for (command, code) in [("status", 3), ("down", 0), ("clean", 0), ("status", 3)] {
            let done = devstack(checkout.path(), state, command);
            assert_eq!(done.status.code(), Some(code), "{command} {state:?}: {done:?}");
            assert_eq!(names(checkout.path()), ["empty", "gateway"], "{command} {state:?}");
            assert!(names(&empty).is_empty(), "{command} {state:?}");
        }
    }
}

#[test]
fn nor_where_the_state_lies_outside_of_the_checkout() {
    let checkout = tempfile::tempdir().unwrap();
    fs::create_dir(checkout.path().join("gateway")).unwrap();
    fs::write(checkout.path().join("gateway/nginx.conf.template"), "").unwrap();
    let states = || fs::read_dir("/var/lib/uvote").map_or_else(|_| Vec::new(), |_| names(Path::new("/var/lib/uvote")));
    let before = states();
    for command in ["status", "down", "clean"] {
        devstack(checkout.path(), None, command);
        assert_eq!(names(checkout.path()), ["gateway"], "{command}");
    }
    assert_eq!(states(), before);
}
