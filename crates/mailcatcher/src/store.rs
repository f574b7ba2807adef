//! The mails: bounded in memory, appended to a file when one is given.

use crate::Mail;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// One RCPT command.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The address, as the client wrote it.
    pub recipient: &'a str,
    /// How often it was asked for before.
    pub earlier: u32,
}

/// What to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 250
    Accept,
    /// 451 4.2.2: try again later.
    Temporary,
    /// 550 5.1.1: there is no such mailbox.
    Permanent,
}

pub(crate) type Script = Box<dyn Fn(&Attempt<'_>) -> Verdict + Send + Sync>;

fn by_name(attempt: &Attempt<'_>) -> Verdict {
    let name = attempt.recipient.to_ascii_lowercase();
    if name.starts_with("refuse-temporary") {
        Verdict::Temporary
    } else if name.starts_with("refuse-permanent") {
        Verdict::Permanent
    } else {
        Verdict::Accept
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    id: u64,
    sender: String,
    recipients: Vec<String>,
    size: u64,
}

struct State {
    mails: VecDeque<Arc<Mail>>,
    last_id: u64,
    attempts: HashMap<String, u32>,
    script: Script,
    file: Option<(PathBuf, File)>,
    in_file: usize,
}

pub(crate) struct Store {
    keep: usize,
    state: Mutex<State>,
    arrivals: watch::Sender<()>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn open(keep: usize, path: Option<PathBuf>) -> io::Result<Self> {
        let mut state = State {
            mails: VecDeque::new(),
            last_id: 0,
            attempts: HashMap::new(),
            script: Box::new(by_name),
            file: None,
            in_file: 0,
        };
        if let Some(path) = path {
            state.mails = read_all(&path)?.into();
            state.last_id = state.mails.back().map_or(0, |mail| mail.id);
            state.mails.drain(..state.mails.len().saturating_sub(keep));
            // Written anew, so that a mail cut off by a kill does not swallow the next one.
            state.rewrite(path)?;
        }
        Ok(Self { keep, state: Mutex::new(state), arrivals: watch::Sender::new(()) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn arrivals(&self) -> watch::Receiver<()> {
        self.arrivals.subscribe()
    }

    /// Keeps a mail; when this returns, it is in the file too.
    pub(crate) fn put(&self, sender: String, recipients: Vec<String>, raw: Vec<u8>) -> io::Result<u64> {
        let mut state = self.state();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_micros());
        let id = u64::try_from(now).unwrap_or(0).max(state.last_id + 1);
        let mail = Arc::new(Mail { id, sender, recipients, raw });
        if let Some((_, file)) = &mut state.file {
            file.write_all(&record(&mail)?)?;
            state.in_file += 1;
        }
        state.last_id = id;
        state.mails.push_back(mail);
        if state.mails.len() > self.keep {
            state.mails.pop_front();
        }
        if state.in_file > self.keep.saturating_mul(2)
            && let Some((path, _)) = state.file.take()
        {
            state.rewrite(path)?;
        }
        drop(state);
        self.arrivals.send_replace(());
        Ok(id)
    }

    pub(crate) fn verdict(&self, recipient: &str) -> Verdict {
        let mut state = self.state();
        let count = state.attempts.entry(recipient.to_ascii_lowercase()).or_default();
        let earlier = *count;
        *count += 1;
        (state.script)(&Attempt { recipient, earlier })
    }

    pub(crate) fn set_script(&self, script: Script) {
        self.state().script = script;
    }

    pub(crate) fn all(&self) -> Vec<Arc<Mail>> {
        self.state().mails.iter().cloned().collect()
    }

    /// Newest first, and how many there are.
    pub(crate) fn page(&self, start: usize, limit: usize) -> (Vec<Arc<Mail>>, usize) {
        let state = self.state();
        (state.mails.iter().rev().skip(start).take(limit).cloned().collect(), state.mails.len())
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Mail>> {
        let state = self.state();
        let place = state.mails.partition_point(|mail| mail.id < id);
        state.mails.get(place).filter(|mail| mail.id == id).cloned()
    }

    pub(crate) fn clear(&self) -> io::Result<()> {
        let mut state = self.state();
        state.mails.clear();
        state.attempts.clear();
        if let Some((path, _)) = state.file.take() {
            state.rewrite(path)?;
        }
        Ok(())
    }
}

impl State {
    fn rewrite(&mut self, path: PathBuf) -> io::Result<()> {
        let beside = path.with_extension("new");
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&beside)?;
        for mail in &self.mails {
            file.write_all(&record(mail)?)?;
        }
        fs::rename(&beside, &path)?;
        self.in_file = self.mails.len();
        self.file = Some((path, file));
        Ok(())
    }
}

/// A line of JSON with the envelope and the size, then the mail as it came, then an empty line.
fn record(mail: &Mail) -> io::Result<Vec<u8>> {
    let (id, size) = (mail.id, u64::try_from(mail.raw.len()).unwrap_or(u64::MAX));
    let head = Head { id, sender: mail.sender.clone(), recipients: mail.recipients.clone(), size };
    let mut bytes = serde_json::to_vec(&head)?;
    bytes.push(b'\n');
    bytes.extend_from_slice(&mail.raw);
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads until the end or the first record that is not whole.
fn read_all(path: &Path) -> io::Result<Vec<Arc<Mail>>> {
    let mut mails = Vec::new();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(mails),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        let Ok(head) = serde_json::from_str::<Head>(&line) else { break };
        let mut raw = Vec::new();
        let read = (&mut reader).take(head.size.saturating_add(1)).read_to_end(&mut raw)?;
        if u64::try_from(read).unwrap_or(0) != head.size.saturating_add(1) {
            break;
        }
        raw.pop();
        mails.push(Arc::new(Mail { id: head.id, sender: head.sender, recipients: head.recipients, raw }));
        line.clear();
    }
    Ok(mails)
}
