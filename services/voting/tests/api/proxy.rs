//! A way to the database that can be cut where it hurts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// When the recorder's connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    /// Never: everything passes.
    Never,
    /// Once, when PostgreSQL has committed ballots and says so: that answer is swallowed.
    AnswerOnce,
    /// The same, and nobody is let through any more, until healed.
    AnswerAndAll,
    /// When the recorder sends ballots: they never arrive, and nobody is let through any more, until healed.
    RequestAndAll,
    /// Nobody is let through.
    All,
}

const ORDER: [Cut; 5] = [Cut::Never, Cut::AnswerOnce, Cut::AnswerAndAll, Cut::RequestAndAll, Cut::All];

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) addr: SocketAddr,
    cut: Arc<AtomicU8>,
    /// Changes when every connection must end.
    ended: watch::Sender<u32>,
}

impl Proxy {
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (ended, _) = watch::channel(0);
        let proxy = Self { addr: listener.local_addr().unwrap(), cut: Arc::new(AtomicU8::new(0)), ended };
        let here = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if here.now() == Cut::All {
                    continue;
                }
                let server = TcpStream::connect(target).await.unwrap();
                let (here, mut ended) = (here.clone(), here.ended.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        () = here.pass(client, server) => {}
                        _ = ended.changed() => {}
                    }
                });
            }
        });
        proxy
    }

    pub(crate) fn set(&self, cut: Cut) {
        self.cut.store(u8::try_from(ORDER.iter().position(|one| *one == cut).unwrap()).unwrap(), Ordering::SeqCst);
    }

    fn now(&self) -> Cut {
        ORDER[usize::from(self.cut.load(Ordering::SeqCst))]
    }

    /// Forwards both ways until one of them ends; dropping the halves resets both.
    async fn pass(&self, client: TcpStream, server: TcpStream) {
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let recorder = AtomicU8::new(0);
        tokio::select! {
            () = self.requests(from_client, to_server, &recorder) => {}
            () = self.answers(from_server, to_client, &recorder) => {}
        }
    }

    /// The recorder is known by the name it gives when it connects. A ballot is the only long thing it sends.
    async fn requests(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, recorder: &AtomicU8) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            if contains(&buffer[..count], b"voting recorder") {
                recorder.store(1, Ordering::SeqCst);
            }
            let ballots = recorder.load(Ordering::SeqCst) == 1 && count > 700;
            if ballots && self.now() == Cut::RequestAndAll {
                return self.end_all();
            }
            if to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    }

    async fn answers(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, recorder: &AtomicU8) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let committed = recorder.load(Ordering::SeqCst) == 1 && contains(&buffer[..count], b"recorded");
            match self.now() {
                Cut::AnswerOnce if committed => return self.set(Cut::Never),
                Cut::AnswerAndAll if committed => return self.end_all(),
                _ => {}
            }
            if to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    }

    fn end_all(&self) {
        self.set(Cut::All);
        self.ended.send_modify(|round| *round += 1);
    }
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
