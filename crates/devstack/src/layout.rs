//! Where everything lies and which port it has.

use crate::StackError;
use daemons::Unprivileged;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The stack's ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) gateway: u16,
    pub(crate) internal: u16,
    pub(crate) https: u16,
    pub(crate) smtp: u16,
    pub(crate) mail: u16,
    pub(crate) postgres: u16,
    pub(crate) redis: u16,
    /// Frontend's, then 8001 to 8007 in the order of the document.
    services: [u16; 8],
    base: Option<u16>,
}

/// Neighbouring ports a stack with `UVOTE_PORT_BASE` may take.
pub(crate) const PORTS_USED: u16 = 40;

impl Ports {
    /// Those of the documents, or all of them from a base on.
    pub(crate) fn new(base: Option<u16>) -> Self {
        let Some(n) = base else {
            let services = [3000, 8001, 8002, 8003, 8004, 8005, 8006, 8007];
            let (gateway, internal, https, smtp, mail) = (8080, 8081, 8443, 1025, 8025);
            return Self { gateway, internal, https, smtp, mail, postgres: 54329, redis: 63799, services, base };
        };
        let services = [10, 11, 12, 13, 14, 15, 16, 17].map(|place| n + place);
        let (gateway, internal, https, smtp, mail) = (n, n + 1, n + 2, n + 3, n + 4);
        Self { gateway, internal, https, smtp, mail, postgres: n + 5, redis: n + 6, services, base }
    }

    /// The port of one process of the service at this place of `services::SERVICES`. Further processes of a service lie ten
    /// ports further each, so that they stay clear of the other services.
    pub(crate) fn of_service(&self, place: usize, copy: u16) -> u16 {
        let first = self.services.get(place).copied().unwrap_or_default();
        first + copy * 10
    }
}

/// Paths, ports, and whom servers run as.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The checkout.
    pub(crate) checkout: PathBuf,
    /// The state folder, real path, which the unprivileged user can enter.
    pub(crate) state: PathBuf,
    /// Where cargo puts the programs, beside this one.
    pub(crate) built: PathBuf,
    pub(crate) ports: Ports,
    pub(crate) user: Unprivileged,
}

impl Layout {
    /// Finds out from the current folder and the environment (`UVOTE_PORT_BASE`, `UVOTE_STATE_DIR`). `makes` the state folder; without,
    /// nothing is made.
    pub(crate) fn find(makes: bool) -> Result<Self, StackError> {
        let user = Unprivileged::detect()?;
        let here = env::current_dir()?;
        let is_checkout = |folder: &&Path| folder.join("gateway/nginx.conf.template").is_file();
        let Some(checkout) = here.ancestors().find(is_checkout) else {
            return StackError::refused("run this inside a checkout of U-Vote");
        };
        let checkout = checkout.canonicalize()?;
        let asked = match env::var("UVOTE_PORT_BASE").ok().filter(|text| !text.is_empty()) {
            Some(text) => Some(port_base(&text)?),
            None => None,
        };
        let state = state_folder(&checkout, asked, &user, makes)?;
        // Every other command finds the ports that `up` was started with.
        let noted = || fs::read_to_string(state.join("port_base")).ok()?.trim().parse().ok();
        let ports = Ports::new(asked.or_else(noted));
        let built = env::current_exe()?.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { checkout, state, built, ports, user })
    }

    /// Makes the folders and notes the ports.
    pub(crate) fn prepare(&self) -> Result<(), StackError> {
        for folder in [self.state.clone(), self.state.join("run"), self.logs(), self.state.join("mail"), self.state.join("bin")] {
            self.user.create_folder(&folder)?;
        }
        let note = self.ports.base.map(|base| base.to_string()).unwrap_or_default();
        fs::write(self.state.join("port_base"), note)?;
        Ok(())
    }

    /// Whether nothing was ever started here.
    pub(crate) fn is_unused(&self) -> bool {
        !self.state.join("lock").exists() && !self.state.join("port_base").exists()
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.state.join("logs")
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.log"))
    }

    pub(crate) fn pid_file(&self, name: &str) -> PathBuf {
        self.state.join("run").join(format!("{name}.pid"))
    }

    pub(crate) fn secrets(&self) -> PathBuf {
        self.state.join("secrets")
    }

    /// The public address of the stack.
    pub(crate) fn public_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.gateway)
    }

    pub(crate) fn mail_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.mail)
    }
}

