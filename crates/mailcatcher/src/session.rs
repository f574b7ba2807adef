//! One SMTP conversation (RFC 5321), with PIPELINING (RFC 2920), SIZE (RFC 1870) and an AUTH that believes everybody.

use crate::Verdict;
use crate::store::Store;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// 10 MB a mail, as `SIZE` announces.
pub(crate) const MAX_MAIL: usize = 10 * 1024 * 1024;
const MAX_LINE: u64 = 4096;
const MAX_RECIPIENTS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(300);

struct Conversation {
    input: BufReader<OwnedReadHalf>,
    output: BufWriter<OwnedWriteHalf>,
    store: Arc<Store>,
    sender: Option<String>,
    recipients: Vec<String>,
}

/// Talks until the client leaves.
pub(crate) async fn converse(stream: TcpStream, store: Arc<Store>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (input, output) = stream.into_split();
    let (input, output) = (BufReader::new(input), BufWriter::new(output));
    let mut talk = Conversation { input, output, store, sender: None, recipients: Vec::new() };
    talk.reply("220 mail.uvote.local ESMTP mail catcher").await?;
    while let Some(line) = talk.line().await? {
        if !talk.answer(&line).await? {
            break;
        }
    }
    talk.output.flush().await
}

impl Conversation {
    async fn reply(&mut self, line: &str) -> io::Result<()> {
        self.output.write_all(line.as_bytes()).await?;
        self.output.write_all(b"\r\n").await?;
        // With PIPELINING several commands come in one packet: answer them in one.
        if self.input.buffer().is_empty() { self.output.flush().await } else { Ok(()) }
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let mut limited = (&mut self.input).take(MAX_LINE);
        let read = tokio::time::timeout(PATIENCE, limited.read_until(b'\n', &mut bytes)).await??;
        if read == 0 || bytes.last() != Some(&b'\n') {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
    }

    /// Answers one command; false ends the conversation.
    async fn answer(&mut self, line: &str) -> io::Result<bool> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.reset();
                for extension in ["mail.uvote.local", "PIPELINING", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN"] {
                    self.reply(&format!("250-{extension}")).await?;
                }
                self.reply(&format!("250 SIZE {MAX_MAIL}")).await?;
            }
            "HELO" => {
                self.reset();
                self.reply("250 mail.uvote.local").await?;
            }
            "MAIL" => self.mail(rest).await?,
            "RCPT" => self.recipient(rest).await?,
            "DATA" => return self.data().await,
            "AUTH" => return self.login(rest).await,
            "RSET" => {
                self.reset();
                self.reply("250 2.0.0 forgotten").await?;
            }
            "NOOP" => self.reply("250 2.0.0 fine").await?,
            "VRFY" => self.reply("252 2.1.5 send it and see").await?,
            "QUIT" => {
                self.reply("221 2.0.0 bye").await?;
                return Ok(false);
            }
            _ => self.reply("502 5.5.1 this command is not known here").await?,
        }
        Ok(true)
    }

    fn reset(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        let Some((address, parameters)) = path(rest, "FROM:") else {
            return self.reply("501 5.5.4 MAIL FROM:<address>").await;
        };
        if self.sender.is_some() {
            return self.reply("503 5.5.1 one mail at a time").await;
        }
        let size =
            parameters.split_whitespace().find_map(|word| word.to_ascii_uppercase().strip_prefix("SIZE=")?.parse::<usize>().ok());
        if size.is_some_and(|size| size > MAX_MAIL) {
            return self.reply("552 5.3.4 the mail is too large").await;
        }
        self.sender = Some(address);
        self.reply("250 2.1.0 go on").await
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        let Some((address, _)) = path(rest, "TO:").filter(|(address, _)| !address.is_empty()) else {
            return self.reply("501 5.5.4 RCPT TO:<address>").await;
        };
        if self.sender.is_none() {
            return self.reply("503 5.5.1 MAIL first").await;
        }
        if self.recipients.len() == MAX_RECIPIENTS {
            return self.reply("452 4.5.3 too many recipients").await;
        }
        match self.store.verdict(&address) {
            Verdict::Accept => {
                self.recipients.push(address);
                self.reply("250 2.1.5 go on").await
            }
            Verdict::Temporary => self.reply("451 4.2.2 the mailbox is full, try again later").await,
            Verdict::Permanent => self.reply("550 5.1.1 there is no such mailbox").await,
        }
    }

    /// A client that goes away in the middle of its data has sent nothing.
    async fn data(&mut self) -> io::Result<bool> {
        if self.recipients.is_empty() {
            self.reply("503 5.5.1 RCPT first").await?;
            return Ok(true);
        }
        self.reply("354 end with a line of one dot").await?;
        let Some(content) = self.content().await? else { return Ok(false) };
        let (sender, recipients) = (self.sender.take().unwrap_or_default(), std::mem::take(&mut self.recipients));
        if content.len() > MAX_MAIL {
            self.reply("552 5.3.4 the mail is too large").await?;
            return Ok(true);
        }
        match self.store.put(sender, recipients, content) {
            Ok(id) => self.reply(&format!("250 2.0.0 kept as {id}")).await?,
            Err(_) => self.reply("452 4.3.1 cannot write the mail down").await?,
        }
        Ok(true)
    }

    /// Reads up to the line of one dot and takes the stuffed dots out. Longer than `MAX_MAIL` means: too large, and the
    /// rest was thrown away as it came.
    async fn content(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut content = Vec::new();
        let mut chunk = Vec::new();
        let mut at_start = true;
        loop {
            chunk.clear();
            if self.input.buffer().is_empty() {
                // Clients send the mail and its final dot in two writes; without an ACK at once, Nagle's algorithm keeps
                // the dot back for 40 ms, which was 22 mails a second on each connection and is 350 now. The option lasts for one ACK only.
                self.input.get_ref().as_ref().set_quickack(true)?;
            }
            let mut limited = (&mut self.input).take(64 * 1024);
            let read = tokio::time::timeout(PATIENCE, limited.read_until(b'\n', &mut chunk)).await??;
            if read == 0 {
                return Ok(None);
            }
            if at_start && chunk == b".\r\n" {
                return Ok(Some(content));
            }
            let stuffed = at_start && chunk.first() == Some(&b'.');
            if content.len() <= MAX_MAIL {
                content.extend_from_slice(&chunk[usize::from(stuffed)..]);
            }
            at_start = chunk.ends_with(b"\r\n");
        }
    }

    async fn login(&mut self, rest: &str) -> io::Result<bool> {
        let (method, given) = rest.split_once(' ').unwrap_or((rest, ""));
        // Prompts of LOGIN are "Username:" and "Password:" in base64.
        let prompts: &[&str] = match (method.to_ascii_uppercase().as_str(), given) {
            ("PLAIN", "") => &["334 "],
            ("PLAIN", _) => &[],
            ("LOGIN", "") => &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
            ("LOGIN", _) => &["334 UGFzc3dvcmQ6"],
            _ => {
                self.reply("504 5.5.4 PLAIN or LOGIN").await?;
                return Ok(true);
            }
        };
        for prompt in prompts {
            self.reply(prompt).await?;
            match self.line().await?.as_deref() {
                None => return Ok(false),
                Some("*") => {
                    self.reply("501 5.7.0 authentication cancelled").await?;
                    return Ok(true);
                }
                Some(_) => {}
            }
        }
        self.reply("235 2.7.0 authentication succeeded").await?;
        Ok(true)
    }
}

/// `FROM:<address> parameters`.
fn path<'l>(rest: &'l str, keyword: &str) -> Option<(String, &'l str)> {
    let (start, after) = rest.split_at_checked(keyword.len())?;
    start.eq_ignore_ascii_case(keyword).then_some(())?;
    let (address, parameters) = after.trim_start().strip_prefix('<')?.split_once('>')?;
    Some((address.to_owned(), parameters))
}
