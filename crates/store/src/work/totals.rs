//! Proof of the totals: everything computed again from the invocations on file.

use std::collections::BTreeMap;

use weir_core::calendar::{Window, WindowKind, Zone};
use weir_core::counter::Sums;

use crate::dialect::{Conn, Dialect, Tx};
use crate::error::StoreError;
use crate::row::sums;
use crate::sql::portable;
use crate::value::{Row, args, unreadable};
use crate::work::reset;

type Totals = BTreeMap<Vec<String>, Sums>;

/// Descriptions of every counter and hourly row that is not what the invocations come to. It reads in a
/// transaction that could write: what is being committed meanwhile is in all of it, or in none.
pub(crate) async fn check<D: Dialect>(db: &D) -> Result<Vec<String>, StoreError> {
    let mut tx = db.begin().await?;
    let found = differences::<D>(&mut tx).await;
    tx.rollback().await?;
    found
}

async fn differences<D: Dialect>(conn: &mut D::Write) -> Result<Vec<String>, StoreError> {
    let truth = read::<7>(conn.query(portable::TRUE_HOURLY.into(), Vec::new()).await?)?;
    let hourly = read::<7>(
        conn.query(portable::STORED_HOURLY.into(), Vec::new())
            .await?,
    )?;
    let counters = read::<5>(
        conn.query(portable::STORED_COUNTERS.into(), Vec::new())
            .await?,
    )?;
    let gone = gone_before(conn).await?;
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
            let of_team = [
                ("team-tool", team, tool),
                ("team-model", team, model),
                ("team-user", team, user),
            ];
            let of_team = of_team.iter().filter(|_| kind == WindowKind::Day);
            let of_team = of_team.map(|(scope, id, part)| (*scope, id.as_str(), part.as_str()));
            for (scope, id, part) in scopes.iter().copied().chain(of_team) {
                let key = [scope, id, kind.as_str(), &window.to_string(), part].map(str::to_owned);
                *wanted.entry(key.into()).or_default() += *total;
            }
        }
    }
    let is_whole = |key: &str| gone.as_ref().is_none_or(|gone| !gone.touches(key));
    let mut differences = compare("usage_hourly", &hourly, &truth, |key| is_whole(&key[0]));
    differences.extend(compare("usage_counters", &counters, &wanted, |key| {
        is_whole(&key[3])
    }));
    differences.extend(empty(&hourly));
    Ok(differences)
}

/// Hourly rows that come to nothing: they should have gone with their last call.
fn empty(hourly: &Totals) -> impl Iterator<Item = String> {
    let empty = hourly.iter().filter(|(_, sums)| **sums == Sums::default());
    empty.map(|(key, _)| format!("usage_hourly {}: comes to nothing", key.join("/")))
}

/// The hour of the last invocation that may have left (rules P1): its totals stay, and so do those
/// of the windows it lies in.
struct Gone(Window);

impl Gone {
    /// Whether invocations of that window may have left. Keys of one kind sort by time.
    fn touches(&self, key: &str) -> bool {
        let kinds = WindowKind::ALL.into_iter();
        kinds
            .map(|kind| self.0.widen(kind).to_string())
            .any(|last| last.len() == key.len() && key <= last.as_str())
    }
}

async fn gone_before(conn: &mut impl Conn) -> Result<Option<Gone>, StoreError> {
    let mark = conn
        .one(portable::RETENTION_MARK.into(), args![reset::INVOCATIONS])
        .await?;
    let Some(before) = mark
        .map(|mut row| row.at("retention_marks.mark"))
        .transpose()?
    else {
        return Ok(None);
    };
    let head = conn.one(portable::RULES_HEAD.into(), Vec::new()).await?;
    let Some(mut head) = head else {
        return Ok(None);
    };
    let _version = head.int("rules_head.version")?;
    let name = head.text("rules_head.zone")?;
    let zone = Zone::named(&name)
        .map_err(|error| unreadable("rules_head.zone", &name, &error.to_string()))?;
    Ok(Some(Gone(Window::containing(
        WindowKind::Hour,
        before,
        &zone,
    ))))
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
fn compare(
    table: &str,
    stored: &Totals,
    wanted: &Totals,
    is_whole: impl Fn(&[String]) -> bool,
) -> Vec<String> {
    let nothing = Sums::default();
    stored
        .keys()
        .chain(wanted.keys().filter(|key| !stored.contains_key(*key)))
        .filter(|key| is_whole(key))
        .filter_map(|key| {
            let is = stored.get(key).unwrap_or(&nothing);
            let should = wanted.get(key).unwrap_or(&nothing);
            (is != should)
                .then(|| format!("{table} {}: {is:?}, should be {should:?}", key.join("/")))
        })
        .collect()
}
