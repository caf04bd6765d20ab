//! The e-mail function sends through a real server, once.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weir_core::message::{Kind, Message};

use crate::world::{MAILER, World, fresh, skipped, variable};

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

async fn with_mail(mut world: World) -> World {
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
    is_mailed_once(World::new().await).await;
}

#[tokio::test]
async fn mariadb_remembers_what_was_mailed() {
    is_mailed_once(World::on("WEIR_TEST_MARIADB_URL").await).await;
}

#[tokio::test]
async fn real_mysql_remembers_what_was_mailed() {
    if !skipped("WEIR_TEST_MYSQL_SKIPPED") {
        is_mailed_once(World::on("WEIR_TEST_MYSQL_URL").await).await;
    }
}

/// Two functions get the same message at once.
#[tokio::test]
async fn functions_that_run_at_once_mail_once() {
    let world = with_mail(World::on("WEIR_TEST_MARIADB_URL").await).await;
    let functions = [world.start(MAILER).await, world.start(MAILER).await];
    let ana = format!("{}@example.com", fresh("ana"));
    let message = Message::sample(Kind::Blocked).to_json();
    let event = json!({ "message": message, "to": ana, "channel": "smtp" });
    let (first, second) = tokio::join!(functions[0].answer(&event), functions[1].answer(&event));
    let status = |answer: &Value| answer["results"][0]["status"].as_str().unwrap().to_owned();
    let mut statuses = [status(&first), status(&second)];
    statuses.sort();
    // Whoever comes second is told so, or to come again while the first is at it.
    assert_eq!(statuses[1], "sent", "{first} {second}");
    assert!(
        ["already sent", "failed"].contains(&statuses[0].as_str()),
        "{first} {second}"
    );
    let again = functions[0].answer(&event).await;
    assert_eq!(status(&again), "already sent");
    assert_eq!(mails(&ana).await, 1);
}

async fn is_mailed_once(world: World) {
    let world = with_mail(world).await;
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
