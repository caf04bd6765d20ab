//! `bedrock-realtime-usage-controller`: whatever AWS sends, told apart by content.

mod bucket;
mod form;
mod hand;
mod manual;

use std::io::Cursor;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use weir_aws::EmfLines;
use weir_config::{CloudWatchWord, require};
use weir_core::intake::Options;
use weir_engine::ports::{Figures, QueueMessage};
use weir_engine::{Consumed, EngineError, IngestReport, Input, Notice, QueueTerms, notice};

use self::bucket::Buckets;
use self::form::Form;
use self::hand::Hand;
use crate::failure::Failure;
use crate::start::{Event, Weir};
use crate::time;

/// What the controller keeps between events.
#[derive(Default)]
pub(crate) struct Controller {
    buckets: Buckets,
}

impl Controller {
    pub(crate) async fn take(&self, weir: &Weir, event: &Event<'_>) -> Result<Value, Failure> {
        match form::of(event.text) {
            Form::Tick => tick(weir, event).await,
            Form::Operation(fields) => Ok(manual::take(weir, event, &fields).await),
            Form::Queue { name, messages } => self.queue(weir, event, &name, messages).await,
            Form::Topic(messages) => self.told(weir, event, "sns", messages).await,
            Form::Other => match notice(event.text) {
                Notice::Records(_) => records(weir, event).await,
                // Word of objects, or of nothing: as if it had come through a queue.
                Notice::Objects(_) | Notice::Nothing | Notice::Unusable(_) => {
                    let message = QueueMessage {
                        id: event.context.request_id.clone(),
                        receipt: "0".to_owned(),
                        body: event.text.to_owned(),
                        receives: 1,
                    };
                    self.told(weir, event, "event", vec![message]).await
                }
            },
        }
    }

    /// A batch of SQS: only what was not counted comes back (partial batch response).
    async fn queue(
        &self,
        weir: &Weir,
        event: &Event<'_>,
        name: &str,
        messages: Vec<QueueMessage>,
    ) -> Result<Value, Failure> {
        let hand = Hand::of(&messages);
        if let Err(failure) = self.consume(weir, event, name, &hand, messages).await {
            // What was counted before is done; the rest comes again.
            tracing::warn!(%failure, "a part of the batch comes again");
        }
        let failures: Vec<_> = hand
            .left()
            .into_iter()
            .map(|id| json!({ "itemIdentifier": id }))
            .collect();
        Ok(json!({ "batchItemFailures": failures }))
    }

    /// Messages that Lambda delivers all or none: if one is left, all come again.
    async fn told(
        &self,
        weir: &Weir,
        event: &Event<'_>,
        name: &str,
        messages: Vec<QueueMessage>,
    ) -> Result<Value, Failure> {
        let hand = Hand::of(&messages);
        let consumed = self.consume(weir, event, name, &hand, messages).await?;
        if hand.left().is_empty() {
            return Ok(json!(consumed.counted));
        }
        Err(Failure::Failed(consumed.errors.join("; ")))
    }

    async fn consume(
        &self,
        weir: &Weir,
        event: &Event<'_>,
        name: &str,
        hand: &Hand,
        messages: Vec<QueueMessage>,
    ) -> Result<Consumed, Failure> {
        let terms = QueueTerms {
            metadata_keys: weir.settings.metadata_keys.clone(),
            ..QueueTerms::default()
        };
        // Only a queue is named by its ARN: whoever else tells of objects does not say whose they are.
        let queue = name.starts_with("arn:").then_some(name);
        let role = weir.settings.lambda_reader(queue);
        let buckets = self.buckets.by(&weir.settings, role);
        let work = weir
            .engine
            .consume((hand, &buckets), name, messages, &terms);
        let consumed = timeout(event.time, work)
            .await
            .map_err(|_| Failure::OutOfTime)?
            .map_err(Failure::from)?;
        for error in &consumed.errors {
            tracing::warn!(error, "a message was not counted");
        }
        account(&consumed.counted);
        Ok(consumed)
    }
}

/// Records themselves: an event of EventBridge, a payload of CloudWatch Logs, or what only the parser
/// can judge.
async fn records(weir: &Weir, event: &Event<'_>) -> Result<Value, Failure> {
    let input = Input {
        source: "lambda".to_owned(),
        reader: Box::new(Cursor::new(event.text.to_owned().into_bytes())),
        options: Options {
            metadata_keys: weir.settings.metadata_keys.clone(),
            ..Options::payload()
        },
    };
    let counted = timeout(event.time, weir.engine.ingest(vec![input], &|_| {}))
        .await
        .map_err(|_| Failure::OutOfTime)?
        .map_err(|error| match error {
            // The payload came whole: if it cannot be read now, it never can.
            EngineError::Input { why, .. } => Failure::BadInput(why),
            error => error.into(),
        })?;
    account(&counted);
    Ok(json!(counted))
}

/// Everything that is due: expiry, effects, jobs, comparisons (rules B5), and figures of it, also of a tick
/// that did not come to its end.
async fn tick(weir: &Weir, event: &Event<'_>) -> Result<Value, Failure> {
    let began = Instant::now();
    let ticked = timeout(time::work(event.time), weir.engine.tick()).await;
    let left = event.time.saturating_sub(began.elapsed());
    if let Ok(put) = timeout(left, put_figures(weir)).await {
        put?;
    } else {
        tracing::warn!("there was no time for the figures of this minute");
    }
    Ok(json!(ticked.map_err(|_| Failure::OutOfTime)??))
}

/// Figures for CloudWatch, once a minute: as lines on standard output, which the log of the function
/// makes metrics of, unless the configuration says otherwise.
async fn put_figures(weir: &Weir) -> Result<(), Failure> {
    let metrics = &weir.settings.metrics;
    let figures: Arc<dyn Figures> = match metrics.of_lambda() {
        CloudWatchWord::Off => return Ok(()),
        CloudWatchWord::Put => {
            let aws = require(&weir.settings).await;
            aws.map_err(|error| Failure::Unavailable(error.to_string()))?
                .figures
        }
        CloudWatchWord::Emf => Arc::new(EmfLines::Stdout),
    };
    weir.engine.put_figures(&*figures, metrics.most()).await?;
    Ok(())
}

/// What an event came to, for the log: numbers, never what was in it.
fn account(counted: &IngestReport) {
    tracing::info!(
        records = counted.records,
        new = counted.new,
        completed = counted.completed,
        duplicates = counted.duplicates,
        ignored = counted.ignored,
        dead_letters = counted.dead_letters,
        blocked = counted.blocked.len(),
        "counted"
    );
}
