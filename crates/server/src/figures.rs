//! The figures that the engine makes, for Prometheus, and who else gets them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;
use weir_engine::metrics::{Exposure, Fact, SPECS};
use weir_engine::ports;
use weir_engine::{Engine, EngineError};

/// How old figures may be that are scraped.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

type Labels = Vec<(String, String)>;

/// What was made last, and how.
pub(crate) struct Figures {
    /// So many users, teams and models are named.
    pub(crate) most: usize,
    /// Who gets them once a minute.
    pub(crate) into: Option<Arc<dyn ports::Figures>>,
    last: Mutex<Option<(Timestamp, Arc<[Fact]>)>>,
}

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Figures")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Figures {
    pub(crate) fn new(most: usize, into: Option<Arc<dyn ports::Figures>>) -> Self {
        Self {
            most,
            into,
            last: Mutex::default(),
        }
    }

    /// The figures, as of a few seconds ago at most: several scrapers read the database once.
    pub(crate) async fn read(&self, engine: &Engine) -> Result<Arc<[Fact]>, EngineError> {
        let mut last = self.last.lock().await;
        let now = engine.wall();
        if let Some((at, facts)) = &*last
            && now.duration_since(*at) < FRESH
        {
            return Ok(Arc::clone(facts));
        }
        let facts: Arc<[Fact]> = engine.facts(self.most).await?.into();
        *last = Some((now, Arc::clone(&facts)));
        Ok(facts)
    }
}

/// The figures as text, those that need the token only for whoever has it.
pub(crate) fn text(facts: &[Fact], has_token: bool) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("weir");
    for spec in SPECS {
        if spec.exposure == Exposure::Token && !has_token {
            continue;
        }
        if spec.labels.is_empty() {
            if let Some(fact) = facts.iter().find(|fact| fact.spec == *spec) {
                let gauge = Gauge::<f64, AtomicU64>::default();
                gauge.set(fact.number());
                registry.register(spec.name, spec.help, gauge);
            }
            continue;
        }
        let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        let mut is_empty = true;
        for fact in facts.iter().filter(|fact| fact.spec == *spec) {
            let names = spec.labels.iter().map(|name| name.to_lowercase());
            let labels = names.zip(fact.labels.iter().cloned()).collect();
            family.get_or_create(&labels).set(fact.number());
            is_empty = false;
        }
        if !is_empty {
            registry.register(spec.name, spec.help, family);
        }
    }
    let mut text = String::new();
    encode_registry(&mut text, &registry)?;
    Ok(text)
}
