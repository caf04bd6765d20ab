//! A proxy in front of a `MySQL` server that counts what the client asks, how often the hot path speaks, and can leave
//! it without an answer.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Commands that the server never answers: the client does not wait for them.
const UNANSWERED: [u8; 2] = [0x01, 0x19]; // COM_QUIT, COM_STMT_CLOSE

/// The same database behind a proxy that lives as long as this.
pub struct CountingProxy {
    /// The address of the database behind the proxy, without TLS, so that commands can be seen.
    pub url: String,
    count: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    _links: JoinSet<()>,
}

impl CountingProxy {
    /// Stands before `mysql://USER@HOST:PORT/NAME`.
    pub async fn before(url: &str) -> io::Result<Self> {
        let bad = || io::Error::new(io::ErrorKind::InvalidInput, format!("{url} is no address"));
        let (login, address) = url.split_once('@').ok_or_else(bad)?;
        let (server, name) = address.split_once('/').ok_or_else(bad)?;
        let name = name.split_once('?').map_or(name, |(name, _)| name);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let count = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(usize::MAX));
        let meter = (Arc::clone(&count), Arc::clone(&most));
        let server = server.to_owned();
        let mut links = JoinSet::new();
        links.spawn(async move {
            let mut links = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                links.spawn(forward(client, server.clone(), meter.clone()));
            }
        });
        Ok(Self {
            url: format!("{login}@127.0.0.1:{port}/{name}?ssl-mode=DISABLED"),
            count,
            most,
            _links: links,
        })
    }

    /// How many commands were sent until now: each is a round trip.
    pub fn trips(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// From here on so many commands reach the server, and whoever sends another waits for ever.
    pub fn answer_only(&self, commands: usize) {
        self.count.store(0, Ordering::SeqCst);
        self.most.store(commands, Ordering::SeqCst);
    }
}

/// Forwards one connection, counting commands, up to the most that are answered.
async fn forward(
    client: TcpStream,
    server: String,
    (count, most): (Arc<AtomicUsize>, Arc<AtomicUsize>),
) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    // Each command is written in two parts: together they must not wait for an acknowledgement.
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut head = [0_u8; 4];
        while from_client.read_exact(&mut head).await.is_ok() {
            let length = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize;
            let mut body = vec![0; length];
            from_client.read_exact(&mut body).await?;
            // The first packet of a command has the number 0.
            if head[3] == 0
                && !body
                    .first()
                    .is_some_and(|command| UNANSWERED.contains(command))
            {
                let before = count.fetch_add(1, Ordering::SeqCst);
                if before >= most.load(Ordering::SeqCst) {
                    std::future::pending::<()>().await;
                }
            }
            to_server.write_all(&head).await?;
            to_server.write_all(&body).await?;
        }
        to_server.shutdown().await
    };
    let down = async {
        tokio::io::copy(&mut from_server, &mut to_client).await?;
        to_client.shutdown().await
    };
    tokio::try_join!(up, down).map(|_| ())
}
