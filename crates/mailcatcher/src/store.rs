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

struct Shelf {
    mails: VecDeque<Arc<Mail>>,
    last_id: u64,
    attempts: HashMap<String, u32>,
    script: Script,
    file: Option<(PathBuf, File)>,
    in_file: usize,
}

pub(crate) struct Store {
    keep: usize,
    shelf: Mutex<Shelf>,
    arrivals: watch::Sender<()>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn open(keep: usize, path: Option<PathBuf>) -> io::Result<Self> {
        let mut shelf = Shelf {
            mails: VecDeque::new(),
            last_id: 0,
            attempts: HashMap::new(),
            script: Box::new(by_name),
            file: None,
            in_file: 0,
        };
        if let Some(path) = path {
            shelf.mails = read_all(&path)?.into();
            shelf.last_id = shelf.mails.back().map_or(0, |mail| mail.id);
            shelf.mails.drain(..shelf.mails.len().saturating_sub(keep));
            // Written anew, so that a mail cut off by a kill does not swallow the next one.
            shelf.rewrite(path)?;
        }
        Ok(Self { keep, shelf: Mutex::new(shelf), arrivals: watch::Sender::new(()) })
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn arrivals(&self) -> watch::Receiver<()> {
        self.arrivals.subscribe()
    }

    /// Keeps a mail; when this returns, it is in the file too.
    pub(crate) fn put(&self, sender: String, recipients: Vec<String>, raw: Vec<u8>) -> io::Result<u64> {
        let mut shelf = self.shelf();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_micros());
        let id = u64::try_from(now).unwrap_or(0).max(shelf.last_id + 1);
        let mail = Arc::new(Mail { id, sender, recipients, raw });
        if let Some((_, file)) = &mut shelf.file {
            file.write_all(&record(&mail)?)?;
            shelf.in_file += 1;
        }
        shelf.last_id = id;
        shelf.mails.push_back(mail);
        if shelf.mails.len() > self.keep {
            shelf.mails.pop_front();
        }
        if shelf.in_file > self.keep.saturating_mul(2)
            && let Some((path, _)) = shelf.file.take()
        {
            shelf.rewrite(path)?;
        }
        drop(shelf);
        self.arrivals.send_replace(());
        Ok(id)
    }

    pub(crate) fn judge(&self, recipient: &str) -> Verdict {
        let mut shelf = self.shelf();
        let count = shelf.attempts.entry(recipient.to_ascii_lowercase()).or_default();
        let earlier = *count;
        *count += 1;
        (shelf.script)(&Attempt { recipient, earlier })
    }

    pub(crate) fn set_script(&self, script: Script) {
        self.shelf().script = script;
    }

    pub(crate) fn all(&self) -> Vec<Arc<Mail>> {
        self.shelf().mails.iter().cloned().collect()
    }

    /// Newest first, and how many there are.
    pub(crate) fn page(&self, start: usize, limit: usize) -> (Vec<Arc<Mail>>, usize) {
        let shelf = self.shelf();
        (shelf.mails.iter().rev().skip(start).take(limit).cloned().collect(), shelf.mails.len())
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Mail>> {
        let shelf = self.shelf();
        let place = shelf.mails.partition_point(|mail| mail.id < id);
        shelf.mails.get(place).filter(|mail| mail.id == id).cloned()
    }

    pub(crate) fn clear(&self) -> io::Result<()> {
        let mut shelf = self.shelf();
        shelf.mails.clear();
        shelf.attempts.clear();
        if let Some((path, _)) = shelf.file.take() {
            shelf.rewrite(path)?;
        }
        Ok(())
    }
}

impl Shelf {
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
