//! How often the hot path speaks to `MySQL`: a proxy counts what the client sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use weir_core::audit::Entry;
use weir_core::evidence::Evidence;
use weir_core::plan::Plan;
use weir_core::record::{Record, Source};
use weir_core::standing::Situation;
use weir_store::{Decide, Store};

use crate::make::{batch, call, log, nothing, plain, rules};
use crate::place::Place;

/// Commands that the server never answers: the client does not wait for them.
const UNANSWERED: [u8; 2] = [0x01, 0x19]; // COM_QUIT, COM_STMT_CLOSE

/// Forwards one connection, counting commands.
async fn forward(
    client: TcpStream,
    server: String,
    count: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let server = TcpStream::connect(server).await?;
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
                count.fetch_add(1, Ordering::SeqCst);
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

/// The same database behind a proxy, and its count.
async fn counted(place: &Place, tasks: &mut JoinSet<()>) -> (Arc<dyn Store>, Arc<AtomicUsize>) {
    let (_, address) = place.url.split_once('@').unwrap();
    let (address, name) = address.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let (counter, server) = (count.clone(), address.to_owned());
    tasks.spawn(async move {
        let mut links = JoinSet::new();
        while let Ok((client, _)) = listener.accept().await {
            client.set_nodelay(true).unwrap();
            links.spawn(forward(client, server.clone(), counter.clone()));
        }
    });
    let url = format!("mysql://root@127.0.0.1:{port}/{name}?ssl-mode=DISABLED");
    (weir_store::open(&url).await.unwrap(), count)
}

/// Asks for everything and writes everything.
fn everything(situation: &Situation) -> Plan {
    let users: Vec<_> = situation
        .users
        .iter()
        .filter(|standing| standing.young.is_none())
        .collect();
    if !users.is_empty() {
        return Plan {
            ask_young: users.iter().map(|standing| standing.user.clone()).collect(),
            ask_young_teams: situation
                .groups
                .iter()
                .filter_map(|group| group.team.clone())
                .collect(),
            ..Plan::default()
        };
    }
    let mut plan = crate::deciding::deny();
    plan.audit.push(Entry::default());
    plan
}

/// The record of the end of a stream.
fn ended(request: &str, user: &str) -> Record {
    Record {
        source: Source::Completion,
        ..call(request, user)
    }
}

pub(crate) async fn the_hot_path_speaks_as_often_whatever_the_batch(place: Place) {
    let mut tasks = JoinSet::new();
    let (store, count) = counted(&place, &mut tasks).await;
    let rules = rules(&*store).await;
    let mut trips = Vec::new();
    for round in 0..2 {
        for size in [1, 100, 1_000] {
            let records = |kind: fn(&str, &str) -> Record, tag: &str| -> Vec<Evidence> {
                let one = |n| {
                    plain(kind(
                        &format!("{tag}{round}-{size}-{n}"),
                        &format!("user{}", n % 40),
                    ))
                };
                (0..size).map(one).collect()
            };
            // Half of them new, half of them known and changed.
            let half = |tag: &str| -> Vec<Evidence> {
                let some = records(ended, tag);
                some.into_iter().take((size / 2).max(1)).collect()
            };
            let mut took = Vec::new();
            let steps: [(&str, Vec<Evidence>, &Decide<'_>); 4] = [
                ("new", records(call, "a"), &nothing),
                ("completed", records(log, "a"), &nothing),
                ("duplicates", records(log, "a"), &nothing),
                ("decided", [half("b"), half("a")].concat(), &everything),
            ];
            for (step, evidence, decide) in steps {
                let before = count.load(Ordering::SeqCst);
                let batch = batch(format!("{step}{round}-{size}"), &rules, evidence);
                let settled = store.settle(&batch, decide).await.unwrap();
                assert_eq!(settled.retries, 0);
                took.push(count.load(Ordering::SeqCst) - before);
            }
            if round > 0 {
                trips.push(took);
            }
        }
    }
    assert!(trips.iter().all(|took| *took == trips[0]), "{trips:?}");
    assert!(trips[0][..3].iter().all(|trips| *trips <= 6), "{trips:?}");
    assert!(trips[0][3] <= 12, "{trips:?}");
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

mod mariadb {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_hot_path_speaks_as_often_whatever_the_batch() {
        if let Some(place) = crate::place::mariadb().await {
            super::the_hot_path_speaks_as_often_whatever_the_batch(place).await;
        }
    }
}

mod mysql {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_hot_path_speaks_as_often_whatever_the_batch() {
        if let Some(place) = crate::place::mysql().await {
            super::the_hot_path_speaks_as_often_whatever_the_batch(place).await;
        }
    }
}
