//! Sending letters: claimed by lease, a few at a time, tried again with a growing pause.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use weir_core::message::{Audience, Message};
use weir_store::{ClaimedDelivery, DeliveryEnd, Lease, Store};

use crate::clock::Clock;
use crate::notify::{Language, Letter, Reader, Stationery};
use crate::ports::{EffectError, EffectErrorKind, Way};
use crate::post::Post;
use crate::report::MailReport;
use crate::{Engine, EngineError, budget};

/// One call never claims more often than this: the next one goes on.
const CLAIMS: usize = 500;
/// No letter takes longer; a lease does.
const CALL: Duration = Duration::from_secs(90);
/// The first pause after a failure; it doubles.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// A letter that does not go out in that time is given up, if it was tried so often: a day in which
/// nothing of ours ran says nothing about the channel.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
const TRIES: u32 = 12;

/// What one attempt to send came to.
type Attempt = Result<(), EffectError>;

impl Engine {
    /// Sends letters that are due until none is, or until nothing goes out any more. Waits until `end` at
    /// most: what is under way then is brought to its end, and recorded, beside whoever called.
    pub(crate) async fn deliver(
        &self,
        post: &Post,
        end: Option<Instant>,
        report: &mut MailReport,
    ) -> Result<(), EngineError> {
        let stationery = self.stationery(post).await?;
        // No more than are begun at once, so that none waits while its lease runs.
        let most = u32::try_from(self.options.concurrency.clamp(1, 100)).unwrap_or(1);
        for _ in 0..CLAIMS {
            if end.is_some_and(|end| Instant::now() >= end) {
                break;
            }
            let now = self.effect_time();
            let lease = self.lease(now);
            let claimed = self.store.claim_deliveries(now, &lease, most).await?;
            if claimed.is_empty() {
                break;
            }
            let mut round = Round {
                sending: JoinSet::new(),
                store: Arc::clone(&self.store),
                clock: Arc::clone(&self.clock),
                not_before: self.now(),
                lease,
            };
            for delivery in claimed {
                let (stationery, post) = (Arc::clone(&stationery), post.clone());
                round.sending.spawn(async move {
                    let sent = tokio::time::timeout(CALL, send(&post, &stationery, &delivery));
                    let sent = sent.await.unwrap_or_else(|_| Err(late(&delivery)));
                    (delivery, sent)
                });
            }
            let mut went_out = false;
            loop {
                // Only the waiting is given up: what was sent is recorded.
                let Ok(joined) = budget::until(end, round.sending.join_next()).await else {
                    let left = round.sending.len();
                    tracing::warn!(left, "letters take long: nothing else waits for them");
                    self.under_way.finish(round);
                    return Ok(());
                };
                let Some(joined) = joined else {
                    break;
                };
                let Some(end) = round.record(joined).await? else {
                    continue;
                };
                match end {
                    DeliveryEnd::Sent => report.sent += 1,
                    DeliveryEnd::Failed(_) => report.failed += 1,
                    DeliveryEnd::Later(..) => report.retried += 1,
                }
                went_out |= !matches!(end, DeliveryEnd::Later(..));
            }
            if !went_out {
                break;
            }
        }
        Ok(())
    }
}

/// Letters that were claimed together.
struct Round {
    sending: JoinSet<(ClaimedDelivery, Attempt)>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Under `--as-of`, a later instant than the wall shows.
    not_before: Timestamp,
    lease: Lease,
}

impl Round {
    /// Records what became of a letter.
    async fn record(
        &self,
        joined: Result<(ClaimedDelivery, Attempt), JoinError>,
    ) -> Result<Option<DeliveryEnd>, EngineError> {
        // The lease of one that ended without a result runs out, and somebody takes it up.
        let Ok((delivery, sent)) = joined else {
            tracing::error!("sending a letter ended without a result");
            return Ok(None);
        };
        let now = self.clock.now().max(self.not_before);
        let end = end_of(&delivery, sent, now);
        note(&delivery, &end);
        self.store
            .finish_delivery(&self.lease, delivery.seq, now, end.clone())
            .await?;
        Ok(Some(end))
    }

    async fn finish(mut self) {
        while let Some(joined) = self.sending.join_next().await {
            if let Err(error) = self.record(joined).await {
                tracing::error!(%error, "what became of a letter is not on record");
            }
        }
    }
}

