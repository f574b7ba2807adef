//! The mail catcher as a process of the stack.

use crate::StackError;
use mailcatcher::{MailCatcher, Settings};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

/// How many mails it keeps: ten elections of 2,000 voters.
const KEEP: usize = 20_000;

pub(crate) fn run(smtp: SocketAddr, web: SocketAddr, file: PathBuf) -> Result<(), StackError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let catcher = MailCatcher::start(Settings { smtp, web: Some(web), keep: KEEP, file: Some(file) }).await?;
        terminate.recv().await;
        drop(catcher);
        Ok(())
    })
}
