//! What lies between a socket and tokio-postgres: TLS or not, and the SQLSTATE of errors.
//!
//! diesel-async passes an error's message on and hides its SQLSTATE behind a private type. The message is for people, and in the
//! language of the cluster's `lc_messages`; only the SQLSTATE says what has happened. So it is read here, below both libraries:
//! in each error that PostgreSQL sends, its SQLSTATE is put in front of the message, as in `40P01: deadlock detected`.
//!
//! Here it is also seen that a server takes no writes (25006). It was the primary when we connected and is a standby now. The
//! connection then ends by itself, whoever uses it, so that the next one is made to the server that is the primary by then.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, TlsStream};

/// SQLSTATE: a read-only transaction was asked to write. All transactions of a standby are read-only.
pub const READ_ONLY: &str = "25006";

/// Errors that are longer are passed on as they are. PostgreSQL's own are a few hundred bytes.
const LONGEST_ERROR: usize = 64 * 1024;
/// Bytes before the content of a message: its kind, and its length.
const HEADER: usize = 5;

/// A connection to PostgreSQL, as tokio-postgres reads and writes it.
pub struct Wire {
    transport: Transport,
    messages: Option<Messages>,
    /// Read, and not yet asked for.
    ready: Vec<u8>,
    /// How much of `ready` was asked for.
    taken: usize,
}

pub(crate) enum Transport {
    Plain(Socket),
    Tls(Box<tokio_rustls::client::TlsStream<Socket>>),
}

impl Wire {
    /// `labelled`: whether messages of errors begin with their SQLSTATE.
    pub(crate) fn new(transport: Transport, labelled: bool) -> Self {
        Self { transport, messages: labelled.then(Messages::default), ready: Vec::new(), taken: 0 }
    }

    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let waiting = self.ready.get(self.taken..).unwrap_or_default();
        let now = waiting.len().min(buffer.remaining());
        buffer.put_slice(waiting.get(..now).unwrap_or_default());
        self.taken += now;
        if self.taken == self.ready.len() {
            self.ready.clear();
            self.taken = 0;
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Some(messages) = &mut this.messages else { return Pin::new(&mut this.transport).poll_read(context, buffer) };
        while this.ready.is_empty() {
            if messages.ended {
                return Poll::Ready(Ok(()));
            }
            let mut chunk = [0; 8192];
            let mut chunk = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.transport).poll_read(context, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            messages.read(chunk.filled(), &mut this.ready);
        }
        this.give(buffer);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}

impl TlsStream for Wire {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Transport {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// Reads what PostgreSQL sends, message by message: a byte for the kind, four for the length (themselves included), the content.
#[derive(Default)]
struct Messages {
    /// Of a message that has not come whole: its header, and for an error its content too.
    begun: Vec<u8>,
    /// How much of the present message is still to be passed on as it comes.
    passing: usize,
    /// The server takes no writes. After the next ReadyForQuery, with which the answer is complete, nothing more is read.
    is_read_only: bool,
    ended: bool,
}

impl Messages {
    /// Takes `bytes` and adds to `out` what is to be passed on.
    fn read(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            if self.passing > 0 {
                let (now, rest) = bytes.split_at(self.passing.min(bytes.len()));
                out.extend_from_slice(now);
                self.passing -= now.len();
                bytes = rest;
            } else {
                let wanted = self.wanted();
                let (now, rest) = bytes.split_at((wanted - self.begun.len()).min(bytes.len()));
                self.begun.extend_from_slice(now);
                bytes = rest;
                if self.begun.len() == wanted {
                    self.pass_on(out);
                }
            }
            if self.ended && self.passing == 0 {
                return;
            }
        }
    }

    /// Bytes that must have come before something can be passed on.
    fn wanted(&self) -> usize {
        match (self.begun.first(), self.content_length()) {
            (Some(b'E'), Some(length)) if length <= LONGEST_ERROR => HEADER + length,
            _ => HEADER,
        }
    }

