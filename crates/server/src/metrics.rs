//! What Prometheus reads of one process. Labels are few and never name a user.

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use weir_core::access::TargetState;
use weir_engine::ports;
use weir_engine::{DispatchReport, IngestReport, MailReport, TickReport};

use crate::figures::Figures;

/// So many users, teams and models are named, where nobody says.
const MOST: usize = 20;

/// The content type of what [`Metrics::text`] gives.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    records: Counter,
    new: Counter,
    completed: Counter,
    duplicates: Counter,
    ignored: Counter,
    failed_calls: Counter,
    dead_letters: Counter,
    unpriced: Counter,
    warned: Counter,
    blocked: Counter,
    expired: Counter,
    jobs: Counter,
    drift: Counter,
    effects: Family<Outcome, Counter>,
    loop_errors: Family<Loop, Counter>,
    requests: Family<Request, Counter>,
    targets: Family<State, Gauge>,
    mail: Family<Outcome, Counter>,
    mail_waiting: Gauge,
    mail_age_seconds: Gauge,
    mail_failed: Gauge,
    invocations: Gauge,
    pub(crate) figures: Figures,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Loop {
    r#loop: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// What the database says at the time of a scrape.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    pub(crate) targets: Vec<TargetState>,
    pub(crate) mail_waiting: u64,
    pub(crate) mail_age_seconds: i64,
    pub(crate) mail_failed: u64,
    pub(crate) invocations: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(MOST, None)
    }
}

impl Metrics {
    /// Nothing was counted yet. Of users, teams and models `most` are named in figures, which go to
    /// whoever gets them once a minute.
    pub fn new(most: usize, into: Option<Arc<dyn ports::Figures>>) -> Self {
        let mut registry = Registry::with_prefix("weir");
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let records = counter("records", "Records read that concern an invocation");
        let new = counter("invocations_new", "Invocations seen for the first time");
        let completed = counter(
            "invocations_completed",
            "Known invocations that records changed",
        );
        let duplicates = counter("records_duplicate", "Records that changed nothing");
        let ignored = counter("records_ignored", "Input that is not about an invocation");
        let failed_calls = counter("calls_failed", "New invocations that failed");
        let dead_letters = counter("dead_letters", "Input that could not be read");
        let unpriced = counter("invocations_unpriced", "Invocations without a price");
        let warned = counter("users_warned", "Users that were warned");
        let blocked = counter("blocks_opened", "Users that lost access");
        let expired = counter(
            "blocks_expired",
            "Users and teams whose block or protection was over",
        );
        let jobs = counter("jobs_done", "Jobs of the outbox that were finished");
        let drift = counter("drift", "Targets that differed from the ledger");
        let mut metrics = Self {
            registry: Registry::default(),
            records,
            new,
            completed,
            duplicates,
            ignored,
            failed_calls,
            dead_letters,
            unpriced,
            warned,
            blocked,
            expired,
            jobs,
            drift,
            effects: Family::default(),
            loop_errors: Family::default(),
            requests: Family::default(),
            targets: Family::default(),
            mail: Family::default(),
            mail_waiting: Gauge::default(),
            mail_age_seconds: Gauge::default(),
            mail_failed: Gauge::default(),
            invocations: Gauge::default(),
            figures: Figures::new(most, into),
        };
        metrics.register(&mut registry);
        metrics.registry = registry;
        metrics
    }
}

impl Metrics {
    /// What has labels, and what is read from the database.
    fn register(&self, registry: &mut Registry) {
        registry.register("effects", "Effects by outcome", self.effects.clone());
        registry.register(
            "loop_errors",
            "Errors of background loops",
            self.loop_errors.clone(),
        );
        let help = "HTTP requests by route and status";
        registry.register("http_requests", help, self.requests.clone());
        let help = "Targets of enforcement by state";
        registry.register("targets", help, self.targets.clone());
        registry.register("mail", "Letters by outcome", self.mail.clone());
        let help = "Messages and letters that wait";
        registry.register("mail_waiting", help, self.mail_waiting.clone());
        let help = "Age of the oldest message or letter that waits";
        registry.register("mail_age_seconds", help, self.mail_age_seconds.clone());
        let help = "Letters that were given up";
        registry.register("mail_failed", help, self.mail_failed.clone());
        registry.register(
            "invocations",
            "Invocations on file",
            self.invocations.clone(),
        );
    }

    /// Adds what an intake did.
    pub(crate) fn ingested(&self, report: &IngestReport) {
        self.records.inc_by(report.records);
        self.new.inc_by(report.new);
        self.completed.inc_by(report.completed);
        self.duplicates.inc_by(report.duplicates);
        self.ignored.inc_by(report.ignored);
        self.failed_calls.inc_by(report.failed_calls);
        self.dead_letters.inc_by(report.dead_letters);
        self.unpriced.inc_by(report.unpriced);
        self.warned.inc_by(report.warned.len() as u64);
        self.blocked.inc_by(report.blocked.len() as u64);
    }

    /// Adds what a tick did.
    pub(crate) fn ticked(&self, report: &TickReport) {
        self.expired.inc_by(report.expired);
        self.jobs.inc_by(report.jobs);
        self.drift.inc_by(report.drift);
        self.dispatched(&report.dispatch);
        self.mailed(report.mail);
        self.failed("tick", report.errors.len());
    }

    /// Adds what became of effects.
    pub(crate) fn dispatched(&self, report: &DispatchReport) {
        let DispatchReport {
            verified,
            retried,
            failed,
            superseded,
        } = *report;
        for (outcome, count) in [
            ("verified", verified),
            ("retried", retried),
            ("failed", failed),
            ("superseded", superseded),
        ] {
            self.effects
                .get_or_create(&Outcome { outcome })
                .inc_by(count);
        }
    }

    /// Adds what was told to people.
    fn mailed(&self, report: MailReport) {
        let MailReport {
            told: _,
            sent,
            retried,
            failed,
        } = report;
        for (outcome, count) in [("sent", sent), ("retried", retried), ("failed", failed)] {
            self.mail.get_or_create(&Outcome { outcome }).inc_by(count);
        }
    }

    /// Adds errors of a loop.
    pub(crate) fn failed(&self, r#loop: &'static str, count: usize) {
        self.loop_errors
            .get_or_create(&Loop { r#loop })
            .inc_by(count as u64);
    }

    /// Adds a request.
    pub(crate) fn answered(&self, route: &str, status: u16) {
        let request = Request {
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&request).inc();
    }

    /// Everything as text, with what the database says now and with figures.
    pub(crate) fn text(
        &self,
        readings: &Readings,
        figures: &str,
    ) -> Result<String, std::fmt::Error> {
        self.targets.clear();
        for state in &readings.targets {
            self.targets
                .get_or_create(&State {
                    state: state.as_str(),
                })
                .inc();
        }
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.mail_waiting.set(gauge(readings.mail_waiting));
        self.mail_age_seconds.set(readings.mail_age_seconds);
        self.mail_failed.set(gauge(readings.mail_failed));
        self.invocations.set(gauge(readings.invocations));
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        text.push_str(figures);
        encode_eof(&mut text)?;
        Ok(text)
    }
}
