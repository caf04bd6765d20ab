//! Invocations that could not be costed or attributed at first, settled again with what is known
//! by now: their stored evidence is enough.

use std::collections::BTreeMap;

use weir_core::evidence::{Evidence, Lookup};
use weir_core::ids::{ModelId, RequestId};
use weir_store::Batch;

use crate::{Engine, EngineError};

/// Invocations of one transaction.
const CHUNK: usize = 500;
/// Unresolved invocations looked at in one go.
const UNRESOLVED: u32 = 2_000;

impl Engine {
    /// Costs invocations of a model that had no price, where it has one now. Returns how many
    /// changed.
    pub async fn reprice(&self, model: &ModelId) -> Result<u64, EngineError> {
        let requests = self.store.unpriced_requests(model, u32::MAX).await?;
        let mut changed = 0;
        for chunk in requests.chunks(CHUNK) {
            changed += self
                .settle_again(self.store.evidence(chunk).await?, "reprice")
                .await?;
        }
        Ok(changed)
    }

    /// Asks again who called and what stands behind a profile, and costs what has a price by now.
    pub(crate) async fn resolve(&self) -> Result<u64, EngineError> {
        let requests = self.store.unresolved_requests(UNRESOLVED).await?;
        let mut changed = 0;
        for chunk in requests.chunks(CHUNK) {
            changed += self.resolve_some(chunk).await?;
        }
        let mut models: BTreeMap<ModelId, u64> = BTreeMap::new();
        for (model, _, count) in self.store.unpriced().await? {
            *models.entry(model).or_default() += count;
        }
        let rules = self.rules().await?;
        let priced = rules.prices.models();
        for model in models.keys().filter(|model| priced.contains(model)) {
            // Priced for some Region, class or time; the first chunk tells whether for these.
            let requests = self
                .store
                .unpriced_requests(model, u32::try_from(CHUNK).unwrap_or(500))
                .await?;
            let some = self
                .settle_again(self.store.evidence(&requests).await?, "reprice")
                .await?;
            changed += some;
            if some > 0 {
                changed += self.reprice(model).await?;
            }
        }
        Ok(changed)
    }

    async fn resolve_some(&self, requests: &[RequestId]) -> Result<u64, EngineError> {
        let rules = self.rules().await?;
        let mut evidence = self.store.evidence(requests).await?;
        self.look_up(&mut evidence, &rules).await?;
        evidence.retain(|evidence| matches!(evidence.sighting.caller, Lookup::Found(_)));
        self.settle_again(evidence, "resolve").await
    }

    async fn settle_again(
        &self,
        evidence: Vec<Evidence>,
        name: &'static str,
    ) -> Result<u64, EngineError> {
        if evidence.is_empty() {
            return Ok(0);
        }
        let (settled, _) = self
            .settle(|rules| Batch {
                evidence: evidence.clone(),
                ..self.batch(name, rules)
            })
            .await?;
        Ok(settled.completed)
    }
}
