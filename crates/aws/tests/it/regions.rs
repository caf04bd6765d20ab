//! A bucket in another Region than ours.

use std::sync::{Arc, Mutex};

use aws_sdk_s3::config::Credentials;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use weir_aws::{AwsSettings, Connection};
use weir_engine::ports::ObjectKey;

/// Answers as S3 does: a bucket is served where it is, and elsewhere it is said where that is.
/// Remembers the Regions of the signatures.
async fn s3_elsewhere(
    serving: &mut JoinSet<()>,
    region: &'static str,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    serving.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut lines = BufReader::new(&mut stream).lines();
            let mut signed = String::new();
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.to_lowercase().starts_with("authorization:") {
                    line.split('/')
                        .nth(2)
                        .unwrap_or_default()
                        .clone_into(&mut signed);
                }
                if line.is_empty() {
                    break;
                }
            }
            let answer = if signed == region {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_owned()
            } else {
                let body =
                    "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>";
                format!(
                    "HTTP/1.1 301 Moved Permanently\r\nx-amz-bucket-region: {region}\r\n\
                     Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                )
            };
            seen.lock().unwrap().push(signed);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, asked)
}

#[tokio::test]
async fn a_bucket_of_another_region_is_found_and_remembered() {
    let mut serving = JoinSet::new();
    let (url, asked) = s3_elsewhere(&mut serving, "eu-south-2").await;
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(url)
        .region(aws_config::Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .load()
        .await;
    let objects = Connection::over(config, AwsSettings::default())
        .sources
        .objects;
    let object = ObjectKey {
        bucket: "logs".to_owned(),
        key: "a".to_owned(),
        region: None,
    };
    for _ in 0..2 {
        let mut reader = objects.open(&object).await.unwrap();
        let text = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut reader, &mut text).map(|_| text)
        });
        assert_eq!(text.await.unwrap().unwrap(), "{}");
    }
    assert_eq!(
        *asked.lock().unwrap(),
        ["eu-west-1", "eu-south-2", "eu-south-2"]
    );
    // A Region that somebody named is tried first.
    let named = ObjectKey {
        bucket: "others".to_owned(),
        region: Some("eu-south-2".to_owned()),
        ..object
    };
    objects.open(&named).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 4);
}
