//! TLS over a real listener, with a client that trusts one certificate.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use weir_server::{ServeError, Tls, TlsFiles, Transport, serve};

use crate::world::{TOKEN, World, fixture};

const NAME: &str = "weir.example.com";
const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n";

/// A server with its files, and the certificate it began with.
struct Site {
    world: World,
    files: TempDir,
    first: String,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinSet<Result<(), ServeError>>,
}

impl Site {
    async fn new() -> Self {
        let mut world = World::new().await;
        world.state.transport = Transport::Tls;
        let files = TempDir::new().unwrap();
        let first = write(files.path());
        let tls = Tls::load(TlsFiles {
            certificate: files.path().join("certificate.pem"),
            key: files.path().join("key.pem"),
        });
        let tls = tls.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut serving = JoinSet::new();
        let state = world.state.clone();
        serving.spawn(serve(listener, Some(tls), state, None, async {
            let _ = stopped.await;
        }));
        Self {
            world,
            files,
            first,
            address,
            stop,
            serving,
        }
    }

    /// The answer to a client that trusts this certificate alone.
    async fn ask(&self, trusted: &str) -> std::io::Result<String> {
        let mut stream = shake(self.address, trusted).await?;
        stream.write_all(ASK).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    async fn stop(mut self) -> World {
        self.stop.send(()).unwrap();
        self.serving.join_next().await.unwrap().unwrap().unwrap();
        self.world
    }
}

/// Writes a new certificate and its key, and gives the certificate.
fn write(directory: &Path) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![NAME.to_owned()]).unwrap();
    std::fs::write(directory.join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(directory.join("certificate.pem"), cert.pem()).unwrap();
    cert.pem()
}

async fn shake(address: SocketAddr, trusted: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// What `systemctl reload` and clients of certificate authorities send.
fn hangup() {
    let me = std::process::id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-HUP", &me])
        .status();
    assert!(sent.unwrap().success());
}

#[tokio::test]
async fn by_tls_nothing_is_answered_in_clear_and_browsers_are_told_to_keep_to_it() {
    let site = Site::new().await;
    let answer = site.ask(&site.first).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let kept = answer.contains("strict-transport-security: max-age=31536000");
    assert!(kept, "{answer}");

    let other = write(TempDir::new().unwrap().path());
    let stranger = site.ask(&other).await;
    assert!(stranger.is_err(), "it proves who it is: {stranger:?}");
    let mut plain = TcpStream::connect(site.address).await.unwrap();
    plain.write_all(ASK).await.unwrap();
    let mut answer = Vec::new();
    // Closed in the middle of what it said, or after an alert of TLS.
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    site.stop().await;
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_and_a_broken_one_is_not() {
    let site = Site::new().await;
    // The handler of the signal is there before the first answer.
    site.ask(&site.first).await.unwrap();
    // Half of the next one is no reason to speak none.
    std::fs::write(site.files.path().join("certificate.pem"), "").unwrap();
    hangup();
    sleep(Duration::from_millis(200)).await;
    site.ask(&site.first).await.unwrap();

    let second = write(site.files.path());
    hangup();
    timeout(Duration::from_secs(5), async {
        while site.ask(&second).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert!(site.ask(&site.first).await.is_err());
    site.stop().await;
}

#[tokio::test]
async fn handshakes_that_hang_keep_nobody_waiting() {
    let site = Site::new().await;
    let mut hanging = Vec::new();
    for _ in 0..300 {
        hanging.push(TcpStream::connect(site.address).await.unwrap());
    }
    let answer = timeout(Duration::from_secs(5), site.ask(&site.first)).await;
    assert!(answer.unwrap().unwrap().starts_with("HTTP/1.1 200"));
    // Nor do they keep a stop waiting.
    timeout(Duration::from_secs(5), site.stop()).await.unwrap();
}

#[tokio::test]
async fn a_stop_answers_what_is_in_flight_by_tls_too() {
    let site = Site::new().await;
    let body = fixture("ct_invokemodel_iamuser.json");
    let (first, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut client = shake(site.address, &site.first).await.unwrap();
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(first).await.unwrap();
    // The server has the request in hand once another one, sent later, was answered.
    site.ask(&site.first).await.unwrap();
    let address = site.address;
    let asking = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        client.write_all(rest).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let (world, answer) = tokio::join!(site.stop(), asking);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(world.store.health().await.unwrap().invocations, 1);
}
