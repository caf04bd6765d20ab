//! What a server fetches by itself: queues and log groups, each in a loop of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use weir_core::intake::Options;
use weir_engine::ports::{LogGroup, LogGroups, Objects, Queues};
use weir_engine::{Consumed, Engine, EngineError, Follower, QueueTerms};

use crate::metrics::Metrics;

/// How often a log group is asked for what is new.
const FOLLOW: Duration = Duration::from_secs(20);
/// Pauses after an error: from the first to the longest, doubling.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// A queue that is empty answers after 20 s; one that answers at once is not asked more often.
const QUICK: Duration = Duration::from_secs(1);
/// How long what is in hand at a stop may take; what is not done by then comes again.
const GRACE: Duration = Duration::from_secs(30);

/// What to fetch, and from where.
#[derive(Clone)]
pub struct Feeds {
    /// Queues.
    pub queues: Vec<QueueFeed>,
    /// Log groups, and the way to each.
    pub log_groups: Vec<(LogGroup, Arc<dyn LogGroups>)>,
    /// How messages are treated.
    pub terms: QueueTerms,
}

/// A queue, and the ways to it and to what its messages name: each may need credentials of its own.
#[derive(Clone)]
pub struct QueueFeed {
    /// The queue's URL.
    pub url: String,
    /// The way to it.
    pub queues: Arc<dyn Queues>,
    /// The way to objects.
    pub objects: Arc<dyn Objects>,
}

/// What every loop works with.
#[derive(Clone)]
struct Loop {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    terms: Arc<QueueTerms>,
    stop: watch::Receiver<bool>,
}

/// Begins one loop per queue and log group.
pub(crate) fn spawn(
    running: &mut JoinSet<()>,
    feeds: Feeds,
    engine: &Arc<Engine>,
    metrics: &Arc<Metrics>,
    stop: &watch::Receiver<bool>,
) {
    let Feeds {
        queues,
        log_groups,
        terms,
    } = feeds;
    let each = Loop {
        engine: Arc::clone(engine),
        metrics: Arc::clone(metrics),
        terms: Arc::new(terms),
        stop: stop.clone(),
    };
    for queue in queues {
        running.spawn(each.clone().consume(queue));
    }
    for (group, groups) in log_groups {
        running.spawn(each.clone().follow(group, groups));
    }
}

impl Loop {
    /// Reads a queue until told to stop. What is in hand then is finished, if that is soon.
    async fn consume(mut self, feed: QueueFeed) {
        let terms = Arc::clone(&self.terms);
        let QueueFeed {
            url: queue,
            queues,
            objects,
        } = feed;
        let mut pause = FIRST_PAUSE;
        loop {
            let asked = Instant::now();
            let received = tokio::select! {
                biased;
                () = stopped(&mut self.stop) => return,
                received = queues.receive(&queue, terms.hold) => received,
            };
            let messages = match received {
                Ok(messages) => messages,
                Err(error) => {
                    tracing::error!(%error, "a queue cannot be read; it is tried again");
                    self.metrics.failed("queue", 1);
                    if self.waits(&mut pause).await {
                        continue;
                    }
                    return;
                }
            };
            if messages.is_empty() && asked.elapsed() < QUICK {
                sleep(QUICK).await;
            }
            if messages.is_empty() {
                continue;
            }
            let ports = (&*queues, &*objects);
            let mut stop = self.stop.clone();
            let consumed = tokio::select! {
                biased;
                consumed = self.engine.consume(ports, &queue, messages, &terms) => consumed,
                () = overdue(&mut stop) => {
                    tracing::warn!(queue, "messages in hand were let go; they come again");
                    return;
                }
            };
            match consumed {
                Ok(consumed) => {
                    self.note(&queue, &consumed);
                    pause = FIRST_PAUSE;
                }
                Err(error) => {
                    self.complain(&queue, &error);
                    if !self.waits(&mut pause).await {
                        return;
                    }
                }
            }
        }
    }

    fn note(&self, queue: &str, consumed: &Consumed) {
        self.metrics.ingested(&consumed.counted);
        self.metrics.failed("queue", consumed.errors.len());
        for error in &consumed.errors {
            tracing::warn!(queue, error, "a message stays in its queue");
        }
    }

    /// Follows a log group until told to stop.
    async fn follow(mut self, group: LogGroup, groups: Arc<dyn LogGroups>) {
        let options = Options {
            metadata_keys: self.terms.metadata_keys.clone(),
            ..Options::default()
        };
        let mut follower = Follower::new(group);
        let mut pause = FIRST_PAUSE;
        loop {
            let mut stop = self.stop.clone();
            let read = tokio::select! {
                biased;
                read = follower.step(&self.engine, &*groups, &options) => read,
                () = overdue(&mut stop) => return,
            };
            let mut rest = FOLLOW;
            match read {
                Ok(report) => {
                    self.metrics.ingested(&report);
                    pause = FIRST_PAUSE;
                }
                Err(error) => {
                    self.complain(follower.group().as_str(), &error);
                    rest = next(&mut pause);
                }
            }
            tokio::select! {
                biased;
                () = stopped(&mut self.stop) => return,
                () = sleep(rest) => {}
            }
        }
    }

    fn complain(&self, what: &str, error: &EngineError) {
        tracing::error!(what, %error, "nothing is fetched for now; it is tried again");
        self.metrics.failed("intake", 1);
    }

    /// Waits a while, longer each time; false if told to stop meanwhile.
    async fn waits(&mut self, pause: &mut Duration) -> bool {
        tokio::select! {
            biased;
            () = stopped(&mut self.stop) => false,
            () = sleep(next(pause)) => true,
        }
    }
}

fn next(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(LONGEST_PAUSE);
    now
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone has told.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn overdue(stop: &mut watch::Receiver<bool>) {
    stopped(stop).await;
    sleep(GRACE).await;
}
