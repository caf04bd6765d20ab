//! Invocations that could not be costed or attributed at first, settled again with what is known
//! by now: their stored evidence is enough. And those that an administrator has costed anew (rules M2).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use weir_core::evidence::{Evidence, Lookup};
use weir_core::history::Repricing;
use weir_core::ids::{ModelId, Region, RequestId, UserId};
use weir_core::invocation::Invocation;
use weir_core::money::Usd;
use weir_core::plan::Plan;
use weir_core::rulebook::Rulebook;
use weir_store::{Anew, Batch, InvocationRow};

use crate::options::Actor;
use crate::preview::Concerned;
use crate::report::{DispatchReport, Preview};
use crate::{Engine, EngineError};

/// Which invocations are to be costed anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reprice {
    /// Of this canonical model.
    pub model: ModelId,
    /// In this source Region; `None` is all.
    pub region: Option<Region>,
    /// The first local day.
    pub from: Date,
    /// The last local day; `None` is up to now.
    pub to: Option<Date>,
}

/// What costing anew would change, or did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repriced {
    /// Invocations of the model in that time, failed ones too.
    pub invocations: u64,
    /// Those that cost something else.
    pub changed: u64,
    /// What the invocations that change cost before.
    pub before: Costs,
    /// What they cost by the prices that are known now.
    pub after: Costs,
    /// Who lost and who regained access; nobody in a preview.
    pub access: Preview,
}

/// What some invocations cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// The sum of the known costs.
    pub cost: Usd,
    /// How many have no price.
    pub unpriced: u64,
}

impl Costs {
    fn add(&mut self, invocation: &Invocation) {
        self.cost = Usd::from_nanos(
            self.cost
                .nanos()
                .saturating_add(invocation.cost.map_or(0, Usd::nanos)),
        );
        self.unpriced += u64::from(invocation.is_unpriced());
    }

    fn json(self) -> Value {
        json!({ "cost_usd": self.cost.to_decimal(), "unpriced": self.unpriced })
    }
}

impl Repriced {
    fn add(&mut self, old: &Invocation, new: &Invocation) {
        self.invocations += 1;
        if old != new {
            self.changed += 1;
            self.before.add(old);
            self.after.add(new);
        }
    }
}

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

    /// How many invocations, and how much cost, [`Self::reprice_past`] would change.
    pub async fn foresee_repricing(&self, wanted: &Reprice) -> Result<Repriced, EngineError> {
        let rules = self.reload_rules().await?;
        let anew = self.repricing(wanted, &rules)?;
        Ok(self.look_at_costs(&anew, &rules).await?.0)
    }

    /// Costs past invocations anew, in chunks, by the prices that are known now for the time of each. Each
    /// chunk moves every total in its transaction; whoever it concerns is evaluated afterwards, by the windows
    /// that contain now. If it ends half-way, the same again does the rest.
    pub async fn reprice_past(
        &self,
        wanted: &Reprice,
        by: &Actor,
    ) -> Result<Repriced, EngineError> {
        let rules = self.reload_rules().await?;
        let anew = self.repricing(wanted, &rules)?;
        let (foreseen, concerned) = self.look_at_costs(&anew, &rules).await?;
        if foreseen.changed == 0 {
            return Ok(foreseen);
        }
        // Noted first, for the case that this process ends before the evaluation.
        let jobs = self.note_evaluations(&concerned, &[]).await?;
        let entry = self.repricing_entry(wanted, &foreseen, by);
        self.store.append_audit(vec![entry]).await?;
        let mut done = Repriced::default();
        let mut after = None;
        while let Some(chunk) = self.costed(&anew, &mut after).await? {
            for row in &chunk {
                done.add(
                    &row.invocation,
                    &anew.apply(&row.invocation, &row.evidence, &rules),
                );
            }
            let evidence: Vec<_> = chunk.into_iter().map(|row| row.evidence).collect();
            // Nobody is judged by a half of them.
            self.settle_deciding(
                |rules| Batch {
                    evidence: evidence.clone(),
                    anew: Some(Anew::Priced(anew.clone())),
                    ..self.batch("reprice", rules)
                },
                |_, _| Plan::default(),
            )
            .await?;
        }
        let mut shift = self.evaluate_concerned(&concerned, jobs).await?;
        shift.extend(self.drain_telling(DispatchReport::default()).await?.1);
        done.access = shift.into();
        Ok(done)
    }

    fn repricing_entry(
        &self,
        wanted: &Reprice,
        foreseen: &Repriced,
        by: &Actor,
    ) -> weir_core::audit::Entry {
        let Reprice {
            model,
            region,
            from,
            to,
        } = wanted;
        let to = to.map_or_else(|| "now".to_owned(), |to| to.to_string());
        let mut entry = self.entry(
            "price-reprice",
            format!("price:{model}"),
            format!("calls from {from} to {to} costed anew"),
            by,
        );
        entry.before = Some(foreseen.before.json().to_string());
        entry.after = Some(foreseen.after.json().to_string());
        let evidence = json!({
            "region": region.as_ref().map(Region::as_str),
            "invocations": foreseen.invocations,
            "changed": foreseen.changed,
        });
        entry.evidence = Some(evidence.to_string());
        entry
    }

    /// What would change, and whom that concerns.
    async fn look_at_costs(
        &self,
        anew: &Repricing,
        rules: &Rulebook,
    ) -> Result<(Repriced, Concerned), EngineError> {
        let (mut foreseen, mut after) = (Repriced::default(), None);
        let mut users: BTreeSet<UserId> = BTreeSet::new();
        let mut teams = BTreeSet::new();
        while let Some(chunk) = self.costed(anew, &mut after).await? {
            for InvocationRow {
                invocation: old,
                evidence,
                ..
            } in &chunk
            {
                let new = anew.apply(old, evidence, rules);
                foreseen.add(old, &new);
                if new != *old {
                    users.insert(old.user.clone());
                    teams.insert(old.team.clone());
                }
            }
        }
        let concerned = Concerned {
            users,
            teams,
            ..Concerned::default()
        };
        Ok((foreseen, concerned))
    }

    /// The next chunk of what is costed anew; `None` after the last.
    async fn costed(
        &self,
        anew: &Repricing,
        after: &mut Option<(Timestamp, RequestId)>,
    ) -> Result<Option<Vec<InvocationRow>>, EngineError> {
        let most = u32::try_from(self.options.batch.clamp(1, CHUNK)).unwrap_or(500);
        let page = self
            .store
            .requests_of_model(anew, after.as_ref(), most)
            .await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        *after = Some(last.clone());
        let requests: Vec<_> = page.into_iter().map(|(_, request)| request).collect();
        Ok(Some(self.store.invocations(&requests).await?))
    }

    fn repricing(&self, wanted: &Reprice, rules: &Rulebook) -> Result<Repricing, EngineError> {
        let Reprice {
            model,
            region,
            from,
            to,
        } = wanted;
        let (zone, now) = (&rules.zone, self.now());
        let today = zone.day(now);
        if *from > today {
            let why = format!("--from {from} is after today, {today}: nothing was counted yet");
            return Err(EngineError::Refused(why));
        }
        if let Some(to) = to.filter(|to| to < from) {
            let why = format!("--to {to} is before --from {from}");
            return Err(EngineError::Refused(why));
        }
        let end = to.and_then(|to| to.tomorrow().ok());
        Ok(Repricing {
            model: model.clone(),
            region: region.clone(),
            from: zone.first_instant(from.at(0, 0, 0, 0)),
            until: end.map_or(Timestamp::MAX, |day| zone.first_instant(day.at(0, 0, 0, 0))),
        })
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
