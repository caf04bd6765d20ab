//! Totals: what the ledger says is what all calls come to.

use std::collections::BTreeMap;

use weir_core::calendar::WindowKind;
use weir_core::counter::{CounterScope, Sums};
use weir_core::ids::RequestId;
use weir_core::reset::Retention;
use weir_store::{GroupBy, UsageFilter};

use super::{broken, ensure};
use crate::sim::model::{Counted, request};
use crate::sim::world::{Broken, World};

/// What calls are added up by.
type Key<'a> = &'a dyn Fn(&Counted) -> String;

impl World {
    /// No call is counted twice or lost. Costs are left out: they may still be looked for.
    pub(super) async fn check_counts(&self) -> Result<(), Broken> {
        let plain = |sums: Sums| Sums {
            cost_nanos: 0,
            unpriced: 0,
            provisional_cost_nanos: 0,
            ..sums
        };
        let known = self.usage(GroupBy::User).await?;
        let expected = self.model.totals(|call| call.user.as_str().to_owned());
        let plain = |all: BTreeMap<String, Sums>| -> BTreeMap<String, Sums> {
            all.into_iter()
                .map(|(key, sums)| (key, plain(sums)))
                .collect()
        };
        same("user (counts)", &plain(known), &plain(expected))
    }

    /// All totals, costs too; every invocation by itself; and the store's own comparison.
    pub(super) async fn check_ledger(&self) -> Result<(), Broken> {
        let differences = self.store.check_totals().await.map_err(broken)?;
        ensure!(
            differences.is_empty(),
            "totals differ from invocations: {differences:#?}"
        );
        let clock = &self.model.clock;
        let day = |call: &Counted| clock.date(call.at).to_string();
        let by: [(&str, GroupBy, Key<'_>); 5] = [
            ("user", GroupBy::User, &|call| call.user.as_str().to_owned()),
            ("team", GroupBy::Team, &|call| call.team.as_str().to_owned()),
            ("tool", GroupBy::Tool, &|call| call.tool.as_str().to_owned()),
            ("model", GroupBy::Model, &|call| {
                call.model.as_str().to_owned()
            }),
            ("day", GroupBy::Day, &day),
        ];
        for (name, group, key) in by {
            same(name, &self.usage(group).await?, &self.model.totals(key))?;
        }
        let zone = &self.rules().await?.zone;
        let kept_from = Retention::default().invocations_before(self.now(), zone);
        for (id, known) in &self.model.calls {
            let id = RequestId::new(request(*id));
            let row = self.store.invocation(&id).await.map_err(broken)?;
            let Some(row) = row else {
                // Old enough to leave; its totals stay, as the sums above have shown.
                ensure!(known.counted.at < kept_from, "{id} is lost");
                continue;
            };
            let found = &row.invocation;
            let counted = Counted {
                user: found.user.clone(),
                team: found.team.clone(),
                tool: found.tool.clone(),
                model: found.model.clone(),
                at: found.at,
                failed: found.failed,
                tokens: found.tokens,
                cost: found.cost.map(weir_core::money::Usd::nanos),
                provisional: found.provisional,
                tentative: found.tentative,
            };
            ensure!(
                counted == known.counted,
                "{id} is {counted:#?}, not {:#?}",
                known.counted
            );
        }
        Ok(())
    }

    /// The counters that quotas are checked against, over the windows that contain now.
    pub(super) async fn check_windows(&self) -> Result<(), Broken> {
        let now = self.now();
        let rules = self.rules().await?;
        let situation = self.store.situation(&self.users(), &[], now, &rules).await;
        for standing in situation.map_err(broken)?.users {
            let own = CounterScope::User(standing.user.clone());
            for kind in WindowKind::ALL {
                let window = self.model.clock.window(kind, now);
                let expected = self.model.total(|known| {
                    known.counted.user == standing.user
                        && self.model.clock.window(kind, known.counted.at) == window
                });
                let known = standing.usage.iter().find(|usage| {
                    usage.scope == own && usage.window.to_string() == window.to_string()
                });
                let known = known.map(|usage| usage.sums).unwrap_or_default();
                let user = &standing.user;
                ensure!(
                    known == expected,
                    "{user} in {window}: {known:#?}, not {expected:#?}"
                );
            }
        }
        Ok(())
    }

    async fn usage(&self, by: GroupBy) -> Result<BTreeMap<String, Sums>, Broken> {
        let rows = self
            .store
            .usage(by, &UsageFilter::default())
            .await
            .map_err(broken)?;
        Ok(rows.into_iter().map(|row| (row.key, row.sums)).collect())
    }
}

fn same(
    what: &str,
    known: &BTreeMap<String, Sums>,
    expected: &BTreeMap<String, Sums>,
) -> Result<(), Broken> {
    for key in known.keys().chain(expected.keys()) {
        // Whoever lost the last call has no row, not one of zeros.
        let of = |all: &BTreeMap<String, Sums>| all.get(key).copied();
        let (known, expected) = (of(known), of(expected));
        ensure!(
            known == expected,
            "usage by {what}, `{key}`: {known:#?}, not {expected:#?}"
        );
    }
    Ok(())
}
