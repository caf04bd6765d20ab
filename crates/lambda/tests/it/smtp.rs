//! The e-mail function sends through a real server, once.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weir_core::message::{Kind, Message};

use crate::world::{MAILER, World, fresh, variable};

async fn get(path: &str) -> Value {
    let address = variable("WEIR_TEST_SMTP_URL")
        .trim_start_matches("http://")
        .to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

async fn mails(to: &str) -> usize {
    get(&format!("/mails?to={to}"))
        .await
        .as_array()
        .unwrap()
        .len()
}

async fn world() -> World {
    let mut world = World::new().await;
    let about = get("/").await;
    let ca = world.directory.path().join("ca.pem");
    std::fs::write(&ca, about["ca"].as_str().unwrap()).unwrap();
    world.configure(&format!(
        "[notify]\nlanguage = \"en\"\nfrom = \"Weir <weir@example.com>\"\n[notify.smtp]\nhost = {}\nport = {}\n\
         user = {}\nca_file = \"ca.pem\"\n",
        about["host"], about["starttls"], about["user"],
    ));
    world.set("WEIR_SMTP_PASSWORD", about["password"].as_str().unwrap());
    world
}

#[tokio::test]
async fn a_message_is_mailed_once_to_each_address_whatever_happens_to_its_neighbours() {
    let world = world().await;
    let function = world.start(MAILER).await;
    let (ana, eva) = (
        format!("{}@example.com", fresh("ana")),
        format!("{}@example.com", fresh("eva")),
    );
    let message = Message::sample(Kind::Blocked);
    let to = |address: &str, language: &str| json!({ "message": message.to_json(), "to": address, "language": language, "name": "Ana", "channel": "smtp" });
    let event = json!({ "messages": [to(&ana, "es"), { "to": "nobody" }, to(&eva, "en"), to(&ana.to_uppercase(), "es")] });
    let statuses = |answer: &Value| -> Vec<String> {
        let results = answer["results"].as_array().unwrap().iter();
        results
            .map(|result| result["status"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = function.answer(&event).await;
    assert_eq!(
        statuses(&first),
        ["sent", "failed", "sent", "already sent"],
        "{first}"
    );
    assert_eq!(first["results"][0]["id"], message.id());
    let again = function.answer(&event).await;
    assert_eq!(
        statuses(&again),
        ["already sent", "failed", "already sent", "already sent"]
    );
    drop(function);

    // Another process remembers too.
    let function = world.start(MAILER).await;
    let single = function.answer(&to(&ana, "es")).await;
    assert_eq!(statuses(&single), ["already sent"]);
    assert_eq!((mails(&ana).await, mails(&eva).await), (1, 1));
}
