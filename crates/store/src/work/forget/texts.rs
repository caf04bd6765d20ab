//! A pseudonym in place of names, where people and programs wrote texts.

use weir_core::audit::{self as chain, Entry, Replaced};
use weir_core::forget::Names;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::forget::{Place, Replacing};
use crate::sql::sweeps::{Kind, SWEEPS, Sweep};
use crate::sql::{forget as sql, portable};
use crate::value::{Arg, Row, Value, args};
use crate::work::audit;
use crate::work::transact::transact;

/// Replaces names in some rows of a table.
pub(crate) async fn replace<D: Dialect>(
    db: &D,
    names: &Names,
    table: &str,
    after: Option<Place>,
    rows: u32,
    write: bool,
) -> Result<Replacing<Place>, StoreError> {
    let sweep = SWEEPS.iter().find(|sweep| sweep.table == table);
    let sweep = sweep
        .ok_or_else(|| StoreError::Refused(format!("`{table}` holds no texts that name people")))?;
    let page = Page {
        sweep,
        names,
        after: after.map_or_else(|| first(sweep), |Place(key)| key),
        rows,
    };
    if write {
        transact!(db, "forget-texts", table, tx => page.replace::<D>(&mut tx).await)
            .map(|(replaced, _)| replaced)
    } else {
        page.count(&mut db.read().await?).await
    }
}

/// Before every key.
fn first(sweep: &Sweep) -> Vec<Value> {
    let before = |kind: &Kind| match kind {
        Kind::Text => Value::Text(String::new()),
        Kind::Number => Value::Int(i64::MIN),
    };
    sweep.keys.iter().map(before).collect()
}

/// Some rows of a table.
struct Page<'a> {
    sweep: &'a Sweep,
    names: &'a Names,
    after: Vec<Value>,
    rows: u32,
}

/// A row that names somebody.
struct Named {
    key: Vec<Value>,
    before: Vec<Value>,
    now: Vec<Value>,
}

impl Page<'_> {
    /// The rows that name the user, and where the rest begins.
    async fn read(&self, conn: &mut impl Conn) -> Result<(Vec<Named>, Option<Place>), StoreError> {
        let mut asked: Vec<Arg<'_>> = self.after.iter().map(Arg::from).collect();
        asked.push(self.rows.into());
        let rows = conn.query(self.sweep.read.into(), asked).await?;
        let is_last = rows.len() < self.rows as usize;
        let (mut named, mut last) = (Vec::new(), None);
        for mut row in rows {
            let key = cells(&mut row, self.sweep.keys.len());
            let before = cells(&mut row, self.sweep.texts);
            let now: Vec<Value> = before.iter().map(|text| self.now(text)).collect();
            last = Some(Place(key.clone()));
            if now != before {
                named.push(Named { key, before, now });
            }
        }
        Ok((named, last.filter(|_| !is_last)))
    }

    fn now(&self, before: &Value) -> Value {
        match before {
            Value::Text(text) => match self.names.replace(text) {
                Some(now) => Value::Text(now),
                None => before.clone(),
            },
            Value::Null | Value::Int(_) => before.clone(),
        }
    }

    async fn count(&self, conn: &mut impl Conn) -> Result<Replacing<Place>, StoreError> {
        let (named, rest) = self.read(conn).await?;
        let rows = named.len() as u64;
        Ok(Replacing { rows, rest })
    }

    async fn replace<D: Dialect>(&self, tx: &mut D::Write) -> Result<Replacing<Place>, StoreError> {
        let (named, rest) = self.read(tx).await?;
        let rows = named.len() as u64;
        let mut moved = false;
        for Named { key, before, now } in &named {
            let cells = now.iter().chain(key).map(Arg::from);
            let cells = cells.chain(before.iter().map(|text| match text {
                Value::Null => "".into(),
                text => text.into(),
            }));
            let touched = tx.execute(self.sweep.write.into(), cells.collect()).await?;
            moved |= touched == 0;
        }
        // Somebody changed one of them meanwhile: these are looked at again.
        let again = || Some(Place(self.after.clone()));
        let rest = if moved { again() } else { rest };
        Ok(Replacing { rows, rest })
    }
}

fn cells(row: &mut Row, count: usize) -> Vec<Value> {
    (0..count).map(|_| row.value()).collect()
}

/// Replaces names in some entries of the audit log; the entry that says so follows in the same
/// transaction.
pub(crate) async fn replace_audit<D: Dialect>(
    db: &D,
    names: &Names,
    after: u64,
    rows: u32,
    say: Option<Entry>,
) -> Result<Replacing<u64>, StoreError> {
    let Some(entry) = say else {
        let (mut entries, rest) = entries(&mut db.read().await?, after, rows).await?;
        let salts = audit::salts(entries.len())?;
        let told = entries
            .iter_mut()
            .zip(salts)
            .filter_map(|(entry, salts)| (!entry.replace(names, salts).is_empty()).then_some(()));
        let rows = told.count() as u64;
        return Ok(Replacing { rows, rest });
    };
    transact!(db, "forget-audit", names.pseudonym().as_str(), tx => {
        replace_entries::<D>(&mut tx, names, after, rows, &entry).await
    })
    .map(|(replaced, _)| replaced)
}

async fn entries(
    conn: &mut impl Conn,
    after: u64,
    rows: u32,
) -> Result<(Vec<chain::Chained>, Option<u64>), StoreError> {
    let asked = args![after, rows];
    let found = conn.query(portable::AUDIT_OLDEST.into(), asked).await?;
    let entries: Vec<_> = found
        .into_iter()
        .map(|mut row| audit::read(&mut row))
        .collect::<Result<_, _>>()?;
    let is_last = entries.len() < rows as usize;
    let last = entries.last().map(|last| last.seq);
    Ok((entries, last.filter(|_| !is_last)))
}

pub(super) async fn replace_entries<D: Dialect>(
    tx: &mut D::Write,
    names: &Names,
    after: u64,
    rows: u32,
    say: &Entry,
) -> Result<Replacing<u64>, StoreError> {
    let (entries, rest) = entries(tx, after, rows).await?;
    let salts = audit::salts(entries.len())?;
    let mut replaced: Vec<Replaced> = Vec::new();
    let mut changed = 0;
    for (mut chained, salts) in entries.into_iter().zip(salts) {
        let gone = chained.replace(names, salts);
        if gone.is_empty() {
            continue;
        }
        changed += 1;
        replaced.extend(gone);
        let cells = chained.entry.texts().into_iter().map(Arg::from);
        let seals = chained.seals.to_string();
        let cells = cells.chain(args![seals, chained.seq]);
        tx.execute(sql::REPLACE_ENTRY.into(), cells.collect())
            .await?;
    }
    if changed > 0 {
        let said = chain::announce(say.clone(), &replaced);
        audit::append::<D>(tx, [said]).await?;
    }
    Ok(Replacing {
        rows: changed,
        rest,
    })
}
