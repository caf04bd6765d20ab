//! TLS: a certificate and its key, read from files, and read again when they were renewed.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use jiff::{SignedDuration, Timestamp};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// So many shake hands at once; whoever comes then takes the place of the one longest at it.
const AT_ONCE: usize = 256;

/// Where certificate and key are, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and the ones between it and its authority.
    pub certificate: PathBuf,
    /// The key of the certificate, not encrypted.
    pub key: PathBuf,
}

/// Files that TLS cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, or not ours to read.
    #[error("{what} `{}` cannot be read: {source}; let the user who runs Weir read it", path.display())]
    Unreadable {
        /// Its setting.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No certificate in it.
    #[error("{CERTIFICATE} `{}` holds no certificate: it is a PEM file with the chain, the server's own first", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// No key in it.
    #[error("{KEY} `{}` holds no key: it is a PEM file with the certificate's key, without a password", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Two files that do not belong together.
    #[error("{KEY} `{}` is not the key of {CERTIFICATE} `{}`: name the two that were made together", key.display(), certificate.display())]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// Another fault.
    #[error("{CERTIFICATE} `{}` and {KEY} `{}` cannot be used: {why}; have them made anew", certificate.display(), key.display())]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What the library said.
        why: String,
    },
}

const CERTIFICATE: &str = "server.tls.certificate_file";
const KEY: &str = "server.tls.key_file";

/// What the files hold.
#[derive(PartialEq, Eq)]
struct Read {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl TlsFiles {
    fn read(&self) -> Result<Read, TlsError> {
        Ok(Read {
            certificate: bytes(CERTIFICATE, &self.certificate)?,
            key: bytes(KEY, &self.key)?,
        })
    }

    /// The configuration of TLS, if certificate and key are good and belong together.
    fn understand(&self, read: &Read) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = self.chain(&read.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&read.key).map_err(|_| TlsError::NoKey {
            path: self.key.clone(),
        })?;
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = builder
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(|error| self.fault(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn chain(&self, text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let none = || TlsError::NoCertificate {
            path: self.certificate.clone(),
        };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        chain
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(none)
    }

    fn fault(&self, error: &rustls::Error) -> TlsError {
        let (certificate, key) = (self.certificate.clone(), self.key.clone());
        match error {
            rustls::Error::InconsistentKeys(_) => TlsError::Mismatch { certificate, key },
            _ => TlsError::Unusable {
                certificate,
                key,
                why: error.to_string(),
            },
        }
    }

    /// When the certificate or one of its chain ends, if both files are good.
    pub fn end(&self) -> Result<Timestamp, TlsError> {
        let read = self.read()?;
        self.understand(&read)?;
        let chain = self.chain(&read.certificate)?;
        let ends: Result<Vec<Timestamp>, String> = chain.iter().map(end).collect();
        let ends = ends.map_err(|why| TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            why,
        })?;
        // A chain holds as long as its first link to end.
        let first = ends.into_iter().min();
        first.ok_or_else(|| TlsError::NoCertificate {
            path: self.certificate.clone(),
        })
    }
}

fn end(certificate: &CertificateDer<'_>) -> Result<Timestamp, String> {
    let certificate = Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    let end = certificate.tbs_certificate.validity.not_after;
    SignedDuration::try_from(end.to_unix_duration())
        .and_then(Timestamp::from_duration)
        .map_err(|error| error.to_string())
}

fn bytes(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable {
        what,
        path: path.to_owned(),
        source,
    })
}

/// TLS as it is spoken now.
pub struct Tls {
    files: TlsFiles,
    read: Read,
    now: watch::Sender<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let read = files.read()?;
        let (now, _) = watch::channel(files.understand(&read)?);
        Ok(Self { files, read, now })
    }

    /// Takes connections of a listener, by whatever certificate is the newest when each comes.
    pub(crate) fn over(&self, tcp: TcpListener) -> TlsListener {
        TlsListener {
            tcp,
            now: self.now.subscribe(),
            patience: HANDSHAKE,
            shaking: JoinSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Takes a renewed certificate for connections to come, within seconds or at a SIGHUP, until told to
    /// stop. One that cannot be used is told once; the one before stays.
    pub(crate) fn keep(
        self,
        stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        // Heard from now on, before the first connection: unheard, it ends the process.
        let hangup = signal(SignalKind::hangup())
            .inspect_err(|error| tracing::warn!(%error, "SIGHUP is not heard"))
            .ok();
        self.look(hangup, stop)
    }

    async fn look(mut self, mut hangup: Option<Signal>, mut stop: watch::Receiver<bool>) {
        let mut told = None;
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                () = asked(&mut hangup) => told = None,
                () = sleep(EVERY) => {}
            }
            match self.renew() {
                Ok(true) => {
                    tracing::info!("the certificate was renewed");
                    told = None;
                }
                Ok(false) => told = None,
                Err(error) => {
                    let error = error.to_string();
                    if told.as_ref() != Some(&error) {
                        tracing::error!(error, "the certificate before is kept");
                        told = Some(error);
                    }
                }
            }
        }
    }

    /// Takes what the files hold now; whether that is something else.
    fn renew(&mut self) -> Result<bool, TlsError> {
        let read = self.files.read()?;
        if read == self.read {
            return Ok(false);
        }
        self.now.send_replace(self.files.understand(&read)?);
        self.read = read;
        Ok(true)
    }
}

/// Connections by TLS. Many shake hands at once, so that a slow one keeps nobody waiting.
pub(crate) struct TlsListener {
    tcp: TcpListener,
    now: watch::Receiver<Arc<ServerConfig>>,
    patience: Duration,
    shaking: JoinSet<Option<(TlsStream<TcpStream>, SocketAddr)>>,
    /// Of all that shake hands, the longest at it first; some may be done.
    order: VecDeque<AbortHandle>,
}

impl TlsListener {
    /// Begins a handshake by the newest certificate.
    fn shake(&mut self, stream: TcpStream, from: SocketAddr) {
        while self.order.front().is_some_and(AbortHandle::is_finished) {
            self.order.pop_front();
        }
        if self.shaking.len() >= AT_ONCE
            && let Some(longest) = self.order.pop_front()
        {
            longest.abort();
        }
        let acceptor = TlsAcceptor::from(Arc::clone(&self.now.borrow()));
        let patience = self.patience;
        self.order.push_back(self.shaking.spawn(async move {
            let shaken = timeout(patience, acceptor.accept(stream)).await.ok()?;
            // Whoever scans the network is not worth a line of the log.
            let shaken = shaken.inspect_err(|error| tracing::debug!(%error, "no TLS"));
            Some((shaken.ok()?, from))
        }));
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                Some(done) = self.shaking.join_next() => {
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
                (stream, from) = Listener::accept(&mut self.tcp) => self.shake(stream, from),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// Resolves at a SIGHUP; never where it is not heard.
async fn asked(hangup: &mut Option<Signal>) {
    match hangup {
        Some(hangup) => _ = hangup.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
