//! Debian packages the stack needs, installed in one call where that is allowed.

use crate::StackError;
use daemons::{POSTGRES_BINARIES, find_program};
use std::path::Path;
use std::process::{Command, Stdio};

/// apt would start the servers it installs, on the ports of the system's own. `policy-rc.d` forbids that for the time of
/// the call; what was there before is put back even if apt fails. Lists are fetched only when the packages are not known.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] && mv "$policy" "$policy.before-uvote"
restore() { rm -f "$policy"; [ -e "$policy.before-uvote" ] && mv "$policy.before-uvote" "$policy"; return 0; }
trap restore EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
"#;

/// What the packages are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The stack, and the page that tells about it.
    Stack,
    /// That, and what its tests are made with.
    Tests,
    /// That, and the browser in which pages are looked at.
    Browser,
}

fn missing(purpose: Purpose) -> Vec<&'static str> {
    let postgres = |program: &str| Path::new(POSTGRES_BINARIES).join(program).is_file();
    let needs = [
        ("postgresql-15", postgres("postgres") && postgres("initdb")),
        ("postgresql-client-15", postgres("psql") && postgres("pg_isready")),
        ("redis-server", find_program("redis-server").is_some()),
        ("nginx", find_program("nginx").is_some()),
        // What docs/an-election-week.md is told with.
        ("curl", find_program("curl").is_some()),
        ("jq", find_program("jq").is_some()),
        // schemathesis is a Python program; `make test` sets it up below target/.
        ("chromium", purpose != Purpose::Browser || find_program("chromium").is_some()),
        ("chromium-driver", purpose != Purpose::Browser || find_program("chromedriver").is_some()),
        // Without any font the pages would be empty boxes.
        ("fonts-liberation", purpose != Purpose::Browser || Path::new("/usr/share/fonts/truetype/liberation").is_dir()),
        ("python3-venv", purpose == Purpose::Stack || makes_python_environments()),
    ];
    needs.into_iter().filter(|(_, there)| !there).map(|(package, _)| package).collect()
}

/// Installs what is missing, or says which line does it.
pub(crate) fn ensure(purpose: Purpose) -> Result<(), StackError> {
    let packages = missing(purpose);
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    let by_hand = format!(
        "these Debian packages are missing: {list}\nInstall them with:\n  sudo apt-get install -y --no-install-recommends {list}"
    );
    let is_root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self")?) == 0;
    let mut install = Command::new(if is_root { "sh" } else { "sudo" });
    if find_program("apt-get").is_none() || !(is_root || may_sudo()) {
        return StackError::refused(by_hand);
    }
    if !is_root {
        install.args(["-n", "sh"]);
    }
    println!("installing {list}");
    // apt's own output goes to standard error: what make prints on standard output stays ours.
    let status =
        install.args(["-c", INSTALL, "install"]).args(&packages).stdin(Stdio::null()).stdout(std::io::stderr()).status()?;
    if !status.success() || !missing(purpose).is_empty() {
        return StackError::refused(by_hand);
    }
    Ok(())
}

/// Debian's python3 alone has the module venv, and not what venv needs.
fn makes_python_environments() -> bool {
    let mut ask = Command::new("python3");
    ask.args(["-c", "import ensurepip, venv"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    ask.status().is_ok_and(|status| status.success())
}

fn may_sudo() -> bool {
    let mut ask = Command::new("sudo");
    ask.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    ask.status().is_ok_and(|status| status.success())
}
