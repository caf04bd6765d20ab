//! The rulebook: read seldom, used by everything.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use weir_core::calendar::Zone;
use weir_core::pricing::PriceBook;
use weir_core::rulebook::{Rulebook, StoredRules};

use crate::{Engine, EngineError};

/// The rulebook that was read last, and when.
#[derive(Default)]
pub(crate) struct RulesCache(Mutex<Option<(Arc<Rulebook>, Timestamp)>>);

impl RulesCache {
    fn get(&self) -> Option<(Arc<Rulebook>, Timestamp)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, rules: Arc<Rulebook>, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((rules, at));
    }
}

impl Engine {
    /// The rules in force: at most half a minute old. What settles with rules that were changed
    /// since is repeated with the newest, whatever their age.
    pub async fn rules(&self) -> Result<Arc<Rulebook>, EngineError> {
        match self.rules.get() {
            Some((rules, at)) if self.wall().duration_since(at) < self.options.rules_ttl => {
                Ok(rules)
            }
            _ => self.reload_rules().await,
        }
    }

    /// Reads the rules again. The first time, the configured mode is put in force if it may be.
    pub async fn reload_rules(&self) -> Result<Arc<Rulebook>, EngineError> {
        if !self.mode_confirmed.swap(true, Ordering::Relaxed)
            && let Err(error) = self.confirm_mode().await
        {
            self.mode_confirmed.store(false, Ordering::Relaxed);
            return Err(error);
        }
        self.load_rules().await
    }

    pub(crate) async fn load_rules(&self) -> Result<Arc<Rulebook>, EngineError> {
        let stored = self.store.rules().await?;
        // Prices are the large part: the book is kept while nothing changed.
        let rules = match self.rules.get() {
            Some((known, _)) if known.version == stored.version => known,
            _ => Arc::new(self.rulebook(stored)?),
        };
        self.rules.set(Arc::clone(&rules), self.wall());
        Ok(rules)
    }

    /// Puts stored rules and settings together.
    pub(crate) fn rulebook(&self, stored: StoredRules) -> Result<Rulebook, EngineError> {
        let zone = Zone::named(&stored.zone)
            .map_err(|unknown| EngineError::Inconsistent(unknown.to_string()))?;
        let prices = Arc::new(PriceBook::with(stored.prices.iter().cloned()));
        Ok(Rulebook::new(
            Arc::clone(&self.settings),
            zone,
            prices,
            stored,
        ))
    }
}
