//! What the tests of channels share: messages, letters, settings, and a receiver of HTTP.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex};

use aws_config::SdkConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weir_aws::{ChannelSettings, channels_over};
use weir_core::calendar::Zone;
use weir_core::message::{Audience, Kind, Message};
use weir_engine::clock::{Clock, FakeClock};
use weir_engine::notify::{Language, Letter, Reader, Stationery};
use weir_engine::ports::{Alerts, EffectError, Mail, Way};

/// 2026-11-20, 16:42 in Madrid.
pub(crate) const NOW: &str = "2026-11-20T15:42:00Z";

pub(crate) fn letter(message: &Message) -> Letter {
    let zone = Zone::named("Europe/Madrid").unwrap();
    let reader = Reader {
        audience: Audience::User,
        language: Language::Es,
        name: Some("Ana López".to_owned()),
    };
    Stationery::new(zone, None).write(message, &reader).unwrap()
}

/// An address nobody else has.
pub(crate) fn fresh_address() -> String {
    format!(
        "ana-{}@example.com",
        RandomState::new().build_hasher().finish()
    )
}

/// The one channel of these settings.
pub(crate) fn channel(settings: ChannelSettings, config: Option<&SdkConfig>) -> Way {
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::at(NOW.parse().unwrap()));
    let mut channels = channels_over(settings, config, &clock).unwrap();
    assert_eq!(channels.len(), 1);
    channels.remove(0).way
}

pub(crate) fn mail(way: Way) -> Arc<dyn Mail> {
    match way {
        Way::Mail(mail) => mail,
        Way::Alerts(_) => panic!("this channel sends no mail"),
    }
}

pub(crate) async fn publish(way: &Way, kind: Kind) -> Result<Message, EffectError> {
    let message = Message::sample(kind);
    let alerts: &Arc<dyn Alerts> = match way {
        Way::Alerts(alerts) => alerts,
        Way::Mail(_) => panic!("this channel only sends mail"),
    };
    alerts
        .publish(&message, &letter(&message))
        .await
        .map(|()| message)
}

/// What a receiver got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// Keeps every request, and answers with a status and nothing else.
pub(crate) struct Receiver {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    pub(crate) async fn new(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Some(request) = answer(stream, status).await {
                    kept.lock().unwrap().push(request);
                }
            }
        });
        tasks.detach_all();
        Self { url, got }
    }

    pub(crate) fn all(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn answer(mut stream: TcpStream, status: &str) -> Option<Got> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        let whole = end + 4 + length.unwrap_or(0);
        while bytes.len() < whole {
            stream.read_buf(&mut bytes).await.ok()?;
        }
        break (head, end + 4);
    };
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-length: 0\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).await.ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    Some(Got {
        path,
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: String::from_utf8(bytes[length..].to_vec()).ok()?,
    })
}
