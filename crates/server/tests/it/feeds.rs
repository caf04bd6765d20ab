//! What a server fetches by itself, and a stop in the middle of it.

use std::io::{BufRead, Cursor};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use weir_engine::QueueTerms;
use weir_engine::ports::{
    EffectError, Listing, LogEvent, LogGroup, LogGroups, ObjectKey, Objects, Page, QueueMessage,
    Queues,
};
use weir_server::{Feeds, QueueFeed, serve};

use crate::world::{World, fixture};

/// A queue with one message about one object, whose transfer takes a while.
#[derive(Default)]
struct Outside {
    is_received: Mutex<bool>,
    deleted: Mutex<Vec<String>>,
    /// The object is being read.
    reading: Notify,
}

#[async_trait]
impl Queues for Outside {
    async fn receive(&self, _: &str, _: Duration) -> Result<Vec<QueueMessage>, EffectError> {
        if std::mem::replace(&mut *self.is_received.lock().unwrap(), true) {
            return std::future::pending().await;
        }
        let body = json!({ "s3Bucket": "logs", "s3ObjectKey": ["a.json"] }).to_string();
        Ok(vec![QueueMessage {
            id: "m".to_owned(),
            receipt: "receipt".to_owned(),
            body,
            receives: 1,
        }])
    }

    async fn delete(&self, _: &str, receipts: &[String]) -> Result<(), EffectError> {
        self.deleted.lock().unwrap().extend_from_slice(receipts);
        Ok(())
    }

    async fn extend(&self, _: &str, _: &[String], _: Duration) -> Result<(), EffectError> {
        Ok(())
    }
}

#[async_trait]
impl Objects for Outside {
    async fn list(&self, _: &str, _: &str, _: Option<&str>) -> Result<Listing, EffectError> {
        Ok(Listing::default())
    }

    async fn open(&self, _: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError> {
        self.reading.notify_one();
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(Box::new(Cursor::new(fixture(
            "ct_invokemodel_iamuser.json",
        ))))
    }
}

#[async_trait]
impl LogGroups for Outside {
    async fn events(
        &self,
        group: &LogGroup,
        _: Timestamp,
        to: Timestamp,
        _: Option<&str>,
    ) -> Result<Page<LogEvent>, EffectError> {
        assert_eq!(group.region.as_deref(), Some("eu-west-1"));
        let message = String::from_utf8(fixture("mil_converse_request_metadata.json")).unwrap();
        let event = LogEvent {
            id: "e".to_owned(),
            at: to,
            message,
        };
        Ok(Page {
            items: vec![event],
            next: None,
        })
    }
}

#[tokio::test]
async fn a_stop_finishes_the_message_in_hand() {
    let world = World::new().await;
    let outside = Arc::new(Outside::default());
    let feeds = Feeds {
        queues: vec![QueueFeed {
            url: "https://sqs.eu-west-1.amazonaws.com/1/q".to_owned(),
            queues: Arc::clone(&outside) as _,
            objects: Arc::clone(&outside) as _,
        }],
        log_groups: vec![(
            "arn:aws:logs:eu-west-1:111122223333:log-group:g"
                .parse()
                .unwrap(),
            Arc::clone(&outside) as _,
        )],
        terms: QueueTerms::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let told = Arc::clone(&outside);
    // The stop comes while the object is still on its way.
    let stop = async move { told.reading.notified().await };
    serve(listener, None, world.state.clone(), Some(feeds), stop)
        .await
        .unwrap();
    assert_eq!(*outside.deleted.lock().unwrap(), ["receipt"]);
    let invocations = world.store.health().await.unwrap().invocations;
    assert_eq!(invocations, 2, "the message, and the log group");
}
