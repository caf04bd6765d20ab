//! Over TCP, from start to a stop in the middle of a request.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use weir_server::serve;

use crate::world::{TOKEN, World, fixture};

#[tokio::test]
async fn a_stop_answers_what_is_in_flight_and_takes_nothing_new() {
    let world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let stopping = async move {
        let _ = stopped.await;
    };
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(serve(listener, None, world.state.clone(), None, stopping));

    let body = fixture("ct_invokemodel_iamuser.json");
    let (first, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(first).await.unwrap();
    // The server has the request in hand once another one, sent later, was answered.
    let mut other = TcpStream::connect(address).await.unwrap();
    other
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    other.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), async {
        // Refused, or never answered: nothing new is taken.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    client.write_all(rest).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"new\":1"), "{answer}");
    serving.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(world.store.health().await.unwrap().invocations, 1);
}