    fn content_length(&self) -> Option<usize> {
        let length = u32::from_be_bytes(self.begun.get(1..HEADER)?.try_into().ok()?);
        Some(usize::try_from(length).ok()?.saturating_sub(4))
    }

    fn pass_on(&mut self, out: &mut Vec<u8>) {
        // The header of an error has come, its content has not.
        if self.begun.len() < self.wanted() {
            return;
        }
        let (kind, length) = (self.begun.first().copied(), self.content_length().unwrap_or(0));
        match self.begun.get(HEADER..).filter(|content| kind == Some(b'E') && !content.is_empty()) {
            Some(content) => {
                self.is_read_only |= sqlstate(content) == Some(READ_ONLY.as_bytes());
                out.extend_from_slice(&labelled(content));
            }
            None => {
                out.extend_from_slice(&self.begun);
                self.passing = length;
            }
        }
        self.ended |= self.is_read_only && kind == Some(b'Z');
        self.begun.clear();
    }
}

/// The fields of an error: a byte for the kind and a text that ends with 0.
fn fields(content: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    content.split(|byte| *byte == 0).filter_map(|field| field.split_first().map(|(kind, text)| (*kind, text)))
}

fn sqlstate(content: &[u8]) -> Option<&[u8]> {
    fields(content).find(|(kind, _)| *kind == b'C').map(|(_, text)| text)
}

/// The whole message, with the SQLSTATE in front of its text.
fn labelled(content: &[u8]) -> Vec<u8> {
    let code = sqlstate(content).unwrap_or(b"XX000");
    let mut message = vec![b'E', 0, 0, 0, 0];
    for (kind, text) in fields(content) {
        message.push(kind);
        if kind == b'M' {
            message.extend_from_slice(code);
            message.extend_from_slice(b": ");
        }
        message.extend_from_slice(text);
        message.push(0);
    }
    message.push(0);
    let length = u32::try_from(message.len() - 1).unwrap_or(u32::MAX);
    if let Some(place) = message.get_mut(1..HEADER) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), content].concat()
    }

    const DEADLOCK: &[u8] = b"SFEHLER\0VERROR\0C40P01\0MVerklemmung entdeckt\0Ddetail\0\0";

    #[test]
    fn an_error_says_its_sqlstate_and_everything_else_passes_unchanged_however_it_is_cut() {
        let row = message(b'D', b"row with an E and a \0 in it");
        let before = [row.clone(), message(b'E', DEADLOCK), message(b'Z', b"E"), message(b'3', b""), row.clone()].concat();
        let error = message(b'E', b"SFEHLER\0VERROR\0C40P01\0M40P01: Verklemmung entdeckt\0Ddetail\0\0");
        let expected = [row.clone(), error, message(b'Z', b"E"), message(b'3', b""), row].concat();
        for size in [1, 2, 3, 5, 7, 64, before.len()] {
            let (mut messages, mut after) = (Messages::default(), Vec::new());
            for chunk in before.chunks(size) {
                messages.read(chunk, &mut after);
            }
            assert_eq!(after, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_server_that_takes_no_writes_is_left_when_its_answer_is_complete() {
        let error = message(b'E', b"SERROR\0VERROR\0C25006\0Mno\0\0");
        let (mut messages, mut out) = (Messages::default(), Vec::new());
        messages.read(&error, &mut out);
        assert!(!messages.ended, "the answer is not complete");
        messages.read(&[message(b'Z', b"E"), message(b'D', b"more")].concat(), &mut out);
        assert!(messages.ended && out.ends_with(&message(b'Z', b"E")));
    }

    #[test]
    fn an_error_of_absurd_length_is_passed_on_as_it_comes() {
        let long = [DEADLOCK, &vec![b'x'; LONGEST_ERROR]].concat();
        let (mut messages, mut out) = (Messages::default(), Vec::new());
        messages.read(&message(b'E', &long), &mut out);
        assert_eq!(out, message(b'E', &long));
    }
}
