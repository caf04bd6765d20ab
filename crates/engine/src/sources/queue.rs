//! Messages of a queue: counted, then deleted; in between they are hidden from others.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use weir_core::intake::Options;
use weir_store::DeadLetter;

use super::notice::{Notice, notice};
use super::object_name::holds_none;
use crate::ingest::Intake;
use crate::intake::Input;
use crate::ports::{EffectErrorKind, ObjectKey, Objects, QueueMessage, Queues};
use crate::{Engine, EngineError, IngestReport};

/// How messages are treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTerms {
    /// How long a message is hidden from others; extended while it is being read.
    pub hold: Duration,
    /// A message that failed for its own reason so often is a dead letter.
    pub most_receives: u32,
    /// The keys of `requestMetadata` that are kept.
    pub metadata_keys: Vec<String>,
}

impl Default for QueueTerms {
    fn default() -> Self {
        Self {
            hold: Duration::from_mins(2),
            most_receives: 5,
            metadata_keys: Options::default().metadata_keys,
        }
    }
}

/// What became of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consumed {
    /// What was counted.
    pub counted: IngestReport,
    /// Messages that were deleted.
    pub deleted: u64,
    /// Messages that stay, to come again.
    pub left: u64,
    /// What did not work, in words.
    pub errors: Vec<String>,
}

/// What a message comes to.
enum End {
    /// Counted, or nothing to count.
    Counted,
    /// It comes again; why.
    Later(String),
    /// It comes again, if it did not too often: object gone, forbidden, refused.
    Fails(String),
}

impl Engine {
    /// Counts what messages say and deletes them, once it is committed. A message that cannot be read
    /// becomes a dead letter and is deleted too. On an error of the database nothing more is deleted.
    ///
    /// Dropped half-way, it loses nothing: what was not deleted comes again, and counts once.
    #[tracing::instrument(name = "intake", level = "debug", skip_all, fields(inputs = messages.len()))]
    pub async fn consume(
        &self,
        (queues, objects): (&dyn Queues, &dyn Objects),
        queue: &str,
        messages: Vec<QueueMessage>,
        terms: &QueueTerms,
    ) -> Result<Consumed, EngineError> {
        let hand = Hand {
            queues,
            queue,
            receipts: Mutex::new(
                messages
                    .iter()
                    .map(|message| message.receipt.clone())
                    .collect(),
            ),
        };
        let work = self.consume_all(&hand, objects, messages, terms);
        tokio::pin!(work);
        let pause = terms.hold / 2;
        let mut clock = interval_at(Instant::now() + pause, pause);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = clock.tick() => hand.extend(terms.hold).await,
            }
        }
    }

    async fn consume_all(
        &self,
        hand: &Hand<'_>,
        objects: &dyn Objects,
        messages: Vec<QueueMessage>,
        terms: &QueueTerms,
    ) -> Result<Consumed, EngineError> {
        let mut consumed = Consumed::default();
        let mut intake = self.intake(&|_| {}).await?;
        let outcome = Batch {
            engine: self,
            hand,
            objects,
            terms,
        }
        .all(&mut intake, messages, &mut consumed)
        .await;
        let counted = intake.end().await;
        outcome?;
        consumed.counted.add(counted?);
        Ok(consumed)
    }
}

struct Batch<'a> {
    engine: &'a Engine,
    hand: &'a Hand<'a>,
    objects: &'a dyn Objects,
    terms: &'a QueueTerms,
}