/// Letters that whoever began to send them does not wait for. None takes longer than its lease holds.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<JoinSet<()>>);

impl UnderWay {
    /// Whether there are some.
    pub(crate) fn any(&self) -> bool {
        let mut rounds = self.rounds();
        while rounds.try_join_next().is_some() {}
        !rounds.is_empty()
    }

    fn finish(&self, round: Round) {
        self.rounds().spawn(round.finish());
    }

    /// Nobody panics while holding it, and if: a set of tasks is whole at any time.
    fn rounds(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Waits for the letters that are under way, so that a stop does not leave them to be sent twice.
    pub async fn letters_done(&self) {
        let rounds = std::mem::take(&mut *self.under_way.rounds());
        rounds.join_all().await;
    }
}

async fn send(post: &Post, stationery: &Stationery, delivery: &ClaimedDelivery) -> Attempt {
    let what = || format!("sending {} through {}", delivery.id, delivery.channel);
    let Some(message) = &delivery.message else {
        let why = "what is stored cannot be read";
        return Err(EffectError::new(EffectErrorKind::Refused, what(), why));
    };
    let mut channels = post.channels.iter();
    let Some(channel) = channels.find(|channel| channel.name == delivery.channel) else {
        let why = "this process has no such channel: see [notify] of its configuration";
        return Err(EffectError::new(EffectErrorKind::Denied, what(), why));
    };
    let letter = write(stationery, message, delivery)
        .map_err(|why| EffectError::new(EffectErrorKind::Refused, what(), why))?;
    match (&channel.way, &delivery.recipient) {
        (Way::Alerts(alerts), _) => alerts.publish(message, &letter).await,
        (Way::Mail(mail), Some(to)) => mail.send(to, &delivery.id, &letter).await,
        (Way::Mail(_), None) => {
            let why = "no address is known";
            Err(EffectError::new(EffectErrorKind::Refused, what(), why))
        }
    }
}

fn write(
    stationery: &Stationery,
    message: &Message,
    delivery: &ClaimedDelivery,
) -> Result<Letter, String> {
    let reader = Reader {
        audience: delivery.audience,
        language: delivery.language.parse::<Language>()?,
        name: delivery
            .name
            .clone()
            .filter(|_| delivery.audience == Audience::User),
    };
    stationery
        .write(message, &reader)
        .map_err(|error| error.to_string())
}

fn late(delivery: &ClaimedDelivery) -> EffectError {
    let why = format!("no answer within {} s", CALL.as_secs());
    let what = format!("sending through {}", delivery.channel);
    EffectError::new(EffectErrorKind::Retry, what, why)
}

/// What an attempt means for the letter.
fn end_of(delivery: &ClaimedDelivery, sent: Attempt, now: Timestamp) -> DeliveryEnd {
    let Err(error) = sent else {
        return DeliveryEnd::Sent;
    };
    let text = error.to_string();
    let pause = match error.kind {
        EffectErrorKind::Retry => PAUSE
            .checked_mul(1 << delivery.attempts.min(16))
            .unwrap_or(LONGEST)
            .min(LONGEST),
        // An administrator may put it right: a password, a right, a certificate, a topic, a limit.
        EffectErrorKind::Denied
        | EffectErrorKind::Gone
        | EffectErrorKind::Cannot
        | EffectErrorKind::NoRoom => LONGEST,
        EffectErrorKind::Refused => return DeliveryEnd::Failed(text),
    };
    let is_old = now.duration_since(delivery.created_at) >= PATIENCE;
    // The attempt that just failed is not among them yet.
    if is_old && delivery.attempts + 1 >= TRIES {
        return DeliveryEnd::Failed(format!("{text}; given up after a day"));
    }
    DeliveryEnd::Later(now.saturating_add(pause).unwrap_or(Timestamp::MAX), text)
}

fn note(delivery: &ClaimedDelivery, end: &DeliveryEnd) {
    let ClaimedDelivery { id, channel, .. } = delivery;
    match end {
        DeliveryEnd::Sent => tracing::info!(id, channel, "told"),
        DeliveryEnd::Failed(error) => {
            tracing::error!(
                id,
                channel,
                error,
                "a message was not sent, and is given up"
            );
        }
        DeliveryEnd::Later(at, error) => {
            tracing::warn!(id, channel, error, %at, "a message was not sent, and is tried again");
        }
    }
}
