//! The rulebook: read seldom, used by everything.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use weir_core::calendar::Zone;
use weir_core::pricing::{PriceBook, PriceRow};
use weir_core::rulebook::{Rulebook, StoredRules};

use crate::{Engine, EngineError};

/// The rulebook that was read last, and when.
#[derive(Default)]
pub(crate) struct RulesCache(Mutex<Option<Cached>>);

#[derive(Clone)]
struct Cached {
    rules: Arc<Rulebook>,
    /// What the book of prices was made of, beside what is bundled.
    prices: Arc<[PriceRow]>,
    at: Timestamp,
}

impl RulesCache {
    fn get(&self) -> Option<Cached> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, cached: Cached) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cached);
    }
}

impl Engine {
    /// The rules in force: at most half a minute old. What settles with rules that were changed
    /// since is repeated with the newest, whatever their age.
    pub async fn rules(&self) -> Result<Arc<Rulebook>, EngineError> {
        match self.rules.get() {
            Some(Cached { rules, at, .. })
                if self.wall().duration_since(at) < self.options.rules_ttl =>
            {
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
        let known = self.rules.get();
        let stored = match &known {
            Some(known) => self.store.rules_unless(known.rules.version).await?,
            None => Some(self.store.rules().await?),
        };
        let at = self.wall();
        let cached = match (stored, known) {
            (None, Some(known)) => Cached { at, ..known },
            (Some(stored), Some(known)) if known.prices[..] == stored.prices[..] => {
                // The large part, and the one that hardly ever changes.
                let book = Arc::clone(&known.rules.prices);
                let rules = Arc::new(self.rulebook_with(stored, book)?);
                Cached { rules, at, ..known }
            }
            (Some(stored), _) => {
                let prices = stored.prices.clone().into();
                let rules = Arc::new(self.rulebook(stored)?);
                Cached { rules, prices, at }
            }
            (None, None) => {
                return Err(EngineError::Inconsistent(
                    "the rules are as they were never read".to_owned(),
                ));
            }
        };
        let rules = Arc::clone(&cached.rules);
        self.rules.set(cached);
        Ok(rules)
    }

    /// Puts stored rules and settings together.
    pub(crate) fn rulebook(&self, stored: StoredRules) -> Result<Rulebook, EngineError> {
        let prices = Arc::new(PriceBook::with(stored.prices.iter().cloned()));
        self.rulebook_with(stored, prices)
    }

    fn rulebook_with(
        &self,
        stored: StoredRules,
        prices: Arc<PriceBook>,
    ) -> Result<Rulebook, EngineError> {
        let zone = Zone::named(&stored.zone)
            .map_err(|unknown| EngineError::Inconsistent(unknown.to_string()))?;
        Ok(Rulebook::new(
            Arc::clone(&self.settings),
            zone,
            prices,
            stored,
        ))
    }
}
