//! Mail servers that do what the mail catcher does not: STARTTLS, a login that is checked, and answers at odd moments. One
//! thread for each connection; a script decides.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server was told, line by line; `TLS` where the channel was protected.
pub(crate) type ReceivedLines = Arc<Mutex<Vec<String>>>;

trait Channel: Read + Write + Send {}
impl<T: Read + Write + Send> Channel for T {}

/// What the server says at the points that a test cares about.
pub(crate) struct Script {
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) implicit: bool,
    pub(crate) login: &'static str,
    pub(crate) after_data: Box<dyn Fn() -> String + Send + Sync>,
}

impl Default for Script {
    fn default() -> Self {
        Self { tls: None, implicit: false, login: "235 2.7.0 welcome", after_data: Box::new(|| "250 2.0.0 kept".to_owned()) }
    }
}

pub(crate) fn start(script: Script) -> (SocketAddr, ReceivedLines) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = ReceivedLines::default();
    let (script, ears) = (Arc::new(script), received.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (script, ears) = (script.clone(), ears.clone());
            std::thread::spawn(move || converse(stream, &script, &ears));
        }
    });
    (address, received)
}

/// The installation's own certificate: for `localhost` and 127.0.0.1, and signed by itself.
pub(crate) fn tls() -> Arc<ServerConfig> {
    let installation = crate::app::installation();
    let certificate = CertificateDer::from_pem_file(installation.tls_certificate()).unwrap();
    let key = PrivateKeyDer::from_pem_file(installation.tls_key()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

pub(crate) fn that_refuses_the_content_and_quotes_it(quoted: &'static str) -> SocketAddr {
    let after_data = Box::new(move || format!("554-5.7.1 this is spam:\r\n554 5.7.1 {quoted} is bad"));
    start(Script { after_data, ..Script::default() }).0
}

/// Says when the content of the first mail has come, and answers when it is told to.
pub(crate) fn that_waits_after_data() -> (SocketAddr, Receiver<()>, Sender<()>) {
    let (arrived, has_arrived) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let first = Mutex::new(Some((arrived, may_go_on)));
    let after_data = Box::new(move || {
        if let Some((arrived, may_go_on)) = first.lock().unwrap().take() {
            arrived.send(()).unwrap();
            let _ = may_go_on.recv();
        }
        "250 2.0.0 kept".to_owned()
    });
    (start(Script { after_data, ..Script::default() }).0, has_arrived, go_on)
}

fn converse(stream: TcpStream, script: &Script, received: &ReceivedLines) {
    let mut protected = script.implicit;
    let channel: Box<dyn Channel> = match &script.tls {
        Some(tls) if script.implicit => {
            Box::new(StreamOwned::new(ServerConnection::new(tls.clone()).unwrap(), stream.try_clone().unwrap()))
        }
        _ => Box::new(stream.try_clone().unwrap()),
    };
    let mut channel = BufReader::new(channel);
    // A client that hangs up ends the conversation, wherever it is.
    let say = |channel: &mut BufReader<Box<dyn Channel>>, text: &str| {
        write!(channel.get_mut(), "{text}\r\n").and_then(|()| channel.get_mut().flush())
    };
    let _ = say(&mut channel, "220 test ESMTP");
    let mut line = String::new();
    while {
        line.clear();
        channel.read_line(&mut line).is_ok_and(|read| read > 0)
    } {
        let told = line.trim_end().to_owned();
        received.lock().unwrap().push(if protected { format!("TLS {told}") } else { told.clone() });
        let verb = told.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" => {
                let offer = if script.tls.is_some() && !protected { "250-STARTTLS\r\n" } else { "" };
                format!("250-test\r\n{offer}250 AUTH PLAIN")
            }
            "STARTTLS" => {
                let _ = say(&mut channel, "220 go on");
                let tls = ServerConnection::new(script.tls.clone().unwrap()).unwrap();
                channel = BufReader::new(Box::new(StreamOwned::new(tls, stream.try_clone().unwrap())));
                protected = true;
                continue;
            }
            "AUTH" => script.login.to_owned(),
            "DATA" => {
                let _ = say(&mut channel, "354 go on");
                let mut content = String::new();
                while {
                    content.clear();
                    channel.read_line(&mut content).is_ok_and(|read| read > 0) && content != ".\r\n"
                } {}
                (script.after_data)()
            }
            "QUIT" => {
                let _ = say(&mut channel, "221 bye");
                return;
            }
            _ => "250 fine".to_owned(),
        };
        if say(&mut channel, &answer).is_err() {
            return;
        }
    }
}
