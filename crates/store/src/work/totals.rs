//! Proof of the totals: everything computed again from the invocations on file.

use std::collections::BTreeMap;

use weir_core::calendar::WindowKind;
use weir_core::counter::Sums;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::row::sums;
use crate::sql::portable;
use crate::value::Row;

type Totals = BTreeMap<Vec<String>, Sums>;

/// Descriptions of every counter and hourly row that is not what the invocations come to.
pub(crate) async fn check<D: Dialect>(db: &D) -> Result<Vec<String>, StoreError> {
    let mut conn = db.read().await?;
    let truth = read::<7>(conn.query(portable::TRUE_HOURLY.into(), Vec::new()).await?)?;
    let hourly = read::<7>(
        conn.query(portable::STORED_HOURLY.into(), Vec::new())
            .await?,
    )?;
    let counters = read::<5>(
        conn.query(portable::STORED_COUNTERS.into(), Vec::new())
            .await?,
    )?;
    let mut governed = Vec::new();
    for mut row in conn.query(portable::QUOTAS.into(), Vec::new()).await? {
        governed.push((
            row.text("quotas.scope_kind")?,
            row.text("quotas.scope_name")?,
        ));
    }
    let is_governed = |kind: &str, name: &str| {
        governed
            .iter()
            .any(|(known, of)| known == kind && of == name)
    };
    let mut wanted = Totals::new();
    for (key, total) in &truth {
        let [hour, _, _, user, team, tool, model] = key.as_slice() else {
            continue;
        };
        let mut scopes = vec![
            ("organisation", "", ""),
            ("team", team, ""),
            ("user", user, ""),
        ];
        if is_governed("tool", tool) {
            scopes.push(("tool", user, tool));
        }
        if is_governed("model", model) {
            scopes.push(("model", user, model));
        }
        let hour = sums::window(WindowKind::Hour, hour)?;
        for kind in WindowKind::ALL {
            let window = if kind == WindowKind::Hour {
                hour
            } else {
                hour.widen(kind)
            };
            for (scope, id, part) in &scopes {
                let key =
                    [scope, *id, kind.as_str(), &window.to_string(), *part].map(str::to_owned);
                *wanted.entry(key.into()).or_default() += *total;
            }
        }
    }
    let mut differences = compare("usage_hourly", &hourly, &truth);
    differences.extend(compare("usage_counters", &counters, &wanted));
    Ok(differences)
}

fn read<const KEYS: usize>(rows: Vec<Row>) -> Result<Totals, StoreError> {
    rows.into_iter()
        .map(|mut row| {
            let key = (0..KEYS)
                .map(|_| row.text("totals"))
                .collect::<Result<_, _>>()?;
            Ok((key, sums::read(&mut row)?))
        })
        .collect()
}

/// A row of zeros is as good as none.
fn compare(table: &str, stored: &Totals, wanted: &Totals) -> Vec<String> {
    let nothing = Sums::default();
    stored
        .keys()
        .chain(wanted.keys().filter(|key| !stored.contains_key(*key)))
        .filter_map(|key| {
            let is = stored.get(key).unwrap_or(&nothing);
            let should = wanted.get(key).unwrap_or(&nothing);
            (is != should)
                .then(|| format!("{table} {}: {is:?}, should be {should:?}", key.join("/")))
        })
        .collect()
}