fn port_base(text: &str) -> Result<u16, StackError> {
    match text.trim().parse::<u16>() {
        Ok(base) if (1024..=65_535 - PORTS_USED).contains(&base) => Ok(base),
        _ => StackError::refused(format!("UVOTE_PORT_BASE must be a number from 1024 to {}, not '{text}'", 65_535 - PORTS_USED)),
    }
}

/// `.uvote/` in the checkout, `.uvote/<base>/` for a stack on other ports, or what `UVOTE_STATE_DIR` says. Where the
/// unprivileged user cannot enter the checkout, `.uvote` is a link to a folder of `/var/lib/uvote`.
fn state_folder(checkout: &Path, base: Option<u16>, user: &Unprivileged, makes: bool) -> Result<PathBuf, StackError> {
    if let Some(asked) = env::var_os("UVOTE_STATE_DIR").filter(|text| !text.is_empty()) {
        let folder = std::path::absolute(PathBuf::from(asked))?;
        if makes {
            make_for(user, &folder)?;
        } else if !folder.exists() {
            return Ok(folder);
        }
        if !user.may_enter(&folder) {
            return StackError::refused(format!("the account servers run as cannot enter UVOTE_STATE_DIR, {}", folder.display()));
        }
        return Ok(folder.canonicalize()?);
    }
    let home = home(checkout, user, makes)?;
    if makes {
        make_for(user, &home)?;
    }
    let Some(base) = base else { return Ok(home) };
    let folder = home.join(base.to_string());
    if makes {
        make_for(user, &folder)?;
    }
    Ok(folder)
}

/// Where the states of all stacks of a checkout are.
fn home(checkout: &Path, user: &Unprivileged, makes: bool) -> Result<PathBuf, StackError> {
    let link = checkout.join(".uvote");
    if user.may_enter(checkout) {
        // A copied checkout brings along the link to the state of the one it was copied from.
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        return Ok(link);
    }
    let real = PathBuf::from("/var/lib/uvote").join(hash_of(checkout));
    if link.is_dir() && !link.is_symlink() {
        return StackError::refused(format!(
            "{} holds data, but the account servers run as can no longer enter the checkout; move it: mv {} {}",
            link.display(),
            link.display(),
            real.display()
        ));
    }
    if makes {
        if fs::read_link(&link).ok().as_deref() != Some(&real) {
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(&real, &link)?;
        }
        fs::DirBuilder::new().recursive(true).mode(0o755).create("/var/lib/uvote")?;
    }
    Ok(real)
}

fn make_for(user: &Unprivileged, folder: &Path) -> Result<(), StackError> {
    if !folder.exists() {
        user.create_folder(folder)?;
    }
    Ok(())
}

fn hash_of(path: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_processes_share_a_port() {
        for ports in [Ports::new(None), Ports::new(Some(20_000))] {
            let own = [ports.gateway, ports.internal, ports.https, ports.smtp, ports.mail, ports.postgres, ports.redis];
            let services = (0..8).map(|place| ports.of_service(place, 0));
            let copies = (1..3).map(|copy| ports.of_service(3, copy));
            let all: Vec<u16> = own.into_iter().chain(services).chain(copies).collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
            assert!(ports.base.is_none_or(|base| all.iter().all(|port| (base..base + PORTS_USED).contains(port))));
        }
    }

    #[test]
    fn a_port_base_is_a_number_with_room_above() {
        assert!(port_base("9000").is_ok());
        for wrong in ["80", "65530", "x", "-1"] {
            assert!(port_base(wrong).is_err(), "{wrong}");
        }
    }
}