impl Batch<'_> {
    async fn all(
        &self,
        intake: &mut Intake<'_>,
        messages: Vec<QueueMessage>,
        consumed: &mut Consumed,
    ) -> Result<(), EngineError> {
        let (mut records, mut told, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for message in &messages {
            match notice(&message.body) {
                Notice::Records(text) => {
                    records.push(json!({
                        "eventSource": "aws:sqs", "messageId": message.id, "body": text,
                    }));
                    done.push(message.receipt.clone());
                }
                Notice::Objects(keys) => told.push((message, keys)),
                Notice::Nothing => done.push(message.receipt.clone()),
                Notice::Unusable(why) => {
                    self.bury(message, format!("unreadable: {why}")).await?;
                    consumed.counted.dead_letters += 1;
                    done.push(message.receipt.clone());
                }
            }
        }
        if !records.is_empty() {
            intake.read(self.together(&records)).await?;
        }
        self.delete(done, consumed).await;
        for (message, keys) in told {
            let end = self.read(intake, keys).await?;
            self.finish(message, end, consumed).await?;
        }
        Ok(())
    }

    /// All messages as one input, and so in one transaction.
    fn together(&self, records: &[Value]) -> Input {
        let text = json!({ "Records": records }).to_string();
        Input {
            source: self.hand.queue.to_owned(),
            reader: Box::new(std::io::Cursor::new(text.into_bytes())),
            options: self.options(),
        }
    }

    /// No cap on all messages together, or one that is a bomb would take its neighbours along.
    fn options(&self) -> Options {
        Options {
            metadata_keys: self.terms.metadata_keys.clone(),
            ..Options::default()
        }
    }

    /// Counts what objects hold.
    async fn read(
        &self,
        intake: &mut Intake<'_>,
        keys: Vec<ObjectKey>,
    ) -> Result<End, EngineError> {
        for object in keys {
            if holds_none(&object.key).is_some() {
                continue;
            }
            let reader = match self.objects.open(&object).await {
                Ok(reader) => reader,
                Err(error) if error.kind == EffectErrorKind::Retry => {
                    return Ok(End::Later(error.to_string()));
                }
                Err(error) => return Ok(End::Fails(error.to_string())),
            };
            let input = Input {
                source: object.to_string(),
                reader,
                options: self.options(),
            };
            match intake.read(input).await {
                Ok(()) => {}
                Err(error @ EngineError::Input { .. }) => {
                    return Ok(End::Later(error.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(End::Counted)
    }

    async fn finish(
        &self,
        message: &QueueMessage,
        end: End,
        consumed: &mut Consumed,
    ) -> Result<(), EngineError> {
        let why = match end {
            End::Counted => {
                self.delete(vec![message.receipt.clone()], consumed).await;
                return Ok(());
            }
            End::Fails(why) if message.receives >= self.terms.most_receives => {
                let reason = format!("unreadable: after {} attempts, {why}", message.receives);
                self.bury(message, reason).await?;
                consumed.counted.dead_letters += 1;
                self.delete(vec![message.receipt.clone()], consumed).await;
                return Ok(());
            }
            End::Fails(why) | End::Later(why) => why,
        };
        self.hand.let_go(&message.receipt);
        consumed.left += 1;
        consumed
            .errors
            .push(format!("message {}: {why}; it comes again", message.id));
        Ok(())
    }

    async fn bury(&self, message: &QueueMessage, reason: String) -> Result<(), EngineError> {
        let letter = DeadLetter {
            source: format!("{}, message {}", self.hand.queue, message.id),
            reason,
            shape: format!("{} bytes", message.body.len()),
        };
        self.engine.bury(letter).await
    }

    /// A message that cannot be deleted comes again, and counts once.
    async fn delete(&self, receipts: Vec<String>, consumed: &mut Consumed) {
        if receipts.is_empty() {
            return;
        }
        let hand = self.hand;
        match hand.queues.delete(hand.queue, &receipts).await {
            Ok(()) => consumed.deleted += receipts.len() as u64,
            Err(error) => {
                consumed.left += receipts.len() as u64;
                consumed.errors.push(error.to_string());
            }
        }
        for receipt in &receipts {
            hand.let_go(receipt);
        }
    }
}

/// The messages in hand: those that are to stay hidden from others.
struct Hand<'a> {
    queues: &'a dyn Queues,
    queue: &'a str,
    receipts: Mutex<Vec<String>>,
}

impl Hand<'_> {
    fn let_go(&self, receipt: &str) {
        self.lock().retain(|held| held != receipt);
    }

    async fn extend(&self, hold: Duration) {
        let receipts = self.lock().clone();
        if receipts.is_empty() {
            return;
        }
        if let Err(error) = self.queues.extend(self.queue, &receipts, hold).await {
            // Others may read them too, then; that counts once as well.
            tracing::warn!(%error, "messages may come again while they are being read");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
